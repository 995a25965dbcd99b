"""Text from instruments and people becomes a number and a flag, or a name; nothing is guessed.

Instruments write ``OVRFLW`` where a number should be, people write ``２４．５`` or ``1,5``, and
Excel makes a date of ``SEPT2``. Known words become flags, unknown ones are errors.
"""

from __future__ import annotations

import datetime
import difflib
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assaykit.errors import InputError, Problem

DecimalMark = Literal[".", ","]

FLAG_MEANINGS: dict[str, str] = {
    "saturated": "the detector was at its limit; the true value is higher",
    "below_range": "the instrument said: below its range",
    "above_range": "the instrument said: above its range",
    "out_of_range": "the instrument said: out of its range",
    "no_value": "the instrument gave no value",
    "pathlength_missing": "the path length was not measured",
    "masked": "masked by a person in the instrument's software",
    "undetermined": "no amplification was detected",
    "no_reading": "the plate map has this well, the data do not",
    "not_in_map": "the data have this well, the plate map does not",
}

_FLAG_WORDS: dict[str, str] = {
    "ovrflw": "saturated",
    "overflow": "saturated",
    "over": "saturated",
    "sat": "saturated",
    "#sat": "saturated",
    "#high": "saturated",
    "#low": "below_range",
    "< min": "below_range",
    "<min": "below_range",
    "> max": "above_range",
    ">max": "above_range",
    "range?": "out_of_range",
    "path?": "pathlength_missing",
    "undetermined": "undetermined",
    "missed": "no_value",
    "n/a": "no_value",
    "na": "no_value",
    "nan": "no_value",
    "-": "no_value",
    "--": "no_value",
}
_EXCEL_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_MINUS = dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"), "-")
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True)
class Value:
    """What one cell or field of an instrument says.

    Parameters
    ----------
    number
        The number; ``nan`` where there is none.
    flag
        A key of :data:`FLAG_MEANINGS`, or empty.
    text
        What was written, unchanged.
    """

    number: float
    flag: str
    text: str


def normalise(text: str) -> str:
    """Text in one form for matching: NFKC, one minus sign, single spaces, no zero-width marks.

    Examples
    --------
    >>> normalise(" Ａ１ ")
    'A1'
    >>> normalise("−２４．５")
    '-24.5'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_ZERO_WIDTH).translate(_MINUS)
    return " ".join(plain.split())


def match_key(text: str) -> str:
    """A key under which spellings that differ only in case, spaces or hyphens fall together.

    It serves to suggest a name, never to merge two names silently.

    Examples
    --------
    >>> match_key("Biological replicate") == match_key("biological_replicate")
    True
    """
    return re.sub(r"[\s_\-]+", "", normalise(text).casefold())


def nearest(name: str, choices: Iterable[str]) -> str:
    """The choice that a person most likely meant, or an empty string.

    Examples
    --------
    >>> nearest("vesicel", ["control", "vesicle"])
    'vesicle'
    >>> nearest("apple", ["control", "vesicle"])
    ''
    """
    by_key = {match_key(choice): choice for choice in choices}
    found = difflib.get_close_matches(match_key(name), list(by_key), n=1, cutoff=0.6)
    return by_key[found[0]] if found else ""


def suggestion(name: str, choices: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest choice, or all of them.

    Examples
    --------
    >>> suggestion("vesicel", ["control", "vesicle"])
    "Did you mean 'vesicle'?"
    >>> suggestion("apple", ["control", "vesicle"])
    'Use one of: control, vesicle.'
    """
    listed = list(choices)
    near = nearest(name, listed)
    return f"Did you mean '{near}'?" if near else f"Use one of: {', '.join(listed)}."


def parse_value(raw: object, decimal: DecimalMark = ".") -> Value:
    """Read one number or instrument word.

    Parameters
    ----------
    raw
        A number, text, or None.
    decimal
        The decimal mark of the whole column or file, see :func:`decimal_mark`.

    Raises
    ------
    InputError
        Neither a number nor a known word.

    Examples
    --------
    >>> parse_value("２４．５").number
    24.5
    >>> parse_value("1,5", decimal=",").number
    1.5
    >>> parse_value("OVRFLW").flag
    'saturated'
    >>> parse_value("*0.356*")
    Value(number=0.356, flag='masked', text='*0.356*')
    """
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return Value(float(raw), "", repr(raw))
    text = "" if raw is None else normalise(str(raw))
    return _parse_text(text, str(raw), decimal) if text else Value(math.nan, "", "")


def _parse_text(text: str, written: str, decimal: DecimalMark) -> Value:
    word = _word_flag(text)
    if word:
        return Value(math.nan, word, written)
    if len(text) > 2 and text[0] == text[-1] == "*":
        return Value(_number(text[1:-1], decimal), "masked", written)
    if text[0] in "<>":
        _number(text[1:].strip(), decimal)
        return Value(math.nan, "below_range" if text[0] == "<" else "above_range", written)
    return Value(_number(text, decimal), "", written)


