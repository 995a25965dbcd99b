"""A plan as a workbook and pictures, opened again as a reader would."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from assaykit.errors import OutputError, Problem
from assaykit.provenance import InputFile
from assaykit.report.plan_workbook import PLAN_COLUMNS, write_plan_report
from assaykit.stats.planning import PlanSettings, VarianceComponents
from assaykit.stats.planning_record import ComponentsSource, make_plan

STUDY = ComponentsSource(
    VarianceComponents(0.3, 0.15, 0.2),
    words="study.xlsx: elisa RANKL concentration",
    inputs=(InputFile("study.xlsx", "ab" * 32, 4096),),
    problems=(Problem("variance_taken_as_0", "It counts as 0.", "study.xlsx", "Checks",
                      severity="warning"),),
)  # fmt: skip


def made(size=1.5, source=STUDY, **settings):
    return make_plan(source, size, PlanSettings(**{"n_simulated": 200, **settings}))


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return write_plan_report(made(), tmp_path_factory.mktemp("plan"))


def texts(sheet) -> list[str]:
    return [cell.value for row in sheet for cell in row if isinstance(cell.value, str)]


def test_a_plan_s_files_and_sheets(plan):
    assert {name: path.name for name, path in plan.items()} == {
        "workbook": "plan.xlsx", "power.png": "power.png", "power.svg": "power.svg",
        "power.pdf": "power.pdf",
    }  # fmt: skip
    assert plan["power.svg"].parent.name == "figures"
    book = openpyxl.load_workbook(plan["workbook"])
    assert book.sheetnames == ["Summary", "Power", "Needed", "Methods", "Provenance"]


def test_the_tables_come_back_as_they_were_with_every_column_explained(plan):
    for name, table in (("Power", made().table), ("Needed", made().needed)):
        found = pd.read_excel(plan["workbook"], sheet_name=name)
        pd.testing.assert_frame_equal(found, table.astype(found.dtypes), rtol=1e-15)
        header = openpyxl.load_workbook(plan["workbook"])[name][1]
        assert all(cell.comment for cell in header)
    known = {column.name for column in PLAN_COLUMNS}
    assert set(made().needed) | set(made(-4, scale_of("difference")).needed) == known


def scale_of(scale, unit="pg/mL"):
    return ComponentsSource(VarianceComponents(3, 1, 2), scale, unit)


def test_the_summary_answers_first_in_words_then_in_numbers_with_a_picture(plan):
    sheet = openpyxl.load_workbook(plan["workbook"])["Summary"]
    said = texts(sheet)
    assert said[:3] == ["Plan of an experiment", "Power to find a 1.5-fold change", "In short"]
    assert said[3].startswith("With 3 wells per replicate and arm, 6 biological replicates per arm")
    assert said[3 : 3 + len(made().summary)] == list(made().summary)
    rows = [[cell.value for cell in row[:5]] for row in sheet.iter_rows()]
    assert [row[:3] for row in rows if row[:2] == [4, 6]] == [[4, 6, 24]]
    assert "study.xlsx, Checks: It counts as 0." in said
    assert any("declared before the experiment" in text for text in said)
    assert len(sheet._images) == 1


def test_what_no_planned_number_reaches_is_said_in_the_table(tmp_path):
    written = write_plan_report(made(1.1, replicates=(3, 4)), tmp_path)
    said = texts(openpyxl.load_workbook(written["workbook"])["Summary"])
    assert said.count("more than 4") == 5


def test_a_difference_has_its_unit_over_its_interval(tmp_path):
    written = write_plan_report(made(-4, scale_of("difference")), tmp_path)
    said = texts(openpyxl.load_workbook(written["workbook"])["Summary"])
    assert "expected interval (± pg/mL)" in said


def test_provenance_and_methods_hold_versions_parameters_seed_and_the_study(plan):
    table = pd.read_excel(plan["workbook"], sheet_name="Provenance", dtype=str)
    records = {(row.section, row.item): row.value for row in table.itertuples()}
    assert records["assaykit", "kind"] == "plan"
    assert records["setting", "seed"] == "2022"
    assert records["setting", "standard deviations"] == "study.xlsx: elisa RANKL concentration"
    assert records["input 1", "sha256"] == "ab" * 32
    assert {"numpy", "scipy"} <= {item for section, item in records if section == "version"}
    said = texts(openpyxl.load_workbook(plan["workbook"])["Methods"])
    assert any("200 simulated studies" in text for text in said)
    assert any("Hoenig" in text for text in said)


def test_the_same_plan_gives_the_same_bytes(plan, tmp_path):
    again = write_plan_report(made(), tmp_path)
    assert all(path.read_bytes() == plan[name].read_bytes() for name, path in again.items())


def test_a_folder_in_the_way_is_an_output_error(tmp_path):
    (tmp_path / "plan.xlsx").mkdir()
    with pytest.raises(OutputError, match="could not be written"):
        write_plan_report(made(), tmp_path)
