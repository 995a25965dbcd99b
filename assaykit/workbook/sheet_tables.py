"""Tables in sheets: column names in one row, one row below for each row of the table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address
from assaykit.tables import DETAILS, SCHEMAS, Kind, Schema
from assaykit.values import cell_name, match_key, nearest, parse_value
from assaykit.workbook.fields import at, header_problems, merged_problems, value_problems
from assaykit.workbook.statements import YES_NO

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {"text": "object", "number": "float64", "count": "float64", "yes_no": "bool"}


def read_table(
    sheet: Sheet, schema: Schema, texts: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the table of a sheet; its header is the first row that holds anything.

    Parameters
    ----------
    sheet
        The sheet.
    schema
        What its columns should be; further ones are kept: as text if they are named in
        ``texts``, otherwise as numbers where every cell is one.
    texts
        Names of further columns that are text whatever they look like: factors and blocks.

    Returns
    -------
    table, problems
        The rows, and every cell that cannot be what its column should hold.
    """
    import pandas as pd

    headers, problems = _headers(sheet, schema)
    top = min((row for row, _ in sheet.cells), default=1)
    rows = sorted({row for row, column in sheet.cells if row > top and column in headers})
    problems += merged_problems(sheet, _area(top, rows, headers))
    columns: dict[str, pd.Series] = {}
    for column, name in headers.items():
        places = [(row, column) for row in rows]
        kind = _kind(sheet, name, schema, texts, places)
        values, found = _column(sheet, places, name, kind)
        columns[name] = pd.Series(values, dtype=_DTYPES[kind])
        problems += found
    return pd.DataFrame(columns, index=range(len(rows))), problems


def _area(top: int, rows: list[int], headers: Mapping[int, str]) -> Area:
    return Area(top, min(headers, default=1), max([top, *rows]), max(headers, default=1))


def _headers(sheet: Sheet, schema: Schema) -> tuple[dict[int, str], list[Problem]]:
    """The columns and their names; those that are missing, or there twice."""
    top = min((row for row, _ in sheet.cells), default=1)
    headers: dict[int, str] = {}
    first: dict[str, Address] = {}
    problems: list[Problem] = []
    for place in sorted(place for place in sheet.cells if place[0] == top):
        problems += header_problems(sheet, [place])
        name = _column_name(sheet.text(*place), schema)
        if name in first:
            message = f"the column '{name}' is already at {cell_address(*first[name])}"
            problems.append(at(sheet, place, "duplicate_column", message, remedy="Keep one."))
        else:
            headers[place[1]] = name
            first[name] = place
    for name in schema.required:
        if name not in first:
            problems.append(_no_column(sheet, top, name, first))
    return headers, problems


def _column_name(text: str, schema: Schema) -> str:
    return next((name for name in schema.names if match_key(name) == match_key(text)), text)


def _no_column(sheet: Sheet, top: int, name: str, there: Mapping[str, Address]) -> Problem:
    near = nearest(name, there)
    message = f"there is no column '{name}'"
    if near:
        remedy = f"Did somebody rename it '{near}'?"
        return at(sheet, there[near], "missing_column", message, remedy=remedy)
    return at(sheet, (top, 1), "missing_column", message, remedy="Make the results again.")


def _kind(
    sheet: Sheet, name: str, schema: Schema, texts: Collection[str], places: list[Address]
) -> Kind:
    """What a column holds: as its schema says, or as its cells show."""
    own = {column.name: column.kind for column in schema.columns}
    if name in own:
        return own[name]
    if name in texts:
        return "text"
    known = {column.name: column.kind for other in (DETAILS, *SCHEMAS) for column in other.columns}
    if name in known:
        return known[name]
    values = [sheet.cell(*place).value for place in places]
    said = [value for value in values if value is not None]
    is_number = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in said)
    return "number" if is_number else "text"


def _column(
    sheet: Sheet, places: list[Address], name: str, kind: Kind
) -> tuple[list[Any], list[Problem]]:
    values: list[Any] = []
    problems: list[Problem] = []
    for place in places:
        found = value_problems(sheet, place)
        value: Any = _typed(None, kind)
        try:
            value = _typed(sheet.cell(*place).value, kind)
        except InputError as error:
            found += [
                at(sheet, place, p.code, f"{name}: {p.message}", remedy=p.remedy)
                for p in error.problems
            ]
        problems += found
        values.append(value)
    return values, problems


def _typed(raw: object, kind: Kind) -> Any:
    """A cell as its column should hold it; text is exactly as it was written."""
    if kind == "text":
        return raw if isinstance(raw, str) else cell_name(raw)
    if kind == "yes_no":
        return _yes_no(raw)
    value = parse_value(raw)
    if value.flag:
        message = f"found '{value.text}', expected a number"
        raise InputError([Problem("not_a_number", message, remedy="Leave the cell empty.")])
    return value.number


def _yes_no(raw: object) -> bool:
    text = match_key("" if raw is None else str(raw))
    if text in ("", "no", "false"):
        return False
    if text in ("yes", "true"):
        return True
    message = f"found '{raw}', expected {' or '.join(YES_NO)}"
    raise InputError([Problem("unknown_choice", message, remedy="Write yes or no.")])
