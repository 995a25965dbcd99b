"""The plain grid: blocks with row letters down and column numbers across, as on the plate."""

from __future__ import annotations

from collections.abc import Iterator

from assaykit.errors import InputError, Problem
from assaykit.readers.base import Reader, Reading, file_decimal_mark, is_number, is_word, read_cell
from assaykit.readers.block_labels import block_labels, loose_number_problems
from assaykit.readers.blocks import Block, find_blocks, shape_problems
from assaykit.readers.labels import Label, unit_of
from assaykit.readers.reactions import cq_cell
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import vendor_of
from assaykit.values import DecimalMark, Value


def sniff(source: Source) -> bool:
    """Whether a file holds a grid block, and is no instrument's own export."""
    return not vendor_of(source) and bool(find_blocks(source))


def read(source: Source) -> list[Reading]:
    """Read every block of a file.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        A block is partial, a cell is neither a number nor a known word, labels contradict each
        other, or numbers stand outside any block. All problems are listed.
    """
    blocks = find_blocks(source)
    problems = [
        *(problem for block in blocks for problem in shape_problems(block, source)),
        *(_names_not_readings(block) for block in blocks if _holds_names(block)),
        *loose_number_problems(blocks, source),
    ]
    labels = block_labels(blocks, source, problems)
    named = [pair for pair in zip(blocks, labels, strict=True) if not _holds_names(pair[0])]
    cells = [block.sheet.cells.get(place) for block, _ in named for _, place in block.wells()]
    decimal = file_decimal_mark(source, cells, problems)
    readings = [r for pair in named for r in _block_readings(*pair, decimal, problems)]
    if problems:
        raise InputError(problems)
    return readings


GRID = Reader(
    "grid",
    "plain grid: row letters down the side, column numbers across the top (.xlsx, .csv, .txt)",
    sniff,
    read,
)


def _holds_names(block: Block) -> bool:
    """Whether a block holds text and not one number: a plate map, not readings."""
    values = [v for _, place in block.wells() if (v := block.sheet.cells.get(place)) is not None]
    return not any(map(is_number, values)) and any(not is_word(value) for value in values)


def _names_not_readings(block: Block) -> Problem:
    remedy = "It looks like a plate map: put it into the template, and keep only readings here."
    message = "this block holds names, expected numbers"
    return block.sheet.problem("no_numbers", message, block.top, block.left, remedy)


def _block_readings(
    block: Block, label: Label, decimal: DecimalMark, problems: list[Problem]
) -> Iterator[Reading]:
    """Yield what stands in a block's cells; a blank cell is no reading."""
    unit = unit_of(label.channel)
    for well, (row, column) in block.wells():
        found = _cell(block.sheet, row, column, decimal, well, label.channel)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None and found.text:
            place = block.sheet.place(row, column)
            yield Reading(label.plate, well, label.channel, found.number, unit, found.flag, place)


def _cell(
    sheet: Sheet, row: int, column: int, decimal: DecimalMark, well: str, channel: str
) -> Value | Problem | None:
    if channel == "cq":
        return cq_cell(sheet, row, column, decimal=decimal, well=well, declared=False)
    return read_cell(sheet, row, column, decimal=decimal, well=well)
