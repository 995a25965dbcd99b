"""Sheets as they were typed: only the cells that hold something, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assaykit.values import match_key, normalise

Address = tuple[int, int]
"""Row and column of a cell, counted from 1."""

_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")


@dataclass(frozen=True)
class Cell:
    """What one cell holds: its value (of a formula the last saved one), and whether it is one."""

    value: object
    is_formula: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether a person would call the cell empty; a formula without a saved value is not."""
        if self.value is None:
            return not self.is_formula
        return isinstance(self.value, str) and not normalise(self.value)


EMPTY = Cell(None)


@dataclass(frozen=True)
class Area:
    """A rectangle of cells, ends included.

    Examples
    --------
    >>> Area(1, 1, 3, 2).name, Area(5, 3, 5, 3).name
    ('A1:B3', 'C5')
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """The area as Excel writes it."""
        first = cell_address(self.top, self.left)
        last = cell_address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def __contains__(self, address: Address) -> bool:
        row, column = address
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def overlaps(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name
        As on its tab.
    cells
        The cells that hold something, by row and column.
    merged
        Merged ranges; only the top-left cell of each has a value.
    hidden_rows, hidden_columns
        Rows, and ranges of columns, that are hidden or filtered out.
    is_hidden
        Whether the whole sheet is hidden.
    """

    name: str
    cells: Mapping[Address, Cell]
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    is_hidden: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell at an address; an empty one where there is none."""
        return self.cells.get((row, column), EMPTY)

    def text(self, row: int, column: int) -> str:
        """A cell's content in one form for matching, see :func:`assaykit.values.normalise`."""
        value = self.cell(row, column).value
        return "" if value is None else normalise(str(value))

    def key(self, row: int, column: int) -> str:
        """A cell's content without case, spaces and hyphens."""
        return match_key(self.text(row, column))

    def hides(self, row: int, column: int) -> bool:
        """Whether a person who looks at the sheet does not see the cell."""
        return (
            self.is_hidden
            or row in self.hidden_rows
            or any(first <= column <= last for first, last in self.hidden_columns)
        )

    def find(self, *labels: str) -> Address | None:
        """Where the labels stand side by side, the topmost place first.

        Examples
        --------
        >>> sheet = Sheet("Settings", {(3, 2): Cell("Setting"), (3, 3): Cell("value")})
        >>> sheet.find("setting", "value")
        (3, 2)
        """
        wanted = [match_key(label) for label in labels]
        for row, column in sorted(self.cells):
            if all(self.key(row, column + i) == key for i, key in enumerate(wanted)):
                return row, column
        return None


@dataclass(frozen=True)
class Book:
    """A workbook: its file's name and its sheets."""

    file: str
    sheets: tuple[Sheet, ...] = ()
    names: tuple[str, ...] = field(default=())

    def find(self, name: str) -> Sheet | None:
        """The sheet of a name, whatever its case and spaces."""
        for sheet in self.sheets:
            if match_key(sheet.name) == match_key(name):
                return sheet
        return None


def column_letters(column: int) -> str:
    """The letters of a column counted from 1.

    Examples
    --------
    >>> column_letters(3), column_letters(28), column_letters(16384)
    ('C', 'AB', 'XFD')
    """
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_address(row: int, column: int) -> str:
    """A cell's address as Excel writes it.

    Examples
    --------
    >>> cell_address(5, 3)
    'C5'
    """
    return f"{column_letters(column)}{row}"


def parse_address(text: str) -> Address | None:
    """Row and column of an address such as ``C5``; None if it is not one.

    Examples
    --------
    >>> parse_address("AB7"), parse_address("here")
    ((7, 28), None)
    """
    match = _CELL.fullmatch(text)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def parse_area(text: str) -> Area | None:
    """The area of a text such as ``C5`` or ``C5:D9``; None if it is not one.

    Examples
    --------
    >>> parse_area("B2:A1")
    Area(top=1, left=1, bottom=2, right=2)
    """
    corners = [parse_address(part) for part in text.split(":")]
    found = [corner for corner in corners if corner is not None]
    if not found or len(found) != len(corners) or len(found) > 2:
        return None
    rows, columns = zip(*found, strict=True)
    return Area(min(rows), min(columns), max(rows), max(columns))


def areas_of(addresses: Iterable[Address]) -> list[Area]:
    """Cells as few areas: runs along a row, united with equal runs in the rows below."""
    areas: list[Area] = []
    for run in _runs(sorted(set(addresses))):
        above = next((i for i, area in enumerate(areas) if _continues(area, run)), None)
        if above is None:
            areas.append(run)
        else:
            areas[above] = Area(areas[above].top, run.left, run.bottom, run.right)
    return areas


def in_areas(addresses: Iterable[Address]) -> str:
    """Many cells in few words.

    Examples
    --------
    >>> in_areas([(1, 1), (1, 2), (2, 1), (2, 2), (4, 3)])
    'A1:B2, C4'
    """
    return ", ".join(area.name for area in areas_of(addresses))


def _runs(addresses: list[Address]) -> list[Area]:
    runs: list[Area] = []
    for row, column in addresses:
        if runs and runs[-1].top == row and runs[-1].right == column - 1:
            runs[-1] = Area(row, runs[-1].left, row, column)
        else:
            runs.append(Area(row, column, row, column))
    return runs


def _continues(area: Area, run: Area) -> bool:
    return area.bottom == run.top - 1 and (area.left, area.right) == (run.left, run.right)
