"""Planned contrasts: what is compared where nothing was declared, and how arms are weighted."""

import pytest

from assaykit.design import (
    ADJUSTMENTS,
    Contrast,
    Design,
    Factor,
    Rescue,
    planned_contrasts,
    rescue_contrasts,
)

TREATMENT = Factor("treatment", ("control", "vesicle", "KO vesicle"), "control")
GENOTYPE = Factor("genotype", ("WT", "KO"), "WT")
DOSE = Factor("dose", ("0", "1", "10"), "0")
SEX = Factor("sex", ("f", "m"), "f")


def names(design: Design, present=None) -> list[str]:
    return [c.name for c in planned_contrasts(design, present or design.arms)]


def value(contrast: Contrast, means: dict[str, float]) -> float:
    return sum(weight * means[arm] for arm, weight in contrast.weights.items())


def test_a_contrast_is_arm_less_against():
    contrast = Contrast("effect", "vesicle", "control")
    assert contrast.arms == ("vesicle", "control")
    assert value(contrast, {"vesicle": 7.0, "control": 4.0}) == 3.0


def test_an_interaction_takes_a_second_difference_away():
    contrast = Contrast("x", "a", "b", ("c", "d"))
    assert contrast.arms == ("a", "b", "c", "d")
    assert value(contrast, {"a": 10.0, "b": 4.0, "c": 5.0, "d": 3.0}) == (10 - 4) - (5 - 3)


def test_an_arm_that_comes_twice_has_both_weights():
    assert Contrast("x", "a", "b", ("b", "c")).weights == {"a": 1.0, "b": -2.0, "c": 1.0}
    assert Contrast("x", "a", "b", ("a", "b")).weights == {"a": 0.0, "b": 0.0}


def test_one_factor_is_compared_with_its_reference_level():
    assert names(Design((TREATMENT,))) == ["vesicle vs control", "KO vesicle vs control"]


def test_a_rescue_adds_the_comparison_of_its_two_arms():
    design = Design((TREATMENT,), rescue=Rescue("vesicle", "KO vesicle"))
    assert names(design)[2:] == ["vesicle vs KO vesicle"]
    assert planned_contrasts(design, design.arms)[2].arms == ("vesicle", "KO vesicle")
    assert len(names(Design((TREATMENT,), rescue=design.rescue, adjustment="dunnett"))) == 2


def test_two_factors_have_simple_effects_and_interactions():
    assert names(Design((GENOTYPE, DOSE))) == [
        "1 vs 0 in WT", "10 vs 0 in WT", "1 vs 0 in KO", "10 vs 0 in KO",
        "KO vs WT in 0", "KO vs WT in 1", "KO vs WT in 10",
        "1 vs 0 × KO vs WT", "10 vs 0 × KO vs WT",
    ]  # fmt: skip


def test_an_interaction_is_the_difference_of_the_simple_effects():
    design = Design((GENOTYPE, DOSE))
    means = {arm: float(i * i) for i, arm in enumerate(design.arms)}
    by_name = {c.name: value(c, means) for c in planned_contrasts(design, design.arms)}
    for dose in ("1", "10"):
        interaction = by_name[f"{dose} vs 0 × KO vs WT"]
        assert interaction == by_name[f"{dose} vs 0 in KO"] - by_name[f"{dose} vs 0 in WT"]
        assert interaction == by_name[f"KO vs WT in {dose}"] - by_name["KO vs WT in 0"]


def test_without_a_simple_effects_arm_the_interaction_falls_away():
    present = ("WT / 0", "WT / 1", "KO / 0")
    assert names(Design((GENOTYPE, DOSE)), present) == ["1 vs 0 in WT", "KO vs WT in 0"]


def test_the_reference_level_may_stand_anywhere_among_the_levels():
    design = Design((Factor("genotype", ("KO", "WT"), "WT"), SEX))
    contrasts = {c.name: c.arms for c in planned_contrasts(design, design.arms)}
    assert contrasts["m vs f × KO vs WT"] == ("KO / m", "KO / f", "WT / m", "WT / f")


def test_dunnett_keeps_every_arm_against_the_reference_arm():
    design = Design((GENOTYPE, SEX), adjustment="dunnett")
    assert {c.against for c in planned_contrasts(design, design.arms)} == {"WT / f"}
    assert len(names(design)) == 3


def test_tukey_means_all_pairs_of_the_arms_that_are_there():
    design = Design((TREATMENT,), adjustment="tukey")
    assert names(design) == [
        "vesicle vs control", "KO vesicle vs control", "KO vesicle vs vesicle",
    ]  # fmt: skip
    assert names(design, ["vesicle", "KO vesicle"]) == ["KO vesicle vs vesicle"]
    assert len(names(Design((GENOTYPE, DOSE), adjustment="tukey"))) == 15


def test_three_factors_are_compared_arm_by_arm():
    design = Design((GENOTYPE, SEX, Factor("treatment", ("control", "vesicle"), "control")))
    found = planned_contrasts(design, design.arms)
    assert [c.arm for c in found] == list(design.arms[1:])
    assert {c.against for c in found} == {"WT / f / control"}


def test_declared_contrasts_replace_all_others():
    interaction = Contrast("x", "KO / m", "KO / f", ("WT / m", "WT / f"))
    design = Design((GENOTYPE, SEX), contrasts=(interaction,))
    assert planned_contrasts(design, design.arms) == (interaction,)
    assert planned_contrasts(design, design.arms[:3]) == ()


def test_the_control_of_a_rescue_is_the_reference_arm_of_one_factor():
    rescued, treated = rescue_contrasts(Design((TREATMENT,)), Rescue("vesicle", "KO vesicle"))
    assert rescued == Contrast("KO vesicle vs control", "KO vesicle", "control")
    assert treated == Contrast("vesicle vs control", "vesicle", "control")


@pytest.mark.parametrize(
    ("factors", "rescue", "controls"),
    [
        ((GENOTYPE, DOSE), ("WT / 10", "KO / 10"), ["KO / 0", "WT / 0"]),
        ((DOSE, GENOTYPE), ("10 / WT", "10 / KO"), ["0 / KO", "0 / WT"]),
        ((GENOTYPE, SEX, DOSE), ("WT / f / 1", "KO / f / 1"), ["KO / f / 0", "WT / f / 0"]),
    ],
)
def test_each_genotype_has_its_own_control(factors, rescue, controls):
    pair = rescue_contrasts(Design(factors), Rescue(*rescue))
    assert [contrast.arm for contrast in pair] == [rescue[1], rescue[0]]
    assert [contrast.against for contrast in pair] == controls


def test_every_adjustment_has_its_words():
    assert set(ADJUSTMENTS) == {"", "dunnett", "tukey", "holm", "sidak", "bonferroni", "none"}
    assert all(ADJUSTMENTS.values())
