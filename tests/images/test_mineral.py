"""Mineral of pictures that were painted with known amounts of dye at known places."""

import numpy as np
import pytest

from assaykit.errors import NothingToAnalyseError, UsageError
from assaykit.images import measure_mineral, mineral_threshold
from assaykit.images.circles import disc
from assaykit.images.colour import STAINS
from assaykit.images.illumination import Baseline
from assaykit.images.mineral import (
    DEFAULT_THRESHOLD,
    MineralParameters,
    StainMap,
    control_threshold,
    measure_stain,
    nodule_areas,
    stain_map,
    working_picture,
)

WHITE = (205.0, 193.0, 212.0)
SHARP = MineralParameters(smoothing=0)
LOW = MineralParameters(smoothing=0, least_threshold=0.001)
VECTOR = np.asarray(STAINS["alizarin_red"].rgb) / np.linalg.norm(STAINS["alizarin_red"].rgb)


def painted(dye, *, white=WHITE, noise=0.0, shade=None, seed=0):
    """A picture with bound dye (OD along the stain vector) on an unstained field."""
    light = np.asarray(white) * 10.0 ** -(dye[:, :, None] * VECTOR)
    if shade is not None:
        light = light * shade[:, :, None]
    light = light + np.random.default_rng(seed).normal(0, noise, light.shape) if noise else light
    return np.round(light).clip(0, 255).astype(np.uint8)


@pytest.fixture
def blots():
    """Three round nodules of 0.4 OD, and where they are."""
    places = [(60, 70, 25), (150, 60, 18), (110, 180, 40)]
    inside = np.zeros((220, 260), bool)
    for y, x, radius in places:
        inside |= disc(220, 260, x, y, radius)
    return np.where(inside, 0.4, 0.0), inside


def test_area_amount_and_nodules_are_those_that_were_painted(blots):
    """Exactly known: the share of pixels, their OD, their number; pixels of 5 µm."""
    dye, inside = blots
    found = measure_mineral(painted(dye), um_per_px=5.0, white=WHITE, params=SHARP)
    assert found["mineralized_area_fraction"] == pytest.approx(inside.mean(), abs=1e-12)
    assert found["mineralized_area_um2"] == pytest.approx(inside.sum() * 25)
    assert found["analysed_area_um2"] == 220 * 260 * 25
    assert found["integrated_od"] == pytest.approx(0.4 * inside.sum() * 25, rel=0.01)
    assert found["nodule_count"] == 3
    assert found["nodule_area_um2"] == pytest.approx(np.pi * 25**2 * 25, rel=0.01)
    assert found["threshold"] == DEFAULT_THRESHOLD
    assert (found["threshold_source"], found["white_source"]) == ("default", "given")


@pytest.mark.parametrize("um_per_px", [1.0, 1.7, 2.5, 5.0, 8.0])
def test_areas_are_in_um_whatever_the_size_of_a_pixel(um_per_px):
    side = round(1200 / um_per_px)
    radius = 300 / um_per_px
    dye = np.where(disc(side, side, side / 2, side / 2, radius), 0.4, 0.0)
    found = measure_mineral(painted(dye), um_per_px, white=WHITE, params=SHARP)
    assert found["mineralized_area_um2"] == pytest.approx(np.pi * 300**2, rel=0.03)
    assert found["integrated_od"] == pytest.approx(0.4 * np.pi * 300**2, rel=0.03)


