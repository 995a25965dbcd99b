"""The rescue fraction: the share of an effect that another arm has lost.

``1 - N / D`` with ``N = rescued - its control`` and ``D = treated - its control``, on the scale of
the analysis: on a log scale it is the share of the log ratio. Its interval is Fieller's (1954): all
values that the data do not contradict. Where ``D`` itself is not told from zero no such interval
has two ends, and none is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assaykit.design import Contrast
from assaykit.stats.contrasts import ArmFit
from assaykit.stats.distributions import Floats, t_critical

_NOTHING = 1e-9  # of the standard error: an effect that is rounding


@dataclass(frozen=True)
class RescueFraction:
    """A rescue fraction with Fieller's interval.

    Parameters
    ----------
    estimate
        ``1 - N / D``; missing where ``D`` is zero.
    ci_low, ci_high
        Ends of the interval; missing if it has none.
    standard_error
        By the delta method, for information only.
    df
        Degrees of freedom of the interval.
    bounded
        Whether the interval has two ends.
    """

    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    df: float
    bounded: bool


def rescue_fraction(
    fit: ArmFit, rescued: Contrast, treated: Contrast, confidence: float = 0.95
) -> RescueFraction:
    """Estimate a rescue fraction from the means of arms.

    Parameters
    ----------
    fit
        Means of the arms with their covariance and degrees of freedom.
    rescued, treated
        The two differences, as :func:`assaykit.design.rescue_contrasts` makes them.
    confidence
        Coverage of the interval.

    Notes
    -----
    Fieller EC, *J R Stat Soc B* 1954;16:175. The degrees of freedom are those of the contrast
    ``N - r·D`` at the estimate ``r``.

    Examples
    --------
    >>> from assaykit.stats.linear import fit_arms
    >>> y = [1.0, 1.2, 0.9, 3.0, 3.3, 2.9, 1.5, 1.7, 1.3]
    >>> fit = fit_arms(y, ["c"] * 3 + ["v"] * 3 + ["k"] * 3, list("123123123"))
    >>> one = rescue_fraction(fit, Contrast("k", "k", "c"), Contrast("v", "v", "c"))
    >>> round(one.estimate, 3), one.bounded
    (0.77, True)
    """
    rows = np.array([_weights(fit, rescued), _weights(fit, treated)])
    n, d = rows @ fit.means
    (nn, nd), (_, dd) = rows @ fit.covariance @ rows.T
    if abs(d) <= _NOTHING * np.sqrt(dd):
        return RescueFraction(np.nan, np.nan, np.nan, np.nan, np.nan, bounded=False)
    ratio = float(n / d)
    df = fit.df(rows[0] - ratio * rows[1])
    squared = float(t_critical(confidence, df)) ** 2
    error = float(np.sqrt(max(nn - 2 * ratio * nd + ratio**2 * dd, 0.0)) / abs(d))
    a, b, c = d**2 - squared * dd, n * d - squared * nd, n**2 - squared * nn
    if a <= 0:
        return RescueFraction(1 - ratio, np.nan, np.nan, error, df, bounded=False)
    half = np.sqrt(max(b**2 - a * c, 0.0))
    low, high = 1 - (b + half) / a, 1 - (b - half) / a
    return RescueFraction(1 - ratio, float(low), float(high), error, df, bounded=True)


def fieller_contains(
    fit: ArmFit, rescued: Contrast, treated: Contrast, value: float, confidence: float = 0.95
) -> bool:
    """Whether a rescue fraction is among those that the data do not contradict.

    This is Fieller's set also where it has no two ends; simulations count with it.

    Examples
    --------
    >>> from assaykit.stats.linear import fit_arms
    >>> y = [1.0, 1.2, 0.9, 3.0, 3.3, 2.9, 1.5, 1.7, 1.3]
    >>> fit = fit_arms(y, ["c"] * 3 + ["v"] * 3 + ["k"] * 3, list("123123123"))
    >>> fieller_contains(fit, Contrast("k", "k", "c"), Contrast("v", "v", "c"), 0.8)
    True
    """
    weights = _weights(fit, rescued) - (1 - value) * _weights(fit, treated)
    error = float(np.sqrt(weights @ fit.covariance @ weights))
    limit = float(t_critical(confidence, fit.df(weights)))
    return bool(abs(weights @ fit.means) <= limit * error)


def _weights(fit: ArmFit, contrast: Contrast) -> Floats:
    return np.array([contrast.weights.get(arm, 0.0) for arm in fit.arms])
