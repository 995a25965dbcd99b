"""Pixels → working picture → optical density above the unstained background, in 8 bits.

Optical density (OD) is log10(background / transmitted), the mean of the channels weighted 0.2
red, 0.6 green, 0.2 blue: all dyes used for TRAP absorb green, whatever their hue, and the coloured
fringes of a simple lens are red or blue. A density map holds steps of 0.005 OD as ``uint8``.

What belongs to a picture as a whole (its background, noise, black rim) is kept in a frozen
:class:`Field`, made from a small copy, so that a tile of a scan gives what the whole frame gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError

Pixels = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

WEIGHTS = (0.2, 0.6, 0.2)
STEPS = 200.0
"""Steps of a density map per OD; 1.275 OD is the darkest."""
FINEST_UM = 0.95
"""Pixels are binned as long as the binned ones stay at or below this width."""
SMALL_UM = 6.0
"""Width of the small copy's pixels, about, and never more than an eighth of the picture's scale."""

_FINER = 16
_LOGS = (-np.log10((np.arange(256) + 1.0) / 256.0)).astype(np.float32)
_AMOUNTS = np.rint(_LOGS[:, None] * STEPS * _FINER * np.asarray(WEIGHTS)).astype(np.int16)[None]


@dataclass(frozen=True)
class Scale:
    """How a picture's pixels relate to the working picture's.

    Parameters
    ----------
    um_per_px
        Of the picture.
    binning
        Picture pixels per working pixel, along one side.
    shrink
        Working pixels per pixel of the small copy, along one side.
    """

    um_per_px: float
    binning: int
    shrink: int

    @property
    def um(self) -> float:
        """Width of a working pixel in µm."""
        return self.um_per_px * self.binning

    def px(self, um: float) -> float:
        """A length in working pixels."""
        return um / self.um


@dataclass(frozen=True)
class Field:
    """What is known about a picture as a whole.

    Parameters
    ----------
    scale
        Of the picture and its working picture.
    shape
        Rows and columns of the working picture.
    background
        OD of red, green and blue of the unstained field against full white, on the small copy.
    inside
        Small copy: True where the picture shows the well and not its rim.
    noise
        Standard deviation of the density of one working pixel of unstained field.
    unevenness
        The same for the small copy: what is left of shading and dirt.
    dark
        Density of the dark cells of this picture, the scale on which "dark" is told; OD.
    edge_blur_um
        Blur of the cells' edges; not a number if it was not or cannot be measured.
    """

    scale: Scale
    shape: tuple[int, int]
    background: Map
    inside: Mask
    noise: float
    unevenness: float
    dark: float = 0.5
    edge_blur_um: float = float("nan")


def scale_of(um_per_px: float) -> Scale:
    """Bins of whole pixels such that a working pixel is at most 0.95 µm wide, if it can be.

    Examples
    --------
    >>> scale_of(0.325).binning, scale_of(0.76).binning, scale_of(3.5).binning
    (2, 1, 1)
    """
    binning = max(1, int(FINEST_UM / um_per_px))
    return Scale(um_per_px, binning, max(2, min(8, round(SMALL_UM / (um_per_px * binning)))))


def check_picture(image: npt.NDArray[np.generic]) -> None:
    """Refuse what is not a picture of 8-bit red, green and blue.

    Raises
    ------
    UsageError
        Another shape, another type, or no pixel at all.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise UsageError(
            f"Found a picture of shape {image.shape} and type {image.dtype}, expected (height, "
            "width, 3) of uint8, RGB. Convert it first, and do not stretch its grey levels."
        )


def working_picture(image: Pixels, scale: Scale) -> Pixels:
    """Mean colour of each bin; rows and columns that fill no bin are left out."""
    rows, columns = (max(1, length // scale.binning) for length in image.shape[:2])
    if scale.binning == 1:
        return np.ascontiguousarray(image)
    cut = image[: rows * scale.binning, : columns * scale.binning]
    return np.asarray(cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA))


def small_density(working: Pixels, shrink: int) -> Map:
    """OD of red, green and blue against full white on the small copy (edges are repeated)."""
    rows, columns = working.shape[:2]
    bottom, right = -rows % shrink, -columns % shrink
    padded = cv2.copyMakeBorder(working, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    size = (padded.shape[1] // shrink, padded.shape[0] // shrink)
    return np.asarray(cv2.LUT(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), _LOGS))


def weighted(density: npt.NDArray[np.floating]) -> Map:
    """The one density of three channels."""
    return np.asarray(density @ np.asarray(WEIGHTS), dtype=np.float32)


def density_map(working: Pixels, field: Field, corner: tuple[int, int] = (0, 0)) -> Pixels:
    """Density above the background, 200 steps per OD.

    Parameters
    ----------
    working
        A working picture or a tile of it.
    field
        Of the whole picture.
    corner
        Row and column of the tile's first pixel in the whole working picture.
    """
    ground = weighted(field.background) * np.float32(STEPS * _FINER)
    result = np.empty(working.shape[:2], dtype=np.uint8)
    for top in range(0, working.shape[0], 64):
        amount = _amount(working[top : top + 64])
        place = (corner[0] + top, corner[1])
        below = np.rint(stretched(ground, field.scale.shrink, place, amount.shape[:2]))
        over = cv2.max(cv2.subtract(amount, below.astype(np.int16)), 0)
        cv2.convertScaleAbs(over, dst=result[top : top + 64], alpha=1 / _FINER)
    return result


def _amount(rows: Pixels) -> npt.NDArray[np.int16]:
    """Density against full white in whole sixteenths of a step, so that every tile agrees."""
    red, green, blue = cv2.split(cv2.LUT(rows, _AMOUNTS))
    return np.asarray(cv2.add(cv2.add(red, green), blue))


def second_differences(working: Pixels, shrink: int) -> npt.NDArray[np.int64]:
    """Histogram of the second differences along every ``shrink``-th row: a measure of noise."""
    amount = _amount(np.ascontiguousarray(working[::shrink])).astype(np.int32)
    difference = np.abs(amount[:, :-2] - 2 * amount[:, 1:-1] + amount[:, 2:])
    return np.bincount(np.minimum(difference.ravel(), 4095), minlength=4096)


def noise_of(histogram: npt.NDArray[np.int64]) -> float:
    """Standard deviation in OD of one pixel's noise, from the quieter part of the picture.

    The 40th percentile is taken, not the median, since cells are not unstained field.
    """
    total = int(histogram.sum())
    if total == 0:
        return 0.0
    at = int(np.searchsorted(np.cumsum(histogram), 0.4 * total))
    return at / (0.5244 * 6**0.5) / (STEPS * _FINER)


def stretched(small: Map, shrink: int, corner: tuple[int, int], shape: tuple[int, int]) -> Map:
    """Part of a small copy's map at the working picture's size, linear in between."""
    rows = _between(small.shape[0], shrink, corner[0], shape[0])
    columns = _between(small.shape[1], shrink, corner[1], shape[1])
    first = small[rows[0]] * (1 - rows[2])[:, None] + small[rows[1]] * rows[2][:, None]
    result = first[:, columns[0]] * (1 - columns[2]) + first[:, columns[1]] * columns[2]
    return np.asarray(result, dtype=np.float32)


def _between(
    length: int, shrink: int, start: int, count: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Neighbours on the small copy, and the share of the second, along one side."""
    place = (np.arange(start, start + count) + 0.5) / shrink - 0.5
    place = np.clip(place, 0, length - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, length - 1)
    return below, above, (place - below).astype(np.float32)
