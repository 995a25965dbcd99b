"""The long list: a header with a well column, then one line for each well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from assaykit.errors import InputError, Problem
from assaykit.plate import PLATE_FORMATS, canonical_well
from assaykit.readers.base import Reader, Reading, is_number, is_word, read_cell
from assaykit.readers.labels import channel_name, parse_label, unit_of
from assaykit.readers.reaction_tables import ReactionTable, Work, cq_in, named_twice, reaction_in
from assaykit.readers.reactions import COLUMNS, cq_decimal_mark
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import vendor_of
from assaykit.tables import WELLS
from assaykit.values import (
    FLAG_MEANINGS,
    DecimalMark,
    Value,
    cell_name,
    match_key,
    normalise,
    suggestion,
)

_WELL = frozenset(
    {"well", "wells", "wellname", "wellid", "wellposition", "wellpos", "position", "pos", "ウェル"}
)
# What a column may say beside the well and its readings, by the key of its header.
_SPECIAL: Mapping[str, str] = {
    **dict.fromkeys(("plate", "platename", "plateid", "platebarcode", "barcode"), "plate"),
    **dict.fromkeys(("channel", "wavelength", "wavelengthnm", "波長"), "channel"),
    "unit": "unit",
    "flag": "flag",
}
# Columns that belong to the plate map: never readings, even where they hold numbers.
_MAP = frozenset(
    {match_key(name) for name in WELLS.names}
    | {"samplename", "sampleid", "name", "id", "type", "content", "task", "target", "targetname"}
    | {"gene", "fluor", "dye", "reporter", "group", "condition", "treatment", "genotype", "no"}
    | {"replicate", "dilution", "concentration", "conc", "comment", "note", "remark", "source"}
    | {"col", "omit", "date", "time", "サンプル", "試料", "備考"}
)
# What a list with a Cq says of each reaction, beside what vendors call it.
_OF_REACTIONS: Mapping[str, str] = {**COLUMNS, "name": "sample"}
_FEWEST_CYCLES = 10  # so many columns called 1, 2, 3, ... are amplification curves
_READING_WORDS = frozenset(
    {"value", "values", "signal", "rfu", "rlu", "fluorescence", "luminescence", "intensity"}
    | {"reading", "result", "raw", "rawdata", "値", "測定値"}
)


@dataclass(frozen=True)
class Table:
    """Where a long list stands and what its columns are.

    Parameters
    ----------
    sheet
        Where it stands.
    top
        Row of its header.
    well
        Column of the well names.
    special
        ``plate``, ``channel``, ``unit`` or ``flag`` to its column, where there is one.
    values
        Column to channel, for each column of readings.
    reactions
        What a list with a Cq says of each reaction, in the columns of sample, target, task,
        quantity and omit.
    """

    sheet: Sheet
    top: int
    well: int
    special: Mapping[str, int]
    values: Mapping[int, str]
    reactions: ReactionTable

    @property
    def rows(self) -> list[int]:
        """Rows below the header that hold something."""
        return [row for row in self.sheet.rows if row > self.top]


def sniff(source: Source) -> bool:
    """Whether a file has a header with a well column, and is no instrument's own export."""
    return not vendor_of(source) and any(_header(sheet) for sheet in source.sheets)


def read(source: Source) -> list[Reading]:
    """Read every list of a file, one to a sheet.

    Parameters
    ----------
    source
        An opened file.

    Raises
    ------
    InputError
        A line is cut, a well or a number is none, a column mixes numbers and text, or no column
        holds readings. All problems are listed.
    """
    problems: list[Problem] = []
    headers = [(sheet, header) for sheet in source.sheets if (header := _header(sheet))]
    tables = [_table(sheet, *header, problems) for sheet, header in headers]
    problems += [problem for table in tables for problem in _line_problems(table, source)]
    if not tables:
        problems.append(Problem("no_list", "no header with a well column was found", source.file))
    work = Work(problems, _decimal_mark(source, tables, problems))
    readings = [
        reading
        for table in tables
        for row in table.rows
        for reading in _line_readings(table, row, source, work)
    ]
    if problems:
        raise InputError(problems)
    return readings


def _decimal_mark(source: Source, tables: list[Table], problems: list[Problem]) -> DecimalMark:
    cqs: list[object] = []
    others = [v for t in tables for v in t.reactions.cells(t.reactions.columns.get("quantity", ()))]
    for table in tables:
        for column, channel in table.values.items():
            cells = [table.sheet.cells.get((row, column)) for row in table.rows]
            (cqs if channel == "cq" else others).extend(cells)
    return cq_decimal_mark(source, cqs, others, problems)


