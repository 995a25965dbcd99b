"""What is declared about an experiment: factors, arms, replicates, planned contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from assaykit.design.contrasts import ADJUSTMENTS, JOINER, Contrast, Rescue, planned_contrasts
from assaykit.errors import DesignError, Problem
from assaykit.tables import DETAILS, SCHEMAS, as_text
from assaykit.values import match_key, nearest, normalise

if TYPE_CHECKING:
    import pandas as pd

BLOCK_SEPARATORS = ",;、"
"""What stands between the names of blocks where a person lists them, and so in none of them."""


@dataclass(frozen=True)
class Factor:
    """Something that was varied on purpose, with its levels in the order of display.

    Parameters
    ----------
    name
        Name of the factor and of its column, such as ``treatment``.
    levels
        What it was set to, in the order in which tables and figures show it.
    reference_level
        The level that the others are compared with.

    Raises
    ------
    DesignError
        No level, a level twice or empty, a reference level that is not a level, or a name that
        is empty or already means something else in every table.

    Examples
    --------
    >>> Factor("treatment", ("control", "vesicle"), "control").levels
    ('control', 'vesicle')
    """

    name: str
    levels: tuple[str, ...]
    reference_level: str

    def __post_init__(self) -> None:
        problems = [*_name_problems(self), *_level_problems(self)]
        if problems:
            raise DesignError(problems)


@dataclass(frozen=True)
class Design:
    """What was varied, what is independent and what is to be compared.

    Parameters
    ----------
    factors
        The factors; their levels crossed are the arms.
    replicates_shared
        Whether every arm received the same biological replicates (cells of one donor split over
        all arms). ``None``: it is decided from the table, where the same names in two arms mean
        the same replicate.
    biological_replicate_is
        What one biological replicate is, in one word: ``mouse``, ``donor``, ``culture``, ``day``.
    contrasts
        The planned contrasts; none means those of :func:`planned_contrasts`.
    confidence
        Coverage of the intervals, as a share: 0.95.
    adjustment
        How the contrasts of one endpoint are adjusted for one another: a key of
        :data:`ADJUSTMENTS`; empty leaves it to the family.
    variances
        ``equal``, or ``unequal`` for arms that have replicates of their own: Welch's t for each
        contrast, Games and Howell's for all pairs. Empty means equal.
    blocks
        Columns beside ``plate`` whose differences are taken out, such as ``day``.
    equivalence_margin
        Ratio above 1 that is still too small to matter: 1.25 means from 0.8 to 1.25. Each
        contrast then has a p value for equivalence beside its own.
    rescue
        Which arm shows the whole effect and which should have lost it.

    Raises
    ------
    DesignError
        The declarations cannot all be true; every problem is listed.

    Examples
    --------
    >>> design = Design((Factor("genotype", ("WT", "KO"), "WT"),
    ...                  Factor("treatment", ("control", "vesicle"), "control")))
    >>> design.arms
    ('WT / control', 'WT / vesicle', 'KO / control', 'KO / vesicle')
    >>> design.reference_arm
    'WT / control'
    """

    factors: tuple[Factor, ...] = ()
    replicates_shared: bool | None = None
    biological_replicate_is: str = ""
    contrasts: tuple[Contrast, ...] = ()
    confidence: float = 0.95
    adjustment: str = ""
    variances: str = ""
    blocks: tuple[str, ...] = ()
    equivalence_margin: float | None = None
    rescue: Rescue | None = None

    def __post_init__(self) -> None:
        problems = [
            *_factor_problems(self),
            *_contrast_problems(self),
            *_confidence_problems(self.confidence),
            *_family_problems(self),
            *_block_problems(self),
            *_margin_problems(self.equivalence_margin),
            *_rescue_problems(self),
        ]
        if problems:
            raise DesignError(problems)

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Names of the factors, in their order."""
        return tuple(factor.name for factor in self.factors)

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of all arms: the levels of all factors crossed, in declared order."""
        if not self.factors:
            return ()
        return tuple(JOINER.join(row) for row in product(*(f.levels for f in self.factors)))

    @property
    def reference_arm(self) -> str:
        """Label of the arm in which every factor is at its reference level."""
        return JOINER.join(factor.reference_level for factor in self.factors)

    @property
    def replicate_word(self) -> str:
        """What one biological replicate is, for sentences; ``biological replicate`` if not told."""
        return self.biological_replicate_is or "biological replicate"

    def arm_labels(self, table: pd.DataFrame) -> pd.Series:
        """Label each row with its arm; empty where a factor has no level.

        Parameters
        ----------
        table
            Any table with one column for each factor.

        Examples
        --------
        >>> import pandas as pd
        >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
        >>> design.arm_labels(pd.DataFrame({"treatment": ["vesicle", None]})).tolist()
        ['vesicle', '']
        """
        import pandas as pd

        columns = [as_text(table[name]) for name in self.factor_names]
        rows = zip(*columns, strict=True) if columns else [("",)] * len(table)
        labels = ["" if "" in row else JOINER.join(row) for row in rows]
        return pd.Series(labels, index=table.index, dtype=object, name="arm")

    def planned(self, arms_present: Iterable[str]) -> tuple[Contrast, ...]:
        """List the contrasts to be made between the arms that are there.

        See :func:`assaykit.design.planned_contrasts`.

        Examples
        --------
        >>> design = Design((Factor("treatment", ("control", "low", "high"), "control"),))
        >>> [contrast.name for contrast in design.planned(["high", "control"])]
        ['high vs control']
        """
        return planned_contrasts(self, arms_present)


def describe(design: Design) -> str:
    """Say a design in words.

    Examples
    --------
    >>> print(describe(Design((Factor("treatment", ("control", "vesicle"), "control"),),
    ...                       replicates_shared=True, biological_replicate_is="donor")))
    Factor treatment: control (reference), vesicle. One biological replicate is one donor. \
