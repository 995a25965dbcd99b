"""The journey from a filled template to a Study, and from results to a comparison."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from assaykit.assays import find_assay
from assaykit.assays.elisa import ElisaParameters
from assaykit.errors import InputError, NothingToAnalyseError
from assaykit.report import write_plate_report
from assaykit.simulate import elisa_plate
from assaykit.study import analyse_plate, compare_results
from assaykit.workbook import PlateWorkbook, read_results, write_template


def filled(folder, name="plate", **changes):
    """A filled ELISA template with the changed parts."""
    made = elisa_plate(seed=5)
    content = PlateWorkbook(
        assay="elisa", plate=made.plate, plate_format=96, wells=made.wells,
        readings=made.readings, design=made.design,
        settings=ElisaParameters(analyte="RANKL", reference_wavelength=570.0),
    )  # fmt: skip
    path = folder / f"{name}.xlsx"
    write_template(path, find_assay("elisa").template, content=replace(content, **changes))
    return path


def results_of(path, folder):
    return write_plate_report(analyse_plate(path, "elisa"), folder)["workbook"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return analyse_plate(filled(tmp_path_factory.mktemp("study")), "elisa")


def test_a_study_holds_every_well_of_the_plate(study):
    assert study.title == "RANKL_ELISA"
    assert study.wells["well"].nunique() == 96
    assert len(study.observations) == 72 + 4
    assert set(study.replicates["n_wells"]) == {6}


def test_the_record_names_the_input_by_its_hash_and_every_step(study):
    (file,) = study.inputs
    assert file.name == "plate.xlsx"
    assert len(file.sha256) == 64
    assert [step.name for step in study.steps][:2] == ["reading", "standard curve"]
    assert study.settings["reference_wavelength"] == "570 nm"


def with_blocks(folder, name="plate", **blocks):
    """A filled template whose design names blocks, with their values in the order of the wells."""
    made = elisa_plate(seed=5)
    design = replace(made.design, blocks=tuple(blocks))
    return filled(folder, name, design=design, wells=made.wells.assign(**blocks))


def test_blocks_reach_the_observations_and_the_results(tmp_path):
    wells = elisa_plate(seed=5).wells
    days = ("day " + wells["biological_replicate"].str[-1]).where(wells["role"] == "sample", "")
    study = analyse_plate(with_blocks(tmp_path, day=days), "elisa")
    by_well = dict(zip(wells["well"], days, strict=True))
    assert study.observations["day"].tolist() == [by_well[w] for w in study.observations["well"]]
    assert set(study.observations.loc[study.observations["role"] == "qc", "day"]) == {""}
    names = list(study.observations.columns)
    assert names.index("treatment") < names.index("day") < names.index("assay")
    found = read_results(write_plate_report(study, tmp_path / "out")["workbook"])
    assert found.design.blocks == ("day",)
    assert found.observations["day"].tolist() == study.observations["day"].tolist()


def test_blocks_do_not_split_the_samples(tmp_path, study):
    """The wells of a sample stay one sample, even if two people pipetted them."""
    wells = elisa_plate(seed=5).wells
    operators = pd.Series(["Sato", "Ito"] * 48)[: len(wells)]
    other = analyse_plate(with_blocks(tmp_path, operator=operators), "elisa")
    assert set(other.tables) == set(study.tables)
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(other.tables[name], table)
    pd.testing.assert_frame_equal(other.remarks, study.remarks)
    assert other.observations["operator"].isin(["Sato", "Ito"]).all()
    plain = other.observations.drop(columns="operator")
    pd.testing.assert_frame_equal(plain, study.observations)


def test_a_plate_that_leaves_a_block_open_says_nothing_of_it(tmp_path):
    made = elisa_plate(seed=5)
    first = with_blocks(tmp_path, "first", operator=["Sato"] * len(made.wells))
    second = filled(tmp_path, "second", plate="second", wells=made.wells.assign(plate="second"),
                    readings=made.readings.assign(plate="second"))  # fmt: skip
    study = compare_results([results_of(path, tmp_path / "out") for path in (first, second)])
    assert study.design.blocks == ("operator",)
    by_plate = study.observations.groupby("plate")["operator"].unique().map(list).to_dict()
    assert by_plate == {"RANKL_ELISA": ["Sato"], "second": [""]}
    assert [str(problem) for problem in study.problems if problem.code == "empty_block"] == [
        "nothing is said of operator on second. Fill it there too, or take it out of the "
        "design's blocks."
    ]


def test_overrides_replace_settings_and_are_recorded(tmp_path):
    study = analyse_plate(filled(tmp_path), "elisa", {"weighting": "1/y2", "subtract_blank": False})
    assert study.settings["weighting"] == "1/y2"
    assert next(iter(study.curves.values())).weighting == "1/y2"


def test_all_wrong_overrides_are_listed(tmp_path):
    with pytest.raises(InputError) as caught:
        analyse_plate(filled(tmp_path), "elisa", {"modle": "4pl", "weighting": "2"})
    assert len(caught.value.problems) == 2


def test_readings_may_stand_in_an_instruments_file(tmp_path):
    made = elisa_plate(seed=5)
    wide = made.readings.pivot(index="well", columns="channel", values="value").reset_index()
    wide.to_csv(tmp_path / "reader.csv", index=False)
    nothing = made.readings.head(0)
    path = filled(tmp_path, "named", readings=nothing, readings_file="reader.csv")
    named = analyse_plate(path, "elisa")
    pasted = analyse_plate(filled(tmp_path, "pasted"), "elisa")
    assert [file.name for file in named.inputs] == ["named.xlsx", "reader.csv"]
    pd.testing.assert_series_equal(named.observations["value"], pasted.observations["value"])
    assert "reader.csv" in named.wells["source"].iloc[0]


def test_nothing_in_range_says_why(tmp_path):
    made = elisa_plate(seed=5)
    samples = made.wells.loc[made.wells["role"].isin(["sample", "qc"]), "well"]
    low = made.readings["well"].isin(samples)
    readings = made.readings.assign(value=made.readings["value"].mask(low, 0.05))
    with pytest.raises(NothingToAnalyseError, match=r"number \(\d+ × be"):
        analyse_plate(filled(tmp_path, readings=readings), "elisa")


def test_a_plate_without_factors_is_quantified_but_not_compared(tmp_path):
    plain = replace(elisa_plate(seed=5).design, factors=(), contrasts=(), rescue=None)
    wells = elisa_plate(seed=5).wells.drop(columns="treatment")
    lone = filled(tmp_path, "lone", design=plain, wells=wells.assign(plate="lone"), plate="lone",
                  readings=elisa_plate(seed=5).readings.assign(plate="lone"))  # fmt: skip
    found = [results_of(filled(tmp_path, "with arms"), tmp_path), results_of(lone, tmp_path)]
    study = compare_results(found)
    assert [problem.code for problem in study.problems] == ["not_compared"]
    assert set(study.observations["plate"]) == {"RANKL_ELISA"}


def test_what_a_person_excluded_in_the_results_counts_and_is_recorded(tmp_path):
    from openpyxl import load_workbook

    path = results_of(filled(tmp_path), tmp_path / "out")
    before = compare_results([path])
    book = load_workbook(path)
    sheet = book["Observations"]
    names = [cell.value for cell in sheet[1]]
    sheet.cell(2, names.index("excluded") + 1).value = "yes"
    sheet.cell(2, names.index("reason") + 1).value = "bubble"
    book.save(path)
    after = compare_results([path])
    assert before.replicates["n_excluded"].sum() == 0
    assert after.replicates["n_excluded"].sum() == 1
    (step,) = [step for step in after.steps if step.name == "edits by hand"]
    assert "excluded by hand (bubble)" in step.parameters["1"]


def test_running_again_keeps_what_a_person_has_edited(tmp_path):
    from openpyxl import load_workbook

    path = results_of(filled(tmp_path), tmp_path / "out")
    results_of(tmp_path / "plate.xlsx", tmp_path / "out")
    assert [file.name for file in path.parent.glob("*.xlsx")] == [path.name]
    book = load_workbook(path)
    names = [cell.value for cell in book["Observations"][1]]
    book["Observations"].cell(2, names.index("excluded") + 1).value = "yes"
    book.save(path)
    edited = path.read_bytes()
    results_of(tmp_path / "plate.xlsx", tmp_path / "out")
    assert (path.parent / "RANKL_ELISA.results.edited-1.xlsx").read_bytes() == edited
    assert path.read_bytes() != edited


def test_an_effect_is_a_sentence_with_interval_p_and_n(tmp_path):
    study = compare_results([results_of(filled(tmp_path), tmp_path)])
    assert len(study.summary) == 4
    assert re.search(r"RANKL concentration, vesicle vs control: 1\.\d\d-fold", study.summary[0])
    assert "95 % CI" in study.summary[0]
    assert "n = 4 × culture" in study.summary[0]
