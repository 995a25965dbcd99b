"""Pictures of cultures stained for TRAP, with every cell and every nucleus known.

::

    shapes of cells → placed → optical density of the stain and labels (the truth)
        → transmission → camera

Colours, densities and sizes follow a brightfield picture of a culture at 0.76 µm/px; wells
follow whole-well photographs. The hue that drifts with density, the cyan halos and the red-brown
processes come from one lens that focuses red elsewhere, not from a second stain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from assaykit.errors import UsageError
from assaykit.simulate.camera import Camera, Circle, Pixels, White, photograph, transmitted
from assaykit.simulate.randomness import generator
from assaykit.simulate.texture import Map, cloud_noise, smooth_noise
from assaykit.simulate.trap_culture import OSTEOCLAST_NUCLEI, Labels, Specimen, TrapCulture, grow

__all__ = [
    "OSTEOCLAST_NUCLEI",
    "TRAP_CAMERA",
    "WELL_CAMERA",
    "WELL_CULTURE",
    "OsteoclastPicture",
    "OsteoclastTruth",
    "TrapCulture",
    "osteoclast_field",
    "osteoclast_well",
    "trap_camera",
]

TRAP_WHITE: White = (208.0, 211.0, 209.0)
"""Grey levels of the empty light path."""
TRAP_CAMERA = Camera(
    blur_px=0.9,
    fringe_px=1.0,
    red_blur_px=3.0,
    sharpening=0.2,
    noise_sd=1.9,
    jpeg_quality=95,
    dust_per_mm2=0.0,
)
"""What the microscope did that took the real picture; sizes in px hold at 0.76 µm/px."""
WELL_CAMERA = Camera(vignetting=0.12, blur_px=0.7, fringe_px=0.5, red_blur_px=0.7, dust_per_mm2=0.2)
"""A usual camera for photographs of whole wells."""
WELL_CULTURE = TrapCulture(
    osteoclasts=40,
    osteoclast_nuclei=(5, 60),
    mononuclear_per_mm2=150.0,
    kinds=(0.05, 0.15, 0.20, 0.60),
    ghosts_per_mm2=0.2,
    fibres_per_mm2=0.0,
    debris_per_mm2=30.0,
)
"""A usual culture in a well of 6.4 mm."""

_FIELD_STAIN: tuple[White, White] = ((0.60, 0.67, 0.39), (0.62, 0.67, 0.54))
_WELL_STAIN: tuple[White, White] = ((0.55, 0.68, 0.42), (0.52, 0.68, 0.52))
_PALE_OD = 0.6
_DEBRIS_VECTOR: White = (0.50, 0.72, 0.62)
_CAMERA_UM_PER_PX = 0.76
_GLARE = 0.03


@dataclass(frozen=True, eq=False)
class OsteoclastTruth:
    """What is true of a picture before any optics.

    Parameters
    ----------
    labels
        ``(height, width)`` ``int32``: one label per TRAP-positive cell, 0 elsewhere. Body and
        arms belong to a cell, filopodia and retraction fibres do not; where cells overlap, the
        pixel belongs to the one on top.
    cells
        One row per label: label, x, y (middle of its pixels, px), area_um2 (of its pixels),
        nuclei (all of the cell, also beyond the border of the picture), class (``osteoclast``
        from :data:`OSTEOCLAST_NUCLEI` nuclei, else ``mononuclear``), touching_border.
    nuclei
        One row per nucleus in the picture, also where another cell covers it: label of its
        cell, x, y (px), radius_um.
    ghosts
        Pale remains that are not cells: x, y (px), radius_um.
    um_per_px
        Scale.
    well
        The inside of the well; none for a field.
    """

    labels: Labels
    cells: pd.DataFrame
    nuclei: pd.DataFrame
    ghosts: pd.DataFrame
    um_per_px: float
    well: Circle | None = None

    @property
    def osteoclast_count(self) -> int:
        """Number of osteoclasts of which something is seen."""
        return int((self.cells["class"] == "osteoclast").sum())

    @property
    def osteoclast_area_fraction(self) -> float:
        """Share of the field, or of the inside of the well, that osteoclasts cover."""
        own = self.cells.loc[self.cells["class"] == "osteoclast", "area_um2"].sum()
        pixels = np.pi * self.well.radius**2 if self.well else self.labels.size
        return float(own / (pixels * self.um_per_px**2))


@dataclass(frozen=True, eq=False)
class OsteoclastPicture:
    """A simulated picture with its truth and its settings.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB ``uint8``.
    truth
        What is true of it.
    um_per_px, seed, culture, camera
        What it was made with.
    """

    image: Pixels
    truth: OsteoclastTruth
    um_per_px: float
    seed: int
    culture: TrapCulture
    camera: Camera


def trap_camera(um_per_px: float) -> Camera:
    """The usual camera at another scale: a lens that focuses red elsewhere does so in µm.

    Parameters
    ----------
    um_per_px
        Scale.

    Examples
    --------
    >>> trap_camera(0.76) == TRAP_CAMERA, trap_camera(1.52).red_blur_px
    (True, 1.5)
    """
    red_blur_px = min(TRAP_CAMERA.red_blur_px * (_CAMERA_UM_PER_PX / um_per_px), 20.0)
    return replace(TRAP_CAMERA, red_blur_px=red_blur_px)


def osteoclast_field(
    *,
    seed: int,
    size_px: tuple[int, int] = (960, 1440),
    um_per_px: float = 0.76,
    culture: TrapCulture = TrapCulture(),  # noqa: B008 (frozen)
    camera: Camera | None = None,
) -> OsteoclastPicture:
    """A microscope field of a culture stained for TRAP.

    Parameters
    ----------
    seed
        The same seed gives the same picture; the camera does not change the culture.
    size_px
        Height and width.
    um_per_px
        Scale, 0.4 to 1.6 in practice.
    culture
        What there is.
    camera
        How it is photographed; :func:`trap_camera` of the scale if none is given.

    Raises
    ------
    UsageError
        The scale is not above 0.

    Examples
    --------
    >>> picture = osteoclast_field(seed=1, size_px=(300, 400), culture=TrapCulture(osteoclasts=2))
    >>> picture.image.shape, picture.truth.osteoclast_count
    ((300, 400, 3), 2)
    """
    if um_per_px <= 0:
        raise UsageError(f"um_per_px is {um_per_px}, expected above 0")
    camera = camera or trap_camera(um_per_px)
    specimen = grow(culture, seed=seed, size_px=size_px, um_per_px=um_per_px, well=None)
    scene = _scene(specimen, _FIELD_STAIN, um_per_px, seed)
    image = photograph(scene, camera, white=TRAP_WHITE, um_per_px=um_per_px, seed=seed)
    return OsteoclastPicture(
        image, _truth(specimen, um_per_px, None), um_per_px, seed, culture, camera
    )


def osteoclast_well(
    *,
    seed: int,
    well_diameter_mm: float = 6.4,
    um_per_px: float = 3.5,
    culture: TrapCulture = WELL_CULTURE,
    camera: Camera = WELL_CAMERA,
) -> OsteoclastPicture:
    """A photograph of a whole well stained for TRAP.

    Parameters
    ----------
    seed
        The same seed gives the same picture.
    well_diameter_mm
        Inner diameter; 6.4 for 96 wells.
    um_per_px
        Scale, 3 to 4 in practice. Nuclei are drawn, but hardly resolved.
    culture, camera
        What there is and how it is photographed. Osteoclasts are dark, or dark around a pale
        middle, and touch in twos and threes.

    Raises
    ------
    UsageError
        The scale is not above 0.

    Examples
    --------
    >>> few = TrapCulture(osteoclasts=5, mononuclear_per_mm2=5.0)
    >>> truth = osteoclast_well(seed=1, um_per_px=8.0, culture=few).truth
    >>> truth.well.radius, truth.osteoclast_count
    (400.0, 5)
    """
    if um_per_px <= 0:
        raise UsageError(f"um_per_px is {um_per_px}, expected above 0")
    radius = well_diameter_mm * 500 / um_per_px
    side = int(np.ceil(2.25 * radius))
    off = generator(seed, "well place").uniform(-0.03, 0.03, 2) * radius
    well = Circle(float(side / 2 + off[0]), float(side / 2 + off[1]), float(radius))
    specimen = grow(culture, seed=seed, size_px=(side, side), um_per_px=um_per_px, well=well)
    scene = _in_well(_scene(specimen, _WELL_STAIN, um_per_px, seed), well, seed)
    image = photograph(scene, camera, white=TRAP_WHITE, um_per_px=um_per_px, seed=seed)
    return OsteoclastPicture(
        image, _truth(specimen, um_per_px, well), um_per_px, seed, culture, camera
    )


def _truth(specimen: Specimen, um_per_px: float, well: Circle | None) -> OsteoclastTruth:
    return OsteoclastTruth(
        specimen.labels, specimen.cells, specimen.nuclei, specimen.ghosts, um_per_px, well
    )


def _scene(specimen: Specimen, stain: tuple[White, White], um_per_px: float, seed: int) -> Map:
    """Transmission of the stain, of debris and of a thin film of medium, with some glare.

    The stain has a vector where it is pale and one where it is dense.
    """
    rng = generator(seed, "film")
    size = (specimen.od.shape[0], specimen.od.shape[1])
    film = 0.0045 * cloud_noise(rng, size, (1.5 / um_per_px, 6 / um_per_px, 60 / um_per_px), 0.2)
    grain = 0.0025 * smooth_noise(rng, size, 0.8 / um_per_px)
    pale = specimen.od * np.exp(-((specimen.od / _PALE_OD) ** 2))
    clear = transmitted(
        (pale, stain[0]),
        (specimen.od - pale, stain[1]),
        (specimen.debris_od, _DEBRIS_VECTOR),
        (film + grain, (0.577, 0.577, 0.577)),
    )
    return np.asarray(clear * np.float32(1 - _GLARE) + np.float32(_GLARE), dtype=np.float32)


def _in_well(scene: Map, well: Circle, seed: int) -> Map:
    """Meniscus inside; a black rim with reflections and grey plastic outside."""
    size = (scene.shape[0], scene.shape[1])
    rng = generator(seed, "well light")
    distance = well.distance(size)
    y, x = np.indices(size, dtype=np.float32)
    around = np.arctan2(y - well.y, x - well.x) - np.float32(rng.uniform(0, 2 * np.pi))
    side = 0.5 + 0.5 * np.cos(around)
    beyond = (distance - 1) * well.radius
    meniscus = 1 - 0.35 * np.exp(np.minimum(beyond, 0) / 14) - 0.10 * np.clip(distance, 0, 1) ** 6
    meniscus = meniscus + 0.12 * np.exp(-(((beyond + 32) / 10) ** 2)) * side
    width = 35 + 4 * np.cos(2 * around)
    rim = 0.06 + 0.5 * np.exp(-(((beyond - 12) / 2.5) ** 2)) * np.clip(side - 0.75, 0, 1) * 3
    rim = rim + 0.35 * np.exp(-(((beyond - 26) / 1.8) ** 2)) * np.clip(0.25 - side, 0, 1) * 3
    plastic = 0.62 - 0.15 * side + 0.01 * smooth_noise(rng, size, 3.0)
    plastic = plastic - 0.2 * np.exp(-(((beyond - width - 25) / 9) ** 2))
    outside = _blend(np.asarray(plastic), np.asarray(rim), beyond - width)
    inner = scene * meniscus[:, :, None]
    share = np.clip(0.5 - beyond / 2.5, 0, 1)[:, :, None]
    return np.asarray(inner * share + outside[:, :, None] * (1 - share), dtype=np.float32)


def _blend(
    beyond: npt.NDArray[np.float32], within: npt.NDArray[np.float32], edge_px: Map
) -> npt.NDArray[np.float32]:
    share = np.clip(0.5 - edge_px / 4, 0, 1)
    return np.asarray(within * share + beyond * (1 - share), dtype=np.float32)
