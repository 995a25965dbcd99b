"""Settings are read by name; each value that cannot be is named with its cell."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from workbook_helpers import SPEC, Parameters, edit, only, problems

from assaykit.excel.cells import Cell, Sheet
from assaykit.workbook import examine_template
from assaykit.workbook.settings_sheet import read_settings, stated_assay


def sheet(*rows: tuple[object, object]) -> Sheet:
    cells = {(1, 1): Cell("setting"), (1, 2): Cell("value")}
    for row, pair in enumerate((("assay", "elisa"), *rows), start=2):
        cells |= {(row, c): Cell(value) for c, value in enumerate(pair, 1) if value is not None}
    return Sheet("Settings", cells)


def words(*rows: tuple[object, object]) -> list[str]:
    return [str(problem) for problem in read_settings(sheet(*rows), SPEC)[1]]


def test_what_is_empty_or_missing_keeps_its_default() -> None:
    settings, wrong = read_settings(sheet(("wavelength", None), ("model", "  ")), SPEC)
    assert wrong == []
    assert settings.parameters == Parameters()
    assert (settings.plate, settings.plate_format, settings.readings_file) == ("", 96, "")


def test_values_are_read_as_what_they_are() -> None:
    settings, wrong = read_settings(
        sheet(("Model", "LINEAR"), ("wavelength", "４０５"), ("extrapolate", True),
              ("plate_format", 384), ("plate_name", 7), ("concentration unit", "µM²"),
              ("readings_file", " データ（１）.xlsx "), ("template_version", 1)),
        SPEC,
    )  # fmt: skip
    assert wrong == []
    assert settings.parameters == Parameters(
        model="linear", wavelength=405.0, extrapolate=True, concentration_unit="µM²"
    )
    assert (settings.plate, settings.plate_format) == ("7", 384)
    assert settings.readings_file == "データ（１）.xlsx"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("model", "5pl", "Settings!B3: model: found '5pl', expected one of 4pl, linear. Did you"),
        ("extrapolate", "perhaps", "Settings!B3: extrapolate: found 'perhaps', expected one of ye"),
        ("wavelength", "blue", "Settings!B3: wavelength: found 'blue', expected a number"),
        ("wavelength", "OVRFLW", "Settings!B3: wavelength: found 'OVRFLW', expected a number"),
        ("plate_format", 95, "Settings!B3: plate_format: found '95', expected one of 6, 12, 24"),
        ("template_version", 2, "Settings!B3: the template has version 2, expected 1"),
        ("analyte", datetime.date(2026, 3, 1), "Settings!B3: analyte: found a date"),
        (
            "wavelenght",
            405,
            "Settings!A3: 'wavelenght' is not a setting. Did you mean 'wavelength'",
        ),
        ("assay", "elisa", "Settings!A3: 'assay' is already in A2"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, value: object, expected: str) -> None:
    (found,) = words((name, value))
    assert found.startswith(expected)


def test_one_decimal_mark_for_all_numbers() -> None:
    assert words(("wavelength", "450,5")) == []
    assert "decimal comma or a thousands separator" in words(("wavelength", "1,250"))[0]
    rows = (("wavelength", "450,5"), ("reference_wavelength", "1,250"))
    settings, _ = read_settings(sheet(*rows), SPEC)
    assert settings.parameters.reference_wavelength == 1.25


def test_notes_are_kept_in_the_persons_words() -> None:
    rows = (("note", "value"), ("date", datetime.datetime(2026, 9, 2)), ("Kit", " lot ² "),
            ("wavelength", "as usual"), ("empty", None), ("n", 3))  # fmt: skip
    settings, wrong = read_settings(sheet(*rows), SPEC)
    assert wrong == []
    assert settings.notes == {
        "date": "2026-09-02", "Kit": "lot ²", "wavelength": "as usual", "n": "3",
    }  # fmt: skip


def test_a_sheet_without_its_table_and_a_table_without_the_assay(plate: Path) -> None:
    assert stated_assay(Sheet("Settings", {})) == ("", None)
    edit(plate, {"Settings!A5": None, "Settings!B5": None})
    assert "there is no setting 'assay', expected 'elisa'" in str(only(plate, "no_assay"))
    edit(plate, {"Settings!A4": None})
    assert "no cell says 'setting'" in str(only(plate, "no_settings"))


def test_formulas_and_merged_cells(plate: Path) -> None:
    def merge(book: Workbook) -> None:
        book["Settings"].merge_cells("B12:B13")

    edit(plate, {"Settings!B10": ("=A1",)}, merge)
    assert [(p.code, p.cell) for p in problems(plate)] == [
        ("merged_cells", "B12:B13"),
        ("formula_without_value", "B10"),
    ]


def test_a_plate_is_still_looked_at_when_its_settings_are_wrong(plate: Path) -> None:
    edit(plate, {"Settings!B8": "many", "Plate!B5": "standart"})
    assert [p.code for p in problems(plate)] == ["unknown_choice", "unknown_choice"]
    assert examine_template(plate, SPEC)[0] is None
