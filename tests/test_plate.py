import math

import pandas as pd
import pytest

from assaykit.errors import InputError
from assaykit.plate import (
    PLATE_FORMATS,
    annotate,
    canonical_well,
    map_text,
    parse_well,
    plate_format,
    row_letters,
    well_name,
)


@pytest.mark.parametrize("wells", [6, 12, 24, 48, 96, 384, 1536])
def test_a_format_has_as_many_wells_as_it_says(wells):
    plate = plate_format(wells)
    assert plate.wells == wells == len(plate.names) == len(set(plate.names))
    assert plate.diameter_mm < plate.pitch_mm


def test_sbs_geometry_of_96_384_and_1536_wells():
    # ANSI/SLAS 4-2004: 9.0, 4.5 and 2.25 mm between the centres of wells.
    assert [PLATE_FORMATS[n].pitch_mm for n in (96, 384, 1536)] == [9.0, 4.5, 2.25]


def test_growth_areas_are_those_that_makers_print():
    # Corning: 9.5, 3.8, 1.9 and 0.95 cm2 for 6, 12, 24 and 48 wells; 0.32 cm2 for 96.
    for wells, cm2 in ((6, 9.5), (12, 3.8), (24, 1.9), (48, 0.95), (96, 0.32)):
        assert math.isclose(plate_format(wells).well_area_mm2 / 100, cm2, rel_tol=0.02)


@pytest.mark.parametrize(
    ("text", "well"),
    [("A1", "A1"), ("a01", "A1"), ("Ａ１", "A1"), ("AF48", "AF48"), (" B 2 ", "B2")],
)
def test_one_well_has_one_name(text, well):
    assert canonical_well(text) == well
    assert well_name(*parse_well(text)) == well


@pytest.mark.parametrize("text", ["", "1A", "A0", "A", "AAA1", "well", "A1B", "A100"])
def test_other_text_is_not_a_well(text):
    with pytest.raises(InputError, match="is not a well"):
        parse_well(text)


def test_rows_beyond_z_have_two_letters():
    assert [row_letters(row) for row in (0, 25, 26, 31)] == ["A", "Z", "AA", "AF"]
    assert parse_well("AF1") == (31, 0)


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(InputError, match=r"no plate has 100 wells\. Use one of 6, 12, 24"):
        plate_format(100)


def test_the_drawn_map_shows_each_value_in_its_place():
    lines = map_text({"A1": "blank", "B3": "a long name"}, plate_format(6)).splitlines()
    assert lines[0].split() == ["1", "2", "3"]
    assert lines[1].split() == ["A", "blank", ".", "."]
    assert lines[2].split() == ["B", ".", ".", "a", "lon…"]


def readings(**columns):
    rows = {"plate": ["p"] * 3, "well": ["A01", "A2", "C1"], "channel": ["od_450"] * 3}
    return pd.DataFrame(rows | {"value": [0.5, 0.6, 0.7]} | columns)


def wells(**columns):
    rows = {"plate": ["p"] * 3, "well": ["A1", "A2", "B1"], "role": ["sample"] * 3}
    return pd.DataFrame(rows | {"treatment": ["x", "y", "z"]} | columns)


def test_annotate_keeps_every_well_and_every_reading():
    table = annotate(readings(), wells())
    assert table["well"].tolist() == ["A1", "A2", "B1", "C1"]
    assert table["flag"].tolist() == ["", "", "no_reading", "not_in_map"]
    assert table["role"].tolist() == ["sample", "sample", "sample", "empty"]
    assert table["treatment"].tolist() == ["x", "y", "z", ""]
    assert math.isnan(table["value"][2])
    assert table[["row", "column"]].to_numpy().tolist() == [["A", 1], ["A", 2], ["B", 1], ["C", 1]]


def test_annotate_excludes_masked_wells_with_a_reason_and_keeps_decisions():
    table = annotate(
        readings(flag=["", "masked", None]),
        wells(excluded=[True, False, False], reason=["spilled", "", ""]),
    )
    assert table["excluded"].tolist() == [True, True, False, False]
    assert table["reason"].tolist()[:2] == ["spilled", "masked in the instrument's software"]


def test_annotate_changes_nothing_in_place():
    left, right = readings(), wells()
    before = left.copy(), right.copy()
    annotate(left, right)
    pd.testing.assert_frame_equal(left, before[0])
    pd.testing.assert_frame_equal(right, before[1])


def test_plates_are_kept_apart_and_wells_in_plate_order():
    two = pd.concat([readings(plate=["b"] * 3), readings(plate=["a"] * 3)])
    table = annotate(two, pd.concat([wells(plate=["a"] * 3), wells(plate=["b"] * 3)]))
    assert table["plate"].tolist() == ["a"] * 4 + ["b"] * 4
