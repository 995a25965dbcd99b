"""Alizarin red in pictures: mineral of every picture at one threshold per plate.

::

    pictures  →  working pictures  →  unstained field and threshold from the negative controls
              →  mineral of each picture  →  one value per well and endpoint
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pandas as pd

from assaykit.assays.alizarin.endpoints import AREA_FRACTION, INTEGRATED_OD, NODULE_COUNT
from assaykit.assays.alizarin.parameters import AlizarinParameters
from assaykit.assays.alizarin.picture_record import mineral_steps
from assaykit.assays.alizarin.review import overlay_of, review_pictures
from assaykit.assays.base import Quantified
from assaykit.assays.picture_parameters import PLATE
from assaykit.assays.picture_plates import (
    FixedField,
    Seen,
    files_of,
    fixed_field,
    in_threads,
    look_at,
    picture_rows,
    sources_of,
)
from assaykit.assays.picture_store import PictureStore
from assaykit.assays.picture_wells import Measure, taken_together, well_observations
from assaykit.errors import InputError, Problem
from assaykit.images.colour import Pixels, estimate_stain_vectors, unmix
from assaykit.images.illumination import Baseline
from assaykit.images.mineral import (
    Mineral,
    StainMap,
    control_threshold,
    measure_stain,
    stain_map,
)
from assaykit.provenance import InputFile
from assaykit.values import match_key

if TYPE_CHECKING:
    from assaykit.images.mineral import Mask

MEASURES = (
    Measure(AREA_FRACTION, "mineralized_area_fraction", "fraction"),
    Measure(INTEGRATED_OD, "integrated_od", "OD·mm²", "no_mineral"),
    Measure(NODULE_COUNT, "nodule_count", "per well"),
)
UM2_PER_MM2 = 1e6
ESTIMATE = "estimate"
_STAINED = 0.25  # OD from which a pixel speaks for the stain's vector
_SURFACE_FROM = 3  # control pictures from which a surface, not one colour, is their baseline


@dataclass(frozen=True)
class Reference:
    """What all pictures of a plate are measured against.

    Parameters
    ----------
    baseline
        The unstained field.
    threshold
        Bound dye from which a pixel counts as mineral, in OD.
    source
        Where the threshold comes from, in words.
    illumination
        Where the baseline comes from, in words.
    controls
        Number of pictures of negative controls.
    dark
        A picture without light at the resolution of the measurement; None: black is 0.
    files
        The flat and the dark field that were read.
    """

    baseline: Baseline
    threshold: float
    source: str
    illumination: str
    controls: int
    dark: FixedField | None = None
    files: tuple[InputFile, ...] = ()


@dataclass(frozen=True)
class Measured:
    """One picture with its mineral; None where it failed."""

    seen: Seen
    mineral: Mineral | None
    overlay: bytes = b""
    thumbnail: Pixels | None = None


def quantify(wells: pd.DataFrame, parameters: AlizarinParameters) -> Quantified:
    """Mineral of every picture, and per well.

    Parameters
    ----------
    wells
        Annotated wells, one row per picture, with the column ``picture`` that says where it is.
    parameters
        See :class:`AlizarinParameters`.

    Returns
    -------
    Quantified
        Observations ``mineralized_area_fraction``, ``integrated_od`` and ``nodule_count`` per
        well; tables ``Mineral`` (one row per well), ``Pictures`` (one per picture) and
        ``Threshold`` (one per plate); overlays and a contact sheet.

    Raises
    ------
    InputError
        No picture has a scale, or there is neither a threshold nor a negative control.
    """
    estimated = match_key(parameters.stain_vector) == ESTIMATE
    with PictureStore() as store:
        seen = look_at(sources_of(wells), parameters, parameters.resolution, store)
        parameters = _with_stain_vector(parameters, seen, store)
        reference = _reference(seen, store, wells, parameters)
        work = partial(_measured, store=store, reference=reference, parameters=parameters)
        measured = list(in_threads(work, seen, "mineral"))
    table = _pictures(measured)
    per_well = taken_together(wells, table, _measures_of_well)
    per_well = per_well.assign(threshold=reference.threshold)
    threshold = _threshold(per_well, reference).assign(
        stain_vector=parameters.stain_vector, stain_vector_estimated=estimated
    )
    tables = {"Mineral": per_well, "Pictures": table, "Threshold": threshold}
    return Quantified(
        _observations(wells, per_well, parameters.analyte),
        tables,
        steps=mineral_steps(parameters, reference.source, reference.illumination),
        images=review_pictures(measured, per_well, wells),
        inputs=(*files_of(seen), *reference.files),
    )


def _with_stain_vector(
    parameters: AlizarinParameters, seen: Sequence[Seen], store: PictureStore
) -> AlizarinParameters:
    """The parameters with a vector estimated from the plate, where one is asked for.

    Of the stained pixels the middle direction is taken (percentile 50): there is one stain.
    """
    good = [one for one in seen if not one.failed]
    if match_key(parameters.stain_vector) != ESTIMATE or not good:
        return parameters
    pixels = [store.get(one.stored)[::8, ::8].reshape(-1, 3) for one in good]
    found, _ = estimate_stain_vectors(
        np.concatenate(pixels)[None], _plate_white(seen), least_od=_STAINED, percentile=50.0
    )
    return replace(parameters, stain_vector=" ".join(f"{value:.3f}" for value in found))


def _reference(
    seen: Sequence[Seen], store: PictureStore, wells: pd.DataFrame, parameters: AlizarinParameters
) -> Reference:
    """Unstained field and threshold of the plate."""
    asked = [one for one in seen if one.source.well in _control_wells(wells)]
    controls = [one for one in asked if not one.failed]
    if not controls and parameters.threshold is None:
        raise InputError([_no_control(wells), *map(_failed_control, asked)])
    good = next((one for one in seen if not one.failed), None)
    flat, dark = (
        fixed_field(name, good, parameters)
        for name in (parameters.flat_field, parameters.dark_field)
    )
    pictures = [_without_dark(store.get(one.stored), dark) for one in controls]
    regions = [
        _inside(one, picture, parameters) for one, picture in zip(controls, pictures, strict=True)
    ]
    light = None if flat is None else _without_dark(flat.picture, dark)
    baseline, words = _baseline(seen, pictures, regions, light, parameters)
    threshold, source = parameters.threshold, "declared"
    if threshold is None:
        maps = [
            stain_map(picture, one.working_um_per_px, baseline, parameters, region)
            for one, picture, region in zip(controls, pictures, regions, strict=True)
        ]
        threshold = control_threshold(maps, parameters)
        source = f"{100 * parameters.control_quantile:g} % quantile of the negative controls"
        if threshold == parameters.least_threshold:
            source = f"{source}, raised to the least threshold of {threshold:g} OD"
    files = tuple(one.file for one in (flat, dark) if one is not None)
    return Reference(baseline, threshold, source, words, len(controls), dark, files)


def _control_wells(wells: pd.DataFrame) -> set[str]:
    own = wells[(wells["role"] == "negative_control") & ~wells["excluded"].eq(True)]
    return set(own["well"])


def _no_control(wells: pd.DataFrame) -> Problem:
    have = (wells["role"] == "negative_control").any()
    message = "the threshold of mineral comes from pictures of negative controls, and " + (
        "none of theirs could be used" if have else "no well has the role negative_control"
    )
    remedy = (
        "Give unmineralized wells (no osteogenic medium) the role negative_control, or declare a "
        "threshold on Settings. A threshold from each picture itself would find mineral on blanks."
    )
    return Problem("no_negative_control", message, sheet="Settings", remedy=remedy)


def _failed_control(one: Seen) -> Problem:
    return Problem("failed_control", one.failed, one.source.file, well=one.source.well)


def _baseline(
    seen: Sequence[Seen],
    controls: Sequence[Pixels],
    regions: Sequence[Mask | None],
    flat: Pixels | None,
    parameters: AlizarinParameters,
) -> tuple[Baseline, str]:
    """The unstained field, and where it comes from in words."""
    split = parameters.split
    amounts = [unmix(picture, split) for picture in controls]
    valid = [
        np.ones(picture.shape[:2], dtype=np.bool_) if region is None else region
        for picture, region in zip(controls, regions, strict=True)
    ]
    if flat is not None:
        field = Baseline.of_flat_field(flat, split)
        if not controls:
            return field, "the flat field"
        above = [a - field.over(*a.shape[:2]) for a in amounts]
        middle = Baseline.of_references(above, valid, constant=True).coefficients[0]
        return field.shifted(middle.tolist()), "the flat field and the colour of the controls"
    if controls:
        few = len(controls) < _SURFACE_FROM or parameters.picture_of == PLATE
        words = "the median colour" if few else "a surface of second degree through the pictures"
        baseline = Baseline.of_references(amounts, valid, constant=few)
        return baseline, f"{words} of {len(controls)} negative controls"
    return Baseline.of_colour(_plate_white(seen), split), "the brightest backgrounds of the plate"


def _plate_white(seen: Sequence[Seen]) -> tuple[float, ...]:
    """The median background of the tenth of the pictures that have the brightest."""
    good = [one.background for one in seen if not one.failed]
    colours = np.array(good or [(255.0, 255.0, 255.0)])
    brightness = colours.sum(axis=1)
    bright = colours[brightness >= np.quantile(brightness, 0.9)]
    return tuple(np.median(bright, axis=0).tolist())


def _without_dark(picture: Pixels, dark: FixedField | None) -> Pixels:
    if dark is None:
        return picture
    return np.asarray(cv2.subtract(picture, dark.picture), dtype=np.uint8)


def _inside(one: Seen, picture: Pixels, parameters: AlizarinParameters) -> Mask | None:
    return one.region(picture.shape, parameters.rim)


def measure_picture(
    one: Seen, store: PictureStore, reference: Reference, parameters: AlizarinParameters
) -> tuple[Pixels, StainMap, Mineral]:
    """The mineral of one picture: its working picture, its bound dye and what was measured."""
    picture = _without_dark(store.get(one.stored), reference.dark)
    region = _inside(one, picture, parameters)
    stain = stain_map(picture, one.working_um_per_px, reference.baseline, parameters, region)
    whole = None if region is None else int(region.sum())
    return picture, stain, measure_stain(stain, reference.threshold, parameters, whole)


def _measured(
    one: Seen, store: PictureStore, reference: Reference, parameters: AlizarinParameters
) -> Measured:
    """The mineral of one picture, with its overlay; none where it failed."""
    if one.failed:
        return Measured(one, None)
    picture, stain, mineral = measure_picture(one, store, reference, parameters)
    if not mineral.analysed_area_um2:
        return Measured(_all_masked(one), None)
    overlay, thumbnail = overlay_of(one, picture, stain, mineral)
    return Measured(one, mineral, overlay, thumbnail)


def _all_masked(one: Seen) -> Seen:
    return replace(one, failed="nothing is left to analyse: all of it is black, debris or ink")


def _pictures(measured: Sequence[Measured]) -> pd.DataFrame:
    """The table of the pictures with their mineral."""
    rows = [_mineral_row(one.mineral) for one in measured]
    return pd.concat([picture_rows([one.seen for one in measured]), pd.DataFrame(rows)], axis=1)


def _mineral_row(mineral: Mineral | None) -> dict[str, float]:
    """The measures of one picture, areas in mm²; all missing where it failed."""
    if mineral is None:
        found: Mapping[str, Any] = {f.name: math.nan for f in fields(Mineral)}
    else:
        found = vars(mineral)
    scaled = {
        "mineralized_area_um2": "mineralized_area_mm2",
        "analysed_area_um2": "analysed_area_mm2",
        "nodule_area_um2": "median_nodule_area_mm2",
        "integrated_od": "integrated_od",
    }
    return {
        scaled.get(name, name): float(value) / (UM2_PER_MM2 if name in scaled else 1.0)
        for name, value in found.items()
    }


def _measures_of_well(good: pd.DataFrame) -> dict[str, float]:
    """What the pictures of a well say together; their dye is their mean, if there is any."""
    area = float(good["analysed_area_mm2"].sum())

    def pooled(name: str) -> float:
        return float((good[name] * good["analysed_area_mm2"]).sum()) / area if area else math.nan

    return {
        "analysed_area_mm2": area if area else math.nan,
        "mineralized_area_fraction": pooled("mineralized_area_fraction"),
        "mineralized_area_mm2": float(good["mineralized_area_mm2"].sum()) if area else math.nan,
        "integrated_od": float(good["integrated_od"].mean()) if area else math.nan,
        "nodule_count": float(good["nodule_count"].sum()) if area else math.nan,
        "fraction_at_80_percent": pooled("fraction_at_80_percent"),
        "fraction_at_120_percent": pooled("fraction_at_120_percent"),
    }


def _threshold(per_well: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """One row per plate: its threshold and what it was measured against."""
    plates = list(dict.fromkeys(per_well["plate"]))
    return pd.DataFrame(
        {
            "plate": plates,
            "threshold": reference.threshold,
            "source": reference.source,
            "n_controls": reference.controls,
            "illumination": reference.illumination,
        }
    )


def _observations(wells: pd.DataFrame, per_well: pd.DataFrame, analyte: str) -> pd.DataFrame:
    """Of a well without any mineral there is no amount that could be compared as a ratio."""
    amount = per_well["integrated_od"]
    table = per_well.assign(integrated_od=amount.where(amount > 0))
    return well_observations(wells, table, MEASURES, assay="alizarin", analyte=analyte)
