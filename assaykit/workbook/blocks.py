"""The Plate sheet: blocks whose corner names a variable, in the shape of the plate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assaykit.errors import Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address, in_areas
from assaykit.plate import PlateFormat, row_letters, well_name
from assaykit.values import match_key
from assaykit.workbook.fields import (
    Entry,
    Field,
    Vocabulary,
    at,
    header_problems,
    merged_problems,
    warning,
)

_MOST_ROWS, _MOST_COLUMNS = 32, 48


@dataclass(frozen=True)
class Block:
    """One block: its corner's text and the area from the corner to its last well."""

    text: str
    area: Area

    @property
    def corner(self) -> Address:
        """The cell that names the variable."""
        return self.area.top, self.area.left

    @property
    def last_well(self) -> str:
        """Name of the last well that the block has room for."""
        area = self.area
        return well_name(area.bottom - area.top - 1, area.right - area.left - 1)

    @property
    def headers(self) -> list[Address]:
        """The corner, the column numbers and the row letters."""
        area = self.area
        return [
            *((area.top, column) for column in range(area.left, area.right + 1)),
            *((row, area.left) for row in range(area.top + 1, area.bottom + 1)),
        ]


def read_blocks(
    sheet: Sheet, vocabulary: Vocabulary, plate: PlateFormat
) -> tuple[list[Field], list[Problem]]:
    """Read every block of the Plate sheet, wherever it stands.

    Parameters
    ----------
    sheet
        The Plate sheet. A block is a name with 1, 2, 3, ... to its right and A, B, C, ...
        below.
    vocabulary
        The names that a block may have.
    plate
        The plate's format.

    Returns
    -------
    fields, problems
        What the blocks say, and everything that is wrong with their form.
    """
    blocks = find_blocks(sheet)
    fields: dict[str, Field] = {}
    problems: list[Problem] = []
    for block in blocks:
        field = _read_block(sheet, block, vocabulary)
        problems += _form_problems(sheet, block, plate)
        if field.name in fields:
            problems.append(_twice(field, fields[field.name]))
        elif field.name:
            fields[field.name] = field
            problems += _outside_plate(field, plate)
        elif not sheet.cell(*block.corner).is_formula:
            message, remedy = vocabulary.unknown(block.text, "block")
            problems.append(at(sheet, block.corner, "unknown_block", message, remedy=remedy))
    return list(fields.values()), problems + _stray_problems(sheet, blocks, vocabulary)


def find_blocks(sheet: Sheet) -> list[Block]:
    """Find the blocks of a sheet, from top to bottom and left to right.

    Examples
    --------
    >>> from assaykit.excel.cells import Cell
    >>> texts = {(3, 2): "role", (3, 3): 1, (4, 2): "A", (4, 3): "blank"}
    >>> find_blocks(Sheet("Plate", {place: Cell(text) for place, text in texts.items()}))
    [Block(text='role', area=Area(top=3, left=2, bottom=4, right=3))]
    """
    blocks: list[Block] = []
    for row, column in sorted(sheet.cells):
        if any((row, column) in block.area for block in blocks):
            continue
        numbers = (((row, column + i), str(i)) for i in range(1, _MOST_COLUMNS + 1))
        letters = (((row + i, column), row_letters(i - 1)) for i in range(1, _MOST_ROWS + 1))
        columns = _count_labels(sheet, numbers)
        rows = _count_labels(sheet, letters) if columns else 0
        if rows:
            area = Area(row, column, row + rows, column + columns)
            blocks.append(Block(sheet.text(row, column), area))
    return blocks


def _count_labels(sheet: Sheet, expected: Iterable[tuple[Address, str]]) -> int:
    """How many cells, from the first one on, hold the label that they should."""
    count = 0
    for address, label in expected:
        if not _is_label(sheet, address, label):
            break
        count += 1
    return count


def _is_label(sheet: Sheet, address: Address, label: str) -> bool:
    cell = sheet.cell(*address)
    if cell.is_formula and cell.value is None:
        return True
    return sheet.text(*address).upper().removesuffix(".0").lstrip("0") == label


def _read_block(sheet: Sheet, block: Block, vocabulary: Vocabulary) -> Field:
    area = block.area
    entries = [
        Entry(well_name(row - area.top - 1, column - area.left - 1), (row, column), cell)
        for row in range(area.top + 1, area.bottom + 1)
        for column in range(area.left + 1, area.right + 1)
        if not (cell := sheet.cell(row, column)).is_blank
    ]
    return Field(vocabulary.resolve(block.text), sheet, block.corner, tuple(entries))


def _form_problems(sheet: Sheet, block: Block, plate: PlateFormat) -> list[Problem]:
    problems = header_problems(sheet, block.headers) + merged_problems(sheet, block.area)
    rows, columns = block.area.bottom - block.area.top, block.area.right - block.area.left
    if rows < plate.rows or columns < plate.columns:
        message = (
            f"the block '{block.text}' goes from A1 to {block.last_well}, expected A1 to "
            f"{plate.names[-1]} for a plate of {plate.wells} wells"
        )
        remedy = "Write the missing column numbers or row letters, or mend plate_format."
        problems.append(at(sheet, block.corner, "incomplete_block", message, remedy=remedy))
    return problems


def _twice(field: Field, first: Field) -> Problem:
    message = f"the block '{field.name}' is already at {cell_address(*first.address)}"
    remedy = "Keep one of the two, or rename one."
    return at(field.sheet, field.address, "duplicate_block", message, remedy=remedy)


def _outside_plate(field: Field, plate: PlateFormat) -> list[Problem]:
    message = f"{field.name}: a plate of {plate.wells} wells has no such well"
    remedy = "Empty the cell, or mend plate_format on the sheet Settings."
    return [
        at(field.sheet, entry.address, "outside_plate", message, remedy=remedy, well=entry.well)
        for entry in field.entries
        if entry.well not in plate
    ]


def _stray_problems(sheet: Sheet, blocks: list[Block], vocabulary: Vocabulary) -> list[Problem]:
    """Names of broken blocks, and cells that nobody reads."""
    outside = [
        address
        for address in sheet.cells
        if not any(address in block.area for block in blocks) and not _is_remark(address, blocks)
    ]
    known = {match_key(name) for name in vocabulary.names}
    broken = [address for address in outside if sheet.key(*address) in known]
    problems = [_broken_block(sheet, address) for address in broken]
    unread = in_areas(address for address in outside if address not in broken)
    if unread:
        message = "what stands outside of every block is not read"
        remedy = "Move it into a block if it matters."
        problems.append(
            warning(Problem("not_read", message, sheet=sheet.name, cell=unread, remedy=remedy))
        )
    return problems


def _broken_block(sheet: Sheet, address: Address) -> Problem:
    message = (
        f"found '{sheet.text(*address)}', but not 1, 2, 3, ... to its right and A, B, C, ... below"
    )
    remedy = "Write the block's column numbers and row letters, or remove the name."
    return at(sheet, address, "broken_block", message, remedy=remedy)


def _is_remark(address: Address, blocks: list[Block]) -> bool:
    """Whether a cell stands where the template writes: above all blocks, or beside a corner."""
    row, column = address
    tops = {block.area.top for block in blocks}
    widest = max((block.area.right for block in blocks), default=0) + 3
    return (row in tops or row < min(tops, default=0)) and column <= widest
