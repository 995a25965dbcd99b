"""A whole plate in one picture: each well at its place, with its result and its arm.

Thumbnails come one after the other and are pasted at once, so that no more than one of them has to
be held. Nothing here knows a plate: places are counted from 0, names are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from assaykit.errors import UsageError
from assaykit.images import lettering, strips
from assaykit.images.colour import Pixels
from assaykit.images.lettering import Colour, Label

MAX_WIDTH = 2400
LARGEST_TILE, SMALLEST_TILE = 420, 60
# Wong B, Nat Methods 2011;8:441; black goes last, as it is the colour of texts.
ARM_COLOURS: tuple[Colour, ...] = (
    (0, 114, 178), (213, 94, 0), (0, 158, 115), (230, 159, 0), (204, 121, 167), (86, 180, 233),
    (240, 228, 66), (20, 20, 20),
)  # fmt: skip
_NO_ARM: Colour = (160, 160, 160)
_EMPTY, _FAILED, _CROSS = (244, 244, 244), (205, 205, 205), (150, 150, 150)
_FRAME, _GAP, _MARGIN, _SWATCH = 6, 8, 10, 22


@dataclass(frozen=True)
class Tile:
    """One well of a contact sheet.

    Parameters
    ----------
    row, column
        Its place, counted from 0.
    picture
        A small RGB picture of any size; it is fitted into the tile. May be missing for a failed
        well.
    caption
        One line below it, such as ``12.3 %``.
    arm
        Its arm, for the colour of its frame; grey if empty.
    failure
        Why it has no result, in a few words; such a well is a crossed grey box.

    Examples
    --------
    >>> Tile(0, 2, caption="12.3 %", arm="vesicle").column
    2
    """

    row: int
    column: int
    picture: Pixels | None = None
    caption: str = ""
    arm: str = ""
    failure: str = ""


def contact_sheet(
    tiles: Iterable[Tile],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str = "",
    arms: Sequence[str] = (),
) -> Pixels:
    """All wells of a plate at their places.

    Parameters
    ----------
    tiles
        The wells in any order, at most one for each place; read once. A place without one stays
        light.
    rows, columns
        Names of all rows and columns, such as ``A`` to ``H`` and ``1`` to ``12``.
    title
        A line above the plate.
    arms
        The arms in the order in which colours are given; others follow as they come. The ninth
        arm has the first colour again with a double frame.

    Returns
    -------
    ndarray
        RGB, at most 2400 px wide for up to 24 columns. Texts that are too long end in an ellipsis.

    Raises
    ------
    UsageError
        There are no rows or columns; wells outside them, or two at one place (all of them named).

    Examples
    --------
    >>> pink = np.full((90, 120, 3), (205, 193, 212), np.uint8)
    >>> wells = [Tile(0, 0, pink, "12.3 %", "vesicle"), Tile(1, 2, failure="out of focus")]
    >>> contact_sheet(wells, ["A", "B"], ["1", "2", "3"], title="Plate 1").shape[2]
    3
    """
    if not rows or not columns:
        raise UsageError("A contact sheet needs names of rows and columns, found none.")
    layout = _layout(rows, columns)
    page = strips.white(layout.height(len(rows)), layout.width(len(columns)))
    labels = _headers(layout, rows, columns)
    for row in range(len(rows)):
        for column in range(len(columns)):
            x, y = layout.corner(row, column)
            page[y : y + layout.outer, x : x + layout.outer] = _EMPTY
    known = dict.fromkeys(name for name in arms if name)
    looks = {name: number for number, name in enumerate(known)}
    failures, wrong, seen, used = 0, [], set(), set()
    for tile in tiles:
        place = (tile.row, tile.column)
        if not (0 <= tile.row < len(rows) and 0 <= tile.column < len(columns)):
            wrong.append(f"row {tile.row}, column {tile.column} is outside")
            continue
        if place in seen:
            wrong.append(f"{rows[tile.row]}{columns[tile.column]} is given twice")
        seen.add(place)
        if tile.arm:
            looks.setdefault(tile.arm, len(looks))
        used.add(tile.arm)
        failures += bool(tile.failure)
        labels += _draw_tile(page, tile, layout, looks.get(tile.arm))
    if wrong:
        raise UsageError(f"Contact sheet of {len(rows)} x {len(columns)}: {'; '.join(wrong)}.")
    shown: dict[str, int | None] = {name: k for name, k in looks.items() if name in used}
    shown |= {"no arm": None} if "" in used and shown else {}
    return _finished(lettering.draw_labels(page, labels), title, shown, failed=failures > 0)


def thumbnail(image: Pixels, columns: int) -> Pixels:
    """A picture as small as a contact sheet with some columns needs it; never enlarged.

    Examples
    --------
    >>> thumbnail(np.zeros((1200, 1600, 3), np.uint8), 12).shape
    (130, 173, 3)
    """
    return _within(image, tile_side(columns))


def tile_side(columns: int) -> int:
    """Side of the square in px that each well has for its picture.

    Examples
    --------
    >>> tile_side(3), tile_side(12), tile_side(24)
    (420, 173, 76)
    """
    around = 2 * _FRAME + _GAP
    header = 2 * _MARGIN + 60
    room = (MAX_WIDTH - header) // max(columns, 1) - around
    return min(max(room, SMALLEST_TILE), LARGEST_TILE)


@dataclass(frozen=True)
class _Layout:
    """Sizes of a contact sheet in px."""

    side: int
    size: int
    left: int

    @property
    def outer(self) -> int:
        return self.side + 2 * _FRAME

    @property
    def line(self) -> int:
        return lettering.line_height(self.size)

    @property
    def top(self) -> int:
        return _MARGIN // 2 + lettering.line_height(self.size + 2)

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Left and upper end of a tile with its frame."""
        x = self.left + column * (self.outer + _GAP)
        return x, self.top + row * (self.outer + self.line + _GAP)

    def width(self, columns: int) -> int:
        return self.corner(0, columns)[0] - _GAP + _MARGIN

    def height(self, rows: int) -> int:
        return self.corner(rows, 0)[1] - _GAP + _MARGIN // 2


