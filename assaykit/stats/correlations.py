"""Correlations of two measurements of the same things, each with its interval.

Pearson's and Spearman's say whether two measurements rise together; the concordance and the
intraclass correlation also whether they give the same number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assaykit.errors import UsageError
from assaykit.stats.distributions import Floats, t_critical

ROUNDING = 1e-12
"""Share of the largest value below which a difference is rounding."""

_FEWEST_FISHER = 4


@dataclass(frozen=True)
class Estimate:
    """One number with its interval, or the reason why there is none.

    Parameters
    ----------
    value
        The estimate; missing (NaN) where there is none.
    ci_low, ci_high
        Ends of its confidence interval; missing where it has none.
    p_value
        Two-sided probability of a test against zero (a ratio: against 1), where there is a test.
    reason
        Why the value or the interval is missing; else empty.

    Examples
    --------
    >>> Estimate(0.93, 0.81, 0.98).reason
    ''
    """

    value: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    p_value: float = math.nan
    reason: str = ""


def missing(reason: str) -> Estimate:
    """An estimate that cannot be given, and why.

    Examples
    --------
    >>> missing("there are no pairs")
    Estimate(value=nan, ci_low=nan, ci_high=nan, p_value=nan, reason='there are no pairs')
    """
    return Estimate(math.nan, reason=reason)


def pearson(x: Floats, y: Floats, confidence: float = 0.95) -> Estimate:
    """Pearson's correlation with the interval of Fisher's z, standard error ``1 / sqrt(n - 3)``.

    Parameters
    ----------
    x, y
        At least three pairs of numbers; neither constant.
    confidence
        Coverage of the interval, which needs four pairs.

    Examples
    --------
    >>> one = pearson(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 5, 4]))
    >>> round(one.value, 3), round(one.ci_low, 3), round(one.ci_high, 3)
    (0.8, -0.28, 0.986)
    """
    return _fisher(_correlation(x, y), len(x), 1.0, confidence)


def spearman(x: Floats, y: Floats, confidence: float = 0.95) -> Estimate:
    """Spearman's rank correlation; equal values share the mean of their ranks.

    Parameters and errors are those of :func:`pearson`.

    Notes
    -----
    Interval of Fisher's z with standard error ``sqrt((1 + rho**2 / 2) / (n - 3))``: Bonett DG,
    Wright TA, *Psychometrika* 2000;65:23.

    Examples
    --------
    >>> one = spearman(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 50, 4]))
    >>> round(one.value, 3), round(one.ci_low, 3), round(one.ci_high, 3)
    (0.8, -0.457, 0.991)
    """
    rho = _correlation(_ranks(x), _ranks(y))
    return _fisher(rho, len(x), 1 + rho**2 / 2, confidence)


def concordance(x: Floats, y: Floats, confidence: float = 0.95) -> Estimate:
    """Lin's concordance correlation: how close pairs lie to the line of equal values.

    Parameters are those of :func:`pearson`.

    Notes
    -----
    Variances are over n, the interval is that of Fisher's z: Lin LI, *Biometrics* 1989;45:255,
    with the standard error of z as corrected in *Biometrics* 2000;56:324.

    Examples
    --------
    >>> one = concordance(np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 3, 4, 5, 5.5]))
    >>> round(one.value, 3), round(one.ci_low, 3), round(one.ci_high, 3)
    (0.809, 0.37, 0.953)
    """
    n, r = len(x), _correlation(x, y)
    sx, sy = float(x.std()), float(y.std())
    shift = float(x.mean() - y.mean())
    total = sx**2 + sy**2 + shift**2
    accuracy = 2 * sx * sy / total  # Lin's C_b, so that the value is r times it
    value, shifted = r * accuracy, 2 * r * shift**2 / total
    if 1 - abs(value) <= ROUNDING:
        return Estimate(value, reason="no interval: the agreement is perfect")
    room = 1 - value**2
    variance = (
        (1 - r**2) * accuracy**2 / room
        + 2 * value * accuracy * (1 - value) * shifted / room**2
        - (accuracy * shifted / room) ** 2 / 2
    )
    if variance <= 0:
        return Estimate(value, reason="no interval: its standard error is zero")
    margin = float(t_critical(confidence, np.inf)) * math.sqrt(variance / (n - 2))
    z = math.atanh(value)
    return Estimate(value, math.tanh(z - margin), math.tanh(z + margin))


def intraclass_correlation(ratings: ArrayLike, confidence: float = 0.95) -> Estimate:
    """Agreement of single measurements: ICC(A,1), also called ICC(2,1).

    Two-way model, absolute agreement: a measurement that is always higher than another one lowers
    it. It can be negative.

    Parameters
    ----------
    ratings
        Things × measurements, at least 2 × 2, without missing values.
    confidence
        Coverage of the interval.

    Raises
    ------
    UsageError
        The shape is another one, or a value is missing.

    Notes
    -----
    Shrout PE, Fleiss JL, *Psychol Bull* 1979;86:420; interval: McGraw KO, Wong SP, *Psychol
    Methods* 1996;1:30.

    Examples
    --------
    Table 2 of Shrout and Fleiss.

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...            [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(intraclass_correlation(ratings).value, 2)
    0.29
    """
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise UsageError("Expected things × measurements, at least 2 × 2, all of them numbers.")
    (n, k), mean = table.shape, table.mean()
    rows = k * float(np.sum((table.mean(axis=1) - mean) ** 2)) / (n - 1)
    columns = n * float(np.sum((table.mean(axis=0) - mean) ** 2)) / (k - 1)
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + mean
    error = float(np.sum(rest**2)) / ((n - 1) * (k - 1))
    least = (ROUNDING * float(np.abs(table).max())) ** 2
    if max(rows, error, columns) <= least:
        return missing("all values are equal")
    value = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
    if error <= least:
        return Estimate(value, reason="no interval: the measurements differ by a constant only")
    if value >= 1:
        return Estimate(value, reason="no interval: the agreement is perfect")
    low, high = _intraclass_interval((rows, columns, error), (n, k), value, confidence)
    if low <= value <= high:
        return Estimate(value, low, high)
    return Estimate(value, reason="no interval: the correlation is too negative for one")


def _intraclass_interval(
    squares: tuple[float, float, float], shape: tuple[int, int], value: float, confidence: float
) -> tuple[float, float]:
    """The interval from mean squares of things, measurements and the rest (McGraw & Wong)."""
    from scipy.special import fdtri

    (rows, columns, error), (n, k) = squares, shape
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    parts = np.array([a * columns, b * error])
    df = float(parts.sum() ** 2 / np.sum(parts**2 / [k - 1, (n - 1) * (k - 1)]))
    share = (1 + confidence) / 2
    least, most = float(fdtri(n - 1, df, share)), float(fdtri(df, n - 1, share))
    within = k * columns + (k * n - k - n) * error
    low = n * (rows - least * error) / (least * within + n * rows)
    high = n * (most * rows - error) / (within + n * most * rows)
    return low, high


def _correlation(x: Floats, y: Floats) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    dx, dy = dx / np.abs(dx).max(), dy / np.abs(dy).max()
    r = float(dx @ dy / math.sqrt(float(dx @ dx) * float(dy @ dy)))
    return math.copysign(1.0, r) if 1 - abs(r) <= ROUNDING else r


def _fisher(r: float, n: int, factor: float, confidence: float) -> Estimate:
    if abs(r) == 1:
        return Estimate(r, reason="no interval: the correlation is perfect")
    if n < _FEWEST_FISHER:
        return Estimate(r, reason=f"no interval: it needs at least {_FEWEST_FISHER} pairs")
    margin = float(t_critical(confidence, np.inf)) * math.sqrt(factor / (n - 3))
    z = math.atanh(r)
    return Estimate(r, math.tanh(z - margin), math.tanh(z + margin))


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(mean_rank[place.ravel()], dtype=np.float64)
