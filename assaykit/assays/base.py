"""What every assay is made of: its endpoints, its template, its parameters, its arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assaykit.provenance import InputFile, Step
from assaykit.tables import WELLS, Column, Scale
from assaykit.values import match_key
from assaykit.workbook.spec import TemplateSpec

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.curves import StandardCurve


@dataclass(frozen=True)
class Endpoint:
    """One thing that an assay measures.

    Parameters
    ----------
    name
        As in the observations, such as ``concentration``.
    scale
        How arms are compared, a key of :data:`assaykit.tables.SCALES`.
    axis_label
        For figures, without the unit.
    meaning
        One sentence for a reader who does not know the assay.
    """

    name: str
    scale: Scale
    axis_label: str
    meaning: str


@dataclass(frozen=True)
class Quantified:
    """What an assay makes of one plate or several.

    Parameters
    ----------
    observations
        One row per well and endpoint (:data:`assaykit.tables.OBSERVATIONS`).
    tables
        The assay's own tables, by the name of their sheet.
    curves
        Standard curves by ``"plate · analyte"``.
    steps
        What was done, for the methods text.
    steady
        What should not answer to the arms, such as reference genes: samples × names, on a log2
        scale. A study tests whether it does.
    images
        Pictures to be looked at, as JPEG, by the name of their file below the results.
    inputs
        Files that were read for it, beside those that the readings came from.
    """

    observations: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, StandardCurve] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    steady: pd.DataFrame | None = None
    images: Mapping[str, bytes] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()


@dataclass(frozen=True)
class Assay:
    """One assay: wells go in, observations come out.

    Parameters
    ----------
    name
        As in the command, such as ``elisa``.
    title
        For people.
    endpoints
        What it measures.
    template
        Its Excel template; ``template.parameters`` is its dataclass of parameters.
    quantify
        From annotated wells and parameters to :class:`Quantified`.
    columns
        The columns that only this assay knows, by the sheet that they stand on: those of its own
        tables, and those that it adds to the observations (``Observations``).
    summary
        Which of its tables a plate's Summary shows, with the columns that it shows of them.
        No columns: as many as there is room for.
    agreements
        Pairs of its endpoints that measure the same thing in two ways; a study shows how they
        agree.
    """

    name: str
    title: str
    endpoints: tuple[Endpoint, ...]
    template: TemplateSpec
    quantify: Callable[[pd.DataFrame, Any], Quantified]
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    summary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agreements: tuple[tuple[str, str], ...] = ()

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)


def observations_of(
    measured: pd.DataFrame, *, assay: str, endpoint: str, scale: str, unit: str, value: pd.Series
) -> pd.DataFrame:
    """Rows of the observations table from measured wells and the value of one endpoint."""
    table = measured.assign(assay=assay, endpoint=endpoint, value=value, unit=unit, scale=scale)
    first = [name for name in WELLS.names if name in table]
    own = ["assay", "endpoint", "value", "unit", "scale", "flags"]
    detail = [
        "response", "response_unit", "back_calculated_concentration", "ci_low", "ci_high",
        "concentration_unit",
    ]  # fmt: skip
    rest = [n for n in table.columns if n not in {*first, *own, *detail, "source"}]
    spiked = [n for n in rest if n == "spiked_concentration" and table[n].isna().all()]
    columns = [*first, *(n for n in rest if n not in spiked), *own, *detail]
    return table[[name for name in columns if name in table]].reset_index(drop=True)


def joined(first: Quantified, second: Quantified) -> Quantified:
    """What two measurements of the same plate give, one after the other."""
    import pandas as pd

    return Quantified(
        pd.concat([first.observations, second.observations], ignore_index=True),
        {**first.tables, **second.tables},
        {**first.curves, **second.curves},
        (*first.steps, *second.steps),
        first.steady if second.steady is None else second.steady,
        {**first.images, **second.images},
        (*first.inputs, *second.inputs),
    )


def endpoint_words(analyte: str, endpoint: str) -> str:
    """What people call an endpoint; one that names its analyte does not name it twice.

    Examples
    --------
    >>> endpoint_words("RANKL", "concentration")
    'RANKL concentration'
    >>> endpoint_words("Alizarin red", "alizarin_red_amount")
    'Alizarin red amount'
    """
    words = re.sub(r"\bod\b", "OD", endpoint.replace("_", " "))
    if match_key(analyte) in match_key(words):
        return words[:1].upper() + words[1:]
    return f"{analyte} {words[:1].lower()}{words[1:]}"
