"""Responses turned back into concentrations, with intervals by inversion.

The interval is that of R's ``investr::invest(interval = "inversion")`` (Greenwell &
Schubert Kabban 2014): all concentrations whose prediction band covers the response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assaykit.curves.curve_fitting import power_of
from assaykit.curves.curve_models import BoolArray, FloatArray, turning_point
from assaykit.errors import CurveError

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.curves.standard_curve import StandardCurve

IN_RANGE = ""
NO_READING = "no_reading"
BEYOND_ASYMPTOTE = "beyond_asymptote"
BELOW_LLOQ = "below_lloq"
ABOVE_ULOQ = "above_uloq"

_ROUND_OFF = 1e-9
_REACH = 1e6
_GRID_PER_DECADE = 24
_HALVINGS = 36


def concentration_at(curve: StandardCurve, response: ArrayLike) -> FloatArray:
    """The concentration at which the curve has a response; missing where there is none.

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
    >>> concentration_at(curve, [0.7, 0.0]).round(6).tolist()
    [3.0, nan]
    """
    y = np.asarray(response, dtype=np.float64)
    return curve.kind.inverse(curve.kind.to_fitted_scale(y), curve.values)


def back_calculated(
    curve: StandardCurve,
    response: ArrayLike,
    replicates: ArrayLike,
    confidence: float,
    extrapolate: bool,
) -> pd.DataFrame:
    """What :meth:`assaykit.curves.StandardCurve.back_calculate` returns."""
    import pandas as pd

    y, m = _arguments(response, replicates, confidence)
    x = concentration_at(curve, y)
    flags = flags_of(curve, x, y)
    shown = np.isfinite(x) & (extrapolate | (flags == IN_RANGE))
    low, high = np.full_like(x, np.nan), np.full_like(x, np.nan)
    low[shown], high[shown] = _interval(curve, x[shown], y[shown], m[shown], confidence)
    return pd.DataFrame(
        {
            "concentration": np.where(shown, x, np.nan),
            "ci_low": low,
            "ci_high": high,
            "flag": flags,
        }
    )


def _arguments(
    response: ArrayLike, replicates: ArrayLike, confidence: float
) -> tuple[FloatArray, FloatArray]:
    y = np.atleast_1d(np.asarray(response, dtype=np.float64))
    m = np.asarray(replicates, dtype=np.float64)
    if y.ndim != 1 or m.shape not in ((), (1,), y.shape):
        raise CurveError(
            "Responses must be one list, and replicates one number or one for each response; "
            f"found the shapes {y.shape} and {m.shape}."
        )
    if not (m >= 1).all():
        raise CurveError(
            "A response is the mean of at least one reading; found replicates below 1."
        )
    if not 0 < confidence < 1:
        raise CurveError(f"The confidence must lie between 0 and 1; found {confidence:g}.")
    return y, np.broadcast_to(m, y.shape)


def flags_of(curve: StandardCurve, x: FloatArray, y: FloatArray) -> NDArray[np.object_]:
    """Why a concentration x, calculated from a response y, is no number; empty where it is.

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
    >>> flags_of(curve, np.array([3.0, 5.0, np.nan]), np.array([0.7, 1.1, 0.0])).tolist()
    ['', 'above_uloq', 'beyond_asymptote']
    """
    return np.select(
        [
            np.isnan(y),
            np.isnan(x),
            x < curve.lloq * (1 - _ROUND_OFF),
            x > curve.uloq * (1 + _ROUND_OFF),
        ],
        [NO_READING, BEYOND_ASYMPTOTE, BELOW_LLOQ, ABOVE_ULOQ],
        IN_RANGE,
    ).astype(object)


def _interval(
    curve: StandardCurve, x: FloatArray, y: FloatArray, m: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Where the band stops covering the response, searched outwards from the estimate."""
    from scipy.special import stdtrit

    if len(x) == 0:
        return x, x
    fitted = curve.kind.to_fitted_scale(y)
    squared_t = stdtrit(curve.degrees_of_freedom + m - 1, (1 + confidence) / 2) ** 2
    if not np.isfinite(squared_t * curve.residual_standard_error).all():
        return np.full_like(x, np.nan), np.full_like(x, np.nan)

    def outside(at: FloatArray) -> BoolArray:
        """Whether the band at concentrations (responses x any) misses the responses."""
        mean, of_reading, of_curve = _band(curve, at)
        reach = squared_t[:, None] * (of_reading / m[:, None] + of_curve)
        return np.asarray((fitted[:, None] - mean) ** 2 > reach)

    grid = _grid(curve)
    missed = outside(grid[None, :])
    below, above = _bracket_below(grid, missed, x), _bracket_above(grid, missed, x)
    edges = _edges(outside, *np.stack([below, above], axis=-1))
    low, high = edges.T
    return np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), np.inf, high)


def _bracket_below(
    grid: FloatArray, missed: BoolArray, x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The last missed concentration below each estimate (or none), and the next one covered."""
    candidates = missed & (grid < x[:, None])
    last = len(grid) - 1 - np.argmax(candidates[:, ::-1], axis=1)
    outer = np.where(candidates.any(axis=1), grid[last], np.nan)
    return outer, np.minimum(grid[np.minimum(last + 1, len(grid) - 1)], x)


def _bracket_above(
    grid: FloatArray, missed: BoolArray, x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The first missed concentration above each estimate (or none), and the one before it."""
    candidates = missed & (grid > x[:, None])
    first = np.argmax(candidates, axis=1)
    outer = np.where(candidates.any(axis=1), grid[first], np.nan)
    return outer, np.maximum(grid[np.maximum(first - 1, 0)], x)


def _edges(
    outside: Callable[[FloatArray], BoolArray], outer: FloatArray, inner: FloatArray
) -> FloatArray:
    """Halve the brackets between missed and covered concentrations (responses x 2)."""
    for _ in range(_HALVINGS):
        middle = (outer + inner) / 2.0
        missed = outside(middle)
        outer, inner = np.where(missed, middle, outer), np.where(missed, inner, middle)
    return (outer + inner) / 2.0


def _band(curve: StandardCurve, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The curve, the variance of one reading and the variance of the curve, at concentrations."""
    mean = curve.kind.curve(x, curve.values)
    jacobian = curve.kind.jacobian(x, curve.values)
    of_curve = np.sum(jacobian @ curve.covariance * jacobian, axis=-1)
    scale = np.maximum(mean, 0.0) ** power_of(curve.weighting)
    of_reading = scale * curve.residual_standard_error**2 * curve.readings_per_point
    return mean, of_reading, of_curve


def _grid(curve: StandardCurve) -> FloatArray:
    """Concentrations from (nearly) zero to far above the standards, where one way leads up."""
    above_zero = curve.concentration[curve.concentration > 0]
    lowest, highest = np.log10(above_zero.min() / _REACH), np.log10(above_zero.max() * _REACH)
    count = int((highest - lowest) * _GRID_PER_DECADE)
    grid = np.concatenate([[0.0], np.logspace(lowest, highest, count)])
    if curve.kind.logarithmic:
        return grid[1:]
    if curve.model == "quadratic" and turning_point(curve.values) > 0:
        return grid[grid < turning_point(curve.values)]
    return grid
