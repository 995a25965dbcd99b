from dataclasses import dataclass

import pytest

from assaykit.errors import InputError
from assaykit.parameters import as_words, describe, from_text, parameter, text_of


@dataclass(frozen=True)
class Settings:
    model: str = parameter("4pl", "the curve", choices=("4pl", "linear"), source="a paper")
    wavelength: float = parameter(450.0, "where to read", unit="nm")
    volume: float | None = parameter(None, "how much", unit="µL")
    blank: bool = parameter(True, "subtract the blank")
    analyte: str = parameter("", "what")


def test_each_parameter_is_described_once():
    item = describe(Settings)[0]
    assert (item.name, item.meaning, item.choices, item.source) == (
        "model", "the curve", ("4pl", "linear"), "a paper",
    )  # fmt: skip


def test_text_becomes_parameters_and_empty_keeps_the_default():
    given = {
        "model": " Linear",
        "volume": "２００",
        "blank": "No",
        "wavelength": None,
        "analyte": "",
    }
    assert from_text(Settings, given) == Settings("linear", 450.0, 200.0, False, "")


@pytest.mark.parametrize(("raw", "value"), [(True, True), (False, False), ("yes", True)])
def test_yes_no_parameters_accept_what_excel_and_python_give(raw, value):
    assert from_text(Settings, {"blank": raw}).blank is value


def test_all_problems_are_listed_with_a_suggestion():
    given = {"modle": "4pl", "model": "4p", "wavelength": "blue", "blank": "perhaps"}
    with pytest.raises(InputError) as caught:
        from_text(Settings, given)
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "'modle' is not a setting. Did you mean 'model'?" in text
    assert "model: found '4p', expected one of 4pl, linear. Did you mean '4pl'?" in text
    assert "found 'blue', expected a number" in text
    assert "blank: found 'perhaps', expected one of yes, no" in text


def test_words_for_records_name_the_unit():
    assert as_words(Settings(volume=200.0)) == {
        "model": "4pl", "wavelength": "450 nm", "volume": "200 µL", "blank": "yes", "analyte": "",
    }  # fmt: skip
    assert text_of(None) == ""


def test_what_is_written_is_read_back():
    made = Settings("linear", 562.0, 12.5, False, "RANKL")
    written = {item.name: text_of(getattr(made, item.name)) for item in describe(Settings)}
    assert from_text(Settings, written) == made


def test_free_text_is_kept_as_it_was_written():
    # NFKC would turn the micro sign of "µM" into a Greek letter.
    assert from_text(Settings, {"analyte": " \u00b5M  dye "}).analyte == "\u00b5M dye"
