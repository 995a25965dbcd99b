import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.errors import UsageError
from assaykit.stats import hedges_g, paired_test, small_sample_factor, student_test, welch_test

# Student (1908), extra hours of sleep with two drugs in the same ten patients: R datasets::sleep.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

# Lord et al. (2020), mean speed of 50 cells of three replicates, control and drug.
CONTROL = [41.4906104, 32.6380026, 20.622035]
DRUG = [29.573912, 22.3176532, 12.89815584]

VALUES = st.lists(st.floats(-100, 100), min_size=4, max_size=8)


# R documentation of t.test: extra ~ group, Welch t = -1.8608, df = 17.776, p = 0.07939,
# interval -3.3654832 to 0.2054832.
def test_welch_agrees_with_r_on_sleep():
    test = welch_test(SLEEP_1, SLEEP_2)
    assert test.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert test.df == pytest.approx(17.776, abs=5e-4)
    assert test.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (test.ci_low, test.ci_high) == pytest.approx((-3.3654832, 0.2054832))


# The same with paired = TRUE: t = -4.0621, df = 9, p = 0.002833, -2.4598858 to -0.7001142.
def test_paired_agrees_with_r_on_sleep():
    test = paired_test(SLEEP_1, SLEEP_2)
    assert test.statistic == pytest.approx(-4.0621, abs=5e-5)
    assert test.df == 9
    assert test.p_value == pytest.approx(0.002833, abs=5e-7)
    assert (test.ci_low, test.ci_high) == pytest.approx((-2.4598858, -0.7001142))


# The same with var.equal = TRUE: t = -1.8608, df = 18, p = 0.07919.
def test_student_agrees_with_r_on_sleep():
    test = student_test(SLEEP_1, SLEEP_2)
    assert (test.estimate, test.df) == (pytest.approx(-1.58), 18)
    assert test.p_value == pytest.approx(0.07919, abs=5e-6)


# R 4.2.2, t.test on the replicate means of SuperPlotR::lord_jcb.
def test_the_three_tests_agree_with_r_on_a_superplot():
    paired, student, welch = (t(DRUG, CONTROL) for t in (paired_test, student_test, welch_test))
    assert paired.p_value == pytest.approx(0.0146387529385215, rel=1e-6)
    assert paired.ci_low == pytest.approx(-15.2438987204511, rel=1e-6)
    assert student.p_value == pytest.approx(0.266362835855577, rel=1e-6)
    assert welch.df == pytest.approx(3.81281614433797, rel=1e-6)
    assert welch.p_value == pytest.approx(0.269514393546314, rel=1e-6)


def test_the_confidence_sets_the_width():
    wide, narrow = (welch_test(DRUG, CONTROL, confidence=c) for c in (0.99, 0.8))
    assert wide.ci_low < narrow.ci_low < narrow.estimate < narrow.ci_high < wide.ci_high


@given(a=VALUES, b=VALUES)
@settings(derandomize=True, max_examples=40, deadline=None)
def test_swapping_the_arms_turns_the_sign(a, b):
    if np.std(a) + np.std(b) < 1e-3:
        return
    for test in (student_test, welch_test):
        one, other = test(a, b), test(b, a)
        assert one.statistic == pytest.approx(-other.statistic)
        assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low))
        assert one.p_value == pytest.approx(other.p_value)


@given(shift=st.floats(-50, 50), scale=st.floats(0.01, 100))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_neither_unit_nor_zero_point_changes_p_or_g(shift, scale):
    a, b = np.array(SLEEP_1) * scale + shift, np.array(SLEEP_2) * scale + shift
    for test in (student_test, welch_test, paired_test):
        assert test(a, b).p_value == pytest.approx(test(SLEEP_1, SLEEP_2).p_value, rel=1e-7)
    assert hedges_g(a, b) == pytest.approx(hedges_g(SLEEP_1, SLEEP_2), rel=1e-7)


# R 4.2.2, effectsize::hedges_g(exact J) for pairs of datasets::PlantGrowth.
def test_hedges_g_agrees_with_r():
    control = [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14]
    treated = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69]
    assert hedges_g(treated, control) == pytest.approx(-0.510184064085516, rel=1e-9)


# Gamma of whole and half numbers: J(2) = 1/sqrt(pi), J(4) = sqrt(2/pi); Hedges (1981), table 1,
# gives .5642, .7979 and .9490 for 2, 4 and 15.
@pytest.mark.parametrize(
    ("df", "factor"), [(2, 1 / math.sqrt(math.pi)), (4, math.sqrt(2 / math.pi)), (15, 0.9490)]
)
def test_the_small_sample_factor_is_exact(df, factor):
    assert small_sample_factor(df) == pytest.approx(factor, abs=5e-5 if df == 15 else 1e-14)


@pytest.mark.parametrize("test", [student_test, welch_test, paired_test, hedges_g])
def test_too_few_or_missing_values_are_refused(test):
    for bad in ([1.0], [1.0, np.nan], [[1.0, 2.0], [3.0, 4.0]]):
        with pytest.raises(UsageError, match="at least two values"):
            test(bad, [1.0, 2.0])


@pytest.mark.parametrize("test", [student_test, welch_test, paired_test, hedges_g])
def test_values_without_spread_are_refused(test):
    with pytest.raises(UsageError, match="vary"):
        test([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])


def test_pairs_need_equal_numbers():
    with pytest.raises(UsageError, match="found 3 and 2 values"):
        paired_test([1.0, 2.0, 3.0], [1.0, 2.5])
