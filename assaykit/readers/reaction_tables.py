"""Tables of reactions: a header with a well column, then one line per well and target.

The programs of qPCR instruments differ in where their tables stand and what the columns are
called; what a line says, and what can be wrong with it, is the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from assaykit.errors import InputError, Problem
from assaykit.plate import PLATE_FORMATS, canonical_well
from assaykit.readers.base import Reading, read_cell
from assaykit.readers.labels import unit_of
from assaykit.readers.reactions import (
    COLUMNS,
    WELL_COLUMNS,
    cq_cell,
    cq_decimal_mark,
    is_quantity_of,
    melt_column,
    name_cell,
    role_of,
    unknown_task,
    yes_or_no,
)
from assaykit.readers.source import Sheet, Source
from assaykit.values import DecimalMark, Value, match_key

_HEADER_ROWS = 100  # a header stands in one of the first rows
_FEWEST_IN_TABLE = 3  # a line with fewer cells below a table is a remark


@dataclass(frozen=True)
class ReactionTable:
    """Where a table stands and what its columns are.

    Parameters
    ----------
    sheet
        Where it stands.
    top, bottom
        Row of its header, and the last row that can belong to it.
    well
        Column of the well names; 0 if no column holds any.
    columns
        ``sample``, ``target``, ``task``, ``quantity``, ``omit``, ``include``, ``cq`` or another
        meaning to its columns; more than one if the header says so.
    melts
        Column to kind and number of a melting peak, see
        :func:`assaykit.readers.reactions.melt_column`.
    plate
        Name of the plate.
    no_target
        What stands for the target where a line names none.
    """

    sheet: Sheet
    top: int
    bottom: int
    well: int
    columns: Mapping[str, tuple[int, ...]]
    melts: Mapping[int, tuple[str, int]]
    plate: str = ""
    no_target: str = ""

    @cached_property
    def rows(self) -> list[int]:
        """Rows from the one below the header to the last one with a well."""
        below = [row for row in self.sheet.rows if self.top < row <= self.bottom]
        last = max((row for row in below if well_in(self.sheet, row, self.well)), default=0)
        return [row for row in below if row <= last]

    @property
    def rest(self) -> list[int]:
        """Rows behind the last one with a well that look like more than a remark."""
        last = self.rows[-1] if self.rows else self.top
        behind = [row for row in self.sheet.rows if last < row <= self.bottom]
        return [row for row in behind if len(self.sheet.rows[row]) >= _FEWEST_IN_TABLE]

    @property
    def cq(self) -> int:
        """Column of the Cq; 0 if there is none."""
        return self.column("cq")

    def column(self, meaning: str) -> int:
        """First column of a meaning; 0 if there is none."""
        return self.columns.get(meaning, (0,))[0]

    def cells(self, columns: Sequence[int]) -> list[object]:
        """What stands in some columns of all its rows."""
        return [self.sheet.cells.get((row, column)) for row in self.rows for column in columns]


@dataclass(frozen=True)
class Work:
    """What is known while the lines of one file are read: its decimal mark, its problems."""

    problems: list[Problem]
    decimal: DecimalMark


def well_in(sheet: Sheet, row: int, column: int) -> str:
    """Name of the well in a cell; empty if it is none.

    Examples
    --------
    >>> well_in(Sheet("a.csv", "", {(2, 1): "A01"}), 2, 1)
    'A1'
    """
    return well_of(sheet.text(row, column))


def well_of(text: str) -> str:
    """The well that a text names, in any plate up to 1536 wells; empty if it names none.

    Examples
    --------
    >>> well_of("A01"), well_of("1"), well_of("ZZ9")
    ('A1', '', '')
    """
    try:
        well = canonical_well(text)
    except InputError:
        return ""
    return well if well in PLATE_FORMATS[1536] else ""


def find_table(
    sheet: Sheet, first: int = 1, last: int = 0, also: Mapping[str, str] | None = None
) -> ReactionTable | None:
    """Find the first table of reactions, or of melting peaks, between two rows of a sheet.

    Parameters
    ----------
    sheet
        Where to look.
    first, last
        First and last row; 0 for the end of the sheet.
    also
        Headers of a program's own, as :data:`assaykit.readers.reactions.COLUMNS`.

    Examples
    --------
    >>> cells = {(1, 1): "Well", (1, 2): "Target", (1, 3): "Cт", (2, 1): "A1", (2, 3): "21.5"}
    >>> table = find_table(Sheet("a.csv", "", cells))
    >>> table.well, table.cq, table.rows
    (1, 3, [2])
    """
    last = last or max(sheet.rows, default=0)
    rows = (row for row in sheet.rows if first <= row <= last)
    for row in islice(rows, _HEADER_ROWS):
        table = _table(sheet, row, last, {**COLUMNS, **(also or {})})
        if table:
            return table
    return None


def _table(sheet: Sheet, top: int, bottom: int, words: Mapping[str, str]) -> ReactionTable | None:
    headers = {column: match_key(sheet.text(top, column)) for column in sheet.rows[top]}
    wells = [column for column, key in headers.items() if key in WELL_COLUMNS]
    columns: dict[str, tuple[int, ...]] = {}
    for column, key in headers.items():
        if key in words:
            columns[words[key]] = (*columns.get(words[key], ()), column)
    melts = {c: found for c in headers if (found := melt_column(sheet.text(top, c)))}
    if not wells or not (columns or melts):
        return None
    below = [row for row in sheet.rows if top < row <= bottom]
    named = (c for c in wells if any(well_in(sheet, row, c) for row in below))
    return ReactionTable(sheet, top, bottom, next(named, 0), columns, melts)


# Reading ----------------------------------------------------------------------------------


def read_tables(
    source: Source, tables: Sequence[ReactionTable], problems: Sequence[Problem] = ()
) -> list[Reading]:
    """Read the Cq of all tables of a file, and the melting peaks beside them.

    Parameters
    ----------
    source
        The file.
    tables
        Its tables, each with the name of its plate; those of melting peaks behind those of Cq.
    problems
        What has been found wrong so far.

    Raises
    ------
    InputError
        With all problems: a table without wells or Cq, a line that is cut, a task, name or
        number that cannot be understood, or no Cq at all.
    """
    found = [*problems, *(p for table in tables for p in _table_problems(table, source))]
    cqs = [value for t in tables for value in t.cells(t.columns.get("cq", ()))]
    others = [
        value for t in tables for value in t.cells([*t.columns.get("quantity", ()), *t.melts])
    ]
    work = Work(found, cq_decimal_mark(source, cqs, others, found))
    if not any(table.cq for table in tables) or (not found and all(v is None for v in cqs)):
        work.problems.append(_no_cq(source, tables))
    lines = [(table, row) for table in tables for row in table.rows]
    readings = [reading for line in lines for reading in _readings(*line, work)]
    if work.problems:
        raise InputError(work.problems)
    return _numbered(readings)


def _no_cq(source: Source, tables: Sequence[ReactionTable]) -> Problem:
    held = "the column of the Cq is empty" if any(t.cq for t in tables) else "no column holds a Cq"
    remedy = "Analyse the run in the instrument's program and export the table with the Cq again."
    return Problem("no_cq", f"it holds no Cq: {held}", source.file, remedy=remedy)


def _readings(table: ReactionTable, row: int, work: Work) -> Iterator[Reading]:
    """Yield the Cq and the melting peaks of one line; an empty well yields nothing."""
    if not well_in(table.sheet, row, table.well):
        return
    reaction = reaction_in(table, row, work)
    if table.cq:
        found = cq_in(table, row, table.cq, reaction, work)
        if found is not None:
            place = table.sheet.place(row, table.cq)
            flag = reaction.flag or found.flag
            yield replace(reaction, value=found.number, flag=flag, source=place)
    yield from _peaks(table, row, reaction, work)


def reaction_in(table: ReactionTable, row: int, work: Work) -> Reading:
    """What a line says of its reaction: a reading that has no value yet."""
    sample, target, fluor = (_name(table, row, m, work) for m in ("sample", "target", "fluor"))
    task = _task(table, row, work)
    return Reading(
        table.plate, well_in(table.sheet, row, table.well), "cq", math.nan, unit_of("cq"),
        "masked" if _is_omitted(table, row, work) else "", table.sheet.place(row, table.well),
        sample, target or table.no_target or fluor, task, _quantity(table, row, task, work),
    )  # fmt: skip


def cq_in(
    table: ReactionTable, row: int, column: int, reaction: Reading, work: Work
) -> Value | None:
    """Read the Cq of a line; None where the well is empty or the cell is a problem."""
    declared = bool(reaction.sample or reaction.target or reaction.task not in ("", "sample"))
    sheet, decimal = table.sheet, work.decimal
    found = cq_cell(sheet, row, column, decimal=decimal, well=reaction.well, declared=declared)
    if isinstance(found, Problem):
        work.problems.append(found)
        return None
    return found


def _name(table: ReactionTable, row: int, meaning: str, work: Work) -> str:
    column = table.column(meaning)
    return name_cell(table.sheet, row, column, work.problems) if column else ""


def _task(table: ReactionTable, row: int, work: Work) -> str:
    """Role of a line."""
    text = _name(table, row, "task", work)
    role = role_of(text)
    if role is None:
        message, remedy = unknown_task(text)
        column = table.column("task")
        work.problems.append(table.sheet.problem("unknown_task", message, row, column, remedy))
    return role or ""


def _quantity(table: ReactionTable, row: int, task: str, work: Work) -> float:
    """Declared quantity of a line; what a program computed for a sample is none."""
    column = table.column("quantity")
    if not column or not is_quantity_of(task):
        return math.nan
    well = well_in(table.sheet, row, table.well)
    found = read_cell(table.sheet, row, column, decimal=work.decimal, well=well)
    if isinstance(found, Problem):
        work.problems.append(found)
        return math.nan
    return found.number


def _is_omitted(table: ReactionTable, row: int, work: Work) -> bool:
    for meaning, omits in (("omit", True), ("include", False)):
        column = table.column(meaning)
        text = table.sheet.text(row, column) if column else ""
        says = yes_or_no(text)
        if says is None:
            message = f"found '{text}', expected true or false"
            remedy = "Write whether the well is left out."
            work.problems.append(table.sheet.problem("not_yes_or_no", message, row, column, remedy))
        elif text and says == omits:
            return True
    return False


def _peaks(table: ReactionTable, row: int, said: Reading, work: Work) -> Iterator[Reading]:
    """Yield the melting peaks of one line; their number is 0 where the header has none."""
    for column, (kind, number) in table.melts.items():
        found = read_cell(table.sheet, row, column, decimal=work.decimal, well=said.well)
        if isinstance(found, Problem):
            work.problems.append(found)
        elif found.text and found.flag != "no_value":
            channel = f"{kind}_{number}"
            place = table.sheet.place(row, column)
            yield replace(
                said, channel=channel, value=found.number, unit=unit_of(channel),
                flag=said.flag or found.flag, source=place,
            )  # fmt: skip


def _numbered(readings: Sequence[Reading]) -> list[Reading]:
    """Give peaks what is known of their reaction, and a number where they come one to a line."""
    reactions = [reading for reading in readings if reading.channel == "cq"]
    wells = Counter((r.plate, r.well) for r in reactions)
    known = {(r.plate, r.well, r.target): r for r in reactions}
    known |= {(r.plate, r.well, ""): r for r in reactions if wells[r.plate, r.well] == 1}
    peaks: Counter[tuple[str, str, str, str]] = Counter()
    numbered = []
    for reading in readings:
        reaction = known.get((reading.plate, reading.well, reading.target), reading)
        kind = reading.channel.removesuffix("_0")
        peaks[reading.plate, reading.well, reaction.target, kind] += 1
        number = peaks[reading.plate, reading.well, reaction.target, kind]
        channel = reading.channel if kind == reading.channel else f"{kind}_{number}"
        numbered.append(_of_reaction(replace(reading, channel=channel), reaction))
    return numbered


def _of_reaction(reading: Reading, reaction: Reading) -> Reading:
    """A reading with what its reaction's line says of sample, target and task."""
    return replace(
        reading, unit=unit_of(reading.channel), sample=reaction.sample, target=reaction.target,
        task=reaction.task, quantity=reaction.quantity,
        flag="masked" if reaction.flag == "masked" else reading.flag,
    )  # fmt: skip


