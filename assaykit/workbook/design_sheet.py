"""The Design sheet: factors with their levels, planned contrasts, what a replicate is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from assaykit.design import Contrast, Design, Factor
from assaykit.errors import DesignError, InputError, Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address, column_letters
from assaykit.values import cell_name, match_key, normalise, parse_value, suggestion
from assaykit.workbook.fields import at, header_problems, merged_problems, value_problems

T = TypeVar("T")

SHEET = "Design"
FACTOR, REFERENCE, LEVEL = "factor", "reference_level", "level"
CONTRAST_HEADERS = ("contrast", "arm", "against")
SHARED, UNIT, CONFIDENCE = "replicates_shared_by_arms", "biological_replicate_is", "confidence"
SETTINGS: Mapping[str, str] = {
    SHARED: "yes: every arm received the same biological replicates (cells of one donor split "
    "over all arms); no: each arm has its own; empty: decided from their names",
    UNIT: "what one biological replicate is: mouse, donor, culture, day",
    CONFIDENCE: "coverage of the intervals, as a share",
}

SPARE_FACTORS, SPARE_LEVELS, SPARE_CONTRASTS = 5, 12, 12
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
    """

    design: Design = field(default_factory=Design)
    unused: tuple[str, ...] = ()
    cells: Mapping[tuple[str, str], Address] = field(default_factory=dict)


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
    factors = read.design.factors
    contrasts, found = _read_contrasts(sheet, factors)
    settings, others = _read_settings(sheet)
    problems += found + others
    try:
        design = Design(factors, settings.shared, settings.unit, contrasts, settings.confidence)
    except DesignError as error:
        return read, problems + [_on_sheet(problem, sheet, start) for problem in error.problems]
    return replace(read, design=design), problems


def _on_sheet(problem: Problem, sheet: Sheet, address: Address) -> Problem:
    return at(sheet, address, problem.code, problem.message, remedy=problem.remedy)


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
        problems += [_on_sheet(problem, sheet, start) for problem in error.problems]
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
    said, problems = _names(sheet, [(row, column) for key, row in rows.items() if key != REFERENCE])
    reference, found = _names(sheet, [below])
    problems += found
    levels = tuple(dict.fromkeys(text.strip() for text in said.values()))
    if not levels:
        if reference and not problems:
            message = f"factor {name} has a reference level but no levels"
            problems.append(at(sheet, below, "no_level", message, remedy="List its levels below."))
        return None, problems
    problems += _spaced(sheet, said) + _repeated(sheet, name, said)
    try:
        return Factor(name, levels, _same(reference.get(below, ""), levels)), problems
    except DesignError as error:
        for problem in error.problems:
            wrong = below if problem.code == "unknown_reference_level" else place
            problems.append(_on_sheet(problem, sheet, wrong))
        return _stand_in(name, levels), problems


def _stand_in(name: str, levels: tuple[str, ...]) -> Factor | None:
    """The factor with its first level as reference, to go on looking; None if that fails too."""
    try:
        return Factor(name, levels, levels[0])
    except DesignError:
        return None


def _names(sheet: Sheet, places: Sequence[Address]) -> tuple[dict[Address, str], list[Problem]]:
    """The names in some cells; blank ones are left out."""
    names: dict[Address, str] = {}
    problems: list[Problem] = []
    for place in places:
        found = value_problems(sheet, place)
        text, more = _read(sheet, place, cell_name, "")
        problems += found or more
        if text:
            names[place] = text
    return names, problems


def _read(
    sheet: Sheet, place: Address, how: Callable[[object], T], otherwise: T
) -> tuple[T, list[Problem]]:
    try:
        return how(sheet.cell(*place).value), []
    except InputError as error:
        return otherwise, [_on_sheet(problem, sheet, place) for problem in error.problems]


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


def _same(text: str, known: Sequence[str]) -> str:
    """The known name that is written alike but for width and odd spaces, or the text itself."""
    return next((name for name in known if normalise(name) == normalise(text)), text)


