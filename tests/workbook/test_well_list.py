"""The plate as a list: columns by their headers, wells by their names."""

from __future__ import annotations

from typing import Any

from workbook_helpers import SPEC

from assaykit.excel.cells import Area, Cell, Sheet
from assaykit.plate import plate_format
from assaykit.workbook.fields import Field, Vocabulary
from assaykit.workbook.well_list import read_well_list


def listed(rows: list[list[object]], **parts: Any) -> tuple[dict[str, Field], list[str]]:
    """Read a list on a plate of 24 wells; its fields by name, its problems as text."""
    cells = {
        (r, c): Cell(value)
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=1)
        if value is not None
    }
    sheet = Sheet("Wells", cells, **parts)
    fields, problems = read_well_list(sheet, Vocabulary(SPEC), plate_format(24))
    return {field.name: field for field in fields}, [str(problem) for problem in problems]


def test_columns_are_read_by_header_wherever_they_stand() -> None:
    rows = [["a title"], [None, "Sample", "WELL", "role"], [None, "x", "A01", "sample"]]
    fields, problems = listed(rows)
    assert problems == []
    assert {n: [(e.well, e.cell.value) for e in f.entries] for n, f in fields.items()} == {
        "sample": [("A1", "x")],
        "role": [("A1", "sample")],
    }


def test_an_empty_sheet_says_nothing() -> None:
    assert listed([]) == ({}, [])
    assert listed([["well", "role"]])[1] == []


def test_a_list_without_a_header() -> None:
    (problem,) = listed([["A1", "sample"]])[1]
    assert problem.startswith("Wells!A1: no cell says 'well'")


def test_rows_whose_well_is_missing_unknown_or_outside() -> None:
    rows = [["well", "role"], [None, "sample"], ["A0", "sample"], ["H12", "blank"], [1.5, "blank"]]
    fields, problems = listed(rows)
    assert fields["role"].entries == ()
    assert [problem.partition(": ")[0] for problem in problems] == [
        "Wells!A2", "Wells!A3", "Wells!A4 (well H12)", "Wells!A5",
    ]  # fmt: skip
    assert "this row names no well" in problems[0]
    assert "'A0' is not a well" in problems[1]
    assert "a plate of 24 wells has no well H12" in problems[2]


def test_two_columns_of_wells() -> None:
    (problem,) = listed([["well", "well"], ["A1", "A2"]])[1]
    assert problem.startswith("Wells!B1: the column 'well' is already at A1")


def test_what_stands_beside_the_list_is_reported() -> None:
    rows = [["well", "role"], ["A1", "blank", None, "a note"], [], [None, None, None, "more"]]
    (problem,) = listed(rows)[1]
    assert problem.startswith("Wells!D2, D4: what stands in a column without a header")


def test_merged_cells_in_the_list() -> None:
    rows = [["well", "role"], ["A1", "blank"], ["A2"]]
    (problem,) = listed(rows, merged=(Area(2, 2, 3, 2), Area(9, 9, 9, 10)))[1]
    assert "the cells B2:B3 are merged" in problem
