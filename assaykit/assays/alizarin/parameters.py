"""Parameters of Alizarin red, by extraction and in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assaykit.assays import plate_reader
from assaykit.assays.picture_parameters import PictureParameters
from assaykit.images.mineral_parameters import MineralParameters
from assaykit.parameters import parameter

GREGORY = (
    "Gregory CA, Gunn WG, Peister A, Prockop DJ. An Alizarin red-based assay of mineralization by "
    "adherent cells in culture: comparison with cetylpyridinium chloride extraction. "
    "Anal Biochem 2004;329:77-84."
)
EXTRACTIONS: Mapping[str, tuple[float, str]] = {
    "cpc": (562.0, "10 % cetylpyridinium chloride"),
    "acetic_acid": (405.0, "10 % acetic acid, then neutralised"),
}
# What a well's dye may be divided by: the well variable that holds it, and its unit.
DIVISORS: Mapping[str, tuple[str, str]] = {
    "well_area": ("", "cm2"),
    "dna": ("dna_ng", "ng DNA"),
    "protein": ("protein_ug", "µg protein"),
}


@dataclass(frozen=True)
class AlizarinParameters(MineralParameters, PictureParameters, plate_reader.CurveParameters):
    """Parameters of Alizarin red: of extracted dye, then of pictures."""

    analyte: str = parameter("Alizarin red", "what is measured")
    flat_field: str = parameter(
        "", "picture of the light without specimen, in the folder of this workbook; empty: the "
        "illumination is estimated from the negative controls",
    )  # fmt: skip
    dark_field: str = parameter(
        "", "picture without light, in the folder of this workbook; empty: black is 0"
    )
    concentration_unit: str = parameter("µM", "unit of the nominal concentrations")
    model: str = parameter(
        "linear", "model of the standard curve", choices=plate_reader.MODELS, source=GREGORY
    )
    extraction: str = parameter(
        "cpc", "how the dye was extracted", choices=tuple(EXTRACTIONS), source=GREGORY
    )
    wavelength: float | None = parameter(
        None, "measuring wavelength; empty: 562 for cpc, 405 for acetic_acid", unit="nm"
    )
    extraction_volume: float | None = parameter(
        None, "volume that the dye of one well was extracted into; needed for amounts", unit="µL"
    )
    normalise_to: str = parameter(
        "none", "what the amount of dye per well is divided by",
        choices=("none", *DIVISORS),
    )  # fmt: skip
    well_area: float | None = parameter(
        None, "growth area of a culture well, for normalise_to = well_area", unit="cm2"
    )
