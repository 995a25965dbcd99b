"""The settings on the Design sheet: what a replicate is, and how arms are to be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from assaykit.design import ADJUSTMENTS, BLOCK_SEPARATORS, Design, Rescue
from assaykit.errors import DesignError, InputError, Problem
from assaykit.excel.cells import Address, Sheet, cell_address
from assaykit.values import cell_name, match_key, normalise, parse_value, suggestion
from assaykit.workbook.design_contrasts import unknown_arms
from assaykit.workbook.fields import at, placed, read_names, same_name, value_problems

SHARED, UNIT, CONFIDENCE = "replicates_shared_by_arms", "biological_replicate_is", "confidence"
ADJUSTMENT, VARIANCES, BLOCKS = "adjustment", "variances", "blocks"
MARGIN, TREATED, RESCUED = "equivalence_margin", "treated_arm", "rescued_arm"

CHOICES: Mapping[str, tuple[str, ...]] = {
    SHARED: ("yes", "no"),
    ADJUSTMENT: tuple(name for name in ADJUSTMENTS if name),
    VARIANCES: ("equal", "unequal"),
}
NUMBERS = (CONFIDENCE, MARGIN)
_ADJUSTMENTS_IN_WORDS = "\n".join(
    f"{name or 'empty'}: {meaning}" for name, meaning in ADJUSTMENTS.items()
)
SETTINGS: Mapping[str, str] = {
    SHARED: "yes: every arm received the same biological replicates (cells of one donor split "
    "over all arms); no: each arm has its own; empty: decided from their names",
    UNIT: "what one biological replicate is: mouse, donor, culture, day; empty: it is called "
    "'biological replicate'",
    CONFIDENCE: "coverage of the intervals, as a share; empty: 0.95",
    ADJUSTMENT: "how the p values of the comparisons of one endpoint are corrected for their "
    f"number\n{_ADJUSTMENTS_IN_WORDS}",
    VARIANCES: "equal: the replicates of all arms scatter alike; unequal: they may not, and each "
    "comparison goes by the scatter of its own two arms (Welch), for arms with replicates of "
    "their own; empty: equal",
    BLOCKS: "what else may shift many wells at once, such as day or operator; several are "
    "separated by commas. Each needs a block of that name on Plate, or a column in Wells, and its "
    "differences are taken out of the comparisons. The plate always counts and is not named here; "
    "empty: only the plate",
    MARGIN: "the largest fold change that would still not matter, as a ratio above 1: 1.25 means "
    "from 0.8-fold to 1.25-fold. Each comparison is then also tested for no relevant difference; "
    "empty: it is not",
    TREATED: "for the rescue fraction: the arm with the whole effect, such as vesicle (with "
    "several factors WT / vesicle); empty, with rescued_arm: no rescue fraction",
    RESCUED: "for the rescue fraction: the arm in which that effect should be gone, such as "
    "KO vesicle; empty, with treated_arm: no rescue fraction",
}


def said_settings(design: Design) -> dict[str, str | float]:
    """What the cell of each setting says; empty where the design leaves it open.

    Examples
    --------
    >>> said_settings(Design(blocks=("day", "operator")))["blocks"]
    'day, operator'
    """
    shared = {True: "yes", False: "no", None: ""}[design.replicates_shared]
    rescue = design.rescue or Rescue("", "")
    margin = design.equivalence_margin
    return {
        SHARED: shared,
        UNIT: design.biological_replicate_is,
        CONFIDENCE: _exactly(design.confidence),
        ADJUSTMENT: design.adjustment,
        VARIANCES: design.variances,
        BLOCKS: ", ".join(design.blocks),
        MARGIN: "" if margin is None else _exactly(margin),
        TREATED: rescue.treated,
        RESCUED: rescue.rescued,
    }


def _exactly(number: float) -> str | float:
    """A number that a cell keeps to its last digit: as text if it has more than 16 digits."""
    return number if float(f"{number:.16G}") == number else repr(number)


def read_settings(sheet: Sheet, design: Design) -> tuple[Design, dict[str, Address], list[Problem]]:
    """Read the settings of a Design sheet.

    Parameters
    ----------
    sheet
        The sheet; a setting whose row is missing is left open.
    design
        Its factors and contrasts.

    Returns
    -------
    design, cells, problems
        The design with every setting that can be true, where the value of each setting stands,
        and what is wrong with the others.
    """
    start = sheet.find("setting", "value")
    if start is None:
        return design, {}, []
    cells, problems = _cells(sheet, start)
    for name, (attribute, how) in _READERS.items():
        if name in cells and not sheet.cell(*cells[name]).is_blank:
            design, found = _set(sheet, cells[name], design, attribute, how)
            problems += found
    for set_it in (_set_blocks, _set_rescue):
        design, found = set_it(sheet, cells, design)
        problems += found
    return design, cells, problems


def _cells(sheet: Sheet, start: Address) -> tuple[dict[str, Address], list[Problem]]:
    """Where the value of each setting stands; names that are no setting, or there twice."""
    top, left = start
    known = {match_key(name): name for name in SETTINGS}
    cells: dict[str, Address] = {}
    problems = []
    for place in sorted(p for p in sheet.cells if p[1] == left and p[0] > top):
        name = known.get(sheet.key(*place), "")
        if not name:
            message = f"'{sheet.text(*place)}' is not a setting here"
            remedy = suggestion(sheet.text(*place), SETTINGS)
            problems.append(at(sheet, place, "unknown_setting", message, remedy=remedy))
        elif name in cells:
            message = f"'{name}' is already in {cell_address(cells[name][0], left)}"
            problems.append(at(sheet, place, "setting_twice", message, remedy="Keep one."))
        else:
            cells[name] = place[0], left + 1
    return cells, problems


def _set(
    sheet: Sheet, place: Address, design: Design, attribute: str, how: Callable[[object], Any]
) -> tuple[Design, list[Problem]]:
    """The design with one cell's setting, unless the cell or the design forbids it."""
    problems = value_problems(sheet, place)
    if problems:
        return design, problems
    try:
        value = how(sheet.cell(*place).value)
        return replace(design, **{attribute: value}), []
    except InputError as error:
        return design, [placed(problem, sheet, place) for problem in error.problems]


