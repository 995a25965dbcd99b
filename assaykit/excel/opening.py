"""Opening workbooks from anywhere: only the cells that exist, whatever a sheet says of its size."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from assaykit.excel.archive import (
    DEFAULT_LIMITS,
    Limits,
    check_archive,
    damage_in_words,
    refuse,
)
from assaykit.excel.cells import Address, Area, Book, Cell, Sheet, parse_area
from assaykit.values import match_key

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TOO_LARGE = "Remove what is outside of the tables, and save it again."


def display_name(path: Path) -> str:
    r"""A file's name for people: composed characters, as macOS shows but does not store them.

    Examples
    --------
    >>> len(display_name(Path("u\u0308.xlsx")))
    6
    """
    return unicodedata.normalize("NFC", path.name)


def open_workbook(
    path: str | Path, *, only: Collection[str] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Book:
    """Read the cells of a workbook that may be damaged or hostile.

    Parameters
    ----------
    path
        The workbook.
    only
        Names of the sheets to read; all of them if None.
    limits
        How large it may be.

    Raises
    ------
    UnreadableFileError
        It cannot be read as an Excel workbook; the message says in plain words why and what
        to do.

    Examples
    --------
    >>> try:
    ...     open_workbook(Path("nowhere.xlsx"))
    ... except ValueError as error:
    ...     print(error)
    nowhere.xlsx: there is no such file. Check the name and the folder.
    """
    file = display_name(Path(path))
    data = _bytes_of(Path(path), file, limits)
    return read_book(data, file, only=only, limits=limits)


def read_book(
    data: bytes,
    file: str,
    *,
    only: Collection[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Book:
    """Read the cells of a workbook from its bytes; as :func:`open_workbook` otherwise.

    Parameters
    ----------
    data, file
        The bytes and, for messages, the file's name.
    only, limits
        As for :func:`open_workbook`.

    Raises
    ------
    UnreadableFileError
        The bytes cannot be read as an Excel workbook.
    """
    check_archive(data, file, limits)
    with damage_in_words(file):
        return _read(data, file, only, limits)


def _bytes_of(path: Path, file: str, limits: Limits) -> bytes:
    if path.is_dir():
        raise refuse("folder", file, "this is a folder", "Name the workbook in it.")
    if not path.exists():
        raise refuse("no_file", file, "there is no such file", "Check the name and the folder.")
    try:
        if path.stat().st_size > limits.file_bytes:
            raise refuse("too_large", file, "the file is too large for a plate", _TOO_LARGE)
        return path.read_bytes()
    except PermissionError:
        remedy = "Close it in other programs, and check that you may read it."
        raise refuse("no_permission", file, "it may not be read", remedy) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise refuse("unreadable", file, f"it cannot be read: {why}", "Copy it again.") from None


def _read(data: bytes, file: str, only: Collection[str] | None, limits: Limits) -> Book:
    from openpyxl import load_workbook

    opened = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    wanted = None if only is None else {match_key(name) for name in only}
    sheets: list[Sheet] = []
    left = limits.cells
    for worksheet in opened.worksheets:
        if wanted is None or match_key(worksheet.title) in wanted:
            sheet = _read_sheet(worksheet, file, left)
            left -= len(sheet.cells)
            sheets.append(sheet)
    return Book(file, tuple(sheets), tuple(opened.sheetnames))


def _read_sheet(worksheet: Any, file: str, most: int) -> Sheet:
    """Read the cells that exist; the sheet's own statement of its size is not believed."""
    cells: dict[Address, Cell] = {}
    with worksheet._get_source() as source:
        parser = _parser(worksheet, source)
        seen = 0
        for _, row in parser.parse():
            seen += max(len(row), 1)
            if seen > most:
                message = f"the sheet {worksheet.title} has more than {most} cells"
                raise refuse("too_large", file, message, _TOO_LARGE)
            for item in row:
                address = (item["row"], item["column"])
                cell = Cell(item["value"], address in parser.formulas)
                if not cell.is_blank:
                    cells[address] = cell
    return Sheet(
        worksheet.title,
        cells,
        _merged(parser, worksheet.title, file, most),
        frozenset(int(row) for row, said in parser.row_dimensions.items() if _is_hidden(said)),
        tuple(
            (int(said["min"]), int(said["max"]))
            for said in parser.column_dimensions.values()
            if _is_hidden(said)
        ),
        worksheet.sheet_state != "visible",
    )


def _is_hidden(said: dict[str, str]) -> bool:
    return said.get("hidden") in ("1", "true")


def _parser(worksheet: Any, source: IO[bytes]) -> Any:
    """The parser of openpyxl for one sheet, which also remembers where formulas stand."""
    from openpyxl.worksheet._reader import WorkSheetParser

    class Parser(WorkSheetParser):  # type: ignore[misc]
        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            if element.find(f"{_MAIN}f") is not None:
                self.formulas.add((cell["row"], cell["column"]))
                if element.get("t") == "str" and cell["value"] is None:
                    cell["value"] = ""  # a saved value, which is an empty text
            return cell

    book = worksheet.parent
    parser = Parser(
        source, worksheet._shared_strings, data_only=True, epoch=book.epoch,
        date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
    )  # fmt: skip
    parser.formulas = set()
    return parser


def _merged(parser: Any, sheet: str, file: str, most: int) -> tuple[Area, ...]:
    """The merged ranges; ranges over half a sheet, merged or linked, would stall who fills them."""
    merged = parser.merged_cells.mergeCell if parser.merged_cells else []
    ranges = [_area(item.ref) for item in merged]
    links = [_area(link.ref) for link in parser.hyperlinks.hyperlink]
    if sum(area.size for area in (*ranges, *links)) > most:
        largest = max((*ranges, *links), key=lambda area: area.size)
        message = f"the merged or linked ranges of the sheet {sheet} are too large ({largest.name})"
        raise refuse("too_large", file, message, "Unmerge them and save the workbook.")
    return tuple(ranges)


def _area(text: str) -> Area:
    area = parse_area(text)
    if area is None:
        raise ValueError(f"'{text}' is not a range of cells")
    return area
