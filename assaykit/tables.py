"""The five tables that flow through assaykit, and the words in them.

==============  =================================================  ======================
table           one row is                                         made by
==============  =================================================  ======================
readings        one number from one file                           ``read``
wells           the meaning of one well (after ``annotate``: one   ``annotate``
                row per well and channel, with its reading)
observations    one result for one well, image or sample           ``quantify``, ``flag``
replicates      one experimental unit (a biological replicate)     ``compare``
effects         one contrast between arms                          ``compare``
==============  =================================================  ======================

Each table is a plain :class:`pandas.DataFrame`. A :class:`Schema` names its columns with
type, unit and meaning; it is the glossary of the project in code. Text columns that no
schema knows are **factors** (``treatment``, ``genotype``, ...). Text is never missing but empty
(``""``); a number that does not exist is ``NaN`` beside a flag, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assaykit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

Kind = Literal["text", "number", "count", "yes_no"]
Scale = Literal["linear", "log", "log2", "count", "fraction"]

SCALES: dict[str, str] = {
    "linear": "differences of arms are meaningful as they are",
    "log": "a positive quantity; arms are compared as ratios of geometric means",
    "log2": "already a logarithm to base 2, such as a delta Cq",
    "count": "a number of things, compared as a ratio of rates",
    "fraction": "a share between 0 and 1",
}

ROLES: dict[str, str] = {
    "sample": "a well with material of the experiment",
    "standard": "known concentration, for the standard curve",
    "blank": "everything but the thing to measure",
    "ntc": "no-template control",
    "nrt": "no-reverse-transcriptase control",
    "positive_control": "must give a signal",
    "negative_control": "must give no signal",
    "calibrator": "what relative quantities are relative to",
    "qc": "a control with a declared concentration",
    "empty": "nothing in it",
}


@dataclass(frozen=True)
class Column:
    """One column of a table: what it is called, what it holds, what it means.

    ``shown`` says how its numbers are shown: an Excel format (``0.000``) or a number of significant
    digits (``3``); empty: as its unit and name ask. Text that is ``wrapped`` runs over lines.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    shown: str = ""


