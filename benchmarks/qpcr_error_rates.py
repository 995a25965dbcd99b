"""False positives of the whole qPCR path: ``python -m benchmarks.qpcr_error_rates``.

Studies without any effect are simulated from the RNA on: biological replicates, loading of each
reverse transcription, a level of each reference gene, technical noise of each well. Cq go through
``quantify`` and ``compare`` as a user's would. Fifty studies stand on one plate, each with a target
and two reference genes of an RT reaction of its own, so that they are independent.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from assaykit.assays.qpcr import QpcrParameters, quantify
from assaykit.design import Design, Factor
from assaykit.stats import compare
from benchmarks.error_rates import AT_ONCE, HIGH, LOW, NOMINAL, SEED, spread_out

DESIGN = Design((Factor("treatment", ("control", "vesicle"), "control"),))
GENES = ("target", "reference 1", "reference 2")
WELLS = 3
REPLICATES = (3, 4)
BETWEEN, RESPONSE, REFERENCE, LOADING, WELL = 0.6, 0.25, 0.15, 0.5, 0.15  # SD in cycles


def reactions(n: int, shared: bool, first: int) -> pd.DataFrame:
    """Annotated wells of fifty studies without any effect."""
    rng = np.random.default_rng([SEED, first, n, int(shared)])
    shape = (AT_ONCE, n, 2, len(GENES), WELLS)
    study, replicate, arm, gene, _ = (axis.ravel() for axis in np.indices(shape))
    loading = rng.normal(0, LOADING, (n, 2))[replicate, arm]
    between = rng.normal(0, BETWEEN, (AT_ONCE, n, 1 if shared else 2))
    level = between[study, replicate, 0 if shared else arm]
    level = level + rng.normal(0, RESPONSE, (AT_ONCE, n, 2))[study, replicate, arm]
    own = rng.normal(0, REFERENCE, (AT_ONCE, n, 2, len(GENES)))[study, replicate, arm, gene]
    cq = 24 + 3 * gene + loading + np.where(gene == 0, level, own)
    group = np.char.add("study ", study.astype(str))
    culture = replicate if shared else replicate + n * arm
    name = np.char.add("M", culture.astype(str))
    treatment = np.array(DESIGN.arms)[arm]
    return pd.DataFrame(
        {
            "plate": "P1", "well": np.char.add("W", np.arange(len(cq)).astype(str)),
            "role": "sample", "sample": np.char.add(np.char.add(name, " "), treatment),
            "biological_replicate": name, "treatment": treatment,
            "target": np.char.add(np.char.add(np.array(GENES)[gene], " of "), group),
            "target_role": np.where(gene == 0, "target", "reference"), "rt_group": group,
            "efficiency": 1.0, "channel": "cq", "value": cq + rng.normal(0, WELL, len(cq)),
            "unit": "cycles", "flag": "", "source": "", "excluded": False, "reason": "",
        }
    )  # fmt: skip


def found(n: int, shared: bool, first: int) -> int:
    """How many of fifty studies come out below 5 %."""
    made = quantify(reactions(n, shared, first), QpcrParameters())
    return int((compare(made.observations, DESIGN)["p_value"] < NOMINAL).sum())


def main() -> None:
    """Simulate and print one line for each design and number of replicates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=4000)
    studies = parser.parse_args().studies
    error = 100 * (NOMINAL * (1 - NOMINAL) / studies) ** 0.5
    print(f"{studies} studies each; standard error of a rate of 5 %: {error:.2f} %")
    for shared in (True, False):
        for n in REPLICATES:
            jobs = [(n, shared, first) for first in range(studies // AT_ONCE)]
            rate = float(spread_out(found, jobs)) / (len(jobs) * AT_ONCE)
            inside = "yes" if LOW <= rate <= HIGH else "NO"
            kind = "the same cultures in both arms" if shared else "other cultures in each arm"
            print(f"{kind}, n = {n}: {100 * rate:.1f} %  in 3.5–6.5: {inside}", flush=True)


if __name__ == "__main__":
    main()
