"""Dilution series of a qPCR plate: Cq over quantity, the fitted lines, where the samples lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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

    from assaykit.study import Study

_LOOKS = ((canvas.BLUE, "o"), (canvas.VERMILLION, "s"), (canvas.GREEN, "^"), (canvas.PURPLE, "D"))
_LEFT_MM, _WIDE_MM, _TEXTS_MM, _RIGHT_MM = 12.0, 66.0, 6.0, 44.0
_TOP_MM, _HIGH_MM, _BETWEEN_MM, _BOTTOM_MM, _NOTE_MM = 10.0, 62.0, 9.0, 11.0, 2.9
_LABEL_MM, _LANES, _LANE, _ROOM = 9.2, 0.015, 0.032, 0.05


@dataclass(frozen=True)
class Series:
    """One target's dilution series, as it is drawn.

    Parameters
    ----------
    target
        Its name.
    quantity, cq
        Of the standard wells that count and have a Cq.
    excluded
        Quantity and Cq of those that were left out by a person.
    fit
        Its row of the sheet Efficiency.
    samples
        Mean Cq of each sample; missing where nothing was found in it.
    without_cq
        How many standard wells have no Cq.
    """

    target: str
    quantity: NDArray[np.float64]
    cq: NDArray[np.float64]
    excluded: tuple[NDArray[np.float64], NDArray[np.float64]]
    fit: Mapping[Any, Any]
    samples: NDArray[np.float64]
    without_cq: int = 0

    @property
    def is_fitted(self) -> bool:
        """Whether there is a line."""
        return bool(np.isfinite(self.fit["slope"]))

    @property
    def ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest quantity of the line, and its Cq there."""
        quantity = np.array([self.fit["lowest"], self.fit["highest"]], dtype=float)
        return quantity, self.fit["intercept"] + self.fit["slope"] * np.log10(quantity)

    @property
    def words(self) -> str:
        """What the line says, in two lines."""
        if not self.is_fitted:
            return str(self.fit["verdict"]) or "no dilution series"
        fit, between = self.fit, "{efficiency_low:.3f} to {efficiency_high:.3f}"
        line = f"slope {fit['slope']:.3f}, R² {fit['r_squared']:.4f}".replace("-", "−")
        if fit["efficiency_source"] == "dilution series":
            return f"{line}\nefficiency {fit['efficiency']:.3f} ({between.format_map(fit)})"
        known = f"efficiency {fit['efficiency']:.3f} {fit['efficiency_source']}"
        return f"{line} ({between.format_map(fit)})\n{known}"


def dilution_series_figure(series: Sequence[Series], *, title: str, confidence: str) -> Figure:
    """Draw Cq over quantity for each target, at most four in a panel.

    Points are wells, lines the fits. At the left of each panel every target has a lane: the pale
    bar is the range of Cq of its dilution series, the strokes are its samples.

    Parameters
    ----------
    series
        At least one.
    title
        What stands above.
    confidence
        Coverage of the efficiencies' intervals, such as ``95 %``.

    Returns
    -------
    matplotlib.figure.Figure
        128 mm wide.
    """
    groups = np.array_split(np.arange(len(series)), math.ceil(len(series) / len(_LOOKS)))
    notes = _notes(series, confidence)
    with canvas.style():
        figure, panels = _panels(len(groups), len(notes))
        for axes, members in zip(panels, groups, strict=True):
            _draw_panel(axes, [series[number] for number in members])
        panels[-1].set_xlabel("Quantity (in the unit of the standards)")
        canvas.add_title(figure, title, height=1 - 1.2 / canvas.height_mm(figure))
        _write_notes(figure, notes)
        return canvas.finished(figure)


def _panels(count: int, notes: int) -> tuple[Figure, list[Axes]]:
    """A figure with panels one below the other, with room for texts at their right, in mm."""
    width = _LEFT_MM + _WIDE_MM + _TEXTS_MM + _RIGHT_MM
    bottom = _BOTTOM_MM + _NOTE_MM * notes
    height = _TOP_MM + count * _HIGH_MM + (count - 1) * _BETWEEN_MM + bottom
    figure = canvas.new_figure(width, height, layout="none")
    lowest = [bottom + number * (_HIGH_MM + _BETWEEN_MM) for number in reversed(range(count))]
    return figure, [
        figure.add_axes((_LEFT_MM / width, low / height, _WIDE_MM / width, _HIGH_MM / height))
        for low in lowest
    ]


