"""From names of files to wells (cases 29, 32 and 45); most tests need no file."""

import unicodedata

import pytest

from assaykit.errors import InputError
from assaykit.plate import plate_format
from assaykit.readers.images import (
    LeftOver,
    is_hidden,
    match_names,
    match_pictures,
    natural_key,
    preview,
)

PLATE = plate_format(96)


def found(names, pattern, plate=PLATE):
    table = match_names(names, pattern, plate).pictures
    return list(zip(table["well"], table["field"], table["file"], strict=True))


def problem_of(names, pattern, plate=PLATE):
    with pytest.raises(InputError) as caught:
        match_names(names, pattern, plate)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("pattern", "name", "well", "field"),
    [
        ("{well}.tif", "A1.tif", "A1", ""),
        ("{well}.tif", "a01.TIF", "A1", ""),
        ("{well}.tif", "H-12.tif", "H12", ""),
        ("{well}.tif", "B_03.tif", "B3", ""),
        ("{well}.tif", "Ａ１.tif", "A1", ""),
        ("pictures/{well}_{field}.tif", "pictures/C10_002.tif", "C10", "2"),
        ("pictures\\{well}_{field}.tif", "pictures/C10_2.tif", "C10", "2"),
        ("./{well}.{ext}", "D4.jpeg", "D4", ""),
        ("{well}*.jpg", "A10 left.jpg", "A10", ""),
        ("*_{well}_f{field}_{any}.png", "day 7_B2_f3_TRAP.png", "B2", "3"),
        ("*_{well}*", "plate1_B12x.tif", "B12", ""),
        ("*{well}*.tif", "Plate1_t2_G7.tif", "G7", ""),
        ("Plate{well}.tif", "plateB3.tif", "B3", ""),
        ("r{row}c{column}f{field}.tif", "rBc03f01.tif", "B3", "1"),
        ("{row}/{column}_{field}.tif", "C/11_left.tif", "C11", "left"),
        ("{well}/{field}.tif", "E5/image 3.tif", "E5", "image 3"),
        ("{field}_{well}.tif", "left_A1.tif", "A1", "left"),
        ("{WELL} (1).tif", "A1 (1).tif", "A1", ""),
    ],
)
def test_patterns_find_wells(pattern, name, well, field):
    assert found([name], pattern) == [(well, field, name)]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{well}*.jpg", "A100.jpg"),
        ("{well}.jpg", "A0.jpg"),
        ("{well}.jpg", "xxA1.jpg"),
        ("*{well}.jpg", "plateB3.jpg"),
        ("{well}.jpg", "A1.png"),
        ("{well}.{ext}", "A1.xlsx"),
        ("*{well}.jpg", "deep/A1.jpg"),
        ("{well}_{field}.jpg", "A1_.jpg"),
        ("{well}.jpg", "A1xjpg"),
    ],
)
def test_names_that_do_not_fit_are_left_over(pattern, name):
    good = pattern.replace("{well}", "A2").replace("*", "").replace("{field}", "1")
    good = good.replace("{ext}", "tif")
    match = match_names([good, name], pattern, PLATE)
    assert list(match.pictures["well"]) == ["A2"]
    assert match.left_over == (LeftOver(name, "it does not fit the pattern"),)


def test_32_files_stand_in_natural_order():
    names = [f"A1_image{i}.tif" for i in (10, 2, 1)] + ["A10_image1.tif", "A2_image1.tif"]
    assert [file for *_, file in found(names, "{well}_{field}.tif")] == [
        "A1_image1.tif", "A1_image2.tif", "A1_image10.tif", "A2_image1.tif", "A10_image1.tif",
    ]  # fmt: skip
    files = ["image10", "image2", "Image1", "10", "9", "a"]
    assert sorted(files, key=natural_key) == ["9", "10", "a", "Image1", "image2", "image10"]


def test_29_decomposed_names_of_a_mac_are_found(tmp_path):
    composed = "Zelle_für_A1.tif"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    (tmp_path / decomposed).write_bytes(b"")
    match = match_pictures(tmp_path, "Zelle_für_{well}.tif", PLATE)
    assert match.pictures["file"].tolist() == [composed]
    assert match.pictures["path"][0].is_file()
    assert found([composed], unicodedata.normalize("NFD", "Zelle_für_{well}.tif"))


def test_45_hidden_and_system_files_are_passed_over_silently(tmp_path):
    names = ["Thumbs.db", ".DS_Store", "._A1.tif", "desktop.ini", "~$A1.tif", "A1.tif", "notes.txt"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "A1.tif").write_bytes(b"")
    match = match_pictures(tmp_path, "{well}.tif", PLATE)
    assert match.pictures["file"].tolist() == ["A1.tif"]
    assert [left.file for left in match.left_over] == ["notes.txt"]
    assert is_hidden("__MACOSX/A1.tif")
    assert not is_hidden("a/Thumbs.dbx")


