"""The planned contrasts on the Design sheet: two arms each, or four for an interaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assaykit.design import Contrast, Design
from assaykit.design.declaration import unknown_name
from assaykit.errors import DesignError, Problem
from assaykit.excel.cells import Address, Area, Sheet
from assaykit.values import match_key, nearest
from assaykit.workbook.fields import at, merged_problems, placed, read_names, same_name

NAME, ARM, AGAINST = CONTRAST_HEADERS = ("contrast", "arm", "against")
MINUS_HEADERS = ("minus_arm", "minus_against")
SPARE_CONTRASTS = 12


def read_contrasts(sheet: Sheet, design: Design) -> tuple[Design, list[Problem]]:
    """Read the contrasts of a Design sheet.

    Parameters
    ----------
    sheet
        The sheet. The columns ``minus_arm`` and ``minus_against``, which make a contrast an
        interaction, may be missing.
    design
        Its factors.

    Returns
    -------
    design, problems
        The design with every contrast that can be true, and what is wrong with the others.
    """
    start = sheet.find(*CONTRAST_HEADERS)
    if start is None:
        return design, []
    columns, problems = _columns(sheet, start)
    area = Area(start[0], start[1], _last_row(sheet, start, columns), max(columns.values()))
    problems += merged_problems(sheet, area)
    wanted = set(columns.values())
    rows = {r for r, c in sheet.cells if area.top < r <= area.bottom and c in wanted}
    for row in sorted(rows):
        design, found = _add_contrast(sheet, row, columns, design)
        problems += found
    return design, problems


def _columns(sheet: Sheet, start: Address) -> tuple[dict[str, int], list[Problem]]:
    """The columns of the table by name; those of interactions only if both are there."""
    top, left = start
    columns = {name: left + i for i, name in enumerate(CONTRAST_HEADERS)}
    problems = []
    for place in sorted(p for p in sheet.cells if p[0] == top and p[1] > left + 2):
        text = sheet.text(*place)
        near = nearest(text, MINUS_HEADERS)
        if near and match_key(near) == match_key(text):
            columns.setdefault(near, place[1])
        elif near:
            message, remedy = f"'{text}' is not a column of the contrasts", f"Write '{near}'."
            problems.append(at(sheet, place, "unknown_column", message, remedy=remedy))
    lone = [name for name in MINUS_HEADERS if name in columns]
    if len(lone) == 1:
        place = top, columns.pop(lone[0])
        message = f"an interaction needs both columns, {' and '.join(MINUS_HEADERS)}"
        remedy = "Write both headers side by side, or neither."
        problems.append(at(sheet, place, "missing_column", message, remedy=remedy))
    return columns, problems


def _last_row(sheet: Sheet, start: Address, columns: Mapping[str, int]) -> int:
    """The last row of the contrasts: the sheet's, or that above the settings below them."""
    settings = sheet.find("setting", "value")
    if settings and settings[0] > start[0] and start[1] <= settings[1] <= max(columns.values()):
        return settings[0] - 1
    return max(row for row, _ in sheet.cells)


def _add_contrast(
    sheet: Sheet, row: int, columns: Mapping[str, int], design: Design
) -> tuple[Design, list[Problem]]:
    """The design with the contrast of one row, if it can be true."""
    contrast, problems = _read_row(sheet, row, columns, design)
    if contrast is None:
        return design, problems
    place = row, columns[NAME]
    if contrast.name in [other.name for other in design.contrasts]:
        message = f"the contrast '{contrast.name}' is declared twice"
        return design, [at(sheet, place, "duplicate_contrast", message, remedy="Rename one.")]
    try:
        return replace(design, contrasts=(*design.contrasts, contrast)), []
    except DesignError as error:
        last = row, columns[MINUS_HEADERS[1] if contrast.minus else AGAINST]
        return design, [
            placed(problem, sheet, last if problem.code == "empty_contrast" else place)
            for problem in error.problems
        ]


def _read_row(
    sheet: Sheet, row: int, columns: Mapping[str, int], design: Design
) -> tuple[Contrast | None, list[Problem]]:
    """What one row says; every arm that there is not is named in its own cell."""
    said, problems = read_names(sheet, [(row, column) for column in columns.values()])
    place = row, columns[NAME]
    cells = {name: (row, column) for name, column in columns.items() if name != NAME}
    arms = {name: same_name(said.get(cell, ""), design.arms) for name, cell in cells.items()}
    problems = problems or _half_filled(sheet, place, cells, arms)
    if problems:
        return None, problems
    pair = tuple(arms[name] for name in MINUS_HEADERS if arms.get(name))
    minus = (pair[0], pair[1]) if pair else None
    name = said.get(place) or _unnamed(arms[ARM], arms[AGAINST], minus)
    named = {cells[column]: arm for column, arm in arms.items() if arm}
    unknown = unknown_arms(sheet, f"contrast {name}", named, design)
    return None if unknown else Contrast(name, arms[ARM], arms[AGAINST], minus), unknown


def unknown_arms(
    sheet: Sheet, what: str, named: Mapping[Address, str], design: Design
) -> list[Problem]:
    """Arms that the design does not have, each at its own cell."""
    return [
        placed(
            unknown_name("unknown_arm", f"{what}: found the arm '{arm}'", arm, design.arms),
            sheet,
            place,
        )
        for place, arm in named.items()
        if arm not in design.arms
    ]


def _half_filled(
    sheet: Sheet, place: Address, cells: Mapping[str, Address], arms: Mapping[str, str]
) -> list[Problem]:
    """A contrast with one arm only, and an interaction with half of its second difference."""
    problems = []
    if not (arms[ARM] and arms[AGAINST]):
        message = "a contrast needs an arm and what it is compared against"
        problems.append(at(sheet, place, "half_contrast", message, remedy="Fill both cells."))
    empty = [name for name in MINUS_HEADERS if name in arms and not arms[name]]
    if len(empty) == 1:
        message = f"an interaction needs both arms that it takes away; {empty[0]} is empty"
        remedy = f"Fill {' and '.join(MINUS_HEADERS)}, or empty both."
        problems.append(at(sheet, cells[empty[0]], "half_contrast", message, remedy=remedy))
    return problems


def _unnamed(arm: str, against: str, minus: tuple[str, str] | None) -> str:
    """The name of a contrast to which a person gave none."""
    name = f"{arm} vs {against}"
    return f"({name}) − ({minus[0]} vs {minus[1]})" if minus else name
