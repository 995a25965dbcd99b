"""The unstained field: surfaces that were put in are found again."""

import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.images.colour import unmix, unmixing
from assaykit.images.illumination import Baseline, background_colour

SPLIT = unmixing((0.33, 0.67, 0.66))
COEFFICIENTS = np.array(
    [[0.05, 0.2, 0.01], [0.01, 0.05, 0.0], [-0.02, 0.03, 0.0], [0.03, 0.1, 0.01],
     [0.0, -0.02, 0.0], [0.01, 0.08, 0.0]]
)  # fmt: skip


def field(height, width):
    return Baseline(COEFFICIENTS).over(height, width).astype(np.float32)


def test_a_surface_is_found_again_through_noise_and_specks():
    rng = np.random.default_rng(1)
    pictures = [field(300, 400) + rng.normal(0, 0.02, (300, 400, 3)) for _ in range(3)]
    pictures[1][100:140, 200:250] += 0.5
    everything = [np.ones((300, 400), bool)] * 3
    pictures = [picture.astype(np.float32) for picture in pictures]
    found = Baseline.of_references(pictures, everything)
    assert np.abs(found.over(300, 400) - field(300, 400)).max() < 0.01


def test_pixels_that_are_not_valid_do_not_count():
    picture = field(200, 200)
    picture[:, 100:] += 0.7
    valid = np.zeros((200, 200), bool)
    valid[:, :95] = True
    found = Baseline.of_references([picture], [valid], constant=True)
    assert found.coefficients[0] == pytest.approx(np.median(picture[:, :95], axis=(0, 1)), abs=0.01)
    with pytest.raises(UsageError, match="No pixel"):
        Baseline.of_references([picture], [~np.ones((200, 200), bool)])


def test_one_colour_is_the_same_everywhere():
    found = Baseline.of_colour((200, 190, 210), SPLIT).over(4, 5)
    picture = np.full((4, 5, 3), (200, 190, 210), np.uint8)
    assert np.abs(found - unmix(picture, SPLIT)).max() < 1e-6


def test_a_flat_field_is_taken_at_any_size_and_can_be_shifted():
    flat = np.full((120, 160, 3), (220, 210, 230), np.uint8)
    baseline = Baseline.of_flat_field(flat, SPLIT).shifted((0.1, 0.0, 0.0))
    over = baseline.over(60, 80)
    assert over.shape == (60, 80, 3)
    expected = SPLIT.components((220, 210, 230)) + np.array([0.1, 0, 0])
    assert over[30, 40] == pytest.approx(expected, abs=1e-5)


def test_the_background_is_the_colour_of_the_brightest_tenth():
    picture = np.full((50, 50, 3), (160, 100, 110), np.uint8)
    picture[:10] = (206, 194, 213)
    assert background_colour(picture) == (206, 194, 213)
    only = np.zeros((50, 50), bool)
    only[20:] = True
    assert background_colour(picture, only) == (160, 100, 110)
    assert background_colour(picture, np.zeros((50, 50), bool)) == (255, 255, 255)
