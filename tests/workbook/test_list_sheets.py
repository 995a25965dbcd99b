"""Samples and Targets are read whole, or every problem is said at its cell.

On Samples, row 5 is "control 1"; columns are A sample, B biological_replicate, C treatment, D day,
E batch, F rna_ng, G rin, H rt_control. On Targets, row 5 is RUNX2 and row 6 ACTB.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from list_helpers import DESIGN, SAMPLES, SPEC, as_objects, content, filled, lists, problems
from openpyxl import Workbook
from workbook_helpers import edit

from assaykit.design import Design, Factor
from assaykit.errors import InputError
from assaykit.workbook import read_template, write_template


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A filled template without any mistake."""
    return filled(tmp_path)


def says(path: Path, code: str, where: str, *words: str, severity: str = "error") -> None:
    """Exactly one problem, of a kind, at a place, with these words in it."""
    found = problems(path)
    assert [problem.code for problem in found] == [code], [str(p) for p in found]
    (problem,) = found
    assert f"{problem.sheet}!{problem.cell}".rstrip("!") == where
    assert (problem.file, problem.severity, problem.well) == (path.name, severity, "")
    for word in words:
        assert word in str(problem), str(problem)


def test_lists_without_mistakes_are_read_whole(path: Path) -> None:
    read = read_template(path, SPEC)
    assert read.warnings == ()
    assert list(read.lists) == ["Samples", "Targets"]
    for name, table in lists().items():
        pd.testing.assert_frame_equal(read.lists[name], table)
    assert read.cells["Samples", "control 2", "rna_ng"] == "Samples!F6"
    assert ("Samples", "control 3", "rna_ng") not in read.cells


def test_factors_and_blocks_are_not_columns_of_wells_unless_wells_say_them(path: Path) -> None:
    assert not {"treatment", "day"} & set(read_template(path, SPEC).wells)


def test_a_misspelled_header_gets_the_nearest_name(path: Path) -> None:
    edit(path, {"Samples!F4": "rna_ngs"})
    says(path, "unknown_column", "Samples!F4", "none of this sheet. Did you mean 'rna_ng'?")


def test_an_unknown_header_is_told_where_factors_are_declared(path: Path) -> None:
    edit(path, {"Samples!I4": "passage"})
    says(path, "unknown_column", "Samples!I4", "A factor, or a block such as day, is declared on")
    edit(path, {"Samples!I4": None, "Targets!F4": "treatment"})
    says(path, "unknown_column", "Targets!F4", "Use one of: target, target_role, rt_group, ")


def test_headers_are_read_whatever_their_dress_and_order(path: Path) -> None:
    edit(
        path, {"Samples!A4": "Sample Name", "Samples!F4": "ＲＮＡ ng", "Targets!B4": "Target Type"}
    )
    assert problems(path) == ()
    edit(path, {}, lambda book: book["Samples"].move_range("A1:H10", cols=2, rows=3))
    assert problems(path) == ()


def test_a_column_twice(path: Path) -> None:
    edit(path, {"Samples!I4": "RIN"})
    says(path, "duplicate_column", "Samples!I4", "the column 'rin' is already at G4")


def test_a_formula_in_a_header(path: Path) -> None:
    edit(path, {"Samples!F4": ('="rna"&"_ng"',)})
    says(path, "formula_in_header", "Samples!F4", "Type the name itself")


def test_a_missing_sheet(path: Path) -> None:
    def rename(book: Workbook) -> None:
        book["Targets"].title = "Targts"

    edit(path, {}, rename)
    found = problems(path)
    assert [p.code for p in found] == ["missing_sheet"]
    assert "there is no sheet 'Targets'" in str(found[0])
    assert "Rename 'Targts' to 'Targets'." in str(found[0])


def test_a_list_without_its_header(path: Path) -> None:
    edit(path, {"Targets!A4": "genes"})
    says(path, "no_header", "Targets!A4", "there is no column 'target', which names the rows")


def test_a_row_without_a_name(path: Path) -> None:
    edit(path, {"Targets!C7": "stem-loop"})
    says(path, "no_name", "Targets!A7", "this row names no target")


def test_a_name_twice(path: Path) -> None:
    edit(path, {"Samples!A11": "control  1", "Samples!B11": "mouse 1"})
    says(
        path, "sample_twice", "Samples!A11", "the sample 'control  1' is already in A5", "Keep one"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Runx2", "target 'Runx2' differs from 'RUNX2' (Targets!A5) only in case, spaces or hyph"),
        ("RUNX-2", "target 'RUNX-2' differs from 'RUNX2' (Targets!A5)"),
    ],
)
def test_names_that_look_alike_stay_two_and_are_told(path: Path, name: str, words: str) -> None:
    edit(path, {"Targets!A7": name, "Plate!B17": name})
    says(path, "confusable", "Targets!A7", words, severity="warning")
    assert read_template(path, SPEC).lists["Targets"]["target"].tolist() == ["RUNX2", "ACTB", name]


