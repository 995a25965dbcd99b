"""Small observations tables for the tests of the statistics."""

import numpy as np
import pandas as pd

from assaykit.design import Design, Factor

# Dunnett 1955, JASA 50:1096: blood counts of animals, one count each (10**6 / mm3).
BLOOD = {
    "control": [7.40, 8.50, 7.20, 8.24, 9.84, 8.32],
    "A": [9.76, 8.80, 7.68, 9.36],
    "B": [12.80, 9.68, 12.16, 9.20, 10.55],
}


def treatment_design(*levels: str, **settings) -> Design:
    return Design((Factor("treatment", levels, levels[0]),), **settings)


def observations(arms, *, scale="linear", endpoint="area", unit="mm2", **columns) -> pd.DataFrame:
    """One row for each well of ``{arm: {replicate: [value of each well]}}``."""
    rows = [
        {"treatment": arm, "biological_replicate": replicate, "value": value}
        for arm, replicates in arms.items()
        for replicate, values in replicates.items()
        for value in values
    ]
    table = pd.DataFrame(rows)
    fixed = {"plate": "P1", "role": "sample", "assay": "trap", "endpoint": endpoint, "unit": unit}
    names = [f"{'ABCDEFGH'[i % 8]}{i // 8 + 1}" for i in range(len(table))]
    return table.assign(well=names, scale=scale, **fixed, **columns)


def one_well_each(arms, *, shared: bool, **settings) -> pd.DataFrame:
    """One row for each value of ``{arm: [value of each replicate]}``."""
    return observations(
        {
            arm: {f"r{i}" if shared else f"{arm} {i}": [value] for i, value in enumerate(values)}
            for arm, values in arms.items()
        },
        **settings,
    )


GENOTYPES = (
    Factor("genotype", ("WT", "KO"), "WT"),
    Factor("treatment", ("control", "vesicle"), "control"),
)


def genotype_design(**settings) -> Design:
    return Design(GENOTYPES, **settings)


def by_genotype(arms, **settings) -> pd.DataFrame:
    """One row for each well of ``{"WT / control": {replicate: [value of each well]}}``."""
    table = observations(arms, **settings)
    levels = table["treatment"].str.split(" / ", expand=True)
    return table.assign(genotype=levels[0], treatment=levels[1])


def random_wells(
    seed: int, arms, *, replicates: int = 4, wells: int = 3, spread=(1.0, 0.5, 0.3), own=()
) -> dict:
    """Wells of ``{arm: {replicate: [...]}}``, the same replicates in each arm.

    ``spread`` is that of replicates, of their responses and of wells. ``own`` says by which part
    of an arm's label its replicates differ from those of other arms; ``("",)`` is the whole label.
    """
    rng = np.random.default_rng(seed)
    level: dict = {}
    made: dict = {}
    for arm in arms:
        prefix = "".join(arm if part == "" else arm.split(" / ")[part] for part in own)
        made[arm] = {}
        for i in range(replicates):
            name = f"{prefix}r{i}"
            level.setdefault(name, rng.normal(10, spread[0]))
            mean = level[name] + rng.normal(0, spread[1])
            made[arm][name] = rng.normal(mean, spread[2], wells).tolist()
    return made
