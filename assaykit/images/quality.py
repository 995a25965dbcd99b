"""Whether a picture can be trusted: focus, saturation, the colour of its background."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from assaykit.images.colour import Pixels
from assaykit.images.tiles import Band, Region

_STRIP = 512  # px across, in the middle of the region


@dataclass(frozen=True)
class Quality:
    """Measures of one picture at its full resolution.

    Parameters
    ----------
    focus
        Variance of the Laplacian of the brightness, divided by the square of the mean brightness
        (Pech-Pacheco et al., ICPR 2000, made free of exposure). It depends on what is seen, so
        it is compared within a plate only.
    saturated_fraction
        Share of pixels with 255 in the channel that is worst; what is there is not known.
    """

    focus: float
    saturated_fraction: float


@dataclass
class QualityProbe:
    """Looks at a strip of columns in the middle of a region while its bands go by."""

    region: Region
    _sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    _pixels: int = 0
    _looked_at: int = 0
    _full: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, top: int, rows: Pixels) -> None:
        """Take what a band holds of the region."""
        first = max(self.region.top - top, 0)
        last = min(self.region.bottom - top, rows.shape[0])
        if last - first < 3:
            return
        middle = (self.region.left + self.region.right) // 2
        left = max(self.region.left, middle - _STRIP // 2)
        right = min(self.region.right, middle + _STRIP // 2)
        strip = np.ascontiguousarray(rows[first:last, left:right])
        grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
        edges = cv2.Laplacian(grey, cv2.CV_32F)[1:-1]
        mean, deviation = cv2.meanStdDev(edges)
        self._sums[0] += float(mean[0, 0]) * edges.size
        self._sums[1] += float(deviation[0, 0] ** 2 + mean[0, 0] ** 2) * edges.size
        self._sums[2] += float(cv2.mean(grey)[0]) * edges.size
        self._pixels += edges.size
        self._looked_at += strip.shape[0] * strip.shape[1]
        for channel in range(3):
            full = cv2.calcHist([strip], [channel], None, [256], [0, 256]).ravel()[255]
            self._full[channel] += int(full)

    @property
    def quality(self) -> Quality:
        """What was seen so far."""
        if not self._pixels:
            return Quality(float("nan"), float("nan"))
        mean, square, brightness = (value / self._pixels for value in self._sums)
        return Quality(
            focus=(square - mean**2) / max(brightness, 1.0) ** 2,
            saturated_fraction=max(self._full) / self._looked_at,
        )


def picture_quality(bands: Iterable[Band], region: Region) -> Quality:
    """Focus and saturation of one region of a picture.

    Parameters
    ----------
    bands
        Bands of the picture, from the top.
    region
        Which part of it.

    Examples
    --------
    >>> from assaykit.images.tiles import bands_of
    >>> flat = np.full((64, 64, 3), 200, np.uint8)
    >>> picture_quality(bands_of(flat), Region(0, 64, 0, 64))
    Quality(focus=0.0, saturated_fraction=0.0)
    """
    probe = QualityProbe(region)
    for top, rows in bands:
        probe.add(top, rows)
    return probe.quality