def _choice(name: str) -> Callable[[object], str]:
    """Read one of the words that a setting may have, whatever its case and spaces."""

    def read(raw: object) -> str:
        text = {True: "yes", False: "no"}[raw] if isinstance(raw, bool) else normalise(str(raw))
        for choice in CHOICES[name]:
            if match_key(choice) == match_key(text):
                return choice
        message = f"{name}: found '{raw}', expected {', '.join(CHOICES[name])} or nothing"
        remedy = suggestion(text, CHOICES[name])
        raise InputError([Problem("unknown_choice", message, remedy=remedy)])

    return read


def _shared(raw: object) -> bool:
    return _choice(SHARED)(raw) == "yes"


def _word(raw: object) -> str:
    return normalise(cell_name(raw))


def _number(raw: object) -> float:
    value = parse_value(raw, "," if isinstance(raw, str) and "," in raw else ".")
    if value.flag:
        message = f"found '{value.text}', expected a number"
        raise InputError([Problem("not_a_number", message, remedy="Type the number.")])
    return value.number


_READERS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    SHARED: ("replicates_shared", _shared),
    UNIT: ("biological_replicate_is", _word),
    CONFIDENCE: ("confidence", _number),
    ADJUSTMENT: ("adjustment", _choice(ADJUSTMENT)),
    VARIANCES: ("variances", _choice(VARIANCES)),
    MARGIN: ("equivalence_margin", _number),
}


def _set_blocks(
    sheet: Sheet, cells: Mapping[str, Address], design: Design
) -> tuple[Design, list[Problem]]:
    """The design with its blocks; a name that cannot be one does not hide the others."""
    said, problems = read_names(sheet, [cells[BLOCKS]] if BLOCKS in cells else [])
    for place, text in said.items():
        parts = re.split(f"[{BLOCK_SEPARATORS}]", normalise(text))
        for name in filter(None, map(str.strip, parts)):
            try:
                design = replace(design, blocks=(*design.blocks, name))
            except DesignError as error:
                problems += [placed(problem, sheet, place) for problem in error.problems]
    return design, problems


def _set_rescue(
    sheet: Sheet, cells: Mapping[str, Address], design: Design
) -> tuple[Design, list[Problem]]:
    """The design with the arms of the rescue fraction, which stand in two cells."""
    places = {name: cells[name] for name in (TREATED, RESCUED) if name in cells}
    said, problems = read_names(sheet, list(places.values()))
    arms = {n: same_name(said[cell], design.arms) for n, cell in places.items() if cell in said}
    problems = problems or _rescue_problems(sheet, places, arms, design)
    if problems or not arms:
        return design, problems
    try:
        return replace(design, rescue=Rescue(arms[TREATED], arms[RESCUED])), []
    except DesignError as error:
        wrong = TREATED if arms[TREATED] == design.reference_arm else RESCUED
        return design, [placed(problem, sheet, places[wrong]) for problem in error.problems]


def _rescue_problems(
    sheet: Sheet, places: Mapping[str, Address], arms: Mapping[str, str], design: Design
) -> list[Problem]:
    """One arm without the other, and arms that there are not, each at its own cell."""
    problems: list[Problem] = []
    for name, arm in arms.items():
        problems += unknown_arms(sheet, name, {places[name]: arm}, design)
    if len(arms) == 1:
        empty = next((name for name in places if name not in arms), next(iter(arms)))
        message = f"the rescue fraction needs {TREATED} and {RESCUED}; only one is filled"
        remedy = "Fill both, or empty both."
        problems.append(at(sheet, places[empty], "half_rescue", message, remedy=remedy))
    return problems
