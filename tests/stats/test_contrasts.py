import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import BLOOD

from assaykit.design import Contrast
from assaykit.errors import DesignError, UsageError
from assaykit.stats import dunnett, estimate_contrasts, fit_arms
from assaykit.stats.distributions import t_two_sided

VALUES = [value for of_arm in BLOOD.values() for value in of_arm]
ARMS = [arm for arm, of_arm in BLOOD.items() for _ in of_arm]
AGAINST_CONTROL = [Contrast("A", "A", "control"), Contrast("B", "B", "control")]
ALL_PAIRS = [*AGAINST_CONTROL, Contrast("B-A", "B", "A")]


def fit():
    return fit_arms(VALUES, ARMS)


# R 4.2.2, multcomp::glht(lm(count ~ drug), mcp(drug = "Dunnett")), exact quadrature.
def test_dunnett_agrees_with_r_with_its_simultaneous_intervals():
    table = estimate_contrasts(fit(), AGAINST_CONTROL, adjust="dunnett")
    assert list(table["contrast"]) == ["A", "B"]
    assert table["estimate"].tolist() == pytest.approx([0.65, 2.628])
    assert table["standard_error"].tolist() == pytest.approx([0.758431312351723, 0.711471636039617])
    assert table["df"].tolist() == [12, 12]
    assert table["p_adjusted"].tolist() == pytest.approx(
        [0.620101980018454, 0.00582536084794605], rel=1e-8
    )
    assert table["ci_low"].tolist() == pytest.approx([-1.25630413715602, 0.839728206413357])
    assert table["ci_high"].tolist() == pytest.approx([2.55630413715603, 4.41627179358665])


# R 4.2.2, TukeyHSD(aov(count ~ drug)).
def test_tukey_agrees_with_r():
    table = estimate_contrasts(fit(), ALL_PAIRS, adjust="tukey")
    expected = [0.676220052234032, 0.00798514461889177, 0.0659189321036839]
    assert table["p_adjusted"].tolist() == pytest.approx(expected, rel=1e-8)
    assert table["ci_low"].tolist() == pytest.approx(
        [-1.37339133086249, 0.729890682686489, -0.124769953188953]
    )


# R 4.2.2, pairwise.t.test(count, drug, p.adjust = "holm").
def test_holm_agrees_with_r_and_its_intervals_are_bonferronis():
    table = estimate_contrasts(fit(), ALL_PAIRS, adjust="holm")
    expected = [0.408217016223286, 0.00921190463670672, 0.054859583794554]
    assert table["p_adjusted"].tolist() == pytest.approx(expected)
    wide = estimate_contrasts(fit(), ALL_PAIRS, confidence=1 - 0.05 / 3)
    assert table["ci_low"].tolist() == pytest.approx(wide["ci_low"].tolist())


def test_without_adjustment_p_stays_as_it_is():
    table = estimate_contrasts(fit(), ALL_PAIRS)
    assert table["p_adjusted"].tolist() == table["p_value"].tolist()


@pytest.mark.parametrize("adjust", ["none", "holm", "dunnett", "tukey"])
def test_one_contrast_is_the_same_under_every_adjustment(adjust):
    two = fit_arms(VALUES[:10], ARMS[:10])
    table = estimate_contrasts(two, AGAINST_CONTROL[:1], adjust=adjust)
    plain = estimate_contrasts(two, AGAINST_CONTROL[:1])
    assert table.iloc[0, 1:].astype(float).tolist() == pytest.approx(
        plain.iloc[0, 1:].astype(float).tolist(), rel=1e-9
    )


@pytest.mark.parametrize("adjust", ["dunnett", "tukey"])
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_an_interval_ends_at_zero_when_p_is_the_error_allowed(adjust, confidence):
    table = estimate_contrasts(fit(), AGAINST_CONTROL, adjust=adjust, confidence=confidence)
    significant = table["p_adjusted"] < 1 - confidence
    excludes_zero = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    assert significant.tolist() == excludes_zero.tolist()


class WithDegreesOfFreedom:
    """A model of which each contrast has degrees of freedom of its own."""

    arms = ("a", "b", "c")
    means = np.array([0.0, 1.0, 2.0])
    covariance = np.eye(3) / 4

    def df(self, weights) -> float:
        return 5.5 if weights[1] else 9.25


