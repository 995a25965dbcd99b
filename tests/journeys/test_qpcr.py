"""A qPCR experiment from filled templates to the comparison of its arms, as commands run it."""

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from assaykit.assays.qpcr import TEMPLATE, QpcrParameters
from assaykit.cli import app
from assaykit.simulate.biology import RUNX2, TNFSF11, draw_biology
from assaykit.simulate.qpcr import osteoblast_run, vesicle_run
from assaykit.workbook import PlateWorkbook, write_template

RUN = CliRunner()
SEED = 2022
BIOLOGY = draw_biology([RUNX2, TNFSF11], seed=SEED)
OSTEOBLASTS = osteoblast_run(BIOLOGY, seed=SEED)
VESICLES = vesicle_run(seed=SEED)
OF_OSTEOBLASTS = QpcrParameters(calibrator="M1 control, M2 control, M3 control, M4 control")
OF_VESICLES = QpcrParameters(
    normaliser="spike_in", undetermined="bound", calibrator="M1 vesicle, M2 vesicle"
)
SHEETS = {
    "Summary", "Observations", "Targets", "Technical replicates", "Efficiency", "Reference genes",
    "Controls", "MIQE", "Wells", "QC", "Methods", "Provenance",
}  # fmt: skip


def filled(folder, run, settings):
    """A filled template of a simulated run."""
    content = PlateWorkbook(
        assay="qpcr", plate=run.plate, plate_format=run.plate_format, design=run.design,
        wells=run.wells.drop(columns="cq"), readings=run.readings, settings=settings,
        lists={"Samples": run.samples, "Targets": run.targets},
    )  # fmt: skip
    path = folder / f"{run.plate}.xlsx"
    write_template(path, TEMPLATE, plate_format=run.plate_format, content=content)
    return path


