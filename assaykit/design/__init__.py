"""The design of an experiment: factors, arms, biological replicates, planned contrasts.

A **factor** has levels (``treatment``: ``control``, ``vesicle``), one of which is the
reference level. An **arm** is one combination of levels; its label joins them by `` / ``.
A **contrast** compares one arm against another. All of this is declared before anything
is computed; :func:`check_arms` says where a table does not fit the declaration.
"""

from __future__ import annotations

from assaykit.design.arm_checks import COMPARISON_CODES, MIN_REPLICATES, check_arms
from assaykit.design.declaration import JOINER, Contrast, Design, Factor, describe
from assaykit.design.merging import merge_designs

__all__ = [
    "COMPARISON_CODES",
    "JOINER",
    "MIN_REPLICATES",
    "Contrast",
    "Design",
    "Factor",
    "check_arms",
    "describe",
    "merge_designs",
]
