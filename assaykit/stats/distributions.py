"""Student's t, the largest of several correlated t values, and the studentised range.

All three are computed by quadrature on fixed nodes: the same input gives the same digits,
unlike the randomised integration that other programs use for the multivariate t.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Densities below exp(-41) = 1e-18 of their peak are left out of the sums.
_TAIL = 41.0

_LATTICE_POINTS = 1 << 13


def t_two_sided(statistic: ArrayLike, df: ArrayLike) -> Floats:
    """Probability that Student's t is further from zero than this, on either side.

    Parameters
    ----------
    statistic, df
        Values of t and their degrees of freedom, which need not be whole; infinite ones make it
        the normal distribution.

    Examples
    --------
    >>> round(float(t_two_sided(2.228139, 10)), 6)
    0.05
    """
    from scipy.special import betainc, ndtr

    nu, t = np.asarray(df, dtype=np.float64), np.asarray(statistic, dtype=np.float64)
    finite = np.where(np.isinf(nu), 1.0, nu)
    p = betainc(finite / 2, 0.5, finite / (finite + t**2))
    return np.asarray(np.where(np.isinf(nu), 2 * ndtr(-np.abs(t)), p), dtype=np.float64)


def t_critical(confidence: float, df: ArrayLike) -> Floats:
    """Value that ``|t|`` stays below with this probability.

    Examples
    --------
    >>> round(float(t_critical(0.95, 10)), 6)
    2.228139
    """
    from scipy.special import betaincinv, ndtri

    nu = np.asarray(df, dtype=np.float64)
    finite = np.where(np.isinf(nu), 1.0, nu)
    share = betaincinv(finite / 2, 0.5, 1 - confidence)
    limit = np.sqrt(finite * (1 - share) / share)
    return np.asarray(np.where(np.isinf(nu), ndtri((1 + confidence) / 2), limit), dtype=np.float64)


def largest_t_cdf(limit: float, correlation: Floats, df: float) -> float:
    """Probability that none of several correlated t values is further from zero than a limit.

    The multivariate t of Dunnett (1955). Where every correlation is a product of two loadings
    (arms against a common arm in one-way and in complete-block designs, and always for two t
    values) the integral has two dimensions and is exact to about 1e-11. For other correlations
    the nearest such integral is corrected by the difference of two sums over a fixed lattice
    after Genz's transformation (Genz & Bretz 2009): about 1e-6.

    Parameters
    ----------
    limit
        The limit, at least 0.
    correlation
        Correlation matrix of the t values.
    df
        Their common degrees of freedom.

    Examples
    --------
    >>> correlation = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> round(largest_t_cdf(2.3334115469, correlation, 27), 8)
    0.95
    """
    if len(correlation) == 1:
        return float(1 - t_two_sided(limit, df))
    loadings = _loadings(correlation)
    if loadings is None:
        return _lattice_cdf(limit, correlation, df)
    near = np.outer(loadings, loadings)
    np.fill_diagonal(near, 1)
    exact = _one_factor_cdf(limit, loadings, df)
    if np.allclose(np.abs(correlation), near, rtol=0, atol=1e-10):
        return exact
    return exact + _lattice_cdf(limit, correlation, df) - _lattice_cdf(limit, near, df)


def largest_t_critical(confidence: float, correlation: Floats, df: float) -> float:
    """Limit that the largest of several correlated ``|t|`` stays below with this probability.

    Examples
    --------
    >>> correlation = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> round(largest_t_critical(0.95, correlation, 27), 8)
    2.33341155
    """
    rows = tuple(map(tuple, correlation.round(12).tolist()))
    return _largest_t_critical(confidence, rows, df)


@lru_cache(maxsize=256)
def _largest_t_critical(confidence: float, rows: tuple[tuple[float, ...], ...], df: float) -> float:
    correlation = np.array(rows)
    return _solve(lambda c: largest_t_cdf(c, correlation, df), confidence, len(rows), df)


def studentised_range_cdf(limit: float, arms: int, df: float) -> float:
    """Probability that the studentised range of several means stays below a limit (Tukey).

    Parameters
    ----------
    limit
        The limit q, at least 0; for a difference of two means it is ``|t| * sqrt(2)``.
    arms
        How many means.
    df
        Degrees of freedom of the standard error.

    Examples
    --------
    >>> round(studentised_range_cdf(3.876777, 3, 10), 6)
    0.95
    """
    from scipy.special import ndtr

    scale, weight = _scale_nodes(df)
    z, density = _normal_nodes(0.2)
    below = ndtr(z) - ndtr(z - limit * scale[:, None])
    return float(arms * weight @ (below ** (arms - 1) @ density))


@lru_cache(maxsize=256)
def studentised_range_critical(confidence: float, arms: int, df: float) -> float:
    """Limit that the studentised range stays below with this probability.

    Examples
    --------
    >>> round(studentised_range_critical(0.95, 3, 10), 6)
    3.876777
    """
    root_two = float(np.sqrt(2))
    pairs = arms * (arms - 1) // 2
    return root_two * _solve(
        lambda t: studentised_range_cdf(t * root_two, arms, df), confidence, pairs, df
    )


def _solve(cdf: Callable[[float], float], confidence: float, count: int, df: float) -> float:
    """Find where the cdf reaches the confidence: between one test and Bonferroni's ``count``."""
    from scipy.optimize import brentq

    low = 0.999 * float(t_critical(confidence, df))
    high = 1.001 * float(t_critical(1 - (1 - confidence) / count, df))
    return float(brentq(lambda limit: cdf(limit) - confidence, low, high, xtol=1e-12, rtol=1e-12))


