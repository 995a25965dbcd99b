import math

import pytest

from assaykit.stats.plan_settings import (
    PlannedEffect,
    PlanSettings,
    VarianceComponents,
    effect_variance,
    plan_problems,
    whole_numbers,
)

USUAL = VarianceComponents(0.3, 0.1, 0.2)


def problems(effect=None, **settings):
    return plan_problems(USUAL, effect or PlannedEffect(1.5), PlanSettings(**settings))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3-10", tuple(range(3, 11))),
        ("4, 6,8", (4, 6, 8)),
        ("8,3-5,4", (3, 4, 5, 8)),
        ("3–5", (3, 4, 5)),
        ("", ()),
        ("10-3", ()),
        ("3.5", ()),
        ("3-", ()),
        ("-3", ()),
        ("3-99999999", ()),
    ],
)
def test_whole_numbers_are_read_as_people_write_them(text, numbers):
    assert whole_numbers(text) == numbers


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"design": "paired"}, "Use one of shared, own, split-plot."),
        ({"replicates": ()}, "Write them as 3-10"),
        ({"replicates": (2, 5)}, "Plan with 3 or more"),
        ({"replicates": (3, 201)}, "At most 200"),
        ({"wells": (0, 1)}, "1 to 384 wells"),
        ({"wells": (1, 385)}, "1 to 384 wells"),
        ({"target": 1.0}, "such as 0.8"),
        ({"confidence": 1.0}, "such as 0.95"),
        ({"contrasts": 0}, "at least 1"),
        ({"n_simulated": 2_000_000}, "Simulate 100 to 1000000 studies"),
        ({"seed": -1}, "0 or more"),
    ],
)
def test_each_setting_that_cannot_be_says_what_to_do(settings, words):
    (problem,) = problems(**settings)
    assert words in problem


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (PlannedEffect(1.0), "A ratio of 1 is no effect"),
        (PlannedEffect(0.0), "ratios are above 0"),
        (PlannedEffect(-1.5), "the scale 'difference'"),
        (PlannedEffect(0.0, "difference"), "A difference of 0 is no effect"),
        (PlannedEffect(math.nan), "no number"),
        (PlannedEffect(math.inf, "difference"), "no number"),
        (PlannedEffect(1.5, "log"), "Use one of ratio, difference"),
    ],
)
def test_an_effect_that_cannot_be_planned_for_says_why(effect, words):
    (problem,) = problems(effect)
    assert words in problem


def test_a_plan_without_problems_has_none():
    assert problems() == []


def test_the_variance_of_an_effect_in_each_design():
    found = [effect_variance(USUAL, design, 4) for design in ("shared", "own", "split-plot")]
    assert found == pytest.approx([2 * 0.02, 2 * (0.09 + 0.02), 4 * 0.02])
    assert effect_variance(USUAL, "shared", math.inf) == pytest.approx(2 * 0.01)


def test_effects_in_words():
    assert PlannedEffect(2, unit="odds").words == "a 2-fold change of the odds"
    assert PlannedEffect(0.25, "difference").words == "a difference of 0.25"
