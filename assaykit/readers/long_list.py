"""The long list: a header with a well column, then one line for each well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from assaykit.errors import InputError, Problem
from assaykit.plate import PLATE_FORMATS, canonical_well
from assaykit.readers.base import Reader, Reading, file_decimal_mark, is_number, is_word, read_cell
from assaykit.readers.labels import channel_name, parse_label, unit_of
from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import vendor_of
from assaykit.tables import WELLS
from assaykit.values import FLAG_MEANINGS, DecimalMark, cell_name, match_key, normalise, suggestion

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
    """

    sheet: Sheet
    top: int
    well: int
    special: Mapping[str, int]
    values: Mapping[int, str]

    @property
    def rows(self) -> list[int]:
        """Rows below the header that hold something."""
        return [row for row in self.sheet.rows if row > self.top]


def sniff(source: Source) -> bool:
    """Whether a file has a header with a well column, and is no instrument's own export."""
    return any(_header(sheet) for sheet in source.sheets) and not vendor_of(source)


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
    cells = [t.sheet.cells.get((row, c)) for t in tables for row in t.rows for c in t.values]
    decimal = file_decimal_mark(source, cells, problems)
    readings = [
        reading
        for table in tables
        for row in table.rows
        for reading in _line_readings(table, row, source, decimal, problems)
    ]
    if problems:
        raise InputError(problems)
    return readings


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
    for column in _columns(sheet, top):
        header = sheet.text(top, column)
        key = match_key(header)
        if key in _SPECIAL:
            special.setdefault(_SPECIAL[key], column)
        elif key not in _MAP | _WELL and _holds_readings(sheet, top, column, problems):
            values[column] = _channel(header)
    table = Table(sheet, top, well, special, values)
    problems += _header_problems(table)
    return table


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


def _line_readings(
    table: Table, row: int, source: Source, decimal: DecimalMark, problems: list[Problem]
) -> Iterator[Reading]:
    """Yield what stands in one line; a blank cell without a flag is no reading."""
    sheet, well = table.sheet, _well(table.sheet, row, table.well)
    said = {name: _said(table, row, name, problems) for name in table.special}
    plate = said.get("plate") or parse_label(sheet.name).plate or source.plate
    for column, header in table.values.items():
        found = read_cell(sheet, row, column, decimal=decimal, well=well)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        channel = channel_name(said["channel"]) if "channel" in said else header
        flag = found.flag or said.get("flag", "")
        if found.text or flag:
            unit = said.get("unit") or unit_of(channel)
            place = sheet.place(row, column)
            yield Reading(plate, well, channel, found.number, unit, flag, place)


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
