"""A plan with everything that belongs to it: where its numbers come from, its answer in words."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from assaykit.errors import Problem, UsageError
from assaykit.provenance import InputFile, Step
from assaykit.stats.checks import BETWEEN_REPLICATES, BETWEEN_WELLS, REPLICATE_ARM
from assaykit.stats.plan_settings import (
    FEWEST_REPLICATES,
    SCALES,
    PlannedEffect,
    PlanSettings,
    VarianceComponents,
    effect_variance,
)
from assaykit.stats.planned_designs import DESIGNS
from assaykit.stats.planning import exact_power, needed_replicates, simulate_power

if TYPE_CHECKING:
    from assaykit.workbook.study_components import StudyComponents

_REFERENCES = (
    "Lazic SE, Clarke-Williams CJ, Munafò MR. What exactly is 'N' in cell culture and animal "
    "experiments? PLoS Biol 2018;16:e2005282.",
    "Hoenig JM, Heisey DM. The abuse of power: the pervasive fallacy of power calculations for "
    "data analysis. Am Stat 2001;55:19-24.",
    "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat "
    "Assoc 1927;22:209-212.",
)


@dataclass(frozen=True)
class ComponentsSource:
    """Standard deviations and where they come from.

    Parameters
    ----------
    components
        On the scale of the analysis.
    scale, unit
        Scale and unit of the effects that they are for.
    words
        Where they come from.
    inputs
        The study that they were read from.
    problems
        What had to be taken for granted.
    """

    components: VarianceComponents
    scale: str = "ratio"
    unit: str = ""
    words: str = "as typed"
    inputs: tuple[InputFile, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan: what was declared, the power of each choice, and the answer.

    Parameters
    ----------
    source
        Standard deviations and where they come from.
    effect, settings
        What was declared.
    table
        As :func:`assaykit.stats.planning.simulate_power` gives it.
    needed
        As :func:`assaykit.stats.planning.needed_replicates` gives it.
    summary
        The answer, one sentence each.
    parameters
        Everything declared, in words.
    steps
        What was done, for the methods text.
    """

    source: ComponentsSource
    effect: PlannedEffect
    settings: PlanSettings
    table: pd.DataFrame
    needed: pd.DataFrame
    summary: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def effect_words(self) -> str:
        """The effect in words: of a split plot the interaction."""
        if self.settings.design != "split-plot":
            return self.effect.words
        of = "ratio of ratios" if self.effect.scale == "ratio" else "difference of differences"
        return f"an interaction of {self.effect.size:g} {self.effect.unit}".rstrip() + f" ({of})"


def source_of_study(found: StudyComponents, scale: str = "") -> ComponentsSource:
    """Take the standard deviations of a finished study for a plan.

    Parameters
    ----------
    found
        As :func:`assaykit.workbook.study_components.read_variance_components` reads it.
    scale
        ``ratio`` or ``difference``; empty for that of the study. Log2 values can be planned as
        ratios (their standard deviations times ln 2) or as differences (log2 fold changes).

    Raises
    ------
    UsageError
        The study compares this endpoint on another scale, or does not say on which.

    Examples
    --------
    >>> from assaykit.workbook.study_components import StudyComponents
    >>> found = StudyComponents("qpcr", "RANKL", "delta_cq", {"between replicates": 1.0},
    ...                         "log2_fold_change")
    >>> source = source_of_study(found)
    >>> source.scale, round(source.components.between_sd, 4)
    ('ratio', 0.6931)
    """
    wanted = scale or {"": "", "log2_fold_change": "ratio"}.get(found.scale, found.scale)
    _check_scale(found, wanted)
    log2 = found.scale == "log2_fold_change"
    factor = math.log(2) if log2 and wanted == "ratio" else 1.0
    subjects = (BETWEEN_REPLICATES, REPLICATE_ARM, BETWEEN_WELLS)
    unit = "log2" if log2 and wanted == "difference" else found.unit
    name = found.source.name
    return ComponentsSource(
        VarianceComponents(*(factor * found.sd(subject) for subject in subjects)),
        wanted,
        "" if log2 and wanted == "ratio" else unit,
        f"{name}: {' '.join(filter(None, (found.assay, found.analyte, found.endpoint)))}",
        (found.source,),
        tuple(
            Problem("variance_taken_as_0", note, name, "Checks", severity="warning")
            for note in found.notes
        ),
    )


