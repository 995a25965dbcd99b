"""What can be set for counting osteoclasts; every length is in µm, never in pixels."""

from __future__ import annotations

import dataclasses
import math

from assaykit.errors import InputError, Problem, UsageError
from assaykit.parameters import parameter

APPEARANCES = ("lighter", "darker")
"""How nuclei stand out from stained cytoplasm: without and with a nuclear counterstain."""


@dataclasses.dataclass(frozen=True)
class OsteoclastParameters:
    """How TRAP-positive cells are outlined, divided, and called osteoclasts.

    Use the same parameters for all pictures of a plate.

    Examples
    --------
    >>> OsteoclastParameters().min_nuclei
    3
    """

    min_nuclei: int = parameter(
        3,
        "nuclei from which on a TRAP-positive cell is an osteoclast",
        source="usual definition of a TRAP-positive multinucleated cell",
    )
    min_osteoclast_area_um2: float = parameter(
        550.0,
        "smallest area of an osteoclast whose nuclei are counted",
        unit="µm²",
        source="three nuclei with the least cytoplasm seen, about 190 µm² each; less is a clump",
    )
    coarse_osteoclast_area_um2: float = parameter(
        1500.0,
        "smallest area of an osteoclast where the picture is too coarse to show nuclei",
        unit="µm²",
        source="a disc of 44 µm; nearly all spread mononuclear cells stay below it",
    )
    min_cell_area_um2: float = parameter(
        50.0, "smallest area of a cell; less is debris", unit="µm²", source="a disc of 8 µm"
    )
    coarsest_um_per_px: float = parameter(
        1.65,
        "pixel size up to which nuclei are counted",
        unit="µm",
        source="a nucleus of 7 to 10 µm needs five pixels",
    )
    nucleus_diameter_um: float = parameter(
        8.5, "diameter of a nucleus", unit="µm", source="7 to 10 µm, measured on cultures"
    )
    nucleus_contrast: float = parameter(
        0.023, "least difference of a nucleus from the ring around it", unit="OD"
    )
    nuclei_appearance: str = parameter(
        "lighter",
        "nuclei against the stained cytoplasm: lighter without a counterstain, darker with one",
        choices=APPEARANCES,
    )
    faint_od: float = parameter(
        0.025, "optical density down to which pale cytoplasm belongs to a stained cell", unit="OD"
    )
    veil_od: float = parameter(
        0.012,
        "optical density down to which the thin edge of a large, pale cell is followed",
        unit="OD",
    )
    stained_od: float = parameter(
        0.12, "optical density that makes an object TRAP-positive", unit="OD"
    )
    max_hole_area_um2: float = parameter(
        1200.0, "largest unstained hole that is filled", unit="µm²"
    )
    fibre_width_um: float = parameter(
        3.0, "processes and fibres thinner than this are not part of a cell", unit="µm"
    )
    mononuclear_diameter_um: float = parameter(
        12.0, "diameter of a round mononuclear cell", unit="µm", source="9 to 14 µm, measured"
    )
    background_window_um: float = parameter(
        600.0, "width of the window in which the unstained background is looked for", unit="µm"
    )
    rim_margin_um: float = parameter(
        60.0, "strip inside the black rim of a well that is left out", unit="µm"
    )
    max_edge_blur_um: float = parameter(
        2.0,
        "blur of the cells' edges (standard deviation) from which on a picture is out of focus",
        unit="µm",
        source="a ring of 4 µm radius around a nucleus disappears at that blur",
    )
    large_nuclei: int = parameter(
        15, "an osteoclast with more nuclei than this is in the size class >15"
    )


def checked(um_per_px: float | None, params: OsteoclastParameters | None) -> OsteoclastParameters:
    """The parameters to work with, once the scale and they are known to make sense.

    Raises
    ------
    UsageError
        No scale, or one that is not above zero.
    InputError
        A parameter that is not above zero, or a choice that is not one; all at once.
    """
    scale = math.nan if um_per_px is None else float(um_per_px)
    if not (math.isfinite(scale) and scale > 0):
        raise UsageError(
            f"The scale of the picture is {um_per_px} µm/px, expected a number above 0. Read it "
            "from the microscope's file or measure it on a scale bar; areas and nuclei need it."
        )
    chosen = params or OsteoclastParameters()
    problems = list(_problems(chosen))
    if problems:
        raise InputError(problems)
    return chosen


def _problems(params: OsteoclastParameters) -> list[Problem]:
    found = []
    for field in dataclasses.fields(OsteoclastParameters):
        value = getattr(params, field.name)
        if field.name == "nuclei_appearance":
            wrong, expected = value not in APPEARANCES, "one of " + ", ".join(APPEARANCES)
        else:
            wrong, expected = not (math.isfinite(value) and value > 0), "a number above 0"
        if wrong:
            message = f"{field.name}: found {value}, expected {expected}"
            found.append(Problem("impossible_parameter", message))
    return found
