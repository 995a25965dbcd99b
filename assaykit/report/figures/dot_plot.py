"""Wells, biological replicates and effects of one endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.assays.base import endpoint_words
from assaykit.report.columns import is_excluded
from assaykit.report.figures import canvas
from assaykit.report.figures.effect_panel import AXIS_MM, draw_effects, fitting_rows, panels_of
from assaykit.report.words import axis_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from assaykit.design import Design
    from assaykit.study import Study

_COLOURS = (
    canvas.BLUE, canvas.VERMILLION, canvas.GREEN, canvas.ORANGE, canvas.PURPLE, canvas.SKY_BLUE,
    canvas.BLACK,
)  # fmt: skip
_SHAPES = ("o", "s", "^", "D", "v", "P", "X")
_MOST_NAMED, _MOST_IN_A_ROW = 8, 6
_UPPER_MM, _REST_MM, _NOTE_MM = 44.0, 22.0, 5.0
_MOST_LINES = 3


def replicate_dot_plot(
    observations: pd.DataFrame,
    replicates: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    endpoint: str,
    design: Design,
) -> Figure:
    """Draw one endpoint: wells small and pale, biological replicates large, effects below.

    Parameters
    ----------
    observations, replicates, effects
        Rows of one analyte and endpoint, as in :mod:`assaykit.tables`. The unit and the scale
        of the replicates are those of the axis.
    endpoint
        What was measured, in words, for the axis.
    design
        Gives the arms their order, tells whether they share their replicates, and what a
        replicate is.

    Returns
    -------
    matplotlib.figure.Figure
        89 mm wide and at most 170 mm high. The same replicate in several arms is joined by a
        line. Below stands each contrast with its interval and exact p, and the rescue fraction
        on an axis of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.design import Design, Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> replicates = pd.DataFrame({"arm": ["control", "vesicle"], "biological_replicate": "1",
    ...                            "value": [1.0, 2.0], "unit": "pg/mL", "scale": "log"})
    >>> figure = replicate_dot_plot(pd.DataFrame(), replicates, pd.DataFrame(),
    ...                             endpoint="RANKL concentration", design=design)
    >>> figure.axes[0].get_ylabel()
    'RANKL concentration (pg/mL)'
    """
    with canvas.style():
        figure = canvas.new_figure(canvas.SINGLE_COLUMN_MM, canvas.TALLEST_MM)
        room = canvas.TALLEST_MM - _UPPER_MM - _REST_MM - _NOTE_MM
        groups = panels_of(fitting_rows(effects, design, figure, room))
        heights = [_UPPER_MM, *(group.height_mm for group in groups)]
        whole = sum(heights) + _REST_MM + AXIS_MM * len(groups)
        canvas.set_height(figure, whole)
        panels = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        _draw_arms(panels[0], observations, replicates, design, figure)
        unit = str(replicates["unit"].iloc[0]) if len(replicates) else ""
        panels[0].set_ylabel(canvas.with_unit(endpoint, unit))
        canvas.shrink(panels[0].yaxis.label, figure.bbox.height * _UPPER_MM / whole)
        for axes, group in zip(panels[1:], groups, strict=True):
            draw_effects(axes, group, design.confidence, figure.bbox.width)
        shown = sum(len(group.rows) for group in groups)
        if len(effects) > shown:
            words = f"{shown} of {len(effects)} contrasts; all are in the sheet Effects"
            panels[min(1, len(groups))].set_title(words, loc="left", fontsize=canvas.SMALL_SIZE)
        return canvas.finished(figure)


def _draw_arms(
    axes: Axes,
    observations: pd.DataFrame,
    replicates: pd.DataFrame,
    design: Design,
    figure: Figure,
) -> None:
    """Each arm at its place, each replicate at its own place within the arm."""
    counted = replicates[np.isfinite(replicates["value"].to_numpy(float, na_value=np.nan))]
    arms = _arms_in_order(counted["arm"], design)
    names = sorted(set(counted["biological_replicate"]), key=_in_human_order)
    shared = _is_shared(counted, design)
    looks = {name: _look(number if shared else 0) for number, name in enumerate(names)}
    places = _places(counted, arms, names)
    for (arm, name), values in _wells_of(observations, design):
        if (arm, name) in places:
            x = places[arm, name] + np.linspace(-0.035, 0.035, len(values))
            pale: dict[str, Any] = {"color": looks[name][0], "alpha": 0.35, "mew": 0}
            axes.plot(x if len(values) > 1 else x[:1] + 0.035, values, "o", ms=2.2, **pale)
    for name in names:
        part = counted[counted["biological_replicate"] == name]
        colour, shape = looks[name]
        ordered = part.iloc[np.argsort([arms.index(arm) for arm in part["arm"]], kind="stable")]
        axes.plot(
            [places[arm, name] for arm in ordered["arm"]], ordered["value"], shape, color=colour,
            ls="-" if shared else "none", lw=0.6, ms=4.6, mec="white", mew=0.4, label=str(name),
        )  # fmt: skip
    _set_value_axis(axes, str(counted["scale"].iloc[0]) if len(counted) else "linear")
    _label_arms(axes, arms, counted, figure.bbox.width)
    _add_legend(figure, axes, design, [str(name) for name in names] if shared else [])


def _arms_in_order(present: pd.Series, design: Design) -> list[str]:
    """The arms that are there: the declared ones in their order, then any others."""
    found = dict.fromkeys(present)
    return [arm for arm in dict.fromkeys((*design.arms, *found)) if arm in found]


def _is_shared(replicates: pd.DataFrame, design: Design) -> bool:
    """Whether the same name in two arms is the same replicate and is there."""
    repeated = bool(replicates["biological_replicate"].duplicated().any())
    return repeated and design.replicates_shared is not False


def _look(number: int) -> tuple[str, str]:
    return _COLOURS[number % len(_COLOURS)], _SHAPES[number % len(_SHAPES)]


def _in_human_order(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts d2 before d10."""
    parts = re.split(r"(\d+)", str(name))
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _places(
    replicates: pd.DataFrame, arms: Sequence[str], names: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Where each replicate of each arm stands: side by side within the arm, in one order."""
    places = {}
    for arm, part in replicates.groupby("arm", sort=False):
        present = [name for name in names if name in set(part["biological_replicate"])]
        spread = min(0.08 * (len(present) - 1), 0.3)
        shifts = np.linspace(-spread, spread, len(present))
        for name, shift in zip(present, shifts, strict=True):
            places[str(arm), str(name)] = arms.index(str(arm)) + float(shift)
    return places


def _wells_of(
    observations: pd.DataFrame, design: Design
) -> Iterator[tuple[tuple[str, str], NDArray[np.float64]]]:
    """Values of the sample wells that count, by arm and replicate."""
    if observations.empty:
        return
    counts = (observations["role"] == "sample") & observations["value"].notna()
    wells = observations[counts & ~is_excluded(observations)]
    arms = design.arm_labels(wells)
    for (arm, name), part in wells.groupby([arms, "biological_replicate"], sort=False):
        yield (str(arm), str(name)), part["value"].to_numpy(float)


def _set_value_axis(axes: Axes, scale: str) -> None:
    """A logarithmic axis for a positive quantity on a log scale, else a linear one."""
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in axes.get_lines()]
    values = np.concatenate(drawn) if drawn else np.array([0.0, 1.0])
    logarithmic = scale == "log" and bool((values > 0).all())
    axes.set_yscale("log" if logarithmic else "linear")
    low, high = float(values.min()), float(values.max())
    if logarithmic:
        low, high = low * 0.93, high * 1.07
    else:
        margin = 0.06 * (high - low or abs(high) or 1.0)
        low, high = low - margin, high + margin
    axes.set_ylim(low, high)
    canvas.set_ticks_between(axes.yaxis, low, high, logarithmic=logarithmic)


def _label_arms(axes: Axes, arms: Sequence[str], counted: pd.DataFrame, width: float) -> None:
    """Name each arm with its n: level under level, or upright where there is no room.

    ``width`` is that of the figure in pixels.
    """
    names = [canvas.one_line(arm) for arm in arms]
    counts = [f"n = {int((counted['arm'] == arm).sum())}" for arm in arms]
    axes.set_xlim(-0.6, max(len(arms), 1) - 0.4)
    axes.xaxis.set_ticks(range(len(arms)), labels=names)
    labels = axes.get_xticklabels()
    room = 0.76 * width / max(len(arms), 1)
    if all(_under_each_other(*pair, room) for pair in zip(labels, counts, strict=True)):
        axes.xaxis.set_ticks(range(len(arms)), labels=[label.get_text() for label in labels])
        return
    for number, label in enumerate(labels):
        label.set_text(names[number])
        canvas.fit(label, 0.22 * width)
    upright = [f"{label.get_text()}  {n}" for label, n in zip(labels, counts, strict=True)]
    axes.xaxis.set_ticks(range(len(arms)), labels=upright, rotation=90)


def _under_each_other(label: Text, count: str, width: float) -> bool:
    """Put the levels of an arm, broken at spaces, and its n one under the other; tell if they fit.

    An n is never cut.
    """
    lines, fits = [], True
    for level in label.get_text().split(" / "):
        label.set_text(level)
        fits = canvas.wrap(label, width, _MOST_LINES) and fits
        lines.append(label.get_text())
    label.set_text(count)
    fits = canvas.width_of(label) <= width and fits
    label.set_text("\n".join([*lines, count]))
    return fits


def _add_legend(figure: Figure, axes: Axes, design: Design, named: Sequence[str]) -> None:
    """Say what small and large points are, and which replicate is which where they are joined."""
    from matplotlib.lines import Line2D

    point: dict[str, Any] = {
        "marker": "o",
        "ls": "none",
        "color": canvas.GREY,
        "mec": "white",
        "mew": 0.4,
    }
    small = Line2D([], [], ms=2.2, alpha=0.5, label="well", **{**point, "mew": 0})
    large = Line2D([], [], ms=4.6, label=canvas.one_line(design.replicate_word), **point)
    entries = [small, large]
    if 1 < len(named) <= _MOST_NAMED:
        lines = {str(line.get_label()): line for line in axes.get_lines()}
        entries += [lines[name] for name in named]
    rows = 1 if len(entries) <= _MOST_IN_A_ROW else 2
    legend = figure.legend(
        handles=entries, loc="outside upper left", ncols=-(-len(entries) // rows),
        handletextpad=0.3, columnspacing=1.0, handlelength=1.4,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_text(canvas.one_line(text.get_text()))
        canvas.fit(text, 0.10 * figure.bbox.width)


def dot_plots(study: Study) -> Iterator[canvas.Picture]:
    """One picture for each assay, analyte and endpoint of a comparison."""
    replicates = study.replicates
    if replicates.empty or not study.wells.empty:
        return
    keys = [name for name in ("assay", "analyte", "endpoint") if name in replicates]
    for key, part in replicates.groupby(keys, sort=False, dropna=False):
        own = dict(zip(keys, key, strict=True))
        figure = replicate_dot_plot(
            _rows(study.observations, own), part, _rows(study.effects, own),
            endpoint=axis_words(own), design=study.design,
        )  # fmt: skip
        name = ".".join(str(value) for value in own.values() if value)
        what = endpoint_words(str(own["analyte"]), str(own["endpoint"]))
        sentence = f"{what}: wells, replicates, and effects with intervals."
        yield canvas.Picture(name, figure, sentence)


def _rows(table: pd.DataFrame, wanted: Mapping[str, object]) -> pd.DataFrame:
    """The rows of a table that belong to one assay, analyte and endpoint."""
    chosen = table
    for name, value in wanted.items():
        if name in chosen and not chosen.empty:
            chosen = chosen[chosen[name] == value]
    return chosen
