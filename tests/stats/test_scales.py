import numpy as np
import pytest

from assaykit.stats.scales import ANALYSES, LIMITS, analysis_of
from assaykit.tables import SCALES


def test_every_scale_of_the_tables_has_its_analysis():
    assert set(ANALYSES) == {*SCALES, "logit"}


@pytest.mark.parametrize("scale", SCALES)
def test_effects_are_called_as_in_the_effects_table(scale):
    effect = analysis_of(scale, np.array([0.0, 1.0])).effect
    assert effect in ("ratio", "difference", "log2_fold_change")


def test_a_doubling_on_the_log_scale_is_a_ratio_of_two():
    log = ANALYSES["log"]
    low, high = log.forward(np.array([3.0, 6.0]))
    assert log.back(high - low) == pytest.approx(2)
    assert log.unit == ""


def test_counts_are_compared_with_half_a_count_added():
    count = ANALYSES["count"]
    none, five = count.forward(np.array([0.0, 5.0]))
    assert count.back(five - none) == pytest.approx(11)


def test_fractions_inside_zero_and_one_are_compared_as_odds():
    logit = analysis_of("fraction", np.array([0.2, 0.5]))
    low, high = logit.forward(np.array([0.2, 0.5]))
    assert logit.back(high - low) == pytest.approx(4)
    assert logit.unit == "odds"
    assert "odds" in logit.words


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_fractions_of_zero_or_one_are_compared_as_differences(end):
    plain = analysis_of("fraction", np.array([0.2, end]))
    assert plain.effect == "difference"
    assert plain.back(0.25) == 0.25


@pytest.mark.parametrize(
    ("scale", "good", "bad"),
    [("log", [1e-9], [0.0, -1.0]), ("count", [0.0], [-1.0]), ("fraction", [0.0, 1.0], [-0.1, 1.1])],
)
def test_limits_say_what_a_scale_can_have(scale, good, bad):
    rule = LIMITS[scale][1]
    assert rule(np.array(good)).all()
    assert not rule(np.array(bad)).any()


@pytest.mark.parametrize("scale", ["log", "count", "logit"])
def test_ratios_say_of_which_logarithms(scale):
    assert ANALYSES[scale].effect == "ratio"
    assert ANALYSES[scale].words.startswith(("natural logarithms", "logits"))


def test_differences_and_log2_values_are_told_as_they_are():
    for scale in ("linear", "log2", "fraction"):
        assert ANALYSES[scale].back(-1.5) == -1.5
    assert [ANALYSES[scale].unit for scale in ("linear", "fraction", "log2")] == [None, None, ""]


def test_a_ratio_and_a_log2_fold_change_are_ratios_and_a_difference_is_none():
    assert ANALYSES["log2"].ratio(1.0) == 2.0
    assert ANALYSES["log"].ratio(0.0) == 1.0
    assert np.isnan(ANALYSES["linear"].ratio(1.0))
