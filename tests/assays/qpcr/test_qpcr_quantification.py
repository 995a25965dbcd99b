"""The whole way of a plate: observations, what is left out, and what must not matter."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qpcr_wells import SHEET, of, pair, plate, reactions

from assaykit.assays.qpcr import ASSAY, QpcrParameters, quantify
from assaykit.errors import InputError, NothingToAnalyseError
from assaykit.tables import OBSERVATIONS, check_observations

PLAIN = QpcrParameters()
FEW = settings(derandomize=True, max_examples=4, deadline=None)
EIGHTY = {"RUNX2": SHEET["RUNX2"] | {"efficiency": 0.8}, "ACTB": SHEET["ACTB"]}


def two_samples(**columns):
    return plate(
        pair("s1", (25.0, 25.2), (18.0, 18.2), **columns),
        pair("s2", (27.0, 27.4), (18.5, 18.5), **columns | {"treatment": "vesicle"}),
        sheet=EIGHTY,
    )


def test_an_observation_is_minus_delta_cq_of_its_well():
    made = quantify(two_samples(), QpcrParameters(calibrator="s1")).observations
    delta = np.array([25.0, 25.2, 27.0, 27.4]) * math.log2(1.8) - [18.1, 18.1, 18.5, 18.5]
    assert made["value"].tolist() == pytest.approx((-delta).tolist())
    assert made["delta_cq"].tolist() == pytest.approx(delta.tolist())
    ddcq = delta - (25.1 * math.log2(1.8) - 18.1)
    assert made["delta_delta_cq"].tolist() == pytest.approx(ddcq.tolist())
    assert made["relative_quantity"].tolist() == pytest.approx((2**-ddcq).tolist())
    assert made["cq"].tolist() == [25.0, 25.2, 27.0, 27.4]
    assert made["reference_cq"].tolist() == pytest.approx([18.1, 18.1, 18.5, 18.5])


def test_observations_are_valid_and_have_what_others_rely_on():
    made = check_observations(quantify(two_samples(), PLAIN).observations)
    for name, value in (
        ("assay", "qpcr"), ("endpoint", "log2_expression"), ("unit", "log2"), ("scale", "log2"),
        ("analyte", "RUNX2"), ("role", "sample"), ("flags", ""),
    ):  # fmt: skip
        assert made[name].eq(value).all(), name
    assert made["treatment"].tolist() == ["control"] * 2 + ["vesicle"] * 2
    assert made["biological_replicate"].tolist() == ["s1", "s1", "s2", "s2"]
    given_already = {"row", "column", "dilution_factor"}
    assert set(OBSERVATIONS.names) - given_already <= set(made.columns)
    assert ASSAY.endpoint(made["endpoint"].iloc[0]).scale == "log2"
    internal = {"undetermined", "run_correction", "efficiency_declared", "flag", "channel"}
    assert not internal & set(made.columns)


def test_the_means_of_observations_are_the_delta_cq_of_their_sample():
    made = quantify(two_samples(), PLAIN)
    means = made.observations.groupby("sample")["value"].mean()
    table = made.tables["Targets"].set_index("sample")
    assert (-means).to_dict() == pytest.approx(table["delta_cq"].to_dict())


def test_calibrators_standards_and_controls_are_no_observations():
    wells = plate(
        pair("s1", (25.0,), (18.0,)), pair("cal", (24.0,), (18.0,), role="calibrator"),
        reactions("pool", "RUNX2", 20.0, role="standard", nominal_concentration=10.0),
        reactions("water", "RUNX2", None, role="ntc"), reactions("-RT", "RUNX2", None, role="nrt"),
    )  # fmt: skip
    made = quantify(wells, PLAIN)
    assert made.observations["sample"].tolist() == ["s1"]
    assert made.tables["Targets"]["sample"].tolist() == ["s1", "cal"]
    assert of(made.tables["Targets"], "s1")["relative_quantity"] == pytest.approx(0.5)


def test_several_calibrators_may_be_named_and_beat_those_of_the_role():
    wells = plate(
        pair("s1", (25.0,), (18.0,)), pair("s2", (27.0,), (18.0,)),
        pair("cal", (20.0,), (18.0,), role="calibrator"),
    )  # fmt: skip
    table = quantify(wells, QpcrParameters(calibrator="s1, s2")).tables["Targets"]
    assert table["delta_delta_cq"].tolist() == pytest.approx([-1.0, 1.0, -6.0])
    table = quantify(wells, PLAIN).tables["Targets"]
    assert table["delta_delta_cq"].tolist() == pytest.approx([5.0, 7.0, 0.0])


def test_unknown_calibrators_are_all_named():
    with pytest.raises(InputError) as caught:
        quantify(two_samples(), QpcrParameters(calibrator="S1,s2,apple"))
    assert [problem.code for problem in caught.value.problems] == ["unknown_calibrator"] * 2
    assert caught.value.problems[0].remedy == "Did you mean 's1'?"


def test_an_excluded_well_leaves_the_mean_and_keeps_its_row():
    wells = two_samples()
    wells.loc[wells["value"] == 25.2, ["excluded", "reason"]] = [True, "bubble"]
    made = quantify(wells, PLAIN)
    assert of(made.tables["Targets"], "s1")[["mean_cq", "n_wells"]].tolist() == [25.0, 1]
    assert len(made.observations) == 4
    row = made.observations.iloc[1]
    assert (row["excluded"], row["reason"], row["flags"]) == (True, "bubble", "")
    assert row["delta_cq"] == pytest.approx(25.2 * math.log2(1.8) - 18.1)


def test_a_sample_of_which_every_well_is_excluded_keeps_its_rows_without_a_number():
    wells = two_samples()
    wells["excluded"] = (wells["sample"] == "s2") & (wells["target"] == "RUNX2")
    made = quantify(wells, PLAIN)
    assert made.tables["Targets"]["sample"].tolist() == ["s1"]
    rows = made.observations.set_index("sample").loc["s2"]
    assert rows["value"].isna().all()
    assert rows["excluded"].all()
    assert rows["flags"].eq("").all()


@pytest.mark.parametrize("lost", ["undetermined", "excluded"])
@pytest.mark.parametrize("policy", ["exclude", "bound"])
def test_a_sample_without_its_reference_gene_has_flags_and_no_number(lost, policy):
    wells = two_samples()
    reference = (wells["sample"] == "s2") & (wells["target"] == "ACTB")
    if lost == "excluded":
        wells["excluded"] = reference
    else:
        wells.loc[reference, ["value", "flag"]] = [math.nan, "undetermined"]
    made = quantify(wells, QpcrParameters(undetermined=policy)).observations.set_index("sample")
    assert made.loc["s2", "flags"].eq("no_reference_cq").all()
    assert made.loc["s2", "value"].isna().all()
    assert made.loc["s1", "flags"].eq("").all()


def with_knockout():
    return plate(pair("s1", (25.0, 25.2), (18.0,)), pair("KO", (None, None), (18.0,)))


def test_undetermined_wells_have_no_number_where_they_are_left_out():
    made = quantify(with_knockout(), PLAIN)
    rows = made.observations.set_index("sample").loc["KO"]
    assert rows["value"].isna().all()
    assert rows["flags"].eq("undetermined").all()
    row = of(made.tables["Targets"], "KO")
    assert (row["n_wells"], row["n_undetermined"], row["flags"]) == (0, 2, "")


def test_at_the_bound_they_have_the_limit_and_flags_that_say_so():
    settings = QpcrParameters(undetermined="bound", cq_limit=38.0, calibrator="s1")
    made = quantify(with_knockout(), settings)
    rows = made.observations.set_index("sample").loc["KO"]
    assert rows["value"].tolist() == [-20.0, -20.0]
    assert rows["flags"].eq("undetermined; at_bound").all()
    row = of(made.tables["Targets"], "KO")
    assert row["flags"] == "at_bound"
    bound = of(made.tables["Undetermined"], "KO")["relative_quantity_bound"]
    assert row["relative_quantity"] == pytest.approx(bound)
    assert of(made.tables["Targets"], "s1")["flags"] == ""


def test_reference_genes_only_are_nothing_to_analyse():
    with pytest.raises(NothingToAnalyseError, match="every one is a reference gene"):
        quantify(plate(reactions("s1", "ACTB", 18.0)), PLAIN)


def references(*genes, samples=4):
    sheet = SHEET | dict.fromkeys(genes, SHEET["ACTB"])
    groups = [
        row
        for number in range(samples)
        for row in (
            *reactions(f"s{number}", "RUNX2", 25.0),
            *(r for i, gene in enumerate(genes)
              for r in reactions(f"s{number}", gene, 20.0 + number * (i + 1) / 2)),
        )
    ]  # fmt: skip
    return plate(groups, sheet=sheet)


@pytest.mark.parametrize(("genes", "samples"), [(("ACTB", "B2M"), 4), (("ACTB", "B2M", "TBP"), 2)])
def test_too_few_reference_genes_or_samples_have_no_m_and_say_why(genes, samples):
    table = quantify(references(*genes, samples=samples), PLAIN).tables["Reference genes"]
    assert table["gene"].tolist() == list(genes)
    assert "m" not in table
    assert table["remark"].str.contains("need three reference genes").all()
    assert table["sd_log2"].iloc[0] == pytest.approx(np.std(np.arange(samples) / 2, ddof=1))


def test_three_reference_genes_have_m_and_stability():
    """Cq rise by 0.5, 1 and 1.5 a sample: SD of the ratios are 0.5 and 1 times that of 0 … 3."""
    table = quantify(references("ACTB", "B2M", "TBP"), PLAIN).tables["Reference genes"]
    sd = np.std(range(4), ddof=1)
    m = table.set_index("gene")["m"]
    assert m.to_dict() == pytest.approx(
        {"ACTB": 0.75 * sd, "B2M": 0.5 * sd, "TBP": 0.75 * sd}, rel=1e-12
    )
    assert {"stability", "sd_log2", "role"} <= set(table.columns)


def test_nothing_is_changed_in_place():
    wells = with_knockout()
    quantify(wells, QpcrParameters(undetermined="bound", calibrator="s1"))
    pd.testing.assert_frame_equal(wells, with_knockout())


@FEW
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_wells_does_not_matter(random):
    wells = plate(
        pair("s1", (25.0, 25.2), (18.0, 18.2)), pair("s2", (27.0, 27.4), (18.5, 18.5)),
        pair("KO", (None, 38.0, None), (18.0,)), reactions("water", "RUNX2", 36.0, role="ntc"),
    )  # fmt: skip
    order = list(range(len(wells)))
    random.shuffle(order)
    straight, mixed = (
        quantify(table, QpcrParameters(undetermined="bound", calibrator="s1"))
        for table in (wells, wells.iloc[order])
    )
    for name, keys in (("Targets", ["sample", "target"]), ("Undetermined", ["sample"]),
                       ("Controls", ["sample"])):  # fmt: skip
        tables = [
            made.tables[name].sort_values(keys, ignore_index=True) for made in (straight, mixed)
        ]
        pd.testing.assert_frame_equal(*tables, rtol=1e-12, check_dtype=False)
    values = [
        made.observations.set_index("well")["value"].sort_index() for made in (straight, mixed)
    ]
    pd.testing.assert_series_equal(*values, rtol=1e-12)


@FEW
@given(st.floats(-6, 6))
def test_more_rna_in_a_sample_changes_no_observation(shift):
    wells = plate(pair("s1", (25.0, 25.2), (18.0,)), pair("s2", (27.0,), (18.5, 18.9)))
    moved = wells.assign(value=wells["value"] + shift * (wells["sample"] == "s2"))
    first, other = (quantify(table, PLAIN).observations["value"] for table in (wells, moved))
    assert other.tolist() == pytest.approx(first.tolist(), abs=1e-9)


def two_plates():
    """The same samples on two plates, the second 1 cycle later in its reference gene."""
    return pd.concat(
        [
            plate(pair("s1", (25.0,), (18.0,)), name="P1"),
            plate(pair("s1", (25.0,), (19.0,)), name="P2"),
        ]
    )


def test_plates_are_normalised_each_by_itself():
    made = quantify(two_plates(), PLAIN)
    assert made.observations["value"].tolist() == [-7.0, -6.0]
    assert made.observations["plate"].tolist() == ["P1", "P2"]
    assert made.tables["Targets"]["plate"].tolist() == ["P1", "P2"]
    for name in ("Efficiency", "MIQE", "Reference genes"):
        assert made.tables[name]["plate"].unique().tolist() == ["P1", "P2"]
    assert len(made.steps) == 1


def test_problems_of_several_plates_are_listed_together_with_their_plate():
    wells = two_plates()
    wells.loc[wells["plate"] == "P2", "target_role"] = "target"
    wells = pd.concat([wells, plate(reactions("s1", "ACTB", 18.0), name="P3", sheet={})])
    with pytest.raises(InputError) as caught:
        quantify(wells, PLAIN)
    assert [problem.message[:8] for problem in caught.value.problems] == ["plate P2"] * 2 + [
        "plate P3"
    ]
