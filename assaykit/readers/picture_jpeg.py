"""JPEG: everything that can be checked without decoding, and a decoder that says nothing aloud.

Decoders fill what is missing with grey and do not tell. So the file is walked from marker to
marker to its end; restart markers must come in order and in the right number; a progressive
picture must have all its passes; a run of zeros that the picture's own code tables cannot mean is
a hole. A picture whose last pixel has the grey that decoders fill in is decoded a second time
with other bytes behind the end of its data: if that changes it, the data ended too early.

What cannot be found for certain, since JPEG has no checksum: changed bytes in the middle; bytes
that are missing from the middle of a progressive picture or from between two restart markers; a
progressive picture whose very last pass was cut and then closed with an end marker.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assaykit.readers.picture_file import (
    SAVE_AS,
    PictureFile,
    PictureLimits,
    check_size,
    check_whole,
    damaged,
    truncated,
)
from assaykit.readers.picture_samples import SampleForm, to_rgb, upright
from assaykit.readers.picture_scale import Scale, from_density
from assaykit.readers.picture_tags import orientation_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_HOLE = bytes(512)
_PADDING = bytes(range(1, 200)) * 4  # any bytes without FF
_SOF, _DHT, _SOS, _EOI, _DRI, _APP0, _APP1 = 0xC0, 0xC4, 0xDA, 0xD9, 0xDD, 0xE0, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_INCH_UM, _CM_UM = 25_400.0, 10_000.0


@dataclass(frozen=True)
class Jpeg:
    """A JPEG as its markers describe it.

    Parameters
    ----------
    height, width
        Size in px as stored, before turning.
    components
        1 (grey) or 3 (colour).
    orientation
        EXIF orientation, 1 to 8.
    scale
        What JFIF says about the size of a pixel.
    data_end
        Where the data of the last pass end, in bytes.
    single_pass
        The picture is baseline, in one pass.
    """

    height: int
    width: int
    components: int
    orientation: int
    scale: Scale
    data_end: int
    single_pass: bool
    bits: int = 8
    notes: tuple[str, ...] = ()

    def pixels(self, source: PictureFile) -> NDArray[np.uint8]:
        """RGB, upright."""
        data = source.data or b""
        samples = decode_jpeg(data, source.file)
        if self._ends_grey(samples) and _changed_by_padding(data, self.data_end, samples):
            raise truncated(source.file, "its data end before its last row")
        return upright(to_rgb(samples, SampleForm(), source.file), self.orientation)

    def _ends_grey(self, samples: NDArray[np.uint8]) -> bool:
        return self.single_pass and bool((samples[-1, -1] == 128).all())


@dataclass
class JpegWalk:
    """What has been met so far on the way through the markers; filled by :func:`walk_jpeg`.

    ``sizes`` is height and width in px, ``sampling`` has the components, ``exact`` the
    coefficients of each that have come to full precision, ``scans`` where the passes lie.
    """

    file: str
    sizes: tuple[int, int] = (0, 0)
    process: int = -1
    sampling: dict[int, tuple[int, int]] = field(default_factory=dict)
    interval: int = 0
    first_codes: set[int] = field(default_factory=set)
    density: tuple[int, int, int] = (0, 0, 0)
    exif: bytes = b""
    scans: list[tuple[int, int]] = field(default_factory=list)
    exact: dict[int, set[int]] = field(default_factory=dict)


def open_jpeg(source: PictureFile, limits: PictureLimits) -> Jpeg:
    """Walk a JPEG from marker to marker; nothing is decoded.

    Raises
    ------
    UnreadableFileError
        It is cut off, damaged, too large, or of a kind that is not read (CMYK, 12 bits,
        lossless, arithmetic coding).
    InputError
        Its pixels are not square.
    """
    walk = walk_jpeg(source.data or b"", source.file)
    height, width = walk.sizes
    check_size(height, width, source.file, limits)
    check_whole(height, width, source.file, limits)
    unit = {1: _INCH_UM, 2: _CM_UM}.get(walk.density[0], 0.0)
    scale = from_density(walk.density[1], walk.density[2], unit, "JFIF density", source.file)
    single = walk.process < 2 and len(walk.scans) == 1
    turn = orientation_of(walk.exif)
    grey = ("greyscale",) if len(walk.sampling) == 1 else ()
    end = walk.scans[-1][1]
    return Jpeg(height, width, len(walk.sampling), turn, scale, end, single, notes=grey)


def decode_jpeg(data: bytes, file: str, **options: object) -> NDArray[np.uint8]:
    """Decode the bytes of a JPEG that has been walked; ``options`` as of ``jpeg8_decode``.

    Raises
    ------
    UnreadableFileError
        The decoder gives up.
    """
    import imagecodecs

    try:
        return imagecodecs.jpeg8_decode(data, **options)  # type: ignore[arg-type]
    except (RuntimeError, ValueError) as error:
        raise damaged("damaged", file, f"the JPEG cannot be decoded ({error})") from error


def _changed_by_padding(data: bytes, end: int, samples: NDArray[np.uint8]) -> bool:
    """Whether bytes after the end of the data are used: then the data are not complete."""
    import imagecodecs
    import numpy as np

    padded = imagecodecs.jpeg8_decode(data[:end] + _PADDING + data[end:])
    return not np.array_equal(padded, samples)


def walk_jpeg(data: bytes, file: str) -> JpegWalk:
    """Go from marker to marker until the end of the picture and check what can be checked.

    Raises
    ------
    UnreadableFileError
        It is cut off, damaged, or of a kind that is not read.
    """
    walk, place = JpegWalk(file), 2
    while True:
        marker, place = _marker_at(data, place, file)
        if marker == _EOI:
            break
        if marker == 1 or 0xD0 <= marker <= 0xD8:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        body = data[place + 2 : place + length]
        if length < 2 or len(body) != length - 2:
            raise truncated(file, "it ends within its header")
        place += length
        try:
            _look_at(marker, body, walk)
        except (IndexError, struct.error) as error:
            raise damaged("damaged", file, "a part of its header is too short") from error
        if marker == _SOS:
            place = _scan_end(data, place, walk)
    _check_complete(walk)
    return walk


def _marker_at(data: bytes, place: int, file: str) -> tuple[int, int]:
    while data[place : place + 2] == b"\xff\xff":
        place += 1
    if place + 2 > len(data):
        raise truncated(file, "its end is missing")
    if data[place] != 0xFF:
        raise damaged("damaged", file, f"expected a marker at byte {place + 1} of the JPEG")
    return data[place + 1], place + 2


def _look_at(marker: int, body: bytes, walk: JpegWalk) -> None:
    """Take from a part of the header what is needed."""
    if marker in _FRAMES:
        _frame(marker, body, walk)
    elif marker == _DHT:
        _first_codes(body, walk)
    elif marker == _DRI:
        walk.interval = int.from_bytes(body[:2], "big")
    elif marker == _APP0 and body.startswith(b"JFIF\0"):
        walk.density = struct.unpack(">BHH", body[7:12])
    elif marker == _APP1 and body.startswith(b"Exif\0\0") and not walk.exif:
        walk.exif = body[6:]
    elif marker == _SOS:
        _pass(body, walk)


def _frame(marker: int, body: bytes, walk: JpegWalk) -> None:
    precision, height, width, count = struct.unpack(">BHHB", body[:6])
    walk.process, walk.sizes = marker - _SOF, (height, width)
    if walk.process > 2 or precision != 8:
        message = f"it is a JPEG with {precision} bits or of a rare kind (SOF{walk.process})"
        raise damaged("unsupported_compression", walk.file, message, SAVE_AS)
    if count == 4:
        message = "it is a JPEG in CMYK, the colours of a printer, from which light cannot be told"
        raise damaged("unsupported_colours", walk.file, message, "Save it as RGB.")
    if count not in (1, 3):
        message = f"it has {count} channels, expected grey or RGB"
        raise damaged("unsupported_colours", walk.file, message, "Save it as RGB.")
    for start in range(6, 6 + 3 * count, 3):
        walk.sampling[body[start]] = (body[start + 1] >> 4, body[start + 1] & 15)


def _first_codes(body: bytes, walk: JpegWalk) -> None:
    """What a code of nothing but zeros means in each table."""
    place = 0
    while place + 17 <= len(body):
        count = sum(body[place + 1 : place + 17])
        if count:
            walk.first_codes.add(body[place + 17])
        place += 17 + count


def _pass(body: bytes, walk: JpegWalk) -> None:
    """Note which coefficients of which components this pass brings to full precision."""
    count = body[0]
    names = [body[1 + 2 * i] for i in range(count)]
    first, last, precision = body[1 + 2 * count : 4 + 2 * count]
    if walk.process < 2:
        first, last, precision = 0, 63, 0
    for name in names:
        if not precision & 15:
            walk.exact.setdefault(name, set()).update(range(first, last + 1))


def _scan_end(data: bytes, place: int, walk: JpegWalk) -> int:
    found = _MARKER.search(data, place)
    if not found:
        raise truncated(walk.file, "its end is missing")
    end = found.start()
    walk.scans.append((place, end))
    if walk.process < 2 and walk.first_codes - {0}:
        hole = data.find(_HOLE, place, end)
        if hole >= 0:
            raise damaged("damaged", walk.file, f"from byte {hole + 1} on it holds only zeros")
    if walk.interval and walk.process < 2 and len(walk.exact) == len(walk.sampling):
        _check_restarts(data[place:end], walk)
    return end


def _check_restarts(scan: bytes, walk: JpegWalk) -> None:
    """Restart markers count from 0 to 7, and there is one after each interval."""
    if len(walk.scans) > 1:
        return
    found = [mark[0] & 7 for mark in _RESTART.findall(scan)]
    expected = -(-_units(walk) // walk.interval) - 1
    if found != [i & 7 for i in range(expected)]:
        message = f"it has {len(found)} of {expected} restart markers, or not in their order"
        raise damaged("damaged", walk.file, f"a part of the picture is missing: {message}")


def _units(walk: JpegWalk) -> int:
    """Number of coded units of the only pass."""
    height, width = walk.sizes
    across = max(h for h, _ in walk.sampling.values())
    down = max(v for _, v in walk.sampling.values())
    if len(walk.sampling) == 1:
        across = down = 1
    return -(-width // (8 * across)) * -(-height // (8 * down))


def _check_complete(walk: JpegWalk) -> None:
    if walk.process < 0 or not walk.scans:
        raise truncated(walk.file, "it has a header but no picture")
    every = set(range(64))
    if any(walk.exact.get(name, set()) != every for name in walk.sampling):
        raise truncated(walk.file, "not all passes of the progressive JPEG are there")
