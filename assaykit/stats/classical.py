"""The classical tests on the means of biological replicates, beside which the models stand.

In a balanced design the linear mixed model must agree with them to the last digits; the sheet
Checks of a study shows that it does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from assaykit.design import Contrast
from assaykit.errors import DesignError
from assaykit.stats.contrasts import estimate_contrasts
from assaykit.stats.linear import fit_arms
from assaykit.stats.structure import Structure


def classical_name(structure: Structure, contrast: Contrast) -> str:
    """What the test of a contrast is called in a balanced design; empty where there is none.

    Parameters
    ----------
    structure
        How the arms are compared.
    contrast
        The contrast; in a split-plot design those between replicates have no exact test.

    Examples
    --------
    >>> structure = Structure("blocked", {}, {}, True, ())
    >>> classical_name(structure, Contrast("vesicle vs control", "vesicle", "control"))
    'the paired t test or randomised-block analysis of variance'
    """
    if not structure.balanced:
        return ""
    if structure.kind == "unpaired":
        return "Student's t test or one-way analysis of variance"
    if structure.kind == "blocked":
        return "the paired t test or randomised-block analysis of variance"
    return "the split-plot analysis of variance" if contrast.minus else ""


def classical_contrast(
    means: pd.DataFrame, contrast: Contrast, structure: Structure, confidence: float = 0.95
) -> pd.Series | None:
    """Test a contrast by least squares on replicate means.

    Parameters
    ----------
    means
        One row per arm and replicate: ``arm``, ``replicate``, ``y``.
    contrast
        What to compare.
    structure
        Unpaired: arms alone; else arms and replicates as blocks.
    confidence
        Coverage of the interval.

    Returns
    -------
    Series or None
        estimate, standard_error, df, ci_low, ci_high, statistic, p_value; None where replicates
        cannot tell the contrast (genotypes in a split-plot design).

    Examples
    --------
    >>> means = pd.DataFrame({"arm": list("aaabbb"), "replicate": list("123123"),
    ...                       "y": [1.0, 2, 3, 3, 4, 6]})
    >>> structure = Structure("blocked", {}, {}, True, ())
    >>> test = classical_contrast(means, Contrast("b vs a", "b", "a"), structure)
    >>> test[["estimate", "df", "p_value"]].astype(float).round(4).tolist()
    [2.3333, 2.0, 0.0198]
    """
    blocks = None if structure.kind == "unpaired" else list(means["replicate"])
    try:
        fit = fit_arms(np.asarray(means["y"], dtype=float), list(means["arm"]), blocks)
        table = estimate_contrasts(fit, [contrast], confidence=confidence)
    except DesignError:
        return None
    return table.iloc[0]