def test_a_name_with_a_stray_space(path: Path) -> None:
    edit(path, {"Targets!A5": "RUNX2 "})
    assert [(p.code, p.cell) for p in problems(path)] == [("stray_space", "A5")]


@pytest.mark.parametrize("value", [datetime.datetime(2026, 9, 2), 46267, 2310009e13])
def test_a_gene_that_became_a_date_number_or_float(path: Path, value: object) -> None:
    edit(path, {"Targets!A7": value})
    says(path, "name_became_number", "Targets!A7", "SEPT2", "Format the cell as Text")


def test_a_level_that_is_not_declared(path: Path) -> None:
    edit(path, {"Samples!C8": "vesicel"})
    says(path, "unknown_level", "Samples!C8", "treatment: found 'vesicel'", "mean 'vesicle'?")
    edit(path, {"Samples!C8": "Vesicle"})
    says(path, "unknown_level", "Samples!C8", "'Vesicle' differs from the level 'vesicle' only in")


@pytest.mark.parametrize(
    ("cell", "value", "code", "words"),
    [
        ("Samples!F5", "much", "not_a_number", "rna_ng: found 'much', expected a number"),
        ("Samples!F5", -5, "out_of_bounds", "rna_ng: found -5, expected 0 or more"),
        ("Samples!G5", 95, "out_of_bounds", "rin: found 95, expected 1 to 10"),
        ("Samples!F5", datetime.datetime(2026, 9, 2), "not_a_number", "found a date or time"),
        ("Samples!F5", "#DIV/0!", "excel_error", "found the Excel error #DIV/0!"),
        ("Targets!D5", 98, "out_of_bounds", "expected 0.5 to 1.5. efficiency is 1.00 = 100 %"),
        ("Targets!B5", "refrence", "unknown_choice", "Did you mean 'reference'?"),
        ("Samples!H5", "ja", "unknown_choice", "rt_control: found 'ja', expected one of yes, no"),
        ("Samples!F5", ("=F6*2",), "formula_without_value", "a formula without a saved value"),
        ("Samples!E5", ("=E6",), "formula_without_value", "a formula without a saved value"),
    ],
)
def test_a_cell_that_cannot_be_read(
    path: Path, cell: str, value: object, code: str, words: str
) -> None:
    edit(path, {cell: value})
    says(path, code, cell, words)


def test_a_name_that_is_a_formula_without_a_value(path: Path) -> None:
    edit(path, {"Targets!A7": ("=A5",)})
    says(path, "formula_without_value", "Targets!A7")


def test_decimal_commas_are_decided_over_the_whole_column(path: Path) -> None:
    edit(path, {"Samples!G5": "9,1", "Samples!G6": "8,75"})
    assert read_template(path, SPEC).lists["Samples"]["rin"].tolist()[:2] == [9.1, 8.75]
    edit(path, {"Samples!G7": "8.5"})
    says(path, "decimal_mark", "Samples!G4", "rin: found both '9,1' and '8.5'")


def test_merged_cells(path: Path) -> None:
    edit(path, {}, lambda book: book["Samples"].merge_cells("E5:E6"))
    says(path, "merged_cells", "Samples!E5:E6", "Unmerge them")


def test_hidden_rows_are_read_and_named(path: Path) -> None:
    def hide(book: Workbook) -> None:
        book["Samples"].row_dimensions[6].hidden = True

    edit(path, {}, hide)
    says(path, "hidden", "Samples!A6:G6", "it is read like others", severity="warning")
    assert len(read_template(path, SPEC).lists["Samples"]) == 6


def test_what_stands_beside_a_list_is_reported(path: Path) -> None:
    edit(path, {"Samples!K6": "thawed twice"})
    says(path, "not_read", "Samples!K6", "a column without a header", severity="warning")


def test_a_replicate_in_two_spellings_would_double_n(path: Path) -> None:
    edit(path, {"Samples!B8": "Mouse 1"})
    says(path, "confusable", "Samples!B8", "'Mouse 1' differs from 'mouse 1' (Samples!B5) only in")


def test_samples_without_a_replicate_or_a_level(path: Path) -> None:
    edit(path, {"Samples!B6": None, "Samples!B7": None, "Samples!C8": None})
    found = problems(path)
    assert [(p.code, p.sheet, p.cell) for p in found] == [
        ("no_biological_replicate", "Samples", "A6:A7"),
        ("no_treatment", "Samples", "A8"),
    ]
    assert "this sample has no treatment. Use one of: control, vesicle." in str(found[1])


