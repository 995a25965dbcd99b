"""Parameters of the measurement of mineral, without the libraries that measure it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.parameters import parameter

if TYPE_CHECKING:
    from assaykit.images.colour import Unmixing

_RUIFROK = "Ruifrok & Johnston, Anal Quant Cytol Histol 23:291-299 (2001)"


@dataclass(frozen=True)
class MineralParameters:
    """How mineral is measured in pictures; the same for all pictures of a plate."""

    stain_vector: str = parameter(
        "0.33 0.67 0.66",
        "OD of the bound dye in red, green and blue, as three numbers (the default was measured on "
        "real fields); 'estimate': from the pictures of the plate, with a warning",
        source=_RUIFROK,
    )
    resolution: float = parameter(
        5.0, "pictures are averaged to pixels of about this size before they are measured",
        unit="µm",
    )  # fmt: skip
    smoothing: float = parameter(
        10.0, "bound dye is smoothed over this distance (SD of a Gaussian), so that noise and "
        "single cells do not count as mineral", unit="µm",
    )  # fmt: skip
    threshold: float | None = parameter(
        None, "bound dye from which a pixel counts as mineral; empty: from the negative controls",
        unit="OD",
    )  # fmt: skip
    control_quantile: float = parameter(
        0.995, "share of the negative controls' pixels that lie below the threshold"
    )
    least_threshold: float = parameter(
        0.10, "the threshold from the controls is raised to this: unstained cell layers alone have "
        "about 0.09 OD of nearly the same hue, so that less dye cannot be told from more cells",
        unit="OD",
    )  # fmt: skip
    minimum_nodule_area: float = parameter(
        2000.0, "smallest connected patch of mineral that counts as a nodule", unit="µm²"
    )
    debris_od: float = parameter(
        0.15, "OD off the stain and off grey from which a pixel is debris, ink or text, which "
        "is left out", unit="OD",
    )  # fmt: skip
    black_od: float = parameter(
        1.2, "neutral OD from which a pixel is black and left out (rim, dust, frame)", unit="OD"
    )

    @property
    def split(self) -> Unmixing:
        """How colours are taken apart."""
        from assaykit.images.colour import parse_stain_vector, unmixing

        return unmixing(parse_stain_vector(self.stain_vector))
