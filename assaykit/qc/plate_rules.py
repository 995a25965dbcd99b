"""Rules about the whole plate: separation of controls, edge effect, drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.plate import parse_well
from assaykit.qc.evidence import Evidence, Remark

if TYPE_CHECKING:
    import pandas as pd


def z_prime(evidence: Evidence) -> list[Remark]:
    """Positive and negative controls that are not well separated."""
    remarks = []
    usable = evidence.observations[~evidence.observations["excluded"]]
    for key, part in usable.groupby(["plate", "analyte", "endpoint"]):
        plate, analyte, endpoint = map(str, key)
        column = "response" if "response" in part else "value"
        high = part.loc[part["role"] == "positive_control", column].dropna()
        low = part.loc[part["role"] == "negative_control", column].dropna()
        if len(high) < 3 or len(low) < 3:
            continue
        z = 1 - 3 * (high.std() + low.std()) / abs(high.mean() - low.mean())
        if z < evidence.limits.z_prime_limit:
            message = (
                f"Z' of {endpoint} is {z:.2f}, below {evidence.limits.z_prime_limit:g}: positive "
                "and negative controls are not well separated."
            )
            remarks.append(
                Remark("z_prime", "warning", plate, message, analyte=analyte, measured=z,
                       limit=evidence.limits.z_prime_limit)
            )  # fmt: skip
    return remarks


def edge_effect(evidence: Evidence) -> list[Remark]:
    """Wells at the edge that read higher or lower than their replicates inside."""
    remarks = []
    for plate, part in _deviations(evidence).groupby("plate"):
        plate_format = evidence.format_of(str(plate))
        rows, columns = part["_row"], part["column"] - 1
        edge = rows.isin([0, plate_format.rows - 1]) | columns.isin([0, plate_format.columns - 1])
        if edge.sum() < 6 or (~edge).sum() < 6:
            continue
        difference = 100 * (
            part.loc[edge, "deviation"].mean() - part.loc[~edge, "deviation"].mean()
        )
        words = "Wells at the edge differ from their replicates inside by"
        remarks += _position(evidence, "edge_effect", str(plate), words, difference)
    return remarks


def drift(evidence: Evidence) -> list[Remark]:
    """Readings that rise or fall steadily from one side of the plate to the other."""
    import numpy as np

    remarks = []
    for plate, part in _deviations(evidence).groupby("plate"):
        plate_format = evidence.format_of(str(plate))
        for axis, place, count in (
            ("rows", part["_row"], plate_format.rows),
            ("columns", part["column"] - 1, plate_format.columns),
        ):
            if len(part) < 12 or place.nunique() < 3:
                continue
            slope = np.polyfit(place.to_numpy(float), part["deviation"].to_numpy(float), 1)[0]
            words = f"Readings change across the {axis} of the plate by"
            remarks += _position(evidence, "drift", str(plate), words, 100 * slope * (count - 1))
    return remarks


def _deviations(evidence: Evidence) -> pd.DataFrame:
    """Each well's relative deviation from the mean of its technical replicates."""
    table = evidence.observations
    if "response" not in table:
        return table.head(0)
    usable = table[~table["excluded"] & (table["response"] > 0)]
    first = usable.drop_duplicates(["plate", "well"])
    keys = ["plate", "analyte", "role", "sample", "biological_replicate", "dilution_factor"]
    mean = first.groupby(keys)["response"].transform("mean")
    size = first.groupby(keys)["response"].transform("size")
    rows = [parse_well(well)[0] for well in first["well"]]
    return first.assign(deviation=first["response"] / mean - 1, _row=rows)[size > 1]


def _position(
    evidence: Evidence, rule: str, plate: str, words: str, percent: float
) -> list[Remark]:
    limit = evidence.limits.position_limit
    if abs(percent) <= limit:
        return []
    message = f"{words} {percent:+.0f} %, more than {limit:g} %."
    return [Remark(rule, "warning", plate, message, measured=percent, limit=limit, unit="%")]
