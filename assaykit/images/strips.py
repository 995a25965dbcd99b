"""White strips with text around pictures: a caption, and a legend that breaks into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assaykit.images import lettering
from assaykit.images.colour import Pixels
from assaykit.images.lettering import Colour, Label

_SMALLEST, _LARGEST, _SHARE = 13, 24, 60
_RIM: Colour = (20, 20, 20)


@dataclass(frozen=True)
class Entry:
    """One entry of a legend.

    Parameters
    ----------
    text
        What it says.
    swatch
        A small RGB picture before the text; none if missing.

    Examples
    --------
    >>> Entry("osteoclast (12)").text
    'osteoclast (12)'
    """

    text: str
    swatch: Pixels | None = None


def text_size(width: int) -> int:
    """Size in px of the text around a picture of some width.

    Examples
    --------
    >>> text_size(300), text_size(1200), text_size(5000)
    (13, 20, 24)
    """
    return min(max(width // _SHARE, _SMALLEST), _LARGEST)


def caption(text: str, width: int, size_px: int) -> Pixels:
    """Text on a white strip, in one line or two; what is longer ends in an ellipsis.

    Examples
    --------
    >>> caption("B2: 12.3 % mineral", 300, 14).shape
    (26, 300, 3)
    """
    margin, line = size_px // 2, lettering.line_height(size_px)
    lines = lettering.wrap(text, size_px, width - 2 * margin, 2)
    strip = white(max(len(lines), 1) * line + margin + 1, width)
    places = [margin / 2 + (number + 0.5) * line for number in range(len(lines))]
    labels = [Label(one, margin, y, size_px) for one, y in zip(lines, places, strict=True)]
    return lettering.draw_labels(strip, labels)


def legend(entries: Sequence[Entry], width: int, size_px: int) -> Pixels:
    """Entries side by side on a white strip, in as many rows as they need.

    An entry that is wider than the strip is shortened with an ellipsis.

    Examples
    --------
    >>> one_row = legend([Entry("osteoclast"), Entry("nucleus")], 400, 14)
    >>> two_rows = legend([Entry("osteoclast"), Entry("nucleus")], 120, 14)
    >>> one_row.shape, two_rows.shape
    ((26, 400, 3), (44, 120, 3))
    """
    margin, line = size_px // 2, lettering.line_height(size_px)
    x, row = margin, 0
    labels, swatches = [], []
    for entry in entries:
        before = 0 if entry.swatch is None else entry.swatch.shape[1] + margin
        text = lettering.shorten(entry.text, size_px, width - 2 * margin - before)
        wide = before + lettering.text_width(text, size_px)
        if x > margin and x + wide > width - margin:
            x, row = margin, row + 1
        y = margin / 2 + (row + 0.5) * line
        if entry.swatch is not None:
            swatches.append((x, y, entry.swatch))
        labels.append(Label(text, x + before, y, size_px))
        x += wide + 2 * size_px
    strip = white((row + 1) * line + margin + 1, width)
    for left, middle, swatch in swatches:
        paste(strip, swatch, left, round(middle - swatch.shape[0] / 2))
    return lettering.draw_labels(strip, labels)


def block(colour: Colour, side: int = 12) -> Pixels:
    """A square in one colour with a dark rim.

    Examples
    --------
    >>> block((255, 0, 0))[6, 6].tolist()
    [255, 0, 0]
    """
    square = np.full((side, side, 3), _RIM, dtype=np.uint8)
    square[2:-2, 2:-2] = colour
    return square


def white(height: int, width: int) -> Pixels:
    """A white picture.

    Examples
    --------
    >>> white(2, 3).shape
    (2, 3, 3)
    """
    return np.full((height, width, 3), 255, dtype=np.uint8)


def paste(page: Pixels, picture: Pixels, x: int, y: int) -> None:
    """Put a picture on a page that is being made; what would lie outside it is cut.

    Examples
    --------
    >>> page = white(4, 4)
    >>> paste(page, block((0, 0, 0), 4), 2, 2)
    >>> int(page[3, 3, 0]), int(page[0, 0, 0])
    (20, 255)
    """
    room = page[max(y, 0) : y + picture.shape[0], max(x, 0) : x + picture.shape[1]]
    top, left = max(-y, 0), max(-x, 0)
    room[:] = picture[top : top + room.shape[0], left : left + room.shape[1]]