def _draw_panel(axes: Axes, series: Sequence[Series]) -> None:
    _set_axes(axes, series)
    for number, one in enumerate(series):
        _draw_series(axes, one, *_LOOKS[number])
        _draw_lane(axes, one, *_LOOKS[number], place=_LANES + number * _LANE)
    _write_labels(axes, series)


def _set_axes(axes: Axes, series: Sequence[Series]) -> None:
    """A logarithmic axis with room for the lanes at its left, and one in cycles."""
    quantities = np.concatenate([one.quantity for one in series])
    low, high = quantities.min(), quantities.max()
    decades = math.log10(high / low) or 1.0
    lanes = _LANES + len(series) * _LANE + _ROOM
    whole = decades / (1 - lanes - _ROOM)
    axes.set_xscale("log")
    axes.set_xlim(low / 10 ** (lanes * whole), high * 10 ** (_ROOM * whole))
    canvas.set_ticks(axes.xaxis, canvas.log_ticks(low, high))
    cycles = [part for one in series for part in (one.cq, one.samples, one.excluded[1])]
    cycles += [one.ends[1] for one in series if one.is_fitted]
    least, most = np.nanmin(np.concatenate(cycles)), np.nanmax(np.concatenate(cycles))
    margin = 0.06 * (most - least or 1.0)
    axes.set_ylim(least - margin, most + margin)
    canvas.set_ticks(axes.yaxis, canvas.linear_ticks(*axes.get_ylim()))
    axes.set_ylabel(canvas.with_unit("Cq", "cycles"))


def _draw_series(axes: Axes, one: Series, colour: str, marker: str) -> None:
    """Wells and line of one target."""
    if one.is_fitted:
        axes.plot(*one.ends, color=colour, gid=f"line {one.target}")
    points: dict[str, Any] = {"ls": "none", "ms": 3.4, "mew": 0.8, "mfc": "white"}
    axes.plot(one.quantity, one.cq, marker, mec=colour, gid=f"wells {one.target}", **points)
    axes.plot(*one.excluded, "x", mec=canvas.GREY, gid=f"excluded {one.target}", **points)


def _draw_lane(axes: Axes, one: Series, colour: str, marker: str, *, place: float) -> None:
    """At the left: the samples' Cq over the range of Cq of the dilution series."""
    across = axes.get_yaxis_transform()
    side = (place + 0.1 * _LANE, place + 0.9 * _LANE)
    if one.is_fitted:
        low, high = sorted(one.ends[1])
        axes.fill_between(side, low, high, transform=across, color=colour, alpha=0.22, lw=0)
    found = one.samples[np.isfinite(one.samples)]
    axes.hlines(found, *side, transform=across, color=colour, lw=0.7, gid=f"samples {one.target}")
    axes.plot(
        [place + 0.5 * _LANE], [1.025], marker, mec=colour, mfc="white", ms=2.8, mew=0.7,
        transform=axes.transAxes, clip_on=False,
    )  # fmt: skip


def _write_labels(axes: Axes, series: Sequence[Series]) -> None:
    """Beside each line its target and what the line says, spread so that none lies on another."""
    low, high = axes.get_ylim()
    per_mm = (high - low) / _HIGH_MM
    ends = [float(one.ends[1][1] if one.is_fitted else one.cq.mean()) for one in series]
    room = _LABEL_MM * per_mm
    across = axes.get_yaxis_transform()
    places = spread(ends, room, low + room / 2, high - room / 2)
    for one, end, place, (colour, marker) in zip(series, ends, places, _LOOKS, strict=False):
        leader: dict[str, Any] = {"transform": across, "clip_on": False, "color": colour}
        start = 1 - 0.5 * _ROOM
        edge = 1 + 0.35 * _TEXTS_MM / _WIDE_MM
        if one.is_fitted:
            axes.plot([start, edge], [end, place], lw=0.5, ls=":", **leader)
        axes.plot([edge + 0.018], [place], marker, ms=3.4, mew=0.8, mfc="white", **leader)
        _write_label(axes, one, (1 + _TEXTS_MM / _WIDE_MM, place))


