"""Reading how much wells and replicates of a finished study varied, to plan the next one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Book, Sheet
from assaykit.excel.opening import open_workbook
from assaykit.provenance import InputFile, input_file
from assaykit.tables import CHECKS, Column, Schema
from assaykit.values import match_key
from assaykit.workbook.fields import together
from assaykit.workbook.results import PROVENANCE
from assaykit.workbook.sheet_tables import read_table

if TYPE_CHECKING:
    import pandas as pd

CHECK = "variance component"
BETWEEN, BY_ARM, WITHIN = "between replicates", "replicate × arm", "between wells"
SUBJECTS = (BETWEEN, BY_ARM, WITHIN)
EFFECT_SCALES = ("ratio", "difference", "log2_fold_change")
WITHIN_WELLS = "within wells"
_KEYS = ("assay", "analyte", "endpoint")
_EFFECTS = Schema(
    "effects",
    (
        Column("assay", "text", "which assay"),
        Column("analyte", "text", "what is measured"),
        Column("endpoint", "text", "what was measured", required=True),
        Column("scale", "text", "ratio, difference or log2_fold_change"),
        Column("unit", "text", "unit of the estimate"),
    ),
)
_ADVICE = {
    BY_ARM: " If each of its arms had replicates of its own, it is part of the variance between "
    "replicates, and only the design 'own' can be planned with it.",
    WITHIN: " It is then part of the others, and what more wells would give cannot be planned.",
}
_REMEDY = "Give the study.xlsx that assaykit compare wrote, or the standard deviations themselves."


@dataclass(frozen=True)
class StudyComponents:
    """The variance components of one endpoint of a study, on its scale of analysis.

    Parameters
    ----------
    assay, analyte, endpoint
        What was measured.
    variances
        By subject: those of :data:`SUBJECTS`, ``within wells`` (several values of one well) and
        blocks such as ``plate``. One that the study did not estimate is missing, one that came
        out below zero is as it is.
    scale, unit
        What the study's effects of this endpoint are: ``ratio`` (variances of natural
        logarithms), ``difference`` or ``log2_fold_change``, and their unit; empty where the
        study does not say.
    source
        The study's file.

    Examples
    --------
    >>> found = StudyComponents("elisa", "RANKL", "concentration", {"between replicates": 0.09,
    ...                                                             "between wells": -0.001})
    >>> found.sd("between replicates"), found.sd("between wells"), found.sd("replicate × arm")
    (0.3, 0.0, 0.0)
    >>> found.notes[0]
    'The variance between wells came out below 0 (-0.001) and counts as 0.'
    """

    assay: str
    analyte: str
    endpoint: str
    variances: Mapping[str, float]
    scale: str = ""
    unit: str = ""
    source: InputFile = field(default_factory=lambda: InputFile("", "", 0))

    def sd(self, subject: str) -> float:
        """Standard deviation of a subject; 0 where its variance is missing or below 0.

        That between wells holds what varies within a well, as for one value of each.
        """
        subjects = (subject, WITHIN_WELLS) if subject == WITHIN else (subject,)
        return math.sqrt(sum(max(self.variances.get(one, 0.0), 0.0) for one in subjects))

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be taken for granted, one sentence each."""
        below = [
            f"The variance {_of(subject)} came out below 0 ({value:.3g}) and counts as 0."
            for subject, value in self.variances.items()
            if value < 0 and subject in SUBJECTS
        ]
        absent = [
            f"The study has no variance {_of(subject)}; it counts as 0.{_ADVICE.get(subject, '')}"
            for subject in SUBJECTS
            if subject not in self.variances
        ]
        further = [
            "The variance within wells was added to that between wells: one value of each."
            if subject == WITHIN_WELLS
            else f"The variance of {subject} ({value:.3g}) has no place in a plan and was left out."
            for subject, value in self.variances.items()
            if subject not in SUBJECTS
        ]
        return (*below, *absent, *further)


def _of(subject: str) -> str:
    return f"of {subject}" if subject == BY_ARM else subject


def read_variance_components(
    path: str | Path, endpoint: str = "", assay: str = "", analyte: str = ""
) -> StudyComponents:
    """Read the variance components of one endpoint from the sheet Checks of a study.

    Parameters
    ----------
    path
        A ``study.xlsx``, as ``assaykit compare`` writes it.
    endpoint, assay, analyte
        Which endpoint; each may stay empty where the rest leaves only one.

    Raises
    ------
    UnreadableFileError
        The workbook cannot be opened.
    InputError
        It is no study, or has no variance components, or not for exactly one endpoint that was
        asked for; the message lists the endpoints that there are.

    Examples
    --------
    >>> try:
    ...     read_variance_components("nowhere.xlsx")
    ... except ValueError as error:
    ...     print(error)
    nowhere.xlsx: there is no such file. Check the name and the folder.
    """
    book = open_workbook(path, only=("Checks", "Effects", "Provenance"))
    _check_kind(book)
    table = _components_of(book)
    wanted = {"assay": assay, "analyte": analyte, "endpoint": endpoint}
    rows = _chosen(table, wanted, book.file)
    names = {name: str(rows[name].iloc[0]) for name in _KEYS}
    scale, unit = _scale_of(book, names)
    variances = _variances(rows, book.file)
    return StudyComponents(
        **names, variances=variances, scale=scale, unit=unit, source=input_file(Path(path))
    )