@dataclass(frozen=True)
class Schema:
    """The columns of one table, in their order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)


READINGS = Schema(
    "readings",
    (
        Column("plate", "text", "name of the plate", required=True),
        Column("well", "text", "SBS name of the well, such as A1", required=True),
        Column("channel", "text", "what was read: od_450, cq, an image's name", required=True),
        Column("value", "number", "the number read", required=True),
        Column("unit", "text", "unit of the value; 'OD' for absorbance"),
        Column("flag", "text", "what the instrument said instead of, or beside, a number"),
        Column("source", "text", "file, sheet and cell or line that the value came from"),
        # Only where a file says them, as qPCR exports do; `annotate` fills the wells with them.
        Column("sample", "text", "name of what is in the well"),
        Column("target", "text", "gene, RNA or assay that a reaction measures (qPCR)"),
        Column("task", "text", "role of the well that the file states: " + ", ".join(ROLES)),
        Column("quantity", "number", "declared quantity of a standard that the file states"),
        # Only of pictures, and only until they are measured.
        Column("picture", "text", "where the picture is that has still to be measured"),
    ),
)

WELLS = Schema(
    "wells",
    (
        Column("plate", "text", "name of the plate", required=True),
        Column("well", "text", "SBS name of the well, such as A1", required=True),
        Column("row", "text", "row letter of the well"),
        Column("column", "count", "column number of the well, from 1"),
        Column("role", "text", "what the well is for: " + ", ".join(ROLES), required=True),
        Column("sample", "text", "name of what is in the well"),
        Column("analyte", "text", "what is measured, such as RANKL"),
        Column(
            "biological_replicate", "text", "independent culture, donor, animal or day: this is n"
        ),
        Column("technical_replicate", "text", "repeated well, field or reaction: never n"),
        Column(
            "nominal_concentration", "number", "declared concentration of a standard or control"
        ),
        Column("dilution_factor", "number", "how many times the sample was diluted; 1 = undiluted"),
        Column("excluded", "yes_no", "left out of the analysis by a person's decision"),
        Column("reason", "text", "why the well is left out"),
    ),
)

OBSERVATIONS = Schema(
    "observations",
    (
        *WELLS.columns,
        Column("assay", "text", "which assay made it", required=True),
        Column("endpoint", "text", "what was measured, such as concentration", required=True),
        Column("value", "number", "the result; empty where a flag says why", required=True),
        Column("unit", "text", "unit of the value", required=True),
        Column("scale", "text", "how arms are compared: " + ", ".join(SCALES), required=True),
        Column("flags", "text", "remarks, separated by '; '"),
    ),
)

REPLICATES = Schema(
    "replicates",
    (
        Column("assay", "text", "which assay", required=True),
        Column("analyte", "text", "what is measured"),
        Column("endpoint", "text", "what was measured", required=True),
        Column("arm", "text", "the levels of all factors, joined by ' / '", required=True),
        Column("biological_replicate", "text", "the experimental unit", required=True),
        Column("n_wells", "count", "wells that count", required=True),
        Column("n_excluded", "count", "wells left out or without a number", required=True),
        Column("value", "number", "mean of its wells (geometric on a log scale)", required=True),
        Column("unit", "text", "unit of the value", required=True),
        Column("scale", "text", "how arms are compared"),
    ),
)

EFFECTS = Schema(
    "effects",
    (
        Column("assay", "text", "which assay", required=True),
        Column("analyte", "text", "what is measured"),
        Column("endpoint", "text", "what was measured", required=True),
        Column(
            "contrast", "text", "the comparison in words, such as vesicle vs control", required=True
        ),
        Column("estimate", "number", "size of the effect on the named scale", required=True),
        Column(
            "scale",
            "text",
            "ratio, difference, log2_fold_change or rescue_fraction",
            required=True,
        ),
        Column("unit", "text", "unit of the estimate; empty for a ratio"),
        Column("ci_low", "number", "lower end of the confidence interval"),
        Column("ci_high", "number", "upper end of the confidence interval"),
        Column("ratio", "number", "the effect as a ratio: 2 to the power of a log2 fold change"),
        Column("ratio_ci_low", "number", "lower end of its confidence interval"),
        Column("ratio_ci_high", "number", "upper end of its confidence interval"),
        Column("standard_error", "number", "standard error; of the natural log for a ratio"),
        Column("df", "number", "degrees of freedom"),
        Column("statistic", "number", "t"),
        Column("p_value", "number", "two-sided p, not adjusted"),
        Column("p_adjusted", "number", "p adjusted over the family of contrasts"),
        Column("adjustment", "text", "method and family of the adjustment"),
        Column("q_value", "number", "Benjamini-Hochberg q across endpoints"),
        Column("p_equivalence", "number", "p that the effect is within the declared margin"),
        Column("n_biological", "count", "biological replicates: n"),
        Column("n_technical", "count", "wells behind them"),
        Column("hedges_g", "number", "standardised effect, corrected for small n"),
        Column("method", "text", "the model or test, or why there is none"),
    ),
)

# What `compare` looks at beside the effects: reported, never deciding.
CHECKS = Schema(
    "checks",
    (
        Column("assay", "text", "which assay", required=True),
        Column("analyte", "text", "what is measured"),
        Column("endpoint", "text", "what was measured", required=True),
        Column("check", "text", "what was looked at", required=True),
        Column("subject", "text", "at what: a contrast, a source of variation, a replicate"),
        Column("estimate", "number", "an effect on its scale, or a variance of the analysis"),
        Column("ci_low", "number", "lower end of the confidence interval, not adjusted"),
        Column("ci_high", "number", "upper end of the confidence interval, not adjusted"),
        Column("statistic", "number", "t, F or W"),
        Column("df", "number", "degrees of freedom"),
        Column("p_value", "number", "two-sided p, not adjusted"),
        Column("finding", "text", "what it says", required=True),
    ),
)

SCHEMAS: tuple[Schema, ...] = (READINGS, WELLS, OBSERVATIONS, REPLICATES, EFFECTS)

# The channel of a picture, before the name of its field.
PICTURE_CHANNEL = "picture"

# What `annotate` adds to the wells: the readings' columns that the wells do not have.
READING_COLUMNS: tuple[str, ...] = ("channel", "value", "unit", "flag", "source")

# What assays add to the observations beside the schema: how the value came about.
DETAILS = Schema(
    "details",
    (
        Column("response", "number", "signal after blank and reference"),
        Column("response_unit", "text", "unit of the response"),
        Column("back_calculated_concentration", "number", "in the well, before dilution"),
        Column("ci_low", "number", "lower end of its confidence interval"),
        Column("ci_high", "number", "upper end of its confidence interval"),
        Column("concentration_unit", "text", "unit of the concentrations"),
        Column("recovery_percent", "number", "found over declared concentration", "%"),
    ),
)


def factor_columns(table: pd.DataFrame) -> list[str]:
    """Names of the factor columns: those with text that no schema knows, in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> factor_columns(pd.DataFrame(columns=["plate", "well", "treatment", "genotype", "flags"]))
    ['treatment', 'genotype']
    """
    known = {name for schema in SCHEMAS for name in schema.names}
    known.update(READING_COLUMNS, DETAILS.names)
    return [
        str(name)
        for name in table.columns
        if str(name) not in known and table[name].dtype.kind not in "biufc"
    ]


def as_text(values: pd.Series) -> pd.Series:
    """A column as text: nothing is missing, whole numbers have no decimals.

    Examples
    --------
    >>> import pandas as pd
    >>> as_text(pd.Series(["007", None, 2.0])).tolist()
    ['007', '', '2']
    """
    import pandas as pd

    def one(value: object) -> str:
        if isinstance(value, str):
            return value
        if pd.isna(value):  # type: ignore[call-overload]
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    return pd.Series([one(value) for value in values], index=values.index, dtype=object)


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    import pandas as pd

    if kind == "text":
        return as_text(values)
    if kind == "yes_no":
        return pd.Series(
            [value in (True, "yes") for value in values], index=values.index, dtype=bool
        )
    return pd.to_numeric(values).astype("float64" if kind == "number" else "Int64")


def _check(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    missing = [name for name in schema.required if name not in table.columns]
    twice = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
    problems = [
        Problem(
            "missing_column",
            f"the {schema.name} table has no column '{name}'",
            remedy=f"It needs {', '.join(schema.required)}.",
        )
        for name in missing
    ] + [
        Problem("duplicate_column", f"the {schema.name} table has the column '{name}' twice")
        for name in twice
    ]
    checked = table.copy()
    if not problems:
        for column in schema.columns:
            if column.name in checked.columns:
                try:
                    checked[column.name] = _typed(checked[column.name], column.kind)
                except (ValueError, TypeError) as error:
                    problems.append(Problem("not_a_number", f"column '{column.name}': {error}"))
    if problems:
        raise InputError(problems)
    known = [name for name in schema.names if name in checked.columns]
    return checked[[*known, *(name for name in checked.columns if name not in known)]]


def check_readings(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of a readings table with its columns in order and of the right type.

    Raises
    ------
    InputError
        A required column is missing, a column stands twice, or a number is not one.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"plate": ["p"], "well": ["A1"], "channel": ["od_450"], "value": ["0.5"]}
    >>> check_readings(pd.DataFrame(rows))["value"].tolist()
    [0.5]
    """
    return _check(table, READINGS)