def _read_contrasts(
    sheet: Sheet, factors: tuple[Factor, ...]
) -> tuple[tuple[Contrast, ...], list[Problem]]:
    start = sheet.find(*CONTRAST_HEADERS)
    if start is None:
        return (), []
    top, left = start
    bottom = _last_row(sheet, start)
    problems = merged_problems(sheet, Area(top, left, bottom, left + 2))
    contrasts: dict[str, Contrast] = {}
    for row in sorted({r for r, c in sheet.cells if top < r <= bottom and left <= c <= left + 2}):
        contrast, found = _read_contrast(sheet, (row, left), factors)
        problems += found
        if contrast and contrast.name in contrasts:
            message = f"the contrast '{contrast.name}' is declared twice"
            place = (row, left)
            problems.append(at(sheet, place, "duplicate_contrast", message, remedy="Rename one."))
        elif contrast:
            contrasts[contrast.name] = contrast
    return tuple(contrasts.values()), problems


def _last_row(sheet: Sheet, start: Address) -> int:
    """The last row of the contrasts: the sheet's, or that above the settings below them."""
    settings = sheet.find("setting", "value")
    if settings and settings[0] > start[0] and start[1] <= settings[1] <= start[1] + 2:
        return settings[0] - 1
    return max(row for row, _ in sheet.cells)


def _read_contrast(
    sheet: Sheet, place: Address, factors: tuple[Factor, ...]
) -> tuple[Contrast | None, list[Problem]]:
    row, left = place
    said, problems = _names(sheet, [(row, left + i) for i in range(3)])
    design = Design(factors)
    arm, against = (_same(said.get((row, left + i), ""), design.arms) for i in (1, 2))
    name = said.get(place, f"{arm} vs {against}")
    if problems or not (arm and against):
        if not problems:
            message = "a contrast needs an arm and what it is compared against"
            problems = [at(sheet, place, "half_contrast", message, remedy="Fill both cells.")]
        return None, problems
    contrast = Contrast(name, arm, against)
    try:
        Design(factors, contrasts=(contrast,))
    except DesignError as error:
        wrong = (row, left + 1) if arm not in design.arms else (row, left + 2)
        return None, [_on_sheet(problem, sheet, wrong) for problem in error.problems]
    return contrast, []


@dataclass(frozen=True)
class _DesignSettings:
    shared: bool | None = None
    unit: str = ""
    confidence: float = 0.95


def _read_settings(sheet: Sheet) -> tuple[_DesignSettings, list[Problem]]:
    start = sheet.find("setting", "value")
    if start is None:
        return _DesignSettings(), []
    top, left = start
    places = {sheet.key(r, c): (r, c) for r, c in sheet.cells if c == left and r > top}
    values = {key: (row, left + 1) for key, (row, _) in places.items()}
    problems = _unknown_settings(sheet, places)
    for place in values.values():
        problems += value_problems(sheet, place)
    nowhere = (0, 0)
    shared, a = _read(sheet, values.get(match_key(SHARED), nowhere), _yes_no, None)
    unit, b = _read(sheet, values.get(match_key(UNIT), nowhere), cell_name, "")
    confidence, c = _read(sheet, values.get(match_key(CONFIDENCE), nowhere), _share, 0.95)
    return _DesignSettings(shared, normalise(unit), confidence), [*problems, *a, *b, *c]


def _unknown_settings(sheet: Sheet, places: Mapping[str, Address]) -> list[Problem]:
    known = {match_key(name) for name in SETTINGS}
    return [
        at(sheet, place, "unknown_setting", f"'{sheet.text(*place)}' is not a setting here",
           remedy=suggestion(sheet.text(*place), SETTINGS))
        for key, place in places.items()
        if key not in known
    ]  # fmt: skip


def _yes_no(raw: object) -> bool | None:
    text = "yes" if raw is True else "no" if raw is False else normalise(str(raw or "")).casefold()
    if text in ("yes", "no", ""):
        return {"yes": True, "no": False}.get(text)
    message = f"{SHARED}: found '{raw}', expected yes, no or nothing"
    raise InputError([Problem("unknown_choice", message, remedy=suggestion(text, ("yes", "no")))])


def _share(raw: object) -> float:
    """The confidence level, checked as a design checks it."""
    value = parse_value(raw, "," if isinstance(raw, str) and "," in raw else ".")
    if raw is None:
        return 0.95
    number = value.number if not value.flag else float("nan")
    Design(confidence=number)
    return number