def test_without_factors_a_missing_replicate_is_only_doubtful(tmp_path: Path) -> None:
    table = lists()["Samples"].drop(columns=["treatment", "day"]).assign(biological_replicate="")
    made = lists() | {"Samples": as_objects(table)}
    path = filled(tmp_path, design=Design(), lists=made)
    says(path, "no_biological_replicate", "Samples!A5:A10", severity="warning")


def test_a_block_of_some_samples_only(path: Path) -> None:
    edit(path, {"Samples!D5": None})
    says(path, "no_day", "Samples!A5", "this sample has no day. Fill it for every sample, or")


def test_a_block_of_no_sample(path: Path) -> None:
    edit(path, {f"Samples!D{row}": None for row in range(5, 11)})
    says(path, "empty_block", "Design!O10", "no row of Samples says its 'day'", severity="warning")


def test_a_date_is_a_day(path: Path) -> None:
    edit(path, {f"Samples!D{row}": datetime.datetime(2026, 9, row) for row in range(5, 11)})
    found = read_template(path, SPEC).lists["Samples"]["day"]
    assert found.tolist()[:2] == ["2026-09-05", "2026-09-06"]


def test_a_factor_without_its_column(path: Path) -> None:
    def drop(book: Workbook) -> None:
        book["Samples"].delete_cols(3)

    edit(path, {}, drop)
    says(path, "missing_factor", "Design!B4", "the factor 'treatment' has no column on Samples")


def test_a_column_over_a_factor_without_levels(tmp_path: Path) -> None:
    path = write_template(tmp_path / "blank.xlsx", SPEC, plate_format=24)
    edit(path, {"Samples!A5": "x", "Samples!C5": "control"})
    found = [p for p in problems(path) if p.code == "no_level"]
    assert "the factor 'treatment' is filled on Samples, but has no levels here" in str(found[0])


def test_a_block_may_be_a_column_of_the_list(tmp_path: Path) -> None:
    batch = Design(DESIGN.factors, blocks=("batch",))
    table = lists()["Samples"].drop(columns="day")
    path = filled(tmp_path, design=batch, lists=lists() | {"Samples": table})
    edit(path, {f"Samples!D{row}": datetime.date(2026, 9, 1) for row in range(5, 11)})
    read = read_template(path, SPEC)
    assert read.lists["Samples"]["batch"].unique().tolist() == ["2026-09-01"]
    assert list(read.lists["Samples"].columns[:4]) == [
        "sample", "biological_replicate", "treatment", "batch",
    ]  # fmt: skip


def test_names_of_columns_are_no_names_of_blocks_or_factors(path: Path) -> None:
    edit(path, {"Design!O10": "day, rin"})
    found = [p for p in problems(path) if p.code == "reserved_name"]
    assert "blocks: 'rin' is the name of something else in this template" in str(found[0])
    edit(path, {"Design!O10": "day", "Design!C4": "RIN", "Design!C5": "a", "Design!C6": "a"})
    found = [p for p in problems(path) if p.code == "reserved_name"]
    assert [p.cell for p in found] == ["C4"]


def test_the_arms_of_the_samples_are_checked(tmp_path: Path) -> None:
    table = lists()["Samples"].assign(treatment="vesicle")
    path = filled(tmp_path, lists=lists() | {"Samples": as_objects(table)})
    assert [p.code for p in problems(path)] == ["no_reference_arm", "one_arm"]
    pairs = lists()["Samples"].assign(biological_replicate=list("abcdef"))
    shared = Design((Factor("treatment", ("control", "vesicle"), "control"),), True)
    made = lists() | {"Samples": as_objects(pairs.drop(columns="day"))}
    path = filled(tmp_path, lists=made, design=shared)
    assert [(p.code, p.cell) for p in problems(path)] == [("replicates_not_shared", "B4")]


def test_every_problem_is_raised_at_once(path: Path) -> None:
    edit(path, {"Samples!F5": "x", "Targets!D5": "y", "Plate!B17": "RUNX"})
    with pytest.raises(InputError) as caught:
        read_template(path, SPEC)
    assert [f"{p.sheet}!{p.cell}" for p in caught.value.problems] == [
        "Samples!F5", "Targets!D5", "Plate!B17",
    ]  # fmt: skip


def test_a_list_declares_its_columns_in_order() -> None:
    assert [v.name for v in SAMPLES.columns[:3]] == ["sample", "biological_replicate", "batch"]
    assert content().lists["Samples"].columns[2] == "treatment"
    assert SAMPLES.needs_row("calibrator")
    assert not SAMPLES.needs_row("ntc")
