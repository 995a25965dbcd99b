"""Density map → outline of everything stained, pale cytoplasm included.

A pixel belongs to an object if it is above a low threshold and connected to pixels above a high
one (hysteresis). Two things are then taken away: the blurred skirt of dark, crisp cells (a pixel
far below the darkest one close by, unless pale cytoplasm goes on behind it), and processes and
fibres thinner than 3 µm. Then the veil of a large, pale cell is added: what is hardly darker than
the field, next to pale cytoplasm. Small holes are filled.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Field, Mask, Pixels
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

_SKIRT_SHARE = 0.3
_SKIRT_REACH_UM = 4.0
_SKIRT_LENGTH_UM = 3.0
_SEED_AREA_UM2 = 12.0
_PALE_WINDOW_UM = 6.0
_VEIL_WINDOW_UM = 9.0
_VEIL_BODY_UM = 8.0
_VEIL_REACH_UM = 25.0
_VEIL_CONTACT_UM = 4.0


def disc(diameter_px: float) -> Pixels:
    """A disc of about that many pixels across, at least one, always odd."""
    size = max(1, 2 * round((diameter_px - 1) / 2) + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)


def odd(px: float, least: int = 3) -> int:
    """The odd whole number next to a length."""
    return max(least, 2 * round((px - 1) / 2) + 1)


def faint_threshold(field: Field, params: OsteoclastParameters) -> float:
    """OD above which pale cytoplasm is told from this picture's background and noise."""
    return max(params.faint_od, 4.0 * field.unevenness, 3.0 * field.noise)


def stained_threshold(field: Field, params: OsteoclastParameters) -> float:
    """OD that makes an object stained: never less than twice the faint one."""
    return max(params.stained_od, 2.0 * faint_threshold(field, params))


def stained_mask(density: Pixels, field: Field, params: OsteoclastParameters) -> Mask:
    """All pixels of stained objects."""
    scale = field.scale
    faint = STEPS * faint_threshold(field, params)
    level = cv2.medianBlur(density, 3)
    plain = cv2.medianBlur(density, odd(scale.px(_PALE_WINDOW_UM)))
    low = ((plain > faint) | (level > 2 * faint)).astype(np.uint8)
    low[skirts(level, scale.px(1.0), _SKIRT_SHARE)] = 0
    low = cv2.morphologyEx(low, cv2.MORPH_OPEN, disc(scale.px(params.fibre_width_um)))
    seeds = level > STEPS * stained_threshold(field, params)
    kept = _with_seeds(low, seeds, scale.px(1) ** 2 * _SEED_AREA_UM2)
    kept |= _veils(kept, density, field, params)
    return fill_holes(kept, scale.px(1) ** 2 * params.max_hole_area_um2)


def skirts(level: Pixels, px_per_um: float, share: float) -> Mask:
    """The blurred skirt of dark cells: paler than a share of what is close by, and steep."""
    darkest = cv2.dilate(level, disc(2 * _SKIRT_REACH_UM * px_per_um + 1))
    smooth = cv2.GaussianBlur(level, (0, 0), max(0.8, 0.8 * px_per_um)).astype(np.float32)
    slope = cv2.magnitude(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return np.asarray((level < share * darkest) & (slope * _SKIRT_LENGTH_UM * px_per_um > smooth))


def _with_seeds(low: Pixels, seeds: Mask, least: float) -> Mask:
    """Components that hold enough seed pixels."""
    count, labels = label(low)
    held = np.bincount(labels[seeds], minlength=count)
    keep = held >= max(1.0, least)
    keep[0] = False
    return np.asarray(keep[labels])


def _veils(mask: Mask, density: Pixels, field: Field, params: OsteoclastParameters) -> Mask:
    """The thin edges of large, pale cells: hardly above the background, next to pale cytoplasm."""
    scale = field.scale
    level = STEPS * max(params.veil_od, 4.0 * field.unevenness)
    plain = cv2.medianBlur(density, odd(scale.px(_VEIL_WINDOW_UM)))
    width = disc(scale.px(_VEIL_BODY_UM))
    pale = mask & (plain < 3.0 * STEPS * faint_threshold(field, params))
    pale = cv2.morphologyEx(pale.astype(np.uint8), cv2.MORPH_OPEN, width) > 0
    away = distance_from(pale)
    reach = away < scale.px(_VEIL_REACH_UM)
    veil = ((plain > level) & ~mask & reach).astype(np.uint8)
    count, labels = label(veil)
    touch = np.bincount(labels[away < scale.px(_VEIL_CONTACT_UM) / 2], minlength=count)
    keep = touch >= (scale.px(_VEIL_CONTACT_UM)) ** 2
    keep[0] = False
    return np.asarray(keep[labels])


def distance_from(mask: Mask) -> npt.NDArray[np.float32]:
    """Distance in pixels of every pixel from the nearest one of a mask; 0 inside."""
    if not mask.any():
        return np.full(mask.shape, np.inf, dtype=np.float32)
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5))


def smoothed(values: npt.NDArray[np.generic], sigma: float) -> npt.NDArray[np.uint16]:
    """64 times the values after a Gaussian, in whole numbers, so that every tile agrees."""
    whole = np.rint(np.asarray(values, dtype=np.float32) * np.float32(64)).astype(np.uint16)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), sigma), dtype=np.uint16)


def label(mask: npt.NDArray[np.generic]) -> tuple[int, npt.NDArray[np.int32]]:
    """Number of labels, the background included, and the label of every pixel (8-connected)."""
    count, labels = cv2.connectedComponentsWithAlgorithm(
        np.asarray(mask, dtype=np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT
    )
    return int(count), np.asarray(labels, dtype=np.int32)


def fill_holes(mask: Mask, largest: float) -> Mask:
    """Fill holes up to an area in pixels; what touches the picture's edge is no hole."""
    empty = (~mask).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        empty, 4, cv2.CV_32S, cv2.CCL_BBDT
    )
    left, top, width, height, area = stats.T
    inner = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    fill = inner & (area <= largest)
    fill[0] = False
    return np.asarray(mask | fill[labels])
