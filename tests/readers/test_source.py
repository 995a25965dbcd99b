from __future__ import annotations

import unicodedata
import zipfile

import pytest

from assaykit.errors import UnreadableFileError
from assaykit.readers.source import Sheet, open_source, separator_of


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("Well,OD\nA1,0.5\n", ","),
        ("Well;OD\nA1;0,5\nA2;0,6\n", ";"),
        ("Well\tOD\nA1\t0,5\nA2\t0,6\n", "\t"),
        ("Note: made; by hand\nWell,OD\nA1,0.5\n", ","),
        ("0,1;0,2;0,3\n0,4;0,5;0,6\n", ";"),
        ('Well,OD\nA1,"0,5"\nA2,"0,6"\n', ","),
        ("Note: 1,250 copies\nA\tB\tC\n1,2\t3\nA\tB\nA1\t1,250.5\t3\t4\n", "\t"),
        ("one column\n", ","),
    ],
)
def test_the_separator_is_decided_from_all_lines(text, separator):
    assert separator_of(text) == separator


def test_a_text_becomes_cells_by_line_and_field(write):
    sheet = open_source(write("Well;OD\r\n\r\nA1; 0,5 \r\n")).sheets[0]
    assert sheet.cells == {(1, 1): "Well", (1, 2): "OD", (3, 1): "A1", (3, 2): " 0,5 "}
    assert sheet.widths == {1: 2, 2: 0, 3: 2}
    assert sheet.place(3, 2) == "plate.csv, line 3"


def test_lines_are_counted_through_a_quoted_line_break(write):
    sheet = open_source(write('Well,OD,Note\nA1,0.5,"two\nlines"\nA2,0.6,\n')).sheets[0]
    assert sheet.cells[4, 1] == "A2"


def test_byte_order_marks_and_zero_width_marks_do_not_hide_a_header(write):
    sheet = open_source(write("\ufeffWell,\u200bＯＤ\nA1,0.5\n", encoding="utf-8-sig")).sheets[0]
    assert (sheet.text(1, 1), sheet.text(1, 2)) == ("Well", "OD")


def test_a_workbook_is_known_by_its_content_not_by_its_name(save):
    source = open_source(save({"Data": [["Well", "OD"], ["A1", 0.5]]}, "plate.csv"))
    assert source.kind == "workbook"
    assert source.sheets[0].cells[2, 2] == 0.5
    assert source.sheets[0].place(2, 2) == "plate.csv, Data!B2"


def test_names_from_a_mac_are_composed(write):
    name = unicodedata.normalize("NFD", "プレート Ü.csv")
    assert open_source(write("Well,OD\nA1,1\n", name)).plate == "プレート Ü"


def test_the_last_line_without_an_end_is_noticed(write):
    assert open_source(write("Well,OD\nA1,1")).ends_open
    assert not open_source(write("Well,OD\nA1,1\r\n")).ends_open


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \r\n", "it is empty"),
        (b"%PDF-1.7", "it is a PDF"),
        (b"\x89PNG\r\n", "it is a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file.*or a workbook with a password"),
        (b"<html><table>", "a web page"),
        (b"<?xml version='1.0'?>", "an XML file"),
        (b"PK\x03\x04cut", "the workbook is cut off or damaged"),
        (b'Well,OD\nA1,"0.5\n', "a quoted field does not end properly"),
    ],
)
def test_what_is_neither_text_nor_workbook_is_named(tmp_path, data, words):
    path = tmp_path / "plate.xls"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=rf"^plate\.xls.*{words}"):
        open_source(path)


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match="there is no such file"):
        open_source(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFileError, match="it is a folder"):
        open_source(tmp_path)


def test_a_zip_that_is_no_workbook_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "plate.xlsx", "w") as archive:
        archive.writestr("notes.txt", "to be done")
    with pytest.raises(UnreadableFileError, match="a zip archive, not an Excel workbook"):
        open_source(tmp_path / "plate.xlsx")


def test_whole_numbers_match_like_text():
    assert Sheet("p.xlsx", "S", {(1, 1): 1.0, (1, 2): 12}).text(1, 1) == "1"
