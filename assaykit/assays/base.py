"""What every assay is made of: its endpoints, its template, its parameters, its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assaykit.provenance import Step
from assaykit.tables import Column, Scale
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
    """

    observations: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, StandardCurve] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    steady: pd.DataFrame | None = None


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
    """

    name: str
    title: str
    endpoints: tuple[Endpoint, ...]
    template: TemplateSpec
    quantify: Callable[[pd.DataFrame, Any], Quantified]
    columns: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    summary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)


def endpoint_words(analyte: str, endpoint: str) -> str:
    """What people call an endpoint; one that names its analyte does not name it twice.

    Examples
    --------
    >>> endpoint_words("RANKL", "concentration")
    'RANKL concentration'
    >>> endpoint_words("Alizarin red", "alizarin_red_amount")
    'Alizarin red amount'
    """
    words = endpoint.replace("_", " ")
    if match_key(analyte) in match_key(words):
        return words[:1].upper() + words[1:]
    return f"{analyte} {words[:1].lower()}{words[1:]}"
