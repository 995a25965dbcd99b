"""Reading a filled template: everything it says, or everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.design import Factor
from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Book
from assaykit.excel.opening import open_workbook
from assaykit.plate import PLATE_FORMATS, PlateFormat, plate_format
from assaykit.values import match_key, nearest, suggestion
from assaykit.workbook import design_sheet, settings_sheet
from assaykit.workbook.blocks import find_blocks, read_blocks
from assaykit.workbook.checks import (
    PICTURES,
    Evidence,
    arms_are_known,
    check_blocks,
    check_design,
    check_factors,
    check_statements,
)
from assaykit.workbook.design_sheet import DesignRead
from assaykit.workbook.fields import Field, Vocabulary, at, together
from assaykit.workbook.file_wells import LEFT_TO_ANALYSIS, Reader, look_up
from assaykit.workbook.list_sheets import ListsRead, read_lists
from assaykit.workbook.settings_sheet import Settings
from assaykit.workbook.spec import PlateWorkbook, TemplateSpec, Variable
from assaykit.workbook.statements import read_statements
from assaykit.workbook.well_list import read_well_list, spread
from assaykit.workbook.well_tables import cells_of, readings_table, wells_table

if TYPE_CHECKING:
    import pandas as pd

PLATE, WELLS = "Plate", "Wells"
SHEETS = (settings_sheet.SHEET, design_sheet.SHEET, PLATE, WELLS)


def read_template(path: str | Path, spec: TemplateSpec) -> PlateWorkbook:
    """Read a filled template.

    Parameters
    ----------
    path
        The workbook.
    spec
        The template that it should be of.

    Returns
    -------
    PlateWorkbook
        Everything that it says; what is only doubtful is in ``warnings``.

    Raises
    ------
    UnreadableFileError
        It cannot be opened.
    InputError
        It says something impossible; every problem is listed with its sheet and cell.

    Examples
    --------
    >>> spec = TemplateSpec("elisa", "ELISA", "ELISA", (), (), "od_[0-9]+", "OD", object)
    >>> try:
    ...     read_template(Path("nowhere.xlsx"), spec)
    ... except ValueError as error:
    ...     print(error)
    nowhere.xlsx: there is no such file. Check the name and the folder.
    """
    workbook, problems = examine_template(path, spec)
    if workbook is None:
        raise InputError(problem for problem in problems if problem.severity == "error")
    return replace(workbook, warnings=tuple(p for p in problems if p.code != LEFT_TO_ANALYSIS))


def template_assay(path: str | Path, known: Collection[str] = ()) -> str:
    """Which assay a filled template says it is of.

    Parameters
    ----------
    path
        The workbook.
    known
        Names of the assays there are; an unknown one is an error. Empty: any name will do.

    Raises
    ------
    UnreadableFileError
        It cannot be opened.
    InputError
        It does not say so; the message names the cell.
    """
    book = open_workbook(path, only=(settings_sheet.SHEET,))
    sheet = book.find(settings_sheet.SHEET)
    if sheet is None:
        raise InputError([_no_sheet(book, settings_sheet.SHEET)])
    found, place = settings_sheet.stated_assay(sheet)
    assay = next((name for name in known if match_key(name) == match_key(found)), found)
    if place is None or not found:
        message = "the workbook does not say which assay it is of (setting 'assay')"
        remedy = f"Write it there: {', '.join(known)}." if known else "Write its name there."
    elif known and assay not in known:
        message, remedy = f"'{found}' is not an assay", suggestion(found, known)
    else:
        return assay.casefold()
    problem = at(sheet, place or (1, 1), "no_assay", message, remedy=remedy)
    raise InputError([problem.in_file(book.file)])


def examine_template(
    path: str | Path, spec: TemplateSpec, read: Reader | None = None
) -> tuple[PlateWorkbook | None, tuple[Problem, ...]]:
    """Read a filled template and list everything that is wrong or doubtful in it.

    Parameters
    ----------
    path
        The workbook.
    spec
        The template that it should be of.
    read
        Reads the instrument's file that the workbook names (:func:`assaykit.read`), so that its
        samples and targets are looked up in the list sheets, too. None: the file is left to
        whoever analyses the plate.

    Returns
    -------
    workbook, problems
        What it says, or None if there is an error; errors, then warnings.

    Raises
    ------
    UnreadableFileError
        It cannot be opened.
    """
    book = open_workbook(path, only=(*SHEETS, *(sheet.name for sheet in spec.lists)))
    missing = [_no_sheet(book, name) for name in _missing_sheets(book, spec)]
    settings, problems = _settings(book, spec)
    read_design, found = _design(book)
    vocabulary = _vocabulary(spec, read_design)
    plate = plate_format(settings.plate_format or _likely_format(book))
    fields, form = _fields(book, vocabulary, plate)
    statements, content = read_statements(fields, vocabulary)
    lists, listed = read_lists(book, vocabulary)
    pictures = str(getattr(settings.parameters, PICTURES, ""))
    evidence = Evidence(statements, tuple(fields), vocabulary, settings.readings_file, pictures)
    problems = [*missing, *problems, *found, *form, *content, *listed, *check_statements(evidence)]
    problems += _readings_file_problems(Path(path), book, settings)
    workbook = _workbook(book.file, settings, read_design, evidence, lists)
    wells, joined = look_up(Path(path), workbook, spec, read)
    problems += joined
    arms_known = arms_are_known(evidence) and not _errors((*found, *listed, *joined))
    problems += _design_problems(book, read_design, evidence, lists, wells if arms_known else None)
    if not _says_anything(evidence) and not _errors(problems):
        problems.append(_nothing_filled(book))
    return _examined(workbook, problems, book.file)


def _examined(
    workbook: PlateWorkbook, problems: Iterable[Problem], file: str
) -> tuple[PlateWorkbook | None, tuple[Problem, ...]]:
    """The workbook with its warnings, or None beside its errors."""
    placed = (problem.in_file(problem.file or file) for problem in together(problems))
    listed = _in_order(placed)
    return (None if _errors(listed) else replace(workbook, warnings=listed)), listed


def _errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _design_problems(
    book: Book,
    read: DesignRead,
    evidence: Evidence,
    lists: ListsRead,
    wells: pd.DataFrame | None,
) -> list[Problem]:
    """What is wrong between the Design sheet and the rest; of the arms, where they are known."""
    sheet = book.find(design_sheet.SHEET)
    if sheet is None:
        return []
    fields, vocabulary = (*evidence.fields, *lists.fields), evidence.vocabulary
    problems = check_factors(sheet, read, vocabulary, fields)
    problems += check_blocks(sheet, read, vocabulary, fields)
    if wells is None or (lists.fields and _errors(problems)):
        return problems
    return [*problems, *check_design(sheet, read, wells)]


def _says_anything(evidence: Evidence) -> bool:
    """Whether anything is said of a well, here or in a file that names samples and targets."""
    in_file = bool(evidence.readings_file and evidence.vocabulary.spec.lists)
    return in_file or any(evidence.statements.values.values())


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors before warnings, otherwise as they were found."""
    return tuple(sorted(problems, key=lambda problem: problem.severity != "error"))