def _scale_nodes(df: float) -> tuple[Floats, Floats]:
    """Nodes and weights for ``sqrt(chi2(df) / df)``: trapezoids over its logarithm."""
    from scipy.optimize import brentq

    if np.isinf(df):
        return np.ones(1), np.ones(1)

    def beyond(log_scale: float) -> float:
        return float(log_scale - np.exp(2 * log_scale) / 2 + 0.5 + _TAIL / df)

    low, high = brentq(beyond, -2 - _TAIL / df, 0.0), brentq(beyond, 0.0, 2 + np.log1p(_TAIL / df))
    step = min(0.1, 0.4 / np.sqrt(2 * df))
    nodes = np.linspace(low, high, int((high - low) / step) + 2)
    weight = np.exp(df * (nodes - np.exp(2 * nodes) / 2 + 0.5))
    return np.asarray(np.exp(nodes)), np.asarray(weight / weight.sum())


def _normal_nodes(step: float) -> tuple[Floats, Floats]:
    """Nodes and weights for the standard normal: trapezoids."""
    half = int(np.ceil(np.sqrt(2 * _TAIL) / step))
    nodes = np.arange(-half, half + 1, dtype=np.float64) * step
    weight = np.exp(-(nodes**2) / 2)
    return nodes, np.asarray(weight / weight.sum(), dtype=np.float64)


def _loadings(correlation: Floats) -> Floats | None:
    """Find ``a`` such that ``a[i] * a[j]`` is ``correlation[i, j]``, or comes near to it.

    The logarithms are fitted by least squares; two t values of either sign are always met.
    """
    size = len(correlation)
    if size == 2:
        return np.full(2, np.sqrt(abs(correlation[0, 1])))
    if np.any(correlation <= 0):
        return None
    sums = np.log(correlation - np.diag(np.diag(correlation) - 1)).sum(axis=1)
    loadings = np.exp((sums - sums.sum() / (2 * size - 2)) / (size - 2))
    return np.asarray(np.minimum(loadings, 0.999), dtype=np.float64)


def _one_factor_cdf(limit: float, loadings: Floats, df: float) -> float:
    """Integrate over what all t values share (a normal and the scale); the rest factors."""
    from scipy.special import ndtr

    scale, weight = _scale_nodes(df)
    rest = np.sqrt(1 - loadings**2)
    z, density = _normal_nodes(min(0.2, float(rest.min()) / 2))
    bound = limit * scale[:, None]
    inside = np.ones((len(scale), len(z)))
    for loading, spread in zip(loadings, rest, strict=True):
        inside *= ndtr((bound - loading * z) / spread) - ndtr((-bound - loading * z) / spread)
    return float(weight @ inside @ density)


def _lattice_cdf(limit: float, correlation: Floats, df: float) -> float:
    """Integrate by Genz's transformation to the unit cube, over a fixed lattice."""
    from scipy.special import gammaincinv, ndtr, ndtri

    root = np.linalg.cholesky(correlation)
    points, weight = _lattice(len(correlation))
    scale = 1.0 if np.isinf(df) else np.sqrt(2 * gammaincinv(df / 2, points[0]) / df)
    bound = limit * scale * np.ones(points.shape[1])
    drawn = np.zeros_like(points)
    inside = np.ones_like(bound)
    for i, row in enumerate(root):
        centre = row[:i] @ drawn[:i]
        lower = ndtr((-bound - centre) / row[i])
        width = ndtr((bound - centre) / row[i]) - lower
        inside *= width
        if i + 1 < len(root):
            drawn[i] = ndtri(np.clip(lower + points[i + 1] * width, 1e-300, 1 - 1e-16))
    return float(weight @ inside)


@lru_cache(maxsize=16)
def _lattice(dimensions: int) -> tuple[Floats, Floats]:
    """Points of a Richtmyer lattice, folded to make the integrand periodic, and weights."""
    index = np.arange(1, _LATTICE_POINTS + 1)
    points = np.outer(np.sqrt(_primes(dimensions)), index) % 1
    weight = np.sin(np.pi * index / (_LATTICE_POINTS + 1)) ** 2
    return 1 - np.abs(2 * points - 1), weight / weight.sum()


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
