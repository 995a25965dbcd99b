import numpy as np
import pytest
from scipy.stats import studentized_range, t

from assaykit.stats.distributions import (
    _lattice_cdf,
    _one_factor_cdf,
    largest_t_cdf,
    largest_t_critical,
    studentised_range_cdf,
    studentised_range_critical,
    t_critical,
    t_two_sided,
)


def correlation_of(loadings) -> np.ndarray:
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1)
    return matrix


DF = [1, 2, 2.5, 4, 10, 60, 1000]


@pytest.mark.parametrize("df", DF)
def test_student_agrees_with_scipy(df):
    assert t_two_sided(3.3, df) == pytest.approx(2 * t.sf(3.3, df), rel=1e-12)
    assert t_two_sided(-3.3, df) == t_two_sided(3.3, df)
    assert t_two_sided(t_critical(0.95, df), df) == pytest.approx(0.05, rel=1e-11)


# Closed forms: with one degree of freedom t is Cauchy's, tan(pi (p - 1/2)); with two it is
# (2 p - 1) / sqrt(2 p (1 - p)). (scipy.stats before 1.16 is off by 2e-11 there.)
@pytest.mark.parametrize(
    ("df", "value"), [(1, np.tan(np.pi * 0.475)), (2, 0.95 / np.sqrt(2 * 0.975 * 0.025))]
)
def test_critical_values_of_student_have_their_closed_forms(df, value):
    assert t_critical(0.95, df) == pytest.approx(value, rel=1e-12)


def test_far_tails_of_student_keep_their_digits():
    assert t_two_sided(60, 30) == pytest.approx(2 * t.sf(60, 30), rel=1e-10)
    assert t_two_sided(np.inf, 5) == 0


@pytest.mark.parametrize("df", DF)
@pytest.mark.parametrize("arms", [2, 3, 8])
def test_the_studentised_range_agrees_with_scipy(df, arms):
    for limit in (0.5, 3.5, 8.0):
        expected = studentized_range.cdf(limit, arms, df)
        assert studentised_range_cdf(limit, arms, df) == pytest.approx(expected, abs=1e-11)


# R 4.2.2: qtukey(0.95, 3, 10) as in the interval of emmeans for nlme::Machines.
def test_a_critical_range_agrees_with_r():
    assert studentised_range_critical(0.95, 3, 10) == pytest.approx(3.8767767, abs=5e-7)


# Dunnett 1955 and 1964, two-sided 5 % points for equal numbers (correlation one half).
@pytest.mark.parametrize(
    ("contrasts", "df", "point"),
    [
        (1, 10, 2.23),
        (2, 5, 3.03),
        (2, 10, 2.57),
        (3, 10, 2.76),
        (4, 10, 2.89),
        (5, 20, 2.73),
        (9, 20, 2.95),
        (3, 60, 2.41),
    ],
)
def test_critical_values_are_those_of_dunnetts_table(contrasts, df, point):
    correlation = correlation_of(np.full(contrasts, np.sqrt(0.5)))
    assert largest_t_critical(0.95, correlation, df) == pytest.approx(point, abs=0.0051)


def test_one_contrast_is_students_t():
    assert largest_t_cdf(2.0, np.ones((1, 1)), 7) == pytest.approx(1 - 2 * t.sf(2, 7), abs=1e-14)


def test_independent_contrasts_multiply_when_the_variance_is_known():
    known = 1e7
    alone = 1 - float(t_two_sided(2.0, known))
    assert largest_t_cdf(2.0, np.eye(2), known) == pytest.approx(alone**2, abs=1e-7)
    assert largest_t_cdf(2.0, np.eye(3), known) == pytest.approx(alone**3, abs=1e-4)


def test_nearly_identical_contrasts_count_as_one():
    alone = 1 - float(t_two_sided(2.5, 12))
    almost = correlation_of([0.99999, 0.99999])
    assert largest_t_cdf(2.5, almost, 12) == pytest.approx(alone, abs=3e-4)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_the_sign_of_a_correlation_does_not_matter_for_two(share):
    positive = np.array([[1, share], [share, 1]])
    negative = np.array([[1, -share], [-share, 1]])
    assert largest_t_cdf(2.2, negative, 9) == pytest.approx(largest_t_cdf(2.2, positive, 9))


@pytest.mark.parametrize("df", [1, 3, 30])
def test_the_lattice_agrees_with_the_exact_integral_where_both_apply(df):
    loadings = np.array([0.3, 0.6, 0.75, 0.8])
    for limit in (1.0, 2.5, 5.0):
        exact = _one_factor_cdf(limit, loadings, df)
        assert _lattice_cdf(limit, correlation_of(loadings), df) == pytest.approx(exact, abs=1e-4)


def test_correlations_that_do_not_factor_agree_with_many_random_draws():
    # Arms of an incomplete block design; 4 million draws have a standard error of 1.1e-4.
    correlation = np.array(
        [
            [1.00, 0.50, 0.40, 0.62],
            [0.50, 1.00, 0.58, 0.45],
            [0.40, 0.58, 1.00, 0.50],
            [0.62, 0.45, 0.50, 1.00],
        ]
    )
    rng = np.random.default_rng(1955)
    normal = rng.standard_normal((4, 4_000_000), dtype=np.float32)
    normal = np.linalg.cholesky(correlation).astype(np.float32) @ normal
    scale = np.sqrt(rng.chisquare(8, normal.shape[1]) / 8)
    share = float(np.mean(np.abs(normal).max(axis=0) <= 2.5 * scale))
    assert largest_t_cdf(2.5, correlation, 8) == pytest.approx(share, abs=4.5e-4)


def test_a_slight_departure_from_factors_changes_the_probability_slightly():
    correlation = correlation_of([0.7, 0.7, 0.7, 0.7])
    exact = largest_t_cdf(2.4, correlation, 12)
    correlation[0, 1] = correlation[1, 0] = correlation[0, 1] + 1e-6
    assert largest_t_cdf(2.4, correlation, 12) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("df", [2, 7.3, 100])
def test_critical_values_bring_back_the_confidence(confidence, df):
    correlation = correlation_of([0.5, 0.7, 0.8])
    limit = largest_t_critical(confidence, correlation, df)
    assert largest_t_cdf(limit, correlation, df) == pytest.approx(confidence, abs=1e-10)
    limit = studentised_range_critical(confidence, 4, df)
    assert studentised_range_cdf(limit, 4, df) == pytest.approx(confidence, abs=1e-10)


def test_the_same_question_has_the_same_digits():
    correlation = correlation_of([0.5, 0.7, 0.8])
    correlation[0, 1] = correlation[1, 0] = 0.2
    assert largest_t_cdf(2.0, correlation, 6) == largest_t_cdf(2.0, correlation, 6)
