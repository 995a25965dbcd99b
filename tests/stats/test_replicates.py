import numpy as np
import pandas as pd
import pytest
from small_studies import observations, treatment_design

from assaykit.design import Design, Factor
from assaykit.errors import DesignError, InputError, NothingToAnalyseError
from assaykit.stats import replicate_values
from assaykit.tables import REPLICATES

DESIGN = treatment_design("control", "vesicle")
WELLS = {
    "vesicle": {"d1": [8.0, 2.0], "d2": [9.0, 9.0, 9.0]},
    "control": {"d1": [1.0, 4.0], "d2": [5.0]},
}


def values_of(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = zip(table["arm"], table["biological_replicate"], strict=True)
    return dict(zip(keys, table["value"], strict=True))


def test_wells_are_averaged_within_each_replicate():
    table = replicate_values(observations(WELLS), DESIGN)
    assert values_of(table) == {
        ("control", "d1"): 2.5,
        ("control", "d2"): 5.0,
        ("vesicle", "d1"): 5.0,
        ("vesicle", "d2"): 9.0,
    }
    assert table["n_wells"].tolist() == [2, 1, 2, 3]


def test_the_columns_are_those_of_the_replicates_table_and_the_factors():
    table = replicate_values(observations(WELLS), DESIGN)
    assert list(table.columns) == [*REPLICATES.names, "treatment"]
    assert table["treatment"].tolist() == table["arm"].tolist()


def test_arms_come_in_declared_order_whatever_the_rows():
    table = replicate_values(observations(WELLS).iloc[::-1], DESIGN)
    assert table["arm"].tolist() == ["control", "control", "vesicle", "vesicle"]


def test_a_log_scale_takes_the_geometric_mean():
    table = replicate_values(observations(WELLS, scale="log"), DESIGN)
    assert values_of(table)["vesicle", "d1"] == pytest.approx(4)
    assert values_of(table)["control", "d1"] == pytest.approx(2)


@pytest.mark.parametrize("scale", ["linear", "log2", "count"])
def test_every_other_scale_takes_the_arithmetic_mean(scale):
    table = replicate_values(observations(WELLS, scale=scale), DESIGN)
    assert values_of(table)["vesicle", "d1"] == 5


def test_fractions_are_averaged_as_they_are():
    wells = {"control": {"d1": [0.0, 0.5]}, "vesicle": {"d1": [1.0, 0.5]}}
    table = replicate_values(observations(wells, scale="fraction"), DESIGN)
    assert table["value"].tolist() == [0.25, 0.75]


def test_wells_left_out_are_counted_not_used():
    wells = observations({"control": {"d1": [1.0, 3.0, np.nan, 100.0]}, "vesicle": {"d1": [2.0]}})
    wells["excluded"] = wells["value"] == 100
    row = replicate_values(wells, DESIGN).iloc[0]
    assert (row["value"], row["n_wells"], row["n_excluded"]) == (2, 2, 2)


def test_a_replicate_without_any_well_has_no_value_but_keeps_its_row():
    wells = observations({"control": {"d1": [np.nan, np.inf]}, "vesicle": {"d1": [2.0]}})
    for scale in ("linear", "log"):
        row = replicate_values(wells.assign(scale=scale), DESIGN).iloc[0]
        assert np.isnan(row["value"])
        assert (row["n_wells"], row["n_excluded"]) == (0, 2)


def test_only_samples_take_part():
    blank = observations({"control": {"d1": [1000.0]}}).assign(role="blank", treatment="")
    table = pd.concat([observations(WELLS), blank])
    assert replicate_values(table, DESIGN)["n_wells"].sum() == 8


def test_one_replicate_on_two_plates_is_one_replicate():
    wells = observations({"control": {"d1": [1.0, 3.0]}, "vesicle": {"d1": [2.0, 4.0]}})
    wells["plate"] = ["P1", "P2", "P1", "P2"]
    assert replicate_values(wells, DESIGN)["value"].tolist() == [2, 3]


def test_analytes_and_endpoints_are_kept_apart():
    both = pd.concat(
        [
            observations(WELLS, analyte="RANKL"),
            observations(WELLS, analyte="OPG"),
            observations(WELLS, analyte="OPG", endpoint="number"),
        ]
    )
    table = replicate_values(both, DESIGN)
    counts = table.groupby(["analyte", "endpoint"], sort=False).size()
    assert counts.to_dict() == {("RANKL", "area"): 4, ("OPG", "area"): 4, ("OPG", "number"): 4}


def test_two_factors_are_joined_to_arms():
    design = Design(
        (
            Factor("genotype", ("WT", "KO"), "WT"),
            Factor("treatment", ("control", "vesicle"), "control"),
        )
    )
    wells = observations(WELLS).assign(genotype=["KO"] * 5 + ["WT"] * 3)
    table = replicate_values(wells, design)
    assert table["arm"].tolist() == ["WT / control"] * 2 + ["KO / vesicle"] * 2
    assert table["genotype"].tolist() == ["WT", "WT", "KO", "KO"]


def test_one_arm_alone_can_be_averaged():
    table = replicate_values(observations({"vesicle": WELLS["vesicle"]}), DESIGN)
    assert table["value"].tolist() == [5, 9]


@pytest.mark.parametrize(
    ("scale", "value", "expected"),
    [
        ("log", 0.0, "expected above 0"),
        ("log", -2.0, "expected above 0"),
        ("count", -1.0, "expected 0 or more"),
        ("fraction", 1.5, "expected between 0 and 1"),
    ],
)
def test_a_value_that_its_scale_cannot_have_names_its_well(scale, value, expected):
    wells = observations({"control": {"d1": [0.5, value]}, "vesicle": {"d1": [value, 0.5]}})
    with pytest.raises(InputError, match=expected) as error:
        replicate_values(wells.assign(scale=scale), DESIGN)
    assert [(p.file, p.well) for p in error.value.problems] == [("P1", "B1"), ("P1", "C1")]


def test_an_excluded_value_may_be_anything():
    wells = observations({"control": {"d1": [0.5, -1.0]}, "vesicle": {"d1": [0.5]}}, scale="log")
    wells["excluded"] = wells["value"] < 0
    assert replicate_values(wells, DESIGN)["value"].tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(("column", "other"), [("unit", "cm2"), ("scale", "log")])
def test_an_endpoint_with_two_units_or_scales_is_refused(column, other):
    wells = observations(WELLS)
    wells.loc[0, column] = other
    with pytest.raises(InputError, match=f"trap area has more than one {column}"):
        replicate_values(wells, DESIGN)


def test_wells_without_a_replicate_are_refused():
    with pytest.raises(DesignError, match="Wells are not n"):
        replicate_values(observations(WELLS).assign(biological_replicate=""), DESIGN)


def test_an_unknown_level_is_refused():
    with pytest.raises(DesignError, match="found 'Vesicle'"):
        replicate_values(observations({**WELLS, "Vesicle": {"d1": [1.0]}}), DESIGN)


def test_a_design_without_factors_is_refused():
    with pytest.raises(DesignError, match="the design has no factor"):
        replicate_values(observations(WELLS), Design())


def test_no_sample_at_all_is_nothing_to_analyse():
    with pytest.raises(NothingToAnalyseError, match="role 'sample'"):
        replicate_values(observations(WELLS).assign(role="standard"), DESIGN)


def test_the_observations_are_left_as_they_are():
    wells = observations(WELLS)
    before = wells.copy()
    replicate_values(wells, DESIGN)
    pd.testing.assert_frame_equal(wells, before)
