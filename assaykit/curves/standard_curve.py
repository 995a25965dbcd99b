"""The standard curve: fit one, predict with it, and turn responses into concentrations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.back_calculation import back_calculated
from assaykit.curves.curve_fitting import fit_sigmoids, power_of, weights_of
from assaykit.curves.curve_models import MODELS, FloatArray, Model, model_named, turning_point
from assaykit.curves.identifiability import check_identified, covariance_of
from assaykit.curves.standard_points import Levels, checked_points
from assaykit.errors import CurveError

if TYPE_CHECKING:
    import pandas as pd

_STARTS = 5
_REWEIGHTINGS = 500
_RESTING = 1e-12


@dataclass(frozen=True, eq=False)
class StandardCurve:
    """A fitted standard curve; made by :func:`fit_standard_curve`.

    Parameters
    ----------
    model, weighting
        As they were asked for.
    parameters
        ``{"a", "b", "c", "d"[, "g"]}`` of y = d + (a - d) / (1 + (x/c)**b)**g, or
        ``{"intercept", "slope"[, "quadratic"]}``. For ``loglog`` they belong to
        ln y = intercept + slope ln x.
    standard_errors
        Of each parameter; 0 for the intercept of ``linear_origin``, which is not estimated,
        and missing where there are no degrees of freedom.
    covariance
        Of the parameters, in their order.
    residual_sum_of_squares
        Weighted if the fit is weighted; in ln y for ``loglog``.
    degrees_of_freedom
        Fitted points less estimated parameters.
    residual_standard_error
        Root of the residual sum of squares over the degrees of freedom.
    r_squared
        1 - residual sum of squares / (weighted) sum of squares about the mean.
    concentration, response
        The points that were given.
    lloq, uloq
        The working range in concentration; at first the lowest and highest standard
        above zero.
    readings_per_point
        How many readings stand behind a fitted point: 1, or for ``loglog``, which is fitted
        to the mean of each level, their mean number.

    Examples
    --------
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
    >>> round(curve.parameters["slope"], 6), curve.lloq, curve.uloq
    (0.2, 1.0, 4.0)
    """

    model: str
    weighting: str
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    covariance: FloatArray = field(repr=False)
    residual_sum_of_squares: float
    degrees_of_freedom: int
    residual_standard_error: float
    r_squared: float
    concentration: FloatArray = field(repr=False)
    response: FloatArray = field(repr=False)
    lloq: float
    uloq: float
    readings_per_point: float = 1.0

    @property
    def values(self) -> FloatArray:
        """The parameters as an array."""
        return np.array(list(self.parameters.values()))

    @property
    def kind(self) -> Model:
        """Formula, derivatives and inverse of the model."""
        return MODELS[self.model]

    @property
    def falling(self) -> bool:
        """Whether the response falls as the concentration rises (a competitive ELISA)."""
        low, high = self.predict([self.lloq, self.uloq])
        return bool(low > high)

    def with_limits(self, lloq: float, uloq: float) -> StandardCurve:
        """The same curve with another working range.

        Raises
        ------
        CurveError
            The limits are not two rising concentrations.

        Examples
        --------
        >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
        >>> curve.with_limits(2, 4).back_calculate(0.3)["flag"].tolist()
        ['below_lloq']
        """
        if not 0 <= lloq < uloq:
            raise CurveError(
                f"The limits of a curve must rise from zero or more; found {lloq:g} to {uloq:g}."
            )
        return replace(self, lloq=float(lloq), uloq=float(uloq))

    def predict(self, concentration: ArrayLike) -> FloatArray:
        """The response of the curve at concentrations; missing for negative ones.

        Examples
        --------
        >>> curve = fit_standard_curve([0, 1, 2, 4], [0.1, 0.3, 0.5, 0.9], model="linear")
        >>> curve.predict([0.0, 3.0]).round(6).tolist()
        [0.1, 0.7]
        """
        x = np.asarray(concentration, dtype=np.float64)
        known = np.where(x >= 0, x, 0.0)
        value = self.kind.from_fitted_scale(self.kind.curve(known, self.values))
        return np.where(x >= 0, value, np.nan)

    def back_calculate(
        self,
        response: ArrayLike,
        replicates: ArrayLike = 1,
        confidence: float = 0.95,
        extrapolate: bool = False,
    ) -> pd.DataFrame:
        """Concentrations of responses, with inversion intervals.

        The interval holds every concentration whose prediction band,
        curve +/- t sqrt(s2/m + var(curve)), covers the response. As in R's ``investr``, t
        has the curve's degrees of freedom plus m - 1. A band that still covers the response
        at concentration zero gives ``ci_low`` 0; one that covers it however high the
        concentration gives ``ci_high`` infinite.

        Parameters
        ----------
        response
            One response, or several.
        replicates
            The response is the mean of so many readings (m); one number, or one for each.
        confidence
            Of the interval, between 0 and 1.
        extrapolate
            Give the number outside the working range as well, where the curve has one. The
            flag stays.

        Returns
        -------
        pandas.DataFrame
            ``concentration``, ``ci_low``, ``ci_high`` and ``flag``: empty, ``below_lloq``,
            ``above_uloq``, ``beyond_asymptote`` (no concentration from zero on has this
            response) or ``no_reading``. Without a number in range all three are missing.

        Raises
        ------
        CurveError
            The arguments do not fit together.

        Examples
        --------
        >>> x, y = [0, 1, 2, 4, 8], [0.1, 0.31, 0.49, 0.91, 1.69]
        >>> curve = fit_standard_curve(x, y, model="linear")
        >>> table = curve.back_calculate([0.5, 5.0])
        >>> table["concentration"].round(2).tolist(), table["flag"].tolist()
        ([1.99, nan], ['', 'above_uloq'])
        """
        return back_calculated(self, response, replicates, confidence, extrapolate)


@dataclass(frozen=True, eq=False)
class _Fit:
    """What a model's fit yields: points on the fitted scale, weights and values."""

    x: FloatArray
    y: FloatArray
    weights: FloatArray
    values: FloatArray
    readings_per_point: float = 1.0
    at_limit: tuple[str, ...] = ()
    settled: bool = True


