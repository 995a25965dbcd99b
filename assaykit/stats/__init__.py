"""From observations to effects: biological replicates, contrasts of arms, adjusted p values.

:func:`compare` is the whole way. It averages the wells of each biological replicate
(:func:`replicate_values`), fits the arms (:mod:`~assaykit.stats.models`), estimates the planned
contrasts (:func:`estimate_contrasts`) and adjusts them for one another
(:mod:`~assaykit.stats.multiplicity`). It knows no assay: only scale and design.
"""

from __future__ import annotations

from assaykit.stats.comparison import compare, replicates_shared
from assaykit.stats.contrasts import ArmFit, estimate_contrasts
from assaykit.stats.linear import LinearFit, fit_arms
from assaykit.stats.multiplicity import (
    benjamini_hochberg,
    bonferroni,
    dunnett,
    holm,
    sidak,
    tukey,
)
from assaykit.stats.replicates import replicate_values
from assaykit.stats.two_arms import (
    TTest,
    hedges_g,
    paired_test,
    small_sample_factor,
    student_test,
    welch_test,
)

__all__ = [
    "ArmFit",
    "LinearFit",
    "TTest",
    "benjamini_hochberg",
    "bonferroni",
    "compare",
    "dunnett",
    "estimate_contrasts",
    "fit_arms",
    "hedges_g",
    "holm",
    "paired_test",
    "replicate_values",
    "replicates_shared",
    "sidak",
    "small_sample_factor",
    "student_test",
    "tukey",
    "welch_test",
]
