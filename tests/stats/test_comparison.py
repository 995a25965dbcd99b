import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import (
    BLOOD,
    by_genotype,
    genotype_design,
    observations,
    one_well_each,
    treatment_design,
)

from assaykit.design import Contrast
from assaykit.errors import DesignError, InputError, NothingToAnalyseError
from assaykit.stats import benjamini_hochberg, compare, paired_test
from assaykit.tables import EFFECTS

DESIGN = treatment_design("control", "vesicle", "KO vesicle")
WELLS = {
    "control": {"d1": [10.0, 12.0], "d2": [20.0, 18.0], "d3": [14.0, 15.0], "d4": [9.0, 10.0]},
    "vesicle": {"d1": [21.0, 25.0], "d2": [33.0, 35.0], "d3": [30.0, 27.0], "d4": [22.0, 20.0]},
    "KO vesicle": {"d1": [13.0, 12.0], "d2": [21.0, 20.0], "d3": [13.0, 17.0], "d4": [12.0, 12.0]},
}
NUMBERS = ["estimate", "ci_low", "ci_high", "standard_error", "df", "statistic", "p_value"]
NUMBERS += ["p_adjusted", "q_value", "hedges_g"]


def test_the_columns_are_exactly_those_of_the_effects_table():
    effects = compare(observations(WELLS, scale="log"), DESIGN)
    assert tuple(effects.columns) == EFFECTS.names
    assert effects["contrast"].tolist() == ["vesicle vs control", "KO vesicle vs control"]
    assert effects["n_biological"].tolist() == [4, 4]
    assert effects["n_technical"].tolist() == [16, 16]


def test_the_whole_way_from_wells_to_a_ratio():
    design = treatment_design("control", "vesicle")
    wells = observations({arm: WELLS[arm] for arm in design.arms}, scale="log")
    effect = compare(wells, design).iloc[0]
    means = {arm: [np.log(w).mean() for w in WELLS[arm].values()] for arm in design.arms}
    test = paired_test(means["vesicle"], means["control"])
    assert effect["estimate"] == pytest.approx(np.exp(test.estimate))
    assert effect["ci_high"] == pytest.approx(np.exp(test.ci_high))
    assert effect["p_value"] == pytest.approx(test.p_value)


# Dunnett (1955), R 4.2.2 as in test_contrasts: one animal, one count.
def test_dunnetts_example_runs_the_whole_way():
    effects = compare(one_well_each(BLOOD, shared=False), treatment_design("control", "A", "B"))
    assert effects["p_adjusted"].tolist() == pytest.approx(
        [0.620101980018454, 0.00582536084794605], rel=1e-8
    )
    assert effects["ci_low"].tolist() == pytest.approx([-1.25630413715602, 0.839728206413357])
    assert effects["n_biological"].tolist() == [10, 11]
    # effectsize::hedges_g for B against control
    assert effects["hedges_g"].iloc[1] == pytest.approx(1.91763998220215, rel=1e-9)


def test_q_values_run_over_all_contrasts_of_all_endpoints():
    two = pd.concat(
        [
            observations(WELLS, scale="log"),
            observations(WELLS, scale="log", endpoint="number").assign(
                value=lambda t: t["value"] ** np.where(t["treatment"] == "vesicle", 1.05, 1)
            ),
        ]
    )
    effects = compare(two, DESIGN)
    assert effects["endpoint"].tolist() == ["area", "area", "number", "number"]
    assert effects["q_value"].tolist() == pytest.approx(
        benjamini_hochberg(effects["p_value"]).tolist()
    )
    alone = compare(observations(WELLS, scale="log"), DESIGN)
    assert effects["p_adjusted"].iloc[:2].tolist() == pytest.approx(alone["p_adjusted"].tolist())


def test_declared_contrasts_keep_their_row_when_an_arm_is_missing():
    contrasts = (
        Contrast("effect", "vesicle", "control"),
        Contrast("rescue", "KO vesicle", "vesicle"),
    )
    design = treatment_design("control", "vesicle", "KO vesicle", contrasts=contrasts)
    wells = observations({arm: WELLS[arm] for arm in ("control", "vesicle")})
    effects = compare(wells, design)
    assert effects["contrast"].tolist() == ["effect", "rescue"]
    assert effects["method"].iloc[1] == "not estimated: no value in KO vesicle"
    assert np.isnan(effects["q_value"].iloc[1])
    assert effects["adjustment"].tolist() == ["none, 1 contrast", ""]


