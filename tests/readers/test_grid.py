"""Blocks typed here by hand; every expected value stands in the text beside it."""

from __future__ import annotations

import math

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read, sniff

SIX = "od_450,1,2,3\nA,0.1,0.2,OVRFLW\nB,-0.4,,6e-2\n"


def values(readings):
    return dict(zip(readings["well"], readings["value"], strict=True))


def test_a_small_grid_is_read_as_it_is_written(write):
    readings = read(write(SIX))
    assert readings["well"].tolist() == ["A1", "A2", "A3", "B1", "B3"]
    assert readings["value"].tolist()[:2] == [0.1, 0.2]
    assert math.isnan(readings["value"][2])
    assert readings["flag"].tolist() == ["", "", "saturated", "", ""]
    assert readings["value"].tolist()[3:] == [-0.4, 0.06]
    assert set(readings["channel"]) == {"od_450"}
    assert set(readings["unit"]) == {"OD"}
    assert set(readings["plate"]) == {"plate"}
    assert readings["source"].tolist()[-1] == "plate.csv, line 3"


@pytest.mark.parametrize(
    ("rows", "columns"), [(2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (16, 24), (32, 48)]
)
def test_every_plate_format_is_read(write, grid_rows, as_text, rows, columns):
    readings = read(write(as_text(grid_rows(rows, columns))))
    assert len(readings) == rows * columns
    last = readings.iloc[-1]
    assert (
        last["well"] == {2: "B3", 3: "C4", 4: "D6", 6: "F8", 8: "H12", 16: "P24", 32: "AF48"}[rows]
    )
    assert last["value"] == round(0.1 + 0.001 * (rows * columns - 1), 3)
    assert set(readings["channel"]) == {"value"}


@pytest.mark.parametrize("separator", ["\t", ";"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp932"])
def test_decimal_commas_line_ends_and_encodings(
    write, grid_rows, as_text, separator, ending, encoding
):
    rows = grid_rows(8, 12)
    text = "測定 対照群\n\n" + as_text(rows, separator, ",")
    readings = read(write(text.replace("\n", ending), "試料.txt", encoding))
    assert values(readings) == {f"{r[0]}{c}": r[c] for r in rows[1:] for c in range(1, 13)}
    assert set(readings["plate"]) == {"試料"}


def test_quoted_decimal_commas_in_a_comma_file(write):
    text = 'A450,1,2,3\nA,"0,1","0,2","0,3"\nB,"0,4","0,5","0,6"\n'
    assert list(values(read(write(text))).values()) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def test_thousands_commas(write):
    text = ';1;2;3\nA;"1,250.5";2,000;17\nB;1;2;3\n'
    assert list(values(read(write(text))).values()) == [1250.5, 2000, 17, 1, 2, 3]


def test_a_comma_that_could_be_either_is_asked_for(write):
    text = "\t1\t2\t3\nA\t1,250\t2,000\t17\nB\t1\t2\t3\n"
    with pytest.raises(InputError, match="'1,250' can be a decimal comma or a thousands separator"):
        read(write(text))


def test_a_semicolon_beside_it_makes_it_a_decimal_comma(write):
    text = ";1;2;3\nA;1,250;2,000;17\nB;1;2;3\n"
    assert values(read(write(text)))["A1"] == 1.25


def test_mixed_decimal_marks_are_refused(write):
    with pytest.raises(InputError, match="are mixed"):
        read(write(";1;2;3\nA;0,5;0.5;0,7\nB;1;2;3\n"))


def test_decimal_commas_in_a_comma_file_are_explained(write):
    text = ",1,2,3\nA,0,1,0,2,0,3\nB,0,4,0,5,0,6\n"
    with pytest.raises(InputError, match="Decimal commas in a file separated by commas"):
        read(write(text))


def test_full_width_digits_minus_signs_and_spaces(write):
    text = "\u3000;１;２;３\nＡ;０．５; −0.25\xa0;3\nB;1;2;3\n"
    assert list(values(read(write(text))).values())[:3] == [0.5, -0.25, 3]


def test_two_labelled_blocks_are_two_channels(write):
    text = "Plate 1 450 nm\n,1,2,3\nA,1,2,3\nB,4,5,6\n\nPlate 1 570 nm\n,1,2,3\nA,7,8,9\nB,1,2,3\n"
    readings = read(write(text))
    assert describe(readings) == "1 plate (Plate 1), 6 wells, 2 channels (od_450, od_570)"


def test_blocks_side_by_side_and_labels_to_the_right(save):
    rows = [
        [None, 1, 2, 3, "450", None, None, 1, 2, 3, "570"],
        ["A", 0.1, 0.2, 0.3, None, None, "A", 0.4, 0.5, 0.6],
        ["B", 1.1, 1.2, 1.3, None, None, "B", 1.4, 1.5, 1.6],
    ]
    readings = read(save({"Plate 9": rows}))
    assert readings["channel"].unique().tolist() == ["od_450", "od_570"]
    assert readings["plate"].unique().tolist() == ["Plate 9"]
    last = readings.iloc[-1]
    assert (last["well"], last["value"], last["source"]) == ("B3", 1.6, "plate.xlsx, Plate 9!J3")


def test_one_plate_per_sheet(save):
    rows = [["od_450", 1, 2, 3], ["A", 1, 2, 3], ["B", 4, 5, 6]]
    readings = read(save({"Plate 1": rows, "Plate 2": rows, "Notes": [["by hand"]]}))
    assert describe(readings) == "2 plates (Plate 1, Plate 2), 12 wells, 1 channel (od_450)"


def test_unlabelled_blocks_are_numbered(write):
    block = ",1,2,3\nA,1,2,3\nB,4,5,6\n"
    assert read(write(block))["channel"].unique().tolist() == ["value"]
    both = read(write(f"{block}\n{block}"))
    assert both["channel"].unique().tolist() == ["read_1", "read_2"]


def test_a_bare_matrix_is_a_plate(write):
    text = "".join("\t".join(f"{r}.{c:02}" for c in range(12)) + "\n" for r in range(8))
    readings = read(write(text, "export.txt"))
    assert len(readings) == 96
    assert values(readings)["H12"] == 7.11


def test_a_bare_matrix_with_anything_else_is_not(write):
    text = "".join("\t".join("0.5" for _ in range(12)) + "\n" for _ in range(8))
    with pytest.raises(InputError, match="not known how to read"):
        read(write("ELISA\n" + text))


def test_notes_around_the_blocks_are_no_readings(write):
    text = f"Operator: Tanaka\nTemperature,37\n\n{SIX}\nread on Monday\n"
    assert len(read(write(text))) == 5


def test_all_unknown_words_are_named_at_once(write):
    text = "od_450,1,2,3\nA,abc,0.2,0.3\nB,0.4,#DIV/0!,x\n"
    with pytest.raises(InputError) as caught:
        read(write(text))
    places = [(p.file, p.sheet, p.well) for p in caught.value.problems]
    assert places == [
        ("plate.csv", "line 2", "A1"), ("plate.csv", "line 3", "B2"), ("plate.csv", "line 3", "B3"),
    ]  # fmt: skip
    assert "found 'abc', expected a number" in str(caught.value)


def test_the_cells_of_a_workbook_are_named(save):
    rows = [[None, 1, 2, 3], ["A", 1, "=1/4", "#N/A"], ["B", True, 5, 6]]
    with pytest.raises(InputError) as caught:
        read(save({"Data": rows}))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("plate.xlsx, Data!C2 (well A2): the formula has no stored value")
    assert lines[1].startswith("plate.xlsx, Data!D2 (well A3): found the Excel error #N/A")
    assert lines[2].startswith("plate.xlsx, Data!B3 (well B1): found 'True', expected a number")


def test_a_block_of_names_is_no_block_of_readings(write):
    with pytest.raises(InputError, match="this block holds names, expected numbers"):
        read(write("sample,1,2,3\nA,M1,M2,M3\nB,M1,M2,M3\n"))


def test_a_file_without_numbers_has_no_readings(write):
    with pytest.raises(InputError, match="it holds no reading"):
        read(write("od_450,1,2,3\nA,,,\nB,,,\n"))


def test_problems_of_shape_and_of_cells_come_together(write):
    with pytest.raises(InputError) as caught:
        read(write(",1,2,3,4\nA,1,2,3,4\nB,1,abc,3,4\n"))
    assert [problem.code for problem in caught.value.problems] == ["partial_plate", "not_a_number"]


def test_a_grid_is_sniffed_whatever_its_name(write, save):
    assert sniff(write(SIX, "plate.xls")) == "grid"
    assert sniff(save({"S": [["", 1, 2, 3], ["A", 1, 2, 3], ["B", 4, 5, 6]]}, "x.csv")) == "grid"


def test_a_grid_of_cq_knows_what_is_undetermined_and_what_is_no_cq(write):
    readings = read(write("Cq,1,2,3\nA,21.5,Undetermined,-1\nB,N/A,,39.9\n"))
    assert readings["well"].tolist() == ["A1", "A2", "A3", "B1", "B3"]
    assert readings["flag"].tolist() == ["", *["undetermined"] * 3, ""]
    assert set(readings["unit"]) == {"cycles"}
    with pytest.raises(InputError, match=r"line 2 \(well A2\): found 215, expected a Cq"):
        read(write("Cq,1,2,3\nA,21.5,215,22.5\nB,20.5,21.0,39.9\n"))
