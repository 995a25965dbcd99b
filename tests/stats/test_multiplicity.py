import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.stats import benjamini_hochberg, bonferroni, dunnett, holm, sidak, tukey

METHODS = [benjamini_hochberg, bonferroni, holm, sidak]
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holm_steps_down():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_never_exceeds_one():
    assert holm([0.6, 0.7]).tolist() == [1, 1]


def test_benjamini_hochberg_steps_up():
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_bonferroni_multiplies():
    assert bonferroni([0.01, 0.2, 0.5]) == pytest.approx([0.03, 0.6, 1])


def test_sidak_is_exact_for_independent_tests():
    assert sidak([0.05, 1.0]) == pytest.approx([1 - 0.95**2, 1])


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_p_stays_missing_and_does_not_count(method):
    adjusted = method([0.01, np.nan, 0.04])
    assert np.isnan(adjusted[1])
    assert adjusted[[0, 2]].tolist() == method([0.01, 0.04]).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_no_p_value_at_all_is_no_error(method):
    assert method([]).tolist() == []
    assert np.isnan(method([np.nan])).all()


@pytest.mark.parametrize("method", METHODS)
@given(p=P_VALUES)
@settings(derandomize=True, max_examples=50, deadline=None)
def test_adjusted_values_are_never_smaller_and_keep_their_order(method, p):
    adjusted = method(p)
    assert np.all(adjusted >= np.array(p) - 1e-15)
    assert np.all(adjusted <= 1)
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-15)


@given(p=P_VALUES, seed=st.integers(0, 9))
@settings(derandomize=True, max_examples=50, deadline=None)
def test_the_order_of_the_contrasts_does_not_matter(p, seed):
    order = np.random.default_rng(seed).permutation(len(p))
    for method in METHODS:
        assert method(np.array(p)[order]) == pytest.approx(method(p)[order])


@given(p=P_VALUES)
@settings(derandomize=True, max_examples=50, deadline=None)
def test_holm_is_never_stricter_than_bonferroni(p):
    assert np.all(holm(p) <= bonferroni(p) + 1e-15)


# Dunnett (1955), blood counts; adjusted p as printed in the documentation of scipy.stats.dunnett.
def test_dunnetts_own_example():
    share = np.sqrt(4 / 10 * 5 / 11)
    p = dunnett([0.857032125934383, 3.69375223], [[1, share], [share, 1]], 12)
    assert p == pytest.approx([0.62004941, 0.0058035], abs=6e-5)


def test_dunnett_with_one_contrast_is_students_t():
    assert dunnett([2.228139], [[1]], 10) == pytest.approx([0.05], abs=1e-7)


def test_dunnett_does_not_care_for_the_sign():
    matrix = [[1, 0.5], [0.5, 1]]
    assert dunnett([-2.0, 3.0], matrix, 9).tolist() == dunnett([2.0, 3.0], matrix, 9).tolist()


@given(t=st.lists(st.floats(0, 40), min_size=3, max_size=3), df=st.floats(2, 60))
@settings(derandomize=True, max_examples=30, deadline=None)
def test_dunnett_lies_between_one_test_and_bonferroni(t, df):
    matrix = np.full((3, 3), 0.5) + np.eye(3) / 2
    joint, single = dunnett(t, matrix, df), dunnett([t[0]], [[1]], df)
    assert single[0] <= joint[0] <= min(1, 3 * single[0]) + 1e-15


# R 4.2.2: TukeyHSD(aov(weight ~ group, PlantGrowth)), trt2 - trt1.
def test_tukey_agrees_with_r():
    assert tukey([0.865 / 0.278781608405549], 3, 27) == pytest.approx([0.0120064239794527])


# R 4.2.2: rstatix::games_howell_test(PlantGrowth, weight ~ group).
def test_tukey_with_welchs_df_is_games_howell():
    t = [1.1912603818487, 2.13402045312406, 3.01009854212436]
    df = [16.5235850568593, 16.7857644826057, 14.1035691227603]
    expected = [0.47455492219398, 0.112889176854217, 0.0237034547392031]
    assert tukey(t, 3, df) == pytest.approx(expected, rel=1e-9)


def test_tukey_of_two_arms_is_students_t():
    assert tukey([2.228139], 2, 10) == pytest.approx([0.05], abs=1e-7)