def _missing_sheets(book: Book, spec: TemplateSpec) -> list[str]:
    needed = (*SHEETS[:2], *(sheet.name for sheet in spec.lists))
    missing = [name for name in needed if book.find(name) is None]
    return missing if book.find(PLATE) or book.find(WELLS) else [*missing, PLATE]


def _no_sheet(book: Book, name: str) -> Problem:
    there = ", ".join(book.names)
    near = nearest(name, book.names)
    remedy = f"Rename '{near}' to '{name}'." if near else "Copy the plate into a new template."
    if match_key("Observations") in map(match_key, book.names):
        remedy = "These are results; give them to the command assaykit compare."
    message = f"there is no sheet '{name}' (found {there})"
    return Problem("missing_sheet", message, book.file, name, remedy=remedy)


def _settings(book: Book, spec: TemplateSpec) -> tuple[Settings, list[Problem]]:
    sheet = book.find(settings_sheet.SHEET)
    if sheet is None:
        return Settings(parameters=spec.parameters()), []
    return settings_sheet.read_settings(sheet, spec)


def _readings_file_problems(path: Path, book: Book, settings: Settings) -> list[Problem]:
    """The instrument's file is named, but it is not there."""
    sheet = book.find(settings_sheet.SHEET)
    folder, name = path.parent, settings.readings_file
    if sheet is None or not name or (folder / name).is_file():
        return []
    near = nearest(name, sorted(file.name for file in folder.iterdir() if file != path))
    remedy = f"Did you mean '{near}'?" if near else "Copy it there, or correct its name."
    message = f"there is no file '{name}' in the folder of this workbook"
    place = settings.cells["readings_file"]
    return [at(sheet, place, "no_readings_file", message, remedy=remedy)]


