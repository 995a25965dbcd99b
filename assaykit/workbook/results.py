"""Reading the results of one plate back, with what a person has changed in them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.design import Design
from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Book
from assaykit.excel.opening import open_workbook
from assaykit.provenance import InputFile, Step
from assaykit.tables import OBSERVATIONS, WELLS, Column, Schema, check_observations
from assaykit.workbook.design_sheet import SHEET as DESIGN
from assaykit.workbook.design_sheet import read_design
from assaykit.workbook.fields import together
from assaykit.workbook.settings_sheet import SHEET as SETTINGS
from assaykit.workbook.settings_sheet import stated_assay
from assaykit.workbook.sheet_tables import read_table

if TYPE_CHECKING:
    import pandas as pd

KIND = "plate results"
RESULTS_VERSION = "1"
PROVENANCE = Schema(
    "provenance",
    (
        Column("section", "text", "what the record is about", required=True),
        Column("item", "text", "what is recorded", required=True),
        Column("value", "text", "the record", required=True),
    ),
)
REMARKS = Schema(
    "remarks",
    (
        Column("rule", "text", "name of the rule"),
        Column("severity", "text", "note, warning or failure"),
        Column("plate", "text", "name of the plate"),
        Column("wells", "text", "wells that it is about"),
        Column("analyte", "text", "what is measured"),
        Column("measured", "number", "what was found"),
        Column("limit", "number", "where the rule draws its line"),
        Column("unit", "text", "unit of measured and limit"),
        Column("message", "text", "the remark in words"),
    ),
)
_SHEETS = ("Observations", "Wells", "QC", DESIGN, "Provenance", SETTINGS)


@dataclass(frozen=True)
class Results:
    """The results of one plate.

    Parameters
    ----------
    assay, title
        Name of the assay, name of the plate.
    observations, wells
        Tables as in :mod:`assaykit.tables`.
    remarks
        What the QC rules said.
    design
        Factors, arms, planned contrasts.
    settings, notes
        The assay's parameters in words; what the person wrote about the plate.
    plate_formats
        Number of wells of each plate.
    inputs
        The files that went into the results.
    steps
        What was done, for the methods text.
    edits
        What a person changed in ``excluded`` and ``reason`` after the results were written,
        one sentence each.
    """

    assay: str
    title: str
    observations: pd.DataFrame
    wells: pd.DataFrame
    remarks: pd.DataFrame
    design: Design
    settings: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    plate_formats: Mapping[str, int] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
    steps: tuple[Step, ...] = ()
    edits: tuple[str, ...] = ()


Records = tuple[tuple[str, str, str], ...]


def read_results(path: str | Path) -> Results:
    """Read a results workbook of one plate back.

    A person may have set ``excluded`` and ``reason`` on the sheet Observations; that counts.

    Parameters
    ----------
    path
        The workbook that a plate command wrote.

    Raises
    ------
    UnreadableFileError
        It cannot be opened.
    InputError
        It is another kind of workbook (the message says which command makes the right one),
        or it was changed so that it cannot be read; every problem is listed with its cell.

    Examples
    --------
    >>> try:
    ...     read_results(Path("nowhere.results.xlsx"))
    ... except ValueError as error:
    ...     print(error)
    nowhere.results.xlsx: there is no such file. Check the name and the folder.
    """
    book = open_workbook(path, only=_SHEETS)
    records = _records(book)
    _check_kind(book, records)
    tables, problems = _tables(book)
    sheet = book.find(DESIGN)
    read, found = read_design(sheet) if sheet else (None, [_missing(DESIGN)])
    problems += found
    if problems or read is None:
        raise InputError(problem.in_file(book.file) for problem in together(problems))
    own = _section(records, "assaykit")
    return Results(
        assay=own.get("assay", ""),
        title=own.get("title", ""),
        observations=check_observations(tables["Observations"]),
        wells=tables["Wells"],
        remarks=tables["QC"],
        design=read.design,
        settings=_section(records, "setting"),
        notes=_section(records, "note"),
        plate_formats=_plate_formats(records),
        inputs=_inputs(records),
        steps=_steps(records),
        edits=_edits(tables["Observations"], tables["Wells"]),
    )


def _records(book: Book) -> Records:
    sheet = book.find("Provenance")
    if sheet is None or not sheet.cells:
        return ()
    table, problems = read_table(sheet, PROVENANCE)
    if problems:
        raise InputError(problem.in_file(book.file) for problem in together(problems))
    return tuple(zip(table["section"], table["item"], table["value"], strict=True))


def _section(records: Records, section: str) -> dict[str, str]:
    return {item: value for name, item, value in records if name == section}


def _check_kind(book: Book, records: Records) -> None:
    """Raise if this is another kind of workbook, saying which command makes the right one."""
    own = _section(records, "assaykit")
    settings = book.find(SETTINGS)
    if own.get("kind") == KIND and own.get("results_version") == RESULTS_VERSION:
        return
    if own.get("kind") == KIND:
        message = (
            f"the results have version {own.get('results_version', '')}, expected {RESULTS_VERSION}"
        )
        remedy = f"Make them again: assaykit {own.get('assay') or 'ASSAY'} PLATE.xlsx."
    elif own:
        message = (
            f"this is a workbook of the kind '{own.get('kind', '')}', not of one plate's results"
        )
        remedy = "Give the results of each plate (PLATE.results.xlsx)."
    elif settings is not None and (assay := stated_assay(settings)[0]):
        message = "this is a plate's template, not its results"
        remedy = f"Analyse it first: assaykit {assay} {book.file}."
    else:
        message = "these are not results of assaykit: there is no sheet 'Provenance' of ours"
        remedy = "Give the workbooks that the plate commands wrote (PLATE.results.xlsx)."
    raise InputError([Problem("not_results", message, book.file, remedy=remedy)])


def _missing(name: str) -> Problem:
    message = f"there is no sheet '{name}'"
    return Problem("missing_sheet", message, sheet=name, remedy="Make the results again.")


def _tables(book: Book) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    import pandas as pd

    sheet = book.find(DESIGN)
    design = read_design(sheet)[0].design if sheet else Design()
    texts = (*design.factor_names, *design.blocks)
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, schema in (("Observations", OBSERVATIONS), ("Wells", WELLS), ("QC", REMARKS)):
        sheet = book.find(name)
        if sheet is None:
            tables[name] = pd.DataFrame(columns=list(schema.names))
            problems.append(_missing(name))
        else:
            tables[name], found = read_table(sheet, schema, texts)
            problems += found
    return tables, problems


def _plate_formats(records: Records) -> dict[str, int]:
    said = {
        plate: re.match(r"\d+", text) for plate, text in _section(records, "plate format").items()
    }
    return {plate: int(match[0]) for plate, match in said.items() if match}


def _numbered(records: Records, what: str) -> list[str]:
    """The sections ``what 1``, ``what 2``, ... in their order."""
    names = dict.fromkeys(name for name, _, _ in records if re.fullmatch(rf"{what} \d+", name))
    return sorted(names, key=lambda name: int(name.split()[-1]))


def _inputs(records: Records) -> tuple[InputFile, ...]:
    files = [_section(records, name) for name in _numbered(records, "input")]
    return tuple(
        InputFile(file.get("name", ""), file.get("sha256", ""), int(file.get("size_bytes") or 0))
        for file in files
    )


def _steps(records: Records) -> tuple[Step, ...]:
    steps = []
    for name in _numbered(records, "step"):
        own = _section(records, name)
        references = tuple(
            v for section, item, v in records if (section, item) == (name, "reference")
        )
        parameters = _section(records, f"{name} parameter")
        steps.append(Step(own.get("name", ""), own.get("sentence", ""), parameters, references))
    return tuple(steps)


def _edits(observations: pd.DataFrame, wells: pd.DataFrame) -> tuple[str, ...]:
    """Where ``excluded`` or ``reason`` of an observation is not what its well had."""
    names = ("plate", "well", "excluded", "reason")
    if not all(name in table for table in (observations, wells) for name in names):
        return ()
    keys = [name for name in ("plate", "well", "target") if name in observations and name in wells]
    before: dict[tuple[object, ...], list[tuple[object, object]]] = {}
    for row in wells.to_dict("records"):
        said = before.setdefault(tuple(row[key] for key in keys), [])
        said.append((row["excluded"], row["reason"]))
    edits = []
    for row in observations.to_dict("records"):
        now = (row["excluded"], row["reason"])
        then = before.get(tuple(row[key] for key in keys), [now])
        if now not in then:
            edits.append(_edit(row, *then[-1]))
    return tuple(edits)


def _edit(row: Mapping[Hashable, object], was_excluded: object, reason: object) -> str:
    where = f"Plate {row['plate']}, well {row['well']}, {row['endpoint']}"
    words = {True: "excluded", False: "included"}
    now, then = words[row["excluded"] is True], words[was_excluded is True]
    why = f" ({row['reason']})" if row["reason"] else ""
    if now == then:
        return f"{where}: the reason was changed by hand from '{reason}' to '{row['reason']}'."
    return f"{where}: {now} by hand{why}."
