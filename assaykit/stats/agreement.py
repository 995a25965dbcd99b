"""How two measurements of the same things agree: by eye and by program, dye and picture.

A correlation says whether two measurements rise together, not whether they give the same number;
so all of them stand side by side, with intervals: correlations, concordance, the intraclass
correlation, and the differences with their limits of agreement. For categories there is kappa.

Every pair counts as one independent thing. Pairs of wells of one culture are alike, so that their
intervals are too narrow; means of biological replicates have honest ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from assaykit.errors import UsageError
from assaykit.stats.correlations import (
    ROUNDING,
    Estimate,
    concordance,
    intraclass_correlation,
    missing,
    pearson,
    spearman,
)
from assaykit.stats.distributions import Floats, t_critical, t_two_sided
from assaykit.stats.kappa import Kappa, cohen_kappa

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Agreement", "Estimate", "Kappa", "agreement", "agreement_points", "cohen_kappa",
    "intraclass_correlation",
]  # fmt: skip

Scale = Literal["linear", "log", "standardised"]

COVERAGE = 0.95
"""Share of the differences that the limits of agreement hold."""

EFFECTS: dict[str, str] = {
    "linear": "difference",
    "log": "ratio",
    "standardised": "difference of standardised values",
}
"""What the mean difference and the limits are on each scale; always first against second."""

_FEWEST = 3
_DIFFERENCES = ("mean_difference", "lower_limit", "upper_limit")
_WORDS = {
    "pearson": ("Pearson correlation", "Fisher's z"),
    "spearman": ("Spearman rank correlation", "Fisher's z; Bonett & Wright 2000"),
    "concordance": ("concordance correlation", "Lin 1989, corrected 2000; his z"),
    "intraclass": ("intraclass correlation ICC(A,1)", "two-way; McGraw & Wong 1996"),
    "mean_difference": ("mean difference", "Student's t"),
    "lower_limit": ("lower 95 % limit of agreement", "Bland & Altman 1999"),
    "upper_limit": ("upper 95 % limit of agreement", "Bland & Altman 1999"),
    "proportional_bias": ("slope of difference on mean", "least squares; Bland & Altman 1999"),
}


@dataclass(frozen=True)
class Agreement:
    """What :func:`agreement` found about two measurements of the same things.

    Parameters
    ----------
    n, n_missing
        Pairs that count, and pairs left out because a value is missing.
    scale, confidence
        The scale, and the coverage of all intervals.
    pearson, spearman, concordance, intraclass
        Correlations; without unit.
    mean_difference, lower_limit, upper_limit
        First minus second, in the unit of the values; on the scale ``log`` first over second as a
        ratio; on ``standardised`` in standard deviations.
    proportional_bias
        Change of the difference per unit of the mean of a pair (on ``log`` of logarithms). Zero
        says that the difference is the same for small and large values.
    sd_difference
        Standard deviation of the differences (on ``log`` of natural logarithms).

    Examples
    --------
    >>> one = agreement([1.0, 2.1, 2.9, 4.2], [1.1, 2.0, 3.1, 4.0])
    >>> one.n, round(one.pearson.value, 3), round(one.mean_difference.value, 3)
    (4, 0.992, 0.0)
    """

    n: int
    n_missing: int
    scale: Scale
    confidence: float
    pearson: Estimate
    spearman: Estimate
    concordance: Estimate
    intraclass: Estimate
    mean_difference: Estimate
    lower_limit: Estimate
    upper_limit: Estimate
    proportional_bias: Estimate
    sd_difference: float

    def table(self) -> pd.DataFrame:
        """All estimates, one per row, for a sheet.

        Returns
        -------
        DataFrame
            statistic, estimate, ci_low, ci_high, p_value, n, scale, method, reason.

        Examples
        --------
        >>> table = agreement([1.0, 2.1, 2.9, 4.2], [1.1, 2.0, 3.1, 4.0]).table()
        >>> table.loc[0, ["statistic", "method"]].tolist()
        ['Pearson correlation', "Fisher's z"]
        """
        import pandas as pd

        rows = []
        for name, (statistic, method) in _WORDS.items():
            one: Estimate = getattr(self, name)
            numbers = {"ci_low": one.ci_low, "ci_high": one.ci_high, "p_value": one.p_value}
            scale = EFFECTS[self.scale] if "difference" in name or "limit" in name else self.scale
            rows.append(
                {"statistic": statistic, "estimate": one.value, **numbers, "n": self.n,
                 "scale": scale, "method": method, "reason": one.reason}
            )  # fmt: skip
        return pd.DataFrame(rows)


def agreement(
    first: ArrayLike, second: ArrayLike, *, scale: Scale = "linear", confidence: float = 0.95
) -> Agreement:
    """Compare two measurements of the same things.

    Parameters
    ----------
    first, second
        Values of the same things in the same order; a pair with a missing or infinite value is
        left out and counted.
    scale
        ``linear`` for the same unit in both; ``log`` where differences grow with the value (all
        values above 0; differences become ratios); ``standardised`` for two units: each
        measurement in its own standard deviations around its own mean. Standardising makes the
        mean difference and the proportional bias zero and the concordance equal to Pearson's
        correlation, so these are missing there, with the reason.
    confidence
        Coverage of the intervals. The limits of agreement are those of 95 % of the differences
        whatever the confidence is.

    Returns
    -------
    Agreement
        A number that cannot be given is missing and says why; nothing warns.

    Raises
    ------
    UsageError
        Texts, several dimensions, unequal lengths, an unknown scale, or a confidence that is not
        between 0 and 1.

    Notes
    -----
    Pearson's interval by Fisher's z with standard error ``1 / sqrt(n - 3)``. Spearman's (average
    ranks for ties) with ``sqrt((1 + rho**2 / 2) / (n - 3))``: Bonett DG, Wright TA, *Psychometrika*
    2000;65:23. Concordance with variances over n: Lin LI, *Biometrics* 1989;45:255, standard error
    of z as corrected in 2000;56:324. Intraclass correlation: see :func:`intraclass_correlation`.
    Limits ``mean ± 1.96 SD``; the variance of a limit is ``SD**2 (1/n + 1.96**2 / (2 (n - 1)))``:
    Bland JM, Altman DG, *Stat Methods Med Res* 1999;8:135. Those of standardised values follow
    from Pearson's correlation alone, ``± 1.96 sqrt(2 (1 - r))``, and so does their interval.

    Examples
    --------
    >>> by_eye, by_program = [12, 7, 30, 22, 18], [11, 9, 27, 22, None]
    >>> one = agreement(by_eye, by_program)
    >>> one.n, one.n_missing, round(one.concordance.value, 3)
    (4, 1, 0.974)
    """
    x, y = _pairs(first, second)
    _check(x, y, scale, confidence)
    there = np.isfinite(x) & np.isfinite(y)
    x, y, given = x[there], y[there], len(x)
    why = _why_nothing(x, y, scale)
    if why:
        parts: dict[str, Any] = dict.fromkeys(_WORDS, missing(why))
        spread = math.nan
    else:
        size = max(float(np.abs(x).max()), float(np.abs(y).max())) or 1.0
        x, y = (np.log(x), np.log(y)) if scale == "log" else (x / size, y / size)
        size = 1.0 if scale == "log" else size
        parts, spread = _estimates(x, y, scale, confidence)
        parts.update({name: _told(parts[name], scale, size) for name in _DIFFERENCES})
        spread *= 1.0 if scale == "standardised" else size
    return Agreement(
        n=len(x), n_missing=given - len(x), scale=scale, confidence=confidence, **parts,
        sd_difference=spread,
    )  # fmt: skip


def _estimates(
    x: Floats, y: Floats, scale: str, confidence: float
) -> tuple[dict[str, Estimate], float]:
    """All estimates by name, and the standard deviation of the differences."""
    still = _why_still(x, y)
    varying: dict[str, Callable[[Floats, Floats, float], Estimate]] = {
        "pearson": pearson, "spearman": spearman, "concordance": concordance,
        "intraclass": _intraclass_of_two, "proportional_bias": _proportional_bias,
    }  # fmt: skip
    found = {
        name: missing(still) if still else estimate(x, y, confidence)
        for name, estimate in varying.items()
    }
    if scale != "standardised":
        differences, spread = _differences(x, y, confidence)
        return {**found, **differences}, spread
    same = "the same as Pearson's correlation, as both are standardised"
    zero = "zero, as both are standardised"
    found.update(dict.fromkeys(("concordance", "intraclass"), missing(still or same)))
    found.update(dict.fromkeys(("mean_difference", "proportional_bias"), missing(still or zero)))
    lower, upper = _standardised_limits(found["pearson"])
    spread = math.sqrt(2 * max(1 - found["pearson"].value, 0.0)) if not still else math.nan
    return {**found, "lower_limit": lower, "upper_limit": upper}, spread


def agreement_points(
    first: ArrayLike, second: ArrayLike, *, scale: Scale = "linear"
) -> pd.DataFrame:
    """The pairs as :func:`agreement` compares them, for a figure.

    Parameters
    ----------
    first, second, scale
        As for :func:`agreement`.

    Returns
    -------
    DataFrame
        One row per pair that counts, at its place among those given (``pair``, from 0): first,
        second (standardised on that scale, else as given), mean and difference (on the scale
        ``log`` the geometric mean and the ratio first over second). Empty where nothing can be
        compared.

    Raises
    ------
    UsageError
        As for :func:`agreement`.

    Examples
    --------
    >>> points = agreement_points([1.0, 4.0, 9.0], [4.0, 4.0, 1.0], scale="log")
    >>> points[["mean", "difference"]].round(2).to_numpy().tolist()
    [[2.0, 0.25], [4.0, 1.0], [3.0, 9.0]]
    """
    import pandas as pd

    x, y = _pairs(first, second)
    _check(x, y, scale, 0.95)
    pair = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    x, y = x[pair], y[pair]
    still = _why_still(x, y) if scale == "standardised" and len(x) else ""
    if still or _why_nothing(x, y, scale):
        pair, x, y = pair[:0], x[:0], y[:0]
    elif scale == "standardised":
        x, y = _standardised(x), _standardised(y)
    with np.errstate(over="ignore", under="ignore"):
        mean, difference = x / 2 + y / 2, x - y
        if scale == "log":
            mean, difference = np.sqrt(x) * np.sqrt(y), x / y
    columns = {"pair": pair, "first": x, "second": y, "mean": mean, "difference": difference}
    return pd.DataFrame(columns)


def _pairs(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    import pandas as pd

    found = []
    for values in (first, second):
        try:
            listed = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
            found.append(listed.to_numpy(dtype=np.float64, na_value=np.nan))
        except (TypeError, ValueError) as error:
            message = "Expected two lists of numbers; found texts, or more than one dimension."
            raise UsageError(message) from error
    return found[0], found[1]


def _check(x: Floats, y: Floats, scale: str, confidence: float) -> None:
    """Complain about all arguments that do not fit, at once."""
    wrong = []
    if len(x) != len(y):
        wrong.append(f"found {len(x)} and {len(y)} values, expected the same things in both")
    if scale not in EFFECTS:
        wrong.append(f"found the scale '{scale}', expected one of {', '.join(EFFECTS)}")
    if not 0 < confidence < 1:
        wrong.append(f"found the confidence {confidence:g}, expected one between 0 and 1")
    if wrong:
        raise UsageError("Agreement: " + "; ".join(wrong) + ".")


def _why_nothing(x: Floats, y: Floats, scale: str) -> str:
    """Why nothing at all can be said about these pairs; else empty."""
    if len(x) < _FEWEST:
        return f"it needs at least {_FEWEST} pairs, found {len(x)}"
    low = int(np.sum((x <= 0) | (y <= 0)))
    if scale == "log" and low:
        return f"{low} of {len(x)} pairs have a value that is not above 0 and has no logarithm"
    return ""


def _why_still(x: Floats, y: Floats) -> str:
    """Why nothing can be correlated; else empty."""
    for name, values in (("first", x), ("second", y)):
        largest = float(np.abs(values).max())
        if largest == 0 or float(np.ptp(values / largest)) <= ROUNDING:
            return f"all values of the {name} measurement are equal"
    return ""


def _intraclass_of_two(x: Floats, y: Floats, confidence: float) -> Estimate:
    return intraclass_correlation(np.column_stack([x, y]), confidence)


def _differences(x: Floats, y: Floats, confidence: float) -> tuple[dict[str, Estimate], float]:
    """Mean difference and limits of agreement, and the standard deviation of the differences."""
    n, d = len(x), x - y
    mean, spread = float(d.mean()), float(d.std(ddof=1))
    if float(np.ptp(d)) <= ROUNDING * max(float(np.abs(x).max()), float(np.abs(y).max())):
        equal = Estimate(mean, reason="no interval: all differences are equal")
        return dict.fromkeys(_DIFFERENCES, equal), 0.0
    t, z = float(t_critical(confidence, n - 1)), float(t_critical(COVERAGE, np.inf))
    error = spread / math.sqrt(n)
    p = float(t_two_sided(mean / error, n - 1))
    found = {"mean_difference": Estimate(mean, mean - t * error, mean + t * error, p)}
    margin = t * spread * math.sqrt(1 / n + z**2 / (2 * (n - 1)))
    for name, limit in (("lower_limit", mean - z * spread), ("upper_limit", mean + z * spread)):
        found[name] = Estimate(limit, limit - margin, limit + margin)
    return found, spread


def _standardised_limits(r: Estimate) -> tuple[Estimate, Estimate]:
    """Limits of agreement of standardised values from Pearson's correlation."""
    z = float(t_critical(COVERAGE, np.inf))
    far, wide, narrow = (
        z * math.sqrt(2 * max(1 - value, 0.0)) for value in (r.value, r.ci_low, r.ci_high)
    )
    return (
        Estimate(-far, -wide, -narrow, reason=r.reason),
        Estimate(far, narrow, wide, reason=r.reason),
    )


