"""Plate maps put values, roles, flags and exclusions where the wells lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, names_of, use_only_dejavu, words

from assaykit.plate import PLATE_FORMATS, plate_format
from assaykit.report.figures import canvas
from assaykit.report.figures.plate_map import plate_heat_map, plate_maps, value_label
from assaykit.tables import ROLES


def plate_of(size, **columns) -> pd.DataFrame:
    names = plate_format(size).names
    roles = [list(ROLES)[number % len(ROLES)] for number in range(size)]
    wells = {"well": names, "value": np.linspace(0, 3000, size), "role": roles}
    return pd.DataFrame({**wells, **columns})


@pytest.fixture(params=["fonts of this computer", "only DejaVu Sans"])
def any_fonts(request, monkeypatch):
    if request.param == "only DejaVu Sans":
        use_only_dejavu(monkeypatch)


@pytest.mark.parametrize("size", PLATE_FORMATS)
def test_every_plate_format_is_legible_and_names_rows_and_columns(size, any_fonts):
    flags = ["outlier" if number % 5 == 0 else "" for number in range(size)]
    plate = plate_format(size)
    figure = plate_heat_map(plate_of(size, flag=flags), plate, title=LONG, unit="RFU")
    assert_legible(figure)
    assert names_of(figure.axes[0].yaxis)[0] == "A"
    assert names_of(figure.axes[0].xaxis)[-1] == str(plate.columns)
    assert "RFU" in words(figure)


@pytest.mark.parametrize("size", PLATE_FORMATS)
@pytest.mark.parametrize("scale", [1e-9, 1, -40, 1e4])
def test_a_map_makes_room_for_wide_numbers_long_units_and_many_flags(size, scale, any_fonts):
    said = [LONG, "骨芽細胞" * 12, "W" * 50, "a b c"]
    flags = [said[number % 4] for number in range(size)]
    wells = plate_of(size, flag=flags, excluded=[number % 3 == 0 for number in range(size)])
    wells["value"] *= scale
    figure = plate_heat_map(wells, plate_format(size), title="骨芽細胞" * 40, unit="W" * 200)
    assert_legible(figure)
    plate, legend = figure.axes[0], figure.legends[0]
    lowest = plate.transData.transform((0, plate.get_ylim()[0] - 0.07))[1]
    with canvas.style():
        assert canvas.box_of(legend).y1 <= lowest + 0.5


def test_a_map_with_room_for_its_texts_keeps_its_size():
    wells = pd.DataFrame({"well": ["A1"], "value": [0.5], "role": "sample"})
    figure = plate_heat_map(wells, plate_format(96), title="p", unit="OD")
    assert figure.get_size_inches() * 25.4 == pytest.approx([175.2, 123.8])
    assert figure.axes[0].get_position().bounds[2] * 175.2 == pytest.approx(12 * 12.6)


@pytest.mark.parametrize("unit", ["OD", "RFU"])
@pytest.mark.parametrize("scale", [1e-9, 1, -40, 1e4])
def test_values_stay_inside_their_wells(scale, unit, any_fonts):
    wells = plate_of(96)
    wells["value"] = wells["value"].max() * scale - wells["value"] * scale / 10
    figure = plate_heat_map(wells, plate_format(96), title="p", unit=unit)
    values = drawn(figure)["values"].get_paths()
    places = drawn(figure)["wells"].get_offsets()
    for path, place in zip(values, places, strict=True):
        assert np.hypot(*(path.vertices - place).T).max() < 0.41
        assert path.get_extents().width <= 1.55 * 0.43


def drawn(figure) -> dict:
    return {c.get_gid(): c for c in figure.axes[0].collections}


def test_values_marks_and_outlines_stand_on_their_wells():
    wells = pd.DataFrame(
        {
            "well": ["A1", "B3", "C4"], "value": [0.05, np.nan, 1.2],
            "role": ["blank", "sample", "standard"], "excluded": [False, False, True],
            "flag": ["", "saturated", ""],
        }
    )  # fmt: skip
    parts = drawn(plate_heat_map(wells, plate_format(12), title="p", unit="OD"))
    assert parts["wells"].get_offsets().tolist() == [[0, 0], [2, 1], [3, 2]]
    assert parts["wells"].get_array().mask.tolist() == [False, True, False]
    assert len(parts["values"].get_paths()) == 2
    for path, place in zip(parts["values"].get_paths(), [(0, 0), (3, 2)], strict=True):
        middle = (path.get_extents().min + path.get_extents().max) / 2
        assert middle == pytest.approx(place, abs=0.06)
        assert path.get_extents().width < 0.86
    assert len(parts["excluded"].get_segments()) == 2
    assert np.mean(parts["excluded"].get_segments(), axis=(0, 1)) == pytest.approx((3, 2))
    (corner,) = parts["flagged"].get_paths()
    assert np.round(corner.vertices.mean(axis=0)).tolist() == [2, 1]
    outlines = {tuple(np.round(colour, 3)) for colour in parts["wells"].get_edgecolors()}
    assert len(outlines) == 3


def test_the_legend_names_the_roles_and_flags_that_occur():
    picture = next(plate_maps(made.plate_study()))
    assert {"sample", "standard", "excluded", "flag: saturated"} <= set(words(picture.figure))
    assert "calibrator" not in words(picture.figure)


def test_a_plate_without_any_number_is_drawn_empty():
    wells = pd.DataFrame({"well": ["A1"], "value": [np.nan]})
    assert "values" not in drawn(plate_heat_map(wells, plate_format(6), title="", unit=""))


def test_two_channels_and_two_plates_get_maps_of_their_own():
    wells = made.plate_study().wells
    second = wells.assign(channel="od_570")
    study = replace(made.plate_study(), wells=pd.concat([wells, second], ignore_index=True))
    assert [picture.name for picture in plate_maps(study)] == ["plate", "plate.od_570"]
    other = wells.assign(plate="p2")
    study = replace(study, wells=pd.concat([wells, other], ignore_index=True))
    assert [picture.name for picture in plate_maps(study)] == ["plate.plate 1", "plate.p2"]


def test_values_are_written_in_few_characters():
    shown = [value_label(v, "OD") for v in (0.05, -0.0123, 12.3456)]
    assert shown == ["0.050", "-0.012", "12.3"]
    assert [value_label(v, "pg/mL") for v in (1e6, 1.23e-7, 99999.4)] == ["1e6", "1.23e-7", "99999"]


def test_shades_start_at_zero_for_absorbance_only():
    wells = pd.DataFrame({"well": ["A1", "A2"], "value": [18.0, 31.0]})
    for unit, low in (("OD", 0.0), ("cycles", 18.0), ("RFU", 18.0)):
        figure = plate_heat_map(wells, plate_format(6), title="p", unit=unit)
        assert drawn(figure)["wells"].get_clim() == (low, 31.0)


def test_cycles_and_temperatures_are_written_with_one_decimal():
    assert [value_label(27.04, unit) for unit in ("cycles", "°C", "RFU")] == ["27.0", "27.0", "27"]


def duplex() -> pd.DataFrame:
    rows = [
        {"plate": "p", "well": well, "role": "sample", "target": target, "channel": "cq",
         "value": cq + number, "unit": "cycles", "flag": ""}
        for number, well in enumerate(("A1", "A2"))
        for target, cq in (("RUNX2", 25.0), ("ACTB", 18.0))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_two_targets_in_one_well_get_maps_of_their_own():
    study = replace(made.plate_study(), wells=duplex(), plate_formats={"p": 96})
    pictures = list(plate_maps(study))
    assert [picture.name for picture in pictures] == ["plate", "plate.ACTB"]
    assert [picture.figure.get_suptitle() for picture in pictures] == [
        "p: cq of RUNX2", "p: cq of ACTB",
    ]  # fmt: skip
    values = [drawn(picture.figure)["wells"].get_array().tolist() for picture in pictures]
    assert values == [[25.0, 26.0], [18.0, 19.0]]
    assert [drawn(picture.figure)["wells"].get_clim() for picture in pictures] == [
        (25.0, 26.0), (18.0, 19.0),
    ]  # fmt: skip


def test_one_target_in_each_well_needs_one_map():
    wells = duplex().iloc[[0, 3]]
    (picture,) = plate_maps(replace(made.plate_study(), wells=wells, plate_formats={"p": 96}))
    assert picture.figure.get_suptitle() == "p: cq"


def test_melt_curves_of_a_duplex_plate_have_a_map_for_each_target_and_channel():
    wells = pd.concat([duplex(), duplex().assign(channel="tm_1", unit="°C", value=84.0)])
    pictures = plate_maps(replace(made.plate_study(), wells=wells, plate_formats={"p": 96}))
    names = [picture.name for picture in pictures]
    assert names == ["plate", "plate.ACTB", "plate.tm_1", "plate.tm_1.ACTB"]


def test_controls_in_which_nothing_was_found_have_no_corner():
    wells = pd.DataFrame(
        {"well": ["A1", "A2", "A3"], "value": np.nan, "role": ["ntc", "nrt", "sample"],
         "flag": "undetermined"}
    )  # fmt: skip
    figure = plate_heat_map(wells, plate_format(6), title="p", unit="cycles")
    assert len(drawn(figure)["flagged"].get_paths()) == 1
    assert "flag: undetermined" in words(figure)