def fit_standard_curve(
    concentration: ArrayLike,
    response: ArrayLike,
    *,
    model: str = "4pl",
    weighting: str = "none",
) -> StandardCurve:
    """Fit a standard curve by least squares.

    Parameters
    ----------
    concentration, response
        One of each for every standard well; concentrations from zero on. The zero standard
        is kept at x = 0, except by ``loglog``, which leaves it out.
    model
        ``"4pl"``, ``"5pl"`` (at least 8 levels), ``"linear"``, ``"linear_origin"`` (through
        the origin), ``"quadratic"`` or ``"loglog"`` (a line through the logarithms of the
        mean response of each level).
    weighting
        ``"none"``, ``"1/y"`` or ``"1/y2"``, where y is the fitted response: the weights are
        iterated until they no longer change.

    Returns
    -------
    StandardCurve
        With b > 0, a the response at zero and d that at infinite concentration. Only a 5PL
        whose asymmetry lies at the low end has b < 0, a at infinity and d at zero.

    Raises
    ------
    CurveError
        The points cannot carry the curve; the message says why, which parameter is not
        determined, and what to do.

    Examples
    --------
    >>> curve = fit_standard_curve(
    ...     [0, 0, 2, 2, 10, 10, 25, 25, 75, 75, 200, 200],
    ...     [.0665, .0816, .0976, .1002, .186, .1867, .385, .4072, 1.0494, 1.0382, 2.3574, 2.4024])
    >>> {name: round(value, 3) for name, value in curve.parameters.items()}
    {'a': 0.075, 'b': 1.1, 'c': 448.739, 'd': 7.988}
    """
    kind, power = model_named(model), power_of(weighting)
    if kind.logarithmic and power:
        raise CurveError(
            f"A {kind.title} takes no weighting, because its logarithm already evens out the "
            "scatter. Use weighting 'none'."
        )
    x, y = checked_points(concentration, response, kind)
    return _curve(kind, weighting, _fitted(kind, x, y, power), (x, y))


def _fitted(kind: Model, x: FloatArray, y: FloatArray, power: int) -> _Fit:
    if kind.sigmoid:
        return _fit_sigmoid(kind, x, y, power)
    if not kind.logarithmic:
        return _fit_linear(kind, _Fit(x, y, np.ones_like(y), np.zeros(0)), power)
    levels = Levels.of(x[x > 0])
    means = np.log(levels.means(y[x > 0]))
    points = _Fit(levels.concentration, means, np.ones_like(means), np.zeros(0))
    return replace(_fit_linear(kind, points, 0), readings_per_point=float(levels.counts.mean()))


