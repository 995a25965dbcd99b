"""Parameters of every assay that measures pictures."""

from __future__ import annotations

from dataclasses import dataclass

from assaykit.parameters import parameter

FIELD, WELL, PLATE = "field", "well", "plate"
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")


@dataclass(frozen=True)
class PictureParameters:
    """Where the pictures are, what they show and how large a pixel is."""

    pictures: str = parameter(
        "", "the picture files, in or below the folder of this workbook, with placeholders: "
        "pictures/{well}_{field}.jpg; a picture of the whole plate: its name; empty: no pictures",
    )  # fmt: skip
    picture_of: str = parameter(
        FIELD, "what one picture shows: a field inside a well, a whole well, or the whole plate",
        choices=(FIELD, WELL, PLATE),
    )  # fmt: skip
    um_per_px: float | None = parameter(
        None, "size of a pixel of the pictures; empty: as the files say, or for a picture of the "
        "plate from the distance between its wells", unit="µm",
    )  # fmt: skip
    a1_corner: str = parameter(
        "top_left", "the corner of a picture of the whole plate in which well A1 lies",
        choices=CORNERS,
    )  # fmt: skip
    camera_bits: float | None = parameter(
        None, "bits of the camera (9 to 16), for TIFF files of 16 bits that do not say it"
    )
    rim: float = parameter(
        5.0, "share of a well's radius at its wall that is left out (pictures of wells and plates)",
        unit="%",
    )  # fmt: skip
    white_drift_limit: float = parameter(
        3.0,
        "allowed difference in colour of a picture's background from that of the plate",
        unit="%",
    )
    focus_limit: float = parameter(
        25.0, "lowest focus of a picture, as a share of the plate's median", unit="%"
    )
    saturation_limit: float = parameter(
        1.0, "allowed share of pixels with the greatest value that the camera can give", unit="%"
    )

    @property
    def bits(self) -> int | None:
        """Bits of the camera as a whole number; None: as the files say."""
        return None if self.camera_bits is None else round(self.camera_bits)
