"""What things are called in sheets and figures: assays, endpoints, axes, their own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assaykit.assays import ASSAYS, axis_words
from assaykit.report.columns import AS_TYPED
from assaykit.tables import Column

if TYPE_CHECKING:
    from assaykit.assays import Assay
    from assaykit.design import Design
    from assaykit.study import Study

__all__ = [
    "RESCUE", "assay_title", "axis_words", "contrast_words", "own_columns", "summary_tables",
]  # fmt: skip

RESCUE = "rescue_fraction"


def assay_title(name: str) -> str:
    """What people call an assay; its name if it is not known.

    Examples
    --------
    >>> assay_title("elisa"), assay_title("new")
    ('ELISA', 'new')
    """
    return next((assay.title for assay in ASSAYS if assay.name == name), name)


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


def own_columns(study: Study) -> dict[str, tuple[Column, ...]]:
    """The columns that only a Study's assays and design know, by sheet.

    Under ``""``, on any sheet: the variables of the template, shown as they were typed, and the
    factors, described by their levels. Under the name of a sheet: what an assay says of it.
    """
    assays = _assays(study)
    lists = (sheet for assay in assays for sheet in assay.template.lists)
    declared = [*(assay.template.variables for assay in assays), *(s.columns for s in lists)]
    variables = [
        Column(variable.name, variable.kind, variable.meaning, variable.unit, shown=AS_TYPED)
        for group in reversed(declared)
        for variable in group
    ]
    columns = {"": (*variables, *_factors(study))}
    for assay in assays:
        for sheet, own in assay.columns.items():
            columns[sheet] = (*columns.get(sheet, ()), *own)
    return columns


def summary_tables(study: Study) -> dict[str, tuple[str, ...]]:
    """Which of its own tables a plate's Summary shows, each with the columns that it shows.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.design import Design
    >>> from assaykit.study import Study
    >>> none = pd.DataFrame()
    >>> summary_tables(Study("p1", "elisa", Design(), none, none, none, none, none))
    {'Samples': ()}
    """
    return {name: shown for assay in _assays(study) for name, shown in assay.summary.items()}


def _assays(study: Study) -> list[Assay]:
    """The assays of a plate, or those of the plates that a study compares."""
    names = {study.assay} if study.assay else set(study.observations.get("assay", ()))
    return [assay for assay in ASSAYS if assay.name in names]


def _factors(study: Study) -> list[Column]:
    described = []
    for factor in study.design.factors:
        levels = ", ".join(
            f"{level} (reference)" if level == factor.reference_level else level
            for level in factor.levels
        )
        described.append(Column(factor.name, "text", f"factor of the design: {levels}"))
    return described
