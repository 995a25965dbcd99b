"""Bit depths, greys, palettes, alpha: what the samples of a picture mean (cases 44, 49, 51)."""

import io

import numpy as np
import pytest
from picture_files import opened, pillow, refused, scene, tiff
from PIL import Image

from assaykit.errors import InputError
from assaykit.readers.picture_samples import SampleForm, to_eight_bits, to_rgb, upright

__all__ = ["opened"]
SCENE = scene(60, 80)
GREY = SCENE[..., 0]


def rounded(samples, full_scale):
    """Whole-number arithmetic, rounded to the nearest."""
    return (samples.astype(np.int64) * 510 + full_scale) // (2 * full_scale)


@pytest.mark.parametrize("bits", range(9, 17))
def test_44_every_sample_of_16_bits_is_rounded_to_the_nearest(bits):
    samples = np.arange(2**bits, dtype=np.uint16).reshape(1, -1)
    found = to_eight_bits(samples, 2**bits - 1, "A1.tif")
    assert np.array_equal(found, rounded(samples, 2**bits - 1))


def test_44_16_bits_are_divided_by_257_and_never_stretched(opened):
    dim = (SCENE.astype(np.uint16) * 257) // 3
    picture = opened(tiff(dim))
    assert picture.bits == 16
    assert "16 bit, brought to 8 bit by division by 257" in picture.notes
    assert np.array_equal(picture.pixels(), rounded(dim, 65535))


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_44_a_declared_range_is_used(opened, bits):
    top = 2**bits - 1
    samples = (SCENE.astype(np.uint32) * top // 255).astype(np.uint16)
    expected = rounded(samples, top)
    by_tag = opened(tiff(samples, extratags=[(281, 3, 3, (top,) * 3, True)]))
    assert np.array_equal(by_tag.pixels(), expected)
    assert by_tag.bits == bits
    assert f"{bits} of 16 bit, brought to 8 bit by the range 0 to {top}" in by_tag.notes
    ome = f"""<OME><Image><Pixels SizeX="80" SizeY="60" SignificantBits="{bits}"/></Image></OME>"""
    by_ome = opened(tiff(samples, description=ome, metadata=None))
    assert np.array_equal(by_ome.pixels(), expected)
    by_person = opened(tiff(samples), bits=bits)
    assert np.array_equal(by_person.pixels(), expected)


def test_44_the_brightest_pixel_in_the_tag_is_no_range(opened):
    samples = SCENE.astype(np.uint16) * 200
    picture = opened(tiff(samples, extratags=[(281, 3, 3, (50_000,) * 3, True)]))
    assert picture.bits == 16
    assert np.array_equal(picture.pixels(), rounded(samples, 65535))


def test_44_12_bits_that_are_not_declared_are_refused_by_pixels_and_by_bands(opened):
    samples = SCENE.astype(np.uint16) * 16
    assert refused(opened, tiff(samples)).code == "bits_not_declared"
    picture = opened(tiff(samples, rowsperstrip=8))
    with pytest.raises(InputError, match="does not say so"):
        list(picture.bands(16))
    dark_frame = opened(tiff(samples), bits=16)
    assert np.array_equal(dark_frame.pixels(), rounded(samples, 65535))


def test_44_a_sample_beyond_the_declared_range_is_an_error(opened):
    problem = refused(opened, tiff(SCENE.astype(np.uint16) * 257), bits=12)
    assert problem.code == "beyond_declared_range"
    assert "0 to 4095" in problem.message


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint32, np.int16, np.complex64])
def test_44_samples_that_are_no_8_or_16_bits_are_refused(opened, dtype):
    problem = refused(opened, tiff(GREY.astype(dtype)))
    assert problem.code == "unsupported_samples"
    assert "8 or 16" in problem.message


def test_44_a_picture_of_1_bit_is_refused(opened):
    problem = refused(opened, tiff(GREY > 128))
    assert "its samples have 1 bits, expected 8 or 16" in problem.message


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
def test_51_greyscale_becomes_rgb(opened, kind):
    data = pillow(GREY, kind, quality=100) if kind == "JPEG" else pillow(GREY, kind)
    picture = opened(data)
    expected = np.asarray(Image.open(picture.path))
    assert np.abs(picture.pixels().astype(int) - expected[..., np.newaxis]).max() <= 1
    assert "greyscale" in picture.notes


