from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assaykit.errors import InputError, Problem
from assaykit.readers.base import (
    Reading,
    describe,
    file_decimal_mark,
    is_number,
    is_word,
    read_cell,
    readings_table,
)
from assaykit.readers.source import Sheet, Source
from assaykit.tables import READINGS


def reading(well="A1", channel="od_450", source="p.csv, line 2"):
    return Reading("p", well, channel, 0.5, "OD", "", source)


def source(separator=","):
    return Source("p.csv", "p", "text", (), separator=separator)


def test_readings_become_a_checked_table():
    table = readings_table([reading(), reading("B1")], "p.csv")
    assert table["well"].tolist() == ["A1", "B1"]
    assert describe(table) == "1 plate (p), 2 wells, 1 channel (od_450)"


def test_every_repeated_well_is_named():
    rows = [reading(), reading(source="p.csv, line 9"), reading(channel="od_570"), reading("B1")]
    with pytest.raises(InputError) as caught:
        readings_table(rows, "p.csv")
    (problem,) = caught.value.problems
    assert "p.csv, line 9 (well A1)" in str(problem)
    assert "p.csv, line 2" in problem.message


def test_two_targets_in_one_well_are_two_readings_and_one_target_twice_is_an_error():
    duplex = [replace(reading(channel="cq"), target=target) for target in ("RUNX2", "GAPDH")]
    table = readings_table(duplex, "p.csv")
    assert table["target"].tolist() == ["RUNX2", "GAPDH"]
    assert describe(table) == "1 plate (p), 1 well, 2 targets (RUNX2, GAPDH), 1 channel (cq)"
    with pytest.raises(InputError, match="cq of the target GAPDH of plate p is read twice"):
        readings_table([*duplex, replace(duplex[1])], "p.csv")


def test_a_table_has_the_columns_of_reactions_in_which_a_reading_says_something():
    assert list(readings_table([reading()], "p.csv")) == list(READINGS.names[:7])
    one = [reading(), replace(reading("B1"), task="standard", quantity=100.0)]
    table = readings_table(one, "p.csv")
    assert list(table.columns[7:]) == ["task", "quantity"]
    assert table["task"].tolist() == ["", "standard"]


def test_no_reading_at_all_is_an_error():
    with pytest.raises(InputError, match=r"p\.csv: it holds no reading"):
        readings_table([], "p.csv")


@pytest.mark.parametrize(
    "value", [0, 0.0, -1.5, "1,5", "1.250,5", "1e-5", "<22.5", "*0.356*", "２"]
)
def test_numbers_with_whatever_decimal_mark(value):
    assert is_number(value)
    assert not is_word(value)


@pytest.mark.parametrize("value", [None, True, "", "A1", "2026-03-01", "OVRFLW", "1 2", "control"])
def test_what_is_no_number(value):
    assert not is_number(value)


def test_instrument_words_are_words():
    assert all(map(is_word, ("OVRFLW", "?????", "*****", "Undetermined", "n/a")))
    assert not any(map(is_word, ("control", "", None, 0.5)))


def test_a_decimal_mark_without_evidence_needs_a_semicolon():
    assert file_decimal_mark(source(";"), ["1,250", 3.0]) == ","
    with pytest.raises(InputError, match=r"^p\.csv: '1,250' can be"):
        file_decimal_mark(source("\t"), ["1,250"])


def test_thousands_in_a_semicolon_file_are_seen_from_one_point():
    assert file_decimal_mark(source(";"), ["1,250.5", "1,250"]) == "."


def test_earlier_problems_are_kept():
    with pytest.raises(InputError, match="first") as caught:
        file_decimal_mark(source(), ["0.5", "0,5"], [Problem("x", "first")])
    assert [problem.code for problem in caught.value.problems] == ["x", "decimal_mark"]


def test_a_cell_is_a_value_or_a_problem_with_its_place():
    sheet = Sheet("p.xlsx", "S", {(2, 3): "0,5", (3, 3): "odd"})
    assert read_cell(sheet, 2, 3, decimal=",", well="A1") == read_cell(
        sheet, 2, 3, decimal=",", well="B1"
    )
    assert math.isnan(read_cell(sheet, 9, 9, decimal=".", well="A1").number)
    problem = read_cell(sheet, 3, 3, decimal=".", well="A2")
    assert problem.place == "p.xlsx, S!C3 (well A2)"
