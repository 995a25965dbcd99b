"""What holds for every reader: a new one needs an example here, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from assaykit import readers
from assaykit.errors import InputError, UsageError
from assaykit.readers import READERS, open_source
from assaykit.readers.base import REACTION_COLUMNS
from assaykit.readers.labels import unit_of
from assaykit.tables import READINGS
from assaykit.values import FLAG_MEANINGS

# The text of a small whole file for each reader, with one word instead of a number.
EXAMPLES = {
    "grid": "od_450,1,2,3\nA,0.1,0.2,0.3\nB,0.4,OVRFLW,0.6\n",
    "long_list": "Well,Sample,A450\nA1,M1,0.1\nA2,M2,OVRFLW\n",
    "quantstudio": (
        "* Block Type = 96-Well Block (0.2mL)\n* Experiment Name = run 7\n\n[Results]\n"
        "Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tCT\tCt Mean\n"
        "1\tA1\tfalse\tM1\tRUNX2\tUNKNOWN\t21.5\t21.5\n"
        "2\tA2\tfalse\tM2\tRUNX2\tUNKNOWN\tUndetermined\t\n"
    ),
    "design_and_analysis": (
        "Barcode,NA\nSoftware Name and Version,Design & Analysis Software v2.7.0\n\n"
        "Well,Well Position,Omit,Sample,Target,Task,Cq,Cq Mean\n"
        "1,A1,FALSE,M1,RUNX2,UNKNOWN,21.5,21.5\n2,A2,FALSE,M2,RUNX2,UNKNOWN,UNDETERMINED,\n"
    ),
    "cfx": (
        ",Well,Fluor,Target,Content,Sample,Cq,SQ\n,A01,FAM,RUNX2,Unkn,M1,21.5,NaN\n"
        ",A02,FAM,RUNX2,Unkn,M2,Undetermined,NaN\n"
    ),
    "lightcycler_480": (
        "Experiment: run 7  Selected Filter: SYBR Green I (465-510)\n"
        "Include\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus\n"
        "True\t255\tA1\tM1\t21.5\t\t0\t\nTrue\t255\tA2\tM2\tUndetermined\t\t0\t\n"
    ),
    "rdml": (
        "<?xml version='1.0'?><rdml version='1.2' xmlns='http://www.rdml.org'><sample id='M1'/>"
        "<sample id='M2'/><experiment id='e'><run id='r'><pcrFormat><rows>8</rows><columns>12"
        "</columns></pcrFormat><react id='1'><sample id='M1'/><data><tar id='RUNX2'/><cq>21.5</cq>"
        "</data></react><react id='2'><sample id='M2'/><data><tar id='RUNX2'/><cq>Undetermined"
        "</cq></data></react></run></experiment></rdml>\n"
    ),
}
PLACES = {"rdml": r"run 'r', reaction \d"}
every_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def test_names_are_unique_and_every_reader_has_an_example():
    names = [reader.name for reader in READERS]
    assert sorted(set(names)) == sorted(names) == sorted(EXAMPLES)


@every_reader
def test_a_reader_is_described(reader):
    assert reader.name.isidentifier()
    assert 20 < len(reader.description) < 200
    for function in (reader.sniff, reader.read):
        assert function.__doc__


@every_reader
def test_a_reader_knows_its_own_example_and_no_other(reader, write):
    for name, text in EXAMPLES.items():
        assert reader.sniff(open_source(write(text))) == (name == reader.name)


@every_reader
def test_a_reader_gives_readings_with_flags_units_and_places(reader, write):
    readings = readers.read(write(EXAMPLES[reader.name]))
    stated = [name for name in READINGS.names if name in readings]
    assert list(readings.columns) == stated
    assert set(READINGS.names) - set(stated) <= {*REACTION_COLUMNS, "picture"}
    assert readings["value"].dtype == "float64"
    flagged = readings["flag"] != ""
    assert flagged.sum() == 1
    assert set(readings["flag"]) - {""} <= set(FLAG_MEANINGS)
    assert (readings["value"].isna() == flagged).all()
    assert readings["unit"].tolist() == [unit_of(channel) for channel in readings["channel"]]
    place = PLACES.get(reader.name, r"line \d+")
    assert readings["source"].str.match(rf"plate\.csv, {place}").all()


@every_reader
def test_only_reactions_state_samples_targets_and_tasks(reader, write):
    readings = readers.read(write(EXAMPLES[reader.name]))
    stated = set(REACTION_COLUMNS) & set(readings.columns)
    if reader.name in ("grid", "long_list"):
        assert not stated
    else:
        assert set(readings["channel"]) == {"cq"}
        assert readings["sample"].tolist() == ["M1", "M2"]
        assert stated - {"target", "task"} == {"sample"}


@every_reader
def test_an_unknown_word_is_an_error_that_names_its_place(reader, write):
    text = EXAMPLES[reader.name]
    for word in ("OVRFLW", "Undetermined", "UNDETERMINED"):
        text = text.replace(word, "ODD")
    place = PLACES.get(reader.name, r"line \d+")
    with pytest.raises(InputError, match=rf"plate\.csv, {place}.*found 'ODD'"):
        readers.read(write(text))


@pytest.mark.parametrize("name", ["grid", "long_list"])
def test_a_plain_reader_gives_the_same_from_text_and_workbook(name, write, save):
    rows = [[_typed(cell) for cell in line.split(",")] for line in EXAMPLES[name].splitlines()]
    from_text, from_workbook = readers.read(write(EXAMPLES[name])), readers.read(save({"S": rows}))
    assert from_text.drop(columns="source").equals(from_workbook.drop(columns="source"))


def _typed(text: str) -> object:
    return float(text) if text.replace(".", "").isdigit() else text


@every_reader
def test_the_format_can_be_named(reader, write):
    path = write(EXAMPLES[reader.name])
    assert readers.read(path, reader.name).equals(readers.read(path))
    assert readers.sniff(path) == reader.name


def test_an_unknown_format_is_wrong_usage(write):
    with pytest.raises(UsageError, match=r"'grit' is not a file format.*Did you mean 'grid'"):
        readers.read(write(EXAMPLES["grid"]), "grit")


def test_a_file_that_two_readers_claim_names_them(save):
    rows = {
        name: [line.split(",") for line in EXAMPLES[name].splitlines()]
        for name in ("grid", "long_list")
    }
    with pytest.raises(InputError, match="it can be read as 'grid' and 'long_list'"):
        readers.read(save(rows))


def test_a_file_that_nobody_knows_says_what_was_seen_and_what_is_read(write):
    with pytest.raises(InputError) as caught:
        readers.read(write("Dear Dr Tanaka;the plates\nare in the freezer;tomorrow\n"))
    message = str(caught.value)
    assert "a text of 2 lines (utf-8, separated by semicolon) that begins with 'Dear Dr" in message
    assert all(reader.description in message for reader in READERS)


def test_a_workbook_that_nobody_knows_says_what_was_seen(save):
    with pytest.raises(InputError, match=r"a workbook with the sheets 'Letter' \(1 cells\)"):
        readers.read(save({"Letter": [["Dear Dr Tanaka"]]}))


def test_an_instruments_own_export_is_named(write):
    with pytest.raises(InputError, match="it looks like an export of BMG MARS"):
        readers.read(write("User: A,Test run no.: 65\n\n" + EXAMPLES["grid"]))


def test_importing_the_readers_is_light():
    code = "import sys, assaykit.readers; print([m for m in HEAVY if m in sys.modules])"
    heavy = "HEAVY = ('numpy', 'pandas', 'openpyxl', 'scipy'); "
    done = subprocess.run(
        [sys.executable, "-c", heavy + code], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"