def test_any_model_with_means_covariance_and_df_can_be_compared():
    contrasts = [Contrast("b", "b", "a"), Contrast("c", "c", "a")]
    table = estimate_contrasts(WithDegreesOfFreedom(), contrasts, adjust="dunnett")
    assert table["df"].tolist() == [5.5, 9.25]
    assert table["statistic"].tolist() == pytest.approx([2**0.5, 2 * 2**0.5])
    assert table["p_value"].tolist() == pytest.approx(t_two_sided([2**0.5, 8**0.5], [5.5, 9.25]))
    family = dunnett([2**0.5, 8**0.5], [[1, 0.5], [0.5, 1]], 5.5)
    assert table["p_adjusted"].tolist() == pytest.approx(family)


def test_an_arm_that_the_model_lacks_is_named():
    with pytest.raises(UsageError, match="contrast x: the model has no arm C; it has control, A"):
        estimate_contrasts(fit(), [Contrast("x", "C", "control")])


def test_a_contrast_across_unconnected_blocks_is_refused():
    blocks = fit_arms([1.0, 2, 2, 4, 5, 6, 8, 9.5], list("ababcdcd"), list("11223344"))
    with pytest.raises(DesignError, match="connects"):
        estimate_contrasts(blocks, [Contrast("x", "c", "a")])


@given(seed=st.integers(0, 1000))
@settings(derandomize=True, max_examples=25, deadline=None)
def test_the_order_of_rows_changes_nothing(seed):
    order = np.random.default_rng(seed).permutation(len(VALUES))
    shuffled = fit_arms(np.array(VALUES)[order], [ARMS[i] for i in order])
    table = estimate_contrasts(shuffled, AGAINST_CONTROL, adjust="dunnett")
    plain = estimate_contrasts(fit(), AGAINST_CONTROL, adjust="dunnett")
    assert table.iloc[:, 1:].to_numpy() == pytest.approx(plain.iloc[:, 1:].to_numpy(), rel=1e-9)


def test_an_interaction_is_the_difference_of_two_differences():
    values = {"a": [1.0, 2, 3], "b": [4.0, 5, 7], "c": [2.0, 2.5, 4], "d": [9.0, 8, 10]}
    four = fit_arms(
        [v for of in values.values() for v in of], [a for a in values for _ in range(3)]
    )
    parts = [Contrast("d - c", "d", "c"), Contrast("b - a", "b", "a")]
    whole = Contrast("interaction", "d", "c", ("b", "a"))
    d_c, b_a, both = estimate_contrasts(four, [*parts, whole]).to_dict("records")
    assert both["estimate"] == pytest.approx(d_c["estimate"] - b_a["estimate"])
    assert both["standard_error"] == pytest.approx(d_c["standard_error"] * 2**0.5)
    assert both["df"] == 8


def test_an_arm_on_both_sides_of_an_interaction_counts_as_often_as_it_stands_there():
    assert Contrast("x", "b", "a", ("a", "c")).weights == {"b": 1, "a": -2, "c": 1}
    twice = estimate_contrasts(fit(), [Contrast("x", "B", "control", ("control", "A"))]).iloc[0]
    means = dict(zip(fit().arms, fit().means, strict=True))
    assert twice["estimate"] == pytest.approx(means["B"] + means["A"] - 2 * means["control"])


@pytest.mark.parametrize(
    ("adjust", "factor", "level"),
    [("bonferroni", 3, 1 - 0.05 / 3), ("sidak", None, 0.95 ** (1 / 3))],
)
def test_closed_adjustments_with_their_intervals(adjust, factor, level):
    table = estimate_contrasts(fit(), ALL_PAIRS, adjust=adjust)
    p = table["p_value"].to_numpy()
    expected = np.minimum(factor * p, 1) if factor else 1 - (1 - p) ** 3
    assert table["p_adjusted"].tolist() == pytest.approx(expected.tolist())
    wide = estimate_contrasts(fit(), ALL_PAIRS, confidence=level)
    assert table["ci_high"].tolist() == pytest.approx(wide["ci_high"].tolist())


def test_the_mean_of_an_arm_can_be_asked_for_by_its_label():
    row = estimate_contrasts(fit(), ["A"]).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean(BLOOD["A"]))


@pytest.mark.parametrize(
    ("contrasts", "settings", "words"),
    [
        ([], {}, "there is no contrast"),
        (ALL_PAIRS, {"adjust": "scheffe"}, "found 'scheffe', expected one of dunnett"),
        (ALL_PAIRS, {"confidence": 95}, "found 95, expected a share"),
        (ALL_PAIRS, {"adjust": "dunnett"}, "one of the contrasts follows from the others"),
    ],
)
def test_what_cannot_be_asked_for_is_said(contrasts, settings, words):
    with pytest.raises(UsageError, match=words):
        estimate_contrasts(fit(), contrasts, **settings)
