"""Summaries count, sort and point on; they leave nothing out without saying so."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from report_studies import comparison, plate_study, remarks

from assaykit.design import Design
from assaykit.errors import Problem
from assaykit.report.sheets import table_sheet, workbook_at
from assaykit.report.summary import (
    SEVERITY_WORDS,
    standards_charts,
    write_plate_summary,
    write_study_summary,
)


@pytest.fixture
def lines_of(tmp_path):
    """The filled cells of each row of a Summary."""

    def lines(study, write=write_plate_summary, charts=False):
        path = tmp_path / "summary.xlsx"
        with workbook_at(path, "t") as book:
            write(book, study, standards_charts(book, study) if charts else [])
            for name, table in study.tables.items():
                table_sheet(book, name, table)
        sheet = openpyxl.load_workbook(path)["Summary"]
        if charts:
            return sheet._charts
        rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
        return [row for row in rows if row]

    return lines


def many_remarks(count):
    one = remarks("p", "RANKL").iloc[[0]]
    return pd.concat([one.assign(message=f"remark {number}") for number in range(count)])


def test_remarks_are_counted_by_severity(lines_of):
    lines = lines_of(plate_study())
    assert [words for words, _ in SEVERITY_WORDS.values()] == [
        line[0] for line in lines if line[0] in {words for words, _ in SEVERITY_WORDS.values()}
    ]
    assert [line[1] for line in lines if line[0].startswith(("failures", "warnings", "notes"))] == [
        1, 1, 1,
    ]  # fmt: skip


def test_more_remarks_than_fit_are_pointed_to(lines_of):
    lines = lines_of(replace(plate_study(), remarks=many_remarks(45)))
    assert ["remark 39"] in lines
    assert ["remark 40"] not in lines
    assert ["5 more are in the sheet QC."] in lines
    study = replace(comparison(), remarks=many_remarks(41))
    assert ["1 more are in the sheet QC."] in lines_of(study, write_study_summary)


def test_notes_alone_break_no_rule(lines_of):
    notes = remarks("p", "RANKL").query("severity == 'note'")
    lines = lines_of(replace(plate_study(), remarks=notes))
    assert ["No rule was broken."] in lines
    assert ["1 wells have no role."] not in lines


def test_problems_of_the_input_are_said_in_full(lines_of):
    problem = Problem("odd", "found 'x'", "p.xlsx", "Wells", "C3", remedy="Mend it.")
    lines = lines_of(replace(plate_study(), problems=(problem,)))
    assert ["p.xlsx, Wells!C3: found 'x'. Mend it."] in lines


def test_more_samples_than_fit_are_pointed_to(lines_of):
    samples = plate_study().tables["Samples"]
    many = pd.concat([samples] * 2, ignore_index=True).head(43)
    lines = lines_of(replace(plate_study(), tables={"Samples": many}))
    assert ["3 more are in the sheet Samples."] in lines


def test_samples_show_what_tells_them_apart_and_leave_out_blank_columns(lines_of):
    lines = lines_of(plate_study())
    header = lines[lines.index(["Samples"]) + 1]
    assert header[:3] == ["sample", "treatment", "analyte"]
    assert "concentration (pg/mL)" in header
    assert not {"plate", "role", "flag", "concentration unit"} & set(header)


def test_samples_in_two_units_name_no_unit_in_the_header(lines_of):
    samples = plate_study().tables["Samples"]
    units = ["ng/mL", *samples["concentration_unit"][1:]]
    lines = lines_of(
        replace(plate_study(), tables={"Samples": samples.assign(concentration_unit=units)})
    )
    assert "concentration" in lines[lines.index(["Samples"]) + 1]


def test_arms_come_in_declared_order_even_if_the_plate_has_them_otherwise(lines_of):
    study = plate_study()
    turned = replace(study, observations=study.observations.iloc[::-1])
    lines = lines_of(turned)
    first = lines.index(["Arms"]) + 2
    assert [line[0] for line in lines[first : first + 3]] == ["control", "vesicle", "KO vesicle"]


def test_a_plate_without_arms_says_nothing_of_them(lines_of):
    assert ["Arms"] not in lines_of(replace(plate_study(), design=Design()))


def test_effects_say_scale_and_unit_and_leave_missing_numbers_empty(lines_of):
    told = {"scale": "log2_fold_change", "p_adjusted": float("nan")}
    effects = comparison().effects.assign(**told)
    lines = lines_of(replace(comparison(), effects=effects), write_study_summary)
    row = next(line for line in lines if line[1:2] == ["vesicle vs control"])
    assert row == ["RANKL concentration", "vesicle vs control", 2, 1.6, 2.5, "log2 fold change",
                   0.00013, 4]  # fmt: skip


def test_a_chart_follows_standards_that_lie_apart(lines_of):
    standards = plate_study().tables["Standards"]
    turned = standards.iloc[[1, 2, 0, 3, 4, 5, 6, 7]]
    (chart,) = lines_of(replace(plate_study(), tables={"Standards": turned}), charts=True)
    assert chart.series[0].xVal.numRef.f == "(Standards!$C$2:$C$3,Standards!$C$5:$C$9)"


def test_each_curve_has_a_chart_of_its_own(lines_of):
    standards = plate_study().tables["Standards"]
    both = pd.concat([standards, standards.assign(analyte="OPG")], ignore_index=True)
    charts = lines_of(replace(plate_study(), tables={"Standards": both}), charts=True)
    ranges = [chart.series[0].yVal.numRef.f for chart in charts]
    assert ranges == ["Standards!$F$3:$F$9", "Standards!$F$11:$F$17"]


def test_standards_at_zero_only_have_no_chart(lines_of):
    standards = plate_study().tables["Standards"].head(1)
    assert lines_of(replace(plate_study(), tables={"Standards": standards}), charts=True) == []
