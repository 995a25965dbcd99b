"""The six curves: their formula, derivatives and inverse.

A model works on its *fitted scale*: the response itself, or its natural logarithm for
``loglog``. Parameters are an array in the order of :attr:`Model.parameters`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assaykit.errors import CurveError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_EXPONENT_LIMIT = 700.0


def log_concentration(concentration: FloatArray) -> FloatArray:
    """Natural logarithm of concentrations; minus infinity for the zero standard.

    Examples
    --------
    >>> log_concentration(np.array([0.0, 1.0])).tolist()
    [-inf, 0.0]
    """
    logs = np.full(np.shape(concentration), -np.inf)
    np.log(concentration, out=logs, where=np.asarray(concentration) > 0)
    return logs


def share_reached(
    log_x: FloatArray, shape: Sequence[FloatArray], mirrored: bool = False
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """How far a curve has come from its plateau at zero to the one at infinity.

    The share is ``1 - (1 + (x/c)**b)**-g``, or ``(1 + (c/x)**b)**-g`` when mirrored (which
    differs only if g is not 1). It is exact also where it is tiny, as it is when the far
    plateau lies well above the standards.

    Parameters
    ----------
    log_x
        Logarithms of concentrations (:func:`log_concentration`).
    shape
        ``log b, log c`` (4PL, g = 1) or ``log b, log c, log g`` (5PL), each an array that
        broadcasts against ``log_x``.
    mirrored
        Whether the asymmetry g shapes the other end of the curve.

    Returns
    -------
    tuple
        The share, and its derivatives by each element of ``shape``.

    Examples
    --------
    >>> share, _ = share_reached(np.array([-np.inf, 0.0]), [np.array(0.0), np.array(0.0)])
    >>> share.round(9).tolist()
    [0.0, 0.5]
    """
    b = np.exp(shape[0])
    exponent = np.clip(b * (log_x - shape[1]), -_EXPONENT_LIMIT, _EXPONENT_LIMIT)
    power = np.exp(-exponent if mirrored else exponent)
    left = 1.0 / (1.0 + power)
    if len(shape) == 2:
        share = left if mirrored else power * left
        steepness = power * left * left
        return share, (steepness * exponent, -b * steepness)
    log_fall = np.exp(shape[2]) * np.log1p(power)
    fall = np.exp(-log_fall)
    steepness = np.exp(shape[2]) * fall * power * left
    by_asymmetry = log_fall * fall
    return (
        fall if mirrored else -np.expm1(-log_fall),
        (steepness * exponent, -b * steepness, -by_asymmetry if mirrored else by_asymmetry),
    )


@dataclass(frozen=True)
class _Ends:
    """The formula's a and d as the plateaus at zero and at infinity, and the share between."""

    at_zero: int
    at_infinity: int
    share: FloatArray
    slopes: tuple[FloatArray, ...]


_SHAPE_INDICES = (1, 2, 4)


def _ends(x: FloatArray, values: FloatArray) -> _Ends:
    """With b below zero, which only a 5PL may have, a is the plateau at infinity."""
    shape = [np.log(np.abs(values[index])) for index in _SHAPE_INDICES[: len(values) - 2]]
    mirrored = bool(values[1] < 0)
    share, slopes = share_reached(log_concentration(x), shape, mirrored)
    return _Ends(3, 0, share, slopes) if mirrored else _Ends(0, 3, share, slopes)


def _sigmoid(x: FloatArray, values: FloatArray) -> FloatArray:
    ends = _ends(x, values)
    return np.asarray(
        values[ends.at_zero] + (values[ends.at_infinity] - values[ends.at_zero]) * ends.share
    )


def _sigmoid_jacobian(x: FloatArray, values: FloatArray) -> FloatArray:
    ends = _ends(x, values)
    span = values[ends.at_infinity] - values[ends.at_zero]
    columns = np.empty((*np.shape(x), len(values)))
    columns[..., ends.at_zero], columns[..., ends.at_infinity] = 1.0 - ends.share, ends.share
    for index, slope in zip(_SHAPE_INDICES, ends.slopes, strict=False):
        columns[..., index] = span * slope / values[index]
    return columns


def _sigmoid_inverse(y: FloatArray, values: FloatArray) -> FloatArray:
    a, b, c, d = values[:4]
    g = values[4] if len(values) == 5 else 1.0
    share = (y - d) / (a - d)
    inside = (share > 0) & (share <= 1)
    with np.errstate(over="ignore", divide="ignore"):
        x = c * np.expm1(-np.log(np.where(inside, share, 1.0)) / g) ** (1.0 / b)
    return np.where(inside & np.isfinite(x), x, np.nan)


def _polynomial(x: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.polynomial.polynomial.polyval(x, values))


def _line_jacobian(x: FloatArray, _values: FloatArray) -> FloatArray:
    return np.stack([np.ones_like(x), x], axis=-1)


