"""A plate filled with twenty mistakes: `assaykit check` finds them all, with their cells."""

import datetime
import json
import shutil

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from assaykit.cli import app
from assaykit.plate import parse_well

RUN = CliRunner()
# The row of each block's corner on the sheet Plate of the example.
BLOCKS = {
    "role": 4, "sample": 14, "treatment": 24, "biological_replicate": 34,
    "nominal_concentration": 44, "dilution_factor": 54, "od_450": 84, "od_570": 94,
}  # fmt: skip


def at(block, well):
    row, column = parse_well(well)
    return f"Plate!{chr(ord('B') + column)}{BLOCKS[block] + 1 + row}"


MISTAKES = {
    "Settings!B5": "elsia",  # an assay that there is not
    "Settings!A12": "modle",  # a misspelled setting
    "Settings!B13": "1/x",  # not a weighting
    "Settings!B16": "four",  # not a number
    "Design!B5": "contrl",  # not a level
    "Design!I6": "KO vesicle",  # not an arm
    at("role", "A3"): "sampel",
    at("role", "C4"): None,  # says other things, but no role
    at("sample", "E9"): datetime.datetime(2026, 9, 2),  # SEPT2
    at("sample", "G9"): 45536,  # a date's serial number
    at("treatment", "A6"): "Vesicle",  # another case
    at("treatment", "C3"): None,  # a sample without its arm
    at("biological_replicate", "H3"): None,
    at("nominal_concentration", "B2"): None,  # a standard without its concentration
    at("nominal_concentration", "C1"): -500,
    at("dilution_factor", "D3"): 0,
    at("od_450", "F5"): "O.318",  # the letter O
    at("od_450", "G5"): "#DIV/0!",
    "Plate!A94": "od570",  # a misspelled block
    "Wells!B5": "sample",  # a row that says no well
}


def spoil(path):
    book = load_workbook(path)
    for place, value in MISTAKES.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell] = value
    book.save(path)


def check(path, code):
    result = RUN.invoke(app, ["check", str(path), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)["files"][0]


@pytest.fixture
def plate(example):
    return example("rankl_elisa")


def test_all_twenty_are_listed_with_their_cells_and_marked(plate):
    spoil(plate)
    before = plate.read_bytes()
    checked = check(plate, code=3)
    errors = [p for p in checked["problems"] if p["severity"] == "error"]
    places = {f"{p['sheet']}!{p['cell']}" for p in errors}
    said_at_role = {at("treatment", "C3"), at("biological_replicate", "H3"),
                    at("nominal_concentration", "B2")}  # fmt: skip
    expected = {p for p in MISTAKES if p not in {*said_at_role, at("role", "C4"), "Wells!B5"}}
    expected |= {at("role", "C3"), at("role", "H3"), at("role", "B2"), "Wells!A5"}
    assert len(MISTAKES) == len(errors) == 20
    assert expected <= places, expected - places
    assert any(p["code"] == "no_role" and "C4" in p["well"] for p in errors)
    assert plate.read_bytes() == before
    marked = load_workbook(checked["marked"])
    for place in expected:
        sheet, _, cell = place.partition("!")
        assert marked[sheet][cell].comment is not None, place


def test_the_messages_suggest_what_was_meant(plate):
    spoil(plate)
    text = RUN.invoke(app, ["check", str(plate)]).stdout
    for words in ("Did you mean 'sample'?", "Did you mean 'model'?", "Did you mean 'control'?",
                  "only in case", "SEPT2", "the Excel error #DIV/0!"):  # fmt: skip
        assert words in text, words


def test_the_same_file_mended_gives_results(plate, tmp_path):
    whole = tmp_path / "whole.xlsx"
    shutil.copy(plate, whole)
    spoil(plate)
    check(plate, code=3)
    mended, right = load_workbook(plate), load_workbook(whole)
    for place in MISTAKES:
        sheet, _, cell = place.partition("!")
        mended[sheet][cell] = right[sheet][cell].value
    mended.save(plate)
    assert check(plate, code=0)["problems"] == []
    result = RUN.invoke(app, ["elisa", str(plate), "--out", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0
    assert (tmp_path / "out" / "RANKL_ELISA.results.xlsx").is_file()
