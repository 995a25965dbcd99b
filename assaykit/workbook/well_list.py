"""The Wells sheet: the plate as a list, one row per well, one column per variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Address, Sheet, cell_address
from assaykit.plate import PlateFormat, canonical_well
from assaykit.values import match_key
from assaykit.workbook.fields import Field, Vocabulary, at, value_problems, well_of
from assaykit.workbook.listing import Listing, find_listing

WELL = "well"


def read_well_list(
    sheet: Sheet, vocabulary: Vocabulary, plate: PlateFormat
) -> tuple[list[Field], list[Problem]]:
    """Read the list of wells; its columns are found by their headers.

    Parameters
    ----------
    sheet
        The Wells sheet; above the header row, which has a cell ``well``, anything may stand.
    vocabulary
        The names that a column may have, and whether a well may have several rows.
    plate
        The plate's format.

    Returns
    -------
    fields, problems
        What the columns say, and everything that is wrong with the list's form.
    """
    if not sheet.cells:
        return [], []
    listing = find_listing(sheet, WELL, lambda text: _name(text, vocabulary))
    if listing is None:
        return [], [_no_header(sheet)]
    wells, problems = _wells(listing, plate)
    keys, twice = _keys(listing, wells, vocabulary.spec.well_key[1:])
    problems = sorted([*problems, *twice.items()], key=lambda item: item[0])
    fields = [field for field in listing.fields(keys) if field.name != WELL]
    form = listing.problems(lambda text: vocabulary.unknown(text, "column"))
    return fields, [*(problem for _, problem in problems), *form]


def _no_header(sheet: Sheet) -> Problem:
    message = "no cell says 'well', the header of the first column"
    first = min(sheet.cells)
    return at(sheet, first, "no_well_column", message, remedy="Write the header row again.")


def _name(text: str, vocabulary: Vocabulary) -> str:
    return WELL if match_key(text) == WELL else vocabulary.resolve(text)


def _wells(
    listing: Listing, plate: PlateFormat
) -> tuple[dict[int, str], list[tuple[int, Problem]]]:
    """The well of each row, and rows whose well is missing or unknown."""
    wells: dict[int, str] = {}
    problems: list[tuple[int, Problem]] = []
    for row in listing.rows:
        well, found = _well(listing.sheet, (row, listing.columns[WELL]), plate)
        problems += [(row, problem) for problem in found]
        if well:
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


def _keys(
    listing: Listing, wells: Mapping[int, str], others: tuple[str, ...]
) -> tuple[dict[int, str], dict[int, Problem]]:
    """What each row is about, and rows of a well that is there already.

    A row is about its well; where a well has several rows, about what ``others`` say beside it.
    """
    rows_per_well = Counter(wells.values())
    keys: dict[int, str] = {}
    rows_of: dict[str, int] = {}
    problems: dict[int, Problem] = {}
    for row, well in wells.items():
        several = bool(others) and rows_per_well[well] > 1
        key = f"{well} {_beside(listing, row, others)}".strip() if several else well
        if key in rows_of:
            problems[row] = _twice(listing, row, key, rows_of[key], others)
        elif several and key == well:
            first = next(other for other, name in wells.items() if name == well)
            problems[row] = _twice(listing, row, key, first, others)
        else:
            keys[row] = key
        rows_of.setdefault(key, row)
    return keys, problems


def _beside(listing: Listing, row: int, names: tuple[str, ...]) -> str:
    places = [(row, listing.columns[name]) for name in names if name in listing.columns]
    return ", ".join(filter(None, (listing.sheet.text(*place) for place in places)))


def _twice(listing: Listing, row: int, key: str, first: int, others: tuple[str, ...]) -> Problem:
    well, column = well_of(key), listing.columns[WELL]
    what, remedy = f"the well {well}", "Keep one of the two rows."
    if key != well:
        what = f"{what} with {' and '.join(others)} {key.removeprefix(well).strip()}"
    elif others:
        remedy = f"Name the {' and '.join(others)} of each of its rows, or keep one of them."
    message = f"{what} is already in {cell_address(first, column)}"
    if first == row:
        message = f"{what} has another row, and this one names no {' or '.join(others)}"
    place = (row, column)
    return at(listing.sheet, place, "well_twice", message, remedy=remedy, well=well)


def spread(
    blocks: Iterable[Field], listed: Iterable[Field], vocabulary: Vocabulary
) -> tuple[list[Field], list[Problem]]:
    """Let what the blocks of Plate say of a well count for each of its rows in Wells.

    Parameters
    ----------
    blocks, listed
        What Plate and what Wells say.
    vocabulary
        Tells readings from variables: a reading is of one target only.

    Returns
    -------
    fields, problems
        The blocks, and readings of which nobody can tell whose they are.
    """
    rows: dict[str, list[str]] = {}
    for key in dict.fromkeys(entry.well for field in listed for entry in field.entries):
        if key != well_of(key):
            rows.setdefault(well_of(key), []).append(key)
    fields: list[Field] = []
    problems: list[Problem] = []
    for block in blocks:
        if vocabulary.spec.is_channel(block.name):
            problems += _whose(block, rows)
        fields.append(_spread(block, rows))
    return fields, problems


def _spread(block: Field, rows: Mapping[str, list[str]]) -> Field:
    entries = [
        replace(entry, well=key)
        for entry in block.entries
        for key in rows.get(entry.well, [entry.well])
    ]
    return replace(block, entries=tuple(entries))


def _whose(block: Field, rows: Mapping[str, list[str]]) -> list[Problem]:
    message = f"{block.name}: one reading of a well that has several rows in Wells"
    remedy = "Write the readings of this well into Wells, one in each of its rows."
    return [
        at(block.sheet, entry.address, "whose_reading", message, remedy=remedy, well=entry.well)
        for entry in block.entries
        if entry.well in rows
    ]
