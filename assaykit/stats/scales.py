"""On which scale arms are compared, and in which words the effect is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaykit.stats.distributions import Floats

_LARGEST = 1000.0


@dataclass(frozen=True)
class Analysis:
    """How values of one scale are compared.

    Parameters
    ----------
    forward
        From the values of wells to the scale of the analysis, on which differences are taken.
    effect
        What a difference becomes: ``ratio``, ``difference`` or ``log2_fold_change``.
    words
        What is compared, as in "linear mixed model of ``words``".
    unit
        Unit of the effect; ``None`` is that of the values.
    """

    forward: Callable[[Floats], Floats]
    effect: str
    words: str
    unit: str | None = None

    def back(self, difference: float) -> float:
        """Turn a difference on the scale of the analysis into the effect as it is told."""
        return math.exp(difference) if self.effect == "ratio" else difference

    def ratio(self, difference: float) -> float:
        """The same as a ratio; missing where it is a difference in units."""
        if self.effect == "log2_fold_change":
            return math.exp2(difference) if difference < _LARGEST else math.inf
        return math.exp(difference) if self.effect == "ratio" else math.nan


ANALYSES: dict[str, Analysis] = {
    "linear": Analysis(lambda x: x, "difference", "values"),
    "log": Analysis(np.log, "ratio", "natural logarithms of values", ""),
    "log2": Analysis(lambda x: x, "log2_fold_change", "log2 values", ""),
    "count": Analysis(lambda x: np.log(x + 0.5), "ratio", "natural logarithms of counts + 0.5", ""),
    "fraction": Analysis(lambda x: x, "difference", "fractions"),
    "logit": Analysis(
        lambda x: np.log(x / (1 - x)), "ratio", "logits (log odds) of fractions", "odds"
    ),
}
"""The scales of :data:`assaykit.tables.SCALES`, and ``logit`` for fractions inside 0 and 1."""

LIMITS: dict[str, tuple[str, Callable[[Floats], NDArray[np.bool_]]]] = {
    "log": ("above 0", lambda x: x > 0),
    "count": ("0 or more", lambda x: x >= 0),
    "fraction": ("between 0 and 1", lambda x: (x >= 0) & (x <= 1)),
}
"""What values of a scale must be, in words and as a rule."""


def analysis_of(scale: str, values: Floats) -> Analysis:
    """Choose how values are compared; fractions by logits only if none is 0 or 1.

    Parameters
    ----------
    scale
        One of :data:`assaykit.tables.SCALES`.
    values
        The values of all wells that count, without missing ones.

    Examples
    --------
    >>> analysis_of("fraction", np.array([0.1, 0.3])).words
    'logits (log odds) of fractions'
    >>> analysis_of("fraction", np.array([0.0, 0.3])).effect
    'difference'
    """
    inside = bool(np.all((values > 0) & (values < 1)))
    return ANALYSES["logit" if scale == "fraction" and inside else scale]
