"""Equivalence: whether an effect is too small to matter, by a margin that was declared before.

"Not significant" does not mean "no effect". Two one-sided tests (TOST; Schuirmann 1987) ask
whether the data contradict an effect at or beyond the margin, on either side.
"""

from __future__ import annotations

import math

from assaykit.stats.distributions import t_two_sided

_RATIO_SCALES = {"ratio": 1.0, "log2_fold_change": 1 / math.log(2)}


def equivalence_p(
    estimate: float, standard_error: float, df: float, low: float, high: float
) -> float:
    """Larger p of the two one-sided tests against the limits.

    Parameters
    ----------
    estimate, standard_error, df
        Of a t test.
    low, high
        The limits within which an effect does not matter.

    Notes
    -----
    Schuirmann DJ, *J Pharmacokinet Biopharm* 1987;15:657.

    Examples
    --------
    >>> round(equivalence_p(0.1, 0.2, 10.0, -0.8, 0.8), 5)
    0.00286
    """
    return max(
        _upper_tail((estimate - low) / standard_error, df),
        _upper_tail((high - estimate) / standard_error, df),
    )


def equivalence_limits(margin: float, effect: str) -> tuple[float, float] | None:
    """Limits on the scale of the analysis that a margin, given as a ratio, stands for.

    Parameters
    ----------
    margin
        A ratio above 1, such as 1.25.
    effect
        What the effect is: a ratio or a log2 fold change has limits, a difference in units has
        none.

    Examples
    --------
    >>> equivalence_limits(2.0, "log2_fold_change")
    (-1.0, 1.0)
    >>> equivalence_limits(2.0, "difference") is None
    True
    """
    if effect not in _RATIO_SCALES:
        return None
    limit = math.log(margin) * _RATIO_SCALES[effect]
    return -limit, limit


def _upper_tail(t: float, df: float) -> float:
    """Probability that Student's t is above a value."""
    p = float(t_two_sided(t, df)) / 2
    return p if t > 0 else 1 - p
