"""What was said of which well in which cell, before it is read as numbers, names and choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import (
    Address,
    Area,
    Cell,
    Sheet,
    areas_of,
    cell_address,
    in_areas,
    parse_area,
)
from assaykit.plate import parse_well, well_name
from assaykit.values import cell_name, match_key, normalise, suggestion
from assaykit.workbook.spec import TemplateSpec, Variable

MEND_FORMULA = "Type the value instead, or save the workbook in Excel so that it is computed."


@dataclass(frozen=True)
class Entry:
    """One cell that says something of one well, or of one row of a list.

    Parameters
    ----------
    well
        The well; ``A1 RUNX2`` where a well has a row for each of several targets (see
        :func:`well_of`), and in other lists than Wells the number of the row.
    address, cell
        Where it stands and what it holds.
    """

    well: str
    address: Address
    cell: Cell


@dataclass(frozen=True)
class Field:
    """All that one block of Plate, or one column of Wells, says.

    Parameters
    ----------
    name
        Name of the variable, factor or reading.
    sheet
        Where it stands.
    address
        Its corner or header cell.
    entries
        Its cells that are not blank.
    """

    name: str
    sheet: Sheet
    address: Address
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The names that a block or column may have, and what they mean.

    Parameters
    ----------
    spec
        The assay's template.
    factors
        The factors of the Design sheet, whose levels are the choices.
    unused
        Names that the Design sheet leaves without levels; they may stand over empty cells.
    blocks
        The columns that the Design sheet names as blocks, such as ``day``.
    """

    spec: TemplateSpec
    factors: tuple[Variable, ...] = ()
    unused: tuple[str, ...] = ()
    blocks: tuple[Variable, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Variables, factors and the design's blocks."""
        return (*self.spec.variables, *self.factors, *self.blocks)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is offered."""
        return (*(item.name for item in self.variables), *self.unused, *self.spec.channels)

    @property
    def headers(self) -> dict[str, str]:
        """Every text that names something here, and the name that it means."""
        others = {text: item.name for item in self.variables for text in item.also}
        return {name: name for name in self.names} | others | dict(self.spec.channel_also)

    @cached_property
    def _by_key(self) -> dict[str, str]:
        keys: dict[str, str] = {}
        for header, name in self.headers.items():
            keys.setdefault(match_key(header), name)
        return keys

    def resolve(self, text: str) -> str:
        """The name that a corner or header means; empty if there is none.

        Examples
        --------
        >>> spec = TemplateSpec("elisa", "ELISA", "ELISA", (Variable("role", "text", "use"),),
        ...                     ("od_450",), "od_[0-9]+", "OD", object)
        >>> Vocabulary(spec).resolve("Role"), Vocabulary(spec).resolve("OD 620")
        ('role', 'od_620')
        """
        known = self._by_key.get(match_key(text))
        if known is not None:
            return known
        for channel in (normalise(text), re.sub(r"[\s\-]+", "_", normalise(text).casefold())):
            if self.spec.is_channel(channel):
                return channel
        return ""

    def variable(self, name: str) -> Variable | None:
        """The variable, factor or block of a name; None for a reading."""
        return next((item for item in self.variables if item.name == name), None)

    def unknown(self, text: str, what: str) -> tuple[str, str]:
        """Message and remedy for a block or column whose name means nothing here."""
        message = f"the {what} '{text}' is no variable, reading or factor of this template"
        near = suggestion(text, self.headers)
        declare = "A factor, or a block such as day, is declared on Design."
        return message, near if near.startswith("Did") else f"{near} {declare}"


def at(
    sheet: Sheet, address: Address, code: str, message: str, *, remedy: str = "", well: str = ""
) -> Problem:
    """A problem of one cell."""
    return Problem(code, message, "", sheet.name, cell_address(*address), well, remedy)


def placed(problem: Problem, sheet: Sheet, address: Address) -> Problem:
    """A problem that was found without its place, with it."""
    return at(sheet, address, problem.code, problem.message, remedy=problem.remedy)


def warning(problem: Problem) -> Problem:
    """The same problem, as one that does not stop the analysis."""
    return replace(problem, severity="warning")


def value_problems(sheet: Sheet, address: Address, well: str = "") -> list[Problem]:
    """A formula whose value was never saved; otherwise nothing."""
    cell = sheet.cell(*address)
    if not cell.is_formula or cell.value is not None:
        return []
    message = "found a formula without a saved value, expected a value"
    return [at(sheet, address, "formula_without_value", message, remedy=MEND_FORMULA, well=well)]


def read_names(sheet: Sheet, places: Sequence[Address]) -> tuple[dict[Address, str], list[Problem]]:
    """The names in some cells; blank ones are left out."""
    names: dict[Address, str] = {}
    problems: list[Problem] = []
    for place in places:
        problems += value_problems(sheet, place)
        try:
            text = cell_name(sheet.cell(*place).value)
        except InputError as error:
            problems += [placed(problem, sheet, place) for problem in error.problems]
            continue
        if text:
            names[place] = text
    return names, problems


def same_name(text: str, known: Sequence[str]) -> str:
    """The known name that is written alike but for width and odd spaces, or the text itself.

    Examples
    --------
    >>> same_name("ＫＯ  vesicle", ["control", "KO vesicle"]), same_name("ko", ["KO"])
    ('KO vesicle', 'ko')
    """
    return next((name for name in known if normalise(name) == normalise(text)), text)


def header_problems(sheet: Sheet, addresses: Iterable[Address]) -> list[Problem]:
    """Formulas where only a name belongs."""
    return [
        at(sheet, address, "formula_in_header", "found a formula in a header, expected a name",
           remedy="Type the name itself.")
        for address in addresses
        if sheet.cell(*address).is_formula
    ]  # fmt: skip


def merged_problems(sheet: Sheet, area: Area) -> list[Problem]:
    """Merged ranges that reach into an area in which every cell counts."""
    return [
        Problem(
            "merged_cells",
            f"the cells {merged.name} are merged; only the first of them has a value",
            sheet=sheet.name,
            cell=merged.name,
            remedy="Unmerge them and fill each cell.",
        )
        for merged in sheet.merged
        if merged.overlaps(area)
    ]


def well_of(key: str) -> str:
    """The well that an entry is about; ``A1 RUNX2`` is about one of several targets in A1.

    Examples
    --------
    >>> well_of("A1"), well_of("A1 RUNX2")
    ('A1', 'A1')
    """
    return key.partition(" ")[0]


def in_wells(wells: Iterable[str]) -> str:
    """Many wells in few words.

    Examples
    --------
    >>> in_wells(["A1", "A2", "A3", "B1", "B2", "B3", "H12"])
    'A1:B3, H12'
    """
    places = (parse_well(well_of(well)) for well in wells)
    return ", ".join(_wells_of(area) for area in areas_of(places))


def _wells_of(area: Area) -> str:
    """An area of a plate, whose rows and columns are counted from 0."""
    first, last = well_name(area.top, area.left), well_name(area.bottom, area.right)
    return first if first == last else f"{first}:{last}"


def together(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The same problem in many cells of a sheet becomes one that lists them all.

    Examples
    --------
    >>> first = Problem("x", "is empty", sheet="Plate", cell="B2", well="A1")
    >>> second = Problem("x", "is empty", sheet="Plate", cell="C2", well="A2")
    >>> print(*together([first, second]))
    Plate!B2:C2 (well A1:A2): is empty
    """
    groups: dict[Problem, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(replace(problem, cell="", well=""), []).append(problem)
    return tuple(_united(key, group) for key, group in groups.items())


def _united(key: Problem, group: list[Problem]) -> Problem:
    if len(group) == 1:
        return group[0]
    areas = [parse_area(text) for p in group for text in p.cell.split(", ") if text]
    cells = in_areas(
        (row, column)
        for area in areas
        if area is not None
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    )
    return replace(key, cell=cells, well=in_wells(p.well for p in group if p.well))
