"""Names of files, sheets and tables stay apart and legal whatever somebody wrote."""

from __future__ import annotations

import pytest

from assaykit.errors import OutputError
from assaykit.report.outputs import file_stem, plain, sheet_name, table_name, write_bytes

ODD = ["P/1", "P:1", "P\\1", "P?1", "P*1", "P|1", "P<1", "P\n1", "P_1", "../P1", "CON", "con", "",
       " ", "..", "名" * 200, "名" * 201, "x" * 200, "a.", "a", "\ud800"]  # fmt: skip


def test_odd_names_become_different_files_that_every_system_takes(tmp_path):
    stems = [file_stem(text) for text in ODD]
    assert len({stem.casefold() for stem in stems}) == len(ODD)
    assert "con" not in {stem.casefold() for stem in stems}
    for stem in stems:
        (tmp_path / f"{stem}.results.xlsx").write_bytes(b"")
        assert not set(stem) & set('/\\:*?"<>|\n')
        assert len(stem.encode()) < 110
    assert len(list(tmp_path.iterdir())) == len(set(stems))


@pytest.mark.parametrize("text", ["plate 1", "PBS (day 2), 骨芽細胞", "12.5 µM", "é"])
def test_an_ordinary_name_stays_as_it_is(text):
    assert file_stem(text) == text


def test_names_that_differ_in_case_only_are_kept_apart():
    first = file_stem("il-6")
    assert file_stem("IL-6", [first]).startswith("IL-6~")


def test_decomposed_and_composed_letters_are_one_name():
    assert file_stem("e\u0301") == file_stem("\u00e9") == "\u00e9"


@pytest.mark.parametrize(
    "text", ["[a]:b*c?/d\\e", "'quoted'", "x" * 40, "🦴" * 20, "History", "", "\x07"]
)
def test_a_sheet_s_name_is_legal(text):
    name = sheet_name(text)
    assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
    assert not set(name) & set("[]:*?/\\\x07")
    assert name.strip("'") == name
    assert name.casefold() != "history"


def test_long_names_of_sheets_are_kept_apart():
    taken: list[str] = []
    for end in "abcdefghijkl":
        taken.append(sheet_name("x" * 40 + end, taken))
    assert len({name.casefold() for name in taken}) == 12
    assert max(map(len, taken)) == 31


def test_a_table_s_name_is_never_a_cell_and_never_there_twice():
    assert table_name("QC") == "table_QC"
    assert table_name("A1") == "table_A1"
    assert table_name("Dose/response", ["TABLE_dose_response"]) == "table_Dose_response_2"


def test_half_characters_become_question_marks():
    assert plain("a\udc80b\x00") == "a?b?"
    assert plain("two\nlines, 骨 🦴") == "two\nlines, 骨 🦴"


def test_a_file_is_replaced_in_one_step(tmp_path):
    target = tmp_path / "new" / "file.bin"
    assert write_bytes(target, b"one") == target
    write_bytes(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in target.parent.iterdir()] == ["file.bin"]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be made"):
        write_bytes(tmp_path / "file" / "x.bin", b"")
