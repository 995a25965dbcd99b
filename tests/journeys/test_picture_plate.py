"""A plate of pictures as a user meets it: check, alizarin, compare."""

import json

from openpyxl import load_workbook
from typer.testing import CliRunner

from assaykit.cli import app


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def few(path):
    """The example with the pictures of one field of each well only, to be quick."""
    for picture in (path.parent / "pictures").glob("*_2.jpg"):
        picture.unlink()
    return path


def test_check_shows_which_picture_goes_to_which_well(example):
    plate = few(example("alizarin_pictures"))
    (plate.parent / "pictures/A1_1.jpg").rename(plate.parent / "pictures/overview.jpg")
    text = run("check", plate)
    assert "A2: pictures/A2_1.jpg" in text
    assert "A1: no picture" in text
    assert "overview.jpg (it does not fit the pattern)" in text


def test_one_bad_picture_fails_alone_and_the_exit_code_says_so(example, tmp_path):
    plate = few(example("alizarin_pictures"))
    bad = plate.parent / "pictures/B3_1.jpg"
    bad.write_bytes(bad.read_bytes()[:5000])
    out = tmp_path / "out"
    document = json.loads(run("alizarin", plate, "--out", out, "--json", code=1))
    (remark,) = [item for item in document["remarks"] if item["severity"] == "failure"]
    assert remark["wells"] == "B3"
    assert "pictures/B3_1.jpg" in remark["message"]
    assert (out / "Alizarin_pictures.contact_sheet.jpg").is_file()
    assert len(list((out / "Alizarin_pictures.overlays").iterdir())) == 27
    book = load_workbook(out / "Alizarin_pictures.results.xlsx", read_only=True)
    assert {"Contact sheet", "Mineral", "Pictures", "Threshold"} <= set(book.sheetnames)
    compared = run("compare", out / "Alizarin_pictures.results.xlsx", "--out", tmp_path / "study",
                   code=1)  # fmt: skip
    assert "mineralized area fraction, vesicle vs control: odds ratio" in compared


def test_pictures_and_extracts_stand_side_by_side_in_the_study(example, tmp_path):
    pictures, extracts = few(example("alizarin_pictures")), example("alizarin_extraction")
    run("alizarin", pictures, "--out", tmp_path / "a")
    run("alizarin", extracts, "--out", tmp_path / "b")
    results = [*(tmp_path / "a").glob("*.xlsx"), *(tmp_path / "b").glob("*.xlsx")]
    run("compare", *results, "--out", tmp_path / "study")
    book = load_workbook(tmp_path / "study/study.xlsx", read_only=True)
    assert {"Agreement", "Pairs"} <= set(book.sheetnames)
    assert len(list(book["Pairs"].iter_rows())) == 1 + 2 * 12
    assert (tmp_path / "study/figures/agreement.png").is_file()


def test_the_same_pictures_give_the_same_files(example, tmp_path):
    plate = few(example("alizarin_pictures"))
    files = []
    for name in ("one", "two"):
        run("alizarin", plate, "--out", tmp_path / name)
        found = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        files.append({p.relative_to(tmp_path / name): p.read_bytes() for p in found})
    assert files[0] == files[1]
