"""Least squares for many sigmoid curves at once: starts, weights, 4PL and 5PL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.curve_models import BoolArray, FloatArray, model_named, share_reached
from assaykit.curves.shape_search import (
    SETTLED,
    TINY,
    CurveSearch,
    CurveTask,
    search_shapes,
)
from assaykit.errors import CurveError

WEIGHTINGS: dict[str, int] = {"none": 0, "1/y": 1, "1/y2": 2}

_REWEIGHTINGS = 200
_LOWEST_FIT = 1e-6
_STEEPNESS = np.log([0.5, 0.8, 1.25, 2.0, 4.0])
_MIDPOINTS = np.linspace(0.0, 1.0, 9)
_ASYMMETRY = np.log([0.3, 1.0, 3.0])


def power_of(weighting: str) -> int:
    """The power of the fitted response that a weighting divides by.

    Raises
    ------
    CurveError
        There is no such weighting.

    Examples
    --------
    >>> power_of("1/y2")
    2
    """
    if weighting not in WEIGHTINGS:
        raise CurveError(f"'{weighting}' is not a weighting. Use one of {', '.join(WEIGHTINGS)}.")
    return WEIGHTINGS[weighting]


def weights_of(fitted: FloatArray, power: int) -> FloatArray:
    """Weights 1/fitted**power; fitted values of zero or less count as barely positive.

    Examples
    --------
    >>> weights_of(np.array([0.5, 2.0]), 2).tolist()
    [4.0, 0.25]
    """
    lowest = _LOWEST_FIT * np.abs(fitted).max(axis=0) + TINY
    return np.asarray(np.maximum(fitted, lowest) ** float(-power))


def _grid(task: CurveTask) -> list[FloatArray]:
    """Shapes to begin with: arrays of curves (or 1) x shapes, steepness changing slowest."""
    first = np.where(np.isfinite(task.log_x), task.log_x, np.inf).min(axis=0)[:, None]
    reach = task.log_x.max(axis=0)[:, None] + np.log(10.0) - first
    axes = [_STEEPNESS, _MIDPOINTS, _ASYMMETRY][: len(task.low)]
    steepness, midpoint, *asymmetry = np.array(list(product(*axes))).T[:, None]
    return [steepness, first + midpoint * reach, *asymmetry]


def _grid_starts(task: CurveTask, starts: int) -> FloatArray:
    """The best shapes of the grid, of different steepness: shapes x starts x curves."""
    grid = _grid(task)
    share, _ = task.share_of(task.log_x[..., None], grid)
    share = share - share.mean(axis=0)
    share = share / (np.sqrt((share**2).sum(axis=0)) + TINY)
    y = task.response - task.response.mean(axis=0)
    explained = np.einsum("nkg,nk->kg", share, y) ** 2
    by_steepness = explained.reshape(y.shape[1], len(_STEEPNESS), -1)
    offsets = np.arange(len(_STEEPNESS)) * by_steepness.shape[2]
    best = by_steepness.argmax(axis=2) + offsets
    order = np.argsort(-by_steepness.max(axis=2), axis=1)[:, :starts]
    chosen = np.take_along_axis(best, order, axis=1)
    every = [np.broadcast_to(shape, explained.shape) for shape in grid]
    return np.stack([np.take_along_axis(shape, chosen, axis=1).T for shape in every])


def _search(task: CurveTask, power: int, starts: int) -> tuple[CurveSearch, FloatArray]:
    """Search from several starts, then iterate the weights; returns the weights as well."""
    curves = np.tile(np.arange(task.response.shape[1]), starts)
    first = _grid_starts(task, starts).reshape(len(task.low), -1)
    search = search_shapes(task.of(curves), first).best_of(starts)
    for _ in range(_REWEIGHTINGS if power else 0):
        weight = weights_of(task.fitted(search), power)
        task, before = replace(task, root_weight=np.sqrt(weight)), search.shapes
        search = search_shapes(task, before)
        resting = np.abs(search.shapes - before).max(axis=0) < SETTLED
        search = replace(search, settled=search.settled & resting)
        if resting.all():
            break
    return search, task.root_weight**2


@dataclass(frozen=True, eq=False)
class SigmoidFits:
    """Fitted 4PL or 5PL curves.

    Parameters
    ----------
    values
        a, b, c, d (and g) of the formula; parameters x curves.
    weights
        The weights of the points; points x curves.
    rss
        Weighted residual sums of squares.
    settled
        Whether the search came to rest.
    at_limit
        Which of b, c (and g) ran away to a limit; shapes x curves.
    """

    values: FloatArray
    weights: FloatArray
    rss: FloatArray
    settled: BoolArray
    at_limit: BoolArray

    @property
    def sound(self) -> BoolArray:
        """Which curves came to rest away from the limits."""
        return np.asarray(self.settled & ~self.at_limit.any(axis=0))

    def taking(self, other: SigmoidFits, better: BoolArray) -> SigmoidFits:
        """Fits with the curves of the other where that is better."""
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return SigmoidFits(*(np.where(better, theirs, ours) for ours, theirs in both))


def _fit_oriented(task: CurveTask, power: int, starts: int, mirrored: bool) -> SigmoidFits:
    search, weights = _search(task, power, starts)
    b, c, *g = np.exp(search.shapes)
    order = [search.d, -b, c, search.a, *g] if mirrored else [search.a, b, c, search.d, *g]
    at_limit = (search.shapes <= task.low) | (search.shapes >= task.high)
    return SigmoidFits(np.stack(order), weights, search.rss, search.settled, at_limit)


def fit_sigmoids(x: FloatArray, y: FloatArray, count: int, power: int, starts: int) -> SigmoidFits:
    """Fit 4PL (count 2) or 5PL (count 3) curves; weights 1/fitted**power are iterated.

    A 5PL is fitted with its asymmetry at either end, and the better one is kept: with the
    asymmetry at the low end the formula has b < 0, a at infinity and d at zero.

    Parameters
    ----------
    x, y
        Concentrations (points x curves, or points x 1) and responses (points x curves).
    count
        Number of shapes: b and c, or b, c and g.
    power
        0 for no weights, 1 for 1/y, 2 for 1/y2.
    starts
        From how many of the best starting shapes each curve is searched.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [2.0], [4.0], [8.0]])
    >>> fit_sigmoids(x, 2 - 1 / (1 + x / 4), 2, 0, 1).values[:, 0].round(6).tolist()
    [1.0, 1.0, 4.0, 2.0]
    """
    task = CurveTask.of_sigmoids(x, y, count)
    fits = _fit_oriented(task, power, starts, mirrored=False)
    if count == 2:
        return fits
    turned = replace(task, share_of=partial(share_reached, mirrored=True))
    other = _fit_oriented(turned, power, starts, mirrored=True)
    better = np.where(fits.sound == other.sound, other.rss < fits.rss, other.sound)
    return fits.taking(other, better)


@dataclass(frozen=True, eq=False)
class StandardCurveBatch:
    """Many sigmoid curves that were fitted together; one element for each curve.

    Parameters
    ----------
    model, weighting
        As they were asked for.
    parameters
        ``a``, ``b``, ``c``, ``d`` (and ``g``), each an array.
    residual_sum_of_squares
        Weighted when the curves are.
    converged
        Whether the fit came to rest away from the limits of b, c and g. A curve that did
        not is not determined by its points.
    """

    model: str
    weighting: str
    parameters: dict[str, FloatArray]
    residual_sum_of_squares: FloatArray
    converged: BoolArray


def fit_standard_curves(
    concentration: ArrayLike,
    response: ArrayLike,
    *,
    model: str = "4pl",
    weighting: str = "none",
    starts: int = 1,
) -> StandardCurveBatch:
    """Fit many 4PL or 5PL curves at once.

    It is the same search as in :func:`assaykit.curves.fit_standard_curve`, without its
    checks of whether each curve is determined by its points.

    Parameters
    ----------
    concentration
        curves x points, or one row of points for all curves; zero or more.
    response
        curves x points.
    model
        ``"4pl"`` or ``"5pl"``.
    weighting
        ``"none"``, ``"1/y"`` or ``"1/y2"`` (of the fitted response).
    starts
        From how many of the best starting shapes (1 to 5) each curve is searched.

    Raises
    ------
    CurveError
        Shapes do not fit together, or a number is missing, infinite or negative.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0])
    >>> batch = fit_standard_curves(x, [0.1 + 2 * x / (x + 3), 3 / (1 + x / 2)])
    >>> batch.parameters["c"].round(6).tolist()
    [3.0, 2.0]
    """
    curve, power = model_named(model), power_of(weighting)
    if not curve.sigmoid:
        raise CurveError(f"Batches are fitted with '4pl' or '5pl', not with '{model}'.")
    x, y = _checked_batch(concentration, response)
    starts = int(np.clip(starts, 1, len(_STEEPNESS)))
    fits = fit_sigmoids(x.T, y.T, len(curve.parameters) - 2, power, starts)
    parameters = dict(zip(curve.parameters, fits.values, strict=True))
    return StandardCurveBatch(model, weighting, parameters, fits.rss, fits.sound)


def _checked_batch(concentration: ArrayLike, response: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = np.atleast_2d(np.asarray(concentration, dtype=np.float64))
    y = np.atleast_2d(np.asarray(response, dtype=np.float64))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or len(x) not in (1, len(y)):
        raise CurveError(
            f"Concentrations {x.shape} and responses {y.shape} do not fit together; "
            "expected curves x points for both, or one row of concentrations for all curves."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (x >= 0).all()):
        raise CurveError("Concentrations must be numbers from zero on, and responses numbers.")
    if not (x > 0).any(axis=1).all():
        raise CurveError("Every curve needs at least one concentration above zero.")
    return (x[:1] if (x == x[0]).all() else x), y
