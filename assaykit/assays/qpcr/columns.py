"""Columns of the tables that a qPCR plate has of its own: what they mean, and their units."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.tables import Column

_CYCLES = "cycles"
_SHARE = "1.00 = 100 %"
_RELATIVE = "calibrator = 1"
_DECIMALS, _DIGITS, _AS_TYPED, _WRAPPED = "0.000", "3", "General", "wrapped"

_TARGET = Column("target", "text", "gene or RNA that is measured")
_N_UNDETERMINED = Column("n_undetermined", "count", "reactions in which nothing was found")
_MEAN_CQ = Column("mean_cq", "number", "mean Cq of the reactions that have one", _CYCLES)
_SD_CQ = Column("sd_cq", "number", "standard deviation of their Cq (n − 1)", _CYCLES)
_REFERENCE_CQ = Column(
    "reference_cq", "number", "mean of the weighted Cq of the sample's reference genes", _CYCLES
)
_ROLE = Column("role", "text", "what the target is for: target, reference or spike_in")
_EXPECTED_TM = Column(
    "expected_tm", "number", "where the product melts, as declared", "°C", shown=_AS_TYPED
)

OBSERVATIONS = (
    Column(
        "cq", "number", "quantification cycle of the reaction; the limit of the settings where "
        "flags say at_bound", _CYCLES,
    ),
    Column("efficiency", "number", "amplification efficiency that was used", _SHARE,
           shown=_DECIMALS),
    _REFERENCE_CQ,
    Column(
        "delta_cq", "number", "weighted Cq, which is Cq × log2(1 + efficiency), minus "
        "reference_cq; the value is −delta_cq", _CYCLES,
    ),
    Column("delta_delta_cq", "number", "delta_cq minus the mean of the calibrator's", _CYCLES),
    Column("relative_quantity", "number", "2 to the power of −delta_delta_cq", _RELATIVE,
           shown=_DIGITS),
)  # fmt: skip

TARGETS = (
    _TARGET,
    Column("normalised_by", "text", "reference genes that the target was normalised by"),
    Column("n_wells", "count", "reactions that the mean is made of"),
    _N_UNDETERMINED,
    Column("mean_cq", "number", "mean Cq of these reactions; an undetermined one counts as the "
           "limit of the settings where flags say at_bound", _CYCLES),
    _SD_CQ,
    Column("efficiency", "number", "amplification efficiency that was used", _SHARE,
           shown=_DECIMALS),
    Column("weighted_cq", "number", "mean_cq × log2(1 + efficiency)", _CYCLES),
    _REFERENCE_CQ,
    Column(
        "run_correction", "number", "mean delta Cq of the calibrators of the same plate and batch, "
        "which was taken away from delta_cq", _CYCLES,
    ),
    Column("delta_cq", "number", "weighted_cq minus reference_cq", _CYCLES),
    Column("delta_delta_cq", "number", "delta_cq minus the mean of the calibrator's", _CYCLES),
    Column(
        "relative_quantity", "number", "2 to the power of −delta_delta_cq; an upper bound where "
        "flags say at_bound", _RELATIVE, shown=_DIGITS,
    ),
    Column("flags", "text", "at_bound: undetermined reactions count as the limit"),
    Column(
        "vendor_delta_cq_se", "number", "standard error of delta Cq over the wells, as the "
        "cyclers' software computes it: it knows nothing of biological replicates", _CYCLES,
    ),
    Column(
        "vendor_rq_min", "number", "RQ Min of the cyclers' software: spread of the wells only, no "
        "interval of the experiment", _RELATIVE, shown=_DIGITS,
    ),
    Column(
        "vendor_rq_max", "number", "RQ Max of the cyclers' software: spread of the wells only, no "
        "interval of the experiment", _RELATIVE, shown=_DIGITS,
    ),
)  # fmt: skip

REPLICATES = (
    _TARGET,
    Column("wells", "text", "wells of the reactions"),
    Column("n_wells", "count", "reactions with a Cq"),
    _N_UNDETERMINED,
    _MEAN_CQ,
    _SD_CQ,
    Column("spread_cq", "number", "highest minus lowest Cq", _CYCLES),
    Column(
        "outlier", "text", "where the spread is over its limit: the well farthest from the median; "
        "it counts in every result",
    ),
    Column("mean_cq_without", "number", "mean Cq without that well", _CYCLES),
    Column(
        "log2_quantity_shift", "number", "log2 of how much the quantity would rise without that "
        "well, at an efficiency of 1.00", "log2",
    ),
)  # fmt: skip

EFFICIENCY = (
    _TARGET,
    _ROLE,
    Column("efficiency", "number", "amplification efficiency that was used", _SHARE,
           shown=_DECIMALS),
    Column("efficiency_source", "text", "declared, dilution series, or assumed"),
    Column("slope", "number", "slope of Cq over log10 of the quantity", "cycles per decade",
           shown=_DECIMALS),
    Column("intercept", "number", "Cq at a quantity of 1", _CYCLES),
    Column("slope_standard_error", "number", "standard error of the slope", "cycles per decade",
           shown=_DECIMALS),
    Column("r_squared", "number", "share of the variance of Cq that the line explains",
           shown="0.0000"),
    Column("efficiency_low", "number", "lower end of the interval of the dilution series' "
           "efficiency", _SHARE, shown=_DECIMALS),
    Column("efficiency_high", "number", "upper end of the interval of the dilution series' "
           "efficiency", _SHARE, shown=_DECIMALS),
    Column("lowest", "number", "lowest quantity with a Cq", "as declared", shown=_AS_TYPED),
    Column("highest", "number", "highest quantity with a Cq", "as declared", shown=_AS_TYPED),
    Column("n_wells", "count", "standard wells with a Cq that count"),
    Column("n_levels", "count", "quantities with a Cq"),
    Column("verdict", "text", "why the dilution series gives no efficiency", shown=_WRAPPED),
)  # fmt: skip

REFERENCE_GENES = (
    Column("gene", "text", "reference gene or spike-in"),
    _ROLE,
    Column("rank", "count", "place by stability, 1 for the most stable two (geNorm)"),
    Column(
        "m", "number", "geNorm M among all reference genes: how much its ratios to the others "
        "vary; smaller is more stable", "log2", shown=_DECIMALS,
    ),
    Column(
        "m_at_exclusion", "number", "geNorm M when it was the least stable of those left", "log2",
        shown=_DECIMALS,
    ),
    Column(
        "stability", "number", "NormFinder's stability value; smaller is more stable", "log2",
        shown=_DECIMALS,
    ),
    Column(
        "sd_log2", "number", "standard deviation of its expression over the samples, before "
        "normalisation", "log2", shown=_DECIMALS,
    ),
    Column("remark", "text", "why there is no M and no stability value", shown=_WRAPPED),
)  # fmt: skip

REFERENCE_RESPONSES = (
    Column("gene", "text", "reference gene or spike-in"),
    Column("num_df", "count", "degrees of freedom of the arms"),
    Column("den_df", "number", "degrees of freedom of the error", shown="0.0"),
    Column("f", "number", "F of the test for any difference between arms", shown="0.00"),
    Column(
        "p_value", "number", "p that no arm differs, not adjusted; a large one does not show that "
        "the gene is stable",
    ),
    Column(
        "largest_difference", "number", "largest difference of two arms' mean expression before "
        "normalisation", "log2", shown=_DECIMALS,
    ),
    Column("contrast", "text", "these two arms: the higher vs the lower"),
    Column("n_biological", "count", "biological replicates: n"),
    Column("model", "text", "what was fitted", shown=_WRAPPED),
    Column("remark", "text", "why it was not tested", shown=_WRAPPED),
)  # fmt: skip

UNDETERMINED = (
    _TARGET,
    Column("n_wells", "count", "reactions that count, undetermined ones among them"),
    _N_UNDETERMINED,
    _MEAN_CQ,
    Column("delta_cq", "number", "weighted Cq minus that of the reference genes", _CYCLES),
    Column(
        "delta_cq_bound", "number", "delta_cq at the limit of detection: what was not found lies "
        "above it", _CYCLES,
    ),
    Column(
        "relative_quantity_bound", "number", "relative quantity at the limit of detection: what "
        "was not found lies below it", _RELATIVE, shown=_DIGITS,
    ),
    Column("result", "text", "what was found, in words", shown=_WRAPPED),
)  # fmt: skip

CONTROLS = (
    Column("kind", "text", "no template, or no reverse transcription"),
    _TARGET,
    Column("wells", "text", "wells of the control"),
    Column("n_wells", "count", "wells that count"),
    Column("n_with_cq", "count", "wells with a Cq; none is as it should be"),
    Column("lowest_cq", "number", "lowest Cq of the control", _CYCLES),
    Column("latest_sample_cq", "number", "highest Cq of a sample of the same target", _CYCLES),
    Column(
        "distance", "number", "lowest_cq minus latest_sample_cq; empty where the control has no Cq",
        _CYCLES,
    ),
)  # fmt: skip

MELT = (
    _TARGET,
    Column("tm", "number", "temperature of the highest melt peak", "°C", shown="0.0"),
    Column("second_tm", "number", "temperature of the second melt peak", "°C", shown="0.0"),
    Column(
        "second_height", "number", "height of the second melt peak as a share of the first", _SHARE,
        shown="0.00",
    ),
    _EXPECTED_TM,
    Column("verdict", "text", "one product, or what speaks against it", shown=_WRAPPED),
)  # fmt: skip

MIQE = (
    Column("section", "text", "section of the checklist"),
    Column("item", "text", "what is to be reported"),
    Column("importance", "text", "E: essential; D: desirable"),
    Column("answer", "text", "what the workbook says; missing: report it yourself", shown=_WRAPPED),
)

NUMBER = (
    Column("n_genes", "count", "number of the best reference genes that are averaged"),
    Column("variation", "number", "geNorm's V: what one gene more would change", "log2",
           shown=_DECIMALS),
    Column("enough", "text", "whether V is below 0.15, so that one gene more is not needed"),
)  # fmt: skip

QPCR_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Observations": OBSERVATIONS,
    "Targets": TARGETS,
    "Technical replicates": REPLICATES,
    "Efficiency": EFFICIENCY,
    "Reference genes": REFERENCE_GENES,
    "Number of reference genes": NUMBER,
    "Reference responses": REFERENCE_RESPONSES,
    "Undetermined": UNDETERMINED,
    "Controls": CONTROLS,
    "Melt": MELT,
    "MIQE": MIQE,
}
