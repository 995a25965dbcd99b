import numpy as np
import pytest
from small_studies import (
    by_genotype,
    genotype_design,
    observations,
    one_well_each,
    random_wells,
    treatment_design,
)

from assaykit.design import Contrast, Rescue
from assaykit.stats import compare, fit_arms
from assaykit.stats.rescue import fieller_contains, rescue_fraction

RESCUED, TREATED = Contrast("k", "k", "c"), Contrast("v", "v", "c")
VALUES = {"c": [1.0, 1.2, 0.9], "v": [3.0, 3.3, 2.9], "k": [1.5, 1.7, 1.3]}
DESIGN = treatment_design("c", "v", "k", rescue=Rescue("v", "k"))
MICE = {
    "WT / control": {"m1": [10.0], "m2": [12.0], "m3": [15.0]},
    "WT / vesicle": {"m1": [18.0], "m2": [21.0], "m3": [23.5]},
    "KO / control": {"m4": [8.0], "m5": [11.0], "m6": [9.0]},
    "KO / vesicle": {"m4": [9.0], "m5": [13.0], "m6": [10.5]},
}


def fraction(table, design=DESIGN):
    """The row of the rescue fraction, the last of one endpoint."""
    row = compare(table, design).iloc[-1]
    assert row["contrast"] == row["scale"] == "rescue_fraction"
    return row


# R 4.2.2: ends where |t| of N - (1 - r) * D meets qt(.975, df), by uniroot on lm(y ~ arm + rep),
# lm(y ~ arm), and lmer(y ~ arm + (1 | mouse)) with the 4 df within mice.
@pytest.mark.parametrize(
    ("shared", "ends"),
    [(True, (0.72971116014677, 0.81239550719097)), (False, (0.60877780004509, 0.95143626809791))],
)
def test_fiellers_interval_of_one_factor_agrees_with_the_inverted_t_test(shared, ends):
    row = fraction(one_well_each(VALUES, shared=shared))
    assert row["estimate"] == pytest.approx(1 - 1.4 / 6.1)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(ends)
    assert row["df"] == (4 if shared else 6)
    assert row["n_biological"] == (3 if shared else 9)
    assert row["method"] == (
        "1 − (k vs c) / (v vs c), differences of values; Fieller interval"
    )  # fmt: skip


def test_each_genotype_has_its_own_control():
    design = genotype_design(rescue=Rescue("WT / vesicle", "KO / vesicle"))
    row = fraction(by_genotype(MICE), design)
    assert row["estimate"] == pytest.approx(1 - 1.5 / 8.5)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.72575475771271, 0.91813785313941))
    assert row["n_biological"] == 6
    assert "1 − (KO / vesicle vs KO / control) / (WT / vesicle vs WT / control)" in row["method"]


def test_on_a_log_scale_it_is_the_share_of_the_log_ratio():
    row = fraction(one_well_each(VALUES, shared=True, scale="log"))
    means = {arm: np.log(values).mean() for arm, values in VALUES.items()}
    assert row["estimate"] == pytest.approx(
        1 - (means["k"] - means["c"]) / (means["v"] - means["c"])
    )
    assert row["unit"] == ""
    assert "natural logarithms" in row["method"]


@pytest.mark.parametrize("seed", range(8))
def test_the_interval_is_the_set_that_is_not_contradicted(seed):
    rng = np.random.default_rng(seed)
    y = [*rng.normal(0, 0.5, 4), *rng.normal(4, 0.5, 4), *rng.normal(2, 0.5, 4)]
    fit = fit_arms(y, list("ccccvvvvkkkk"), list("1234") * 3 if seed % 2 else None)
    found = rescue_fraction(fit, RESCUED, TREATED, 0.9)
    assert found.bounded
    grid = np.linspace(-3, 3, 601)
    inside = [fieller_contains(fit, RESCUED, TREATED, value, 0.9) for value in grid]
    assert inside == [found.ci_low <= value <= found.ci_high for value in grid]


