"""The plate as a list: columns by their headers, wells by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import list_helpers
import pandas as pd
from list_helpers import SPEC as TARGET_SPEC
from workbook_helpers import SPEC, edit

from assaykit.excel.cells import Area, Cell, Sheet
from assaykit.plate import plate_format
from assaykit.workbook import read_template
from assaykit.workbook.fields import Field, Vocabulary
from assaykit.workbook.statements import read_statements
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


def listed_with_targets(rows: list[list[object]]) -> tuple[dict[str, Field], list[str]]:
    """Read a list in which a well may have a row for each target."""
    cells = {
        (r, c): Cell(value)
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=1)
        if value is not None
    }
    vocabulary = Vocabulary(TARGET_SPEC)
    fields, problems = read_well_list(Sheet("Wells", cells), vocabulary, plate_format(24))
    return {field.name: field for field in fields}, [str(problem) for problem in problems]


RDES = ["Well", "Sample", "Sample Type", "Target", "Target Type", "Dye", "Cq"]


def test_columns_as_in_rdes_with_two_targets_in_a_well() -> None:
    rows = [
        RDES,
        ["A01", "s", "unkn", "RUNX2", "toi", "FAM", 21],
        ["A01", "s", "unkn", "ACTB", "ref", "HEX", 17],
        ["A02", "s", "unkn", "RUNX2", "toi", "FAM", 22],
    ]
    fields, problems = listed_with_targets(rows)
    assert problems == []
    assert list(fields) == ["sample", "role", "target", "target_role", "dye", "cq"]
    assert [(e.well, e.cell.value) for e in fields["cq"].entries] == [
        ("A1 RUNX2", 21), ("A1 ACTB", 17), ("A2", 22),
    ]  # fmt: skip
    said, wrong = read_statements(fields.values(), Vocabulary(TARGET_SPEC))
    assert wrong == []
    assert said.text("role", "A1 ACTB") == "sample"
    assert said.text("target_role", "A1 ACTB") == "reference"


def test_cycles_by_other_names() -> None:
    for name in ("Ct", "CT", "Cp", "cq"):
        assert list(listed_with_targets([["well", name], ["A1", 20]])[0]) == ["cq"]


def test_a_well_and_target_twice() -> None:
    rows = [["well", "target"], ["A1", "RUNX2"], ["A1", "ACTB"], ["A1", "ＲＵＮＸ２"]]
    (problem,) = listed_with_targets(rows)[1]
    assert problem.startswith("Wells!A4 (well A1): the well A1 with target RUNX2 is already in A2.")


def test_rows_of_a_well_that_nothing_tells_apart() -> None:
    rows = [["well", "target", "role"], ["A1", None, "ntc"], ["A1", "ACTB", "ntc"], ["A1"]]
    problems = listed_with_targets(rows)[1]
    assert problems == [
        "Wells!A2 (well A1): the well A1 has another row, and this one names no target. Name the "
        "target of each of its rows, or keep one of them.",
        "Wells!A4 (well A1): the well A1 is already in A2. Name the target of each of its rows, "
        "or keep one of them.",
    ]


def test_without_targets_a_well_has_one_row() -> None:
    (problem,) = listed([["well", "role"], ["A1", "blank"], ["A1", "blank"]])[1]
    assert problem.endswith("the well A1 is already in A2. Keep one of the two rows.")


def test_what_plate_says_of_a_well_counts_for_each_of_its_rows(tmp_path: Path) -> None:
    path = list_helpers.filled(tmp_path, duplex=True)
    rows = range(5, 19)
    edit(path, {f"Wells!{column}{row}": None for column in "BC" for row in rows})
    samples = {f"Plate!{column}11": f"control {i}" for i, column in enumerate("BCD", start=1)}
    samples |= {f"Plate!{column}11": f"vesicle {i}" for i, column in enumerate("EFG", start=1)}
    roles = {f"Plate!{column}5": "sample" for column in "BCDEFG"} | {"Plate!B7": "ntc"}
    edit(path, samples | roles)
    assert list_helpers.problems(path) == ()
    read = read_template(path, TARGET_SPEC)
    pd.testing.assert_frame_equal(read.wells, list_helpers.content(duplex=True).wells,
                                  check_like=True)  # fmt: skip
    assert read.cells["A1 ACTB", "sample"] == "Plate!B11"
    edit(path, {"Plate!B17": "RUNX2", "Wells!B6": "control 2"})
    found = [(p.code, p.sheet, p.cell, p.well) for p in list_helpers.problems(path)]
    assert found == [
        ("conflict", "Wells", "B6", "A1 ACTB"),
        ("conflict", "Wells", "D6", "A1 ACTB"),
    ]


def test_one_reading_of_a_well_with_two_targets_is_nobodys(tmp_path: Path) -> None:
    path = list_helpers.filled(tmp_path, duplex=True)
    edit(path, {"Plate!B23": 21.5, "Wells!G5": None, "Wells!G6": None})
    (problem,) = list_helpers.problems(path)
    assert (problem.code, problem.cell, problem.well) == ("whose_reading", "B23", "A1")
    assert "one reading of a well that has several rows in Wells" in str(problem)


def test_the_rows_of_a_well_must_agree_on_the_sample(tmp_path: Path) -> None:
    path = list_helpers.filled(tmp_path, duplex=True)
    edit(path, {"Wells!B6": "control 2", "Wells!C18": "nrt"})
    found = list_helpers.problems(path)
    assert [(p.code, p.cell, p.well) for p in found] == [
        ("rows_disagree", "C18", "C1"),
        ("rows_disagree", "B6", "A1"),
    ]
    assert "sample is 'control 2' here, but 'control 1' in Wells!B5" in str(found[1])
