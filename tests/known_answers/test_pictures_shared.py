"""Real pictures with known answers: mineral of real fields, wells of real photographs."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
from shared_data import shared

from assaykit.assays.alizarin import AlizarinParameters
from assaykit.assays.picture_plates import look_at, sources_of
from assaykit.assays.picture_store import PictureStore
from assaykit.images import find_wells, measure_mineral, mineral_threshold
from assaykit.readers.pictures import open_picture

PLATES = ("huaze_IMG_0904.jpg", "huaze_PA1.jpg", "ccd_cell_input_demo.jpg")
SCALES = (1.6, 2.5, 5.0)  # µm/px; the files do not say theirs


def truth():
    return json.loads(shared("images", "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def fields():
    names = truth()["alizarin"]
    folder = shared("images", "alizarin")
    pixels = {
        name: open_picture(folder / f"{name}.png").pixels()
        for name in (*names["controls"], *names["treated"])
    }
    return names, pixels


@pytest.mark.parametrize("um_per_px", SCALES)
def test_every_treated_field_lies_above_every_control_at_the_threshold_of_the_controls(
    fields, um_per_px
):
    names, pixels = fields
    controls = [pixels[name] for name in names["controls"]]
    threshold, white = mineral_threshold(controls, um_per_px)
    found = {
        name: measure_mineral(picture, um_per_px, white, threshold)["mineralized_area_fraction"]
        for name, picture in pixels.items()
    }
    blank = [found[name] for name in names["controls"]]
    treated = [found[name] for name in names["treated"]]
    assert max(blank) < 0.02
    assert min(treated) > 5 * max(blank)
    assert min(treated) > 0.1


@pytest.mark.parametrize("um_per_px", SCALES)
def test_so_it_is_with_the_default_threshold_and_the_picture_s_own_white(fields, um_per_px):
    names, pixels = fields
    found = {
        name: measure_mineral(picture, um_per_px)["mineralized_area_fraction"]
        for name, picture in pixels.items()
    }
    blank = [found[name] for name in names["controls"]]
    assert max(blank) < 0.02
    assert min(found[name] for name in names["treated"]) > max(blank) + 0.02


def test_the_threshold_does_not_hang_on_which_control_it_comes_from(fields):
    names, pixels = fields
    found = [mineral_threshold([pixels[name]], 2.5)[0] for name in names["controls"]]
    assert max(found) - min(found) < 0.02


@pytest.mark.parametrize("name", PLATES)
def test_rows_and_columns_of_real_photographs_are_right(name):
    expected = truth()["plates"][name]
    image = open_picture(shared("images", "plates", name)).pixels()
    wells = find_wells(image)
    assert (wells["row"].max(), wells["column"].max()) == (expected["rows"], expected["columns"])
    assert len(wells) == expected["rows"] * expected["columns"]


@pytest.mark.parametrize("name", PLATES)
def test_the_lattice_of_a_real_photograph_is_even(name):
    """Every centre lies within a tenth of the pitch of a regular lattice, and gives µm/px."""
    wells = find_wells(open_picture(shared("images", "plates", name)).pixels())
    design = np.column_stack([np.ones(len(wells)), wells["row"], wells["column"]])
    for axis in ("x", "y"):
        fitted = design @ np.linalg.lstsq(design, wells[axis], rcond=None)[0]
        assert np.abs(fitted - wells[axis]).max() < 0.2 * wells["radius"].mean()
    assert wells["um_per_px"].nunique() == 1


def test_a_real_plate_goes_through_the_journey_of_a_plate(tmp_path):
    """Wells of a 24-well plate that was photographed upright: all are cut out, in focus."""
    path = shared("images", "plates", "huaze_IMG_0904.jpg")
    names = [f"{row}{column}" for row in "ABCD" for column in range(1, 7)]
    wells = pd.DataFrame(
        {"plate": "p", "well": names, "channel": "picture", "source": path.name,
         "picture": str(path)}
    )  # fmt: skip
    parameters = AlizarinParameters(picture_of="plate", pictures=path.name, a1_corner="top_right")
    with PictureStore() as store:
        seen = look_at(sources_of(wells), parameters, 50.0, store)
        assert [one.failed for one in seen] == [""] * 24
        shapes = {store.get(one.stored).shape for one in seen}
    assert max(max(shape) for shape in shapes) <= 1.1 * min(min(shape[:2]) for shape in shapes)
    diameters = [2 * one.circle.radius * one.working_um_per_px / 1000 for one in seen]
    assert np.median(diameters) == pytest.approx(15.6, rel=0.12)  # mm, by the makers' drawings


def test_opencv_and_we_see_the_same_pixels():
    path = shared("images", "trap_culture_left.png")
    assert np.array_equal(open_picture(path).pixels(), cv2.imread(str(path))[..., ::-1])
