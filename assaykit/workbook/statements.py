"""Cells become numbers, names and choices; the same statement in two places must agree."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Address, Sheet, cell_address
from assaykit.values import (
    DecimalMark,
    Value,
    cell_name,
    decimal_mark,
    match_key,
    normalise,
    parse_value,
    suggestion,
)
from assaykit.workbook.fields import Entry, Field, Vocabulary, at, value_problems, warning
from assaykit.workbook.spec import Variable

YES_NO = ("yes", "no")
_TYPE_NUMBER = "Type the number, or leave the cell empty."


Content = str | float | bool | Value
Reader = Callable[[object], Content]


@dataclass(frozen=True)
class Said:
    """One statement: what was said, and in which cell."""

    value: Content
    sheet: Sheet
    address: Address

    @property
    def cell(self) -> tuple[Sheet, Address]:
        """Its sheet and address."""
        return self.sheet, self.address

    @property
    def place(self) -> str:
        """Sheet and cell, such as ``Plate!C5``."""
        return f"{self.sheet.name}!{cell_address(*self.address)}"


@dataclass(frozen=True)
class Statements:
    """All that a workbook says of its wells.

    Parameters
    ----------
    values
        By variable and well.
    readings
        By channel and well; each value is a :class:`assaykit.values.Value`.
    """

    values: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)

    def of(self, variable: str) -> Mapping[str, Said]:
        """What is said of one variable, by well."""
        return self.values.get(variable, {})

    def text(self, variable: str, well: str) -> str:
        """A statement as text; empty where there is none."""
        said = self.of(variable).get(well)
        return str(said.value) if said else ""


def read_statements(
    fields: Iterable[Field], vocabulary: Vocabulary
) -> tuple[Statements, list[Problem]]:
    """Read every cell of every field, and unite Plate with Wells.

    Parameters
    ----------
    fields
        The blocks of Plate and the columns of Wells.
    vocabulary
        What the names mean.

    Returns
    -------
    statements, problems
        What could be read, and every cell that could not, with what was expected there.
    """
    values: dict[str, dict[str, Said]] = {}
    readings: dict[str, dict[str, Said]] = {}
    problems: list[Problem] = []
    for item in fields:
        if item.name in vocabulary.unused:
            continue
        variable = vocabulary.variable(item.name)
        said, found = _read_field(item, variable, vocabulary)
        target = (readings if variable is None else values).setdefault(item.name, {})
        conflicts = _conflicts(item.name, target, said)
        problems += found + conflicts + _remarks(item)
        target.update({well: one for well, one in said.items() if well not in target})
    return Statements(values, readings), problems


def _read_field(
    item: Field, variable: Variable | None, vocabulary: Vocabulary
) -> tuple[dict[str, Said], list[Problem]]:
    """Read one block or column; its decimal mark is decided from all of its texts."""
    mark, problems = _decimal(item, variable)
    read = _design_reader(variable, vocabulary) or _reader(variable, mark or ".")
    said: dict[str, Said] = {}
    for entry in item.entries:
        if mark is None and isinstance(entry.cell.value, str):
            continue
        found = value_problems(item.sheet, entry.address, entry.well)
        if not found:
            try:
                said[entry.well] = Said(read(entry.cell.value), item.sheet, entry.address)
            except InputError as error:
                found = [_placed(problem, item, entry) for problem in error.problems]
        problems += found
    return said, problems


def _placed(problem: Problem, item: Field, entry: Entry) -> Problem:
    message = f"{item.name}: {problem.message}"
    return at(item.sheet, entry.address, problem.code, message, remedy=problem.remedy,
              well=entry.well)  # fmt: skip


def _decimal(item: Field, variable: Variable | None) -> tuple[DecimalMark | None, list[Problem]]:
    """The decimal mark of a field's numbers; None if its texts contradict each other."""
    if variable is not None and variable.kind not in ("number", "count"):
        return ".", []
    texts = [entry.cell.value for entry in item.entries if isinstance(entry.cell.value, str)]
    try:
        return decimal_mark(texts), []
    except InputError as error:
        message = f"{item.name}: {error.problems[0].message}"
        return None, [at(item.sheet, item.address, "decimal_mark", message)]


def _reader(variable: Variable | None, mark: DecimalMark) -> Reader:
    """What turns the cells of a variable, or of a reading, into values."""
    if variable is None:
        return lambda raw: _finite(raw, mark)
    if variable.kind == "yes_no":
        return _yes_no
    if variable.kind in ("number", "count"):
        return lambda raw: _within(_number(raw, mark, whole=variable.kind == "count"), variable)
    words = dict(variable.words)
    return lambda raw: _choice(raw, variable.choices, words) if variable.choices else cell_name(raw)


def _design_reader(variable: Variable | None, vocabulary: Vocabulary) -> Reader | None:
    """What reads the cells of a factor or of a block of the design; None for other variables."""
    if variable in vocabulary.blocks:
        return _block_level
    if variable is not None and variable in vocabulary.factors:
        return lambda raw: _level(raw, variable.choices)
    return None