def _proportional_bias(x: Floats, y: Floats, confidence: float) -> Estimate:
    """Slope of the difference on the mean of a pair."""
    mean, d = (x + y) / 2, x - y
    about, rise = mean - mean.mean(), d - d.mean()
    largest = max(float(np.abs(x).max()), float(np.abs(y).max()))
    if float(np.ptp(mean)) <= ROUNDING * largest:
        return missing("all pairs have the same mean")
    slope = float(about @ rise / (about @ about))
    rest = rise - slope * about
    if float(np.abs(rest).max()) <= ROUNDING * largest:
        return Estimate(slope, reason="no interval: the differences lie on a straight line")
    df = len(x) - 2
    error = math.sqrt(float(rest @ rest) / df / float(about @ about))
    margin = float(t_critical(confidence, df)) * error
    return Estimate(slope, slope - margin, slope + margin, float(t_two_sided(slope / error, df)))


def _told(one: Estimate, scale: str, size: float) -> Estimate:
    """A difference as it is told: a ratio on the log scale, else in the unit of the values."""
    numbers = (one.value, one.ci_low, one.ci_high)
    if scale == "standardised":
        return one
    told = [math.exp(v) if scale == "log" else v * size for v in numbers]
    return replace(one, value=told[0], ci_low=told[1], ci_high=told[2])


def _standardised(values: Floats) -> Floats:
    size = float(np.abs(values).max())
    about = values / size - (values / size).mean()
    return np.asarray(about / about.std(ddof=1), dtype=np.float64)
