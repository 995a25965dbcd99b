"""Whether the dilutions of one sample agree, and whether the signal hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.curve_models import FloatArray
from assaykit.curves.standard_points import Levels
from assaykit.errors import CurveError

if TYPE_CHECKING:
    import pandas as pd


def dilution_linearity(
    dilution_factor: ArrayLike, concentration: ArrayLike, tolerance_percent: float = 20.0
) -> pd.DataFrame:
    """Whether the dilutions of a sample give one concentration.

    Each dilution is multiplied back and compared with the least diluted one that has a
    number, as kit inserts do.

    Parameters
    ----------
    dilution_factor
        Of each well; 1 is undiluted.
    concentration
        Back-calculated concentration in each well, before multiplying back; missing where
        it is out of range.
    tolerance_percent
        Largest distance of the recovery from 100 %.

    Returns
    -------
    pandas.DataFrame
        One row for each dilution, least diluted first: ``dilution_factor``, ``n`` (wells with
        a number), ``back_calculated_concentration`` (their mean), ``corrected_concentration``
        (multiplied back), ``recovery_percent``, ``passed`` (missing without a number and for
        the reference itself).

    Raises
    ------
    CurveError
        Factors and concentrations do not fit together, or a factor is not above zero.

    Examples
    --------
    >>> dilution_linearity([1, 2, 4], [np.nan, 50.0, 30.0])["recovery_percent"].tolist()
    [nan, 100.0, 120.0]
    """
    import pandas as pd

    fold, found = _series(dilution_factor, concentration)
    factors = np.unique(fold)
    n = np.array([np.isfinite(found[fold == factor]).sum() for factor in factors])
    means = np.array([_mean(found[(fold == factor) & np.isfinite(found)]) for factor in factors])
    corrected = means * factors
    known = np.flatnonzero(n)
    recovery, passed = np.full(len(factors), np.nan), np.full(len(factors), None, dtype=object)
    if len(known):
        recovery = 100.0 * corrected / corrected[known[0]]
        passed[known[1:]] = np.abs(recovery[known[1:]] - 100.0) <= tolerance_percent
    return pd.DataFrame(
        {
            "dilution_factor": factors,
            "n": n,
            "back_calculated_concentration": means,
            "corrected_concentration": corrected,
            "recovery_percent": recovery,
            "passed": pd.array(passed, dtype="boolean"),
        }
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _series(dilution_factor: ArrayLike, value: ArrayLike) -> tuple[FloatArray, FloatArray]:
    fold = np.atleast_1d(np.asarray(dilution_factor, dtype=np.float64))
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    if fold.ndim != 1 or fold.shape != values.shape:
        raise CurveError(
            f"Every well needs a dilution factor and a value; found {fold.size} factors and "
            f"{values.size} values."
        )
    if not ((fold > 0) & np.isfinite(fold)).all():
        raise CurveError("A dilution factor must be a number above zero; 1 is undiluted.")
    return fold, values


@dataclass(frozen=True)
class HookEffect:
    """Whether the signal falls where the concentration is highest.

    Parameters
    ----------
    detected
        Whether a less diluted well is clearly weaker than a more diluted one.
    strongest_dilution_factor
        The dilution with the strongest signal.
    drop_percent
        By how much the least diluted signal is weaker than the strongest.
    """

    detected: bool
    strongest_dilution_factor: float
    drop_percent: float


def hook_effect(
    dilution_factor: ArrayLike,
    response: ArrayLike,
    *,
    falling: bool = False,
    tolerance_percent: float = 10.0,
) -> HookEffect:
    """Look for a hook (prozone) effect in the dilutions of a sample.

    In a sandwich ELISA a great excess of analyte lowers the signal again, so that an
    undiluted sample reads as a low one.

    Parameters
    ----------
    dilution_factor, response
        Of each well of the sample; wells without a finite response are left out.
    falling
        Whether the standard curve falls, so that the strongest signal is the lowest.
    tolerance_percent
        Weaker by no more than this is scatter.

    Returns
    -------
    HookEffect
        Never detected with fewer than two dilutions.

    Raises
    ------
    CurveError
        Factors and responses do not fit together, or no response is a number.

    Examples
    --------
    >>> hook_effect([1, 10, 100], [1.2, 2.4, 0.9])
    HookEffect(detected=True, strongest_dilution_factor=10.0, drop_percent=50.0)
    """
    fold, values = _series(dilution_factor, response)
    known = np.isfinite(values)
    if not known.any():
        raise CurveError("No well of the sample has a finite response.")
    levels = Levels.of(fold[known])
    means = levels.means(values[known])
    strongest = int(np.argmin(means) if falling else np.argmax(means))
    change = means[0] - means[strongest] if falling else means[strongest] - means[0]
    scale = max(abs(means[strongest]), abs(means[0]))
    drop = float(100.0 * change / scale) if scale else 0.0
    return HookEffect(drop > tolerance_percent, float(levels.concentration[strongest]), drop)