def _design(book: Book) -> tuple[DesignRead, list[Problem]]:
    sheet = book.find(design_sheet.SHEET)
    return design_sheet.read_design(sheet) if sheet else (DesignRead(), [])


def _vocabulary(spec: TemplateSpec, read: DesignRead) -> Vocabulary:
    """The template's names with the design's; a block whose name they have is left out."""
    known = Vocabulary(spec, tuple(map(_as_variable, read.design.factors)), read.unused)
    taken = spec.reserved_names
    names = [n for n in read.design.blocks if not known.resolve(n) and match_key(n) not in taken]
    blocks = tuple(Variable(name, "text", "block of the experiment") for name in names)
    return replace(known, blocks=blocks)


def _as_variable(factor: Factor) -> Variable:
    return Variable(factor.name, "text", "factor of the experiment", choices=factor.levels)


def _likely_format(book: Book) -> int:
    """The plate whose blocks stand on Plate, to go on looking where the format is not told."""
    sheet = book.find(PLATE)
    blocks = find_blocks(sheet) if sheet else []
    wells = {block.last_well for block in blocks}
    return next((n for n, plate in PLATE_FORMATS.items() if plate.names[-1] in wells), 96)


def _fields(
    book: Book, vocabulary: Vocabulary, plate: PlateFormat
) -> tuple[list[Field], list[Problem]]:
    """What Plate and Wells say; either may be missing."""
    by_sheet: dict[str, list[Field]] = {PLATE: [], WELLS: []}
    problems: list[Problem] = []
    for name, read in ((PLATE, read_blocks), (WELLS, read_well_list)):
        sheet = book.find(name)
        if sheet is not None:
            by_sheet[name], wrong = read(sheet, vocabulary, plate)
            problems += wrong
    blocks, wrong = spread(by_sheet[PLATE], by_sheet[WELLS], vocabulary)
    return [*blocks, *by_sheet[WELLS]], [*problems, *wrong]


def _workbook(
    file: str, settings: Settings, read: DesignRead, evidence: Evidence, lists: ListsRead
) -> PlateWorkbook:
    statements, vocabulary = evidence.statements, evidence.vocabulary
    plate = settings.plate or file.rsplit(".", 1)[0].removesuffix("_checked")
    return PlateWorkbook(
        assay=vocabulary.spec.assay,
        plate=plate,
        plate_format=settings.plate_format or 96,
        wells=wells_table(statements, vocabulary, plate),
        readings=readings_table(statements, vocabulary, plate, file),
        design=read.design,
        settings=settings.parameters,
        readings_file=settings.readings_file,
        notes=settings.notes,
        cells={**cells_of(statements), **lists.cells},
        lists=lists.tables,
    )


def _nothing_filled(book: Book) -> Problem:
    message = "no well says anything"
    remedy = "Fill the blocks on Plate, or the list on Wells."
    return Problem("nothing_filled", message, sheet=PLATE if book.find(PLATE) else WELLS,
                   remedy=remedy)  # fmt: skip