LONG_LIST = Reader(
    "long_list",
    "long list: a header with Well and one or several columns of readings, then one line per "
    "well (.xlsx, .csv, .txt)",
    sniff,
    read,
)


# Header -----------------------------------------------------------------------------------


def _header(sheet: Sheet) -> tuple[int, int] | None:
    """Row of the header and column of the well names, if the sheet holds a list."""
    for row, cells in sheet.rows.items():
        named = [column for column in cells if match_key(sheet.text(row, column)) in _WELL]
        for column in named if len(cells) > 1 else []:
            if any(_well(sheet, below, column) for below in sheet.rows if below > row):
                return row, column
    return None


def _well(sheet: Sheet, row: int, column: int) -> str:
    """Name of the well in a cell; empty if it is none."""
    try:
        well = canonical_well(sheet.text(row, column))
    except InputError:
        return ""
    return well if well in PLATE_FORMATS[1536] else ""


def _table(sheet: Sheet, top: int, well: int, problems: list[Problem]) -> Table:
    special: dict[str, int] = {}
    values: dict[int, str] = {}
    said = _reaction_columns(sheet, top)
    taken = {column for columns in said.values() for column in columns}
    for column in _columns(sheet, top):
        header = sheet.text(top, column)
        key = match_key(header)
        if key in _SPECIAL:
            special.setdefault(_SPECIAL[key], column)
        elif (
            column not in taken
            and key not in _MAP | _WELL
            and _holds_readings(sheet, top, column, problems)
        ):
            values[column] = _channel(header)
    reactions = ReactionTable(sheet, top, max(sheet.rows), well, said, {})
    table = Table(sheet, top, well, special, values, reactions)
    problems += [*_header_problems(table), *named_twice(reactions)]
    return table


def _reaction_columns(sheet: Sheet, top: int) -> dict[str, tuple[int, ...]]:
    """Columns of sample, target, task, quantity and omit, in a list that holds a Cq."""
    said: dict[str, tuple[int, ...]] = {}
    if not _holds_cq(sheet, top):
        return said
    for column in _columns(sheet, top):
        meaning = _OF_REACTIONS.get(match_key(sheet.text(top, column)), "cq")
        if meaning != "cq":
            said[meaning] = (*said.get(meaning, ()), column)
    return said


def _holds_cq(sheet: Sheet, top: int) -> bool:
    """Whether a header, or a line of the column Channel, says Cq."""
    for column in _columns(sheet, top):
        header = sheet.text(top, column)
        rows = [row for row in sheet.rows if row > top]
        if channel_name(header) == "cq" or (
            _SPECIAL.get(match_key(header)) == "channel"
            and any(channel_name(sheet.text(row, column)) == "cq" for row in rows)
        ):
            return True
    return False


def _columns(sheet: Sheet, top: int) -> list[int]:
    return sorted({column for row, column in sheet.cells if row >= top})


def _channel(header: str) -> str:
    return channel_name(header) or "_".join(header.casefold().split())


def _holds_readings(sheet: Sheet, top: int, column: int, problems: list[Problem]) -> bool:
    """Whether a column holds readings: by its name, or because every cell is a number."""
    header = sheet.text(top, column)
    cells = {row: sheet.cells[row, column] for row in sheet.rows if (row, column) in sheet.cells}
    below = {row: value for row, value in cells.items() if row > top}
    if not header:
        problems.append(_unnamed_column(sheet, min(below), column))
        return False
    if match_key(header) in _READING_WORDS or _is_reading_channel(channel_name(header)):
        return True
    texts = [row for row, value in below.items() if not is_number(value) and not is_word(value)]
    numbers = any(map(is_number, below.values()))
    if numbers and texts:
        problems.append(_mixed_column(sheet, header, texts[0], column))
    return numbers


def _is_reading_channel(channel: str) -> bool:
    return channel in ("od", "cq") or unit_of(channel) == "OD"


def _unnamed_column(sheet: Sheet, row: int, column: int) -> Problem:
    message = f"found '{sheet.text(row, column)}' in a column without a name"
    remedy = (
        "Name the column in the header. Decimal commas need tabs or semicolons between columns."
    )
    return sheet.problem("unnamed_column", message, row, column, remedy)


def _mixed_column(sheet: Sheet, header: str, row: int, column: int) -> Problem:
    message = f"the column '{header}' holds numbers, and the text '{sheet.text(row, column)}'"
    remedy = "Correct the text, or rename the column to Note if it holds no readings."
    return sheet.problem("mixed_column", message, row, column, remedy)


