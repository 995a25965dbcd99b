"""The checks of a comparison as a reader finds them: on their sheet, in the Summary, in a plan."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
import report_studies as made

from assaykit.report import write_study_report
from assaykit.report.sheets import NOTE, WARNING, lines_of, table_sheet, workbook_at
from assaykit.report.summary import write_study_summary
from assaykit.stats.checks import BETWEEN_REPLICATES
from assaykit.tables import CHECKS
from assaykit.workbook.study_components import read_variance_components

FAULT = "differs from the model by 1.0e-02: please report this as a fault"
CONTRADICTED = "the data contradict normal residuals"
FINDINGS = (FAULT, CONTRADICTED, "the data do not contradict normal residuals", "=1+1")

needs_libreoffice = pytest.mark.skipif(
    not shutil.which("soffice"), reason="LibreOffice is not installed"
)


@pytest.fixture(scope="module")
def study():
    return made.compared(made.TWO_FACTORS, (1.0, 2.0, 1.1, 1.3), analytes=("RANKL", "OPG"))


@pytest.fixture(scope="module")
def written(study, tmp_path_factory):
    return write_study_report(study, tmp_path_factory.mktemp("checks"))


def findings_table():
    names = {"assay": "elisa", "analyte": "RANKL", "endpoint": "concentration", "check": "a check"}
    rows = [{**names, "subject": "wells", "p_value": 0.5, "finding": text} for text in FINDINGS]
    return pd.DataFrame(rows, columns=list(CHECKS.names))


def sheet_of(path, name="Checks"):
    return openpyxl.load_workbook(path)[name]


def column(sheet, name):
    return 1 + [cell.value for cell in sheet[1]].index(name)


def test_the_sheet_has_the_columns_of_the_checks_with_their_meaning(written):
    header = sheet_of(written["workbook"])[1]
    assert [cell.value for cell in header] == list(CHECKS.names)
    for cell, known in zip(header, CHECKS.columns, strict=True):
        assert cell.comment.text.startswith(known.meaning)


def test_the_sheet_says_that_checks_decide_nothing(written):
    header = {cell.value: cell.comment.text for cell in sheet_of(written["workbook"])[1]}
    for name in ("check", "finding"):
        assert "none of them chose a test, a scale or a value" in header[name]


def test_the_checks_come_back_as_they_were(study, written):
    found = pd.read_excel(written["workbook"], sheet_name="Checks", dtype=object)
    for known in CHECKS.columns:
        ours = study.checks[known.name]
        if known.kind == "text":
            assert found[known.name].fillna("").tolist() == ours.tolist()
        else:
            numbers = found[known.name].astype(float)
            pd.testing.assert_series_equal(numbers, ours.astype(float), rtol=1e-15)


def test_findings_are_wrapped_in_rows_that_are_high_enough(written):
    sheet = sheet_of(written["workbook"])
    number = column(sheet, "finding")
    cells = [sheet.cell(row, number) for row in range(2, sheet.max_row + 1)]
    width = sheet.column_dimensions[cells[0].column_letter].width
    assert width < 83
    assert all(cell.alignment.wrap_text for cell in cells)
    longest = max(cells, key=lambda cell: len(cell.value))
    assert len(longest.value) > width
    for cell in cells:
        height = sheet.row_dimensions[cell.row].height or 15
        assert height >= 15 * lines_of(cell.value, 80)


def test_no_other_column_is_wider_than_a_reader_can_take_in(written):
    widths = sheet_of(written["workbook"]).column_dimensions
    assert all(one.width <= 62 for letter, one in widths.items() if letter != "L")


def test_only_faults_and_contradictions_are_coloured(tmp_path):
    with workbook_at(tmp_path / "book.xlsx", "t") as book:
        table_sheet(book, "Checks", findings_table())
    sheet = sheet_of(tmp_path / "book.xlsx")
    rules = {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb[2:]
        for area in sheet.conditional_formatting
        for rule in area.rules
    }
    assert {str(area.sqref) for area in sheet.conditional_formatting} == {"L2:L5"}
    assert rules == {
        'ISNUMBER(SEARCH("please report this as a fault",$L2))': WARNING[1:],
        'ISNUMBER(SEARCH("the data contradict",$L2))': NOTE[1:],
    }
    searched = [formula.split('"')[1] for formula in rules]
    coloured = [text for text in FINDINGS if any(words in text for words in searched)]
    assert coloured == [FAULT, CONTRADICTED]
    assert sheet["L5"].data_type == "s"


def test_the_quality_remarks_of_the_plates_have_a_sheet_of_their_own(study, written):
    found = pd.read_excel(written["workbook"], sheet_name="QC")
    assert found["message"].tolist() == study.remarks["message"].tolist()


def test_a_study_without_checks_has_the_header_of_the_sheet(tmp_path):
    path = write_study_report(made.comparison(), tmp_path)["workbook"]
    assert [cell.value for cell in sheet_of(path)[1]] == list(CHECKS.names)


def test_a_plan_reads_the_variance_components_of_the_sheet(study, written):
    found = read_variance_components(written["workbook"], analyte="OPG")
    rows = study.checks.query("check == 'variance component' and analyte == 'OPG'")
    ours = rows.set_index("subject")["estimate"]
    assert found.variances == pytest.approx(ours.to_dict())
    assert BETWEEN_REPLICATES in found.variances
    assert found.scale == "ratio"


def test_the_residuals_are_among_the_figures_and_on_the_summary(written):
    assert {f"residuals.{kind}" for kind in ("png", "svg", "pdf")} <= set(written)
    assert len(sheet_of(written["workbook"], "Summary")._images) == 3


# --- the Summary ----------------------------------------------------------------------------


@pytest.fixture
def summary_of(tmp_path):
    """The filled cells of each row of a Summary, and the colours of its first column by text."""

    def read(study):
        path = tmp_path / "summary.xlsx"
        with workbook_at(path, "t") as book:
            write_study_summary(book, study, [])
        rows = list(sheet_of(path, "Summary").iter_rows())
        colours = {row[0].value: row[0].fill.fgColor.rgb[2:] for row in rows if row[0].value}
        lines = [[cell.value for cell in row if cell.value is not None] for row in rows]
        return [line for line in lines if line], colours

    return read


def test_the_summary_repeats_the_findings_that_are_worth_a_look(summary_of):
    lines, colours = summary_of(replace(made.comparison(), checks=findings_table()))
    start = "RANKL concentration, a check (wells): "
    assert colours[f"{start}{FAULT}."] == WARNING[1:]
    assert colours[f"{start}{CONTRADICTED}."] == NOTE[1:]
    assert not any("do not contradict" in str(line[0]) for line in lines)
    assert ["No check contradicts the model."] not in lines


def test_more_findings_than_fit_are_pointed_to(summary_of):
    many = pd.concat([findings_table().iloc[[1]]] * 43)
    lines, _ = summary_of(replace(made.comparison(), checks=many))
    assert ["3 more are in the sheet Checks."] in lines


def test_checks_without_a_contradiction_are_green(summary_of):
    lines, colours = summary_of(replace(made.comparison(), checks=findings_table().iloc[[2]]))
    assert colours["No check contradicts the model."] == "CDE8D8"
    assert ["Checks are reported beside the effects: none of them chose a test, a scale or a value."
            ] in lines  # fmt: skip


def test_checks_that_tested_nothing_praise_nothing(summary_of):
    lines, _ = summary_of(made.compared(replicates=2))
    assert ["Checks"] in lines
    assert ["No check contradicts the model."] not in lines
    assert ["Checks"] not in summary_of(made.comparison())[0]


def test_the_table_of_effects_has_equivalence_rescue_and_families(summary_of, study):
    lines, _ = summary_of(study)
    header = lines[lines.index(["Effects"]) + 1]
    assert header == ["endpoint", "contrast", "estimate", "ci low", "ci high", "scale", "p value",
                      "p adjusted", "p equivalence", "n biological"]  # fmt: skip
    (first, _) = [line for line in lines if "effect of WT / vesicle gone in KO / vesicle" in line]
    assert first[0] == "RANKL concentration"
    assert first[5:] == ["rescue fraction", 4]
    assert ["Adjustment within each endpoint: Holm, 5 planned contrasts; Bonferroni intervals."
            ] in lines  # fmt: skip


def test_without_a_margin_there_is_no_column_for_it(summary_of):
    plain = made.compared(replace(made.ONE_FACTOR, equivalence_margin=None))
    lines, _ = summary_of(plain)
    assert "p equivalence" not in lines[lines.index(["Effects"]) + 1]


# --- another program ------------------------------------------------------------------------


def values(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@needs_libreoffice
def test_libreoffice_reads_the_same_study(written, tmp_path):
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    words = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path)]
    subprocess.run([*words, str(written["workbook"])], check=True, capture_output=True, timeout=180)
    ours, theirs = values(written["workbook"]), values(tmp_path / "study.xlsx")
    assert theirs.keys() == ours.keys()
    for place, value in ours.items():
        if isinstance(value, float):
            assert theirs[place] == pytest.approx(value, rel=1e-12), place
        else:
            assert theirs[place] == value, place
