"""The strips and tiles of a TIFF become samples, a few rows at a time.

Strips and tiles that are packed without loss are handed to libtiff as a small TIFF of their own,
with a header made here: so nothing of a file's own header reaches it, a part that is too short is
an error, and memory stays bounded. Parts without compression are sliced; JPEG parts are checked
like JPEG files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assaykit.readers.picture_file import Read, damaged, truncated
from assaykit.readers.picture_jpeg import decode_jpeg, walk_jpeg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RAW, LZW, JPEG, DEFLATE, OLD_DEFLATE, PACKBITS = 1, 5, 7, 8, 32946, 32773
COMPRESSIONS: dict[int, str] = {
    RAW: "none", LZW: "LZW", DEFLATE: "deflate", OLD_DEFLATE: "deflate", PACKBITS: "PackBits",
    JPEG: "JPEG",
}  # fmt: skip
_YCBCR, _RGB = 6, 2
_PIECE_PIXELS = 2_000_000
_SHORT, _LONG = 3, 4


@dataclass(frozen=True)
class Page:
    """Where the parts of a picture are and how they are packed.

    Parameters
    ----------
    height, width
        Size in px.
    samples, bits
        Samples per pixel, and bits of each (8 or 16).
    order
        Byte order, ``<`` or ``>``.
    compression, photometric, predictor
        As in the tags.
    separate
        Each sample has a plane of its own.
    tile
        Height and width of a part (of a strip: its rows and the width of the picture).
    tiled
        Parts are tiles.
    offsets, counts
        Where each part begins and how long it is, in bytes.
    tables
        Code tables that all JPEG parts share.
    """

    height: int
    width: int
    samples: int
    bits: int
    order: str
    compression: int
    photometric: int
    separate: bool
    predictor: int
    tile: tuple[int, int]
    tiled: bool
    offsets: NDArray[np.int64] = field(repr=False, compare=False)
    counts: NDArray[np.int64] = field(repr=False, compare=False)
    tables: bytes = field(default=b"", repr=False)

    @property
    def across(self) -> int:
        """Number of parts side by side."""
        return -(-self.width // max(self.tile[1], 1))

    @property
    def down(self) -> int:
        """Number of parts below each other."""
        return -(-self.height // max(self.tile[0], 1))

    @property
    def planes(self) -> int:
        """Number of planes."""
        return self.samples if self.separate else 1

    @property
    def plane_samples(self) -> int:
        """Samples of a pixel that stand together."""
        return 1 if self.separate else self.samples

    @property
    def parts(self) -> int:
        """Number of all parts."""
        return self.across * self.down * self.planes

    @property
    def sliceable(self) -> bool:
        """Single rows can be read: strips without compression."""
        return self.compression == RAW and not self.tiled and self.predictor == 1


def pieces(
    page: Page, read: Read, file: str
) -> Iterator[tuple[int, NDArray[np.uint8 | np.uint16]]]:
    """First row and samples of piece after piece, each as wide as the picture.

    Parameters
    ----------
    page
        Where the parts are.
    read
        Reads bytes of the file.
    file
        Name of the picture, for messages.

    Returns
    -------
    Iterator
        First row, and an array of shape (rows, width, samples), ``uint8`` or ``uint16``.

    Raises
    ------
    UnreadableFileError
        A part is cut off or damaged.
    """
    import numpy as np

    unit = 1 if page.sliceable else page.tile[0]
    step = max(_PIECE_PIXELS // (page.width * unit), 1) * unit
    for row in range(0, page.height, step):
        rows = min(step, page.height - row)
        planes = [_plane(page, read, file, plane, (row, rows)) for plane in range(page.planes)]
        yield row, planes[0] if len(planes) == 1 else np.concatenate(planes, axis=2)


def _plane(
    page: Page, read: Read, file: str, plane: int, rows: tuple[int, int]
) -> NDArray[np.uint8 | np.uint16]:
    """Samples of some rows of one plane, shape (rows, width, samples that stand together)."""
    if page.sliceable:
        return _raw_rows(page, read, file, plane, rows)
    first = plane * page.across * page.down + rows[0] // page.tile[0] * page.across
    count = -(-rows[1] // page.tile[0]) * page.across
    chosen = range(first, first + count)
    parts = [read(int(page.offsets[i]), int(page.counts[i])) for i in chosen]
    if page.compression == JPEG:
        return _jpeg_rows(page, parts, file, rows)
    return _packed_rows(page, parts, file, rows)


def _raw_rows(
    page: Page, read: Read, file: str, plane: int, rows: tuple[int, int]
) -> NDArray[np.uint8 | np.uint16]:
    """Rows of strips without compression."""
    import numpy as np

    row_bytes = page.width * page.plane_samples * page.bits // 8
    found, row, end = [], rows[0], rows[0] + rows[1]
    while row < end:
        strip, inside = divmod(row, page.tile[0])
        count = min(page.tile[0] - inside, end - row)
        part = plane * page.down + strip
        if (inside + count) * row_bytes > page.counts[part]:
            raise truncated(file, f"strip {part + 1} is too short")
        found.append(read(int(page.offsets[part]) + inside * row_bytes, count * row_bytes))
        row += count
    data = found[0] if len(found) == 1 else b"".join(found)
    samples = np.frombuffer(data, f"{page.order}u{page.bits // 8}")
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    return native.reshape(rows[1], page.width, page.plane_samples)


def _packed_rows(
    page: Page, parts: list[bytes], file: str, rows: tuple[int, int]
) -> NDArray[np.uint8 | np.uint16]:
    """Rows of strips or tiles, unpacked by libtiff."""
    import imagecodecs

    full = page.tile[0] * page.tile[1] * page.plane_samples * page.bits // 8
    if page.compression == RAW and any(len(part) < full for part in parts):
        raise truncated(file, f"a tile in the rows from {rows[0] + 1} on is too short")
    try:
        samples = imagecodecs.tiff_decode(_small_tiff(page, parts, rows[1]))
    except (RuntimeError, ValueError) as error:
        message = f"the rows {rows[0] + 1} to {rows[0] + rows[1]} cannot be unpacked ({error})"
        raise damaged("damaged", file, message) from error
    return samples.reshape(rows[1], page.width, page.plane_samples)


def _small_tiff(page: Page, parts: list[bytes], rows: int) -> bytes:
    """A TIFF of some rows with the parts as they are, and nothing else of the file."""
    samples = page.plane_samples
    start = 8
    offsets: list[int] = []
    for part in parts:
        offsets.append(start)
        start += len(part)
    tags: list[tuple[int, int, list[int]]] = [
        (256, _LONG, [page.width]), (257, _LONG, [rows]), (258, _SHORT, [page.bits] * samples),
        (259, _SHORT, [page.compression]), (262, _SHORT, [1]), (277, _SHORT, [samples]),
        (284, _SHORT, [1]), (317, _SHORT, [page.predictor]),
    ]  # fmt: skip
    counts = [len(part) for part in parts]
    if page.tiled:
        tags += [(322, _LONG, [page.tile[1]]), (323, _LONG, [page.tile[0]])]
        tags += [(324, _LONG, offsets), (325, _LONG, counts)]
    else:
        tags += [(273, _LONG, offsets), (278, _LONG, [page.tile[0]]), (279, _LONG, counts)]
    if samples > 1:
        tags.append((338, _SHORT, [0] * (samples - 1)))
    directory = _directory(page.order, sorted(tags), start + start % 2)
    mark = b"II" if page.order == "<" else b"MM"
    head = mark + struct.pack(page.order + "HI", 42, start + start % 2)
    return b"".join([head, *parts, bytes(start % 2), directory])


def _directory(order: str, tags: list[tuple[int, int, list[int]]], at: int) -> bytes:
    """A page's tags as bytes that will stand at an offset."""
    behind = at + 2 + 12 * len(tags) + 4
    entries, values = [], b""
    for tag, kind, numbers in tags:
        body = struct.pack(f"{order}{len(numbers)}{'H' if kind == _SHORT else 'I'}", *numbers)
        if len(body) > 4:
            field = struct.pack(order + "I", behind + len(values))
            values += body + bytes(len(body) % 2)
        else:
            field = body.ljust(4, b"\0")
        entries.append(struct.pack(order + "HHI", tag, kind, len(numbers)) + field)
    return struct.pack(order + "H", len(tags)) + b"".join(entries) + bytes(4) + values


