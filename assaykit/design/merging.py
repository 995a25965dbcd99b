"""One design for several plates whose designs agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeVar

from assaykit.design.contrasts import Contrast, Rescue
from assaykit.design.declaration import Design, Factor
from assaykit.errors import DesignError, Problem

T = TypeVar("T")

_OPEN = (None, "", ())
_CHOICES = {
    "adjustment": "the adjustment",
    "variances": "whether the variances are equal",
    "blocks": "the blocks",
    "equivalence_margin": "the equivalence margin",
    "rescue": "the arms of the rescue fraction",
}


def merge_designs(designs: Iterable[Design]) -> Design:
    """One design for several plates whose designs agree.

    Factors and reference levels must be the same. Levels are united if their order agrees. What
    one plate leaves open (shared replicates, the word for a replicate, contrasts, how they are
    adjusted, blocks, ...) another may declare.

    Parameters
    ----------
    designs
        The designs of the plates.

    Raises
    ------
    DesignError
        The designs differ; every difference is listed.

    Examples
    --------
    >>> first = Design((Factor("treatment", ("control", "high"), "control"),))
    >>> second = Design((Factor("treatment", ("control", "low", "high"), "control"),))
    >>> merge_designs([first, second]).arms
    ('control', 'low', 'high')
    """
    listed = list(dict.fromkeys(designs))
    if not listed:
        return Design()
    problems: list[Problem] = []
    factors = _merge_factors(listed, problems)
    shared = _agreed(
        [design.replicates_shared for design in listed],
        "whether the arms share their biological replicates",
        problems,
        _yes_no,
    )
    unit = _agreed(
        [design.biological_replicate_is for design in listed],
        "what a biological replicate is",
        problems,
    )
    contrasts = _agreed(
        [design.contrasts for design in listed], "the planned contrasts", problems, _in_words
    )
    confidence = _agreed([design.confidence for design in listed], "the confidence level", problems)
    choices = {
        name: _agreed([getattr(design, name) for design in listed], words, problems, _choice)
        for name, words in _CHOICES.items()
    }
    if problems or confidence is None:
        raise DesignError(problems)
    declared = {name: value for name, value in choices.items() if value is not None}
    return Design(factors, shared, unit or "", contrasts or (), confidence, **declared)


def _merge_factors(designs: Sequence[Design], problems: list[Problem]) -> tuple[Factor, ...]:
    names = _agreed([d.factor_names for d in designs], "the factors", problems, ", ".join)
    if names is None:
        return ()
    versions = zip(*(design.factors for design in designs if design.factors), strict=True)
    return tuple(_merge_factor(list(version), problems) for version in versions)


def _merge_factor(versions: Sequence[Factor], problems: list[Problem]) -> Factor:
    first = versions[0]
    reference = _agreed(
        [version.reference_level for version in versions],
        f"the reference level of {first.name}",
        problems,
    )
    orders = tuple(dict.fromkeys(version.levels for version in versions))
    levels = _merge_levels(orders)
    if levels is None:
        found = _or(", ".join(order) for order in orders)
        message = f"the plates differ in the order of the levels of {first.name}: {found}"
        problems.append(Problem("designs_differ", message, remedy="Use one order on all plates."))
    if reference is None or levels is None:
        return first
    return Factor(first.name, levels, reference)


def _merge_levels(orders: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for levels in orders:
        sorter.add(levels[0])
        for before, after in pairwise(levels):
            sorter.add(after, before)
    try:
        return tuple(sorter.static_order())
    except CycleError:
        return None


def _agreed(
    values: Sequence[T], what: str, problems: list[Problem], word: Callable[[T], str] = str
) -> T | None:
    """Find the one value that is declared; what is left open gives way, several are a problem."""
    declared = list(dict.fromkeys(value for value in values if value not in _OPEN))
    if len(declared) > 1:
        message = f"the plates differ in {what}: {_or(word(value) for value in declared)}"
        remedy = "Declare the same on all plates."
        problems.append(Problem("designs_differ", message, remedy=remedy))
    return declared[0] if len(declared) == 1 else None


def _or(texts: Iterable[str]) -> str:
    return " or ".join(f"'{text}'" for text in texts)


def _yes_no(value: bool | None) -> str:
    return "yes" if value else "no"


def _choice(value: object) -> str:
    if isinstance(value, Rescue):
        return f"{value.treated} by {value.rescued}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _in_words(contrasts: Iterable[Contrast]) -> str:
    return ", ".join(f"{c.name} ({_sides(c)})" for c in contrasts)


def _sides(contrast: Contrast) -> str:
    pair = f"{contrast.arm} against {contrast.against}"
    return f"{pair}, less {' against '.join(contrast.minus)}" if contrast.minus else pair
