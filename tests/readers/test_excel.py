"""Hostile and damaged workbooks: each ends in words, and none costs time or memory."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook
from xlsxwriter import Workbook as SharedTextWorkbook

from assaykit.errors import UnreadableFileError
from assaykit.readers.excel import column_letters, workbook_cells

ENTITIES = '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaa">]><sst>&a;</sst>'


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_shared_texts() -> bytes:
    """A workbook that keeps its texts in a part of their own, as Excel does."""
    file = io.BytesIO()
    with SharedTextWorkbook(file) as book:
        book.add_worksheet().write("A1", "Well")
    return file.getvalue()


def repacked(data: bytes, **changes: str | None) -> bytes:
    """The same archive with some parts changed (by the end of their name) or left out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            key = name.rsplit("/", 1)[-1].split(".")[0]
            if key not in changes:
                new.writestr(name, old.read(name))
            elif (text := changes[key]) is not None:
                new.writestr(name, text)
    return file.getvalue()


@pytest.fixture
def book() -> Workbook:
    made = Workbook()
    made.active["A1"] = "Well"
    made.active["B2"] = 0.5
    return made


def test_a_value_in_the_last_cell_costs_nothing(book):
    book.active["XFD1048576"] = 1
    (_, cells), = workbook_cells(saved(book), "p.xlsx")  # fmt: skip
    assert cells == {(1, 1): "Well", (2, 2): 0.5, (1048576, 16384): 1}


def test_a_merged_range_over_the_whole_sheet_costs_nothing(book):
    data = saved(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    sheet = sheet.replace("</sheetData>", merged)
    (_, cells), = workbook_cells(repacked(data, sheet1=sheet), "p.xlsx")  # fmt: skip
    assert cells == {(1, 1): "Well", (2, 2): 0.5}


def test_a_wrong_dimension_tag_hides_nothing(book):
    data = saved(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'ref="A1:B2"' in sheet
    sheet = sheet.replace('ref="A1:B2"', 'ref="A1"')
    (_, cells), = workbook_cells(repacked(data, sheet1=sheet), "p.xlsx")  # fmt: skip
    assert cells[2, 2] == 0.5


def test_a_formula_without_a_stored_value_is_not_an_empty_cell(book):
    book.active["C3"] = "=B2*2"
    (_, cells), = workbook_cells(saved(book), "p.xlsx")  # fmt: skip
    assert cells[3, 3] == "=B2*2"


def test_entities_are_refused():
    data = repacked(with_shared_texts(), sharedStrings=ENTITIES)
    with pytest.raises(UnreadableFileError, match="declares XML entities"):
        workbook_cells(data, "p.xlsx")


def test_missing_texts_are_words():
    assert workbook_cells(with_shared_texts(), "p.xlsx") == [("Sheet1", {(1, 1): "Well"})]
    data = repacked(with_shared_texts(), sharedStrings=None)
    with pytest.raises(UnreadableFileError, match=r"p\.xlsx: it is a damaged Excel workbook"):
        workbook_cells(data, "p.xlsx")


def test_a_file_that_unpacks_to_hundreds_of_megabytes_is_refused_unread(book):
    file = io.BytesIO(saved(book))
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/big.xml", "w") as part,
    ):
        for _ in range(120):
            part.write(bytes(1_000_000))
    assert len(file.getvalue()) < 200_000
    with pytest.raises(UnreadableFileError, match="it unpacks to 120 MB"):
        workbook_cells(file.getvalue(), "p.xlsx")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_workbook_is_words(book, share):
    data = saved(book)
    with pytest.raises(UnreadableFileError, match="it is cut or damaged"):
        workbook_cells(data[: int(share * len(data))], "p.xlsx")


def test_column_letters():
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip
