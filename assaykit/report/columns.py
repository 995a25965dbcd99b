"""What each column of a sheet means, and how its numbers are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
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
_P_FORMAT = "[<0.001]0.00E+00;0.0000"
_PERCENT_FORMAT = "0.0"
_OD_FORMAT = "0.000"
_FORMATS = {
    **dict.fromkeys(
        ("p_value", "p_adjusted", "q_value", "p_equivalence", "parallelism_p"), _P_FORMAT
    ),
    "df": "0.0", "statistic": "0.00", "hedges_g": "0.00", "parallelism_f": "0.00",
    **dict.fromkeys(
        ("nominal_concentration", "dilution_factor", "spiked_concentration", "expected", "limit"),
        "General",  # declared numbers are shown as they were typed
    ),
}  # fmt: skip
# Columns with numbers in the unit that another column of the same row names.
_UNIT_COLUMNS = {
    "value": "unit", "response": "response_unit", "mean_response": "response_unit",
    "sd": "response_unit",
}  # fmt: skip

STANDARD_COLUMNS: tuple[Column, ...] = (
    Column("plate", "text", "name of the plate"),
    Column("analyte", "text", "what is measured"),
    Column(
        "nominal_concentration", "number", "declared concentration of the standard",
        "see concentration_unit",
    ),
    Column("concentration_unit", "text", "unit of the concentrations"),
    Column("n", "count", "wells of this standard that count"),
    Column("mean_response", "number", "mean response of these wells", "see response_unit"),
    Column("response_unit", "text", "unit of the response"),
    Column("sd", "number", "standard deviation of the response", "see response_unit"),
    Column("cv_percent", "number", "coefficient of variation of the response", "%"),
    Column(
        "back_calculated_concentration", "number", "concentration read from the curve",
        "see concentration_unit",
    ),
    Column("recovery_percent", "number", "back-calculated over nominal concentration", "%"),
    Column("passed", "yes_no", "recovery and CV are within their limits"),
)  # fmt: skip

ASSAY_COLUMNS: tuple[Column, ...] = (
    Column("response", "number", "signal after blank and reference", "see response_unit"),
    Column("ci_low", "number", "lower end of the confidence interval", "see concentration_unit"),
    Column("ci_high", "number", "upper end of the confidence interval", "see concentration_unit"),
    Column("spiked_concentration", "number", "concentration added to test the recovery"),
    Column("lloq", "number", "lower limit of quantification", "see concentration_unit"),
    Column("uloq", "number", "upper limit of quantification", "see concentration_unit"),
    Column("lob", "number", "limit of blank", "see concentration_unit"),
    Column("lod", "number", "limit of detection", "see concentration_unit"),
    Column("lod_is_approximate", "yes_no", "too few blanks for a firm limit of detection"),
    Column("n_blanks", "count", "blanks behind the limit of detection"),
    Column("levels_passed", "count", "standard levels within their limits"),
    Column("levels_total", "count", "standard levels"),
    Column("accepted", "yes_no", "enough levels passed for the curve to be used"),
    Column("n_wells", "count", "wells that count"),
    Column("dilutions_used", "text", "dilution factors that count"),
    Column("dilutions_out_of_range", "text", "dilution factors outside the range of the curve"),
    Column(
        "concentration", "number", "concentration of the undiluted sample",
        "see concentration_unit",
    ),
    Column("kind", "text", "control: declared concentration; spike: added concentration"),
    Column("expected", "number", "declared or added concentration", "see concentration_unit"),
    Column("found", "number", "concentration that was found", "see concentration_unit"),
    Column("n_dilutions", "count", "dilutions of the sample"),
    Column("lowest_recovery_percent", "number", "lowest recovery of a dilution", "%"),
    Column("highest_recovery_percent", "number", "highest recovery of a dilution", "%"),
    Column("hook_effect", "yes_no", "less signal where the sample is less diluted"),
    Column("parallelism_f", "number", "F of the test of parallelism"),
    Column("parallelism_p", "number", "p of the test of parallelism"),
    Column("verdict", "text", "how many levels passed, and whether that is enough"),
    *STANDARD_COLUMNS,
)  # fmt: skip

_IN_THE_WELL = (
    Column(
        "ci_low", "number", "lower end of the interval of back_calculated_concentration",
        "see concentration_unit",
    ),
    Column(
        "ci_high", "number", "upper end of the interval of back_calculated_concentration; empty "
        "where the curve sets none", "see concentration_unit",
    ),
    Column(
        "back_calculated_concentration", "number",
        "concentration in the well read from the curve, before dilution", "see concentration_unit",
    ),
)  # fmt: skip
CHECKS_DECIDE_NOTHING = (
    "Checks are reported beside the effects: none of them chose a test, a scale or a value."
)
_CHECK_COLUMNS = tuple(
    replace(column, meaning=f"{column.meaning}. {CHECKS_DECIDE_NOTHING}")
    if column.name in ("check", "finding")
    else column
    for column in CHECKS.columns
)
_OF_SHEET: dict[str, tuple[Column, ...]] = {
    "Observations": (*OBSERVATIONS.columns, *_IN_THE_WELL),
    "Wells": (*WELLS.columns, *READINGS.columns),
    "Replicates": REPLICATES.columns,
    "Effects": EFFECTS.columns,
    "Standards": STANDARD_COLUMNS,
    "QC": REMARKS.columns,
    "Checks": _CHECK_COLUMNS,
    "Provenance": PROVENANCE.columns,
}
_WRAPPED = {"Checks": ("finding",)}


def header_of(sheet: str, table: pd.DataFrame) -> list[str]:
    """Column names of a table, or those that its sheet is known to have if it has none."""
    known = [column.name for column in _OF_SHEET.get(sheet, ())]
    required = {schema.name.title(): list(schema.names) for schema in SCHEMAS}
    return [str(name) for name in table.columns] or required.get(sheet, known)


def describe_columns(
    sheet: str, names: Iterable[str], own: Iterable[Column] = ()
) -> dict[str, Column]:
    """Kind, meaning and unit of each column that is known on a sheet.

    Parameters
    ----------
    sheet
        Name of the sheet; a name may mean different things on two sheets.
    names
        Names of the columns. One that nothing is known of is not in the result.
    own
        What the assay and the design know beyond that (:func:`assaykit.report.words.own_columns`).

    Examples
    --------
    >>> mouse = Column("mouse", "text", "name of the mouse")
    >>> columns = describe_columns("Wells", ["well", "mouse", "cage"], [mouse])
    >>> [column.meaning for column in columns.values()]
    ['SBS name of the well, such as A1', 'name of the mouse']
    """
    sources: list[Iterable[Column]] = [
        *(schema.columns for schema in reversed(SCHEMAS)), ASSAY_COLUMNS, own,
        _OF_SHEET.get(sheet, ()),
    ]  # fmt: skip
    known = {column.name: column for columns in sources for column in columns}
    return {name: known[name] for name in names if name in known}


def is_wrapped(sheet: str, name: str) -> bool:
    """Whether a column holds sentences, which run over several lines of their cell.

    Examples
    --------
    >>> is_wrapped("Checks", "finding"), is_wrapped("Checks", "subject")
    (True, False)
    """
    return name in _WRAPPED.get(sheet, ())


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


def unit_column(name: str) -> str:
    """The column that names the unit of another one, or an empty text."""
    return _UNIT_COLUMNS.get(name, "")


def number_format(name: str, value: float, unit: str = "") -> str:
    """The Excel format of one number: by its column, its unit, else four significant digits.

    Examples
    --------
    >>> number_format("response", 0.1234567, "OD"), number_format("n_wells", 3.0)
    ('0.000', '0')
    >>> number_format("concentration", 31.25), number_format("concentration", 1234.5)
    ('0.00', '0')
    """
    if name in _FORMATS:
        return _FORMATS[name]
    if name.endswith("_percent"):
        return _PERCENT_FORMAT
    if name.startswith("n_") or name in ("n", "column", "levels_passed", "levels_total"):
        return COUNT_FORMAT
    return _OD_FORMAT if unit == "OD" else four_digits(value)


def four_digits(value: float) -> str:
    """The Excel format that shows four significant digits of a number.

    Examples
    --------
    >>> four_digits(0.01234), four_digits(5.0), four_digits(2e-9)
    ('0.00000', '0.000', '0.000E+00')
    """
    if value == 0:
        return COUNT_FORMAT
    exponent = math.floor(math.log10(abs(value)))
    if not -5 <= exponent <= 8:
        return "0.000E+00"
    decimals = max(3 - exponent, 0)
    return f"0.{'0' * decimals}" if decimals else COUNT_FORMAT
