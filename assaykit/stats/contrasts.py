"""From a fitted model to contrasts of its arms: estimate, interval, t, p, adjusted p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

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
from assaykit.stats.multiplicity import bonferroni, dunnett, holm, sidak, tukey
from assaykit.stats.small_sample import Inference

_REDUNDANT = 1e-10

Adjustment = Literal["dunnett", "tukey", "holm", "sidak", "bonferroni", "none"]


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


@dataclass(frozen=True, eq=False)
class LinearArms:
    """Means of arms as linear functions of the coefficients of a model.

    Parameters
    ----------
    arms
        Labels of the arms.
    rows
        The functions, shape (a, p).
    tests
        Estimates of the coefficients with their covariance and degrees of freedom.

    Examples
    --------
    >>> from assaykit.stats.small_sample import FixedDf
    >>> tests = FixedDf(np.array([1.0, 0.5]), np.eye(2), 4.0)
    >>> LinearArms(("a", "b"), np.array([[1.0, 0], [1, 1]]), tests).means.tolist()
    [1.0, 1.5]
    """

    arms: tuple[str, ...]
    rows: Floats
    tests: Inference

    @property
    def means(self) -> Floats:
        """Estimated mean of each arm, shape (a,)."""
        return np.asarray(self.rows @ self.tests.coefficients, dtype=float)

    @property
    def covariance(self) -> Floats:
        """Covariance of the means, shape (a, a)."""
        return np.asarray(self.rows @ self.tests.covariance @ self.rows.T, dtype=float)

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of the contrast with these weights, shape (a,)."""
        return self.tests.df(weights @ self.rows)


def estimate_contrasts(
    fit: ArmFit,
    contrasts: Sequence[Contrast | str],
    *,
    adjust: Adjustment = "none",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the arms of a fitted model.

    Intervals belong to the adjustment: simultaneous ones for Dunnett and Tukey, Bonferroni's for
    Holm (as R's emmeans gives them), Šidák's for Šidák, one by one for none. Where the contrasts
    have different degrees of freedom, Dunnett's family has the smallest of them.

    Parameters
    ----------
    fit
        The model: arms, means, covariance, degrees of freedom.
    contrasts
        What to compare; arms by label. A label alone is that arm's own mean.
    adjust
        ``dunnett`` for arms against a common one, ``tukey`` for all pairs; ``holm``, ``sidak`` and
        ``bonferroni`` for any set.
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
        There is no contrast, or one names an arm that the model does not have; an adjustment or a
        confidence that is none; Dunnett's family where one contrast follows from the others.
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
    _refuse_settings(contrasts, adjust, confidence)
    weights = np.array([_weights(fit.arms, contrast) for contrast in contrasts])
    covariance = weights @ fit.covariance @ weights.T
    estimate, error = weights @ fit.means, np.sqrt(np.diag(covariance))
    df = np.array([fit.df(one) for one in weights])
    statistic = estimate / error
    p_value = t_two_sided(statistic, df)
    correlation = covariance / np.outer(error, error)
    if adjust == "dunnett":
        _refuse_redundant(correlation)
    family = _Family(adjust, correlation, df, len(fit.arms))
    margin = family.critical(confidence) * error
    return pd.DataFrame(
        {
            "contrast": [getattr(contrast, "name", contrast) for contrast in contrasts],
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
        return t_critical(self._confidence_of_one(confidence), self.df)

    def _confidence_of_one(self, confidence: float) -> float:
        """Coverage of each interval, so that together they cover as wanted."""
        count = len(self.df)
        if self.adjust == "sidak":
            return float(confidence ** (1 / count))
        return confidence if self.adjust == "none" else 1 - (1 - confidence) / count

    def p_adjusted(self, statistic: Floats, p_value: Floats) -> Floats:
        if self.adjust == "dunnett":
            return dunnett(statistic, self.correlation, float(self.df.min()))
        if self.adjust == "tukey":
            return tukey(statistic, self.arms, self.df)
        return _STEPWISE[self.adjust](p_value) if self.adjust in _STEPWISE else p_value


_STEPWISE = {"holm": holm, "sidak": sidak, "bonferroni": bonferroni}


def _refuse_settings(
    contrasts: Sequence[Contrast | str], adjust: Adjustment, confidence: float
) -> None:
    if not contrasts:
        raise UsageError("there is no contrast to estimate.")
    known = get_args(Adjustment)
    if adjust not in known:
        raise UsageError(f"adjust: found '{adjust}', expected one of {', '.join(known)}.")
    if not 0 < confidence < 1:
        raise UsageError(f"confidence: found {confidence}, expected a share such as 0.95.")


def _refuse_redundant(correlation: Floats) -> None:
    """Refuse a family whose joint distribution has no density."""
    if np.linalg.eigvalsh(correlation)[0] < _REDUNDANT:
        raise UsageError(
            "dunnett: one of the contrasts follows from the others; use tukey for all pairs, or "
            "holm for any set."
        )


def _weights(arms: tuple[str, ...], contrast: Contrast | str) -> Floats:
    weights = {contrast: 1.0} if isinstance(contrast, str) else contrast.weights
    unknown = [arm for arm in weights if arm not in arms]
    if unknown:
        name = getattr(contrast, "name", contrast)
        message = f"contrast {name}: the model has no arm {' or '.join(unknown)}"
        raise UsageError(f"{message}; it has {', '.join(arms)}.")
    return np.array([weights.get(arm, 0.0) for arm in arms])
