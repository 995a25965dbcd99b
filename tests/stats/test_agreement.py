"""Agreement of two measurements, against published numbers and against R."""

from __future__ import annotations

import math
import warnings
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.errors import UsageError
from assaykit.stats.agreement import (
    EFFECTS,
    agreement,
    agreement_points,
    cohen_kappa,
    intraclass_correlation,
)

# Bland JM, Altman DG, Lancet 1986;1:307, table: first measurements of peak flow (L/min).
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

# Shrout PE, Fleiss JL, Psychol Bull 1979;86:420, table 2.
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

# R 4.2.2: set.seed(1234); first <- rnorm(25); second <- first + runif(25, -0.5, 0.5)
FIRST = [
    -1.207065749, 0.2774292421, 1.084441177, -2.345697703, 0.4291246888, 0.5060558922,
    -0.5747399601, -0.5466318558, -0.5644519991, -0.890037829, -0.4771926998, -0.9983864449,
    -0.7762538946, 0.06445881728, 0.959494059, -0.1102854944, -0.5110095058, -0.9111954166,
    -0.8371716803, 2.415835178, 0.1340882202, -0.4906858967, -0.4405478724, 0.459589441,
    -0.6937202469,
]  # fmt: skip
SECOND = [
    -1.633285869, 0.08711584397, 1.30171292, -2.34115179, 0.08212364776, 0.5099893803,
    -0.5807790371, -0.2954316588, -0.8898021752, -0.5416454186, -0.1123588677, -1.45652917,
    -0.9590717393, -0.4217912436, 0.6985197857, 0.09620912289, -0.7029147487, -0.902647851,
    -1.285525061, 2.480405018, -0.2444315927, -0.09784951501, -0.9259206166, 0.7427105447,
    -1.103758914,
]  # fmt: skip

MEASURES = (
    "pearson", "spearman", "concordance", "intraclass", "mean_difference", "lower_limit",
    "upper_limit", "proportional_bias",
)  # fmt: skip


def interval(one):
    return one.ci_low, one.ci_high


# --- published answers ---


def test_peak_flow_has_the_published_mean_difference_and_limits():
    """Bland & Altman 1986: -2.1 L/min, SD 38.8; their limits, -79.7 and 75.5, are d ± 2 SD."""
    one = agreement(WRIGHT, MINI)
    assert (one.n, one.n_missing) == (17, 0)
    assert one.mean_difference.value == pytest.approx(-2.1, abs=0.05)
    assert one.sd_difference == pytest.approx(38.8, abs=0.05)
    d, s = one.mean_difference.value, one.sd_difference
    assert (d - 2 * s, d + 2 * s) == pytest.approx((-79.7, 75.5), abs=0.2)
    z = 1.959963985
    assert (one.lower_limit.value, one.upper_limit.value) == pytest.approx((d - z * s, d + z * s))
    assert interval(one.mean_difference) == pytest.approx((-22.0, 17.8), abs=0.1)


def test_peak_flow_has_the_published_correlation():
    """Bland & Altman 1986: r = 0.94."""
    assert agreement(WRIGHT, MINI).pearson.value == pytest.approx(0.94, abs=0.005)


def test_blood_pressure_has_the_published_intervals_of_its_limits():
    """Bland & Altman 1999, 85 subjects: mean -16.29, SD 19.61 mmHg.

    Limits -54.7 and 22.1, standard error of a limit 3.64 = 1.71 SD / sqrt(n), of the mean 2.13.
    """
    raw = np.random.default_rng(1).normal(size=85)
    d = -16.29 + 19.61 * (raw - raw.mean()) / raw.std(ddof=1)
    base = 120 + 20 * np.random.default_rng(2).normal(size=85)
    one = agreement(base + d, base)
    assert (one.lower_limit.value, one.upper_limit.value) == pytest.approx((-54.7, 22.1), abs=0.06)
    t = 1.988609667  # R: qt(0.975, 84)
    for limit in (one.lower_limit, one.upper_limit):
        assert (limit.ci_high - limit.ci_low) / 2 / t == pytest.approx(3.64, abs=0.02)
    mean = one.mean_difference
    assert (mean.ci_high - mean.ci_low) / 2 / t == pytest.approx(2.13, abs=0.005)


def test_ratings_have_the_published_intraclass_correlation():
    """Shrout & Fleiss 1979, table 4: ICC(2,1) = .29; psych::ICC in R: 0.019 to 0.76."""
    one = intraclass_correlation(RATINGS)
    assert one.value == pytest.approx(0.29, abs=0.005)
    assert interval(one) == pytest.approx((0.019, 0.76), abs=0.002)


