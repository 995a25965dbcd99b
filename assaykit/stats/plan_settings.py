"""What a person declares to plan an experiment: spread, effect, design, numbers, power."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assaykit.stats.planned_designs import DESIGNS

SCALES = ("ratio", "difference")
FEWEST_REPLICATES, MOST_REPLICATES, MOST_WELLS = 3, 200, 384
FEWEST_SIMULATED, MOST_SIMULATED = 100, 1_000_000


@dataclass(frozen=True)
class VarianceComponents:
    """How much wells vary, and why: standard deviations on the scale of the analysis.

    For ratios they are those of natural logarithms: 0.2 is about 20 %.

    Parameters
    ----------
    between_sd
        Of biological replicates, in all arms alike.
    arm_sd
        Of the response of a replicate to an arm ("replicate × arm").
    within_sd
        Of the wells of one replicate in one arm.
    """

    between_sd: float
    arm_sd: float
    within_sd: float


@dataclass(frozen=True)
class PlannedEffect:
    """The effect that an experiment should find, declared beforehand.

    Parameters
    ----------
    size
        A ratio such as 1.5 (0.5 is a halving), or a difference in the unit of the values. In a
        split-plot design it is the interaction: a ratio of ratios or difference of differences.
    scale
        ``ratio`` or ``difference``.
    unit
        Unit of a difference; for a ratio what it is one of, such as ``odds``.

    Examples
    --------
    >>> PlannedEffect(1.5).words, PlannedEffect(-4, "difference", "pg/mL").words
    ('a 1.5-fold change', 'a difference of -4 pg/mL')
    >>> round(PlannedEffect(0.5).distance, 4), round(PlannedEffect(2.0).distance, 4)
    (0.6931, 0.6931)
    """

    size: float
    scale: str = "ratio"
    unit: str = ""

    @property
    def distance(self) -> float:
        """How far it is from no effect, on the scale of the analysis."""
        return abs(math.log(self.size) if self.scale == "ratio" else self.size)

    @property
    def words(self) -> str:
        """The effect in words."""
        if self.scale == "ratio":
            return f"a {self.size:g}-fold change{f' of the {self.unit}' if self.unit else ''}"
        return f"a difference of {self.size:g} {self.unit}".rstrip()


@dataclass(frozen=True)
class PlanSettings:
    """What is planned, and how it is simulated.

    Parameters
    ----------
    design
        One of :data:`assaykit.stats.planned_designs.DESIGNS`.
    replicates
        Numbers of biological replicates per arm, 3 or more.
    wells
        Numbers of wells of each replicate in each arm.
    target
        Wanted power, as a share.
    confidence
        Coverage of the interval of one contrast; the test is two-sided at 1 − confidence.
    contrasts
        How many contrasts are planned; the level of each is divided by it (Bonferroni).
    n_simulated
        Simulated studies for each number of replicates and wells.
    seed
        Of the random numbers.

    Examples
    --------
    >>> round(PlanSettings(contrasts=2).alpha, 6)
    0.025
    """

    design: str = "shared"
    replicates: tuple[int, ...] = tuple(range(3, 11))
    wells: tuple[int, ...] = (1, 2, 3, 4, 6)
    target: float = 0.8
    confidence: float = 0.95
    contrasts: int = 1
    n_simulated: int = 4000
    seed: int = 2022

    @property
    def alpha(self) -> float:
        """Two-sided significance level of each contrast."""
        return (1 - self.confidence) / self.contrasts


def effect_variance(components: VarianceComponents, design: str, n_wells: float) -> float:
    """Variance of the estimated effect times n, on the scale of the analysis.

    Parameters
    ----------
    components
        Standard deviations.
    design
        Name of the design.
    n_wells
        Wells of each replicate in each arm; infinite for the most that wells can do.

    Examples
    --------
    >>> round(effect_variance(VarianceComponents(0.3, 0.1, 0.2), "shared", 4), 6)
    0.04
    """
    plan = DESIGNS[design]
    inner = components.arm_sd**2 + components.within_sd**2 / n_wells
    return plan.between_weight * components.between_sd**2 + plan.inner_weight * inner


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers as people write them; none where it cannot be read as such.

    Examples
    --------
    >>> whole_numbers("3-6, 8"), whole_numbers("6-3"), whole_numbers("many")
    ((3, 4, 5, 6, 8), (), ())
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            return ()
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def plan_problems(
    components: VarianceComponents, effect: PlannedEffect, settings: PlanSettings
) -> list[str]:
    """Say everything that keeps a plan from being computed, and what to do about it.

    Examples
    --------
    >>> plan_problems(VarianceComponents(0.3, 0.1, 0.2), PlannedEffect(1.0), PlanSettings())
    ['A ratio of 1 is no effect. Declare the smallest effect that matters, such as 1.5.']
    """
    problems = [
        *_spread_problems(components),
        *_effect_problems(effect),
        *_number_problems(settings),
    ]
    if not problems and effect_variance(components, settings.design, 1) == 0:
        problems.append(
            "Nothing varies that this design compares by, so there is no power to compute. Give "
            "the standard deviation between replicates, of replicate × arm, or between wells."
        )
    return problems


def _spread_problems(components: VarianceComponents) -> Iterator[str]:
    for name, value in vars(components).items():
        if math.isnan(value):
            yield f"{name} is missing. Give all three standard deviations, 0 for none, or a study."
        elif not 0 <= value < math.inf:
            yield f"{name} is {value:g}; a standard deviation is a number of 0 or more."


def _effect_problems(effect: PlannedEffect) -> Iterator[str]:
    if effect.scale not in SCALES:
        yield f"The scale '{effect.scale}' is not known. Use one of {', '.join(SCALES)}."
        return
    advice = "Declare the smallest effect that matters, such as"
    ratio = effect.scale == "ratio"
    if not math.isfinite(effect.size):
        yield f"The effect is {effect.size}, which is no number. {advice} 1.5."
    elif ratio and effect.size <= 0:
        yield (
            f"A ratio of {effect.size:g} cannot be; ratios are above 0. Give 0.5 for a halving, or "
            "the scale 'difference' for a difference."
        )
    elif effect.distance == 0:
        yield f"A {effect.scale} of {effect.size:g} is no effect. {advice} {'1.5' if ratio else 5}."


def _number_problems(plan: PlanSettings) -> Iterator[str]:
    if plan.design not in DESIGNS:
        yield f"The design '{plan.design}' is not known. Use one of {', '.join(DESIGNS)}."
    if not plan.replicates:
        yield "There is no number of biological replicates. Write them as 3-10 or 4,6,8."
    elif min(plan.replicates) < FEWEST_REPLICATES:
        yield (
            f"Fewer than {FEWEST_REPLICATES} biological replicates per arm are described, not "
            "tested, so they have no power. Plan with 3 or more."
        )
    elif max(plan.replicates) > MOST_REPLICATES:
        yield f"At most {MOST_REPLICATES} biological replicates per arm can be planned."
    if not plan.wells:
        yield "There is no number of wells. Write them as 1,2,4 or 1-6."
    elif min(plan.wells) < 1 or max(plan.wells) > MOST_WELLS:
        yield f"Each replicate needs 1 to {MOST_WELLS} wells in each arm."
    if not 0.5 <= plan.confidence < 1:
        yield f"The confidence is {plan.confidence:g}, expected 0.5 to below 1, such as 0.95."
    if plan.contrasts < 1:
        yield f"{plan.contrasts} contrasts are planned; there must be at least 1."
    if not 0 < plan.target < 1:
        yield target_problem(plan.target)
    if not FEWEST_SIMULATED <= plan.n_simulated <= MOST_SIMULATED:
        yield f"Simulate {FEWEST_SIMULATED} to {MOST_SIMULATED} studies, not {plan.n_simulated}."
    if plan.seed < 0:
        yield f"The seed is {plan.seed}; give a whole number of 0 or more."


def target_problem(target: float) -> str:
    """What is wrong with a wanted power that is no share."""
    return f"The wanted power is {target:g}, expected a share between 0 and 1, such as 0.8."