def _layout(rows: Sequence[str], columns: Sequence[str]) -> _Layout:
    side = tile_side(len(columns))
    size = min(max(side // 10, 11), 20)
    widest = max(lettering.text_width(name, size + 2) for name in rows)
    return _Layout(side, size, _MARGIN + min(widest, 60) + _MARGIN)


def _headers(layout: _Layout, rows: Sequence[str], columns: Sequence[str]) -> list[Label]:
    """Names of columns above and of rows to the left."""
    size = layout.size + 2
    labels = []
    for number, name in enumerate(columns):
        x, y = layout.corner(0, number)
        labels.append(_centred(name, x + layout.outer / 2, y / 2, size, layout.outer))
    for number, name in enumerate(rows):
        x, y = layout.corner(number, 0)
        labels.append(_centred(name, x / 2, y + layout.outer / 2, size, x - _MARGIN))
    return labels


def _centred(text: str, x: float, y: float, size: int, width: float) -> Label:
    shown = lettering.shorten(text, size, width)
    return Label(shown, x - lettering.text_width(shown, size) / 2, y, size)


def _draw_tile(page: Pixels, tile: Tile, layout: _Layout, look: int | None) -> list[Label]:
    """Paste one well on the page that is being made; what is to be written on it."""
    x, y = layout.corner(tile.row, tile.column)
    box = page[y : y + layout.outer, x : x + layout.outer]
    _frame(box, look)
    inner = box[_FRAME:-_FRAME, _FRAME:-_FRAME]
    inner[:] = _EMPTY
    labels = []
    if tile.failure:
        labels = _fail(inner, tile.failure, (x + _FRAME, y + _FRAME), layout.size)
    elif tile.picture is not None:
        small = _within(tile.picture, layout.side)
        left, top = ((layout.side - side) // 2 for side in (small.shape[1], small.shape[0]))
        strips.paste(inner, small, left, top)
    below = y + layout.outer + layout.line / 2
    middle = x + layout.outer / 2
    return [*labels, _centred(tile.caption, middle, below, layout.size, layout.outer)]


def _fail(inner: Pixels, reason: str, corner: tuple[int, int], size: int) -> list[Label]:
    """A crossed grey box with the reason in its middle."""
    side = inner.shape[0]
    inner[:] = _FAILED
    crossed = np.ascontiguousarray(inner)
    for start, end in (((0, 0), (side - 1, side - 1)), ((0, side - 1), (side - 1, 0))):
        cv2.line(crossed, start, end, _CROSS, 2, cv2.LINE_AA)
    inner[:] = crossed
    line = lettering.line_height(size)
    lines = lettering.wrap(reason, size, side - size, max(min(side // line - 1, 4), 1))
    top = side / 2 - len(lines) * line / 2
    labels = []
    for number, text in enumerate(lines):
        y = top + (number + 0.5) * line
        half = lettering.text_width(text, size) / 2
        rows = slice(max(int(y - line / 2), 0), int(y + line / 2) + 1)
        inner[rows, max(int(side / 2 - half) - 3, 0) : int(side / 2 + half) + 4] = _FAILED
        labels.append(Label(text, corner[0] + side / 2 - half, corner[1] + y, size))
    return labels


def _frame(box: Pixels, look: int | None) -> None:
    """Fill a box with the colour of an arm; further rounds of colours have white lines in it."""
    colour = _NO_ARM if look is None else ARM_COLOURS[look % len(ARM_COLOURS)]
    rounds = 0 if look is None else look // len(ARM_COLOURS)
    box[:] = colour
    if rounds:
        box[2:-2, 2:-2] = 255
        box[4:-4, 4:-4] = colour
    if rounds > 1:
        dash = np.arange(max(box.shape[:2])) // 6 % 2 == 0
        box[dash[: box.shape[0]], :4] = 255
        box[dash[: box.shape[0]], -4:] = 255
        box[:4, dash[: box.shape[1]]] = 255
        box[-4:, dash[: box.shape[1]]] = 255


def _within(image: Pixels, side: int) -> Pixels:
    """A picture reduced until it fits into a square."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    made = cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA)
    return np.asarray(made, dtype=np.uint8)


def _finished(page: Pixels, title: str, looks: dict[str, int | None], *, failed: bool) -> Pixels:
    """The page with its title and its legend."""
    width = page.shape[1]
    size = strips.text_size(width)
    entries = []
    for name, look in looks.items():
        swatch = np.empty((_SWATCH, _SWATCH, 3), dtype=np.uint8)
        _frame(swatch, look)
        swatch[_FRAME:-_FRAME, _FRAME:-_FRAME] = _EMPTY
        entries.append(strips.Entry(name, swatch))
    if failed:
        swatch = np.empty((_SWATCH, _SWATCH, 3), dtype=np.uint8)
        _fail(swatch, "", (0, 0), size)
        entries.append(strips.Entry("no result", swatch))
    parts = [strips.caption(title, width, size + 2)] if title.strip() else []
    parts.append(page)
    parts += [strips.legend(entries, width, size)] if entries else []
    return np.vstack(parts)
