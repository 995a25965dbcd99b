"""A table becomes a sheet in which text is text, numbers are numbers and nothing is a formula."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from report_studies import ARMS, design, plate_study

from assaykit.errors import OutputError
from assaykit.report.sheets import table_sheet, workbook_at
from assaykit.report.words import own_columns

NAMES = [
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "007", "2E3", "NA", "None", "1/2", "http://a.b",
    "mailto:a@b", "{=A1}", "TRUE", "SEPT2", "骨芽細胞", " space ", "two\nlines", "\x07bell", "<b>&",
]  # fmt: skip


def written(tmp_path, tables, levels=ARMS):
    path = tmp_path / "book.xlsx"
    own = own_columns(replace(plate_study(), design=design(levels)))
    with workbook_at(path, "title") as book:
        for name, table in tables.items():
            table_sheet(book, name, table, own)
    return path


def sheet_of(path, name="Observations"):
    return openpyxl.load_workbook(path)[name]


def column_of(sheet, name):
    number = [cell.value for cell in sheet[1]].index(name) + 1
    return [sheet.cell(row, number) for row in range(2, sheet.max_row + 1)]


def test_names_stay_text_whatever_they_look_like(tmp_path):
    table = pd.DataFrame({"sample": NAMES, "value": range(len(NAMES))})
    cells = column_of(sheet_of(written(tmp_path, {"Observations": table})), "sample")
    shown = [text.replace("\x07", "?") for text in NAMES]
    assert [cell.value for cell in cells] == shown
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert all(cell.quotePrefix for cell in cells)


@pytest.mark.parametrize("name", [text for text in NAMES if text.isprintable()])
def test_a_header_stays_text_too(tmp_path, name):
    path = written(tmp_path, {"Observations": pd.DataFrame({name: ["x"], "value": [1.0]})})
    cell = sheet_of(path)["A1"]
    assert (cell.value, cell.data_type) == (name, "s")


def test_no_sheet_of_tables_has_a_formula(tmp_path):
    table = pd.DataFrame({"sample": NAMES, "excluded": [False] * len(NAMES), "flags": "=1+1"})
    with zipfile.ZipFile(written(tmp_path, {"Observations": table})) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml").replace(b"</f>", b"")


def test_numbers_are_numbers_and_what_is_missing_is_an_empty_cell(tmp_path):
    table = pd.DataFrame(
        {
            "well": ["A1", None, np.nan, ""],
            "value": [1.5, np.nan, np.inf, -0.25],
            "n_wells": pd.array([1, None, 3, 4], dtype="Int64"),
            "excluded": [True, False, "yes", None],
            "passed": pd.array([True, None, False, True], dtype="boolean"),
            "odd": pd.Series([np.float32(0.5), np.int64(2), pd.NA, True], dtype=object),
        }
    )
    sheet = sheet_of(written(tmp_path, {"Observations": table}))
    found = {name.value: [c.value for c in column_of(sheet, name.value)] for name in sheet[1]}
    assert found == {
        "well": ["A1", None, None, None],
        "value": [1.5, None, None, -0.25],
        "n_wells": [1, None, 3, 4],
        "excluded": ["yes", "no", "yes", None],
        "passed": ["yes", None, "no", "yes"],
        "odd": [0.5, 2, None, "yes"],
    }


def test_a_factor_with_numbers_for_levels_is_text(tmp_path):
    table = pd.DataFrame({"well": ["A1", "A2"], "treatment": [0, 10.0]})
    cells = column_of(sheet_of(written(tmp_path, {"Observations": table})), "treatment")
    assert [cell.value for cell in cells] == ["0", "10"]


def test_each_sheet_is_an_excel_table_with_a_frozen_header(tmp_path):
    table = pd.DataFrame({"plate": ["p"], "well": ["A1"], "value": [0.5]})
    path = written(
        tmp_path, {"Observations": table, "Dose/response": table, "Dose:response": table}
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Observations", "Dose_response", "Dose_response 2"]
    names = [name for sheet in book for name in sheet.tables]
    assert names == ["table_Observations", "table_Dose_response", "table_Dose_response_2"]
    assert book["Observations"].tables["table_Observations"].ref == "A1:C2"
    assert book["Observations"].freeze_panes == "C2"
    assert book["Observations"].tables["table_Observations"].autoFilter is not None


@pytest.mark.parametrize(
    "columns",
    [["dose", "Dose"], ["dose", "dose"], ["dose", ""], ["dose", "x" * 300], ["dose", "a\nb"]],
    ids=["case", "twice", "blank", "long", "lines"],
)
def test_headers_that_no_excel_table_can_have_are_filtered_only(tmp_path, columns):
    table = pd.DataFrame([["a", "b"]], columns=columns)
    sheet = sheet_of(written(tmp_path, {"Own": table}), "Own")
    assert not sheet.tables
    assert sheet.auto_filter.ref == "A1:B2"
    assert [sheet["A2"].value, sheet["B2"].value] == ["a", "b"]


def test_an_empty_table_has_its_header_and_no_rows(tmp_path):
    nothing, columns = pd.DataFrame(), pd.DataFrame(columns=["plate", "well", "value"])
    path = written(tmp_path, {"QC": nothing, "Wells": columns, "Unknown": nothing})
    assert [cell.value for cell in sheet_of(path, "QC")[1]][:2] == ["rule", "severity"]
    assert [cell.value for cell in sheet_of(path, "Wells")[1]] == ["plate", "well", "value"]
    assert pd.read_excel(path, sheet_name="Wells").empty
    assert sheet_of(path, "Unknown").max_row == 1


def test_header_comments_say_meaning_and_unit(tmp_path):
    table = pd.DataFrame({"well": ["A1"], "cv_percent": [1.0], "treatment": ["control"]})
    first = sheet_of(written(tmp_path, {"Standards": table}), "Standards")[1]
    assert first[0].comment.text == "SBS name of the well, such as A1"
    assert first[1].comment.text.endswith("Unit: %")
    assert first[2].comment.text == "factor of the design: control (reference), vesicle, KO vesicle"


def test_a_factor_cannot_smuggle_anything_into_a_comment(tmp_path):
    levels = ("=1+1", "\x07\x00", "a" * 40000)
    path = written(tmp_path, {"Wells": pd.DataFrame({"treatment": levels})}, levels)
    assert "=1+1 (reference)" in sheet_of(path, "Wells")["A1"].comment.text


def test_flags_exclusions_and_severities_are_coloured_by_rules_that_follow_edits(tmp_path):
    table = pd.DataFrame(
        {"well": ["A1"], "excluded": [False], "flags": [""], "severity": ["note"], "passed": [True]}
    )
    sheet = sheet_of(written(tmp_path, {"Observations": table}))
    rules = {
        str(area.sqref): [rule.formula[0] for rule in area.rules]
        for area in sheet.conditional_formatting
    }
    assert rules["A2:E2"] == ['$B2="yes"']
    assert rules["C2"] == ['$C2<>""']
    assert '$D2="failure"' in rules["D2"]
    assert rules["E2"] == ['$E2="no"']


def test_columns_are_as_wide_as_their_content_within_reason(tmp_path):
    table = pd.DataFrame(
        {"well": ["A1"], "sample": ["骨芽細胞の培養上清" * 2], "source": ["x" * 500]}
    )
    sheet = sheet_of(written(tmp_path, {"Observations": table}))
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert 8 <= widths[0] <= 12
    assert 36 <= widths[1] <= 40
    assert 60 <= widths[2] <= 63


def test_the_same_content_gives_the_same_bytes(tmp_path):
    table = pd.DataFrame({"well": ["A1"], "value": [0.5]})
    first = written(tmp_path, {"Observations": table}).read_bytes()
    assert written(tmp_path, {"Observations": table}).read_bytes() == first


def test_a_failure_in_the_middle_leaves_the_old_workbook_whole(tmp_path):
    path = written(tmp_path, {"Observations": pd.DataFrame({"well": ["A1"]})})
    before = path.read_bytes()
    with pytest.raises(KeyError), workbook_at(path, "title"):
        raise KeyError
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path):
    (tmp_path / "book.xlsx").mkdir()
    with pytest.raises(OutputError, match=r"book\.xlsx could not be written"):
        written(tmp_path, {"Observations": pd.DataFrame({"well": ["A1"]})})