def _word_flag(text: str) -> str:
    if set(text) <= {"*"}:
        return "saturated"
    if set(text) <= {"?"}:
        return "no_value"
    return _FLAG_WORDS.get(text.casefold(), "")


def _number(text: str, decimal: DecimalMark) -> float:
    plain = text
    if decimal == ",":
        plain = text.translate(str.maketrans(",.", ".,"))
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN_NUMBER.fullmatch(plain):
        raise InputError([_not_a_number(text)])
    return float(plain)


def _not_a_number(text: str) -> Problem:
    if text.upper() in _EXCEL_ERRORS:
        return Problem(
            "excel_error",
            f"found the Excel error {text}, expected a number",
            remedy="Mend the formula or type the number.",
        )
    return Problem(
        "not_a_number",
        f"found '{text}', expected a number",
        remedy="Type the number, or leave the cell empty.",
    )


def decimal_mark(texts: Iterable[str]) -> DecimalMark:
    """Decide the decimal mark of a whole column or file from all its numbers.

    ``0,123`` and ``1,5`` can only be decimal commas, ``1,250.5`` only thousands; ``1,250``
    alone could be both.

    Raises
    ------
    InputError
        The numbers contradict each other, or all of them could be read either way.

    Examples
    --------
    >>> decimal_mark(["0,123", "1,5", "12"])
    ','
    >>> decimal_mark(["1,250.5", "17"])
    '.'
    """
    evidence: dict[str, str] = {}
    for text in texts:
        kind = _decimal_evidence(normalise(text))
        if kind:
            evidence.setdefault(kind, text)
    if "comma" in evidence and "point" in evidence:
        raise InputError(
            f"found both '{evidence['comma']}' and '{evidence['point']}': decimal commas and "
            "decimal points are mixed. Use one decimal mark throughout."
        )
    if "comma" in evidence:
        return ","
    if "point" in evidence or "either" not in evidence:
        return "."
    raise InputError(
        f"'{evidence['either']}' can be a decimal comma or a thousands separator. "
        "Write it without the comma, or with a decimal point."
    )


def _decimal_evidence(text: str) -> str:
    digits = text.strip("*<>+- ")
    if not re.fullmatch(r"[\d.,]+([eE][+-]?\d+)?", digits) or "," not in digits + ".":
        return "point" if re.fullmatch(r"\d*\.\d+([eE][+-]?\d+)?", digits) else ""
    last_comma, last_point = digits.rfind(","), digits.rfind(".")
    if last_comma < 0:
        return "point" if last_point >= 0 else ""
    if last_point >= 0:
        return "comma" if last_comma > last_point else "point"
    if digits.count(",") > 1:
        return "point"
    whole, _, fraction = digits.partition(",")
    grouped = re.fullmatch(r"[1-9]\d{0,2}", whole) and re.fullmatch(r"\d{3}", fraction)
    return "either" if grouped else "comma"


def cell_name(raw: object) -> str:
    """A name from a cell, as the person wrote it.

    Names are text: ``NA``, ``None``, ``007`` and ``2E3`` stay what they are, and a leading
    ``=`` is only a character. A small whole number is taken as it is written.

    Raises
    ------
    InputError
        Excel has turned the name into a date, a date's serial number or a float (SEPT2,
        MARCH1, 2310009E13), or the cell holds an Excel error.

    Examples
    --------
    >>> cell_name("007"), cell_name(12), cell_name(None)
    ('007', '12', '')
    """
    if raw is None:
        return ""
    if isinstance(raw, (datetime.date, datetime.time, datetime.timedelta)):
        raise InputError([_mangled(str(raw), "a date")])
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, (int, float)):
        return _numeric_name(raw)
    text = str(raw)
    if text.strip().upper() in _EXCEL_ERRORS:
        raise InputError(
            [
                Problem(
                    "excel_error",
                    f"found the Excel error {text.strip()}",
                    remedy="Type the name as text.",
                )
            ]
        )
    return "" if not normalise(text) else text


def _numeric_name(number: float) -> str:
    if not float(number).is_integer() or abs(number) >= 1e11:
        raise InputError([_mangled(repr(number), "a decimal number")])
    if 20000 <= number <= 60000:
        raise InputError([_mangled(str(int(number)), "the serial number of a date")])
    return str(int(number))


def _mangled(text: str, what: str) -> Problem:
    return Problem(
        "name_became_number",
        f"found {what} ({text}), expected a name; Excel turns names such as SEPT2, MARCH1 or "
        "2310009E13 into dates and numbers",
        remedy="Format the cell as Text and type the name again.",
    )
