import numpy as np
import pandas as pd
import pytest
from small_studies import (
    by_genotype,
    genotype_design,
    observations,
    one_well_each,
    random_wells,
    treatment_design,
)

from assaykit.design import Rescue
from assaykit.stats import check_comparisons, compare, compare_endpoints, paired_test, student_test
from assaykit.stats.checks import _agreement, residuals_of
from assaykit.tables import CHECKS

DESIGN = treatment_design("control", "vesicle", "KO", biological_replicate_is="mouse")
TWO = treatment_design("control", "vesicle")
TABLE = observations(random_wells(2, DESIGN.arms))
KINDS = [
    "structure", "model", "variance component", "residuals, Shapiro-Wilk",
    "equal variances, Brown-Forsythe", "classical test", "negative binomial",
    "one replicate left out", "without flagged wells",
]  # fmt: skip


def checks(table, design=DESIGN) -> pd.DataFrame:
    return check_comparisons(compare_endpoints(table, design), design)


def rows(table, check, design=DESIGN) -> pd.DataFrame:
    found = checks(table, design)
    return found[found["check"] == check].reset_index(drop=True)


def test_the_table_has_its_columns_and_every_kind_of_row_in_order():
    counts = TABLE.assign(value=(TABLE["value"] * 3).round(), scale="count", flags="")
    found = checks(counts)
    assert tuple(found.columns) == CHECKS.names
    assert list(dict.fromkeys(found["check"])) == KINDS
    assert found["subject"].map(type).eq(str).all()
    assert found["finding"].str.len().gt(10).all()


def test_the_structure_is_told_in_sentences_and_the_model_in_words():
    told = rows(TABLE, "structure")["finding"].tolist()
    assert told[0] == "Each mouse is in every arm, so the arms are compared within each mouse."
    assert rows(TABLE, "model")["finding"].iloc[0].startswith("linear mixed model with arms fixed")


@pytest.mark.parametrize(
    ("table", "design", "subjects"),
    [
        (TABLE, DESIGN, ["between replicates", "replicate × arm", "between wells"]),
        (TABLE.drop_duplicates(["treatment", "biological_replicate"]), DESIGN,
         ["between replicates", "replicate × arm"]),
        (observations(random_wells(2, TWO.arms, own=("",))), TWO,
         ["between replicates", "between wells"]),
        (observations(random_wells(2, TWO.arms, own=("",), wells=1)), TWO, ["between replicates"]),
        (observations(random_wells(2, TWO.arms, wells=4)).assign(
            well=[f"A{1 + i // 2}" for i in range(32)]), TWO,
         ["between replicates", "replicate × arm", "between wells", "within wells"]),
    ],
)  # fmt: skip
def test_variances_are_called_after_what_varies(table, design, subjects):
    found = rows(table, "variance component", design)
    assert found["subject"].tolist() == subjects
    (made,) = compare_endpoints(table, design)
    assert found["estimate"].tolist() == pytest.approx([*made.model.components.values()])


def test_wells_that_repeat_one_number_are_no_variance_between_wells():
    wells = {arm: {n: [w[0]] * 3 for n, w in of.items()}
             for arm, of in random_wells(2, TWO.arms).items()}  # fmt: skip
    found = rows(observations(wells), "variance component", TWO)
    assert found["subject"].tolist() == ["between replicates", "replicate × arm"]


@pytest.mark.parametrize("word", ["well", "plate"])
def test_variances_are_not_mistaken_for_the_word_of_a_replicate(word):
    design = treatment_design("control", "vesicle", biological_replicate_is=word)
    table = observations(random_wells(2, TWO.arms, wells=4))
    table = table.assign(well=[f"A{1 + i // 2}" for i in range(32)])
    assert rows(table, "variance component", design)["subject"].tolist() == [
        "between replicates", "replicate × arm", "between wells", "within wells",
    ]  # fmt: skip


def test_a_variance_below_zero_is_explained():
    wells = random_wells(2, TWO.arms, spread=(0.0, 0.0, 1.0), wells=4)
    found = rows(observations(wells), "variance component", TWO)
    below = found["estimate"] < 0
    assert below.any()
    assert found.loc[below, "finding"].str.startswith("below zero").all()
    assert found.loc[~below, "finding"].str.contains(" of the variance, SD ").all()


def test_residuals_and_variances_are_those_of_scipy():
    from scipy.stats import levene, shapiro

    (made,) = compare_endpoints(TABLE, DESIGN)
    residuals = residuals_of(made, DESIGN)
    assert list(residuals) == ["wells", "means of each mouse"]
    found = rows(TABLE, "residuals, Shapiro-Wilk")
    for i, values in enumerate(residuals.values()):
        assert found["p_value"].iloc[i] == pytest.approx(shapiro(values).pvalue)
    means = TABLE.groupby(["treatment", "biological_replicate"])["value"].mean()
    groups = [means[arm] for arm in DESIGN.arms]
    (row,) = rows(TABLE, "equal variances, Brown-Forsythe").to_dict("records")
    assert row["p_value"] == pytest.approx(levene(*groups, center="median").pvalue)


