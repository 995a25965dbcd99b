"""Labels → one row of raw measurements per cell, before anything is called anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Field, Pixels
from assaykit.images.osteoclasts.nuclei import Spots

if TYPE_CHECKING:
    import pandas as pd

Labels = npt.NDArray[np.int32]

_PALE_OD = 0.5
_PALE_LEAST_PX = 8
_PALE_LEAST_SHARE = 0.05

RAW_COLUMNS = (
    "label", "x", "y", "area_px", "density", "darkest", "colour", "spots", "solidity",
    "elongation", "width_px", "left", "top", "right", "bottom", "anchor_y", "anchor_x", "rim",
)  # fmt: skip


def measure_cells(
    labels: Labels, density: Pixels, working: Pixels, spots: Spots, place: tuple[Field, int, int]
) -> pd.DataFrame:
    """Raw measurements in working pixels of the whole picture, one row per label.

    Parameters
    ----------
    labels
        1, 2, … without gaps.
    density, working
        Density map and colours of the same pixels.
    spots
        Candidate nuclei.
    place
        The whole picture's field, and the row and column of this part in it.

    Returns
    -------
    pandas.DataFrame
        The columns of ``RAW_COLUMNS``. ``anchor_y`` and ``anchor_x`` are the first pixel of a
        cell, row by row; ``colour`` is the OD of green over the mean of red and blue.
    """
    import pandas as pd

    field, top, left = place
    count = int(labels.max()) + 1
    y, x = np.nonzero(labels)
    which = labels[y, x]
    columns: dict[str, npt.NDArray[Any]] = dict(_moments(which, y, x, count))
    steps = density[y, x].astype(np.float64)
    area = np.maximum(columns["area_px"], 1)
    columns["density"] = np.bincount(which, weights=steps, minlength=count) / area / STEPS
    columns["darkest"] = _darkest(which, density[y, x], count)
    columns["colour"] = _colour(which, working[y, x], density[y, x], field)
    columns["spots"] = np.bincount(labels[spots.y, spots.x], minlength=count)
    first = np.full(count, len(which))
    np.minimum.at(first, which, np.arange(len(which)))
    first = np.minimum(first, max(len(which) - 1, 0))
    columns["anchor_y"] = (y[first] if len(y) else np.zeros(count)) + top
    columns["anchor_x"] = (x[first] if len(x) else np.zeros(count)) + left
    columns["rim"] = _at_rim(which, y + top, x + left, count, field)
    columns |= _shapes(labels, count)
    table = pd.DataFrame({"label": np.arange(count), **columns})[1:]
    table[["y", "top", "bottom"]] += top
    table[["x", "left", "right"]] += left
    return table[list(RAW_COLUMNS)].reset_index(drop=True)


def _moments(
    which: Labels, y: npt.NDArray[np.intp], x: npt.NDArray[np.intp], count: int
) -> dict[str, npt.NDArray[np.float64]]:
    """Area, centroid and the ratio of the axes of the ellipse with the same moments."""
    area = np.bincount(which, minlength=count).astype(np.float64)
    safe = np.maximum(area, 1)
    mean_y = np.bincount(which, weights=y, minlength=count) / safe
    mean_x = np.bincount(which, weights=x, minlength=count) / safe
    dy, dx = y - mean_y[which], x - mean_x[which]
    yy = np.bincount(which, weights=dy * dy, minlength=count) / safe + 1 / 12
    xx = np.bincount(which, weights=dx * dx, minlength=count) / safe + 1 / 12
    xy = np.bincount(which, weights=dx * dy, minlength=count) / safe
    root = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    elongation = np.sqrt(((xx + yy) / 2 + root) / np.maximum((xx + yy) / 2 - root, 1e-9))
    return {"area_px": area, "y": mean_y, "x": mean_x, "elongation": elongation}


def _colour(
    which: Labels, colours: Pixels, steps: npt.NDArray[np.uint8], field: Field
) -> npt.NDArray[np.float64]:
    """OD of green over the mean of red and blue: 1 is grey, TRAP is 1.2 and more.

    Where a cell has them, only pixels below 0.5 OD are taken: the darkest are grey in any camera.
    """
    count = int(which.max(initial=0)) + 1
    pale = steps < _PALE_OD * STEPS
    enough = np.bincount(which[pale], minlength=count) >= np.maximum(
        _PALE_LEAST_PX, _PALE_LEAST_SHARE * np.bincount(which, minlength=count)
    )
    used = pale | ~enough[which]
    label, values = which[used], colours[used]
    white = 10.0 ** -field.background.reshape(-1, 3).mean(axis=0) * 256.0
    sums = [np.bincount(label, weights=values[:, k], minlength=count) for k in range(3)]
    means = np.stack(sums, axis=1) / np.maximum(np.bincount(label, minlength=count), 1)[:, None]
    od = np.log10(white / np.maximum(means, 1.0))
    return np.asarray(od[:, 1] / np.maximum((od[:, 0] + od[:, 2]) / 2, 0.01))


def _at_rim(
    which: Labels,
    y: npt.NDArray[np.intp],
    x: npt.NDArray[np.intp],
    count: int,
    field: Field,
) -> npt.NDArray[np.bool_]:
    """Whether a cell lies next to the strip that was left out at the well's rim."""
    outside = cv2.dilate((~field.inside).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if field.inside.all():
        return np.zeros(count, dtype=np.bool_)
    hit = outside[y // field.scale.shrink, x // field.scale.shrink]
    return np.asarray(np.bincount(which[hit], minlength=count) > 0)


def _darkest(which: Labels, steps: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.float64]:
    """OD that a tenth of each cell's pixels exceed."""
    table = np.bincount(which.astype(np.int64) * 256 + steps, minlength=count * 256)
    shares = np.cumsum(table.reshape(count, 256), axis=1)
    return np.asarray((shares >= 0.9 * shares[:, -1:]).argmax(axis=1) / STEPS)


def _shapes(labels: Labels, count: int) -> dict[str, npt.NDArray[np.float64]]:
    """Box, area over the area of the convex hull, and greatest width."""
    from scipy import ndimage

    names = ("left", "top", "right", "bottom", "solidity", "width_px")
    found = np.zeros((count, len(names)))
    for k, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        own = labels[box] == k
        hull, width = _hull_and_width(own)
        edges = (box[1].start, box[0].start, box[1].stop - 1, box[0].stop - 1)
        found[k] = (*edges, min(1.0, np.count_nonzero(own) / max(hull, 1.0)), width)
    return dict(zip(names, found.T, strict=True))


def _hull_and_width(own: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Area of the convex hull of the pixels' corners, and twice the greatest distance inside."""
    padded = cv2.copyMakeBorder(own.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    width = 2.0 * float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max())
    outlines, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    points = np.concatenate(outlines).reshape(-1, 2).astype(np.float32)
    shifts = np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]])
    corners = (points[None] + shifts[:, None]).reshape(-1, 2)
    hull = cv2.convexHull(corners.astype(np.float32))
    return float(cv2.contourArea(hull)), width
