"""Which model fits the standards, and whether a sample runs parallel to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from assaykit.curves.back_calculation import IN_RANGE, concentration_at, flags_of
from assaykit.curves.curve_fitting import fit_sigmoids
from assaykit.curves.curve_models import (
    MODELS,
    FloatArray,
    log_concentration,
    share_reached,
)
from assaykit.curves.shape_search import CurveTask, Shares, search_shapes
from assaykit.curves.standard_curve import StandardCurve, fit_standard_curve
from assaykit.curves.standard_points import Levels
from assaykit.errors import CurveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_OWN_SHAPE_LEVELS = 5
_LARGEST_CV = 30.0
_STARTS = 5


def compare_models(concentration: ArrayLike, response: ArrayLike) -> pd.DataFrame:
    """Every model on the same points, unweighted.

    Parameters
    ----------
    concentration, response
        As for :func:`assaykit.curves.fit_standard_curve`.

    Returns
    -------
    pandas.DataFrame
        One row for each model: ``model``, ``n_parameters``, ``residual_sum_of_squares`` (of
        the responses, also for ``loglog``), ``aicc`` (Hurvich & Tsai 1989; the variance
        counts as a parameter; smaller is better), ``f_statistic`` and ``p_value`` of the
        5PL against the 4PL (small: the asymmetry is real), and ``reason`` where a model
        cannot be fitted.

    Examples
    --------
    >>> x = [0, 1, 2, 4, 8, 16, 32, 64]
    >>> y = [0.05, 0.14, 0.22, 0.36, 0.60, 0.96, 1.36, 1.72]
    >>> table = compare_models(x, y).set_index("model")
    >>> table["aicc"].idxmin()
    '4pl'
    """
    import pandas as pd

    table = pd.DataFrame([_described(name, concentration, response) for name in MODELS])
    table["f_statistic"] = np.nan
    table["p_value"] = np.nan
    rss = table.set_index("model")["residual_sum_of_squares"]
    degrees = np.size(np.asarray(response)) - 5
    if np.isfinite(rss["5pl"]) and np.isfinite(rss["4pl"]) and degrees > 0 and rss["5pl"] > 0:
        f = max(rss["4pl"] - rss["5pl"], 0.0) / (rss["5pl"] / degrees)
        row = table["model"] == "5pl"
        table.loc[row, "f_statistic"] = f
        table.loc[row, "p_value"] = _upper_tail(f, 1, degrees)
    columns = ["model", "n_parameters", "residual_sum_of_squares", "aicc"]
    return table[[*columns, "f_statistic", "p_value", "reason"]]


def _described(name: str, concentration: ArrayLike, response: ArrayLike) -> dict[str, object]:
    count = len(MODELS[name].free)
    row: dict[str, object] = {"model": name, "n_parameters": count}
    try:
        curve = fit_standard_curve(concentration, response, model=name)
    except CurveError as error:
        nothing = {"residual_sum_of_squares": np.nan, "aicc": np.nan}
        return {**row, **nothing, "reason": str(error)}
    rss = float(np.sum((curve.response - curve.predict(curve.concentration)) ** 2))
    found = {"residual_sum_of_squares": rss, "aicc": _aicc(rss, len(curve.response), count + 1)}
    return {**row, **found, "reason": ""}


def _aicc(rss: float, n: int, count: int) -> float:
    if n <= count + 1 or not 0 < rss < np.inf:
        return np.nan
    aic = n * (np.log(2.0 * np.pi * rss / n) + 1.0) + 2.0 * count
    return float(aic + 2.0 * count * (count + 1) / (n - count - 1))


def _upper_tail(f: float, numerator: int, denominator: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(numerator, denominator, f))


@dataclass(frozen=True)
class Parallelism:
    """Whether a diluted sample follows the shape of the standard curve.

    Parameters
    ----------
    potency
        Concentration of the undiluted sample, if its shape is that of the standards.
    f_statistic, df_numerator, df_denominator, p_value
        F test of the common shape against the sample's own (small p: not parallel).
    own_parameters
        Which parameters the sample's own shape had.
    cv_percent
        Coefficient of variation of the concentrations after multiplying back, over the
        dilutions in the working range; missing with fewer than two.
    n_dilutions
        Dilutions in the working range.
    passed
        Whether the CV is at most 30 % (ICH M10).
    """

    potency: float
    f_statistic: float
    df_numerator: int
    df_denominator: int
    p_value: float
    own_parameters: tuple[str, ...]
    cv_percent: float
    n_dilutions: int
    passed: bool


def parallelism(
    curve: StandardCurve, dilution_factor: ArrayLike, response: ArrayLike
) -> Parallelism:
    """Compare the dilution series of a sample with the standard curve.

    Two nested least-squares fits of standards and sample together: a common 4PL, shifted
    along the concentration axis for the sample, and the same with an own shape of the
    sample (extra sum of squares). With five or more dilutions the own shape has all four
    parameters; with three or four it shares the plateaus, which so few points cannot show.
    A test alone punishes precise assays, so that the verdict rests on the CV of the
    concentrations multiplied back.

    Parameters
    ----------
    curve
        An unweighted 4PL.
    dilution_factor, response
        Of each well of the sample; 1 is undiluted; at least three different dilutions.

    Returns
    -------
    Parallelism
        Test, potency and CV.

    Raises
    ------
    CurveError
        The curve is no unweighted 4PL, or the dilutions are too few or not finite.

    Examples
    --------
    >>> def response(c, b):
    ...     return 2.1 - 2.0 / (1 + (c / 50) ** b)
    >>> x = np.array([0, 3, 6, 12, 25, 50, 100, 200, 400.0])
    >>> noise = np.resize([0.003, -0.002, 0.001, -0.003, 0.002], 9)
    >>> curve = fit_standard_curve(x, response(x, 1.2) + noise)
    >>> fold = np.array([1, 2, 4, 8, 16])
    >>> parallel = parallelism(curve, fold, response(150 / fold, 1.2) - noise[:5])
    >>> round(parallel.potency), parallel.p_value > 0.05, parallel.passed
    (150, True, True)
    >>> parallelism(curve, fold, response(150 / fold, 0.6)).p_value < 0.001
    True
    """
    fold, y = _checked_series(curve, dilution_factor, response)
    common, potency = _common_shape(curve, fold, y)
    own, names = _own_shape(curve, fold, y)
    numerator = len(names) - 1
    denominator = len(curve.response) + len(y) - 4 - len(names)
    f = max(common - own, 0.0) / numerator / (own / denominator) if own > 0 else np.nan
    found = concentration_at(curve, y)
    counted = flags_of(curve, found, y) == IN_RANGE
    per_dilution = Levels.of(fold[counted]).means((found * fold)[counted])
    cv = np.nan
    if len(per_dilution) > 1:
        cv = float(100.0 * per_dilution.std(ddof=1) / per_dilution.mean())
    p_value = _upper_tail(f, numerator, denominator)
    passed = bool(cv <= _LARGEST_CV)
    return Parallelism(
        potency, f, numerator, denominator, p_value, names, cv, len(per_dilution), passed
    )


def _checked_series(
    curve: StandardCurve, dilution_factor: ArrayLike, response: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    fold = np.atleast_1d(np.asarray(dilution_factor, dtype=np.float64))
    y = np.atleast_1d(np.asarray(response, dtype=np.float64))
    if curve.model != "4pl" or curve.weighting != "none":
        raise CurveError(
            f"Parallelism is tested against an unweighted 4PL; found '{curve.model}' with "
            f"weighting '{curve.weighting}'."
        )
    if fold.shape != y.shape or not (np.isfinite(y).all() and (fold > 0).all()):
        raise CurveError(
            "Parallelism needs one dilution factor above zero and one finite response for each "
            f"well; found {fold.size} factors and {y.size} responses."
        )
    if len(np.unique(fold)) < 3:
        raise CurveError(
            f"Parallelism needs at least three dilutions of a sample; found {len(np.unique(fold))}."
        )
    return fold, y


def _joint_task(
    curve: StandardCurve, fold: FloatArray, y: FloatArray, own_slope: bool
) -> tuple[CurveTask, FloatArray]:
    """Standards and sample as one curve whose shapes also hold the sample's log potency."""
    x = np.concatenate([curve.concentration, 1.0 / fold])[:, None]
    of_sample = (np.arange(len(x)) >= len(curve.concentration))[:, None]

    def shares(log_x: FloatArray, shapes: Sequence[FloatArray]) -> Shares:
        steep = np.where(of_sample, shapes[3], shapes[0]) if own_slope else shapes[0]
        share, (by_b, by_c) = share_reached(log_x + of_sample * shapes[2], [steep, shapes[1]])
        by_potency = np.where(of_sample, -by_c, 0.0)
        if not own_slope:
            return share, (by_b, by_c, by_potency)
        return share, (
            np.where(of_sample, 0.0, by_b), by_c, by_potency, np.where(of_sample, by_b, 0.0)
        )  # fmt: skip

    log_b, log_c = np.log(curve.values[[1, 2]])
    found = concentration_at(curve, y) * fold
    first = float(np.median(np.log(found[found > 0]))) if (found > 0).any() else log_c
    start = np.array([log_b, log_c, first, log_b][: 4 if own_slope else 3])[:, None]
    responses = np.concatenate([curve.response, y])[:, None]
    free = np.full_like(start, 20.0)
    task = CurveTask(
        log_concentration(x),
        responses, np.ones_like(responses), start - free, start + free, shares,
    )  # fmt: skip
    return task, start


def _common_shape(curve: StandardCurve, fold: FloatArray, y: FloatArray) -> tuple[float, float]:
    search = search_shapes(*_joint_task(curve, fold, y, own_slope=False))
    return float(search.rss[0]), float(np.exp(search.shapes[2, 0]))


def _own_shape(
    curve: StandardCurve, fold: FloatArray, y: FloatArray
) -> tuple[float, tuple[str, ...]]:
    if len(np.unique(fold)) < _OWN_SHAPE_LEVELS:
        search = search_shapes(*_joint_task(curve, fold, y, own_slope=True))
        return float(search.rss[0]), ("b", "c")
    own = fit_sigmoids(1.0 / fold[:, None], y[:, None], 2, 0, _STARTS)
    return curve.residual_sum_of_squares + float(own.rss[0]), ("a", "b", "c", "d")
