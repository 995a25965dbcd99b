"""The Design sheet: factors with their levels, planned contrasts, what a replicate is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from assaykit.design import Design, Factor
from assaykit.errors import DesignError, Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address, column_letters
from assaykit.values import match_key, normalise
from assaykit.workbook.design_contrasts import CONTRAST_HEADERS, read_contrasts
from assaykit.workbook.design_settings import read_settings
from assaykit.workbook.fields import (
    at,
    header_problems,
    merged_problems,
    placed,
    read_names,
    same_name,
)

SHEET = "Design"
FACTOR, REFERENCE, LEVEL = "factor", "reference_level", "level"

SPARE_FACTORS, SPARE_LEVELS = 5, 12
TOP = 3
"""Row, counted from 0, of the headers in a Design sheet that we write."""


def levels_area(index: int, levels: int = SPARE_LEVELS) -> str:
    """Where the levels of a factor stand in a Design sheet that we write.

    Examples
    --------
    >>> levels_area(0)
    '$B$6:$B$17'
    """
    column = column_letters(index + 2)
    return f"${column}${TOP + 3}:${column}${TOP + 2 + max(levels, SPARE_LEVELS)}"


@dataclass(frozen=True)
class DesignRead:
    """What a Design sheet says.

    Parameters
    ----------
    design
        The design; of what cannot be true, as much as can be kept to look at the rest.
    unused
        Factors that are named but have no levels.
    cells
        Where each factor's name and reference level stand.
    settings
        Where the value of each setting stands.
    """

    design: Design = field(default_factory=Design)
    unused: tuple[str, ...] = ()
    cells: Mapping[tuple[str, str], Address] = field(default_factory=dict)
    settings: Mapping[str, Address] = field(default_factory=dict)


def read_design(sheet: Sheet) -> tuple[DesignRead, list[Problem]]:
    """Read a Design sheet by the names of its rows and columns.

    Parameters
    ----------
    sheet
        The sheet, in a template or in a results workbook.

    Returns
    -------
    design, problems
        What it declares, and everything in it that cannot be right, with its cell.
    """
    start = sheet.find(FACTOR)
    if start is None:
        message = f"no cell says '{FACTOR}', the name of the first row of the factors"
        remedy = "Write the names of the rows again."
        return DesignRead(), [Problem("no_factors", message, sheet=sheet.name, remedy=remedy)]
    read, problems = _read_factors(sheet, start)
    design, found = read_contrasts(sheet, read.design)
    design, cells, others = read_settings(sheet, design)
    return replace(read, design=design, settings=cells), [*problems, *found, *others]


def _read_factors(sheet: Sheet, start: Address) -> tuple[DesignRead, list[Problem]]:
    top, left = start
    rows = _labelled_rows(sheet, start)
    columns = [
        c for r, c in sorted(sheet.cells) if r == top and left < c < _next_table(sheet, start)
    ]
    area = Area(top, left, max([top, *rows.values()]), max([left, *columns]))
    problems = merged_problems(sheet, area)
    problems += header_problems(sheet, [(top, column) for column in columns])
    factors: dict[str, Factor | None] = {}
    cells: dict[tuple[str, str], Address] = {}
    for column in columns:
        name, place = sheet.text(top, column), (top, column)
        if match_key(name) in map(match_key, factors):
            message = f"the factor '{name}' is declared twice"
            problems.append(at(sheet, place, "duplicate_factor", message, remedy="Keep one."))
            continue
        factors[name], found = _read_factor(sheet, place, rows)
        cells |= {(name, FACTOR): place, (name, REFERENCE): (rows.get(REFERENCE, top), column)}
        problems += found
    declared = tuple(factor for factor in factors.values() if factor is not None)
    unused = tuple(name for name, factor in factors.items() if factor is None)
    try:
        design = Design(declared)
    except DesignError as error:
        design = Design(declared[:1])
        problems += [placed(problem, sheet, start) for problem in error.problems]
    return DesignRead(design, unused, cells), problems


def _labelled_rows(sheet: Sheet, start: Address) -> dict[str, int]:
    """The rows of the reference level and of the levels, by their names."""
    top, left = start
    rows = {}
    for row, column in sorted(sheet.cells):
        key = sheet.key(row, left)
        if column == left and row > top:
            if key == match_key(REFERENCE):
                rows[REFERENCE] = row
            elif re.fullmatch(rf"{LEVEL}\d+", key):
                rows[key] = row
    return rows


def _next_table(sheet: Sheet, start: Address) -> int:
    """The first column of the next table beside the factors."""
    others = (sheet.find(*CONTRAST_HEADERS), sheet.find("setting", "value"))
    return min((o[1] for o in others if o and o[0] == start[0] and o[1] > start[1]), default=16385)


def _read_factor(
    sheet: Sheet, place: Address, rows: Mapping[str, int]
) -> tuple[Factor | None, list[Problem]]:
    """One column: None if it has no level; a wrong reference level is replaced for the time."""
    name, column = sheet.text(*place), place[1]
    below = (rows.get(REFERENCE, 0), column)
    levels_at = [(row, column) for key, row in rows.items() if key != REFERENCE]
    said, problems = read_names(sheet, levels_at)
    reference, found = read_names(sheet, [below])
    problems += found
    levels = tuple(dict.fromkeys(text.strip() for text in said.values()))
    if not levels:
        if reference and not problems:
            message = f"factor {name} has a reference level but no levels"
            problems.append(at(sheet, below, "no_level", message, remedy="List its levels below."))
        return None, problems
    problems += _spaced(sheet, said) + _repeated(sheet, name, said)
    try:
        return Factor(name, levels, same_name(reference.get(below, ""), levels)), problems
    except DesignError as error:
        for problem in error.problems:
            wrong = below if problem.code == "unknown_reference_level" else place
            problems.append(placed(problem, sheet, wrong))
        return _stand_in(name, levels), problems


def _stand_in(name: str, levels: tuple[str, ...]) -> Factor | None:
    """The factor with its first level as reference, to go on looking; None if that fails too."""
    try:
        return Factor(name, levels, levels[0])
    except DesignError:
        return None


def _spaced(sheet: Sheet, said: Mapping[Address, str]) -> list[Problem]:
    return [
        at(sheet, place, "stray_space", f"the level '{text}' begins or ends with a space",
           remedy="Remove the space.")
        for place, text in said.items()
        if text != text.strip()
    ]  # fmt: skip


def _repeated(sheet: Sheet, name: str, said: Mapping[Address, str]) -> list[Problem]:
    """Levels that a reader would take for one another."""
    first: dict[str, tuple[Address, str]] = {}
    problems = []
    for place, text in said.items():
        key = normalise(text).casefold()
        other, level = first.setdefault(key, (place, text))
        if other != place:
            how = "is declared twice" if text == level else (
                f"differs from '{level}' only in case or spaces"
            )  # fmt: skip
            message = f"factor {name}: the level '{text}' {how} ({cell_address(*other)})"
            problems.append(at(sheet, place, "duplicate_level", message, remedy="Keep one."))
    return problems
