"""Which contrasts cannot be told from the differences of plates, days and other blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.design.contrasts import Contrast
    from assaykit.design.declaration import Design


def confounded_contrasts(samples: pd.DataFrame, design: Design, block: str) -> tuple[Contrast, ...]:
    """List the planned contrasts that a block is confounded with.

    Two arms are connected if they share a level of the block, or if a chain of further arms
    leads from one to the other. A contrast is free of the block's differences if its weights
    add up to 0 within each set of connected arms. One that is not free is no worse for it if
    every level of the block holds just one biological replicate of its arms: the block's
    differences are then part of those of the replicates.

    Parameters
    ----------
    samples
        Rows with ``arm``, ``biological_replicate`` and the block's column, as text. Rows in
        which the block is empty are not looked at.
    design
        Its contrasts, and whether arms share their replicates.
    block
        ``plate`` or the name of another block.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.design import Design, Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> samples = pd.DataFrame({"arm": ["control", "control", "vesicle", "vesicle"],
    ...     "biological_replicate": ["1", "2", "1", "2"], "plate": ["P1", "P1", "P2", "P2"]})
    >>> [contrast.name for contrast in confounded_contrasts(samples, design, "plate")]
    ['vesicle vs control']
    >>> confounded_contrasts(samples.assign(plate=["P1", "P2", "P2", "P3"]), design, "plate")
    ()
    """
    placed = samples[samples[block] != ""]
    sets = connected_arms(zip(placed["arm"], placed[block], strict=True))
    planned = design.planned(arm for arms in sets for arm in arms)
    return tuple(
        contrast
        for contrast in planned
        if not _is_within(contrast, sets) and not _replicates_vary(placed, design, block, contrast)
    )


def connected_arms(pairs: Iterable[tuple[str, str]]) -> tuple[frozenset[str], ...]:
    """Unite arms that share a level of a block, directly or by way of other arms.

    Parameters
    ----------
    pairs
        Arm and level of each row.

    Examples
    --------
    >>> sets = connected_arms([("a", "P1"), ("b", "P1"), ("b", "P2"), ("c", "P2"), ("d", "P3")])
    >>> [sorted(arms) for arms in sets]
    [['a', 'b', 'c'], ['d']]
    """
    by_level: dict[str, set[str]] = {}
    for arm, level in pairs:
        by_level.setdefault(level, set()).add(arm)
    sets: list[frozenset[str]] = []
    for arms in by_level.values():
        touching = [other for other in sets if other & arms]
        rest = [other for other in sets if not other & arms]
        sets = [*rest, frozenset(arms).union(*touching)]
    return tuple(sets)


def _is_within(contrast: Contrast, sets: Iterable[frozenset[str]]) -> bool:
    """Whether a contrast compares arms only inside sets of connected ones."""
    weights = contrast.weights
    return not any(sum(weights.get(arm, 0.0) for arm in arms) for arms in sets)


def _replicates_vary(placed: pd.DataFrame, design: Design, block: str, contrast: Contrast) -> bool:
    """Whether each level of the block holds one replicate, at most, of the contrast's arms."""
    if "biological_replicate" not in placed:
        return False
    own = placed[placed["arm"].isin(contrast.arms)]
    # One name in two arms is one replicate, unless each arm has its own.
    unit = ["biological_replicate", *(["arm"] if design.replicates_shared is False else [])]
    return bool((own[[block, *unit]].drop_duplicates().groupby(block).size() <= 1).all())
