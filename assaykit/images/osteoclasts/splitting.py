"""Clumps → cells: cut at necks, join again what was one cell, lift off cells that lie on top.

An outline is first cut wherever its distance map has a saddle. Two pieces are joined again if the
cut is no neck, if one of them is only a process of the other, or if the cut is wide and as dark
as the pieces: the bridge of a bilobed giant, whereas touching cells meet in a paler, narrower line.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Field, Map, Mask, Pixels
from assaykit.images.osteoclasts.nuclei import Spots
from assaykit.images.osteoclasts.outline import disc, label, skirts, smoothed
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

Labels = npt.NDArray[np.int32]

_NECK = (-0.1, 1.1)
_SINGLE_NECK = (-0.4, 1.5)
_NECK_RANGE = (0.35, 0.93)
_SINGLE_SHARE = 3.0
_BODY_SHARE = 0.5
_BODY_DARKNESS = 0.7
_BRIDGE_SHARE = 0.65
_BRIDGE_DARKNESS = 0.85
_SHEET_SHARE = 1.5
_SHEET_DARKNESS = 0.6
_ON_TOP_DARKER = 1.8
_RING_UM = 3.0
_FLANK_SHARE = 0.5
_CRISP_SHARE = 0.55


@dataclass(frozen=True)
class _Pieces:
    """What is known about the pieces while they are joined; index 0 is the background."""

    radius: npt.NDArray[np.float64]
    area: npt.NDArray[np.float64]
    density: npt.NDArray[np.float64]
    nuclei: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Borders:
    """Each pair of neighbouring pieces: the widest place of their border and its density.

    ``radius`` is the depth inside the flanks of dark cells, ``outer`` inside the outline; in µm.
    """

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    radius: npt.NDArray[np.float64]
    outer: npt.NDArray[np.float64]
    density: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Setting:
    """Lengths, the density of dark cells in steps, and whether wide borders may be bridges."""

    params: OsteoclastParameters
    dark: float
    bridges: bool


def split_cells(
    mask: Mask, density: Pixels, spots: Spots, field: Field, params: OsteoclastParameters
) -> Labels:
    """One label per cell.

    Parameters
    ----------
    mask
        Everything stained.
    density
        Density map.
    spots
        Candidate nuclei.
    field, params
        Scale and lengths.
    """
    whole = cut_and_join(mask, density, spots, field, params)
    return lift_off(whole, density, spots, field, params)


def cut_and_join(
    mask: Mask,
    density: Pixels,
    spots: Spots,
    field: Field,
    params: OsteoclastParameters,
    *,
    bridges: bool = True,
) -> Labels:
    """Cut at every saddle and join what belongs together; nothing is lifted off.

    Without ``bridges`` a wide border alone does not join two pieces.
    """
    depth = _depth(mask, density, field.scale.px(1.0))
    pieces = _cut(mask, depth, field.scale.px(1.0))
    outer = np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5))
    known = _measure(pieces, depth, density, spots, field.scale.um)
    borders = _borders(pieces, (depth, outer), density, field.scale.um)
    joined = _join(known, borders, _Setting(params, STEPS * field.dark, bridges))
    return np.asarray(joined[pieces], dtype=np.int32)


def _depth(mask: Mask, density: Pixels, px_per_um: float) -> Map:
    """Distance from the edge, where the edge is half way up the flank of a dark cell."""
    tight = mask & ~skirts(cv2.medianBlur(density, 3), px_per_um, _FLANK_SHARE)
    return np.asarray(cv2.distanceTransform(tight.astype(np.uint8), cv2.DIST_L2, 5))


def _cut(mask: Mask, distance: Map, px_per_um: float) -> Labels:
    """Pieces around the maxima of the distance map; a part with one maximum stays whole."""
    from scipy import ndimage
    from skimage.segmentation import watershed

    _, parts = label(mask)
    smooth = smoothed(distance, max(0.7, 0.8 * px_per_um))
    smooth[~mask] = 0
    highest = cv2.dilate(smooth, disc(max(3.0, 5.0 * px_per_um)))
    peaks = mask & (smooth >= highest) & (distance > 1.5 * px_per_um)
    count, markers = label(peaks)
    y, x = np.nonzero(markers)
    pairs = np.unique(parts[y, x].astype(np.int64) * (count + 1) + markers[y, x])
    several = np.bincount(pairs // (count + 1), minlength=int(parts.max()) + 1) > 1
    result = np.where(mask, parts + count, 0)
    for k, box in enumerate(ndimage.find_objects(parts), start=1):
        if box is not None and several[k]:
            own = parts[box] == k
            heights = -(smooth[box] // 4).astype(np.int32)
            cut = watershed(heights, np.where(own, markers[box], 0), mask=own)
            result[box][cut > 0] = cut[cut > 0]
    return np.asarray(result, dtype=np.int32)


def _join(known: _Pieces, borders: _Borders, setting: _Setting) -> Labels:
    """Join pieces across borders that are no borders of cells, widest first: the new labels."""
    owner = np.arange(len(known.area))
    state = [known.radius.copy(), known.area.copy(), known.density.copy(), known.nuclei.copy()]
    order = np.argsort(-borders.radius, kind="stable")
    changed = True
    while changed:
        changed = False
        for k in order:
            a, b = _root(owner, int(borders.first[k])), _root(owner, int(borders.second[k]))
            if a == b:
                continue
            now = _Pieces(*(values[[a, b]] for values in state))
            ends = [int(borders.first[k]), int(borders.second[k])]
            if _two_singles(known, ends, float(borders.radius[k]), setting):
                continue
            if _same_cell(now, borders, int(k), setting):
                keep, drop = min(a, b), max(a, b)
                _merge(state, keep, drop)
                owner[drop] = keep
                changed = True
    return np.array([_root(owner, k) for k in range(len(owner))], dtype=np.int32)


def _root(owner: npt.NDArray[np.intp], k: int) -> int:
    while owner[k] != k:
        k = int(owner[k])
    return k


def _merge(state: list[npt.NDArray[np.float64]], keep: int, drop: int) -> None:
    radius, area, density, nuclei = state
    radius[keep] = max(radius[keep], radius[drop])
    total = area[keep] + area[drop]
    density[keep] = (density[keep] * area[keep] + density[drop] * area[drop]) / max(total, 1e-9)
    area[keep] = total
    nuclei[keep] += nuclei[drop]


def _same_cell(pair: _Pieces, borders: _Borders, k: int, setting: _Setting) -> bool:
    """Whether the two pieces at a border are one cell."""
    params, dark = setting.params, setting.dark
    if any(_is_process(pair, end, params) for end in (0, 1)):
        return True
    needed = np.clip(_NECK[0] + _NECK[1] * pair.density.mean() / dark, *_NECK_RANGE)
    if borders.radius[k] >= needed * pair.radius.min():
        return True
    if not setting.bridges:
        return False
    width = 2 * borders.outer[k] / params.mononuclear_diameter_um
    bridge = width >= _BRIDGE_SHARE and borders.density[k] >= _BRIDGE_DARKNESS * pair.density.mean()
    sheet = width >= _SHEET_SHARE and borders.density[k] >= _SHEET_DARKNESS * pair.density.min()
    return bool(bridge or sheet)


def _two_singles(known: _Pieces, ends: list[int], neck: float, setting: _Setting) -> bool:
    """Whether both pieces at a border are as large as mononuclear cells, with a neck between.

    Dark cells keep their outlines where they touch, so a shallow neck is enough; in pale
    cytoplasm the outline is ragged, and only a deep one tells.
    """
    params, dark = setting.params, setting.dark
    size = np.pi / 4 * params.mononuclear_diameter_um**2
    area, radius = known.area[ends], known.radius[ends]
    single = bool((area < _SINGLE_SHARE * size).all() and (known.nuclei[ends] <= 1).all())
    body = bool((radius >= _BODY_SHARE * params.mononuclear_diameter_um / 2).all())
    darkness = float(known.density[ends].mean()) / dark
    needed = float(np.clip(_SINGLE_NECK[0] + _SINGLE_NECK[1] * darkness, *_NECK_RANGE))
    return single and body and neck < needed * float(radius.min())


def _is_process(pair: _Pieces, k: int, params: OsteoclastParameters) -> bool:
    """Whether a piece of a pair has no body of its own: no nucleus, and thin, small or paler."""
    if pair.nuclei[k] > 0 or pair.area[k] > pair.area[1 - k]:
        return False
    thin = pair.radius[k] < _BODY_SHARE * params.mononuclear_diameter_um / 2
    small = pair.area[k] < params.min_cell_area_um2
    return bool(thin or small or pair.density[k] < _BODY_DARKNESS * pair.density[1 - k])


def _measure(pieces: Labels, distance: Map, density: Pixels, spots: Spots, um: float) -> _Pieces:
    count = int(pieces.max()) + 1
    y, x = np.nonzero(pieces)
    which = pieces[y, x]
    area = np.bincount(which, minlength=count).astype(np.float64)
    total = np.bincount(which, weights=density[y, x], minlength=count)
    radius = np.zeros(count)
    np.maximum.at(radius, which, distance[y, x].astype(np.float64))
    nuclei = np.bincount(pieces[spots.y, spots.x], minlength=count).astype(np.float64)
    return _Pieces(radius * um, area * um**2, total / np.maximum(area, 1.0), nuclei)


def _borders(pieces: Labels, depths: tuple[Map, Map], density: Pixels, um: float) -> _Borders:
    """Neighbouring pieces, from pixel pairs side by side and one above the other."""
    found = [_pairs(pieces, depths, density, axis) for axis in (0, 1)]
    low, high, *values = (np.concatenate(column) for column in zip(*found, strict=True))
    size = int(pieces.max()) + 1
    pair, place = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
    place = place.ravel()
    radius, outer = np.zeros(len(pair)), np.zeros(len(pair))
    np.maximum.at(radius, place, values[0])
    np.maximum.at(outer, place, values[1])
    length = np.maximum(np.bincount(place, minlength=len(pair)), 1)
    dark = np.bincount(place, weights=values[2], minlength=len(pair)) / length
    return _Borders(pair // size, pair % size, radius * um, outer * um, dark)


def _pairs(
    pieces: Labels, depths: tuple[Map, Map], density: Pixels, axis: int
) -> tuple[npt.NDArray[np.generic], ...]:
    """Both labels of each pair of pixels at a border, the greater depths and the mean density."""
    here, there = (np.s_[:-1], np.s_[1:]) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
    one, other = pieces[here], pieces[there]
    y, x = np.nonzero((one != other) & (one > 0) & (other > 0))
    first, second = one[y, x], other[y, x]
    greater = [
        np.maximum(depth[here][y, x], depth[there][y, x]).astype(np.float64) for depth in depths
    ]
    dark = (density[here][y, x].astype(np.float64) + density[there][y, x]) / 2
    return np.minimum(first, second), np.maximum(first, second), *greater, dark


def lift_off(
    cells: Labels, density: Pixels, spots: Spots, field: Field, params: OsteoclastParameters
) -> Labels:
    """Give dark, crisp cells that lie on (or beside) a pale one their own label.

    It must be much darker than the cell around it, and a nucleus must remain outside it: the dark
    middle of a cell with one nucleus is that cell.
    """
    known = _measure(cells, np.zeros(cells.shape, np.float32), density, spots, field.scale.um)
    level = np.minimum(_ON_TOP_DARKER * known.density, 254.0)
    dark = (cells > 0) & (density > level[cells])
    opened = cv2.morphologyEx(
        dark.astype(np.uint8),
        cv2.MORPH_OPEN,
        disc(field.scale.px(0.5 * params.mononuclear_diameter_um)),
    )
    _, blobs, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    inside = np.bincount(blobs[spots.y, spots.x], minlength=len(stats))
    least = 0.4 * np.pi / 4 * params.mononuclear_diameter_um**2
    result = cells.copy()
    fresh = int(cells.max()) + 1
    for k in range(1, len(stats)):
        window = _window(stats[k], round(field.scale.px(_RING_UM)), cells.shape)
        blob = blobs[window] == k
        owner = int(cells[window][blob][0])
        size = float(stats[k, cv2.CC_STAT_AREA]) * field.scale.um**2
        if size < least or 1.5 * size > known.area[owner] or inside[k] >= known.nuclei[owner]:
            continue
        if _is_crisp(blob, cells[window] == owner, density[window], field.scale.px(_RING_UM)):
            result[window][blob] = fresh
            fresh += 1
    return result


def _window(box: npt.NDArray[np.int32], margin: int, shape: tuple[int, int]) -> tuple[slice, slice]:
    """A component's box with a margin, within the picture."""
    left, top, width, height = (int(value) for value in box[:4])
    rows = slice(max(0, top - margin), min(shape[0], top + height + margin))
    return rows, slice(max(0, left - margin), min(shape[1], left + width + margin))


def _is_crisp(blob: Mask, owner: Mask, density: Pixels, reach: float) -> bool:
    """Whether the density falls to half within a few µm around a blob, as it does around a cell."""
    wide = cv2.dilate(blob.astype(np.uint8), disc(2 * reach + 1)) > 0
    near = cv2.dilate(blob.astype(np.uint8), disc(reach + 1)) > 0
    around = wide & ~near & owner
    if np.count_nonzero(around) < 4:
        return False
    rim = blob & (cv2.erode(blob.astype(np.uint8), disc(reach + 1)) == 0)
    return bool(density[around].mean() < _CRISP_SHARE * density[rim].mean())