def _jpeg_rows(
    page: Page, parts: list[bytes], file: str, rows: tuple[int, int]
) -> NDArray[np.uint8 | np.uint16]:
    """Rows of strips or tiles that are JPEG pictures."""
    import numpy as np

    height, width = page.tile
    whole = np.empty((rows[1], page.width, page.plane_samples), np.uint8)
    for i, part in enumerate(parts):
        top, left = i // page.across * height, i % page.across * width
        place = whole[top : top + height, left : left + width]
        place[...] = _jpeg_part(page, part, file, place.shape)
    return whole


def _jpeg_part(page: Page, part: bytes, file: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """One JPEG part, cut to the shape that is needed of it."""
    found = walk_jpeg(part, file).sizes
    if not (shape[0] <= found[0] <= page.tile[0] and shape[1] <= found[1] <= page.tile[1]):
        message = f"a part of it has {found[1]} × {found[0]} pixels, "
        raise damaged("damaged", file, message + f"expected {page.tile[1]} × {page.tile[0]}")
    options: dict[str, object] = {"tables": page.tables} if page.tables else {}
    if page.plane_samples == 3:
        as_rgb = page.photometric == _RGB and b"JFIF\0" not in part[:40]
        options |= {"colorspace": "RGB" if as_rgb else "YCBCR", "outcolorspace": "RGB"}
    samples = decode_jpeg(part, file, **options)
    samples = samples.reshape(*samples.shape[:2], -1)[: shape[0], : shape[1]]
    if samples.shape != shape:
        raise damaged("damaged", file, f"a part of it has {samples.shape[2]} channels")
    return samples
