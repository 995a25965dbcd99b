"""Which levels of a standard curve can be trusted, and the least that can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.back_calculation import concentration_at
from assaykit.curves.curve_models import BoolArray, FloatArray
from assaykit.curves.standard_points import Levels
from assaykit.errors import CurveError

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

    from assaykit.curves.standard_curve import StandardCurve

_Z95 = 1.645
_ENOUGH_BLANKS = 20


@dataclass(frozen=True)
class LevelCriteria:
    """When a level of a standard curve, and the curve, are accepted.

    The values are those of ICH M10 (2022), section 4.2.3 (ligand binding assays).

    Parameters
    ----------
    recovery_percent
        Largest distance of the recovery from 100 %.
    recovery_percent_at_ends
        The same at the lowest and highest level above zero.
    cv_percent
        Largest coefficient of variation of the responses of a level.
    share_of_levels
        Least share of the levels that must pass.
    minimum_levels
        Least number of levels above zero.
    """

    recovery_percent: float = 20.0
    recovery_percent_at_ends: float = 25.0
    cv_percent: float = 20.0
    share_of_levels: float = 0.75
    minimum_levels: int = 6


ICH_M10 = LevelCriteria()


def standard_levels(curve: StandardCurve, criteria: LevelCriteria = ICH_M10) -> pd.DataFrame:
    """One row for each level of the standards: scatter, back-calculation and recovery.

    Parameters
    ----------
    curve
        A fitted curve.
    criteria
        When a level passes. A level of one reading has no CV and passes on recovery alone;
        the zero standard has no recovery and is not judged.

    Returns
    -------
    pandas.DataFrame
        ``nominal_concentration``, ``n``, ``mean_response``, ``sd``, ``cv_percent`` (of the
        responses), ``back_calculated_concentration`` and ``recovery_percent`` (of the mean
        response, also outside the working range), ``passed`` (missing for the zero standard).

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
    >>> standard_levels(curve)[["nominal_concentration", "recovery_percent"]].round(1)
       nominal_concentration  recovery_percent
    0                    0.0               NaN
    1                    1.0             100.0
    2                    2.0             100.0
    3                    4.0             100.0
    """
    import pandas as pd

    levels = Levels.of(curve.concentration)
    nominal, counts = levels.concentration, levels.counts
    means = levels.means(curve.response)
    sds = _standard_deviations(levels, curve.response)
    found = concentration_at(curve, means)
    above_zero = nominal > 0
    recovery = np.full_like(nominal, np.nan)
    recovery[above_zero] = 100.0 * found[above_zero] / nominal[above_zero]
    cv = np.full_like(means, np.nan)
    np.divide(100.0 * sds, np.abs(means), out=cv, where=means != 0)
    good = _good_recovery(nominal, recovery, criteria) & ~(cv > criteria.cv_percent)
    return pd.DataFrame(
        {
            "nominal_concentration": nominal,
            "n": counts.astype(int),
            "mean_response": means,
            "sd": sds,
            "cv_percent": cv,
            "back_calculated_concentration": found,
            "recovery_percent": recovery,
            "passed": _judged(good, above_zero),
        }
    )


def _judged(good: BoolArray, judged: BoolArray) -> ExtensionArray:
    """Yes or no, missing where there is nothing to judge."""
    import pandas as pd

    return pd.array([bool(g) if j else pd.NA for g, j in zip(good, judged, strict=True)], "boolean")


def _standard_deviations(levels: Levels, response: FloatArray) -> FloatArray:
    squares = (response - levels.means(response)[levels.index]) ** 2
    freedom = levels.counts - 1.0
    sums = np.bincount(levels.index, weights=squares)
    variance = np.full_like(sums, np.nan)
    np.divide(sums, freedom, out=variance, where=freedom > 0)
    return np.sqrt(variance)


def _good_recovery(nominal: FloatArray, recovery: FloatArray, criteria: LevelCriteria) -> BoolArray:
    above_zero = nominal[nominal > 0]
    at_end = (nominal == above_zero.min()) | (nominal == above_zero.max())
    allowed = np.where(at_end, criteria.recovery_percent_at_ends, criteria.recovery_percent)
    return np.asarray(np.abs(recovery - 100.0) <= allowed)


@dataclass(frozen=True)
class QuantificationLimits:
    """The working range that the standards support.

    Parameters
    ----------
    lloq, uloq
        Lowest and highest level that passed; missing if none did.
    levels_passed, levels_total
        Counts of levels above zero.
    accepted
        Whether there are enough levels and enough of them passed.
    sentence
        The same in words.
    """

    lloq: float
    uloq: float
    levels_passed: int
    levels_total: int
    accepted: bool
    sentence: str


def quantification_limits(
    curve: StandardCurve, criteria: LevelCriteria = ICH_M10
) -> QuantificationLimits:
    """Lower and upper limit of quantification, and whether the curve is accepted.

    Parameters
    ----------
    curve
        A fitted curve.
    criteria
        When a level passes, how many levels there must be and how many must pass.

    Returns
    -------
    QuantificationLimits
        Give its limits to :meth:`StandardCurve.with_limits` to work within them.

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> x = [0, 1, 2, 4, 8, 16, 32]
    >>> curve = fit_standard_curve(x, [0.1 + 0.2 * c for c in x], model="linear")
    >>> print(quantification_limits(curve).sentence)
    6 of 6 levels passed (recovery within 20 %, 25 % at the ends; CV up to 20 %): accepted, \
