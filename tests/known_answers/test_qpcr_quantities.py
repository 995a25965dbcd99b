"""Relative quantities and standard curves, against what instruments, papers and users printed.

Own answers follow the vendors' arithmetic: EqCq = Cq · log2(1 + efficiency), delta EqCq over all
wells of a sample, RQ = 2^−(delta delta EqCq), RQ Min and Max from the spread of the wells alone.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest
from shared_data import shared

from assaykit import qc
from assaykit.assays.qpcr import (
    QpcrParameters,
    fit_dilution_series,
    quantify,
    relative_quantities,
    vendor_intervals,
)
from assaykit.plate import canonical_well

ROLES = {"UNKNOWN": "sample", "STANDARD": "standard", "NTC": "ntc"}
RUNS = {"quantstudio_QS3_RQ": 0.95, "quantstudio_QS7Pro_RQ_biogroup": 0.97}
CURVES = ("quantstudio_QS1_Standard_Curve_example01", "quantstudio_QS7_Standard_Curve_example06")
DIGITS = 5e-11  # half of the last printed digit


def document(name):
    return json.loads(shared("qpcr", f"{name}.json").read_text("utf-8"))


def annotated(rows, **columns):
    """Wells as `quantify` takes them, of rows with well, sample, target and cq."""
    table = pd.DataFrame(rows).assign(
        **{"plate": "run", "channel": "cq", "unit": "cycles", "source": "", "excluded": False,
           "reason": ""} | columns
    )  # fmt: skip
    if "role" not in table:
        table["role"] = "sample"
    flags = table["cq"].isna().map({True: "undetermined", False: ""})
    return table.rename(columns={"cq": "value"}).assign(flag=flags)


def wells_of(run):
    """The wells of an exported run; what it calls UNDETERMINED has no number."""
    rows = [
        {
            "well": row["Well Position"], "sample": row["Sample"] or "", "target": row["Target"],
            "role": ROLES[row["Task"]], "excluded": row["Omit"] == "TRUE",
            "cq": math.nan if row["Cq"] == "UNDETERMINED" else row["Cq"],
        }
        for row in run["wells"]
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(plate="run")


def targets_of(run):
    efficiency = run["efficiency_recovered"]
    references = run["reference_targets"]
    roles = ["reference" if name in references else "target" for name in efficiency]
    return pd.DataFrame(
        {"target": list(efficiency), "role": roles, "efficiency": efficiency.values()}
    )


def vendor(run):
    """Its table of results; one column for what is printed of the target, one of the reference."""
    table = pd.DataFrame(run["vendor_rq"])
    is_reference = table["Target"].isin(run["reference_targets"])
    reference = table[is_reference].set_index("Sample")["EqCq Mean"]
    found = table[~is_reference].set_index("Sample")
    return found.assign(reference=reference).drop(columns=["Target", "Omit"]).astype({"Rq": float})


def own(run, confidence=0.95):
    wells, targets = wells_of(run).query("role == 'sample'"), targets_of(run)
    found = relative_quantities(wells, targets, run["calibrator"])
    return vendor_intervals(found, wells, targets, confidence).set_index("sample")


@pytest.mark.parametrize("name", RUNS)
def test_relative_quantities_are_those_of_the_instrument(name):
    run = document(name)
    theirs, found = vendor(run), own(run)
    assert len(theirs) == len(found) == {"quantstudio_QS3_RQ": 4}.get(name, 12)
    found = found.loc[theirs.index]
    assert found["relative_quantity"].tolist() == pytest.approx(theirs["Rq"].tolist(), rel=1e-9)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(
    ("column", "printed"),
    [
        ("weighted_cq", "EqCq Mean"),
        ("reference_cq", "reference"),
        ("delta_cq", "Delta EqCq Mean"),
        ("delta_delta_cq", "Delta Delta EqCq"),
    ],
)
def test_the_steps_to_them_are_those_that_the_instrument_prints(name, column, printed):
    run = document(name)
    theirs = vendor(run)
    found = own(run).loc[theirs.index, column]
    assert found.tolist() == pytest.approx(theirs[printed].tolist(), abs=5 * DIGITS)


@pytest.mark.parametrize(("name", "confidence"), RUNS.items())
def test_vendor_intervals_are_rq_min_and_max_of_the_runs_own_confidence(name, confidence):
    """Duplex wells (QS3) have the spread of their differences, others (QS7 Pro) that of both."""
    run = document(name)
    theirs = vendor(run)
    found = own(run, confidence).loc[theirs.index]
    for column, printed in (
        ("vendor_delta_cq_se", "Delta EqCq SE"), ("vendor_rq_min", "Rq Min"),
        ("vendor_rq_max", "Rq Max"),
    ):  # fmt: skip
        assert found[column].tolist() == pytest.approx(theirs[printed].tolist(), rel=1e-8), column
    wrong = own(run, 0.9).loc[theirs.index, "vendor_rq_min"]
    assert (wrong > theirs["Rq Min"].astype(float)).all()


def run_with_standards():
    """QuantStudio 3 as a plate: each standard's sample is called by its quantity."""
    run = document("quantstudio_QS3_RQ")
    wells = wells_of(run)
    quantity = wells["sample"].where(wells["role"] == "standard")
    roles = dict.fromkeys(run["reference_targets"], "reference")
    return run, annotated(
        wells, nominal_concentration=quantity.astype(float),
        target_role=wells["target"].map(roles).fillna("target"),
    )  # fmt: skip


