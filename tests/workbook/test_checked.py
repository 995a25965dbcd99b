"""The copy with coloured cells: every problem stands at its cell, and the original is untouched."""

from __future__ import annotations

import datetime
from pathlib import Path

import list_helpers
import pytest
from openpyxl import load_workbook
from workbook_helpers import SPEC, edit, filled, place, problems, rezip

from assaykit.errors import OutputError, Problem, UnreadableFileError
from assaykit.workbook import read_template, write_checked
from assaykit.workbook.checked import AMBER, MARK, RED


def spoilt(folder: Path) -> Path:
    return edit(
        filled(folder, "Plate 1.xlsx"),
        {
            place("role", "A1"): "standart",
            place("sample", "A3"): datetime.datetime(2026, 9, 2),
            place("od_450", "D1"): None,
            place("nominal_concentration", "B1"): -1,
            "Settings!B12": "5pl",
            place("sample", "B3"): "=cmd|' /C calc'!A0",
        },
    )


def colour(path: Path, where: str) -> str:
    sheet, _, address = where.partition("!")
    return str(load_workbook(path)[sheet][address].fill.fgColor.rgb)


def comment(path: Path, where: str) -> str:
    sheet, _, address = where.partition("!")
    found = load_workbook(path)[sheet][address].comment
    return str(found.text) if found else ""


def test_errors_are_red_and_warnings_amber_with_their_words(tmp_path: Path) -> None:
    path = spoilt(tmp_path)
    before = path.read_bytes()
    copy = write_checked(path, problems(path))
    assert copy == tmp_path / "Plate 1_checked.xlsx"
    assert path.read_bytes() == before
    for where in (place("role", "A1"), place("sample", "A3"), "Settings!B12"):
        assert colour(copy, where) == RED
        assert MARK in comment(copy, where)
    assert "Did you mean 'standard'?" in comment(copy, place("role", "A1"))
    assert colour(copy, "Plate!A40") == AMBER
    assert comment(copy, "Plate!A40").startswith("readings of this channel")
    assert "no reading for the well D1" in comment(copy, "Plate!A40")
    assert colour(copy, place("role", "A2")) not in (RED, AMBER)


def test_several_problems_of_a_cell_share_one_comment(tmp_path: Path) -> None:
    path = filled(tmp_path)
    found = [
        Problem("a", "first", sheet="Plate", cell="B5:C5", severity="warning"),
        Problem("b", "second", sheet="Plate", cell="A1, C5", remedy="Do it."),
        Problem("c", "nowhere", sheet="Missing", cell="C5"),
        Problem("d", "without a cell", sheet="Plate"),
    ]
    copy = write_checked(path, found)
    assert comment(copy, "Plate!C5") == f"{MARK}\n- first\n- second. Do it."
    assert (colour(copy, "Plate!B5"), colour(copy, "Plate!C5")) == (AMBER, RED)


def test_the_list_of_problems_links_to_the_cells(tmp_path: Path) -> None:
    path = spoilt(tmp_path)
    found = problems(path)
    sheet = load_workbook(write_checked(path, found))["Problems"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[4] for row in rows] == [problem.message for problem in found]
    assert [row[0] for row in rows] == [problem.severity for problem in found]
    first = sheet["C2"]
    assert first.hyperlink.location == f"'{found[0].sheet}'!{found[0].cell}"
    assert first.hyperlink.target is None


def test_text_stays_text_in_the_copy(tmp_path: Path) -> None:
    path = spoilt(tmp_path)
    strange = Problem("x", "=1+1\x07", sheet="Plate", cell="A1")
    copy = write_checked(path, [strange])
    book = load_workbook(copy)
    assert book["Plate"][place("sample", "B3").partition("!")[2]].data_type == "s"
    assert (book["Problems"]["E2"].data_type, book["Problems"]["E2"].value) == ("s", "=1+1?")


def test_the_copy_can_be_mended_and_checked_again(tmp_path: Path) -> None:
    path = spoilt(tmp_path)
    copy = write_checked(path, problems(path))
    edit(copy, {place("role", "A1"): "standard"})
    again = write_checked(copy, problems(copy))
    assert colour(again, place("role", "A1")) not in (RED, AMBER)
    assert comment(again, place("role", "A1")) == ""
    assert colour(again, place("sample", "A3")) == RED
    assert comment(again, place("sample", "A3")).count(MARK) == 1
    assert load_workbook(again).sheetnames.count("Problems") == 1


def test_a_copy_without_errors_says_what_the_original_says(tmp_path: Path) -> None:
    path = filled(tmp_path)
    copy = write_checked(path, [])
    assert read_template(copy, SPEC).wells.equals(read_template(path, SPEC).wells)
    assert load_workbook(copy)["Plate"].data_validations.dataValidation


def test_a_problem_over_half_a_sheet_colours_its_first_cell(tmp_path: Path) -> None:
    wide = Problem("x", "wide", sheet="Plate", cell="A1:XFD1048576")
    copy = write_checked(filled(tmp_path), [wide])
    assert colour(copy, "Plate!A1") == RED
    assert copy.stat().st_size < 100_000


def test_merged_cells_are_marked_at_their_first_cell(tmp_path: Path) -> None:
    path = edit(filled(tmp_path), {}, lambda book: book["Plate"].merge_cells("D17:E17"))
    assert colour(write_checked(path, problems(path)), "Plate!D17") == RED


def test_damaged_looks_do_not_prevent_the_copy(tmp_path: Path) -> None:
    path = spoilt(tmp_path)
    rezip(path, lambda name, data: b"<broken" if name.startswith("xl/comments") else data)
    found = problems(path)
    copy = write_checked(path, found)
    assert colour(copy, place("role", "A1")) == RED
    book = load_workbook(copy)
    assert book["Plate"]["D12"].data_type == "s"
    assert book["Problems"].max_row == len(found) + 1


def test_an_unreadable_workbook_has_no_copy(tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_bytes(b"")
    with pytest.raises(UnreadableFileError):
        write_checked(tmp_path / "p.xlsx", [])
    assert len(list(tmp_path.iterdir())) == 1


def test_a_copy_that_cannot_be_written(tmp_path: Path) -> None:
    path = filled(tmp_path)
    (tmp_path / "plate_checked.xlsx").mkdir()
    with pytest.raises(OutputError, match=r"plate_checked\.xlsx could not be written"):
        write_checked(path, [])


def test_a_problem_of_the_instruments_file_marks_no_cell_here(tmp_path: Path) -> None:
    path = filled(tmp_path)
    found = Problem("x", "no such channel", "run.xlsx", "Plate", "B5")
    copy = write_checked(path, [found])
    assert colour(copy, "Plate!B5") not in (RED, AMBER)
    row = [cell.value for cell in load_workbook(copy)["Problems"][2]]
    assert row[:3] == ["error", "run.xlsx Plate", "B5"]


def test_the_cells_of_list_sheets_are_marked(tmp_path: Path) -> None:
    path = edit(list_helpers.filled(tmp_path), {"Samples!C5": "contrl", "Plate!B17": "Runx2"})
    copy = write_checked(path, list_helpers.problems(path))
    assert [colour(copy, where) for where in ("Samples!C5", "Plate!B17")] == [RED, RED]
    assert "Did you mean 'control'?" in comment(copy, "Samples!C5")
    again = list_helpers.problems(copy)
    assert [(p.code, p.cell) for p in again] == [("unknown_level", "C5"), ("confusable", "B17")]
