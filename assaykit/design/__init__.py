"""The design of an experiment: factors, arms, biological replicates, planned contrasts.

A **factor** has levels (``treatment``: ``control``, ``vesicle``), one of which is the
reference level. An **arm** is one combination of levels; its label joins them by `` / ``.
A **contrast** compares one arm against another, or two such differences. All of this is
declared before anything is computed; :func:`check_arms` says where a table does not fit the
declaration.
"""

from __future__ import annotations

from assaykit.design.arm_checks import COMPARISON_CODES, MIN_REPLICATES, check_arms
from assaykit.design.confounding import confounded_contrasts, connected_arms
from assaykit.design.contrasts import (
    ADJUSTMENTS,
    JOINER,
    Contrast,
    Rescue,
    planned_contrasts,
    rescue_contrasts,
)
from assaykit.design.declaration import BLOCK_SEPARATORS, Design, Factor, describe
from assaykit.design.merging import merge_designs

__all__ = [
    "ADJUSTMENTS",
    "BLOCK_SEPARATORS",
    "COMPARISON_CODES",
    "JOINER",
    "MIN_REPLICATES",
    "Contrast",
    "Design",
    "Factor",
    "Rescue",
    "check_arms",
    "confounded_contrasts",
    "connected_arms",
    "describe",
    "merge_designs",
    "planned_contrasts",
    "rescue_contrasts",
]
