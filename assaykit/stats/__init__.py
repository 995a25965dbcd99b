"""From observations to effects: biological replicates, contrasts of arms, adjusted p values.

:func:`compare` is the whole way. For each endpoint it sees in the table how the arms have to be
compared (:mod:`~assaykit.stats.structure`), fits them with the wells nested in their replicates
(:mod:`~assaykit.stats.arm_models`, on the engine of :mod:`~assaykit.stats.reml` and
:mod:`~assaykit.stats.small_sample`), estimates the planned contrasts (:func:`estimate_contrasts`)
and adjusts them for one another (:mod:`~assaykit.stats.families`). :func:`check_comparisons` looks
at the result from all sides. :func:`fit_mixed_model` is the same engine for any formula. It knows
no assay: only scale and design.
"""

from __future__ import annotations

from assaykit.stats.checks import check_comparisons
from assaykit.stats.comparison import compare, compare_endpoints, effects_of
from assaykit.stats.contrasts import ArmFit, estimate_contrasts
from assaykit.stats.linear import LinearFit, fit_arms
from assaykit.stats.mixed_model import MixedModel, fit_mixed_model
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
    "MixedModel",
    "TTest",
    "benjamini_hochberg",
    "bonferroni",
    "check_comparisons",
    "compare",
    "compare_endpoints",
    "dunnett",
    "effects_of",
    "estimate_contrasts",
    "fit_arms",
    "fit_mixed_model",
    "hedges_g",
    "holm",
    "paired_test",
    "replicate_values",
    "sidak",
    "small_sample_factor",
    "student_test",
    "tukey",
    "welch_test",
]
