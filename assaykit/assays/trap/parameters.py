"""Parameters of TRAP in pictures."""

from __future__ import annotations

from dataclasses import dataclass

from assaykit.assays.picture_parameters import PictureParameters
from assaykit.images.osteoclasts.parameters import OsteoclastParameters
from assaykit.parameters import parameter


@dataclass(frozen=True)
class TrapParameters(OsteoclastParameters, PictureParameters):
    """Parameters of TRAP: of the pictures, then of the cells in them."""

    analyte: str = parameter("TRAP", "what is stained")
