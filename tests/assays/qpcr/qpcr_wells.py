"""Annotated wells of a qPCR plate, made by hand."""

import math
from itertools import count

import pandas as pd

from assaykit.plate import plate_format

SHEET = {
    "RUNX2": {"target_role": "target", "rt_group": "random", "efficiency": 1.0},
    "ACTB": {"target_role": "reference", "rt_group": "random", "efficiency": 1.0},
}
NAMES = plate_format(384).names


def reactions(sample, target, *cq, role="sample", **columns):
    """Rows of one sample and target, one for each Cq; None is undetermined, "" was not read."""
    flags = {None: "undetermined", "": "no_reading"}
    return [
        {"sample": sample, "target": target, "role": role, "flag": flags.get(one, ""),
         "value": math.nan if one in flags else one, "channel": "" if one == "" else "cq"} | columns
        for one in cq
    ]  # fmt: skip


def plate(*groups, sheet=SHEET, name="P1"):
    """Annotated wells, joined with what the sheet Targets says; one well for each row."""
    number = count()
    rows = [
        {"plate": name, "well": NAMES[next(number)], "biological_replicate": row["sample"],
         "technical_replicate": "1", "nominal_concentration": math.nan, "excluded": False,
         "reason": "", "treatment": "control", "unit": "cycles", "source": "by hand"}
        | sheet.get(row["target"], {}) | row
        for group in groups
        for row in group
    ]  # fmt: skip
    return pd.DataFrame(rows)


def pair(sample, target_cq, reference_cq, **columns):
    """A sample with RUNX2 and ACTB, one reaction for each Cq."""
    return [
        *reactions(sample, "RUNX2", *target_cq, **columns),
        *reactions(sample, "ACTB", *reference_cq, **columns),
    ]


def of(table, *keys):
    """The one row of a table with these values in its first columns after the plate."""
    columns = [name for name in ("sample", "target", "gene", "kind", "item") if name in table]
    hit = table[(table[columns[: len(keys)]] == list(keys)).all(axis=1)]
    assert len(hit) == 1, f"{len(hit)} rows for {keys}"
    return hit.iloc[0]
