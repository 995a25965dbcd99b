"""Names of blocks and columns, and problems that are told once."""

from __future__ import annotations

import pytest
from workbook_helpers import SPEC

from assaykit.errors import Problem
from assaykit.workbook import Variable
from assaykit.workbook.fields import Vocabulary, in_wells, together

VOCABULARY = Vocabulary(SPEC, (Variable("Dose (nM)", "text", "", choices=("0", "5")),), ("time",))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Nominal-Concentration", "nominal_concentration"),
        ("dose (nm)", "Dose (nM)"),
        ("Time", "time"),
        ("OD-620", "od_620"),
        ("od_45", ""),
        ("treatment", ""),
        ("", ""),
    ],
)
def test_names_are_known_whatever_their_case_and_hyphens(text: str, name: str) -> None:
    assert VOCABULARY.resolve(text) == name


def test_what_a_name_means() -> None:
    role = VOCABULARY.variable("role")
    assert role is not None
    assert role.kind == "text"
    assert VOCABULARY.variable("od_450") is None


def test_an_unknown_name_is_told_with_the_nearest_or_with_all() -> None:
    message, remedy = VOCABULARY.unknown("dilution factr", "column")
    assert message.startswith("the column 'dilution factr' is no variable")
    assert remedy == "Did you mean 'dilution_factor'?"
    assert VOCABULARY.unknown("xyz", "block")[1].endswith("is declared on Design.")


def test_only_problems_that_are_the_same_are_united() -> None:
    def problem(cell: str, well: str, sheet: str = "Plate", message: str = "empty") -> Problem:
        return Problem("x", message, "", sheet, cell, well)

    found = together(
        [
            problem("B5", "A1"),
            problem("Z9", "", message="other"),
            problem("B6:C6", "B1"),
            problem("C5", "A2"),
            problem("B5", "A1", sheet="Wells"),
        ]
    )
    assert [(p.sheet, p.cell, p.well) for p in found] == [
        ("Plate", "B5:C6", "A1:A2, B1"),
        ("Plate", "Z9", ""),
        ("Wells", "B5", "A1"),
    ]


def test_wells_of_large_plates_in_few_words() -> None:
    assert in_wells(["Z1", "AA1", "AF48"]) == "Z1:AA1, AF48"
