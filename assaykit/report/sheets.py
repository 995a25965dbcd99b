"""Excel sheets: a table with everything a reader needs around it, and cells for prose."""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assaykit.report.columns import (
    NEGATIVE_ROLES,
    TEXT_FORMAT,
    UNDETERMINED,
    comment_of,
    describe_columns,
    header_of,
    is_wrapped,
    number_format,
    unit_column,
)
from assaykit.report.outputs import plain, sheet_name, table_name, write_bytes
from assaykit.tables import as_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from assaykit.tables import Column

FAILURE, WARNING, NOTE, GOOD = "#F4B6A6", "#FBE3A5", "#DCE9F5", "#CDE8D8"
SEVERITY_COLOURS = {"failure": FAILURE, "error": FAILURE, "warning": WARNING, "note": NOTE}
# Findings of checks that are worth a look, by words in them; they colour and decide nothing.
FINDING_COLOURS = {"please report this as a fault": WARNING, "the data contradict": NOTE}
_HEADER_FILL = "#DDE3E8"
_EPOCH = datetime(2000, 1, 1)  # fixed, so that the same Study gives the same bytes
_WIDEST, _WIDEST_WRAPPED = 60, 80
LINE_HEIGHT, TALLEST = 15.0, 400.0
_WHOLE_SHEET = "A1:XFD1048576"
_LONGEST_TEXT = 32767
_LONGEST_HEADER = 255
_NOT_FOR_TABLES = re.compile(r"[\t\r\n]|_x[0-9A-Fa-f]{4}_")

Cell = str | float | None


@dataclass(frozen=True)
class Book:
    """A workbook that is being written, with the formats and names that it has so far.

    Parameters
    ----------
    workbook
        The XlsxWriter workbook.
    """

    workbook: Workbook
    _styles: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)
    _sheets: list[str] = field(default_factory=list)
    _tables: list[str] = field(default_factory=list)

    def style(self, **properties: Any) -> Format:
        """The cell format with some XlsxWriter properties; the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.workbook.add_format({"valign": "top", **properties})
        return self._styles[key]

    def text_style(self, **properties: Any) -> Format:
        """The format of a cell with text, which stays text when somebody edits it."""
        return self.style(num_format=TEXT_FORMAT, quote_prefix=True, **properties)

    def number_style(self, shown_as: str, **properties: Any) -> Format:
        """The format of a cell with a number, kept apart from the text that follows it."""
        return self.style(num_format=shown_as, align="right", indent=1, **properties)

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet under that name, or under the nearest legal one that is free."""
        self._sheets.append(sheet_name(name, self._sheets))
        return self.workbook.add_worksheet(self._sheets[-1])

    def add_table_name(self, sheet: str) -> str:
        """Take a name for the Excel table on a sheet."""
        self._tables.append(table_name(sheet, self._tables))
        return self._tables[-1]


@contextmanager
def workbook_at(path: Path, title: str) -> Iterator[Book]:
    """A workbook that stands at a path when the body has ended well.

    It is written in memory and put in its place in one step. The same content gives the same
    bytes.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there before is whole.
    """
    from xlsxwriter import Workbook

    names_stay_text = dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
    )
    buffer = io.BytesIO()
    workbook = Workbook(buffer, {"in_memory": True, **names_stay_text})
    workbook.set_properties({"title": plain(title), "created": _EPOCH, "comments": "assaykit"})
    yield Book(workbook)
    workbook.close()
    write_bytes(path, buffer.getvalue())