def test_described_contrasts_have_neither_interval_nor_p():
    wells = {arm: {name: values[name] for name in ("d1", "d2")} for arm, values in WELLS.items()}
    effects = compare(observations(wells, scale="log"), DESIGN)
    assert effects[["ci_low", "ci_high", "p_value", "p_adjusted", "q_value"]].isna().all(axis=None)
    assert effects["estimate"].notna().all()
    assert effects["method"].tolist() == [
        f"description only: 2 biological replicates in {arm}, 3 are needed"
        for arm in ("vesicle", "KO vesicle")
    ]
    assert effects["n_biological"].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("declared", "names", "df"),
    [(None, "1234", 3), (None, "5678", 6), (True, "1234", 3), (False, "1234", 6)],
)
def test_sharing_is_declared_or_seen_in_the_names(declared, names, df):
    wells = {
        "control": dict(zip("1234", WELLS["control"].values(), strict=True)),
        "vesicle": dict(zip(names, WELLS["vesicle"].values(), strict=True)),
    }
    design = treatment_design("control", "vesicle", replicates_shared=declared)
    effect = compare(observations(wells), design).iloc[0]
    assert effect["df"] == df
    assert effect["n_biological"] == (4 if df == 3 else 8)


def test_replicates_declared_as_shared_must_have_the_same_names():
    wells = {"control": WELLS["control"], "vesicle": {"x1": [1.0], "x2": [2.0], "x3": [3.0]}}
    design = treatment_design("control", "vesicle", replicates_shared=True)
    with pytest.raises(DesignError, match="Use the same name for the same replicate"):
        compare(observations(wells), design)


def test_names_reused_by_different_replicates_can_be_declared_so():
    design = treatment_design("control", "vesicle", replicates_shared=False)
    wells = observations({arm: WELLS[arm] for arm in ("control", "vesicle")})
    effect = compare(wells, design).iloc[0]
    assert effect["n_biological"] == 8
    assert effect["df"] == 6
    assert "Student's t test" in effect["method"]


def test_all_problems_of_the_design_are_told_at_once():
    wells = observations({"Vesicle": {"": [1.0, 2.0]}, "KO vesicle": {"": [1.0]}})
    with pytest.raises(DesignError) as error:
        compare(wells, DESIGN)
    codes = [problem.code for problem in error.value.problems]
    assert codes == ["no_biological_replicate", "unknown_level", "no_reference_arm", "one_arm"]


@pytest.mark.parametrize("constant", [1.0, 100.0])
@pytest.mark.parametrize("scale", ["linear", "log", "fraction"])
def test_a_control_normalised_to_a_constant_is_refused(constant, scale):
    by = constant if scale != "fraction" else 1.0
    wells = {
        "control": {"d1": [by], "d2": [by], "d3": [by]},
        "vesicle": {"d1": [by * 0.4], "d2": [by * 0.5], "d3": [by * 0.7]},
    }
    with pytest.raises(DesignError, match="normalised") as error:
        compare(observations(wells, scale=scale), DESIGN)
    assert [problem.code for problem in error.value.problems] == ["normalised_control"]


def test_a_control_normalised_replicate_by_replicate_is_refused_on_a_log_scale_too():
    # Each well divided by the arithmetic mean of the control's wells of the same replicate.
    wells = observations(WELLS, scale="log")
    controls = wells[wells["treatment"] == "control"]
    by = controls.groupby("biological_replicate")["value"].mean()
    relative = wells.assign(value=wells["value"] / wells["biological_replicate"].map(by))
    with pytest.raises(DesignError, match="reference arm 'control' is 1"):
        compare(relative, DESIGN)


def test_log2_values_normalised_to_zero_are_refused():
    wells = {"control": {"d1": [0.0], "d2": [0.0]}, "vesicle": {"d1": [1.0], "d2": [1.5]}}
    with pytest.raises(DesignError, match="control' is 0"):
        compare(observations(wells, scale="log2"), DESIGN)


@pytest.mark.parametrize("scale", ["count", "linear", "fraction"])
def test_a_control_of_true_zeros_is_not_taken_for_a_normalised_one(scale):
    wells = {
        "control": {"d1": [0.0], "d2": [0.0], "d3": [0.0]},
        "vesicle": {"d1": [0.4], "d2": [0.5], "d3": [0.7]},
    }
    assert compare(observations(wells, scale=scale), DESIGN)["p_value"].notna().all()


def test_every_normalised_endpoint_is_named():
    wells = {"control": {"d1": [1.0], "d2": [1.0]}, "vesicle": {"d1": [2.0], "d2": [3.0]}}
    two = pd.concat([observations(wells, endpoint=name) for name in ("area", "number")])
    with pytest.raises(DesignError) as error:
        compare(two, DESIGN)
    assert [p.message.split(":")[0] for p in error.value.problems] == ["trap area", "trap number"]


def test_an_impossible_value_is_an_error_of_the_input():
    wells = observations({**WELLS, "control": {"d1": [0.0]}}, scale="log")
    with pytest.raises(InputError, match="well A1"):
        compare(wells, DESIGN)


def test_no_number_at_all_is_nothing_to_analyse():
    with pytest.raises(NothingToAnalyseError, match="No sample well has a number"):
        compare(observations(WELLS).assign(value=np.nan), DESIGN)


def test_an_excluded_well_changes_the_result_and_is_not_counted():
    wells = observations(WELLS, scale="log")
    effects = compare(wells.assign(excluded=wells["well"] == "A1"), DESIGN)
    assert effects["n_technical"].tolist() == [15, 15]
    assert effects["estimate"].iloc[0] != compare(wells, DESIGN)["estimate"].iloc[0]


