"""Standard curves: fit them, judge them, and turn responses into concentrations.

Arrays go in, numbers and tables come out: nothing here knows of plates, wells or roles.
"""

from __future__ import annotations

from assaykit.curves.back_calculation import concentration_at
from assaykit.curves.curve_comparisons import Parallelism, compare_models, parallelism
from assaykit.curves.curve_fitting import (
    WEIGHTINGS,
    StandardCurveBatch,
    fit_standard_curves,
)
from assaykit.curves.curve_models import MODELS
from assaykit.curves.dilutions import HookEffect, dilution_linearity, hook_effect
from assaykit.curves.limits import (
    ICH_M10,
    DetectionLimit,
    LevelCriteria,
    QuantificationLimits,
    limit_of_detection,
    quantification_limits,
    standard_levels,
)
from assaykit.curves.standard_curve import StandardCurve, fit_standard_curve

__all__ = [
    "ICH_M10",
    "MODELS",
    "WEIGHTINGS",
    "DetectionLimit",
    "HookEffect",
    "LevelCriteria",
    "Parallelism",
    "QuantificationLimits",
    "StandardCurve",
    "StandardCurveBatch",
    "compare_models",
    "concentration_at",
    "dilution_linearity",
    "fit_standard_curve",
    "fit_standard_curves",
    "hook_effect",
    "limit_of_detection",
    "parallelism",
    "quantification_limits",
    "standard_levels",
]