# Problems ---------------------------------------------------------------------------------


def _table_problems(table: ReactionTable, source: Source) -> list[Problem]:
    if not table.well:
        message = "no column holds names of wells such as A1"
        remedy = "Export the table with the well position."
        return [table.sheet.problem("no_wells", message, table.top, 0, remedy)]
    lines = [
        problem
        for row in [*table.rows, *table.rest]
        for problem in (_not_a_well(table, row), _cut_line(table, row, source))
        if problem is not None
    ]
    return [*named_twice(table), *lines]


def named_twice(table: ReactionTable) -> list[Problem]:
    """Columns that are called the same and do not say the same."""
    sheet, problems = table.sheet, []
    for columns in table.columns.values():
        first = columns[0]
        for column in columns[1:]:
            if any(sheet.text(row, first) != sheet.text(row, column) for row in table.rows):
                names = f"'{sheet.text(table.top, first)}' and '{sheet.text(table.top, column)}'"
                message = f"the columns {names} mean the same and do not say the same"
                problems.append(
                    sheet.problem("duplicate_column", message, table.top, column, "Keep one.")
                )
    return problems


def _not_a_well(table: ReactionTable, row: int) -> Problem | None:
    sheet = table.sheet
    if well_in(sheet, row, table.well):
        return None
    message = f"found '{sheet.text(row, table.well)}', expected a well such as A1"
    remedy = "Give each line its well, and remove lines that belong to no well."
    return sheet.problem("not_a_well", message, row, table.well, remedy)


