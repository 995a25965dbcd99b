"""Pictures of Alizarin red to be looked at: overlays, and a contact sheet of the plate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assaykit.assays.picture_review import arms_of, plate_sheet, small
from assaykit.images.mineral import Mineral, StainMap, mineral_mask
from assaykit.images.overlay import Surround, mineral_overlay, to_jpeg

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.alizarin.pictures import Measured
    from assaykit.assays.picture_plates import Seen
    from assaykit.images.colour import Pixels


def overlay_of(
    one: Seen, picture: Pixels, stain: StainMap, mineral: Mineral
) -> tuple[bytes, Pixels]:
    """The picture with its mineral outlined, as JPEG, and small for the contact sheet.

    Parameters
    ----------
    one
        Which picture.
    picture
        Its pixels at the resolution of the measurement.
    stain, mineral
        What was measured in it.
    """
    caption = (
        f"{one.source.plate}  {one.name}   mineralized area fraction "
        f"{100 * mineral.mineralized_area_fraction:.1f} %   threshold {mineral.threshold:.3f} OD"
    )
    mask = mineral_mask(stain, mineral.threshold)
    surround = Surround(
        caption=caption, um_per_px=one.working_um_per_px, analysed=stain.valid
    )  # fmt: skip
    drawn = mineral_overlay(picture, mask, surround)
    bare = mineral_overlay(picture, mask, Surround(scale_bar=False), legend="")
    return to_jpeg(drawn), small(bare)


def review_pictures(
    measured: Sequence[Measured], per_well: pd.DataFrame, wells: pd.DataFrame
) -> dict[str, bytes]:
    """Overlays by picture, and a contact sheet of the plate, as JPEG by the name of their file."""
    images = {f"overlays/{m.seen.name}.jpg": m.overlay for m in measured if m.overlay}
    captions = {
        str(row["well"]): f"{100 * row['mineralized_area_fraction']:.1f} %"
        for row in per_well.to_dict("records")
        if row["n_pictures"]
    }
    looked = [(m.seen, m.thumbnail) for m in measured]
    return {"contact_sheet.jpg": plate_sheet(looked, captions, arms_of(wells)), **images}
