"""Text exports of the LightCycler 480, typed here by what real ones look like."""

from __future__ import annotations

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read, sniff

COLUMNS = "Include\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus\n"
LINES = (
    "True\t255\tA1\tWT 1\t21,45\t8,1E2\t0\t\n"
    "False\t255\tA2\tWT 1\t27,10\t\t0\t> 35 - Late\n"
    "True\t65280\tA3\tStd 1\t18,00\t1,00E3\t1000\t\n"
    "True\t255\tP24\tSample 384\t\t\t0\t\n"
)
TITLE = "Experiment: run 12, RUNX2  Selected Filter: SYBR Green I / HRM Dye (465-510)\n"
TEXT = TITLE + COLUMNS + LINES


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def test_a_text_export(write):
    path = write(TEXT, "a.txt")
    readings = read(path)
    assert sniff(path) == "lightcycler_480"
    assert rows_of(readings, "plate", "well", "sample", "task", "flag") == [
        ["run 12, RUNX2", "A1", "WT 1", "", ""],
        ["run 12, RUNX2", "A2", "WT 1", "", "masked"],
        ["run 12, RUNX2", "A3", "Std 1", "standard", ""],
        ["run 12, RUNX2", "P24", "Sample 384", "", "undetermined"],
    ]
    assert readings["value"].tolist()[:3] == [21.45, 27.1, 18.0]
    assert readings["quantity"].tolist()[2] == 1000
    assert readings["quantity"].notna().sum() == 1
    assert "target" not in readings


def test_several_filters_stand_for_the_targets(write):
    second = TEXT.replace("SYBR Green I / HRM Dye (465-510)", "HEX (533-580)")
    readings = read(write(TEXT + "\n" + second))
    assert describe(readings) == (
        "1 plate (run 12, RUNX2), 4 wells, 2 targets (SYBR Green I / HRM Dye (465-510), "
        "HEX (533-580)), 1 channel (cq)"
    )


def test_several_experiments_are_several_plates(write):
    readings = read(write(TEXT + TEXT.replace("run 12", "run 13")))
    assert readings.groupby("plate").size().to_dict() == {"run 12, RUNX2": 4, "run 13, RUNX2": 4}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Pos\tName\tCp", "Pos\tName\tFluor", "it holds no Cq: no column holds a Cq"),
        (COLUMNS, "", "it holds no table with Pos, Name and Cp"),
        ("True\t255\tA1", "Perhaps\t255\tA1", "line 3: found 'Perhaps', expected true or false"),
        ("A3\tStd 1\t18,00\t1,00E3\t1000\t", "A3\tStd 1", "line 5: the line ends before its 'Cp'"),
        ("21,45", "214,5", r"line 3 \(well A1\): found 214,5, expected a Cq between 0 and 100"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write, old, new, words):
    with pytest.raises(InputError, match=words):
        read(write(TEXT.replace(old, new)))


def test_the_same_run_twice_is_an_error(write):
    with pytest.raises(InputError, match="read twice, here and in"):
        read(write(TEXT + TEXT))
