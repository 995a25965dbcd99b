"""The wells in a picture of a whole plate, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.assays.picture_parameters import PictureParameters
from assaykit.plate import well_name

if TYPE_CHECKING:
    from assaykit.readers.pictures import Picture

_OVERVIEW_PX = 1500


@dataclass(frozen=True)
class Circle:
    """A well in a picture: its centre and its radius, in px."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Lattice:
    """The wells of a plate in a picture.

    Parameters
    ----------
    circles
        Centre and radius of each well in px of the picture, by its name.
    um_per_px
        Size of a pixel, from the distance between wells.
    words
        Rows and columns in words.
    """

    circles: Mapping[str, Circle]
    um_per_px: float
    words: str


def wells_in(picture: Picture, parameters: PictureParameters) -> Lattice:
    """Find the wells of a plate and name them from the corner in which A1 lies.

    Raises
    ------
    InputError
        No lattice of wells is found.
    """
    from assaykit.images.wells import find_wells

    overview = picture.overview(_OVERVIEW_PX)
    found = find_wells(overview)
    ratio = picture.width / overview.shape[1]
    rows, columns = int(found["row"].max()), int(found["column"].max())
    circles = {}
    for well in found.to_dict("records"):
        row, column = named_place(
            int(well["row"]) - 1, int(well["column"]) - 1, (rows, columns), parameters.a1_corner
        )
        circles[well_name(row, column)] = Circle(
            (well["x"] + 0.5) * ratio - 0.5, (well["y"] + 0.5) * ratio - 0.5, well["radius"] * ratio
        )
    scale = float(found["um_per_px"].iloc[0]) / ratio
    return Lattice(circles, scale, f"{rows} rows and {columns} columns as it lies")


def named_place(row: int, column: int, size: tuple[int, int], a1_corner: str) -> tuple[int, int]:
    """Row and column of a well as the plate names them, from 0.

    A plate has at least as many columns as rows: one that lies with more rows than columns is
    turned by a right angle, and A1 decides which way.

    Parameters
    ----------
    row, column
        Where the well lies in the picture, from 0.
    size
        Rows and columns as they lie in the picture.
    a1_corner
        Where A1 lies in the picture.

    Examples
    --------
    >>> named_place(0, 0, (2, 3), "bottom_right"), named_place(0, 1, (3, 2), "top_right")
    ((1, 2), (0, 0))
    """
    rows, columns = size
    down = row if a1_corner.startswith("top") else rows - 1 - row
    across = column if a1_corner.endswith("left") else columns - 1 - column
    return (down, across) if rows <= columns else (across, down)