with LLOQ 1 and ULOQ 32.
    """
    table = standard_levels(curve, criteria)
    table = table[table["nominal_concentration"] > 0]
    good = table.loc[table["passed"].astype(bool), "nominal_concentration"]
    passed, total = len(good), len(table)
    enough = total >= criteria.minimum_levels
    accepted = enough and passed >= criteria.share_of_levels * total
    lloq, uloq = (float(good.min()), float(good.max())) if passed else (np.nan, np.nan)
    return QuantificationLimits(
        lloq,
        uloq,
        passed,
        total,
        accepted,
        f"{passed} of {total} levels passed (recovery within {criteria.recovery_percent:g} %, "
        f"{criteria.recovery_percent_at_ends:g} % at the ends; CV up to "
        f"{criteria.cv_percent:g} %): {_verdict(accepted, enough, criteria)}"
        + (
            f", with LLOQ {lloq:g} and ULOQ {uloq:g}." if passed else "; there is no working range."
        ),
    )


def _verdict(accepted: bool, enough: bool, criteria: LevelCriteria) -> str:
    if accepted:
        return "accepted"
    if not enough:
        return f"not accepted (at least {criteria.minimum_levels} levels are needed)"
    return f"not accepted (at least {100 * criteria.share_of_levels:g} % must pass)"


@dataclass(frozen=True)
class DetectionLimit:
    """The least response that is no blank, and the least concentration that shows.

    Parameters
    ----------
    lob_response, lod_response
        Limit of blank and limit of detection as responses.
    lob, lod
        As concentrations; missing where the curve does not have such a response.
    n
        Number of blank readings.
    approximate
        Whether they are too few for the limits to be more than a rough guide.
    """

    lob_response: float
    lob: float
    lod_response: float
    lod: float
    n: int
    approximate: bool


def limit_of_detection(
    blank_responses: ArrayLike, low_responses: ArrayLike, curve: StandardCurve
) -> DetectionLimit:
    """Limit of blank and limit of detection after CLSI EP17.

    LoB = mean of blanks + 1.645 SD of blanks, LoD = LoB + 1.645 SD of a low sample; both
    with the opposite sign where the curve falls.

    Parameters
    ----------
    blank_responses
        Readings of blanks, on the scale of the curve; at least two.
    low_responses
        Readings of a sample of low concentration; with fewer than two, the SD of the blanks
        stands in for theirs.
    curve
        The curve that turns the limits into concentrations.

    Returns
    -------
    DetectionLimit
        ``approximate`` with fewer than 20 blanks or low readings.

    Raises
    ------
    CurveError
        There are fewer than two blanks.

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
    >>> limit = limit_of_detection([0.09, 0.10, 0.11], [0.29, 0.31], curve)
    >>> round(limit.lod, 3), limit.approximate
    (0.199, True)
    """
    blanks, low = _finite(blank_responses), _finite(low_responses)
    if len(blanks) < 2:
        raise CurveError(
            f"A limit of detection needs at least two blank readings; found {len(blanks)}. "
            "Add wells with the role 'blank'."
        )
    direction = -_Z95 if curve.falling else _Z95
    of_blanks = float(np.std(blanks, ddof=1))
    of_low = float(np.std(low, ddof=1)) if len(low) > 1 else of_blanks
    lob_response = float(blanks.mean()) + direction * of_blanks
    lod_response = lob_response + direction * of_low
    lob, lod = concentration_at(curve, [lob_response, lod_response])
    few = min(len(blanks), len(low)) < _ENOUGH_BLANKS
    return DetectionLimit(lob_response, float(lob), lod_response, float(lod), len(blanks), few)


def _finite(values: ArrayLike) -> FloatArray:
    found = np.atleast_1d(np.asarray(values, dtype=np.float64))
    return found[np.isfinite(found)]