@pytest.mark.parametrize("depth", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("exposure", [0.85, 1.0, 1.15])
def test_vignetting_and_exposure_change_nothing(blots, depth, exposure):
    dye, inside = blots
    y, x = np.mgrid[-1:1:220j, -1:1:260j]
    shade = exposure * (1 - depth * (x**2 + y**2) / 2)
    found = measure_mineral(painted(dye, shade=shade), um_per_px=5.0, white=WHITE, params=SHARP)
    assert found["mineralized_area_fraction"] == pytest.approx(inside.mean(), abs=0.001)
    assert found["nodule_count"] == 3


def test_the_white_of_the_picture_itself_serves_where_none_is_given(blots):
    dye, inside = blots
    found = measure_mineral(
        painted(dye, white=(180, 200, 225), noise=1), um_per_px=5.0, params=SHARP
    )
    assert found["white"] == pytest.approx((180, 200, 225), abs=6)
    assert found["mineralized_area_fraction"] == pytest.approx(inside.mean(), abs=0.002)


def test_the_threshold_leaves_the_declared_share_of_the_controls_below():
    """Normal noise of known spread: its 99.5 % quantile is 2.576 SD above the mean."""
    rng = np.random.default_rng(2)
    maps = [
        StainMap(
            rng.normal(0.02, 0.03, (400, 300)).astype(np.float32), np.full((400, 300), True), 5
        )
        for _ in range(3)
    ]
    assert control_threshold(maps, LOW) == pytest.approx(0.02 + 2.576 * 0.03, abs=0.001)


def test_a_threshold_that_is_too_low_is_raised():
    clean = StainMap(np.zeros((50, 50), np.float32), np.full((50, 50), True), 5.0)
    assert control_threshold([clean], MineralParameters()) == 0.10


@pytest.mark.parametrize("sigma", [5.0, 10.0, 20.0])
def test_smoothing_keeps_the_amount_of_dye_and_leaks_nothing_from_what_is_left_out(sigma):
    dye = np.where(disc(200, 200, 100, 100, 30), 0.3, 0.0)
    params = MineralParameters(smoothing=sigma, least_threshold=0.0)
    picture = painted(dye)
    baseline = Baseline.of_colour(WHITE, params.split)
    smooth = stain_map(picture, 5.0, baseline, params)
    assert smooth.dye_od.sum() == pytest.approx(0.3 * (dye > 0).sum(), rel=0.02)
    picture[:, 150:] = (250, 240, 10)
    masked = stain_map(picture, 5.0, baseline, params)
    assert np.abs(masked.dye_od[:, 140:147]).max() < 0.02
    assert masked.valid[:, :147].all()


def test_each_control_has_the_same_weight():
    small = StainMap(np.full((10, 10), 0.3, np.float32), np.full((10, 10), True), 5.0)
    large = StainMap(np.full((900, 900), 0.1, np.float32), np.full((900, 900), True), 5.0)
    found = control_threshold([small, large], MineralParameters(control_quantile=0.6))
    assert found == pytest.approx(0.3)


def test_controls_at_their_own_threshold_are_nearly_empty_and_the_stained_are_not(blots):
    dye, inside = blots
    controls = [painted(np.zeros((220, 260)), noise=5, seed=seed) for seed in (1, 2, 3)]
    threshold, white = mineral_threshold(controls, um_per_px=5.0, params=LOW)
    shares = [
        measure_mineral(c, 5.0, white, threshold, LOW)["mineralized_area_fraction"]
        for c in controls
    ]
    assert np.mean(shares) == pytest.approx(0.005, abs=0.001)
    found = measure_mineral(painted(dye, noise=5), 5.0, white, threshold, LOW)
    expected = inside.mean() + 0.005 * (1 - inside.mean())
    assert found["mineralized_area_fraction"] == pytest.approx(expected, abs=0.002)


def test_an_adaptive_threshold_is_not_offered():
    """Nothing in a picture changes its own threshold."""
    pale, dark = (painted(np.full((60, 60), od)) for od in (0.0, 0.5))
    found = {measure_mineral(p, 5.0, WHITE)["threshold"] for p in (pale, dark)}
    assert found == {DEFAULT_THRESHOLD}


def test_sensitivity_is_the_fraction_at_the_two_neighbouring_thresholds():
    ramp = np.tile(np.linspace(0, 0.3, 300), (50, 1))
    found = measure_mineral(painted(ramp), 5.0, WHITE, 0.15, SHARP)
    assert found["mineralized_area_fraction"] == pytest.approx(0.5, abs=0.03)
    assert found["fraction_at_80_percent"] == pytest.approx(0.6, abs=0.03)
    assert found["fraction_at_120_percent"] == pytest.approx(0.4, abs=0.03)


def test_ink_text_and_black_are_left_out_of_area_and_amount(blots):
    dye, inside = blots
    picture = painted(dye)
    picture[:20] = (250, 240, 10)  # burnt-in text
    picture[200:] = 2  # black frame
    found = measure_mineral(picture, 5.0, WHITE, params=SHARP)
    kept = 220 - 20 - 20 - 3  # and the pixels that touch them
    assert found["analysed_area_um2"] == kept * 260 * 25
    assert found["masked_fraction"] == pytest.approx(1 - kept / 220)
    assert found["mineralized_area_um2"] == pytest.approx(inside[22:199].sum() * 25)


def test_only_the_region_counts(blots):
    dye, inside = blots
    params = SHARP
    working, scale = working_picture(painted(dye), 5.0, params)
    region = disc(220, 260, 130, 110, 90)
    baseline = Baseline.of_colour(WHITE, params.split)
    stain = stain_map(working, scale, baseline, params, region)
    found = measure_stain(stain, 0.12, params, int(region.sum()))
    assert found.mineralized_area_fraction == pytest.approx((inside & region).sum() / region.sum())
    assert found.masked_fraction == 0


def test_small_patches_are_area_but_no_nodules():
    mask = np.zeros((60, 60), bool)
    mask[5:15, 5:15] = mask[30:32, 30:32] = True
    assert nodule_areas(mask, 5.0, 200.0).tolist() == [2500.0]
    assert nodule_areas(mask, 5.0, 100.0).tolist() == [2500.0, 100.0]
    assert nodule_areas(np.zeros((5, 5), bool), 5.0, 1.0).tolist() == []


def test_a_picture_that_is_all_black_has_no_fraction():
    found = measure_mineral(np.zeros((40, 40, 3), np.uint8), 5.0, WHITE)
    assert np.isnan(found["mineralized_area_fraction"])
    assert found["analysed_area_um2"] == 0
    assert found["masked_fraction"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"um_per_px": 0}, "positive number of µm per px"),
        ({"um_per_px": 5.0, "white": (0, 100, 100)}, "white point is three numbers"),
        ({"um_per_px": 5.0, "threshold": -0.1}, "between 0 and 3 OD"),
    ],
)
def test_impossible_arguments_are_refused(arguments, words):
    with pytest.raises(UsageError, match=words):
        measure_mineral(painted(np.zeros((40, 40))), **arguments)


@pytest.mark.parametrize("picture", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.uint16)])
def test_a_picture_that_is_not_rgb_of_8_bit_is_refused(picture):
    with pytest.raises(UsageError, match=r"\(height, width, 3\) of uint8"):
        measure_mineral(picture, 5.0)


def test_a_threshold_needs_controls_with_pixels():
    with pytest.raises(UsageError, match="no negative control"):
        mineral_threshold([], 5.0)
    with pytest.raises(NothingToAnalyseError, match="No pixel"):
        mineral_threshold([np.zeros((40, 40, 3), np.uint8)], 5.0, white=WHITE)
    with pytest.raises(UsageError, match="control_quantile"):
        control_threshold([], MineralParameters(control_quantile=1.0))
