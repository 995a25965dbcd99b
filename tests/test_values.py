"""Cases 3-5, 24-28 and 30 of what comes in and must not hurt."""

import datetime
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.errors import InputError
from assaykit.values import (
    cell_name,
    decimal_mark,
    match_key,
    nearest,
    normalise,
    parse_value,
    suggestion,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.356", 0.356), ("-1.7e-05", -1.7e-05), ("-0.012", -0.012), ("+3", 3), (".5", 0.5),
        ("1,250.000", 1250.0), ("1,234,567", 1234567.0), ("２４．５", 24.5), ("−0.5", -0.5),
        ("\u00a00.5\u3000", 0.5), ("0\u200b.5", 0.5), (3, 3.0), (0.1, 0.1), ("7E3", 7000.0),
    ],
)  # fmt: skip
def test_numbers_as_instruments_and_people_write_them(text, number):
    value = parse_value(text)
    assert value.number == number
    assert value.flag == ""


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("OVRFLW", "saturated"), ("ovrflw", "saturated"), ("*****", "saturated"),
        ("#SAT", "saturated"), ("#Low", "below_range"), ("Range?", "out_of_range"),
        ("Path?", "pathlength_missing"), ("?????", "no_value"), ("< Min", "below_range"),
        ("> Max", "above_range"), ("<22.500", "below_range"), (">40.000", "above_range"),
        ("Undetermined", "undetermined"), ("UNDETERMINED", "undetermined"),
        ("undetermined", "undetermined"), ("N/A", "no_value"),
    ],
)  # fmt: skip
def test_instrument_words_become_flags_without_numbers(text, flag):
    value = parse_value(text)
    assert math.isnan(value.number)
    assert value.flag == flag
    assert value.text == text


def test_a_masked_reading_keeps_its_number_and_is_flagged():
    assert parse_value("*0.356*").number == 0.356
    assert parse_value("*0.356*").flag == "masked"


def test_an_empty_cell_is_no_number_and_no_flag():
    for empty in (None, "", "  ", "\u3000"):
        assert math.isnan(parse_value(empty).number)
        assert parse_value(empty).flag == ""


@pytest.mark.parametrize("text", ["0.5x", "abc", "1.2.3", "1,23,456", "0x10", "12 34", "<abc"])
def test_unknown_words_are_errors(text):
    with pytest.raises(InputError, match="expected a number"):
        parse_value(text)


def test_an_excel_error_is_named_as_such():
    with pytest.raises(InputError, match="the Excel error #DIV/0!") as caught:
        parse_value("#DIV/0!")
    assert caught.value.problems[0].code == "excel_error"


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,5", "2"], ","), (["0,123"], ","), (["1.250,5"], ","), (["1,250.5", "3"], "."),
        (["0.5", "1,250"], "."), (["12", "7"], "."), ([], "."), (["1,234,567"], "."),
        (["*0,356*", "OVRFLW"], ","), (["-0,01"], ","), (["1,5E-3"], ","),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_decided_from_the_whole_column(texts, mark):
    assert decimal_mark(texts) == mark


def test_a_lone_comma_before_three_digits_asks():
    with pytest.raises(InputError, match=r"'1,234' can be a decimal comma or a thousands"):
        decimal_mark(["1,234", "12"])


def test_contradicting_decimal_marks_are_an_error():
    with pytest.raises(InputError, match=r"both '1,5' and '1\.5'"):
        decimal_mark(["1,5", "1.5"])


def test_a_decimal_comma_is_read_with_points_as_thousands():
    assert parse_value("1.250,5", decimal=",").number == 1250.5


@given(st.floats(-1e6, 1e6, allow_nan=False))
@settings(derandomize=True, max_examples=50)
def test_what_python_prints_is_read_back_exactly(number):
    assert parse_value(repr(number)).number == number
    assert parse_value(repr(number).replace(".", ","), decimal=",").number == number


@pytest.mark.parametrize(
    ("raw", "name"),
    [("NA", "NA"), ("None", "None"), ("007", "007"), ("2E3", "2E3"), (12, "12"), (3.0, "3"),
     (None, ""), (" ", ""), ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"), ("日本", "日本")],
)  # fmt: skip
def test_names_stay_what_they_are(raw, name):
    assert cell_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (datetime.datetime(2026, 9, 2), "a date"),  # SEPT2
        (45536, "the serial number of a date"),
        (2.310009e19, "a decimal number"),  # 2310009E13
        (0.5, "a decimal number"),
        ("#N/A", "the Excel error #N/A"),
    ],
)
def test_names_that_excel_changed_are_errors(raw, words):
    with pytest.raises(InputError, match=words):
        cell_name(raw)


def test_matching_ignores_case_spaces_and_hyphens_but_only_to_suggest():
    assert match_key("miR-143-3p ") == match_key("mir 143 3P")
    assert normalise(" Vesicle") == "Vesicle"
    assert nearest("Vesicle", ["control", "vesicle"]) == "vesicle"
    assert suggestion("x", ["control", "vesicle"]) == "Use one of: control, vesicle."
