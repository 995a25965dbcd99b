import math

import numpy as np
import pytest
from small_studies import genotype_design, one_well_each, treatment_design

from assaykit.stats import compare, paired_test, welch_test
from assaykit.stats.equivalence import equivalence_limits, equivalence_p

CONTROL, VESICLE = [10.0, 14.0, 11.0, 12.0], [10.5, 13.0, 11.8, 12.4]
ARMS = {"control": CONTROL, "vesicle": VESICLE}


def effect(arms, *, margin, scale="log", shared=True, **settings):
    design = treatment_design(*arms, equivalence_margin=margin, **settings)
    return compare(one_well_each(arms, shared=shared, scale=scale), design).iloc[0]


# R 4.2.2: pt((0.1 + 0.8) / 0.2, 10, lower = FALSE) and pt((0.1 - 0.8) / 0.2, 10)
def test_the_larger_of_two_one_sided_p_counts():
    assert equivalence_p(0.1, 0.2, 10.0, -0.8, 0.8) == pytest.approx(0.002863252715)
    assert equivalence_p(-0.1, 0.2, 10.0, -0.8, 0.8) == pytest.approx(0.002863252715)


@pytest.mark.parametrize(("estimate", "p"), [(0.8, 0.5), (-0.8, 0.5), (1.6, 0.9976), (0.0, 0.0012)])
def test_p_is_one_half_at_the_limit_and_grows_beyond(estimate, p):
    assert equivalence_p(estimate, 0.2233, 10.0, -0.8, 0.8) == pytest.approx(p, abs=2e-3)


def test_limits_are_symmetric_on_the_scale_of_the_analysis():
    low, high = equivalence_limits(1.25, "ratio")
    assert (math.exp(low), math.exp(high)) == pytest.approx((0.8, 1.25))
    assert equivalence_limits(2.0, "log2_fold_change") == (-1.0, 1.0)
    assert equivalence_limits(2.0, "difference") is None


def test_a_declared_margin_gives_tost_of_the_models_t():
    row = effect(ARMS, margin=1.25)
    test = paired_test(np.log(VESICLE), np.log(CONTROL))
    assert row["p_equivalence"] == pytest.approx(
        equivalence_p(test.estimate, test.standard_error, 3, -math.log(1.25), math.log(1.25))
    )
    assert row["p_value"] == pytest.approx(test.p_value)


# A test at 5 % and the interval of 90 % say the same.
@pytest.mark.parametrize("margin", [1.05, 1.1, 1.15, 1.2, 1.3])
def test_equivalence_at_5_percent_is_a_90_percent_interval_within_the_margin(margin):
    row = effect(ARMS, margin=margin, confidence=0.9)
    within = 1 / margin < row["ci_low"] and row["ci_high"] < margin
    assert (row["p_equivalence"] < 0.05) == within


def test_it_follows_welchs_test_where_variances_differ():
    row = effect(ARMS, margin=1.25, shared=False, variances="unequal")
    test = welch_test(np.log(VESICLE), np.log(CONTROL))
    limit = math.log(1.25)
    assert row["p_equivalence"] == pytest.approx(
        equivalence_p(test.estimate, test.standard_error, test.df, -limit, limit)
    )


def test_without_a_margin_or_without_a_ratio_there_is_none():
    assert np.isnan(effect(ARMS, margin=None)["p_equivalence"])
    assert np.isnan(effect(ARMS, margin=1.25, scale="linear")["p_equivalence"])
    assert np.isfinite(effect(ARMS, margin=1.25, scale="count")["p_equivalence"])
    assert np.isfinite(effect(ARMS, margin=1.25, scale="log2")["p_equivalence"])


def test_a_described_effect_has_none():
    assert np.isnan(effect({a: v[:2] for a, v in ARMS.items()}, margin=1.25)["p_equivalence"])


def test_an_interaction_is_held_against_the_margin_too():
    values = {"WT / control": [1.0, 2, 3], "WT / vesicle": [2.0, 4.4, 5.8],
              "KO / control": [1.5, 2, 2.5], "KO / vesicle": [3.1, 3.9, 5.1]}  # fmt: skip
    table = one_well_each(values, shared=False, scale="log")
    levels = table["treatment"].str.split(" / ", expand=True)
    table = table.assign(genotype=levels[0], treatment=levels[1])
    row = compare(table, genotype_design(equivalence_margin=2.0)).iloc[4]
    estimate, limit = math.log(row["estimate"]), math.log(2)
    assert row["p_equivalence"] == pytest.approx(
        equivalence_p(estimate, row["standard_error"], row["df"], -limit, limit)
    )
