"""Tables beside the quantities: technical replicates, bounds, controls, melt curves."""

import math

import numpy as np
import pandas as pd
import pytest
from qpcr_wells import SHEET, of, pair, plate, reactions

from assaykit.assays.qpcr import QpcrParameters, quantify
from assaykit.assays.qpcr.reactions import reactions_of
from assaykit.assays.qpcr.tables import melt_table, replicate_table

PLAIN = QpcrParameters()
BOUND = QpcrParameters(undetermined="bound")


def replicates(*cq, settings=PLAIN, limit=0.5, **columns):
    wells = plate(reactions("s1", "RUNX2", *cq, **columns), reactions("s1", "ACTB", 18.0))
    return of(replicate_table(reactions_of(wells, settings), limit), "s1", "RUNX2")


def test_the_farthest_from_the_median_is_named_and_both_means_stand_there():
    row = replicates(24.0, 24.1, 26.0)
    assert (row["outlier"], row["wells"], row["n_wells"]) == ("A3", "A1, A2, A3", 3)
    assert row["mean_cq"] == pytest.approx(74.1 / 3)
    assert row["mean_cq_without"] == pytest.approx(24.05)
    assert row["log2_quantity_shift"] == pytest.approx(74.1 / 3 - 24.05)
    assert row["spread_cq"] == pytest.approx(2.0)
    assert row["sd_cq"] == pytest.approx(np.std([24.0, 24.1, 26.0], ddof=1))


@pytest.mark.parametrize(
    ("cq", "why"),
    [
        ((24.0, 24.1, 24.5), "the limit itself is allowed"),
        ((24.0, 26.0), "of two wells neither is the outlier"),
        ((24.0, 24.4, 24.8), "two are equally far"),
        ((24.1, 24.1, 24.7, 24.7), "all are equally far"),
    ],
)
def test_no_well_is_called_an_outlier_where(cq, why):
    row = replicates(*cq)
    assert row["outlier"] == "", why
    assert math.isnan(row["mean_cq_without"]), why


def test_just_over_the_limit_there_is_one():
    assert replicates(24.0, 24.1, 24.501)["outlier"] == "A3"
    assert replicates(24.0, 24.1, 24.501, limit=1.0)["outlier"] == ""


@pytest.mark.parametrize("settings", [PLAIN, BOUND])
def test_what_is_undetermined_is_counted_and_takes_no_part_whatever_the_policy(settings):
    row = replicates(24.0, None, 24.2, settings=settings)
    assert (row["n_wells"], row["n_undetermined"]) == (2, 1)
    assert row["mean_cq"] == pytest.approx(24.1)
    row = replicates(None, None, settings=settings)
    assert (row["n_wells"], row["n_undetermined"]) == (0, 2)
    assert math.isnan(row["mean_cq"])


def test_excluded_wells_controls_and_standards_are_no_technical_replicates():
    wells = plate(
        pair("s1", (24.0,), (18.0,)), reactions("s1", "RUNX2", 30.0, excluded=True),
        reactions("s1", "RUNX2", 35.0, role="ntc"), reactions("s1", "RUNX2", 20.0, role="standard"),
    )  # fmt: skip
    table = replicate_table(reactions_of(wells, PLAIN), 0.5)
    assert table["wells"].tolist() == ["A1", "A2"]


def knockout(calibrated=True, normaliser_cq=18.0, **settings):
    """Wild type with both reactions, one with some, a knock-out with none; efficiency 90 %."""
    wells = plate(
        pair("WT", (25.0, 25.0), (18.0,)), pair("het", (26.0, None), (18.0,)),
        pair("KO", (None, None), (normaliser_cq,)), reactions("KO", "TNFSF11", 27.0),
        sheet=SHEET | {"RUNX2": SHEET["RUNX2"] | {"efficiency": 0.9}, "TNFSF11": SHEET["RUNX2"]},
    )  # fmt: skip
    parameters = QpcrParameters(calibrator="WT" if calibrated else "", **settings)
    return quantify(wells, parameters).tables["Undetermined"]


LIMIT = 40 * math.log2(1.9) - 18
RELATIVE = 2 ** ((25 - 40) * math.log2(1.9))


@pytest.mark.parametrize("policy", ["exclude", "bound"])
def test_a_knockout_is_below_a_quantity_relative_to_the_calibrator_under_either_policy(policy):
    table = knockout(undetermined=policy)
    row = of(table, "KO")
    assert row["result"] == f"not found in any of 2 reactions: relative quantity < {RELATIVE:.2g}"
    assert row["relative_quantity_bound"] == pytest.approx(RELATIVE)
    assert row["delta_cq_bound"] == pytest.approx(LIMIT)
    assert (row["n_wells"], row["n_undetermined"]) == (2, 2)
    assert math.isnan(row["mean_cq"])
    assert math.isnan(row["delta_cq"])
    assert of(table, "WT")["result"] == "found in all 2 reactions"
    assert of(table, "het")["result"] == (
        f"found in 1 of 2 reactions; the others: relative quantity < {RELATIVE:.2g}"
    )
    assert of(table, "het")["mean_cq"] == 26.0


def test_without_a_calibrator_the_bound_is_one_of_delta_cq():
    row = of(knockout(calibrated=False), "KO")
    assert row["result"] == f"not found in any of 2 reactions: delta Cq > {LIMIT:.1f}"
    assert math.isnan(row["relative_quantity_bound"])


