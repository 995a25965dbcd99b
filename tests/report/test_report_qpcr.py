"""The report of a qPCR plate: what it says first, and how its sheets look."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from example_studies import example, three_references

from assaykit.report import write_plate_report
from assaykit.report.sheets import NOTE, WARNING, table_sheet, workbook_at
from assaykit.report.words import own_columns

SHEETS = ["Summary", "Observations", "Targets", "Technical replicates", "Efficiency",
          "Reference genes", "Controls", "MIQE", "Reference responses", "Wells", "QC", "Design",
          "Methods", "Provenance"]  # fmt: skip


@pytest.fixture(scope="module")
def osteoblasts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("osteoblasts")
    written = write_plate_report(example("osteoblasts_qpcr"), folder)
    return written, openpyxl.load_workbook(written["workbook"])


@pytest.fixture(scope="module")
def vesicles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vesicles")
    written = write_plate_report(example("vesicles_mir143"), folder)
    return written, openpyxl.load_workbook(written["workbook"])


def rows_of(sheet) -> list[list]:
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    return [row for row in rows if row]


def cell_of(sheet, name, row=2):
    number = [cell.value for cell in sheet[1]].index(name) + 1
    return sheet.cell(row, number)


def rules_of(sheet, name) -> dict[str, str]:
    letter = cell_of(sheet, name).column_letter
    return {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb[2:]
        for area in sheet.conditional_formatting
        if str(area.sqref).startswith(f"{letter}2")
        for rule in area.rules
        if rule.dxf.fill
    }


def test_a_mean_is_told_in_the_words_of_its_axis_with_the_unit_once():
    said = example("osteoblasts_qpcr").summary
    assert said[0] == "72 of 72 sample results have a number and count."
    assert said[1].startswith("RUNX2 expression, −ΔCq (log2), control: mean −")
    assert said[1].endswith(" (n = 4 × culture).")
    assert all("log2 log2" not in text and text.count("log2") <= 1 for text in said)
    assert all(" -" not in text for text in said)


def test_results_that_are_bounds_are_told():
    said = example("vesicles_mir143").summary
    assert said[1] == (
        "12 of them are upper bounds, since nothing was found: 12 of miR-143-3p KO vesicle."
    )
    assert not any("bounds" in text for text in example("osteoblasts_qpcr").summary)


def test_sheets_stand_in_their_order_and_those_without_rows_are_left_out(osteoblasts, vesicles):
    assert set(osteoblasts[1].sheetnames) == set(SHEETS)
    assert osteoblasts[1].sheetnames[:2] == SHEETS[:2]
    assert "Undetermined" in vesicles[1].sheetnames
    assert "Melt" not in vesicles[1].sheetnames


def test_the_pictures_are_the_dilution_series_and_the_plate(osteoblasts):
    written, book = osteoblasts
    assert list(written) == ["workbook", "dilution_series", "plate"]
    assert len(book["Summary"]._images) == 2


def test_the_summary_shows_efficiencies_and_quantities_with_their_units(osteoblasts, vesicles):
    rows = rows_of(osteoblasts[1]["Summary"])
    heads = [row for row in rows if row[0] in ("target", "sample")]
    assert heads[0][:4] == ["target", "role", "efficiency (1.00 = 100 %)", "efficiency source"]
    assert heads[1] == [
        "sample", "target", "n wells", "n undetermined", "mean cq (cycles)", "delta cq (cycles)",
        "relative quantity (calibrator = 1)", "flags",
    ]  # fmt: skip
    assert [row[1] for row in rows if row[0] == "ACTB"] == ["reference"]
    sheet = vesicles[1]["Summary"]
    flagged = [c for row in sheet.iter_rows() for c in row if c.value == "at_bound"]
    assert len(flagged) == 4
    assert {cell.fill.fgColor.rgb[2:] for cell in flagged} == {WARNING[1:]}


def test_numbers_have_as_many_digits_as_they_deserve(osteoblasts, vesicles):
    book = osteoblasts[1]
    shown = {
        ("Observations", "cq"): "0.000", ("Observations", "value"): "0.000",
        ("Observations", "efficiency"): "0.000", ("Wells", "value"): "0.000",
        ("Targets", "mean_cq"): "0.000", ("Targets", "efficiency"): "0.000",
        ("Technical replicates", "sd_cq"): "0.000", ("Efficiency", "slope"): "0.000",
        ("Efficiency", "r_squared"): "0.0000", ("Efficiency", "highest"): "General",
        ("Controls", "latest_sample_cq"): "0.000", ("Wells", "expected_tm"): "General",
    }  # fmt: skip
    found = {key: cell_of(book[key[0]], key[1]).number_format for key in shown}
    assert found == shown
    bounds = cell_of(vesicles[1]["Undetermined"], "relative_quantity_bound")
    assert bounds.number_format == "0.00E+00"


def test_every_header_has_a_comment_on_every_sheet(osteoblasts, vesicles):
    for book in (osteoblasts[1], vesicles[1]):
        for name in book.sheetnames:
            if name not in ("Summary", "Design", "Methods"):
                assert all(cell.comment for cell in book[name][1]), name
    comment = cell_of(osteoblasts[1]["Efficiency"], "slope", 1).comment.text
    assert comment.endswith("Unit: cycles per decade")


def test_sentences_run_over_lines(vesicles):
    results = cell_of(vesicles[1]["Undetermined"], "result")
    assert results.alignment.wrap_text


def test_undetermined_is_coloured_in_samples_and_not_in_controls(osteoblasts, vesicles):
    sheet = vesicles[1]["Observations"]
    role, flags = (cell_of(sheet, name).column_letter for name in ("role", "flags"))
    expected = (
        f'AND(${flags}2<>"",NOT(AND(OR(${role}2="ntc",${role}2="nrt"),${flags}2="undetermined")))'
    )
    assert rules_of(sheet, "flags") == {expected: WARNING[1:]}
    assert "NOT(AND(OR" in next(iter(rules_of(osteoblasts[1]["Wells"], "flag")))


def test_outliers_and_missing_answers_are_coloured(osteoblasts):
    book = osteoblasts[1]
    outliers = rules_of(book["Technical replicates"], "outlier")
    assert [*outliers.values()] == [WARNING[1:]]
    answers = rules_of(book["MIQE"], "answer")
    assert answers == {'$D2="missing"': NOTE[1:]}


def test_tables_that_no_example_has_are_written_with_units(tmp_path):
    own = own_columns(example("osteoblasts_qpcr"))
    with workbook_at(tmp_path / "book.xlsx", "t") as book:
        for name, table in three_references().items():
            table_sheet(book, name, table, own)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert cell_of(book["Melt"], "tm").number_format == "0.0"
    assert cell_of(book["Melt"], "tm", 1).comment.text.endswith("Unit: °C")
    assert cell_of(book["Reference genes"], "m").number_format == "0.000"
    assert cell_of(book["Reference genes"], "rank").number_format == "0"
    found = pd.read_excel(tmp_path / "book.xlsx", sheet_name="Melt")
    assert found["second_height"].tolist() == [0.1] * len(found)
