"""TRAP in pictures: cells of every picture, osteoclasts of every well."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assaykit.assays.base import Quantified
from assaykit.assays.picture_plates import (
    Seen,
    files_of,
    in_threads,
    look_at,
    picture_rows,
    sources_of,
)
from assaykit.assays.picture_review import arms_of, plate_sheet, small
from assaykit.assays.picture_store import PictureStore
from assaykit.assays.picture_wells import Measure, taken_together, well_observations
from assaykit.assays.trap.columns import TRAP_COLUMNS
from assaykit.assays.trap.endpoints import AREA_FRACTION, FUSION, NUCLEI, OSTEOCLAST_COUNT
from assaykit.assays.trap.record import trap_steps
from assaykit.images.osteoclasts import find_osteoclasts, summarise_osteoclasts
from assaykit.images.overlay import Surround, object_overlay, to_jpeg
from assaykit.images.rois import roi_zip

if TYPE_CHECKING:
    from assaykit.assays.trap.parameters import TrapParameters
    from assaykit.images.colour import Pixels

MEASURES = (
    Measure(OSTEOCLAST_COUNT, "osteoclast_count", "per well"),
    Measure(AREA_FRACTION, "osteoclast_area_fraction", "fraction"),
    Measure(NUCLEI, "nuclei_per_osteoclast", "nuclei", "no_osteoclast"),
    Measure(FUSION, "fusion_index", "fraction", "no_nucleus"),
)
CELLS = ("osteoclast", "mononuclear")
_OBJECTS = tuple(column.name for column in TRAP_COLUMNS["Objects"] if column.name != "field")
_COLUMNS_OF_WELLS = tuple(column.name for column in TRAP_COLUMNS["Osteoclasts"][2:-1])
_FULL = 1e-9  # µm: pictures are looked at as they are


@dataclass(frozen=True)
class Counted:
    """One picture with its cells; none where it failed."""

    seen: Seen
    objects: pd.DataFrame | None = None
    summary: Mapping[str, Any] | None = None
    overlay: bytes = b""
    rois: bytes = b""
    thumbnail: Pixels | None = None


def quantify(wells: pd.DataFrame, parameters: TrapParameters) -> Quantified:
    """Osteoclasts of every picture, and per well.

    Returns
    -------
    Quantified
        Observations ``osteoclast_count``, ``osteoclast_area_fraction``,
        ``nuclei_per_osteoclast`` and ``fusion_index`` per well; tables ``Osteoclasts`` (one row
        per well), ``Pictures`` and ``Objects`` (one per cell); overlays, outlines for ImageJ and a
        contact sheet.
    """
    with PictureStore() as store:
        seen = look_at(sources_of(wells), parameters, _FULL, store)
        work = partial(_counted, store=store, parameters=parameters)
        counted = list(in_threads(work, seen, "osteoclasts"))
    pictures = _pictures(counted)
    per_well = taken_together(wells, pictures, _measures_of_well)
    return Quantified(
        well_observations(wells, per_well, MEASURES, assay="trap", analyte=parameters.analyte),
        {"Osteoclasts": per_well, "Pictures": pictures, "Objects": _objects(counted)},
        steps=trap_steps(parameters),
        images=_images(counted, per_well, wells),
        inputs=files_of(seen),
    )


def _counted(one: Seen, store: PictureStore, parameters: TrapParameters) -> Counted:
    if one.failed:
        return Counted(one)
    picture = store.get(one.stored)
    region = one.region(picture.shape, parameters.rim)
    if region is not None:
        picture = np.where(region[:, :, None], picture, np.uint8(0))
    objects, labels = find_osteoclasts(picture, one.working_um_per_px, parameters)
    area = float(objects.attrs["picture"]["analysed_area_um2"])
    if not area > 0:
        return Counted(replace(one, failed="nothing is left to analyse: all of it is black"))
    summary = summarise_osteoclasts(objects, area, parameters)
    caption = f"{one.source.plate}  {one.name}   {summary['osteoclast_count']} osteoclasts"
    cells = objects[objects["class"].isin(CELLS)]
    drawn = object_overlay(
        picture, labels, cells, surround=Surround(caption, one.working_um_per_px)
    )
    bare = object_overlay(picture, labels, cells.head(0), surround=Surround(scale_bar=False))
    rois = roi_zip(labels, objects, ("osteoclast",))
    return Counted(one, objects, summary, to_jpeg(drawn), rois, small(bare))


def _flags(summary: Mapping[str, Any]) -> str:
    said = {
        "nuclei_not_resolved": not summary["nuclei_resolved"],
        "out_of_focus": summary["out_of_focus"],
    }
    return "; ".join(name for name, is_so in said.items() if is_so)


def _pictures(counted: Sequence[Counted]) -> pd.DataFrame:
    rows = [_picture_row(one.summary) for one in counted]
    return pd.concat([picture_rows([one.seen for one in counted]), pd.DataFrame(rows)], axis=1)


def _picture_row(summary: Mapping[str, Any] | None) -> dict[str, Any]:
    if summary is None:
        return {**dict.fromkeys((*_COLUMNS_OF_WELLS, "edge_blur_um"), math.nan), "border_rule": "",
                "flags": ""}  # fmt: skip
    named = {
        **summary,
        "nuclei_per_osteoclast": summary["nuclei_per_osteoclast_mean"],
        "analysed_area_mm2": summary["analysed_area_um2"] / 1e6,
    }
    numbers = {name: _number(named[name]) for name in (*_COLUMNS_OF_WELLS, "edge_blur_um")}
    return {**numbers, "border_rule": summary["border_rule"], "flags": _flags(summary)}


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _objects(counted: Sequence[Counted]) -> pd.DataFrame:
    parts = [
        one.objects[list(_OBJECTS)].assign(
            plate=one.seen.source.plate, well=one.seen.source.well, field=one.seen.source.field
        )
        for one in counted
        if one.objects is not None and len(one.objects)
    ]
    columns = ["plate", "well", "field", *_OBJECTS]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _measures_of_well(good: pd.DataFrame) -> dict[str, Any]:
    """What the pictures of a well say together."""
    osteoclasts = good["osteoclast_count"]
    nuclei = good["nuclei_per_osteoclast"] * osteoclasts
    area, count = float(good["analysed_area_mm2"].sum()), float(osteoclasts.sum())
    resolved = len(good) > 0 and not good["flags"].str.contains("nuclei_not_resolved").any()
    total = (nuclei / good["fusion_index"]).where(good["fusion_index"] > 0)
    covered = float((good["osteoclast_area_fraction"] * good["analysed_area_mm2"]).sum())
    sums = {
        name: float(good[name].sum(min_count=1))
        for name in ("osteoclast_count", "mononuclear_count", "size_3_15_count",
                     "size_over_15_count")
    }  # fmt: skip
    means = {
        name: float((good[name] * weight).sum() / weight.sum()) if weight.sum() else math.nan
        for name, weight in (
            ("mean_osteoclast_area_um2", osteoclasts), ("mean_osteoclast_od", osteoclasts),
            ("mean_mononuclear_area_um2", good["mononuclear_count"]),
        )
    }  # fmt: skip
    pooled = {
        "osteoclasts_per_mm2": count / area if area else math.nan,
        "nuclei_per_osteoclast": float(nuclei.sum()) / count if resolved and count else math.nan,
        "fusion_index": float(nuclei.sum() / total.sum()) if total.sum() > 0 else math.nan,
        "osteoclast_area_fraction": covered / area if area else math.nan,
        "analysed_area_mm2": area if area else math.nan,
    }
    found = {**sums, **pooled, **means}
    flags = dict.fromkeys(f for text in good["flags"] for f in text.split("; ") if f)
    return {
        **{name: found[name] for name in _COLUMNS_OF_WELLS},
        "flags": "; ".join(flags),
    }


def _images(
    counted: Sequence[Counted], per_well: pd.DataFrame, wells: pd.DataFrame
) -> dict[str, bytes]:
    captions = {
        str(row["well"]): f"{row['osteoclast_count']:.0f}"
        for row in per_well.to_dict("records")
        if row["n_pictures"]
    }
    sheet = plate_sheet([(c.seen, c.thumbnail) for c in counted], captions, arms_of(wells))
    return {
        "contact_sheet.jpg": sheet,
        **{f"overlays/{c.seen.name}.jpg": c.overlay for c in counted if c.overlay},
        **{f"rois/{c.seen.name}.zip": c.rois for c in counted if c.rois},
    }
