"""Rules about Cq: technical replicates, controls, efficiency, melt curves, reference genes.

They read the assay's own tables and its limits; a plate without those tables has none of them.
"""

from __future__ import annotations

import math

from assaykit.qc.evidence import Evidence, Remark, number
from assaykit.values import match_key

_VESICLE_WORDS = ("vesicle", "exosome")
_CELLULAR_REFERENCES = ("u6", "u6snrna", "rnu6", "rnu6b", "rnu61", "rnu62", "rnu44", "rnu48",
                        "snord44", "snord48")  # fmt: skip


def replicate_spread(evidence: Evidence) -> list[Remark]:
    """Technical replicates whose Cq are further apart than the limit; none is left out."""
    limit = evidence.limits.spread_limit
    remarks = []
    for row in evidence.rows("Technical replicates", "spread_cq"):
        if number(row["spread_cq"]) <= limit:
            continue
        far = f" Well {row['outlier']} is the farthest from their median" if row["outlier"] else ""
        effect = (
            f"; without it the quantity of {row['target']} is "
            f"{2 ** number(row['log2_quantity_shift']):.2g}-fold."
            if far
            else ""
        )
        message = (
            f"The technical replicates of {row['target']} in {row['sample']} are "
            f"{row['spread_cq']:.2f} cycles apart.{far}{effect} All of them count; exclude a well "
            "by hand, with a reason, if you know what went wrong."
        )
        remarks.append(
            Remark("replicate_spread", "warning", str(row["plate"]), message, str(row["wells"]),
                   str(row["target"]), number(row["spread_cq"]), limit, "cycles")
        )  # fmt: skip
    return remarks


def undetermined_replicates(evidence: Evidence) -> list[Remark]:
    """Samples of which some reactions have a Cq and others have none."""
    return [
        Remark(
            "undetermined_replicates", "warning", str(row["plate"]),
            f"{row['target']} in {row['sample']} has a Cq in {row['n_wells']:g} reactions and none "
            f"in {row['n_undetermined']:g}; the mean of those that have one is too low.",
            str(row["wells"]), str(row["target"]), number(row["n_undetermined"]), 0,
        )
        for row in evidence.rows("Technical replicates", "n_undetermined")
        if number(row["n_undetermined"]) > 0 and number(row["n_wells"]) > 0
        and not math.isnan(number(row["mean_cq"]))
    ]  # fmt: skip


def control_cq(evidence: Evidence) -> list[Remark]:
    """No-template and no-RT controls that come near the samples."""
    limit = evidence.limits.control_distance
    remarks = []
    for row in evidence.rows("Controls", "n_with_cq", "target"):
        if not number(row["n_with_cq"]) or number(row["distance"]) >= limit:
            continue
        near = not math.isnan(number(row["distance"]))
        message = (
            f"The {row['kind']} control of {row['target']} has a Cq of {row['lowest_cq']:.1f}"
            + (f", {row['distance']:.1f} cycles from the latest sample" if near else "")
            + f"; {limit:g} are asked for. Contamination may be part of the signal."
        )
        remarks.append(
            Remark("control_cq", "failure" if number(row["distance"]) < limit / 2 else "warning",
                   str(row["plate"]), message, str(row["wells"]), str(row["target"]),
                   number(row["distance"]), limit, "cycles")
        )  # fmt: skip
    return remarks


def missing_controls(evidence: Evidence) -> list[Remark]:
    """Targets that no no-template control looks at."""
    if "MIQE" not in evidence.tables:
        return []
    controls = evidence.rows("Controls", "target", "kind")
    controlled = {row["target"] for row in controls if row["kind"] == "no template"}
    wanted = list(dict.fromkeys(row["target"] for row in evidence.rows("Efficiency", "target")))
    without = [str(name) for name in wanted if name not in controlled]
    plate = str(evidence.wells["plate"].iloc[0])
    return [
        Remark("missing_controls", "note", plate,
               f"No no-template control for {', '.join(without)}.", analyte=", ".join(without))
    ] if without else []  # fmt: skip


