"""Pictures written by other programs' libraries (tifffile, Pillow, OpenCV) for the tests."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from assaykit.errors import InputError
from assaykit.readers.pictures import open_picture


def scene(height=300, width=420, seed=0):
    """A smooth coloured picture with some noise, RGB uint8."""
    noise = np.random.default_rng(seed).integers(-6, 7, (height, width, 3))
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin(y / 31), np.cos(x / 23), np.sin((x + y) / 41)], axis=2)
    return np.clip(150 + 70 * waves + noise, 0, 255).astype(np.uint8)


def tiff(pixels, **options):
    """Bytes of a TIFF."""
    options = {"photometric": "rgb" if pixels.ndim == 3 else "minisblack", **options}
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def pillow(pixels, kind, mode=None, **options):
    """Bytes of a picture written by Pillow."""
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels) if mode is None else Image.fromarray(pixels).convert(mode)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def large_png(height, width):
    """A grey PNG of nothing but zeros, small as a file."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", head), png_chunk(b"IDAT", data), png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def hand_tiff(tags, data=b"", next_page=0, order="<"):
    """A classic TIFF of one page from (tag, type, count, value field as a number)."""
    at = 8 + len(data)
    entries = b"".join(struct.pack(order + "HHII", *tag) for tag in sorted(tags))
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, at)
    return (
        head
        + data
        + struct.pack(order + "H", len(tags))
        + entries
        + struct.pack(order + "I", next_page)
    )


@pytest.fixture
def opened(tmp_path):
    """Write bytes into a file and open it as a picture."""

    def open_bytes(data, name="A1.tif", **options):
        path = tmp_path / name
        path.write_bytes(data)
        return open_picture(path, **options)

    return open_bytes


def refused(opened, data, name="A1.tif", **options):
    """The problem of a picture that cannot be opened or decoded."""
    with pytest.raises(InputError) as caught:
        opened(data, name, **options).pixels()
    problem = caught.value.problems[0]
    assert problem.file == name
    assert problem.remedy
    return problem
