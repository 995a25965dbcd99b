import numpy as np
import pandas as pd
import pytest
from small_studies import treatment_design

from assaykit.design import Contrast
from assaykit.stats import hedges_g, paired_test, student_test
from assaykit.stats.endpoint import compare_endpoint

DESIGN = treatment_design("control", "vesicle", "KO vesicle")
CONTROL = {"d1": 10.0, "d2": 14.0, "d3": 11.0, "d4": 12.0}
VESICLE = {"d1": 21.0, "d2": 25.0, "d3": 19.0, "d4": 27.0}
KO = {"d1": 12.0, "d2": 15.0, "d3": 14.0, "d4": 13.0}


def replicates(arms, *, scale="linear", n_wells=3) -> pd.DataFrame:
    rows = [
        {"arm": arm, "biological_replicate": name, "value": value}
        for arm, of_arm in arms.items()
        for name, value in of_arm.items()
    ]
    fixed = {"assay": "elisa", "analyte": "RANKL", "endpoint": "concentration", "unit": "pg/mL"}
    return pd.DataFrame(rows).assign(scale=scale, n_wells=n_wells, **fixed)


def compared(arms, *, design=DESIGN, shared=True, contrasts=None, **settings) -> list[dict]:
    planned = contrasts or design.planned(arms)
    return compare_endpoint(replicates(arms, **settings), planned, design, shared)


def test_two_arms_that_share_replicates_are_a_paired_t_test():
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE})
    test = paired_test([*VESICLE.values()], [*CONTROL.values()])
    for name in ("estimate", "standard_error", "df", "statistic", "p_value", "ci_low", "ci_high"):
        assert row[name] == pytest.approx(getattr(test, name)), name
    assert row["p_adjusted"] == row["p_value"]
    assert row["adjustment"] == "none, 1 contrast"
    assert (row["n_biological"], row["n_technical"]) == (4, 24)
    assert row["method"].startswith("paired t test on means of the wells of each")


def test_two_arms_with_different_replicates_are_students_t():
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, shared=False)
    test = student_test([*VESICLE.values()], [*CONTROL.values()])
    for name in ("estimate", "standard_error", "df", "statistic", "p_value", "ci_low", "ci_high"):
        assert row[name] == pytest.approx(getattr(test, name)), name
    assert row["n_biological"] == 8
    assert row["method"].startswith("Student's t test")


def test_a_log_scale_tells_ratios_with_asymmetric_intervals():
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, scale="log")
    test = paired_test(np.log([*VESICLE.values()]), np.log([*CONTROL.values()]))
    assert (row["scale"], row["unit"]) == ("ratio", "")
    assert row["estimate"] == pytest.approx(np.exp(test.estimate))
    assert row["ci_low"] == pytest.approx(np.exp(test.ci_low))
    assert row["ci_high"] == pytest.approx(np.exp(test.ci_high))
    assert row["standard_error"] == pytest.approx(test.standard_error)
    assert row["p_value"] == pytest.approx(test.p_value)


@pytest.mark.parametrize(
    ("scale", "told", "unit"),
    [
        ("linear", "difference", "pg/mL"),
        ("log2", "log2_fold_change", "pg/mL"),
        ("count", "ratio", ""),
    ],
)
def test_each_scale_tells_its_effect(scale, told, unit):
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, scale=scale)
    assert (row["scale"], row["unit"]) == (told, unit)


def test_counts_of_zero_give_a_finite_ratio():
    zero = {"d1": 0.0, "d2": 0.0, "d3": 0.0}
    five = {"d1": 5.0, "d2": 4.0, "d3": 7.0}
    (row,) = compared({"control": zero, "vesicle": five}, scale="count")
    logs = np.log(np.array([5, 4, 7]) + 0.5) - np.log(0.5)
    assert row["estimate"] == pytest.approx(np.exp(logs.mean()))
    assert np.isfinite(row["ci_high"])


def test_fractions_tell_odds_or_differences_and_say_which():
    low, high = {"d1": 0.1, "d2": 0.2, "d3": 0.15}, {"d1": 0.5, "d2": 0.5, "d3": 0.6}
    (odds,) = compared({"control": low, "vesicle": high}, scale="fraction")
    assert (odds["scale"], odds["unit"]) == ("ratio", "odds")
    assert "log odds" in odds["method"]
    (difference,) = compared({"control": {**low, "d1": 0.0}, "vesicle": high}, scale="fraction")
    assert difference["scale"] == "difference"
    assert difference["estimate"] == pytest.approx(1.6 / 3 - 0.35 / 3)


def test_arms_against_the_reference_arm_are_adjusted_by_dunnett():
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": KO})
    assert {row["adjustment"] for row in rows} == {
        "Dunnett, 2 contrasts against control; simultaneous intervals"
    }
    assert all(row["p_value"] < row["p_adjusted"] < 2 * row["p_value"] for row in rows)
    assert [row["df"] for row in rows] == [6, 6]


