"""Parameters of a relative quantification, with their sources."""

from __future__ import annotations

from dataclasses import dataclass

from assaykit.parameters import parameter

MIQE = "MIQE, Bustin et al., Clin Chem 55:611 (2009)"


@dataclass(frozen=True)
class QpcrParameters:
    """Parameters of RT-qPCR."""

    reference_targets: str = parameter(
        "", "names of the reference genes, separated by commas, where the sheet Targets does not "
        "say so",
    )  # fmt: skip
    normaliser: str = parameter(
        "reference", "what targets are normalised by: reference genes, spike-ins of the same RT "
        "reaction, both, or nothing (only for runs of a single target, such as a standard curve)",
        choices=("reference", "spike_in", "both", "none"), source=MIQE,
    )  # fmt: skip
    calibrator: str = parameter(
        "", "samples that relative quantities are relative to, separated by commas; empty: the "
        "wells with the role calibrator, else none",
    )  # fmt: skip
    undetermined: str = parameter(
        "exclude", "what an undetermined Cq is: left out of the mean, or the limit below, which "
        "makes the quantity an upper bound", choices=("exclude", "bound"),
    )  # fmt: skip
    cq_limit: float = parameter(
        40.0, "last cycle, or the limit of detection of the assay", unit="cycles"
    )
    run_calibration: bool = parameter(
        False, "take away the delta Cq of the wells with the role calibrator on the same plate "
        "(and in the same batch), so that runs become comparable",
    )  # fmt: skip
    spread_limit: float = parameter(
        0.5, "allowed distance between the highest and the lowest Cq of technical replicates",
        unit="cycles", source=MIQE,
    )  # fmt: skip
    late_cq: float = parameter(35.0, "Cq above this are remarked on as late", unit="cycles")
    control_distance: float = parameter(
        5.0, "least distance of a no-template or no-RT control above the samples", unit="cycles",
        source=MIQE,
    )  # fmt: skip
    efficiency_low: float = parameter(0.90, "lowest acceptable efficiency (1.00 = 100 %)",
                                      source=MIQE)  # fmt: skip
    efficiency_high: float = parameter(1.10, "highest acceptable efficiency (1.00 = 100 %)",
                                       source=MIQE)  # fmt: skip
    r_squared_limit: float = parameter(0.98, "lowest acceptable R² of a dilution series",
                                       source=MIQE)  # fmt: skip
    melt_height_limit: float = parameter(
        0.3, "height of a second melt peak, as a share of the first, from which it counts"
    )
    tm_tolerance: float = parameter(
        1.5, "allowed distance of a melt peak from the expected one", unit="°C"
    )
    confidence: float = parameter(0.95, "coverage of intervals of efficiencies and of RQ Min/Max")
