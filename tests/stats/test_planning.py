import math

import numpy as np
import pandas as pd
import pytest

from assaykit.design import Design, Factor
from assaykit.errors import UsageError
from assaykit.stats import compare, planning
from assaykit.stats.planning import (
    DESIGNS,
    PlannedEffect,
    PlanSettings,
    VarianceComponents,
    exact_power,
    needed_replicates,
    simulate_power,
    wilson_interval,
)

USUAL = VarianceComponents(between_sd=0.3, arm_sd=0.15, within_sd=0.2)
ONE_BETWEEN = VarianceComponents(1.0, 0.0, 0.0)
PAIRS_OF_SD_1 = VarianceComponents(5.0, math.sqrt(0.5), 0.0)  # whose differences have sd 1
TWO = PlannedEffect(2.0, "difference")


def within_monte_carlo_error(table, errors=4.0):
    share = table["exact_power"]
    error = np.sqrt(share * (1 - share) / table["n_simulated"]) + 1e-4
    return bool(((table["power"] - share).abs() < errors * error).all())


# R 4.2.2, stats::power.t.test with its default strict = FALSE, which counts one tail: significant
# in the direction of the effect. That is also what counts here; the other tail would add 3.3e-5
# to the first value and 1.7e-6 to the second.
@pytest.mark.parametrize(
    ("design", "components", "power"),
    [
        ("own", ONE_BETWEEN, 0.46260812864823),  # power.t.test(n = 3, delta = 2)
        ("shared", PAIRS_OF_SD_1, 0.470747706193378),  # the same with type = "paired"
    ],
)
def test_power_of_three_replicates_agrees_with_r(design, components, power):
    plan = PlanSettings(design, replicates=(3,), wells=(1,), n_simulated=20_000)
    table = simulate_power(components, TWO, plan)
    assert table["exact_power"].tolist() == pytest.approx([power], abs=1e-8)
    assert within_monte_carlo_error(table)
    assert table["power_low"][0] < power < table["power_high"][0]


# R 4.2.2: power.t.test(delta = 1.5, power = 0.8)$n is 8.06030950441486, so nine whole replicates.
def test_the_number_of_replicates_agrees_with_r():
    plan, effect = PlanSettings("own", wells=(1,)), PlannedEffect(1.5, "difference")
    n = 8.06030950441486
    assert exact_power(ONE_BETWEEN, effect, plan, n, 1) == pytest.approx(0.8, abs=1e-6)
    table = simulate_power(ONE_BETWEEN, effect, plan)
    assert needed_replicates(table)["n_biological"].tolist() == [9]
    assert within_monte_carlo_error(table)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("effect", [PlannedEffect(1.5), PlannedEffect(-0.3, "difference")])
def test_simulated_and_exact_power_agree_everywhere(design, effect):
    table = simulate_power(USUAL, effect, PlanSettings(design))
    assert len(table) == 8 * 5
    assert within_monte_carlo_error(table)
    inside = (table["power_low"] <= table["exact_power"]) & (
        table["exact_power"] <= table["power_high"]
    )
    assert inside.mean() > 0.85  # intervals of 95 %


def test_the_test_made_of_each_study_is_that_of_the_comparison():
    random = np.random.default_rng(7)
    for shared in (True, False):
        log_means = random.normal(0, 0.2, (2, 4, 1))
        wells = log_means + random.normal(0, 0.1, (2, 4, 3))
        wells -= wells.mean(axis=-1, keepdims=True) - log_means  # so that means are exact
        effects = compare(_observations(wells, shared), _design(shared))
        statistic = DESIGNS["shared" if shared else "own"].statistic(log_means[None, :, :, 0])
        assert effects["statistic"].tolist() == pytest.approx(statistic.tolist(), rel=1e-6)


def _design(shared):
    factor = Factor("treatment", ("control", "vesicle"), "control")
    return Design((factor,), replicates_shared=shared)


