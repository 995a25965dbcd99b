"""Planned contrasts: one arm against another, differences of such differences, the rescue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assaykit.design.declaration import Design, Factor

JOINER = " / "

ADJUSTMENTS: Mapping[str, str] = {
    "": "chosen by the family: Dunnett where all contrasts are against one arm, else Holm",
    "dunnett": "arms against one common arm (Dunnett 1955), simultaneous intervals",
    "tukey": "all pairs of arms (Tukey; Games-Howell with unequal variances)",
    "holm": "any planned set, step by step (Holm 1979), Bonferroni intervals",
    "sidak": "any planned set (Sidak 1967), intervals of the same name",
    "bonferroni": "any planned set, every p times their number",
    "none": "no adjustment: each contrast on its own",
}
"""How the contrasts of one endpoint can be adjusted for one another."""


@dataclass(frozen=True)
class Contrast:
    """One planned comparison of arms, all by label.

    Parameters
    ----------
    name
        What it is called in tables and figures, such as ``vesicle vs control``.
    arm
        Label of the arm of interest.
    against
        Label of the arm that it is compared with.
    minus
        Two arms whose difference is taken away: the contrast is then an interaction, the
        difference of two differences (on a log scale the ratio of two ratios).

    Examples
    --------
    >>> Contrast("vesicle vs control", "vesicle", "control").weights
    {'vesicle': 1.0, 'control': -1.0}
    >>> Contrast("interaction", "KO / vesicle", "KO / control",
    ...          ("WT / vesicle", "WT / control")).arms
    ('KO / vesicle', 'KO / control', 'WT / vesicle', 'WT / control')
    """

    name: str
    arm: str
    against: str
    minus: tuple[str, str] | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of all arms that take part."""
        return (self.arm, self.against, *(self.minus or ()))

    @property
    def weights(self) -> dict[str, float]:
        """What each arm's mean is multiplied by."""
        weights = dict.fromkeys(self.arms, 0.0)
        for label, sign in zip(self.arms, (1.0, -1.0, -1.0, 1.0), strict=False):
            weights[label] += sign
        return weights


@dataclass(frozen=True)
class Rescue:
    """Which arm shows the whole effect, and in which arm it should be gone.

    The rescue fraction is ``1 - (rescued - its control) / (treated - its control)``: the share
    of the vesicles' effect that is lost without the microRNA.

    Parameters
    ----------
    treated
        Label of the arm with the whole effect, such as ``vesicle``.
    rescued
        Label of the arm in which it should be gone, such as ``KO vesicle``.

    Examples
    --------
    >>> Rescue("vesicle", "KO vesicle").rescued
    'KO vesicle'
    """

    treated: str
    rescued: str


def rescue_contrasts(design: Design, rescue: Rescue) -> tuple[Contrast, Contrast]:
    """The two differences whose quotient tells the rescue: of the rescued, of the treated arm.

    The control of an arm has the same level of each factor in which treated and rescued arm
    differ, and the reference level of every other factor; with one factor it is the reference
    arm.

    Examples
    --------
    >>> from assaykit.design import Design, Factor
    >>> design = Design((Factor("genotype", ("WT", "KO"), "WT"),
    ...                  Factor("treatment", ("control", "vesicle"), "control")))
    >>> for one in rescue_contrasts(design, Rescue("WT / vesicle", "KO / vesicle")):
    ...     print(one.name)
    KO / vesicle vs KO / control
    WT / vesicle vs WT / control
    """
    levels_of = {JOINER.join(row): row for row in product(*(f.levels for f in design.factors))}
    treated, rescued = levels_of[rescue.treated], levels_of[rescue.rescued]
    reference = [factor.reference_level for factor in design.factors]
    agree = [a == b and a != level for a, b, level in zip(treated, rescued, reference, strict=True)]
    pairs = []
    for levels in (rescued, treated):
        own = [r if same else a for a, r, same in zip(levels, reference, agree, strict=True)]
        pairs.append((JOINER.join(levels), JOINER.join(own if any(agree) else reference)))
    first, second = (Contrast(f"{arm} vs {control}", arm, control) for arm, control in pairs)
    return first, second


def planned_contrasts(design: Design, present: Iterable[str]) -> tuple[Contrast, ...]:
    """List the contrasts to be made between the arms that are there.

    The declared ones; else, with two factors, each factor's levels against its reference level
    within every level of the other, and their interactions; else every arm against the reference
    arm, and the treated against the rescued arm where a rescue is declared. With the adjustment
    ``tukey``: all pairs of arms.

    Parameters
    ----------
    design
        The declaration.
    present
        Labels of the arms that are there; contrasts that need another arm are left out.

    Examples
    --------
    >>> from assaykit.design import Design, Factor
    >>> design = Design((Factor("genotype", ("WT", "KO"), "WT"),
    ...                  Factor("treatment", ("control", "vesicle"), "control")))
    >>> for contrast in planned_contrasts(design, design.arms):
    ...     print(contrast.name)
    vesicle vs control in WT
    vesicle vs control in KO
    KO vs WT in control
    KO vs WT in vesicle
    vesicle vs control × KO vs WT
    """
    there = set(present)
    planned = design.contrasts or tuple(_by_default(design))
    return tuple(c for c in planned if there.issuperset(c.arms))


def _by_default(design: Design) -> Iterator[Contrast]:
    if design.adjustment == "tukey":
        for before, after in combinations(design.arms, 2):
            yield Contrast(f"{after} vs {before}", after, before)
    elif len(design.factors) == 2 and design.adjustment != "dunnett":
        yield from _of_two_factors(design.factors)
    else:
        reference = design.reference_arm
        for arm in design.arms:
            if arm != reference:
                yield Contrast(f"{arm} vs {reference}", arm, reference)
        if design.rescue and design.adjustment != "dunnett":
            treated, rescued = design.rescue.treated, design.rescue.rescued
            yield Contrast(f"{treated} vs {rescued}", treated, rescued)


def _of_two_factors(factors: Sequence[Factor]) -> Iterator[Contrast]:
    """Simple effects of the second factor, of the first, and their interactions."""
    first, second = factors
    for a in first.levels:
        for b in _others(second):
            arms = JOINER.join((a, b)), JOINER.join((a, second.reference_level))
            yield Contrast(f"{b} vs {second.reference_level} in {a}", *arms)
    for b in second.levels:
        for a in _others(first):
            arms = JOINER.join((a, b)), JOINER.join((first.reference_level, b))
            yield Contrast(f"{a} vs {first.reference_level} in {b}", *arms)
    for a, b in product(_others(first), _others(second)):
        minus = tuple(
            JOINER.join((first.reference_level, one)) for one in (b, second.reference_level)
        )
        arms = JOINER.join((a, b)), JOINER.join((a, second.reference_level))
        name = f"{b} vs {second.reference_level} × {a} vs {first.reference_level}"
        yield Contrast(name, *arms, minus=(minus[0], minus[1]))


def _others(factor: Factor) -> list[str]:
    return [level for level in factor.levels if level != factor.reference_level]