def test_concordance_is_that_of_epi_r():
    """A published run of epi.ccc (epiR 1.0-15) on the data of this seed."""
    one = agreement(FIRST, SECOND).concordance
    assert one.value == pytest.approx(0.9461401, abs=1e-7)
    assert interval(one) == pytest.approx((0.8857455, 0.9750329), abs=1e-7)


def as_pairs(table):
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def test_kappa_of_the_textbook():
    """Fleiss, Statistical Methods for Rates and Proportions, 2nd ed., chapter 13: 100 patients.

    kappa .68, standard error .087 (.076 where kappa is 0), z 8.95, interval .51 to .85.
    """
    one = cohen_kappa(*as_pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert (one.n, one.n_missing, one.reason) == (100, 0, "")
    assert (one.observed, one.expected) == pytest.approx((0.89, 0.66), abs=0.005)
    assert one.kappa == pytest.approx(0.68, abs=0.005)
    assert one.standard_error == pytest.approx(0.087, abs=0.001)
    assert (one.ci_low, one.ci_high) == pytest.approx((0.51, 0.85), abs=0.006)
    assert one.p_value < 1e-17


def test_kappa_of_two_radiologists():
    """85 xeromammograms, Altman, Practical Statistics for Medical Research 1991, page 403.

    Also in the manual of Stata (kap): agreement 63.53 %, expected 30.82 %, kappa .4728, standard
    error where kappa is 0 .0694, z 6.81.
    """
    one = cohen_kappa(*as_pairs([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]))
    assert (one.observed, one.expected) == pytest.approx((0.6353, 0.3082), abs=5e-5)
    assert one.kappa == pytest.approx(0.4728, abs=5e-5)
    z = -NormalDist().inv_cdf(one.p_value / 2)
    assert z == pytest.approx(6.81, abs=0.005)
    assert one.kappa / z == pytest.approx(0.0694, abs=5e-5)


@pytest.mark.parametrize(
    "table",
    [
        [[106, 10, 4], [22, 28, 10], [2, 12, 6]],
        [[75, 1, 4], [5, 4, 1], [0, 0, 10]],
        [[0, 4, 1], [0, 8, 0], [0, 1, 5]],
        [[3, 9], [8, 2]],
    ],
)
def test_kappa_is_that_of_statsmodels(table):
    from statsmodels.stats.inter_rater import cohens_kappa

    known = cohens_kappa(np.array(table))
    one = cohen_kappa(*as_pairs(table))
    assert one.kappa == pytest.approx(known.kappa)
    assert one.standard_error == pytest.approx(known.std_kappa)
    assert (one.ci_low, one.ci_high) == pytest.approx((known.kappa_low, known.kappa_upp))
    assert one.p_value == pytest.approx(known.pvalue_two_sided)


# --- answers of R 4.2.2 on the peak flow ---


def test_correlations_of_r():
    one = agreement(WRIGHT, MINI)
    assert one.pearson.value == pytest.approx(0.9432794469)  # cor
    assert interval(one.pearson) == pytest.approx((0.8463588088, 0.9797313374))  # cor.test
    assert one.spearman.value == pytest.approx(0.8995098039)
    ties = agreement([1, 2, 2, 3, 5, 5, 5, 8], [2, 1, 3, 3, 4, 6, 6, 6]).spearman
    assert ties.value == pytest.approx(0.8924050633)


def test_spearman_has_the_interval_of_bonett_and_wright():
    """R: tanh(atanh(rho) + c(-1, 1) * qnorm(.975) * sqrt((1 + rho^2 / 2) / 14))."""
    one = agreement(WRIGHT, MINI).spearman
    assert interval(one) == pytest.approx((0.6904640838, 0.9698906536), abs=1e-8)


def test_differences_of_r():
    one = agreement(WRIGHT, MINI)
    mean = one.mean_difference  # t.test(paired = TRUE)
    assert (mean.value, *interval(mean), mean.p_value) == pytest.approx(
        (-2.117647059, -22.04883770, 17.81354358, 0.8246477), rel=1e-6
    )
    slope = one.proportional_bias  # lm(I(w - m) ~ I((w + m) / 2))
    assert (slope.value, *interval(slope), slope.p_value) == pytest.approx(
        (0.02868744515, -0.1593200637, 0.216694954, 0.7494985336), rel=1e-6
    )


def test_on_the_log_scale_differences_are_ratios():
    one = agreement(WRIGHT, MINI, scale="log")
    mean = one.mean_difference  # exp of t.test(log(w) - log(m))
    assert (mean.value, *interval(mean)) == pytest.approx(
        (0.9882846258, 0.9282505613, 1.0522013584), rel=1e-8
    )
    assert one.sd_difference == pytest.approx(0.1218880281)
    z = 1.959963985
    assert one.upper_limit.value == pytest.approx(mean.value * math.exp(z * one.sd_difference))
    assert one.spearman == agreement(WRIGHT, MINI).spearman
    rows = one.table().set_index("statistic")
    assert rows.loc["mean difference", "scale"] == "ratio"
    assert rows.loc["Pearson correlation", "scale"] == "log"


# --- standardised values ---


def test_standardised_limits_are_those_of_z_scores():
    points = agreement_points(WRIGHT, MINI, scale="standardised")
    z_scores = agreement(points["first"], points["second"])
    one = agreement(WRIGHT, MINI, scale="standardised")
    assert points[["first", "second"]].std().to_numpy() == pytest.approx([1, 1])
    assert one.lower_limit.value == pytest.approx(z_scores.lower_limit.value)
    assert one.upper_limit.value == pytest.approx(z_scores.upper_limit.value)
    assert one.sd_difference == pytest.approx(z_scores.sd_difference)
    assert one.upper_limit.ci_low < one.upper_limit.value < one.upper_limit.ci_high
    assert z_scores.mean_difference.value == pytest.approx(0, abs=1e-12)
    assert z_scores.concordance.value == pytest.approx(one.pearson.value)


def test_what_standardising_makes_trivial_is_missing_with_the_reason():
    one = agreement(WRIGHT, MINI, scale="standardised")
    for name in ("concordance", "intraclass", "mean_difference", "proportional_bias"):
        assert math.isnan(getattr(one, name).value)
        assert "standardised" in getattr(one, name).reason
    assert one.pearson == agreement(WRIGHT, MINI).pearson


def test_the_interval_of_standardised_limits_covers_the_truth():
    """Simulated normal pairs with correlation 0.8: the true limit is 1.96 sqrt(0.4)."""
    rng, truth, hits = np.random.default_rng(5), 1.959963985 * math.sqrt(0.4), 0
    for _ in range(400):
        x = rng.normal(size=20)
        y = 0.8 * x + 0.6 * rng.normal(size=20)
        limit = agreement(x, y, scale="standardised").upper_limit
        hits += limit.ci_low <= truth <= limit.ci_high
    assert hits / 400 == pytest.approx(0.95, abs=0.033)


# --- missing values, ties, constant input ---


def test_pairs_with_a_missing_value_are_left_out_and_counted():
    first = pd.Series([*WRIGHT, None, 400, math.inf], dtype="Float64")
    second = [*MINI, 410, math.nan, 300]
    one, whole = agreement(first, second), agreement(WRIGHT, MINI)
    assert (one.n, one.n_missing) == (17, 3)
    assert all(getattr(one, name) == getattr(whole, name) for name in MEASURES)
    assert agreement_points([1, None, 3, 4], [1, 2, 3, 5])["pair"].tolist() == [0, 2, 3]


def test_constant_values_have_differences_but_no_correlation():
    one = agreement([0.3] * 5, [0.1, 0.2, 0.3, 0.4, 0.2])
    for name in ("pearson", "spearman", "concordance", "intraclass", "proportional_bias"):
        assert math.isnan(getattr(one, name).value)
        assert getattr(one, name).reason == "all values of the first measurement are equal"
    assert one.mean_difference.value == pytest.approx(0.06)
    assert agreement_points([1, 1, 1], [1, 2, 3], scale="standardised").empty


def test_equal_measurements_agree_perfectly_and_have_no_intervals():
    one = agreement(WRIGHT, WRIGHT)
    for name in ("pearson", "spearman", "concordance", "intraclass"):
        assert getattr(one, name).value == 1
        assert math.isnan(getattr(one, name).ci_low)
        assert getattr(one, name).reason.startswith("no interval")
    assert (one.mean_difference.value, one.sd_difference) == (0, 0)
    assert one.upper_limit.reason == "no interval: all differences are equal"


def test_a_constant_shift_is_perfect_correlation_but_not_agreement():
    shifted = np.add(WRIGHT, 100)
    one = agreement(WRIGHT, shifted)
    assert one.pearson.value == 1
    assert one.concordance.value < 0.85
    assert one.intraclass.value < 0.85
    assert one.mean_difference.value == pytest.approx(-100)
    assert one.upper_limit.value == pytest.approx(-100)
    assert one.intraclass.reason == "no interval: the measurements differ by a constant only"


def test_a_fold_error_is_a_proportional_bias():
    one = agreement(np.multiply(WRIGHT, 2.0), WRIGHT)
    assert one.proportional_bias.value == pytest.approx(2 / 3)
    assert one.proportional_bias.reason.startswith("no interval")
    assert agreement(np.multiply(WRIGHT, 2), WRIGHT, scale="log").mean_difference.value == (
        pytest.approx(2)
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_pairs_say_so(count):
    one = agreement(WRIGHT[:count], MINI[:count])
    assert {getattr(one, name).reason for name in MEASURES} == {
        f"it needs at least 3 pairs, found {count}"
    }
    assert math.isnan(one.sd_difference)


def test_a_zero_has_no_logarithm():
    one = agreement([0, 1, 2, 3], [1, 2, 3, 0], scale="log")
    assert one.pearson.reason == (
        "2 of 4 pairs have a value that is not above 0 and has no logarithm"
    )
    assert one.n == 4


def test_all_wrong_arguments_are_told_at_once():
    with pytest.raises(UsageError, match=r"2 and 1 values.*'ln'.*confidence 95") as raised:
        agreement([1, 2], [1], scale="ln", confidence=95)
    assert "standardised" in str(raised.value)
    with pytest.raises(UsageError, match="texts"):
        agreement(["a"], [1])
    with pytest.raises(UsageError, match="dimension"):
        agreement([[1, 2]], [1])
    with pytest.raises(UsageError, match="2 × 2"):
        intraclass_correlation([[1, 2], [math.nan, 3]])


def test_the_table_has_a_row_for_each_measure():
    table = agreement(WRIGHT, MINI, confidence=0.9).table()
    assert len(table) == len(MEASURES)
    assert table.columns.tolist() == [
        "statistic", "estimate", "ci_low", "ci_high", "p_value", "n", "scale", "method", "reason",
    ]  # fmt: skip
    assert (table["ci_low"] < table["estimate"]).all()
    wider = agreement(WRIGHT, MINI, confidence=0.99).table()
    assert (wider["ci_low"] < table["ci_low"]).all()
    assert wider["estimate"].tolist() == table["estimate"].tolist()


def test_points_lie_where_the_limits_are_drawn():
    points = agreement_points(WRIGHT, MINI)
    one = agreement(WRIGHT, MINI)
    assert points["difference"].mean() == pytest.approx(one.mean_difference.value)
    assert points["mean"].iloc[0] == 503
    ratios = agreement_points(WRIGHT, MINI, scale="log")
    assert np.exp(np.log(ratios["difference"]).mean()) == pytest.approx(
        agreement(WRIGHT, MINI, scale="log").mean_difference.value
    )


# --- properties ---

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True, width=64), st.integers(-3, 3).map(float)
)


