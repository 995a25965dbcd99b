from itertools import chain

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

from assaykit.design import Contrast
from assaykit.stats import (
    compare,
    compare_endpoints,
    estimate_contrasts,
    fit_arms,
    paired_test,
    student_test,
    welch_test,
)

TWO = treatment_design("control", "vesicle")
THREE = treatment_design("control", "vesicle", "KO")
MICE = genotype_design(adjustment="none")
NUMBERS = ("estimate", "standard_error", "df", "statistic", "p_value")

# Spread of replicates, of their responses, of wells: the second and third kind often have
# components below zero, and are the same tests all the same.
SPREADS = [(1.0, 0.5, 0.3), (0.0, 0.0, 1.0), (2.0, 0.0, 1.0), (0.0, 1.0, 0.1)]
STUDIES = [(seed, 3 + seed % 3, 1 + seed % 4, SPREADS[seed % 4]) for seed in range(24)]


def means_of(wells) -> dict:
    return {arm: [float(np.mean(w)) for w in of.values()] for arm, of in wells.items()}


def agree(row, test) -> None:
    error = test.standard_error
    assert row["estimate"] == pytest.approx(test.estimate, abs=1e-9 * error)
    for name in NUMBERS[1:]:
        assert row[name] == pytest.approx(getattr(test, name), rel=1e-9), name


@pytest.mark.parametrize("study", STUDIES)
def test_even_designs_give_exactly_the_classical_tests(study):
    seed, replicates, count, spread = study
    size = {"replicates": replicates, "wells": count, "spread": spread}
    wells = random_wells(seed, TWO.arms, **size)
    means = means_of(wells)
    agree(
        compare(observations(wells), TWO).iloc[0], paired_test(means["vesicle"], means["control"])
    )
    wells = random_wells(seed, TWO.arms, own=("",), **size)
    means = means_of(wells)
    agree(
        compare(observations(wells), TWO).iloc[0], student_test(means["vesicle"], means["control"])
    )
    wells = random_wells(seed, THREE.arms, **size)
    values = [v for of in means_of(wells).values() for v in of]
    fit = fit_arms(values, np.repeat(THREE.arms, replicates).tolist(), list(range(replicates)) * 3)
    blocks = estimate_contrasts(fit, THREE.planned(THREE.arms))
    effects = compare(observations(wells), THREE)
    agree(effects.iloc[0], blocks.iloc[0])
    agree(effects.iloc[1], blocks.iloc[1])
    wells = random_wells(seed, MICE.arms, own=(0,), **size)
    means = means_of(wells)
    change = {
        g: np.subtract(means[f"{g} / vesicle"], means[f"{g} / control"]) for g in ("WT", "KO")
    }
    agree(compare(by_genotype(wells), MICE).iloc[4], student_test(change["KO"], change["WT"]))


def test_components_were_below_zero_in_many_of_these_studies():
    below = 0
    for seed, replicates, count, spread in STUDIES:
        wells = random_wells(seed, TWO.arms, replicates=replicates, wells=count, spread=spread)
        (made,) = compare_endpoints(observations(wells), TWO)
        below += min(made.model.components.values()) < 0
    assert 8 <= below < len(STUDIES)


# The same holds with several fields per well, and with plates that every cell meets alike.
@pytest.mark.parametrize("seed", range(6))
def test_wells_with_fields_and_crossed_plates_are_classical_too(seed):
    wells = random_wells(seed, TWO.arms, wells=4, spread=(1.0, 0.1, 1.0))
    means = means_of(wells)
    test = paired_test(means["vesicle"], means["control"])
    table = observations(wells)
    agree(compare(table.assign(well=[f"A{1 + i // 2}" for i in range(32)]), TWO).iloc[0], test)
    shift = np.tile([0.0, 50.0], 16)
    plates = table.assign(plate=["P1", "P2"] * 16, value=table["value"] + shift)
    agree(compare(plates, TWO).iloc[0], test)


# ---- uneven tables against R 4.2.2, lme4 1.1.31, emmeans 1.8.4, lmer.df = "kenward-roger"; none
# ---- of the components is at zero in R.


def against_r(row, expected) -> None:
    assert row[list(NUMBERS)].astype(float).tolist() == pytest.approx(expected, rel=1e-6)


