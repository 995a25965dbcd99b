"""Two measurements of the same wells: one against the other, and their differences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.assays.base import endpoint_words
from assaykit.report.figures import canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from assaykit.stats.agreement import Agreement, Estimate
    from assaykit.study import Study

PAIRS = "Pairs"
"""The table of a Study that holds pairs: first_name, second_name, unit, scale, first, second."""

_HEIGHT_MM = 90.0
_ROOM, _LABEL = 0.44, 0.7  # shares of the figure for a panel, and for an upright label
_MARGIN, _FEWEST = 0.06, 3
_POINT: dict[str, Any] = {"color": canvas.BLUE, "ms": 3.8, "mec": "white", "mew": 0.4, "alpha": 0.9}
_EQUAL: dict[str, Any] = {"color": canvas.GREY, "lw": 0.8, "ls": (0, (4, 2))}
_TREND: dict[str, Any] = {"color": canvas.BLACK, "lw": 1.0}
_MEAN: dict[str, Any] = {"color": canvas.BLACK, "lw": 1.0}
_LIMIT: dict[str, Any] = {"color": canvas.VERMILLION, "lw": 1.0, "ls": (0, (5, 1.5, 1, 1.5))}
_BAND: dict[str, Any] = {"alpha": 0.15, "lw": 0}


def agreement_figure(
    points: pd.DataFrame, result: Agreement, *, names: tuple[str, str], unit: str = ""
) -> Figure:
    """Draw pairs against the line of equal values, and their differences over their means.

    Parameters
    ----------
    points
        As :func:`assaykit.stats.agreement.agreement_points` gives them; at least three.
    result
        As :func:`assaykit.stats.agreement.agreement` gives it, for the same pairs and scale. On
        the scale ``log`` axes are logarithmic and differences are ratios; on ``standardised`` the
        regression line is drawn too, whose slope is Pearson's correlation.
    names
        What the first and the second measurement are called.
    unit
        Their unit; not used for standardised values.

    Returns
    -------
    matplotlib.figure.Figure
        183 mm wide. On the right the mean difference and the limits of agreement after Bland and
        Altman, with their intervals as pale bands.

    Examples
    --------
    >>> from assaykit.stats.agreement import agreement, agreement_points
    >>> by_eye, by_program = [12, 7, 30, 22, 18], [11, 9, 27, 22, 20]
    >>> figure = agreement_figure(agreement_points(by_eye, by_program),
    ...                           agreement(by_eye, by_program),
    ...                           names=("By eye", "By program"), unit="cells")
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['By eye (cells)', 'Mean of both (cells)']
    """
    shown = "SD" if result.scale == "standardised" else unit
    with canvas.style():
        figure = canvas.new_figure(canvas.DOUBLE_COLUMN_MM, _HEIGHT_MM)
        left, right = figure.subplots(1, 2)
        _draw_pairs(left, points, result)
        _draw_differences(right, points, result)
        left.set_xlabel(canvas.with_unit(names[0], shown))
        left.set_ylabel(canvas.with_unit(names[1], shown))
        right.set_xlabel(canvas.with_unit("Mean of both", shown))
        _name_differences(right, names, shown, result.scale)
        _fit_labels(figure)
        _add_legend(figure, result)
        return canvas.finished(figure)


def _draw_pairs(axes: Axes, points: pd.DataFrame, result: Agreement) -> None:
    """The second over the first measurement, on two equal axes."""
    first, second = (points[name].to_numpy(float) for name in ("first", "second"))
    low, high = _ends(np.concatenate([first, second]), logarithmic=result.scale == "log")
    _set_axes(axes, (low, high), (low, high), result.scale)
    axes.set_box_aspect(1)
    axes.plot([low, high], [low, high], zorder=1, **_EQUAL)
    if result.scale == "standardised" and math.isfinite(result.pearson.value):
        ends = np.array([low, high])
        axes.plot(ends, result.pearson.value * ends, zorder=2, **_TREND)
    axes.plot(first, second, "o", zorder=3, **_POINT)
    second_line = ("concordance", result.concordance)
    if result.scale == "standardised":
        second_line = ("Spearman ρ", result.spearman)
    lines = [_words("Pearson r", result.pearson), _words(*second_line)]
    _name(axes, [f"n = {result.n}; {lines[0]}", lines[1]])


def _draw_differences(axes: Axes, points: pd.DataFrame, result: Agreement) -> None:
    """Differences over means with the limits of agreement."""
    mean, difference = (points[name].to_numpy(float) for name in ("mean", "difference"))
    none = 1.0 if result.scale == "log" else 0.0
    limits = (result.lower_limit, result.upper_limit)
    drawn = [x for e in (result.mean_difference, *limits) for x in (e.value, e.ci_low, e.ci_high)]
    heights = np.array([*difference, none, *(x for x in drawn if math.isfinite(x))])
    logarithmic = result.scale == "log"
    across = _ends(mean, logarithmic=logarithmic)
    _set_axes(axes, across, _ends(heights, logarithmic=logarithmic), result.scale)
    axes.set_box_aspect(1)
    axes.axhline(none, zorder=1, **_EQUAL)
    for one, look in ((result.mean_difference, _MEAN), *((one, _LIMIT) for one in limits)):
        if math.isfinite(one.ci_low):
            axes.axhspan(one.ci_low, one.ci_high, color=look["color"], zorder=0, **_BAND)
        if math.isfinite(one.value):
            axes.axhline(one.value, zorder=2, **look)
    axes.plot(mean, difference, "o", zorder=3, **_POINT)
    what = "mean ratio" if logarithmic else "mean difference"
    ends = f"{_number(limits[0].value)} to {_number(limits[1].value)}"
    said = f"95 % of the differences: {ends}" if math.isfinite(limits[0].value) else ""
    if logarithmic:
        said = said.replace("differences", "ratios")
    _name(axes, [_words(what, result.mean_difference), said or limits[0].reason])


def _ends(values: np.ndarray[Any, Any], *, logarithmic: bool) -> tuple[float, float]:
    """Ends of an axis a little beyond the values."""
    low, high = float(values.min()), float(values.max())
    if logarithmic:
        margin = (high / low) ** _MARGIN if high > low else 1.1
        return low / margin, high * margin
    margin = _MARGIN * (high - low or abs(high) or 1.0)
    return low - margin, high + margin


def _set_axes(
    axes: Axes, across: tuple[float, float], upwards: tuple[float, float], scale: str
) -> None:
    logarithmic = scale == "log"
    axes.set_xscale("log" if logarithmic else "linear")
    axes.set_yscale("log" if logarithmic else "linear")
    axes.set(xlim=across, ylim=upwards)
    canvas.set_ticks_between(axes.xaxis, *across, logarithmic=logarithmic)
    canvas.set_ticks_between(axes.yaxis, *upwards, logarithmic=logarithmic)


def _name_differences(axes: Axes, names: tuple[str, str], unit: str, scale: str) -> None:
    """What is subtracted from what, or divided by it; without names where they are too long."""
    sign, what, shown = ("/", "Ratio", "") if scale == "log" else ("−", "Difference", unit)
    label = axes.yaxis.label
    label.set_text(canvas.with_unit(f"{names[0]} {sign} {names[1]}", shown))
    if canvas.width_of(label) > _LABEL * axes.figure.bbox.height:
        label.set_text(canvas.with_unit(f"{what} x {sign} y of the left panel", shown))


def _words(what: str, one: Estimate) -> str:
    """An estimate with its interval, or why there is none."""
    if not math.isfinite(one.value):
        return f"{what}: {one.reason}"
    text = f"{what} {_number(one.value)}"
    if math.isfinite(one.ci_low):
        return f"{text} ({_number(one.ci_low)} to {_number(one.ci_high)})"
    return f"{text} ({one.reason})"


def _number(value: float) -> str:
    """Three digits, without a minus before a zero.

    Examples
    --------
    >>> [_number(value) for value in (0.94328, -22.04, 0.0, 1234.5)]
    ['0.943', '−22', '0', '1230']
    """
    return canvas.number_label(float(f"{value:.3g}") + 0.0)


def _name(axes: Axes, lines: list[str]) -> None:
    """Lines above a panel, each cut where it is wider than the panel may be."""
    figure = axes.figure
    title = axes.set_title("", loc="left", fontsize=canvas.SMALL_SIZE)
    fitted = []
    for line in lines:
        title.set_text(canvas.one_line(line))
        canvas.fit(title, 0.8 * _ROOM * figure.bbox.width)
        fitted.append(title.get_text())
    title.set_text("\n".join(fitted))


def _fit_labels(figure: Figure) -> None:
    for axes in figure.axes:
        canvas.shrink(axes.xaxis.label, 0.85 * _ROOM * figure.bbox.width)
        canvas.shrink(axes.yaxis.label, _LABEL * figure.bbox.height)


def _add_legend(figure: Figure, result: Agreement) -> None:
    """Say what the lines are, below both panels."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    percent = f"{100 * result.confidence:g} %"
    ratio = result.scale == "log"
    handles: list[Any] = [Line2D([], [], label="equal values", **_EQUAL)]
    if result.scale == "standardised":
        handles.append(Line2D([], [], label="regression line", **_TREND))
    else:
        handles.append(Line2D([], [], label="mean ratio" if ratio else "mean difference", **_MEAN))
    handles.append(Line2D([], [], label="95 % limits of agreement", **_LIMIT))
    handles.append(Patch(label=f"{percent} confidence", color=canvas.GREY, alpha=0.3, lw=0))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(handles), handletextpad=0.5,
        columnspacing=1.6, handlelength=2.2,
    )  # fmt: skip


