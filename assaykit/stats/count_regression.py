"""Negative binomial regression on columns: coefficients, means and the dispersion theta.

The variance of a count with mean ``m`` is ``m + m**2 / theta`` (Lawless 1987, "NB2"), and the
logarithm of the mean is linear. An infinite theta is Poisson's distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assaykit.errors import DesignError, Problem
from assaykit.stats.distributions import Floats

Dispersion = Literal["likelihood", "moments"]

_ROUNDS = 500
_SAME = 1e-11  # change at which rounds end: of coefficients, of the variance beyond Poisson's
_POISSON = 1e-9  # a theta that gains less log-likelihood than this is infinite
_LARGE = 100.0  # Stirling's series has all digits above


@dataclass(frozen=True, eq=False)
class CountFit:
    """Coefficients and theta of a negative binomial regression.

    Parameters
    ----------
    counts, means
        As observed and as fitted, shape (n,).
    coefficients, covariance
        Estimates, shape (p,), and the inverse of their expected information given theta.
    theta
        Dispersion; infinite for Poisson's distribution.
    poisson_dispersion
        Pearson's chi-square by its degrees of freedom in Poisson regression.
    residual_df
        Counts minus coefficients.
    """

    counts: Floats
    means: Floats
    coefficients: Floats
    covariance: Floats
    theta: float
    poisson_dispersion: float
    residual_df: int

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood with all constants."""
        return _log_likelihood(self.theta, self.counts, self.means)

    @property
    def theta_error(self) -> float:
        """Standard error of theta by the observed information; missing for an infinite one."""
        from scipy.special import polygamma

        theta, y, m = self.theta, self.counts, self.means
        if np.isinf(theta):
            return np.nan
        each = polygamma(1, theta) - polygamma(1, theta + y) - 1 / theta
        information = float(np.sum(each + 2 / (m + theta) - (y + theta) / (m + theta) ** 2))
        return float(1 / np.sqrt(information)) if information > 0 else np.nan


def fit_counts(
    counts: Floats, matrix: Floats, offset: Floats, dispersion: Dispersion = "likelihood"
) -> CountFit:
    """Fit coefficients and theta.

    Parameters
    ----------
    counts
        Whole numbers, shape (n,), of which no mean is driven to zero (:func:`rows_at_zero`).
    matrix
        Independent columns, shape (n, p).
    offset
        What the logarithm of each mean has beside them: that of the exposure, shape (n,).
    dispersion
        Theta by maximum ``likelihood`` (as ``glm.nb`` of Venables & Ripley 2002) or by ``moments``
        (Breslow 1984).

    Raises
    ------
    DesignError
        There are no more counts than coefficients, or the rounds do not end.

    Examples
    --------
    >>> arms = np.repeat(np.eye(2), 3, axis=0)
    >>> fit = fit_counts(np.array([3.0, 7, 5, 9, 18, 12]), arms, np.zeros(6))
    >>> np.exp(fit.coefficients).round(6).tolist(), round(fit.theta, 2)
    ([5.0, 13.0], inf)
    """
    residual_df = len(counts) - matrix.shape[1]
    if residual_df < 1:
        message = f"{len(counts)} counts for {matrix.shape[1]} means leave no spread to be seen"
        raise DesignError([Problem("no_residual_df", message, remedy="Add biological replicates.")])
    basis, triangle = np.linalg.qr(matrix)
    model = _Regression(counts, basis, offset)
    theta = THETA[dispersion](model)
    turned, means = model.fit(theta)
    inverse, weight = np.linalg.inv(triangle), means / (1 + means / theta)
    covariance = inverse @ np.linalg.inv((basis.T * weight) @ basis) @ inverse.T
    poisson = model.pearson(np.inf) / residual_df
    return CountFit(counts, means, inverse @ turned, covariance, theta, poisson, residual_df)


def rows_at_zero(counts: Floats, matrix: Floats) -> NDArray[np.bool_]:
    """Rows whose mean the likelihood drives to zero, so that a coefficient would be infinite.

    They are those zeros that a direction of the coefficients lowers while it leaves every row with
    a count as it is (Correia, Guimarães & Zylkin 2019), found by a linear programme.

    Parameters
    ----------
    counts, matrix
        As for :func:`fit_counts`; the columns need not be independent.

    Examples
    --------
    >>> rows_at_zero(np.array([0.0, 0, 0, 4]), np.repeat(np.eye(2), 2, axis=0)).tolist()
    [True, True, False, False]
    """
    from scipy.optimize import linprog

    zero = counts == 0
    if not zero.any() or zero.all():
        return np.asarray(zero)
    number, width = int(zero.sum()), matrix.shape[1]
    lowered = np.hstack([matrix[zero], np.eye(number)])
    level = np.hstack([matrix[~zero], np.zeros((len(matrix) - number, number))])
    found = linprog(
        np.repeat([0.0, -1.0], [width, number]), lowered, np.zeros(number), level,
        np.zeros(len(level)), [(None, None)] * width + [(0.0, 1.0)] * number,
    )  # fmt: skip
    zero[zero] = found.x[width:] > 0.5
    return np.asarray(zero)


