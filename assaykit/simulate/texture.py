"""Random textures that pictures of cultures are made of: noise, directions, woven cell layers.

Every map is ``float32`` of shape ``(height, width)``. Noise has mean 0 and standard deviation 1
unless stated otherwise. Lengths are in px here; callers convert from µm.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Size = tuple[int, int]


def smooth_noise(rng: np.random.Generator, size_px: Size, sigma_px: float) -> Map:
    """Gaussian noise with one scale: white noise under a Gaussian filter, then standardised.

    Parameters
    ----------
    rng
        Source of random numbers.
    size_px
        Height and width.
    sigma_px
        Standard deviation of the filter; 0 gives white noise. Wide filters are drawn on a
        coarser grid and enlarged, which costs no more than narrow ones.

    Examples
    --------
    >>> noise = smooth_noise(np.random.default_rng(1), (50, 60), 4.0)
    >>> noise.shape, abs(float(noise.mean())) < 1e-4
    ((50, 60), True)
    """
    shrink = max(sigma_px / 3.0, 1.0)
    sigma = sigma_px / shrink
    margin = int(np.ceil(3 * sigma)) + 2
    height, width = (int(np.ceil(n / shrink)) + 2 * margin for n in size_px)
    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise = blurred(noise, sigma)
    inner = noise[margin : height - margin, margin : width - margin]
    if inner.shape != size_px:
        wide = cv2.resize(inner, size_px[::-1], interpolation=cv2.INTER_CUBIC)
        inner = np.asarray(wide, dtype=np.float32)
    return standardised(inner)


def blurred(values: Map, sigma_px: float) -> Map:
    """A map, or a picture, under a Gaussian filter.

    Parameters
    ----------
    values
        ``(height, width)`` or ``(height, width, 3)``.
    sigma_px
        Standard deviation of the filter; 0 leaves the map as it is.

    Examples
    --------
    >>> dot = np.zeros((5, 5), dtype=np.float32)
    >>> dot[2, 2] = 1
    >>> bool(0 < blurred(dot, 1.0)[2, 2] < 0.2)
    True
    """
    if sigma_px <= 0:
        return values
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px), dtype=np.float32)


def standardised(values: Map) -> Map:
    """The same map with mean 0 and standard deviation 1.

    Examples
    --------
    >>> standardised(np.array([[1.0, 3.0]], dtype=np.float32)).tolist()
    [[-1.0, 1.0]]
    """
    centred = values - values.mean(dtype=np.float64)
    spread = float(centred.std(dtype=np.float64)) or 1.0
    return np.asarray(centred / spread, dtype=np.float32)


def cloud_noise(
    rng: np.random.Generator, size_px: Size, sigmas_px: tuple[float, ...], exponent: float
) -> Map:
    """Noise with many scales: the amplitude of each grows as its sigma to the exponent.

    Parameters
    ----------
    rng
        Source of random numbers.
    size_px
        Height and width.
    sigmas_px
        One octave each.
    exponent
        0 gives all scales the same weight; larger, larger clouds.

    Examples
    --------
    >>> cloud_noise(np.random.default_rng(1), (40, 40), (2.0, 8.0), 1.0).shape
    (40, 40)
    """
    octaves = [np.float32(s**exponent) * smooth_noise(rng, size_px, s) for s in sigmas_px]
    return standardised(np.sum(octaves, axis=0, dtype=np.float32))


def directions(rng: np.random.Generator, size_px: Size, sigma_px: float, turn: float) -> Map:
    """Local direction of the cells: an angle that wanders smoothly around a common one.

    Parameters
    ----------
    rng
        Source of random numbers.
    size_px
        Height and width.
    sigma_px
        How far a direction holds.
    turn
        Standard deviation of the angle, in radians.

    Returns
    -------
    numpy.ndarray
        Angles in radians, from the x axis towards the y axis (down).

    Examples
    --------
    >>> directions(np.random.default_rng(1), (30, 40), 8.0, 0.0).std() < 1e-6
    np.True_
    """
    common = rng.uniform(0, np.pi)
    return (common + turn * smooth_noise(rng, size_px, sigma_px)).astype(np.float32)


def towards(angle: Map, centres: npt.NDArray[np.float64], reach_px: float) -> Map:
    """Turn directions so that near some places they radiate from them.

    Parameters
    ----------
    angle
        Directions in radians.
    centres
        One row ``(x, y, strength)`` per place, x and y in px; strength 1 is clearly seen.
    reach_px
        Distance at which the pull of a place has fallen to e^-½.

    Examples
    --------
    >>> flat = np.zeros((41, 41), dtype=np.float32)
    >>> bool(abs(towards(flat, np.array([[20.0, 20.0, 1.0]]), 10.0)[30, 20]) > 0.5)
    True
    """
    cosine, sine = np.cos(2 * angle), np.sin(2 * angle)
    y, x = np.indices(angle.shape, dtype=np.float32)
    for centre_x, centre_y, strength in centres:
        dx, dy = x - np.float32(centre_x), y - np.float32(centre_y)
        squared = dx * dx + dy * dy
        pull = 2 * strength * np.exp(-squared / (2 * reach_px**2)) / (squared + 0.1 * reach_px**2)
        cosine = cosine + pull * (dx * dx - dy * dy)
        sine = sine + pull * 2 * dx * dy
    return (0.5 * np.arctan2(sine, cosine)).astype(np.float32)


def smear(values: Map, angle: Map, length_px: float) -> Map:
    """Average along the local direction, so that grains become fibres.

    Each pass averages a map with itself moved forth and back along the direction, by twice the
    distance of the pass before; curved directions bend the fibres.

    Parameters
    ----------
    values
        What is averaged.
    angle
        Directions in radians, same shape.
    length_px
        Length of the fibres.

    Returns
    -------
    numpy.ndarray
        Not standardised: averaging lowers the spread.

    Examples
    --------
    >>> grains = np.random.default_rng(1).standard_normal((30, 30)).astype(np.float32)
    >>> along_x = smear(grains, np.zeros_like(grains), 16)
    >>> across, along = (float(np.diff(along_x, axis=axis).std()) for axis in (0, 1))
    >>> across > 3 * along
    True
    """
    y, x = np.indices(values.shape, dtype=np.float32)
    cosine, sine = np.cos(angle), np.sin(angle)
    smeared, step = values, 0.5
    while step <= length_px / 4:
        dx, dy = np.float32(step) * cosine, np.float32(step) * sine
        forth = _sample(smeared, x + dx, y + dy)
        back = _sample(smeared, x - dx, y - dy)
        smeared = ((forth + back) * np.float32(0.5)).astype(np.float32)
        step *= 2
    return smeared


def _sample(values: Map, x: Map, y: Map) -> Map:
    moved = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, dtype=np.float32)


def woven(rng: np.random.Generator, angle: Map, width_px: float, length_px: float) -> Map:
    """Relief of a confluent layer of long cells: fibres, light on one side, dark on the other.

    Parameters
    ----------
    rng
        Source of random numbers.
    angle
        Directions of the cells in radians.
    width_px, length_px
        Size of a cell. Cells narrower than a px leave white noise across the direction, as in
        pictures that were reduced by leaving out pixels.

    Examples
    --------
    >>> woven(np.random.default_rng(1), np.zeros((40, 50), dtype=np.float32), 2.0, 12.0).shape
    (40, 50)
    """
    size: Size = (angle.shape[0], angle.shape[1])
    crossing = angle + np.float32(0.35) * smooth_noise(rng, size, 0.3 * length_px)
    grain = max(width_px / 4 - 0.25, 0.0)
    fine = _fibres(rng, crossing, grain, length_px)
    layer = standardised(fine - blurred(fine, max(0.5 * width_px, 0.6)))
    layer += np.float32(0.14) * fine
    if width_px < 2:  # grains that are not resolved
        layer += np.float32(0.5) * smooth_noise(rng, size, 0.0)
    if width_px > 2:  # what a coarser picture does not resolve: single strands, broad bodies
        layer += np.float32(0.5) * _fibres(rng, crossing, grain / 3, length_px / 2)
        layer += np.float32(0.5) * _fibres(rng, crossing, 2.5 * grain, length_px)
    return standardised(layer)


def _fibres(rng: np.random.Generator, angle: Map, grain: float, length_px: float) -> Map:
    """Long and short fibres in equal shares."""
    size: Size = (angle.shape[0], angle.shape[1])
    long = standardised(smear(smooth_noise(rng, size, grain), angle, 0.7 * length_px))
    short = standardised(smear(smooth_noise(rng, size, grain), angle, length_px / 5))
    return standardised(long + short)
