"""What pictures of TRAP say of a well."""

from __future__ import annotations

from assaykit.assays.base import Endpoint

OSTEOCLAST_COUNT = Endpoint(
    "osteoclast_count", "count", "osteoclasts",
    "TRAP-positive cells with enough nuclei, over all pictures of the well.",
)  # fmt: skip
AREA_FRACTION = Endpoint(
    "osteoclast_area_fraction", "fraction", "osteoclast area",
    "Share of the analysed area that osteoclasts cover.",
)  # fmt: skip
NUCLEI = Endpoint(
    "nuclei_per_osteoclast", "log", "nuclei per osteoclast",
    "Mean number of nuclei of an osteoclast; missing where nuclei are not resolved.",
)  # fmt: skip
FUSION = Endpoint(
    "fusion_index", "fraction", "fusion index",
    "Share of the nuclei of TRAP-positive cells that lie in osteoclasts.",
)  # fmt: skip
ENDPOINTS = (OSTEOCLAST_COUNT, AREA_FRACTION, NUCLEI, FUSION)