def _observations(wells, shared):
    rows = [
        {
            "plate": "P1", "well": f"{'ABCDEFGH'[r]}{4 * a + w + 1}", "role": "sample",
            "treatment": ("control", "vesicle")[a], "value": math.exp(wells[a, r, w]),
            "biological_replicate": f"d{r}" if shared else f"d{a}{r}",
        }
        for a, r, w in np.ndindex(*wells.shape)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(
        assay="elisa", analyte="RANKL", endpoint="concentration", unit="pg/mL", scale="log"
    )


def test_wells_saturate_and_replicates_do_not():
    plan = PlanSettings(wells=(1, 4, 384), n_simulated=100)
    table = simulate_power(USUAL, PlannedEffect(1.5), plan).set_index(["n_biological", "n_wells"])
    power = table["exact_power"].unstack()
    assert (power.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    assert (power.diff().iloc[1:] > 0).all(axis=None)
    most = [exact_power(USUAL, PlannedEffect(1.5), plan, n, math.inf) for n in power.index]
    assert (power[384] < most).all()
    assert power[384].to_numpy() == pytest.approx(most, abs=0.003)


def test_wells_are_as_good_as_replicates_only_where_nothing_else_varies():
    only_wells = VarianceComponents(0.0, 0.0, 1.0)
    plan = PlanSettings("own", replicates=(4, 8), wells=(1, 2), n_simulated=100)
    width = simulate_power(only_wells, TWO, plan).set_index(["n_biological", "n_wells"])
    error = {key: planning._standard_error(only_wells, plan, *key) for key in width.index}
    assert error[4, 2] == pytest.approx(error[8, 1])
    assert width["exact_power"][4, 2] < width["exact_power"][8, 1]  # fewer degrees of freedom


def test_sharing_replicates_takes_out_their_variance():
    for between in (0.0, 5.0):
        components = VarianceComponents(between, 0.15, 0.2)
        table = simulate_power(components, PlannedEffect(1.5), PlanSettings(n_simulated=500))
        assert table["exact_power"][0] == pytest.approx(0.2159, abs=5e-5)
        assert within_monte_carlo_error(table)


def test_the_same_seed_gives_the_same_numbers_and_a_longer_plan_repeats_a_shorter_one():
    short = PlanSettings(replicates=(3, 5), wells=(2, 4), n_simulated=500)
    one, again = (simulate_power(USUAL, PlannedEffect(1.5), short) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    longer = simulate_power(USUAL, PlannedEffect(1.5), PlanSettings(n_simulated=500))
    kept = longer.merge(one[["n_biological", "n_wells"]])
    pd.testing.assert_frame_equal(kept, one)
    other = PlanSettings(replicates=(3, 5), wells=(2, 4), n_simulated=500, seed=1)
    assert (
        simulate_power(USUAL, PlannedEffect(1.5), other)["power"].tolist() != one["power"].tolist()
    )


def test_many_studies_are_simulated_in_blocks(monkeypatch):
    monkeypatch.setattr(planning, "_BLOCK", 1000)
    assert list(planning._blocks(200, 3)) == [83, 83, 34]
    plan = PlanSettings(replicates=(5,), wells=(2,), n_simulated=2000)
    assert within_monte_carlo_error(simulate_power(USUAL, PlannedEffect(1.5), plan))


def test_the_direction_of_a_ratio_does_not_matter():
    plan = PlanSettings(n_simulated=200)
    up, down = (simulate_power(USUAL, PlannedEffect(size), plan) for size in (1.6, 1 / 1.6))
    pd.testing.assert_frame_equal(up, down)


def test_contrasts_share_the_level_by_bonferroni():
    shared, alone = (
        simulate_power(USUAL, PlannedEffect(1.5), PlanSettings(n_simulated=200, **more))
        for more in ({"contrasts": 5}, {"confidence": 0.99})
    )
    pd.testing.assert_frame_equal(shared, alone)


@pytest.mark.parametrize("design", ["shared", "own"])
def test_the_expected_interval_is_that_of_simulated_studies(design):
    from assaykit.stats import paired_test, student_test

    plan = PlanSettings(design, replicates=(4,), wells=(3,), n_simulated=100)
    table = simulate_power(USUAL, PlannedEffect(0.5, "difference"), plan)
    random = np.random.default_rng(3)
    inner = math.sqrt(USUAL.arm_sd**2 + USUAL.within_sd**2 / 3)
    test = paired_test if design == "shared" else student_test
    reach = []
    for _ in range(4000):
        between = random.normal(0, USUAL.between_sd, (2, 4))
        between = between[[0, 0]] if design == "shared" else between
        found = test(*(between + random.normal(0, inner, (2, 4))))
        reach.append((found.ci_high - found.ci_low) / 2)
    assert table["half_width"][0] == pytest.approx(np.mean(reach), rel=0.03)
    ratio = simulate_power(USUAL, PlannedEffect(1.5), plan)["interval_ratio"][0]
    assert ratio == pytest.approx(math.exp(table["half_width"][0]))


# Wilson (1927); the value of Newcombe, Stat Med 1998;17:857, table I: 81 of 263, and 0 of 20.
def test_wilson_s_interval():
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(20, 20)[1] == 1.0


def test_needed_replicates_are_missing_where_no_planned_number_is_enough():
    table = simulate_power(USUAL, PlannedEffect(1.5), PlanSettings(n_simulated=100))
    needed = needed_replicates(table, 0.9)
    assert needed["n_wells"].tolist() == [1, 2, 3, 4, 6]
    assert needed["n_biological"].isna().tolist() == [True, False, False, False, False]
    assert needed["n_wells_per_arm"].tolist()[1:] == [16, 21, 28, 36]
    with pytest.raises(UsageError, match="wanted power is 80"):
        needed_replicates(table, 80)


def test_huge_effects_and_spreads_give_numbers():
    plan = PlanSettings(n_simulated=100)
    assert (simulate_power(USUAL, PlannedEffect(1e9), plan)["exact_power"] == 1).all()
    wide = simulate_power(VarianceComponents(1e3, 1e3, 1e3), PlannedEffect(1.5), plan)
    assert wide["exact_power"].between(0, 0.03).all()


def test_everything_that_is_wrong_is_said_at_once():
    plan = PlanSettings("pairs", (2, 3), (), 0.8, 95, 0, 10, -1)
    with pytest.raises(UsageError) as caught:
        simulate_power(VarianceComponents(-1, math.nan, math.inf), PlannedEffect(0), plan)
    text = str(caught.value)
    assert len(text.splitlines()) == 11
    for words in ("between_sd is -1", "arm_sd is missing", "within_sd is inf", "A ratio of 0",
                  "design 'pairs' is not known", "Fewer than 3", "no number of wells",
                  "confidence is 95", "0 contrasts", "Simulate 100 to"):  # fmt: skip
        assert words in text


def test_a_design_that_nothing_varies_in_has_no_power():
    between_only = VarianceComponents(0.3, 0, 0)
    with pytest.raises(UsageError, match="Nothing varies"):
        simulate_power(between_only, PlannedEffect(1.5), PlanSettings("shared"))
    simulate_power(between_only, PlannedEffect(1.5), PlanSettings("own", n_simulated=100))
