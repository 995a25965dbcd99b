"""Where round things of a given radius may lie: edges that vote for their centre.

An edge pixel on a circle of radius r votes for the two points at the distance r along its
gradient (a well may be darker or lighter than what surrounds it). Votes are counted per length
of circumference, so that 1 means that the whole ring is there, whatever the radius. The picture
is halved again and again: a ring is looked for where its radius is 18 to 36 px, or less if the
whole picture is as large as it can be.

The method is the radial voting of Loy and Zelinsky (IEEE Trans. Pattern Anal. 25:959, 2003).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

WORKING_PX = 1200
SMALLEST_RADIUS_PX = 9.0
RADII_PER_OCTAVE = 8
_LEVELS = 4
_MOST_PEAKS = 300


@dataclass(frozen=True, eq=False)
class Edges:
    """Thin edges of a picture: their places, unit normals and weights from 0 to 1.

    Parameters
    ----------
    x, y
        Places in px.
    normal_x, normal_y
        Direction of the gradient.
    weight
        Strength against what is usual nearby.
    shape
        Height and width of the picture.
    """

    x: Floats
    y: Floats
    normal_x: Floats
    normal_y: Floats
    weight: Floats
    shape: tuple[int, int]


@dataclass(frozen=True, eq=False)
class RingMap:
    """How much of a ring of one radius lies around every place.

    Parameters
    ----------
    radius
        Radius of the ring in px of the working picture.
    scale
        Pixels of the map per pixel of the working picture.
    support
        Share of the ring, for every place, within a small distance.
    usual
        Support that most places reach by chance.
    points
        Peaks, one row each: x and y in px of the working picture.
    strengths
        Support of each peak.
    """

    radius: float
    scale: float
    support: Floats
    usual: float
    points: npt.NDArray[np.float64]
    strengths: npt.NDArray[np.float64]

    def excess(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Support beyond chance at places (working px); 0 is chance, 1 a whole ring.

        Places outside the picture have none.
        """
        columns, rows = np.rint((points + 0.5) * self.scale - 0.5).astype(int).T
        height, width = self.support.shape
        inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
        found = self.support[rows.clip(0, height - 1), columns.clip(0, width - 1)]
        excess = (found - self.usual) / max(1.0 - self.usual, 0.2)
        return np.where(inside, excess, -0.5).astype(float)


def edges_of(image: Bytes, blur_px: float = 1.0) -> Edges:
    """Thin edges, each weighed against the contrast that is usual around it.

    Parameters
    ----------
    image
        Grey ``(height, width)`` or RGB ``(height, width, 3)``; of the colours the one with the
        steepest edge counts.
    blur_px
        Standard deviation of the blur before the derivative.

    Examples
    --------
    >>> image = np.zeros((60, 60), np.uint8)
    >>> image[:, 30:] = 200
    >>> bool(np.all(abs(edges_of(image).x - 29.5) <= 0.5))
    True
    """
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), blur_px)
    planes = smooth[..., None] if smooth.ndim == 2 else smooth
    across, down, strength = _steepest(planes)
    side = max(image.shape[:2])
    usual = cv2.GaussianBlur(strength, (0, 0), side / 40.0)
    keep = _thin(across, down, strength) & (strength > np.maximum(0.4 * usual, 0.8))
    rows, columns = np.nonzero(keep)
    length = strength[rows, columns]
    return Edges(
        columns.astype(np.float32),
        rows.astype(np.float32),
        across[rows, columns] / length,
        down[rows, columns] / length,
        np.clip(length / (usual[rows, columns] + 0.5), 0.0, 1.0),
        (image.shape[0], image.shape[1]),
    )


def _steepest(planes: Floats) -> tuple[Floats, Floats, Floats]:
    """Gradient (per px) of the plane with the steepest edge at each place."""
    across, down, strength = _gradient(planes[..., 0])
    for number in range(1, planes.shape[2]):
        other_across, other_down, other = _gradient(planes[..., number])
        more = other > strength
        across = np.where(more, other_across, across)
        down = np.where(more, other_down, down)
        strength = np.where(more, other, strength)
    return across, down, strength


