"""A copy of a workbook in which every problem is coloured and explained at its cell."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from assaykit.errors import Problem
from assaykit.excel.archive import damage_in_words
from assaykit.excel.cells import Area, Book, cell_address, parse_area
from assaykit.excel.opening import open_workbook
from assaykit.files import replace_atomically
from assaykit.workbook.styles import comment_size, row_height

PROBLEMS = "Problems"
_INK = "FF1F2D3D"
RED, AMBER = "FFF4A6A0", "FFFFDF94"
MARK = "assaykit check:"
_MOST_CELLS = 5000
_WIDE = 70
_COLUMNS = {
    "severity": 10,
    "sheet": 14,
    "cell": 16,
    "well": 14,
    "problem": _WIDE,
    "what to do": _WIDE,
}


def write_checked(path: str | Path, problems: Iterable[Problem]) -> Path:
    """Copy a workbook with its problem cells coloured, and list the problems on a sheet.

    Errors are red, warnings amber; each cell says in a comment what is wrong with it. The
    original is not touched.

    Parameters
    ----------
    path
        The workbook.
    problems
        What :func:`assaykit.workbook.examine_template` found in it.

    Returns
    -------
    pathlib.Path
        The copy, ``<stem>_checked.xlsx`` beside the workbook.

    Raises
    ------
    UnreadableFileError
        The workbook cannot be opened.
    OutputError
        The copy cannot be written.
    """
    opened = open_workbook(path)
    listed = tuple(_in_words(problem, opened.file) for problem in problems)
    original = Path(path)
    target = original.with_name(f"{original.stem}_checked.xlsx")
    memory = BytesIO()
    with warnings.catch_warnings(), damage_in_words(opened.file):
        warnings.simplefilter("ignore")
        book = _load(original, opened)
        for worksheet in book.worksheets:
            _restore(worksheet)
        _mark_all(book, listed)
        _list_problems(book, listed)
        book.save(memory)
    with replace_atomically(target) as temporary:
        temporary.write_bytes(memory.getvalue())
    return target


def _in_words(problem: Problem, file: str) -> Problem:
    """A problem of another file, such as the instrument's, has no cell here: its file is told."""
    if problem.file in ("", file):
        return problem
    return replace(problem, sheet=f"{problem.file} {problem.sheet}".strip())


def _load(path: Path, opened: Book) -> Any:
    """The workbook with all its looks, or only its cells where the looks are damaged."""
    from openpyxl import load_workbook

    try:
        return load_workbook(path, keep_links=False)
    except Exception:
        return _cells_only(opened)


def _cells_only(opened: Book) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in opened.sheets:
        worksheet = book.create_sheet(sheet.name)
        for (row, column), content in sheet.cells.items():
            cell = worksheet.cell(row, column)
            cell.value = content.value
            if isinstance(content.value, str):
                cell.data_type = "s"
    return book


def _restore(worksheet: Any) -> None:
    """Take away the marks of an earlier check, and give each comment room for its text."""
    from openpyxl.styles import PatternFill

    for cell in list(worksheet._cells.values()):
        note = getattr(cell, "comment", None)
        if note is None:
            continue
        before, mark, _ = note.text.partition(MARK)
        if mark and cell.fill.fgColor.rgb in (RED, AMBER):
            cell.fill = PatternFill()
        _comment(cell, before.strip())


def _comment(cell: Any, text: str) -> None:
    from openpyxl.comments import Comment

    if not text:
        cell.comment = None
        return
    width, height = comment_size(text)
    cell.comment = Comment(_printable(text), "assaykit", height=height, width=width)


def _mark_all(book: Any, problems: Iterable[Problem]) -> None:
    """Colour each cell once, by its worst problem, with all its problems in one comment."""
    by_cell: dict[tuple[str, int, int], list[Problem]] = {}
    for problem in problems:
        for area in _areas(problem):
            for row in range(area.top, area.bottom + 1):
                for column in range(area.left, area.right + 1):
                    by_cell.setdefault((problem.sheet, row, column), []).append(problem)
    sheets = {worksheet.title: worksheet for worksheet in book.worksheets}
    for (sheet, row, column), found in by_cell.items():
        if sheet in sheets:
            _mark(sheets[sheet], row, column, found)


def _areas(problem: Problem) -> list[Area]:
    """The cells of a problem; of one that fills half a sheet only the first."""
    found = [parse_area(text) for text in problem.cell.split(", ") if text]
    areas = [area for area in found if area is not None]
    if sum(area.size for area in areas) > _MOST_CELLS:
        return [Area(area.top, area.left, area.top, area.left) for area in areas[:1]]
    return areas


def _mark(worksheet: Any, row: int, column: int, problems: list[Problem]) -> None:
    from openpyxl.cell import MergedCell
    from openpyxl.styles import Font, PatternFill

    cell = worksheet.cell(row, column)
    if isinstance(cell, MergedCell):
        return
    is_error = any(problem.severity == "error" for problem in problems)
    cell.fill = PatternFill("solid", fgColor=RED if is_error else AMBER)
    cell.font = Font(name=cell.font.name, size=cell.font.sz, bold=cell.font.b, color=_INK)
    said = [f"- {_sentence(problem)}" for problem in problems]
    before = [cell.comment.text] if cell.comment else []
    _comment(cell, "\n".join([*before, MARK, *said]))


def _sentence(problem: Problem) -> str:
    """A problem without its place."""
    return str(Problem(problem.code, problem.message, remedy=problem.remedy))


def _list_problems(book: Any, problems: tuple[Problem, ...]) -> None:
    """The sheet Problems in front of the others: one row each, with a link to its cell."""
    from openpyxl.styles import Alignment, Font, PatternFill

    if PROBLEMS in book.sheetnames:
        del book[PROBLEMS]
    worksheet = book.create_sheet(PROBLEMS, 0)
    for column, (name, width) in enumerate(_COLUMNS.items(), start=1):
        _text(worksheet, 1, column, name)
        worksheet.cell(1, column).font = Font(name="Calibri", bold=True)
        letter = cell_address(1, column)[:-1]
        worksheet.column_dimensions[letter].width = width
    for row, problem in enumerate(problems, start=2):
        words = (problem.severity, problem.sheet, problem.cell, problem.well, problem.message,
                 problem.remedy)  # fmt: skip
        for column, text in enumerate(words, start=1):
            _text(worksheet, row, column, text)
            worksheet.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        height = row_height((problem.message, _WIDE), (problem.remedy, _WIDE))
        worksheet.row_dimensions[row].height = height
        colour = RED if problem.severity == "error" else AMBER
        worksheet.cell(row, 1).fill = PatternFill("solid", fgColor=colour)
        _link(worksheet.cell(row, 3), problem, book.sheetnames)
    worksheet.freeze_panes = "A2"
    worksheet.page_setup.orientation = "landscape"
    worksheet.page_setup.fitToHeight = 0
    worksheet.sheet_properties.pageSetUpPr.fitToPage = True
    book.active = 0


def _text(worksheet: Any, row: int, column: int, text: str) -> None:
    """Text that stays text, even if it begins with an equals sign."""
    cell = worksheet.cell(row, column)
    cell.value = _printable(text)
    cell.data_type = "s"


def _printable(text: str) -> str:
    """Text without the control characters that no Excel file may hold."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def _link(cell: Any, problem: Problem, sheets: list[str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    areas = _areas(problem)
    if problem.sheet in sheets and areas:
        quoted = problem.sheet.replace("'", "''")
        target = f"'{quoted}'!{areas[0].name}"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target, display=problem.cell)
        cell.font = Font(name="Calibri", color="FF0B5394", underline="single")
