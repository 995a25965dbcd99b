"""Blocks of a grid: where they stand in a sheet, and whether they are whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from assaykit.errors import Problem
from assaykit.plate import PLATE_FORMATS, PlateFormat, row_letters, well_name
from assaykit.readers.base import is_number, is_word
from assaykit.readers.source import Sheet, Source

Place = tuple[int, int]
"""Row and column of a cell, counted from 1."""

LETTERS: dict[str, int] = {row_letters(row): row for row in range(32)}
"""Row letters of all plates to the row counted from 0."""

_COLUMN_NUMBER = re.compile(r"0*([1-9]\d?)(\.0)?")
_IF_EMPTY = "If these wells are empty, keep their row and column in the file and leave them blank."


@dataclass(frozen=True)
class Block:
    """One block of readings in a sheet.

    Parameters
    ----------
    sheet
        Where it stands.
    top, left
        Row and column of its corner: the cell above the row letters and left of the column
        numbers (of a block without them: where it would be).
    letters
        The row letters that were found, top down.
    columns
        How many column numbers were found.
    headed
        Whether it has row letters and column numbers.
    """

    sheet: Sheet
    top: int
    left: int
    letters: tuple[str, ...]
    columns: int
    headed: bool = True

    @property
    def bottom(self) -> int:
        """Row of its last line."""
        return self.top + len(self.letters)

    @property
    def right(self) -> int:
        """Column of its last column."""
        return self.left + self.columns

    @property
    def rows(self) -> range:
        """Rows of its values."""
        return range(self.top + 1, self.bottom + 1)

    def holds(self, place: Place) -> bool:
        """Whether a cell belongs to it, its corner and margins included."""
        return self.top <= place[0] <= self.bottom and self.left <= place[1] <= self.right

    def wells(self) -> Iterator[tuple[str, Place]]:
        """Each well that the block shows, with its cell."""
        for row, letter in zip(self.rows, self.letters, strict=True):
            for column in range(1, self.columns + 1):
                yield f"{letter}{column}", (row, self.left + column)


def find_blocks(source: Source) -> list[Block]:
    """Find all blocks of a file: those with row letters and column numbers, or one bare matrix.

    Examples
    --------
    >>> rows = ["", "1", "2", "3"], ["A", "5", "6", "7"], ["B", "8", "9", "10"]
    >>> cells = {(r, c): v for r, row in enumerate(rows, 1) for c, v in enumerate(row, 1) if v}
    >>> block, = find_blocks(Source("a.csv", "a", "text", (Sheet("a.csv", "", cells),)))
    >>> block.letters, block.columns
    (('A', 'B'), 3)
    """
    blocks = [block for sheet in source.sheets for block in _headed_blocks(sheet)]
    return blocks or _bare_matrix(source)


def _headed_blocks(sheet: Sheet) -> Iterator[Block]:
    """Blocks whose corner has ``1, 2, ...`` to its right and ``A`` below."""
    for row, cells in sheet.rows.items():
        for column in cells:
            left = column - 1
            if _column_number(sheet, row, column) != 1 or sheet.text(row + 1, left).upper() != "A":
                continue
            columns = 1
            while _column_number(sheet, row, left + columns + 1) == columns + 1:
                columns += 1
            yield Block(sheet, row, left, tuple(_letters_below(sheet, row, left)), columns)


def _column_number(sheet: Sheet, row: int, column: int) -> int:
    match = _COLUMN_NUMBER.fullmatch(sheet.text(row, column))
    return int(match[1]) if match else 0


def _letters_below(sheet: Sheet, row: int, column: int) -> Iterator[str]:
    while (letter := sheet.text(row := row + 1, column).upper()) in LETTERS:
        yield letter


def _bare_matrix(source: Source) -> list[Block]:
    """The whole file as one block, if it is nothing but a rectangle of numbers and words."""
    sheets = [sheet for sheet in source.sheets if sheet.cells]
    if len(sheets) != 1 or not _only_readings(sheets[0].cells.values()):
        return []
    rows, columns = ({place[axis] for place in sheets[0].cells} for axis in (0, 1))
    top, left = min(rows) - 1, min(columns) - 1
    height, width = max(rows) - top, max(columns) - left
    if not (2 <= height <= len(LETTERS) and 3 <= width <= 48):
        return []
    letters = tuple(row_letters(row) for row in range(height))
    return [Block(sheets[0], top, left, letters, width, headed=False)]


def _only_readings(values: Iterable[object]) -> bool:
    listed = list(values)
    return any(map(is_number, listed)) and all(is_number(v) or is_word(v) for v in listed)


def shape_problems(block: Block, source: Source) -> list[Problem]:
    """Say what is missing of a block, and which letters stand in the wrong place."""
    order = [row_letters(row) for row in sorted(LETTERS[letter] for letter in block.letters)]
    if len(set(order)) < len(order) or list(block.letters) != order:
        found = ", ".join(block.letters)
        message = f"the row letters are {found}, expected A, B, C and so on, each once"
        return [block.sheet.problem("row_order", message, block.top + 1, block.left,
                                    "Put the rows back in order.")]  # fmt: skip
    plate = _format_of(block)
    if plate is None:
        message = f"the block has {block.columns} columns; the largest plate has 48"
        return [block.sheet.problem("unknown_plate", message, block.top, block.left)]
    missing = _missing_wells(block, plate, source)
    if not missing:
        return []
    message = (
        f"a block of {len(block.letters)} × {block.columns} wells is part of a plate of "
        f"{plate.wells} wells ({plate.rows} × {plate.columns}); missing: {_ranges(missing, plate)}"
    )
    remedy = f"A partial file is never read as a whole plate: export it again. {_IF_EMPTY}"
    return [block.sheet.problem("partial_plate", message, block.top, block.left, remedy)]


def _format_of(block: Block) -> PlateFormat | None:
    """Find the smallest plate that the block fits into."""
    rows = max(LETTERS[letter] for letter in block.letters) + 1
    fitting = (p for p in PLATE_FORMATS.values() if p.rows >= rows and p.columns >= block.columns)
    return next(fitting, None)


def _missing_wells(block: Block, plate: PlateFormat, source: Source) -> list[str]:
    """List the wells of the plate that the file has no place for."""
    there = {well for well, place in block.wells() if _has_place(block, place, source)}
    return [well for well in plate.names if well not in there]


def _has_place(block: Block, place: Place, source: Source) -> bool:
    """Whether a blank well is blank on purpose, and not cut off with the end of its line."""
    sheet, (row, column) = block.sheet, place
    if place in sheet.cells:
        return True
    if not block.headed:
        return False
    if source.ends_open and row == max(sheet.widths) and column == sheet.widths[row]:
        return False
    return column <= sheet.widths.get(row, column)


def _ranges(wells: Iterable[str], plate: PlateFormat) -> str:
    """Wells row by row, such as ``G1 to G12, H1 to H12``."""
    listed = set(wells)
    rows = [[well_name(r, c) for c in range(plate.columns)] for r in range(plate.rows)]
    runs = [list(run) for row in rows for there, run in groupby(row, listed.__contains__) if there]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
