"""Coarse pictures: osteoclasts are bodies wider than any mononuclear cell, without light gaps.

At 2 to 4 µm/px nuclei are not seen, and thousands of mononuclear cells of three to five pixels lie
in crowds between osteoclasts of 100 to 250 µm. A grey-level opening with a disc wider than a
mononuclear cell wipes out single cells, and crowds too, since light gaps remain between their
cells; what is left grows back to the outline of its body.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.density import STEPS, Field, Mask, Pixels
from assaykit.images.osteoclasts.nuclei import Spots
from assaykit.images.osteoclasts.outline import disc, fill_holes, stained_threshold
from assaykit.images.osteoclasts.parameters import OsteoclastParameters
from assaykit.images.osteoclasts.splitting import cut_and_join

Labels = npt.NDArray[np.int32]

_BODY_DIAMETERS = 2.2
_BODY_LOBES = 2.5
_SOLID_SHARE = 0.5
_MIDDLE_DIAMETERS = 6.0


def split_coarse(mask: Mask, density: Pixels, field: Field, params: OsteoclastParameters) -> Labels:
    """One label per cell of a picture in which nuclei are not resolved.

    Parameters
    ----------
    mask
        Everything stained.
    density
        Density map.
    field, params
        Scale and lengths.
    """
    none = np.zeros(0, dtype=np.intp)
    spots = Spots(none, none, none.astype(float), none.astype(float))
    bodies = body_mask(mask, density, field, params)
    wide = _BODY_LOBES * params.mononuclear_diameter_um
    lobes = dataclasses.replace(params, mononuclear_diameter_um=wide)
    middles = _middles(bodies, wide / field.scale.um)
    large = cut_and_join(bodies, density, middles, field, lobes, bridges=False)
    rest = mask & ~bodies & ~_fringe(mask & ~bodies, bodies)
    small = cut_and_join(rest, density, spots, field, params)
    return np.asarray(np.where(small > 0, small + large.max(), large), dtype=np.int32)


def _middles(bodies: Mask, width_px: float) -> Spots:
    """The middles of bodies and of their lobes, which stand in for nuclei."""
    depth = cv2.distanceTransform(bodies.astype(np.uint8), cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(depth, (0, 0), 1.0)
    y, x = np.nonzero((smooth >= cv2.dilate(smooth, disc(width_px))) & (depth > width_px / 4))
    return Spots(x, y, np.ones(len(x)), np.ones(len(x)))


def _fringe(rest: Mask, bodies: Mask) -> Mask:
    """What is thinner than three pixels and lies around a body: its blurred edge."""
    thick = cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_OPEN, disc(3)) > 0
    near = cv2.dilate(bodies.astype(np.uint8), disc(5)) > 0
    return rest & ~thick & near


def body_mask(mask: Mask, density: Pixels, field: Field, params: OsteoclastParameters) -> Mask:
    """Pixels of bodies wider than mononuclear cells, as far as they reach."""
    scale = field.scale
    width = disc(max(3.0, scale.px(_BODY_DIAMETERS * params.mononuclear_diameter_um)))
    middle = disc(max(3.0, scale.px(_MIDDLE_DIAMETERS * params.mononuclear_diameter_um)))
    filled = _with_pale_middles(mask, density, scale.px(1.0) ** 2 * params.max_hole_area_um2)
    solid = cv2.morphologyEx(filled, cv2.MORPH_OPEN, width)
    darkest = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, width)
    near = cv2.dilate(solid, middle)
    least = np.maximum(stained_threshold(field, params) * STEPS, _SOLID_SHARE * darkest)
    core = (solid >= least) & mask & (near > 0)
    grown = cv2.dilate(core.astype(np.uint8), disc(scale.px(params.mononuclear_diameter_um))) > 0
    bodies = np.asarray(grown & mask & (filled >= least))
    return fill_holes(bodies, scale.px(1.0) ** 2 * params.max_hole_area_um2)


def _with_pale_middles(mask: Mask, density: Pixels, largest: float) -> Pixels:
    """Density with the pale middles of dark bodies made as dark as the threshold around them."""
    strong = density > 0.5 * cv2.dilate(density, np.ones((5, 5), np.uint8))
    strong &= mask
    closed = fill_holes(strong, largest)
    return np.where(closed & ~strong, np.maximum(density, cv2.blur(density, (9, 9))), density)
