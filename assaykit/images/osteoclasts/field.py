"""The unstained background, the noise and the black rim of a picture, from its small copy.

The background is looked for in overlapping windows of 600 µm: first as the 20th percentile of
optical density (the 80th of brightness), then, without what is darker than that, as a quadratic
surface (vignetting) and the windows' median deviation from it. A window without unstained pixels
takes its neighbours' value.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import (
    Field,
    Map,
    Mask,
    Pixels,
    Scale,
    noise_of,
    second_differences,
    small_density,
    weighted,
)
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

_RIM_OD = 0.5
_RIM_WIDTH_UM = 60.0
_RIM_LENGTH_UM = 1200.0
_LEAST_UNSTAINED = 0.05
_LEAST_STAINED = 50
_USUAL_DARK = 0.5


def field_of(working: Pixels, scale: Scale, params: OsteoclastParameters) -> Field:
    """Background, noise and rim of a whole working picture."""
    small = small_density(working, scale.shrink)
    noise = noise_of(second_differences(working, scale.shrink))
    return field_from_small(small, noise, (scale, (working.shape[0], working.shape[1])), params)


def field_from_small(
    small: Map, noise: float, size: tuple[Scale, tuple[int, int]], params: OsteoclastParameters
) -> Field:
    """Background and rim from the small copy's density and the noise found elsewhere.

    Parameters
    ----------
    small
        Of :func:`~assaykit.images.osteoclasts.density.small_density`.
    noise
        OD.
    size
        Scale, and rows and columns of the working picture.
    params
        Window of the background, margin of the rim.
    """
    scale, shape = size
    um = scale.um * scale.shrink
    inside = ~_rim(weighted(small), um, params.rim_margin_um)
    window = max(8, round(params.background_window_um / um))
    background = _background(small, inside, window)
    rest = weighted(small) - weighted(background)
    usual = rest[inside & (rest < params.stained_od / 2)]
    unevenness = 1.4826 * float(np.median(np.abs(usual - np.median(usual)))) if usual.size else 0.0
    return Field(scale, shape, background, inside, noise, unevenness, _dark(rest[inside], params))


def _dark(density: Map, params: OsteoclastParameters) -> float:
    """Density that a twentieth of the stained pixels exceed, within what cultures show."""
    stained = density[density > params.stained_od]
    if stained.size < _LEAST_STAINED:
        return _USUAL_DARK
    return float(np.clip(np.percentile(stained, 95), 0.4 * _USUAL_DARK, 2.4 * _USUAL_DARK))


def _rim(density: Map, um: float, margin_um: float) -> Mask:
    """The black rim of a well and all that lies beyond it."""
    darkness = density - np.percentile(density, 10)
    radius = max(1, round(_RIM_WIDTH_UM / 2 / um))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    thick = cv2.morphologyEx((darkness > _RIM_OD).astype(np.uint8), cv2.MORPH_OPEN, disc)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    left, top, width, height = stats[:, :4].T
    at_border = (left == 0) | (top == 0)
    at_border |= (left + width == density.shape[1]) | (top + height == density.shape[0])
    long = np.maximum(width, height) * um >= np.where(at_border, 1.0, 2.0) * _RIM_LENGTH_UM
    rim = long[labels] & (labels > 0)
    if not rim.any():
        return rim
    return _beyond(rim, max(1, round(margin_um / um)))


def _beyond(rim: Mask, margin: int) -> Mask:
    """The rim with a margin, and every part of the picture but the largest that it leaves."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    wide = cv2.dilate(rim.astype(np.uint8), disc)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - wide, connectivity=4)
    if len(stats) < 2:
        return np.asarray(wide > 0)
    return np.asarray(labels != 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def _background(small: Map, inside: Mask, window: int) -> Map:
    """OD of the unstained field, each channel by itself, smooth over a window."""
    first = _windows(small, inside, window, 20.0)
    over = weighted(small) - weighted(first)
    spread = 1.4826 * float(np.median(np.abs(over[inside]))) if inside.any() else 0.0
    unstained = inside & (over < max(0.03, min(spread, 0.06)))
    surface = _surface(small, unstained)
    return surface + _windows(small - surface, unstained, window, 50.0)


def _surface(small: Map, unstained: Mask) -> Map:
    """Vignetting: a quadratic surface through the unstained pixels of each channel."""
    y_at, x_at = np.nonzero(unstained)
    step = max(1, len(y_at) // 20000)
    chosen = (y_at[::step], x_at[::step])
    if len(chosen[0]) < 100:
        return np.zeros_like(small)
    y, x = (np.linspace(-1, 1, length) for length in small.shape[:2])
    across, down = x[chosen[1]], y[chosen[0]]
    terms = np.stack([across**0, across, across**2, down, down**2, across * down], axis=1)
    weights, *_ = np.linalg.lstsq(terms, small[chosen].astype(np.float64), rcond=None)
    lines = weights[0] + np.outer(x, weights[1]) + np.outer(x**2, weights[2])
    columns = np.outer(y, weights[3]) + np.outer(y**2, weights[4])
    surface = (lines[None] + columns[:, None]).astype(np.float32)
    surface += np.multiply.outer(np.outer(y, x), weights[5]).astype(np.float32)
    return surface


def _windows(small: Map, usable: Mask, window: int, percentile: float) -> Map:
    """A percentile in overlapping windows, filled from neighbours, and linear in between."""
    rows, columns = (_centres(length, window) for length in small.shape[:2])
    step = 2 if window >= 40 else 1
    grid = np.full((len(rows), len(columns), 3), np.nan, dtype=np.float32)
    half = window // 2
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            up, left = max(0, row - half), max(0, column - half)
            part = np.s_[up : row + half : step, left : column + half : step]
            kept = small[part][usable[part]]
            if len(kept) >= _LEAST_UNSTAINED * usable[part].size:
                grid[i, j] = np.percentile(kept, percentile, axis=0)
    return _spread_out(_filled(grid), rows, columns, (small.shape[0], small.shape[1]))


def _centres(length: int, window: int) -> npt.NDArray[np.intp]:
    """Centres of windows that overlap by three quarters."""
    count = max(2, round(4 * length / window) + 1)
    return np.rint(np.linspace(0, length - 1, count)).astype(np.intp)


def _filled(grid: Map) -> Map:
    """Each empty window takes the mean of its filled neighbours, from near to far."""
    if np.isnan(grid).all():
        return np.zeros_like(grid)
    while np.isnan(grid).any():
        known = ~np.isnan(grid[..., 0])
        sums = cv2.blur(np.nan_to_num(grid), (3, 3), borderType=cv2.BORDER_CONSTANT)
        counts = cv2.blur(known.astype(np.float32), (3, 3), borderType=cv2.BORDER_CONSTANT)
        near = ~known & (counts > 1e-6)
        grid = grid.copy()
        grid[near] = sums[near] / counts[near][:, None]
    return grid


def _spread_out(
    grid: Map, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], shape: tuple[int, int]
) -> Map:
    """Values at window centres → a map, linear in between, slightly smoothed."""
    smooth = cv2.GaussianBlur(grid, (3, 3), 0.8, borderType=cv2.BORDER_REPLICATE)
    lines = _interpolated(smooth, rows, shape[0])
    return _interpolated(lines.transpose(1, 0, 2), columns, shape[1]).transpose(1, 0, 2)


def _interpolated(values: Map, places: npt.NDArray[np.intp], length: int) -> Map:
    at = np.interp(np.arange(length), places, np.arange(len(places)))
    below = np.minimum(at.astype(np.intp), len(places) - 2)
    share = (at - below).astype(np.float32)[:, None, None]
    return np.asarray(values[below] * (1 - share) + values[below + 1] * share)
