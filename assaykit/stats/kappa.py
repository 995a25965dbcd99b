"""Cohen's kappa: how far two classifications of the same things agree beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from assaykit.errors import UsageError
from assaykit.stats.distributions import Floats, t_critical, t_two_sided

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two classifications.

    Parameters
    ----------
    kappa
        1 is perfect, 0 as by chance; missing where there is a reason.
    standard_error, ci_low, ci_high
        Of kappa. An end beyond 1 says that the sample is too small for this interval.
    p_value
        Two-sided, against kappa = 0, with the standard error for that case.
    observed, expected
        Share of equal classes, as found and by chance.
    n, n_missing
        Pairs that count, and pairs left out because a class is missing.
    reason
        Why kappa or its interval is missing; else empty.

    Examples
    --------
    >>> cohen_kappa(["cell", "cell", "debris"], ["cell", "debris", "debris"]).n
    3
    """

    kappa: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    observed: float
    expected: float
    n: int
    n_missing: int
    reason: str = ""


def cohen_kappa(first: Any, second: Any, confidence: float = 0.95) -> Kappa:
    """Agreement of two classifications of the same things beyond chance, unweighted.

    Parameters
    ----------
    first, second
        Classes of the same things in the same order: texts, numbers or truth values; a pair with
        a missing class is left out and counted.
    confidence
        Coverage of the interval.

    Raises
    ------
    UsageError
        Unequal lengths, or a confidence that is not between 0 and 1.

    Notes
    -----
    Cohen J, *Educ Psychol Meas* 1960;20:37; standard errors: Fleiss JL, Cohen J, Everitt BS,
    *Psychol Bull* 1969;72:323.

    Examples
    --------
    >>> by_eye, by_program = list("aaaabbbb"), list("aaabbbba")
    >>> round(cohen_kappa(by_eye, by_program).kappa, 3)
    0.5
    """
    import pandas as pd

    a, b = pd.Series(list(first), dtype=object), pd.Series(list(second), dtype=object)
    if len(a) != len(b) or not 0 < confidence < 1:
        raise UsageError(
            f"Expected classes of the same things and a confidence between 0 and 1, found {len(a)} "
            f"and {len(b)} classes and {confidence:g}."
        )
    there = (a.notna() & b.notna()).to_numpy()
    codes, classes = pd.factorize(pd.concat([a[there], b[there]]))
    n, missing = int(there.sum()), int((~there).sum())
    if n == 0:
        return _no_kappa("there are no pairs", (math.nan, math.nan), (n, missing))
    shares = np.zeros((len(classes), len(classes)))
    np.add.at(shares, (codes[:n], codes[n:]), 1 / n)
    return _kappa(shares, (n, missing), confidence)


def _kappa(p: Floats, counts: tuple[int, int], confidence: float) -> Kappa:
    """Kappa of a table of shares."""
    n, rows, columns, same = counts[0], p.sum(axis=1), p.sum(axis=0), np.diag(p)
    observed, expected = float(same.sum()), float(rows @ columns)
    if 1 - expected <= _ROUNDING:
        return _no_kappa("there is only one class", (observed, expected), counts)
    kappa = (observed - expected) / (1 - expected)
    either = np.add.outer(columns, rows)  # of class i by the second and class j by the first
    variance = float(
        np.sum(same * (1 - (rows + columns) * (1 - kappa)) ** 2)
        + (1 - kappa) ** 2 * (np.sum(p * either**2) - np.sum(same * np.diag(either) ** 2))
        - (kappa - expected * (1 - kappa)) ** 2
    )
    error = math.sqrt(max(variance, 0.0) / n) / (1 - expected)
    by_chance = expected + expected**2 - float(np.sum(rows * columns * (rows + columns)))
    error_0 = math.sqrt(max(by_chance, 0.0) / n) / (1 - expected)
    p_value = float(t_two_sided(kappa / error_0, np.inf)) if error_0 > _ROUNDING else math.nan
    if observed > 1 - _ROUNDING or error <= _ROUNDING:
        why = "no interval: no class differs" if observed > 0.5 else "no interval: no class agrees"
        return Kappa(kappa, math.nan, math.nan, math.nan, p_value, observed, expected, *counts, why)
    margin = float(t_critical(confidence, np.inf)) * error
    return Kappa(
        kappa, error, kappa - margin, kappa + margin, p_value, observed, expected, *counts
    )  # fmt: skip


def _no_kappa(why: str, shares: tuple[float, float], counts: tuple[int, int]) -> Kappa:
    none = math.nan
    return Kappa(none, none, none, none, none, *shares, *counts, why)
