"""RDML 1.0 to 1.4: reactions of one or several runs, with samples and targets by reference."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from assaykit.errors import InputError, Problem
from assaykit.plate import PLATE_FORMATS, well_name
from assaykit.readers.base import Reader, Reading
from assaykit.readers.labels import unit_of
from assaykit.readers.reaction_tables import well_of
from assaykit.readers.reactions import as_cq, is_quantity_of, role_of, unknown_task, yes_or_no
from assaykit.readers.source import Source
from assaykit.values import Value, normalise, parse_value

_LARGEST = PLATE_FORMATS[1536]
_NOTHING = Value(math.nan, "", "")


@dataclass(frozen=True)
class _Run:
    """One run: its element, the names of file and plate, samples by their id."""

    element: Element
    file: str
    plate: str
    samples: Mapping[str, Element]

    @property
    def name(self) -> str:
        return self.element.get("id", "")

    @property
    def has_cq(self) -> bool:
        return self.element.find("react/data/cq") is not None

    @property
    def has_curves(self) -> bool:
        return any("cycles" in data.attrib for data in self.element.iterfind("react/data"))

    def place(self, reaction: Element) -> str:
        return f"run '{self.name}', reaction {reaction.get('id', '')}"

    def problem(self, reaction: Element, code: str, message: str, remedy: str) -> Problem:
        return Problem(code, message, self.file, self.place(reaction), remedy=remedy)


def sniff(source: Source) -> bool:
    """Whether a file was opened as RDML."""
    return source.document is not None


def read(source: Source) -> list[Reading]:
    """Read the Cq of every reaction and target of all runs; a run is a plate.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        It holds no Cq, a run has curves and no Cq, or a reaction stands in no well of a plate.
        All problems are listed.
    """
    runs = _runs(source)
    if not any(run.has_cq for run in runs):
        raise InputError([_no_cq(source, runs)])
    problems = [_run_without_cq(run) for run in runs if run.has_curves and not run.has_cq]
    readings = [r for run in runs if run.has_cq for r in _run_readings(run, problems)]
    if problems:
        raise InputError(problems)
    return readings


RDML = Reader(
    "rdml",
    "RDML 1.0 to 1.4: a zip with one XML of runs, reactions and their Cq (.rdml)",
    sniff,
    read,
)


def _runs(source: Source) -> list[_Run]:
    """All runs; the only one is named like the file, several are named by their ids."""
    if source.document is None:
        return []
    samples = {sample.get("id", ""): sample for sample in source.document.findall("sample")}
    pairs = [(e.get("id", ""), r) for e in source.document.findall("experiment") for r in e]
    found = [(experiment, run) for experiment, run in pairs if run.tag == "run"]
    ids = Counter(run.get("id", "") for _, run in found)
    runs = []
    for experiment, run in found:
        name = run.get("id", "")
        plate = name if ids[name] == 1 else f"{experiment} {name}"
        plate = source.plate if len(found) == 1 else plate
        runs.append(_Run(run, source.file, normalise(plate), samples))
    return runs


def _no_cq(source: Source, runs: Sequence[_Run]) -> Problem:
    held = "and no run"
    if runs:
        names = ", ".join(f"'{run.name}'" for run in runs)
        held = f"only what stands beside it in its runs ({names})"
    remedy = "Analyse it in the program that wrote it, and export the RDML with the Cq again."
    return Problem("no_cq", f"it holds no Cq, {held}", source.file, remedy=remedy)


def _run_without_cq(run: _Run) -> Problem:
    remedy = "Analyse this run too, or take it out of the file."
    message = "the run has amplification curves and no Cq, unlike other runs of the file"
    return Problem("run_without_cq", message, run.file, f"run '{run.name}'", remedy=remedy)


# Wells ------------------------------------------------------------------------------------


def _run_readings(run: _Run, problems: list[Problem]) -> Iterator[Reading]:
    shape = _shape(run)
    for reaction in run.element.findall("react"):
        well = _well(run, reaction, shape)
        if isinstance(well, Problem):
            problems.append(well)
            continue
        for data in reaction.findall("data"):
            yield from _data_readings(run, reaction, well, data, problems)


def _shape(run: _Run) -> tuple[int, int]:
    """Rows and columns of the run's plate; zeros where it says none, as version 1.0 may."""
    said = run.element.find("pcrFormat")
    if said is None:
        return 0, 0
    try:
        return int(said.findtext("rows", "0")), int(said.findtext("columns", "0"))
    except ValueError:
        return 0, 0


