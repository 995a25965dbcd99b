"""Adjusting p values for the number of questions asked.

A missing p value (NaN: a contrast that is described, not tested) stays missing and does not
count as a question.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from assaykit.stats.distributions import (
    Floats,
    largest_t_cdf,
    studentised_range_cdf,
    t_two_sided,
)


def bonferroni(p_values: ArrayLike) -> Floats:
    """Bonferroni's adjustment: every p times their number.

    Examples
    --------
    >>> bonferroni([0.01, 0.04]).tolist()
    [0.02, 0.08]
    """
    return _adjust(p_values, lambda p: p * len(p))


def sidak(p_values: ArrayLike) -> Floats:
    """Adjust as Šidák (1967) did, exact for independent tests: ``1 - (1 - p)**m``.

    Examples
    --------
    >>> sidak([0.01, 0.04]).round(6).tolist()
    [0.0199, 0.0784]
    """
    return _adjust(p_values, lambda p: -np.expm1(len(p) * np.log1p(-np.minimum(p, 1 - 1e-16))))


def holm(p_values: ArrayLike) -> Floats:
    """Adjust step by step from the smallest p, valid for any set of contrasts (Holm 1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """

    def stepped(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")
        steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        return steps[np.argsort(order, kind="stable")]

    return _adjust(p_values, stepped)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Q values: the expected share of false findings up to each p (Benjamini & Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, float("nan")]).round(6).tolist()
    [0.03, 0.04, 0.04, nan]
    """

    def stepped(p: Floats) -> Floats:
        order = np.argsort(p, kind="stable")[::-1]
        shares = p[order] * len(p) / np.arange(len(p), 0, -1)
        return np.minimum.accumulate(shares)[np.argsort(order, kind="stable")]

    return _adjust(p_values, stepped)


def dunnett(statistics: ArrayLike, correlation: ArrayLike, df: float) -> Floats:
    """Adjusted p values of several arms against a common one, both sides (Dunnett 1955).

    Parameters
    ----------
    statistics
        t values of the contrasts, shape (k,).
    correlation
        Their correlations under the model, shape (k, k).
    df
        Their common degrees of freedom.

    Returns
    -------
    array, shape (k,)
        Probability that any of the k values of t would be as far from zero.

    Examples
    --------
    The blood counts of Dunnett (1955): two drugs against a control, 6, 4 and 5 animals.

    >>> share = np.sqrt(4 / 10 * 5 / 11)
    >>> dunnett([0.857032, 3.693752], [[1, share], [share, 1]], 12).round(5).tolist()
    [0.6201, 0.00583]
    """
    matrix = np.asarray(correlation, dtype=float)
    t = np.abs(np.asarray(statistics, dtype=float))
    joint = np.array([1 - largest_t_cdf(limit, matrix, df) for limit in t])
    return _between_one_and_all(joint, t_two_sided(t, df), len(t))


def tukey(statistics: ArrayLike, arms: int, df: ArrayLike) -> Floats:
    """Adjusted p values of all pairs of arms (Tukey; Kramer 1956 for unequal numbers).

    With Welch's standard errors and degrees of freedom for each pair these are the p values of
    Games and Howell (1976).

    Parameters
    ----------
    statistics
        t values of the pairs.
    arms
        How many arms the pairs are made of.
    df
        Degrees of freedom, one for all or one for each pair.

    Examples
    --------
    >>> tukey([3.659511, 6.392661], 3, 10).round(5).tolist()
    [0.01114, 0.00021]
    """
    t = np.abs(np.asarray(statistics, dtype=float))
    nu = np.broadcast_to(np.asarray(df, dtype=float), t.shape)
    pairs = zip(t * np.sqrt(2), nu, strict=True)
    joint = np.array([1 - studentised_range_cdf(q, arms, float(one)) for q, one in pairs])
    return _between_one_and_all(joint, t_two_sided(t, nu), arms * (arms - 1) // 2)


def _between_one_and_all(joint: Floats, single: Floats, count: int) -> Floats:
    """Keep rounding from taking a p below that of one test or above Bonferroni's."""
    return np.clip(joint, single, np.minimum(single * count, 1))


def _adjust(p_values: ArrayLike, method: Callable[[Floats], Floats]) -> Floats:
    p = np.array(p_values, dtype=float)
    tested = ~np.isnan(p)
    p[tested] = np.minimum(method(p[tested]), 1)
    return p
