"""A picture → its TRAP-positive cells: the door of this package."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assaykit.images.osteoclasts.classes import facts_of, name_objects
from assaykit.images.osteoclasts.density import (
    Field,
    Pixels,
    check_picture,
    density_map,
    scale_of,
    working_picture,
)
from assaykit.images.osteoclasts.field import field_of
from assaykit.images.osteoclasts.focus import edge_blur, edge_blur_histogram
from assaykit.images.osteoclasts.measure import measure_cells
from assaykit.images.osteoclasts.nuclei import Spots, find_nuclei
from assaykit.images.osteoclasts.outline import stained_mask
from assaykit.images.osteoclasts.parameters import OsteoclastParameters, checked
from assaykit.images.osteoclasts.splitting import split_cells
from assaykit.images.osteoclasts.whole_wells import split_coarse

if TYPE_CHECKING:
    import pandas as pd

Labels = npt.NDArray[np.int32]


def find_osteoclasts(
    image: Pixels, um_per_px: float, params: OsteoclastParameters | None = None
) -> tuple[pd.DataFrame, Labels]:
    """Outline the TRAP-positive cells of a brightfield picture, count nuclei, name each cell.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB, ``uint8``.
    um_per_px
        Width of a pixel in µm.
    params
        The same for all pictures of a plate.

    Returns
    -------
    objects : pandas.DataFrame
        One row per object: ``label``; ``x``, ``y`` (centroid, px); ``area_um2``; ``nuclei``
        (missing where not resolved); ``mean_od`` (mean of 0.2 red, 0.6 green, 0.2 blue above the
        unstained field); ``class`` (see :mod:`~assaykit.images.osteoclasts.classes`);
        ``size_class``; ``touches_border``; ``counted`` (False: touches the right or lower edge);
        remarks in ``flags``; shape. ``objects.attrs["picture"]`` tells the analysed area and
        whether the picture is out of focus.
    labels : numpy.ndarray
        ``(height, width)`` int32; 0 is background.

    Raises
    ------
    UsageError
        No scale, or not an RGB picture of 8 bits.
    InputError
        Parameters that make no sense.

    Examples
    --------
    >>> import numpy as np
    >>> objects, labels = find_osteoclasts(np.full((64, 64, 3), 200, np.uint8), 0.76)
    >>> len(objects), int(labels.max())
    (0, 0)
    """
    chosen = checked(um_per_px, params)
    check_picture(image)
    scale = scale_of(um_per_px)
    working = working_picture(image, scale)
    field = field_of(working, scale, chosen)
    density = density_map(working, field)
    blur = edge_blur(edge_blur_histogram(density, scale.um, np.s_[:, :]))
    field = dataclasses.replace(field, edge_blur_um=blur)
    labels, spots = label_cells(density, field, chosen)
    facts = facts_of(field, (image.shape[0], image.shape[1]), chosen)
    raw = measure_cells(labels, density, working, spots, (field, 0, 0))
    return name_objects(raw, scale, facts, chosen), enlarged(labels, image.shape, scale.binning)


def label_cells(
    density: Pixels, field: Field, params: OsteoclastParameters, corner: tuple[int, int] = (0, 0)
) -> tuple[Labels, Spots]:
    """Labels 1, 2, … in the order of their first pixels, and candidate nuclei, of one part."""
    mask = stained_mask(density, field, params)
    if not field.inside.all():
        mask &= inside_of(field, corner, mask.shape)
    spots = find_nuclei(density, field, params)
    if field.scale.um_per_px > params.coarsest_um_per_px:
        cells = split_coarse(mask, density, field, params)
    else:
        cells = split_cells(mask, density, spots, field, params)
    return in_order(cells), spots


def inside_of(
    field: Field, corner: tuple[int, int], shape: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Which pixels of a part lie inside the well."""
    rows = (np.arange(shape[0]) + corner[0]) // field.scale.shrink
    columns = (np.arange(shape[1]) + corner[1]) // field.scale.shrink
    return np.asarray(field.inside[rows][:, columns])


def in_order(labels: Labels) -> Labels:
    """Number labels without gaps, in the order of their first pixels."""
    flat = labels.ravel()
    places = np.flatnonzero(flat)
    old, first = np.unique(flat[places], return_index=True)
    table = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    table[old[np.argsort(first)]] = np.arange(1, len(old) + 1)
    return np.asarray(table[labels])


def enlarged(labels: Labels, shape: tuple[int, ...], binning: int) -> Labels:
    """Labels at the size of the picture; rows and columns that filled no bin are background."""
    if binning == 1:
        return labels
    result = np.zeros(shape[:2], dtype=np.int32)
    large = labels.repeat(binning, axis=0).repeat(binning, axis=1)[: shape[0], : shape[1]]
    result[: large.shape[0], : large.shape[1]] = large
    return result
