"""Where nuclei lie: spots lighter than the ring around them, tried at three sizes.

Without a counterstain a nucleus is a lighter disc of 7 to 10 µm in dark cytoplasm and a dark ring
in pale cytoplasm. Both have a centre that is lighter than its surroundings on (nearly) all sides:
the test takes eight samples of the ring and compares the second-lightest with the centre, so that
one neighbour that is light as well (the next nucleus, the edge of the cell) does no harm. What is
nearly as light as the unstained field is a vacuole or a gap between cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Field, Pixels
from assaykit.images.osteoclasts.outline import disc, faint_threshold, odd, smoothed
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

_ROUND = ((0.36, 0.36, 0.0), (0.45, 0.45, 0.0), (0.55, 0.55, 0.0), (0.65, 0.65, 0.0))
_LONG = tuple((0.68, 0.38, turn * np.pi / 4) for turn in range(4))
_ANGLES = np.arange(8) * (np.pi / 4) + np.pi / 8
_VACUOLE_SHARE = 0.2
_APART = 0.85
_CENTRE = 0.65
_AROUND = 0.7
_LIGHTNESS_POWER = 2.0
_NEEDED_RANGE = (0.4, 6.0)
_SHARP_UM = 1.05
_USUAL_DARK = 0.5
_BLUR_RATE_UM = 1.1


@dataclass(frozen=True)
class Spots:
    """Candidate nuclei.

    Parameters
    ----------
    x, y
        Working pixels.
    contrast
        OD of the second-lightest ring sample less the centre's.
    centre
        OD in the middle.
    """

    x: npt.NDArray[np.intp]
    y: npt.NDArray[np.intp]
    contrast: npt.NDArray[np.float64]
    centre: npt.NDArray[np.float64]


def ring_contrast(density: Pixels, um: float, diameter_um: float) -> tuple[Pixels, Pixels]:
    """The ring test at every pixel: contrast, and the density of the centre, in steps."""
    centre = cv2.medianBlur(density, odd(_CENTRE * diameter_um / um))
    fine = cv2.GaussianBlur(density, (0, 0), max(0.5, 0.08 * diameter_um / um))
    best = np.zeros_like(density)
    for long, short, turn in _ROUND + _LONG:
        second = _second_lowest(fine, (long * diameter_um / um, short * diameter_um / um, turn))
        best = cv2.max(best, cv2.subtract(second, centre))
    return best, centre


def _second_lowest(fine: Pixels, ellipse: tuple[float, float, float]) -> Pixels:
    """Second-lowest of eight samples on an ellipse (half axes, turn), for every pixel."""
    long, short, turn = ellipse
    reach = int(np.ceil(long)) + 1
    padded = cv2.copyMakeBorder(fine, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    rows, columns = fine.shape
    lowest = np.full_like(fine, 255)
    second = np.full_like(fine, 255)
    for u, v in zip(long * np.cos(_ANGLES), short * np.sin(_ANGLES), strict=True):
        left = reach + round(float(u * np.cos(turn) - v * np.sin(turn)))
        top = reach + round(float(u * np.sin(turn) + v * np.cos(turn)))
        sample = padded[top : top + rows, left : left + columns]
        second = cv2.min(second, cv2.max(lowest, sample))
        lowest = cv2.min(lowest, sample)
    return second


def least_contrast(field: Field, params: OsteoclastParameters) -> float:
    """Least contrast of a nucleus in OD, lower in a blurred picture, but above the noise.

    Blur takes contrast from nuclei and from everything that could be mistaken for one; the rate
    was measured on a sharp picture that was blurred by known amounts. Both contrasts grow with the
    strength of the stain, which is taken from the picture's dark cells.
    """
    sharp = max(_SHARP_UM, field.scale.um)
    excess = max(0.0, field.edge_blur_um - sharp) if field.edge_blur_um > 0 else 0.0
    usual = params.nucleus_contrast * field.dark / _USUAL_DARK
    return max(usual * float(np.exp(-excess / _BLUR_RATE_UM)), 2.0 * field.noise)


def find_nuclei(density: Pixels, field: Field, params: OsteoclastParameters) -> Spots:
    """Candidate nuclei everywhere in a density map, at most one within half a nucleus."""
    um = field.scale.um
    shown = density if params.nuclei_appearance == "lighter" else cv2.bitwise_not(density)
    contrast, centre = ring_contrast(shown, um, params.nucleus_diameter_um)
    ranked = smoothed(contrast, 1.0)
    apart = disc(max(3.0, _APART * params.nucleus_diameter_um / um))
    y, x = np.nonzero((ranked >= cv2.dilate(ranked, apart)) & (contrast > 0))
    found = Spots(x, y, contrast[y, x] / STEPS, centre[y, x] / STEPS)
    if params.nuclei_appearance == "darker":
        return _chosen(found, found.contrast > least_contrast(field, params))
    around = cv2.GaussianBlur(density, (0, 0), _AROUND * params.nucleus_diameter_um / um)
    lightness = around[y, x] / STEPS / np.maximum(found.centre, 1.0 / STEPS)
    needed = np.clip(lightness**_LIGHTNESS_POWER, *_NEEDED_RANGE) * least_contrast(field, params)
    darkest = cv2.dilate(density, disc(1.2 * params.nucleus_diameter_um / um))[y, x] / STEPS
    solid = found.centre > np.maximum(faint_threshold(field, params), _VACUOLE_SHARE * darkest)
    return _chosen(found, (found.contrast > needed) & solid)


def _chosen(spots: Spots, keep: npt.NDArray[np.bool_]) -> Spots:
    return Spots(spots.x[keep], spots.y[keep], spots.contrast[keep], spots.centre[keep])