def table_sheet(
    book: Book, name: str, table: pd.DataFrame, own: Mapping[str, Iterable[Column]] | None = None
) -> Worksheet:
    """Add a sheet with one table: its column names in row 1, its rows below, all of it typed.

    Text is text whatever it looks like, numbers are numbers, a missing number is an empty
    cell, a yes-no column says ``yes`` and ``no``. Comments on the header say what the columns
    mean, and rows that are excluded or flagged are coloured.

    Parameters
    ----------
    book
        The workbook.
    name
        Name of the sheet, which also tells what its columns mean.
    table
        The rows. Without any column the header is the one that the sheet is known to have.
    own
        What is known of columns beyond :mod:`assaykit.report.columns`, by sheet.
    """
    sheet = book.add_sheet(name)
    header = [plain(text) for text in header_of(name, table)]
    described = describe_columns(name, header, own)
    last_row = max(len(table), 1)
    styles = []
    for number, text in enumerate(header):
        cells = _column_cells(table, number, described.get(text)) if number < table.shape[1] else []
        whole = [(text, TEXT_FORMAT), *cells]
        wrapped = is_wrapped(name, text, described.get(text))
        styles.append(_write_column(book, sheet, number, whole, wrapped=wrapped))
        if text in described:
            _write_comment(sheet, number, comment_of(described[text]))
    _add_excel_table(book, sheet, header, styles, last_row)
    _colour_rows(book, sheet, header, last_row)
    _set_page(sheet, header)
    sheet.ignore_errors({"number_stored_as_text": _WHOLE_SHEET})
    return sheet


def _column_cells(
    table: pd.DataFrame, number: int, described: Column | None
) -> list[tuple[Cell, str]]:
    """The cells of a column with their number formats."""
    column = table.iloc[:, number]
    name = str(table.columns[number])
    kind = described.kind if described else ""
    values = as_text(column).tolist() if kind == "text" else column.tolist()
    units: Iterable[object] = repeat("")
    if unit_column(name) in table.columns:
        units = table[unit_column(name)].tolist()

    def shown_as(value: Cell, unit: object) -> str:
        if isinstance(value, float):
            return number_format(name, value, str(unit), described)
        return TEXT_FORMAT

    cells = [cell_value(value, kind) for value in values]
    return [(cell, shown_as(cell, unit)) for cell, unit in zip(cells, units, strict=False)]


def cell_value(value: object, kind: str = "") -> Cell:
    """What goes into a cell: text, a finite number, or nothing.

    Examples
    --------
    >>> cell_value("007"), cell_value(float("nan")), cell_value(True), cell_value(3)
    ('007', None, 'yes', 3.0)
    >>> cell_value(float("inf")), cell_value("yes", "yes_no"), cell_value(None, "yes_no")
    (None, 'yes', None)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return None
    if kind == "yes_no" or isinstance(value, (bool, np.bool_)):
        return "yes" if value in (True, "yes") else "no"
    if isinstance(value, (int, float, np.number)):
        return float(value)
    return plain(str(value))[:_LONGEST_TEXT] or None


def _write_column(
    book: Book,
    sheet: Worksheet,
    number: int,
    cells: Sequence[tuple[Cell, str]],
    *,
    wrapped: bool = False,
) -> Format:
    """Write a column from its header down, as wide as its content; return the header's format.

    A wrapped column makes its rows as high as the sentences in it need.
    """
    text_style = book.text_style(text_wrap=True, indent=1) if wrapped else book.text_style()
    widest = display_width(str(cells[0][0])) + 4  # room for the filter's button
    is_number = any(isinstance(value, float) for value, _ in cells)
    header_style = _header_style(book, over_numbers=is_number)
    for row, (value, shown_as) in enumerate(cells):
        if isinstance(value, str):
            sheet.write_string(row, number, value, text_style if row else header_style)
            widest = max(widest, display_width(value))
            if wrapped and (lines := lines_of(value, _WIDEST_WRAPPED)) > 1:
                sheet.set_row(row, min(lines * LINE_HEIGHT, TALLEST))
        elif value is not None:
            sheet.write_number(row, number, value, book.number_style(shown_as))
            widest = max(widest, _digits(value, shown_as) + 1)
    most = _WIDEST_WRAPPED if wrapped else _WIDEST
    sheet.set_column(number, number, min(widest, most) + 1.5)
    return header_style


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell of some characters, on the safe side."""
    usable = max(0.93 * width, 1)
    return sum(1 + int(display_width(line) / usable) for line in plain(text).split("\n"))


def _header_style(book: Book, over_numbers: bool) -> Format:
    side = {"align": "right", "indent": 2} if over_numbers else {}
    return book.text_style(bold=True, bg_color=_HEADER_FILL, bottom=1, **side)


def _digits(value: float, shown_as: str) -> int:
    """How many characters a number takes."""
    decimals = len(shown_as.partition(".")[2]) if shown_as.startswith("0") else 4
    return 9 if "E" in shown_as else len(f"{value:.{decimals}f}")


