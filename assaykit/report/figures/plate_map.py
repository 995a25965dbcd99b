"""The plate as a heat map: values in their wells, roles as outlines, flags and exclusions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.plate import PLATE_FORMATS, PlateFormat, parse_well, plate_format, row_letters
from assaykit.report.columns import is_excluded, told_flags
from assaykit.report.figures import canvas, fonts
from assaykit.tables import PICTURE_CHANNEL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.collections import EllipseCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from assaykit.study import Study

ROLE_COLOURS = {
    "sample": canvas.BLACK, "standard": canvas.BLUE, "blank": canvas.SKY_BLUE,
    "positive_control": canvas.GREEN, "negative_control": canvas.VERMILLION,
    "qc": canvas.ORANGE, "calibrator": canvas.PURPLE, "ntc": canvas.YELLOW, "nrt": canvas.GREY,
    "empty": "#C8C8C8",
}  # fmt: skip
_PALE, _DARK = "#FFFFFF", "#7D8793"
_RADIUS = 0.43
_LEFT_MM, _RIGHT_MM, _TOP_MM, _BOTTOM_MM, _NARROWEST_MM = 7.0, 17.0, 11.0, 12.0, 110.0
_WELL_MM = {6: 20.0, 12: 18.0, 24: 16.0, 48: 15.0, 96: 12.6, 384: 8.6, 1536: 8.0}
_RESOLUTION = 150
_SMALL_FLAG, _LARGEST_TEXT_MM = 0.11, 3.4
_TEXT_WIDTH, _CHARACTER_WIDTH = 1.55 * _RADIUS, 0.56  # the latter is that of a digit in Arial
_MOST_COLUMNS, _EDGE_MM, _LABEL_SHARE = 5, 0.5, 0.9


def plate_heat_map(wells: pd.DataFrame, plate: PlateFormat, *, title: str, unit: str) -> Figure:
    """Draw one value of each well where the well lies.

    Parameters
    ----------
    wells
        One row per well: ``well``, ``value`` and, where there are such, ``role``, ``excluded``,
        ``flag`` or ``flags``.
    plate
        Rows and columns of the plate.
    title
        What stands above.
    unit
        Unit of the values.

    Returns
    -------
    matplotlib.figure.Figure
        Wells without a number are empty; excluded ones are crossed, flagged ones have a red
        corner.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.plate import plate_format
    >>> wells = pd.DataFrame({"well": ["A1", "B3"], "value": [0.05, 1.2], "role": "sample"})
    >>> figure = plate_heat_map(wells, plate_format(6), title="plate 1", unit="OD")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['A', 'B']
    """
    with canvas.style():
        figure, axes, scale = _plate_axes(plate)
        places = np.array([parse_well(well)[::-1] for well in wells["well"]], float).reshape(-1, 2)
        filled = _draw_wells(axes, wells, places, unit)
        _mark(axes, wells, places)
        _write_values(axes, wells, places, unit, _LARGEST_TEXT_MM / _WELL_MM[plate.wells])
        bar = figure.colorbar(filled, cax=scale)
        bar.set_label(canvas.one_line(unit) or "value")
        bar.ax.spines["outline"].set_visible(False)
        canvas.set_ticks(bar.ax.yaxis, canvas.linear_ticks(*filled.get_clim()))
        canvas.shrink(bar.ax.yaxis.label, _LABEL_SHARE * canvas.box_of(axes).height)
        _make_room(figure, axes, scale, _legend_entries(wells))
        canvas.add_title(figure, title, height=1 - 1.2 / canvas.height_mm(figure))
        return canvas.finished(figure)


def _plate_axes(plate: PlateFormat) -> tuple[Figure, Axes, Axes]:
    """A figure with room for the plate, its names, the colour scale and the legend, in mm.

    Wells lie at whole numbers: column along x, row along y, downwards.
    """
    pitch = _WELL_MM[plate.wells]
    wide, high = pitch * plate.columns, pitch * plate.rows
    width = max(wide + _LEFT_MM + _RIGHT_MM, _NARROWEST_MM)
    height = high + _TOP_MM + _BOTTOM_MM
    figure = canvas.new_figure(width, height, layout="none")

    def place(left: float, bottom: float, right: float, top: float) -> Axes:
        return figure.add_axes(
            (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
        )

    axes = place(_LEFT_MM, _BOTTOM_MM, _LEFT_MM + wide, _BOTTOM_MM + high)
    axes.set(xlim=(-0.5, plate.columns - 0.5), ylim=(plate.rows - 0.5, -0.5))
    axes.xaxis.set_ticks(range(plate.columns), labels=[str(n + 1) for n in range(plate.columns)])
    axes.yaxis.set_ticks(range(plate.rows), labels=[row_letters(n) for n in range(plate.rows)])
    axes.tick_params(top=False, labeltop=True, bottom=False, labelbottom=False, left=False)
    axes.spines[:].set_visible(False)
    columns, rows = np.meshgrid(range(plate.columns), range(plate.rows))
    axes.plot(columns.ravel(), rows.ravel(), ".", ms=1.2, color=ROLE_COLOURS["empty"], zorder=0)
    start = _LEFT_MM + wide + 3
    scale = place(start, _BOTTOM_MM + 0.15 * high, start + 2.5, _BOTTOM_MM + 0.85 * high)
    return figure, axes, scale


def _draw_wells(
    axes: Axes, wells: pd.DataFrame, places: NDArray[np.float64], unit: str
) -> EllipseCollection:
    """A circle for each well: filled by its value, outlined by its role.

    The shades span the values; of absorbance they start at 0, which is no dye.
    """
    from matplotlib.collections import EllipseCollection
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("pale to dark", [_PALE, _DARK])
    roles = wells["role"] if "role" in wells else ["sample"] * len(wells)
    diameter = [2 * _RADIUS] * max(len(wells), 1)
    circles = EllipseCollection(
        diameter, diameter, [0.0] * len(diameter), units="x", offsets=places,
        offset_transform=axes.transData, cmap=shades.with_extremes(bad=_PALE), linewidths=1.1,
        edgecolors=[ROLE_COLOURS.get(role, canvas.GREY) for role in roles], gid="wells",
    )  # fmt: skip
    values = wells["value"].to_numpy(float, na_value=np.nan)
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    circles.set_array(np.ma.masked_invalid(values))
    from_zero = unit == "OD" and high > 0
    circles.set_clim(min(low, 0.0) if from_zero else low, high if high > low else low + 1)
    axes.add_collection(circles)
    return circles


def value_label(value: float, unit: str) -> str:
    """A value as it stands in its well, in at most about five characters.

    Examples
    --------
    >>> value_label(0.1234, "OD"), value_label(1234.5, "pg/mL"), value_label(float("nan"), "")
    ('0.123', '1234', '')
    >>> value_label(27.04, "cycles")
    '27.0'
    """
    if not np.isfinite(value):
        return ""
    if unit == "OD" and -10 < value < 10:
        return f"{value:.3f}"
    if unit in ("cycles", "°C"):
        return f"{value:.1f}"
    text = f"{value:.3g}" if abs(value) < 1000 or abs(value) >= 1e5 else f"{value:.0f}"
    return text.replace("e+0", "e").replace("e-0", "e-")


def _write_values(
    axes: Axes, wells: pd.DataFrame, places: NDArray[np.float64], unit: str, largest: float
) -> None:
    """Write all values as one collection of outlines, which is many times faster than texts.

    ``largest`` is the greatest size of a text in distances between wells.
    """
    from matplotlib.collections import PathCollection

    values = wells["value"].to_numpy(float, na_value=np.nan)
    labels = [value_label(value, unit) for value in values.tolist()]
    longest = max(map(len, labels), default=0)
    if not longest:
        return
    glyphs = {character: _glyph(character) for character in sorted(set("".join(labels)))}
    widest = max(sum(glyphs[character][1] for character in label) for label in labels)
    size = min(largest, _TEXT_WIDTH / max(widest, _CHARACTER_WIDTH * longest))
    paths = [
        _word([glyphs[character] for character in label], size, place)
        for label, place in zip(labels, places, strict=True)
        if label
    ]
    axes.add_collection(
        PathCollection(paths, facecolors=canvas.BLACK, lw=0, zorder=3, gid="values")
    )


def _glyph(character: str) -> tuple[Path, float]:
    """The outline of a character of size 1, y downwards, and how far the next one stands."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath, text_to_path

    font = FontProperties(family=fonts.font_families()[0], size=1)
    outline = TextPath((0, 0), character, size=1, prop=font)
    advance, _, _ = text_to_path.get_text_width_height_descent(character, font, ismath=False)
    return Path(np.asarray(outline.vertices) * (1, -1), outline.codes), advance


