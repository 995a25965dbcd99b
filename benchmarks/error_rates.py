"""How often the default comparison is wrong: ``python -m benchmarks.error_rates``.

Studies are simulated with known truth and go through :func:`assaykit.stats.compare` as a user's
would, fifty at a time as endpoints of one table. Printed are, for each design, the share of studies
without any effect that came out below 5 %, with the simulation's own standard error, and the power
beside that of the t test on replicate means (paired where the arms share their replicates).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import Contrast, Design, Factor, Rescue
from assaykit.stats import compare, compare_endpoints
from assaykit.stats.endpoint import RESCUE
from assaykit.stats.rescue import fieller_contains

SEED = 20221
AT_ONCE = 50
REPLICATES = (3, 4, 6)
NOMINAL, LOW, HIGH = 0.05, 0.035, 0.065
COVER_LOW, COVER_HIGH = 0.93, 0.97

TREATMENT = Factor("treatment", ("control", "vesicle"), "control")
GENOTYPE = Factor("genotype", ("WT", "KO"), "WT")
INTERACTION = Contrast(
    "interaction", "KO / vesicle", "KO / control", ("WT / vesicle", "WT / control")
)
TWO_BY_TWO = Design((GENOTYPE, TREATMENT), contrasts=(INTERACTION,))
THREE_ARMS = Design(
    (Factor("treatment", ("control", "vesicle", "KO vesicle"), "control"),),
    replicates_shared=True,
    rescue=Rescue("vesicle", "KO vesicle"),
)


@dataclass(frozen=True)
class Layout:
    """A design whose studies are simulated: standard deviations on the scale of the analysis.

    Parameters
    ----------
    name
        What it is called in the table.
    design
        As a user would declare it.
    shared
        Whether the arms share their replicates (in a 2 × 2 design: the treatments).
    between, response, wells_sd
        Standard deviations between replicates, of a replicate's response to an arm, between wells.
    effect
        Effect of the last arm when power is asked for.
    scale
        Of the endpoint: ``linear``, ``log`` or ``count``.
    wells
        Smallest and largest number of wells of a replicate in an arm.
    """

    name: str
    design: Design
    shared: bool
    between: float
    response: float
    wells_sd: float
    effect: float
    scale: str = "linear"
    wells: tuple[int, int] = (4, 4)


ONE_FACTOR = Design((TREATMENT,))
LAYOUTS = (
    *(
        Layout(f"unpaired nested, ICC {icc}", ONE_FACTOR, False, icc**0.5, 0, (1 - icc) ** 0.5,
               4 * (icc + (1 - icc) / 4) ** 0.5 / 2**0.5)
        for icc in (0.2, 0.5, 0.8)
    ),
    *(
        Layout(f"blocked nested, ICC {icc}", ONE_FACTOR, True, icc**0.5, 0, (1 - icc) ** 0.5,
               2 * (1 - icc) ** 0.5)
        for icc in (0.2, 0.5, 0.8)
    ),
    Layout("blocked, replicate × arm variance", ONE_FACTOR, True, 0.55, 0.45, 0.7, 1.6),
    Layout("unpaired, 1 to 6 wells", ONE_FACTOR, False, 0.7, 0, 0.7, 2.4, wells=(1, 6)),
    Layout("blocked, replicate × arm, 1 to 6 wells", ONE_FACTOR, True, 0.55, 0.45, 0.7, 1.6,
           wells=(1, 6)),
    Layout("counts, blocked", ONE_FACTOR, True, 0.3, 0.15, 0.3, 0.7, "count"),
    Layout("counts, unpaired", ONE_FACTOR, False, 0.25, 0, 0.3, 1.0, "count"),
    Layout("log-normal concentrations, blocked", ONE_FACTOR, True, 0.3, 0.12, 0.2, 0.45, "log"),
    Layout("2 × 2 split-plot, interaction", TWO_BY_TWO, True, 0.55, 0.4, 0.7, 2.0),
)  # fmt: skip


def simulate(layout: Layout, n: int, studies: int, effect: float, seed: int) -> pd.DataFrame:
    """Observations of some studies, each an endpoint of its own."""
    rng = np.random.default_rng([SEED, seed, n])
    arms = list(layout.design.arms)
    factorial = len(layout.design.factors) == 2
    low, high = layout.wells
    wells = rng.integers(low, high + 1, (studies, n, len(arms)))
    study, replicate, arm = (np.repeat(i.ravel(), wells.ravel()) for i in np.indices(wells.shape))
    own = arm // 2 if factorial else (np.zeros_like(arm) if layout.shared else arm)
    culture = own * n + replicate
    between = rng.normal(0, layout.between, (studies, n * len(arms)))[study, culture]
    response = rng.normal(0, layout.response, (studies, n, len(arms)))[study, replicate, arm]
    y = between + response + effect * (arm == len(arms) - 1)
    levels = [dict(zip(layout.design.factor_names, a.split(" / "), strict=True)) for a in arms]
    columns = {name: np.array([one[name] for one in levels])[arm] for name in levels[0]}
    return pd.DataFrame(columns).assign(
        endpoint=np.char.add("study ", study.astype(str)),
        biological_replicate=np.char.add("M", culture.astype(str)),
        value=_values(layout, y, rng),
        well=np.char.add("W", np.arange(len(y)).astype(str)),
        plate="P1", role="sample", assay="simulated", unit="", scale=layout.scale,
    )  # fmt: skip


def _values(layout: Layout, y: Any, rng: np.random.Generator) -> Any:
    """Values of wells: normal, log-normal around 400, or counts around 15 beyond Poisson."""
    noisy = y + rng.normal(0, layout.wells_sd, len(y))
    if layout.scale == "count":
        return rng.poisson(15 * np.exp(noisy)).astype(float)
    return 400 * np.exp(noisy) if layout.scale == "log" else noisy


def rates(layout: Layout, n: int, studies: int, effect: float, first: int) -> tuple[int, int]:
    """How many of some studies were called: by compare, and by t on replicate means."""
    table = simulate(layout, n, studies, effect, first)
    found = int((compare(table, layout.design)["p_value"] < NOMINAL).sum())
    return found, sum(p < NOMINAL for p in _t_tests(layout, table))


def _t_tests(layout: Layout, table: pd.DataFrame) -> Iterator[float]:
    """P values of the t test on replicate means; of the interaction on differences."""
    from scipy.stats import ttest_ind, ttest_rel

    forward: dict[str, Callable[[Any], Any]] = {
        "linear": lambda x: x, "log": np.log, "count": lambda x: np.log(x + 0.5),
    }  # fmt: skip
    arm = layout.design.arm_labels(table)
    means = table.assign(arm=arm).groupby(["endpoint", "arm", "biological_replicate"])["value"]
    for _, study in forward[layout.scale](means.mean()).groupby(level="endpoint"):
        values = [study.xs(name, level="arm").droplevel(0).sort_index() for name in
                  layout.design.arms]  # fmt: skip
        if len(values) == 4:
            differences = [(b - a).to_numpy() for a, b in (values[:2], values[2:])]
            yield float(ttest_ind(*differences).pvalue)
        else:
            test = ttest_rel if layout.shared else ttest_ind
            yield float(test(values[0].to_numpy(), values[1].to_numpy()).pvalue)


def coverage(n: int, studies: int, first: int) -> tuple[int, int, int]:
    """Rescue fractions: intervals with two ends, those of them that cover, sets that cover."""
    truth, effect = 0.7, 0.9
    layout = Layout("rescue", THREE_ARMS, True, 0.3, 0.12, 0.2, effect, "log")
    table = simulate(layout, n, studies, 0.0, first)
    shift = table["treatment"].map(
        {"control": 0.0, "vesicle": effect, "KO vesicle": effect * (1 - truth)}
    )
    table["value"] *= np.exp(shift)
    bounded = covered = contained = 0
    for one in compare_endpoints(table, THREE_ARMS):
        row = next(row for row in one.rows if row["contrast"] == RESCUE)
        bounded += bool(np.isfinite(row["ci_low"]))
        covered += bool(row["ci_low"] <= truth <= row["ci_high"])
        rescued = Contrast("", "KO vesicle", "control")
        treated = Contrast("", "vesicle", "control")
        if one.model is not None:
            contained += fieller_contains(one.model.arms, rescued, treated, truth)
    return bounded, covered, contained


def spread_out(work: Callable[..., Any], jobs: list[tuple[Any, ...]]) -> Any:
    """Sums of what the jobs return, over all cores."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return np.sum(list(pool.map(_call, [(work, job) for job in jobs], chunksize=1)), axis=0)


