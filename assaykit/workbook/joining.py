"""Wells learn what the list sheets say of their samples and targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assaykit.errors import InputError, Problem
from assaykit.tables import READING_COLUMNS, as_text
from assaykit.values import match_key, nearest, normalise
from assaykit.workbook.fields import together, warning
from assaykit.workbook.spec import REPLICATE, ListSheet, PlateWorkbook, TemplateSpec

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.design import Design

Cells = Mapping[tuple[str, ...], str]


def complete_wells(
    wells: pd.DataFrame, workbook: PlateWorkbook, spec: TemplateSpec, file: str = ""
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Join annotated wells with the list sheets of their workbook.

    Parameters
    ----------
    wells
        As :func:`assaykit.annotate` makes them.
    workbook
        The filled template that they belong to.
    spec
        Its template; without list sheets the wells are returned as they are.
    file
        Name of the workbook, for messages.

    Returns
    -------
    wells, warnings
        As :func:`join_lists`.

    Raises
    ------
    InputError
        A well names what no list has, a list contradicts the wells, or a sample has no biological
        replicate, no level or no block although it should; every problem is listed.
    """
    joined, found = examine_wells(wells, workbook, spec)
    problems = tuple(problem.in_file(file) for problem in found)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return joined, problems


def examine_wells(
    wells: pd.DataFrame, workbook: PlateWorkbook, spec: TemplateSpec
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Join wells as :func:`complete_wells` does, but return every problem instead of raising."""
    joined, problems = join_lists(wells, workbook.lists, spec, workbook.cells)
    listed = spec.factor_list
    if listed is None or listed.name not in workbook.lists:
        return joined, problems
    known = set(workbook.lists[listed.name][listed.key])
    missing = _missing(joined[joined[listed.key].isin(known)], workbook, listed)
    return joined, (*problems, *together(missing))


def join_lists(
    wells: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    spec: TemplateSpec,
    cells: Cells | None = None,
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Give wells the columns of the list sheets, by the names that they have in common.

    What a list says of a name is said of every well of that name, where the well itself says
    nothing. A name in another width or with odd spaces takes the form that it has in the list;
    one that differs in case, spaces or hyphens is never taken for it.

    Parameters
    ----------
    wells
        As :func:`assaykit.annotate` makes them.
    lists
        One row per sample, target, ... by name of the sheet; a sheet that is not there is left
        out.
    spec
        The template that declares the lists.
    cells
        Where the workbook says what, as in :class:`assaykit.workbook.PlateWorkbook`.

    Returns
    -------
    wells, problems
        One wide table. Errors: wells without a name or with one that has no row (one problem for
        each name), a list that contradicts the wells. Warnings: rows that no well names.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.workbook.spec import Variable
    >>> targets = ListSheet("Targets", "target", (Variable("rt_group", "text", "which RT"),))
    >>> spec = TemplateSpec("qpcr", "qPCR", "qPCR", (), ("cq",), "cq", "cycles", object,
    ...                     lists=(targets,))
    >>> wells = pd.DataFrame({"plate": "p", "well": ["A1", "A2"], "role": "sample",
    ...                       "target": ["RUNX2", "Runx2"]})
    >>> rows = pd.DataFrame({"target": ["RUNX2"], "rt_group": ["oligo-dT"]})
    >>> joined, problems = join_lists(wells, {"Targets": rows}, spec)
    >>> joined["rt_group"].tolist()
    ['oligo-dT', '']
    >>> print(problems[0])
    well A2: target 'Runx2' differs from 'RUNX2' on the sheet Targets only in case, spaces or \
hyphens. Write 'RUNX2', or add a row for 'Runx2'.
    """
    problems: list[Problem] = []
    places = _Places(cells or {}, spec.well_key[1:])
    for sheet in spec.lists:
        if sheet.name in lists:
            wells, found = _join(wells, lists[sheet.name], sheet, places)
            problems += found
    return wells, together(problems)


@dataclass(frozen=True)
class _Places:
    """Where the workbook says what is joined; wells of a file have no cells."""

    cells: Cells
    others: tuple[str, ...]

    def at_well(self, row: Mapping[Any, Any], problem: Problem, *variables: str) -> Problem:
        """A problem of one row of wells, at the first of the variables that it says."""
        beside = ", ".join(filter(None, (str(row.get(name, "")) for name in self.others)))
        keys = (f"{row['well']} {beside}", str(row["well"]))
        found = (self.cells.get((key, name)) for name in variables for key in keys)
        return _placed(problem, next(filter(None, found), ""), str(row["well"]))

    def in_list(self, sheet: ListSheet, name: str, variable: str) -> str:
        """The cell of a list, or the sheet where it is not known."""
        return self.cells.get((sheet.name, name, variable), f"{sheet.name}!")


def _placed(problem: Problem, place: str, well: str = "") -> Problem:
    """The problem at a place such as ``Samples!C5``."""
    sheet, _, cell = place.rpartition("!")
    return replace(problem, sheet=sheet or problem.sheet, cell=cell, well=well)


def _join(
    wells: pd.DataFrame, table: pd.DataFrame, sheet: ListSheet, places: _Places
) -> tuple[pd.DataFrame, list[Problem]]:
    """Join one list."""
    known = [str(name) for name in table[sheet.key]]
    said = wells[sheet.key] if sheet.key in wells else wells["well"].map(lambda _: "")
    wells = wells.assign(**{sheet.key: _as_listed(as_text(said), known)})
    rows = wells.assign(excluded=wells["excluded"].eq(True) if "excluded" in wells else False)
    problems = [
        *_name_problems(rows.to_dict("records"), known, sheet, places),
        *_unused(set(wells[sheet.key]), known, sheet, places),
    ]
    columns = {}
    for name in table.columns.drop(sheet.key):
        listed = _looked_up(wells[sheet.key], table.set_index(sheet.key)[name])
        columns[name] = listed
        if name in wells:
            columns[name], differs = _merged(wells[name], listed)
            where = wells.assign(_listed=listed)[differs].to_dict("records")
            problems += [_conflict(row, str(name), sheet, places) for row in where]
    return _before_readings(wells.assign(**columns)), problems


def _as_listed(names: pd.Series, known: Iterable[str]) -> pd.Series:
    """Names in the form that they have in the list."""
    forms = {normalise(name): name for name in known}
    listed = {
        name: forms.get(normalise(name), name) if name == name.strip() else name
        for name in names.unique()
    }
    return names.map(listed).astype(object)


def _name_problems(
    rows: Iterable[Mapping[Any, Any]], known: list[str], sheet: ListSheet, places: _Places
) -> list[Problem]:
    """Wells without a name, and names without a row."""
    problems = []
    unknown: dict[str, Problem] = {}
    for row in rows:
        name, needed = row[sheet.key], sheet.needs_row(row["role"]) and not row["excluded"]
        if name and name not in known:
            problem = unknown.setdefault(name, _unknown(name, known, sheet))
            if needed or problem.code == "confusable":
                problem = problem if needed else warning(problem)
                problems.append(places.at_well(row, problem, sheet.key))
        elif needed and not name:
            problems.append(places.at_well(row, _nameless(row["role"], sheet), "role"))
    return _or_empty(problems, known, sheet)


def _unknown(name: str, known: list[str], sheet: ListSheet) -> Problem:
    same = next((other for other in known if match_key(other) == match_key(name)), "")
    if same:
        message = (
            f"{sheet.key} '{name}' differs from '{same}' on the sheet {sheet.name} only in case, "
            "spaces or hyphens"
        )
        remedy = f"Write '{same}', or add a row for '{name}'."
        return Problem("confusable", message, remedy=remedy)
    near = nearest(name, known)
    remedy = f"Did you mean '{near}'? If not, add a row" if near else "Add a row"
    message = f"the {sheet.key} '{name}' has no row on the sheet {sheet.name}"
    return Problem(f"unknown_{sheet.key}", message, remedy=f"{remedy} for it.")


def _nameless(role: str, sheet: ListSheet) -> Problem:
    message = f"the well has the role {role}, but names no {sheet.key}"
    remedy = f"Name its {sheet.key}, as on the sheet {sheet.name}."
    return Problem(f"no_{sheet.key}", message, remedy=remedy)


def _or_empty(problems: list[Problem], known: list[str], sheet: ListSheet) -> list[Problem]:
    """Of a list without any row only that is said."""
    if known or not any(problem.code == f"unknown_{sheet.key}" for problem in problems):
        return problems
    message = f"there is no {sheet.key} on this sheet, but wells name some"
    remedy = f"Fill it: {sheet.words}"
    return [Problem("empty_list", message, sheet=sheet.name, remedy=remedy)]


def _unused(
    named: set[str], known: Iterable[str], sheet: ListSheet, places: _Places
) -> list[Problem]:
    """Rows that no well names, not even in another spelling, where wells name any."""
    if not named - {""}:
        return []
    keys = set(map(match_key, named))
    message = f"no well names this {sheet.key}"
    remedy = "Correct the name here or in the wells, or leave the row as it is."
    problem = warning(Problem(f"unused_{sheet.key}", message, remedy=remedy))
    return [
        _placed(problem, places.in_list(sheet, name, sheet.key))
        for name in known
        if match_key(name) not in keys
    ]


def _looked_up(names: pd.Series, listed: pd.Series) -> pd.Series:
    """What the list says of each name, in the list's type; nothing of others."""
    found = listed[~listed.index.duplicated()].reindex(names.to_numpy())
    found.index = names.index
    if listed.dtype.kind == "b":
        return found.eq(True)
    return as_text(found) if listed.dtype.kind == "O" else found.astype(listed.dtype)


def _merged(own: pd.Series, listed: pd.Series) -> tuple[pd.Series, pd.Series]:
    """What wells say, or else the list; and where the two say different things."""
    if own.dtype.kind == "O":
        own, listed = as_text(own), as_text(listed)
        differs = (own != "") & (listed != "") & (own.map(normalise) != listed.map(normalise))
        return own.where(own != "", listed), differs
    if own.dtype.kind == "b":
        return own | listed.eq(True), own & False
    differs = own.notna() & listed.notna() & own.ne(listed)
    return own.where(own.notna(), listed), differs.fillna(False).astype(bool)


def _conflict(row: Mapping[Any, Any], name: str, sheet: ListSheet, places: _Places) -> Problem:
    key = row[sheet.key]
    place = places.in_list(sheet, key, name).removesuffix("!")
    own, listed = (v if isinstance(v, str) else f"{v:g}" for v in (row[name], row["_listed"]))
    message = f"{name} of {sheet.key} '{key}' is '{own}' in the wells, but '{listed}' in {place}"
    remedy = "Make them agree, or say it in one of the two places only."
    return places.at_well(row, Problem("conflict", message, remedy=remedy), name)


def _before_readings(wells: pd.DataFrame) -> pd.DataFrame:
    """The columns in their order: what is known of a well, then its reading."""
    last = [name for name in READING_COLUMNS if name in wells]
    return wells[[*(name for name in wells if name not in last), *last]]


def _missing(samples: pd.DataFrame, workbook: PlateWorkbook, sheet: ListSheet) -> list[Problem]:
    """Samples of the experiment that do not say what they are compared by."""
    excluded = samples["excluded"].eq(True) if "excluded" in samples else samples["role"].eq("")
    counted = samples[(samples["role"] == "sample") & ~excluded]
    return [
        _silent(workbook, sheet, str(name), variable, remedy)
        for variable, remedy in _wanted(counted, workbook.design, sheet).items()
        if (sheet.name, "", variable) in workbook.cells or variable == REPLICATE
        for name in counted.loc[counted[variable] == "", sheet.key].unique()
        if (sheet.name, name, variable) not in workbook.cells
    ]


def _wanted(counted: pd.DataFrame, design: Design, sheet: ListSheet) -> dict[str, str]:
    """What samples must say, and what to do where they do not."""
    blocks = [name for name in design.blocks if name in counted and counted[name].ne("").any()]
    own = {variable.name for variable in sheet.columns}
    replicate = {REPLICATE: "Name the culture, donor, animal or day that the sample is from."}
    levels = {f.name: f"Use one of: {', '.join(f.levels)}." for f in design.factors}
    return {
        **(replicate if REPLICATE in own else {}),
        **{name: remedy for name, remedy in levels.items() if name in counted},
        **dict.fromkeys(blocks, "Fill it for every sample, or for none."),
    }


def _silent(
    workbook: PlateWorkbook, sheet: ListSheet, name: str, variable: str, remedy: str
) -> Problem:
    problem = Problem(f"no_{variable}", f"this {sheet.key} has no {variable}", remedy=remedy)
    if variable == REPLICATE and not workbook.design.factors:
        problem = warning(problem)
    return _placed(problem, workbook.cells.get((sheet.name, name, sheet.key), f"{sheet.name}!"))