def _cut_line(table: ReactionTable, row: int, source: Source) -> Problem | None:
    """Report a line that says what is in a well and ends before its Cq."""
    sheet, last = table.sheet, max((*table.melts, table.cq, table.well))
    width = sheet.widths.get(row, last)
    whole = sheet.widths.get(table.top, last)
    open_end = source.ends_open and row == max(sheet.widths, default=0) and width < whole
    says_nothing = not any(table.column(m) in sheet.rows[row] for m in ("sample", "target", "task"))
    if not open_end and (width >= (table.cq or last) or says_nothing):
        return None
    header = sheet.text(table.top, width + 1) or sheet.text(table.top, last)
    message = f"the line ends before its '{header}'"
    remedy = "The file may be cut: export it again."
    return sheet.problem("cut_line", message, row, width, remedy)


def missing_wells(
    table: ReactionTable, declared: ReactionTable | None, where: str, source: Source
) -> list[Problem]:
    """Report wells that another part of the file declares, and that the table does not have.

    Parameters
    ----------
    table
        The table of the Cq.
    declared
        The table of that other part; None if there is none.
    where
        What that part is called.
    source
        The file.
    """
    if declared is None or not declared.well or not table.well:
        return []
    names = [declared.column(meaning) for meaning in ("sample", "target")]
    rows = [row for row in declared.rows if any(c in declared.sheet.rows[row] for c in names)]
    wells = dict.fromkeys(well_in(declared.sheet, row, declared.well) for row in rows)
    found = {well_in(table.sheet, row, table.well) for row in table.rows}
    missing = [well for well in wells if well and well not in found]
    if not missing:
        return []
    listed = ", ".join(missing[:8]) + (f", … ({len(missing)} in all)" if missing[8:] else "")
    message = f"wells of '{where}' are missing from the results: {listed}"
    remedy = "The file is a part of a run or was cut: export all wells."
    return [Problem("partial_run", message, source.file, remedy=remedy)]


def no_table(source: Source, what: str) -> InputError:
    """An error of a file whose program is known, and whose table of results is not there."""
    held = ", ".join(f"'{sheet.name}'" for sheet in source.sheets if sheet.name)
    message = f"it holds no {what}" + (f"; its sheets are {held}" if held else "")
    remedy = "Export the results with wells, targets and Cq."
    return InputError([Problem("no_results", message, source.file, remedy=remedy)])
