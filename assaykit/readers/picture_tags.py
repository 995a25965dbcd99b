"""The tags of TIFF pages (and of EXIF, which is built alike), read with bounds.

Only tags that are needed are read. Loops, pages and tags without end, and values that would lie
outside of the file end in an error.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.errors import UnreadableFileError
from assaykit.readers.picture_file import DEFAULT_LIMITS, PictureLimits, Read, damaged, truncated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
FILL_ORDER, DESCRIPTION, STRIP_OFFSETS, ORIENTATION, SAMPLES = 266, 270, 273, 274, 277
ROWS_PER_STRIP, STRIP_COUNTS, MAX_SAMPLE, X_RESOLUTION, Y_RESOLUTION = 278, 279, 281, 282, 283
PLANAR, RESOLUTION_UNIT, PREDICTOR, PALETTE, TILE_WIDTH, TILE_HEIGHT = 284, 296, 317, 320, 322, 323
TILE_OFFSETS, TILE_COUNTS, EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES = 324, 325, 338, 339, 347
DEPTH = 32997
_WANTED = frozenset({
    SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, DESCRIPTION,
    STRIP_OFFSETS, ORIENTATION, SAMPLES, ROWS_PER_STRIP, STRIP_COUNTS, MAX_SAMPLE, X_RESOLUTION,
    Y_RESOLUTION, PLANAR, RESOLUTION_UNIT, PREDICTOR, PALETTE, TILE_WIDTH, TILE_HEIGHT,
    TILE_OFFSETS, TILE_COUNTS, EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES, DEPTH,
})  # fmt: skip
_LONG_VALUES = frozenset({STRIP_OFFSETS, STRIP_COUNTS, TILE_OFFSETS, TILE_COUNTS})
_BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
                  16: 8, 17: 8, 18: 8}  # fmt: skip
_DTYPES = {1: "u1", 3: "u2", 4: "u4", 6: "i1", 8: "i2", 9: "i4", 11: "f4", 12: "f8", 13: "u4",
           16: "u8", 17: "i8", 18: "u8"}  # fmt: skip
_TEXT, _RATIONAL, _UNDEFINED = 2, (5, 10), 7


@dataclass(frozen=True)
class Tags:
    """The tags of one page.

    Parameters
    ----------
    order
        ``<`` or ``>``, as in :mod:`struct`.
    values
        Tag number to bytes (text and opaque values) or a numpy array of numbers.
    """

    order: str
    values: Mapping[int, bytes | NDArray[np.generic]]

    def number(self, tag: int, default: int = 0) -> int:
        """The first number of a tag."""
        found = self.numbers(tag)
        return int(found[0]) if len(found) else default

    def numbers(self, tag: int) -> list[float]:
        """All numbers of a tag; none where the page lacks it."""
        value = self.values.get(tag, b"")
        return [] if isinstance(value, bytes) else value.tolist()

    def array(self, tag: int) -> NDArray[np.int64]:
        """All whole numbers of a tag, as an array."""
        import numpy as np

        value = self.values.get(tag, b"")
        return np.empty(0, np.int64) if isinstance(value, bytes) else value.astype(np.int64)

    def raw(self, tag: int) -> bytes:
        """The bytes of a tag of text or of an opaque value."""
        value = self.values.get(tag, b"")
        return value if isinstance(value, bytes) else value.tobytes()


@dataclass(frozen=True)
class _Layout:
    """How offsets and counts are written: classic TIFF (4 bytes) or BigTIFF (8)."""

    order: str
    big: bool
    read: Read
    size: int
    file: str
    limits: PictureLimits

    def whole(self, form: str, offset: int) -> tuple[int, ...]:
        form = self.order + form
        return struct.unpack(form, self._inside(offset, struct.calcsize(form)))

    def _inside(self, offset: int, count: int) -> bytes:
        if offset + count > self.size:
            raise truncated(self.file, "a part that its header names lies behind its end")
        return self.read(offset, count)

    def value(self, kind: int, count: int, field: bytes, tag: int) -> bytes | NDArray[np.generic]:
        """What a tag holds, from its field or from where the field points."""
        import numpy as np

        total = _BYTES_OF_TYPE[kind] * count
        most = self.size if tag in _LONG_VALUES else self.limits.text_bytes
        if total > most:
            message = f"its tag {tag} has {count} values, more than a picture needs"
            raise damaged("damaged", self.file, message)
        body = field[:total]
        if total > len(field):
            offset = struct.unpack(self.order + ("Q" if self.big else "I"), field)[0]
            body = self._inside(offset, total)
        if kind in (_TEXT, _UNDEFINED):
            return bytes(body)
        if kind in _RATIONAL:
            pairs = np.frombuffer(body, self.order + ("u4" if kind == 5 else "i4")).reshape(-1, 2)
            safe = np.where(pairs[:, 1] == 0, 1, pairs[:, 1])
            return np.where(pairs[:, 1] == 0, 0.0, pairs[:, 0] / safe)
        return np.frombuffer(body, self.order + _DTYPES[kind])


def read_pages(
    read: Read, size: int, file: str, limits: PictureLimits = DEFAULT_LIMITS
) -> list[Tags]:
    """The tags of all pages of a TIFF.

    Parameters
    ----------
    read, size
        A function that reads bytes at an offset, and the number of bytes that there are.
    file
        Name of the picture, for messages.
    limits
        How many pages and tags it may have.

    Raises
    ------
    UnreadableFileError
        It is cut off, its pages form a loop, or there are too many of them.
    """
    if size < 8:
        raise truncated(file, "it ends within its header")
    head = read(0, min(16, size))
    order = "<" if head[:2] == b"II" else ">"
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    if big and len(head) < 16:
        raise truncated(file, "it ends within its header")
    at = (
        struct.unpack(order + "Q", head[8:])[0] if big else struct.unpack(order + "I", head[4:8])[0]
    )
    layout = _Layout(order, big, read, size, file, limits)
    pages: list[Tags] = []
    seen: set[int] = set()
    while at:
        if at in seen:
            raise damaged("damaged", file, "its pages point at each other in a loop")
        if len(pages) == limits.pages:
            message = f"it has more than {limits.pages} pages, expected one picture"
            raise damaged("several_pages", file, message, "Save one picture per file.")
        seen.add(at)
        tags, at = _page(layout, at)
        pages.append(tags)
    if not pages:
        raise damaged("no_pixels", file, "the TIFF has no page")
    return pages


def _page(layout: _Layout, at: int) -> tuple[Tags, int]:
    """The tags of one page and where the next one is."""
    count = layout.whole("Q" if layout.big else "H", at)[0]
    if count > layout.limits.tags:
        message = f"a page has {count} tags, more than a picture needs"
        raise damaged("damaged", layout.file, message)
    entry, pointer = ("HHQ8s", "Q") if layout.big else ("HHI4s", "I")
    at += 8 if layout.big else 2
    values: dict[int, bytes | NDArray[np.generic]] = {}
    for _ in range(count):
        tag, kind, number, field = layout.whole(entry, at)
        at += struct.calcsize("<" + entry)
        if tag in _WANTED and kind in _BYTES_OF_TYPE and tag not in values:
            values[tag] = layout.value(kind, number, field, tag)  # type: ignore[arg-type]
    return Tags(layout.order, values), layout.whole(pointer, at)[0]


def orientation_of(exif: bytes) -> int:
    """The orientation (1 to 8) that EXIF data ask for; 1 where they say nothing or are broken.

    Examples
    --------
    >>> orientation_of(b"")
    1
    """

    def read(offset: int, count: int) -> bytes:
        return exif[offset : offset + count]

    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    try:
        found = read_pages(read, len(exif), "")[0].number(ORIENTATION, 1)
    except (UnreadableFileError, struct.error):
        return 1
    return found if 1 <= found <= 8 else 1
