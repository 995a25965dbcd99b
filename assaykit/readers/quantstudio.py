"""Exports of QuantStudio, ViiA 7, StepOne and 7500: sections of a text, or sheets of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assaykit.errors import InputError, Problem
from assaykit.readers.base import Reader, Reading
from assaykit.readers.reaction_tables import (
    ReactionTable,
    find_table,
    missing_wells,
    no_table,
    read_tables,
)
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import QUANTSTUDIO, vendor_of
from assaykit.values import match_key, normalise

_SECTION = re.compile(r"\[(.+)\]")
_KEY = re.compile(r"\* *(.+?) *= ?(.*)")
_RESULTS = frozenset({"results", "result", ""})
_MELTS = frozenset({"meltcurveresult", "meltcurveresults", "meltcurve"})
_SETUP = "samplesetup"
_PLATE_KEYS = ("Experiment Barcode", "Experiment Name")  # the barcode first
_NOTHING = frozenset({"", "na", "n/a"})


@dataclass(frozen=True)
class Section:
    """A named part of an export: rows of a text below ``[Results]``, or a sheet.

    Parameters
    ----------
    name
        As it is written; empty for what stands above the first section of a text.
    sheet
        Where it stands.
    first, last
        Its rows, ends included.
    """

    name: str
    sheet: Sheet
    first: int
    last: int

    @property
    def table(self) -> ReactionTable | None:
        """The table in it."""
        return find_table(self.sheet, self.first, self.last)


def sniff(source: Source) -> bool:
    """Whether a file has the header lines or the sections of these programs."""
    return vendor_of(source) == QUANTSTUDIO


def read(source: Source) -> list[Reading]:
    """Read the Cq of every well and target, and the melting peaks where there are any.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        There is no section of results or more than one, a well of the sample setup is missing
        from it, or a line cannot be understood. All problems are listed.
    """
    sections = list(_sections(source))
    found = _tables(sections, _RESULTS)
    results = [table for table in found if table.cq] or found
    if not results:
        raise no_table(source, "section [Results]")
    if len(results) > 1:
        raise InputError([_several_results(source, results)])
    plate = plate_name(source, _PLATE_KEYS)
    melts = [table for table in _tables(sections, _MELTS) if table.melts]
    setups = _tables(sections, {_SETUP})
    problems = missing_wells(results[0], next(iter(setups), None), "Sample Setup", source)
    tables = [replace(table, plate=plate) for table in (*results, *melts)]
    return read_tables(source, tables, problems)


QUANTSTUDIO_EXPORT = Reader(
    "quantstudio",
    "export of QuantStudio, ViiA 7, StepOne or 7500 with Results: lines '* Key = Value', then "
    "Well, Sample Name, Target Name, Task, CT (.txt, .csv, .xlsx)",
    sniff,
    read,
)


def _sections(source: Source) -> Iterator[Section]:
    for sheet in source.sheets:
        if sheet.name:
            yield Section(sheet.name, sheet, 1, max(sheet.rows, default=0))
            continue
        starts = [(row, name) for row in sheet.rows if (name := _section_name(sheet, row))]
        ends = [row - 1 for row, _ in starts] + [max(sheet.rows, default=0)]
        for (first, name), last in zip([(0, ""), *starts], ends, strict=True):
            yield Section(name, sheet, first + 1, last)


def _section_name(sheet: Sheet, row: int) -> str:
    match = _SECTION.fullmatch(sheet.text(row, 1))
    return match[1] if match and len(sheet.rows[row]) == 1 else ""


def _tables(sections: list[Section], names: set[str] | frozenset[str]) -> list[ReactionTable]:
    """Tables of the sections of some names; ``Results (2)`` is another section of results."""
    wanted = [s for s in sections if re.sub(r"\(?\d*\)?$", "", match_key(s.name)) in names]
    return [table for section in wanted if (table := section.table)]


def _several_results(source: Source, tables: list[ReactionTable]) -> Problem:
    sheet, row = tables[1].sheet, tables[1].top
    message = f"it holds {len(tables)} tables of results, expected one"
    problem = sheet.problem("several_results", message, row, 0, "Keep each run in its own file.")
    return replace(problem, file=source.file)


def plate_name(source: Source, keys: tuple[str, ...]) -> str:
    """Name of the plate from the lines above the tables; the file's name if they say none.

    Parameters
    ----------
    source
        The file.
    keys
        The keys to look for, the best first.
    """
    said: dict[str, str] = {}
    for sheet in source.sheets:
        for row in sheet.rows:
            key, value = _key_value(sheet, row, source.separator)
            if match_key(value) not in _NOTHING:
                said.setdefault(key, value)
    return next((said[key] for key in keys if key in said), source.plate)


def _key_value(sheet: Sheet, row: int, separator: str) -> tuple[str, str]:
    """A line ``* Key = Value`` of a text, or two cells side by side."""
    line = separator.join(str(value) for value in sheet.rows[row].values())
    match = _KEY.fullmatch(normalise(line)) if separator else None
    if match:
        return match[1], match[2]
    return sheet.text(row, 1).lstrip("* "), sheet.text(row, 2)
