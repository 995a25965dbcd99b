"""Plates whose truth is known, from the file to the cells of the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from assaykit.report import report

EXAMPLES = Path(__file__).parents[2] / "example_plates"
PLATES = [("rankl_elisa", "elisa"), ("alizarin_extraction", "alizarin")]


@pytest.fixture(scope="module", params=PLATES, ids=[name for name, _ in PLATES])
def example(request, tmp_path_factory):
    """Study, files and true values of an example plate (simulated, see its SOURCE.md)."""
    from assaykit import analyse_plate

    name, assay = request.param
    study = analyse_plate(EXAMPLES / name / f"{name}.xlsx", assay)
    truth = pd.read_csv(EXAMPLES / name / "expected_results.csv")
    return study, report(study, tmp_path_factory.mktemp(name)), truth


def sheet(files, name) -> pd.DataFrame:
    return pd.read_excel(files["workbook"], sheet_name=name)


def test_the_cells_hold_the_true_concentrations(example):
    """Within 10 % on average of the simulated truth: pipetting and reader errors are on top."""
    _, files, truth = example
    keys = ["endpoint", "treatment", "biological_replicate"]
    cells = sheet(files, "Observations").query("role == 'sample'")
    found = np.exp(np.log(cells.set_index(keys)["value"]).groupby(keys).mean())
    ratio = found / truth.set_index(keys)["true_concentration"]
    assert ratio.notna().all()
    assert np.abs(np.log(ratio)).mean() < 0.1


def test_standards_come_back_at_their_nominal_concentration(example):
    _, files, _ = example
    table = sheet(files, "Standards")
    used = table[table["passed"] == "yes"]
    assert len(used) >= 6
    back = used["back_calculated_concentration"] / used["nominal_concentration"]
    assert (100 * back).to_numpy() == pytest.approx(used["recovery_percent"].to_numpy())
    assert back.between(0.75, 1.25).all()


def test_every_column_of_a_real_plate_has_a_comment(example):
    _, files, _ = example
    for page in openpyxl.load_workbook(files["workbook"]):
        if page.tables:
            assert [cell.value for cell in page[1] if cell.comment is None] == [], page.title


def test_a_real_plate_comes_back_through_the_reader_of_results(example):
    from assaykit.workbook import read_results

    study, files, _ = example
    found = read_results(files["workbook"])
    assert (found.title, found.assay, found.design) == (study.title, study.assay, study.design)
    assert found.steps == study.steps
    assert found.inputs == study.inputs
    assert found.edits == ()
    assert dict(found.settings) == dict(study.settings)
    before, after = study.observations, found.observations
    assert set(after.columns) == set(before.columns)
    np.testing.assert_allclose(after["value"], before["value"], rtol=1e-15)
    for name in ("well", "sample", "excluded", "response_unit", *study.design.factor_names):
        assert after[name].tolist() == before[name].tolist()


def test_the_curve_in_the_picture_is_the_curve_of_the_cells(example):
    from assaykit.report.figures.standard_curve import curve_figures

    study, files, _ = example
    (picture,) = curve_figures(study)
    points = next(
        line for line in picture.figure.axes[0].get_lines() if line.get_label() == "standard wells"
    )
    drawn = pd.Series(points.get_ydata()).groupby(np.round(points.get_xdata(), 9)).mean()
    cells = sheet(files, "Standards").sort_values("nominal_concentration")["mean_response"]
    assert drawn.to_numpy() == pytest.approx(cells.to_numpy())
