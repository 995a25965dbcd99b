"""What was done to the pictures of Alizarin red, for the methods text."""

from __future__ import annotations

from assaykit.assays.alizarin.parameters import AlizarinParameters
from assaykit.parameters import as_words
from assaykit.provenance import Step

RUIFROK = (
    "Ruifrok AC, Johnston DA. Quantification of histochemical staining by color deconvolution. "
    "Anal Quant Cytol Histol 2001;23:291-299."
)
_NAMES = (
    "pictures", "picture_of", "um_per_px", "camera_bits", "resolution", "smoothing", "stain_vector",
    "control_quantile", "least_threshold", "threshold", "minimum_nodule_area", "debris_od",
    "black_od", "rim", "flat_field", "dark_field", "a1_corner",
)  # fmt: skip


def mineral_steps(
    parameters: AlizarinParameters, threshold: str, illumination: str
) -> tuple[Step, ...]:
    """The records of reading pictures and measuring mineral.

    Parameters
    ----------
    parameters
        As used.
    threshold
        Where the threshold comes from, in words.
    illumination
        What the unstained field was taken from, in words.
    """
    words = as_words(parameters)
    record = {name: words[name] for name in _NAMES if words.get(name)}
    dye = (
        f"Brightfield pictures were averaged to pixels of about {parameters.resolution:g} µm. "
        "Optical density was counted from the unstained field "
        f"({illumination}) and taken apart into bound Alizarin red (vector "
        f"{parameters.stain_vector}), neutral grey and a remainder; pixels with a remainder above "
        f"{parameters.debris_od:g} OD (debris, ink) and black ones were left out; dye was smoothed "
        f"over {parameters.smoothing:g} µm (standard deviation)."
    )
    mineral = (
        "Pixels with more bound dye than one threshold per plate were counted as mineral "
        f"({threshold}); connected patches of at least {parameters.minimum_nodule_area:g} µm² are "
        "nodules. Pictures of one well were taken together."
    )
    return (
        Step("stain", dye, record, (RUIFROK,)),
        Step("mineral", mineral, {"threshold": threshold}),
    )