def _header_problems(table: Table) -> list[Problem]:
    sheet, top = table.sheet, table.top
    if not table.values:
        remedy = "Name the column of the readings, such as OD, A450, Cq or Value."
        return [sheet.problem("no_readings_column", "no column holds readings", top, 0, remedy)]
    cycles = [column for column in table.values if sheet.text(top, column).isdecimal()]
    if len(cycles) >= _FEWEST_CYCLES and not table.reactions.columns:
        message = f"the columns of {len(cycles)} cycles or temperatures are curves, and not a Cq"
        remedy = "Analyse the curves in a program that computes the Cq, and export a column Cq."
        return [sheet.problem("curves", message, top, cycles[0], remedy)]
    channels = list(table.values.values())
    if "channel" in table.special and len(channels) > 1:
        message = f"a channel column, and the readings {', '.join(channels)}"
        return [sheet.problem("two_layouts", message, top, 0, "Keep one column of readings.")]
    twice = [c for i, c in enumerate(table.values) if table.values[c] in channels[:i]]
    return [_duplicate_column(table, column) for column in twice]


def _duplicate_column(table: Table, column: int) -> Problem:
    message = f"two columns are both the channel {table.values[column]}"
    remedy = "Give them different names."
    return table.sheet.problem("duplicate_column", message, table.top, column, remedy)


# Lines ------------------------------------------------------------------------------------


def _line_problems(table: Table, source: Source) -> list[Problem]:
    """Report what is wrong with the lines apart from their numbers."""
    return [
        problem
        for row in table.rows
        for problem in (_cut_line(table, row, source), _well_problem(table, row))
        if problem is not None
    ]


def _cut_line(table: Table, row: int, source: Source) -> Problem | None:
    sheet, last = table.sheet, max((table.well, *table.special.values(), *table.values))
    width = sheet.widths.get(row, last)
    open_end = source.ends_open and row == max(sheet.widths) and (row, last) not in sheet.cells
    if width >= last and not open_end:
        return None
    header = sheet.text(table.top, last)
    message = f"the line ends before its '{header}'"
    remedy = "The file may be cut: export it again. A blank value needs its separators."
    return sheet.problem("cut_line", message, row, width, remedy)


def _well_problem(table: Table, row: int) -> Problem | None:
    sheet = table.sheet
    if _well(sheet, row, table.well):
        return None
    message = f"found '{sheet.text(row, table.well)}', expected a well such as A1"
    remedy = "Give each line its well, and remove lines that belong to no well."
    return sheet.problem("not_a_well", message, row, table.well, remedy)


def _line_readings(table: Table, row: int, source: Source, work: Work) -> Iterator[Reading]:
    """Yield what stands in one line; a blank cell without a flag is no reading."""
    sheet = table.sheet
    said = {name: _said(table, row, name, work.problems) for name in table.special}
    plate = said.get("plate") or parse_label(sheet.name).plate or source.plate
    reaction = reaction_in(replace(table.reactions, plate=plate), row, work)
    for column, header in table.values.items():
        channel = channel_name(said["channel"]) if "channel" in said else header
        found = _value(table, row, column, channel, reaction, work)
        if found is None:
            continue
        flags = [found.flag, said.get("flag", "")]
        if channel == "cq":
            flags.reverse()  # a blank that the flag explains is not undetermined
        flag = next(filter(None, (reaction.flag, *flags)), "")
        if found.text or flag:
            unit = said.get("unit") or unit_of(channel)
            place = sheet.place(row, column)
            yield replace(
                reaction, channel=channel, value=found.number, unit=unit, flag=flag, source=place
            )


def _value(
    table: Table, row: int, column: int, channel: str, reaction: Reading, work: Work
) -> Value | None:
    """Read one cell of a channel; None if it is empty or a problem."""
    if channel == "cq":
        return cq_in(table.reactions, row, column, reaction, work)
    found = read_cell(table.sheet, row, column, decimal=work.decimal, well=reaction.well)
    if isinstance(found, Problem):
        work.problems.append(found)
        return None
    return found


def _said(table: Table, row: int, name: str, problems: list[Problem]) -> str:
    """What a line says in its plate, channel, unit or flag column."""
    sheet, column = table.sheet, table.special[name]
    try:
        text = normalise(cell_name(sheet.cells.get((row, column))))
    except InputError as error:
        place = sheet.problem("", "", row, column)
        problems += [replace(p, sheet=place.sheet, cell=place.cell, file=sheet.file)
                     for p in error.problems]  # fmt: skip
        return ""
    if name in ("plate", "channel") and not text:
        message = f"the {name} is missing"
        problems.append(sheet.problem(f"no_{name}", message, row, column, "Fill it in."))
    if name == "flag" and text and text not in FLAG_MEANINGS:
        message = f"'{text}' is not a flag"
        remedy = suggestion(text, FLAG_MEANINGS)
        problems.append(sheet.problem("unknown_flag", message, row, column, remedy))
    return text
