"""The arrows in between, against formulas: density, background, noise, focus, nuclei, outline."""

import dataclasses

import cv2
import numpy as np
import pytest

from assaykit.images.osteoclasts.density import (
    STEPS,
    WEIGHTS,
    density_map,
    noise_of,
    scale_of,
    second_differences,
    stretched,
    weighted,
    working_picture,
)
from assaykit.images.osteoclasts.field import field_of
from assaykit.images.osteoclasts.find import enlarged, in_order
from assaykit.images.osteoclasts.focus import edge_blur, edge_blur_histogram
from assaykit.images.osteoclasts.nuclei import find_nuclei, least_contrast
from assaykit.images.osteoclasts.outline import distance_from, fill_holes
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

PARAMS = OsteoclastParameters()


def field(picture: np.ndarray, um_per_px: float = 0.76):
    scale = scale_of(um_per_px)
    working = working_picture(picture, scale)
    return working, field_of(working, scale, PARAMS)


def test_density_is_the_logarithm_of_transmission() -> None:
    picture = np.full((200, 200, 3), (200, 210, 190), np.uint8)
    picture[80:100, 80:100] = (100, 60, 90)
    density = density_map(*field(picture))
    ratio = (np.array([200, 210, 190]) + 1.0) / (np.array([100, 60, 90]) + 1.0)
    assert density[90, 90] / STEPS == pytest.approx(np.log10(ratio) @ WEIGHTS, abs=1 / STEPS)
    assert density[10, 10] == 0


def test_vignetting_and_white_balance_leave_no_density() -> None:
    y, x = (np.linspace(-1, 1, n) ** 2 for n in (600, 800))
    light = (1 - 0.15 * (y[:, None] + x[None]))[..., None] * np.array([170.0, 210.0, 240.0])
    density = density_map(*field(light.astype(np.uint8)))
    assert density.max() <= 0.02 * STEPS


def test_the_background_goes_on_below_a_large_cell() -> None:
    picture = np.full((900, 900, 3), 200, np.uint8)
    cv2.circle(picture, (450, 450), 330, (150, 120, 150), -1)
    _, known = field(picture)
    ground = weighted(known.background)
    assert np.ptp(ground) < 0.01
    assert ground.mean() == pytest.approx(-np.log10(201 / 256), abs=0.005)


def test_noise_is_found_beside_cells() -> None:
    rng = np.random.default_rng(0)
    light = np.full((400, 400, 3), 200.0)
    light[100:200, 100:300] = 80
    picture = np.clip(light + rng.normal(0, 4, light.shape), 0, 255).astype(np.uint8)
    true = 4 / 201 / np.log(10) * float(np.linalg.norm(WEIGHTS))
    assert noise_of(second_differences(picture, 1)) == pytest.approx(true, rel=0.15)
    assert noise_of(np.zeros(10, np.int64)) == 0.0


def test_a_stretched_map_does_not_depend_on_the_tile() -> None:
    small = np.random.default_rng(1).normal(size=(20, 30)).astype(np.float32)
    whole = stretched(small, 8, (0, 0), (160, 240))
    part = stretched(small, 8, (37, 101), (50, 60))
    assert np.array_equal(part, whole[37:87, 101:161])
    # the middle of a small pixel lies between the fourth and the fifth of its eight
    assert whole[3:5, 3:5].mean() == pytest.approx(small[0, 0], abs=0.2)


@pytest.mark.parametrize("sigma_px", [1.5, 2.5, 3.5])
@pytest.mark.parametrize("contrast", [60.0, 150.0])
def test_the_blur_of_edges_is_told_in_um(sigma_px: float, contrast: float) -> None:
    steps = np.zeros((500, 500), np.float32)
    for x in range(60, 500, 130):
        for y in range(60, 500, 130):
            cv2.circle(steps, (x, y), 40, contrast, -1)
    density = np.rint(cv2.GaussianBlur(steps, (0, 0), sigma_px)).astype(np.uint8)
    found = edge_blur(edge_blur_histogram(density, 0.5, np.s_[:, :]))
    assert found == pytest.approx(sigma_px * 0.5, rel=0.2)


def test_no_edges_no_blur() -> None:
    assert np.isnan(edge_blur(np.zeros(1000, np.int64)))


def test_nuclei_are_found_where_they_lie_and_vacuoles_are_not() -> None:
    picture = np.full((240, 240, 3), 200, np.uint8)
    working, known = field(picture)
    density = np.zeros((240, 240), np.uint8)
    cv2.circle(density, (120, 120), 80, 80, -1)
    places = [(100, 100), (140, 100), (120, 140)]
    for place in places:
        cv2.circle(density, place, 6, 95, -1)
        cv2.circle(density, place, 5, 55, -1)
    cv2.circle(density, (120, 85), 5, 3, -1)
    spots = find_nuclei(density, known, PARAMS)
    found = sorted(zip(spots.x.tolist(), spots.y.tolist(), strict=True))
    assert len(found) == 3
    assert np.abs(np.array(found) - np.array(sorted(places))).max() <= 2
    assert working.shape == picture.shape


def test_blur_lowers_the_contrast_asked_for_and_stain_raises_it() -> None:
    _, known = field(np.full((64, 64, 3), 200, np.uint8))
    sharp = least_contrast(dataclasses.replace(known, edge_blur_um=0.8), PARAMS)
    blurred = least_contrast(dataclasses.replace(known, edge_blur_um=1.8), PARAMS)
    strong = least_contrast(dataclasses.replace(known, dark=1.0), PARAMS)
    assert sharp == pytest.approx(PARAMS.nucleus_contrast)
    assert blurred < 0.7 * sharp
    assert strong == pytest.approx(2 * sharp)


def test_small_holes_are_filled_and_bays_and_large_holes_are_not() -> None:
    mask = np.ones((40, 60), np.bool_)
    mask[5:8, 5:8] = False
    mask[20:35, 20:35] = False
    mask[15:18, 50:] = False
    filled = fill_holes(mask, 20)
    assert filled[5:8, 5:8].all()
    assert not filled[20:35, 20:35].any()
    assert not filled[15:18, 50:].any()


def test_distance_from_nothing_is_without_end() -> None:
    assert np.isinf(distance_from(np.zeros((3, 3), np.bool_))).all()


def test_labels_are_numbered_by_their_first_pixel() -> None:
    given = np.array([[0, 7, 0, 3], [9, 7, 0, 3]], np.int32)
    assert in_order(given).tolist() == [[0, 1, 0, 2], [3, 1, 0, 2]]
    assert in_order(np.zeros((2, 2), np.int32)).tolist() == [[0, 0], [0, 0]]


def test_enlarged_labels_leave_out_what_fills_no_bin() -> None:
    large = enlarged(np.array([[1, 2]], np.int32), (3, 5), 2)
    assert large.tolist() == [[1, 1, 2, 2, 0], [1, 1, 2, 2, 0], [0, 0, 0, 0, 0]]
