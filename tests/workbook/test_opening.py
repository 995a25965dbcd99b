"""Damaged, renamed, protected and hostile files: numbers are those of the list of bad inputs."""

from __future__ import annotations

import re
import struct
import tracemalloc
import unicodedata
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook
from workbook_helpers import filled, problems, rezip, sheet_part

from assaykit.errors import UnreadableFileError
from assaykit.excel.cells import Cell
from assaykit.workbook import Limits, open_workbook


def refusal(path: Path, code: str, **limits: Limits) -> str:
    """Open a file that must be refused, and give the words."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableFileError) as caught:
            open_workbook(path, **limits)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.remedy
    text = str(problem)
    assert text.startswith(unicodedata.normalize("NFC", path.name))
    assert "Traceback" not in text
    assert "zipfile" not in text
    return text


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "no.xlsx", "no_file")
    (tmp_path / "folder.xlsx").mkdir()
    assert "this is a folder" in refusal(tmp_path / "folder.xlsx", "folder")


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [  # 13
        (b"", "empty_file", "the file is empty (0 bytes)"),
        (b"well;value\nA1;0,5\n", "not_excel", "perhaps a CSV or text file"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table>", "html", "a web page (HTML)"),
        (b"<?xml version='1.0'?><Workbook/>", "xml", "an XML file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel", "old Excel file (.xls)"),
    ],
)
def test_files_that_only_have_the_name_of_a_workbook(
    tmp_path: Path, data: bytes, code: str, words: str
) -> None:
    assert words in refusal(written(tmp_path / "plate.xlsx", data), code)


def test_a_protected_workbook_says_how_to_remove_the_password(tmp_path: Path) -> None:  # 14
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    data = ole + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    assert "remove the password" in refusal(written(tmp_path / "p.xlsx", data), "password")


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_truncated_workbook(plate: Path, share: float) -> None:  # 13
    data = plate.read_bytes()
    plate.write_bytes(data[: int(len(data) * share)])
    assert "cut off or damaged" in refusal(plate, "damaged")


def test_flipped_bytes_never_leak_another_error(plate: Path) -> None:
    data = plate.read_bytes()
    for start in range(40, len(data), len(data) // 60):
        plate.write_bytes(data[:start] + bytes(8) + data[start + 8 :])
        with suppress(UnreadableFileError):
            open_workbook(plate)


def test_other_zip_archives_are_not_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "plate.xlsx"
    for part, words in (("a.txt", "a zip archive"), ("word/document.xml", "another program")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, "<a/>")
            if part.startswith("word"):
                archive.writestr("[Content_Types].xml", "<a/>")
        assert words in refusal(path, "not_excel")


def test_a_binary_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.xlsb", "w") as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr("xl/workbook.bin", b"\0")
    assert ".xlsb" in refusal(tmp_path / "p.xlsb", "binary_excel")


def test_the_mark_of_an_open_workbook(tmp_path: Path) -> None:
    path = written(tmp_path / "~$plate.xlsx", bytes(165))
    assert "Use plate.xlsx." in refusal(path, "lock_file")


def test_missing_shared_strings(plate: Path) -> None:  # 17
    rezip(plate, lambda name, data: None if name == "xl/sharedStrings.xml" else data)
    assert "a part of the workbook is missing or damaged" in refusal(plate, "damaged")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_a_part_that_is_no_xml(plate: Path, part: str) -> None:
    rezip(plate, lambda name, data: b"<broken" if name == part else data)
    assert "missing or damaged" in refusal(plate, "damaged")


def test_a_sheet_that_ends_in_the_middle(plate: Path) -> None:
    own = sheet_part(plate, "Plate")
    rezip(plate, lambda name, data: data[: len(data) // 2] if name == own else data)
    assert "missing or damaged" in refusal(plate, "damaged")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_expansion_is_refused_before_it_is_parsed(plate: Path, encoding: str) -> None:  # 12
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(12))
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 2_000_000} -->'
        f"<!DOCTYPE sst [{entities}]><sst>&l11;</sst>"
    ).encode(encoding)
    rezip(plate, lambda name, data: bomb if name == "xl/sharedStrings.xml" else data)
    limits = Limits(ratio=10_000)
    assert "declares its own entities" in refusal(plate, "doctype", limits=limits)


def test_a_small_file_that_unpacks_to_300_mb(plate: Path) -> None:  # 11
    own = sheet_part(plate, "Wells")

    def blow_up(name: str, data: bytes) -> bytes:
        return data.replace(b"</worksheet>", b" " * 300_000_000) if name == own else data

    rezip(plate, blow_up)
    assert plate.stat().st_size < 500_000
    tracemalloc.start()
    text = refusal(plate, "too_large")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "unpacked it has more than 200 MB" in text
    assert peak < 20_000_000


def test_the_ratio_of_unpacking_is_limited(plate: Path) -> None:
    own = sheet_part(plate, "Wells")
    rezip(plate, lambda name, data: data + b" " * 20_000_000 if name == own else data)
    assert "times larger by unpacking" in refusal(plate, "too_large")


def test_a_part_that_lies_about_its_size(plate: Path) -> None:
    """The sizes in the directory of the archive are set to 10 bytes; the true ones are larger."""
    data = bytearray(plate.read_bytes())
    for match in re.finditer(b"PK\x01\x02", bytes(data)):
        struct.pack_into("<L", data, match.start() + 24, 10)
    plate.write_bytes(data)
    assert "damaged" in refusal(plate, "damaged")


@pytest.mark.parametrize("name", ["../x.xml", "xl/../../x.xml", "/etc/x", "..\\x", "C:\\x"])
def test_a_member_that_wants_to_leave_the_archive(plate: Path, name: str) -> None:  # 57
    rezip(plate, lambda _, data: data, **{name: b"<a/>"})
    assert "outside of it" in refusal(plate, "path_in_archive")


def test_limits_are_settings(plate: Path) -> None:
    assert "the file is too large" in refusal(plate, "too_large", limits=Limits(file_bytes=2000))
    assert "parts" in refusal(plate, "too_large", limits=Limits(parts=5))
    assert "more than 10 cells" in refusal(plate, "too_large", limits=Limits(cells=10))


def test_a_value_in_the_last_cell_costs_nothing_and_is_reported(plate: Path) -> None:  # 10
    own = sheet_part(plate, "Plate")
    far = b'<row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>'
    rezip(plate, lambda name, data: data.replace(b"</sheetData>", far) if name == own else data)
    tracemalloc.start()
    (problem,) = problems(plate)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (problem.code, problem.cell, problem.severity) == ("not_read", "XFD1048576", "warning")
    assert peak < 20_000_000


def test_a_wrong_dimension_is_not_believed(plate: Path) -> None:  # 16
    own = sheet_part(plate, "Plate")
    for claimed in (b"A1", b"A1:XFD1048576"):
        dimension = b'<dimension ref="' + claimed + b'"/>'
        rezip(
            plate,
            lambda name, data, new=dimension: (
                re.sub(rb"<dimension [^>]*>", new, data) if name == own else data
            ),
        )
        assert problems(plate) == ()


@pytest.mark.parametrize(
    "tag",
    [
        b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>',
    ],
)
def test_a_range_over_the_whole_sheet_is_refused(plate: Path, tag: bytes) -> None:
    own = sheet_part(plate, "Plate")
    rezip(
        plate,
        lambda name, data: (
            data.replace(b"</sheetData>", b"</sheetData>" + tag) if name == own else data
        ),
    )
    assert "A1:XFD1048576" in refusal(plate, "too_large")


def test_file_names_with_spaces_unicode_and_quotes(tmp_path: Path) -> None:  # 29, 56
    name = unicodedata.normalize("NFD", "Plätte 1 'Ünïcode' プレート.xlsx")
    path = filled(tmp_path, name, plate="")
    assert problems(path) == ()
    assert open_workbook(path).file == unicodedata.normalize("NFC", name)


def test_only_existing_cells_are_kept_and_formulas_are_known(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet["B2"], sheet["C3"], sheet["D4"] = 1.5, "=1+1", "  "
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.merge_cells("E1:F2")
    book.create_sheet("other")["A1"] = "text"
    book.save(tmp_path / "b.xlsx")
    opened = open_workbook(tmp_path / "b.xlsx", only=["SHEET"])
    (own,) = opened.sheets
    assert opened.names == ("Sheet", "other")
    assert own.cells == {(2, 2): Cell(1.5), (3, 3): Cell(None, is_formula=True)}
    assert (own.hidden_rows, own.hidden_columns) == (frozenset({2}), ((3, 3),))
    assert [area.name for area in own.merged] == ["E1:F2"]
