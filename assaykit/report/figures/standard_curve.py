"""The standard curve: standards and fit above, residuals below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.report.columns import is_excluded
from assaykit.report.figures import canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from assaykit.curves import StandardCurve
    from assaykit.study import Study

_LINEAR_MODELS = ("linear", "linear_origin", "quadratic")
_TITLES = {
    "4pl": "4PL", "5pl": "5PL", "linear": "straight line", "quadratic": "quadratic",
    "linear_origin": "straight line through 0", "loglog": "log-log line",
}  # fmt: skip
_LEAST_GAP = 2.5  # the zero standard stands at least this factor below the lowest other one


@dataclass(frozen=True)
class _ConcentrationAxis:
    """Where concentrations stand: logarithmic with the zero standard beyond a break, or linear.

    ``zero`` is the place of concentration 0 on a logarithmic axis; 0 where there is no break.
    """

    low: float
    high: float
    zero: float
    logarithmic: bool

    def place(self, concentration: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where concentrations are drawn."""
        return np.where(concentration > 0, concentration, self.zero)

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the axis."""
        if not self.logarithmic:
            margin = 0.04 * (self.high - self.low or 1.0)
            return self.low - margin, self.high + margin
        start = self.zero or self.low
        margin = (self.high / start) ** 0.04 if self.high > start else 2.0
        return start / margin, self.high * margin


def standard_curve_figure(
    curve: StandardCurve,
    *,
    title: str,
    concentration_unit: str,
    response_unit: str,
    samples: pd.DataFrame | None = None,
) -> Figure:
    """Draw a standard curve over its standards, with the residuals below.

    The range of quantification is a pale band. The concentration axis is logarithmic, and the
    zero standard stands to the left of a break; for straight lines and parabolas the axis is
    linear.

    Parameters
    ----------
    curve
        A fitted curve.
    title
        What stands above, such as the plate and the analyte.
    concentration_unit, response_unit
        Units for the axes.
    samples
        Wells with ``response`` and ``back_calculated_concentration`` (before dilution): each is
        a short line at its concentration; one without a concentration is a line at its
        response, on the left.

    Returns
    -------
    matplotlib.figure.Figure
        89 mm wide.

    Examples
    --------
    >>> from assaykit.curves import fit_standard_curve
    >>> curve = fit_standard_curve([0, 1, 2, 4], [0.0, 1.1, 1.9, 4.0], model="linear")
    >>> figure = standard_curve_figure(curve, title="plate 1", concentration_unit="µM",
    ...                                response_unit="OD")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['Response (OD)', 'Residual (OD)']
    """
    with canvas.style():
        figure = canvas.new_figure(canvas.SINGLE_COLUMN_MM, 82)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        canvas.add_title(figure, title)
        axis = _concentration_axis(curve)
        _draw_curve(upper, curve, axis)
        _draw_samples(upper, samples)
        _draw_residuals(lower, curve, axis)
        _set_axes(upper, lower, axis, curve)
        upper.set_ylabel(canvas.with_unit("Response", response_unit))
        lower.set_ylabel(canvas.with_unit("Residual", response_unit))
        lower.set_xlabel(canvas.with_unit("Concentration", concentration_unit))
        figure.align_ylabels((upper, lower))
        return canvas.finished(figure)


def _concentration_axis(curve: StandardCurve) -> _ConcentrationAxis:
    levels = np.unique(np.asarray(curve.concentration, dtype=float))
    positive = levels[levels > 0]
    if curve.model in _LINEAR_MODELS or not len(positive):
        return _ConcentrationAxis(float(levels[0]), float(levels[-1]), 0.0, logarithmic=False)
    low, high = float(positive[0]), float(positive[-1])
    if len(positive) == len(levels) or curve.model == "loglog":
        return _ConcentrationAxis(low, high, 0.0, logarithmic=True)
    step = float(positive[1] / low) if len(positive) > 1 else _LEAST_GAP
    gap = max(step, _LEAST_GAP, (high / low) ** 0.14)
    return _ConcentrationAxis(low, high, low / gap, logarithmic=True)


def _draw_curve(axes: Axes, curve: StandardCurve, axis: _ConcentrationAxis) -> None:
    """Range of quantification, fitted curve, standards."""
    ends = [curve.lloq, curve.uloq]
    if np.all(np.isfinite(ends)):
        words = " to ".join(canvas.number_label(float(f"{end:.4g}")) for end in ends)
        band = axis.place(np.array(ends, dtype=float))
        axes.axvspan(*band, color=canvas.SKY_BLUE, alpha=0.16, lw=0, label=f"LLOQ–ULOQ: {words}")
    spaced = np.geomspace if axis.logarithmic else np.linspace
    line = spaced(axis.low, axis.high, 200)
    axes.plot(line, curve.predict(line), color=canvas.BLUE, label=_fit_words(curve))
    if axis.zero:
        zero = np.full(2, float(curve.predict(np.zeros(1))[0]))
        axes.plot(axis.zero * np.array([0.8, 1.25]), zero, color=canvas.BLUE)
    axes.plot(
        *_points(curve, axis, curve.response), "o", ms=3.2, mfc="white", mec=canvas.BLACK, mew=0.7,
        label="standard wells",
    )  # fmt: skip


def _points(curve: StandardCurve, axis: _ConcentrationAxis, heights: Any) -> tuple[Any, Any]:
    """Places and heights of the standards; a log-log line has no place for the zero standard."""
    concentration = np.asarray(curve.concentration, dtype=float)
    shown = concentration > 0 if axis.logarithmic and not axis.zero else concentration >= 0
    return axis.place(concentration)[shown], np.asarray(heights, dtype=float)[shown]


def _fit_words(curve: StandardCurve) -> str:
    weights = "unweighted" if curve.weighting == "none" else f"weights {curve.weighting}"
    model = _TITLES.get(curve.model, curve.model)
    return f"{model}, {weights}, R² = {curve.r_squared:.4f}"


def _draw_samples(axes: Axes, samples: pd.DataFrame | None) -> None:
    """A line for each sample well: below at its concentration, or at the left at its response."""
    if samples is None or samples.empty:
        return
    concentration = samples["back_calculated_concentration"].to_numpy(float)
    response = samples["response"].to_numpy(float)
    inside = np.isfinite(concentration) & (concentration > 0)
    outside = ~inside & np.isfinite(response)
    thin: dict[str, Any] = {"lw": 0.6, "alpha": 0.8}
    if inside.any():
        axes.vlines(
            concentration[inside], 0, 0.045, transform=axes.get_xaxis_transform(),
            color=canvas.GREEN, label="samples", **thin,
        )  # fmt: skip
    if outside.any():
        axes.hlines(
            response[outside], 0, 0.03, transform=axes.get_yaxis_transform(),
            color=canvas.VERMILLION, label="samples without a concentration", **thin,
        )  # fmt: skip


def _draw_residuals(axes: Axes, curve: StandardCurve, axis: _ConcentrationAxis) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        fitted = curve.predict(np.asarray(curve.concentration, dtype=float))
        residuals = np.asarray(curve.response, dtype=float) - fitted
    axes.axhline(0, color=canvas.GREY, lw=0.6)
    axes.plot(*_points(curve, axis, residuals), "o", ms=2.6, mfc="white", mec=canvas.BLACK, mew=0.6)
    finite = np.abs(residuals[np.isfinite(residuals)])
    reach = 1.25 * float(finite.max(initial=0.0)) or 1.0
    axes.set_ylim(-reach, reach)
    canvas.set_ticks(axes.yaxis, canvas.linear_ticks(-reach, reach, most=4))


def _set_axes(upper: Axes, lower: Axes, axis: _ConcentrationAxis, curve: StandardCurve) -> None:
    upper.set_xscale("log" if axis.logarithmic else "linear")
    upper.set_xlim(*axis.limits)
    _set_concentration_ticks(lower, axis)
    if axis.zero:
        _break_axis(upper, axis)
        _break_axis(lower, axis)
    upper.tick_params(labelbottom=False)
    if curve.model == "loglog":
        upper.set_yscale("log")
        canvas.set_ticks(upper.yaxis, canvas.log_ticks(*upper.get_ylim()))
    else:
        low, high = upper.get_ylim()
        upper.set_ylim(low, high + 0.32 * (high - low))  # room for the legend
        canvas.set_ticks(upper.yaxis, canvas.linear_ticks(low, high))
    rising = curve.predict(np.array([axis.high])) > curve.predict(np.array([axis.low]))
    upper.legend(loc="upper left" if rising[0] else "upper right", handlelength=1.6)


def _set_concentration_ticks(axes: Axes, axis: _ConcentrationAxis) -> None:
    if not axis.logarithmic:
        canvas.set_ticks(axes.xaxis, canvas.linear_ticks(axis.low, axis.high))
        return
    ticks = canvas.log_ticks(axis.low, axis.high)
    labels = [canvas.number_label(tick) for tick in ticks]
    if axis.zero:
        ticks, labels = [axis.zero, *ticks], ["0", *labels]
    axes.xaxis.set_ticks(ticks, labels=labels)
    axes.xaxis.set_ticks([], minor=True)


def _break_axis(axes: Axes, axis: _ConcentrationAxis) -> None:
    """Two slanted strokes between the zero standard and the lowest other one."""
    step = axis.low / axis.zero
    axes.plot(
        axis.zero * step ** np.array([0.47, 0.53]), [0, 0], marker=[(-1, -2), (1, 2)], ms=5,
        mec=canvas.BLACK, mew=0.6, ls="none", transform=axes.get_xaxis_transform(), clip_on=False,
    )  # fmt: skip


def curve_figures(study: Study) -> Iterator[canvas.Picture]:
    """One picture for each standard curve of a Study: ``curve.<analyte>``."""
    owners = {name: _owner(study, name) for name in study.curves}
    plates = {plate for plate, _ in owners.values()}
    for name, curve in study.curves.items():
        plate, analyte = owners[name]
        short = analyte if len(plates) == 1 else name
        concentration_unit, response_unit = _units(study, plate, analyte)
        figure = standard_curve_figure(
            curve, title=f"{name}: standard curve", concentration_unit=concentration_unit,
            response_unit=response_unit, samples=_sample_points(study, plate, analyte),
        )  # fmt: skip
        words = f"Standard curve of {name} with its standards and residuals."
        yield canvas.Picture(f"curve.{short}" if short else "curve", figure, words)


def _owner(study: Study, name: str) -> tuple[str, str]:
    """Plate and analyte of a curve called ``plate · analyte``, whatever they are called."""
    standards = study.tables.get("Standards")
    if standards is not None:
        for plate, analyte in standards[["plate", "analyte"]].drop_duplicates().to_numpy():
            if name in (f"{plate} · {analyte}", plate):
                return str(plate), str(analyte)
    plate, _, analyte = name.partition(" · ")
    return plate, analyte


def _units(study: Study, plate: str, analyte: str) -> tuple[str, str]:
    """Unit of the concentrations and of the responses of a curve, as its standards say."""
    standards = study.tables.get("Standards")
    if standards is None:
        return "", ""
    own = _of_curve(standards, plate, analyte)
    units = own[["concentration_unit", "response_unit"]].astype(str).to_numpy()
    return tuple(units[0]) if len(units) else ("", "")


def _of_curve(table: pd.DataFrame, plate: str, analyte: str) -> pd.DataFrame:
    return table[(table["plate"] == plate) & (table["analyte"] == analyte)]


def _sample_points(study: Study, plate: str, analyte: str) -> pd.DataFrame | None:
    """Responses and concentrations of the sample wells that count."""
    wanted = ["response", "back_calculated_concentration"]
    table = study.observations
    if not {"plate", "analyte", "role", *wanted} <= set(table.columns):
        return None
    own = _of_curve(table, plate, analyte)
    return own.loc[(own["role"] == "sample") & ~is_excluded(own), wanted]
