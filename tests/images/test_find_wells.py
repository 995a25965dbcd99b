"""Wells of a plate in a picture, against simulated truth and against real photographs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from assaykit.errors import InputError, UsageError
from assaykit.images.wells import WELL_LATTICES, find_wells
from assaykit.plate import PLATE_FORMATS
from assaykit.simulate.plate_photos import PlatePhoto, Shot, plate_photo

IMAGES = Path(__file__).parents[2] / "../shared/data/images"
PHOTOS = ("huaze_IMG_0904.jpg", "huaze_PA1.jpg", "ccd_cell_input_demo.jpg")
UPRIGHT = (1600, 1200)

SHOTS = (
    Shot(6, content="clouds", turn_degrees=4, slant=0.06, seed=2),
    pytest.param(
        Shot(6, UPRIGHT, content="clear", turn_degrees=270, fill=0.6, bench="wood", seed=11),
        marks=pytest.mark.xfail(strict=True, reason="unstained wells on wood: 0.36 radii off"),
    ),
    Shot(12, UPRIGHT, content="half_moon", turn_degrees=90, bench="dark", seed=3),
    Shot(12, content="mixed", slant=-0.1, turn_degrees=-9, shadow=0.6, seed=12),
    Shot(24, content="plaques", turn_degrees=-7, slant=0.1, fill=0.6, seed=5),
    Shot(24, content="even", opaque=True, turn_degrees=183, glare=1.0, seed=13),
    Shot(24, content="mixed", depth=0.15, fill=0.98, noise=8, jpeg=50, seed=16),
    Shot(48, content="mixed", bench="wood", depth=0.9, seed=6),
    Shot(48, UPRIGHT, content="clear", turn_degrees=95, blur_px=2.5, parallax=0.0, seed=14),
    Shot(96, content="even", shadow=0.5, glare=0.8, seed=7),
    Shot(96, content="mixed", opaque=True, fill=0.95, seed=8),
    Shot(96, UPRIGHT, content="clear", turn_degrees=87, slant=0.05, parallax=0.01, seed=15),
)


def _shape(wells: pd.DataFrame) -> tuple[int, int]:
    return int(wells["row"].max()), int(wells["column"].max())


def _errors(photo: PlatePhoto, wells: pd.DataFrame) -> tuple[float, float]:
    """The largest error of a centre in radii, and of a radius as a share."""
    centres = wells[["x", "y"]].to_numpy().reshape(photo.rows, photo.columns, 2)
    off = np.linalg.norm(centres - photo.centres, axis=2) / photo.radius
    radius = wells["radius"].to_numpy().reshape(photo.rows, photo.columns) / photo.radius - 1
    return float(off.max()), float(np.abs(radius).max())


@pytest.mark.parametrize("shot", SHOTS, ids=str)
def test_every_well_of_a_simulated_photograph_is_found_in_its_place(shot):
    photo = plate_photo(shot)
    wells = find_wells(photo.image)
    assert _shape(wells) == (photo.rows, photo.columns)
    centre, radius = _errors(photo, wells)
    assert centre < 0.25
    assert radius < 0.1
    assert wells["um_per_px"].iloc[0] == pytest.approx(photo.um_per_px, rel=0.02)


def test_table_has_one_row_per_well_from_the_top_left():
    photo = plate_photo(Shot(12, size_px=(600, 800)))
    before = photo.image.copy()
    wells = find_wells(photo.image)
    assert list(wells.columns) == ["row", "column", "x", "y", "radius", "um_per_px"]
    assert wells[["row", "column"]].to_numpy().tolist() == [
        [row, column] for row in (1, 2, 3) for column in (1, 2, 3, 4)
    ]
    assert wells.groupby("row")["x"].apply(lambda x: x.is_monotonic_increasing).all()
    assert wells.groupby("column")["y"].apply(lambda y: y.is_monotonic_increasing).all()
    assert wells["um_per_px"].nunique() == 1
    assert (photo.image == before).all()


def test_the_same_picture_gives_the_same_wells():
    photo = plate_photo(Shot(24, size_px=(600, 800)))
    pd.testing.assert_frame_equal(find_wells(photo.image), find_wells(photo.image))


def test_declared_format_and_grey_picture_give_the_same_plate():
    photo = plate_photo(Shot(48, content="plaques"))
    grey = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_RGB2GRAY), np.uint8)
    for wells in (find_wells(photo.image, 48), find_wells(grey), find_wells(grey, 48)):
        assert _shape(wells) == (6, 8)
        assert _errors(photo, wells)[0] < 0.25


def test_places_do_not_depend_on_the_size_of_the_picture():
    photo = plate_photo(Shot(24))
    large = np.asarray(cv2.resize(photo.image, None, fx=2, fy=2), np.uint8)
    small, twice = find_wells(photo.image), find_wells(large)
    np.testing.assert_allclose((twice[["x", "y"]] + 0.5) / 2 - 0.5, small[["x", "y"]], atol=2.0)
    assert twice["um_per_px"].iloc[0] == pytest.approx(small["um_per_px"].iloc[0] / 2, rel=0.01)


@pytest.mark.parametrize(
    "image",
    [
        np.full((900, 1200, 3), 200, np.uint8),
        np.zeros((400, 500), np.uint8),
        np.random.default_rng(0).integers(0, 255, (700, 900, 3)).astype(np.uint8),
    ],
    ids=["blank", "black", "noise"],
)
def test_a_picture_without_plate_is_refused_with_what_to_do(image):
    with pytest.raises(InputError, match=r"no lattice of wells.*24.*crop.*declare"):
        find_wells(image)


def test_refusal_of_a_declared_format_names_it():
    with pytest.raises(InputError, match="plate of 96 wells") as caught:
        find_wells(np.full((300, 400), 200, np.uint8), 96)
    assert caught.value.problems[0].code == "no_wells_found"


@pytest.mark.parametrize(("wells", "keep"), [(24, 5), (24, 4), (96, 9)])
def test_a_plate_cut_off_by_the_frame_is_refused(wells, keep):
    photo = plate_photo(Shot(wells))
    edge = int(photo.centres[0, keep - 1 : keep + 1, 0].mean())
    with pytest.raises(InputError, match="one whole plate"):
        find_wells(np.ascontiguousarray(photo.image[:, :edge]))


def test_two_plates_and_a_wrong_format_are_refused():
    photo = plate_photo(Shot(24, size_px=(700, 1000)))
    with pytest.raises(InputError, match="one whole plate"):
        find_wells(np.vstack([photo.image, photo.image]))
    with pytest.raises(InputError, match="of the declared format"):
        find_wells(photo.image, 12)


def test_too_small_pictures_and_wrong_arguments_are_refused():
    with pytest.raises(InputError, match=r"150 × 199 px.*at least 200"):
        find_wells(np.zeros((199, 150, 3), np.uint8))
    with pytest.raises(UsageError, match="384"):
        find_wells(np.zeros((300, 300, 3), np.uint8), 384)
    with pytest.raises(UsageError, match="uint8"):
        find_wells(np.zeros((300, 300, 3)))
    with pytest.raises(UsageError, match="4"):
        find_wells(np.zeros((300, 300, 4), np.uint8))


def test_geometry_agrees_with_that_of_the_plates():
    for wells, (rows, columns, pitch_mm, diameter_mm) in WELL_LATTICES.items():
        plate = PLATE_FORMATS[wells]
        assert (rows, columns) == (plate.rows, plate.columns)
        assert (pitch_mm, diameter_mm) == (plate.pitch_mm, plate.diameter_mm)


def _photograph(name: str) -> np.ndarray:
    path = IMAGES / "plates" / name
    if not path.exists():
        pytest.skip("the real photographs are not here")
    read = np.asarray(cv2.imread(str(path)))[..., ::-1]
    size = (read.shape[1] // 2, read.shape[0] // 2)
    return np.asarray(cv2.resize(np.ascontiguousarray(read), size, interpolation=cv2.INTER_AREA))


def _truth(name: str) -> tuple[int, int]:
    plates = json.loads((IMAGES / "truth.json").read_text(encoding="utf-8"))["plates"]
    return plates[name]["rows"], plates[name]["columns"]


def _turned(image: np.ndarray, degrees: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    )


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda image: image,
    "mirrored": lambda image: image[:, ::-1],
    "5 degrees": lambda image: _turned(image, 5),
    "-5 degrees": lambda image: _turned(image, -5),
    "a quarter of the size": lambda image: np.asarray(
        cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ),
    "dark": lambda image: (image * 0.35).astype(np.uint8),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PHOTOS)
def test_real_photographs_show_their_format(name, change):
    image = np.ascontiguousarray(CHANGES[change](_photograph(name)))
    assert _shape(find_wells(image)) == _truth(name)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_real_photograph_turned_by_a_right_angle_has_the_same_wells(name):
    image = _photograph(name)
    wells = find_wells(image)
    turned = find_wells(np.ascontiguousarray(np.rot90(image)))
    assert _shape(turned) == _truth(name)[::-1]
    grid = wells[["x", "y"]].to_numpy().reshape(*_truth(name), 2)
    expected = np.stack([grid[..., 1], image.shape[1] - 1 - grid[..., 0]], axis=-1)
    found = turned[["x", "y"]].to_numpy().reshape(*_truth(name)[::-1], 2)
    off = np.linalg.norm(found - np.rot90(expected), axis=2)
    assert off.max() < 0.2 * wells["radius"].mean()
