"""What a reader is, and what every reader needs: cells to readings, problems collected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.readers.source import Sheet, Source
from assaykit.tables import READINGS
from assaykit.values import DecimalMark, Value, decimal_mark, normalise, parse_value

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"[*<>]? ?[+-]?\d*[.,]?\d[\d.,]*([eE][+-]?\d+)?\*?")


# Columns of the readings table that only files of reactions (qPCR) say something in.
REACTION_COLUMNS: tuple[str, ...] = ("sample", "target", "task", "quantity")
_OPTIONAL_COLUMNS: tuple[str, ...] = (*REACTION_COLUMNS, "picture")


@dataclass(frozen=True)
class Reading:
    """One number from one file: a row of the readings table, whose columns these are.

    Sample, target, task (one of :data:`assaykit.tables.ROLES`) and the declared quantity of a
    standard are what a qPCR export says of the reaction beside its number. ``picture`` is where a
    picture is that has still to be measured; its number is missing.
    """

    plate: str
    well: str
    channel: str
    value: float
    unit: str
    flag: str
    source: str
    sample: str = ""
    target: str = ""
    task: str = ""
    quantity: float = math.nan
    picture: str = ""


@dataclass(frozen=True)
class Reader:
    """One kind of file that assaykit reads.

    Parameters
    ----------
    name
        What a person passes as ``format``.
    description
        What such a file looks like, for the message that nobody can read a file.
    sniff
        Whether a file is of this kind, from its cells alone; never raises.
    read
        The file's readings, in the order of the file. Raises :class:`InputError` with every
        problem at once; a file that is not whole is a problem.
    """

    name: str
    description: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Sequence[Reading]]


def readings_table(readings: Sequence[Reading], file: str) -> pd.DataFrame:
    """Readings as a table; a well that was read twice in one channel is an error.

    The columns sample, target, task, quantity and picture are there if any reading says something
    in them: the table of a plate reader has none of them.

    Parameters
    ----------
    readings
        What a reader found.
    file
        Name of the file, for messages.

    Raises
    ------
    InputError
        There is no reading, or a well stands twice in one channel of one plate (in qPCR: of one
        target).

    Examples
    --------
    >>> readings_table([Reading("p", "A1", "od_450", 0.5, "OD", "", "p.csv, line 2")], "p.csv")
      plate well channel  value unit flag         source
    0     p   A1  od_450    0.5   OD       p.csv, line 2
    """
    import pandas as pd

    from assaykit.tables import check_readings

    if not readings:
        remedy = "Check that it is the file you meant."
        raise InputError([Problem("no_reading", "it holds no reading", file, remedy=remedy)])
    problems = _read_twice(readings)
    if problems:
        raise InputError(problems)
    silent = {name for name in _OPTIONAL_COLUMNS if not any(_says(r, name) for r in readings)}
    names = [name for name in READINGS.names if name not in silent]
    rows = [[getattr(reading, name) for name in names] for reading in readings]
    return check_readings(pd.DataFrame(rows, columns=names))


def _says(reading: Reading, name: str) -> bool:
    value = getattr(reading, name)
    return not math.isnan(value) if isinstance(value, float) else value != ""


def _read_twice(readings: Sequence[Reading]) -> list[Problem]:
    first: dict[tuple[str, str, str, str], Reading] = {}
    problems = []
    for reading in readings:
        key = (reading.plate, reading.well, reading.channel, reading.target)
        earlier = first.setdefault(key, reading)
        if earlier is not reading:
            target = f" of the target {reading.target}" if reading.target else ""
            what = f"{reading.channel}{target} of plate {reading.plate}"
            message = f"{what} is read twice, here and in {earlier.source}"
            remedy = "Keep one, or name two channels or two plates."
            problem = Problem("read_twice", message, reading.source, well=reading.well)
            problems.append(replace(problem, remedy=remedy))
    return problems


def describe(readings: pd.DataFrame) -> str:
    """How many plates, wells, targets and channels were found, in words.

    Examples
    --------
    >>> describe(readings_table([Reading("p", "A1", "cq", 21.5, "", "", "")], "p.csv"))
    '1 plate (p), 1 well, 1 channel (cq)'
    """
    plates = list(dict.fromkeys(readings["plate"]))
    channels = list(dict.fromkeys(readings["channel"]))
    wells = len(readings[["plate", "well"]].drop_duplicates())
    found = [("plate", plates), ("channel", channels)]
    if "target" in readings:
        named = [target for target in dict.fromkeys(readings["target"]) if target]
        found.insert(1, ("target", named))
    counts = [f"{_count(len(names), word)} ({', '.join(names)})" for word, names in found if names]
    return ", ".join([counts[0], _count(wells, "well"), *counts[1:]])


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def is_number(value: object) -> bool:
    """Whether a cell holds a number, with whatever decimal mark; instrument words are none.

    Examples
    --------
    >>> is_number(0.5), is_number("−1,5"), is_number("OVRFLW"), is_number("2026-03-01")
    (True, True, False, False)
    """
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    return isinstance(value, str) and _NUMBER.fullmatch(normalise(value)) is not None


def is_word(value: object) -> bool:
    """Whether a cell holds an instrument's word instead of a number.

    Examples
    --------
    >>> is_word("OVRFLW"), is_word("Undetermined"), is_word("control"), is_word(0.5)
    (True, True, False, False)
    """
    try:
        return not is_number(value) and parse_value(value).flag != ""
    except InputError:
        return False


def file_decimal_mark(
    source: Source, values: Iterable[object], problems: Sequence[Problem] = ()
) -> DecimalMark:
    """Decide the decimal mark of a whole file from all its readings.

    In a file separated by semicolons ``1,250`` alone is a decimal comma: that is why the
    semicolon is there.

    Parameters
    ----------
    source
        The file.
    values
        What stands in the cells of all its readings.
    problems
        Problems found so far, to be raised with this one: without a decimal mark no cell can be
        looked at.

    Raises
    ------
    InputError
        Points and commas contradict each other, or ``1,250`` could be either.

    Examples
    --------
    >>> file_decimal_mark(Source("a.csv", "a", "text", (), separator=";"), ["1,250"])
    ','
    """
    texts = [value for value in values if isinstance(value, str)]
    try:
        return decimal_mark(texts)
    except InputError as error:
        if source.separator == ";" and not any("." in text for text in texts):
            return ","
        found = [replace(p, code="decimal_mark", file=source.file) for p in error.problems]
        raise InputError([*problems, *found]) from None


def read_cell(
    sheet: Sheet, row: int, column: int, *, decimal: DecimalMark, well: str
) -> Value | Problem:
    """Read one cell as a number or instrument word, or say what is wrong with it.

    Parameters
    ----------
    sheet, row, column
        Where it stands.
    decimal
        The decimal mark of the file.
    well
        The well that it belongs to, for messages.

    Examples
    --------
    >>> read_cell(Sheet("a.csv", "", {(2, 3): "0,5"}), 2, 3, decimal=",", well="A1").number
    0.5
    """
    value = sheet.cells.get((row, column))
    try:
        return parse_value(value, decimal)
    except InputError as error:
        place = sheet.problem("", "", row, column)
        (found,) = error.problems
        if isinstance(value, str) and value.startswith("="):
            found = Problem(
                "formula_without_value", "the formula has no stored value",
                remedy="Open the file in Excel and save it, or type the number.",
            )  # fmt: skip
        return replace(found, file=place.file, sheet=place.sheet, cell=place.cell, well=well)
