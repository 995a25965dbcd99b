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
from assaykit.tables import factor_columns


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


def reactions(**columns):
    """A1 with two targets, A2 with one, C1 empty: what a qPCR export states."""
    rows = {
        "plate": ["p"] * 4, "well": ["A1", "A1", "A2", "C1"], "channel": ["cq"] * 4,
        "value": [21.5, 18.2, 24.0, 30.0], "source": [f"p.txt, line {n}" for n in range(2, 6)],
        "sample": ["WT", "WT", "S1", ""], "target": ["RUNX2", "GAPDH", "RUNX2", ""],
        "task": ["sample", "sample", "standard", ""], "quantity": [None, None, 1000, None],
    }  # fmt: skip
    return pd.DataFrame(rows | columns)


def test_readings_without_names_are_joined_as_ever():
    """A plate reader states nothing: the same table with and without the columns of reactions."""
    flags = {"flag": ["", "masked", ""], "source": ["a", "b", "c"], "unit": ["OD"] * 3}
    nothing = {"sample": "", "target": None, "task": "", "quantity": math.nan}
    plain = annotate(readings(**flags), wells(sample=["S1", "S2", ""]))
    stated = annotate(readings(**flags, **nothing), wells(sample=["S1", "S2", ""]))
    assert list(plain.columns) == [
        "plate", "well", "row", "column", "role", "sample", "excluded", "reason", "treatment",
        "channel", "value", "unit", "flag", "source",
    ]  # fmt: skip
    assert set(stated["target"]) == {""}
    added = ["target", "nominal_concentration"]
    pd.testing.assert_frame_equal(stated.drop(columns=added), plain)


def test_two_plates_of_which_one_states_nothing_do_not_mix():
    both = pd.concat([reactions(), readings(plate=["q"] * 3)], ignore_index=True)
    table = annotate(both, pd.concat([wells(plate=["q"] * 3)]))
    own = table[table["plate"] == "q"].reset_index(drop=True)
    alone = annotate(readings(plate=["q"] * 3), wells(plate=["q"] * 3))
    names = [name for name in alone if name not in ("source", "unit")]
    assert own[names].equals(alone[names])


def test_a_file_that_describes_its_wells_fills_what_the_map_leaves_open():
    table = annotate(
        reactions(), wells(treatment=["x", "y", "z"], role=["sample", "standard", "ntc"])
    )
    assert table[["well", "role", "sample", "target"]].to_numpy().tolist() == [
        ["A1", "sample", "WT", "RUNX2"], ["A1", "sample", "WT", "GAPDH"],
        ["A2", "standard", "S1", "RUNX2"], ["B1", "ntc", "", ""], ["C1", "empty", "", ""],
    ]  # fmt: skip
    assert table["treatment"].tolist() == ["x", "x", "y", "z", ""]
    assert table["nominal_concentration"].tolist()[2] == 1000
    assert table["flag"].tolist() == ["", "", "", "no_reading", "not_in_map"]
    assert not {"task", "quantity"} & set(table.columns)


def test_a_well_that_only_the_file_describes_is_in_the_plate():
    none = wells().iloc[:0]
    table = annotate(reactions(task=["sample", "", "ntc", ""]), none)
    assert table["role"].tolist() == ["sample", "sample", "ntc", "empty"]
    assert table["flag"].tolist() == ["", "", "", "not_in_map"]
    without_task = annotate(reactions().drop(columns=["task", "quantity"]), none)
    assert without_task["role"].tolist() == ["sample"] * 3 + ["empty"]


UNKNOWN = ["sample", "sample", "sample", ""]


def test_a_map_with_a_row_for_each_target_meets_the_readings_of_that_target():
    names = {
        "well": ["A1", "A1", "A2"],
        "target": ["GAPDH ", "RUNX2", ""],
        "treatment": ["g", "r", "s"],
    }
    table = annotate(reactions(task=UNKNOWN), wells(**names))
    assert table[["well", "target", "treatment", "value"]].to_numpy().tolist()[:3] == [
        ["A1", "GAPDH ", "g", 18.2], ["A1", "RUNX2", "r", 21.5], ["A2", "RUNX2", "s", 24.0],
    ]  # fmt: skip


def test_a_target_of_the_map_without_a_reading_keeps_its_row():
    names = {"well": ["A1", "A1", "A1"], "target": ["GAPDH", "RUNX2", "ACTB"]}
    table = annotate(reactions(), wells(**names))
    assert table.set_index("target")["flag"]["ACTB"] == "no_reading"


def test_where_map_and_file_differ_every_well_is_named_with_both_names():
    said = wells(sample=["KO", "s1", ""], role=["sample", "ntc", "sample"])
    with pytest.raises(InputError) as caught:
        annotate(reactions(), said.assign(nominal_concentration=[math.nan, 500, math.nan]))
    assert [str(problem) for problem in caught.value.problems] == [
        f"p.txt, line {line} (well {well}): the map of plate p says the {what}. {remedy}"
        for line, well, what, remedy in [
            (2, "A1", "sample 'KO', the file says 'WT'", DIFFERENT),
            (3, "A1", "sample 'KO', the file says 'WT'", DIFFERENT),
            (4, "A2", "sample 's1', the file says 'S1'", ALIKE),
            (4, "A2", "role 'ntc', the file says 'standard'", DIFFERENT),
            (4, "A2", "nominal_concentration '500.0', the file says '1000.0'", DIFFERENT),
        ]
    ]


DIFFERENT = "Correct the map or the file: names are never merged."
ALIKE = "They differ only in case, spaces or hyphens: write them the same way."


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (["RUNX2", "RUNX2"], r"line 3 \(well A1\).*the target 'RUNX2', the file says 'GAPDH'"),
        (["SOX9", "RUNX2"], r"line 2 \(well A1\).*the target 'SOX9', the file says 'RUNX2'"),
        (["", "ACTB"], r"line 4 \(well A2\).*the target 'ACTB', the file says 'RUNX2'"),
    ],
)
def test_targets_that_differ_are_named(targets, words):
    with pytest.raises(InputError, match=words):
        annotate(reactions(), wells(target=[*targets, ""]))


def test_a_reading_without_a_target_in_a_well_of_two_is_not_guessed():
    duplex = wells(well=["A1", "A1", "A2"], target=["RUNX2", "GAPDH", "RUNX2"])
    with pytest.raises(InputError, match="the target 'RUNX2' and 'GAPDH', the file says ''"):
        annotate(reactions(target=["", "GAPDH", "RUNX2", ""]), duplex)


@pytest.mark.parametrize("role", ["nrt", "calibrator", "positive_control", "standard", "sample"])
def test_what_instruments_call_unknown_contradicts_no_role_but_empty(role):
    said = wells(role=[role, "standard", "sample"])
    assert annotate(reactions(), said)["role"].tolist()[:2] == [role, role]
    with pytest.raises(InputError, match="says the role 'empty', the file says 'sample'"):
        annotate(reactions(), wells(role=["empty", "standard", "sample"]))


def test_the_target_of_a_well_is_not_a_factor():
    table = annotate(reactions(task=UNKNOWN), wells(target=["", "RUNX2", ""]))
    assert factor_columns(table) == ["treatment"]
    assert list(table.columns).index("target") < list(table.columns).index("treatment")


def test_annotating_reactions_changes_nothing_in_place():
    left, right = reactions(task=UNKNOWN), wells(target=["", "RUNX2", None])
    before = left.copy(), right.copy()
    annotate(left, right)
    pd.testing.assert_frame_equal(left, before[0])
    pd.testing.assert_frame_equal(right, before[1])
