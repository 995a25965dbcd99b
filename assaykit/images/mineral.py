"""Mineral: how much of a field or well is covered by bound Alizarin red.

::

    working picture  →  bound dye in OD, debris masked  →  one threshold  →  area, OD, nodules

The threshold is one number for a whole plate: a quantile of the bound dye that is seen in the
negative controls, or declared. It is never taken from the picture that is measured: a threshold
of its own finds mineral on every blank field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import NothingToAnalyseError, UsageError
from assaykit.images.colour import Map, Pixels, unmix
from assaykit.images.illumination import Baseline, background_colour
from assaykit.images.mineral_parameters import MineralParameters
from assaykit.images.tiles import Region, bands_of, reduction, shrink

Mask = npt.NDArray[np.bool_]
DEFAULT_THRESHOLD = 0.12
_BLOCK_PX = 200_000  # pixels at a time, so that they stay in the cache


@dataclass(frozen=True, eq=False)
class StainMap:
    """Bound dye over one picture at the resolution of the measurement.

    Parameters
    ----------
    dye_od
        ``(height, width)``: OD of bound dye above the unstained field.
    valid
        Which pixels are analysed: inside the well, neither debris nor black.
    um_per_px
        Scale of the two.
    """

    dye_od: Map
    valid: Mask
    um_per_px: float

    @property
    def values(self) -> Map:
        """Bound dye of the analysed pixels."""
        return self.dye_od[self.valid]


@dataclass(frozen=True)
class Mineral:
    """What is measured in one picture or well.

    Parameters
    ----------
    mineralized_area_fraction
        Share of the analysed area with bound dye above the threshold; missing if nothing is
        analysed.
    mineralized_area_um2, analysed_area_um2
        The two areas, in µm².
    integrated_od
        Sum of the bound dye over the mineral, OD times area in µm²: proportional to its amount.
    nodule_count, nodule_area_um2
        Connected patches of mineral of the least size or more, and the median of their areas.
    threshold
        In OD.
    fraction_at_80_percent, fraction_at_120_percent
        The fraction with a threshold 20 % lower and 20 % higher: what the choice of the
        threshold does to it.
    masked_fraction
        Share of the picture, or of the well in it, that is left out as debris or black.
    """

    mineralized_area_fraction: float
    mineralized_area_um2: float
    analysed_area_um2: float
    integrated_od: float
    nodule_count: int
    nodule_area_um2: float
    threshold: float
    fraction_at_80_percent: float
    fraction_at_120_percent: float
    masked_fraction: float


def stain_map(
    working: Pixels,
    um_per_px: float,
    baseline: Baseline,
    params: MineralParameters,
    region: Mask | None = None,
) -> StainMap:
    """Bound dye of a working picture.

    Parameters
    ----------
    working
        ``(height, width, 3)`` RGB at the resolution of the measurement.
    um_per_px
        Its scale.
    baseline
        What the unstained field looks like.
    params
        See :class:`MineralParameters`.
    region
        Pixels inside the well; None: all of them.
    """
    height, width = working.shape[:2]
    dye = np.empty((height, width), dtype=np.float32)
    valid = np.empty((height, width), dtype=np.bool_)
    block = max(_BLOCK_PX // width, 16)
    for top in range(0, height, block):
        rows = slice(top, min(top + block, height))
        dye[rows], valid[rows] = _of_rows(working, rows, baseline, params)
    if not valid.all():
        kernel = np.ones((3, 3), np.uint8)
        valid = cv2.erode(valid.view(np.uint8), kernel).view(np.bool_)
    if region is not None:
        valid &= region
    return StainMap(_smoothed(dye, valid, params.smoothing / um_per_px), valid, um_per_px)


def _of_rows(
    working: Pixels, rows: slice, baseline: Baseline, params: MineralParameters
) -> tuple[Map, Mask]:
    """Bound dye of some rows and whether they are neither debris nor black."""
    height, width = working.shape[:2]
    wide = slice(max(rows.start - 1, 0), min(rows.stop + 1, height))
    amounts = unmix(working[wide], params.split)
    amounts -= baseline.over(height, width, wide)
    dye, neutral, other = cv2.split(amounts)
    off_stain = np.abs(cv2.blur(other, (3, 3)))  # noise alone is no debris
    valid = (off_stain < params.debris_od) & (neutral < params.black_od)
    own = slice(rows.start - wide.start, rows.stop - wide.start)
    return dye[own], valid[own]


def _smoothed(dye: Map, valid: Mask, sigma_px: float) -> Map:
    """The mean of the analysed pixels around, with Gaussian weights; nothing else leaks in."""
    if sigma_px < 0.3:
        return dye
    reach = 2 * math.ceil(3 * sigma_px) + 1
    size = (reach, reach)
    if valid.all():
        return np.asarray(cv2.GaussianBlur(dye, size, sigma_px, dst=dye), dtype=np.float32)
    dye[~valid] = 0
    cv2.GaussianBlur(dye, size, sigma_px, dst=dye)
    weight = cv2.GaussianBlur(valid.astype(np.float32), size, sigma_px)
    np.maximum(weight, np.float32(1e-6), out=weight)
    np.divide(dye, weight, out=dye)
    return dye


def control_threshold(controls: Sequence[StainMap], params: MineralParameters) -> float:
    """The declared quantile of bound dye over the negative controls, in OD.

    Every control has the same weight, whatever the size of its picture. A quantile below
    ``least_threshold`` is raised to it.

    Raises
    ------
    NothingToAnalyseError
        No control has a pixel that can be analysed.
    UsageError
        The quantile does not lie between 0.5 and 1.

    Examples
    --------
    >>> dye = np.linspace(0, 0.1, 1001, dtype=np.float32).reshape(7, 143)
    >>> control = StainMap(dye, np.full(dye.shape, True), 5.0)
    >>> params = MineralParameters(control_quantile=0.99, least_threshold=0.05)
    >>> round(control_threshold([control], params), 3)
    0.099
    """
    if not 0.5 <= params.control_quantile < 1:
        raise UsageError(
            f"control_quantile must be from 0.5 to below 1, found {params.control_quantile:g}."
        )
    values = [control.values for control in controls if control.valid.any()]
    if not values:
        raise NothingToAnalyseError("No pixel of the negative controls can be analysed.")
    pooled = np.concatenate(values)
    weights = np.concatenate([np.full(v.size, 1.0 / v.size) for v in values])
    order = np.argsort(pooled, kind="stable")
    cumulative = np.cumsum(weights[order])
    place = np.searchsorted(cumulative, params.control_quantile * cumulative[-1])
    quantile = float(pooled[order[min(int(place), len(order) - 1)]])
    return max(quantile, params.least_threshold)


def mineral_mask(stain: StainMap, threshold: float) -> Mask:
    """Which analysed pixels count as mineral."""
    return np.asarray((stain.dye_od > threshold) & stain.valid, dtype=np.bool_)


def measure_stain(
    stain: StainMap, threshold: float, params: MineralParameters, region_px: int | None = None
) -> Mineral:
    """Measure one picture at a threshold.

    Parameters
    ----------
    stain
        Its bound dye.
    threshold
        In OD.
    params
        For the size of nodules.
    region_px
        Pixels of the field or well before debris is masked; None: all of the picture.
    """
    pixel = stain.um_per_px**2
    analysed = int(np.count_nonzero(stain.valid))
    mask = mineral_mask(stain, threshold)
    mineral = int(np.count_nonzero(mask))
    areas = nodule_areas(mask, stain.um_per_px, params.minimum_nodule_area)
    whole = stain.valid.size if region_px is None else region_px

    def fraction_at(level: float) -> float:
        above = int(np.count_nonzero(mineral_mask(stain, level)))
        return above / analysed if analysed else float("nan")

    return Mineral(
        mineralized_area_fraction=mineral / analysed if analysed else float("nan"),
        mineralized_area_um2=mineral * pixel,
        analysed_area_um2=analysed * pixel,
        integrated_od=float(stain.dye_od[mask].sum(dtype=np.float64)) * pixel,
        nodule_count=len(areas),
        nodule_area_um2=float(np.median(areas)) if len(areas) else float("nan"),
        threshold=threshold,
        fraction_at_80_percent=fraction_at(0.8 * threshold),
        fraction_at_120_percent=fraction_at(1.2 * threshold),
        masked_fraction=1 - analysed / whole if whole else float("nan"),
    )


def nodule_areas(mask: Mask, um_per_px: float, least_um2: float) -> npt.NDArray[np.float64]:
    """Areas in µm² of the connected patches (8 neighbours) that are at least of some size.

    Examples
    --------
    >>> mask = np.zeros((9, 9), bool)
    >>> mask[1:4, 1:4], mask[6, 6] = True, True
    >>> nodule_areas(mask, 10.0, 500.0).tolist()
    [900.0]
    """
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask.astype(np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT
    )
    areas = stats[1:, cv2.CC_STAT_AREA] * um_per_px**2
    return np.asarray(areas[areas >= least_um2], dtype=np.float64)


def measure_mineral(
    image: Pixels,
    um_per_px: float,
    white: Sequence[float] | None = None,
    threshold: float | None = None,
    params: MineralParameters | None = None,
) -> dict[str, Any]:
    """Measure the mineral in one picture.

    For the pictures of a plate give all of them the same white and the same threshold: see
    :func:`mineral_threshold`.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB, ``uint8``; the whole picture is analysed.
    um_per_px
        Scale of the picture.
    white
        Red, green and blue of the unstained field (0 to 255), from a negative control of the
        same plate. None: the brightest tenth of this picture, which is too dark where stain
        covers nearly all of it.
    threshold
        Bound dye in OD. None: that of ``params``, else 0.12, which lies above what was seen on
        unmineralized osteoblast cultures.
    params
        See :class:`MineralParameters`.

    Returns
    -------
    dict
        The fields of :class:`Mineral`, with ``threshold_source`` (``given``, ``params`` or
        ``default``), ``white`` and ``white_source`` (``given`` or ``picture``).

    Raises
    ------
    UsageError
        It is no RGB picture of 8 bit, the scale is not a positive number, or the white point or
        threshold is impossible.

    Notes
    -----
    The amount of dye is the OD along the stain vector after neutral grey is taken out (Ruifrok
    & Johnston 2001), so that shading, exposure and the relief of unstained cells do not count.

    Examples
    --------
    >>> picture = np.full((40, 60, 3), (205, 193, 212), np.uint8)
    >>> picture[:20, :15] = (171, 110, 125)
    >>> found = measure_mineral(picture, um_per_px=5.0, params=MineralParameters(smoothing=0))
    >>> round(found["mineralized_area_fraction"], 3), found["nodule_count"]
    (0.125, 1)
    """
    params = params or MineralParameters()
    working, scale = working_picture(image, um_per_px, params)
    colour = background_colour(working) if white is None else _checked_white(white)
    chosen, source = _chosen_threshold(threshold, params)
    stain = stain_map(working, scale, Baseline.of_colour(colour, params.split), params)
    measured = vars(measure_stain(stain, chosen, params))
    return {
        **measured,
        "threshold_source": source,
        "white": colour,
        "white_source": "picture" if white is None else "given",
    }


def mineral_threshold(
    controls: Sequence[Pixels],
    um_per_px: float,
    white: Sequence[float] | None = None,
    params: MineralParameters | None = None,
) -> tuple[float, tuple[float, ...]]:
    """Threshold and white point of a plate from pictures of its negative controls.

    Parameters
    ----------
    controls
        Pictures of unmineralized cells, ``(height, width, 3)`` RGB.
    um_per_px
        Their scale.
    white
        Of the unstained field; None: the median colour of the controls.
    params
        See :class:`MineralParameters`: ``control_quantile`` is the share of their pixels below,
        and ``least_threshold`` the least that is given.

    Returns
    -------
    threshold, white
        Pass both to :func:`measure_mineral`.

    Raises
    ------
    UsageError, NothingToAnalyseError
        As :func:`measure_mineral`; there is no control.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> control = rng.normal((205, 193, 212), 4, (60, 60, 3)).round().astype(np.uint8)
    >>> threshold, white = mineral_threshold([control], um_per_px=5.0)
    >>> threshold, [round(value) for value in white]
    (0.1, [205, 193, 212])
    """
    params = params or MineralParameters()
    pictures = [working_picture(control, um_per_px, params) for control in controls]
    if not pictures:
        raise UsageError("There is no negative control.")
    colour = _median_colour([picture for picture, _ in pictures], white)
    baseline = Baseline.of_colour(colour, params.split)
    maps = [stain_map(picture, scale, baseline, params) for picture, scale in pictures]
    return control_threshold(maps, params), colour


def _median_colour(pictures: Sequence[Pixels], white: Sequence[float] | None) -> tuple[float, ...]:
    if white is not None:
        return _checked_white(white)
    medians = [np.median(picture.reshape(-1, 3), axis=0) for picture in pictures]
    return tuple(float(value) for value in np.mean(medians, axis=0))


def working_picture(
    image: Pixels, um_per_px: float, params: MineralParameters
) -> tuple[Pixels, float]:
    """A picture at the resolution of the measurement, with its scale.

    Raises
    ------
    UsageError
        It is no RGB picture of 8 bit, or has no scale.
    """
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8:
        raise UsageError(
            f"A picture is an array (height, width, 3) of uint8, found {array.shape} of "
            f"{array.dtype}."
        )
    factor = reduction(um_per_px, params.resolution)
    whole = Region(0, array.shape[0], 0, array.shape[1])
    return shrink(bands_of(array), whole, factor), um_per_px * factor


def _checked_white(white: Sequence[float]) -> tuple[float, ...]:
    colour = tuple(float(value) for value in white)
    if len(colour) != 3 or not all(1 <= value <= 255 for value in colour):
        raise UsageError(f"The white point is three numbers from 1 to 255, found {colour}.")
    return colour


def _chosen_threshold(given: float | None, params: MineralParameters) -> tuple[float, str]:
    threshold, source = DEFAULT_THRESHOLD, "default"
    if given is not None:
        threshold, source = float(given), "given"
    elif params.threshold is not None:
        threshold, source = params.threshold, "params"
    if not 0 < threshold < 3:
        raise UsageError(f"The threshold must lie between 0 and 3 OD, found {threshold:g}.")
    return threshold, source
