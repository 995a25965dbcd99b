"""Tests and effect size for two arms, on one value per biological replicate.

Feed these with replicate values (:func:`assaykit.stats.replicate_values`), never with wells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assaykit.errors import UsageError
from assaykit.stats.distributions import Floats, t_critical, t_two_sided


@dataclass(frozen=True)
class TTest:
    """A difference of two arms (first minus second) with its t test, both sides.

    Parameters
    ----------
    estimate, standard_error
        Difference of the means and its standard error, in the unit of the values.
    df
        Degrees of freedom.
    statistic, p_value
        t and its two-sided probability.
    ci_low, ci_high
        Confidence interval of the difference.

    Examples
    --------
    >>> test = student_test([3, 4, 6], [1, 2, 3])
    >>> round(test.estimate, 4), test.df, round(test.p_value, 4)
    (2.3333, 4, 0.0913)
    """

    estimate: float
    standard_error: float
    df: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float


def student_test(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> TTest:
    """Student's t test of two arms with different replicates and one common variance.

    Parameters
    ----------
    a, b
        Values of the replicates of each arm; at least two.
    confidence
        Coverage of the interval.

    Raises
    ------
    UsageError
        Fewer than two values, a value that is not a number, or no spread at all.

    Examples
    --------
    >>> round(student_test([5.1, 5.4, 6.0], [4.2, 4.4, 4.9]).p_value, 4)
    0.0411
    """
    x, y = _values(a), _values(b)
    df = len(x) + len(y) - 2
    return _t_test(
        x.mean() - y.mean(), _pooled_sd(x, y) * np.sqrt(1 / len(x) + 1 / len(y)), df, confidence
    )


def welch_test(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> TTest:
    """Welch's t test of two arms with different replicates and variances of their own.

    Degrees of freedom after Welch (1947) and Satterthwaite (1946). Parameters and errors are
    those of :func:`student_test`.

    Examples
    --------
    >>> test = welch_test([5.1, 5.4, 6.0], [4.2, 4.4, 4.9])
    >>> round(test.df, 3), round(test.p_value, 4)
    (3.79, 0.044)
    """
    x, y = _values(a), _values(b)
    parts = np.array([x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)])
    total = float(parts.sum())
    if total == 0:
        raise UsageError("The values of neither arm vary, so there is nothing to test with.")
    df = total**2 / float(np.sum(parts**2 / [len(x) - 1, len(y) - 1]))
    return _t_test(x.mean() - y.mean(), np.sqrt(total), df, confidence)


def paired_test(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> TTest:
    """Compare two arms that share their replicates: Student's t test of the differences.

    Parameters
    ----------
    a, b
        Values of the same replicates, in the same order; at least two pairs.
    confidence
        Coverage of the interval.

    Raises
    ------
    UsageError
        The numbers of values differ, or as for :func:`student_test`.

    Examples
    --------
    Three replicates of Lord et al. (2020), mean speeds of 50 cells each.

    >>> test = paired_test([29.573912, 22.317653, 12.898156], [41.49061, 32.638003, 20.622035])
    >>> round(test.statistic, 3), test.df, round(test.p_value, 4)
    (-8.174, 2, 0.0146)
    """
    x, y = _values(a), _values(b)
    if len(x) != len(y):
        raise UsageError(f"Pairs are needed, found {len(x)} and {len(y)} values.")
    difference = x - y
    error = difference.std(ddof=1) / np.sqrt(len(x))
    return _t_test(difference.mean(), error, len(x) - 1, confidence)


def hedges_g(a: ArrayLike, b: ArrayLike) -> float:
    """Difference of two arms in standard deviations between replicates, corrected for small n.

    The standard deviation is pooled within the two arms; the correction is the exact one
    (Hedges 1981), see :func:`small_sample_factor`. Parameters and errors are those of
    :func:`student_test`.

    Examples
    --------
    >>> round(hedges_g([3, 4, 6], [1, 2, 3]), 4)
    1.4421
    """
    x, y = _values(a), _values(b)
    spread = _pooled_sd(x, y)
    if spread == 0:
        raise UsageError("The values of neither arm vary, so there is no unit to measure with.")
    return float((x.mean() - y.mean()) / spread * small_sample_factor(len(x) + len(y) - 2))


def small_sample_factor(df: float) -> float:
    """Give Hedges' exact factor ``J``, by which a standardised difference is too large.

    ``J = gamma(df / 2) / (sqrt(df / 2) * gamma((df - 1) / 2))`` (Hedges 1981); the usual
    ``1 - 3 / (4 * df - 1)`` is an approximation to it.

    Examples
    --------
    >>> round(small_sample_factor(4), 6)
    0.797885
    """
    from scipy.special import gammaln

    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def _values(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():
        raise UsageError("Each arm needs at least two values, all of them numbers.")
    return x


def _pooled_sd(x: Floats, y: Floats) -> float:
    squares = np.sum((x - x.mean()) ** 2) + np.sum((y - y.mean()) ** 2)
    return float(np.sqrt(squares / (len(x) + len(y) - 2)))


def _t_test(estimate: float, error: float, df: float, confidence: float) -> TTest:
    if error == 0:
        raise UsageError("The values do not vary, so there is nothing to test with.")
    statistic = float(estimate / error)
    margin = float(t_critical(confidence, df) * error)
    return TTest(
        float(estimate),
        float(error),
        df,
        statistic,
        float(t_two_sided(statistic, df)),
        float(estimate - margin),
        float(estimate + margin),
    )
