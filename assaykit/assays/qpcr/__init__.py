"""RT-qPCR: quantification cycles become relative quantities, against stable reference genes.

The whole way is :func:`quantify` (:mod:`~assaykit.assays.qpcr.quantification`): reactions with
their policy for what is undetermined, efficiencies, reference genes of the same reverse
transcription, delta Cq, observations. :func:`relative_quantities`, :func:`genorm` and
:func:`normfinder` are its parts that stand on their own.
"""

from __future__ import annotations

from assaykit.assays.base import Assay, Endpoint
from assaykit.assays.qpcr.columns import QPCR_COLUMNS
from assaykit.assays.qpcr.efficiency import DilutionSeries, fit_dilution_series
from assaykit.assays.qpcr.parameters import QpcrParameters
from assaykit.assays.qpcr.quantification import ENDPOINT, quantify
from assaykit.assays.qpcr.quantities import relative_quantities, vendor_intervals
from assaykit.assays.qpcr.stability import (
    genorm,
    genorm_variation,
    normfinder,
    recommended_number,
)
from assaykit.assays.qpcr.template import TEMPLATE

__all__ = [
    "ASSAY",
    "DilutionSeries",
    "QpcrParameters",
    "fit_dilution_series",
    "genorm",
    "genorm_variation",
    "normfinder",
    "quantify",
    "recommended_number",
    "relative_quantities",
    "vendor_intervals",
]

EXPRESSION = Endpoint(
    ENDPOINT, "log2", "Expression, −ΔCq",
    "Expression relative to the reference genes, as −delta Cq: one more is twice as much.",
)  # fmt: skip

ASSAY = Assay(
    name="qpcr",
    title="RT-qPCR",
    endpoints=(EXPRESSION,),
    template=TEMPLATE,
    quantify=quantify,
    columns=QPCR_COLUMNS,
    summary={
        "Efficiency": (
            "target", "role", "efficiency", "efficiency_source", "efficiency_low",
            "efficiency_high", "slope", "r_squared",
        ),
        "Targets": (
            "sample", "target", "n_wells", "n_undetermined", "mean_cq", "delta_cq",
            "relative_quantity", "flags",
        ),
    },
)  # fmt: skip
