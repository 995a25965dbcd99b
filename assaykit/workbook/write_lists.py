"""Writing the list sheets: one row per sample, per target, ..."""

from __future__ import annotations

from dataclasses import replace

from assaykit.errors import UsageError
from assaykit.workbook.paper import Paper
from assaykit.workbook.spec import ListSheet, PlateWorkbook, Variable
from assaykit.workbook.styles import print_setup
from assaykit.workbook.write_plate import Part, cell_of, design_parts, list_rows, write_column

Listed = tuple[tuple[ListSheet, tuple[Part, ...]], ...]
_KEY_HINT = " Plate and Wells use the names of the first column, written alike."
_FACTOR_HINT = " Every factor of the sheet Design has a column of its name."


def list_parts(sheet: ListSheet, content: PlateWorkbook | None) -> tuple[Part, ...]:
    """The columns of a list sheet, with what they say by the number of the row.

    Raises
    ------
    UsageError
        The content has a column that the sheet does not have.
    """
    own = design_parts(content.design if content else None) if sheet.with_factors else ()
    design = {part.variable.name: part for part in own}
    variables = sheet.arranged([part.variable for part in own])
    offered = [design.get(v.name) or Part(v, _dropdown(v)) for v in variables]
    table = content.lists.get(sheet.name) if content else None
    if table is None:
        return tuple(offered)
    unknown = [str(name) for name in table if name not in {v.name for v in variables}]
    if unknown:
        raise UsageError(f"the sheet {sheet.name} has no column {', '.join(unknown)}")
    return tuple(
        replace(part, values=_by_row(list(table[part.variable.name])))
        if part.variable.name in table
        else part
        for part in offered
    )


def _dropdown(variable: Variable) -> str:
    if variable.kind == "yes_no":
        return "yes_no"
    return variable.name if variable.choices else ""


def _by_row(values: list[object]) -> dict[str, str | float]:
    cells = {str(row): cell_of(value) for row, value in enumerate(values)}
    return {row: value for row, value in cells.items() if value != ""}


def write_list_sheets(paper: Paper, listed: Listed, content: PlateWorkbook | None) -> None:
    """Write the list sheets of a template.

    Parameters
    ----------
    paper
        The workbook.
    listed
        The sheets with their columns, see :func:`list_parts`.
    content
        What is filled in; None for blank sheets.
    """
    for sheet, columns in listed:
        hint = sheet.words + _KEY_HINT + (_FACTOR_HINT if sheet.with_factors else "")
        worksheet = paper.sheet(sheet.name, f"{sheet.name}: one row per {sheet.key}", hint)
        rows = list_rows(sheet, content)
        for column, part in enumerate(columns):
            cells = [part.values.get(str(row), "") for row in range(rows)]
            write_column(paper, worksheet, column, part, cells)
        worksheet.freeze_panes(4, 1)
        print_setup(worksheet)
