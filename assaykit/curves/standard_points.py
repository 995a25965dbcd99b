"""The points of a standard curve, checked before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.curve_models import FloatArray, Model
from assaykit.errors import CurveError


@dataclass(frozen=True, eq=False)
class Levels:
    """Readings gathered by concentration, in rising order.

    Parameters
    ----------
    concentration
        The different concentrations.
    index
        For each reading the position of its concentration.

    Examples
    --------
    >>> levels = Levels.of(np.array([5.0, 0.0, 5.0]))
    >>> levels.concentration.tolist(), levels.means(np.array([1.0, 0.1, 3.0])).tolist()
    ([0.0, 5.0], [0.1, 2.0])
    """

    concentration: FloatArray
    index: np.ndarray

    @classmethod
    def of(cls, concentration: FloatArray) -> Levels:
        """Gather readings by their concentration."""
        levels, index = np.unique(concentration, return_inverse=True)
        return cls(levels, index.reshape(-1))

    @property
    def counts(self) -> FloatArray:
        """Number of readings of each level."""
        return np.bincount(self.index).astype(np.float64)

    def means(self, values: FloatArray) -> FloatArray:
        """Mean of each level."""
        return np.asarray(np.bincount(self.index, weights=values) / self.counts)


def checked_points(
    concentration: ArrayLike, response: ArrayLike, model: Model
) -> tuple[FloatArray, FloatArray]:
    """Copies of the points as arrays, if a curve can be put through them.

    Raises
    ------
    CurveError
        Lists everything that is wrong with the points.

    Examples
    --------
    >>> from assaykit.curves.curve_models import MODELS
    >>> checked_points([0, 1], [0.1, 0.2], MODELS["linear"])[0].tolist()
    [0.0, 1.0]
    """
    x, y = _as_numbers(concentration), _as_numbers(response)
    if x.ndim != 1 or x.shape != y.shape:
        raise CurveError(
            f"Concentrations and responses must be two lists of one length; "
            f"found the shapes {x.shape} and {y.shape}."
        )
    problems = _unusable(x, y) or _uninformative(x, y, model)
    if problems:
        raise CurveError("\n".join(problems))
    x.setflags(write=False)
    y.setflags(write=False)
    return x, y


def _as_numbers(values: ArrayLike) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CurveError(f"Concentrations and responses must be numbers ({error}).") from error


def _unusable(x: FloatArray, y: FloatArray) -> list[str]:
    bad_x = [
        f"Standard {i + 1}: its concentration is {x[i]:g}; it must be a number, zero or more."
        for i in np.flatnonzero(~(np.isfinite(x) & (x >= 0)))
    ]
    bad_y = [
        f"Standard {i + 1} (concentration {x[i]:g}): its response is {y[i]:g}. "
        "Leave wells without a finite reading out of the curve."
        for i in np.flatnonzero(~np.isfinite(y))
    ]
    return bad_x + bad_y


def _uninformative(x: FloatArray, y: FloatArray, model: Model) -> list[str]:
    used = x[x > 0] if model.logarithmic else x
    levels = np.unique(used)
    problems = []
    if len(levels) < model.minimum_levels:
        problems.append(_too_few(levels, model))
    if len(y) > 1 and np.ptp(y) == 0:
        problems.append(
            f"All {len(y)} standards have the same response ({y[0]:g}), so that it says "
            "nothing about the concentration. Check the wavelength and the plate map."
        )
    if model.logarithmic:
        problems += _no_logarithm(x, y)
    return problems


def _too_few(levels: FloatArray, model: Model) -> str:
    found = ", ".join(f"{level:g}" for level in levels) or "none"
    kind = (
        "different concentrations above zero" if model.logarithmic else "different concentrations"
    )
    text = (
        f"A {model.title} with {len(model.free)} parameters needs at least "
        f"{model.minimum_levels} {kind}; found {len(levels)} ({found})."
    )
    if model.name == "5pl":
        return f"{text} With fewer, its asymmetry g cannot be told from noise: use '4pl'."
    return f"{text} Add standards or use a model with fewer parameters."


def _no_logarithm(x: FloatArray, y: FloatArray) -> list[str]:
    below = (x > 0) & (y <= 0)
    return [
        f"Concentration {level:g}: a response of zero or less ({y[below & (x == level)].min():g}) "
        "has no logarithm. Use another model, or responses from which no blank is subtracted."
        for level in np.unique(x[below])
    ]
