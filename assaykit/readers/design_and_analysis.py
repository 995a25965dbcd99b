"""Exports of Design & Analysis: Results, and sheets with quantities and melting peaks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assaykit.readers.base import Reader, Reading, is_number
from assaykit.readers.quantstudio import plate_name
from assaykit.readers.reaction_tables import (
    find_table,
    missing_wells,
    no_table,
    read_tables,
    well_in,
)
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import DESIGN_AND_ANALYSIS, vendor_of
from assaykit.values import match_key, parse_value

_PLATE_KEYS = ("Barcode",)
_QUANTITIES = ("standardcurveresult", "replicategroupresult")

Key = tuple[str, str]
"""Well or sample, and target."""


def sniff(source: Source) -> bool:
    """Whether a file names the program in its header, or has its sheets."""
    return vendor_of(source) == DESIGN_AND_ANALYSIS


def read(source: Source) -> list[Reading]:
    """Read the Cq of every well and target, and the melting peaks where there are any.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        There is no sheet Results, a well with an amplification curve is missing from it, or a
        row cannot be understood. All problems are listed.
    """
    sheets = {match_key(sheet.name) or "results": sheet for sheet in source.sheets}
    names = ("results", "meltcurveresult", "amplificationdata")
    results, melts, curves = (find_table(sheets[n]) if n in sheets else None for n in names)
    if results is None:
        raise no_table(source, "sheet 'Results' with wells and Cq")
    problems = missing_wells(results, curves, "Amplification Data", source)
    plate = plate_name(source, _PLATE_KEYS)
    found = [table for table in (results, melts) if table is not None]
    readings = read_tables(source, [replace(table, plate=plate) for table in found], problems)
    return _with_quantities(source, readings)


DESIGN_AND_ANALYSIS_EXPORT = Reader(
    "design_and_analysis",
    "export of Design & Analysis with Results: Well, Well Position, Omit, Sample, Target, Task, "
    "..., Cq below about 24 header rows (.xlsx, .csv)",
    sniff,
    read,
)


def _with_quantities(source: Source, readings: Sequence[Reading]) -> list[Reading]:
    """Standards with their declared quantity, which may stand on another sheet only."""
    known: dict[Key, float] = {}
    for sheet in source.sheets:
        if match_key(sheet.name) in _QUANTITIES:
            for key, quantity in _quantities(sheet):
                known.setdefault(key, quantity)
    return [_with_quantity(reading, known) for reading in readings]


def _with_quantity(reading: Reading, known: dict[Key, float]) -> Reading:
    if reading.task != "standard" or not math.isnan(reading.quantity):
        return reading
    of_well = known.get((reading.well, reading.target))
    of_sample = (
        known.get((reading.sample, reading.target), math.nan) if reading.sample else math.nan
    )
    return replace(reading, quantity=of_sample if of_well is None else of_well)


def _quantities(sheet: Sheet) -> Iterator[tuple[Key, float]]:
    """Quantities by well and target, and by sample and target."""
    for top in sheet.rows:
        headers = {match_key(sheet.text(top, column)): column for column in sheet.rows[top]}
        if {"target", "quantity"} <= set(headers) and {"sample", "wellposition"} & set(headers):
            break
    else:
        return
    for row in (row for row in sheet.rows if row > top):
        value = sheet.cells.get((row, headers["quantity"]))
        if not is_number(value):
            continue
        target = sheet.text(row, headers["target"])
        if "wellposition" in headers:
            yield (well_in(sheet, row, headers["wellposition"]), target), parse_value(value).number
        if "sample" in headers and "wellposition" not in headers:
            yield (sheet.text(row, headers["sample"]), target), parse_value(value).number
