"""Raw measurements → what each object is, and the table of objects.

=============  ====================================================================================
class          meaning
=============  ====================================================================================
osteoclast     TRAP-positive, at least ``min_nuclei`` nuclei; by area where nuclei are not resolved
mononuclear    TRAP-positive, fewer nuclei
ghost          stained so faintly, without a nucleus, that it is a remnant; not counted
fibre          a thin process without a body; not counted
debris         grey, black or too small; not counted
=============  ====================================================================================
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import Field, Scale
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("osteoclast", "mononuclear", "ghost", "fibre", "debris")
"""Every value of the column ``class``; the first two are cells and are counted."""

COLUMNS = (
    "label", "x", "y", "area_um2", "nuclei", "mean_od", "class", "size_class", "touches_border",
    "counted", "nuclei_not_resolved", "out_of_focus", "flags", "solidity", "elongation",
    "width_um", "colour_ratio", "left", "top", "right", "bottom",
)  # fmt: skip
"""The columns of the table of objects, in their order."""

_GREY_RATIO = 1.08
_GREY_LEAST_OD = 0.2
_FIBRE_WIDTH_SHARE = 0.45
_GHOST_SHARE = 0.6
_COARSE_SOLIDITY = 0.5
_COARSE_WIDTHS = 2.5
_GRAINY = 2.6
_GRAINY_COARSE = 1.85
_COARSE_MEAN_SHARE = 0.8


@dataclasses.dataclass(frozen=True)
class PictureFacts:
    """What is known about a picture once all its cells have been measured.

    Parameters
    ----------
    um_per_px
        Of the picture.
    shape
        Rows and columns of the picture.
    analysed_area_um2
        The picture without the rim of a well and what lies beyond it.
    edge_blur_um
        Blur of the cells' edges; not a number without enough cells.
    nuclei_resolved
        Whether nuclei were counted.
    out_of_focus
        Whether the edges are too blurred for nuclei.
    rim_masked
        Whether a well's rim was left out.
    """

    um_per_px: float
    shape: tuple[int, int]
    analysed_area_um2: float
    edge_blur_um: float
    nuclei_resolved: bool
    out_of_focus: bool
    rim_masked: bool


def name_objects(
    raw: pd.DataFrame, scale: Scale, facts: PictureFacts, params: OsteoclastParameters
) -> pd.DataFrame:
    """The table of objects, in µm and in pixels of the picture.

    Parameters
    ----------
    raw
        Of :func:`~assaykit.images.osteoclasts.measure.measure_cells`.
    scale, facts, params
        Of the picture.
    """
    import pandas as pd

    binning, um = scale.binning, scale.um
    table = pd.DataFrame({"label": raw["label"].astype(np.int64)})
    table["x"] = (raw["x"].astype(float) + 0.5) * binning - 0.5
    table["y"] = (raw["y"].astype(float) + 0.5) * binning - 0.5
    table["area_um2"] = raw["area_px"].astype(float) * um**2
    table["width_um"] = raw["width_px"].astype(float) * um
    table["mean_od"] = raw["density"].astype(float)
    table["colour_ratio"] = raw["colour"].astype(float)
    table["solidity"] = raw["solidity"].astype(float)
    table["elongation"] = raw["elongation"].astype(float)
    for side in ("left", "top"):
        table[side] = raw[side].astype(np.int64) * binning
    for side in ("right", "bottom"):
        table[side] = (raw[side].astype(np.int64) + 1) * binning - 1
    kinds = _kinds(raw, table, facts, params)
    table["class"] = pd.Series(kinds, index=raw.index, dtype=object)
    table["nuclei"] = _nuclei(raw, kinds, facts)
    table["size_class"] = _size_classes(table, params)
    _add_flags(table, raw, scale, facts, params)
    table = table[list(COLUMNS)]
    blur = facts.edge_blur_um if math.isfinite(facts.edge_blur_um) else None
    table.attrs["picture"] = {**dataclasses.asdict(facts), "edge_blur_um": blur}
    return table


def _kinds(
    raw: pd.DataFrame, table: pd.DataFrame, facts: PictureFacts, params: OsteoclastParameters
) -> npt.NDArray[np.object_]:
    spots = raw["spots"].to_numpy(dtype=float)
    area, od = table["area_um2"].to_numpy(float), table["mean_od"].to_numpy(float)
    least = params.coarse_osteoclast_area_um2
    darkest = raw["darkest"].to_numpy(float)
    strong = (od >= _COARSE_MEAN_SHARE * params.stained_od) & (darkest >= 2 * params.stained_od)
    wide = table["width_um"].to_numpy(float) >= _COARSE_WIDTHS * params.mononuclear_diameter_um
    compact = table["solidity"].to_numpy(float) >= _COARSE_SOLIDITY
    grainy = _GRAINY if facts.out_of_focus else _GRAINY_COARSE
    many = (area >= least) & compact & wide & strong & (darkest <= grainy * od)
    if facts.nuclei_resolved:
        many = (spots >= params.min_nuclei) & (area >= params.min_osteoclast_area_um2)
    bare = spots == 0
    width = table["width_um"].to_numpy(float)
    thin = bare & (width < _FIBRE_WIDTH_SHARE * params.mononuclear_diameter_um)
    thin &= table["elongation"].to_numpy(float) > 3.0
    faint = bare & (od < _GHOST_SHARE * params.stained_od) & (darkest < 2 * params.stained_od)
    if not facts.nuclei_resolved:
        faint |= (area >= least) & ~strong
    grey = bare & (table["colour_ratio"].to_numpy(float) < _GREY_RATIO) & (od > _GREY_LEAST_OD)
    conditions = [grey | (area < params.min_cell_area_um2), thin, faint & ~many, many]
    return np.select(conditions, ["debris", "fibre", "ghost", "osteoclast"], "mononuclear").astype(
        object
    )


def _nuclei(raw: pd.DataFrame, kinds: npt.NDArray[np.object_], facts: PictureFacts) -> pd.Series:
    """Nuclei found; a cell has at least one; missing where they cannot be told."""
    import pandas as pd

    cell = np.isin(kinds, CLASSES[:2])
    counts = np.where(cell, np.maximum(raw["spots"].to_numpy(dtype=float), 1), np.nan)
    if not facts.nuclei_resolved:
        counts = np.full(len(raw), np.nan)
    return pd.Series(counts, index=raw.index).astype("Int64")


def _size_classes(table: pd.DataFrame, params: OsteoclastParameters) -> pd.Series:
    import pandas as pd

    small, large = f"{params.min_nuclei}-{params.large_nuclei}", f">{params.large_nuclei}"
    nuclei = table["nuclei"].astype("Float64").fillna(-1).astype(float)
    names = np.where(nuclei > params.large_nuclei, large, small)
    named = (table["class"] == "osteoclast") & (nuclei >= 0)
    return pd.Series(np.where(named, names, ""), index=table.index, dtype=object)


def _add_flags(
    table: pd.DataFrame,
    raw: pd.DataFrame,
    scale: Scale,
    facts: PictureFacts,
    params: OsteoclastParameters,
) -> None:
    """Border, frame, and remarks in words (joined by ``;``)."""
    import pandas as pd

    rows, columns = (length // scale.binning for length in facts.shape)
    beyond = (raw["right"] >= columns - 1) | (raw["bottom"] >= rows - 1)
    before = (raw["left"] <= 0) | (raw["top"] <= 0)
    rim = raw["rim"].astype(bool)
    table["touches_border"] = (beyond | before | rim).astype(bool)
    table["counted"] = (~beyond).astype(bool)
    table["nuclei_not_resolved"] = not facts.nuclei_resolved
    table["out_of_focus"] = facts.out_of_focus
    large = table["area_um2"] >= params.coarse_osteoclast_area_um2
    remarks = {
        "touches_border": beyond | before,
        "touches_rim": rim,
        "nuclei_not_resolved": table["nuclei_not_resolved"],
        "out_of_focus": table["out_of_focus"],
        "large_but_few_nuclei": large & (table["class"] == "mononuclear") & facts.nuclei_resolved,
    }
    rows_of = zip(*(column.tolist() for column in remarks.values()), strict=True)
    words = [";".join(itertools.compress(remarks, values)) for values in rows_of]
    table["flags"] = pd.Series(words, index=table.index, dtype=object)


def facts_of(field: Field, shape: tuple[int, int], params: OsteoclastParameters) -> PictureFacts:
    """What is known about a picture of that many rows and columns."""
    um_per_px, blur = field.scale.um_per_px, field.edge_blur_um
    blurred = math.isfinite(blur) and blur > params.max_edge_blur_um
    fine = um_per_px <= params.coarsest_um_per_px
    return PictureFacts(
        um_per_px=um_per_px,
        shape=shape,
        analysed_area_um2=shape[0] * shape[1] * um_per_px**2 * float(field.inside.mean()),
        edge_blur_um=blur,
        nuclei_resolved=fine and not blurred,
        out_of_focus=fine and blurred,
        rim_masked=not bool(field.inside.all()),
    )