def test_without_reference_genes_there_is_no_bound():
    row = of(knockout(normaliser_cq=None), "KO")
    assert row["result"] == "not found in any of 2 reactions: no bound without reference genes"


def test_another_limit_of_detection_is_another_bound():
    row = of(knockout(cq_limit=35.0), "KO")
    assert row["relative_quantity_bound"] == pytest.approx(2 ** ((25 - 35) * math.log2(1.9)))


def test_the_bound_is_calibrated_as_the_runs_are():
    wells = plate(
        pair("IRC", (24.0,), (18.0,), role="calibrator"), pair("WT", (25.0,), (18.0,)),
        pair("KO", (None,), (18.0,)),
    )  # fmt: skip
    settings = QpcrParameters(run_calibration=True, calibrator="WT")
    row = of(quantify(wells, settings).tables["Undetermined"], "KO")
    assert row["delta_cq_bound"] == pytest.approx(40 - 18 - (24 - 18))
    assert row["relative_quantity_bound"] == pytest.approx(2.0**-15)


def test_only_targets_that_are_undetermined_somewhere_are_listed():
    assert set(knockout()["target"]) == {"RUNX2"}
    everywhere = plate(pair("s1", (25.0,), (18.0,)))
    assert quantify(everywhere, PLAIN).tables["Undetermined"].empty


def test_wells_that_were_not_read_do_not_count_as_not_found():
    wells = plate(pair("WT", (25.0,), (18.0,)), pair("KO", (None, ""), (18.0,)))
    row = of(quantify(wells, PLAIN).tables["Undetermined"], "KO")
    assert row["result"].startswith("not found in any of 1 reactions")


def controls(*groups):
    wells = plate(pair("s1", (25.0, 26.5), (18.0,)), *groups)
    return quantify(wells, BOUND).tables["Controls"]


def test_controls_stand_beside_the_latest_sample_of_their_target():
    table = controls(
        pair("s2", (None,), (19.0,)),
        reactions("water", "RUNX2", 33.0, None, 32.0, role="ntc"),
        reactions("no RT", "RUNX2", None, role="nrt"),
        reactions("water", "ACTB", 36.0, role="ntc"),
    )
    ntc = table[table["target"].eq("RUNX2") & table["kind"].eq("no template")].iloc[0]
    assert (ntc["n_wells"], ntc["n_with_cq"], ntc["lowest_cq"]) == (3, 2, 32.0)
    assert (ntc["latest_sample_cq"], ntc["distance"]) == (26.5, 5.5)
    assert ntc["wells"] == "A6, A7, A8"
    nrt = of(table, "no RT")
    assert (nrt["kind"], nrt["n_with_cq"]) == ("no reverse transcription", 0)
    assert math.isnan(nrt["distance"])
    assert of(table, "water", "ACTB")["distance"] == 17.0


def test_an_undetermined_control_has_no_cq_and_an_excluded_one_is_none():
    table = controls(
        reactions("water", "RUNX2", None, role="ntc"),
        reactions("other", "RUNX2", 20.0, role="ntc", excluded=True),
    )
    (row,) = table.to_dict("records")
    assert (row["sample"], row["n_with_cq"]) == ("water", 0)


def melts(*peaks, expected=84.0):
    """Wells A1, A2, ... each with (Tm 1, height 1, Tm 2, height 2); None is not there."""
    names = ("tm_1", "melt_peak_height_1", "tm_2", "melt_peak_height_2")
    rows = [
        {"plate": "P1", "well": f"A{number}", "sample": "s1", "target": "RUNX2", "channel": name,
         "value": value, "expected_tm": expected}
        for number, values in enumerate(peaks, 1)
        for name, value in zip(names, values, strict=True)
        if value is not None
    ]  # fmt: skip
    return melt_table(pd.DataFrame(rows), PLAIN).set_index("well")


def test_a_second_peak_counts_by_its_height_and_not_by_being_there():
    table = melts((84.0, 1.0, 78.0, 0.17), (84.0, 2.0, 78.0, 0.6), (84.0, 2.0, 78.0, 0.62))
    assert table["verdict"].tolist() == [
        "one product", "one product", "second peak of 31% of the first",
    ]  # fmt: skip
    assert table["second_height"].tolist() == pytest.approx([0.17, 0.3, 0.31])
    assert table["second_tm"].tolist() == [78.0] * 3


def test_a_product_that_melts_elsewhere_is_told_from_its_limit_on():
    table = melts((85.5, 1.0, None, None), (85.6, 1.0, None, None), (82.0, 1.0, 84.0, 0.9))
    assert table["verdict"].tolist() == [
        "one product", "melts 1.6 °C from the expected temperature",
        "second peak of 90% of the first; melts 2.0 °C from the expected temperature",
    ]  # fmt: skip


def test_temperatures_without_heights_or_expectation_give_no_verdict_against_them():
    table = melts((84.0, None, 78.0, None), expected=math.nan)
    assert table["verdict"].tolist() == ["one product"]
    assert table["second_height"].isna().all()


def test_a_plate_without_melt_curves_has_an_empty_table():
    table = melt_table(plate(pair("s1", (25.0,), (18.0,))), PLAIN)
    assert table.empty
    assert set(table.columns) == {*melts((84.0, 1.0, 78.0, 0.1)).columns, "well"}