def command(*words, code=0):
    result = RUN.invoke(app, [*map(str, words), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def sheet(document, name):
    return pd.read_excel(document["outputs"]["workbook"], sheet_name=name, engine="openpyxl")


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plates")
    return {
        "osteoblasts": filled(folder, OSTEOBLASTS, OF_OSTEOBLASTS),
        "vesicles": filled(folder, VESICLES, OF_VESICLES),
    }


@pytest.fixture(scope="module")
def results(plates, tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    return {name: command("qpcr", path, "--out", out) for name, path in plates.items()}


def test_the_templates_have_no_problems(plates):
    found = command("check", *plates.values())["files"]
    assert [(item["errors"], item["warnings"]) for item in found] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("name", ["osteoblasts", "vesicles"])
def test_a_plate_becomes_a_results_workbook_and_a_document(results, name):
    made = results[name]
    run = {"osteoblasts": OSTEOBLASTS, "vesicles": VESICLES}[name]
    assert (made["command"], made["title"], made["exit_code"]) == ("qpcr", run.plate, 0)
    book = load_workbook(made["outputs"]["workbook"], read_only=True)
    assert set(book.sheetnames) >= SHEETS
    assert ("Undetermined" in book.sheetnames) == (name == "vesicles")
    wells = run.wells[run.wells["role"] == "sample"]
    targets = run.targets.loc[run.targets["target_role"] == "target", "target"]
    assert f"{wells['target'].isin(targets).sum()} of" in made["summary"][0]


def test_expression_is_that_of_the_simulated_truth(results):
    """Within the noise put on: 0.08 cycles a well, 5 % a reference gene."""
    table = sheet(results["osteoblasts"], "Targets")
    both = table.merge(
        OSTEOBLASTS.truth, left_on=["sample", "target"], right_on=["sample", "analyte"]
    )
    assert len(both) == len(table) == 24
    ratio = both["relative_quantity"] / both["true_value"]
    for _, own in ratio.groupby(both["target"]):
        assert (own / own.mean()).between(0.75, 1.33).all()


def test_calibrators_are_one_on_average(results):
    table = sheet(results["osteoblasts"], "Targets")
    calibrators = table[table["sample"].str.endswith(" control")]
    means = calibrators.groupby("target")["delta_delta_cq"].mean()
    assert means.tolist() == pytest.approx([0.0, 0.0], abs=1e-9)


def test_the_efficiencies_are_those_of_the_plates_standards(results):
    table = sheet(results["osteoblasts"], "Efficiency")
    assert table["efficiency_source"].eq("dilution series").all()
    assert table["efficiency"].between(0.9, 1.1).all()


def test_the_knockout_is_reported_as_below_a_quantity(results):
    made = results["vesicles"]
    table = sheet(made, "Undetermined").set_index("sample")
    knockout = table[table.index.str.endswith("KO vesicle")]
    assert len(knockout) == 4
    words = "not found in any of 3 reactions: relative quantity < "
    assert knockout["result"].str.startswith(words).all()
    assert (knockout["relative_quantity_bound"] < 1e-3).all()
    assert table.drop(knockout.index)["result"].eq("found in all 3 reactions").all()
    observations = sheet(made, "Observations")
    at_bound = observations["flags"].fillna("").str.contains("at_bound")
    assert at_bound.sum() == 12
    assert set(observations.loc[at_bound, "sample"]) == set(knockout.index)


def test_the_methods_sheet_says_what_was_done(results):
    table = sheet(results["vesicles"], "Methods")
    text = " ".join(table.fillna("").astype(str).agg(" ".join, axis=1))
    assert "Undetermined Cq were set to 40 cycles" in text
    assert "miR-143-3p by cel-miR-39-3p" in text


def test_the_arms_are_compared_over_both_plates(results, tmp_path):
    books = [document["outputs"]["workbook"] for document in results.values()]
    study = command("compare", *books, "--out", tmp_path)
    effects = sheet(study, "Effects").query("scale == 'log2_fold_change'")
    known = effects.dropna(subset=["estimate"]).set_index(["analyte", "contrast"])
    assert set(known["n_biological"]) == {4}
    assert set(known.index.get_level_values("analyte")) == {"RUNX2", "TNFSF11", "miR-143-3p"}
    truth = BIOLOGY.effects.set_index(["analyte", "contrast"])["true_value"]
    both = known.join(truth, how="inner")
    inside = (both["ci_low"] < both["true_value"]) & (both["true_value"] < both["ci_high"])
    assert len(both) == 6
    assert inside.sum() >= 5
    check_effects_against_a_bound(study)


def check_effects_against_a_bound(study):
    """What was not found makes an effect "at least that", and no other."""
    told = [text for text in study["summary"] if text.startswith("miR-143-3p")]
    (against,) = (text for text in told if "vesicle vs KO vesicle: log2" in text)
    assert "at least" in against
    assert not any("at least" in text for text in study["summary"] if text not in told)


def test_what_is_undetermined_may_be_left_out_on_the_command_line(plates, tmp_path):
    made = command("qpcr", plates["vesicles"], "--undetermined", "exclude", "--out", tmp_path)
    assert made["summary"][0].startswith("12 of 24 sample results have a number")
    observations = sheet(made, "Observations")
    knockout = observations[observations["sample"].str.contains("KO")]
    assert knockout["value"].isna().all()
    assert knockout["flags"].eq("undetermined").all()
    table = sheet(made, "Undetermined")
    assert table["result"].str.contains("relative quantity <").sum() == 4


def test_a_lower_limit_of_detection_is_a_looser_bound(plates, results, tmp_path):
    made = command("qpcr", plates["vesicles"], "--cq-limit", 35, "--out", tmp_path)
    bounds = [sheet(one, "Undetermined")["relative_quantity_bound"]
              for one in (results["vesicles"], made)]  # fmt: skip
    efficiency = sheet(made, "Efficiency").set_index("target")["efficiency"]["miR-143-3p"]
    expected = bounds[0] * 2 ** (5 * math.log2(1 + efficiency))
    assert bounds[1].tolist() == pytest.approx(expected.tolist())


def refusal(*words, code=3):
    """The problems of a command that writes nothing."""
    return command("qpcr", *words, code=code)["problems"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reference-targets", "ACTC"), "no well holds the target 'ACTC'"),
        (("--calibrator", "M1 contrl"), "no well holds the calibrator 'M1 contrl'"),
        (("--undetermined", "forty"), "forty"),
        (("--normaliser", "spike_in"), "there is no spike-in to normalise 'RUNX2' by"),
        (("--run-calibration",), "target RUNX2 has no calibrator with a Cq on plate osteoblasts"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words_and_nothing_is_written(
    plates, tmp_path, options, words
):
    before = plates["osteoblasts"].read_bytes()
    problems = refusal(plates["osteoblasts"], *options, "--out", tmp_path / "out")
    assert any(words in problem["message"] for problem in problems), problems
    assert not (tmp_path / "out").exists()
    assert plates["osteoblasts"].read_bytes() == before


def test_a_reference_gene_of_another_reverse_transcription_is_refused(tmp_path):
    groups = VESICLES.targets.assign(rt_group=["stem-loop", "random primers"])
    path = filled(tmp_path, replace(VESICLES, targets=groups), OF_VESICLES)
    (problem,) = refusal(path)
    assert problem["sheet"] == "Targets"
    assert "every spike-in from another: cel-miR-39-3p (random primers)" in problem["message"]


def test_a_plate_on_which_nothing_was_found_has_nothing_to_analyse(tmp_path):
    nothing = replace(VESICLES, wells=VESICLES.wells.assign(cq=math.nan))
    (problem,) = refusal(filled(tmp_path, nothing, OF_VESICLES), code=4)
    assert problem["message"].startswith("No well has a Cq")


def test_a_knockout_that_is_written_as_0_is_no_expression_but_a_mistake(tmp_path):
    zeros = replace(VESICLES, wells=VESICLES.wells.fillna({"cq": 0.0}))
    (problem,) = refusal(filled(tmp_path, zeros, OF_VESICLES))
    assert "have a Cq of 0 or less" in problem["message"]


def test_names_of_targets_that_are_not_on_their_sheet_are_listed_with_the_nearest(tmp_path):
    wells = VESICLES.wells.copy()
    of_target = wells.index[wells["target"] == "miR-143-3p"]
    wells.loc[of_target[0], "target"] = "MIR-143-3P"
    wells.loc[of_target[1], "target"] = "mir143"
    problems = refusal(filled(tmp_path, replace(VESICLES, wells=wells), OF_VESICLES))
    messages = [f"{problem['message']}. {problem['remedy']}" for problem in problems]
    assert any("'MIR-143-3P' differs from 'miR-143-3p'" in text for text in messages)
    assert any("'mir143' has no row" in text and "'miR-143-3p'?" in text for text in messages)
