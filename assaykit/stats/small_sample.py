"""Standard errors and denominator degrees of freedom for the fixed effects of small mixed models.

* Kenward & Roger (1997): the covariance of the coefficients is corrected for the uncertainty of
  the variance components, and F gets a scale and denominator degrees of freedom that match its
  first two moments. In balanced designs both reduce to the classical t and F.
* Satterthwaite (1941; Fai & Cornelius 1996 for several degrees of freedom): degrees of freedom
  from the variance of the variance of the contrast, with the observed information, as lmerTest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assaykit.errors import UsageError
from assaykit.stats.distributions import Floats
from assaykit.stats.reml import RemlFit

_ZERO = 1e-9  # of the total variance: a component below it stands at its bound
_ROUNDING = 1e-6


class Inference(Protocol):
    """Estimates of coefficients with what is needed to test linear functions of them."""

    @property
    def coefficients(self) -> Floats:
        """Estimates, shape (p,)."""

    @property
    def covariance(self) -> Floats:
        """Covariance of the estimates, shape (p, p)."""

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of t for one linear function, shape (p,)."""

    def f_test(self, rows: Floats) -> tuple[float, float]:
        """F, and its denominator degrees of freedom, for linear functions, shape (q, p)."""


@dataclass(frozen=True, eq=False)
class KenwardRoger:
    """Tests after Kenward & Roger (1997) for a model whose covariance is linear in its components.

    Parameters
    ----------
    coefficients, covariance
        Estimates, shape (p,), and their corrected covariance, shape (p, p).
    phi
        Covariance before the correction.
    slopes
        As in :class:`assaykit.stats.reml.RemlFit`.
    variance
        Covariance of the components: inverse of the expected information, shape (m, m).

    Examples
    --------
    >>> from assaykit.stats.reml import fit_reml
    >>> y, arm = np.array([1.0, 2, 3, 3, 4, 6]), np.repeat(np.eye(2), 3, axis=0)
    >>> tests = kenward_roger(fit_reml(y, arm, []))
    >>> round(tests.df(np.array([-1.0, 1.0])), 6)
    4.0
    """

    coefficients: Floats
    covariance: Floats
    phi: Floats
    slopes: Floats
    variance: Floats

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of t for one linear function, shape (p,).

        In the limit that Kenward and Roger's formulas have for one degree of freedom: they are 0/0
        where the answer is 2, as with three paired replicates.
        """
        return _whole(2 / self._moments(np.atleast_2d(weights))[1])

    def f_test(self, rows: Floats) -> tuple[float, float]:
        """F, and its denominator degrees of freedom, for linear functions, shape (q, p).

        Both are missing where no F has the moments of the statistic.
        """
        q = len(rows)
        a1, a2 = self._moments(rows)
        df, scale = (2 / a2, 1.0) if q == 1 else _match_moments(a1, a2, q)
        return scale * _wald(rows, self.coefficients, self.covariance), _whole(df)

    def _moments(self, rows: Floats) -> tuple[float, float]:
        theta = rows.T @ np.linalg.solve(rows @ self.phi @ rows.T, rows)
        parts = theta @ self.phi @ self.slopes @ self.phi
        traces = np.einsum("ipp->i", parts)
        products = np.einsum("ipq,jqp->ij", parts, parts)
        return float(traces @ self.variance @ traces), float(np.sum(self.variance * products))


@dataclass(frozen=True, eq=False)
class Satterthwaite:
    """Tests with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    coefficients, covariance
        Estimates, shape (p,), and their covariance, shape (p, p), not corrected.
    slopes
        As in :class:`assaykit.stats.reml.RemlFit`, of the components that are not at zero.
    variance
        Covariance of these components: inverse of the observed information.

    Examples
    --------
    >>> from assaykit.stats.reml import fit_reml
    >>> y, arm = np.array([1.0, 2, 3, 3, 4, 6]), np.repeat(np.eye(2), 3, axis=0)
    >>> tests = satterthwaite(fit_reml(y, arm, []))
    >>> round(tests.df(np.array([-1.0, 1.0])), 6)
    4.0
    """

    coefficients: Floats
    covariance: Floats
    slopes: Floats
    variance: Floats

    def df(self, weights: Floats) -> float:
        """Degrees of freedom of t for one linear function, shape (p,)."""
        turned = self.covariance @ weights
        gradient = turned @ self.slopes @ turned
        spread = float(gradient @ self.variance @ gradient)
        return _whole(2 * float(weights @ turned) ** 2 / spread)

    def f_test(self, rows: Floats) -> tuple[float, float]:
        """F, and its denominator degrees of freedom, for linear functions, shape (q, p)."""
        _, vectors = np.linalg.eigh(rows @ self.covariance @ rows.T)
        each = np.array([self.df(row) for row in vectors.T @ rows])
        return _wald(rows, self.coefficients, self.covariance), _whole(_pooled_df(each))


@dataclass(frozen=True, eq=False)
class FixedDf:
    """Tests with degrees of freedom that are given: infinite ones make them Wald tests.

    Parameters
    ----------
    coefficients, covariance
        Estimates, shape (p,), and their covariance, shape (p, p).
    degrees
        Degrees of freedom of every test.

    Examples
    --------
    >>> FixedDf(np.array([1.0]), np.array([[0.25]]), 4.0).f_test(np.array([[1.0]]))
    (4.0, 4.0)
    """

    coefficients: Floats
    covariance: Floats
    degrees: float

    def df(self, weights: Floats) -> float:  # noqa: ARG002
        """The given degrees of freedom."""
        return self.degrees

    def f_test(self, rows: Floats) -> tuple[float, float]:
        """F with the given degrees of freedom, for linear functions, shape (q, p)."""
        return _wald(rows, self.coefficients, self.covariance), self.degrees


def kenward_roger(fit: RemlFit) -> KenwardRoger:
    """Tests of a fit after Kenward & Roger (1997), equations for a covariance linear in components.

    A component at zero is kept, as in R's pbkrtest.
    """
    variance = _inverse(fit.expected)
    phi = fit.covariance
    between = fit.curves - np.einsum("ipq,qr,jrs->ijps", fit.slopes, phi, fit.slopes, optimize=True)
    bias = np.tensordot(variance, between, ([0, 1], [0, 1]))
    corrected = phi + 2 * phi @ bias @ phi
    return KenwardRoger(fit.coefficients, (corrected + corrected.T) / 2, phi, fit.slopes, variance)


def satterthwaite(fit: RemlFit) -> Satterthwaite:
    """Tests of a fit with Satterthwaite's degrees of freedom; components at zero are left out."""
    inside = np.abs(fit.components) > _ZERO * np.abs(fit.components).sum()
    observed = fit.observed[np.ix_(inside, inside)]
    return Satterthwaite(fit.coefficients, fit.covariance, fit.slopes[inside], _inverse(observed))


