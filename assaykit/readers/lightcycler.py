"""Text exports of the LightCycler 480: a line with the experiment, then one line per well."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from assaykit.readers.base import Reader, Reading
from assaykit.readers.reaction_tables import ReactionTable, find_table, no_table, read_tables
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import LIGHTCYCLER, vendor_of

_OWN_COLUMNS = {"name": "sample", "standard": "quantity"}
_TITLE = re.compile(r"Experiment: *(.*?) *Selected Filter: *(.*)", re.IGNORECASE)


def sniff(source: Source) -> bool:
    """Whether a file has the title of these exports: Experiment: ... Selected Filter: ...."""
    return vendor_of(source) == LIGHTCYCLER


def read(source: Source) -> list[Reading]:
    """Read the Cp of every well; it is a Cq.

    The file names no target. Where it holds several filters, the filter stands for it.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        There is no table with a Cp, or a line cannot be understood. All problems are listed.
    """
    tables = [table for sheet in source.sheets for table in _tables(sheet)]
    if not tables:
        raise no_table(source, "table with Pos, Name and Cp")
    filters = {table.no_target for table in tables}
    named = [
        replace(t, plate=t.plate or source.plate, no_target=t.no_target if len(filters) > 1 else "")
        for t in tables
    ]
    return [_standard(reading) for reading in read_tables(source, named)]


LIGHTCYCLER_EXPORT = Reader(
    "lightcycler_480",
    "text export of the LightCycler 480: 'Experiment: ... Selected Filter: ...', then Include, "
    "Color, Pos, Name, Cp (.txt)",
    sniff,
    read,
)


def _tables(sheet: Sheet) -> list[ReactionTable]:
    """One table below each title, with the experiment as plate and the filter as target."""
    titles = {row: match for row in sheet.rows if (match := _TITLE.fullmatch(sheet.text(row, 1)))}
    ends = [*[row - 1 for row in titles][1:], max(sheet.rows, default=0)]
    tables = []
    for (row, title), end in zip(titles.items(), ends, strict=True):
        table = find_table(sheet, row + 1, end, _OWN_COLUMNS)
        if table:
            tables.append(replace(table, plate=title[1], no_target=title[2]))
    return tables


def _standard(reading: Reading) -> Reading:
    """A standard is a well with a declared concentration; 0 is printed for all others."""
    if reading.quantity > 0:
        return replace(reading, task="standard")
    return replace(reading, quantity=math.nan)
