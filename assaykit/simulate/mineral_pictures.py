"""Pictures of cultures stained with Alizarin red, with the bound dye of every pixel known.

::

    directions of the cells → clouds or nodules along them → their level gives the wanted fraction
        → bound dye in OD (the truth) → + unstained cell layer → transmission → camera

Colours, optical densities, the relief of the cell layer and the softness of the clouds follow
ten brightfield fields (4× objective) of osteoblast cultures. Softness was compared as the median
gradient of OD under a Gaussian filter of 4 px, 0.10 above the field: 0.0025 per px in the real
pictures, 0.0029 in simulated ones; 0.20 above it, 0.0034 and 0.0024.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError
from assaykit.simulate.camera import Camera, Circle, Pixels, White, photograph, transmitted
from assaykit.simulate.randomness import generator
from assaykit.simulate.texture import (
    Map,
    blurred,
    cloud_noise,
    directions,
    smear,
    smooth_noise,
    standardised,
    towards,
    woven,
)

Mask = npt.NDArray[np.bool_]

MASK_LEVEL_OD = 0.10
"""Bound dye above this is mineral."""
NODULE_AREA_UM2 = 2000.0
"""Connected mineral of this area or more is a nodule."""
ALIZARIN_WHITE: White = (226.0, 229.0, 242.0)
"""Grey levels of the empty light path."""

_DYE = np.array([0.33, 0.67, 0.66])
_DYE_VECTOR: White = tuple((_DYE / np.linalg.norm(_DYE)).tolist())
_LAYER_VECTOR: White = (0.36, 0.74, 0.57)
_RELIEF_VECTOR: White = (0.48, 0.76, 0.27)
_MINERAL_RELIEF_VECTOR: White = (0.46, 0.68, 0.56)
_BLUE_RELIEF: White = (0.0, 0.0, 1.0)
_CLOUD_SIGMAS_UM = (25.0, 50.0, 100.0, 200.0, 400.0)
_RELIEF_SCALE_UM = 5.0
_CELL_UM = (8.0, 70.0)


@dataclass(frozen=True)
class MineralCulture:
    """How the stained culture looks, apart from how much mineral it has.

    Parameters
    ----------
    pattern
        ``clouds``: diffuse, without a crisp edge; ``nodules``: compact and separate.
    nodule_radius_um
        Median radius of compact nodules.
    od_per_sd
        Steepness of the clouds: how fast the OD of bound dye rises with the cloud field where it
        crosses the level of the mask. Nodules are four times as steep.
    peak_od
        Bound dye that the densest places approach.
    layer_od
        |OD| of the unstained cell layer.
    relief_od
        Standard deviation of the OD of the cell layer's relief at 5 µm/px; it is higher where
        there is mineral, and lower in finer pictures.
    fibre_contrast
        Share of the bound dye that follows single fibres.

    Raises
    ------
    UsageError
        The pattern is not known, or a number is out of range.

    Examples
    --------
    >>> MineralCulture().pattern
    'clouds'
    """

    pattern: str = "clouds"
    nodule_radius_um: float = 60.0
    od_per_sd: float = 0.085
    peak_od: float = 0.50
    layer_od: float = 0.09
    relief_od: float = 0.048
    fibre_contrast: float = 0.3

    def __post_init__(self) -> None:
        if self.pattern not in ("clouds", "nodules"):
            raise UsageError(f"pattern is '{self.pattern}', expected 'clouds' or 'nodules'")
        if self.peak_od <= MASK_LEVEL_OD or self.od_per_sd <= 0 or self.nodule_radius_um <= 0:
            message = f"peak_od must exceed {MASK_LEVEL_OD}; od_per_sd and radius must exceed 0"
            raise UsageError(message)


@dataclass(frozen=True, eq=False)
class MineralTruth:
    """What is true of a picture before any optics.

    Parameters
    ----------
    dye_od
        ``(height, width)``: |OD| of bound dye along the vector of mineral.
    mineral_mask
        Where ``dye_od`` exceeds :data:`MASK_LEVEL_OD`.
    mineralized_area_fraction
        Share of the field, or of the inside of the well, that is mineral.
    integrated_od
        Sum of the bound dye over the mineral, OD times area in µm².
    nodule_areas_um2
        Areas of the connected parts of the mask (8 neighbours) of at least
        :data:`NODULE_AREA_UM2`, the largest first.
    um_per_px
        Scale.
    well
        The inside of the well; none for a field.
    """

    dye_od: Map
    mineral_mask: Mask
    mineralized_area_fraction: float
    integrated_od: float
    nodule_areas_um2: tuple[float, ...]
    um_per_px: float
    well: Circle | None = None

    @property
    def nodule_count(self) -> int:
        """Number of nodules."""
        return len(self.nodule_areas_um2)


@dataclass(frozen=True, eq=False)
class MineralPicture:
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
    truth: MineralTruth
    um_per_px: float
    seed: int
    culture: MineralCulture
    camera: Camera


def mineral_field(
    mineral_fraction: float,
    *,
    seed: int,
    size_px: tuple[int, int] = (768, 1024),
    um_per_px: float = 5.0,
    culture: MineralCulture = MineralCulture(),
    camera: Camera = Camera(),  # noqa: B008 (frozen)
) -> MineralPicture:
    """A microscope field of a culture stained with Alizarin red.

    Parameters
    ----------
    mineral_fraction
        Share of the field that is mineral, 0 to 0.9; met to the nearest pixel.
    seed
        The same seed gives the same picture. Camera and mineral fraction do not change where
        cells and clouds lie.
    size_px
        Height and width.
    um_per_px
        Scale.
    culture, camera
        How it looks and how it is photographed.

    Raises
    ------
    UsageError
        The fraction is not within 0 to 0.9.

    Examples
    --------
    >>> picture = mineral_field(0.25, seed=1, size_px=(80, 100))
    >>> picture.image.shape, picture.truth.mineralized_area_fraction
    ((80, 100, 3), 0.25)
    """
    inside = np.ones(size_px, dtype=bool)
    dye, angle = _dye(mineral_fraction, inside, um_per_px, culture, seed)
    scene = _culture_scene(dye, angle, um_per_px, culture, seed)
    image = photograph(scene, camera, white=ALIZARIN_WHITE, um_per_px=um_per_px, seed=seed)
    truth = _truth(dye, inside, um_per_px, None)
    return MineralPicture(image, truth, um_per_px, seed, culture, camera)


def mineral_well(
    mineral_fraction: float,
    *,
    seed: int,
    well_diameter_mm: float = 15.6,
    um_per_px: float = 10.0,
    culture: MineralCulture = MineralCulture(),
    camera: Camera = Camera(),  # noqa: B008 (frozen)
) -> MineralPicture:
    """A picture of a whole round well with its wall, its surroundings and a ring of light.

    Parameters
    ----------
    mineral_fraction
        Share of the inside of the well that is mineral, 0 to 0.9; met to the nearest pixel.
    seed
        The same seed gives the same picture.
    well_diameter_mm
        Inner diameter: 34.8 (6 wells), 22.1 (12 wells), 15.6 (24 wells).
    um_per_px
        Scale; usual 5 to 10.
    culture, camera
        As for :func:`mineral_field`.

    Raises
    ------
    UsageError
        The fraction is not within 0 to 0.9.

    Examples
    --------
    >>> picture = mineral_well(0.2, seed=1, um_per_px=60.0)
    >>> round(picture.truth.mineralized_area_fraction, 3), picture.truth.well.radius
    (0.2, 130.0)
    """
    radius = well_diameter_mm * 500 / um_per_px
    side = int(np.ceil(radius * 2.36))
    off = generator(seed, "well place").uniform(-0.03, 0.03, 2) * radius
    well = Circle(float(side / 2 + off[0]), float(side / 2 + off[1]), float(radius))
    distance = well.distance((side, side))
    inside = distance < 1
    dye, angle = _dye(mineral_fraction, inside, um_per_px, culture, seed)
    scene = _culture_scene(dye, angle, um_per_px, culture, seed)
    scene = _in_well(scene, distance, well, seed)
    image = photograph(scene, camera, white=ALIZARIN_WHITE, um_per_px=um_per_px, seed=seed)
    truth = _truth(dye, inside, um_per_px, well)
    return MineralPicture(image, truth, um_per_px, seed, culture, camera)


def _dye(
    fraction: float, inside: Mask, um_per_px: float, culture: MineralCulture, seed: int
) -> tuple[Map, Map]:
    """Bound dye in OD, zero outside, and the directions of the cells."""
    if not 0 <= fraction <= 0.9:
        raise UsageError(f"mineral_fraction is {fraction}, expected 0 to 0.9")
    size = (inside.shape[0], inside.shape[1])
    rng = generator(seed, "culture")
    angle = directions(rng, size, 400 / um_per_px, 0.40)
    area_mm2 = size[0] * size[1] * um_per_px**2 / 1e6
    knots = rng.uniform(0, 1, (max(rng.poisson(0.5 * area_mm2), 1), 3))
    knots *= (size[1], size[0], 0.6)
    angle = towards(angle, knots, 170 / um_per_px)
    if culture.pattern == "clouds":
        field = _clouds(angle, knots, um_per_px, culture, seed)
        steepness = culture.od_per_sd
    else:
        field = _nodules(fraction, angle, um_per_px, culture, seed)
        steepness = 4 * culture.od_per_sd
    excess, mineral = _above_level(field, fraction, inside, seed)
    return _as_od(excess, mineral & inside, steepness, culture.peak_od) * inside, angle


def _clouds(
    angle: Map,
    knots: npt.NDArray[np.float64],
    um_per_px: float,
    culture: MineralCulture,
    seed: int,
) -> Map:
    """Noise of many scales drawn out along the cells, dense knots, round clearings, fibres."""
    rng = generator(seed, "clouds")
    size = (angle.shape[0], angle.shape[1])
    sigmas = tuple(s / um_per_px for s in _CLOUD_SIGMAS_UM)
    field = standardised(smear(cloud_noise(rng, size, sigmas, 0.75), angle, 160 / um_per_px))
    for place in knots:
        field += rng.uniform(0.8, 2.2) * _spot(size, place[:2], rng.uniform(50, 190) / um_per_px)
    for _ in range(rng.poisson(len(knots) / 2)):
        place = rng.uniform(0, 1, 2) * size[::-1]
        field -= rng.uniform(0.8, 2.2) * _spot(size, place, rng.uniform(100, 250) / um_per_px)
    grains = smooth_noise(rng, size, 7 / um_per_px)
    fibres = standardised(smear(grains, angle, 150 / um_per_px))
    return (field + np.float32(culture.fibre_contrast) * fibres).astype(np.float32)


def _spot(size: tuple[int, int], place: npt.NDArray[np.float64], sigma: float) -> Map:
    y = np.exp(-(((np.arange(size[0]) - place[1]) / sigma) ** 2) / 2)
    x = np.exp(-(((np.arange(size[1]) - place[0]) / sigma) ** 2) / 2)
    return np.outer(y, x).astype(np.float32)


def _nodules(
    fraction: float, angle: Map, um_per_px: float, culture: MineralCulture, seed: int
) -> Map:
    """Separate round patches: their number would give about the wanted fraction.

    The field is 1 − r/R of the nearest nodule on a bed of weak noise.
    """
    rng = generator(seed, "nodules")
    size = (angle.shape[0], angle.shape[1])
    spread = 0.45
    mean_area = np.pi * (culture.nodule_radius_um / um_per_px) ** 2 * np.exp(2 * spread**2)
    count = max(round(-np.log1p(-fraction) * angle.size / mean_area), 1)
    field = np.full(size, -2.0, dtype=np.float32)
    uneven = 0.25 * cloud_noise(rng, size, (6 / um_per_px, 20 / um_per_px, 40 / um_per_px), 0.3)
    for _ in range(count):
        radius = culture.nodule_radius_um / um_per_px * rng.lognormal(0, spread)
        shape = (rng.uniform(0.75, 1.0), rng.uniform(0, np.pi))
        _raise(field, rng.uniform(0, 1, 2) * size[::-1], radius, shape)
    return (field + uneven).astype(np.float32)


def _raise(
    field: Map, place: npt.NDArray[np.float64], radius: float, shape: tuple[float, float]
) -> None:
    """Lift a field to 1 − r/R around a place; the ellipse has an aspect and an angle."""
    aspect, turn = shape
    reach = int(np.ceil(3 * radius)) + 1
    top, left = max(int(place[1]) - reach, 0), max(int(place[0]) - reach, 0)
    part = field[top : int(place[1]) + reach, left : int(place[0]) + reach]
    y, x = np.indices(part.shape, dtype=np.float32)
    x, y = x + np.float32(left - place[0]), y + np.float32(top - place[1])
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    distance = np.hypot(along * aspect, across / aspect)
    np.maximum(part, 1 - distance / radius, out=part, casting="same_kind")


def _above_level(
    field: Map, fraction: float, inside: Mask, seed: int
) -> tuple[npt.NDArray[np.float64], Mask]:
    """How far the field is above the level that exactly the wanted share exceeds."""
    tie_break = generator(seed, "ties").uniform(0, 1e-7, field.shape)
    exact = field.astype(np.float64) + tie_break
    ordered = np.sort(exact[inside])
    count = round(fraction * ordered.size)
    if count == 0:
        level = ordered[-1] + 3.0
    else:
        level = ordered[ordered.size - count - 1 : ordered.size - count + 1].mean()
    return exact - level, exact > level


def _as_od(excess: npt.NDArray[np.float64], mineral: Mask, steepness: float, peak_od: float) -> Map:
    """Bound dye that rises smoothly through the level of the mask towards the peak."""
    room = peak_od - MASK_LEVEL_OD
    slope = steepness * excess
    above = MASK_LEVEL_OD + room * -np.expm1(-np.maximum(slope, 0) / room)
    below = MASK_LEVEL_OD * np.exp(np.minimum(slope, 0) / MASK_LEVEL_OD)
    dye = np.where(mineral, above, below).astype(np.float32)
    level = np.float32(MASK_LEVEL_OD)
    least = np.nextafter(level, np.float32(1))
    return np.where(mineral, np.maximum(dye, least), np.minimum(dye, level)).astype(np.float32)


def _culture_scene(
    dye: Map, angle: Map, um_per_px: float, culture: MineralCulture, seed: int
) -> Map:
    """Transmission of bound dye on a layer of cells with relief."""
    rng = generator(seed, "cell layer")
    size = (dye.shape[0], dye.shape[1])
    thickness = cloud_noise(rng, size, (120 / um_per_px, 500 / um_per_px), 0.5)
    relief = woven(rng, angle, _CELL_UM[0] / um_per_px, _CELL_UM[1] / um_per_px)
    around = blurred(dye, max(30 / um_per_px, 0.5))
    relief = np.clip(relief + 0.18 * (relief * relief - 1), -3, 4)
    mature = min(float(around.mean()) / 0.05, 1.0)
    resolved = min(um_per_px / _RELIEF_SCALE_UM, 1.0) ** 0.7
    strength = resolved * culture.relief_od * np.exp(0.22 * thickness) * relief
    layer = culture.layer_od * np.clip(1 + 0.22 * thickness, 0.3, None)
    blue = smooth_noise(rng, size, 2 / um_per_px)
    return transmitted(
        (dye, _DYE_VECTOR),
        (layer, _LAYER_VECTOR),
        ((1 + 0.75 * mature) * strength, _RELIEF_VECTOR),
        (3.5 * around * strength, _MINERAL_RELIEF_VECTOR),
        (0.10 * culture.relief_od * blue, _BLUE_RELIEF),
    )


def _in_well(scene: Map, distance: Map, well: Circle, seed: int) -> Map:
    """Put a culture into a well: meniscus inside, wall and dark surroundings outside."""
    rng = generator(seed, "well light")
    y, x = np.indices(distance.shape, dtype=np.float32)
    around = np.arctan2(y - well.y, x - well.x)
    side = 0.5 + 0.5 * np.cos(around - rng.uniform(0, 2 * np.pi))
    edge = 1 - distance
    meniscus = 1 + 0.10 * np.exp(-(((edge - 0.055) / 0.022) ** 2)) * (0.4 + side)
    meniscus *= 1 - 0.45 * np.exp(-np.maximum(edge, 0) / 0.02) * (1.1 - 0.5 * side)
    meniscus *= 1 - 0.06 * np.clip(distance, 0, 1) ** 3
    wall = 0.10 + 0.35 * np.exp(-(((distance - 1.035) / 0.010) ** 2)) * side**2
    wall += 0.22 * np.exp(-(((distance - 1.10) / 0.018) ** 2)) * (1 - side)
    wall += 0.10 * np.exp(-(((distance - 1.075) / 0.006) ** 2))
    wall += 0.05 * np.exp(-(((distance - 1.17) / 0.03) ** 2))
    inner = scene * meniscus[:, :, None]
    softness = np.clip((1.002 - distance) * well.radius / 2, 0, 1)[:, :, None]
    return np.asarray(inner * softness + wall[:, :, None] * (1 - softness), dtype=np.float32)


def _truth(dye: Map, inside: Mask, um_per_px: float, well: Circle | None) -> MineralTruth:
    mask = dye > np.float32(MASK_LEVEL_OD)
    pixel_um2 = um_per_px**2
    _, _, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = np.sort(parts[1:, cv2.CC_STAT_AREA] * pixel_um2)[::-1]
    return MineralTruth(
        dye_od=dye,
        mineral_mask=mask,
        mineralized_area_fraction=float(mask.sum() / inside.sum()),
        integrated_od=float(dye[mask].sum(dtype=np.float64) * pixel_um2),
        nodule_areas_um2=tuple(float(a) for a in areas if a >= NODULE_AREA_UM2),
        um_per_px=um_per_px,
        well=well,
    )
