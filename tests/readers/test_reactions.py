"""Words of qPCR programs: tasks, Cq cells, decimal marks; each as the programs write them."""

from __future__ import annotations

import math

import pytest

from assaykit.errors import InputError
from assaykit.readers.reactions import (
    as_cq,
    cq_cell,
    cq_decimal_mark,
    is_quantity_of,
    melt_column,
    name_cell,
    role_of,
    yes_or_no,
)
from assaykit.readers.source import Sheet, Source
from assaykit.tables import ROLES
from assaykit.values import Value


def source(separator="\t"):
    return Source("run.txt", "run", "text", (), separator=separator)


def cq_of(text, *, declared=True, decimal="."):
    sheet = Sheet("run.txt", "", {(2, 1): text} if text is not None else {})
    return cq_cell(sheet, 2, 1, decimal=decimal, well="A1", declared=declared)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("UNKNOWN", "sample"), ("Unkn-01", "sample"), ("unkn", "sample"), ("STANDARD", "standard"),
        ("Std-1", "standard"), ("std", "standard"), ("NTC", "ntc"), ("NTC-2", "ntc"),
        ("NRT", "nrt"), ("No RT", "nrt"), ("Neg Ctrl", "negative_control"), ("", ""),
        ("Pos Ctrl-3", "positive_control"), ("pos", "positive_control"),
        ("NAC", "negative_control"), ("IPC", "positive_control"),
        ("BlockedIPC", "negative_control"), ("Inter-run calibrator", "calibrator"),
        ("ENDOGENOUS CONTROL", "sample"),
    ],
)  # fmt: skip
def test_tasks_become_roles(word, role):
    assert role_of(word) == role


def test_the_roles_themselves_are_tasks_and_other_words_are_none():
    assert [role_of(role) for role in ROLES] == list(ROLES)
    assert role_of("PC_ALLELE_1") is None
    assert role_of("7") is None


@pytest.mark.parametrize(
    "text",
    ["Undetermined", "UNDETERMINED", "undetermined", "N/A", "NaN", "No Ct", "No Cт", "undet.", "-",
     "-1", "−1", "-1.0", -1.0, "> 40", "", None],
)  # fmt: skip
def test_no_cq_of_a_sample_is_undetermined(text):
    found = cq_of(text)
    assert found.flag == "undetermined"
    assert math.isnan(found.number)


def test_a_blank_of_an_empty_well_is_nothing():
    assert cq_of(None, declared=False) is None
    assert cq_of("N/A", declared=False).flag == "undetermined"


@pytest.mark.parametrize("text", ["0", "-0.3", "-1.7e-05", "101", "21,187.753"])
def test_a_number_that_is_no_cq_is_a_problem_with_its_place(text):
    problem = cq_of(text)
    assert problem.code == "not_a_cq"
    assert str(problem).startswith(f"run.txt, line 2 (well A1): found {text}, expected a Cq")


def test_other_words_keep_their_meaning():
    assert cq_of("*30.1*") == Value(30.1, "masked", "*30.1*")
    assert cq_of("Range?").flag == "out_of_range"
    assert cq_of("ODD").code == "not_a_number"
    assert as_cq(Value(math.nan, "", "nan"), False).flag == "undetermined"


@pytest.mark.parametrize(
    ("cqs", "others", "separator", "mark"),
    [
        (["30.155", "Undetermined"], ["1,250.000"], "\t", "."),
        (["30,155", "29,799"], [], "\t", ","),  # three decimals, and no thousands of cycles
        (["30,155"], ["1.250,000"], "\t", ","),
        (["21,5"], ["1250"], ";", ","),
        (["30"], ["1,250"], ";", ","),
        ([30.155], [1250.0], "", "."),
        (["Undetermined"], [], "\t", "."),
    ],
)
def test_the_decimal_mark_of_a_run(cqs, others, separator, mark):
    assert cq_decimal_mark(source(separator), cqs, others, []) == mark


def test_mixed_decimal_marks_name_both():
    with pytest.raises(InputError, match=r"run\.txt: found both '30,155' and '1,250\.000'"):
        cq_decimal_mark(source(), ["30,155"], ["1,250.000"], [])
    with pytest.raises(InputError, match=r"'1,250' can be a decimal comma or a thousands"):
        cq_decimal_mark(source(), ["Undetermined"], ["1,250"], [])


def test_only_declared_quantities_count():
    assert [is_quantity_of(task) for task in ("standard", "", "sample", "ntc")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_melting_peaks_and_yes_or_no():
    assert melt_column("Tm3") == ("tm", 3)
    assert melt_column("Melt Temperature") == ("tm", 0)
    assert melt_column("Peak Height") == melt_column("Melt Peak Height") == ("melt_peak_height", 0)
    assert melt_column("Tmax") is None
    assert [yes_or_no(t) for t in ("true", "FALSE", "1", "maybe")] == [True, False, True, None]


@pytest.mark.parametrize("name", ["NA", "None", "007", "TJP-1 Rhesus", "対照 1"])
def test_names_stay_what_they_are(name):
    assert name_cell(Sheet("r.xlsx", "S", {(1, 1): name}), 1, 1, []) == name


def test_a_name_that_became_a_date_is_a_problem():
    problems = []
    assert name_cell(Sheet("r.xlsx", "S", {(2, 3): 45000}), 2, 3, problems) == ""
    assert str(problems[0]).startswith("r.xlsx, S!C2: found the serial number of a date (45000)")
