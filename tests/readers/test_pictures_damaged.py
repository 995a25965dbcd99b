"""Pictures that are cut off, damaged, made to do harm, or no pictures (cases 42, 43, 46, 47)."""

import contextlib
import io
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest
import tifffile
from picture_files import (
    hand_tiff,
    large_png,
    opened,
    pillow,
    png_chunk,
    refused,
    scene,
    tiff,
)

from assaykit.errors import InputError, UnreadableFileError
from assaykit.readers.pictures import PictureLimits, open_picture

__all__ = ["opened"]
SCENE = scene(256, 256)
FILES = {
    "jpeg": pillow(SCENE, "JPEG", quality=90),
    "jpeg optimised": pillow(SCENE, "JPEG", quality=80, optimize=True),
    "jpeg progressive": pillow(SCENE, "JPEG", quality=90, progressive=True),
    "jpeg with restarts": pillow(SCENE, "JPEG", quality=90, restart_marker_rows=1),
    "jpeg grey": pillow(SCENE[..., 0], "JPEG", quality=90),
    "png": pillow(SCENE, "PNG"),
    "tiff": tiff(SCENE, rowsperstrip=32),
    "tiff lzw": tiff(SCENE, rowsperstrip=32, compression="lzw", predictor=True),
    "tiff lzw tiled": tiff(SCENE, tile=(64, 64), compression="lzw", predictor=True),
    "tiff deflate": tiff(SCENE, rowsperstrip=32, compression="zlib", predictor=True),
    "tiff packbits": tiff(SCENE, rowsperstrip=32, compression="packbits"),
    "tiff jpeg": tiff(SCENE, tile=(64, 64), compression="jpeg"),
    "tiff big": tiff(SCENE, tile=(64, 64), bigtiff=True),
}


def part_of(kind):
    """Lengths of the parts of a TIFF."""
    with tifffile.TiffFile(io.BytesIO(FILES[kind])) as file:
        page = file.pages[0]
        return list(page.databytecounts)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("cut", ["50 %", "90 %", "99 %", "last 2 bytes", "8 bytes", "20 bytes"])
def test_42_a_picture_that_is_cut_off_is_an_error(opened, kind, cut):
    data = FILES[kind]
    share = {"50 %": len(data) // 2, "90 %": len(data) * 9 // 10, "99 %": len(data) * 99 // 100}
    end = share.get(cut, len(data) - 2)
    end = int(cut.split()[0]) if cut.endswith("0 bytes") or cut == "8 bytes" else end
    assert refused(opened, data[:end]).code == "truncated"


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["jpeg", "jpeg optimised", "jpeg with restarts", "jpeg grey"])
def test_42_a_cut_jpeg_that_got_an_end_is_an_error(opened, kind, share):
    data = FILES[kind]
    closed = data[: int(len(data) * share)] + b"\xff\xd9"
    assert cv2.imdecode(np.frombuffer(closed, np.uint8), 1) is not None, "OpenCV reads it"
    assert refused(opened, closed).code in ("truncated", "damaged")


def test_42_a_progressive_jpeg_without_its_last_passes_is_an_error(opened):
    data = FILES["jpeg progressive"]
    passes = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    problem = refused(opened, data[: passes[-1]] + b"\xff\xd9")
    assert "not all passes" in problem.message


def test_42_a_grey_picture_is_not_taken_for_a_cut_one(opened):
    grey = np.full((64, 64, 3), 128, np.uint8)
    for options in ({}, {"optimize": True}, {"progressive": True}):
        found = opened(pillow(grey, "JPEG", quality=90, **options)).pixels()
        assert np.abs(found.astype(int) - 128).max() <= 1


def test_42_a_blank_picture_with_its_own_code_tables_has_no_hole(opened):
    blank = np.full((3000, 3000), 200, np.uint8)
    data = pillow(blank, "JPEG", quality=90, optimize=True)
    assert bytes(512) in data
    assert (opened(data).pixels() == 200).all()