def _word(glyphs: Sequence[tuple[Path, float]], size: float, place: NDArray[np.float64]) -> Path:
    """Characters of a size side by side, centred on a place."""
    from matplotlib.path import Path

    outlines, advances = zip(*glyphs, strict=True)
    ends = np.cumsum(advances)
    shifts = np.repeat(ends - advances - ends[-1] / 2, [len(path.vertices) for path in outlines])
    vertices = np.concatenate([path.vertices for path in outlines])
    vertices += np.column_stack([shifts, np.full(len(shifts), 0.36)])
    return Path(size * vertices + place, np.concatenate([path.codes for path in outlines]))


def _mark(axes: Axes, wells: pd.DataFrame, places: NDArray[np.float64]) -> None:
    """Cross what is excluded, and put a red corner on what is flagged."""
    from matplotlib.collections import LineCollection, PolyCollection

    arm = 0.34
    crossed = places[is_excluded(wells).to_numpy()]
    strokes = [
        [(x - arm, y - side * arm), (x + arm, y + side * arm)]
        for x, y in crossed
        for side in (1, -1)
    ]
    axes.add_collection(LineCollection(strokes, colors=canvas.GREY, lw=1.0, gid="excluded"))
    corner = np.array([(0, 0), (2, 0), (2, 2)]) * _SMALL_FLAG + (0.48 - 2 * _SMALL_FLAG, -0.48)
    flagged = places[[bool(text) for text in told_flags(wells)]]
    triangles = [corner + place for place in flagged]
    axes.add_collection(
        PolyCollection(triangles, facecolors=canvas.VERMILLION, lw=0, gid="flagged")
    )


