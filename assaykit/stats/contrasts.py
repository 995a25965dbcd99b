"""From a fitted model to contrasts of its arms: estimate, interval, t, p, adjusted p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from assaykit.design import Contrast
from assaykit.errors import UsageError
from assaykit.stats.distributions import (
    Floats,
    largest_t_critical,
    studentised_range_critical,
    t_critical,
    t_two_sided,
)
from assaykit.stats.multiplicity import dunnett, holm, tukey

Adjustment = Literal["dunnett", "tukey", "holm", "none"]


class ArmFit(Protocol):
    """What any model hands over to have its arms compared."""

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of the arms."""

    @property
    def means(self) -> Floats:
        """Estimated mean of each arm, shape (a,)."""

    @property
    def covariance(self) -> Floats:
        """Covariance of the means, shape (a, a)."""

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of the contrast with these weights, shape (a,)."""


def estimate_contrasts(
    fit: ArmFit,
    contrasts: Sequence[Contrast],
    *,
    adjust: Adjustment = "none",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the arms of a fitted model.

    Intervals belong to the adjustment: simultaneous ones for Dunnett and Tukey, Bonferroni's for
    Holm (as R's emmeans gives them), one by one for none. Where the contrasts have different
    degrees of freedom, Dunnett's family has the smallest of them.

    Parameters
    ----------
    fit
        The model: arms, means, covariance, degrees of freedom.
    contrasts
        What to compare; arms by label.
    adjust
        ``dunnett`` for arms against a common one, ``tukey`` for all pairs, ``holm`` for any set.
    confidence
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        One row per contrast: contrast, estimate, standard_error, df, ci_low, ci_high, statistic,
        p_value, p_adjusted, on the scale of the model.

    Raises
    ------
    UsageError
        A contrast names an arm that the model does not have.
    DesignError
        The data cannot estimate a contrast.

    Examples
    --------
    >>> from assaykit.stats.linear import fit_arms
    >>> fit = fit_arms([1.0, 2, 3, 3, 4, 6], ["a", "a", "a", "b", "b", "b"])
    >>> table = estimate_contrasts(fit, [Contrast("b vs a", "b", "a")])
    >>> table[["estimate", "df", "p_value"]].round(4).values.tolist()
    [[2.3333, 4.0, 0.0913]]
    """
    weights = np.array([_weights(fit.arms, contrast) for contrast in contrasts])
    covariance = weights @ fit.covariance @ weights.T
    estimate, error = weights @ fit.means, np.sqrt(np.diag(covariance))
    df = np.array([fit.df(one) for one in weights])
    statistic = estimate / error
    p_value = t_two_sided(statistic, df)
    correlation = covariance / np.outer(error, error)
    family = _Family(adjust, correlation, df, len(fit.arms))
    margin = family.critical(confidence) * error
    return pd.DataFrame(
        {
            "contrast": [contrast.name for contrast in contrasts],
            "estimate": estimate,
            "standard_error": error,
            "df": df,
            "ci_low": estimate - margin,
            "ci_high": estimate + margin,
            "statistic": statistic,
            "p_value": p_value,
            "p_adjusted": family.p_adjusted(statistic, p_value),
        }
    )


@dataclass(frozen=True, eq=False)
class _Family:
    """The contrasts that are adjusted for one another."""

    adjust: Adjustment
    correlation: Floats
    df: Floats
    arms: int

    def critical(self, confidence: float) -> Floats:
        """Multiples of the standard error that the intervals reach on either side."""
        if self.adjust == "dunnett":
            limit = largest_t_critical(confidence, self.correlation, float(self.df.min()))
            return np.full(len(self.df), limit)
        if self.adjust == "tukey":
            limits = [studentised_range_critical(confidence, self.arms, float(n)) for n in self.df]
            return np.asarray(limits, dtype=float) / float(np.sqrt(2))
        share = 1 - confidence
        return t_critical(1 - share / (len(self.df) if self.adjust == "holm" else 1), self.df)

    def p_adjusted(self, statistic: Floats, p_value: Floats) -> Floats:
        if self.adjust == "dunnett":
            return dunnett(statistic, self.correlation, float(self.df.min()))
        if self.adjust == "tukey":
            return tukey(statistic, self.arms, self.df)
        return holm(p_value) if self.adjust == "holm" else p_value


def _weights(arms: tuple[str, ...], contrast: Contrast) -> Floats:
    unknown = [arm for arm in (contrast.arm, contrast.against) if arm not in arms]
    if unknown:
        message = f"contrast {contrast.name}: the model has no arm {' or '.join(unknown)}"
        raise UsageError(f"{message}; it has {', '.join(arms)}.")
    return np.array([float(arm == contrast.arm) - float(arm == contrast.against) for arm in arms])
