"""What is declared about an experiment: factors, arms, replicates, planned contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from assaykit.errors import DesignError, Problem
from assaykit.tables import SCHEMAS, as_text
from assaykit.values import match_key, nearest

if TYPE_CHECKING:
    import pandas as pd

JOINER = " / "


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
class Contrast:
    """One planned comparison: an arm against another, both by label.

    Parameters
    ----------
    name
        What it is called in tables and figures, such as ``vesicle vs control``.
    arm
        Label of the arm of interest.
    against
        Label of the arm that it is compared with.

    Examples
    --------
    >>> Contrast("vesicle vs control", "vesicle", "control").against
    'control'
    """

    name: str
    arm: str
    against: str


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
        The planned contrasts; none means every arm against the reference arm.
    confidence
        Coverage of the intervals, as a share: 0.95.

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

    def __post_init__(self) -> None:
        problems = [
            *_factor_problems(self),
            *_contrast_problems(self),
            *_confidence_problems(self.confidence),
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

        The declared contrasts, or every arm against the reference arm in declared order;
        those of which an arm is not there are left out.

        Examples
        --------
        >>> design = Design((Factor("treatment", ("control", "low", "high"), "control"),))
        >>> [contrast.name for contrast in design.planned(["high", "control"])]
        ['high vs control']
        """
        present = set(arms_present)
        contrasts = self.contrasts or tuple(
            Contrast(f"{arm} vs {self.reference_arm}", arm, self.reference_arm)
            for arm in self.arms
            if arm != self.reference_arm
        )
        return tuple(c for c in contrasts if c.arm in present and c.against in present)


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
    pairs = [" and ".join(sorted((c.arm, c.against))) for c in design.contrasts]
    problems += _declared_twice("the contrast of", pairs)
    for contrast in design.contrasts:
        where = f"contrast {contrast.name}"
        problems += [
            unknown_name("unknown_arm", f"{where}: found the arm '{arm}'", arm, design.arms)
            for arm in dict.fromkeys((contrast.arm, contrast.against))
            if arm not in design.arms
        ]
        if contrast.arm == contrast.against:
            problems.append(Problem("empty_contrast", f"{where} compares an arm with itself"))
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


def _factor_in_words(factor: Factor) -> str:
    levels = [
        f"{level} (reference)" if level == factor.reference_level else level
        for level in factor.levels
    ]
    return f"Factor {factor.name}: {', '.join(levels)}"
