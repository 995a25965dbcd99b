"""What holds for every reader: a new one needs an example here, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from assaykit import readers
from assaykit.errors import InputError, UsageError
from assaykit.readers import READERS, open_source
from assaykit.readers.labels import unit_of
from assaykit.tables import READINGS
from assaykit.values import FLAG_MEANINGS

# The text of a small whole file for each reader, with one word instead of a number.
EXAMPLES = {
    "grid": "od_450,1,2,3\nA,0.1,0.2,0.3\nB,0.4,OVRFLW,0.6\n",
    "long_list": "Well,Sample,A450\nA1,M1,0.1\nA2,M2,OVRFLW\n",
}
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
    assert tuple(readings.columns) == READINGS.names
    assert readings["value"].dtype == "float64"
    flagged = readings["flag"] != ""
    assert flagged.sum() == 1
    assert set(readings["flag"]) - {""} <= set(FLAG_MEANINGS)
    assert (readings["value"].isna() == flagged).all()
    assert readings["unit"].tolist() == [unit_of(channel) for channel in readings["channel"]]
    assert readings["source"].str.match(r"plate\.csv, line \d+").all()


@every_reader
def test_an_unknown_word_is_an_error_that_names_its_line(reader, write):
    text = EXAMPLES[reader.name].replace("OVRFLW", "ODD").replace("Undetermined", "ODD")
    with pytest.raises(InputError, match=r"plate\.csv, line 3.*found 'ODD'"):
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
        name: [line.split(",") for line in text.splitlines()] for name, text in EXAMPLES.items()
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