def test_an_effect_that_is_not_told_from_none_leaves_no_interval():
    weak = {**VALUES, "v": [1.6, 0.7, 1.3]}
    row = fraction(one_well_each(weak, shared=True))
    assert np.isfinite(row["estimate"])
    assert np.isnan(row["ci_low"])
    assert np.isnan(row["ci_high"])
    assert row["method"].endswith("; no interval: v vs c is not told from no effect")
    # The set is then not an interval: far away values on both sides are not contradicted.
    fit = fit_arms(
        [v for values in weak.values() for v in values], list("cccvvvkkk"), list("123") * 3
    )
    assert all(fieller_contains(fit, RESCUED, TREATED, value) for value in (-1e6, 1e6))


def test_no_effect_at_all_leaves_no_fraction():
    row = fraction(one_well_each({**VALUES, "v": [0.9, 1.0, 1.2]}, shared=True))
    assert row[["estimate", "ci_low", "standard_error", "df"]].isna().all()
    assert "no interval: v vs c is not told from no effect" in row["method"]


def test_the_fraction_has_no_p_of_its_own_and_takes_no_part_in_the_family():
    effects = compare(one_well_each(VALUES, shared=True), DESIGN)
    assert effects["contrast"].tolist() == ["v vs c", "k vs c", "v vs k", "rescue_fraction"]
    last = effects.iloc[-1]
    assert last[["p_value", "p_adjusted", "q_value", "statistic"]].isna().all()
    assert last["adjustment"] == ""
    assert "3 planned contrasts" in effects["adjustment"].iloc[0]


def test_a_whole_rescue_is_one_and_none_is_zero():
    gone = {**VALUES, "k": [1.1, 0.95, 1.05]}
    assert fraction(one_well_each(gone, shared=True))["estimate"] == pytest.approx(1)
    kept = {**VALUES, "k": [3.3, 2.9, 3.0]}
    assert fraction(one_well_each(kept, shared=True))["estimate"] == pytest.approx(0)


def test_too_few_replicates_are_described():
    row = fraction(one_well_each({**VALUES, "k": [1.5, 1.7]}, shared=True))
    assert np.isnan(row["estimate"])
    assert row["method"] == "description only: 2 biological replicates in k, 3 are needed"


def test_an_arm_that_is_not_there_is_said_so():
    row = fraction(one_well_each({arm: VALUES[arm] for arm in "cv"}, shared=True))
    assert row["method"] == "not estimated: no value in k"


def test_an_arm_on_a_plate_of_its_own_is_described():
    table = one_well_each(VALUES, shared=True)
    row = fraction(table.assign(plate=np.where(table["treatment"] == "k", "P2", "P1")))
    assert row["method"].startswith("description only: no plate connects the arms k and c")


def test_it_is_estimated_even_if_no_planned_contrast_is():
    contrasts = (Contrast("with an absent arm", "x", "c"),)
    design = treatment_design("c", "v", "k", "x", rescue=DESIGN.rescue, contrasts=contrasts)
    row = fraction(one_well_each(VALUES, shared=True), design)
    assert row["estimate"] == pytest.approx(1 - 1.4 / 6.1)


def test_levels_may_hold_the_sign_that_joins_arms():
    arms = ("con / trol", "ves / icle", "KO")
    design = treatment_design(*arms, rescue=Rescue("ves / icle", "KO"))
    table = one_well_each(dict(zip(arms, VALUES.values(), strict=True)), shared=True)
    assert fraction(table, design)["estimate"] == pytest.approx(1 - 1.4 / 6.1)


def test_wells_change_neither_fraction_nor_interval_of_an_even_design():
    wells = random_wells(4, "cvk", spread=(1.0, 0.2, 0.4))
    shift = {"c": 0.0, "v": 5.0, "k": 2.0}
    wells = {a: {n: [v + shift[a] for v in w] for n, w in of.items()} for a, of in wells.items()}
    means = {arm: [float(np.mean(w)) for w in of.values()] for arm, of in wells.items()}
    one, other = fraction(observations(wells)), fraction(one_well_each(means, shared=True))
    for name in ("estimate", "ci_low", "ci_high", "df"):
        assert one[name] == pytest.approx(other[name], rel=1e-9)
