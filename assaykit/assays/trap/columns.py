"""Columns of the tables that only pictures of TRAP have."""

from __future__ import annotations

from collections.abc import Mapping

from assaykit.assays.picture_columns import PICTURE_COLUMNS
from assaykit.tables import Column

MEASURES = (
    Column("osteoclast_count", "count", "TRAP-positive cells with enough nuclei"),
    Column("mononuclear_count", "count", "TRAP-positive cells with fewer nuclei"),
    Column("osteoclasts_per_mm2", "number", "osteoclasts over the analysed area", "1/mm²"),
    Column("nuclei_per_osteoclast", "number", "mean number of nuclei of an osteoclast"),
    Column("fusion_index", "number", "share of the nuclei that lie in osteoclasts"),
    Column("size_3_15_count", "count", "osteoclasts with up to the number large_nuclei of nuclei"),
    Column("size_over_15_count", "count", "osteoclasts with more nuclei than large_nuclei"),
    Column("osteoclast_area_fraction", "number", "osteoclast over analysed area", shown="0.0000"),
    Column("mean_osteoclast_area_um2", "number", "mean area of an osteoclast", "µm²"),
    Column("mean_mononuclear_area_um2", "number", "mean area of a mononuclear cell", "µm²"),
    Column("mean_osteoclast_od", "number", "mean optical density of the osteoclasts", "OD"),
    Column("analysed_area_mm2", "number", "area that was analysed", "mm²"),
)

TRAP_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Observations": (),  # nothing beside the columns of every assay
    "Pictures": (
        *PICTURE_COLUMNS,
        *MEASURES,
        Column("edge_blur_um", "number", "blur of the cells' edges (SD)", "µm"),
        Column("border_rule", "text", "which cells at the edge of the picture count"),
        Column("flags", "text", "nuclei_not_resolved, out_of_focus"),
    ),
    "Osteoclasts": (
        Column("n_pictures", "count", "pictures with a result"),
        Column("n_failed", "count", "pictures that failed; the sheet Pictures says why"),
        *MEASURES,
        Column("flags", "text", "nuclei_not_resolved, out_of_focus"),
    ),
    "Objects": (
        Column("field", "text", "which of the pictures of the well"),
        Column("label", "count", "number of the object in its picture and overlay"),
        Column("x", "number", "its centre, from the left", "px"),
        Column("y", "number", "its centre, from the top", "px"),
        Column("area_um2", "number", "its area", "µm²", shown="0"),
        Column("nuclei", "count", "its nuclei; empty where they are not resolved"),
        Column("mean_od", "number", "its mean optical density", "OD"),
        Column("class", "text", "osteoclast, mononuclear, ghost, fibre or debris"),
        Column("size_class", "text", "3-15 or >15 nuclei"),
        Column("touches_border", "yes_no", "it lies at an edge of the picture"),
        Column("counted", "yes_no", "it counts: not at the right or lower edge"),
        Column("flags", "text", "remarks about the object"),
        Column("solidity", "number", "its area over that of its convex hull"),
        Column("elongation", "number", "its length over its width"),
    ),
}