def _gradient(plane: Floats) -> tuple[Floats, Floats, Floats]:
    layer = np.ascontiguousarray(plane)
    across = np.asarray(cv2.Sobel(layer, cv2.CV_32F, 1, 0, scale=0.125), np.float32)
    down = np.asarray(cv2.Sobel(layer, cv2.CV_32F, 0, 1, scale=0.125), np.float32)
    return across, down, np.asarray(cv2.magnitude(across, down), np.float32)


def _thin(across: Floats, down: Floats, strength: Floats) -> npt.NDArray[np.bool_]:
    """Where the strength is the largest along the gradient (to the nearest of 8 neighbours)."""
    sideways, upright = np.abs(across), np.abs(down)
    pads = np.pad(strength, 1)

    def shifted(x: int, y: int) -> Floats:
        height, width = strength.shape
        return pads[1 + y : 1 + y + height, 1 + x : 1 + x + width]

    flat = upright < 0.4142 * sideways
    steep = sideways < 0.4142 * upright
    rising = (across * down) > 0
    keep = np.zeros(strength.shape, bool)
    for chosen, (x, y) in (
        (flat, (1, 0)),
        (steep, (0, 1)),
        (~flat & ~steep & rising, (1, 1)),
        (~flat & ~steep & ~rising, (1, -1)),
    ):
        keep |= chosen & (strength > shifted(x, y)) & (strength >= shifted(-x, -y))
    return keep


def ring_maps(image: Bytes) -> Iterator[RingMap]:
    """Maps of rings of all radii, from the smallest to the largest that fits.

    Parameters
    ----------
    image
        The working picture, grey or RGB.
    """
    level = image
    for halvings in range(_LEVELS):
        if halvings:
            level = np.asarray(
                cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
            )
        edges = edges_of(level)
        for step in range(0 if not halvings else RADII_PER_OCTAVE, 2 * RADII_PER_OCTAVE):
            radius = SMALLEST_RADIUS_PX * 2.0 ** (step / RADII_PER_OCTAVE)
            if radius > 0.3 * min(level.shape[:2]):
                return
            yield _ring_map(edges, radius, level.shape[1] / image.shape[1])


def _ring_map(edges: Edges, radius: float, scale: float) -> RingMap:
    share = _votes(edges, radius)
    reach = 2 * round(0.12 * radius) + 1
    summed = cv2.boxFilter(share, -1, (reach, reach), normalize=False)
    rows, columns, strengths = _peaks(summed, radius)
    near = 2 * round(0.22 * radius) + 1
    support = np.asarray(cv2.dilate(summed, np.ones((near, near), np.uint8)), np.float32)
    points = (np.stack([columns, rows], axis=1) + 0.5) / scale - 0.5
    usual = float(np.median(support))
    return RingMap(radius / scale, scale, support, usual, points, strengths)


def _votes(edges: Edges, radius: float) -> Floats:
    """Votes for the centre of a ring, per length of its circumference."""
    height, width = edges.shape
    total = np.zeros(height * width)
    for sign in (radius, -radius):
        columns = np.rint(edges.x + sign * edges.normal_x).astype(np.int64)
        rows = np.rint(edges.y + sign * edges.normal_y).astype(np.int64)
        inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
        places = rows[inside] * width + columns[inside]
        total += np.bincount(places, edges.weight[inside], minlength=height * width)
    return (total / (2 * np.pi * radius)).reshape(height, width).astype(np.float32)


def _peaks(
    summed: Floats, radius: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places that are the largest within a radius and clearly above the usual."""
    smooth = cv2.GaussianBlur(summed, (0, 0), 0.08 * radius)
    reach = 2 * round(0.8 * radius) + 1
    largest = cv2.dilate(smooth, np.ones((reach, reach), np.uint8))
    rows, columns = np.nonzero((smooth >= largest) & (smooth > 0.15))
    strengths = summed[rows, columns].astype(float)
    order = np.argsort(-strengths, kind="stable")[:_MOST_PEAKS]
    return rows[order].astype(float), columns[order].astype(float), strengths[order]
