"""The Wells sheet: the plate as a list, one row per well, one column per variable."""

from __future__ import annotations

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address, in_areas
from assaykit.plate import PlateFormat, canonical_well
from assaykit.values import match_key
from assaykit.workbook.fields import (
    Entry,
    Field,
    Vocabulary,
    at,
    header_problems,
    merged_problems,
    value_problems,
    warning,
)


def read_well_list(
    sheet: Sheet, vocabulary: Vocabulary, plate: PlateFormat
) -> tuple[list[Field], list[Problem]]:
    """Read the list of wells; its columns are found by their headers.

    Parameters
    ----------
    sheet
        The Wells sheet; above the header row, which has a cell ``well``, anything may stand.
    vocabulary
        The names that a column may have.
    plate
        The plate's format.

    Returns
    -------
    fields, problems
        What the columns say, and everything that is wrong with the list's form.
    """
    if not sheet.cells:
        return [], []
    start = sheet.find("well")
    if start is None:
        return [], [_no_header(sheet)]
    top = start[0]
    headers = {c: sheet.text(r, c) for r, c in sorted(sheet.cells) if r == top}
    names = {column: _name(text, vocabulary) for column, text in headers.items()}
    rows = sorted({row for row, column in sheet.cells if row > top and column in headers})
    wells, problems = _wells(sheet, rows, start[1], plate)
    fields: dict[str, Field] = {}
    for column, name in names.items():
        if name and name not in fields:
            fields[name] = _read_column(sheet, (top, column), name, wells)
    area = Area(top, min(headers), max([top, *rows]), max(headers))
    problems += header_problems(sheet, [(top, column) for column in headers])
    problems += merged_problems(sheet, area)
    problems += _column_problems(sheet, top, names, vocabulary)
    problems += _stray_problems(sheet, top, headers)
    return [field for field in fields.values() if field.name != "well"], problems


def _no_header(sheet: Sheet) -> Problem:
    message = "no cell says 'well', the header of the first column"
    first = min(sheet.cells)
    return at(sheet, first, "no_well_column", message, remedy="Write the header row again.")


def _name(text: str, vocabulary: Vocabulary) -> str:
    return "well" if match_key(text) == "well" else vocabulary.resolve(text)


def _wells(
    sheet: Sheet, rows: list[int], column: int, plate: PlateFormat
) -> tuple[dict[int, str], list[Problem]]:
    """The well of each row, and rows whose well is missing, unknown or there already."""
    wells: dict[int, str] = {}
    rows_of: dict[str, int] = {}
    problems: list[Problem] = []
    for row in rows:
        well, found = _well(sheet, (row, column), plate)
        problems += found
        if well in rows_of:
            message = f"the well {well} is already in {cell_address(rows_of[well], column)}"
            remedy = "Keep one of the two rows."
            problems.append(
                at(sheet, (row, column), "well_twice", message, remedy=remedy, well=well)
            )
        elif well:
            rows_of[well] = row
            wells[row] = well
    return wells, problems


def _well(sheet: Sheet, address: Address, plate: PlateFormat) -> tuple[str, list[Problem]]:
    problems = value_problems(sheet, address)
    if problems:
        return "", problems
    text = sheet.text(*address)
    if not text:
        message = "this row names no well"
        return "", [at(sheet, address, "no_well", message, remedy="Write A1, B12 and so on.")]
    try:
        well = canonical_well(text)
    except InputError as error:
        return "", [at(sheet, address, p.code, p.message, remedy=p.remedy) for p in error.problems]
    if well not in plate:
        message = f"a plate of {plate.wells} wells has no well {well}"
        remedy = "Correct the well, or mend plate_format on the sheet Settings."
        return "", [at(sheet, address, "outside_plate", message, remedy=remedy, well=well)]
    return well, []


def _column_problems(
    sheet: Sheet, top: int, names: dict[int, str], vocabulary: Vocabulary
) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for column, name in names.items():
        address = (top, column)
        if not name and not sheet.cell(*address).is_formula:
            message, remedy = vocabulary.unknown(sheet.text(*address), "column")
            problems.append(at(sheet, address, "unknown_column", message, remedy=remedy))
        elif name and first.setdefault(name, column) != column:
            message = f"the column '{name}' is already at {cell_address(top, first[name])}"
            remedy = "Keep one of the two, or rename one."
            problems.append(at(sheet, address, "duplicate_column", message, remedy=remedy))
    return problems


def _stray_problems(sheet: Sheet, top: int, headers: dict[int, str]) -> list[Problem]:
    unread = in_areas((r, c) for r, c in sheet.cells if r > top and c not in headers)
    if not unread:
        return []
    message = "what stands in a column without a header is not read"
    remedy = "Give the column a header if it matters."
    return [warning(Problem("not_read", message, sheet=sheet.name, cell=unread, remedy=remedy))]


def _read_column(sheet: Sheet, header: Address, name: str, wells: dict[int, str]) -> Field:
    entries = [
        Entry(well, (row, header[1]), cell)
        for row, well in wells.items()
        if not (cell := sheet.cell(row, header[1])).is_blank
    ]
    return Field(name, sheet, header, tuple(entries))