def test_a_mixed_planned_set_is_adjusted_by_holm():
    contrasts = (
        Contrast("vesicle", "vesicle", "control"),
        Contrast("KO vesicle", "KO vesicle", "control"),
        Contrast("origin", "vesicle", "KO vesicle"),
    )
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": KO}, contrasts=contrasts)
    assert {row["adjustment"] for row in rows} == {
        "Holm, 3 planned contrasts; Bonferroni intervals"
    }
    raw = sorted(row["p_value"] for row in rows)
    adjusted = sorted(row["p_adjusted"] for row in rows)
    assert adjusted[0] == pytest.approx(3 * raw[0])
    assert adjusted[2] == pytest.approx(max(raw[2], 2 * raw[1]))


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_replicates_are_only_described(count):
    names = ["d1", "d2"][:count]
    arms = {"control": {n: CONTROL[n] for n in names}, "vesicle": {n: VESICLE[n] for n in names}}
    (row,) = compared(arms)
    assert row["estimate"] == 11
    assert row["method"] == (
        f"description only: {count} biological replicate{'s' * (count > 1)}, 3 are needed"
    )
    assert not {"p_value", "ci_low", "ci_high", "df", "statistic", "hedges_g"} & set(row)


def test_the_arm_with_too_few_replicates_is_named():
    few = {"x1": 20.0, "x2": 30.0}
    (row,) = compared({"control": CONTROL, "vesicle": few}, shared=False)
    assert row["method"] == "description only: 2 biological replicates in vesicle, 3 are needed"
    assert row["estimate"] == pytest.approx(25 - 47 / 4)


def test_a_described_arm_does_not_touch_the_test_of_the_others():
    two = compared({"control": CONTROL, "vesicle": VESICLE})[0]
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": {"d1": 99.0}})
    assert rows[0] == two
    assert "p_value" not in rows[1]


def test_an_arm_without_a_value_is_said_so():
    (row,) = compared({"control": CONTROL, "vesicle": dict.fromkeys(CONTROL, np.nan)})
    assert np.isnan(row["estimate"])
    assert row["method"] == "not estimated: no value in vesicle"


def test_replicates_in_one_arm_only_are_named_and_not_counted():
    arms = {"control": {**CONTROL, "d5": 13.0}, "vesicle": {**VESICLE, "d6": 22.0}}
    (row,) = compared(arms)
    (complete,) = compared({"control": CONTROL, "vesicle": VESICLE})
    assert row["n_biological"] == 4
    assert row["method"].endswith("in one of the arms only, so not in n: d5, d6")
    assert row["p_value"] == pytest.approx(complete["p_value"])


# Genotype between mice, treatment within: two mice never meet, so their arms are compared as
# independent, and treatments within a genotype are paired. The within-mouse error of the
# split-plot analysis has (3 - 1) + (3 - 1) degrees of freedom.
def test_genotypes_are_compared_between_mice_and_treatments_within():
    design = treatment_design("WT", "WT + vesicle", "KO", "KO + vesicle")
    wild, knockout = ["m1", "m2", "m3"], ["m4", "m5", "m6"]
    arms = {
        "WT": dict(zip(wild, [10.0, 12, 15], strict=True)),
        "WT + vesicle": dict(zip(wild, [18.0, 21, 23.5], strict=True)),
        "KO": dict(zip(knockout, [8.0, 11, 9], strict=True)),
        "KO + vesicle": dict(zip(knockout, [9.0, 13, 10.5], strict=True)),
    }
    contrasts = (
        Contrast("within WT", "WT + vesicle", "WT"),
        Contrast("within KO", "KO + vesicle", "KO"),
        Contrast("between", "KO", "WT"),
    )
    wt, ko, between = compared(arms, design=design, contrasts=contrasts)
    assert (wt["df"], ko["df"], between["df"]) == (4, 4, 4)
    differences = np.array([[8.0, 9, 8.5], [1.0, 2, 1.5]])
    error = np.sqrt(differences.var(axis=1, ddof=1).mean() / 3)
    assert wt["standard_error"] == pytest.approx(error)
    assert ko["estimate"] == pytest.approx(1.5)
    test = student_test([8.0, 11, 9], [10.0, 12, 15])
    assert between["p_value"] == pytest.approx(test.p_value)
    assert between["n_biological"] == 6
    assert between["method"].startswith("Student's t test")


def test_hedges_g_is_in_standard_deviations_between_replicates():
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": KO})
    expected = [hedges_g([*arm.values()], [*CONTROL.values()]) for arm in (VESICLE, KO)]
    assert [row["hedges_g"] for row in rows] == pytest.approx(expected)


def test_values_without_spread_are_described_with_the_reason():
    flat = {"d1": 1.0, "d2": 1.0, "d3": 1.0}
    (row,) = compared({"control": flat, "vesicle": dict.fromkeys(flat, 2.0)})
    assert row["estimate"] == 1
    assert row["method"] == (
        "description only: the biological replicates do not vary within their arms"
    )


def test_the_word_for_a_replicate_and_how_sharing_was_found_are_in_the_method():
    declared = treatment_design(
        "control", "vesicle", replicates_shared=True, biological_replicate_is="donor"
    )
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, design=declared)
    assert row["method"] == "paired t test on means of the wells of each donor"
    (seen,) = compared({"control": CONTROL, "vesicle": VESICLE})
    assert seen["method"].endswith(
        "the arms share their biological replicates, as their names show"
    )
    (unshared,) = compared({"control": CONTROL, "vesicle": VESICLE}, shared=False)
    assert "the arms have different biological replicates" in unshared["method"]
