"""The exact place and size of every well, once it is known roughly where they are.

Around the place that the lattice foretells, edges vote for centre and radius of each well. The
radius in pitches is the same for all wells of a plate; wells that are hard to see take the place
and the size that the others give them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.well_candidates import Bytes, Edges, edges_of
from assaykit.images.well_lattice import Points, fit_transform, project

PITCH_PX = 100.0
_SPREAD = 0.05  # how far makers' ratios of radius and pitch lie from the usual one, as a logarithm
_SHIFT = 20  # how far a well is looked for, in px of a pitch of 100
_WANDER = 8.0  # standard deviation of a well's shift, in the same px
_ZOOMS = (1.0, 0.985, 1.015, 0.97, 0.955)  # bottoms lie deeper than rims and seem closer
_CLEAR = 0.3


@dataclass(frozen=True, eq=False)
class Circles:
    """The wells of a plate in px of the picture that was given.

    Parameters
    ----------
    centres
        ``(wells, 2)``: x and y, row by row.
    radius
        Radius of every well.
    support
        Share of each well's edge that was seen.
    """

    centres: Points
    radius: Points
    support: Points


def fit_circles(
    image: Bytes, transform: Points, shape: tuple[int, int], usual_ratio: float
) -> Circles:
    """Centre and radius of every well of a lattice.

    Parameters
    ----------
    image
        The whole picture, grey or RGB.
    transform
        From (column, row) to (x, y) in px of this picture.
    shape
        Rows and columns.
    usual_ratio
        Radius of a well in pitches, as it is usual for the format.
    """
    places = np.array([(c, r) for r in range(shape[0]) for c in range(shape[1])], float)
    scale = min(1.0, PITCH_PX / float(np.median(_local_pitch(transform, places))))
    edges = edges_of(_reduced(image, scale))
    scaled = _scaling(scale) @ transform
    ratios = usual_ratio * np.exp(np.arange(-0.2, 0.2001, 0.02))
    centres = project(scaled, places)
    volume = _votes(edges, centres, np.outer(_local_pitch(scaled, places), ratios))
    scaled = _moved(volume, ratios, usual_ratio, scaled, centres)
    for wander in (_WANDER, 0.6 * _WANDER):
        centres = project(scaled, places)
        volume = _votes(edges, centres, np.outer(_local_pitch(scaled, places), ratios))
        ratio, shift, support = _common_ratio(volume, ratios, usual_ratio, wander)
        scaled = _refitted(scaled, places, centres + shift, support)
    pitch = _local_pitch(scaled, places)
    best = _trusted(centres + shift, project(scaled, places), support, pitch)
    back = np.asarray(np.linalg.inv(_scaling(scale)), float)
    return Circles(project(back, best), ratio * pitch / scale, support)


def _scaling(scale: float) -> Points:
    """From px of the picture to px of the reduced one, which counts from centres of pixels."""
    middle = 0.5 * scale - 0.5
    return np.array([[scale, 0, middle], [0, scale, middle], [0, 0, 1]])


def _refitted(transform: Points, places: Points, seen: Points, support: Points) -> Points:
    """The transform through the wells that are clear; as it was, if they are too few."""
    clear = support > min(_CLEAR, float(np.median(support)))
    if clear.sum() < max(4, 0.4 * len(places)):
        return transform
    slant = bool(np.ptp(places, axis=0).min() >= 2)
    return fit_transform(places[clear], seen[clear], slant)


def _trusted(seen: Points, foretold: Points, support: Points, pitch: Points) -> Points:
    """Each well where it is seen, if that is clear and near; else where the lattice has it."""
    off = np.linalg.norm(seen - foretold, axis=1) / pitch
    weight = np.where((support > _CLEAR) & (off < 0.08), 0.7, 0.0)[:, None]
    return np.asarray(weight * seen + (1 - weight) * foretold)


def _reduced(image: Bytes, scale: float) -> Bytes:
    if scale == 1.0:
        return image
    return np.asarray(
        cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def _local_pitch(transform: Points, places: Points) -> Points:
    """Distance between neighbours at every place, as the root of the area of a lattice cell."""
    right, below = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    across = project(transform, places + right) - project(transform, places - right)
    down = project(transform, places + below) - project(transform, places - below)
    cell = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    return np.asarray(np.sqrt(np.abs(cell)))


def _votes(edges: Edges, centres: Points, radii: Points) -> npt.NDArray[np.float32]:
    """Support ``(well, radius, y, x)`` of every circle near every foretold centre."""
    side = 2 * _SHIFT + 1
    volume = np.zeros((*radii.shape, side, side), np.float32)
    order = np.argsort(edges.y, kind="stable")
    rows = edges.y[order]
    for well, centre in enumerate(centres):
        reach = float(radii[well].max()) + _SHIFT + 1
        band = order[
            np.searchsorted(rows, centre[1] - reach) : np.searchsorted(rows, centre[1] + reach)
        ]
        near = band[np.abs(edges.x[band] - centre[0]) <= reach]
        x, y = edges.x[near] - centre[0], edges.y[near] - centre[1]
        away = np.hypot(x, y) + 1e-6
        inward = (x * edges.normal_x[near] + y * edges.normal_y[near]) / away
        facing = np.abs(inward) > 0.8
        sign = -np.sign(inward[facing])
        steps = np.stack([sign * edges.normal_x[near][facing], sign * edges.normal_y[near][facing]])
        volume[well] = _volume(x[facing], y[facing], steps, edges.weight[near][facing], radii[well])
    return volume


def _volume(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    steps: Points,
    weight: npt.NDArray[np.float32],
    radii: Points,
) -> npt.NDArray[np.float32]:
    """Votes of the edges around one well, for all radii."""
    side = 2 * _SHIFT + 1
    found = np.zeros((len(radii), side, side), np.float32)
    for number, radius in enumerate(radii):
        columns = np.rint(x + radius * steps[0]).astype(np.int64) + _SHIFT
        rows = np.rint(y + radius * steps[1]).astype(np.int64) + _SHIFT
        inside = (columns >= 0) & (rows >= 0) & (columns < side) & (rows < side)
        places = rows[inside] * side + columns[inside]
        votes = np.bincount(places, weight[inside], minlength=side * side).reshape(side, side)
        width = 2 * round(0.05 * radius) + 1
        summed = cv2.boxFilter(
            votes, -1, (width, width), normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        found[number] = summed / (2 * np.pi * radius)
    return found


def _moved(
    volume: npt.NDArray[np.float32],
    ratios: Points,
    usual: float,
    transform: Points,
    centres: Points,
) -> Points:
    """The transform, shifted and zoomed so that all wells together fit best.

    Rims are often easier to see than the bottoms below them, which seem to lie closer together.
    """
    middle = centres.mean(axis=0)
    likely = _likelihood(ratios, usual)[:, None, None]
    best, moved = -1.0, transform
    for zoom in _ZOOMS:
        steps = np.rint((zoom - 1.0) * (centres - middle)).astype(int)
        together = _aligned(volume, steps).mean(axis=0) * likely
        blurred = np.stack([cv2.GaussianBlur(layer, (0, 0), 2.0) for layer in together])
        if blurred.max() > best:
            best = float(blurred.max())
            _, y, x = np.unravel_index(int(blurred.argmax()), blurred.shape)
            shift = middle * (1 - zoom) + (x - _SHIFT, y - _SHIFT)
            move = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]], [0, 0, 1]])
            moved = move @ transform
    return moved


def _aligned(
    volume: npt.NDArray[np.float32], steps: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Every well's votes seen from a centre some px away; nothing is known beyond them."""
    side = volume.shape[-1]
    aligned = np.zeros_like(volume)
    for well, (x, y) in enumerate(steps.clip(1 - side, side - 1)):
        into = (slice(max(-y, 0), side - max(y, 0)), slice(max(-x, 0), side - max(x, 0)))
        from_ = (slice(max(y, 0), side - max(-y, 0)), slice(max(x, 0), side - max(-x, 0)))
        aligned[well][:, *into] = volume[well][:, *from_].clip(0, 0.9)
    return aligned


def _likelihood(ratios: Points, usual: float) -> npt.NDArray[np.float32]:
    return np.exp(-0.5 * (np.log(ratios / usual) / _SPREAD) ** 2).astype(np.float32)


def _common_ratio(
    volume: npt.NDArray[np.float32], ratios: Points, usual: float, wander: float
) -> tuple[float, Points, Points]:
    """The radius in pitches that fits most wells, with each well's shift and support there."""
    y, x = np.mgrid[-_SHIFT : _SHIFT + 1, -_SHIFT : _SHIFT + 1]
    prior = np.exp(-0.5 * (x**2 + y**2) / wander**2)
    weighed = volume * prior
    flat = weighed.reshape(*volume.shape[:2], -1)
    profile = flat.max(axis=2).clip(0, 0.9).mean(axis=0)
    likely = profile * _likelihood(ratios, usual)
    best = int(likely.argmax())
    near = slice(max(best - 1, 0), best + 2)
    ratio = float(np.average(ratios[near], weights=likely[near] + 1e-9))
    peak = flat[:, best].argmax(axis=1)
    shift = np.stack([x.ravel()[peak], y.ravel()[peak]], axis=1).astype(float)
    return ratio, shift, flat[:, best].max(axis=1).astype(float)