def test_residuals_of_means_have_no_arm_and_no_replicate_in_them():
    (made,) = compare_endpoints(TABLE, DESIGN)
    left = made.means.assign(e=residuals_of(made, DESIGN)["means of each mouse"])
    assert left.groupby("arm")["e"].sum().abs().max() < 1e-12
    assert left.groupby("replicate")["e"].sum().abs().max() < 1e-12


def test_a_contradiction_is_called_one_and_decides_nothing():
    wild = TABLE.assign(value=np.where(TABLE.index == 0, 1e4, TABLE["value"]))
    found = rows(wild, "residuals, Shapiro-Wilk")
    assert found["finding"].iloc[0] == "the data contradict normal residuals"
    assert compare(wild, DESIGN)["method"].str.startswith("linear mixed model").all()


@pytest.mark.parametrize("unit", [1e-15, 1e12])
def test_a_unit_changes_no_check(unit):
    one, other = checks(TABLE), checks(TABLE.assign(value=TABLE["value"] * unit))
    assert one["check"].tolist() == other["check"].tolist()
    assert other["p_value"].tolist() == pytest.approx(one["p_value"].tolist(), nan_ok=True)


def test_arms_that_vary_in_steps_only_have_no_brown_forsythe():
    steps = {"control": [0.0, 0, 0, 0], "vesicle": [1.0, 1, 3, 3]}
    table = one_well_each(steps, shared=False)
    assert rows(table, "equal variances, Brown-Forsythe", TWO).empty


def test_more_values_than_shapiro_can_take_are_not_tested():
    table = observations(random_wells(1, TWO.arms, replicates=3, wells=833))
    assert rows(table, "residuals, Shapiro-Wilk", TWO)["p_value"].notna().all()
    table = observations(random_wells(1, TWO.arms, replicates=3, wells=834))
    found = rows(table, "residuals, Shapiro-Wilk", TWO)
    assert found["finding"].iloc[0] == "not made for more than 5000 values; look at the figure"


# ---- the classical test


@pytest.mark.parametrize(("own", "test"), [((), paired_test), (("",), student_test)])
def test_the_classical_test_stands_beside_and_agrees_in_an_even_design(own, test):
    wells = random_wells(3, TWO.arms, own=own)
    (row,) = rows(observations(wells), "classical test", TWO).to_dict("records")
    means = [[float(np.mean(w)) for w in of.values()] for of in wells.values()]
    right = test(means[1], means[0])
    assert (row["estimate"], row["p_value"], row["ci_low"]) == pytest.approx(
        (right.estimate, right.p_value, right.ci_low)
    )
    assert row["finding"] == "agrees with the model to 6 digits or more"


def test_in_an_uneven_design_it_differs_and_says_why():
    found = rows(TABLE.iloc[2:], "classical test")
    assert found["finding"].str.endswith("wells or replicates are unbalanced").all()


def test_only_contrasts_that_replicates_can_tell_have_one():
    design = genotype_design()
    table = by_genotype(random_wells(3, design.arms, own=(0,)))
    assert rows(table, "classical test", design)["subject"].tolist() == [
        "vesicle vs control in WT", "vesicle vs control in KO", "vesicle vs control × KO vs WT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("estimate", 1.0001), ("standard_error", 0.5001), ("df", 3.1), ("p_value", 0.2)],
)
def test_a_difference_in_a_balanced_design_asks_to_be_reported(name, value):
    right = {"estimate": 1.0, "standard_error": 0.5, "df": 3.0, "p_value": 0.1}
    wrong = {**right, name: value}
    assert _agreement(right, right, balanced=True).startswith("agrees")
    assert _agreement(wrong, right, balanced=True).endswith("please report this as a fault")
    assert _agreement(wrong, right, balanced=False).endswith("are unbalanced")


def test_rounding_of_an_estimate_of_zero_is_no_fault():
    right = {"estimate": 4e-16, "standard_error": 0.5, "df": 3.0, "p_value": 1.0}
    assert _agreement({**right, "estimate": -8e-16}, right, balanced=True).startswith("agrees")
    zero = one_well_each({"control": [1.0, 2, 3], "vesicle": [3.0, 1, 2]}, shared=True)
    assert rows(zero, "classical test", TWO)["finding"].iloc[0].startswith("agrees")


# ---- influence and sensitivity


def test_each_replicate_is_left_out_in_turn_as_if_it_had_not_been_there():
    found = rows(TABLE, "one replicate left out")
    assert len(found) == 4 * 2
    for name in ("r0", "r1", "r2", "r3"):
        rest = compare(TABLE[TABLE["biological_replicate"] != name], DESIGN)
        for effect in rest.to_dict("records"):
            row = found[found["subject"] == f"{effect['contrast']}, without {name}"].iloc[0]
            for column in ("estimate", "statistic", "df", "p_value"):
                assert row[column] == pytest.approx(effect[column]), column
            assert f"p {effect['p_value']:.2g} instead of" in row["finding"]


