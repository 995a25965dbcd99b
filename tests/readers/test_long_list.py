"""Lists typed here by hand; every expected value stands in the text beside it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def test_wells_padded_or_not_and_one_value_column(write):
    readings = read(write("Well,Sample,OD 450\nA01,M1,0.5\na2,M1,-0.01\nＢ３,M2,1.7e-05\n"))
    assert rows_of(readings, "well", "channel", "value", "unit") == [
        ["A1", "od_450", 0.5, "OD"],
        ["A2", "od_450", -0.01, "OD"],
        ["B3", "od_450", 1.7e-05, "OD"],
    ]
    assert readings["source"][2] == "plate.csv, line 4"


@pytest.mark.parametrize("header", ["Well", "well", "WELL", "Position", "Well position", "ウェル"])
def test_names_of_the_well_column(write, header):
    assert read(write(f"{header}\tCq\nA1\t21.5\n"))["channel"].tolist() == ["cq"]


def test_several_value_columns_are_several_channels(write):
    readings = read(write("Well;A450;A570\nA1;1,5;0,05\nA2;OVRFLW;0,06\n"))
    assert readings["channel"].tolist() == ["od_450", "od_570"] * 2
    assert readings["flag"].tolist() == ["", "", "saturated", ""]
    assert readings["value"].tolist()[0] == 1.5


def test_what_belongs_to_the_plate_map_is_no_reading(write):
    text = "Well,Sample,Biological replicate,Dilution factor,Comment,OD\nA1,1,2,4,first,0.5\n"
    assert rows_of(read(write(text)), "channel", "value") == [["od", 0.5]]


def test_an_unknown_column_is_a_channel_if_it_holds_only_numbers(write):
    text = "Well,Blank corrected 450,Kit\nA1,0.5,abc\nA2,0.6,\n"
    assert read(write(text))["channel"].tolist() == ["blank_corrected_450"] * 2


def test_a_column_of_numbers_and_text_is_asked_for(write):
    with pytest.raises(
        InputError, match=r"line 3: the column 'Mineral' holds numbers, and.*'spilt'"
    ):
        read(write("Well,Mineral\nA1,0.5\nA2,spilt\n"))


def test_a_plate_column(write):
    text = "Plate,Well,OD\nP1,A1,0.5\nP2,A1,0.6\n"
    assert describe(read(write(text))) == "2 plates (P1, P2), 2 wells, 1 channel (od)"


def test_a_channel_column(write):
    text = "Well,Wavelength,Value\nA1,450,0.5\nA1,570,0.05\n"
    readings = read(write(text))
    assert rows_of(readings, "channel", "value") == [["od_450", 0.5], ["od_570", 0.05]]


def test_a_channel_column_beside_two_value_columns_is_refused(write):
    with pytest.raises(InputError, match="a channel column, and the readings od_450, cq"):
        read(write("Well,Channel,A450,Cq\nA1,x,0.5,20\n"))


def test_undetermined_in_any_case_is_a_flag(write):
    readings = read(write("Well,Cq\nA1,Undetermined\nA2,UNDETERMINED\nA3,35.1\n"))
    assert readings["flag"].tolist() == ["undetermined", "undetermined", ""]
    assert math.isnan(readings["value"][0])


def test_blank_values_are_no_readings(write):
    assert read(write("Well,OD\nA1,0.5\nA2,\nA3,0.7\n"))["well"].tolist() == ["A1", "A3"]


def test_the_same_well_twice_names_both_lines(write):
    with pytest.raises(InputError) as caught:
        read(write("Well,OD\nA1,0.5\nB1,0.6\nA01,0.7\n"))
    message = str(caught.value)
    assert message.startswith("plate.csv, line 4 (well A1): od of plate plate is read twice")
    assert "plate.csv, line 2" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Well,OD\nA1,0.5\nA2\n", "line 3: the line ends before its 'OD'"),
        ("Well,OD\nA1,0.5\nA2,", "line 3: the line ends before its 'OD'"),
        ("Well,OD\nA1,0.5\n,0.6\n", "line 3: found '', expected a well"),
        ("Well,OD\nA1,0.5\nTotal,0.6\n", "line 3: found 'Total', expected a well"),
        ("Well,OD\nA1,0.5\nZZ9,0.6\n", "line 3: found 'ZZ9', expected a well"),
        ("Well,OD\nA1,0,5\n", "line 2: found '5' in a column without a name"),
        ("Well,OD,OD\nA1,0.5,0.6\n", "line 1: two columns are both the channel od"),
        ("Well,Sample\nA1,M1\n", "line 1: no column holds readings"),
        ("Plate,Well,OD\nP1,A1,0.5\n,A2,0.6\n", "line 3: the plate is missing"),
        ("Well,OD,Flag\nA1,0.5,odd\n", "line 2: 'odd' is not a flag"),
        ("Well,OD\nA1,0.5\nA2,abc\n", r"line 3 \(well A2\): found 'abc', expected a number"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write, text, words):
    with pytest.raises(InputError, match=words):
        read(write(text))


def test_all_problems_come_at_once(write):
    with pytest.raises(InputError) as caught:
        read(write("Well,OD\nA1,abc\nnone,0.6\nA3\n"))
    assert {problem.code for problem in caught.value.problems} == {
        "not_a_number", "not_a_well", "cut_line",
    }  # fmt: skip


def test_a_header_below_notes_in_cp932(write):
    text = "測定者 田中\n\nウェル\t試料\t吸光度\nA1\t対照\t0.5\n"
    readings = read(write(text, encoding="cp932"))
    assert rows_of(readings, "well", "channel", "value") == [["A1", "od", 0.5]]


def test_the_column_with_well_names_wins_over_one_with_numbers(write):
    text = "Well\tWell Position\tCT\n1\tA1\t21.5\n2\tA2\t22.5\n"
    assert read(write(text))["well"].tolist() == ["A1", "A2"]


def test_a_list_in_a_workbook_names_its_cells(save):
    sheets = {"Data": [["Well", "OD450"], ["A1", 0.5], ["A2", "Range?"]], "Notes": [["x"]]}
    readings = read(save(sheets))
    assert readings["source"].tolist() == ["plate.xlsx, Data!B2", "plate.xlsx, Data!B3"]
    assert readings["flag"].tolist() == ["", "out_of_range"]


def test_the_zero_of_a_workbook_is_a_number(save):
    assert read(save({"S": [["Well", "Area"], ["A1", 0], ["A2", 2]]}))["value"].tolist() == [0, 2]


def test_a_name_that_excel_made_a_date_of_is_refused(save):
    sheets = {"S": [["Plate", "Well", "OD"], [45000, "A1", 0.5]]}
    with pytest.raises(InputError, match=r"S!A2: found the serial number of a date"):
        read(save(sheets))


def test_a_readings_table_comes_back_from_its_own_csv(write, tmp_path: Path):
    first = read(write("Well;A450\nA1;0,532\nA2;OVRFLW\nA3;*0,4*\n"))
    first.to_csv(tmp_path / "own.csv", index=False)
    second = read(tmp_path / "own.csv")
    shared = ["plate", "well", "channel", "value", "unit", "flag"]
    assert second[shared].equals(first[shared])


RDES = (
    "Well,Sample,Sample Type,Target,Target Type,Dye,Quantity,Cq\n"
    "A1,WT 1,unkn,RUNX2,toi,FAM,,21.5\nA1,WT 1,unkn,GAPDH,ref,HEX,,18.25\n"
    "A2,S1,std,RUNX2,toi,FAM,1000,24\nA3,,ntc,RUNX2,toi,FAM,,\nA4,KO 1,nrt,RUNX2,toi,FAM,,-1\n"
    "A5,,,,,,,\n"
)


def test_a_list_in_rdes_order_states_sample_target_task_and_quantity(write):
    readings = read(write(RDES))
    assert rows_of(readings, "well", "sample", "target", "task", "flag") == [
        ["A1", "WT 1", "RUNX2", "sample", ""],
        ["A1", "WT 1", "GAPDH", "sample", ""],
        ["A2", "S1", "RUNX2", "standard", ""],
        ["A3", "", "RUNX2", "ntc", "undetermined"],
        ["A4", "KO 1", "RUNX2", "nrt", "undetermined"],
    ]
    assert readings["quantity"].tolist()[2] == 1000
    assert set(readings["unit"]) == {"cycles"}


@pytest.mark.parametrize("header", ["Sample Type", "Task", "Role"])
def test_names_of_the_task_column(write, header):
    readings = read(write(f"Well,Sample,{header},Target,Ct\nA1,WT,UNKNOWN,RUNX2,21.5\n"))
    assert rows_of(readings, "sample", "task") == [["WT", "sample"]]


def test_samples_of_a_list_without_a_cq_stay_with_the_plate_map(write):
    assert "sample" not in read(write("Well,Sample,Target,OD\nA1,WT,RANKL,0.5\n"))


def test_omitted_reactions_are_masked(write):
    readings = read(write("Well,Sample,Target,Omit,Cq,Tm1\nA1,WT,RUNX2,true,21.5,84.5\n"))
    assert rows_of(readings, "channel", "value", "flag") == [
        ["cq", 21.5, "masked"], ["tm_1", 84.5, "masked"],
    ]  # fmt: skip


def test_readings_of_reactions_come_back_from_their_own_csv(write, tmp_path: Path):
    text = RDES.replace("A1,WT 1,unkn,GAPDH,ref,HEX,,18.25", "A1,WT 1,unkn,GAPDH,ref,HEX,,*18.25*")
    first = read(write(text))
    first.to_csv(tmp_path / "own.csv", index=False)
    second = read(tmp_path / "own.csv")
    assert second.drop(columns="source").equals(first.drop(columns="source"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unkn,RUNX2", "odd,RUNX2", "line 2: 'odd' is not a task that is known"),
        (",1000,", ",many,", r"line 4 \(well A2\): found 'many', expected a number"),
        (",18.25", ",1825", r"line 3 \(well A1\): found 1825, expected a Cq between 0 and 100"),
        ("A1,WT 1,unkn,GAPDH", "A01,WT 2,unkn,RUNX2", "line 3.*cq of the target RUNX2.*read twice"),
        ("Dye", "Sample Name", "the columns 'Sample' and 'Sample Name' mean the same and do not"),
    ],
)
def test_what_is_wrong_with_a_reaction_is_named_with_its_line(write, old, new, words):
    with pytest.raises(InputError, match=words):
        read(write(RDES.replace(old, new, 1)))


def test_curves_without_a_cq_are_refused(write):
    cycles = range(1, 41)
    head = ",".join(["Well,Sample,Sample Type,Target,Target Type,Dye", *map(str, cycles)])
    line = ",".join(["A1,WT,unkn,RUNX2,toi,FAM", *(f"0.{c}" for c in cycles)])
    with pytest.raises(InputError, match="the columns of 40 cycles or temperatures are curves"):
        read(write(f"{head}\n{line}\n"))
