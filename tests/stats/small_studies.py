"""Small observations tables for the tests of the statistics."""

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
