"""From Cq to relative quantity: the arithmetic, its errors and what it must not depend on."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.assays.qpcr import relative_quantities, vendor_intervals
from assaykit.assays.qpcr.quantities import relative_to
from assaykit.errors import InputError

TARGETS = pd.DataFrame(
    {"target": ["RUNX2", "ACTB", "HPRT1"], "role": ["target", "reference", "reference"],
     "efficiency": [0.9, 1.0, math.nan]}
)  # fmt: skip
CQ = {
    ("control", "RUNX2"): (25.0, 25.2), ("control", "ACTB"): (18.0, 18.1),
    ("control", "HPRT1"): (23.0,), ("vesicle", "RUNX2"): (26.0, 26.4),
    ("vesicle", "ACTB"): (18.3, 18.5), ("vesicle", "HPRT1"): (23.2,),
}  # fmt: skip


def wells(cq=CQ):
    rows = [
        {"plate": "p", "sample": sample, "target": target, "cq": one}
        for (sample, target), values in cq.items()
        for one in values
    ]
    return pd.DataFrame(rows).assign(well=[f"A{number + 1}" for number in range(len(rows))])


def by_sample(*arguments, **named):
    return relative_quantities(*arguments, **named).set_index("sample")


def test_the_chain_by_hand():
    table = by_sample(wells(), TARGETS, "control")
    control, vesicle = table.loc["control"], table.loc["vesicle"]
    assert control["weighted_cq"] == pytest.approx(25.1 * math.log2(1.9))
    assert vesicle["reference_cq"] == pytest.approx((18.4 + 23.2) / 2)
    ddcq = (26.2 - 25.1) * math.log2(1.9) - (18.4 + 23.2 - 18.05 - 23.0) / 2
    assert vesicle["delta_delta_cq"] == pytest.approx(ddcq)
    assert vesicle["relative_quantity"] == pytest.approx(2**-ddcq)
    assert (control["delta_delta_cq"], control["relative_quantity"]) == (0.0, 1.0)
    assert vesicle["sd_cq"] == pytest.approx(0.4 / math.sqrt(2))
    assert (vesicle["n_wells"], vesicle["n_undetermined"]) == (2, 0)


def test_without_a_calibrator_there_is_only_delta_cq():
    table = relative_quantities(wells(), TARGETS)
    assert table["delta_cq"].notna().all()
    assert table[["delta_delta_cq", "relative_quantity"]].isna().all(axis=None)


def test_several_calibrators_are_averaged_on_the_scale_of_delta_cq():
    table = by_sample(wells(), TARGETS, ["control", "vesicle"])
    assert table["delta_delta_cq"].mean() == pytest.approx(0.0, abs=1e-12)
    assert np.prod(table["relative_quantity"]) == pytest.approx(1.0)


def test_a_target_may_have_reference_genes_of_its_own():
    table = by_sample(wells(), TARGETS, normalisers={"RUNX2": ("HPRT1",)})
    assert table["reference_cq"].to_dict() == {"control": 23.0, "vesicle": 23.2}


def test_a_cq_without_a_number_takes_no_part_and_is_counted():
    cq = CQ | {("vesicle", "RUNX2"): (26.0, math.nan, 26.4), ("control", "RUNX2"): (math.nan,)}
    table = by_sample(wells(cq), TARGETS)
    assert table["mean_cq"]["vesicle"] == pytest.approx(26.2)
    assert table["n_undetermined"].to_dict() == {"control": 1, "vesicle": 1}
    assert table["n_wells"].to_dict() == {"control": 0, "vesicle": 2}
    assert math.isnan(table["delta_cq"]["control"])


@pytest.mark.parametrize("lost", [{}, {("vesicle", "HPRT1"): (math.nan,)}])
def test_a_sample_that_lacks_one_reference_gene_has_no_delta_cq(lost):
    cq = {key: value for key, value in CQ.items() if key != ("vesicle", "HPRT1")} | lost
    table = by_sample(wells(cq), TARGETS, "control")
    assert table.loc["vesicle", ["delta_cq", "relative_quantity"]].isna().all()
    assert table.loc["control", "relative_quantity"] == 1.0
    assert table.loc["vesicle", "mean_cq"] == pytest.approx(26.2)


def test_all_errors_come_at_once_with_what_was_meant():
    misspelled = wells().replace({"target": {"HPRT1": "HPRT"}})
    declared = TARGETS.assign(role="target")
    with pytest.raises(InputError) as caught:
        relative_quantities(misspelled, declared, ["contrl", "vesicle"])
    found = {problem.code: problem for problem in caught.value.problems}
    assert set(found) == {"unknown_target", "no_reference_gene", "unknown_calibrator"}
    assert found["unknown_target"].remedy == "Did you mean 'HPRT1'?"
    assert found["unknown_calibrator"].message == "no well holds the calibrator 'contrl'"
    assert found["unknown_calibrator"].remedy == "Did you mean 'control'?"


@pytest.mark.parametrize("calibrator", ["1", [1]])
def test_samples_may_be_called_by_numbers(calibrator):
    numbered = wells().replace({"sample": {"control": 1, "vesicle": 2}}).astype({"sample": int})
    table, named = relative_quantities(numbered, TARGETS, calibrator), wells()
    expected = relative_quantities(named, TARGETS, "control")
    assert table["relative_quantity"].tolist() == expected["relative_quantity"].tolist()
    limits = vendor_intervals(table, numbered, TARGETS)["vendor_rq_max"]
    assert limits.equals(vendor_intervals(expected, named, TARGETS)["vendor_rq_max"])


def test_no_target_gives_an_empty_table_with_its_columns():
    empty = relative_quantities(wells().query("target != 'RUNX2'"), TARGETS)
    assert empty.empty
    assert list(empty.columns) == list(relative_quantities(wells(), TARGETS).columns)


def test_nothing_is_changed_in_place():
    given_wells, given_targets = wells(), TARGETS.copy()
    found = relative_quantities(given_wells, given_targets, "control")
    vendor_intervals(found, given_wells, given_targets)
    before = found.copy()
    relative_to(found, "vesicle")
    pd.testing.assert_frame_equal(given_wells, wells())
    pd.testing.assert_frame_equal(given_targets, TARGETS)
    pd.testing.assert_frame_equal(found, before)


FEW = settings(derandomize=True, max_examples=20, deadline=None)
NUMBERS = ["delta_cq", "delta_delta_cq", "relative_quantity"]


@FEW
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_wells_does_not_matter(random):
    order = list(range(len(wells())))
    random.shuffle(order)
    straight, mixed = (
        vendor_intervals(relative_quantities(table, TARGETS, "control"), table, TARGETS)
        .set_index("sample").sort_index()
        for table in (wells(), wells().iloc[order])
    )  # fmt: skip
    pd.testing.assert_frame_equal(straight, mixed, rtol=1e-12)


@FEW
@given(st.floats(-8, 8))
def test_more_rna_in_a_sample_changes_no_delta_cq(shift):
    """A constant on all weighted Cq of a sample is its amount of RNA; here all have 100 %."""
    exact = TARGETS.assign(efficiency=1.0)
    moved = wells().assign(cq=lambda table: table["cq"] + shift * (table["sample"] == "vesicle"))
    first, other = (by_sample(table, exact, "control")[NUMBERS] for table in (wells(), moved))
    assert other.to_numpy() == pytest.approx(first.to_numpy(), rel=1e-9, abs=1e-9)


@FEW
@given(st.floats(-8, 8), st.sampled_from(["RUNX2", "ACTB", "HPRT1"]))
def test_another_threshold_of_a_target_changes_no_relative_quantity(shift, target):
    moved = wells().assign(cq=lambda table: table["cq"] + shift * (table["target"] == target))
    first, other = (by_sample(table, TARGETS, "control") for table in (wells(), moved))
    assert other["relative_quantity"].tolist() == pytest.approx(first["relative_quantity"].tolist())


@FEW
@given(st.floats(0.5, 1.0))
def test_the_same_efficiency_for_all_scales_the_logarithm_of_the_quantity(efficiency):
    first = by_sample(wells(), TARGETS.assign(efficiency=1.0), "control")["delta_delta_cq"]
    other = by_sample(wells(), TARGETS.assign(efficiency=efficiency), "control")["delta_delta_cq"]
    assert other.tolist() == pytest.approx((first * math.log2(1 + efficiency)).tolist(), abs=1e-12)


ONE_REFERENCE = TARGETS.iloc[:2].assign(efficiency=[0.9, 0.8])


def vendor(duplex):
    table = wells({key: value for key, value in CQ.items() if key[1] != "HPRT1"})
    if duplex:
        table["well"] = ["A1", "A2", "A1", "A2", "B1", "B2", "B1", "B2"]
    found = relative_quantities(table, ONE_REFERENCE, "control")
    return vendor_intervals(found, table, ONE_REFERENCE).set_index("sample").loc["vesicle"]


def test_vendor_limits_of_wells_of_their_own():
    """SE = √(sd_t²/n_t + sd_r²/n_r) of weighted Cq; t with 2 degrees of freedom is 4.302653."""
    row = vendor(duplex=False)
    error = math.hypot(0.2 * math.log2(1.9), 0.1 * math.log2(1.8))
    assert row["vendor_delta_cq_se"] == pytest.approx(error)
    low = 2 ** -(row["delta_delta_cq"] + 4.30265272991 * error)
    assert row["vendor_rq_min"] == pytest.approx(low, rel=1e-9)
    middle = math.sqrt(row["vendor_rq_min"] * row["vendor_rq_max"])
    assert middle == pytest.approx(row["relative_quantity"], rel=1e-9)


def test_vendor_limits_of_duplex_wells_are_of_their_differences():
    """t with 1 degree of freedom is 12.706205."""
    row = vendor(duplex=True)
    error = 0.2 * math.log2(1.9) - 0.1 * math.log2(1.8)
    assert row["vendor_delta_cq_se"] == pytest.approx(error)
    low = 2 ** -(row["delta_delta_cq"] + 12.7062047362 * error)
    assert row["vendor_rq_min"] == pytest.approx(low, rel=1e-9)


def test_vendor_limits_are_missing_where_they_are_not_defined():
    several = vendor_intervals(relative_quantities(wells(), TARGETS, "control"), wells(), TARGETS)
    single = wells({key: value[:1] for key, value in CQ.items() if key[1] != "HPRT1"})
    one = relative_quantities(single, ONE_REFERENCE, "control")
    columns = ["vendor_delta_cq_se", "vendor_rq_min", "vendor_rq_max"]
    for table in (several, vendor_intervals(one, single, ONE_REFERENCE)):
        assert table[columns].isna().all(axis=None)
