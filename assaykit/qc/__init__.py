"""Quality rules: each looks at a plate and makes remarks; none deletes or changes a number.

A new rule is one function in a file of its kind and one name in :data:`RULES`. A rule takes
the :class:`Evidence` and returns :class:`Remark` s; a rule that lacks what it needs has nothing
to remark. ``failure`` means that results must not be used before somebody has looked.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from assaykit.qc.curve_rules import (
    control_recovery,
    curve_acceptance,
    dilution_linearity,
    hook_effect,
    parallelism,
    spike_recovery,
    standard_recovery,
)
from assaykit.qc.evidence import Evidence, Limits, Remark, Rule
from assaykit.qc.picture_rules import (
    contradicted_scale,
    copied_pictures,
    estimated_stain,
    failed_pictures,
    masked_pictures,
    out_of_focus,
    saturated_pictures,
    threshold_decides,
    uneven_pictures,
    white_drift,
)
from assaykit.qc.plate_rules import drift, edge_effect, z_prime
from assaykit.qc.qpcr_rules import (
    amplification_efficiency,
    cellular_reference_in_vesicles,
    control_cq,
    late_cq,
    linear_range,
    melt_peaks,
    missing_controls,
    reference_genes,
    replicate_spread,
    undetermined_replicates,
)
from assaykit.qc.reading_rules import (
    missing_readings,
    out_of_range,
    replicate_cv,
    saturated_readings,
    unmapped_readings,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RULES", "Evidence", "Limits", "Remark", "Rule", "flag", "inspect"]

RULES: tuple[Rule, ...] = (
    missing_readings,
    unmapped_readings,
    saturated_readings,
    curve_acceptance,
    standard_recovery,
    out_of_range,
    replicate_cv,
    control_recovery,
    spike_recovery,
    dilution_linearity,
    parallelism,
    hook_effect,
    z_prime,
    edge_effect,
    drift,
    replicate_spread,
    undetermined_replicates,
    control_cq,
    missing_controls,
    amplification_efficiency,
    linear_range,
    late_cq,
    melt_peaks,
    reference_genes,
    cellular_reference_in_vesicles,
    failed_pictures,
    copied_pictures,
    contradicted_scale,
    out_of_focus,
    saturated_pictures,
    white_drift,
    masked_pictures,
    uneven_pictures,
    estimated_stain,
    threshold_decides,
)


def inspect(evidence: Evidence) -> pd.DataFrame:
    """Apply every rule.

    Returns
    -------
    pandas.DataFrame
        One row per remark: rule, severity, plate, wells, analyte, measured, limit, unit,
        message; in the order of :data:`RULES`.
    """
    import pandas as pd

    columns = [
        "rule",
        "severity",
        "plate",
        "wells",
        "analyte",
        "measured",
        "limit",
        "unit",
        "message",
    ]
    rows = [asdict(remark) for rule in RULES for remark in rule(evidence)]
    table = pd.DataFrame(rows, columns=[item.name for item in fields(Remark)])
    return table[columns].astype({"measured": float, "limit": float})


def flag(observations: pd.DataFrame, remarks: pd.DataFrame) -> pd.DataFrame:
    """Add the names of the rules that remarked on a well to the observations' flags.

    Parameters
    ----------
    observations
        As in :mod:`assaykit.tables`.
    remarks
        As :func:`inspect` returns it.

    Returns
    -------
    pandas.DataFrame
        A copy; only ``flags`` differs, and no number.

    Examples
    --------
    >>> import pandas as pd
    >>> observations = pd.DataFrame({"plate": ["p"], "well": ["A1"], "flags": [""]})
    >>> remarks = pd.DataFrame({"rule": ["replicate_cv"], "severity": ["warning"],
    ...                         "plate": ["p"], "wells": ["A1, A2"]})
    >>> flag(observations, remarks)["flags"].tolist()
    ['replicate_cv']
    """
    by_well: dict[tuple[str, str], list[str]] = {}
    for row in remarks[remarks["wells"] != ""].itertuples():
        if row.rule not in _ALREADY_FLAGGED:
            for well in str(row.wells).split(", "):
                by_well.setdefault((str(row.plate), well), []).append(str(row.rule))
    flags = [
        "; ".join(dict.fromkeys([*filter(None, text.split("; ")), *by_well.get((plate, well), [])]))
        for plate, well, text in zip(
            observations["plate"], observations["well"], observations["flags"], strict=True
        )
    ]
    return observations.assign(flags=flags)


# These rules gather flags that the wells carry already.
_ALREADY_FLAGGED = frozenset(
    {
        "missing_readings",
        "unmapped_readings",
        "saturated_readings",
        "out_of_range",
        "failed_pictures",
    }
)
