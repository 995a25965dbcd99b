"""What pictures of Alizarin red say of a well."""

from __future__ import annotations

from assaykit.assays.base import Endpoint

AREA_FRACTION = Endpoint(
    "mineralized_area_fraction", "fraction", "mineralized area",
    "Share of the analysed area with bound Alizarin red above the threshold of the plate.",
)  # fmt: skip
INTEGRATED_OD = Endpoint(
    "integrated_od", "log", "integrated OD",
    "Bound Alizarin red of the mineral, as OD times area, per picture of the well.",
)  # fmt: skip
NODULE_COUNT = Endpoint(
    "nodule_count", "count", "nodules",
    "Connected patches of mineral of the declared size or more, over all pictures of the well.",
)  # fmt: skip
