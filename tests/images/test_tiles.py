"""Bands and working pictures: whatever the bands, the same pixels."""

import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.images.tiles import Region, bands_of, reduction, shrink

PICTURE = np.random.default_rng(0).integers(0, 256, (241, 187, 3), dtype=np.uint8)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("rows", [1, 5, 64, 100, 241, 999])
def test_bands_of_any_height_give_the_picture_of_the_whole_frame(factor, rows):
    whole = Region(0, 241, 0, 187)
    frame = shrink([(0, PICTURE)], whole, factor)
    assert frame.shape == (241 // factor, 187 // factor, 3)
    assert np.array_equal(shrink(bands_of(PICTURE, rows), whole, factor), frame)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_a_block_becomes_its_mean(factor):
    rows, columns = 241 // factor, 187 // factor
    blocks = PICTURE[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor, 3)
    found = shrink(bands_of(PICTURE), Region(0, 241, 0, 187), factor)
    assert np.abs(found - blocks.mean(axis=(1, 3))).max() <= 0.51


@pytest.mark.parametrize("rows", [3, 50, 400])
def test_a_region_is_cut_out_exactly(rows):
    region = Region(17, 130, 20, 121)
    cut = shrink(bands_of(PICTURE, rows), region, 1)
    assert np.array_equal(cut, PICTURE[17:130, 20:121])


def test_the_scale_decides_how_many_pixels_are_averaged():
    assert [reduction(scale, 5.0) for scale in (0.4, 1.0, 2.4, 4.0, 9.0)] == [12, 5, 2, 1, 1]


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_scale_that_is_no_scale_is_refused(scale):
    with pytest.raises(UsageError, match="positive number of µm per px"):
        reduction(scale, 5.0)


def test_a_picture_smaller_than_a_block_is_refused():
    with pytest.raises(UsageError, match="check the scale"):
        shrink(bands_of(PICTURE[:3]), Region(0, 3, 0, 187), 5)
