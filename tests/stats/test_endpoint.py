import numpy as np
import pandas as pd
import pytest
from small_studies import by_genotype, genotype_design, observations, treatment_design

from assaykit.design import Contrast
from assaykit.stats import hedges_g, paired_test, student_test
from assaykit.stats.endpoint import compare_endpoint

DESIGN = treatment_design("control", "vesicle", "KO vesicle")
CONTROL = {"d1": 10.0, "d2": 14.0, "d3": 11.0, "d4": 12.0}
VESICLE = {"d1": 21.0, "d2": 25.0, "d3": 19.0, "d4": 27.0}
KO = {"d1": 12.0, "d2": 15.0, "d3": 14.0, "d4": 13.0}
NUMBERS = ("estimate", "standard_error", "df", "statistic", "p_value", "ci_low", "ci_high")


def compared(arms, *, design=DESIGN, contrasts=None, apart=(0.0,), scale="linear") -> list[dict]:
    """Compare arms of replicates; each has a well for each distance from its mean in ``apart``."""
    wells = observations(
        {
            arm: {name: [value + d for d in apart] for name, value in of_arm.items()}
            for arm, of_arm in arms.items()
        },
        scale=scale,
        endpoint="concentration",
        unit="pg/mL",
    )
    wells = wells.assign(analyte="RANKL", arm=design.arm_labels(wells))
    planned = contrasts or design.planned(arms)
    return list(compare_endpoint(wells[wells["value"].notna()], planned, design).rows)


def owned(arms) -> dict:
    """The same values with replicates that no other arm has."""
    return {arm: {f"{arm} {n}": v for n, v in of_arm.items()} for arm, of_arm in arms.items()}


@pytest.mark.parametrize("apart", [(0.0,), (-1.0, 0.0, 1.0), (-9.0, 9.0)])
def test_two_arms_that_share_replicates_are_a_paired_t_test(apart):
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, apart=apart)
    test = paired_test([*VESICLE.values()], [*CONTROL.values()])
    for name in NUMBERS:
        assert row[name] == pytest.approx(getattr(test, name), rel=1e-9), name
    assert row["p_adjusted"] == row["p_value"]
    assert row["adjustment"] == "none, 1 contrast"
    assert (row["n_biological"], row["n_technical"]) == (4, 8 * len(apart))
    assert "balanced, so it equals the paired t test" in row["method"]


@pytest.mark.parametrize("apart", [(0.0,), (-1.0, 0.0, 1.0), (-9.0, 9.0)])
def test_two_arms_with_different_replicates_are_students_t(apart):
    (row,) = compared(owned({"control": CONTROL, "vesicle": VESICLE}), apart=apart)
    test = student_test([*VESICLE.values()], [*CONTROL.values()])
    for name in NUMBERS:
        assert row[name] == pytest.approx(getattr(test, name), rel=1e-9), name
    assert row["n_biological"] == 8
    assert "balanced, so it equals Student's t test" in row["method"]


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
        ("log2", "log2_fold_change", ""),
        ("count", "ratio", ""),
    ],
)
def test_each_scale_tells_its_effect(scale, told, unit):
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, scale=scale)
    assert (row["scale"], row["unit"]) == (told, unit)


def test_counts_are_compared_well_by_well_on_a_log_scale():
    wells = {"control": {"a": [0, 8], "b": [1, 3], "c": [2, 2]},
             "vesicle": {"a": [9, 9], "b": [20, 4], "c": [5, 7]}}  # fmt: skip
    table = observations(wells, scale="count").assign(analyte="")
    table = table.assign(arm=table["treatment"], value=table["value"].astype(float))
    design = treatment_design("control", "vesicle")
    (row,) = compare_endpoint(table, design.planned(design.arms), design).rows
    means = {arm: [np.log(np.add(w, 0.5)).mean() for w in of.values()] for arm, of in wells.items()}
    test = paired_test(means["vesicle"], means["control"])
    assert row["estimate"] == pytest.approx(np.exp(test.estimate))
    assert row["p_value"] == pytest.approx(test.p_value)
    assert "natural logarithms of counts + 0.5" in row["method"]


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
        f"description only: {count} biological replicate{'s' * (count > 1)} in vesicle, "
        "3 are needed"
    )
    assert not {"p_value", "ci_low", "ci_high", "df", "statistic", "hedges_g"} & set(row)


def test_the_arm_with_too_few_replicates_is_named():
    few = {"x1": 20.0, "x2": 30.0}
    (row,) = compared({"control": CONTROL, "vesicle": few})
    assert row["method"] == "description only: 2 biological replicates in vesicle, 3 are needed"
    assert row["estimate"] == pytest.approx(25 - 47 / 4)


def test_a_described_arm_does_not_touch_the_test_of_the_others():
    two = compared({"control": CONTROL, "vesicle": VESICLE})[0]
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": {"d1": 99.0}})
    assert rows[0] == pytest.approx(two, nan_ok=True)
    assert "p_value" not in rows[1]


def test_an_arm_without_a_value_is_said_so():
    (row,) = compared({"control": CONTROL, "vesicle": dict.fromkeys(CONTROL, np.nan)})
    assert np.isnan(row["estimate"])
    assert row["method"] == "not estimated: no value in vesicle"


