"""Tiles against the whole frame: the same objects and labels, whatever the bands."""

import cv2
import numpy as np
import pandas as pd
import pytest

from assaykit.errors import UsageError
from assaykit.images.osteoclasts import find_osteoclasts, find_osteoclasts_in_tiles, scans
from assaykit.simulate.osteoclast_pictures import TrapCulture, osteoclast_field

UM = 0.76


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    culture = TrapCulture(osteoclasts=12, clump_share=0.4)
    return osteoclast_field(seed=5, size_px=(1021, 1303), um_per_px=UM, culture=culture).image


def bands(picture: np.ndarray, height: int):
    return ((top, picture[top : top + height]) for top in range(0, len(picture), height))


@pytest.mark.parametrize("height", [1021, 64, 37])
def test_tiles_equal_the_whole_frame(picture, height: int, monkeypatch) -> None:
    monkeypatch.setattr(scans, "_CORE_PX", 350)
    monkeypatch.setattr(scans, "MARGIN_UM", 220.0)
    whole, labels = find_osteoclasts(picture, UM)
    written = np.zeros(picture.shape[:2], np.int32)
    tiled = find_osteoclasts_in_tiles(bands(picture, height), picture.shape[:2], UM, labels=written)
    assert (whole["class"] == "osteoclast").sum() > 3
    pd.testing.assert_frame_equal(tiled, whole)
    assert tiled.attrs == whole.attrs
    assert np.array_equal(written, labels)


def test_tiles_equal_the_whole_frame_where_pixels_are_binned(picture, monkeypatch) -> None:
    monkeypatch.setattr(scans, "_CORE_PX", 350)
    monkeypatch.setattr(scans, "MARGIN_UM", 220.0)
    fine = cv2.resize(picture[:600, :701], None, fx=2, fy=2)[:1197, :1401]
    whole, labels = find_osteoclasts(fine, UM / 2)
    written = np.zeros(fine.shape[:2], np.int32)
    tiled = find_osteoclasts_in_tiles(bands(fine, 101), fine.shape[:2], UM / 2, labels=written)
    pd.testing.assert_frame_equal(tiled, whole)
    assert np.array_equal(written, labels)


def test_a_scan_of_one_tile_needs_no_other(picture) -> None:
    part = picture[:300, :300]
    tiled = find_osteoclasts_in_tiles(bands(part, 100), part.shape[:2], UM)
    pd.testing.assert_frame_equal(tiled, find_osteoclasts(part, UM)[0])


def test_tiles_cover_every_pixel_once() -> None:
    covered = np.zeros((2500, 3300), np.uint8)
    for tile in scans._tiles(covered.shape, 100.0):
        (top, bottom), (left, right) = tile.core
        covered[top:bottom, left:right] += 1
        rows, columns = tile.core_inside
        assert (tile.corner[0] + rows.start, tile.corner[1] + columns.start) == (top, left)
    assert (covered == 1).all()


@pytest.mark.parametrize(
    "given",
    [[(0, 50)], [(0, 50), (60, 40)], [(10, 90)], [(0, 60), (60, 60)]],
    ids=["too few", "a gap", "late start", "too many"],
)
def test_bands_must_cover_the_picture(given: list[tuple[int, int]]) -> None:
    rows = ((start, np.full((count, 80, 3), 200, np.uint8)) for start, count in given)
    with pytest.raises(UsageError, match="expected"):
        find_osteoclasts_in_tiles(rows, (100, 80), UM)