def _fit_sigmoid(kind: Model, x: FloatArray, y: FloatArray, power: int) -> _Fit:
    count = len(kind.parameters) - 2
    fits = fit_sigmoids(x[:, None], y[:, None], count, power, _STARTS)
    at_limit = tuple(
        name for name, reached in zip("bcg", fits.at_limit[:, 0], strict=False) if reached
    )
    fit = _Fit(x, y, fits.weights[:, 0], fits.values[:, 0])
    return replace(fit, at_limit=at_limit, settled=bool(fits.settled[0]))


def _fit_linear(kind: Model, points: _Fit, power: int) -> _Fit:
    """Models that are linear in their parameters; weights are iterated."""
    fit = replace(points, values=_linear_values(kind, points))
    for _ in range(_REWEIGHTINGS if power else 0):
        weights = weights_of(kind.curve(fit.x, fit.values), power)
        values = _linear_values(kind, replace(fit, weights=weights))
        resting = np.abs(values - fit.values).max() <= _RESTING * np.abs(values).max()
        fit = replace(fit, weights=weights, values=values)
        if resting:
            return fit
    return replace(fit, settled=not power)


def _linear_values(kind: Model, points: _Fit) -> FloatArray:
    jacobian = kind.jacobian(points.x, np.zeros(len(kind.parameters)))
    root = np.sqrt(points.weights)
    scale = np.abs(jacobian).max(axis=0)
    scale[scale == 0] = 1.0
    solved = np.linalg.lstsq(jacobian / scale * root[:, None], points.y * root, rcond=None)[0]
    return np.asarray(solved / scale)


def _curve(
    kind: Model, weighting: str, fit: _Fit, points: tuple[FloatArray, FloatArray]
) -> StandardCurve:
    residuals = fit.y - kind.curve(fit.x, fit.values)
    rss = float(fit.weights @ residuals**2)
    degrees = len(fit.y) - len(kind.free)
    variance = rss / degrees if degrees > 0 else np.nan
    covariance = _checked_covariance(kind, fit, variance)
    errors = np.sqrt(np.diag(covariance))
    spread = fit.y - np.average(fit.y, weights=fit.weights)
    above_zero = points[0][points[0] > 0]
    return StandardCurve(
        kind.name,
        weighting,
        dict(zip(kind.parameters, map(float, fit.values), strict=True)),
        dict(zip(kind.parameters, map(float, errors), strict=True)),
        covariance,
        rss,
        degrees,
        float(np.sqrt(variance)),
        float(1.0 - rss / (fit.weights @ spread**2)),
        *points,
        lloq=float(above_zero.min()),
        uloq=float(above_zero.max()),
        readings_per_point=fit.readings_per_point,
    )


def _checked_covariance(kind: Model, fit: _Fit, variance: float) -> FloatArray:
    """Covariance of the parameters of a curve that has a shape, weights and an answer."""
    _check_one_way(kind, fit)
    _check_weights(kind, fit)
    jacobian = kind.jacobian(fit.x, fit.values) * np.sqrt(fit.weights)[:, None]
    covariance = variance * covariance_of(jacobian)
    check_identified(kind, fit.values, np.sqrt(np.diag(covariance)), jacobian, fit.at_limit)
    if not fit.settled:
        raise CurveError(
            f"The fit of the {kind.title} did not come to rest. Check the standards for a "
            "swapped or failed well, or use a model with fewer parameters."
        )
    return covariance


def _check_one_way(kind: Model, fit: _Fit) -> None:
    if kind.name != "quadratic":
        return
    turn, top = turning_point(fit.values), fit.x.max()
    if 0 < turn < top:
        raise CurveError(
            f"The quadratic curve turns at concentration {turn:.4g}, below the highest standard "
            f"({top:g}), so that one response has two concentrations. Use '4pl', or leave the "
            "standards at the plateau out."
        )


def _check_weights(kind: Model, fit: _Fit) -> None:
    fitted = kind.curve(fit.x, fit.values)
    if np.ptp(fit.weights) == 0 or fitted.min() > 0:
        return
    worst = int(np.argmin(fitted))
    raise CurveError(
        f"Weights need fitted responses above zero, but at concentration {fit.x[worst]:g} the "
        f"{kind.title} gives {fitted[worst]:.3g}. Use weighting 'none', responses from which no "
        "blank is subtracted, or no zero standard."
    )
