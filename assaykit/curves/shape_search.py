"""The search for the shapes of many sigmoid curves at once.

For given b, c (and g) the plateaus a and d follow from a straight-line fit, so that only
log b, log c (and log g) are searched: variable projection (Golub & Pereyra 1973, in
Kaufman's form of 1975) inside a Levenberg-Marquardt search (Marquardt 1963) that works on
all curves together. A search ends where a full Gauss-Newton step no longer moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assaykit.curves.curve_models import BoolArray, FloatArray, log_concentration, share_reached

Shares = tuple[FloatArray, Sequence[FloatArray]]

SETTLED = 1e-9
TINY = float(np.finfo(np.float64).tiny)

_STEPS = 200
_LONGEST_STEP = 1.0
_FIRST_DAMPING = 1e-2
_LEAST_DAMPING = 1e-10
_STUCK_DAMPING = 1e12
_ROUND_OFF = 1e-12
_STEEPEST = float(np.log(100.0))
_FARTHEST = float(np.log(1e4))


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("...nk,nk->...k", left, right))


@dataclass(frozen=True, eq=False)
class _Profile:
    """The best plateaus for given shapes, and which way the shapes should move."""

    a: FloatArray
    d: FloatArray
    rss: FloatArray
    gradient: FloatArray
    curvature: FloatArray

    def taking(self, other: _Profile, better: BoolArray) -> _Profile:
        """A profile with the curves of the other where that is better."""
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Profile(*(np.where(better, theirs, ours) for ours, theirs in both))

    def of(self, curves: NDArray[np.intp]) -> _Profile:
        """The profile of some of the curves."""
        return _Profile(*(value[..., curves] for value in vars(self).values()))


@dataclass(frozen=True, eq=False)
class CurveTask:
    """The points of many curves, and what the shapes say about them.

    Parameters
    ----------
    log_x
        Logarithms of the concentrations; points x curves, or points x 1 for all curves.
    response, root_weight
        Responses and the square roots of their weights; points x curves.
    low, high
        Lowest and highest value of each shape; shapes x curves.
    share_of
        Share of the way from a to d, and its derivatives, for log x and shapes.

    Examples
    --------
    >>> x, y = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([[0.1], [0.2], [0.3], [0.4]])
    >>> CurveTask.of_sigmoids(x, y, 2).high.shape
    (2, 1)
    """

    log_x: FloatArray
    response: FloatArray
    root_weight: FloatArray
    low: FloatArray
    high: FloatArray
    share_of: Callable[[FloatArray, Sequence[FloatArray]], Shares] = share_reached

    @classmethod
    def of_sigmoids(cls, x: FloatArray, y: FloatArray, count: int) -> CurveTask:
        """Unweighted 4PL (two shapes) or 5PL (three shapes) curves."""
        log_x = log_concentration(x)
        lowest = np.where(x > 0, log_x, np.inf).min(axis=0) - _FARTHEST
        high = np.full((count, y.shape[1]), _STEEPEST)
        low = -high
        low[1], high[1] = lowest, log_x.max(axis=0) + _FARTHEST
        return cls(log_x, y, np.ones_like(y), low, high)

    @cached_property
    def _length(self) -> FloatArray:
        return np.sqrt(_dot(self.root_weight, self.root_weight))

    @cached_property
    def _unit(self) -> FloatArray:
        return np.asarray(self.root_weight / self._length)

    @cached_property
    def _mean(self) -> FloatArray:
        return _dot(self.response * self.root_weight, self._unit) / self._length

    @cached_property
    def _centred(self) -> FloatArray:
        return np.asarray((self.response - self._mean) * self.root_weight)

    @cached_property
    def negligible(self) -> FloatArray:
        """A residual sum of squares that is round-off."""
        return _ROUND_OFF**2 * _dot(self._centred, self._centred)

    def of(self, curves: NDArray[np.intp]) -> CurveTask:
        """The task of some of the curves, which may be named repeatedly."""
        log_x = self.log_x if self.log_x.shape[1] == 1 else self.log_x[:, curves]
        return replace(
            self,
            log_x=log_x,
            response=self.response[:, curves],
            root_weight=self.root_weight[:, curves],
            low=self.low[:, curves],
            high=self.high[:, curves],
        )

    def within(self, shapes: FloatArray) -> FloatArray:
        """Shapes moved inside their limits."""
        return np.clip(shapes, self.low, self.high)

    def inside(self, shapes: FloatArray) -> BoolArray:
        """Which curves have all shapes away from their limits."""
        return np.asarray(((shapes > self.low) & (shapes < self.high)).all(axis=0))

    def fitted(self, search: CurveSearch) -> FloatArray:
        """Fitted responses; points x curves."""
        share, _ = self.share_of(self.log_x, list(search.shapes))
        return np.asarray(search.a + (search.d - search.a) * share)

    def profile(self, shapes: FloatArray) -> _Profile:
        """The best plateaus of all curves at given shapes."""
        share, slopes = self.share_of(self.log_x, list(shapes))
        columns = np.empty((1 + len(slopes), *self.response.shape))
        for column, part in zip(columns, (share, *slopes), strict=True):
            np.multiply(part, self.root_weight, out=column)
        level = _dot(columns, self._unit)
        for column, mean in zip(columns, level, strict=True):
            np.subtract(column, mean * self._unit, out=column)
        way, moves = columns[0], columns[1:]
        size = _dot(way, way) + TINY
        span = _dot(way, self._centred) / size
        residual = self._centred - span * way
        for move, along in zip(moves, _dot(moves, way) / size, strict=True):
            np.subtract(move, along * way, out=move)
        moves *= span
        a = self._mean - span * level[0] / self._length
        return _Profile(
            a,
            a + span,
            _dot(residual, residual),
            _dot(moves, residual),
            np.einsum("ink,jnk->ijk", moves, moves),
        )


@dataclass(frozen=True, eq=False)
class CurveSearch:
    """Where the searches ended: one column for each curve.

    Parameters
    ----------
    shapes
        ``log b, log c`` (and ``log g``): shapes x curves.
    a, d
        The plateaus at zero and at infinite concentration.
    rss
        Weighted residual sums of squares.
    settled, inside
        Whether the search came to rest, and away from the limits of the shapes.
    """

    shapes: FloatArray
    a: FloatArray
    d: FloatArray
    rss: FloatArray
    settled: BoolArray
    inside: BoolArray

    def best_of(self, starts: int) -> CurveSearch:
        """The best of several searches for each curve, which stand in turn."""
        best = np.argmin(self.rss.reshape(starts, -1), axis=0)
        columns = best * (len(self.rss) // starts) + np.arange(len(best))
        return CurveSearch(*(values[..., columns] for values in vars(self).values()))


def _step(profile: _Profile, damping: FloatArray) -> FloatArray:
    """The damped Gauss-Newton step of every curve, of limited length."""
    each = range(len(profile.gradient))
    scale = np.sqrt(profile.curvature[each, each] + TINY)
    matrix = profile.curvature / (scale[:, None] * scale)
    matrix[each, each] = 1.0 + damping
    steps = np.linalg.solve(matrix.transpose(2, 0, 1), (profile.gradient / scale).T[..., None])
    return np.clip(steps[..., 0].T / scale, -_LONGEST_STEP, _LONGEST_STEP)


def search_shapes(task: CurveTask, start: FloatArray) -> CurveSearch:
    """Follow every curve from its start to the smallest residual sum of squares.

    Parameters
    ----------
    task
        The points.
    start
        First shapes; shapes x curves.

    Examples
    --------
    >>> x = np.array([[1.0], [2.0], [4.0], [8.0], [16.0]])
    >>> task = CurveTask.of_sigmoids(x, 1 / (1 + x / 4), 2)
    >>> np.exp(search_shapes(task, np.zeros((2, 1))).shapes[:, 0]).round(9).tolist()
    [1.0, 4.0]
    """
    part, live = task, np.arange(task.response.shape[1])
    here = task.within(start)
    shapes, settled = here.copy(), np.zeros(len(live), dtype=bool)
    best, damping = task.profile(here), np.full(len(live), _FIRST_DAMPING)
    for _ in range(_STEPS):
        trial = part.within(here + _step(best, damping))
        found = part.profile(trial)
        better = found.rss <= best.rss * (1.0 + _ROUND_OFF) + part.negligible
        settled[live] = better & (np.abs(trial - here).max(axis=0) < SETTLED)
        here, best = np.where(better, trial, here), best.taking(found, better)
        damping = np.where(better, np.maximum(damping / 30.0, _LEAST_DAMPING), damping * 8.0)
        shapes[:, live] = here
        going = np.flatnonzero(~settled[live] & (damping < _STUCK_DAMPING))
        if len(going) == 0:
            break
        if len(going) < len(live):
            part, live, here = part.of(going), live[going], here[:, going]
            best, damping = best.of(going), damping[going]
    end = task.profile(shapes)
    return CurveSearch(shapes, end.a, end.d, end.rss, settled, task.inside(shapes))
