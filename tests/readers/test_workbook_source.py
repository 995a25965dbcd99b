"""Workbooks as sources of readings: what a lab's Excel files do to a reader."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from assaykit.errors import InputError, UnreadableFileError
from assaykit.readers import read
from assaykit.readers.source import open_source


@pytest.fixture
def book() -> Workbook:
    made = Workbook()
    for row in (["Well", "OD"], ["A1", 0.5], ["A2", 0.25]):
        made.active.append(row)
    return made


def saved(book, tmp_path, name="plate.xlsx"):
    path = tmp_path / name
    book.save(path)
    return path


def test_cells_come_with_their_sheet(book, tmp_path):
    (sheet,) = open_source(saved(book, tmp_path)).sheets
    assert (sheet.name, sheet.cells[2, 2]) == ("Sheet", 0.5)


def test_a_value_in_the_last_cell_costs_nothing(book, tmp_path):
    book.active["XFD1048576"] = 1
    (sheet,) = open_source(saved(book, tmp_path)).sheets
    assert len(sheet.cells) == 7


def test_a_formula_without_a_saved_value_is_an_error_with_its_cell(book, tmp_path):
    book.active["B3"] = "=B2*2"
    with pytest.raises(InputError, match="B3"):
        read(saved(book, tmp_path))


def test_an_excel_error_is_named_with_its_cell(book, tmp_path):
    book.active["B3"] = "#DIV/0!"
    with pytest.raises(InputError, match=r"B3.*#DIV/0!"):
        read(saved(book, tmp_path))


def test_a_workbook_is_known_by_its_bytes_not_by_its_ending(book, tmp_path):
    path = saved(book, tmp_path).rename(tmp_path / "plate.csv")
    assert read(path)["value"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_workbook_is_words(book, tmp_path, share):
    path = saved(book, tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UnreadableFileError, match=r"plate\.xlsx: the workbook is cut off"):
        read(path)