def _legend_entries(wells: pd.DataFrame) -> list[Line2D]:
    """The roles and marks that occur."""
    from matplotlib.lines import Line2D

    def entry(label: str, marker: str, colour: str, fill: str) -> Line2D:
        line: dict[str, Any] = {"marker": marker, "ls": "none", "ms": 4.5, "mew": 1.0}
        return Line2D([], [], label=label, mec=colour, mfc=fill, **line)

    present = dict.fromkeys(wells.get("role", ()))
    roles = [role for role in ROLE_COLOURS if role in present]
    entries = [entry(role.replace("_", " "), "o", ROLE_COLOURS[role], _PALE) for role in roles]
    if is_excluded(wells).any():
        entries.append(entry("excluded", "x", canvas.GREY, canvas.GREY))
    for flag in list(dict.fromkeys(text for text in told_flags(wells) if text))[:4]:
        shown = canvas.one_line(flag.replace("_", " "))
        entries.append(entry(f"flag: {shown[:40]}", "^", canvas.VERMILLION, canvas.VERMILLION))
    return entries


def _make_room(figure: Figure, plate: Axes, scale: Axes, entries: list[Line2D]) -> None:
    """Enlarge a figure where texts beside or below the plate are too wide or too many for it.

    The legend gets as many columns as fit side by side.
    """
    per_mm = figure.dpi / 25.4
    right = (canvas.box_of(scale).x1 - figure.bbox.width) / per_mm + _EDGE_MM
    if right > 0:
        canvas.grow(figure, right, 0.0)
    for columns in range(_MOST_COLUMNS if entries else 0, 0, -1):
        legend = figure.legend(handles=entries, loc="lower left", ncols=columns, handletextpad=0.2)
        box = canvas.box_of(legend)
        if box.x1 <= figure.bbox.width or columns == 1:
            free = plate.transData.transform((0, plate.get_ylim()[0] - 0.5 + _RADIUS))[1]
            below = (box.y1 - free) / per_mm
            if below > 0:
                canvas.grow(figure, 0.0, below)
            return
        legend.remove()


def plate_maps(study: Study) -> Iterator[canvas.Picture]:
    """One picture for each plate and channel: ``plate``, then ``plate.<channel>``.

    Where wells hold several targets, one for each of them: ``plate``, then ``plate.<target>``. Of
    pictures, which have no number when they are read, one for each endpoint.
    """
    wells = _with_numbers(study)
    if wells.empty:
        return
    plates = list(wells.groupby("plate", sort=False))
    for plate, wells in plates:
        maps = list(_maps_of(wells))
        for (channel, target), part in maps:
            what = " of ".join(filter(None, [channel, target]))
            figure = plate_heat_map(
                part, _format_of(study, str(plate), part), title=f"{plate}: {what}",
                unit=next((str(unit) for unit in part["unit"] if unit), ""),
            )  # fmt: skip
            first_channel, first_target = maps[0][0]
            own = [str(plate)] * (len(plates) > 1) + [channel] * (channel != first_channel)
            own += [target] * (target != first_target)
            words = f"Plate {plate}: {what} of each well, with roles, flags and exclusions."
            yield canvas.Picture(".".join(["plate", *own]), figure, words, _RESOLUTION)


def _with_numbers(study: Study) -> pd.DataFrame:
    """The wells by channel; of pictures by endpoint instead."""
    import pandas as pd

    if study.wells.empty:
        return study.wells
    seen = study.wells["channel"].str.startswith(PICTURE_CHANNEL)
    if not seen.any():
        return study.wells
    results = study.observations.rename(columns={"endpoint": "channel", "flags": "flag"})
    shown = [name for name in study.wells.columns if name in results]
    read = study.wells[~seen & study.wells["channel"].ne("")]
    return pd.concat([read, results[shown]], ignore_index=True)


def _maps_of(wells: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """The wells of one plate by channel and, where a well holds several of them, by target."""
    for channel in [name for name in dict.fromkeys(wells["channel"]) if name] or [""]:
        part = wells[wells["channel"].isin([channel, ""])]
        several = "target" in part and part["well"].duplicated().any()
        targets = [name for name in dict.fromkeys(part["target"]) if name] if several else []
        for target in targets or [""]:
            own = part[part["target"].isin([target, ""])] if target else part
            yield (str(channel), str(target)), own


def _format_of(study: Study, plate: str, wells: pd.DataFrame) -> PlateFormat:
    """The plate's format, or the smallest one that has all its wells."""
    if plate in study.plate_formats:
        return plate_format(study.plate_formats[plate])
    fitting = (known for known in PLATE_FORMATS.values() if all(w in known for w in wells["well"]))
    return next(fitting)
