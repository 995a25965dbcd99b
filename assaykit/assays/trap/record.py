"""What was done to the pictures of TRAP, for the methods text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.parameters import as_words
from assaykit.provenance import Step

if TYPE_CHECKING:
    from assaykit.assays.trap.parameters import TrapParameters

DEMPSTER = (
    "Dempster DW, Compston JE, Drezner MK, et al. Standardized nomenclature, symbols, and units "
    "for bone histomorphometry: a 2012 update. J Bone Miner Res 2013;28:2-17."
)


def trap_steps(parameters: TrapParameters) -> tuple[Step, ...]:
    """The record of outlining cells and counting their nuclei."""
    words = {name: text for name, text in as_words(parameters).items() if text}
    least, coarse = parameters.min_nuclei, parameters.coarse_osteoclast_area_um2
    sentence = (
        "TRAP-positive cells were outlined in optical density above the local background, "
        "touching cells were parted, and nuclei were counted as discs of "
        f"{parameters.nucleus_diameter_um:g} µm. Cells with {least:g} nuclei or more are "
        f"osteoclasts; in pictures coarser than {parameters.coarsest_um_per_px:g} µm per pixel, "
        f"where nuclei are not resolved, cells of at least {coarse:g} µm². Cells at the right or "
        "lower edge of a picture were not counted."
    )
    return (Step("osteoclasts", sentence, words, (DEMPSTER,)),)
