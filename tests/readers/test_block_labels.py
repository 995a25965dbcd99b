from __future__ import annotations

import pytest

from assaykit.errors import InputError
from assaykit.readers import read

BODY = "A,1.5,2,3\nB,4,5,6\n"


def read_one(write, text):
    readings = read(write(text))
    (name,) = {(row.plate, row.channel) for row in readings.itertuples()}
    return name


@pytest.mark.parametrize(
    ("text", "plate", "channel"),
    [
        (f"od_450,1,2,3\n{BODY}", "plate", "od_450"),
        (f"450 nm\n,1,2,3\n{BODY}", "plate", "od_450"),
        (f"Plate 4,A450\n,1,2,3\n{BODY}", "Plate 4", "od_450"),
        (f"Plate 4\nod_570,1,2,3\n{BODY}", "Plate 4", "od_570"),
        (f"OD,1,2,3,450\n{BODY}", "plate", "od_450"),
        (f"OD,1,2,3\n{BODY}", "plate", "od"),
        (",1,2,3\nA,1.5,2,3,405\nB,4,5,6,405\n", "plate", "od_405"),
        (",,1,2,3\n450,A,1.5,2,3\n,B,4,5,6\n", "plate", "od_450"),
        (f"<>,1,2,3\n{BODY}", "plate", "value"),
        (f"Mineral area,1,2,3\n{BODY}", "plate", "mineral_area"),
        (f"Plate: P7\n\n,1,2,3\n{BODY}", "P7", "value"),
        (f"RANKL ELISA\n\n,1,2,3\n{BODY}", "plate", "value"),
        (f"Operator: Tanaka\nod_450,1,2,3\n{BODY}", "plate", "od_450"),
        (f"Blank corrected 450\n,1,2,3\n{BODY}", "plate", "blank_corrected_450"),
    ],
)
def test_where_a_label_may_stand(write, text, plate, channel):
    assert read_one(write, text) == (plate, channel)


def test_a_remark_beside_one_row_is_no_label(write):
    assert read_one(write, ",1,2,3\nA,1.5,2,3\nB,4,5,6,spilled\n") == ("plate", "value")


def test_labels_that_contradict_each_other_name_their_places(save):
    rows = [["570 nm"], ["od_450", 1, 2, 3], ["A", 1, 2, 3], ["B", 4, 5, 6]]
    with pytest.raises(InputError, match=r"'od_450' \(plate.xlsx, S!A2\) and 'od_570' \(.*S!A1\)"):
        read(save({"S": rows}))


def test_two_blocks_of_one_name_are_refused(write):
    block = f"od_450,1,2,3\n{BODY}"
    with pytest.raises(InputError, match=r"called od_450 of plate, and so is plate\.csv, line 1"):
        read(write(f"{block}\n{block}"))


def test_a_block_without_a_plate_among_others_is_refused(write):
    text = f"Plate 1 450 nm\n,1,2,3\n{BODY}\n570 nm\n,1,2,3\n{BODY}"
    with pytest.raises(InputError, match="line 7: this block names no plate"):
        read(write(text))


def test_numbers_outside_any_block_are_refused(write):
    with pytest.raises(InputError, match=r"line 5: found 0.7 outside any block \(and more down to"):
        read(write(f",1,2,3\n{BODY}\n0.7,0.8,0.9\n1.0,1.1,1.2\n"))


def test_numbers_beside_a_block_are_refused(save):
    rows = [[None, 1, 2, 3], ["A", 1, 2, 3, 2.0], ["B", 4, 5, 6, 5.0]]
    with pytest.raises(InputError, match=r"S!E2: found 2 beside a block"):
        read(save({"S": rows}))


def test_a_second_block_that_lost_its_header_is_refused(write):
    with pytest.raises(InputError, match=r"line 5: found 1\.5 outside any block"):
        read(write(f",1,2,3\n{BODY}\n{BODY}"))
