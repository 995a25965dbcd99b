from __future__ import annotations

import pytest

from assaykit.errors import InputError
from assaykit.readers import read
from assaykit.readers.blocks import find_blocks
from assaykit.readers.source import open_source


def message_of(path):
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value)


def test_missing_rows_name_their_wells(write, grid_rows, as_text):
    message = message_of(write(as_text(grid_rows(8, 12)[:7])))
    assert message.startswith("plate.csv, line 1: a block of 6 × 12 wells is part of a plate of 96")
    assert "missing: G1 to G12, H1 to H12." in message


def test_missing_columns_name_their_wells(write, grid_rows, as_text):
    rows = [row[:12] for row in grid_rows(8, 12)]
    assert "missing: A12, B12, C12, D12, E12, F12, G12, H12." in message_of(write(as_text(rows)))


def test_a_row_that_was_cut_names_its_wells(write, grid_rows, as_text):
    rows = grid_rows(8, 12)
    rows[8] = rows[8][:4]
    assert "missing: H4 to H12." in message_of(write(as_text(rows)))


def test_a_file_cut_behind_a_separator_is_partial(write, grid_rows, as_text):
    text = as_text(grid_rows(8, 12))
    cut = text[: text.rindex(",") + 1]
    assert "missing: H12." in message_of(write(cut))
    assert len(read(write(cut + "\n"))) == 95  # with a line end the well is blank on purpose


def test_a_lost_row_in_the_middle_names_its_wells(write, grid_rows, as_text):
    rows = grid_rows(8, 12)
    del rows[3]
    assert "missing: C1 to C12." in message_of(write(as_text(rows)))


def test_rows_out_of_order_are_refused(write, grid_rows, as_text):
    rows = grid_rows(8, 12)
    rows[2], rows[3] = rows[3], rows[2]
    assert "the row letters are A, C, B, D, E, F, G, H" in message_of(write(as_text(rows)))


def test_a_row_letter_that_stands_twice_is_refused(write):
    assert "the row letters are A, A" in message_of(write(",1,2,3\nA,1,2,3\nA,4,5,6\n"))


def test_more_columns_than_any_plate_has(write, as_text):
    rows = [["", *range(1, 50)], ["A", *range(49)]]
    assert "the largest plate has 48" in message_of(write(as_text(rows)))


def test_a_bare_matrix_that_is_too_small_is_partial(write):
    text = "".join("0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2,1.3,1.4,1.5,1.6\n" for _ in range(7))
    assert "missing: H1 to H12." in message_of(write(text))


def test_blank_wells_inside_a_complete_grid_are_blank(write):
    readings = read(write(",1,2,3\nA,1,,3\nB,,,\n"))
    assert readings["well"].tolist() == ["A1", "A3"]


def test_blank_cells_of_a_workbook_are_blank(save):
    rows = [[None, 1, 2, 3], ["A", 1, None, 3], ["B"]]
    assert read(save({"S": rows}))["well"].tolist() == ["A1", "A3"]


def test_values_that_look_like_column_numbers_start_no_block(write):
    source = open_source(write(",1,2,3\nA,1,2,3\nB,1,2,3\n"))
    (block,) = find_blocks(source)
    assert (block.top, block.left, block.letters, block.columns) == (1, 1, ("A", "B"), 3)


def test_two_digit_rows_of_a_1536_well_plate(write, grid_rows, as_text):
    (block,) = find_blocks(open_source(write(as_text(grid_rows(32, 48)))))
    assert block.letters[-1] == "AF"
    assert dict(block.wells())["AF48"] == (33, 49)