def _origin_jacobian(x: FloatArray, _values: FloatArray) -> FloatArray:
    return np.stack([np.zeros_like(x), x], axis=-1)


def _quadratic_jacobian(x: FloatArray, _values: FloatArray) -> FloatArray:
    return np.stack([np.ones_like(x), x, x**2], axis=-1)


def _not_negative(x: FloatArray) -> FloatArray:
    return np.where(x >= 0, x, np.nan)


def _line_inverse(y: FloatArray, values: FloatArray) -> FloatArray:
    return _not_negative((y - values[0]) / values[1])


def turning_point(values: FloatArray) -> float:
    """The concentration at which a quadratic curve turns; infinite if it does not.

    Examples
    --------
    >>> turning_point(np.array([0.0, 4.0, -1.0]))
    2.0
    """
    return float(-values[1] / (2.0 * values[2])) if values[2] else np.inf


def _quadratic_inverse(y: FloatArray, values: FloatArray) -> FloatArray:
    intercept, slope, quadratic = values
    discriminant = slope**2 - 4.0 * quadratic * (intercept - y)
    # Concentrations and the standards lie on one side of the turning point, where the
    # curve goes the way it goes at zero.
    direction = np.sign(slope) or np.sign(quadratic)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = 2.0 * (y - intercept) / (slope + direction * np.sqrt(discriminant))
    return _not_negative(x)


def _log_line(x: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(values[0] + values[1] * log_concentration(x))


def _log_line_jacobian(x: FloatArray, _values: FloatArray) -> FloatArray:
    logs = log_concentration(x)
    return np.stack([np.ones_like(logs), logs], axis=-1)


def _log_line_inverse(y: FloatArray, values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        x = np.exp((y - values[0]) / values[1])
    return np.where(np.isfinite(y) & np.isfinite(x), x, np.nan)


@dataclass(frozen=True)
class Model:
    """One kind of standard curve.

    Parameters
    ----------
    name
        What :func:`assaykit.curves.fit_standard_curve` calls it.
    title
        How a sentence calls it.
    parameters
        Names of the parameters in their order.
    minimum_levels
        How many different concentrations it needs.
    curve, jacobian, inverse
        Value at concentrations, derivatives by the parameters (concentrations x
        parameters) and concentration of a value, all on the fitted scale. The inverse is
        missing where no concentration from zero on has that value.
    logarithmic
        Whether the fitted scale is the natural logarithm of the response.
    fixed
        Parameters that have a given value and are not estimated.

    Examples
    --------
    >>> MODELS["4pl"].parameters
    ('a', 'b', 'c', 'd')
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    minimum_levels: int
    curve: Callable[[FloatArray, FloatArray], FloatArray]
    jacobian: Callable[[FloatArray, FloatArray], FloatArray]
    inverse: Callable[[FloatArray, FloatArray], FloatArray]
    logarithmic: bool = False
    fixed: tuple[str, ...] = ()

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the parameters that are estimated."""
        return tuple(name for name in self.parameters if name not in self.fixed)

    @property
    def sigmoid(self) -> bool:
        """Whether the curve has two plateaus."""
        return "d" in self.parameters

    def to_fitted_scale(self, response: FloatArray) -> FloatArray:
        """Responses on the scale the model is fitted on; missing where there is no logarithm."""
        if not self.logarithmic:
            return response
        return np.log(response, out=np.full_like(response, np.nan), where=response > 0)

    def from_fitted_scale(self, value: FloatArray) -> FloatArray:
        """Responses out of values on the fitted scale."""
        return np.exp(value) if self.logarithmic else value


_LINE = ("intercept", "slope")

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("linear", "straight line", _LINE, 2, _polynomial, _line_jacobian, _line_inverse),
        Model("linear_origin", "straight line through the origin", _LINE, 2,
              _polynomial, _origin_jacobian, _line_inverse, fixed=("intercept",)),
        Model("quadratic", "quadratic curve", (*_LINE, "quadratic"), 3,
              _polynomial, _quadratic_jacobian, _quadratic_inverse),
        Model("loglog", "log-log line", _LINE, 2,
              _log_line, _log_line_jacobian, _log_line_inverse, logarithmic=True),
        Model("4pl", "4PL curve", ("a", "b", "c", "d"), 4,
              _sigmoid, _sigmoid_jacobian, _sigmoid_inverse),
        Model("5pl", "5PL curve", ("a", "b", "c", "d", "g"), 8,
              _sigmoid, _sigmoid_jacobian, _sigmoid_inverse),
    )
}  # fmt: skip


def model_named(name: str) -> Model:
    """The model of that name.

    Raises
    ------
    CurveError
        There is no such model.

    Examples
    --------
    >>> model_named("5pl").minimum_levels
    8
    """
    if name not in MODELS:
        raise CurveError(f"'{name}' is not a standard curve model. Use one of {', '.join(MODELS)}.")
    return MODELS[name]
