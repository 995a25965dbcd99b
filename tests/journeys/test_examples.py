"""The example plates: they are current, and give what is expected of them."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from assaykit.readers.pictures import open_picture
from assaykit.study import analyse_plate

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "example_plates"


def cells(path):
    book = load_workbook(path)
    return {
        (sheet.title, cell.coordinate): (cell.value, cell.comment.text if cell.comment else "")
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    runpy.run_path(str(EXAMPLES / "make.py"))["main"](folder)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "rankl_elisa",
        "alizarin_extraction",
        "alizarin_pictures",
        "vendor_elisa",
        "osteoblasts_qpcr",
        "vesicles_mir143",
    ],
)
def test_the_filled_templates_are_current(made, name):
    assert cells(made / name / f"{name}.xlsx") == cells(EXAMPLES / name / f"{name}.xlsx")


@pytest.mark.parametrize(
    "name",
    [
        "rankl_elisa",
        "alizarin_extraction",
        "alizarin_pictures",
        "osteoblasts_qpcr",
        "vesicles_mir143",
    ],
)
def test_the_expected_results_are_current(made, name):
    file = f"{name}/expected_results.csv"
    assert (made / file).read_text("utf-8") == (EXAMPLES / file).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "assay"), [("rankl_elisa", "elisa"), ("alizarin_extraction", "alizarin")]
)
def test_simulated_plates_give_their_truth_within_the_noise_that_was_put_on(name, assay):
    """Simulated truth: replicate means within 15 %, without a bias of more than 4 %."""
    found = analyse_plate(EXAMPLES / name / f"{name}.xlsx", assay).replicates
    truth = pd.read_csv(EXAMPLES / name / "expected_results.csv")
    both = found.merge(truth, on=["arm", "biological_replicate"])
    ratio = both["value"] / both["true_concentration"]
    assert len(both) == 12
    assert ratio.between(0.85, 1.15).all()
    assert ratio.mean() == pytest.approx(1.0, abs=0.04)


def test_the_pictures_are_those_that_are_simulated_now(made):
    """Within what two releases of OpenCV may round differently."""
    names = sorted(path.name for path in (EXAMPLES / "alizarin_pictures/pictures").iterdir())
    assert names == sorted(p.name for p in (made / "alizarin_pictures/pictures").iterdir())
    for name in names[::11]:
        here, there = (
            open_picture(folder / "alizarin_pictures/pictures" / name).pixels().astype(int)
            for folder in (EXAMPLES, made)
        )
        assert np.abs(here - there).mean() < 1.0


def test_the_pictures_give_their_true_fractions():
    """Simulated truth: all together within 1.5 points, and ranks agree.

    One picture of soft clouds may be 8 points off (benchmarks.mineral_accuracy finds up to 9).
    """
    study = analyse_plate(EXAMPLES / "alizarin_pictures/alizarin_pictures.xlsx", "alizarin")
    found = study.tables["Pictures"].set_index(["well", "field"])["mineralized_area_fraction"]
    truth = pd.read_csv(EXAMPLES / "alizarin_pictures/expected_results.csv", dtype={"field": str})
    true = truth.set_index(["well", "field"])["mineralized_area_fraction"]
    error = found - true
    assert len(error) == 56
    assert error.abs().max() < 0.08
    assert abs(error.mean()) < 0.015
    assert found.corr(true, method="spearman") > 0.97


def test_the_vendors_plate_gives_what_its_software_printed():
    """Vendor's answer: SoftMax Pro printed three decimals, half of the last is 0.0005."""
    study = analyse_plate(EXAMPLES / "vendor_elisa/vendor_elisa.xlsx", "elisa")
    printed = pd.read_csv(EXAMPLES / "vendor_elisa/expected_results.csv").set_index("well")
    found = study.observations.set_index("well")
    in_range = found[found["value"].notna()]
    vendor = printed.loc[in_range.index, "printed_concentration"].astype(float)
    assert len(in_range) >= 20
    difference = (in_range["back_calculated_concentration"] - vendor).abs()
    assert (difference <= 0.0005 * 1.0001).all()


def test_the_vendors_plate_flags_what_lies_outside_the_standards():
    study = analyse_plate(EXAMPLES / "vendor_elisa/vendor_elisa.xlsx", "elisa")
    printed = pd.read_csv(EXAMPLES / "vendor_elisa/expected_results.csv").set_index("well")
    found = study.observations.set_index("well")
    numbers = pd.to_numeric(printed["printed_concentration"], errors="coerce").reindex(found.index)
    outside = ~numbers.between(2.0, 200.0)
    assert found.loc[outside, "value"].isna().all()
    assert found.loc[~outside, "value"].notna().all()
