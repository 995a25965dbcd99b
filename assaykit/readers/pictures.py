"""The door to pictures: TIFF, PNG and JPEG, told by content, checked, with their scale.

Opening reads the header and checks that nothing is missing; pixels are decoded when they are
asked for, once for each call. What is cut off or damaged is an error, never grey rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem, UsageError
from assaykit.readers.picture_file import DEFAULT_LIMITS, PictureFile, PictureLimits, open_file
from assaykit.readers.picture_jpeg import Jpeg, open_jpeg
from assaykit.readers.picture_png import Png, open_png
from assaykit.readers.picture_tiff import Tiff, open_tiff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Picture", "PictureLimits", "open_picture", "overview_factor"]

_EXTENSIONS = {"TIFF": (".tif", ".tiff"), "PNG": (".png",), "JPEG": (".jpg", ".jpeg", ".jpe")}
_BRIGHTEST_OF_12_BITS = 16  # 4095 of 65535, as 8 bit


@dataclass(frozen=True)
class Picture:
    """A picture that was opened and checked, and whose pixels are decoded on demand.

    It holds the bytes of its file (of a large TIFF it does not): drop it when it is done.

    Parameters
    ----------
    file, path
        Its name (NFC) for messages, and where it is.
    kind
        ``TIFF``, ``PNG`` or ``JPEG``, by its content.
    height, width
        Size in px, after turning as its orientation tag asks for.
    um_per_px
        Micrometres per pixel, or None where the file does not say so believably.
    scale_source
        ``OME-XML``, ``ImageJ``, ``TIFF tags``, ``PNG pHYs``, ``JFIF density`` or empty.
    bits
        Bits of a sample that are used, as stored.
    notes
        What was done to bring it to RGB with 8 bits, and what was not believed.
    """

    file: str
    path: Path
    kind: str
    height: int
    width: int
    um_per_px: float | None
    scale_source: str
    bits: int
    notes: tuple[str, ...]
    _source: PictureFile = field(repr=False, compare=False)
    _content: Tiff | Png | Jpeg = field(repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes (of a large TIFF they are read once more)."""
        return self._source.sha256

    def pixels(self) -> NDArray[np.uint8]:
        """The whole picture, decoded once.

        Returns
        -------
        numpy.ndarray
            Shape (height, width, 3), RGB, ``uint8``.

        Raises
        ------
        UnreadableFileError
            It is damaged in a way that only decoding shows.
        InputError
            Its samples do not fit its declared range, or it has 12 bits in 16 without saying so.
        """
        whole = self._content.pixels(self._source)
        self._check_brightness(int(whole.max()))
        return whole

    def bands(self, rows: int = 512) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """The picture from the top to the bottom, in bands of its whole width.

        A TIFF in strips or tiles is decoded as it goes, with a few bands in memory. A PNG, a
        JPEG and a TIFF that has to be turned are decoded whole and sliced.

        Parameters
        ----------
        rows
            Height of a band in px; the last one may be lower.

        Returns
        -------
        Iterator
            First row, and RGB of shape (rows, width, 3), ``uint8``; together equal to
            :meth:`pixels`.

        Raises
        ------
        UnreadableFileError, InputError
            As for :meth:`pixels`.
        """
        if rows < 1:
            raise UsageError(f"a band has at least one row, not {rows}")
        brightest = 0
        for row, band in self._in_bands(rows):
            brightest = max(brightest, int(band.max()))
            if row + len(band) == self.height:
                self._check_brightness(brightest)
            yield row, band

    def _in_bands(self, rows: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        if isinstance(self._content, Tiff) and self._content.streams:
            yield from _regrouped(self._content.pieces(self._source), rows, self.height)
            return
        whole = self._content.pixels(self._source)
        for row in range(0, self.height, rows):
            yield row, whole[row : row + rows]

    def overview(self, max_side: int = 1024) -> NDArray[np.uint8]:
        """A small copy: each pixel is the mean of a square of pixels (at the edge, of the rest).

        Parameters
        ----------
        max_side
            Largest height and width in px.

        Returns
        -------
        numpy.ndarray
            RGB, ``uint8``; the side of the squares is :func:`overview_factor`.

        Raises
        ------
        UnreadableFileError, InputError
            As for :meth:`pixels`.
        """
        import numpy as np

        factor = overview_factor(self.height, self.width, max_side)
        rows = factor * max(512 // factor, 1)
        return np.concatenate([_block_means(band, factor) for _, band in self.bands(rows)])

    def _check_brightness(self, brightest: int) -> None:
        """Raise for 12 bits in 16 that do not say so: the picture would be black."""
        undeclared = isinstance(self._content, Tiff) and not self._content.declared
        if not undeclared or brightest > _BRIGHTEST_OF_12_BITS:
            return
        message = (
            "its 16-bit samples use less than a sixteenth of their range, so it seems to have 12 "
            "bits or fewer, but it does not say so"
        )
        remedy = "Say how many bits the camera has (camera_bits), or save it as RGB with 8 bits."
        raise InputError([Problem("bits_not_declared", message, self.file, remedy=remedy)])


def open_picture(
    path: str | Path, limits: PictureLimits = DEFAULT_LIMITS, *, bits: int | None = None
) -> Picture:
    """Open a picture by its content, whatever its extension says, and check that it is whole.

    Parameters
    ----------
    path
        A TIFF (also BigTIFF and OME), PNG or JPEG.
    limits
        How large it may be.
    bits
        Bits that the camera used (9 to 16) of a 16-bit TIFF that does not say so itself.

    Returns
    -------
    Picture
        Its size, scale and remarks; pixels are not decoded yet.

    Raises
    ------
    UnreadableFileError
        There is no such file; it is empty, no picture, cut off, damaged, too large, or of a
        kind that is not read (CMYK, floating point, rare compressions).
    InputError
        It holds several pictures, or its pixels are not square.
    UsageError
        ``bits`` is not between 9 and 16.

    Examples
    --------
    >>> import cv2, tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "A1.tif"
    ...     _ = path.write_bytes(cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))[1])
    ...     picture = open_picture(path)
    >>> picture.kind, picture.height, picture.width, picture.um_per_px
    ('PNG', 4, 6, None)
    >>> picture.pixels().shape
    (4, 6, 3)
    """
    if bits is not None and not 9 <= bits <= 16:
        raise UsageError(f"a camera has 9 to 16 bits, not {bits} (8 needs no declaration)")
    source = open_file(path, limits)
    content: Tiff | Png | Jpeg
    if source.kind == "TIFF":
        content = open_tiff(source, limits, bits)
    elif source.kind == "PNG":
        content = open_png(source, limits)
    else:
        content = open_jpeg(source, limits)
    return _picture(source, content)


def _picture(source: PictureFile, content: Tiff | Png | Jpeg) -> Picture:
    height, width = content.height, content.width
    turn = 1 if isinstance(content, Png) else content.orientation
    notes = [*content.notes, content.scale.note]
    if turn >= 5:
        height, width = width, height
    if turn > 1:
        notes.append("turned upright as its orientation tag says")
    extension = source.path.suffix.lower()
    if extension not in _EXTENSIONS[source.kind]:
        notes.append(f"it is a {source.kind}, though its name ends in '{extension}'")
    return Picture(
        source.file, source.path, source.kind, height, width, content.scale.um_per_px,
        content.scale.source, content.bits, tuple(note for note in notes if note), source, content,
    )  # fmt: skip


def overview_factor(height: int, width: int, max_side: int) -> int:
    """How many pixels of a picture stand side by side in one pixel of its overview.

    Raises
    ------
    UsageError
        ``max_side`` is below 1.

    Examples
    --------
    >>> overview_factor(17481, 16607, 1024)
    18
    """
    if max_side < 1:
        raise UsageError(f"an overview has at least one pixel, not {max_side}")
    return max(-(-max(height, width) // max_side), 1)


def _regrouped(
    pieces: Iterator[tuple[int, NDArray[np.uint8]]], rows: int, height: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Pieces of any height as bands of one height."""
    import numpy as np

    waiting: list[NDArray[np.uint8]] = []
    start = 0
    for _, piece in pieces:
        rest = piece
        while len(rest):
            missing = min(rows, height - start) - sum(map(len, waiting))
            waiting.append(rest[:missing])
            rest = rest[missing:]
            if sum(map(len, waiting)) == min(rows, height - start):
                band = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
                yield start, band
                start, waiting = start + len(band), []


def _block_means(band: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Mean of each square of ``factor`` pixels; at the right and lower edge of what is there."""
    import cv2
    import numpy as np

    if factor == 1:
        return band
    tall, wide = (size // factor * factor for size in band.shape[:2])
    rows = []
    for part in (band[:tall], band[tall:]):
        cells = [cell for cell in (part[:, :wide], part[:, wide:]) if cell.size]
        sizes = [(-(-cell.shape[1] // factor), -(-len(cell) // factor)) for cell in cells]
        small = [
            cv2.resize(cell, size, interpolation=cv2.INTER_AREA)
            for cell, size in zip(cells, sizes, strict=True)
        ]
        rows += [np.concatenate(small, axis=1)] if small else []
    return np.concatenate(rows)
