"""Simulated Alizarin red pictures: what is stated as truth is exactly what was drawn."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.simulate.camera import IDEAL, Camera, draw_camera, illumination, photograph
from assaykit.simulate.mineral_pictures import (
    ALIZARIN_WHITE,
    MASK_LEVEL_OD,
    NODULE_AREA_UM2,
    MineralCulture,
    mineral_field,
    mineral_well,
)

SIZE = (120, 160)
FLAT = MineralCulture(relief_od=0.0)
REAL = Path(__file__).parents[2] / "../shared/data/images/alizarin"
DYE = np.array([0.33, 0.67, 0.66]) / np.linalg.norm([0.33, 0.67, 0.66])


def test_a_seed_reproduces_everything_and_another_does_not():
    one, same, other = (mineral_field(0.3, seed=seed, size_px=SIZE) for seed in (1, 1, 2))
    assert (one.image == same.image).all()
    assert (one.truth.dye_od == same.truth.dye_od).all()
    assert (one.image != other.image).any(axis=2).mean() > 0.9


def test_the_camera_does_not_change_the_truth():
    one = mineral_field(0.3, seed=1, size_px=SIZE, camera=IDEAL)
    other = mineral_field(0.3, seed=1, size_px=SIZE, camera=draw_camera(5))
    assert (one.truth.dye_od == other.truth.dye_od).all()


@pytest.mark.parametrize("pattern", ["clouds", "nodules"])
@pytest.mark.parametrize("fraction", [0.0, 0.001, 0.2, 0.55, 0.9])
def test_the_wanted_fraction_is_met_to_the_pixel(fraction, pattern):
    culture = MineralCulture(pattern=pattern)
    truth = mineral_field(fraction, seed=3, size_px=SIZE, culture=culture).truth
    assert truth.mineral_mask.sum() == round(fraction * SIZE[0] * SIZE[1])
    assert truth.mineralized_area_fraction == pytest.approx(fraction, abs=0.5 / 19200)


def test_mask_integral_and_nodules_follow_from_the_dye():
    truth = mineral_field(0.25, seed=4, size_px=(300, 400)).truth
    mask = truth.dye_od > np.float32(MASK_LEVEL_OD)
    assert (truth.mineral_mask == mask).all()
    assert truth.dye_od.min() >= 0
    pixel_um2 = truth.um_per_px**2
    expected = sum(float(value) for value in truth.dye_od[mask]) * pixel_um2
    assert truth.integrated_od == pytest.approx(expected)
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    areas = [(labels == label).sum() * pixel_um2 for label in range(1, labels.max() + 1)]
    large = sorted((area for area in areas if area >= NODULE_AREA_UM2), reverse=True)
    assert truth.nodule_areas_um2 == pytest.approx(large)
    assert truth.nodule_count == len(large) > 0


def test_a_blank_control_has_hardly_any_dye():
    truth = mineral_field(0.0, seed=5, size_px=SIZE).truth
    assert not truth.mineral_mask.any()
    assert truth.integrated_od == 0
    assert truth.dye_od.max() < 0.01


def test_an_ideal_camera_gives_back_the_dye_by_beers_law():
    """Without relief the picture is white · 10^-(dye + layer): the dye follows exactly."""
    culture = MineralCulture(relief_od=0.0, layer_od=0.0)
    picture = mineral_field(0.4, seed=6, size_px=SIZE, culture=culture, camera=IDEAL)
    density = np.log10(np.array(ALIZARIN_WHITE) / picture.image.astype(float))
    assert np.abs(density @ DYE - picture.truth.dye_od).max() < 0.003


def test_clouds_have_soft_edges_and_nodules_steeper_ones():
    def edge(pattern):
        culture = MineralCulture(pattern=pattern)
        dye = mineral_field(0.3, seed=7, size_px=(240, 320), culture=culture).truth.dye_od
        down, right = np.gradient(cv2.GaussianBlur(dye, (0, 0), 2.0))
        return float(np.median(np.hypot(down, right)[np.abs(dye - MASK_LEVEL_OD) < 0.01]))

    assert edge("nodules") > 1.5 * edge("clouds")


def test_white_balance_and_exposure_scale_the_channels():
    plain = mineral_field(0.2, seed=8, size_px=SIZE, culture=FLAT, camera=IDEAL).image
    camera = dataclasses.replace(IDEAL, white_balance=(0.9, 1.0, 0.85), exposure=0.95)
    tinted = mineral_field(0.2, seed=8, size_px=SIZE, culture=FLAT, camera=camera).image
    expected = plain * np.array([0.9, 1.0, 0.85]) * 0.95
    assert np.abs(tinted - expected).max() <= 1.0  # both are rounded to whole grey levels


def test_vignetting_takes_its_share_in_the_corners_and_none_in_the_middle():
    camera = dataclasses.replace(IDEAL, vignetting=0.3)
    clear = np.ones((101, 141, 3), dtype=np.float32)
    image = photograph(clear, camera, white=(200.0, 200.0, 200.0), um_per_px=1.0, seed=1)
    assert image[50, 70].tolist() == [200, 200, 200]
    assert image[[0, 0, 100, 100], [0, 140, 0, 140]].tolist() == [[140, 140, 140]] * 4


def test_shading_darkens_one_side_by_its_share():
    camera = dataclasses.replace(IDEAL, shading=0.1)
    light = illumination((50, 60), camera, white=(100.0, 100.0, 100.0), seed=2)
    assert light.max() == pytest.approx(100.0, abs=1e-3)
    assert light.min() == pytest.approx(90.0, abs=1e-3)


def test_noise_has_the_stated_spread_at_full_white():
    camera = dataclasses.replace(IDEAL, noise_sd=4.0)
    clear = np.ones((200, 200, 3), dtype=np.float32)
    image = photograph(clear, camera, white=(200.0, 200.0, 200.0), um_per_px=1.0, seed=3)
    expected = 4.0 * np.sqrt(200 / 255)
    assert image.reshape(-1, 3).std(axis=0) == pytest.approx([expected] * 3, rel=0.05)


def test_blur_lowers_detail_and_fringe_moves_red_against_blue():
    line = np.ones((31, 31, 3), dtype=np.float32)
    line[:, 15] = 0.2
    blurred = photograph(
        line, dataclasses.replace(IDEAL, blur_px=2.0), white=(200,) * 3, um_per_px=1.0, seed=1
    )
    assert blurred[15, 15, 1] > 100
    dot = np.ones((31, 31, 3), dtype=np.float32)
    dot[15, 15] = 0.0
    moved = photograph(
        dot, dataclasses.replace(IDEAL, fringe_px=2.0), white=(200,) * 3, um_per_px=1.0, seed=1
    )
    dark = 200.0 - moved
    y, x = np.indices((31, 31))
    centres = [
        (
            (dark[..., i] * x).sum() / dark[..., i].sum(),
            (dark[..., i] * y).sum() / dark[..., i].sum(),
        )
        for i in (0, 2)
    ]
    assert np.hypot(*np.subtract(*centres)) == pytest.approx(2.0, abs=0.15)


def test_labels_dust_and_bubbles_appear_only_when_asked():
    def image(**changes):
        camera = dataclasses.replace(IDEAL, **changes)
        return mineral_field(0.0, seed=9, size_px=(200, 260), culture=FLAT, camera=camera).image

    plain = image()
    label = (image(label="4x") != plain).any(axis=2)
    assert label.any()
    assert not label[40:].any()
    bar = image(scale_bar_um=500.0)
    assert (bar == 0).all(axis=2).sum(axis=1).max() == 100  # 500 µm at 5 µm/px
    assert (image(dust_per_mm2=20.0) != plain).any()
    assert image(bubbles=3).min() < 0.6 * plain.min()


def test_jpeg_of_low_quality_changes_more():
    fine = mineral_field(0.2, seed=1, size_px=SIZE, camera=IDEAL).image.astype(float)

    def change(quality):
        camera = dataclasses.replace(IDEAL, jpeg_quality=quality)
        return np.abs(mineral_field(0.2, seed=1, size_px=SIZE, camera=camera).image - fine).mean()

    assert change(50) > change(80) > change(95) > 0


def test_a_well_is_round_dark_outside_and_holds_the_wanted_fraction():
    picture = mineral_well(0.3, seed=2, um_per_px=40.0)
    well, truth = picture.truth.well, picture.truth
    y, x = np.indices(truth.dye_od.shape)
    distance = np.hypot(x - well.x, y - well.y)
    inside = distance < well.radius
    assert well.radius == pytest.approx(15.6 * 500 / 40)
    assert truth.mineral_mask[~inside].sum() == 0
    assert truth.mineral_mask.sum() == round(0.3 * inside.sum())
    grey = picture.image.mean(axis=2)
    assert grey[distance > 1.05 * well.radius].mean() < 60
    assert grey[distance < 0.8 * well.radius].mean() > 140


def test_wrong_settings_are_refused():
    with pytest.raises(UsageError, match=r"mineral_fraction is 0.95, expected 0 to 0.9"):
        mineral_field(0.95, seed=1, size_px=SIZE)
    with pytest.raises(UsageError, match=r"vignetting is -1, .*; noise_sd is 99"):
        Camera(vignetting=-1, noise_sd=99)
    with pytest.raises(UsageError, match="expected 'clouds' or 'nodules'"):
        MineralCulture(pattern="dots")
    with pytest.raises(UsageError, match="peak_od must exceed"):
        MineralCulture(peak_od=0.05)


@pytest.mark.skipif(not REAL.exists(), reason="the real pictures are not here")
def test_fields_look_like_the_real_ones_in_numbers():
    """Against ten real fields: colour, optical densities, fine detail (sd above 1.4 px)."""

    def numbers(image):
        part = image[30:].astype(np.float32)
        density = -np.log10(np.maximum(part, 1) / 255) @ DYE
        fine = part[..., 1] - cv2.GaussianBlur(part[..., 1], (0, 0), 1.4)
        spread = np.percentile(density, [5, 50, 95, 99])
        return np.array([*part.mean(axis=(0, 1)), *(100 * spread), fine.std()])

    def real(names):
        return [numbers(cv2.imread(str(p))[..., ::-1]) for p in sorted(REAL.glob(names))]

    def simulated(*fractions):
        size = (334, 480)
        return [
            numbers(mineral_field(f, seed=i, size_px=size).image) for i, f in enumerate(fractions)
        ]

    blank = np.mean(simulated(0, 0, 0), axis=0) - np.mean(real("C1*"), axis=0)
    treated = np.mean(simulated(0.3, 0.4, 0.3, 0.5, 0.3), axis=0) - np.mean(real("C[2-7]*"), axis=0)
    assert np.abs(blank).max() < 6
    assert np.abs(treated).max() < 8