@pytest.mark.parametrize(
    "kind", ["jpeg", "jpeg optimised", "jpeg with restarts", "png", "tiff lzw", "tiff deflate"]
)
def test_42_a_hole_of_zeros_in_a_picture_is_an_error(opened, kind):
    data = bytearray(FILES[kind])
    middle = len(data) // 2
    data[middle : middle + 2048] = bytes(2048)
    assert refused(opened, bytes(data)).code == "damaged"


@pytest.mark.parametrize("kind", ["png", "tiff deflate"])
def test_42_one_changed_bit_is_an_error_where_there_is_a_checksum(opened, kind):
    data = bytearray(FILES[kind])
    data[len(data) // 2] ^= 16
    assert refused(opened, bytes(data)).code == "damaged"


def test_42_a_restart_marker_that_is_missing_is_an_error(opened):
    data = FILES["jpeg with restarts"]
    marks = [match.start() for match in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    problem = refused(opened, data[: marks[3]] + data[marks[4] :])
    assert "restart markers" in problem.message


def test_42_what_stands_behind_the_end_of_a_picture_does_no_harm(opened):
    expected = opened(FILES["jpeg"]).pixels()
    assert np.array_equal(opened(FILES["jpeg"] + FILES["png"]).pixels(), expected)
    assert np.array_equal(opened(FILES["png"] + b"more").pixels(), SCENE)


@pytest.mark.parametrize("kind", ["tiff lzw", "tiff lzw tiled", "tiff deflate", "tiff packbits"])
def test_43_a_strip_that_unpacks_to_too_little_is_an_error(opened, kind):
    counts = part_of(kind)
    data = FILES[kind]
    short = data.replace(struct.pack("<I", counts[-1]), struct.pack("<I", counts[-1] // 2))
    assert short != data
    problem = refused(opened, short)
    assert problem.code == "damaged"
    assert "cannot be unpacked" in problem.message
    picture = opened(short)
    with pytest.raises(UnreadableFileError, match="cannot be unpacked"):
        list(picture.bands(16))


def test_43_a_corrupt_tiff_among_good_ones_is_named(tmp_path):
    good, bad = tmp_path / "A1.tif", tmp_path / "A2.tif"
    good.write_bytes(FILES["tiff lzw"])
    bad.write_bytes(FILES["tiff lzw"][:9000])
    assert np.array_equal(open_picture(good).pixels(), SCENE)
    with pytest.raises(UnreadableFileError, match=r"^A2\.tif: the picture is cut off"):
        open_picture(bad)


@pytest.mark.parametrize("kind", FILES)
def test_43_whatever_is_damaged_ends_in_a_named_problem(opened, kind):
    """Bytes are changed at random (seeded); what comes out is a picture or a named problem."""
    random = np.random.default_rng(7)
    data = np.frombuffer(FILES[kind], np.uint8)
    for trial in range(60):
        broken = data.copy()
        where = random.integers(0, len(data) if trial % 2 else 700, 8) % len(data)
        broken[where] = random.integers(0, 256, 8)
        with contextlib.suppress(InputError):
            picture = opened(broken.tobytes())
            assert picture.pixels().shape == (picture.height, picture.width, 3)


def test_nothing_is_written_to_stderr(tmp_path):
    for number, (kind, data) in enumerate(FILES.items()):
        (tmp_path / f"{number}.tif").write_bytes(data[: len(data) // 2])
        broken = bytearray(data)
        middle = len(data) // 2
        broken[middle : middle + 40] = bytes(range(40))
        (tmp_path / f"{number} {kind}.tif").write_bytes(broken)
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from assaykit.errors import InputError\n"
        "from assaykit.readers.pictures import open_picture\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n        open_picture(path).pixels()\n"
        "    except InputError:\n        print('refused')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.count("refused") >= len(FILES)
    assert run.stderr == ""


def test_46_a_picture_of_one_colour_is_read_as_it_is(opened):
    blank = np.full((50, 60, 3), 240, np.uint8)
    for data in (tiff(blank, compression="lzw"), pillow(blank, "PNG"), pillow(blank, "JPEG")):
        assert (opened(data).pixels() == 240).all()


def test_47_a_small_png_of_400_megapixels_is_refused_before_decoding(opened, monkeypatch):
    import imagecodecs

    data = large_png(20_000, 20_000)
    assert len(data) < 450_000
    monkeypatch.setattr(imagecodecs, "png_decode", None)
    problem = refused(opened, data, "A1.png")
    assert problem.code == "too_many_pixels"
    assert "400 megapixels, more than the limit of 150" in problem.message
    assert "decoded in one piece" in problem.message


def test_47_other_pictures_beyond_the_limits_are_refused(opened):
    small = PictureLimits(pixels=60_000, whole_pixels=20_000)
    assert refused(opened, FILES["tiff"], limits=small).code == "too_many_pixels"
    medium = PictureLimits(whole_pixels=20_000)
    for kind in ("jpeg", "png"):
        assert refused(opened, FILES[kind], limits=medium).code == "too_many_pixels"
    tall = tiff(SCENE, compression="lzw", rowsperstrip=256)
    assert refused(opened, tall, limits=medium).code == "too_many_pixels"
    for kind in ("tiff lzw tiled", "tiff", "tiff lzw"):  # in small parts it can be streamed
        assert np.array_equal(opened(FILES[kind], limits=medium).pixels(), SCENE)
    assert refused(opened, FILES["png"], limits=PictureLimits(whole_bytes=99)).code == "too_large"


def test_47_a_jpeg_tile_that_claims_to_be_larger_is_refused(opened):
    data = FILES["tiff jpeg"]
    large = data.replace(b"\x08\x00\x40\x00\x40\x03", b"\x08\xff\x00\xff\x00\x03")
    assert large != data
    assert "65280 × 65280 pixels" in refused(opened, large).message


def workbook(path):
    openpyxl.Workbook().save(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html><html></html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf<html>", "a web page (HTML)"),
        (b"Well,OD\nA1,0.5\n", "a text"),
        (b"<?xml version='1.0'?><a/>", "an XML file"),
        (b"%PDF-1.7\n\x80", "a PDF"),
        (b"GIF89a\1\1", "a GIF picture"),
        (b"\0\0\0\x18ftypheic", "a HEIC picture or a film"),
        (b"ZISRAWFILE\0\0", "a Zeiss file (.czi)"),
        (b"\x01\x02\x03\x80" * 9, "of an unknown kind"),
        (cv2.imencode(".bmp", SCENE)[1].tobytes(), "a BMP picture"),
    ],
)
def test_what_is_no_picture_is_named(opened, data, what):
    problem = refused(opened, data)
    assert problem.code == "not_a_picture"
    assert problem.message == f"it is {what}, expected a TIFF, PNG or JPEG picture"


def test_what_cannot_be_opened_is_named(opened, tmp_path):
    assert refused(opened, b"").code == "empty_file"
    assert "nothing but zeros" in refused(opened, bytes(5000)).message
    assert "Office file (.xlsx" in refused(opened, workbook(tmp_path / "a.xlsx")).message
    for path, message in (("none.tif", "no such file"), ("", "it is a folder")):
        with pytest.raises(UnreadableFileError, match=message):
            open_picture(tmp_path / path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_nobody_may_read_is_named(tmp_path):
    path = Path(tmp_path / "A1.tif")
    path.write_bytes(FILES["tiff"])
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="it cannot be opened"):
        open_picture(path)


def test_damaged_png_chunks_are_named(opened):
    head = FILES["png"][:8]
    size = struct.pack(">IIBBBBB", 0, 5, 8, 0, 0, 0, 0)
    end = png_chunk(b"IEND", b"")
    assert refused(opened, head + png_chunk(b"IHDR", size) + end).code == "no_pixels"
    assert "no header" in refused(opened, head + png_chunk(b"IDAT", b"1") + end).message
    assert refused(opened, head + end).code == "damaged"
    animated = FILES["png"].replace(b"\0\0\0\0IEND", png_chunk(b"acTL", bytes(8)) + b"\0\0\0\0IEND")
    assert refused(opened, animated).code == "several_pages"


BASE = [(256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
STRIP = [(273, 4, 1, 8), (278, 3, 1, 4), (279, 4, 1, 16)]


def test_tiffs_that_are_made_to_do_harm_are_refused(opened):
    data = bytes(range(16))
    assert opened(hand_tiff([*BASE, *STRIP], data)).pixels()[1, 2, 0] == 6
    loop = hand_tiff([*BASE, *STRIP], data, next_page=24)
    assert "in a loop" in refused(opened, loop).message
    assert "values" in refused(opened, hand_tiff([*BASE, (273, 4, 2**31, 8), *STRIP[1:]])).message
    behind = hand_tiff([*BASE, (273, 4, 3, 4000), *STRIP[1:]])
    assert refused(opened, behind).code == "truncated"
    many = hand_tiff([(20_000 + i, 3, 1, 1) for i in range(1001)])
    assert "1001 tags" in refused(opened, many).message
    outside = hand_tiff([*BASE, (273, 4, 1, 2**31), *STRIP[1:]], data)
    assert "1 of 1 strips lie behind the end" in refused(opened, outside).message
    empty = hand_tiff([*BASE, *STRIP[:2], (279, 4, 1, 0)], data)
    assert "some of its strips are empty" in refused(opened, empty).message
    short = hand_tiff([*BASE, *STRIP[:2], (279, 4, 1, 15)], data)
    assert refused(opened, short).code == "truncated"
    none = hand_tiff(BASE, data)
    assert "names 0 of 1 strips" in refused(opened, none).message
    nothing = hand_tiff([(256, 3, 1, 0), *BASE[1:], *STRIP], data)
    assert refused(opened, nothing).code == "no_pixels"
    vast = hand_tiff([(256, 4, 1, 2**31), (257, 4, 1, 2**31), *BASE[2:], *STRIP], data)
    assert refused(opened, vast).code == "too_many_pixels"
    assert refused(opened, b"II*\0\0\0\0\0").code == "no_pixels"


@pytest.mark.parametrize(
    ("compression", "name"), [(50001, "WebP"), (6, "old JPEG"), (34712, "JPEG 2000"), (9, "kind 9")]
)
def test_other_compressions_are_named(opened, compression, name):
    problem = refused(opened, hand_tiff([*BASE, *STRIP, (259, 3, 1, compression)], bytes(16)))
    assert problem.code == "unsupported_compression"
    assert f"compressed with {name}, expected none, LZW, deflate, PackBits, JPEG" in problem.message


def test_other_kinds_of_jpeg_are_named(opened):
    lossless = FILES["jpeg"].replace(b"\xff\xc0", b"\xff\xc3", 1)
    assert refused(opened, lossless).code == "unsupported_compression"


def pages(*shapes, **options):
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for i, (height, width) in enumerate(shapes):
            reduced = options.get("subfiletype", 0) if i else 0
            writer.write(
                scene(height, width, i), photometric="rgb", subfiletype=reduced, metadata=None
            )
    return buffer.getvalue()


def test_thumbnails_and_smaller_copies_are_passed_over(opened):
    assert np.array_equal(opened(pages((90, 80), (45, 40), (22, 20))).pixels(), scene(90, 80, 0))
    assert np.array_equal(opened(pages((45, 40), (90, 80))).pixels(), scene(90, 80, 1))
    flagged = pages((90, 80), (90, 80), subfiletype=1)
    assert np.array_equal(opened(flagged).pixels(), scene(90, 80, 0))


def test_several_pictures_in_a_file_are_an_error_with_their_number(opened):
    problem = refused(opened, pages((90, 80), (90, 80), (90, 80), (20, 20)))
    assert problem.code == "several_pages"
    assert "it holds 3 pictures of full size (80 × 90 px), expected one picture" in problem.message
    assert problem.remedy == "Save one picture per file, for example page 1 alone."
    stack = tiff(np.zeros((3, 20, 20), np.uint8), imagej=True, photometric="minisblack")
    assert "it holds 3 pictures" in refused(opened, stack).message
    limit = PictureLimits(pages=2)
    assert "more than 2 pages" in refused(opened, pages(*[(9, 9)] * 3), limits=limit).message