def _check_kind(book: Book) -> None:
    """Raise if this is another kind of workbook, saying which command makes the right one."""
    sheet = book.find("Provenance")
    records = _table(sheet, PROVENANCE, book.file) if sheet and sheet.cells else None
    kind = ""
    if records is not None:
        own = records[(records["section"] == "assaykit") & (records["item"] == "kind")]
        kind = str(own["value"].iloc[0]) if len(own) else ""
    if kind == "study":
        return
    if kind:
        message = f"this is a workbook of the kind '{kind}', not a study"
        remedy = "Give the study.xlsx that assaykit compare makes from the results of the plates."
    else:
        message = "this is not a study of assaykit: there is no sheet 'Provenance' of ours"
        remedy = _REMEDY
    raise InputError([Problem("not_a_study", message, book.file, remedy=remedy)])


def _table(sheet: Sheet, schema: Schema, file: str) -> pd.DataFrame:
    table, problems = read_table(sheet, schema)
    if problems:
        raise InputError(problem.in_file(file) for problem in together(problems))
    for column in schema.columns:
        if column.name not in table:
            table[column.name] = "" if column.kind == "text" else math.nan
    return table


def _components_of(book: Book) -> pd.DataFrame:
    """The rows of Checks with a variance component; an error if there is none."""
    sheet = book.find("Checks")
    headers = {sheet.key(*place) for place in sheet.cells if place[0] == 1} if sheet else set()
    if sheet is not None and "check" in headers:
        table = _table(sheet, CHECKS, book.file)
        rows = table[table["check"].map(match_key) == match_key(CHECK)]
        if len(rows):
            return rows
    message = "the study has no variance components"
    remedy = (
        "Compare its plates again with assaykit compare (3 biological replicates or more), or "
        "give the standard deviations themselves."
    )
    raise InputError([Problem("no_components", message, book.file, "Checks", remedy=remedy)])


def _chosen(table: pd.DataFrame, wanted: Mapping[str, str], file: str) -> pd.DataFrame:
    """The rows of the one endpoint that fits what was asked for."""
    rows = table
    for name, text in wanted.items():
        if text:
            rows = rows[rows[name].map(match_key) == match_key(text)]
    endpoints = rows[list(_KEYS)].drop_duplicates()
    if len(endpoints) == 1:
        return rows
    there = "; ".join(_names_of(table if rows.empty else rows))
    asked = ", ".join(f"{name} '{text}'" for name, text in wanted.items() if text)
    if rows.empty:
        code, message = "unknown_endpoint", f"there is no endpoint with {asked}"
    else:
        code, message = "ambiguous_endpoint", f"{len(endpoints)} endpoints fit {asked or 'here'}"
    remedy = f"There are: {there}. Name one with endpoint, assay and analyte."
    raise InputError([Problem(code, message, file, "Checks", remedy=remedy)])


def _names_of(table: pd.DataFrame) -> Iterable[str]:
    """Such as ``endpoint concentration (assay elisa, analyte RANKL)``."""
    for row in table[list(_KEYS)].drop_duplicates().to_dict("records"):
        more = ", ".join(f"{name} {row[name]}" for name in ("assay", "analyte") if row[name])
        yield f"endpoint {row['endpoint']}" + (f" ({more})" if more else "")


def _variances(rows: pd.DataFrame, file: str) -> dict[str, float]:
    """Variance of each subject; one that stands twice or has no number is a problem."""
    known = {match_key(subject): subject for subject in (*SUBJECTS, WITHIN_WELLS)}
    found: dict[str, float] = {}
    problems = []
    for row in rows.to_dict("records"):
        subject = known.get(match_key(row["subject"]), str(row["subject"]))
        message = ""
        if subject in found:
            message = f"the variance component '{subject}' stands there twice"
        elif math.isnan(row["estimate"]):
            message = f"the variance component '{subject}' has no estimate"
        if message:
            problems.append(Problem("bad_component", message, file, "Checks", remedy=_REMEDY))
        found[subject] = float(row["estimate"])
    if problems:
        raise InputError(problems)
    return found


def _scale_of(book: Book, names: Mapping[str, str]) -> tuple[str, str]:
    """Scale and unit of the effects of an endpoint; empty where the study does not say one."""
    sheet = book.find("Effects")
    if sheet is None or not sheet.cells:
        return "", ""
    effects = _table(sheet, _EFFECTS, book.file)
    for name, text in names.items():
        effects = effects[effects[name] == text]
    effects = effects[effects["scale"].isin(EFFECT_SCALES)]
    said = effects[["scale", "unit"]].drop_duplicates().to_numpy().tolist()
    return (str(said[0][0]), str(said[0][1])) if len(said) == 1 else ("", "")
