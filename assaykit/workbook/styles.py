"""How our workbooks look: one small set of sober formats, and comments that fit their text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

CREATED = datetime(2000, 1, 1)
"""The creation date in every workbook, so that the same content gives the same bytes."""

INK, PAPER, LINE, SHADE, GREY = "#1F2D3D", "#FFFFFF", "#C9CED6", "#E9ECF1", "#7A8492"
ENTRY = "#FFFEF5"
COMMENT_PIXELS = 300

ROLE_COLOURS: Mapping[str, str] = {
    "sample": "#D6E4F2",
    "standard": "#D9EAD3",
    "blank": "#E4E4E4",
    "ntc": "#FBE5D6",
    "nrt": "#F4D2BE",
    "positive_control": "#FFF2CC",
    "negative_control": "#D9D7EC",
    "calibrator": "#E7D7E8",
    "qc": "#CFE8E8",
    "empty": "#FFFFFF",
}


@dataclass(frozen=True)
class Styles:
    """The formats of one workbook (formats of XlsxWriter belong to the workbook they are in).

    Parameters
    ----------
    title, heading
        First line of a sheet; heading inside a sheet.
    header, label, number_label
        Names of columns and blocks; names of rows and row letters; column numbers.
    name, number
        Cells to fill: names are text, so that Excel makes no date or number of them.
    words, remark
        Running text; grey remarks beside the cells to fill.
    """

    title: Any
    heading: Any
    header: Any
    label: Any
    number_label: Any
    name: Any
    number: Any
    words: Any
    remark: Any


def make_styles(workbook: Any) -> Styles:
    """The formats for one XlsxWriter workbook."""
    entry = {"bg_color": ENTRY, "border": 1, "border_color": LINE, "align": "left", "valign": "top"}
    label = {
        "bg_color": SHADE,
        "border": 1,
        "border_color": LINE,
        "font_color": INK,
        "valign": "top",
    }
    header = {"bold": True, "bg_color": INK, "font_color": PAPER, "border": 1, "border_color": LINE}
    add = workbook.add_format
    return Styles(
        title=add({"bold": True, "font_size": 15, "font_color": INK}),
        heading=add({"bold": True, "font_size": 12, "font_color": INK, "bottom": 1}),
        header=add(header),
        label=add(label),
        number_label=add({**label, "align": "center"}),
        name=add({**entry, "num_format": "@"}),
        number=add(entry),
        words=add({"text_wrap": True, "valign": "top", "font_color": INK}),
        remark=add({"font_color": GREY, "italic": True}),
    )


def comment(worksheet: Any, row: int, column: int, text: str) -> None:
    """Attach a comment that is large enough for its text."""
    width, height = comment_size(text)
    worksheet.write_comment(
        row, column, text, {"width": width, "height": height, "font_size": 9, "color": "#FFFFE1"}
    )


def comment_size(text: str) -> tuple[int, int]:
    """Width and height in pixels that show a text of 9 points without clipping.

    Examples
    --------
    >>> comment_size("Short")
    (300, 32)
    """
    characters = COMMENT_PIXELS // 7
    lines = sum(1 + _width(line) // characters for line in text.splitlines())
    return COMMENT_PIXELS, 16 * lines + 16


def text_width(texts: Iterable[str], least: int = 8, most: int = 60) -> int:
    """Width of a column, in characters, that shows the texts even in bold.

    Examples
    --------
    >>> text_width(["setting", "reference_wavelength"])
    26
    """
    longest = max((_width(text) for text in texts), default=0)
    return max(least, min(most, ceil(1.15 * longest) + 3))


def row_height(*cells: tuple[str, int]) -> int:
    """Height of a row, in points, that shows wrapped texts in columns of some widths.

    Examples
    --------
    >>> row_height(("short", 20), ("a text of two lines in a narrow column", 20))
    30
    """
    return 15 * max(ceil(_width(text) / width) or 1 for text, width in cells)


def _width(text: str) -> int:
    """Characters, of which those of full width count twice."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def print_setup(worksheet: Any, *, landscape: bool = True) -> None:
    """A4, one page wide, with the sheet's name and page numbers below."""
    worksheet.set_paper(9)
    if landscape:
        worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    worksheet.set_footer("&L&F, &A&R&P / &N")
    worksheet.hide_gridlines(2)
