"""Blocks are found by their corner; one that is broken is never read in part."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbook_helpers import SPEC, corner, edit, only, place, problems

from assaykit.excel.cells import Cell, Sheet
from assaykit.plate import plate_format
from assaykit.workbook.blocks import find_blocks, read_blocks
from assaykit.workbook.fields import Vocabulary


def grid(top: int, left: int, name: str, cells: list[list[object]]) -> dict[tuple[int, int], Cell]:
    """A block of a plate of 6 wells."""
    found = {(top, left): Cell(name)}
    found |= {(top, left + i): Cell(i) for i in (1, 2, 3)}
    found |= {(top + 1 + i, left): Cell("AB"[i]) for i in (0, 1)}
    for i, row in enumerate(cells):
        found |= {(top + 1 + i, left + 1 + j): Cell(value) for j, value in enumerate(row)}
    return found


def test_names_that_look_like_headers_do_not_begin_a_block_inside_another() -> None:
    cells = grid(1, 1, "sample", [["x", "1", "2"], ["A", "A", "B"]])
    (block,) = find_blocks(Sheet("Plate", cells))
    assert block.area.name == "A1:D3"


def test_blocks_may_touch_and_stand_side_by_side() -> None:
    cells = grid(1, 1, "sample", [["a"]]) | grid(4, 1, "role", [["blank"]])
    cells |= grid(1, 5, "od_450", [[0.5]])
    sheet = Sheet("Plate", cells)
    assert [block.area.name for block in find_blocks(sheet)] == ["A1:D3", "E1:H3", "A4:D6"]
    fields, wrong = read_blocks(sheet, Vocabulary(SPEC), plate_format(6))
    assert wrong == []
    assert {f.name: [(e.well, e.cell.value) for e in f.entries] for f in fields} == {
        "sample": [("A1", "a")], "od_450": [("A1", 0.5)], "role": [("A1", "blank")],
    }  # fmt: skip


def test_a_column_inserted_into_a_block_is_an_error(plate: Path) -> None:
    edit(plate, {}, lambda book: book["Plate"].insert_cols(4))
    found = [p for p in problems(plate) if p.code == "incomplete_block"]
    assert len(found) == 7
    assert "the block 'role' goes from A1 to D2, expected A1 to D6" in str(found[0])
    assert found[0].cell == "A4"


def test_a_block_without_its_numbers_is_not_passed_over(plate: Path) -> None:
    edit(plate, {f"Plate!B{corner('dilution_factor')}": None})
    found = only(plate, "broken_block")
    assert found.cell == "A34"
    assert "found 'dilution_factor', but not 1, 2, 3" in str(found)


def test_a_block_larger_than_the_plate_must_be_empty_there(plate: Path) -> None:
    row = corner("sample")
    edit(plate, {f"Plate!H{row}": 7, f"Plate!H{row + 1}": "x"})
    found = only(plate, "outside_plate")
    assert (found.cell, found.well) == ("H11", "A7")
    edit(plate, {f"Plate!H{row + 1}": None})
    assert problems(plate) == ()


def test_a_wrong_plate_format_is_noticed(plate: Path) -> None:
    edit(plate, {"Settings!B8": 96})
    assert {p.code for p in problems(plate)} == {"incomplete_block"}
    edit(plate, {"Settings!B8": 12})
    assert {p.code for p in problems(plate)} == {"outside_plate"}


def test_an_unknown_name_over_a_block_is_an_error_even_if_it_is_empty(plate: Path) -> None:
    edit(plate, {f"Plate!A{corner('dilution_factor')}": "dose"})
    assert only(plate, "unknown_block").cell == "A34"


@pytest.mark.parametrize("header", [1.0, "01", "１", " 1 "])
def test_column_numbers_in_any_dress(plate: Path, header: object) -> None:
    edit(plate, {f"Plate!B{corner('role')}": header})
    assert problems(plate) == ()


def test_remarks_above_and_beside_blocks_are_left_alone(plate: Path) -> None:
    edit(plate, {"Plate!C1": "my remark", "Plate!B2": 7, "Plate!I40": "blanked with PBS"})
    assert problems(plate) == ()
    edit(plate, {"Plate!J44": 0.7})
    assert only(plate, "not_read").cell == "J44"


def test_a_second_wavelength_is_a_block_of_its_own(plate: Path) -> None:
    edit(plate, {f"Plate!A{corner('dilution_factor')}": "od_620"})
    assert "od_620 has no reading for the wells A1:C2, D1:D3" in str(only(plate, "no_reading"))
    edit(plate, {place("dilution_factor", "A1"): "x"})
    assert "od_620: found 'x'" in str(only(plate, "not_a_number"))