@settings(max_examples=150, deadline=None)
@given(
    pairs=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8),
    scale=st.sampled_from(sorted(EFFECTS)),
)
def test_any_numbers_give_an_answer_or_a_reason(pairs, scale):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = [a for a, _ in pairs], [b for _, b in pairs]
        one = agreement(first, second, scale=scale)
        agreement_points(first, second, scale=scale)
    assert one.n + one.n_missing == len(pairs)
    for name in MEASURES:
        found = getattr(one, name)
        assert found.reason or not math.isnan(found.ci_low)
        if not math.isnan(found.ci_low):
            assert found.ci_low <= found.value <= found.ci_high
        if name in ("pearson", "spearman", "concordance") and not math.isnan(found.value):
            assert -1 <= found.value <= 1


def test_units_do_not_matter_for_correlations_and_scale_the_differences():
    small, one = (
        agreement(np.multiply(WRIGHT, 1e-200), np.multiply(MINI, 1e-200)),
        agreement(WRIGHT, MINI),
    )
    for name in ("pearson", "spearman", "concordance", "intraclass", "proportional_bias"):
        assert getattr(small, name).value == pytest.approx(getattr(one, name).value)
    assert small.upper_limit.value == pytest.approx(one.upper_limit.value * 1e-200)


# --- kappa ---


def test_kappa_drops_and_counts_missing_classes():
    one = cohen_kappa(["a", None, "b", "a", math.nan], ["a", "a", "b", pd.NA, "b"])
    assert (one.n, one.n_missing, one.kappa) == (2, 3, 1.0)
    assert one.reason == "no interval: no class differs"
    assert math.isnan(one.ci_low)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [([], [], "there are no pairs"), (["a"] * 4, ["a"] * 4, "there is only one class")],
)
def test_kappa_without_a_choice_is_missing(first, second, reason):
    one = cohen_kappa(first, second)
    assert math.isnan(one.kappa)
    assert one.reason == reason


def test_kappa_of_one_constant_rater_is_zero():
    one = cohen_kappa(["a"] * 6, ["a", "b", "a", "a", "b", "a"])
    assert one.kappa == pytest.approx(0)


def test_kappa_needs_pairs():
    with pytest.raises(UsageError, match="2 and 1 classes"):
        cohen_kappa(["a", "b"], ["a"])