# lmer(y ~ arm + (1 | rep) + (1 | rep:arm)); contrast(emmeans(m, ~ arm), "trt.vs.ctrl")
def test_blocks_with_holes_and_unequal_wells_agree_with_r():
    wells = {
        "control": {"d1": [20.0, 20.1, 17.8], "d2": [22.3, 21.2], "d3": [23.1, 23.2, 23.9],
                    "d4": [23.5, 22.9, 22.9, 24.1], "d5": [22.1, 22.5]},
        "vesicle": {"d1": [25.1, 24.7, 24.9], "d2": [26.0, 27.5], "d3": [30.5, 30.6, 31.9],
                    "d4": [29.4, 28.4, 29.1, 29.1]},
        "KO": {"d1": [22.3, 22.3], "d2": [22.0, 21.6], "d3": [24.6, 24.4], "d5": [23.0, 23.3]},
    }  # fmt: skip
    vesicle, ko = (row for _, row in compare(observations(wells), THREE).iterrows())
    against_r(vesicle, [5.93344862680, 0.648875223318, 5.80385691622, 9.14420587129,
                        0.000116294462329])  # fmt: skip
    against_r(ko, [1.18296631751, 0.662903673979, 6.35967196737, 1.78452219221, 0.121798128684202])
    (made,) = compare_endpoints(observations(wells), THREE)
    assert [*made.model.components.values()] == pytest.approx(
        [2.5324834248, 0.7337274383, 0.4058921397], rel=1e-6
    )


# lmer(y ~ arm + (1 | rep))
def test_own_replicates_with_unequal_wells_agree_with_r():
    wells = {
        "control": {"c1": [7.5, 7.4], "c2": [10.6, 9.0, 10.3, 8.4], "c3": [9.9, 10.0, 10.1],
                    "c4": [9.2, 10.1, 9.3]},
        "vesicle": {"v1": [12.4], "v2": [15.8], "v3": [16.1], "v4": [15.7, 16.3, 15.5],
                    "v5": [13.6]},
        "KO": {"K1": [11.4], "K2": [11.3, 11.5, 10.9, 10.7], "K3": [9.7]},
    }  # fmt: skip
    vesicle, ko = (row for _, row in compare(observations(wells), THREE).iterrows())
    against_r(vesicle, [5.62101633459, 0.876648868325, 8.71980151321, 6.41193588184,
                        0.000141997614195])  # fmt: skip
    against_r(ko, [1.59616085048, 0.997760571458, 8.65366318225, 1.59974336143, 0.145468368174921])


# lmer(y ~ g * t + (1 | rep) + (1 | rep:t)); contrasts of emmeans(m, ~ t * g)
def test_a_split_plot_with_a_hole_agrees_with_r():
    wells = {
        "WT / control": {"WT1": [26.0, 25.2], "WT2": [27.7], "WT3": [30.2, 31.1]},
        "WT / vesicle": {"WT1": [34.5, 33.5, 34.2], "WT2": [34.9], "WT3": [37.5]},
        "KO / control": {"KO1": [31.0], "KO2": [31.3, 31.6, 31.5], "KO3": [30.4],
                         "KO4": [30.0, 29.4]},
        "KO / vesicle": {"KO1": [31.4, 32.0], "KO2": [31.5], "KO3": [33.1, 33.8, 34.3]},
    }  # fmt: skip
    expected = [
        [7.51207321401, 0.804928545289, 4.01273696831, 9.33259636272, 0.000722825348153],
        [1.48359978008, 0.806734506476, 4.33785450042, 1.83901862157, 0.134161136994823],
        [2.68069103476, 1.250894287729, 6.66326036285, 2.14301964687, 0.071294078889194],
        [-3.34778239917, 1.316919585062, 7.26434256395, -2.54213122589, 0.037384080762528],
        [-6.02847343393, 1.139618588370, 4.16797524679, -5.28990444299, 0.005459896376560],
    ]
    effects = compare(by_genotype(wells), MICE)
    for (_, row), right in zip(effects.iterrows(), expected, strict=True):
        against_r(row, right)


