"""The contrasts of one endpoint: who takes part, what is tested, what is only described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import (
    MIN_REPLICATES,
    Contrast,
    Design,
    connected_arms,
    rescue_contrasts,
)
from assaykit.errors import DesignError, UsageError
from assaykit.stats.arm_models import ArmModel, WelchArms, fit_arm_model, no_spread
from assaykit.stats.classical import classical_name
from assaykit.stats.equivalence import equivalence_limits, equivalence_p
from assaykit.stats.families import adjusted_contrasts
from assaykit.stats.layout import Codes
from assaykit.stats.rescue import rescue_fraction
from assaykit.stats.scales import Analysis, analysis_of
from assaykit.stats.structure import Structure, decide_structure, replicate_names
from assaykit.stats.two_arms import hedges_g

RESCUE = "rescue_fraction"
AT_BOUND, AT_BOUND_WORDS = "at_bound", "values at their bound"
"""Flag of a value that is a bound, such as the quantity of a target that was not found."""


@dataclass(frozen=True, eq=False)
class EndpointComparison:
    """One endpoint, compared.

    Parameters
    ----------
    names
        assay, analyte, endpoint and unit of the values.
    analysis
        The scale on which arms were compared.
    wells
        Values that count: arm, replicate, ``y`` on the scale of the analysis, and the wells'
        columns.
    means
        One row per arm and replicate: ``y``, the mean of its wells, and ``n_wells``.
    contrasts
        The planned contrasts.
    obstacles
        Why a contrast was not tested, by name.
    structure, model
        How it was compared; none where no contrast could be tested.
    rows
        Rows of the effects table, without q value.
    """

    names: Mapping[str, str]
    analysis: Analysis
    wells: pd.DataFrame
    means: pd.DataFrame
    contrasts: tuple[Contrast, ...]
    obstacles: Mapping[str, str]
    structure: Structure | None
    model: ArmModel | None
    rows: tuple[Mapping[str, Any], ...]

    @property
    def tested(self) -> tuple[Contrast, ...]:
        """The contrasts that were tested."""
        return tuple(one for one in self.contrasts if one.name not in self.obstacles)


def compare_endpoint(
    wells: pd.DataFrame,
    contrasts: Sequence[Contrast],
    design: Design,
    analysis: Analysis | None = None,
) -> EndpointComparison:
    """Compare the arms of one endpoint.

    Parameters
    ----------
    wells
        Sample wells of one endpoint that count, with the column ``arm``.
    contrasts
        The planned contrasts: the family.
    design
        Adjustment, blocks, margin, rescue, confidence level, the word for a replicate.
    analysis
        How the values are compared; else chosen from their scale and values.

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> wells = pd.DataFrame({"assay": "trap", "analyte": "", "endpoint": "osteoclast_area",
    ...     "arm": ["control"] * 3 + ["vesicle"] * 3, "biological_replicate": list("123456"),
    ...     "plate": "P1", "well": list("abcdef"), "value": [1.0, 2, 3, 3, 4, 6], "unit": "mm2",
    ...     "scale": "linear"})
    >>> wells["treatment"] = wells["arm"]
    >>> row = compare_endpoint(wells, design.planned(design.arms), design).rows[0]
    >>> round(row["estimate"], 4), round(row["p_value"], 4), row["n_technical"]
    (2.3333, 0.0913, 6)
    """
    values = wells["value"].to_numpy(dtype=float)
    analysis = analysis or analysis_of(str(wells["scale"].iloc[0]), values)
    ready = wells.assign(y=analysis.forward(values), replicate=replicate_names(wells, design))
    means = _means(ready)
    parts = rescue_contrasts(design, design.rescue) if design.rescue else ()
    counts = means["arm"].value_counts()
    enough = ready[ready["arm"].map(counts) >= MIN_REPLICATES]
    few = {one: _too_few(one, means) for one in (*contrasts, *parts)}
    structure, model, reasons = _fit(enough, few, design)
    obstacles = {one.name: reasons[one] for one in contrasts if reasons[one]}
    if why := next((reasons[one] for one in parts if reasons[one]), ""):
        obstacles[RESCUE] = why
    names = {name: str(wells[name].iloc[0]) for name in ("assay", "analyte", "endpoint", "unit")}
    made = EndpointComparison(
        names, analysis, enough, means, tuple(contrasts), obstacles, structure, model, ()
    )
    return EndpointComparison(**{**vars(made), "rows": tuple(_rows(made, design))})


def _means(wells: pd.DataFrame) -> pd.DataFrame:
    """The mean of each replicate in each arm, on the scale of the analysis."""
    grouped = wells.groupby(["arm", "replicate"], sort=False)
    return grouped.agg(y=("y", "mean"), n_wells=("y", "size")).reset_index()


def _too_few(contrast: Contrast, means: pd.DataFrame) -> str:
    """Say why so few replicates are only described; empty if they are enough."""
    counts = [(int((means["arm"] == arm).sum()), arm) for arm in contrast.arms]
    replicates, arm = min(counts, key=lambda found: found[0])
    if replicates == 0:
        return f"not estimated: no value in {arm}"
    if replicates < MIN_REPLICATES:
        noun = "biological replicate" if replicates == 1 else "biological replicates"
        return f"description only: {replicates} {noun} in {arm}, {MIN_REPLICATES} are needed"
    return ""


def _fit(
    wells: pd.DataFrame, few: Mapping[Contrast, str], design: Design
) -> tuple[Structure | None, ArmModel | None, Mapping[Contrast, str]]:
    """The structure, the model, and why contrasts are not tested (empty where they are)."""
    if all(few.values()):
        return None, None, few
    structure = decide_structure(wells, design)
    try:
        model = fit_arm_model(wells, structure, design)
    except DesignError as error:
        why = f"description only: {'; '.join(problem.message for problem in error.problems)}"
        return structure, None, {one: reason or why for one, reason in few.items()}
    why = f"description only: {no_spread(structure, design)}"
    reasons = {}
    for one, reason in few.items():
        apart = (
            "" if model.tells(one.weights) else _confounded(one, structure, wells["arm"], design)
        )
        reasons[one] = reason or apart or ("" if model.varies(one.weights) else why)
    return structure, model, reasons


def _confounded(contrast: Contrast, structure: Structure, arms: pd.Series, design: Design) -> str:
    """Say which plates or days an effect cannot be told from."""
    *first, last = contrast.arms
    apart = [name for name, codes in structure.blocks.items() if _splits(contrast, arms, codes)]
    blocks = " and ".join(apart or structure.blocks) or design.replicate_word
    return (
        f"description only: no {blocks} connects the arms {', '.join(first)} and {last}, so the "
        f"{blocks} may be what differs; next time have these arms side by side in each {blocks}"
    )


def _splits(contrast: Contrast, arms: pd.Series, codes: Codes) -> bool:
    """Whether one block by itself keeps the arms of a contrast apart."""
    sets = connected_arms(zip(arms, map(str, codes), strict=True))
    return any(sum(contrast.weights.get(arm, 0.0) for arm in met) for met in sets)


def _rows(made: EndpointComparison, design: Design) -> list[dict[str, Any]]:
    unit = made.names["unit"] if made.analysis.unit is None else made.analysis.unit
    same = {name: made.names[name] for name in ("assay", "analyte", "endpoint")}
    same |= {"scale": made.analysis.effect, "unit": unit}
    tests = _tests(made, design)
    rows = []
    for contrast in made.contrasts:
        outcome = (
            _tested(made, contrast, tests[contrast.name], design)
            if contrast.name in tests
            else _described(made, contrast)
        )
        rows.append({**same, **_who(made, contrast), **outcome})
    return rows + [{**same, **row} for row in _rescue_rows(made, design)]


def _tests(made: EndpointComparison, design: Design) -> dict[str, dict[str, Any]]:
    if made.model is None or not made.tested:
        return {}
    table = adjusted_contrasts(made.model.arms, made.tested, design)
    return {str(test["contrast"]): dict(test) for test in table.to_dict("records")}  # type: ignore[arg-type]


def _who(made: EndpointComparison, contrast: Contrast) -> dict[str, Any]:
    part = made.means[made.means["arm"].isin(contrast.arms)]
    return {
        "contrast": contrast.name,
        "n_biological": part["replicate"].nunique(),
        "n_technical": int(part["n_wells"].sum()),
    }


def _tested(
    made: EndpointComparison, contrast: Contrast, test: Mapping[str, Any], design: Design
) -> dict[str, Any]:
    same = ("standard_error", "df", "statistic", "p_value", "p_adjusted", "adjustment")
    told = ("estimate", "ci_low", "ci_high")
    return {
        **{name: test[name] for name in same},
        **{name: made.analysis.back(test[name]) for name in told},
        **{_ratio_name(name): made.analysis.ratio(test[name]) for name in told},
        "p_equivalence": _equivalence(test, made.analysis, design),
        "hedges_g": _standardised(made, contrast),
        "method": _method(made, contrast, design),
    }


def _equivalence(test: Mapping[str, Any], analysis: Analysis, design: Design) -> float:
    margin = design.equivalence_margin
    limits = equivalence_limits(margin, analysis.effect) if margin else None
    if limits is None:
        return float("nan")
    return equivalence_p(test["estimate"], test["standard_error"], test["df"], *limits)


def _described(made: EndpointComparison, contrast: Contrast) -> dict[str, Any]:
    mean = made.means.groupby("arm")["y"].mean()
    there = all(arm in mean for arm in contrast.arms)
    difference = sum(w * mean[arm] for arm, w in contrast.weights.items()) if there else np.nan
    return {
        "estimate": made.analysis.back(float(difference)),
        "adjustment": "",
        "method": made.obstacles[contrast.name],
    }


def _standardised(made: EndpointComparison, contrast: Contrast) -> float:
    """Hedges' g of two arms; none for an interaction, or where no arm varies."""
    if contrast.minus:
        return float("nan")
    try:
        return hedges_g(*(made.means.loc[made.means["arm"] == a, "y"] for a in contrast.arms))
    except UsageError:
        return float("nan")


