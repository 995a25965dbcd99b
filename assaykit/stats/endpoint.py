"""The contrasts of one endpoint: who takes part, what is tested, what is only described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import MIN_REPLICATES, Contrast, Design
from assaykit.errors import DesignError, UsageError
from assaykit.stats.contrasts import Adjustment, estimate_contrasts
from assaykit.stats.models import Model, one_way, randomised_block
from assaykit.stats.multiplicity import holm
from assaykit.stats.scales import Analysis, analysis_of
from assaykit.stats.two_arms import hedges_g


@dataclass(frozen=True, eq=False)
class Comparison:
    """One contrast with the replicates that take part in it.

    Parameters
    ----------
    contrast
        The arms.
    arm, against
        Replicate values of either arm; those of shared replicates in the same order.
    paired
        Whether the two arms share these replicates.
    incomplete
        Shared replicates that are left out because one of the arms lacks them.
    obstacle
        Why there is no test; empty if there is one.
    """

    contrast: Contrast
    arm: pd.DataFrame
    against: pd.DataFrame
    paired: bool
    incomplete: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def n_biological(self) -> int:
        """Biological replicates: the shared ones, or those of both arms together."""
        return len(self.arm) if self.paired else len(self.arm) + len(self.against)

    @property
    def n_technical(self) -> int:
        """Wells behind them."""
        return int(self.arm["n_wells"].sum() + self.against["n_wells"].sum())

    @property
    def difference(self) -> float:
        """Difference of the two arms' means on the scale of the analysis."""
        return float(self.arm["y"].mean() - self.against["y"].mean())


@dataclass(frozen=True, eq=False)
class _Family:
    """Comparisons that one model tests."""

    model: Model
    members: tuple[Comparison, ...]

    @property
    def contrasts(self) -> list[Contrast]:
        return [member.contrast for member in self.members]


def compare_endpoint(
    replicates: pd.DataFrame, contrasts: Sequence[Contrast], design: Design, shared: bool
) -> list[dict[str, Any]]:
    """Compare the arms of one endpoint.

    Parameters
    ----------
    replicates
        Rows of the replicates table that belong to one endpoint.
    contrasts
        The planned contrasts: the family.
    design
        Confidence level, and words for the method.
    shared
        Whether the arms share their biological replicates.

    Returns
    -------
    list of dict
        One row of the effects table for each contrast, without q value.

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> rows = pd.DataFrame({"assay": "trap", "analyte": "", "endpoint": "osteoclast_area",
    ...     "arm": ["control"] * 3 + ["vesicle"] * 3, "biological_replicate": list("123456"),
    ...     "n_wells": 4, "value": [1.0, 2, 3, 3, 4, 6], "unit": "mm2", "scale": "linear"})
    >>> row = compare_endpoint(rows, design.planned(design.arms), design, shared=False)[0]
    >>> round(row["estimate"], 4), round(row["p_value"], 4), row["n_technical"]
    (2.3333, 0.0913, 24)
    """
    first = replicates.iloc[0]
    values = replicates.dropna(subset="value")
    analysis = analysis_of(first["scale"], values["value"].to_numpy(dtype=float))
    values = values.assign(y=analysis.forward(values["value"].to_numpy(dtype=float)))
    by_arm = {arm: rows.set_index("biological_replicate") for arm, rows in values.groupby("arm")}
    nobody = values.iloc[:0].set_index("biological_replicate")
    comparisons = [
        _comparison(c, by_arm.get(c.arm, nobody), by_arm.get(c.against, nobody), shared)
        for c in contrasts
    ]
    families, obstacles = _fit(values, [c for c in comparisons if not c.obstacle], shared)
    tests = _test(families, design.confidence)
    unit = first["unit"] if analysis.unit is None else analysis.unit
    known = {name: first[name] for name in ("assay", "analyte", "endpoint")}
    known |= {"scale": analysis.effect, "unit": unit}
    rows = []
    for one in comparisons:
        name = one.contrast.name
        if name in tests:
            outcome = _tested(one, tests[name], analysis, design)
        else:
            outcome = _described(one, obstacles.get(name, one.obstacle), analysis)
        rows.append({**known, **_who(one), **outcome})
    return rows


def _comparison(
    contrast: Contrast, arm: pd.DataFrame, against: pd.DataFrame, shared: bool
) -> Comparison:
    common = [name for name in arm.index if name in against.index]
    if not shared or not common:
        lowest, label = min((len(arm), contrast.arm), (len(against), contrast.against))
        return Comparison(contrast, arm, against, False, (), _obstacle(lowest, f" in {label}"))
    alone = tuple(str(name) for name in arm.index.symmetric_difference(against.index))
    obstacle = _obstacle(len(common), "")
    return Comparison(contrast, arm.loc[common], against.loc[common], True, alone, obstacle)


