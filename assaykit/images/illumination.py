"""Illumination: what an unstained field would look like at every place of a picture.

The baseline is what :func:`assaykit.images.colour.unmix` gives of the unstained field. It is one
colour, a picture that was taken without specimen (flat field), or a smooth surface through the
pictures of negative controls. Amounts of stain are counted from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError
from assaykit.images.colour import Map, Pixels, Unmixing, unmix

BRIGHT_SHARE = 0.9
_GRID = 64  # pixels across, enough for a surface of second degree


@dataclass(frozen=True, eq=False)
class Baseline:
    """The unstained field: a surface of second degree for each component, or a picture.

    Parameters
    ----------
    coefficients
        6 × 3: those of 1, x, y, x², xy and y² for stain, neutral and other; x and y run from
        -1 to 1 over the picture.
    field
        A map ``(height, width, 3)`` instead, at whatever resolution.
    """

    coefficients: npt.NDArray[np.float64]
    field: Map | None = None

    @classmethod
    def of_colour(cls, white: Sequence[float], split: Unmixing) -> Baseline:
        """The same colour everywhere.

        Examples
        --------
        >>> from assaykit.images.colour import unmixing
        >>> split = unmixing((0.33, 0.67, 0.66))
        >>> float(Baseline.of_colour((255, 255, 255), split).over(2, 2).max())
        0.0
        """
        coefficients = np.zeros((6, 3))
        coefficients[0] = split.components(white)
        return cls(coefficients)

    @classmethod
    def of_flat_field(cls, flat: Pixels, split: Unmixing) -> Baseline:
        """A picture without specimen, smoothed so that its noise is not carried on."""
        side = max(flat.shape[:2])
        blurred = cv2.GaussianBlur(flat, (0, 0), max(side / _GRID / 2, 1.0))
        smooth = np.asarray(blurred, dtype=np.uint8)
        return cls(np.zeros((6, 3)), unmix(smooth, split))

    @classmethod
    def of_references(
        cls,
        references: Sequence[Map],
        valid: Sequence[npt.NDArray[np.bool_]],
        *,
        constant: bool = False,
    ) -> Baseline:
        """A smooth surface through unmixed pictures of unstained fields.

        Parameters
        ----------
        references
            Unmixed pictures of one shape.
        valid
            Which pixels of each may be used.
        constant
            One colour for the whole field: a surface through few pictures would follow their
            cells.

        Raises
        ------
        UsageError
            There is no reference, or no valid pixel in it.
        """
        points = [_points(*pair) for pair in zip(references, valid, strict=True)]
        points = [point for point in points if len(point[0])]
        if not points:
            raise UsageError("No pixel of the reference pictures can be used.")
        design = np.concatenate([point[0] for point in points])
        values = np.concatenate([point[1] for point in points])
        if constant:
            coefficients = np.zeros((6, 3))
            coefficients[0] = np.median(values, axis=0)
            return cls(coefficients)
        return cls(_robust_surface(design, values))

    def shifted(self, offset: Sequence[float]) -> Baseline:
        """The same field with some amounts of stain, neutral and other added everywhere."""
        coefficients = self.coefficients.copy()
        coefficients[0] += np.asarray(offset)
        return Baseline(coefficients, self.field)

    def over(self, height: int, width: int, rows: slice = slice(None)) -> Map:
        """The components of the unstained field over some rows of a picture of some size."""
        top, bottom, _ = rows.indices(height)
        if self.field is not None:
            field = cv2.resize(self.field, (width, height), interpolation=cv2.INTER_LINEAR)
            return np.asarray(field[top:bottom] + self.coefficients[0], dtype=np.float32)
        if not self.coefficients[1:].any():
            constant = self.coefficients[0].astype(np.float32)
            return np.broadcast_to(constant, (bottom - top, width, 3))
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
        y = np.linspace(-1, 1, height, dtype=np.float32)[top:bottom, None, None]
        c = self.coefficients.astype(np.float32)
        of_y = c[0] + c[2] * y + c[5] * y * y
        return np.asarray(of_y + (c[1] + c[4] * y) * x + c[3] * x * x, dtype=np.float32)


def _points(
    amounts: Map, valid: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Terms of the surface and amounts at the cells of a coarse grid that are mostly valid."""
    height, width = valid.shape
    size = (min(_GRID, width), min(_GRID, height))
    share = cv2.resize(valid.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    masked = amounts * valid[:, :, None]
    mean = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
    used = share > 0.5
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    x, y = x[used], y[used]
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    return design, (mean[used] / share[used][:, None]).astype(np.float64)


def _robust_surface(
    design: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Least squares, twice more with weights that pass over specks (Huber's, at 1.345 SD)."""
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    for _ in range(2):
        distance = np.abs(values - design @ coefficients)
        spread = 1.4826 * np.median(distance, axis=0) + 1e-9
        weight = np.minimum(1.0, 1.345 * spread / np.maximum(distance, 1e-12)).min(axis=1)
        root = np.sqrt(weight)[:, None]
        coefficients = np.linalg.lstsq(design * root, values * root, rcond=None)[0]
    return np.asarray(coefficients, dtype=np.float64)


def background_colour(
    image: Pixels, valid: npt.NDArray[np.bool_] | None = None
) -> tuple[float, ...]:
    """Red, green and blue of the brightest tenth of a picture: its unstained field.

    Where stain covers more than nine tenths it is too dark; compare it over a plate.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB, already averaged to the resolution of the measurement.
    valid
        Which pixels may be used; None: all. Every other row and column is looked at.

    Examples
    --------
    >>> picture = np.full((20, 20, 3), (210, 200, 215), np.uint8)
    >>> background_colour(picture)
    (210.0, 200.0, 215.0)
    """
    every = slice(None, None, 2)
    seen = np.ascontiguousarray(image[every, every])
    mask = None if valid is None else valid[every, every].astype(np.uint8)
    brightness = cv2.transform(seen, np.full((1, 3), 1 / 3, dtype=np.float32))
    counts = _histogram(brightness, 0, mask)
    if not counts.any():
        return (255.0, 255.0, 255.0)
    darker = np.cumsum(counts) - counts
    least = int(np.flatnonzero(darker <= BRIGHT_SHARE * counts.sum())[-1])
    bright = cv2.compare(brightness, float(least), cv2.CMP_GE)
    bright = bright if mask is None else cv2.bitwise_and(bright, bright, mask=mask)
    return tuple(_median(_histogram(seen, channel, bright)) for channel in range(3))


def _histogram(
    image: Pixels, channel: int, mask: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.float64]:
    counts = cv2.calcHist([image], [channel], mask, [256], [0, 256])
    return np.asarray(counts, dtype=np.float64).ravel()


def _median(counts: npt.NDArray[np.float64]) -> float:
    return float(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
