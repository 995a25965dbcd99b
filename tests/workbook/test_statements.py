"""Cells become values; two places that disagree are both named."""

from __future__ import annotations

import datetime
import math

import pytest
from workbook_helpers import SPEC

from assaykit.excel.cells import Cell, Sheet
from assaykit.values import Value
from assaykit.workbook import Variable
from assaykit.workbook.fields import Entry, Field, Vocabulary
from assaykit.workbook.statements import Statements, read_statements

LEVELS = Variable("treatment", "text", "", choices=("low dose", "ÄA 5"))
VOCABULARY = Vocabulary(SPEC, (LEVELS,), ("later",))


def field(name: str, *values: object, sheet: str = "Plate") -> Field:
    """One row of a block: A1, A2, ... in the cells B2, C2, ..."""
    cells = {(2, 2 + i): Cell(value) for i, value in enumerate(values)}
    entries = [Entry(f"A{i + 1}", (2, 2 + i), cell) for i, cell in enumerate(cells.values())]
    return Field(name, Sheet(sheet, cells), (1, 1), tuple(entries))


def read(*fields: Field) -> tuple[Statements, list[str]]:
    said, problems = read_statements(fields, VOCABULARY)
    return said, [str(problem) for problem in problems]


def values(name: str, *raw: object) -> list[object]:
    said, problems = read(field(name, *raw))
    assert problems == []
    found = said.of(name) or said.readings[name]
    return [one.value for one in found.values()]


def test_each_kind_of_variable_is_read_as_what_it_is() -> None:
    assert values("role", "Positive control", "qc") == ["positive_control", "qc"]
    assert values("sample", " a ", 7, "a\u00a0b") == [" a ", "7", "a\u00a0b"]
    assert values("excluded", "Yes", False, "no") == [True, False, False]
    assert values("passage", 3, "4") == [3.0, 4.0]
    assert values("nominal_concentration", "1,5", 2) == [1.5, 2.0]
    assert values("treatment", "low\u3000dose", "ÄＡ 5") == ["low dose", "ÄA 5"]
    assert values("od_450", 0.5, -0.002) == [Value(0.5, "", "0.5"), Value(-0.002, "", "-0.002")]


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("role", "sampel", "role: found 'sampel', expected one of sample, standard"),
        ("role", datetime.date(2026, 1, 2), "role: found a date (2026-01-02), expected a name"),
        ("treatment", "low", "treatment: found 'low', which is no level of this factor"),
        ("treatment", "LOW  DOSE", "treatment: 'LOW  DOSE' differs from the level 'low dose' only"),
        ("passage", 2.5, "passage: found 2.5, expected a whole number"),
        ("od_450", datetime.time(1, 2), "od_450: found a date or time (01:02:00), expected a numb"),
        ("od_450", math.inf, "od_450: found 'inf', expected a number"),
    ],
)
def test_what_cannot_be_read_is_told_with_cell_and_well(name: str, raw: object, words: str) -> None:
    (problem,) = read(field(name, raw))[1]
    assert problem.startswith(f"Plate!B2 (well A1): {words}")


def test_texts_that_contradict_each_other_are_told_once() -> None:
    said, problems = read(field("od_450", "0,5", "0.5", 0.25))
    (problem,) = problems
    assert problem.startswith("Plate!A1: od_450: found both '0,5' and '0.5'")
    assert list(said.readings["od_450"]) == ["A3"]


def test_the_first_of_two_places_counts_and_a_conflict_names_both() -> None:
    first = field("od_450", 0.5, "OVRFLW", 0.1, "a b")
    second = field("od_450", 0.5, "*****", 0.100001, sheet="Wells")
    said, problems = read(first, second)
    assert said.readings["od_450"]["A3"].place == "Plate!D2"
    assert [p for p in problems if "but" in p] == [
        "Wells!D2 (well A3): od_450 is '0.100001' here, but '0.1' in Plate!D2. Make them agree, or "
        "empty one of the two cells."
    ]
    same = field("excluded", "yes"), field("excluded", True, sheet="Wells")
    assert read(*same)[1] == []


def test_a_name_without_levels_is_not_read_as_a_number() -> None:
    said, problems = read(field("later", "x"))
    assert (dict(said.values), dict(said.readings), problems) == ({}, {}, [])
