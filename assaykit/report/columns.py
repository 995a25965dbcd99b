"""What each column of a sheet means, and how its numbers are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from assaykit.tables import (
    CHECKS,
    EFFECTS,
    OBSERVATIONS,
    READINGS,
    REPLICATES,
    SCHEMAS,
    WELLS,
    Column,
)
from assaykit.workbook.results import PROVENANCE, REMARKS

if TYPE_CHECKING:
    import pandas as pd


TEXT_FORMAT = "@"
COUNT_FORMAT = "0"
AS_TYPED = "General"  # declared numbers are shown as they were typed
_P_FORMAT = "[<0.001]0.00E+00;0.0000"
_PERCENT_FORMAT = "0.0"
_FORMATS = {
    **dict.fromkeys(
        ("p_value", "p_adjusted", "q_value", "p_equivalence", "parallelism_p"), _P_FORMAT
    ),
    "df": "0.0", "statistic": "0.00", "hedges_g": "0.00",
    **dict.fromkeys(("nominal_concentration", "dilution_factor", "limit"), AS_TYPED),
}  # fmt: skip
_UNIT_FORMATS = dict.fromkeys(("OD", "cycles", "log2"), "0.000")
# Columns with numbers in the unit that another column of the same row names.
_UNIT_COLUMNS = {
    "value": "unit", "response": "response_unit", "mean_response": "response_unit",
    "sd": "response_unit",
}  # fmt: skip

CHECKS_DECIDE_NOTHING = (
    "Checks are reported beside the effects: none of them chose a test, a scale or a value."
)
_CHECK_COLUMNS = tuple(
    replace(column, meaning=f"{column.meaning}. {CHECKS_DECIDE_NOTHING}")
    if column.name in ("check", "finding")
    else column
    for column in CHECKS.columns
)
_ENDPOINTS = (
    Column("first_name", "text", "the first endpoint"),
    Column("second_name", "text", "the second endpoint, which measures the same wells"),
)
_AGREEMENT_COLUMNS = (
    *_ENDPOINTS,
    Column("statistic", "text", "what is told about the two"),
    Column("estimate", "number", "its value"),
    Column("ci_low", "number", "lower end of its confidence interval"),
    Column("ci_high", "number", "upper end of its confidence interval"),
    Column("n", "count", "pairs that count"),
    Column("scale", "text", "values, logarithms, or standardised values where units differ"),
    Column("method", "text", "where the interval comes from"),
    Column("reason", "text", "why there is no value"),
)
_PAIR_COLUMNS = (
    *_ENDPOINTS,
    Column("first", "number", "value of the first endpoint: mean of the wells of the pair"),
    Column("second", "number", "value of the second endpoint: mean of the wells of the pair"),
)
_OF_SHEET: dict[str, tuple[Column, ...]] = {
    "Observations": OBSERVATIONS.columns,
    "Wells": (*READINGS.columns, *WELLS.columns),
    "Replicates": REPLICATES.columns,
    "Effects": EFFECTS.columns,
    "QC": REMARKS.columns,
    "Checks": _CHECK_COLUMNS,
    "Agreement": _AGREEMENT_COLUMNS,
    "Pairs": _PAIR_COLUMNS,
    "Provenance": PROVENANCE.columns,
}
_WRAPPED = {"Checks": ("finding",)}
# What such a control must be; in it that is no flag to look at.
NEGATIVE_ROLES, UNDETERMINED = ("ntc", "nrt"), "undetermined"


def header_of(sheet: str, table: pd.DataFrame) -> list[str]:
    """Column names of a table, or those that its sheet is known to have if it has none."""
    known = [column.name for column in _OF_SHEET.get(sheet, ())]
    required = {schema.name.title(): list(schema.names) for schema in SCHEMAS}
    return [str(name) for name in table.columns] or required.get(sheet, known)


def describe_columns(
    sheet: str, names: Iterable[str], own: Mapping[str, Iterable[Column]] | None = None
) -> dict[str, Column]:
    """Kind, meaning and unit of each column that is known on a sheet.

    Parameters
    ----------
    sheet
        Name of the sheet; a name may mean different things on two sheets.
    names
        Names of the columns. One that nothing is known of is not in the result.
    own
        What the assay and the design know beyond that, by sheet; under ``""``, on any sheet
        (:func:`assaykit.report.words.own_columns`).

    Examples
    --------
    >>> mouse = Column("mouse", "text", "name of the mouse")
    >>> columns = describe_columns("Wells", ["well", "mouse", "cage"], {"": [mouse]})
    >>> [column.meaning for column in columns.values()]
    ['SBS name of the well, such as A1', 'name of the mouse']
    """
    own = own or {}
    sources: list[Iterable[Column]] = [
        *(schema.columns for schema in reversed(SCHEMAS)), own.get("", ()),
        _OF_SHEET.get(sheet, ()), own.get(sheet, ()),
    ]  # fmt: skip
    known = {column.name: column for columns in sources for column in columns}
    return {name: known[name] for name in names if name in known}


def is_wrapped(sheet: str, name: str, column: Column | None = None) -> bool:
    """Whether a column holds sentences, which run over several lines of their cell.

    Examples
    --------
    >>> is_wrapped("Checks", "finding"), is_wrapped("Checks", "subject")
    (True, False)
    """
    return name in _WRAPPED.get(sheet, ()) or (column is not None and column.shown == "wrapped")


def comment_of(column: Column) -> str:
    r"""What the comment on a header says.

    Examples
    --------
    >>> comment_of(Column("cv_percent", "number", "coefficient of variation", "%"))
    'coefficient of variation\nUnit: %'
    """
    return f"{column.meaning}\nUnit: {column.unit}" if column.unit else column.meaning


def is_excluded(table: pd.DataFrame) -> pd.Series:
    """Which rows a person has left out; none where nothing is said about it.

    Examples
    --------
    >>> import pandas as pd
    >>> is_excluded(pd.DataFrame({"well": ["A1", "A2"], "excluded": ["yes", False]})).tolist()
    [True, False]
    """
    import pandas as pd

    said = table["excluded"] if "excluded" in table else pd.Series(False, table.index)
    return said.isin([True, "yes"])


def told_flags(table: pd.DataFrame) -> list[str]:
    """The flags of each row that are worth a look.

    That nothing was found in a control without template is as it should be.

    Examples
    --------
    >>> import pandas as pd
    >>> told_flags(pd.DataFrame({"role": ["ntc", "sample"], "flag": "undetermined"}))
    ['', 'undetermined']
    """
    columns = [table[name] for name in ("flag", "flags") if name in table]
    said = ["; ".join(str(text) for text in row if text) for row in zip(*columns, strict=True)]
    roles = table["role"] if "role" in table else [""] * len(table)
    return [
        "" if role in NEGATIVE_ROLES and text == UNDETERMINED else text
        for role, text in zip(roles, said or [""] * len(table), strict=True)
    ]


def unit_column(name: str) -> str:
    """The column that names the unit of another one, or an empty text."""
    return _UNIT_COLUMNS.get(name, "")


def number_format(name: str, value: float, unit: str = "", column: Column | None = None) -> str:
    """The Excel format of one number.

    By what is said of its column, by the column's name, by its unit, else four significant digits.

    Examples
    --------
    >>> number_format("response", 0.1234567, "OD"), number_format("n_wells", 3.0)
    ('0.000', '0')
    >>> number_format("concentration", 31.25), number_format("concentration", 1234.5)
    ('0.00', '0')
    >>> number_format("share", 0.1234, column=Column("share", "number", "a share", shown="2"))
    '0.00'
    """
    shown = column.shown if column else ""
    if shown:
        return significant(value, int(shown)) if shown.isdigit() else shown
    if name in _FORMATS:
        return _FORMATS[name]
    if name.endswith("_percent"):
        return _PERCENT_FORMAT
    if name.startswith("n_") or name == "n" or (column and column.kind == "count"):
        return COUNT_FORMAT
    unit = unit or (column.unit if column else "")
    return _UNIT_FORMATS.get(unit) or significant(value)


def significant(value: float, digits: int = 4) -> str:
    """The Excel format that shows some significant digits of a number.

    Examples
    --------
    >>> significant(0.01234), significant(5.0), significant(2e-9), significant(0.6123, 3)
    ('0.00000', '0.000', '0.000E+00', '0.000')
    """
    if value == 0:
        return COUNT_FORMAT
    exponent = math.floor(math.log10(abs(value)))
    if not -4 <= exponent <= 8:
        return f"0.{'0' * (digits - 1)}E+00"
    decimals = max(digits - 1 - exponent, 0)
    return f"0.{'0' * decimals}" if decimals else COUNT_FORMAT
