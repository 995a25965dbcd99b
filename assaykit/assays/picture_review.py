"""What people look at: small pictures of all wells on one sheet, in the places of the plate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assaykit.images.contact_sheet import Tile, contact_sheet, thumbnail
from assaykit.images.overlay import to_jpeg
from assaykit.plate import PLATE_FORMATS, PlateFormat, parse_well, row_letters
from assaykit.tables import factor_columns

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.picture_plates import Seen
    from assaykit.images.colour import Pixels

_COLUMNS = 8  # of the plate for which thumbnails are kept large enough


def small(picture: Pixels) -> Pixels:
    """A picture as small as a contact sheet needs it."""
    return thumbnail(picture, _COLUMNS)


def arms_of(wells: pd.DataFrame) -> dict[str, str]:
    """The levels of all factors of each well in one text, as they are in the map."""
    once = wells.drop_duplicates("well").set_index("well")
    factors = [name for name in factor_columns(once) if name in once]
    return {
        str(well): " / ".join(str(row[name]) for name in factors if row[name])
        or str(row["role"]).replace("_", " ")
        for well, row in once.iterrows()
    }


def plate_sheet(
    pictures: Sequence[tuple[Seen, Pixels | None]],
    captions: Mapping[str, str],
    arms: Mapping[str, str],
) -> bytes:
    """The contact sheet of a plate: the first picture of each well that has a result.

    Parameters
    ----------
    pictures
        Every picture with its thumbnail, None where it failed.
    captions
        The result of each well.
    arms
        The arm of each well.

    Returns
    -------
    bytes
        A JPEG.
    """
    by_well: dict[str, list[tuple[Seen, Pixels | None]]] = {}
    for seen, shown in pictures:
        by_well.setdefault(seen.source.well, []).append((seen, shown))
    plate = _smallest_plate(by_well)
    tiles = [_tile(well, own, captions, arms) for well, own in by_well.items()]
    drawn = contact_sheet(
        tiles,
        [row_letters(row) for row in range(plate.rows)],
        [str(column + 1) for column in range(plate.columns)],
        title=pictures[0][0].source.plate if pictures else "",
        arms=list(dict.fromkeys(arms.values())),
    )
    return to_jpeg(drawn)


def _tile(
    well: str,
    own: Sequence[tuple[Seen, Pixels | None]],
    captions: Mapping[str, str],
    arms: Mapping[str, str],
) -> Tile:
    row, column = parse_well(well)
    shown = next((picture for _, picture in own if picture is not None), None)
    failed = "" if shown is not None else own[0][0].failed
    return Tile(row, column, shown, captions.get(well, ""), arms.get(well, ""), failed)


def _smallest_plate(wells: Mapping[str, object]) -> PlateFormat:
    return next(p for p in PLATE_FORMATS.values() if all(well in p for well in wells))
