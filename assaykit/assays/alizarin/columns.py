"""Columns of the tables that only pictures of Alizarin red have."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.assays.picture_columns import PICTURE_COLUMNS
from assaykit.tables import Column

_FRACTION = Column(
    "mineralized_area_fraction", "number", "mineralized over analysed area", shown="0.0000"
)
_AREA = Column("mineralized_area_mm2", "number", "area with bound dye above the threshold", "mm²")
_ANALYSED = Column("analysed_area_mm2", "number", "area that was analysed", "mm²")
_AT_80 = Column(
    "fraction_at_80_percent", "number", "the fraction if the threshold were 20 % lower",
    shown="0.0000",
)  # fmt: skip
_AT_120 = Column(
    "fraction_at_120_percent", "number", "the fraction if the threshold were 20 % higher",
    shown="0.0000",
)  # fmt: skip
_THRESHOLD = Column(
    "threshold", "number", "bound dye from which a pixel counts as mineral", "OD", shown="0.0000"
)

MINERAL_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Pictures": (
        *PICTURE_COLUMNS,
        _FRACTION,
        _AREA,
        _ANALYSED,
        Column("integrated_od", "number", "bound dye of the mineral: OD times area", "OD·mm²"),
        Column("nodule_count", "count", "patches of mineral of the declared size or more"),
        Column("median_nodule_area_mm2", "number", "median area of the nodules", "mm²"),
        _THRESHOLD,
        _AT_80,
        _AT_120,
        Column("masked_fraction", "number", "share left out as debris, ink or black"),
    ),
    "Mineral": (
        Column("n_pictures", "count", "pictures with a result"),
        Column("n_failed", "count", "pictures that failed; the sheet Pictures says why"),
        _ANALYSED,
        _FRACTION,
        _AREA,
        Column("integrated_od", "number", "mean of its pictures: bound dye, OD times area",
               "OD·mm²"),
        Column("nodule_count", "count", "nodules over all its pictures"),
        _AT_80,
        _AT_120,
        _THRESHOLD,
    ),
    "Threshold": (
        _THRESHOLD,
        Column("source", "text", "where the threshold comes from"),
        Column("n_controls", "count", "pictures of negative controls"),
        Column("illumination", "text", "what the unstained field was taken from"),
        Column("stain_vector", "text", "OD of the bound dye in red, green and blue"),
        Column("stain_vector_estimated", "yes_no", "the vector was estimated from this plate"),
    ),
}  # fmt: skip
