"""Reference genes of the same reverse transcription, spike-ins, and calibrators of runs."""

import pandas as pd
import pytest
from qpcr_wells import SHEET, of, pair, plate, reactions

from assaykit.assays.qpcr import QpcrParameters, quantify
from assaykit.assays.qpcr.normalisation import normalisers_of
from assaykit.errors import InputError

TARGETS = pd.DataFrame(
    [
        ("RUNX2", "target", "random"),
        ("miR-143-3p", "target", "stem-loop"),
        ("ACTB", "reference", "random"),
        ("HPRT1", "reference", "random"),
        ("miR-16", "reference", "stem-loop"),
        ("cel-miR-39", "spike_in", "stem-loop"),
        ("luciferase", "spike_in", "random"),
    ],
    columns=["target", "role", "rt_group"],
)


@pytest.mark.parametrize(
    ("normaliser", "of_runx2", "of_mir"),
    [
        ("reference", ("ACTB", "HPRT1"), ("miR-16",)),
        ("spike_in", ("luciferase",), ("cel-miR-39",)),
        ("both", ("ACTB", "HPRT1", "luciferase"), ("miR-16", "cel-miR-39")),
    ],
)
def test_each_target_has_the_chosen_kind_from_its_own_rt(normaliser, of_runx2, of_mir):
    chosen = normalisers_of(TARGETS, QpcrParameters(normaliser=normaliser))
    assert chosen == {"RUNX2": of_runx2, "miR-143-3p": of_mir}


def refused(targets, normaliser="reference"):
    with pytest.raises(InputError) as caught:
        normalisers_of(targets, QpcrParameters(normaliser=normaliser))
    return caught.value.problems


def test_gapdh_is_refused_for_a_stem_loop_microrna():
    gapdh = pd.DataFrame({"target": ["miR-143-3p", "GAPDH"], "role": ["target", "reference"],
                          "rt_group": ["stem-loop", "random"]})  # fmt: skip
    (problem,) = refused(gapdh)
    assert problem.code == "other_rt_reaction"
    assert problem.message == (
        "'miR-143-3p' comes from the RT reaction 'stem-loop', every reference from another: "
        "GAPDH (random)"
    )
    assert "must share the reverse transcription" in problem.remedy


def test_an_rt_reaction_that_is_not_named_is_another_one():
    unnamed = TARGETS.assign(rt_group=["", "stem-loop", "random", "random", "stem-loop", "", ""])
    (problem,) = refused(unnamed)
    assert problem.message.startswith("'RUNX2' comes from the RT reaction 'none named'")


@pytest.mark.parametrize(
    ("normaliser", "words"),
    [("reference", "no reference "), ("spike_in", "no spike-in "),
     ("both", "no reference or spike-in ")],
)  # fmt: skip
def test_without_any_of_the_kind_every_target_says_so(normaliser, words):
    problems = refused(TARGETS[TARGETS["role"] == "target"], normaliser)
    assert [problem.code for problem in problems] == ["no_reference_gene"] * 2
    assert all(words in problem.message for problem in problems)
    assert all(problem.sheet == "Targets" for problem in problems)


SHEET_OF_FOUR = SHEET | {
    "HPRT1": SHEET["ACTB"] | {"efficiency": 0.9},
    "spike": SHEET["ACTB"] | {"target_role": "spike_in"},
}


@pytest.mark.parametrize(
    ("normaliser", "reference_cq"),
    [("reference", (18.0 + 23.0 * 0.925999418556223) / 2), ("spike_in", 20.0),
     ("both", (18.0 + 23.0 * 0.925999418556223 + 20.0) / 3)],
)  # fmt: skip
def test_the_reference_is_the_mean_of_their_weighted_cq(normaliser, reference_cq):
    """log2(1.9) = 0.925999418556223; each gene counts once, however many wells it has."""
    wells = plate(
        pair("s1", (25.0, 26.0), (17.5, 18.0, 18.5)), reactions("s1", "HPRT1", 23.0),
        reactions("s1", "spike", 19.0, 21.0), sheet=SHEET_OF_FOUR,
    )  # fmt: skip
    made = quantify(wells, QpcrParameters(normaliser=normaliser)).tables["Targets"]
    row = of(made, "s1", "RUNX2")
    assert row["reference_cq"] == pytest.approx(reference_cq, rel=1e-12)
    assert row["delta_cq"] == pytest.approx(25.5 - reference_cq, rel=1e-12)
    assert made["target"].tolist() == ["RUNX2"]