def _block_level(raw: object) -> str:
    """A person's word for a day, an operator, ...; a date is one, too."""
    if isinstance(raw, datetime.datetime) and raw.time() == datetime.time():
        return raw.date().isoformat()
    return cell_name(raw).strip()


def _finite(raw: object, mark: DecimalMark) -> Value:
    """A reading: a number, or a known word of an instrument."""
    if isinstance(raw, (datetime.date, datetime.time, datetime.timedelta)):
        raise _expected(f"a date or time ({raw})", "a number", "Set the cell's format to Number")
    if isinstance(raw, bool):
        raise _expected(str(raw).upper(), "a number", _TYPE_NUMBER)
    value = parse_value(raw, mark)
    if math.isinf(value.number):
        raise _expected(f"'{value.text}'", "a number", _TYPE_NUMBER)
    return value


def _number(raw: object, mark: DecimalMark, *, whole: bool) -> float:
    value = _finite(raw, mark)
    if value.flag:
        raise _expected(f"'{value.text}'", "a number", _TYPE_NUMBER)
    if whole and not value.number.is_integer():
        raise _expected(f"{value.number:g}", "a whole number", _TYPE_NUMBER)
    return value.number


def _within(number: float, variable: Variable) -> float:
    """The number, if it is not outside of what can be."""
    low, high = variable.least, variable.most
    if (low is None or number >= low) and (high is None or number <= high):
        return number
    if low is not None and high is not None:
        expected = f"{low:g} to {high:g}"
    else:
        expected = f"{high:g} or less" if low is None else f"{low:g} or more"
    message = f"found {number:g}, expected {expected}"
    remedy = f"{variable.name} is {variable.meaning}."
    raise InputError([Problem("out_of_bounds", message, remedy=remedy)])


def _expected(found: str, expected: str, remedy: str) -> InputError:
    message = f"found {found}, expected {expected}"
    return InputError([Problem("not_a_number", message, remedy=remedy)])


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    return _choice(raw, YES_NO) == "yes"


def _choice(raw: object, choices: tuple[str, ...], words: Mapping[str, str] | None = None) -> str:
    """One of our own words, or what other programs write for it, whatever its case and spaces."""
    text = normalise(cell_name(raw))
    meant = {choice: choice for choice in choices} | dict(words or {})
    for word, choice in meant.items():
        if match_key(word) == match_key(text):
            return choice
    message = f"found '{text}', expected one of {', '.join(choices)}"
    raise InputError([Problem("unknown_choice", message, remedy=suggestion(text, choices))])


def _level(raw: object, levels: tuple[str, ...]) -> str:
    """One of a person's words: it must be written as on the Design sheet."""
    text = cell_name(raw)
    for level in levels:
        if text == level or (normalise(text) == normalise(level) and text == text.strip()):
            return level
    for level in levels:
        if normalise(text).casefold() == normalise(level).casefold():
            message = f"'{text}' differs from the level '{level}' only in case or spaces"
            raise InputError([Problem("unknown_level", message, remedy=f"Write '{level}'.")])
    message = f"found '{text}', which is no level of this factor on the sheet Design"
    remedy = suggestion(text, levels) if levels else "Declare its levels there."
    raise InputError([Problem("unknown_level", message, remedy=remedy)])


def _conflicts(name: str, first: Mapping[str, Said], second: Mapping[str, Said]) -> list[Problem]:
    """Wells of which two places say different things."""
    return [
        at(one.sheet, one.address, "conflict",
           f"{name} is '{_words(one.value)}' here, but '{_words(first[well].value)}' in "
           f"{first[well].place}",
           remedy="Make them agree, or empty one of the two cells.", well=well)
        for well, one in second.items()
        if well in first and _words(one.value) != _words(first[well].value)
    ]  # fmt: skip


def _words(value: Content) -> str:
    """A statement in the form in which two of them are compared."""
    if isinstance(value, Value):
        return value.flag if math.isnan(value.number) else f"{value.number!r} {value.flag}".strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return normalise(value) if isinstance(value, str) else repr(value)


def _remarks(item: Field) -> list[Problem]:
    """Cells that are read although a person may not know it: formulas and hidden ones."""
    computed = [e for e in item.entries if e.cell.is_formula and e.cell.value is not None]
    hidden = [e for e in item.entries if item.sheet.hides(*e.address)]
    return [
        *(_remark(item.sheet, e, "formula", "a formula; its last saved value is used",
                  "Check that the workbook was computed before it was saved.") for e in computed),
        *(_remark(item.sheet, e, "hidden", "a hidden or filtered cell; it is read like others",
                  "Show it, or empty it if it should not count.") for e in hidden),
    ]  # fmt: skip


def _remark(sheet: Sheet, entry: Entry, code: str, message: str, remedy: str) -> Problem:
    return warning(at(sheet, entry.address, code, message, remedy=remedy, well=entry.well))
