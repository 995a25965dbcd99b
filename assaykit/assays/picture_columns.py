"""Columns of the tables that assays with pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.tables import PICTURE_CHANNEL, Column

if TYPE_CHECKING:
    import pandas as pd

FAILED = "picture_failed"
PICTURE_COLUMNS = (
    Column("field", "text", "which of the pictures of the well"),
    Column("file", "text", "name of the picture's file"),
    Column("failed", "text", "why the picture has no result; empty: it has one"),
    Column("width_px", "count", "width of the picture, or of the well in it", "px"),
    Column("height_px", "count", "height of the picture, or of the well in it", "px"),
    Column("um_per_px", "number", "size of a pixel", "µm"),
    Column("scale_source", "text", "where the size of a pixel comes from"),
    Column("file_um_per_px", "number", "what the file says of it; empty: nothing", "µm"),
    Column(
        "focus", "number", "variance of the Laplacian over the squared brightness; compare within "
        "the plate", shown="3",
    ),
    Column("saturated_fraction", "number", "share of pixels with 255 in the worst channel"),
    Column("background_red", "number", "red of the brightest tenth, 0 to 255", shown="0"),
    Column("background_green", "number", "green of the brightest tenth, 0 to 255", shown="0"),
    Column("background_blue", "number", "blue of the brightest tenth, 0 to 255", shown="0"),
    Column("notes", "text", "what was done to the picture when it was read"),
    Column("sha256", "text", "SHA-256 of the file; two pictures with the same one are copies"),
)  # fmt: skip


def is_picture(wells: pd.DataFrame) -> pd.Series:
    """Which rows of annotated wells are pictures.

    Examples
    --------
    >>> import pandas as pd
    >>> is_picture(pd.DataFrame({"channel": ["picture 2", "od_562", ""]})).tolist()
    [True, False, False]
    """
    return wells["channel"].str.startswith(PICTURE_CHANNEL)