def test_the_whole_path_fits_the_plates_own_standards_and_finds_the_same_quantities():
    run, wells = run_with_standards()
    made = quantify(wells, QpcrParameters(calibrator=run["calibrator"]))
    efficiency = made.tables["Efficiency"].set_index("target")
    assert efficiency["efficiency_source"].eq("dilution series").all()
    assert efficiency["efficiency"].to_dict() == pytest.approx(
        run["efficiency_recovered"], rel=1e-9
    )
    theirs = vendor(run)
    found = made.tables["Targets"].set_index("sample").loc[theirs.index]
    assert found["relative_quantity"].tolist() == pytest.approx(theirs["Rq"].tolist(), rel=1e-9)
    assert found["vendor_rq_max"].tolist() == pytest.approx(theirs["Rq Max"].tolist(), rel=1e-8)


def test_the_observations_are_the_delta_cq_of_each_well():
    run, wells = run_with_standards()
    observations = quantify(wells, QpcrParameters(calibrator=run["calibrator"])).observations
    means = observations.groupby("sample")["value"].mean()
    theirs = vendor(run)["Delta EqCq Mean"].astype(float)
    assert means[theirs.index].tolist() == pytest.approx((-theirs).tolist(), abs=5 * DIGITS)


def test_a_duplex_run_stays_one_whatever_the_order_of_its_wells():
    run, wells = run_with_standards()
    parameters = QpcrParameters(calibrator=run["calibrator"])
    shuffled = wells.sample(frac=1, random_state=3)
    columns = ["vendor_rq_min", "vendor_rq_max"]
    straight, mixed = (
        quantify(table, parameters).tables["Targets"].set_index("sample")[columns]
        for table in (wells, shuffled)
    )
    assert mixed.loc[straight.index].to_numpy() == pytest.approx(straight.to_numpy(), rel=1e-12)


@pytest.mark.parametrize("name", CURVES)
def test_standard_curves_are_those_of_the_instrument_to_the_printed_digits(name):
    run = document(name)
    ((target, printed),) = run["vendor"].items()
    rows = [row for row in run["wells"] if row["Task"] == "STANDARD"]
    series = fit_dilution_series([row["Quantity"] for row in rows], [row["Cq"] for row in rows])
    assert {row["Target"] for row in rows} == {target}
    assert (round(series.slope, 4), round(series.intercept, 4)) == (
        printed["slope"], printed["intercept"],
    )  # fmt: skip
    assert series.r_squared == pytest.approx(printed["r2"], rel=1e-9)
    assert 100 * series.efficiency == pytest.approx(printed["efficiency_pct"], rel=1e-9)
    assert series.slope_standard_error == pytest.approx(printed["std_error"], rel=1e-9)
    assert (series.n_wells, series.n_levels) == (20, 5)