Every arm receives the same biological replicates. Planned contrasts: vesicle vs control. \
Intervals cover 95 %.
    """
    contrasts = ", ".join(c.name for c in design.planned(design.arms)) or "none"
    sentences = [
        *(_factor_in_words(factor) for factor in design.factors),
        *(
            [f"One biological replicate is one {design.replicate_word}"]
            * bool(design.biological_replicate_is)
        ),
        _SHARED_IN_WORDS[design.replicates_shared],
        f"Planned contrasts: {contrasts}",
        *_choices_in_words(design),
        f"Intervals cover {100 * design.confidence:g} %",
    ]
    return ". ".join(sentences) + "."


def unknown_name(code: str, found: str, name: str, allowed: Sequence[str]) -> Problem:
    """Report a name that is not one of those allowed, with the nearest one that is.

    Examples
    --------
    >>> print(unknown_name("unknown_arm", "found 'Vesicle'", "Vesicle", ["control", "vesicle"]))
    found 'Vesicle', expected one of control, vesicle. It differs from 'vesicle' only in case, \
spaces or hyphens; write 'vesicle'.
    """
    expected = f"expected one of {', '.join(allowed)}" if allowed else "but none is declared"
    return Problem(code, f"{found}, {expected}", remedy=_remedy(name, allowed))


def _name_problems(factor: Factor) -> list[Problem]:
    if not factor.name.strip():
        return [Problem("unnamed_factor", "a factor has no name", remedy="Name what was varied.")]
    if any(factor.name in schema.names for schema in SCHEMAS):
        message = f"a factor cannot be called '{factor.name}', as a column of every table is"
        return [Problem("reserved_name", message, remedy="Choose another name.")]
    return []


def _level_problems(factor: Factor) -> list[Problem]:
    where = f"factor {factor.name}"
    if not factor.levels:
        return [Problem("no_level", f"{where} has no level", remedy="Declare at least one.")]
    problems = _declared_twice(f"{where}: the level", factor.levels)
    if any(not level.strip() for level in factor.levels):
        problems.append(Problem("empty_level", f"{where} has a level without a name"))
    reference = factor.reference_level
    if reference not in factor.levels:
        found = f"{where}: found the reference level '{reference}'"
        problems.append(unknown_name("unknown_reference_level", found, reference, factor.levels))
    return problems


def _declared_twice(what: str, names: Sequence[str]) -> list[Problem]:
    return [
        Problem("declared_twice", f"{what} '{name}' is declared more than once", remedy="Keep one.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _factor_problems(design: Design) -> list[Problem]:
    problems = _declared_twice("the factor", design.factor_names)
    if not problems and len(set(design.arms)) < len(design.arms):
        message = "two different arms have the same label"
        remedy = f"Do not use '{JOINER.strip()}' in the name of a level."
        problems.append(Problem("ambiguous_arms", message, remedy=remedy))
    return problems


def _contrast_problems(design: Design) -> list[Problem]:
    problems = _declared_twice("the contrast", [contrast.name for contrast in design.contrasts])
    problems += _declared_twice("the contrast of", [_sides(c) for c in design.contrasts])
    for contrast in design.contrasts:
        where = f"contrast {contrast.name}"
        problems += [
            unknown_name("unknown_arm", f"{where}: found the arm '{arm}'", arm, design.arms)
            for arm in dict.fromkeys(contrast.arms)
            if arm not in design.arms
        ]
        if not any(contrast.weights.values()):
            problems.append(Problem("empty_contrast", f"{where} compares an arm with itself"))
    return problems


def _sides(contrast: Contrast) -> str:
    """What a contrast sets against what, the same for both of its directions."""
    weights = contrast.weights
    sides = [
        " + ".join(sorted(arm for arm, weight in weights.items() if weight * sign > 0))
        for sign in (1, -1)
    ]
    return " and ".join(sorted(filter(None, sides))) or contrast.name


def _family_problems(design: Design) -> list[Problem]:
    problems = [
        unknown_name(f"unknown_{name}", f"{name}: found '{found}'", found, allowed)
        for name, found, allowed in (
            ("adjustment", design.adjustment, [name for name in ADJUSTMENTS if name]),
            ("variances", design.variances, ["equal", "unequal"]),
        )
        if found and found not in allowed
    ]
    declared = design.contrasts
    common = {contrast.against for contrast in declared}
    if design.adjustment == "dunnett" and (len(common) > 1 or any(c.minus for c in declared)):
        message = "Dunnett's adjustment is for contrasts against one arm"
        remedy = "Write holm, or plan all contrasts against the same arm."
        problems.append(Problem("wrong_family", message, remedy=remedy))
    if design.adjustment == "tukey" and any(contrast.minus for contrast in declared):
        message = "Tukey's adjustment is for pairs of arms, not for interactions"
        problems.append(Problem("wrong_family", message, remedy="Write holm."))
    return problems


def _block_problems(design: Design) -> list[Problem]:
    """Names of blocks that no column can have, or that another column has already."""
    taken = {match_key(name) for schema in (DETAILS, *SCHEMAS) for name in schema.names}
    factors = {match_key(name) for name in design.factor_names}
    keys = [match_key(name) for name in design.blocks]
    problems = []
    for number, (name, key) in enumerate(zip(design.blocks, keys, strict=True)):
        if not key or name != normalise(name) or set(name) & set(BLOCK_SEPARATORS):
            message, code = f"a block cannot be called '{name}'", "block_name"
            remedy = "Use a word such as day, without commas and without spaces around it."
        elif key in keys[:number]:
            message, code = f"the block '{name}' is declared more than once", "declared_twice"
            remedy = "Keep one."
        elif key in factors:
            message, code = f"'{name}' is both a factor and a block", "block_is_factor"
            remedy = "A factor is what was varied on purpose; keep one of the two."
        elif key in taken:
            message = f"a block cannot be called '{name}', as a column of every table is"
            code = "reserved_name"
            remedy = "Choose another name; the plate is a block without being named."
        else:
            continue
        problems.append(Problem(code, message, remedy=remedy))
    return problems


def _margin_problems(margin: float | None) -> list[Problem]:
    if margin is None or 1 < margin < float("inf"):
        return []
    message = f"the equivalence margin is {margin:g}, expected a ratio above 1"
    remedy = "Write 1.25 for everything between 0.8-fold and 1.25-fold."
    return [Problem("equivalence_margin", message, remedy=remedy)]


def _rescue_problems(design: Design) -> list[Problem]:
    if design.rescue is None:
        return []
    arms = (design.rescue.treated, design.rescue.rescued)
    problems = [
        unknown_name("unknown_arm", f"rescue fraction: found the arm '{arm}'", arm, design.arms)
        for arm in dict.fromkeys(arms)
        if arm not in design.arms
    ]
    if arms[0] == arms[1] or (not problems and design.reference_arm in arms):
        message = "the rescue fraction needs a treated and a rescued arm beside the reference arm"
        remedy = "Such as vesicle and KO vesicle, with control as the reference level."
        problems.append(Problem("empty_rescue", message, remedy=remedy))
    return problems


def _confidence_problems(confidence: float) -> list[Problem]:
    if 0 < confidence < 1:
        return []
    message = f"the confidence level is {confidence:g}, expected a share between 0 and 1"
    return [Problem("confidence", message, remedy="For 95 % write 0.95.")]


def _remedy(name: str, allowed: Sequence[str]) -> str:
    for other in allowed:
        if match_key(other) == match_key(name):
            return f"It differs from '{other}' only in case, spaces or hyphens; write '{other}'."
    near = nearest(name, allowed)
    return f"Did you mean '{near}'?" if near else "Correct it, or declare it in the design."


_SHARED_IN_WORDS = {
    True: "Every arm receives the same biological replicates",
    False: "Every arm has its own biological replicates",
    None: "Whether the arms share their biological replicates is decided from the table",
}


def _choices_in_words(design: Design) -> list[str]:
    """Declared choices of the statistics, one sentence each, without those left open."""
    rescue = design.rescue
    said = {
        f"Adjustment: {design.adjustment}": design.adjustment,
        f"Variances of the arms: {design.variances}": design.variances,
        f"Blocks beside the plate: {', '.join(design.blocks)}": design.blocks,
        f"Equivalence margin: {design.equivalence_margin}-fold": design.equivalence_margin,
        f"Rescue fraction: of {rescue.treated} by {rescue.rescued}" if rescue else "": rescue,
    }
    return [words for words, declared in said.items() if declared]


def _factor_in_words(factor: Factor) -> str:
    levels = [
        f"{level} (reference)" if level == factor.reference_level else level
        for level in factor.levels
    ]
    return f"Factor {factor.name}: {', '.join(levels)}"