def _call(what: tuple[Callable[..., Any], tuple[Any, ...]]) -> Any:
    work, job = what
    return work(*job)


def main() -> None:
    """Simulate and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=4000)
    parser.add_argument("--power-studies", type=int, default=1000)
    asked = parser.parse_args()
    print_error_rates(asked.studies, asked.power_studies)
    print_coverage(asked.studies)


def print_error_rates(studies: int, power_studies: int) -> None:
    """One line for each design and number of replicates."""
    error = 100 * (NOMINAL * (1 - NOMINAL) / studies) ** 0.5
    print(f"{studies} studies each; standard error of a rate of 5 %: {error:.2f} %")
    print(f"{'design':<42} n  false positives %  t on means %  power %  t on means %  in 3.5–6.5")
    for layout in LAYOUTS:
        for n in REPLICATES:
            none = _share(layout, n, studies, 0.0)
            some = _share(layout, n, power_studies, layout.effect)
            inside = "yes" if LOW <= none[0] <= HIGH else "NO"
            numbers = [f"{100 * one:.1f}" for one in (*none, *some)]
            print(f"{layout.name:<42} {n} {numbers[0]:>18} {numbers[1]:>13} {numbers[2]:>8} "
                  f"{numbers[3]:>13}  {inside}", flush=True)  # fmt: skip


def _share(layout: Layout, n: int, studies: int, effect: float) -> Any:
    jobs = [(layout, n, AT_ONCE, effect, first) for first in range(studies // AT_ONCE)]
    return spread_out(rates, jobs) / (len(jobs) * AT_ONCE)


def print_coverage(studies: int) -> None:
    """How often the interval of the rescue fraction holds the truth."""
    print("\nrescue fraction 0.7 of a 2.5-fold effect, 95 % Fieller intervals")
    print(" n  with two ends %  these cover %  all sets cover %  in 93–97")
    for n in REPLICATES:
        jobs = [(n, AT_ONCE, first) for first in range(studies // AT_ONCE)]
        bounded, covered, contained = spread_out(coverage, jobs)
        total = len(jobs) * AT_ONCE
        shares = covered / bounded, contained / total
        inside = "yes" if COVER_LOW <= min(shares) <= max(shares) <= COVER_HIGH else "NO"
        print(f"{n:>2} {100 * bounded / total:>16.1f} {100 * shares[0]:>14.1f} "
              f"{100 * shares[1]:>17.1f}  {inside}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
