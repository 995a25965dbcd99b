"""The door to pictures: every kind gives the pixels that another library wrote into it."""

import hashlib
import io
import itertools
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tifffile
from picture_files import opened, pillow, scene, tiff
from PIL import Image, ImageOps

from assaykit.errors import UnreadableFileError, UsageError
from assaykit.readers import picture_jpeg, picture_png, picture_tiff, pictures
from assaykit.readers.pictures import PictureLimits, overview_factor

__all__ = ["opened"]
SCENE = scene()


def assert_bands_equal(picture, pixels):
    for rows in (1000, 128, 64, 7):
        bands = list(picture.bands(rows))
        assert [row for row, _ in bands] == list(range(0, picture.height, rows))
        assert all(band.shape == (rows, picture.width, 3) for _, band in bands[:-1])
        assert np.array_equal(np.concatenate([band for _, band in bands]), pixels)


TIFF_KINDS = list(
    itertools.product(
        (None, "lzw", "zlib", "packbits"),
        ({"rowsperstrip": 37}, {"tile": (64, 96)}, {"tile": (256, 512)}, {}),
        ("contig", "separate"),
        ("u1", "u2"),
        "<>",
    )
)


@pytest.mark.parametrize(("compression", "parts", "planar", "dtype", "order"), TIFF_KINDS)
def test_lossless_tiffs_give_back_their_pixels(opened, compression, parts, planar, dtype, order):
    pixels = SCENE if dtype == "u1" else SCENE.astype("u2") * 257
    stored = pixels.transpose(2, 0, 1) if planar == "separate" else pixels
    options = {"compression": compression, "planarconfig": planar, "byteorder": order, **parts}
    if compression in ("lzw", "zlib"):
        options["predictor"] = True
    picture = opened(tiff(stored, **options, bigtiff=order == ">"))
    assert (picture.kind, picture.height, picture.width) == ("TIFF", 300, 420)
    assert picture.bits == (8 if dtype == "u1" else 16)
    whole = picture.pixels()
    assert whole.dtype == np.uint8
    assert np.array_equal(whole, SCENE)
    assert_bands_equal(picture, SCENE)


@pytest.mark.parametrize("parts", [{"tile": (128, 128)}, {"rowsperstrip": 64}])
def test_jpeg_tiffs_are_decoded_like_by_tifffile(opened, parts):
    data = tiff(SCENE, compression="jpeg", **parts)
    picture = opened(data)
    expected = tifffile.imread(io.BytesIO(data))
    assert np.array_equal(picture.pixels(), expected)
    assert_bands_equal(picture, expected)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("mode", ["rgb", "grey"])
def test_png_gives_back_its_pixels(opened, bits, mode):
    pixels = SCENE if mode == "rgb" else SCENE[..., 0]
    stored = pixels if bits == 8 else pixels.astype("u2") * 257
    swapped = stored[..., ::-1] if mode == "rgb" else stored
    picture = opened(cv2.imencode(".png", swapped)[1].tobytes(), "A1.png")
    expected = SCENE if mode == "rgb" else np.repeat(SCENE[..., :1], 3, axis=2)
    assert np.array_equal(picture.pixels(), expected)
    assert_bands_equal(picture, expected)
    assert picture.bits == bits
    assert ("greyscale" in picture.notes) == (mode == "grey")
    assert ("16 bit, brought to 8 bit by division by 257" in picture.notes) == (bits == 16)


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}, {"optimize": True}],
    ids=str,
)
def test_jpegs_are_decoded_like_by_pillow(opened, options):
    data = pillow(SCENE, "JPEG", quality=90, **options)
    picture = opened(data, "A1.jpg")
    expected = np.asarray(Image.open(picture.path))
    assert np.abs(picture.pixels().astype(int) - expected).max() <= 2  # two builds of libjpeg
    assert_bands_equal(picture, picture.pixels())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_pictures_are_turned_upright_like_by_pillow(opened, kind, orientation):
    if kind == "TIFF":
        data = tiff(SCENE, extratags=[(274, 3, 1, orientation, True)], rowsperstrip=64)
    else:
        exif = Image.Exif()
        exif[274] = orientation
        data = pillow(SCENE, "JPEG", exif=exif, quality=95)
    picture = opened(data)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(picture.path)))
    assert (picture.height, picture.width) == expected.shape[:2]
    assert np.abs(picture.pixels().astype(int) - expected).max() <= 2
    assert_bands_equal(picture, picture.pixels())
    assert any("turned upright" in note for note in picture.notes) == (orientation > 1)


