"""PNG: every chunk is checked against its checksum before anything is decoded."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.readers.picture_file import (
    PictureFile,
    PictureLimits,
    check_size,
    check_whole,
    damaged,
    truncated,
)
from assaykit.readers.picture_samples import SampleForm, to_rgb
from assaykit.readers.picture_scale import Scale, from_density

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GREY, _PALETTE, _GREY_ALPHA, _RGBA = 0, 3, 4, 6
_METRE_UM = 1e6


@dataclass(frozen=True)
class Png:
    """A PNG as its chunks describe it: size in px, bits per sample, scale, alpha and notes."""

    height: int
    width: int
    bits: int
    scale: Scale
    alpha: bool
    notes: tuple[str, ...]

    def pixels(self, source: PictureFile) -> NDArray[np.uint8]:
        """RGB."""
        import imagecodecs

        try:
            samples = imagecodecs.png_decode(source.data or b"")
        except (RuntimeError, ValueError) as error:
            message = f"the PNG cannot be decoded ({error})"
            raise damaged("damaged", source.file, message) from error
        full_scale = 65535 if self.bits == 16 else 255
        form = SampleForm(full_scale, alpha="straight" if self.alpha else "")
        return to_rgb(samples, form, source.file)


def open_png(source: PictureFile, limits: PictureLimits) -> Png:
    """Check the chunks of a PNG and take its size and scale from them; nothing is decoded.

    Raises
    ------
    UnreadableFileError
        It is cut off, damaged, too large or animated.
    InputError
        Its pixels are not square.
    """
    file = source.file
    chunks: dict[bytes, bytes] = {}
    for name, body in _chunks(source.data or b"", file):
        chunks.setdefault(name, body)
        if name == b"IHDR":
            width, height = struct.unpack(">II", body[:8].ljust(8, b"\0"))
            check_size(height, width, file, limits)
            check_whole(height, width, file, limits)
    if next(iter(chunks)) != b"IHDR" or len(chunks[b"IHDR"]) != 13 or b"IDAT" not in chunks:
        raise damaged("damaged", file, "the PNG has no header or no picture in it")
    if b"acTL" in chunks:
        remedy = "Save one picture per file."
        raise damaged("several_pages", file, "it is an animated PNG", remedy)
    return _described(chunks, file)


def _described(chunks: dict[bytes, bytes], file: str) -> Png:
    width, height, bits, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    scale = Scale()
    if len(chunks.get(b"pHYs", b"")) == 9:
        across, down, unit = struct.unpack(">IIB", chunks[b"pHYs"])
        scale = from_density(across, down, _METRE_UM if unit == 1 else 0.0, "PNG pHYs", file)
    alpha = colour in (_GREY_ALPHA, _RGBA) or b"tRNS" in chunks
    notes = []
    if bits == 16:
        notes.append("16 bit, brought to 8 bit by division by 257")
    if colour in (_GREY, _GREY_ALPHA):
        notes.append("greyscale")
    if colour == _PALETTE:
        notes.append("palette")
    if alpha:
        notes.append("alpha removed (transparent parts shown on white)")
    return Png(height, width, bits, scale, alpha, tuple(notes))


def _chunks(data: bytes, file: str) -> Iterator[tuple[bytes, bytes]]:
    """Name and content (of the pixels only that they are there) of each chunk, checked."""
    view, place, name = memoryview(data), 8, b""
    while name != b"IEND":
        head = data[place : place + 8]
        length = int.from_bytes(head[:4], "big")
        name = head[4:8]
        end = place + 12 + length
        if len(head) < 8 or end > len(data):
            raise truncated(file, "its end is missing")
        checksum = int.from_bytes(data[end - 4 : end], "big")
        if zlib.crc32(view[place + 4 : end - 4]) != checksum:
            message = f"its part {name.decode('latin-1')!r} does not match its checksum"
            raise damaged("damaged", file, message)
        yield name, b"" if name == b"IDAT" else data[place + 8 : end - 4]
        place = end