def _obstacle(replicates: int, where: str) -> str:
    """Say why so few replicates are only described; empty if they are enough."""
    if replicates == 0:
        return f"not estimated: no value{where}"
    if replicates < MIN_REPLICATES:
        noun = "biological replicate" if replicates == 1 else "biological replicates"
        return f"description only: {replicates} {noun}{where}, {MIN_REPLICATES} are needed"
    return ""


def _fit(
    values: pd.DataFrame, comparisons: Sequence[Comparison], shared: bool
) -> tuple[list[_Family], dict[str, str]]:
    """Fit the model of each family; where it cannot be fitted, say why by contrast."""
    paired = [one for one in comparisons if one.paired]
    others = [one for one in comparisons if not one.paired]
    counts = values["arm"].value_counts()
    enough = values[values["arm"].map(counts) >= MIN_REPLICATES]
    plans = [(randomised_block, enough, paired)]
    if shared:
        plans += [(one_way, pd.concat([one.arm, one.against]), [one]) for one in others]
    else:
        plans += [(one_way, enough, others)]
    families, obstacles = [], {}
    for model, rows, members in plans:
        try:
            if members:
                families.append(_Family(model(rows), tuple(members)))
        except DesignError as error:
            reason = f"description only: {error.problems[0].message}"
            obstacles.update({one.contrast.name: reason for one in members})
    return families, obstacles


def _test(families: Sequence[_Family], confidence: float) -> dict[str, dict[str, Any]]:
    """Test all contrasts of an endpoint and adjust them for one another."""
    members = [member for family in families for member in family.members]
    if not members:
        return {}
    against = {member.contrast.against for member in members}
    count = len(members)
    if count > 1 and len(families) == 1 and len(against) == 1:
        words = f"Dunnett, {count} contrasts against {against.pop()}; simultaneous intervals"
        table = _estimates(families, confidence, "dunnett")
    elif count > 1:
        words = f"Holm, {count} planned contrasts; Bonferroni intervals"
        table = _estimates(families, 1 - (1 - confidence) / count, "none")
        table = table.assign(p_adjusted=holm(table["p_value"]))
    else:
        words = "none, 1 contrast"
        table = _estimates(families, confidence, "none")
    tests = table.assign(adjustment=words).to_dict("records")
    return {test["contrast"]: {str(name): test[name] for name in test} for test in tests}


def _estimates(families: Sequence[_Family], confidence: float, adjust: Adjustment) -> pd.DataFrame:
    tables = [
        estimate_contrasts(
            family.model.fit, family.contrasts, adjust=adjust, confidence=confidence
        ).assign(model=family.model.name)
        for family in families
    ]
    return pd.concat(tables, ignore_index=True)


def _who(one: Comparison) -> dict[str, Any]:
    return {
        "contrast": one.contrast.name,
        "n_biological": one.n_biological,
        "n_technical": one.n_technical,
    }


def _tested(
    one: Comparison, test: Mapping[str, Any], analysis: Analysis, design: Design
) -> dict[str, Any]:
    same = ("standard_error", "df", "statistic", "p_value", "p_adjusted", "adjustment")
    told = ("estimate", "ci_low", "ci_high")
    return {
        **{name: test[name] for name in same},
        **{name: analysis.back(test[name]) for name in told},
        "hedges_g": _standardised(one),
        "method": _method(one, test["model"], analysis, design),
    }


def _described(one: Comparison, obstacle: str, analysis: Analysis) -> dict[str, Any]:
    there = len(one.arm) > 0 and len(one.against) > 0
    estimate = analysis.back(one.difference) if there else np.nan
    return {"estimate": estimate, "adjustment": "", "method": obstacle}


def _standardised(one: Comparison) -> float:
    """Hedges' g of the arms; none where no arm varies."""
    try:
        return hedges_g(one.arm["y"], one.against["y"])
    except UsageError:
        return float("nan")


def _method(one: Comparison, model: str, analysis: Analysis, design: Design) -> str:
    """Such as ``paired t test on means of the wells of each donor``."""
    parts = [f"{model} on {analysis.words} of the wells of each {design.replicate_word}"]
    if design.replicates_shared is None:
        share = "share their" if one.paired else "have different"
        parts.append(f"the arms {share} biological replicates, as their names show")
    if one.incomplete:
        parts.append(f"in one of the arms only, so not in n: {', '.join(one.incomplete)}")
    return "; ".join(parts)