@dataclass(frozen=True, eq=False)
class _Regression:
    """Counts on orthonormal columns, to be fitted at one theta or another."""

    counts: Floats
    basis: Floats
    offset: Floats

    def fit(self, theta: float) -> tuple[Floats, Floats]:
        """Coefficients and means of the largest likelihood given theta.

        By Newton's method, halving steps that do not climb. The likelihood is concave, so that the
        top is found where Fisher's scoring without such care runs away.
        """
        found = self.basis.T @ (np.log(self.counts + 0.5) - self.offset)
        for _ in range(_ROUNDS):
            step = self._step(found, theta)
            before = self._height(found, theta)
            while np.abs(step).max() > 1e-6 and not self._height(found + step, theta) >= before:
                step = step / 2
            found = found + step
            if np.abs(step).max() < _SAME:
                return found, self._means(found)
        raise _not_converged("the coefficients keep changing")

    def _step(self, found: Floats, theta: float) -> Floats:
        """Newton's step from these coefficients."""
        means = self._means(found)
        weight = means / (1 + means / theta)
        slope = self.basis.T @ ((self.counts - means) / (1 + means / theta))
        curved = weight * (1 + self.counts / theta) / (1 + means / theta)
        try:
            step = np.linalg.solve((self.basis.T * curved) @ self.basis, slope)
        except np.linalg.LinAlgError as error:
            raise _not_converged("the likelihood is flat") from error
        return np.asarray(step, dtype=float)

    def pearson(self, theta: float) -> float:
        """Pearson's chi-square of the fit at theta."""
        means = self.fit(theta)[1]
        return float(np.sum((self.counts - means) ** 2 / (means + means**2 / theta)))

    def _means(self, coefficients: Floats) -> Floats:
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.offset + self.basis @ coefficients), dtype=float)

    def _height(self, coefficients: Floats, theta: float) -> float:
        """Log-likelihood without what the coefficients do not change."""
        log_means, means = self.offset + self.basis @ coefficients, self._means(coefficients)
        if np.isinf(theta):
            return float(self.counts @ log_means - means.sum())
        with np.errstate(over="ignore"):
            lost = (self.counts + theta) @ np.log1p(means / theta)
        return float(self.counts @ log_means - lost)


def _not_converged(reason: str) -> DesignError:
    message = f"the regression of the counts found no end: {reason}"
    return DesignError([Problem("not_converged", message, remedy="Use fewer terms.")])


def _theta_of_moments(model: _Regression) -> float:
    """Theta at which Pearson's chi-square equals its degrees of freedom (Breslow 1984)."""
    from scipy.optimize import brentq

    wanted, decade = model.basis.shape[0] - model.basis.shape[1], float(np.log(10))

    def beyond(log_theta: float) -> float:
        return float(model.pearson(float(np.exp(log_theta))) - wanted)

    if model.pearson(np.inf) <= wanted:
        return np.inf
    low = high = float(np.log(model.counts.mean())) + 8 * decade
    while beyond(low) > 0:
        low, high = low - decade, low
    return np.inf if low == high else float(np.exp(brentq(beyond, low, high, xtol=_SAME)))


def _theta_of_likelihood(model: _Regression) -> float:
    """Theta of the largest likelihood: means given theta and theta given means, in turn."""
    theta, scale = np.inf, float(model.counts.mean())
    for _ in range(_ROUNDS):
        means = model.fit(theta)[1]
        before, theta = theta, _top(model.counts, means)
        extra, change = scale / theta, abs(scale / theta - scale / before)
        if change <= _SAME * (1 + extra):
            return theta
    raise _not_converged("theta keeps changing")


def _top(counts: Floats, means: Floats) -> float:
    """Theta with the largest likelihood given the means: the best of all tops, or infinity."""
    from scipy.optimize import brentq

    def slope(log_theta: float) -> float:
        return float(_score(np.exp(np.array([log_theta])), counts, means)[0])

    grid = np.log(means.mean()) + np.log(10) * np.linspace(-8, 6, 113)
    slopes = _score(np.exp(grid), counts, means)
    tops = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    found = [np.exp(brentq(slope, grid[i], grid[i + 1], xtol=1e-14, rtol=1e-14)) for i in tops]
    gains = [_log_likelihood(theta, counts, means) for theta in found]
    enough = _log_likelihood(np.inf, counts, means) + _POISSON
    return float(found[int(np.argmax(gains))]) if max(gains, default=enough) > enough else np.inf


def _score(thetas: Floats, counts: Floats, means: Floats) -> Floats:
    """Slope of the log-likelihood in theta, at each theta; without loss of digits at large ones."""
    from scipy.special import digamma

    def rest(x: Floats) -> Floats:
        series = -1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4)
        return np.where(x > _LARGE, series, digamma(x) - np.log(x))

    theta = thetas[:, None]
    off = (counts - means) / (means + theta)
    each = rest(theta + counts) - rest(theta) + np.log1p(off) - off
    return np.asarray(each.sum(axis=1), dtype=float)


def _log_likelihood(theta: float, counts: Floats, means: Floats) -> float:
    """Log-likelihood with all constants; without loss of digits at large thetas."""
    from scipy.special import gammaln, xlogy

    ways = xlogy(counts, means) - gammaln(counts + 1)
    if np.isinf(theta):
        return float(np.sum(ways - means))
    stirling = _stirling(theta + counts) - _stirling(np.full(1, theta))
    total = counts + theta
    each = total * np.log1p((counts - means) / (means + theta)) - np.log1p(counts / theta) / 2
    return float(np.sum(ways - counts + each + stirling))


def _stirling(x: Floats) -> Floats:
    """Logarithm of the gamma function beyond ``(x - 1/2) log x - x + log(2 pi) / 2``."""
    from scipy.special import gammaln

    series = 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5)
    direct = gammaln(x) - (x - 0.5) * np.log(x) + x - np.log(2 * np.pi) / 2
    return np.asarray(np.where(x > _LARGE, series, direct), dtype=float)


THETA: Mapping[Dispersion, Callable[[_Regression], float]] = {
    "likelihood": _theta_of_likelihood,
    "moments": _theta_of_moments,
}
"""The ways to find theta, by name."""
