"""The cells of an ``.xlsx`` workbook, as they were saved; a hostile file costs words, not hours."""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from assaykit.errors import Problem, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_UNPACKED_BYTES = 100_000_000
_SAVE_AGAIN = "Open it in Excel and save it again as .xlsx."

Cells = dict[tuple[int, int], object]


def workbook_cells(data: bytes, file: str) -> list[tuple[str, Cells]]:
    """Each sheet's name and cells; a formula without a stored value stays its own text.

    Only cells that exist are visited, so a value in XFD1048576 or a wrong dimension tag
    costs nothing. Hidden sheets, rows and columns are read like others.

    Parameters
    ----------
    data
        The bytes of the file.
    file
        Its name, for messages.

    Returns
    -------
    list of tuple
        Sheet name, and (row, column), both counted from 1, to number, text, date or truth
        value. An Excel error is its text, such as ``#DIV/0!``.

    Raises
    ------
    UnreadableFileError
        It is no workbook, is damaged, unpacks to more than 100 MB or declares XML entities.

    Examples
    --------
    >>> import openpyxl
    >>> book, file = openpyxl.Workbook(), io.BytesIO()
    >>> book.active["B2"] = 0.5
    >>> book.save(file)
    >>> workbook_cells(file.getvalue(), "p.xlsx")
    [('Sheet', {(2, 2): 0.5})]
    """
    _check_archive(data, file)
    values, formulas = _sheets(data, file, stored=True), _sheets(data, file, stored=False)
    return [(name, _with_unsaved_formulas(cells, formulas[name])) for name, cells in values.items()]


def column_letters(column: int) -> str:
    """A column's letters from its number counted from 1.

    Examples
    --------
    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheets(data: bytes, file: str, *, stored: bool) -> dict[str, Cells]:
    """Cells of each sheet: stored values, or formulas as they are written."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=stored)
            return {sheet.title: _cells(sheet, stored) for sheet in book.worksheets}
    except Exception as error:  # a damaged archive raises whatever its parts happen to break
        raise _unreadable("it is a damaged Excel workbook", file, _SAVE_AGAIN) from error


def _cells(sheet: Any, stored: bool) -> Cells:
    """Cells that exist, straight from openpyxl's parser: its sheets would fill in empty ones."""
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    with sheet._get_source() as xml:
        parser = WorkSheetParser(
            xml, sheet._shared_strings, data_only=stored, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        found = [cell for _, row in parser.parse() for cell in row]
    return {
        (cell["row"], cell["column"]): cell["value"]
        for cell in found
        if cell["value"] is not None and str(cell["value"]).strip()
    }


def _with_unsaved_formulas(values: Cells, formulas: Mapping[tuple[int, int], object]) -> Cells:
    """Add the formulas that have no stored value, as text; they must not look like empty cells."""
    unsaved = {
        place: str(getattr(formula, "text", formula))
        for place, formula in formulas.items()
        if place not in values
    }
    return values | unsaved


def _check_archive(data: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, file)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise _unreadable("it is cut or damaged", file, "Copy or export it again.") from error
    except Exception as error:
        if isinstance(error, UnreadableFileError):
            raise
        raise _unreadable("it is damaged", file, "Copy or export it again.") from error


def _check_members(archive: zipfile.ZipFile, file: str) -> None:
    members = archive.infolist()
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise _unreadable("it is a zip archive, but no Excel workbook", file, _SAVE_AGAIN)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        message = f"it unpacks to {unpacked / 1e6:.0f} MB, more than any plate needs"
        raise _unreadable(message, file, "Copy the readings into a new workbook.")
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(member):
            message = f"its part {member.filename} declares XML entities, as no Excel file does"
            raise _unreadable(message, file, "Copy the readings into a new workbook.")


def _unreadable(message: str, file: str, remedy: str) -> UnreadableFileError:
    return UnreadableFileError([Problem("unreadable", message, file, remedy=remedy)])