def _write_label(axes: Axes, one: Series, place: tuple[float, float]) -> None:
    text = axes.text(
        *place, canvas.one_line(one.target), transform=axes.get_yaxis_transform(), va="center",
        fontsize=canvas.SMALL_SIZE, linespacing=1.25,
    )  # fmt: skip
    width = (_RIGHT_MM - 1) / 25.4 * axes.figure.dpi
    canvas.fit(text, width)
    name = text.get_text()
    if one.is_fitted:
        text.set_text(f"{name}\n{one.words}")
        return
    text.set_text(one.words)
    canvas.wrap(text, width, 2)
    text.set_text(f"{name}\n{text.get_text()}")


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places moved as little as need be until they are some gap apart and between two ends.

    Those that are too close are moved away from their common middle.

    Examples
    --------
    >>> spread([5.0, 6.0, 1.0], 2.0, 0.0, 10.0)
    [4.5, 6.5, 1.0]
    >>> spread([9.0, 10.0], 2.0, 0.0, 10.0)
    [8.0, 10.0]
    """
    order = np.argsort(places, kind="stable").tolist()
    pools: list[tuple[float, int]] = []
    for rank, number in enumerate(order):
        pools.append((places[number] - rank * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, count), (other, more) = pools.pop(-2), pools.pop()
            pools.append(((one * count + other * more) / (count + more), count + more))
    middles = [middle for middle, count in pools for _ in range(count)]
    most = high - (len(order) - 1) * gap
    found = {
        number: max(min(middle, most), low) + rank * gap
        for rank, (number, middle) in enumerate(zip(order, middles, strict=True))
    }
    return [float(found[number]) for number in range(len(order))]


def _notes(series: Sequence[Series], confidence: str) -> list[str]:
    """What the marks mean, and what is not drawn."""
    notes = [
        "Left: mean Cq of each sample (strokes) over the Cq range of the dilution series (pale).",
        f"Efficiency 1.00 is 100 %; in brackets its {confidence} confidence interval, from that of "
        "the slope.",
    ]
    if any(len(one.excluded[0]) for one in series):
        notes.append("Grey crosses: standards that were excluded.")
    lacking = {
        "standard well": sum(one.without_cq for one in series),
        "sample": sum(int(np.isnan(one.samples).sum()) for one in series),
    }
    if any(lacking.values()):
        counts = " and ".join(
            f"{number} {what}{'s' * (number > 1)}" for what, number in lacking.items() if number
        )
        notes.append(f"Not drawn, since nothing was found in them: {counts}.")
    return notes


def _write_notes(figure: Figure, notes: Sequence[str]) -> None:
    for number, note in enumerate(reversed(notes)):
        height = (0.8 + number * _NOTE_MM) / canvas.height_mm(figure)
        text = figure.text(0.01, height, note, fontsize=canvas.SMALL_SIZE, color="#5A5A5A")
        canvas.fit(text, 0.98 * figure.bbox.width)


def dilution_series_figures(study: Study) -> Iterator[canvas.Picture]:
    """One picture for each plate with standards: ``dilution_series``."""
    efficiency = study.tables.get("Efficiency")
    if efficiency is None or study.wells.empty or "target" not in study.wells:
        return
    plates = list(dict.fromkeys(study.wells["plate"]))
    confidence = study.settings.get("confidence")
    coverage = f"{100 * float(confidence):g} %" if confidence else ""
    for plate in plates:
        found = list(_series_of(study, str(plate), efficiency))
        if found:
            name = ".".join(["dilution_series", *[str(plate)] * (len(plates) > 1)])
            figure = dilution_series_figure(
                found, title=f"{plate}: dilution series", confidence=coverage
            )
            targets = ", ".join(one.target for one in found)
            words = f"Dilution series of plate {plate}: Cq over quantity of {targets}."
            yield canvas.Picture(name, figure, words)


def _series_of(study: Study, plate: str, efficiency: pd.DataFrame) -> Iterator[Series]:
    """The targets of a plate that have a standard with a Cq and a quantity above 0."""
    wells = study.wells[(study.wells["plate"] == plate) & (study.wells["channel"] == "cq")]
    standards = wells[(wells["role"] == "standard") & (wells["nominal_concentration"] > 0)]
    fits = efficiency[efficiency["plate"] == plate] if "plate" in efficiency else efficiency
    for fit in fits.to_dict("records"):
        own = standards[standards["target"] == fit["target"]]
        found = own["value"].notna()
        counts = ~is_excluded(own)
        if (found & counts).any():
            yield Series(
                str(fit["target"]), *_points(own[found & counts]), _points(own[found & ~counts]),
                fit, _sample_means(study, plate, str(fit["target"])), int((~found & counts).sum()),
            )  # fmt: skip


def _points(wells: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantity and Cq of some wells."""
    return wells["nominal_concentration"].to_numpy(float), wells["value"].to_numpy(float)


def _sample_means(study: Study, plate: str, target: str) -> NDArray[np.float64]:
    """Mean Cq of each sample, missing where nothing was found in it."""
    table = study.tables.get("Technical replicates")
    if table is None:
        return np.empty(0)
    own = table[(table["plate"] == plate) & (table["target"] == target)]
    return own["mean_cq"].to_numpy(float)
