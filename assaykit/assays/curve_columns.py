"""Columns of the tables that assays with a standard curve share."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.tables import Column

_UNIT = "see concentration_unit"
_CONCENTRATION_UNIT = Column("concentration_unit", "text", "unit of the concentrations")
_N_WELLS = Column("n_wells", "count", "wells that count")
_MEAN = Column("mean_response", "number", "mean response of these wells", "see response_unit")
_RESPONSE_UNIT = Column("response_unit", "text", "unit of the response")
_RESPONSE_CV = Column("cv_percent", "number", "coefficient of variation of the response", "%")
_CONCENTRATION = Column(
    "concentration", "number", "concentration of the undiluted sample", _UNIT
)  # fmt: skip
_FLAG = Column("flag", "text", "why there is no concentration")
_DILUTION_CV = Column(
    "cv_percent", "number", "coefficient of variation of the concentrations that the dilutions "
    "give", "%",
)  # fmt: skip

OBSERVATIONS = (
    Column("response", "number", "signal after blank and reference", "see response_unit"),
    _RESPONSE_UNIT,
    Column(
        "back_calculated_concentration", "number",
        "concentration in the well read from the curve, before dilution", _UNIT,
    ),
    Column("ci_low", "number", "lower end of the interval of back_calculated_concentration", _UNIT),
    Column(
        "ci_high", "number", "upper end of the interval of back_calculated_concentration; empty "
        "where the curve sets none", _UNIT,
    ),
    _CONCENTRATION_UNIT,
    Column("recovery_percent", "number", "found over declared concentration", "%"),
)  # fmt: skip

STANDARDS = (
    Column("nominal_concentration", "number", "declared concentration of the standard", _UNIT),
    _CONCENTRATION_UNIT,
    Column("n", "count", "wells of this standard that count"),
    _MEAN,
    _RESPONSE_UNIT,
    Column("sd", "number", "standard deviation of the response", "see response_unit"),
    _RESPONSE_CV,
    Column("back_calculated_concentration", "number", "concentration read from the curve", _UNIT),
    Column("recovery_percent", "number", "back-calculated over nominal concentration", "%"),
    Column("passed", "yes_no", "recovery and CV are within their limits"),
)

LIMITS = (
    _CONCENTRATION_UNIT,
    Column("lloq", "number", "lower limit of quantification", _UNIT),
    Column("uloq", "number", "upper limit of quantification", _UNIT),
    Column("levels_passed", "count", "standard levels within their limits"),
    Column("levels_total", "count", "standard levels"),
    Column("accepted", "yes_no", "enough levels passed for the curve to be used"),
    Column("verdict", "text", "how many levels passed, and whether that is enough"),
    Column("lob", "number", "limit of blank", _UNIT),
    Column("lod", "number", "limit of detection", _UNIT),
    Column("n_blanks", "count", "blanks behind the limit of detection"),
    Column("lod_is_approximate", "yes_no", "too few blanks for a firm limit of detection"),
)

SAMPLES = (
    _N_WELLS,
    Column("dilutions_used", "text", "dilution factors that count"),
    Column("dilutions_out_of_range", "text", "dilution factors outside the range of the curve"),
    _CONCENTRATION,
    _CONCENTRATION_UNIT,
    _DILUTION_CV,
    _FLAG,
)

DILUTIONS = (
    _N_WELLS,
    _MEAN,
    _RESPONSE_UNIT,
    _RESPONSE_CV,
    _CONCENTRATION,
    Column("ci_low", "number", "lower end of the interval of concentration", _UNIT),
    Column(
        "ci_high", "number", "upper end of the interval of concentration; empty where the curve "
        "sets none", _UNIT,
    ),
    _CONCENTRATION_UNIT,
    _FLAG,
)  # fmt: skip

DILUTION_SERIES = (
    Column("n_dilutions", "count", "dilutions of the sample"),
    _DILUTION_CV,
    Column("lowest_recovery_percent", "number", "lowest recovery of a dilution", "%"),
    Column("highest_recovery_percent", "number", "highest recovery of a dilution", "%"),
    Column("parallelism_f", "number", "F of the test of parallelism", shown="0.00"),
    Column("parallelism_p", "number", "p of the test of parallelism"),
    Column("hook_effect", "yes_no", "less signal where the sample is less diluted"),
)

CONTROLS = (
    Column("kind", "text", "control: declared concentration; spike: added concentration"),
    _N_WELLS,
    Column("expected", "number", "declared or added concentration", _UNIT, shown="General"),
    Column("found", "number", "concentration that was found", _UNIT),
    _CONCENTRATION_UNIT,
    Column("recovery_percent", "number", "found over expected concentration", "%"),
)

CURVE_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Observations": OBSERVATIONS,
    "Standards": STANDARDS,
    "Limits": LIMITS,
    "Samples": SAMPLES,
    "Dilutions": DILUTIONS,
    "Dilution series": DILUTION_SERIES,
    "Controls": CONTROLS,
}