@pytest.mark.parametrize("name", CURVES)
def test_quantities_of_unknowns_are_those_of_the_instrument(name):
    """It calculates them with the slope and the intercept as printed, to four decimals."""
    run = document(name)
    standards = [row for row in run["wells"] if row["Task"] == "STANDARD"]
    series = fit_dilution_series([row["Quantity"] for row in standards],
                                 [row["Cq"] for row in standards])  # fmt: skip
    unknown = [row for row in run["wells"] if row["Task"] == "UNKNOWN"]
    cq, theirs = ([row[name] for row in unknown] for name in ("Cq", "Quantity"))
    assert series.quantity(cq).tolist() == pytest.approx(theirs, rel=2e-4)
    as_printed = replace(series, slope=round(series.slope, 4), intercept=round(series.intercept, 4))
    assert as_printed.quantity(cq).tolist() == pytest.approx(theirs, rel=1e-9)


def livak(table):
    """The wells of a table of Livak & Schmittgen 2001: c-myc and GAPDH in brain and kidney."""
    data = document("livak2001")
    rows = [
        {"sample": group, "target": target, "cq": cq, "well": f"{'AB'[target == 'GAPDH']}{number}"}
        for target, values in data[table].items()
        for number, (group, cq) in enumerate(zip(data["groups"], values, strict=True), 1)
    ]
    return data["expected"], pd.DataFrame(rows).assign(plate="run")


LIVAK_TARGETS = pd.DataFrame(
    {"target": ["c_myc", "GAPDH"], "role": ["target", "reference"], "efficiency": [1.0, 1.0]}
)


@pytest.mark.parametrize("table", ["ct1_separate_tubes", "ct2_same_tube"])
def test_livak_and_schmittgen_2001(table):
    expected, wells = livak(table)
    printed = expected[table[:3]]
    found = relative_quantities(wells, LIVAK_TARGETS, "brain").set_index("sample").loc["kidney"]
    assert found["delta_delta_cq"] == pytest.approx(printed["ddct"], abs=1e-9)
    assert found["relative_quantity"] == pytest.approx(printed["rq"], rel=1e-9)


def test_the_whole_path_gives_the_papers_5_6_with_its_limits():
    """The paper's limits are 2^−(ddCq ± SD), with both SD of the wells: 5.3 and 6.0."""
    _, wells = livak("ct1_separate_tubes")
    roles = wells["target"].map({"c_myc": "target", "GAPDH": "reference"})
    made = quantify(annotated(wells, target_role=roles), QpcrParameters(calibrator="brain"))
    kidney = made.tables["Targets"].set_index("sample").loc["kidney"]
    assert kidney["relative_quantity"] == pytest.approx(5.637283021, rel=1e-9)
    replicates = made.tables["Technical replicates"].set_index(["sample", "target"])["sd_cq"]
    sd = math.hypot(replicates["kidney", "c_myc"], replicates["kidney", "GAPDH"])
    low, high = (2 ** -(kidney["delta_delta_cq"] + sign * sd) for sign in (1, -1))
    assert [round(value, 1) for value in (low, kidney["relative_quantity"], high)] == [
        5.3,
        5.6,
        6.0,
    ]
    of_wells = made.observations.groupby("sample")["value"].mean()
    assert of_wells["kidney"] - of_wells["brain"] == pytest.approx(2.495, abs=1e-12)


def spread_remarks(wells, made):
    evidence = qc.Evidence(wells, made.observations, made.tables)
    remarks = qc.inspect(evidence)
    return remarks[remarks["rule"] == "replicate_spread"]


