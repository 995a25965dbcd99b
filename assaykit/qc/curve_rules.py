"""Rules about standard curves, controls, spikes and dilutions."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.qc.evidence import Evidence, Remark, Severity, number


def curve_acceptance(evidence: Evidence) -> list[Remark]:
    """Standard curves with too few levels, or of which too few come back (ICH M10: 75 % of 6)."""
    remarks = []
    for row in evidence.rows("Limits", "accepted"):
        passed, total = number(row["levels_passed"]), number(row["levels_total"])
        if not row["accepted"]:
            share = 100 * passed / max(total, 1)
            few = share >= 75
            message = (
                f"The standard curve has only {total:g} levels above zero, six are asked for."
                if few
                else f"Only {passed:g} of {total:g} standard levels are within their limits of "
                "recovery and CV; the curve should not be used."
            )
            remarks.append(
                Remark(
                    "curve_acceptance", "warning" if few else "failure", str(row["plate"]),
                    message, analyte=str(row["analyte"]), measured=share, limit=75, unit="%",
                )
            )  # fmt: skip
    return remarks


def standard_recovery(evidence: Evidence) -> list[Remark]:
    """Single standard levels that do not come back, or whose wells disagree."""
    return [
        Remark(
            "standard_recovery", "warning", str(row["plate"]),
            f"The standard {row['nominal_concentration']:g} {row['concentration_unit']} comes back "
            f"at {row['recovery_percent']:.0f} % with a CV of {row['cv_percent']:.0f} %.",
            analyte=str(row["analyte"]), measured=number(row["recovery_percent"]), limit=100,
            unit="%",
        )
        for row in evidence.rows("Standards", "recovery_percent")
        if not row["passed"]
    ]  # fmt: skip


def control_recovery(evidence: Evidence) -> list[Remark]:
    """Controls that miss their declared concentration."""
    return _recoveries(
        evidence, "control", "control_recovery", "failure", evidence.limits.control_recovery_limit
    )


def spike_recovery(evidence: Evidence) -> list[Remark]:
    """Spiked samples in which the added amount does not come back: a matrix effect."""
    return _recoveries(
        evidence, "spike", "spike_recovery", "warning", evidence.limits.spike_recovery_limit
    )


def _recoveries(
    evidence: Evidence, kind: str, rule: str, severity: Severity, limit: float
) -> list[Remark]:
    return [
        Remark(
            rule, severity, str(row["plate"]),
            f"The {kind} {row['sample']} comes back at {row['recovery_percent']:.0f} %, expected "
            f"{100 - limit:g} to {100 + limit:g} %.",
            analyte=str(row["analyte"]), measured=number(row["recovery_percent"]),
            limit=limit, unit="%",
        )
        for row in evidence.rows("Controls", "recovery_percent")
        if row["kind"] == kind and abs(number(row["recovery_percent"]) - 100) > limit
    ]  # fmt: skip


def dilution_linearity(evidence: Evidence) -> list[Remark]:
    """Samples whose dilutions give different concentrations."""
    limit = evidence.limits.dilution_recovery_limit
    remarks = []
    for row in evidence.rows("Dilution series", "lowest_recovery_percent"):
        low, high = (
            number(row["lowest_recovery_percent"]),
            number(row["highest_recovery_percent"]),
        )
        worst = max((low, high), key=lambda percent: abs(percent - 100))
        if abs(worst - 100) > limit:
            message = (
                f"The dilutions of {row['sample']} disagree: recoveries from {low:.0f} to "
                f"{high:.0f} %, expected {100 - limit:g} to {100 + limit:g} %."
            )
            remarks.append(_of_sample("dilution_linearity", row, message, worst, limit))
    return remarks


def parallelism(evidence: Evidence) -> list[Remark]:
    """Samples whose dilution curve does not run parallel to the standard's."""
    limit = evidence.limits.parallelism_cv_limit
    return [
        _of_sample(
            "parallelism", row,
            f"{row['sample']} is not parallel to the standard: the CV over its dilutions is "
            f"{row['cv_percent']:.0f} %, more than {limit:g} %.",
            number(row["cv_percent"]), limit,
        )
        for row in evidence.rows("Dilution series", "cv_percent")
        if number(row["cv_percent"]) > limit
    ]  # fmt: skip


def hook_effect(evidence: Evidence) -> list[Remark]:
    """Samples whose signal falls as their concentration rises."""
    return [
        _of_sample(
            "hook_effect", row,
            f"{row['sample']} gives less signal where it is less diluted (hook effect): its "
            "concentrated wells are read too low.",
            float("nan"), float("nan"),
        )
        for row in evidence.rows("Dilution series", "hook_effect")
        if row["hook_effect"]
    ]  # fmt: skip


def _of_sample(
    rule: str, row: Mapping[str, object], message: str, measured: float, limit: float
) -> Remark:
    return Remark(
        rule, "warning", str(row["plate"]), message, analyte=str(row["analyte"]),
        measured=measured, limit=limit, unit="%",
    )  # fmt: skip
