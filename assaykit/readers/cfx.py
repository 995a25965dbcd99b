"""Cq Results of CFX Maestro and CFX Manager: one line per well and fluorophore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assaykit.readers.base import Reader, Reading
from assaykit.readers.reaction_tables import ReactionTable, find_table, no_table, read_tables
from assaykit.readers.source import Source
from assaykit.readers.vendors import CFX, vendor_of
from assaykit.values import match_key

_OWN_COLUMNS = {"fluor": "fluor"}
_RUN_INFORMATION = "runinformation"


def sniff(source: Source) -> bool:
    """Whether a file has the columns of CFX: Well, Fluor, Target, Content."""
    return vendor_of(source) == CFX


def read(source: Source) -> list[Reading]:
    """Read the Cq of every well and target, and the melting peaks where there are any.

    A line without a target has the fluorophore as its target.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        There is no table with a Cq, or a line cannot be understood. All problems are listed.
    """
    tables = sorted(_tables(source), key=lambda table: not table.cq)
    if not tables:
        raise no_table(source, "table 'Quantification Cq Results'")
    return read_tables(source, [replace(table, plate=_plate(source)) for table in tables])


CFX_EXPORT = Reader(
    "cfx",
    "'Quantification Cq Results' of CFX Maestro: Well, Fluor, Target, Content, Sample, Cq, the "
    "first column empty (.csv, .xlsx)",
    sniff,
    read,
)


def _tables(source: Source) -> Iterator[ReactionTable]:
    for sheet in source.sheets:
        table = find_table(sheet, also=_OWN_COLUMNS)
        if table and "fluor" in table.columns:
            yield table


def _plate(source: Source) -> str:
    """The run's ID from the sheet Run Information; the file's name without one."""
    for sheet in source.sheets:
        if match_key(sheet.name) == _RUN_INFORMATION:
            for row, cells in sheet.rows.items():
                said = [sheet.text(row, column) for column in cells]
                if len(said) > 1 and said[0] == "ID":
                    return said[1]
    return source.plate
