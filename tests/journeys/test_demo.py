"""The main job, as the README's first command runs it."""

import shutil

import pandas as pd
import pytest
from openpyxl import load_workbook

from assaykit.demo import example_plates, run_demo
from assaykit.errors import OutputError
from assaykit.simulate import study

SEED = 2022


def plates():
    return [path for path in example_plates().iterdir() if (path / f"{path.name}.xlsx").exists()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return run_demo(tmp_path_factory.mktemp("demo") / "assaykit-demo")


def test_the_demo_says_where_to_look_and_everything_is_there(demo):
    assert all(path.exists() for path in demo.outputs.values())
    assert str(demo.outputs["workbook"]) in demo.text
    assert len(demo.summary) == 32


def test_the_comparison_finds_the_true_effects(demo):
    """Simulated truth: at least nine of ten intervals hold what the study was simulated with."""
    effects = pd.read_excel(demo.outputs["workbook"], sheet_name="Effects", engine="openpyxl")
    truth = study(SEED).effects.query("scale in ('ratio', 'log2_fold_change', 'log')")
    both = effects.merge(truth, on=["assay", "analyte", "endpoint", "contrast"])
    assert sorted(both["contrast"]) == sorted(
        5 * ["KO vesicle vs control", "rescue_fraction", "vesicle vs KO vesicle",
             "vesicle vs control"]
    )  # fmt: skip
    inside = (both["ci_low"] < both["true_value"]) & (both["true_value"] < both["ci_high"])
    assert inside.mean() >= 0.9


def test_n_is_the_number_of_cultures_not_of_wells(demo):
    effects = pd.read_excel(demo.outputs["workbook"], sheet_name="Effects", engine="openpyxl")
    assert set(effects["n_biological"]) == {4}
    assert (effects["n_technical"] >= 12).all()


def test_the_demo_can_be_run_again_and_gives_the_same(demo):
    before = {name: path.read_bytes() for name, path in demo.outputs.items() if path.is_file()}
    again = run_demo(demo.outputs["workbook"].parents[1])
    after = {name: path.read_bytes() for name, path in again.outputs.items() if path.is_file()}
    assert after == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be copied"):
        run_demo(tmp_path / "file")


def test_the_examples_are_in_the_package_or_beside_it():
    assert {folder.name for folder in plates()} == {
        "rankl_elisa", "alizarin_extraction", "alizarin_pictures", "vendor_elisa",
        "osteoblasts_qpcr", "vesicles_mir143",
    }  # fmt: skip


def test_other_folders_among_the_examples_are_left_alone(tmp_path, monkeypatch):
    """Installing a package leaves folders such as __pycache__ in it."""
    (tmp_path / "examples" / "__pycache__").mkdir(parents=True)
    name = "alizarin_extraction"
    shutil.copytree(example_plates() / name, tmp_path / "examples" / name)
    monkeypatch.setattr("assaykit.demo.example_plates", lambda: tmp_path / "examples")
    assert set(run_demo(tmp_path / "out").outputs) >= {"Alizarin_CPC.results", "workbook"}
    assert not (tmp_path / "out" / "__pycache__").exists()


def test_every_example_has_its_source_and_what_is_expected():
    for folder in plates():
        assert (folder / "SOURCE.md").read_text("utf-8").startswith("# ")
        assert (folder / "expected_results.csv").is_file()
        assert load_workbook(folder / f"{folder.name}.xlsx").sheetnames[0] == "Instructions"


def test_the_examples_take_little_room():
    files = [path for path in example_plates().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 20_000_000
