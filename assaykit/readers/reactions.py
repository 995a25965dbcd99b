"""Reactions of a qPCR plate: what the columns, tasks and Cq cells of an export say.

Every program has its own words for the same things. Known words become the words of this
project (a role, a flag); unknown ones are problems, never guesses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from assaykit.errors import InputError, Problem
from assaykit.readers.base import file_decimal_mark, read_cell
from assaykit.readers.source import Sheet, Source
from assaykit.tables import ROLES
from assaykit.values import DecimalMark, Value, cell_name, decimal_mark, match_key, normalise

# Header of a column, without case, spaces and hyphens, to what the column says.
WELL_COLUMNS = frozenset({"well", "wellposition", "wellname", "position", "pos"})
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("sample", "samplename", "sampleid"), "sample"),
    **dict.fromkeys(("target", "targetname", "gene", "genename"), "target"),
    **dict.fromkeys(("detector", "detectorname", "assay", "assayname"), "target"),
    **dict.fromkeys(("task", "content", "sampletype", "role"), "task"),
    **dict.fromkeys(("quantity", "qty", "startingquantity", "sq"), "quantity"),
    "startingquantity(sq)": "quantity",
    **dict.fromkeys(("omit", "omitted", "excluded", "filtered"), "omit"),
    "include": "include",
    **dict.fromkeys(("cq", "ct", "cт", "crt", "crт", "cp"), "cq"),
}
_ROLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "sample": ("unknown", "unkn", "unk", "target", "endogenouscontrol", "endo"),
    "standard": ("std",),
    "ntc": ("notemplatecontrol", "notemplate"),
    "nrt": ("nort", "minusrt", "noreversetranscriptase", "noreversetranscriptasecontrol"),
    "positive_control": ("posctrl", "pos", "positive", "ipc"),
    "negative_control": ("negctrl", "neg", "negative", "nac", "ntp", "blockedipc"),
    "calibrator": ("irc", "interruncalibrator", "cal"),
    "blank": ("opt",),
}
_ROLE_OF: Mapping[str, str] = {
    **{match_key(role): role for role in ROLES},
    **{word: role for role, words in _ROLE_WORDS.items() for word in words},
}
_NO_CQ_WORDS = frozenset({"noct", "nocт", "nocq", "nocp", "undet", "undet.", "n.a.", "notdetected"})
_NO_CQ_FLAGS = frozenset({"no_value", "undetermined", "above_range"})
_MOST_CYCLES = 100
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"", "false", "no", "0"})
_MELT = re.compile(r"(?:(tm|melttemperature)|(?:melt)?peakheight)([1-9]\d?)?")


def melt_column(header: str) -> tuple[str, int] | None:
    """What a column of a melting curve's peaks holds: a kind, and the peak's number (0: none).

    Examples
    --------
    >>> melt_column("Tm2"), melt_column("Melt Peak Height"), melt_column("Task")
    (('tm', 2), ('melt_peak_height', 0), None)
    """
    match = _MELT.fullmatch(match_key(header))
    if not match:
        return None
    return "tm" if match[1] else "melt_peak_height", int(match[2] or 0)


def role_of(task: str) -> str | None:
    """The role that a task, content or sample type means; None if the word is unknown.

    Examples
    --------
    >>> role_of("UNKNOWN"), role_of("Std-03"), role_of("Neg Ctrl"), role_of(""), role_of("odd")
    ('sample', 'standard', 'negative_control', '', None)
    """
    key = match_key(task)
    if not key:
        return ""
    return _ROLE_OF.get(key) or _ROLE_OF.get(key.rstrip("0123456789"))


def unknown_task(text: str) -> tuple[str, str]:
    """Message and remedy for a task that is not known."""
    message = f"'{text}' is not a task that is known"
    return message, f"Known are UNKNOWN, STANDARD, NTC, NRT and {', '.join(ROLES)}."


def is_quantity_of(task: str) -> bool:
    """Whether a quantity beside this task was declared; for samples programs print results.

    Examples
    --------
    >>> is_quantity_of("standard"), is_quantity_of("sample"), is_quantity_of("")
    (True, False, True)
    """
    return task in ("", "standard", "qc", "calibrator")


def yes_or_no(text: str) -> bool | None:
    """What a cell says that holds yes or no, in whatever words; None if it says neither.

    Examples
    --------
    >>> yes_or_no("FALSE"), yes_or_no("True"), yes_or_no(""), yes_or_no("maybe")
    (False, True, False, None)
    """
    key = match_key(text)
    return True if key in _YES else False if key in _NO else None


def as_cq(found: Value, declared: bool) -> Value | str | None:
    """A value as a Cq in cycles: a number, or ``undetermined`` where there was none.

    Parameters
    ----------
    found
        What a cell says. ``-1``, N/A and ``> 40`` say the same as "Undetermined".
    declared
        Whether the file says that something is in the well: a blank is then undetermined.

    Returns
    -------
    Value, str or None
        None for a blank of an empty well; a text says why the number cannot be a Cq.

    Examples
    --------
    >>> as_cq(Value(-1.0, "", "-1"), True).flag
    'undetermined'
    >>> as_cq(Value(21187.7, "", "21,187.7"), True)
    'found 21,187.7, expected a Cq between 0 and 100 cycles'
    """
    if not found.text and not declared:
        return None
    undetermined = Value(math.nan, "undetermined", found.text)
    if not found.text or found.flag in _NO_CQ_FLAGS or found.number == -1:
        return undetermined
    if math.isnan(found.number):
        return undetermined if not found.flag else found
    if not 0 < found.number <= _MOST_CYCLES:
        return f"found {found.text.strip()}, expected a Cq between 0 and {_MOST_CYCLES} cycles"
    return found


def cq_cell(
    sheet: Sheet, row: int, column: int, *, decimal: DecimalMark, well: str, declared: bool
) -> Value | Problem | None:
    """Read the Cq of one cell; None where a well is empty.

    Parameters
    ----------
    sheet, row, column, decimal, well
        As for :func:`assaykit.readers.base.read_cell`.
    declared
        As for :func:`as_cq`.

    Examples
    --------
    >>> sheet = Sheet("a.csv", "", {(2, 1): "No Ct"})
    >>> cq_cell(sheet, 2, 1, decimal=".", well="A1", declared=True).flag
    'undetermined'
    """
    text = sheet.text(row, column)
    if match_key(text) in _NO_CQ_WORDS:
        return Value(math.nan, "undetermined", text)
    found = read_cell(sheet, row, column, decimal=decimal, well=well)
    if isinstance(found, Problem):
        return found
    cq = as_cq(found, declared)
    if not isinstance(cq, str):
        return cq
    place = sheet.problem("", "", row, column)
    remedy = "Check the decimal mark of the file, and that this column holds the Cq."
    return Problem("not_a_cq", cq, place.file, place.sheet, place.cell, well, remedy)


def cq_decimal_mark(
    source: Source, cqs: Sequence[object], others: Sequence[object], problems: Sequence[Problem]
) -> DecimalMark:
    """Decide the decimal mark of a qPCR export from all its numbers.

    No Cq has thousands: ``30,155`` in the column of the Cq can only be a decimal comma, which
    :func:`assaykit.readers.base.file_decimal_mark` could not tell.

    Parameters
    ----------
    source, problems
        As for :func:`assaykit.readers.base.file_decimal_mark`.
    cqs, others
        What stands in the cells of all Cq, and of all other numbers.

    Raises
    ------
    InputError
        Points and commas contradict each other, or the file can be read either way.

    Examples
    --------
    >>> cq_decimal_mark(Source("a.csv", "a", "text", ()), ["30,155"], ["1.250,0"], [])
    ','
    """
    texts = [normalise(value) for value in cqs if isinstance(value, str)]
    comma = next((text for text in texts if re.fullmatch(r"\d{1,2},\d+", text)), "")
    if not comma:
        return file_decimal_mark(source, [*cqs, *others], problems)
    every = [*texts, *(normalise(value) for value in others if isinstance(value, str))]
    point = next((text for text in every if _has_decimal_point(text)), "")
    if not point:
        return ","
    message = f"found both '{comma}' and '{point}': decimal commas and decimal points are mixed"
    mixed = Problem("decimal_mark", message, source.file, remedy="Use one decimal mark throughout.")
    raise InputError([*problems, mixed])


def _has_decimal_point(text: str) -> bool:
    try:
        return "." in text and any(c.isdigit() for c in text) and decimal_mark([text]) == "."
    except InputError:
        return False


def name_cell(sheet: Sheet, row: int, column: int, problems: list[Problem]) -> str:
    """Read a name of one cell; a name that Excel turned into a date or number is a problem."""
    try:
        return normalise(cell_name(sheet.cells.get((row, column))))
    except InputError as error:
        for problem in error.problems:
            place = sheet.problem(problem.code, problem.message, row, column, problem.remedy)
            problems.append(place)
        return ""
