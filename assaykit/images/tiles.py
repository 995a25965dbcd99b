"""Pictures of any size in bounded memory: bands of rows become one smaller working picture.

A band is ``(first row, rows)``, over the whole width. Averaging whole blocks of ``factor`` ×
``factor`` pixels gives the same working picture whatever the height of the bands is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from assaykit.errors import UsageError
from assaykit.images.colour import Pixels

Band = tuple[int, Pixels]


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture in px: rows ``top`` to ``bottom``, columns ``left`` to ``right``.

    The ends are not part of it.
    """

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left


def reduction(um_per_px: float, resolution_um: float) -> int:
    """How many pixels across are averaged into one, so that it is about as large as wanted.

    Raises
    ------
    UsageError
        The scale is not a positive number.

    Examples
    --------
    >>> reduction(1.6, 5.0), reduction(8.0, 5.0)
    (3, 1)
    """
    if not (np.isfinite(um_per_px) and um_per_px > 0):
        raise UsageError(
            f"The scale must be a positive number of µm per px, found {um_per_px}: declare it, or "
            "use pictures that carry it."
        )
    return max(1, round(resolution_um / um_per_px))


def bands_of(image: Pixels, rows: int = 512) -> Iterator[Band]:
    """The bands of a picture that is in memory."""
    for top in range(0, image.shape[0], rows):
        yield top, image[top : top + rows]


class Shrinker:
    """Gathers bands of one region into its working picture.

    Parameters
    ----------
    region
        Which part of the picture; what is left over after the last whole block is dropped.
    factor
        Pixels across that become one.
    """

    def __init__(self, region: Region, factor: int) -> None:
        self.region, self.factor = region, factor
        self._rows, self._columns = region.height // factor, region.width // factor
        if not (self._rows and self._columns):
            raise UsageError(
                f"The picture of {region.width} × {region.height} px is smaller than one block "
                f"of {factor} × {factor} px that is averaged: check the scale in µm per px."
            )
        self.picture: Pixels = np.empty((self._rows, self._columns, 3), dtype=np.uint8)
        self._waiting: Pixels = np.empty((0, region.width, 3), dtype=np.uint8)
        self._done = 0

    def add(self, top: int, rows: Pixels) -> None:
        """Take what a band holds of the region."""
        region = self.region
        first, last = max(region.top - top, 0), min(region.bottom - top, rows.shape[0])
        if first >= last:
            return
        own = rows[first:last, region.left : region.right]
        if len(self._waiting):
            own = np.concatenate([self._waiting, own])
        whole = min(own.shape[0] // self.factor, self._rows - self._done)
        if whole:
            self._average(own[: whole * self.factor], whole)
        self._waiting = own[whole * self.factor :].copy()

    def _average(self, rows: Pixels, whole: int) -> None:
        target = self.picture[self._done : self._done + whole]
        kept = rows[:, : self._columns * self.factor]
        if self.factor == 1:
            target[:] = kept
        else:
            size = (self._columns, whole)
            target[:] = cv2.resize(kept, size, interpolation=cv2.INTER_AREA)
        self._done += whole


def shrink(bands: Iterable[Band], region: Region, factor: int) -> Pixels:
    """The working picture of one region: blocks of ``factor`` × ``factor`` pixels averaged.

    Parameters
    ----------
    bands
        Bands of the picture, from the top.
    region
        Which part of it.
    factor
        Pixels across that become one.

    Returns
    -------
    numpy.ndarray
        ``(region.height // factor, region.width // factor, 3)`` RGB.

    Examples
    --------
    >>> picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    >>> whole = Region(0, 4, 0, 4)
    >>> a, b = shrink(bands_of(picture), whole, 2), shrink(bands_of(picture, 3), whole, 2)
    >>> a.shape, bool((a == b).all())
    ((2, 2, 3), True)
    """
    shrinker = Shrinker(region, factor)
    for top, rows in bands:
        shrinker.add(top, rows)
    return shrinker.picture
