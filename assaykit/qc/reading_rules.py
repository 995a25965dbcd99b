"""Rules about single readings and repeated wells."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.qc.evidence import Evidence, Remark, listed, number


def missing_readings(evidence: Evidence) -> list[Remark]:
    """Wells of the map that have no reading at all."""
    wells = evidence.wells
    missing = wells[
        (wells["flag"] == "no_reading") & ~wells["role"].isin(["empty"]) & ~wells["excluded"]
    ]
    return [
        Remark(
            "missing_readings", "failure", str(plate),
            f"{len(part)} wells of the plate map have no reading: {listed(part['well'])}. "
            "Check that the layout is not shifted against the data.",
            wells=listed(part["well"]), measured=len(part), limit=0, unit="wells",
        )
        for plate, part in missing.groupby("plate")
    ]  # fmt: skip


def unmapped_readings(evidence: Evidence) -> list[Remark]:
    """Readings of wells that the map says nothing about."""
    wells = evidence.wells
    extra = wells[wells["flag"] == "not_in_map"]
    return [
        Remark(
            "unmapped_readings", "note", str(plate),
            f"{part['well'].nunique()} wells have a reading but no role in the plate map: "
            f"{listed(part['well'])}.",
            wells=listed(part["well"]), measured=part["well"].nunique(), limit=0, unit="wells",
        )
        for plate, part in extra.groupby("plate")
    ]  # fmt: skip


def saturated_readings(evidence: Evidence) -> list[Remark]:
    """Readings at the limit of the detector."""
    return _flagged(
        evidence, "saturated_readings", ("saturated",), "are saturated; dilute and read again"
    )


def out_of_range(evidence: Evidence) -> list[Remark]:
    """Samples below or above the limits of quantification."""
    flags = ("below_lloq", "above_uloq", "beyond_asymptote")
    advice = "are outside the limits of quantification and have no number; change the dilution"
    return _flagged(evidence, "out_of_range", flags, advice)


def _flagged(evidence: Evidence, rule: str, flags: tuple[str, ...], words: str) -> list[Remark]:
    table = evidence.observations[~evidence.observations["excluded"]]
    hit = table[[bool({*flags} & {*text.split("; ")}) for text in table["flags"]]]
    return [
        Remark(
            rule, "warning", str(plate), f"{part['well'].nunique()} wells {words}: "
            f"{listed(part['well'])}.",
            wells=listed(part["well"]), measured=part["well"].nunique(), limit=0, unit="wells",
        )
        for plate, part in hit.groupby("plate")
    ]  # fmt: skip


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
