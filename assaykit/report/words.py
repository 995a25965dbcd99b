"""What things are called in sheets and figures: assays, endpoints, axes, their own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assaykit.assays import ASSAYS
from assaykit.assays.base import endpoint_words
from assaykit.tables import Column

if TYPE_CHECKING:
    from assaykit.design import Design
    from assaykit.study import Study

RESCUE = "rescue_fraction"


def assay_title(name: str) -> str:
    """What people call an assay; its name if it is not known.

    Examples
    --------
    >>> assay_title("elisa"), assay_title("new")
    ('ELISA', 'new')
    """
    return next((assay.title for assay in ASSAYS if assay.name == name), name)


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


def contrast_words(effect: Mapping[Any, Any], design: Design) -> str:
    """What a contrast is called; a rescue by the arms that it is about.

    Examples
    --------
    >>> from assaykit.design import Design, Factor, Rescue
    >>> design = Design((Factor("treatment", ("control", "vesicle", "KO"), "control"),),
    ...                 rescue=Rescue("vesicle", "KO"))
    >>> contrast_words({"contrast": "rescue_fraction", "scale": "rescue_fraction"}, design)
    'effect of vesicle gone in KO'
    """
    if effect.get("scale") == RESCUE and design.rescue:
        return f"effect of {design.rescue.treated} gone in {design.rescue.rescued}"
    return str(effect["contrast"])


def own_columns(study: Study) -> tuple[Column, ...]:
    """The columns that only a Study's assays and design know: their variables and its factors.

    A factor is described by its levels.
    """
    names = {study.assay, *study.observations.get("assay", ())}
    variables = [
        Column(variable.name, variable.kind, variable.meaning, variable.unit)
        for assay in ASSAYS
        if assay.name in names
        for variable in assay.template.variables
    ]
    return (*variables, *_factors(study))


def _factors(study: Study) -> list[Column]:
    described = []
    for factor in study.design.factors:
        levels = ", ".join(
            f"{level} (reference)" if level == factor.reference_level else level
            for level in factor.levels
        )
        described.append(Column(factor.name, "text", f"factor of the design: {levels}"))
    return described
