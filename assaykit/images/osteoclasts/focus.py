"""How sharp the cells' edges are, in µm, whatever the picture's contrast.

An edge between two levels that is blurred by a Gaussian of standard deviation s is steepest in its
middle: slope = difference / (s · √(2π)). The blur is that formula solved for s at the steepest
pixels of the strongest edges; the median over them is the picture's blur.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Pixels
from assaykit.images.osteoclasts.outline import odd

_REACH_UM = 5.0
_LEAST_OD = 0.15
_BIN_UM = 0.02
_BINS = 1000
_LEAST_EDGES = 200


def edge_blur_histogram(
    density: Pixels, um: float, core: tuple[slice, slice]
) -> npt.NDArray[np.int64]:
    """Histogram (bins of 0.02 µm) of the blur of all strong edges in the core of a part.

    Parameters
    ----------
    density
        Density map.
    um
        Width of its pixels.
    core
        The rows and columns that count; the rest is margin.
    """
    reach = max(3.0, 2 * _REACH_UM / um + 1)
    element = np.ones((odd(reach), odd(reach)), dtype=np.uint8)
    span = cv2.subtract(cv2.dilate(density, element), cv2.erode(density, element))[core]
    slope = _slope(density)
    steepest = (slope >= cv2.dilate(slope, element) - 1e-6)[core]
    y, x = np.nonzero(steepest & (span > _LEAST_OD * STEPS))
    blur = span[y, x] / np.maximum(slope[core][y, x], 1e-3) / np.sqrt(2 * np.pi) * um
    return np.bincount(np.minimum(blur / _BIN_UM, _BINS - 1).astype(np.intp), minlength=_BINS)


def _slope(density: Pixels) -> npt.NDArray[np.float32]:
    """Slope in steps per pixel."""
    values = density.astype(np.float32)
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=0.125)
    return np.asarray(cv2.magnitude(across, cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=0.125)))


def edge_blur(histogram: npt.NDArray[np.int64]) -> float:
    """Median blur in µm; not a number if there are too few edges to tell."""
    total = int(histogram.sum())
    if total < _LEAST_EDGES // 10:
        return float("nan")
    middle = int(np.searchsorted(np.cumsum(histogram), 0.5 * total))
    return (middle + 0.5) * _BIN_UM