RUN_CALIBRATED = QpcrParameters(run_calibration=True)


def batches(**calibrators):
    """Batches A and B with a sample each; calibrators by batch: Cq of RUNX2, ACTB has 18."""
    groups = [pair(f"sample {b}", (25.0,), (18.0,), batch=b) for b in "AB"]
    for batch, cq in calibrators.items():
        groups.append(pair(f"IRC {batch}", (cq,), (18.0,), batch=batch, role="calibrator"))
    return plate(*groups)


def test_the_calibrator_of_each_batch_is_taken_away_from_its_samples():
    table = quantify(batches(A=22.0, B=24.0), RUN_CALIBRATED).tables["Targets"]
    assert of(table, "sample A")["delta_cq"] == pytest.approx(25 - 18 - 4)
    assert of(table, "sample B")["delta_cq"] == pytest.approx(25 - 18 - 6)
    assert of(table, "IRC A")["delta_cq"] == pytest.approx(0.0)
    assert of(table, "sample B")["run_correction"] == pytest.approx(6.0)


def test_the_observations_are_corrected_as_the_samples_are():
    made = quantify(batches(A=22.0, B=24.0), RUN_CALIBRATED)
    found = made.observations.set_index("sample")["value"]
    assert found.to_dict() == pytest.approx({"sample A": -3.0, "sample B": -1.0})
    assert "calibrators of each run and batch" in made.steps[0].sentence


def test_without_run_calibration_nothing_is_taken_away():
    table = quantify(batches(A=22.0, B=24.0), QpcrParameters()).tables["Targets"]
    assert of(table, "sample B")["delta_cq"] == pytest.approx(7.0)
    assert "run_correction" not in table


@pytest.mark.parametrize("cq", [None, ""])
def test_a_calibrator_that_is_missing_or_has_no_cq_names_plate_batch_and_target(cq):
    wells = batches(A=22.0) if cq == "" else batches(A=22.0, B=cq)
    with pytest.raises(InputError) as caught:
        quantify(wells, RUN_CALIBRATED)
    (problem,) = caught.value.problems
    assert problem.message == "target RUNX2 of batch B has no calibrator with a Cq on plate P1"
    assert "role calibrator" in problem.remedy


def test_every_target_and_batch_without_a_calibrator_is_listed():
    wells = plate(
        pair("s1", (25.0,), (18.0,)), reactions("s1", "TNFSF11", 28.0),
        sheet=SHEET | {"TNFSF11": SHEET["RUNX2"]},
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        quantify(wells, RUN_CALIBRATED)
    assert [problem.message for problem in caught.value.problems] == [
        f"target {name} has no calibrator with a Cq on plate P1" for name in ("RUNX2", "TNFSF11")
    ]


def test_a_pool_that_is_both_standard_and_calibrator_calibrates():
    standards = [
        reactions("pool", target, 22.0, 25.32, 28.64, role="standard")
        for target in ("RUNX2", "ACTB")
    ]
    calibrator = pair("pool", (24.0,), (18.0,), role="calibrator")
    wells = plate(*standards, calibrator, pair("s1", (25.0,), (18.0,)))
    table = quantify(wells, RUN_CALIBRATED).tables["Targets"]
    assert of(table, "s1")["delta_cq"] == pytest.approx(1.0)


def test_excluded_wells_of_a_calibrator_do_not_calibrate():
    wells = batches(A=22.0, B=24.0)
    wells["excluded"] = (wells["sample"] == "IRC B") & (wells["target"] == "RUNX2")
    with pytest.raises(InputError, match="batch B has no calibrator"):
        quantify(wells, RUN_CALIBRATED)


def test_a_run_of_a_single_target_may_be_normalised_by_nothing():
    wells = plate(reactions("s1", "RUNX2", 25.0, 26.0), sheet={"RUNX2": {"efficiency": 0.9}})
    made = quantify(wells, QpcrParameters(normaliser="none"))
    row = of(made.tables["Targets"], "s1")
    assert row["delta_cq"] == row["weighted_cq"] == pytest.approx(25.5 * 0.925999418556223)
    assert row["normalised_by"] == ""
    assert made.observations["flags"].eq("").all()
