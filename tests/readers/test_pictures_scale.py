"""Micrometres per pixel from each kind of file, and when it is not believed (cases 49 and 50)."""

import numpy as np
import pytest
from picture_files import opened, pillow, refused, scene, tiff

from assaykit.readers.picture_scale import Ome, from_density, from_imagej, from_ome, read_ome

__all__ = ["opened"]
SCENE = scene(40, 60)


def ome(attributes, size='SizeX="60" SizeY="40"', start=""):
    text = f'{start}<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    return f"{text}<Image><Pixels {size} {attributes}/></Image></OME>"


@pytest.mark.parametrize(
    ("attributes", "um"),
    [
        ('PhysicalSizeX="0.65" PhysicalSizeY="0.65"', 0.65),
        ('PhysicalSizeX="650" PhysicalSizeXUnit="nm"', 0.65),
        ('PhysicalSizeX="0.00065" PhysicalSizeXUnit="mm"', 0.65),
        ('PhysicalSizeX="0.65" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="0.651"', 0.65),
    ],
)
def test_ome_xml_says_the_scale(opened, attributes, um):
    picture = opened(tiff(SCENE, description=ome(attributes), metadata=None))
    assert picture.um_per_px == pytest.approx(um)
    assert picture.scale_source == "OME-XML"


def test_tifffile_writes_ome_that_is_understood(opened):
    data = tiff(SCENE, ome=True, metadata={"PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm",
                                           "PhysicalSizeY": 0.5, "axes": "YXS"})  # fmt: skip
    assert opened(data, "A1.ome.tif").um_per_px == pytest.approx(0.5)


@pytest.mark.parametrize("unit", ["micron", "um", "\\u00B5m", "µm"])
def test_imagej_says_the_scale(opened, unit):
    text = f"ImageJ=1.53t\nunit={unit}\n"
    data = tiff(SCENE, description=text.encode(), metadata=None, resolution=(1.25, 1.25))
    picture = opened(data)
    assert (picture.um_per_px, picture.scale_source) == (pytest.approx(0.8), "ImageJ")


def test_imagej_files_of_tifffile_are_understood(opened):
    data = tiff(SCENE, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "um"})
    assert opened(data).um_per_px == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("per_unit", "unit", "um"), [(20_000, 3, 0.5), (25_400, 2, 1.0), (5080, 2, 5.0)]
)
def test_resolution_tags_say_the_scale_above_1000_dpi(opened, per_unit, unit, um):
    data = tiff(SCENE, resolution=(per_unit, per_unit), resolutionunit=unit)
    picture = opened(data)
    assert picture.um_per_px == pytest.approx(um)
    assert picture.scale_source == "TIFF tags"


@pytest.mark.parametrize("dpi", [72, 96, 150, 300, 600, 1000])
@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
def test_49_a_printers_resolution_is_no_scale(opened, kind, dpi):
    picture = opened(pillow(SCENE, kind, dpi=(dpi, dpi)))
    assert picture.um_per_px is None
    assert picture.scale_source == ""
    assert f"{dpi} dpi is a setting for printers and not taken as a scale" in picture.notes


@pytest.mark.parametrize(("kind", "source"), [("PNG", "PNG pHYs"), ("JPEG", "JFIF density")])
def test_fine_resolutions_of_png_and_jpeg_are_believed(opened, kind, source):
    picture = opened(pillow(SCENE, kind, dpi=(25_400, 25_400)))
    assert picture.um_per_px == pytest.approx(1.0, rel=1e-4)
    assert picture.scale_source == source


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
def test_49_a_picture_without_scale_has_none(opened, kind):
    picture = opened(pillow(SCENE, kind))
    assert (picture.um_per_px, picture.scale_source) == (None, "")


def test_50_half_the_size_of_its_neighbours_is_seen_in_size_and_scale(opened):
    whole = opened(tiff(SCENE, resolution=(20_000, 20_000), resolutionunit=3), "A1.tif")
    half = tiff(SCENE[::2, ::2], resolution=(10_000, 10_000), resolutionunit=3)
    small = opened(half, "A2.tif")
    assert (small.height, small.width) == (whole.height // 2, whole.width // 2)
    assert small.um_per_px == pytest.approx(2 * whole.um_per_px)


def test_pixels_that_are_not_square_are_an_error(opened):
    wide = tiff(SCENE, description=ome('PhysicalSizeX="1" PhysicalSizeY="1.02"'), metadata=None)
    problem = refused(opened, wide)
    assert problem.code == "not_square"
    assert "1 µm wide and 1.02 µm high (OME-XML)" in problem.message
    assert (
        refused(opened, tiff(SCENE, resolution=(9e4, 8e4), resolutionunit=3)).code == "not_square"
    )
    near = tiff(SCENE, description=ome('PhysicalSizeX="1" PhysicalSizeY="1.009"'), metadata=None)
    assert opened(near).um_per_px == 1


def test_entities_in_ome_xml_are_refused(opened):
    start = '<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]>'
    data = tiff(SCENE, description=ome("", start=start), metadata=None)
    assert refused(opened, data).code == "doctype"
    deep = "<OME>" + "<a>" * 60
    assert refused(opened, tiff(SCENE, description=deep, metadata=None)).code == "too_large"


def test_ome_xml_of_other_sizes_or_broken_gives_no_scale(opened):
    other = ome('PhysicalSizeX="1"', 'SizeX="30" SizeY="20"')
    assert opened(tiff(SCENE, description=other, metadata=None)).um_per_px is None
    broken = opened(tiff(SCENE, description="<OME><Pixels", metadata=None))
    assert broken.um_per_px is None
    assert "its OME-XML cannot be read" in broken.notes
    assert np.array_equal(broken.pixels(), SCENE)


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "x", ""])
def test_sizes_that_are_no_sizes_are_not_believed(size):
    text = ome(f'PhysicalSizeX="{size}"').encode()
    assert from_ome(read_ome(text, 40, 60, "A1.tif"), "A1.tif").um_per_px is None


def test_scales_out_of_this_world_are_not_believed():
    assert from_ome(Ome(1e9), "A1.tif").note == "1e+09 µm per pixel is not believed"
    assert from_density(1e12, 1e12, 25_400, "TIFF tags", "A1.tif").um_per_px is None
    assert from_density(0, 0, 25_400, "TIFF tags", "A1.tif").um_per_px is None
    assert from_imagej("ImageJ=1\nunit=pixel\n", 1, 1, "A1.tif").um_per_px is None
