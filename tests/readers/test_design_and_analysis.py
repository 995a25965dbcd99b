"""Workbooks of Design & Analysis, made here by what real ones look like."""

from __future__ import annotations

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read, sniff

HEAD = [
    ["File Name", "C:\\runs\\day 3.eds"], ["Barcode", "NA"], ["Block Type", "96-Well 0.2-mL Block"],
    ["Software Name and Version", "Design & Analysis Software v2.7.0"], [],
]  # fmt: skip
COLUMNS = ["Well", "Well Position", "Omit", "Sample", "Target", "Task", "Cq", "Cq Mean", "Cq SD"]
RESULTS = [
    [1, "A1", "FALSE", "WT", "RUNX2", "UNKNOWN", 21.5, 21.5],
    [2, "A2", "TRUE", "WT", "RUNX2", "UNKNOWN", 24.25, 21.5],
    [3, "A3", "FALSE", None, "RUNX2", "NTC", "UNDETERMINED"],
    [4, "A4", "FALSE", "Std 1", "RUNX2", "STANDARD", 18.5],
    [5, "A5", "FALSE", "Std 2", "RUNX2", "STANDARD", 22.0],
]


@pytest.fixture
def export(save):
    def save_sheets(results=RESULTS, columns=COLUMNS, head=HEAD, **others):
        sheets = {"Results": [*head, columns, *results]}
        named = {name.replace("_", " "): [*head, *rows] for name, rows in others.items()}
        return save(sheets | named, "run.xlsx")

    return save_sheets


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def test_results_with_a_header_above(export):
    path = export()
    readings = read(path)
    assert sniff(path) == "design_and_analysis"
    assert describe(readings) == "1 plate (run), 5 wells, 1 target (RUNX2), 1 channel (cq)"
    assert readings["flag"].tolist() == ["", "masked", "undetermined", "", ""]
    assert readings["task"].tolist() == ["sample", "sample", "ntc", "standard", "standard"]
    assert readings["source"][0] == "run.xlsx, Results!G7"


def test_a_barcode_names_the_plate(export):
    head = [["Barcode", "P0042"], *HEAD[3:]]
    assert set(read(export(head=head))["plate"]) == {"P0042"}


def test_quantities_of_standards_come_from_wherever_they_stand(export):
    groups = [["Sample", "Target", "Number of Replicates", "Quantity"], [None, "RUNX2", 1, "-"],
              ["WT", "RUNX2", 2, 777.0], ["Std 1", "RUNX2", 1, 1000.0],
              ["Std 2", "RUNX2", 1, 100.0]]  # fmt: skip
    by_group = read(export(Replicate_Group_Result=groups))
    curve = [["Well", "Well Position", "Target", "Quantity"], [1, "A1", "RUNX2", 812.5],
             [4, "A4", "RUNX2", 1000.0], [5, "A5", "RUNX2", 100.0]]  # fmt: skip
    by_well = read(export(Standard_Curve_Result=curve))
    numbers = [9.0, 8.0, 7.0, 1000.0, 100.0]
    numbers = [9.0, 8.0, 7.0, 1000.0, 100.0]
    own = [[*row[:7], None, None, q] for row, q in zip(RESULTS, numbers, strict=True)]
    by_result = read(export(own, [*COLUMNS, "Quantity"]))
    for readings in (by_group, by_well, by_result):
        assert readings["quantity"].tolist()[3:] == [1000, 100]
        assert readings["quantity"].isna().tolist() == [True, True, True, False, False]


def test_melting_peaks_are_channels(export):
    melts = [["Well", "Well Position", "Target", "Tm1", "Tm2"], [1, "A1", "RUNX2", 84.9, 78.2],
             [2, "A2", "RUNX2", 84.8, None]]  # fmt: skip
    readings = read(export(Melt_Curve_Result=melts))
    found = readings[readings["channel"].str.startswith("tm")]
    assert rows_of(found, "well", "sample", "channel", "value", "unit", "flag") == [
        ["A1", "WT", "tm_1", 84.9, "°C", ""],
        ["A1", "WT", "tm_2", 78.2, "°C", ""],
        ["A2", "WT", "tm_1", 84.8, "°C", "masked"],
    ]


def test_a_well_with_a_curve_and_without_a_result_is_named(export):
    curves = [["Well", "Well Position", "Cycle Number", "Target", "Rn"], [1, "A1", 1, "RUNX2", 0.9],
              [6, "A6", 1, "RUNX2", 0.9], [7, "A7", 1, None, None]]  # fmt: skip
    with pytest.raises(InputError, match=r"wells of 'Amplification Data' are missing.*: A6"):
        read(export(Amplification_Data=curves))


def test_a_workbook_without_results_names_its_sheets(save):
    with pytest.raises(InputError, match=r"no sheet 'Results' with wells and Cq; its sheets are "):
        read(save({"Replicate Group Result": [*HEAD, ["Sample", "Target"], ["WT", "RUNX2"]]}))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ((0, 6), "ODD", r"run\.xlsx, Results!G7 \(well A1\): found 'ODD', expected a number"),
        ((0, 6), 0, r"Results!G7 \(well A1\): found 0, expected a Cq between"),
        ((0, 5), "ODD", "Results!F7: 'ODD' is not a task that is known"),
        ((0, 1), "none", "Results!B7: found 'none', expected a well"),
        ((0, 3), 45000, "Results!D7: found the serial number of a date"),
        ((0, 6), "#DIV/0!", r"Results!G7.*#DIV/0!"),
        ((1, 1), "A1", "cq of the target RUNX2 of plate run is read twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_cell(export, place, value, words):
    rows = [list(row) for row in RESULTS]
    rows[place[0]][place[1]] = value
    with pytest.raises(InputError, match=words):
        read(export(rows))