def test_wells_that_the_plate_lacks_are_left_over_with_the_reason():
    match = match_names(["A1.tif", "H12.tif"], "{well}.tif", plate_format(24))
    assert match.left_over == (LeftOver("H12.tif", "a plate of 24 wells has no H12"),)


def test_two_files_of_one_field_are_an_error_that_names_both():
    problem = problem_of(["A1_1.tif", "A01_01.tif", "B1_1.tif"], "{well}_{field}.tif")
    assert (problem.code, problem.well) == ("two_pictures", "A1")
    assert "A1_1.tif and A01_01.tif are the same picture of it (field 1)" in problem.message
    several = problem_of(["A1 a.tif", "A1 b.tif"], "{well}*.tif")
    assert "put {field} where their names differ" in several.remedy
    with pytest.raises(InputError) as caught:
        match_names(["A1.tif", "a1.tif", "B1.tif", "b01.tif"], "{well}.tif", PLATE)
    assert [problem.well for problem in caught.value.problems] == ["A1", "B1"]


@pytest.mark.parametrize(
    ("pattern", "code", "words"),
    [
        ("*.tif", "pattern_without_well", "does not say the well"),
        ("{row}_{field}.tif", "pattern_without_well", "only one of {row} and {column}"),
        ("{well}{column}.tif", "pattern_without_well", "both {well}"),
        ("{wel}.tif", "pattern_placeholder", "unknown '{wel}'"),
        ("{}.tif", "pattern_placeholder", "unknown '{}'"),
        ("{well.tif", "pattern_braces", "lone '{'"),
        ("{well}_{well}.tif", "pattern_twice", "'{well}' twice"),
        ("../{well}.tif", "pattern_outside", "leads out of the folder"),
        ("a/../../{well}.tif", "pattern_outside", "leads out of the folder"),
        ("/home/{well}.tif", "pattern_outside", "leads out of the folder"),
        ("C:\\pictures\\{well}.tif", "pattern_outside", "leads out of the folder"),
        ("\\\\server\\{well}.tif", "pattern_outside", "leads out of the folder"),
    ],
)
def test_patterns_that_cannot_be_meant_are_refused(pattern, code, words):
    problem = problem_of(["A1.tif"], pattern)
    assert problem.code == code
    assert words in problem.message
    assert problem.remedy


def test_a_misspelled_placeholder_gets_a_suggestion():
    assert "'well'" in problem_of(["A1.tif"], "{wel}.tif").remedy


def test_a_pattern_that_nothing_fits_shows_files_and_suggests_a_pattern():
    names = [f"exp_{well}_{field}.tif" for well in ("A1", "B1", "C1") for field in (1, 2)]
    problem = problem_of(names, "{well}-{field}.tif")
    assert "seen were exp_A1_1.tif, exp_A1_2.tif" in problem.message
    assert problem.message.endswith("…")
    assert problem.remedy == "Did you mean '*_{well}_{field}.{ext}' (6 of 6 files fit)?"
    assert problem_of(["x.tif"], "{well}.tif").remedy == "Write {well} where the well stands."
    assert "no file where the pattern" in problem_of([], "{well}.tif").message
    inside = problem_of(["pictures/A1.tif"], "pictures/{well}.png")
    assert "'pictures/{well}.{ext}'" in inside.remedy


def test_only_the_depth_and_the_folders_of_the_pattern_are_looked_at(tmp_path):
    for name in ("pictures/A1.tif", "pictures/old/A2.tif", "A3.tif", "other/A4.tif", "plate.xlsx"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"")
    match = match_pictures(tmp_path, "Pictures/{well}.tif", PLATE)
    assert match.pictures["file"].tolist() == ["pictures/A1.tif"]
    assert match.pictures["path"].tolist() == [tmp_path / "pictures" / "A1.tif"]
    assert match.left_over == ()
    with pytest.raises(InputError, match="there is no folder 'none'"):
        match_pictures(tmp_path / "none", "{well}.tif", PLATE)


def test_preview_shows_each_well_and_warns():
    names = ["A1_1.jpg", "A1_2.jpg", "B1_1.jpg", "readme.txt"]
    match = match_names(names, "{well}_{field}.jpg", PLATE)
    shown = preview(match, ["A01", "A2"])
    assert shown.text == "A1: A1_1.jpg, A1_2.jpg\nA2: no picture\nB1: B1_1.jpg"
    assert [problem.code for problem in shown.problems] == [
        "well_without_picture", "picture_without_well", "file_left_over",
    ]  # fmt: skip
    assert all(problem.severity == "warning" and problem.remedy for problem in shown.problems)
    assert "readme.txt (it does not fit the pattern)" in shown.problems[2].message
    clean = preview(match_names(names[:2], "{well}_{field}.jpg", PLATE), ["A1"])
    assert clean.problems == ()
