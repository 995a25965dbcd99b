"""What comes in from qPCR programs and must not hurt: texts 21 to 30 and wells 31 to 36."""

from __future__ import annotations

import random
import unicodedata

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read

TEXT = (
    "* Block Type = 96-Well Block\n* Experiment Name = run 7\n\n"
    "[Sample Setup]\nWell\tWell Position\tSample Name\tTarget Name\tTask\n"
    "1\tA1\tWT\tRUNX2\tUNKNOWN\n2\tA2\tKO\tRUNX2\tUNKNOWN\n3\tA3\tS1\tRUNX2\tSTANDARD\n\n"
    "[Results]\nWell\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tQuantity\tCT\tCt Mean\n"
    "1\tA1\tfalse\tWT\tRUNX2\tUNKNOWN\t\t21.500\t21.5\n"
    "2\tA2\tfalse\tKO\tRUNX2\tUNKNOWN\t\tUndetermined\t\n"
    "3\tA3\tfalse\tS1\tRUNX2\tSTANDARD\t1,250.000\t24.125\t24.1\n"
)
CFX = (
    ",Well,Fluor,Target,Content,Sample,Cq,SQ\n,A01,FAM,RUNX2,Unkn,WT,21.5,NaN\n"
    ",A02,FAM,RUNX2,Unkn,KO,NaN,NaN\n,A03,FAM,RUNX2,Std,S1,24.125,1250\n"
)


def facts(readings):
    return readings[["well", "sample", "target", "task", "flag"]].to_numpy().tolist()


EXPECTED = [
    ["A1", "WT", "RUNX2", "sample", ""],
    ["A2", "KO", "RUNX2", "sample", "undetermined"],
    ["A3", "S1", "RUNX2", "standard", ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_21_encodings(write, encoding):
    assert facts(read(write(TEXT, encoding=encoding))) == EXPECTED


def test_22_names_in_cp932(write):
    text = TEXT.replace("WT", "対照群").replace("KO", "欠損")
    assert read(write(text, encoding="cp932"))["sample"].tolist() == ["対照群", "欠損", "S1"]


def test_23_semicolons_with_decimal_commas(write):
    text = CFX.replace(",", ";").replace("21.5", "21,5").replace("24.125", "24,125")
    readings = read(write(text))
    assert facts(readings) == EXPECTED
    assert readings["value"].tolist()[::2] == [21.5, 24.125]


def test_23_tabs_with_three_decimals_behind_commas(write):
    text = TEXT.replace("21.500", "21,500").replace("24.125", "24,125").replace("24.1\n", "24,1\n")
    readings = read(write(text.replace("1,250.000", "1250")))
    assert readings["value"].tolist()[::2] == [21.5, 24.125]


def test_24_thousands_commas(write):
    assert read(write(TEXT))["quantity"].tolist()[2] == 1250


@pytest.mark.parametrize("word", ["Undetermined", "UNDETERMINED", "undetermined", "N/A", "", "-1"])
def test_25_undetermined_in_any_word(write, word):
    assert facts(read(write(TEXT.replace("Undetermined", word)))) == EXPECTED
    assert facts(read(write(CFX.replace("KO,NaN", f"KO,{word}")))) == EXPECTED


@pytest.mark.parametrize(
    ("word", "flag"), [("*30.1*", "masked"), ("Range?", "out_of_range"), ("?????", "undetermined")]
)
def test_26_known_words_are_flags(write, word, flag):
    assert read(write(TEXT.replace("Undetermined", word)))["flag"].tolist() == ["", flag, ""]


@pytest.mark.parametrize("word", ["Inconclusive", "#VALUE!", "21.5 x"])
def test_26_unknown_words_are_errors_with_their_line(write, word):
    with pytest.raises(InputError, match=r"plate\.csv, line 13 \(well A2\): found "):
        read(write(TEXT.replace("Undetermined", word)))


@pytest.mark.parametrize("number", ["-1.7e-05", "-2", "0", "2150"])
def test_27_numbers_that_no_cq_can_be(write, number):
    with pytest.raises(InputError, match=rf"line 13 \(well A2\): found {number}, expected a Cq"):
        read(write(TEXT.replace("Undetermined", number)))


def test_28_full_width_and_invisible_characters(write):
    text = TEXT.replace("21.500", "２１．５").replace("A1\tfalse", "Ａ１\tfalse")
    text = text.replace("A2\tfalse\tKO", "A2\u200b\tfalse\tKO\u3000").replace("Undetermined", "−１")
    assert facts(read(write(text))) == EXPECTED


def test_29_file_names_from_a_mac(write):
    name = unicodedata.normalize("NFD", "Lauf Ü.csv")
    assert set(read(write(CFX, name))["plate"]) == {"Lauf Ü"}


@pytest.mark.parametrize("name", ["NA", "None", "007", "nan", "TRUE"])
def test_30_samples_called_like_nothing(write, save, name):
    assert read(write(TEXT.replace("WT", name)))["sample"].tolist()[0] == name
    rows = [[field or None for field in line.split(",")] for line in CFX.splitlines()]
    rows[1][5], rows[1][6], rows[3][6], rows[3][7] = name, 21.5, 24.125, 1250
    assert read(save({"0": rows}))["sample"].tolist()[0] == name


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_30_line_ends(write, end):
    assert facts(read(write(TEXT.replace("\n", end)))) == EXPECTED


def test_31_padded_wells_are_the_same(write):
    padded = TEXT.replace("\tA1\t", "\tA01\t")
    assert facts(read(write(padded))) == EXPECTED


def test_33_to_35_a_file_says_how_many_wells_it_has(write):
    part = CFX[: CFX.index(",A03")]
    assert describe(read(write(part))).startswith("1 plate (plate), 2 wells, 1 target (RUNX2)")


@pytest.mark.parametrize(("old", "new"), [("\tA2\tfalse", "\tA1\tfalse"), ("A2\tfalse", "a01\tfalse")])  # fmt: skip  # noqa: E501
def test_36_a_well_twice_names_both_lines(write, old, new):
    text = TEXT.replace("2\tA2\tKO\tRUNX2\tUNKNOWN\n", "").replace(old, new)
    with pytest.raises(InputError, match=r"line 12 \(well A1\): cq of the target RUNX2.* line 11"):
        read(write(text))


def test_a_damaged_export_is_an_error_or_all_wells_of_its_setup(tmp_path):
    data, path = TEXT.encode(), tmp_path / "run.txt"
    for seed in range(150):
        chance = random.Random(seed)
        damaged = bytearray(data[: chance.randrange(len(data))] if seed % 2 else data)
        for _ in range(0 if seed % 2 else chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            readings = read(path)
        except InputError:
            continue
        assert len(readings[readings["channel"] == "cq"]) == 3, f"seed {seed}"
