"""Blocks of the design, such as the day, in the plate's map: declared, filled, read and written."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from workbook_helpers import DESIGN, SPEC, content, edit, filled, layout, only, problems

from assaykit.errors import Problem
from assaykit.workbook import (
    PlateWorkbook,
    Variable,
    examine_template,
    read_template,
    write_template,
)

DAYS = replace(DESIGN, blocks=("day", "operator"))
BLOCKS_CELL = "Design!O10"
# Corners of the filled plate: the design's blocks stand after its factors.
CORNERS = {"treatment": 16, "day": 22, "operator": 28, "biological_replicate": 34}
SAMPLES = ("A3", "A4", "B3", "B4", "C3", "C4")


def place(name: str, well: str) -> str:
    return f"Plate!{chr(65 + int(well[1:]))}{CORNERS[name] + 'ABCD'.index(well[0]) + 1}"


def with_blocks(**blocks: object) -> PlateWorkbook:
    """The filled plate with its blocks; by default a day for each mouse, and one operator."""
    wells = layout()[0]
    day = "day " + wells["biological_replicate"].str[-1]
    said = {"day": day, "operator": "Sato", **blocks}
    samples = wells["role"] == "sample"
    for name, values in said.items():
        wells[name] = pd.Series(values, index=wells.index, dtype=object).where(samples, "")
    return content(design=replace(DESIGN, blocks=tuple(said)), wells=wells)


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    return write_template(tmp_path / "plate.xlsx", SPEC, content=with_blocks())


def codes(path: Path) -> list[tuple[str, str, str]]:
    return [(p.code, f"{p.sheet}!{p.cell}", p.severity) for p in problems(path)]


def test_what_is_written_comes_back(plate: Path) -> None:
    read = read_template(plate, SPEC)
    assert (read.design, read.warnings) == (DAYS, ())
    pd.testing.assert_frame_equal(read.wells, with_blocks().wells)
    assert read.wells.set_index("well")["day"][["A1", "A3", "C4"]].tolist() == [
        "",
        "day 1",
        "day 3",
    ]
    assert read.cells["A3", "day"] == place("day", "A3")
    data = plate.read_bytes()
    assert write_template(plate, SPEC, content=read).read_bytes() == data


def test_blocks_have_their_place_on_plate_and_in_wells(plate: Path) -> None:
    book = load_workbook(plate)
    assert {name: book["Plate"].cell(row, 1).value for name, row in CORNERS.items()} == {
        name: name for name in CORNERS
    }
    assert book["Plate"]["A22"].comment.text == (
        "block of the design: wells of one day have the same name here"
    )
    assert [cell.value for cell in book["Wells"][4]][3:6] == ["treatment", "day", "operator"]
    assert book["Plate"]["B23"].number_format == "@"


def test_a_list_of_wells_may_say_the_blocks(plate: Path) -> None:
    def move(book: Workbook) -> None:
        sheet = book["Wells"]
        for row, well in enumerate(SAMPLES, start=5):
            sheet.cell(row, 1, well)
            sheet.cell(row, 5, f"day {'ABC'.index(well[0]) + 1}")
        book["Plate"].delete_rows(22, 6)

    before = read_template(plate, SPEC)
    after = read_template(edit(plate, {}, move), SPEC)
    pd.testing.assert_frame_equal(after.wells, before.wells)
    assert after.cells["B4", "day"] == "Wells!E8"


def test_the_header_may_be_dressed_otherwise(plate: Path) -> None:
    edit(plate, {"Plate!A22": "Ｄａｙ ", "Plate!A28": "Operator"})
    assert problems(plate) == ()
    assert "day" in read_template(plate, SPEC).wells


def test_a_block_that_nobody_filled_is_a_warning(plate: Path) -> None:
    edit(plate, {place("day", well): None for well in SAMPLES})
    assert codes(plate) == [("empty_block", BLOCKS_CELL, "warning")]
    found = only(plate, "empty_block")
    assert "no well says its 'day', neither on Plate nor in Wells" in str(found)
    assert read_template(plate, SPEC).wells["day"].eq("").all()


def test_a_block_without_any_place_is_the_same_warning(tmp_path: Path) -> None:
    path = edit(filled(tmp_path), {BLOCKS_CELL: "day"})
    assert codes(path) == [("empty_block", BLOCKS_CELL, "warning")]
    assert "Add a block or column 'day', or remove the name here." in str(problems(path)[0])
    assert read_template(path, SPEC).design.blocks == ("day",)


def test_samples_without_their_block_are_listed(plate: Path) -> None:
    edit(plate, {place("day", well): None for well in ("A4", "C3", "C4")})
    (found,) = problems(plate)
    assert (found.code, found.severity) == ("no_day", "error")
    assert (found.sheet, found.cell, found.well) == ("Plate", "E5, D7:E7", "A4, C3:C4")
    assert str(found).endswith(
        "this sample has no day. Fill it for every sample well, or for none."
    )


def test_an_excluded_sample_and_other_roles_need_no_block(plate: Path) -> None:
    edit(plate, {place("day", "A4"): None, "Wells!A5": "A4", "Wells!K4": "excluded",
                 "Wells!K5": "yes", "Wells!L4": "reason", "Wells!L5": "bubble"})  # fmt: skip
    assert [p for p in problems(plate) if p.severity == "error"] == []


def test_a_block_that_is_not_declared_is_unknown(tmp_path: Path) -> None:
    path = edit(filled(tmp_path), {"Wells!L4": "day"})
    found = only(path, "unknown_column")
    assert found.cell == "L4"
    assert "A factor, or a block such as day, is declared on Design." in str(found)


def test_two_spellings_of_one_day_would_split_it(plate: Path) -> None:
    edit(plate, {place("day", "A4"): "Day 1"})
    found = only(plate, "confusable")
    assert (f"Plate!{found.cell}", found.severity) == (place("day", "A4"), "error")
    assert "day 'Day 1' differs from 'day 1' (Plate!D23)" in str(found)


def test_a_day_may_be_a_date(plate: Path) -> None:
    date = datetime.datetime(2026, 9, 2)
    edit(plate, {place("day", well): date for well in ("A3", "A4")})
    edit(plate, {place("day", "A4"): "2026-09-02"})
    assert problems(plate) == ()
    days = read_template(plate, SPEC).wells.set_index("well")["day"]
    assert days[["A3", "A4", "B3"]].tolist() == ["2026-09-02", "2026-09-02", "day 2"]


@pytest.mark.parametrize("raw", [46267, 1.5, "#N/A", datetime.datetime(2026, 9, 2, 14, 30)])
def test_what_excel_made_of_a_name_is_named(plate: Path, raw: object) -> None:
    edit(plate, {place("operator", "A3"): raw})
    (found,) = problems(plate)
    assert f"{found.sheet}!{found.cell}" == place("operator", "A3")
    assert str(found).startswith("plate.xlsx, Plate!D29 (well A3): operator: found ")


@pytest.mark.parametrize("name", ["7", "NA", "007", "=x", "2E3"])
def test_names_stay_what_they_are(tmp_path: Path, name: str) -> None:
    made = with_blocks(lot=name)
    path = write_template(tmp_path / "p.xlsx", SPEC, content=made)
    assert read_template(path, SPEC).wells["lot"].tolist() == made.wells["lot"].tolist()


@pytest.mark.parametrize("name", ["Passage", "od 450", "excluded"])
def test_a_block_cannot_have_a_name_of_the_template(tmp_path: Path, name: str) -> None:
    path = edit(filled(tmp_path), {BLOCKS_CELL: f"day, {name}", "Wells!L4": "day"})
    errors = [p for p in problems(path) if p.severity == "error"]
    assert [(p.code, f"{p.sheet}!{p.cell}") for p in errors] == [("reserved_name", BLOCKS_CELL)]


def test_a_block_cannot_have_the_name_of_a_factor_without_levels(tmp_path: Path) -> None:
    path = edit(filled(tmp_path), {"Design!C4": "Day", BLOCKS_CELL: "day"})
    found = only(path, "reserved_name")
    assert "blocks: 'day' is the name of something else in this template" in str(found)


def test_a_block_that_separates_the_arms_is_a_warning_at_its_setting(tmp_path: Path) -> None:
    wells = layout()[0]
    made = with_blocks(day=wells["treatment"].map({"control": "1", "vesicle": "2"}))
    path = write_template(tmp_path / "p.xlsx", SPEC, content=made)
    assert codes(path) == [("arm_confounded_with_block", BLOCKS_CELL, "warning")]
    text = str(problems(path)[0])
    assert "no day connects these arms: vesicle and control" in text
    assert "without p value" in text


def test_what_is_wrong_with_a_block_is_not_said_again_of_its_arms(tmp_path: Path) -> None:
    wells = layout()[0]
    made = with_blocks(day=wells["treatment"].map({"control": "1", "vesicle": "2"}))
    path = write_template(tmp_path / "p.xlsx", SPEC, content=made)
    edit(path, {place("day", "A3"): None})
    assert [code for code, _, _ in codes(path)] == ["no_day"]
    edit(path, {place("day", "A3"): 46267})
    assert [code for code, _, _ in codes(path)] == ["name_became_number"]


def test_a_block_is_offered_even_if_nothing_is_known_of_it(tmp_path: Path) -> None:
    path = filled(tmp_path, design=DAYS)
    assert load_workbook(path)["Plate"]["A22"].value == "day"
    assert [p.code for p in problems(path)] == ["empty_block", "empty_block"]
    assert [p.message.split("'")[1] for p in problems(path)] == ["day", "operator"]


def test_a_problem_of_a_block_carries_its_file(plate: Path) -> None:
    edit(plate, {place("day", "A4"): None})
    found = problems(plate)[0]
    assert isinstance(found, Problem)
    assert found.file == "plate.xlsx"


def test_a_template_may_have_a_variable_of_that_name(tmp_path: Path) -> None:
    """A variable that the assay asks for cannot be a block as well; it is told, not lost."""
    spec = replace(SPEC, variables=(*SPEC.variables, Variable("lot", "text", "lot")))
    path = write_template(tmp_path / "p.xlsx", spec, content=content())
    edit(path, {BLOCKS_CELL: "lot"})
    workbook, found = examine_template(path, spec)
    assert (workbook, [p.code for p in found]) == (None, ["reserved_name"])
