"""A file, opened once, as sheets of cells; readers look at cells and never at bytes.

What a file is, is decided by its content: a text becomes one sheet with a cell for each
field of each line, a workbook becomes its sheets, an RDML file its XML document. The extension
is never looked at.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element

from assaykit.errors import Problem, UnreadableFileError
from assaykit.excel import Sheet as WorkbookSheet
from assaykit.excel import column_letters, read_book
from assaykit.readers.decoding import decode
from assaykit.readers.rdml_document import holds_rdml, rdml_document
from assaykit.values import normalise

MAX_BYTES = 50_000_000
SEPARATORS: dict[str, str] = {"\t": "tab", ";": "semicolon", ",": "comma"}

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (_OLD_EXCEL, "an old Excel file (.xls) or a workbook with a password"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
)
_MARKUP: tuple[tuple[str, str], ...] = (
    ("<!doctype html", "a web page (HTML)"),
    ("<html", "a web page (HTML)"),
    ("<table", "a web page (HTML)"),
    ("<?xml", "an XML file"),
)
_HEADER_ROWS = 100  # a header stands in one of the first rows
_SAVE_AS = "Open it in the program that wrote it and save the data as .xlsx or as text."


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet of a workbook, or of a whole text file.

    Parameters
    ----------
    file
        Name of the file.
    name
        Name of the sheet; empty for a text file.
    cells
        (row, column), both counted from 1, to what stands there; only cells that hold
        something. In a text file the row is the line and every value is text.
    widths
        Line to number of fields, for a text file: a line that was cut has too few.
    """

    file: str
    name: str
    cells: Mapping[tuple[int, int], object]
    widths: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Mapping[int, Mapping[int, object]]:
        """Row number to its cells by column number, in ascending order."""
        rows: dict[int, dict[int, object]] = {}
        for row, column in sorted(self.cells):
            rows.setdefault(row, {})[column] = self.cells[row, column]
        return rows

    def text(self, row: int, column: int) -> str:
        """What stands in a cell, in the form for matching; whole numbers have no decimals."""
        value = self.cells.get((row, column), "")
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return normalise(str(value))

    def place(self, row: int, column: int) -> str:
        """Where a cell is: ``file.csv, line 12`` or ``file.xlsx, Sheet!C5``."""
        return self.problem("", "", row, column).place

    def problem(
        self, code: str, message: str, row: int = 0, column: int = 0, remedy: str = ""
    ) -> Problem:
        """Report a problem of one cell, of one line (``column`` 0) or of the whole sheet."""
        sheet, cell = self.name, ""
        if row and not self.name:
            sheet = f"line {row}"
        elif row:
            cell = f"{column_letters(column)}{row}" if column else f"{row}:{row}"
        return Problem(code, message, self.file, sheet, cell, remedy=remedy)


@dataclass(frozen=True)
class Source:
    """A file whose content has been told apart into sheets and cells.

    Parameters
    ----------
    file
        Name of the file, for messages and the ``source`` column.
    plate
        The file's name without its extension: the plate's name where the file says none.
    kind
        ``text``, ``workbook`` or ``rdml``.
    sheets
        The sheets, in their order; a text file has one without a name, an RDML file none.
    encoding, separator
        How a text was decoded and what separates its fields; empty for a workbook.
    ends_open
        The last line of a text has no line end.
    document
        The root of an RDML file, see :mod:`assaykit.readers.rdml_document`.
    """

    file: str
    plate: str
    kind: Literal["text", "workbook", "rdml"]
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    separator: str = ""
    ends_open: bool = False
    document: Element | None = None

    @cached_property
    def texts(self) -> frozenset[str]:
        """All that a mark may be: names of sheets, cells, first rows with their cells joined."""
        texts: set[str] = set()
        for sheet in self.sheets:
            texts |= {sheet.name, *(v.strip() for v in sheet.cells.values() if isinstance(v, str))}
            for cells in list(sheet.rows.values())[:_HEADER_ROWS]:
                texts.add(" | ".join(str(value).strip() for value in cells.values()))
        return frozenset(texts)

    @property
    def seen(self) -> str:
        """What the file looks like, in words, for the message that nobody can read it."""
        if self.kind == "rdml":
            return "an RDML file"
        if self.kind == "workbook":
            sheets = ", ".join(f"'{s.name}' ({len(s.cells)} cells)" for s in self.sheets)
            return f"a workbook with the sheets {sheets}"
        rows = self.sheets[0].rows
        first = next(iter(rows.values()), {})
        words = " | ".join(str(value) for value in first.values())
        return (
            f"a text of {len(rows)} lines ({self.encoding}, separated by "
            f"{SEPARATORS[self.separator]}) that begins with '{words[:60]}'"
        )