DDF: Mapping[str, Callable[[RemlFit], Inference]] = {
    "kenward-roger": kenward_roger,
    "satterthwaite": satterthwaite,
}
"""The ways to find denominator degrees of freedom, by name."""


def inference(fit: RemlFit, ddf: str = "kenward-roger") -> Inference:
    """Tests of a fit with the named denominator degrees of freedom.

    Raises
    ------
    UsageError
        The name is neither ``kenward-roger`` nor ``satterthwaite``.

    Examples
    --------
    >>> from assaykit.stats.reml import fit_reml
    >>> fit = fit_reml(np.array([1.0, 2, 3]), np.ones((3, 1)), [])
    >>> round(inference(fit, "satterthwaite").df(np.ones(1)), 6)
    2.0
    """
    if ddf not in DDF:
        raise UsageError(f"ddf: found '{ddf}', expected one of {', '.join(DDF)}.")
    return DDF[ddf](fit)


def _match_moments(a1: float, a2: float, q: int) -> tuple[float, float]:
    """Denominator df and scale of F whose two moments are those of the statistic.

    Kenward & Roger (1997), section 3; two quotients that are 0/0 in balanced designs with two
    denominator degrees of freedom are given their limits. Where no F has these moments (next to
    nothing is known of the spread) both are missing.
    """
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    c = np.array([g, q - g, q + 2 - g]) / (3 * q + 2 * (1 - g))
    shrink, other = 1 - a2 / q, 1 - c[1] * b
    ratio = 1.0 if max(abs(shrink), abs(other)) < _ROUNDING else shrink / other
    spread = ratio**2 * (1 + c[0] * b) / (1 - c[2] * b)
    df = float(4 + (q + 2) / (spread - 1))
    scale = 1.0 if abs(df - 2) < _ROUNDING else float(df * shrink / (df - 2))
    return (df, scale) if df > 0 and scale > 0 else (np.nan, np.nan)


def _pooled_df(each: Floats) -> float:
    """One df for F from those of independent t (Fai & Cornelius 1996)."""
    if np.ptp(each) < 1e-8 * each.max():
        return float(each.mean())
    if (each <= 2).any():
        return 2.0
    expected = float(np.sum(each / (each - 2)))
    return 2 * expected / (expected - len(each))


def _whole(df: float) -> float:
    """Degrees of freedom without the rounding that keeps them from a whole number."""
    near = round(float(df)) if np.isfinite(df) else df
    return float(near if abs(df - near) < 1e-9 * abs(df) else df)


def _wald(rows: Floats, coefficients: Floats, covariance: Floats) -> float:
    estimate = rows @ coefficients
    return float(estimate @ np.linalg.solve(rows @ covariance @ rows.T, estimate)) / len(rows)


def _inverse(information: Floats) -> Floats:
    """Invert information; where it says nothing of some component, as far as it goes."""
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    unit = np.outer(scale, scale)
    return np.asarray(np.linalg.pinv(information / unit, rcond=1e-13) / unit, dtype=float)