# lmer(y ~ arm + plate + (1 | rep))
def test_plates_as_blocks_agree_with_r():
    wells = {
        "control": {"c1 P1": [8.9, 9.3], "c2 P1": [11.5], "c3 P2": [11.3, 12.1, 12.4],
                    "c4 P2": [17.3, 16.3, 15.8], "c5 P2": [12.0, 14.0, 12.0]},
        "vesicle": {"v1 P1": [16.9, 16.5, 16.1], "v2 P1": [14.5], "v3 P1": [14.8, 14.8],
                    "v4 P2": [20.4]},
    }  # fmt: skip
    table = observations(wells)
    plates = table["biological_replicate"].str[-2:]
    row = compare(table.assign(plate=plates), TWO).iloc[0]
    against_r(row, [5.67473021079, 1.28913771591, 6.32616548568, 4.40195810016, 0.0040169576076])
    assert "arms and plates fixed" in row["method"]


# lmer(y ~ arm + (1 | rep) + (1 | well))
def test_fields_in_wells_in_replicates_agree_with_r():
    wells = {
        "control": {"c1": [[10.3, 10.8, 10.2], [10.4, 10.0], [11.9, 11.2]],
                    "c2": [[10.5, 9.5, 9.4], [8.9, 9.0]], "c3": [[10.6, 10.5, 10.7], [12.4, 12.7]],
                    "c4": [[6.5, 6.3, 6.4], [7.0, 5.9]]},
        "vesicle": {"v1": [[13.4, 14.1, 13.8], [15.3, 15.0], [13.9, 13.9]],
                    "v2": [[12.6, 13.7, 13.4], [11.4, 10.8]],
                    "v3": [[14.0, 13.1, 13.1], [10.9, 10.4]],
                    "v4": [[12.3, 11.5, 11.6], [14.7, 14.8]]},
    }  # fmt: skip
    flat = {arm: {n: list(chain(*w)) for n, w in of.items()} for arm, of in wells.items()}
    names = [f"{n}{i}" for of in wells.values() for n, w in of.items()
             for i, fields in enumerate(w) for _ in fields]  # fmt: skip
    row = compare(observations(flat).assign(well=names), TWO).iloc[0]
    against_r(row, [3.41490745955, 1.23529974069, 5.98387584971, 2.76443631215, 0.0327532905601])


# ---- where a model has no answer of its own


def test_an_uneven_design_without_spread_between_replicates_compares_their_means():
    wells = {"control": {"c1": [1.0, 3.0], "c2": [2.0, 2.2, 1.6], "c3": [0.9, 3.2]},
             "vesicle": {"v1": [4.0, 6.0], "v2": [5.5, 4.4], "v3": [3.9, 6.2]}}  # fmt: skip
    row = compare(observations(wells), TWO).iloc[0]
    means = means_of(wells)
    agree(row, student_test(means["vesicle"], means["control"]))
    assert row["method"].endswith(
        "replicates differ no more than their wells let expect, so the mean of each biological "
        "replicate in each arm was compared"
    )


def test_wells_that_repeat_one_number_are_one_value():
    wells = {"control": {"a": [1.0] * 3, "b": [2.0] * 3, "c": [4.0] * 3},
             "vesicle": {"a": [3.0] * 3, "b": [3.5] * 3, "c": [7.0] * 3}}  # fmt: skip
    row = compare(observations(wells), TWO).iloc[0]
    agree(row, paired_test([3.0, 3.5, 7.0], [1.0, 2.0, 4.0]))
    assert "all wells of a replicate have one value" in row["method"]
    # Unequal numbers of such wells carry no weight.
    wells["control"]["a"] = [1.0]
    agree(compare(observations(wells), TWO).iloc[0], paired_test([3.0, 3.5, 7.0], [1.0, 2.0, 4.0]))


# Divided by the mean of their replicate, all replicates are alike. Only the differences within
# them tell of the spread: half of the residual degrees of freedom of arms alone.
@pytest.mark.parametrize("count", [1, 3])
def test_values_normalised_to_the_mean_of_each_replicate_are_compared_within_it(count):
    table = observations(random_wells(3, TWO.arms, wells=count))
    means = table.groupby("biological_replicate")["value"].transform("mean")
    table = table.assign(value=table["value"] / means)
    row = compare(table, TWO).iloc[0]
    cells = table.groupby(["treatment", "biological_replicate"])["value"].mean()
    agree(row, paired_test(cells["vesicle"], cells["control"]))
    assert "each biological replicate has the same mean" in row["method"]


