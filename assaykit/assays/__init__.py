"""Assays: wells become observations. A new assay is one file here and one name in ASSAYS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assaykit.assays import alizarin, elisa, qpcr, trap
from assaykit.assays.base import Assay, Endpoint, Quantified, endpoint_words
from assaykit.errors import UsageError
from assaykit.values import nearest, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

__all__ = [
    "ASSAYS",
    "Assay",
    "Endpoint",
    "Quantified",
    "assay_of",
    "axis_words",
    "find_assay",
    "quantify",
]

ASSAYS: tuple[Assay, ...] = (elisa.ASSAY, alizarin.ASSAY, trap.ASSAY, qpcr.ASSAY)


def assay_of(path: Path) -> Assay:
    """The assay that a filled template says it is of, or the one that was most likely meant.

    Whoever reads the template then reports a misspelled name with its cell.

    Raises
    ------
    UnreadableFileError
        It cannot be opened.
    InputError
        It names no assay, or one that is nothing like those that are known.
    """
    from assaykit.workbook import template_assay

    names = [assay.name for assay in ASSAYS]
    return find_assay(nearest(template_assay(path), names) or template_assay(path, names))


def axis_words(row: Mapping[Any, Any]) -> str:
    """What stands at the axis of a row's endpoint, as its assay says, without the unit.

    Examples
    --------
    >>> axis_words({"assay": "elisa", "analyte": "RANKL", "endpoint": "concentration"})
    'RANKL concentration'
    >>> axis_words({"assay": "new", "endpoint": "cell_count"})
    'Cell count'
    """
    for assay in ASSAYS:
        for endpoint in assay.endpoints:
            if (assay.name, endpoint.name) == (row["assay"], row["endpoint"]):
                return endpoint_words(str(row.get("analyte", "")), endpoint.axis_label)
    return endpoint_words(str(row.get("analyte", "")), str(row["endpoint"]))


def find_assay(name: str) -> Assay:
    """The assay of that name.

    Raises
    ------
    UsageError
        There is none.

    Examples
    --------
    >>> find_assay("elisa").title
    'ELISA'
    """
    for assay in ASSAYS:
        if assay.name == name:
            return assay
    names = [assay.name for assay in ASSAYS]
    raise UsageError(f"'{name}' is not an assay. {suggestion(name, names)}")


def quantify(wells: pd.DataFrame, assay: str, parameters: Any = None) -> pd.DataFrame:
    """Make observations of annotated wells.

    Parameters
    ----------
    wells
        Annotated wells (:func:`assaykit.annotate`).
    assay
        Name of an assay in :data:`ASSAYS`.
    parameters
        An instance of the assay's dataclass of parameters; its defaults if None.

    Returns
    -------
    pandas.DataFrame
        Observations, as in :mod:`assaykit.tables`. The assay's own tables, curves and steps
        are in what ``find_assay(name).quantify`` returns.

    Raises
    ------
    UsageError
        There is no such assay.
    InputError
        The wells cannot be quantified.

    Examples
    --------
    >>> from assaykit.plate import annotate
    >>> from assaykit.simulate import elisa_plate
    >>> made = elisa_plate(seed=1)
    >>> observations = quantify(annotate(made.readings, made.wells), "elisa")
    >>> observations["unit"].unique().tolist(), len(observations)
    (['pg/mL'], 76)
    """
    found = find_assay(assay)
    return found.quantify(wells, parameters or found.template.parameters()).observations
