import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import BLOOD

from assaykit.errors import DesignError
from assaykit.stats import fit_arms
from assaykit.stats.linear import arm_residuals

# R datasets::PlantGrowth (Dobson 1983), dried weights.
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}


def one_way(arms):
    values = [value for of_arm in arms.values() for value in of_arm]
    return fit_arms(values, [arm for arm, of_arm in arms.items() for _ in of_arm])


def test_one_way_agrees_with_r_on_plant_growth():
    fit = one_way(PLANTS)
    assert fit.arms == ("ctrl", "trt1", "trt2")
    assert fit.means == pytest.approx([5.032, 4.661, 5.526])
    assert fit.residual_df == 27
    # R 4.2.2: anova(lm(weight ~ group)), sum of squares within 10.49209
    assert fit.residual_variance * 27 == pytest.approx(10.49209)


def test_one_way_agrees_with_r_on_unbalanced_blood_counts():
    fit = one_way(BLOOD)
    # R 4.2.2: anova(lm(count ~ drug)), sum of squares within 16.56628 on 12 df
    assert fit.residual_variance * fit.residual_df == pytest.approx(16.56628)
    assert fit.covariance == pytest.approx(np.diag(fit.residual_variance / np.array([6, 4, 5])))


def test_two_arms_in_blocks_are_a_paired_t_test():
    before, after = np.array([5.0, 7.0, 6.0, 9.0]), np.array([6.1, 7.7, 7.4, 9.2])
    fit = fit_arms([*before, *after], ["before"] * 4 + ["after"] * 4, list("1234") * 2)
    difference = after - before
    contrast = np.array([-1, 1])
    assert contrast @ fit.means == pytest.approx(difference.mean())
    assert contrast @ fit.covariance @ contrast == pytest.approx(difference.var(ddof=1) / 4)
    assert fit.df(contrast) == 3


def test_complete_blocks_agree_with_the_sums_of_squares():
    rng = np.random.default_rng(7)
    table = rng.normal(size=(5, 4)) + np.arange(4)
    fit = fit_arms(table.ravel(), list("abcd") * 5, [str(b) for b in range(5) for _ in range(4)])
    grand = table.mean()
    rest = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + grand
    assert fit.means == pytest.approx(table.mean(axis=0))
    assert fit.residual_df == 12
    assert fit.residual_variance == pytest.approx(np.sum(rest**2) / 12)


def test_incomplete_blocks_compare_within_blocks_only():
    # a and b in block 1, b and c in block 2, a and c in block 3, twice; block effects are huge
    # and must not touch the contrasts, which are exactly 1 and 2.
    arms, blocks, values = [], [], []
    truth = {"a": 0.0, "b": 1.0, "c": 2.0}
    for i, (one, other) in enumerate([("a", "b"), ("b", "c"), ("a", "c")] * 2):
        noise = 0.1 if i < 3 else -0.1
        arms += [one, other]
        blocks += [str(i)] * 2
        values += [truth[one] + 1000 * i, truth[other] + 1000 * i + noise]
    fit = fit_arms(values, arms, blocks)
    assert fit.means[1] - fit.means[0] == pytest.approx(1)
    assert fit.means[2] - fit.means[0] == pytest.approx(2)
    assert fit.residual_df == 12 - 3 - 6 + 1


def test_arms_that_no_block_connects_cannot_be_compared():
    values = [1.0, 2, 2, 4, 3, 3.5, 5, 6, 7, 9, 8, 8.5]
    arms = ["a", "b"] * 3 + ["c", "d"] * 3
    fit = fit_arms(values, arms, [str(i) for i in range(6) for _ in range(2)])
    assert fit.df([-1, 1, 0, 0]) == 4
    with pytest.raises(DesignError, match="no biological replicate connects the arms a, c"):
        fit.df([-1, 0, 1, 0])


def test_one_value_for_each_arm_leaves_no_spread():
    with pytest.raises(DesignError, match="2 values for 2 means"):
        fit_arms([1.0, 2.0], ["a", "b"])


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
def test_replicates_that_do_not_vary_are_refused_in_any_unit(unit):
    with pytest.raises(DesignError, match="do not vary within their arms"):
        fit_arms(np.array([0.1, 0.1, 0.3, 0.3]) * unit, list("aabb"))


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_a_unit_changes_no_t_value(unit):
    values = np.array([1.0, 1.2, 2.0, 2.1])
    small, large = fit_arms(values, list("aabb")), fit_arms(values * unit, list("aabb"))
    assert large.covariance == pytest.approx(small.covariance * unit**2, rel=1e-9)
    assert large.means == pytest.approx(small.means * unit)


def test_residuals_are_what_arms_and_blocks_leave():
    rng = np.random.default_rng(3)
    table = rng.normal(size=(5, 3))
    left = arm_residuals(table.ravel(), list("abc") * 5, [str(b) for b in range(5) for _ in "abc"])
    rest = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    assert left == pytest.approx(rest.ravel())
    plain = arm_residuals(table.ravel(), list("abc") * 5)
    assert plain == pytest.approx((table - table.mean(axis=0)).ravel())


@given(seed=st.integers(0, 1000))
@settings(derandomize=True, max_examples=20, deadline=None)
def test_residuals_carry_the_residual_variance(seed):
    rng = np.random.default_rng(seed)
    arms, blocks = list(rng.choice(list("abc"), 12)), list(rng.choice(list("1234"), 12))
    y = rng.normal(size=12)
    fit = fit_arms(y, arms, blocks)
    left = arm_residuals(y, arms, blocks)
    assert left @ left == pytest.approx(fit.residual_variance * fit.residual_df)