def _check_scale(found: StudyComponents, wanted: str) -> None:
    if not wanted:
        message = f"{found.source.name} does not say how {found.endpoint} is compared."
        raise UsageError(f"{message} Give the scale: {' or '.join(SCALES)}.")
    if found.scale in SCALES and wanted != found.scale:
        message = f"{found.source.name} compares {found.endpoint} by {found.scale}, not {wanted}."
        raise UsageError(f"{message} Leave the scale out, or give '{found.scale}'.")


def make_plan(
    source: ComponentsSource, effect_size: float, settings: PlanSettings | None = None
) -> Plan:
    """Plan an experiment: power, numbers, and the answer in words.

    Parameters
    ----------
    source
        Standard deviations and their scale.
    effect_size
        The smallest effect that matters, on that scale; see
        :class:`assaykit.stats.plan_settings.PlannedEffect`.
    settings
        Design, numbers, level and simulation.

    Raises
    ------
    UsageError
        As for :func:`assaykit.stats.planning.simulate_power`.

    Examples
    --------
    >>> source = ComponentsSource(VarianceComponents(0.3, 0.15, 0.2))
    >>> plan = make_plan(source, 1.5, PlanSettings(wells=(1, 4), n_simulated=1000))
    >>> print(plan.summary[0])
    With 4 wells per replicate and arm, 6 biological replicates per arm find a 1.5-fold change \
with at least 80 % power (87.1 %).
    """
    plan = settings or PlanSettings()
    effect = PlannedEffect(effect_size, source.scale, source.unit)
    table = simulate_power(source.components, effect, plan)
    bare = Plan(source, effect, plan, table, needed_replicates(table, plan.target))
    return replace(
        bare,
        summary=tuple(_summary(bare)),
        parameters=_parameters(bare),
        steps=(_step(bare),),
    )


def best_row(plan: Plan) -> Mapping[Hashable, Any] | None:
    """The needed row with the fewest biological replicates, and of these with the fewest wells."""
    reached = plan.needed[plan.needed["n_biological"].notna()]
    if reached.empty:
        return None
    return reached.sort_values(["n_biological", "n_wells"]).iloc[0].to_dict()


def _summary(plan: Plan) -> Iterator[str]:
    best = best_row(plan)
    if best is None:
        yield _not_reached(plan)
    else:
        yield _answer(plan, best)
        yield from _other_wells(plan, best["n_wells"])
        yield _interval_sentence(plan, best)
    yield _saturation(plan)
    yield _design_sentence(plan)


def _answer(plan: Plan, best: Mapping[Hashable, Any]) -> str:
    n, wells = int(best["n_biological"]), int(best["n_wells"])
    fewest = " (the fewest asked for)" if n == min(plan.settings.replicates) > 3 else ""
    return (
        f"With {_wells(wells)} per replicate and arm, {n} biological replicates per arm{fewest} "
        f"find {plan.effect_words} with at least {_percent(plan)} power "
        f"({100 * best['exact_power']:.1f} %)."
    )


def _percent(plan: Plan) -> str:
    return f"{100 * plan.settings.target:g} %"


def _wells(number: int) -> str:
    return "1 well" if number == 1 else f"{number} wells"


def _not_reached(plan: Plan) -> str:
    last = plan.table.sort_values("exact_power").iloc[-1]
    n, wells, power = int(last["n_biological"]), int(last["n_wells"]), last["exact_power"]
    return (
        f"None of the planned numbers finds {plan.effect_words} with {_percent(plan)} power: "
        f"{n} biological replicates per arm with {_wells(wells)} each reach {100 * power:.1f} %. "
        "Plan with more biological replicates, or for a larger effect."
    )


def _other_wells(plan: Plan, chosen: int) -> Iterator[str]:
    """What the other numbers of wells would need."""
    most = max(plan.settings.replicates)
    said = [
        f"{_wells(int(row['n_wells']))}: "
        + (f"more than {most}" if pd.isna(row["n_biological"]) else f"{row['n_biological']}")
        for row in plan.needed.to_dict("records")
        if row["n_wells"] != chosen
    ]
    if said:
        yield f"Biological replicates per arm with {'; '.join(said)}."