def display_width(text: str) -> int:
    """Width of the longest line of a text in Latin characters; an East Asian one counts two.

    Examples
    --------
    >>> display_width("RANKL"), display_width("骨芽細胞")
    (5, 8)
    """
    if text.isascii():
        return max(map(len, text.split("\n")))
    wide = [sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line)
            for line in text.split("\n")]  # fmt: skip
    return max(wide)


def _write_comment(sheet: Worksheet, number: int, text: str) -> None:
    legible = plain(text)[:_LONGEST_TEXT]
    lines = sum(1 + display_width(line) // 34 for line in legible.split("\n"))
    sheet.write_comment(0, number, legible, {"width": 220, "height": 18 * min(lines, 20) + 8})


def _add_excel_table(
    book: Book, sheet: Worksheet, header: list[str], styles: list[Format], last_row: int
) -> None:
    """Make the cells an Excel table, or only filter them where a header rules a table out."""
    if not header:
        return
    names = {text.casefold() for text in header}
    odd = any(
        not text.strip() or len(text) > _LONGEST_HEADER or _NOT_FOR_TABLES.search(text)
        for text in header
    )
    if odd or len(names) < len(header):
        sheet.autofilter(0, 0, last_row, len(header) - 1)
        return
    columns = [
        {"header": text, "header_format": style} for text, style in zip(header, styles, strict=True)
    ]
    options = {
        "name": book.add_table_name(sheet.get_name()), "columns": columns,
        "style": "Table Style Light 1", "banded_rows": True,
    }  # fmt: skip
    sheet.add_table(0, 0, last_row, len(header) - 1, options)


def _colour_rows(book: Book, sheet: Worksheet, header: list[str], last_row: int) -> None:
    """Colour what is excluded, flagged or not passed; it follows when a person edits the cell."""
    from xlsxwriter.utility import xl_col_to_name

    excluded = book.style(font_color="#8A8A8A", italic=True)
    as_it_should = ""
    if "role" in header:
        role = f"${xl_col_to_name(header.index('role'))}2"
        roles = ",".join(f'{role}="{word}"' for word in NEGATIVE_ROLES)
        as_it_should = f'AND(OR({roles}),%s="{UNDETERMINED}")'
    for number, name in enumerate(header):
        cell = f"${xl_col_to_name(number)}2"
        own, whole = (1, number, last_row, number), (1, 0, last_row, len(header) - 1)
        rules: list[tuple[tuple[int, int, int, int], str, Format]] = []
        if name == "excluded":
            rules.append((whole, f'{cell}="yes"', excluded))
        elif name in ("flags", "flag"):
            said = f'{cell}<>""'
            rule = f"AND({said},NOT({as_it_should % cell}))" if as_it_should else said
            rules.append((own, rule, book.style(bg_color=WARNING)))
        elif name == "outlier":
            rules.append((own, f'{cell}<>""', book.style(bg_color=WARNING)))
        elif name == "answer":
            rules.append((own, f'{cell}="missing"', book.style(bg_color=NOTE)))
        elif name in ("passed", "accepted"):
            rules.append((own, f'{cell}="no"', book.style(bg_color=FAILURE)))
        elif name == "finding":
            rules += [
                (own, f'ISNUMBER(SEARCH("{words}",{cell}))', book.style(bg_color=colour))
                for words, colour in FINDING_COLOURS.items()
            ]
        elif name == "severity":
            rules += [
                (own, f'{cell}="{word}"', book.style(bg_color=colour))
                for word, colour in SEVERITY_COLOURS.items()
            ]
        for place, formula, style in rules:
            condition = {"type": "formula", "criteria": f"={formula}", "format": style}
            sheet.conditional_format(*place, condition)


def _set_page(sheet: Worksheet, header: list[str]) -> None:
    """Freeze the header and the wells' names, and fit the sheet to the width of a page."""
    sheet.freeze_panes(1, 2 if header[:2] == ["plate", "well"] else 0)
    sheet.repeat_rows(0)
    fit_to_page_width(sheet)


def fit_to_page_width(sheet: Worksheet) -> None:
    """Print a sheet on A4 across, all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
