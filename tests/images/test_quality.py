"""Focus and saturation of pictures that were blurred and overexposed on purpose."""

import cv2
import numpy as np
import pytest

from assaykit.images.quality import picture_quality
from assaykit.images.tiles import Region, bands_of

SHARP = np.random.default_rng(3).integers(90, 160, (300, 320, 3), dtype=np.uint8)
WHOLE = Region(0, 300, 0, 320)


def quality(picture, rows=512):
    return picture_quality(bands_of(picture, rows), WHOLE)


def test_focus_falls_with_blur_step_by_step():
    found = [quality(SHARP).focus]
    found += [quality(cv2.GaussianBlur(SHARP, (0, 0), sigma)).focus for sigma in (0.7, 1.5, 3, 6)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 50 * found[2]


def test_exposure_does_not_change_focus():
    half = (SHARP // 2).astype(np.uint8)
    assert quality(half).focus == pytest.approx(quality(SHARP).focus, rel=0.05)


def test_saturation_is_the_share_of_the_worst_channel():
    picture = SHARP.copy()
    picture[:30, :, 0] = 255
    picture[:15, :, 1] = 255
    assert quality(picture).saturated_fraction == pytest.approx(0.1)


def test_bands_give_nearly_the_focus_of_the_whole_picture():
    assert quality(SHARP, 100).focus == pytest.approx(quality(SHARP).focus, rel=0.01)
    assert quality(SHARP, 100).saturated_fraction == quality(SHARP).saturated_fraction


def test_nothing_seen_is_no_number():
    found = picture_quality([], WHOLE)
    assert np.isnan(found.focus)
    assert np.isnan(found.saturated_fraction)