def test_genotypes_of_replicates_that_are_all_alike_cannot_be_compared():
    table = by_genotype(random_wells(3, MICE.arms, own=(0,)))
    means = table.groupby("biological_replicate")["value"].transform("mean")
    effects = compare(table.assign(value=table["value"] / means), MICE)
    assert effects["p_value"].notna().tolist() == [True, True, False, False, True]
    assert (
        effects["method"].iloc[2].startswith("description only: no biological replicate connects")
    )


def test_too_few_shared_replicates_are_said_so():
    wells = {"control": {"a": [-2.0], "b": [-2.1], "c": [-0.5]},
             "vesicle": {"c": [-1.0], "d": [-1.3], "e": [-4.7]}}  # fmt: skip
    row = compare(observations(wells), TWO).iloc[0]
    assert np.isnan(row["p_value"])
    assert row["method"].startswith("description only: the values are spread too unevenly")


# ---- unequal variances


def test_unequal_variances_are_welchs_test_of_the_means_of_replicates():
    design = treatment_design("control", "vesicle", variances="unequal")
    wells = random_wells(5, TWO.arms, own=("",), wells=2)
    wells["vesicle"].popitem()
    row = compare(observations(wells), design).iloc[0]
    means = means_of(wells)
    agree(row, welch_test(means["vesicle"], means["control"]))
    assert row["method"].startswith("Welch's test on the mean of each biological replicate")
    assert "Student" not in row["method"]


def test_arms_that_share_replicates_or_blocks_keep_one_variance_and_say_so():
    design = treatment_design("control", "vesicle", variances="unequal")
    table = observations(random_wells(5, TWO.arms))
    own = observations(random_wells(5, TWO.arms, own=("",)))
    plates = own.assign(plate=own["biological_replicate"].str[-1])
    for one in (table, plates):
        welch, plain = compare(one, design).iloc[0], compare(one, TWO).iloc[0]
        assert welch["p_value"] == plain["p_value"]
        assert welch["method"].endswith(
            "; one variance for all arms, as arms share replicates or blocks"
        )


def test_an_arm_on_its_own_plate_is_not_tested_with_unequal_variances_either():
    design = treatment_design("control", "vesicle", variances="unequal")
    own = observations(random_wells(5, TWO.arms, own=("",)))
    row = compare(own.assign(plate=own["treatment"]), design).iloc[0]
    assert row["method"].startswith("description only: no plate connects")


def test_two_arms_without_spread_have_no_welch_test_while_others_have():
    zeros = {"control": [0.0, 0, 0], "vesicle": [3.0, 4, 5], "KO": [0.0, 0, 0]}
    design = treatment_design(*zeros, variances="unequal")
    effects = compare(one_well_each(zeros, shared=False, scale="count"), design)
    assert effects["df"].iloc[0] == pytest.approx(2)
    assert effects["method"].iloc[1] == (
        "description only: each biological replicate of an arm has the same value, so there is no "
        "spread to test with"
    )


def test_what_the_blocks_leave_is_told_contrast_by_contrast():
    table = observations(random_wells(5, THREE.arms, own=("",)))
    plates = table["treatment"].map({"control": "P1", "KO": "P1", "vesicle": "P2"})
    (made,) = compare_endpoints(table.assign(plate=plates), THREE)
    assert made.model.tells(Contrast("x", "KO", "control").weights)
    assert not made.model.tells(Contrast("x", "vesicle", "control").weights)


def test_residuals_and_components_are_on_the_scale_of_the_analysis():
    table = observations(random_wells(5, TWO.arms, wells=3))
    (made,) = compare_endpoints(table, TWO)
    again = compare_endpoints(table.assign(value=table["value"] * 10), TWO)[0]
    assert again.model.residuals == pytest.approx(10 * made.model.residuals)
    assert list(again.model.components.values()) == pytest.approx(
        [100 * value for value in made.model.components.values()]
    )
    within = table["value"] - table.groupby(["treatment", "biological_replicate"])[
        "value"
    ].transform("mean")
    assert made.model.components["residual"] == pytest.approx(float(np.sum(within**2) / 16))
    assert isinstance(made.means, pd.DataFrame)