def amplification_efficiency(evidence: Evidence) -> list[Remark]:
    """Efficiencies outside their limits, lines that do not fit, and efficiencies assumed."""
    limits, remarks = evidence.limits, []
    plate = str(evidence.wells["plate"].iloc[0]) if len(evidence.wells) else ""
    for row in evidence.rows("Efficiency", "efficiency"):
        name, value = str(row["target"]), number(row["efficiency"])
        if not limits.efficiency_low <= value <= limits.efficiency_high:
            message = (
                f"The efficiency of {name} is {value:.2f} ({100 * value:.0f} %), expected "
                f"{limits.efficiency_low:.2f} to {limits.efficiency_high:.2f}."
            )
            low = value < limits.efficiency_low
            crossed = limits.efficiency_low if low else limits.efficiency_high
            remarks.append(Remark("amplification_efficiency", "warning", plate, message, "", name,
                                  value, crossed))  # fmt: skip
        if number(row["r_squared"]) < limits.r_squared_limit:
            message = f"The dilution series of {name} has R² = {row['r_squared']:.3f}."
            remarks.append(Remark("amplification_efficiency", "warning", plate, message, "", name,
                                  number(row["r_squared"]), limits.r_squared_limit))  # fmt: skip
        if row["efficiency_source"] == "assumed":
            message = f"The efficiency of {name} is not known; 1.00 (100 %) was assumed."
            remarks.append(Remark("amplification_efficiency", "note", plate, message, "", name))
        if row["verdict"]:
            message = f"The dilution series of {name} gives no efficiency: {row['verdict']}"
            remarks.append(Remark("amplification_efficiency", "warning", plate, message, "", name))
    return remarks


def linear_range(evidence: Evidence) -> list[Remark]:
    """Samples whose Cq lie outside those of their dilution series."""
    remarks = []
    means = evidence.rows("Technical replicates", "mean_cq")
    for row in evidence.rows("Efficiency", "slope"):
        ends = [number(row["intercept"]) + number(row["slope"]) * _log10(row[end])
                for end in ("highest", "lowest")]  # fmt: skip
        outside = [
            str(one["sample"]) for one in means
            if one["target"] == row["target"]
            and not ends[0] <= number(one["mean_cq"]) <= ends[1]
        ]  # fmt: skip
        if outside:
            message = (
                f"{row['target']} in {', '.join(dict.fromkeys(outside))} lies outside the dilution "
                f"series (Cq {ends[0]:.1f} to {ends[1]:.1f}); its efficiency is extrapolated there."
            )
            remarks.append(Remark("linear_range", "note", str(evidence.wells["plate"].iloc[0]),
                                  message, analyte=str(row["target"])))  # fmt: skip
    return remarks


def late_cq(evidence: Evidence) -> list[Remark]:
    """Samples with a mean Cq beyond the limit."""
    limit = evidence.limits.late_cq
    return [
        Remark("late_cq", "note", str(row["plate"]),
               f"{row['target']} in {row['sample']} has a late Cq ({row['mean_cq']:.1f}).",
               str(row["wells"]), str(row["target"]), number(row["mean_cq"]), limit, "cycles")
        for row in evidence.rows("Technical replicates", "mean_cq")
        if number(row["mean_cq"]) > limit
    ]  # fmt: skip


def melt_peaks(evidence: Evidence) -> list[Remark]:
    """Wells whose melt curve tells of a second or another product."""
    return [
        Remark("melt_peaks", "warning", str(row["plate"]),
               f"{row['target']} in well {row['well']}: {row['verdict']}.", str(row["well"]),
               str(row["target"]))
        for row in evidence.rows("Melt", "tm")
        if row["verdict"] != "one product"
    ]  # fmt: skip


def reference_genes(evidence: Evidence) -> list[Remark]:
    """One reference gene only, or one that varies more than geNorm's limit for M."""
    rows = evidence.rows("Reference genes", "gene")
    plate = str(evidence.wells["plate"].iloc[0]) if len(evidence.wells) else ""
    remarks = []
    if len(rows) == 1 and rows[0]["role"] == "reference":
        message = (
            f"{rows[0]['gene']} is the only reference gene, so nothing shows that it is stable; "
            "MIQE asks for a reason or for more of them."
        )
        remarks.append(Remark("reference_genes", "note", plate, message))
    remarks += [
        Remark("reference_genes", "warning", plate,
               f"The reference gene {row['gene']} has a geNorm M of {row['m']:.2f}.", "",
               str(row["gene"]), number(row["m"]), 1.5)
        for row in rows
        if "m" in row and number(row["m"]) > 1.5
    ]  # fmt: skip
    return remarks


def cellular_reference_in_vesicles(evidence: Evidence) -> list[Remark]:
    """U6 and the like in vesicles, which hardly contain them."""
    wells = evidence.wells
    if not {"material", "target"} <= set(wells.columns):
        return []
    material = wells["material"].astype(str).str.casefold()
    names = wells["target"].astype(str).map(match_key)
    here = material.map(lambda text: any(word in text for word in _VESICLE_WORDS))
    hit = wells[here & names.isin(_CELLULAR_REFERENCES)]
    if hit.empty:
        return []
    message = (
        f"{', '.join(dict.fromkeys(hit['target']))} is a nuclear RNA and hardly in vesicles; "
        "normalise them by a spike-in or a microRNA that they contain."
    )
    return [Remark("cellular_reference_in_vesicles", "warning", str(hit["plate"].iloc[0]), message)]


def _log10(value: object) -> float:
    return math.log10(number(value))
