"""From the shape of one TRAP-positive cell to optical densities and its outline in pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assaykit.simulate.texture import Map, smooth_noise
from assaykit.simulate.trap_cells import Array, Cell

Mask = npt.NDArray[np.bool_]

_SEEN_FROM = 0.15  # share of the fading edge that is too pale to belong to the cell
_RIM_UM, _RIM_OD = 0.6, 0.3
_NUCLEOLUS_UM, _NUCLEOLUS_OD = 0.9, 0.16


@dataclass(frozen=True, eq=False)
class Patch:
    """A drawn cell and its place in the picture.

    Parameters
    ----------
    top, left
        Row and column of its first pixel; may lie outside the picture.
    od
        |OD| along the vector of the stain.
    outline
        Which pixels belong to the cell: body and arms, neither filopodia nor fibres.
    """

    top: int
    left: int
    od: Map
    outline: Mask

    def within(self, size_px: tuple[int, int]) -> tuple[slice, slice, Patch]:
        """The rows and columns of a picture that the patch covers, and that part of it."""
        height, width = self.od.shape
        top, left = max(self.top, 0), max(self.left, 0)
        bottom = max(min(self.top + height, size_px[0]), top)
        right = max(min(self.left + width, size_px[1]), left)
        rows = slice(top - self.top, bottom - self.top)
        columns = slice(left - self.left, right - self.left)
        part = Patch(top, left, self.od[rows, columns], self.outline[rows, columns])
        return slice(top, bottom), slice(left, right), part


def draw_cell(
    cell: Cell, place_um: tuple[float, float], um_per_px: float, rng: np.random.Generator
) -> Patch:
    """Draw a cell at a place.

    Parameters
    ----------
    cell
        Its shape.
    place_um
        Middle of the cell ``(x, y)`` in the picture, in µm.
    um_per_px
        Scale.
    rng
        Source of the unevenness of outline and cytoplasm.

    Examples
    --------
    >>> from assaykit.simulate.trap_cells import round_cell
    >>> rng = np.random.default_rng(1)
    >>> patch = draw_cell(round_cell(rng), (30.0, 20.0), 0.76, rng)
    >>> bool(60 < patch.outline.sum() * 0.76**2 < 160)
    True
    """
    reach = int(np.ceil(cell.reach_um / um_per_px)) + 2
    column, row = (int(np.floor(place / um_per_px)) for place in place_um)
    size = (2 * reach + 1, 2 * reach + 1)
    rows, columns = np.indices(size, dtype=np.float32)
    x = (columns + np.float32(column - reach + 0.5)) * np.float32(um_per_px) - place_um[0]
    y = (rows + np.float32(row - reach + 0.5)) * np.float32(um_per_px) - place_um[1]
    x, y = x.astype(np.float32), y.astype(np.float32)
    fine = smooth_noise(rng, size, 0.9 / um_per_px)
    coarse = smooth_noise(rng, size, 3.5 / um_per_px)
    outside = _distance_to_limbs(x, y, cell.limbs)
    uneven = np.float32(0.45) * fine + np.float32(0.75) * coarse
    outside = np.asarray(outside + np.float32(cell.roughness_um) * uneven, dtype=np.float32)
    nearest = _distance_to_nuclei(x, y, cell.nuclei)
    outside = np.minimum(outside, nearest - 1)  # every nucleus lies within its cell
    mottle = 0.75 * fine + 0.4 * coarse
    od = _cytoplasm(cell, nearest, outside, mottle)
    od = _with_rounds(od, cell, x, y, rng)
    fade = cell.fade_um * np.clip(0.7 + 0.9 * coarse, 0, 2) * np.clip(nearest / 6, 0, 1)
    soft = np.clip(0.5 - outside / np.maximum(1.4, um_per_px), 0, 1)
    soft = soft * np.clip(-outside / np.maximum(fade, 1e-3), 0, 1) ** 0.7
    od = np.maximum(od * soft, _hair_od(cell, x, y, um_per_px))
    outline = outside < -_SEEN_FROM * fade
    return Patch(row - reach, column - reach, od.astype(np.float32), outline)


def _distance_to_limbs(x: Map, y: Map, limbs: Array) -> Map:
    """Distance to the nearest limb in µm, negative inside."""
    joint = np.float32(np.clip(0.3 * limbs[:, [2, 5]].max(), 2.0, 9.0))
    nearest = arm = np.full(x.shape, 1e6, dtype=np.float32)
    end = np.full(2, np.inf)
    for limb in limbs:
        x0, y0, r0, x1, y1, r1 = limb.astype(np.float32)
        dx, dy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy + 1e-6), 0, 1)
        distance = np.hypot(x - x0 - share * dx, y - y0 - share * dy) - (r0 + share * (r1 - r0))
        if np.array_equal(limb[:2], end):
            arm = np.minimum(arm, distance)
        else:
            nearest, arm = _joined(nearest, arm, joint), distance
        end = limb[3:5]
    return _joined(nearest, arm, joint)


def _joined(one: Map, other: Map, joint: np.float32) -> Map:
    """The smaller of two distances, with a rounded joint where they are alike."""
    bend = np.clip(joint - np.abs(one - other), 0, None)
    return np.asarray(np.minimum(one, other) - bend * bend / (4 * joint), dtype=np.float32)


def _distance_to_nuclei(x: Map, y: Map, nuclei: Array) -> Map:
    """Distance to the edge of the nearest nucleus in µm, negative inside."""
    nearest = np.full(x.shape, 1e6, dtype=np.float32)
    for nucleus_x, nucleus_y, radius in nuclei.astype(np.float32):
        nearest = np.minimum(nearest, np.hypot(x - nucleus_x, y - nucleus_y) - radius)
    return nearest


def _cytoplasm(cell: Cell, nearest: Map, outside: Map, mottle: Map) -> Map:
    """|OD| of the cytoplasm: dense around the nuclei, paler away from them, ruffled edge."""
    depth = np.maximum(-outside, 0)
    if cell.hollow_um:
        zone = np.exp(-((depth / cell.hollow_um) ** 2))
    else:
        zone = np.exp(-((np.maximum(nearest, 0) / cell.zone_um) ** 1.3))
    od = cell.margin_od + (cell.dense_od - cell.margin_od) * zone
    smooth = 1 - 0.75 * np.clip(0.5 - nearest, 0, 1)  # nuclei are more even than cytoplasm
    od = od * np.clip(1 + cell.mottling * smooth * mottle, 0.25, None)
    ruffle = np.exp(-((depth / 1.6) ** 2)) * np.clip(0.8 + 0.8 * mottle, 0, None)
    return (od + cell.ruffle_od * ruffle).astype(np.float32)


def _with_rounds(od: Map, cell: Cell, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """Nuclei, lighter with a thin dark rim and often a nucleolus, and vacuoles."""
    for centre_x, centre_y, radius in cell.nuclei:
        turn, aspect = rng.uniform(0, np.pi), rng.uniform(0.8, 1.0)
        contrast = cell.nucleus_contrast * rng.uniform(0.45, 1.15)
        dx, dy = x - np.float32(centre_x), y - np.float32(centre_y)
        along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        distance = np.hypot(along * aspect, across / aspect)
        rim = _RIM_OD * rng.uniform(0.2, 1.2)
        od = _round(od, distance, radius, contrast, rim)
        for _ in range(int(rng.integers(0, 3))):
            shift_x, shift_y = rng.uniform(-0.4, 0.4, 2) * radius
            spot = (np.hypot(dx - shift_x, dy - shift_y) / _NUCLEOLUS_UM) ** 2
            od = od + np.float32(_NUCLEOLUS_OD * rng.uniform(0.5, 1.2)) * np.exp(-spot)
    for centre_x, centre_y, radius in cell.vacuoles:
        distance = np.hypot(x - np.float32(centre_x), y - np.float32(centre_y))
        od = _round(od, distance, radius, rng.uniform(0.3, 0.75), rng.uniform(0.02, 0.14))
    return od.astype(np.float32)


def _round(od: Map, distance: Map, radius: float, contrast: float, rim_od: float) -> Map:
    inside = np.clip((radius - distance) / 0.9 + 0.5, 0, 1)
    rim = np.exp(-(((distance - radius) / _RIM_UM) ** 2))
    return np.asarray(od * (1 - contrast * inside) + rim_od * rim, dtype=np.float32)


def _hair_od(cell: Cell, x: Map, y: Map, um_per_px: float) -> Map:
    """|OD| of filopodia: about 1 µm wide, fading towards their ends."""
    od = np.zeros(x.shape, dtype=np.float32)
    width = max(0.55, 0.6 * um_per_px)
    for x0, y0, x1, y1 in cell.hairs.astype(np.float32):
        dx, dy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy + 1e-6), 0, 1)
        distance = np.hypot(x - x0 - share * dx, y - y0 - share * dy) / width
        strength = 0.55 * cell.margin_od * 0.55 / width + 0.06
        od = np.maximum(od, strength * (1.1 - share) * np.exp(-(distance**2)))
    return od
