"""Effects below a dot plot: each contrast with its interval and its exact p."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.report.figures import canvas
from assaykit.report.words import RESCUE, contrast_words
from assaykit.stats.record import interval_words, p_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from assaykit.design import Design

AXIS_MM = 8.0
_ROW_MM, _LINE_MM, _EDGE_MM = 6.5, 2.7, 3.0
_BELOW_MM, _GAP_MM = 2.3, 1.2
_MOST_LINES = 2
_NAMES_SHARE = 0.84  # of the width of a figure, for the name of a contrast and its p
_WORDS = {
    "ratio": "Ratio", "difference": "Difference", "log2_fold_change": "log2 fold change",
    RESCUE: "Rescue fraction",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One effect with the words above its interval.

    Parameters
    ----------
    effect
        A row of the effects.
    name
        What it is called, in lines that fit.
    said
        What stands at the right: its p, or why something is missing.
    """

    effect: Mapping[Any, Any]
    name: str
    said: str

    @property
    def height_mm(self) -> float:
        """Height that it needs."""
        return _ROW_MM + _LINE_MM * self.name.count("\n")


@dataclass(frozen=True)
class Group:
    """Effects on one axis: of one scale and unit."""

    rows: tuple[Row, ...]

    @property
    def scale(self) -> str:
        """Scale of the effects, as in the effects table."""
        return str(self.rows[0].effect["scale"])

    @property
    def unit(self) -> str:
        """Unit of the effects."""
        return str(self.rows[0].effect.get("unit", ""))

    @property
    def height_mm(self) -> float:
        """Height that the rows need, without the axis below them."""
        return _EDGE_MM + sum(row.height_mm for row in self.rows)


def fitting_rows(
    effects: pd.DataFrame, design: Design, figure: Figure, room_mm: float
) -> list[Row]:
    """The rescue, and as many contrasts as there is room for, in the order of the effects.

    Parameters
    ----------
    effects
        Rows of one analyte and endpoint.
    design
        Names the arms of the rescue.
    figure
        The figure that they are for, to measure texts with.
    room_mm
        Height for all rows with their axes.
    """
    rows = [_row(effect, design, figure) for effect in effects.to_dict("records")]
    order = sorted(range(len(rows)), key=lambda number: rows[number].effect["scale"] != RESCUE)
    kept: list[int] = []
    for number in order:
        groups = panels_of([rows[one] for one in sorted([*kept, number])])
        if sum(group.height_mm + AXIS_MM for group in groups) > room_mm:
            break
        kept.append(number)
    return [rows[number] for number in sorted(kept)]


def panels_of(rows: Sequence[Row]) -> list[Group]:
    """Effects by scale and unit: those of one group share an axis."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.effect["scale"], row.effect.get("unit", "")), []).append(row)
    return [Group(tuple(group)) for group in groups.values()]


def _row(effect: Mapping[Any, Any], design: Design, figure: Figure) -> Row:
    said = said_of(effect)
    artist = figure.text(0, 0, said, fontsize=canvas.SMALL_SIZE)
    room = _NAMES_SHARE * figure.bbox.width - (canvas.width_of(artist) if said else 0.0)
    artist.set_text(canvas.one_line(contrast_words(effect, design)))
    canvas.wrap(artist, room, _MOST_LINES)
    name = artist.get_text()
    artist.remove()
    return Row(effect, name, said)


def said_of(effect: Mapping[Any, Any]) -> str:
    """What stands at the right of an effect: its exact p, adjusted where it is, or what is missing.

    A rescue fraction has no p of its own.

    Examples
    --------
    >>> said_of({"scale": "ratio", "p_value": 0.01234, "p_adjusted": float("nan")})
    'p = 0.012'
    >>> said_of({"scale": "ratio", "p_value": 0.0001, "p_adjusted": 0.0000213})
    'adjusted p = 2.1e-5'
    >>> said_of({"scale": "rescue_fraction", "estimate": 0.8, "ci_low": float("nan")})
    'no interval'
    """
    if effect["scale"] == RESCUE:
        if not np.isfinite(effect["estimate"]):
            return "not estimated"
        return "" if np.isfinite(effect["ci_low"]) else "no interval"
    alone = str(effect.get("adjustment", "")).startswith("none")
    for column, words in (("p_adjusted", "p" if alone else "adjusted p"), ("p_value", "p")):
        p = float(effect.get(column, np.nan))
        if np.isfinite(p):
            return f"{words} {p_words(p)}"
    return "no p value"


def draw_effects(axes: Axes, group: Group, confidence: float, width: float) -> None:
    """One row for each contrast: its name and p above its estimate and interval.

    Parameters
    ----------
    axes
        Where to draw.
    group
        The effects.
    confidence
        Coverage of the intervals, as a share.
    width
        Width of the figure in pixels.
    """
    ratio = group.scale == "ratio"
    references = {"ratio": (1.0,), RESCUE: (0.0, 1.0)}.get(group.scale, (0.0,))
    axes.set_xscale("log" if ratio else "linear")
    names = ("estimate", "ci_low", "ci_high")
    ends = np.array([[float(row.effect[name]) for name in names] for row in group.rows])
    low, high = _limits(ends, references, ratio=ratio)
    axes.set(xlim=(low, high), ylim=(group.height_mm, 0.0))
    for reference in references:
        axes.axvline(reference, color=canvas.GREY, lw=0.6, ls=(0, (3, 2)), zorder=0)
    bottom = _EDGE_MM / 2
    for row, (estimate, ci_low, ci_high) in zip(group.rows, ends, strict=True):
        bottom += row.height_mm
        place = bottom - _BELOW_MM
        axes.plot([ci_low, ci_high], [place, place], color=canvas.BLACK, lw=1.0)
        axes.plot([estimate], [place], "o", color=canvas.BLACK, ms=3.4)
        _write_above(axes, place - _GAP_MM, row)
    axes.yaxis.set_ticks([])
    axes.spines["left"].set_visible(False)
    canvas.set_ticks_between(axes.xaxis, low, high, logarithmic=ratio)
    words = canvas.with_unit(_WORDS.get(group.scale, group.scale.replace("_", " ")), group.unit)
    axes.set_xlabel(f"{words}, {_interval(group, confidence)}" if _any_interval(ends) else words)
    canvas.fit(axes.xaxis.label, _NAMES_SHARE * width)


def _any_interval(ends: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(ends[:, 1:]).any())


def _interval(group: Group, confidence: float) -> str:
    """Such as ``95 % CI (simultaneous)``."""
    kinds = {interval_words(str(row.effect.get("adjustment", ""))) for row in group.rows} - {""}
    kind = f" ({kinds.pop()})" if len(kinds) == 1 else ""
    return f"{100 * confidence:g} % CI{kind}"


def _limits(
    ends: NDArray[np.float64], references: Sequence[float], *, ratio: bool
) -> tuple[float, float]:
    """Ends of the axis: every estimate, every interval, and every line of reference."""
    usable = np.isfinite(ends) & ((ends > 0) | (not ratio))
    values = np.append(ends[usable], references)
    low, high = float(values.min()), float(values.max())
    if ratio:
        margin = max((high / low) ** 0.06, 1.05)
        return low / margin, high * margin
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _write_above(axes: Axes, height: float, row: Row) -> None:
    """The contrast at the left and its p at the right, above the interval."""
    options: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(), "va": "bottom", "fontsize": canvas.SMALL_SIZE,
        "linespacing": 1.05, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.3},
    }  # fmt: skip
    if row.said:
        axes.text(1.0, height, row.said, ha="right", **options)
    axes.text(0.0, height, row.name, ha="left", **options)
