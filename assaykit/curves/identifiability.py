"""Whether the points determine every parameter of a curve, and how well."""

from __future__ import annotations

import numpy as np

from assaykit.curves.curve_models import FloatArray, Model
from assaykit.errors import CurveError

# A parameter with a standard error of three times its size (a plateau: three times the
# distance of the plateaus) says nothing. Real vendor curves that end far below their
# plateau reach 0.3 without and 0.6 with weights.
_ENORMOUS = 3.0
_RANK = 1e-10

# A standard closer to a plateau than this share of their distance is not on the slope.
_PLATEAU = 0.01

_LOW_PLATEAU = "no standard shows the plateau at zero concentration; add low standards or a zero"
_HIGH_PLATEAU = (
    "the standards do not bend towards a plateau at high concentration; add higher standards, "
    "or use 'quadratic', 'linear' or 'loglog'"
)
_SHAPE_REASONS: dict[str, str] = {
    "b": "too few standards lie on the slope between the plateaus; add standards there",
    "c": "no standard lies near half of the response; add standards there",
    "g": "the standards do not show how asymmetric the curve is; use '4pl'",
}


def covariance_of(jacobian: FloatArray) -> FloatArray:
    """Inverse of J'J; zero for parameters that no point depends on.

    Examples
    --------
    >>> covariance_of(np.array([[0.0, 1.0], [0.0, 1.0]])).round(9).tolist()
    [[0.0, 0.0], [0.0, 0.5]]
    """
    lengths = np.linalg.norm(jacobian, axis=0)
    used = np.flatnonzero(lengths)
    _, sizes, turn = np.linalg.svd(jacobian[:, used] / lengths[used], full_matrices=False)
    half = turn.T / np.maximum(sizes, np.finfo(np.float64).eps) / lengths[used][:, None]
    covariance = np.zeros((len(lengths), len(lengths)))
    covariance[np.ix_(used, used)] = half @ half.T
    return covariance


def check_identified(
    model: Model,
    values: FloatArray,
    standard_errors: FloatArray,
    jacobian: FloatArray,
    at_limit: tuple[str, ...],
) -> None:
    """Refuse a curve with parameters that its points do not determine.

    Parameters
    ----------
    model, values, standard_errors
        The fitted curve.
    jacobian
        Weighted derivatives of the fitted points by the parameters.
    at_limit
        Names of the parameters that ran away during the fit.

    Raises
    ------
    CurveError
        Names the parameters and says why they are not determined and what to do.

    Examples
    --------
    >>> from assaykit.curves.curve_models import MODELS
    >>> try:
    ...     check_identified(MODELS["linear"], np.array([0.0, 1.0]), np.array([0.1, 9.0]),
    ...                      np.eye(2), ())
    ... except CurveError as error:
    ...     print(error)
    The straight line is not determined by its standards: the slope (1 +/- 9) cannot be \
identified, because the response does not change with the concentration. Check the plate map.
    """
    unknown = _unknown(model, values, standard_errors, jacobian, at_limit)
    if not unknown:
        return
    spread = dict(zip(model.parameters, zip(values, standard_errors, strict=True), strict=True))
    named = " and ".join(
        f"{name} ({spread[name][0]:.4g} +/- {spread[name][1]:.2g})" for name in unknown
    )
    opening = f"The {model.title} is not determined by its standards:"
    if not model.sigmoid:
        raise CurveError(
            f"{opening} the {named} cannot be identified, because the response does not change "
            "with the concentration. Check the plate map."
        )
    because = "; ".join(_reason(name, values) for name in unknown)
    raise CurveError(f"{opening} {named} cannot be identified, because {because}.")


def _reason(name: str, values: FloatArray) -> str:
    if name in _SHAPE_REASONS:
        return _SHAPE_REASONS[name]
    return _LOW_PLATEAU if (name == "a") == (values[1] > 0) else _HIGH_PLATEAU


def _unknown(
    model: Model,
    values: FloatArray,
    standard_errors: FloatArray,
    jacobian: FloatArray,
    at_limit: tuple[str, ...],
) -> list[str]:
    if not model.sigmoid:
        vague = standard_errors[1] > _ENORMOUS * abs(values[1])
        return ["slope"] if vague and model.name != "quadratic" else []
    sizes = np.abs(values)
    sizes[[0, 3]] = abs(values[0] - values[3])
    vague = standard_errors > _ENORMOUS * sizes
    found = {name for name, is_vague in zip(model.parameters, vague, strict=True) if is_vague}
    found.update(at_limit, [model.parameters[i] for i in _undetermined(jacobian)])
    if _jumps(jacobian):
        found.add("b")
    # c runs away together with the plateau that the standards do not reach.
    plateaus = found & {"a", "d"}
    if "c" in found and (plateaus or "b" not in found):
        found = found - {"c"} | (plateaus or {_missed_plateau(jacobian)})
    return [name for name in model.parameters if name in found]


def _jumps(jacobian: FloatArray) -> bool:
    """Whether points lie on both plateaus and none between; share = dy/dd / (dy/da + dy/dd)."""
    share = jacobian[:, 3] / (jacobian[:, 0] + jacobian[:, 3])
    low, high = share < _PLATEAU, share > 1.0 - _PLATEAU
    return bool(low.any() and high.any() and (low | high).all())


def _missed_plateau(jacobian: FloatArray) -> str:
    """The plateau that the points say least about."""
    said = np.abs(jacobian[:, [0, 3]]).max(axis=0)
    return "a" if said[0] < said[1] else "d"


def _undetermined(jacobian: FloatArray) -> list[int]:
    """The parameters that could change without moving the curve at any standard."""
    lengths = np.linalg.norm(jacobian, axis=0)
    if not lengths.all():
        return [int(index) for index in np.flatnonzero(lengths == 0)]
    _, sizes, turn = np.linalg.svd(jacobian / lengths, full_matrices=False)
    return [int(np.argmax(np.abs(turn[-1])))] if sizes[-1] < _RANK * sizes[0] else []
