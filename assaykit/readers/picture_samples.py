"""Samples of any kind become RGB with 8 bits, by a rule that is the same for every picture.

16 bits become 8 by division of the full range (by 257, or by what a declared range of 9 to 15
bits asks for), rounded to the nearest; a picture is never stretched to its own darkest and
brightest pixel. Transparent parts are shown on white.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from assaykit.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Alpha = Literal["", "straight", "premultiplied", "dropped"]


@dataclass(frozen=True)
class SampleForm:
    """What the samples of a picture mean.

    Parameters
    ----------
    full_scale
        The sample that is white: 255, 65535, or less for a declared range.
    inverted
        0 is white (MinIsWhite).
    alpha
        What the last channel is, if it is no colour.
    palette
        RGB of each index, shape (n, 3); the samples are indices.
    """

    full_scale: int = 255
    inverted: bool = False
    alpha: Alpha = ""
    palette: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)


def to_rgb(
    samples: NDArray[np.uint8 | np.uint16], form: SampleForm, file: str
) -> NDArray[np.uint8]:
    """Samples as RGB.

    Parameters
    ----------
    samples
        Shape (height, width) or (height, width, channels); ``uint8`` or ``uint16``.
    form
        What they mean.
    file
        Name of the picture, for messages.

    Returns
    -------
    numpy.ndarray
        Shape (height, width, 3), ``uint8``.

    Raises
    ------
    InputError
        A sample is larger than the declared range, or no colour of the palette.

    Examples
    --------
    >>> import numpy as np
    >>> to_rgb(np.array([[0, 65535]], np.uint16), SampleForm(65535), "A1.tif")[0, :, 0].tolist()
    [0, 255]
    """
    import cv2
    import numpy as np

    if samples.ndim == 2:
        samples = samples[..., np.newaxis]
    if form.palette is not None:
        return _from_palette(samples, form.palette, file)
    eight = to_eight_bits(samples, form.full_scale, file)
    colours = eight[..., : eight.shape[2] - 1] if form.alpha else eight
    if form.inverted:
        colours = 255 - colours
    if form.alpha in ("straight", "premultiplied"):
        colours = _on_white(colours, eight[..., -1:], form.alpha)
    colours = np.ascontiguousarray(colours)
    return cv2.cvtColor(colours, cv2.COLOR_GRAY2RGB) if colours.shape[2] == 1 else colours


def to_eight_bits(
    samples: NDArray[np.uint8 | np.uint16], full_scale: int, file: str
) -> NDArray[np.uint8]:
    """Samples from 0 to ``full_scale`` as 0 to 255, rounded to the nearest.

    Raises
    ------
    InputError
        A sample is larger than ``full_scale``.

    Examples
    --------
    >>> import numpy as np
    >>> to_eight_bits(np.array([[0, 2048, 4095]], np.uint16), 4095, "A1.tif").tolist()
    [[0, 128, 255]]
    """
    import cv2
    import numpy as np

    if samples.dtype == np.uint8:
        return samples.astype(np.uint8, copy=False)
    if full_scale < 65535 and (most := int(samples.max())) > full_scale:
        message = f"it holds {most}, but declares a range of 0 to {full_scale}"
        remedy = "Save it with the range that it has, or say how many bits it has."
        raise InputError([Problem("beyond_declared_range", message, file, remedy=remedy)])
    flat = np.ascontiguousarray(samples).reshape(samples.shape[0], -1)
    eight: NDArray[np.uint8] = cv2.convertScaleAbs(flat, alpha=255 / full_scale)
    return eight.reshape(samples.shape)


def _from_palette(
    samples: NDArray[np.uint8 | np.uint16], palette: NDArray[np.uint8], file: str
) -> NDArray[np.uint8]:
    if int(samples.max()) >= len(palette):
        message = f"a pixel has colour {samples.max()}, but the palette has {len(palette)} colours"
        raise InputError([Problem("damaged", message, file, remedy="Save it as RGB.")])
    return palette[samples[..., 0]]


def _on_white(
    colours: NDArray[np.uint8], alpha: NDArray[np.uint8], kind: Alpha
) -> NDArray[np.uint8]:
    """Colours over a white ground, rounded to the nearest."""
    import numpy as np

    if int(alpha.min()) == 255:
        return colours
    wide = alpha.astype(np.uint16)
    white = 255 - wide
    if kind == "premultiplied":
        return np.minimum(colours + white, 255).astype(np.uint8)
    return ((colours * wide.astype(np.uint32) + 255 * white.astype(np.uint32) + 127) // 255).astype(
        np.uint8
    )


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A picture turned as its orientation tag (1 to 8, TIFF and EXIF) asks for.

    Examples
    --------
    >>> import numpy as np
    >>> upright(np.arange(6, dtype=np.uint8).reshape(2, 3), 6).tolist()
    [[3, 0], [4, 1], [5, 2]]
    """
    import numpy as np

    turned = pixels.swapaxes(0, 1) if orientation in (5, 6, 7, 8) else pixels
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    return np.ascontiguousarray(turned)