def _interval_sentence(plan: Plan, row: Mapping[Hashable, Any]) -> str:
    percent = f"{100 * (1 - plan.settings.alpha):.4g} %"
    if plan.effect.scale == "ratio":
        width = f"from the estimate ÷ {row['interval_ratio']:.3g} to × {row['interval_ratio']:.3g}"
    else:
        width = f"± {row['half_width']:.3g} {plan.effect.unit}".rstrip()
    return f"Its {percent} interval is then expected to reach {width}."


def _saturation(plan: Plan) -> str:
    """What wells can do at most: as if their variance were gone."""
    components, settings = plan.source.components, plan.settings
    if effect_variance(components, settings.design, math.inf) == 0:
        return "Only wells vary here, so that wells and replicates can stand for one another."
    most = max(settings.replicates)
    for n in range(FEWEST_REPLICATES, most + 1):
        power = exact_power(components, plan.effect, settings, n, math.inf)
        if power >= settings.target:
            return (
                f"Wells saturate: with any number of wells at least {n} biological replicates per "
                "arm are needed."
            )
    return (
        f"Wells cannot do it: with any number of wells {most} biological replicates per arm reach "
        f"at most {100 * power:.1f} %."
    )


def _design_sentence(plan: Plan) -> str:
    settings = plan.settings
    shared = f", Bonferroni over {settings.contrasts} contrasts" if settings.contrasts > 1 else ""
    return (
        f"Design: {DESIGNS[settings.design].words}. Two-sided level {settings.alpha:.4g}{shared}."
    )


def _parameters(plan: Plan) -> dict[str, str]:
    settings, components = plan.settings, plan.source.components
    scale = "(natural logarithm)" if plan.effect.scale == "ratio" else plan.effect.unit
    spreads = {name: f"{value:.6g} {scale}".rstrip() for name, value in vars(components).items()}
    return {
        "effect": f"{plan.effect.size:g} {plan.effect.unit}".rstrip() + ", declared beforehand",
        "scale": plan.effect.scale,
        "standard deviations": plan.source.words,
        **spreads,
        "design": settings.design,
        "replicates": ", ".join(map(str, sorted(set(settings.replicates)))),
        "wells": ", ".join(map(str, sorted(set(settings.wells)))),
        "power": f"{settings.target:g}",
        "confidence": f"{settings.confidence:g}",
        "contrasts": str(settings.contrasts),
        "simulations": str(settings.n_simulated),
        "seed": str(settings.seed),
    }


def _step(plan: Plan) -> Step:
    """How the plan was computed, as one step of the methods."""
    settings = plan.settings
    apart = (plan.table["power"] - plan.table["exact_power"]).abs().max()
    adjusted = (
        f" (Bonferroni over {settings.contrasts} planned contrasts)"
        if settings.contrasts > 1
        else ""
    )
    sentence = (
        f"Power to find {plan.effect_words}, declared beforehand, was computed from "
        f"{settings.n_simulated} simulated studies for each number of biological replicates per "
        "arm and of wells (random effects of replicate, replicate × arm and well, normal on the "
        f"scale of the analysis; {DESIGNS[settings.design].words}). From the means of each "
        f"replicate's wells each study was analysed by {DESIGNS[settings.design].test}, two-sided "
        f"at {settings.alpha:.4g}{adjusted}, which for balanced designs is the mixed model of the "
        "comparison; a significant difference counts if it has the direction of the effect. "
        "Monte-Carlo intervals are Wilson's. The largest difference from the exact power "
        f"(noncentral t), which gives the numbers of replicates, was {100 * apart:.1f} percentage "
        "points"
    )
    return Step("plan", sentence, {}, _REFERENCES)


def plan_document(plan: Plan) -> dict[str, object]:
    """A plan as plain values, for JSON: tables as lists of rows, missing numbers as None.

    Examples
    --------
    >>> source = ComponentsSource(VarianceComponents(0.3, 0.15, 0.2))
    >>> plan = make_plan(source, 1.5, PlanSettings(wells=(1,), n_simulated=100))
    >>> plan_document(plan)["needed"][0]["n_biological"]
    9
    """
    import json

    def rows(table: pd.DataFrame) -> object:
        return json.loads(table.to_json(orient="records", double_precision=15))

    return {
        "summary": list(plan.summary),
        "parameters": dict(plan.parameters),
        "power": rows(plan.table),
        "needed": rows(plan.needed),
    }
