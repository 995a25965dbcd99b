"""Planning an experiment: power over biological replicates and wells, by simulation.

The response of a well, on the scale of the analysis (natural logarithm for ratios, as it is for
differences), is ``arm + replicate + replicate × arm + well``, each of the last three normal with
a standard deviation of its own. Studies are simulated from that, analysed, and counted.

The designs are balanced. There the comparison of assaykit (REML mixed model on the wells, with
Kenward and Roger's degrees of freedom) is the classical t test on the means of each replicate's
wells, digit by digit, so that this is the test made of each simulated study; and its power is
known exactly, from the noncentral t distribution, which stands beside as a check.

The effect is declared. Power at the effect that a study happened to find is its p value in other
words (Hoenig & Heisey 2001), and nothing here computes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from assaykit.errors import UsageError
from assaykit.simulate.randomness import generator
from assaykit.stats.distributions import Floats, t_critical
from assaykit.stats.plan_settings import (
    PlannedEffect,
    PlanSettings,
    VarianceComponents,
    effect_variance,
    plan_problems,
    target_problem,
)
from assaykit.stats.planned_designs import DESIGNS

__all__ = [
    "DESIGNS",
    "PlanSettings",
    "PlannedEffect",
    "VarianceComponents",
    "exact_power",
    "needed_replicates",
    "simulate_power",
    "wilson_interval",
]

_BLOCK = 2_000_000  # numbers drawn at a time
_MONTE_CARLO_CONFIDENCE = 0.95


def simulate_power(
    components: VarianceComponents, effect: PlannedEffect, settings: PlanSettings | None = None
) -> pd.DataFrame:
    """Power for each number of biological replicates and wells.

    A simulated study finds the effect if its test is significant *and* points in the direction
    of the effect: to be significantly wrong is not to find it.

    Parameters
    ----------
    components
        Standard deviations on the scale of the analysis.
    effect
        The declared effect.
    settings
        Design, numbers, level and simulation.

    Returns
    -------
    DataFrame
        One row for each pair of ``n_biological`` (per arm) and ``n_wells`` (of each replicate in
        each arm): ``power`` as a share of the simulated studies, with its 95 % Monte-Carlo
        interval ``power_low`` and ``power_high`` (Wilson 1927); ``exact_power`` from the
        noncentral t distribution; ``n_simulated``; and how wide the confidence interval of the
        effect is to be expected: ``interval_ratio`` (estimate ÷ and × it) for a ratio,
        ``half_width`` (estimate ± it, in the unit of the effect) for a difference.

    Raises
    ------
    UsageError
        Everything in the arguments that cannot be planned with, and what to do.

    Notes
    -----
    For these balanced designs the mixed model of the comparison is the classical t test on the
    means of each replicate's wells (its variance components may be negative there), which is
    why that test is made here. The random numbers of a row depend on the seed, the design and
    the row's own numbers only, so that a longer plan repeats the rows of a shorter one.

    Examples
    --------
    >>> components = VarianceComponents(between_sd=0.3, arm_sd=0.15, within_sd=0.2)
    >>> small = PlanSettings(replicates=(3, 6), wells=(1, 4), n_simulated=1000)
    >>> table = simulate_power(components, PlannedEffect(1.5), small)
    >>> table[["n_biological", "n_wells", "exact_power"]].round(3)
       n_biological  n_wells  exact_power
    0             3        1        0.216
    1             3        4        0.344
    2             6        1        0.617
    3             6        4        0.871
    """
    plan = settings or PlanSettings()
    problems = plan_problems(components, effect, plan)
    if problems:
        raise UsageError("\n- ".join(problems))
    rows = [
        _cell(components, effect, plan, n, wells)
        for n in sorted(set(plan.replicates))
        for wells in sorted(set(plan.wells))
    ]
    return pd.DataFrame(rows)


def _cell(
    components: VarianceComponents, effect: PlannedEffect, plan: PlanSettings, n: int, wells: int
) -> dict[str, float]:
    """One row: the power of n replicates with some wells each."""
    found = _found(components, effect, plan, n, wells)
    low, high = wilson_interval(found, plan.n_simulated)
    margin = _expected_margin(components, plan, n, wells)
    with np.errstate(over="ignore"):
        width = (
            {"interval_ratio": float(np.exp(margin))}
            if effect.scale == "ratio"
            else {"half_width": margin}
        )
    return {
        "n_biological": n,
        "n_wells": wells,
        "power": found / plan.n_simulated,
        "power_low": low,
        "power_high": high,
        "exact_power": exact_power(components, effect, plan, n, wells),
        **width,
        "n_simulated": plan.n_simulated,
    }


def _found(
    components: VarianceComponents, effect: PlannedEffect, plan: PlanSettings, n: int, wells: int
) -> int:
    """How many simulated studies find the effect."""
    design = DESIGNS[plan.design]
    random = generator(plan.seed, "plan", plan.design, f"{n} replicates", f"{wells} wells")
    limit = float(t_critical(1 - plan.alpha, design.df(n)))
    found = 0
    for studies in _blocks(plan.n_simulated, n):
        means = _replicate_means(random, components, wells, (studies, *design.shape, n))
        apart = 2 if design.between_weight else 1  # or one value for both arms of a replicate
        means += random.normal(0, components.between_sd, (*means.shape[:-2], apart, n))
        treated = means[:, -1] if len(design.shape) == 1 else means[:, -1, -1]
        treated += effect.distance
        found += int((design.statistic(means) > limit).sum())
    return found


def _blocks(studies: int, n: int) -> Iterator[int]:
    """Numbers of studies that are simulated together, so that memory stays small."""
    size = max(_BLOCK // (4 * n), 1)
    ends = [*range(0, studies, size), studies]
    return (after - before for before, after in pairwise(ends))


def _replicate_means(
    random: np.random.Generator,
    components: VarianceComponents,
    wells: int,
    shape: tuple[int, ...],
) -> Floats:
    """Means of each replicate's wells in each arm, around the replicate: its response, its wells.

    The mean of w wells with standard deviation s has the standard deviation s / sqrt(w).
    """
    response = random.normal(0, components.arm_sd, shape)
    return response + random.normal(0, components.within_sd / math.sqrt(wells), shape)


def _standard_error(
    components: VarianceComponents, plan: PlanSettings, n: int, wells: float
) -> float:
    """True standard error of the effect on the scale of the analysis."""
    return math.sqrt(effect_variance(components, plan.design, wells) / n)


def exact_power(
    components: VarianceComponents,
    effect: PlannedEffect,
    settings: PlanSettings,
    n_biological: int,
    n_wells: float,
) -> float:
    """Power of one number of replicates and wells, from the noncentral t distribution.

    The chance of a significant difference in the direction of the effect, as R's
    ``power.t.test`` gives it unless it is asked to be strict.

    Parameters
    ----------
    components, effect, settings
        As for :func:`simulate_power`.
    n_biological
        Biological replicates per arm.
    n_wells
        Wells of each replicate in each arm; infinite for the most that wells can do.

    Examples
    --------
    R 4.2.2: ``power.t.test(n = 3, delta = 2, sd = 1)$power`` is 0.4626081.

    >>> one = VarianceComponents(1.0, 0.0, 0.0)
    >>> round(exact_power(one, PlannedEffect(2, "difference"), PlanSettings("own"), 3, 1), 7)
    0.4626081
    """
    from scipy.stats import nct

    error = _standard_error(components, settings, n_biological, n_wells)
    if error == 0:
        return 1.0
    df = DESIGNS[settings.design].df(n_biological)
    limit = float(t_critical(1 - settings.alpha, df))
    return float(nct.sf(limit, df, effect.distance / error))


def _expected_margin(
    components: VarianceComponents, plan: PlanSettings, n: int, wells: int
) -> float:
    """Expected half-width of the interval; a standard deviation from few is too small on average.

    The mean of ``sqrt(chi2(df) / df)`` is ``sqrt(2 / df) * gamma((df + 1) / 2) / gamma(df / 2)``.
    """
    from scipy.special import gammaln

    df = DESIGNS[plan.design].df(n)
    shrunk = math.sqrt(2 / df) * math.exp(gammaln((df + 1) / 2) - gammaln(df / 2))
    critical = float(t_critical(1 - plan.alpha, df))
    return critical * shrunk * _standard_error(components, plan, n, wells)


def wilson_interval(
    hits: int, trials: int, confidence: float = _MONTE_CARLO_CONFIDENCE
) -> tuple[float, float]:
    """Confidence interval of a share (Wilson 1927).

    Examples
    --------
    >>> [round(end, 4) for end in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    share, scale = hits / trials, 1 + z**2 / trials
    centre = (share + z**2 / (2 * trials)) / scale
    reach = z / scale * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def needed_replicates(table: pd.DataFrame, target: float = 0.8) -> pd.DataFrame:
    """Find the fewest biological replicates per arm that reach a power, for each number of wells.

    Read from ``exact_power``, so that the answer does not change with the seed.

    Parameters
    ----------
    table
        As :func:`simulate_power` gives it.
    target
        Wanted power, as a share.

    Returns
    -------
    DataFrame
        One row for each ``n_wells``: ``n_biological`` (missing where no planned number is
        enough), ``n_wells_per_arm`` (their product), and the other columns of that row.

    Raises
    ------
    UsageError
        The target is not a share between 0 and 1.

    Examples
    --------
    >>> rows = {"n_biological": [3, 4, 3, 4], "n_wells": [1, 1, 2, 2],
    ...         "exact_power": [0.5, 0.7, 0.7, 0.9]}
    >>> needed_replicates(pd.DataFrame(rows))
       n_wells  n_biological  n_wells_per_arm  exact_power
    0        1          <NA>             <NA>          NaN
    1        2             4                8          0.9
    """
    if not 0 < target < 1:
        raise UsageError(target_problem(target))
    wells = pd.DataFrame({"n_wells": sorted(set(table["n_wells"]))})
    enough = table[table["exact_power"] >= target].sort_values("n_biological")
    found = wells.merge(enough.drop_duplicates("n_wells"), on="n_wells", how="left")
    counts = [name for name in ("n_biological", "n_simulated") if name in found]
    found[counts] = found[counts].astype("Int64")
    rest = [name for name in found if name not in ("n_wells", "n_biological")]
    found["n_wells_per_arm"] = found["n_biological"] * found["n_wells"]
    return found[["n_wells", "n_biological", "n_wells_per_arm", *rest]]