def test_48_a_png_named_tif_is_read_as_what_it_is(opened):
    picture = opened(cv2.imencode(".png", SCENE[..., ::-1])[1].tobytes(), "A1.tif")
    assert picture.kind == "PNG"
    assert "it is a PNG, though its name ends in '.tif'" in picture.notes
    assert np.array_equal(picture.pixels(), SCENE)


def test_sha256_is_that_of_the_file(opened):
    data = tiff(SCENE, compression="lzw", tile=(128, 128))
    assert opened(data).sha256 == hashlib.sha256(data).hexdigest()
    streamed = opened(data, limits=PictureLimits(held_bytes=1000))
    assert streamed.sha256 == hashlib.sha256(data).hexdigest()


def test_a_large_tiff_is_read_piece_by_piece_with_the_same_pixels(opened):
    data = tiff(SCENE, compression="zlib", tile=(64, 64), predictor=True)
    picture = opened(data, limits=PictureLimits(held_bytes=1000))
    assert picture._source.data is None
    assert np.array_equal(picture.pixels(), SCENE)
    picture.path.write_bytes(data + b"more")
    with pytest.raises(UnreadableFileError, match="changed while it was read"):
        picture.pixels()


@pytest.mark.parametrize(
    ("data", "module", "function", "name"),
    [
        (tiff(SCENE, compression="lzw"), picture_tiff, "pieces", "A1.tif"),
        (pillow(SCENE, "JPEG"), picture_jpeg, "decode_jpeg", "A1.jpg"),
        (pillow(SCENE, "PNG"), picture_png, "to_rgb", "A1.png"),
    ],
    ids=["TIFF", "JPEG", "PNG"],
)
def test_opening_decodes_nothing_and_pixels_decode_once(
    opened, monkeypatch, data, module, function, name
):
    calls = []
    real = getattr(module, function)
    monkeypatch.setattr(module, function, lambda *a, **k: calls.append(1) or real(*a, **k))
    picture = opened(data, name)
    assert not calls
    picture.pixels()
    assert len(calls) == 1


def test_overview_holds_the_means_of_squares(opened):
    pixels = SCENE[:, :418]  # neither side is a multiple of 7
    picture = opened(tiff(pixels, tile=(64, 64)))
    assert overview_factor(300, 418, 60) == 7
    small = picture.overview(60)
    assert small.shape == (43, 60, 3)
    means = [
        [pixels[y : y + 7, x : x + 7].reshape(-1, 3).mean(axis=0) for x in range(0, 418, 7)]
        for y in range(0, 300, 7)
    ]
    assert np.abs(small - np.array(means)).max() <= 0.51
    assert np.array_equal(picture.overview(418), pixels)


def test_wrong_arguments_are_named(opened):
    picture = opened(tiff(SCENE))
    with pytest.raises(UsageError, match="at least one row"):
        next(picture.bands(0))
    with pytest.raises(UsageError, match="at least one pixel"):
        picture.overview(0)
    with pytest.raises(UsageError, match="9 to 16 bits"):
        opened(tiff(SCENE), bits=8)


MEMORY = """
import sys
from pathlib import Path
from assaykit.readers.pictures import open_picture
picture = open_picture(sys.argv[1])
total = sum(int(band.sum()) for _, band in picture.bands())
print(total, *picture.overview(500).shape[:2])
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_a_tiled_tiff_by_bands_needs_little_memory(tmp_path):
    """Peak resident memory of a process of its own (VmHWM, kB): as RGB the picture is 108 MB."""
    path = tmp_path / "scan.tif"
    row = np.tile(scene(256, 512), (1, 12, 1))[:, :6000]
    padded = np.pad(row, ((0, 0), (0, 144), (0, 0)))
    tiles = (padded[:, x : x + 256] for _ in range(24) for x in range(0, 6144, 256))
    tifffile.imwrite(
        path, tiles, shape=(6000, 6000, 3), dtype="u1", photometric="rgb", tile=(256, 256),
        compression="lzw",
    )  # fmt: skip
    assert path.stat().st_size > PictureLimits().held_bytes
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    total, height, width, peak = map(int, run.stdout.split())
    assert total == 23 * int(row.sum()) + int(row[:112].sum())
    assert (height, width) == (500, 500)
    assert peak < 140_000  # the interpreter with numpy, OpenCV and the decoders is 42,000 of it
    assert run.stderr == ""


def test_public_names():
    assert set(pictures.__all__) == {
        "Picture", "PictureLimits", "open_picture", "overview_factor",
    }  # fmt: skip
