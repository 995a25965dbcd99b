"""Rules about single readings and repeated wells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from assaykit.qc.evidence import Evidence, Remark, listed, number

if TYPE_CHECKING:
    import pandas as pd


def missing_readings(evidence: Evidence) -> list[Remark]:
    """Wells of the map that have no reading at all."""
    wells = evidence.wells
    missing = wells[
        (wells["flag"] == "no_reading") & (wells["role"] != "empty") & ~wells["excluded"]
    ]
    advice = "Check that the layout is not shifted against the data."
    what = "Wells of the plate map without a reading"
    return _about_wells(Remark("missing_readings", "failure", "", what), missing, advice)


def unmapped_readings(evidence: Evidence) -> list[Remark]:
    """Readings of wells that the map says nothing about."""
    extra = evidence.wells[evidence.wells["flag"] == "not_in_map"]
    what = "Wells with a reading but no role in the plate map"
    return _about_wells(Remark("unmapped_readings", "note", "", what), extra)


def saturated_readings(evidence: Evidence) -> list[Remark]:
    """Readings at the limit of the detector."""
    hit = _flagged(evidence, "saturated")
    remark = Remark("saturated_readings", "warning", "", "Saturated wells")
    return _about_wells(remark, hit, "Dilute and read again.")


def out_of_range(evidence: Evidence) -> list[Remark]:
    """Samples below or above the limits of quantification."""
    hit = _flagged(evidence, "below_lloq", "above_uloq", "beyond_asymptote")
    what = "Wells outside the limits of quantification, which have no number"
    remark = Remark("out_of_range", "warning", "", what)
    return _about_wells(remark, hit, "Another dilution may bring them in.")


def _flagged(evidence: Evidence, *flags: str) -> pd.DataFrame:
    """The observations that carry one of some flags and count."""
    table = evidence.observations[~evidence.observations["excluded"]]
    return table[[bool({*flags} & {*text.split("; ")}) for text in table["flags"]]]


def _about_wells(remark: Remark, table: pd.DataFrame, advice: str = "") -> list[Remark]:
    """The remark for each plate, with its wells and how many they are."""
    remarks = []
    for plate, part in table.groupby("plate"):
        wells, n = listed(part["well"]), part["well"].nunique()
        message = f"{remark.message} ({n}): {wells}. {advice}".strip()
        remarks.append(
            replace(remark, plate=str(plate), message=message, wells=wells, measured=n, limit=0,
                    unit="wells")
        )  # fmt: skip
    return remarks


def replicate_cv(evidence: Evidence) -> list[Remark]:
    """Technical replicates that disagree."""
    limit = evidence.limits.cv_limit
    return [
        Remark(
            "replicate_cv", "warning", str(row["plate"]),
            f"The {row['n_wells']} wells of {row['sample']} at dilution "
            f"{row['dilution_factor']:g} have a CV of {row['cv_percent']:.0f} %, more than "
            f"{limit:g} %.",
            wells=_wells_of(evidence, row), analyte=str(row["analyte"]),
            measured=number(row["cv_percent"]), limit=limit, unit="%",
        )
        for row in evidence.rows("Dilutions", "cv_percent")
        if number(row["cv_percent"]) > limit
    ]  # fmt: skip


def _wells_of(evidence: Evidence, row: Mapping[str, object]) -> str:
    """The wells behind a row of Dilutions."""
    table = evidence.observations
    for name in ("plate", "analyte", "role", "sample", "biological_replicate", "dilution_factor"):
        table = table[table[name] == row[name]]
    return listed(table["well"])