def check_wells(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of a wells table, checked as :func:`check_readings` does; roles must be known.

    Raises
    ------
    InputError
        As for :func:`check_readings`, or a role that is not in :data:`ROLES`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"plate": ["p"], "well": ["A1"], "role": ["sample"], "biological_replicate": [1]}
    >>> check_wells(pd.DataFrame(rows))["biological_replicate"].tolist()
    ['1']
    """
    checked = _check(table, WELLS)
    _only(checked, "role", ROLES)
    return checked


def check_observations(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of an observations table, checked; the scale must be one of :data:`SCALES`.

    Raises
    ------
    InputError
        As for :func:`check_wells`, or an unknown scale.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"plate": ["p"], "well": ["A1"], "role": ["sample"], "assay": ["elisa"],
    ...         "endpoint": ["concentration"], "value": [3], "unit": ["pg/mL"], "scale": ["log"]}
    >>> check_observations(pd.DataFrame(rows)).columns[:3].tolist()
    ['plate', 'well', 'role']
    """
    checked = _check(table, OBSERVATIONS)
    _only(checked, "role", ROLES)
    _only(checked, "scale", SCALES)
    return checked


def check_replicates(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of a replicates table with its columns in order and of the right type.

    Raises
    ------
    InputError
        As for :func:`check_readings`.

    Examples
    --------
    >>> import pandas as pd
    >>> try:
    ...     check_replicates(pd.DataFrame({"assay": ["elisa"]}))
    ... except ValueError as error:
    ...     print(str(error).splitlines()[0])
    the replicates table has no column 'endpoint'. It needs assay, endpoint, arm, \
biological_replicate, n_wells, n_excluded, value, unit.
    """
    return _check(table, REPLICATES)


def check_effects(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of an effects table with its columns in order and of the right type.

    Raises
    ------
    InputError
        As for :func:`check_readings`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"assay": ["elisa"], "endpoint": ["concentration"], "estimate": [2.0],
    ...         "contrast": ["vesicle vs control"], "scale": ["ratio"], "ci_low": [None]}
    >>> check_effects(pd.DataFrame(rows))["ci_low"].tolist()
    [nan]
    """
    return _check(table, EFFECTS)


def _only(table: pd.DataFrame, column: str, allowed: Iterable[str]) -> None:
    names = list(allowed)
    unknown = sorted(set(table[column]) - set(names))
    if unknown:
        raise InputError(
            [
                Problem(
                    f"unknown_{column}",
                    f"'{name}' is not a {column}",
                    remedy=f"Use one of {', '.join(names)}.",
                )
                for name in unknown
            ]
        )
