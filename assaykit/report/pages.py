"""Sheets that are read rather than computed with: headings, prose, small tables, pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.report.outputs import plain
from assaykit.report.sheets import (
    LINE_HEIGHT,
    TALLEST,
    Book,
    cell_value,
    fit_to_page_width,
    lines_of,
)

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

_GAP, _PIXELS_PER_CHARACTER = 14, 7


@dataclass(frozen=True)
class Page:
    """A sheet of prose: a block of columns for text and tables, and room beside it for pictures.

    Parameters
    ----------
    book, sheet
        Where it is written.
    widths
        Widths of the block's columns in characters.
    """

    book: Book
    sheet: Worksheet
    widths: tuple[int, ...]

    @property
    def last(self) -> int:
        """Number of the block's last column, from 0."""
        return len(self.widths) - 1


def add_page(book: Book, name: str, widths: tuple[int, ...]) -> Page:
    """Add a sheet for prose, without grid lines."""
    sheet = book.add_sheet(name)
    sheet.hide_gridlines(2)
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    fit_to_page_width(sheet)
    return Page(book, sheet, widths)


def title(page: Page, row: int, text: str, what: str) -> int:
    """Write the name of a sheet's subject and what it is; return the next free row."""
    size, per_line = 16, 0.6
    style = page.book.text_style(bold=True, font_size=size, text_wrap=True)
    lines = lines_of(text, per_line * sum(page.widths))
    _across(page, row, text, style)
    page.sheet.set_row(row, min(lines * 22.0, TALLEST))
    page.sheet.write_string(row + 1, 0, plain(what), page.book.text_style(font_color="#5A5A5A"))
    return row + 2


def heading(page: Page, row: int, text: str) -> int:
    """Write a heading after an empty row; return the next free row."""
    style = page.book.text_style(bold=True, font_size=12)
    page.sheet.write_string(row + 1, 0, plain(text), style)
    page.sheet.set_row(row + 1, 18)
    return row + 2


def paragraphs(page: Page, row: int, texts: Iterable[str], colour: str = "") -> int:
    """Write each text across the block, as high as it needs; return the next free row."""
    fill = {"bg_color": colour} if colour else {}
    style = page.book.text_style(text_wrap=True, **fill)
    for text in texts:
        _across(page, row, text, style)
        height = lines_of(text, sum(page.widths)) * LINE_HEIGHT
        page.sheet.set_row(row, min(height, TALLEST))
        row += 1
    return row


def _across(page: Page, row: int, text: str, style: object) -> None:
    """One text over all columns of the block."""
    if page.last == 0:
        page.sheet.write_string(row, 0, plain(text), style)
        return
    page.sheet.merge_range(row, 0, row, page.last, "", style)
    page.sheet.write_string(row, 0, plain(text), style)


@dataclass(frozen=True)
class Shown:
    """A cell of a small table: its value, its number format, its colour."""

    value: object
    number_format: str = "General"
    colour: str = ""


def small_table(
    page: Page, row: int, header: Sequence[str], rows: Iterable[Sequence[Shown]]
) -> int:
    """Write a small table with wrapped text; return the next free row."""
    listed = [list(cells) for cells in rows]
    words = [name.replace("_", " ") for name in header]
    for number, text in enumerate(words):
        over_numbers = any(isinstance(cell_value(cells[number].value), float) for cells in listed)
        side = {"align": "right", "indent": 1} if over_numbers else {}
        style = page.book.text_style(bold=True, bottom=1, text_wrap=True, **side)
        page.sheet.write_string(row, number, plain(text), style)
    page.sheet.set_row(row, LINE_HEIGHT * _row_lines(page, [Shown(text) for text in words]))
    for cells in listed:
        row += 1
        for number, cell in enumerate(cells):
            _write_shown(page, row, number, cell)
        page.sheet.set_row(row, min(LINE_HEIGHT * _row_lines(page, cells), TALLEST))
    return row + 1


def _row_lines(page: Page, cells: Sequence[Shown]) -> int:
    texts = [
        (cell.value, width)
        for cell, width in zip(cells, page.widths, strict=False)
        if isinstance(cell.value, str)
    ]
    return max([lines_of(text, width) for text, width in texts], default=1)


def _write_shown(page: Page, row: int, number: int, cell: Shown) -> None:
    fill = {"bg_color": cell.colour} if cell.colour else {}
    value = cell_value(cell.value)
    if isinstance(value, str):
        style = page.book.text_style(text_wrap=True, **fill)
        page.sheet.write_string(row, number, value, style)
    elif value is not None:
        style = page.book.number_style(cell.number_format, **fill)
        page.sheet.write_number(row, number, value, style)


@dataclass(frozen=True)
class Drawing:
    """What stands beside a page's text: the bytes of a PNG picture, or a native chart.

    Parameters
    ----------
    content
        The picture or chart.
    width, height
        Size on the sheet in pixels.
    alternative
        What it shows, for those who cannot see it.
    scale
        How many times a picture is enlarged to that size.
    """

    content: bytes | Chart
    width: int
    height: int
    alternative: str
    scale: float = 1.0


def place_drawings(page: Page, drawings: Iterable[Drawing]) -> None:
    """Put drawings one below the other beside the block, in a column as wide as the widest.

    Over one column a picture keeps its shape in programs that draw columns a little wider.
    """
    listed = list(drawings)
    column, top = page.last + 2, 4
    widest = max((drawing.width for drawing in listed), default=0)
    page.sheet.set_column(column, column, widest / _PIXELS_PER_CHARACTER + 2)
    for drawing in listed:
        place = {"y_offset": top, "object_position": 3, "description": plain(drawing.alternative)}
        if isinstance(drawing.content, bytes):
            scaled = {"x_scale": drawing.scale, "y_scale": drawing.scale}
            data = {"image_data": io.BytesIO(drawing.content)}
            page.sheet.insert_image(0, column, "picture.png", {**place, **scaled, **data})
        else:
            drawing.content.set_size({"width": drawing.width, "height": drawing.height})
            page.sheet.insert_chart(0, column, drawing.content, place)
        top += drawing.height + _GAP
