"""From observations to effects: the comparison of arms, biological replicate by replicate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.errors import DesignError, NothingToAnalyseError, Problem
from assaykit.stats.endpoint import EndpointComparison, compare_endpoint
from assaykit.stats.multiplicity import benjamini_hochberg
from assaykit.stats.replicates import ENDPOINT, arm_errors, check_values, sample_wells
from assaykit.tables import EFFECTS, check_effects


def compare(observations: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Compare the arms of every endpoint by the planned contrasts.

    n is the number of biological replicates. The wells are kept, nested in their replicates: a
    linear mixed model whose terms are decided from the table
    (:func:`assaykit.stats.structure.decide_structure`), by REML with Kenward and Roger's degrees of
    freedom. In a balanced design this is the classical test on replicate means: t, paired t,
    analysis of variance of blocks or split plots.

    Concentrations, areas and the like (scale ``log``) and counts (as ``count + 0.5``) are compared
    as ratios with asymmetric intervals, fractions strictly between 0 and 1 as ratios of odds,
    everything else as differences. All contrasts of one endpoint are one family, adjusted as the
    design declares; else by Dunnett where all are against one arm, by Holm otherwise. Intervals
    belong to the adjustment. ``q_value`` is Benjamini's and Hochberg's over the unadjusted p of all
    contrasts of all endpoints. With fewer than three biological replicates in an arm, or where an
    arm cannot be told from a plate or day, the effect is described, and ``method`` says why there
    is no p. A declared rescue adds a row ``rescue_fraction``, a declared margin ``p_equivalence``.

    Parameters
    ----------
    observations
        Observations; only the role ``sample`` takes part. Excluded wells and wells without a
        number are counted, not used.
    design
        Factors, contrasts, family, blocks, confidence level.

    Returns
    -------
    DataFrame
        The effects table (:data:`assaykit.tables.EFFECTS`): one row for each endpoint and
        contrast. ``n_biological`` counts the replicates in the arms of the contrast;
        ``hedges_g`` is in standard deviations between replicates within the two arms.

    Raises
    ------
    DesignError
        No biological replicate, no reference arm, one arm only, unknown levels, or a control that
        was normalised to a constant.
    InputError
        A value that its scale cannot have, or an endpoint with two units.
    NothingToAnalyseError
        No sample well, or none with a number.

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> wells = pd.DataFrame({"plate": "P1", "well": ["A1", "B1", "C1", "A2", "B2", "C2"],
    ...     "role": "sample", "biological_replicate": ["d1", "d2", "d3"] * 2,
    ...     "treatment": ["control"] * 3 + ["vesicle"] * 3, "assay": "elisa",
    ...     "endpoint": "concentration", "value": [10.0, 12, 9, 19, 25, 20], "unit": "pg/mL",
    ...     "scale": "log"})
    >>> effect = compare(wells, design).iloc[0]
    >>> print(f"{effect['estimate']:.2f} ({effect['ci_low']:.2f} to {effect['ci_high']:.2f})")
    2.06 (1.70 to 2.51)
    """
    return effects_of(compare_endpoints(observations, design))


def compare_endpoints(observations: pd.DataFrame, design: Design) -> list[EndpointComparison]:
    """Compare the arms of every endpoint, with everything that the checks need.

    Parameters, errors and statistics are those of :func:`compare`.
    """
    samples = sample_wells(observations)
    problems = arm_errors(samples, design)
    if problems:
        raise DesignError(problems)
    check_values(samples)
    if not samples["counts"].any():
        raise NothingToAnalyseError("No sample well has a number, so there is nothing to compare.")
    _refuse_normalised_controls(samples, design)
    placed = samples.assign(arm=design.arm_labels(samples))
    placed = placed[placed["arm"].isin(design.arms)]
    contrasts = design.contrasts or design.planned(placed["arm"])
    if not contrasts:
        raise DesignError([_no_contrast(placed, design)])
    return [
        compare_endpoint(wells, contrasts, design)
        for _, wells in placed[placed["counts"]].groupby(ENDPOINT, sort=False)
    ]


def _no_contrast(placed: pd.DataFrame, design: Design) -> Problem:
    """Factors that always change together, so that no contrast has both of its arms."""
    there = set(placed["arm"])
    arms = [arm for arm in design.arms if arm in there]
    other = next(arm for arm in arms if arm != design.reference_arm)
    message = (
        f"{' and '.join(design.factor_names)} change together (the wells are in "
        f"{' and in '.join(arms)}), so the effect of one cannot be told from that of the other"
    )
    remedy = (
        f"Add the missing arms, or plan the contrast of arm {other} against "
        f"{design.reference_arm} in the design, which is about all that differs between them."
    )
    return Problem("factors_change_together", message, remedy=remedy)


def effects_of(comparisons: Iterable[EndpointComparison]) -> pd.DataFrame:
    """The effects table of compared endpoints, with q values over all of them."""
    rows = [row for comparison in comparisons for row in comparison.rows]
    effects = pd.DataFrame(rows, columns=list(EFFECTS.names))
    return check_effects(effects.assign(q_value=benjamini_hochberg(effects["p_value"])))


def _refuse_normalised_controls(samples: pd.DataFrame, design: Design) -> None:
    rows = samples[samples["counts"]].assign(arm=design.arm_labels)
    problems = [
        problem
        for names, endpoint in rows.groupby(ENDPOINT, sort=False)
        for problem in _normalised(" ".join(filter(None, map(str, names))), endpoint, design)
    ]
    if problems:
        raise DesignError(problems)


def _normalised(title: str, endpoint: pd.DataFrame, design: Design) -> list[Problem]:
    """Find a reference arm whose replicates are all alike while those of other arms are not."""
    means = endpoint.groupby(["arm", "biological_replicate"])["value"].mean()
    scale = endpoint["scale"].iloc[0]
    # Only a log2 value can be a rounded zero on purpose; others keep their unit, however small.
    zero = 1e-12 if scale == "log2" else 0.0
    constant = {str(arm): _alike(of_arm, zero) for arm, of_arm in means.groupby("arm")}
    control = design.reference_arm
    if scale == "count" or not constant.get(control) or all(constant.values()):
        return []
    value = float(means[control].iloc[0])
    if value == 0 and scale != "log2":
        return []
    message = (
        f"{title}: every biological replicate of the reference arm '{control}' is {value:g}, "
        "so it seems to have been normalised"
    )
    remedy = (
        "Give the values as measured: a control without spread makes p values too small. "
        "The comparison itself is relative to the control of the same replicate."
    )
    return [Problem("normalised_control", message, remedy=remedy)]


def _alike(values: pd.Series, zero: float) -> bool:
    """Tell whether several replicates have one value; what is below zero's rounding is zero."""
    return len(values) > 1 and bool(np.allclose(values, values.iloc[0], rtol=1e-9, atol=zero))