def agreement_figures(study: Study) -> Iterator[canvas.Picture]:
    """One picture for each two measurements in the table ``Pairs`` of a Study.

    Each row of that table is one pair of values: ``assay``, ``analyte``, ``first_name``,
    ``second_name``, ``unit``, ``scale`` (as for :func:`assaykit.stats.agreement.agreement`),
    ``first`` and ``second``. Pairs of which fewer than three count have no picture.
    """
    from assaykit.stats.agreement import agreement, agreement_points

    table = study.tables.get(PAIRS)
    if table is None or table.empty:
        return
    keys = ["assay", "analyte", "first_name", "second_name", "unit", "scale"]
    number = 0
    for key, part in table.groupby(keys, sort=False, dropna=False):
        _, analyte, first, second, unit, scale = ("" if one != one else str(one) for one in key)  # noqa: PLR0124
        first, second = (endpoint_words(analyte, name) for name in (first, second))
        values: Any = (part["first"], part["second"])
        kind: Any = scale or "linear"
        points = agreement_points(*values, scale=kind)
        if len(points) < _FEWEST:
            continue
        number += 1
        result = agreement(*values, scale=kind)
        figure = agreement_figure(points, result, names=(first, second), unit=unit)
        name = "agreement" if number == 1 else f"agreement.{number}"
        sentence = (
            f"{first} and {second} of the same {result.n} samples: one against the other, and "
            "their differences over their means with limits of agreement."
        )
        yield canvas.Picture(name, figure, sentence)