def _well(run: _Run, reaction: Element, shape: tuple[int, int]) -> str | Problem:
    """Well of a reaction: its id is a well's name, or counts the wells row by row."""
    written = normalise(reaction.get("id", ""))
    if not re.fullmatch(r"\d+", written):
        well = well_of(written)
        message = f"its id '{written}' is neither a number nor a well such as A1"
        remedy = "Export the run again."
        return well or run.problem(reaction, "not_a_well", message, remedy)
    rows, columns = shape
    if not (0 < rows <= _LARGEST.rows and 0 < columns <= _LARGEST.columns):
        message = f"its well is not known: the run's format of {rows} x {columns} is no plate"
        remedy = "Runs of rotors and arrays are not read: export a table with Well and Cq."
        return run.problem(reaction, "not_a_plate", message, remedy)
    row, column = divmod(int(written) - 1, columns)
    if not 0 <= row < rows:
        message = f"it is outside of the run's plate of {rows} x {columns} wells"
        return run.problem(reaction, "not_a_well", message, "Correct the format of the run.")
    return well_name(row, column)


# Reactions --------------------------------------------------------------------------------


def _data_readings(
    run: _Run, reaction: Element, well: str, data: Element, problems: list[Problem]
) -> Iterator[Reading]:
    """Yield Cq and melting temperature of one target in one well."""
    said = _said(run, reaction, well, data, problems)
    found = _number(run, reaction, data, "cq", problems)
    cq = None if found is None else _cq(found, data, bool(said.sample))
    if isinstance(cq, str):
        problems.append(run.problem(reaction, "not_a_cq", cq, "Analyse the run again."))
    elif cq is not None:
        yield replace(said, value=cq.number, flag=said.flag or cq.flag)
    melt = _number(run, reaction, data, "meltTemp", problems)
    if melt is not None and not math.isnan(melt.number):
        yield replace(said, channel="tm_1", unit=unit_of("tm_1"), value=melt.number)


def _cq(found: Value, data: Element, declared: bool) -> Value | str | None:
    """A Cq; the number of cycles, which programs store for "no Cq", is none."""
    if found.number >= float(data.get("cycles", "inf")):
        return Value(math.nan, "undetermined", found.text)
    return as_cq(found, declared)


def _number(
    run: _Run, reaction: Element, data: Element, tag: str, problems: list[Problem]
) -> Value | None:
    """The number of an element; empty where there is none, None if it cannot be read."""
    try:
        return parse_value(data.findtext(tag, "")) if data.find(tag) is not None else _NOTHING
    except InputError as error:
        place = run.place(reaction)
        problems += [replace(p, file=run.file, sheet=place) for p in error.problems]
        return None


def _said(
    run: _Run, reaction: Element, well: str, data: Element, problems: list[Problem]
) -> Reading:
    """What the file says of one target in one well: a reading that has no value yet."""
    name, target = _reference(reaction, "sample"), _reference(data, "tar")
    sample = run.samples.get(name)
    text = _of_target(sample, "type", target)
    task = role_of(text)
    if task is None:
        problems.append(run.problem(reaction, "unknown_task", *unknown_task(text)))
    quantity = _of_target(sample, "quantity", target) if is_quantity_of(task or "") else ""
    return Reading(
        run.plate, well, "cq", math.nan, unit_of("cq"), _masked(data),
        f"{run.file}, {run.place(reaction)}", normalise(name), normalise(target), task or "",
        _quantity(run, reaction, quantity, problems),
    )  # fmt: skip


def _reference(element: Element, tag: str) -> str:
    """Id that an element refers to, as attribute or, in version 1.0, as text."""
    found = element.find(tag)
    return "" if found is None else found.get("id") or (found.text or "").strip()


def _of_target(sample: Element | None, tag: str, target: str) -> str:
    """What a sample says for a target; since version 1.3 it may differ between targets."""
    said = [] if sample is None else sample.findall(tag)
    own = [element for element in said if element.get("targetId") == target]
    general = [element for element in said if not element.get("targetId")]
    for element in (*own, *general):
        return element.findtext("value") or (element.text or "").strip()
    return ""


def _quantity(run: _Run, reaction: Element, text: str, problems: list[Problem]) -> float:
    try:
        return parse_value(text).number
    except InputError as error:
        problems += [replace(p, file=run.file, sheet=run.place(reaction)) for p in error.problems]
        return math.nan


def _masked(data: Element) -> str:
    """``masked`` where the reaction is excluded: the element is there, with or without a reason."""
    excluded = data.find("excl")
    if excluded is None:
        return ""
    text = (excluded.text or "").strip()
    return "" if text and yes_or_no(text) is False else "masked"
