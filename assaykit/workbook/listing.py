"""Lists in sheets: a header row, and below it one row for each well, sample, target, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assaykit.errors import Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address, in_areas
from assaykit.workbook.fields import Entry, Field, at, header_problems, merged_problems, warning

Resolve = Callable[[str], str]
Unknown = Callable[[str], tuple[str, str]]


@dataclass(frozen=True)
class Listing:
    """Where a list stands.

    Parameters
    ----------
    sheet
        Its sheet.
    top
        The row of its headers; anything may stand above.
    names
        What each column with a header is called; empty where the header means nothing.
    rows
        The rows below that hold anything in these columns.
    """

    sheet: Sheet
    top: int
    names: Mapping[int, str]
    rows: tuple[int, ...]

    @property
    def columns(self) -> dict[str, int]:
        """The first column of each name, from left to right."""
        first: dict[str, int] = {}
        for column, name in self.names.items():
            first.setdefault(name, column)
        first.pop("", None)
        return first

    def fields(self, keys: Mapping[int, str]) -> list[Field]:
        """What the columns say of the rows that have a key, which is what they are about."""
        return [self._field(name, column, keys) for name, column in self.columns.items()]

    def _field(self, name: str, column: int, keys: Mapping[int, str]) -> Field:
        entries = [
            Entry(key, (row, column), cell)
            for row, key in keys.items()
            if not (cell := self.sheet.cell(row, column)).is_blank
        ]
        return Field(name, self.sheet, (self.top, column), tuple(entries))

    def problems(self, unknown: Unknown) -> list[Problem]:
        """Everything that is wrong with the list's form.

        Parameters
        ----------
        unknown
            Makes message and remedy for a header that means nothing.
        """
        sheet, top, columns = self.sheet, self.top, self.names
        area = Area(top, min(columns), max([top, *self.rows]), max(columns))
        return [
            *header_problems(sheet, [(top, column) for column in columns]),
            *merged_problems(sheet, area),
            *self._column_problems(unknown),
            *self._stray_problems(),
        ]

    def _column_problems(self, unknown: Unknown) -> list[Problem]:
        problems = []
        first = self.columns
        for column, name in self.names.items():
            place: Address = (self.top, column)
            if not name and not self.sheet.cell(*place).is_formula:
                message, remedy = unknown(self.sheet.text(*place))
                problems.append(at(self.sheet, place, "unknown_column", message, remedy=remedy))
            elif name and first[name] != column:
                there = cell_address(self.top, first[name])
                message = f"the column '{name}' is already at {there}"
                remedy = "Keep one of the two, or rename one."
                problems.append(at(self.sheet, place, "duplicate_column", message, remedy=remedy))
        return problems

    def _stray_problems(self) -> list[Problem]:
        cells = self.sheet.cells
        unread = in_areas((r, c) for r, c in cells if r > self.top and c not in self.names)
        if not unread:
            return []
        message = "what stands in a column without a header is not read"
        remedy = "Give the column a header if it matters."
        problem = Problem("not_read", message, sheet=self.sheet.name, cell=unread, remedy=remedy)
        return [warning(problem)]


def find_listing(sheet: Sheet, key: str, resolve: Resolve) -> Listing | None:
    """Find the list of a sheet by the header of the column that names its rows.

    Parameters
    ----------
    sheet
        The sheet.
    key
        Name of that column; its topmost header is taken.
    resolve
        What a header means; empty: nothing.

    Returns
    -------
    Listing or None
        None if there is no such header.
    """
    places = sorted(sheet.cells)
    top = next((r for r, c in places if resolve(sheet.text(r, c)) == key), None)
    return None if top is None else listing_below(sheet, top, resolve)


def listing_below(sheet: Sheet, top: int, resolve: Resolve) -> Listing:
    """The list whose headers stand in a row."""
    names = {c: resolve(sheet.text(r, c)) for r, c in sorted(sheet.cells) if r == top}
    rows = {row for row, column in sheet.cells if row > top and column in names}
    return Listing(sheet, top, names, tuple(sorted(rows)))