def _method(made: EndpointComparison, contrast: Contrast, design: Design) -> str:
    """The model in words, the scale, and the classical test that it equals."""
    if made.model is None or made.structure is None:
        return ""
    parts = [f"{made.model.name} of {made.analysis.words}"]
    welch = isinstance(made.model.arms, WelchArms)
    if not welch and (name := classical_name(made.structure, contrast)):
        parts.append(f"balanced, so it equals {name} on the mean of each {design.replicate_word}")
    return "; ".join([*parts, *made.model.notes, *_bound_notes(made, contrast)])


def _bound_notes(made: EndpointComparison, contrast: Contrast) -> list[str]:
    """Say in which arms values are bounds (of what was not found), so that so is the effect."""
    if "flags" not in made.wells:
        return []
    bounded = made.wells["flags"].fillna("").astype(str).str.contains(AT_BOUND, regex=False)
    counts = made.wells[bounded]["arm"].value_counts()
    arms = [f"{counts[arm]} of {arm}" for arm in contrast.arms if counts.get(arm, 0)]
    if not arms:
        return []
    return [f"{AT_BOUND_WORDS}: {', '.join(arms)}", "the effect is at least that"]


def _ratio_name(name: str) -> str:
    return "ratio" if name == "estimate" else f"ratio_{name}"


def _rescue_rows(made: EndpointComparison, design: Design) -> list[dict[str, Any]]:
    """The rescue fraction, where one is declared."""
    if design.rescue is None:
        return []
    rescued, treated = rescue_contrasts(design, design.rescue)
    whole = Contrast(RESCUE, rescued.arm, rescued.against, (treated.arm, treated.against))
    same = {**_who(made, whole), "scale": RESCUE, "unit": "", "adjustment": ""}
    if made.model is None or RESCUE in made.obstacles:
        return [{**same, "estimate": np.nan, "method": made.obstacles[RESCUE]}]
    found = rescue_fraction(made.model.arms, rescued, treated, design.confidence)
    end = "" if found.bounded else f"; no interval: {treated.name} is not told from no effect"
    words = f"1 − ({rescued.name}) / ({treated.name}), differences of {made.analysis.words}"
    return [
        {
            **same,
            **{name: getattr(found, name) for name in ("estimate", "ci_low", "ci_high", "df")},
            "standard_error": found.standard_error,
            "method": f"{words}; Fieller interval{end}",
        }
    ]
