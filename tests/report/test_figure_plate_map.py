"""Plate maps put values, roles, flags and exclusions where the wells lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, names_of, words

from assaykit.plate import PLATE_FORMATS, plate_format
from assaykit.report.figures.plate_map import plate_heat_map, plate_maps, value_label
from assaykit.tables import ROLES


def plate_of(size, **columns) -> pd.DataFrame:
    names = plate_format(size).names
    roles = [list(ROLES)[number % len(ROLES)] for number in range(size)]
    wells = {"well": names, "value": np.linspace(0, 3000, size), "role": roles}
    return pd.DataFrame({**wells, **columns})


@pytest.mark.parametrize("size", PLATE_FORMATS)
def test_every_plate_format_is_legible_and_names_rows_and_columns(size):
    flags = ["outlier" if number % 5 == 0 else "" for number in range(size)]
    plate = plate_format(size)
    figure = plate_heat_map(plate_of(size, flag=flags), plate, title=LONG, unit="RFU")
    assert_legible(figure)
    assert names_of(figure.axes[0].yaxis)[0] == "A"
    assert names_of(figure.axes[0].xaxis)[-1] == str(plate.columns)
    assert "RFU" in words(figure)


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