def open_source(path: str | Path) -> Source:
    r"""Open a file by its content, whatever its extension says.

    Parameters
    ----------
    path
        A text file, an ``.xlsx`` workbook or an RDML file.

    Raises
    ------
    UnreadableFileError
        There is no such file, it is empty, cut, protected, or none of these.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plate 1.xls"
    ...     _ = path.write_bytes(b"Well;OD\rA1;0,5\r")
    ...     source = open_source(path)
    >>> source.separator, source.plate, source.sheets[0].cells[2, 2]
    (';', 'plate 1', '0,5')
    """
    path = Path(path)
    file = unicodedata.normalize("NFC", path.name)
    plate = unicodedata.normalize("NFC", path.stem)
    data = _bytes_of(path, file)
    if holds_rdml(data):
        return Source(file, plate, "rdml", (), document=rdml_document(data, file))
    if data.startswith(b"PK\x03\x04"):
        sheets = [_workbook_sheet(file, sheet) for sheet in read_book(data, file).sheets]
        return Source(file, plate, "workbook", tuple(sheets))
    _refuse(data, file)
    decoded = decode(data, file)
    _refuse_markup(decoded.text, file)
    separator = separator_of(decoded.text)
    sheet = _text_sheet(decoded.text, separator, file)
    ends_open = not decoded.text.endswith("\n")
    return Source(file, plate, "text", (sheet,), decoded.encoding, separator, ends_open)


def _workbook_sheet(file: str, sheet: WorkbookSheet) -> Sheet:
    """The cells of a workbook's sheet; a formula without a saved value must not look empty."""
    cells = {
        address: "=" if cell.value is None and cell.is_formula else cell.value
        for address, cell in sheet.cells.items()
    }
    return Sheet(file, sheet.name, cells)


def separator_of(text: str) -> str:
    r"""The separator of a text: the one that splits most lines into the same number of fields.

    Among equals a tab goes before a semicolon and a semicolon before a comma, so that
    ``0,1;0,2`` are two numbers with decimal commas. A tab that stands in as many lines as any
    other separator is one, however the lines are cut: its file may hold ``1,250.000``.

    Examples
    --------
    >>> separator_of("Well;OD\nA1;0,5\nA2;0,6\n")
    ';'
    """
    lines = text.splitlines()
    found = {separator: sum(separator in line for line in lines) for separator in SEPARATORS}
    if found["\t"] and found["\t"] == max(found.values()):
        return "\t"
    scores = {separator: _even_lines(text, separator) for separator in SEPARATORS}
    best = max(scores.values())
    if best == 0:
        return ","
    return next(separator for separator, score in scores.items() if score == best)


def _even_lines(text: str, separator: str) -> int:
    """How many lines have the most frequent number of fields above one."""
    if separator not in text:
        return 0
    try:
        widths = [len(fields) for fields in csv.reader(io.StringIO(text), delimiter=separator)]
    except csv.Error:
        return 0
    counts = Counter(width for width in widths if width > 1)
    return max(counts.values(), default=0)


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES and not path.is_dir() else b""
    except FileNotFoundError as error:
        raise _unreadable(
            "there is no such file", file, "Check the name and the folder."
        ) from error
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise _unreadable(
            f"it cannot be opened ({reason})", file, "Check who may read it."
        ) from error
    if path.is_dir():
        raise _unreadable("it is a folder, expected a file", file, "Name one file in it.")
    if size > MAX_BYTES:
        message = f"it has {size / 1e6:.0f} MB, expected at most {MAX_BYTES / 1e6:.0f} MB"
        raise _unreadable(message, file, "Export only the readings of the plate.")
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _unreadable("it is empty", file, "Export it again.")
    return data


def _refuse(data: bytes, file: str) -> None:
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise _unreadable(f"it is {what}, expected a text or an .xlsx workbook", file, _SAVE_AS)


def _refuse_markup(text: str, file: str) -> None:
    start = text.lstrip("\ufeff \t\n")[:20].casefold()
    for begin, what in _MARKUP:
        if start.startswith(begin):
            raise _unreadable(f"it is {what}, expected a text or an .xlsx workbook", file, _SAVE_AS)


def _text_sheet(text: str, separator: str, file: str) -> Sheet:
    cells: dict[tuple[int, int], object] = {}
    widths: dict[int, int] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in reader:
            widths[line] = len(fields)
            cells |= {(line, c): v for c, v in enumerate(fields, 1) if normalise(v)}
            line = reader.line_num + 1
    except csv.Error as error:
        place = f"line {line}"
        problem = Problem("quotation_mark", f"a quoted field does not end properly ({error})",
                          file, place, remedy="Remove the stray quotation mark.")  # fmt: skip
        raise UnreadableFileError([problem]) from error
    return Sheet(file, "", cells, widths)


def _unreadable(message: str, file: str, remedy: str) -> UnreadableFileError:
    return UnreadableFileError([Problem("unreadable", message, file, remedy=remedy)])