def test_a_reused_name_leaves_out_one_replicate_not_several():
    design = treatment_design("control", "vesicle", replicates_shared=False)
    table = observations(random_wells(2, TWO.arms))
    found = rows(table, "one replicate left out", design)
    assert len(found) == 8
    gone = (table["biological_replicate"] == "r1") & (table["treatment"] == "vesicle")
    row = found[found["subject"] == "vesicle vs control, without r1 of vesicle"].iloc[0]
    assert row["p_value"] == pytest.approx(compare(table[~gone], design)["p_value"].iloc[0])


def test_what_is_left_may_be_too_few_for_a_test():
    table = observations(random_wells(2, TWO.arms, replicates=3))
    found = rows(table, "one replicate left out", TWO)
    assert found["p_value"].isna().all()
    assert (
        found["finding"]
        .str.endswith("description only: 2 biological replicates in vesicle, 3 are needed")
        .all()
    )


def test_a_replicate_left_out_does_not_change_the_scale():
    low = {"control": [0.0, 0.1, 0.2, 0.15], "vesicle": [0.5, 0.4, 0.6, 0.45]}
    table = one_well_each(low, shared=True, scale="fraction")
    found = rows(table, "one replicate left out", TWO)
    assert found["finding"].str.startswith("difference ").all()
    assert found["estimate"].iloc[0] == pytest.approx(1.45 / 3 - 0.45 / 3)


def test_so_many_replicates_are_not_left_out_one_by_one():
    table = observations(random_wells(2, TWO.arms, replicates=51, wells=1))
    (row,) = rows(table, "one replicate left out", TWO).to_dict("records")
    assert row["finding"] == "not made for 51 replicates: one of so many cannot decide"


def test_the_rescue_fraction_is_looked_at_too():
    design = treatment_design("control", "vesicle", "KO", rescue=Rescue("vesicle", "KO"))
    found = rows(TABLE, "one replicate left out", design)
    row = found[found["subject"] == "rescue_fraction, without r2"].iloc[0]
    rest = compare(TABLE[TABLE["biological_replicate"] != "r2"], design).iloc[-1]
    assert row["estimate"] == pytest.approx(rest["estimate"])
    assert row["finding"].startswith("rescue fraction ")


def test_flagged_wells_are_left_out_as_if_they_had_not_been_there():
    flagged = TABLE.assign(flags=np.where(TABLE["well"].isin(["A1", "B3"]), "edge", ""))
    found = rows(flagged, "without flagged wells")
    rest = compare(TABLE[~TABLE["well"].isin(["A1", "B3"])], DESIGN)
    assert found["subject"].tolist() == rest["contrast"].tolist()
    assert found["p_value"].tolist() == pytest.approx(rest["p_value"].tolist())
    assert found["finding"].str.startswith("without 2 of 36 wells: difference").all()


@pytest.mark.parametrize("flags", ["", None])
def test_no_flag_is_said_so(flags):
    (row,) = rows(TABLE.assign(flags=flags), "without flagged wells").to_dict("records")
    assert row["finding"] == "no well that counts is flagged"


def test_an_arm_of_flagged_wells_only_is_said_so():
    flagged = TABLE.assign(flags=np.where(TABLE["treatment"] == "KO", "odd", ""))
    found = rows(flagged, "without flagged wells").set_index("subject")
    assert found.loc["KO vs control", "finding"] == (
        "without 12 of 36 wells: not estimated: no value in KO"
    )
    assert found.loc["vesicle vs control", "p_value"] < 1


# ---- counts, and what is never touched


def test_counts_have_a_rate_ratio_beside():
    counts = TABLE.assign(value=(TABLE["value"] * 3).round(), scale="count")
    found = rows(counts, "negative binomial")
    assert found["subject"].tolist() == ["vesicle vs control", "KO vs control"]
    totals = counts.groupby("treatment")["value"].sum()
    assert found["estimate"].iloc[0] == pytest.approx(
        totals["vesicle"] / totals["control"], rel=0.02
    )
    assert rows(TABLE, "negative binomial").empty


@pytest.mark.parametrize("scale", ["linear", "count"])
def test_looking_changes_no_effect(scale):
    table = TABLE.assign(value=TABLE["value"].round(), scale=scale, flags="odd")
    comparisons = compare_endpoints(table, DESIGN)
    before = [[dict(row) for row in one.rows] for one in comparisons]
    check_comparisons(comparisons, DESIGN)
    for one, rows_before in zip(comparisons, before, strict=True):
        for row, old in zip(one.rows, rows_before, strict=True):
            assert dict(row) == pytest.approx(old, nan_ok=True)


@pytest.mark.parametrize("value", [5.0, 0.0])
def test_an_endpoint_that_cannot_be_tested_says_so(value):
    found = checks(TABLE.assign(value=value))
    assert set(found["check"]) == {"structure"}
    few = TABLE[TABLE["biological_replicate"].isin(["r0", "r1"])]
    assert checks(few)["finding"].tolist() == ["no contrast could be tested; see Effects"]