def test_a_failed_replicate_is_named_kept_and_told_with_and_without():
    """CFX96: 23.95, 24.14 and 38.89 are reported as mean 28.99, SD 8.57, without a remark."""
    run = document("cfx96_real_outlier")
    rows = [{**row, "well": canonical_well(row["well"]), "target": "GAPDH"} for row in run["wells"]]
    beside = [row | {"target": "spike", "cq": 20.0} for row in rows]
    wells = annotated([*rows, *beside])
    wells["target_role"] = wells["target"].map({"GAPDH": "target", "spike": "reference"})
    made = quantify(wells, QpcrParameters(calibrator="270"))
    table = made.tables["Technical replicates"].query("target == 'GAPDH'").set_index("sample")
    for sample, (mean, sd) in run["vendor_mean_sd"].items():
        assert table.loc[sample, "mean_cq"] == pytest.approx(mean, abs=1e-5)
        assert table.loc[sample, "sd_cq"] == pytest.approx(sd, abs=1e-5)
    assert table["outlier"].to_dict() == {"311": "", "316": "F6", "317": "F7", "270": ""}
    failed = table.loc["316"]
    assert failed["mean_cq_without"] == pytest.approx((23.9492575650857 + 24.1418315771331) / 2)
    kept = made.tables["Targets"].set_index("sample").loc["316"]
    assert (kept["n_wells"], kept["delta_cq"]) == (3, pytest.approx(failed["mean_cq"] - 20))
    remarks = spread_remarks(wells, made)
    assert remarks["wells"].tolist() == ["F4, F5, F6", "F7, F8, F9"]
    assert "Well F6 is the farthest" in remarks["message"].iloc[0]
    assert len(made.observations) == len(rows)
    assert made.observations["value"].notna().all()


def test_mir_124_has_both_answers_in_the_table_3_98_and_5_12():
    """Two programs gave 3.98 and 5.12 for the same wells: one had dropped 28.09 silently."""
    data = document("mir124_mir16_outlier")
    rows = [
        {"sample": sample, "target": target, "cq": cq}
        for sample, targets in data["ct"].items()
        for target, values in targets.items()
        for cq in values
    ]
    wells = annotated([row | {"well": f"A{number}"} for number, row in enumerate(rows, 1)])
    wells["target_role"] = wells["target"].map({"miR124": "target", "miR16": "reference"})
    made = quantify(wells, QpcrParameters(calibrator="DMSO"))
    found = made.tables["Targets"].set_index("sample").loc["ABX464"]
    expected = data["expected"]
    assert found["relative_quantity"] == pytest.approx(expected["all_wells_rq"], rel=1e-6)
    assert found["delta_delta_cq"] == pytest.approx(expected["ddct"], abs=1e-6)
    (row,) = made.tables["Technical replicates"].query("outlier != ''").to_dict("records")
    dropped = wells.loc[wells["value"] == 28.09, "well"].item()
    assert (row["sample"], row["target"], row["outlier"]) == ("ABX464", "miR124", dropped)
    without = found["relative_quantity"] * 2 ** row["log2_quantity_shift"]
    assert without == pytest.approx(expected["with_silent_outlier_drop"], rel=1e-6)
    (message,) = spread_remarks(wells, made)["message"]
    assert "without it the quantity of miR124 is 1.3-fold" in message


def test_a_well_that_a_person_excludes_gives_the_other_answer_and_keeps_its_row():
    data = document("mir124_mir16_outlier")
    rows = [
        {"sample": sample, "target": target, "cq": cq, "excluded": cq == 28.09}
        for sample, targets in data["ct"].items()
        for target, values in targets.items()
        for cq in values
    ]
    table = pd.DataFrame(rows)
    wells = annotated(
        table, excluded=table["excluded"], well=[f"A{number}" for number in range(1, 13)],
        target_role=table["target"].map({"miR124": "target", "miR16": "reference"}),
    )  # fmt: skip
    made = quantify(wells, QpcrParameters(calibrator="DMSO"))
    found = made.tables["Targets"].set_index("sample")["relative_quantity"]
    assert found["ABX464"] == pytest.approx(data["expected"]["with_silent_outlier_drop"], rel=1e-6)
    assert len(made.observations) == 6
    assert made.observations["excluded"].sum() == 1