def test_51_min_is_white_is_turned_round(opened):
    picture = opened(tiff(255 - GREY, photometric="miniswhite"))
    assert np.array_equal(picture.pixels(), np.repeat(GREY[..., np.newaxis], 3, axis=2))
    assert "inverted, since 0 is white in the file" in picture.notes


def test_51_palettes_are_looked_up(opened):
    indexed = Image.fromarray(SCENE).quantize(37)
    expected = np.asarray(indexed.convert("RGB"))
    for kind in ("PNG", "TIFF"):
        picture = opened(saved(indexed, kind))
        assert np.array_equal(picture.pixels(), expected)
        assert "palette" in picture.notes


def saved(image, kind):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def test_51_an_index_beyond_the_palette_is_an_error():
    form = SampleForm(palette=np.zeros((4, 3), np.uint8))
    with pytest.raises(InputError, match="has colour 9, but the palette has 4 colours"):
        to_rgb(np.full((2, 2), 9, np.uint8), form, "A1.tif")


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "TIFF 16", "PNG 16"])
def test_51_transparent_parts_are_shown_on_white(opened, kind):
    alpha = np.full(GREY.shape, 255, np.uint8)
    alpha[:20], alpha[20:40] = 0, 128
    rgba = np.dstack([SCENE, alpha])
    picture = opened(_with_alpha(rgba, kind))
    found = picture.pixels()
    assert (found[:20] == 255).all()
    half = SCENE[20:40] * (128 / 255) + 255 * (127 / 255)
    assert np.abs(found[20:40] - half).max() <= 0.51
    assert np.array_equal(found[40:], SCENE[40:])
    assert "alpha removed (transparent parts shown on white)" in picture.notes


def _with_alpha(rgba, kind):
    import imagecodecs

    samples = rgba.astype(np.uint16) * 257 if kind.endswith("16") else rgba
    if kind.startswith("PNG"):
        return imagecodecs.png_encode(samples)
    return tiff(samples, extrasamples=["unassalpha"], compression="lzw", rowsperstrip=16)


def test_51_premultiplied_and_unknown_fourth_channels(opened):
    alpha = np.full((*GREY.shape, 1), 128, np.uint8)
    faded = (SCENE * (128 / 255)).round().astype(np.uint8)
    shown = opened(tiff(np.dstack([faded, alpha]), extrasamples=["assocalpha"])).pixels()
    assert np.array_equal(shown, faded + np.uint8(127))
    unknown = opened(tiff(np.dstack([SCENE, alpha]), extrasamples=["unspecified"]))
    assert np.array_equal(unknown.pixels(), SCENE)
    assert "a channel of unknown meaning left out" in unknown.notes


def test_51_a_transparent_colour_of_png_is_white(opened):
    colour = tuple(SCENE[3, 4].tolist())
    data = pillow(SCENE, "PNG", transparency=colour)
    expected = np.where((colour == SCENE).all(axis=2, keepdims=True), 255, SCENE)
    assert np.array_equal(opened(data).pixels(), expected)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (pillow(SCENE, "JPEG", mode="CMYK"), "CMYK"),
        (pillow(SCENE, "TIFF", mode="CMYK"), "CMYK"),
        (tiff(np.zeros((60, 80, 5), np.uint8), planarconfig="contig", extrasamples=[0, 0]), "5"),
        (tiff(SCENE[..., :2], photometric="minisblack", planarconfig="contig"), "2 channels"),
    ],
    ids=["CMYK JPEG", "CMYK TIFF", "5 channels", "2 channels"],
)
def test_51_other_colours_are_refused(opened, data, what):
    problem = refused(opened, data)
    assert problem.code == "unsupported_colours"
    assert what in problem.message
    assert problem.remedy == "Save it as RGB."


def test_turning_there_and_back():
    for orientation, back in ((2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)):
        assert np.array_equal(upright(upright(SCENE, orientation), back), SCENE)