def test_two_factors_are_compared_within_each_level_and_by_their_interaction():
    mice = {n: n for n in WELLS["control"]}
    arms = {f"{g} / {t}": {f"{g} {n}": WELLS[t][n] for n in mice}
            for g in ("WT", "KO") for t in ("control", "vesicle")}  # fmt: skip
    effects = compare(by_genotype(arms, scale="log"), genotype_design())
    assert effects["contrast"].tolist() == [
        "vesicle vs control in WT",
        "vesicle vs control in KO",
        "KO vs WT in control",
        "KO vs WT in vesicle",
        "vesicle vs control × KO vs WT",
    ]
    ratio = effects["estimate"].iloc[0]
    assert effects["estimate"].tolist() == pytest.approx([ratio, ratio, 1, 1, 1])
    assert effects["n_biological"].tolist() == [4, 4, 8, 8, 8]
    assert effects["adjustment"].unique() == ["Holm, 5 planned contrasts; Bonferroni intervals"]


@given(seed=st.integers(0, 10_000))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_the_order_of_rows_changes_nothing(seed):
    wells = observations(WELLS, scale="log")
    shuffled = wells.sample(frac=1, random_state=seed)
    one, other = compare(wells, DESIGN), compare(shuffled, DESIGN)
    assert other["contrast"].tolist() == one["contrast"].tolist()
    assert other[NUMBERS].to_numpy() == pytest.approx(one[NUMBERS].to_numpy(), rel=1e-9)


@given(factor=st.floats(1e-6, 1e6))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_another_unit_changes_no_ratio_and_no_p(factor):
    wells = observations(WELLS, scale="log")
    one, other = (
        compare(wells, DESIGN),
        compare(wells.assign(value=wells["value"] * factor), DESIGN),
    )
    assert other[NUMBERS].to_numpy() == pytest.approx(one[NUMBERS].to_numpy(), rel=1e-7)


@given(factor=st.floats(1e-6, 1e6))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_another_unit_scales_a_difference_and_changes_no_p(factor):
    wells = observations(WELLS)
    one, other = (
        compare(wells, DESIGN),
        compare(wells.assign(value=wells["value"] * factor), DESIGN),
    )
    for name in ("estimate", "ci_low", "ci_high", "standard_error"):
        assert other[name].tolist() == pytest.approx((one[name] * factor).tolist(), rel=1e-7)
    assert other["p_adjusted"].tolist() == pytest.approx(one["p_adjusted"].tolist(), rel=1e-7)


@given(names=st.permutations(["x", "10", "2", "mouse 7"]))
@settings(derandomize=True, max_examples=10, deadline=None)
def test_other_names_change_nothing(names):
    renamed = {
        f"{arm}!": dict(zip(names, replicates.values(), strict=True))
        for arm, replicates in WELLS.items()
    }
    one = compare(observations(WELLS), DESIGN)
    other = compare(observations(renamed), treatment_design(*renamed))
    assert other[NUMBERS].to_numpy() == pytest.approx(one[NUMBERS].to_numpy(), rel=1e-9)


def test_swapping_arm_and_reference_inverts_a_ratio():
    two = {arm: WELLS[arm] for arm in ("control", "vesicle")}
    wells = observations(two, scale="log")
    up = compare(wells, treatment_design("control", "vesicle")).iloc[0]
    down = compare(wells, treatment_design("vesicle", "control")).iloc[0]
    assert down["estimate"] == pytest.approx(1 / up["estimate"])
    assert (down["ci_low"], down["ci_high"]) == pytest.approx((1 / up["ci_high"], 1 / up["ci_low"]))
    assert down["p_value"] == pytest.approx(up["p_value"])


def test_nested_wells_without_any_effect_keep_the_nominal_error():
    # 400 experiments of 3 replicates x 4 wells in each arm, half of the variance between
    # replicates, no effect. With wells as n about 25 % would fall below 0.05; the interval below
    # is the binomial one of 99.9 % around 5 %.
    rng = np.random.default_rng(2018)
    experiments, arms, replicates, wells = 400, 2, 3, 4
    between = rng.normal(size=(experiments, arms, replicates, 1))
    values = between + rng.normal(size=(experiments, arms, replicates, wells))
    index = pd.MultiIndex.from_product(
        [range(experiments), ["control", "vesicle"], ["1", "2", "3"], ["A1", "A2", "A3", "A4"]],
        names=["experiment", "treatment", "replicate", "well"],
    )
    table = pd.DataFrame({"value": values.ravel()}, index=index).reset_index()
    table = table.assign(
        plate="P1",
        role="sample",
        assay="simulated",
        unit="",
        scale="linear",
        endpoint=table["experiment"].astype(str),
        biological_replicate=table["treatment"] + table["replicate"],
    ).drop(columns=["experiment", "replicate"])
    effects = compare(table, treatment_design("control", "vesicle"))
    assert len(effects) == experiments
    assert 0.0175 <= float((effects["p_value"] < 0.05).mean()) <= 0.09