def test_replicates_in_one_arm_only_take_part_as_far_as_they_go():
    arms = {"control": {**CONTROL, "d5": 13.0}, "vesicle": {**VESICLE, "d6": 22.0}}
    (row,) = compared(arms)
    test = paired_test([*VESICLE.values()], [*CONTROL.values()])
    assert row["n_biological"] == 6
    assert row["estimate"] != pytest.approx(test.estimate, abs=1e-3)
    assert row["df"] > 3
    assert "balanced" not in row["method"]


# Genotype between mice, treatment within: the error within mice has (3 - 1) + (3 - 1) degrees of
# freedom. Genotypes between mice: R 4.2.2, lmer(y ~ g * t + (1 | mouse)), emmeans,
# lmer.df = "kenward-roger".
def test_genotypes_are_compared_between_mice_and_treatments_within():
    wild, knockout = ["m1", "m2", "m3"], ["m4", "m5", "m6"]
    values = {
        "WT / control": dict(zip(wild, [[10.0], [12.0], [15.0]], strict=True)),
        "WT / vesicle": dict(zip(wild, [[18.0], [21.0], [23.5]], strict=True)),
        "KO / control": dict(zip(knockout, [[8.0], [11.0], [9.0]], strict=True)),
        "KO / vesicle": dict(zip(knockout, [[9.0], [13.0], [10.5]], strict=True)),
    }
    design = genotype_design()
    table = by_genotype(values).assign(analyte="")
    table = table.assign(arm=design.arm_labels(table))
    rows = compare_endpoint(table, design.planned(design.arms), design).rows
    wt, ko, between, _, interaction = rows
    assert (wt["df"], ko["df"], interaction["df"]) == (4, 4, 4)
    differences = np.array([[8.0, 9, 8.5], [1.0, 2, 1.5]])
    error = np.sqrt(differences.var(axis=1, ddof=1).mean() / 3)
    assert wt["standard_error"] == pytest.approx(error)
    assert ko["estimate"] == pytest.approx(1.5)
    test = student_test(differences[1], differences[0])
    assert interaction["estimate"] == pytest.approx(test.estimate)
    assert interaction["p_value"] == pytest.approx(test.p_value)
    assert "split-plot" in interaction["method"]
    assert between["standard_error"] == pytest.approx(1.840893503756)
    assert between["p_value"] == pytest.approx(0.1768, abs=5e-5)
    assert between["n_biological"] == 6
    assert "balanced" not in between["method"]


def test_hedges_g_is_in_standard_deviations_between_replicates():
    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": KO}, apart=(-1.0, 1.0))
    expected = [hedges_g([*arm.values()], [*CONTROL.values()]) for arm in (VESICLE, KO)]
    assert [row["hedges_g"] for row in rows] == pytest.approx(expected)


@pytest.mark.parametrize("apart", [(0.0,), (-1.0, 0.0, 1.0)])
def test_values_without_spread_are_described_with_the_reason(apart):
    flat = {"d1": 1.0, "d2": 1.0, "d3": 1.0}
    (row,) = compared({"control": flat, "vesicle": dict.fromkeys(flat, 2.0)}, apart=apart)
    assert row["estimate"] == pytest.approx(1)
    assert row["method"] == (
        "description only: arms differ by the same amount in each biological replicate, so there "
        "is no spread to test with"
    )
    (row,) = compared(owned({"control": flat, "vesicle": dict.fromkeys(flat, 2.0)}), apart=apart)
    assert row["method"] == (
        "description only: each biological replicate of an arm has the same value, so there is no "
        "spread to test with"
    )


def test_the_word_for_a_replicate_is_in_the_method():
    declared = treatment_design("control", "vesicle", biological_replicate_is="donor")
    (row,) = compared({"control": CONTROL, "vesicle": VESICLE}, design=declared, apart=(-1, 1))
    assert row["method"] == (
        "linear mixed model with arms fixed and donor, donor × arm random (REML, Kenward-Roger "
        "degrees of freedom) of values; balanced, so it equals the paired t test or "
        "randomised-block analysis of variance on the mean of each donor"
    )


def test_a_chosen_scale_is_kept_whatever_the_values():
    from assaykit.stats.scales import ANALYSES

    wells = observations({"control": {n: [v / 100] for n, v in CONTROL.items()},
                          "vesicle": {n: [v / 100] for n, v in VESICLE.items()}},
                         scale="fraction").assign(analyte="")  # fmt: skip
    wells = wells.assign(arm=wells["treatment"])
    design = treatment_design("control", "vesicle")
    planned = design.planned(design.arms)
    odds = compare_endpoint(wells, planned, design).rows[0]
    plain = compare_endpoint(wells, planned, design, ANALYSES["fraction"]).rows[0]
    assert (odds["scale"], plain["scale"]) == ("ratio", "difference")
    assert plain["estimate"] == pytest.approx(0.1125)


def test_rows_of_one_endpoint_make_a_valid_effects_table():
    from assaykit.tables import EFFECTS, check_effects

    rows = compared({"control": CONTROL, "vesicle": VESICLE, "KO vesicle": {"d1": 1.0}})
    table = check_effects(pd.DataFrame(rows, columns=list(EFFECTS.names)))
    assert table["p_value"].notna().tolist() == [True, False]
