"""Colour: transmitted light → optical density → amount of one stain.

By Beer and Lambert, what a stain absorbs adds up as optical density (OD)::

    OD = log10(white / transmitted)      per channel, OD = amount · vector of the stain

A pixel is taken apart into three directions (Ruifrok & Johnston, Anal Quant Cytol Histol
23:291-299, 2001): the stain, neutral grey (shading, exposure, refraction of cells, which take
the same share of every channel) and what is left, at right angles to both (dust, ink, text).
The amount of stain is therefore blind to vignetting and to exposure. Since the logarithm turns
the white point into a sum, components are first taken against full white (255), and the
components of the unstained field are subtracted afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError

Pixels = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]
_BAND = 64  # rows that stay in the processor's cache


@dataclass(frozen=True)
class StainVector:
    """The direction of a stain in optical density of red, green and blue.

    Parameters
    ----------
    rgb
        OD of red, green and blue; of any length.
    source
        Where it was measured.
    """

    rgb: tuple[float, float, float]
    source: str


STAINS: Mapping[str, StainVector] = {
    "alizarin_red": StainVector(
        (0.33, 0.67, 0.66), "mineral in ten brightfield fields of osteoblast cultures, 4x objective"
    ),
    "trap": StainVector(
        (0.52, 0.68, 0.52), "osteoclasts in a brightfield picture of a culture, 0.76 µm/px"
    ),
}
"""Stains whose vectors we measured on real pictures."""


@dataclass(frozen=True)
class Unmixing:
    """How optical density is taken apart.

    Parameters
    ----------
    weights
        3 × 3: the rows give the amounts of stain, of neutral grey and of anything else from the
        OD of red, green and blue.
    """

    weights: tuple[tuple[float, ...], ...]

    def components(self, rgb: Sequence[float]) -> npt.NDArray[np.float64]:
        """Stain, neutral and other of one colour (0 to 255) against full white."""
        density = _density(np.asarray(rgb, dtype=np.float64))
        return np.asarray(self.weights) @ density


def unmixing(stain: Sequence[float]) -> Unmixing:
    """Take a stain apart from neutral grey.

    Parameters
    ----------
    stain
        OD of red, green and blue; its length does not matter.

    Raises
    ------
    UsageError
        Not three numbers, one below zero, or the stain is itself grey.

    Examples
    --------
    >>> split = unmixing((0.33, 0.67, 0.66))
    >>> [round(float(x), 3) + 0.0 for x in split.components((255, 255, 255))]
    [0.0, 0.0, 0.0]
    """
    vector = np.asarray(stain, dtype=np.float64)
    if vector.shape != (3,) or not np.isfinite(vector).all() or (vector < 0).any():
        raise UsageError(f"A stain vector is three ODs of 0 or more, found {tuple(stain)}.")
    vector = vector / (np.linalg.norm(vector) or 1.0)
    grey = np.full(3, 3**-0.5)
    other = np.cross(vector, grey)
    if np.linalg.norm(other) < 0.05:
        raise UsageError(f"The stain vector {tuple(stain)} is grey: no colour tells it apart.")
    axes = np.stack([vector, grey, other / np.linalg.norm(other)], axis=1)
    return Unmixing(tuple(map(tuple, np.linalg.inv(axes).tolist())))


def parse_stain_vector(text: str) -> tuple[float, float, float]:
    """A stain vector as a person writes it: three numbers, or the name of a known stain.

    Raises
    ------
    UsageError
        It is neither.

    Examples
    --------
    >>> parse_stain_vector("0.33 0.67 0.66"), parse_stain_vector("trap")
    ((0.33, 0.67, 0.66), (0.52, 0.68, 0.52))
    """
    if text in STAINS:
        return STAINS[text].rgb
    try:
        red, green, blue = map(float, text.replace(",", " ").replace(";", " ").split())
    except ValueError:
        known = ", ".join(STAINS)
        raise UsageError(
            f"'{text}' is no stain vector: write the OD of red, green and blue, such as "
            f"'0.33 0.67 0.66', or one of {known}."
        ) from None
    return red, green, blue


def _density(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """OD against full white; black is 2.4, not infinite."""
    return -np.log10((values + 1.0) / 256.0)


_TABLE = _density(np.arange(256, dtype=np.float64)).astype(np.float32)


def optical_density(image: Pixels) -> Map:
    """Optical density of each channel against full white (255).

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB.

    Examples
    --------
    >>> optical_density(np.full((1, 1, 3), 255, np.uint8)).tolist()
    [[[-0.0, -0.0, -0.0]]]
    """
    return np.asarray(cv2.LUT(image, _TABLE), dtype=np.float32)


def unmix(image: Pixels, split: Unmixing) -> Map:
    """Stain, neutral and other of every pixel, against full white.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB.
    split
        Of :func:`unmixing`.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)`` float32: OD along the stain, along grey and along neither.

    Examples
    --------
    >>> picture = np.full((4, 4, 3), (200, 150, 160), np.uint8)
    >>> unmix(picture, unmixing((0.33, 0.67, 0.66))).shape
    (4, 4, 3)
    """
    weights = np.asarray(split.weights, dtype=np.float32)
    amounts = np.empty(image.shape, dtype=np.float32)
    for top in range(0, image.shape[0], _BAND):
        rows = np.ascontiguousarray(image[top : top + _BAND])
        cv2.transform(cv2.LUT(rows, _TABLE), weights, dst=amounts[top : top + _BAND])
    return amounts


def estimate_stain_vectors(
    image: Pixels, white: Sequence[float], *, least_od: float = 0.15, percentile: float = 1.0
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Estimate the vectors of two stains from a picture.

    After Macenko et al., IEEE Int Symp Biomed Imaging 2009:1107-1110: the stained pixels lie
    between two directions in the plane of their first two singular vectors. The picture must
    hold both stains pure; look at the result before it is used for a study.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB, or any array of colours.
    white
        Red, green and blue of the unstained field.
    least_od
        Pixels with less OD in all channels together are taken as unstained.
    percentile
        Share of pixels beyond each of the two directions, in %.

    Returns
    -------
    tuple
        Two unit vectors, the one with more red first.

    Raises
    ------
    UsageError
        Fewer than 100 pixels are stained.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> amount = rng.uniform(0, 1, (1000, 2)) * [[1.0, 1.0]]
    >>> od = amount @ np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
    >>> picture = np.round(256 * 10 ** -od - 1).clip(0, 255).astype(np.uint8)[None]
    >>> first, second = estimate_stain_vectors(picture, (255, 255, 255))
    >>> [round(x, 1) for x in first], [round(x, 1) for x in second]
    ([0.6, 0.7, 0.3], [0.1, 1.0, 0.1])
    """
    density = _density(image.reshape(-1, 3).astype(np.float64))
    density = density - _density(np.asarray(white, dtype=np.float64))
    stained = density[(density > 0).all(axis=1) & (np.linalg.norm(density, axis=1) > least_od)]
    if len(stained) < 100:
        raise UsageError(f"Only {len(stained)} pixels are stained; 100 are needed for an estimate.")
    _, axes = np.linalg.eigh(stained.T @ stained)
    plane = axes[:, [2, 1]]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1.0, 1.0)
    angles = np.arctan2(*(stained @ plane).T[::-1])
    ends = np.percentile(angles, [percentile, 100.0 - percentile])
    found = [plane @ np.array([np.cos(angle), np.sin(angle)]) for angle in ends]
    found = [np.abs(vector) / np.linalg.norm(vector) for vector in found]
    first, second = sorted(found, key=lambda vector: -vector[0])
    return _as_tuple(first), _as_tuple(second)


def _as_tuple(vector: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = vector.tolist()
    return red, green, blue
