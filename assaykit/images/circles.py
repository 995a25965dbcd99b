"""One round well in a picture: where it is, and which pixels lie inside."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import InputError, Problem
from assaykit.images.colour import Pixels

_SIDE = 256  # px across of the picture that is searched
_RADII = (0.30, 0.62)  # of the shorter side
_MIDDLE = 0.25  # how far from the middle the centre may lie, as a share of the shorter side
_EDGES = 0.90  # quantile of the gradient from which a pixel is an edge
_LEAST_ARC = 0.35  # share of the circle that must be seen as an edge


def disc(height: int, width: int, x: float, y: float, radius: float) -> npt.NDArray[np.bool_]:
    """Which pixels have their centre inside a circle.

    Parameters
    ----------
    height, width
        Size of the picture in px.
    x, y, radius
        The circle in px; the centre of the first pixel is (0, 0).

    Examples
    --------
    >>> disc(3, 3, 1.0, 1.0, 1.0).astype(int).tolist()
    [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    """
    across = np.arange(width)[None, :] - x
    down = np.arange(height)[:, None] - y
    return np.asarray(across**2 + down**2 <= radius**2, dtype=np.bool_)


def find_well(image: Pixels) -> tuple[float, float, float]:
    """The wall of a round well that fills most of a picture.

    Edge pixels vote along their gradient for the centres of circles of every radius (Hough
    transform with gradient direction, Kimme et al., Commun ACM 18:120-122, 1975). Of circles
    with nearly as many votes as the best one the innermost counts, which is the inner side of the
    wall.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB: one well, with its wall or the dark around it in sight.

    Returns
    -------
    x, y, radius
        In px of the picture; the centre of the first pixel is (0, 0).

    Raises
    ------
    InputError
        No circle is seen.

    Examples
    --------
    >>> picture = np.where(disc(200, 200, 100, 96, 80)[:, :, None], 220, 20)
    >>> picture = np.broadcast_to(picture, (200, 200, 3)).astype(np.uint8)
    >>> [round(value) for value in find_well(picture)]
    [100, 96, 80]
    """
    height, width = image.shape[:2]
    factor = max(max(height, width) / _SIDE, 1.0)
    size = max(round(width / factor), 1), max(round(height / factor), 1)
    small = cv2.GaussianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    x, y, radius, arc = _best_circle(np.asarray(small, dtype=np.uint8))
    if arc < _LEAST_ARC:
        message = "no round wall of a well is seen in the picture"
        remedy = "For a field inside a well set picture_of to field; else show the whole well."
        raise InputError([Problem("no_well", message, remedy=remedy)])
    return (x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5, radius * factor


def _best_circle(small: Pixels) -> tuple[float, float, float, float]:
    """Centre, radius and share of the circle that is an edge."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    along, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength = np.hypot(along, down)
    edge = strength > max(float(np.quantile(strength, _EDGES)), 1e-3)
    ys, xs = np.nonzero(edge)
    unit = np.stack([along[edge], down[edge]]) / strength[edge]
    shorter = min(small.shape[:2])
    radii = np.arange(_RADII[0] * shorter, _RADII[1] * shorter + 1, 1.0)
    found = [_voted(xs, ys, unit, radius, small.shape[:2]) for radius in radii]
    arcs = np.array([arc for _, _, arc in found])
    if not len(arcs):
        return 0.0, 0.0, 0.0, 0.0
    best = int(np.argmax(arcs >= 0.85 * arcs.max()))
    best = best + int(np.argmax(arcs[best : best + 4]))
    x, y, arc = found[best]
    return x, y, float(radii[best]), float(arc)


def _voted(
    xs: npt.NDArray[np.intp],
    ys: npt.NDArray[np.intp],
    unit: npt.NDArray[np.floating[Any]],
    radius: float,
    shape: tuple[int, ...],
) -> tuple[float, float, float]:
    """The centre with the most votes for one radius, and the share of its circle that voted."""
    height, width = shape
    votes = np.zeros((height, width), dtype=np.float32)
    for side in (1.0, -1.0):
        x = np.rint(xs + side * radius * unit[0]).astype(np.intp)
        y = np.rint(ys + side * radius * unit[1]).astype(np.intp)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        np.add.at(votes, (y[inside], x[inside]), 1.0)
    votes = np.asarray(cv2.boxFilter(votes, -1, (3, 3), normalize=False), dtype=np.float32)
    reach = _MIDDLE * min(height, width)
    top, left = max(int(height / 2 - reach), 0), max(int(width / 2 - reach), 0)
    middle = votes[top : int(height / 2 + reach) + 1, left : int(width / 2 + reach) + 1]
    row, column = np.unravel_index(int(np.argmax(middle)), middle.shape)
    arc = float(middle[row, column]) / (2 * np.pi * radius)
    return float(left + column), float(top + row), arc
