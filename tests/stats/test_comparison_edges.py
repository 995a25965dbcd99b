"""Tables that must not hurt: each ends in numbers that hold, or in words that say what to do."""

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
from assaykit.errors import DesignError, NothingToAnalyseError
from assaykit.stats import check_comparisons, compare, compare_endpoints

DESIGN = treatment_design("control", "vesicle", "KO")
TWO = treatment_design("control", "vesicle")
TABLE = observations(random_wells(7, DESIGN.arms))
OWN = observations(random_wells(7, DESIGN.arms, own=("",)))
NUMBERS = ["estimate", "standard_error", "df", "p_value", "p_adjusted", "ci_low", "ci_high"]


def both(table, design=DESIGN) -> pd.DataFrame:
    """The effects, after the checks have been looked at too."""
    comparisons = compare_endpoints(table, design)
    assert check_comparisons(comparisons, design)["finding"].notna().all()
    return compare(table, design)


# ---- nothing to test with


@pytest.mark.parametrize("scale", ["linear", "log", "log2", "count", "fraction"])
@pytest.mark.parametrize("table", [TABLE, OWN], ids=["shared", "own"])
def test_no_variance_at_all_is_described(table, scale):
    effects = both(table.assign(value=0.25 if scale == "fraction" else 5.0, scale=scale))
    nothing = 1.0 if effects["scale"].iloc[0] == "ratio" else 0.0
    assert effects["estimate"].tolist() == pytest.approx([nothing, nothing], abs=1e-12)
    assert effects["p_value"].isna().all()
    assert effects["method"].str.endswith("so there is no spread to test with").all()


@pytest.mark.parametrize("wells", [1, 3])
@pytest.mark.parametrize("own", [(), ("",)], ids=["shared", "own"])
def test_replicates_alike_in_all_arms_are_described_even_if_wells_vary(wells, own):
    table = observations(random_wells(7, DESIGN.arms, wells=wells, own=own))
    place = table.groupby(["treatment", "biological_replicate"]).cumcount()
    effects = both(table.assign(value=5.0 + place))
    assert effects["estimate"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert effects["p_value"].isna().all()
    assert effects["method"].str.startswith("description only: ").all()


def test_one_arm_only_is_refused_with_what_to_do():
    one = TABLE[TABLE["treatment"] == "control"]
    with pytest.raises(DesignError, match="all sample wells belong to one arm, 'control'"):
        compare(one, DESIGN)


def test_a_factor_of_one_level_is_refused_in_the_same_words():
    design = treatment_design("control")
    with pytest.raises(DesignError, match="A comparison needs two arms"):
        compare(TABLE[TABLE["treatment"] == "control"], design)


def test_no_replicate_column_is_refused_with_what_to_do():
    with pytest.raises(DesignError, match="which culture, donor or animal each well comes from"):
        compare(TABLE.drop(columns="biological_replicate"), DESIGN)


def test_all_values_censored_is_nothing_to_analyse():
    with pytest.raises(NothingToAnalyseError, match="No sample well has a number"):
        compare(TABLE.assign(value=np.nan, flags="below LLOQ"), DESIGN)


def test_an_arm_of_censored_values_keeps_its_row():
    censored = TABLE.assign(value=TABLE["value"].where(TABLE["treatment"] != "KO"))
    effects = both(censored)
    assert effects["contrast"].tolist() == ["vesicle vs control", "KO vs control"]
    assert effects["method"].iloc[1] == "not estimated: no value in KO"
    rest = compare(TABLE[TABLE["treatment"] != "KO"], DESIGN)
    assert effects.loc[0, NUMBERS].tolist() == pytest.approx(rest.loc[0, NUMBERS].tolist())


def test_an_excluded_arm_keeps_its_row_too():
    effects = both(TABLE.assign(excluded=TABLE["treatment"] == "vesicle", reason="contaminated"))
    assert effects["method"].iloc[0] == "not estimated: no value in vesicle"
    assert effects["p_value"].notna().tolist() == [False, True]


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_is_left_out(lost):
    holes = TABLE.assign(value=TABLE["value"].where(TABLE["well"] != "A1", lost))
    left = compare(TABLE[TABLE["well"] != "A1"], DESIGN)
    assert both(holes)[NUMBERS].to_numpy() == pytest.approx(left[NUMBERS].to_numpy())


# ---- what cannot be told apart


def test_factors_that_always_change_together_are_refused_with_what_to_do():
    design = genotype_design()
    wells = random_wells(7, ["WT / control", "KO / vesicle"])
    with pytest.raises(DesignError) as error:
        compare(by_genotype(wells), design)
    (problem,) = error.value.problems
    assert problem.message == (
        "genotype and treatment change together (the wells are in WT / control and in KO / "
        "vesicle), so the effect of one cannot be told from that of the other"
    )
    assert "plan the contrast of arm KO / vesicle against WT / control" in problem.remedy
    planned = genotype_design(contrasts=(Contrast("both", "KO / vesicle", "WT / control"),))
    assert np.isfinite(compare(by_genotype(wells), planned)["p_value"].iloc[0])


def test_a_missing_arm_of_two_factors_leaves_the_contrasts_that_have_theirs():
    design = genotype_design()
    effects = both(by_genotype(random_wells(7, design.arms[:3])), design)
    assert effects["contrast"].tolist() == ["vesicle vs control in WT", "KO vs WT in control"]


@pytest.mark.parametrize("table", [TABLE, OWN], ids=["shared", "own"])
@pytest.mark.parametrize("block", ["plate", "day"])
def test_an_arm_on_a_plate_or_day_of_its_own_is_described_and_the_others_tested(table, block):
    design = treatment_design(*DESIGN.arms, blocks=("day",))
    own = table["treatment"].map({"control": "1", "KO": "1", "vesicle": "2"})
    effects = both(table.assign(**{"day": "1", block: own}), design)
    assert effects["method"].iloc[0] == (
        f"description only: no {block} connects the arms vesicle and control, so the {block} may "
        f"be what differs; next time have these arms side by side in each {block}"
    )
    assert effects["p_value"].notna().tolist() == [False, True]
    assert effects["adjustment"].tolist() == ["", "none, 1 contrast"]


def test_only_the_block_that_keeps_arms_apart_is_named():
    design = treatment_design("control", "vesicle", blocks=("day",))
    table = OWN[OWN["treatment"] != "KO"]
    crossed = table.groupby("treatment").cumcount() % 2
    effects = both(
        table.assign(plate=crossed.map({0: "P1", 1: "P2"}), day=table["treatment"]), design
    )
    assert effects["method"].iloc[0].startswith("description only: no day connects")


def test_a_chain_of_plates_connects_arms():
    table = OWN.assign(plate="P1")
    half = table["biological_replicate"].str[-1] < "2"
    plate = table["treatment"].map({"control": "P1", "vesicle": "P2", "KO": "P1"})
    chained = table.assign(plate=plate.where((table["treatment"] != "KO") | half, "P2"))
    assert both(chained)["p_value"].notna().all()


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_replicates_are_described(count):
    few = TABLE[TABLE["biological_replicate"].isin(["r0", "r1"][:count])]
    effects = both(few)
    assert effects["estimate"].notna().all()
    assert effects["method"].str.contains(f"{count} biological replicate").all()


# ---- tables that are only unusual


@pytest.mark.parametrize(
    ("replicates", "wells"), [(4, 833), (1111, 3)], ids=["many wells", "many replicates"]
)
@pytest.mark.parametrize("own", [(), ("",)], ids=["shared", "own"])
def test_ten_thousand_rows_run(replicates, wells, own):
    table = observations(random_wells(7, DESIGN.arms, replicates=replicates, wells=wells, own=own))
    assert len(table) > 9990
    effects = compare(table.iloc[:-1], DESIGN)
    assert effects["p_value"].between(0, 1).all()
    assert effects["df"].between(replicates - 1, 3 * replicates).all()


@pytest.mark.parametrize("factor", [1e-100, 1e-12, 1e12, 1e100])
@pytest.mark.parametrize("table", [TABLE, TABLE.iloc[1:], OWN, OWN.iloc[1:]])
def test_very_large_and_very_small_units_change_no_p(table, factor):
    one, other = (
        compare(table, DESIGN),
        compare(table.assign(value=table["value"] * factor), DESIGN),
    )
    for name in ("df", "p_value", "p_adjusted", "hedges_g"):
        assert other[name].tolist() == pytest.approx(one[name].tolist(), rel=1e-7), name
    assert other["ci_low"].tolist() == pytest.approx((one["ci_low"] * factor).tolist(), rel=1e-7)


@pytest.mark.parametrize("offset", [1e6, -1e6])
def test_a_large_offset_changes_no_difference(offset):
    one, other = both(TABLE), both(TABLE.assign(value=TABLE["value"] + offset))
    assert other[NUMBERS].to_numpy() == pytest.approx(one[NUMBERS].to_numpy(), rel=1e-6)


def test_very_small_concentrations_are_not_taken_for_a_normalised_control():
    molar = {"control": [1.1e-14, 1.4e-14, 0.9e-14], "vesicle": [2.3e-14, 4.1e-14, 2.2e-14]}
    for scale in ("log", "linear"):
        assert both(one_well_each(molar, shared=False, scale=scale), TWO)["p_value"].notna().all()


def test_a_control_normalised_in_each_replicate_is_refused_with_what_to_do():
    control = TABLE[TABLE["treatment"] == "control"].groupby("biological_replicate")["value"].mean()
    relative = TABLE["value"] / TABLE["biological_replicate"].map(control)
    with pytest.raises(DesignError, match="Give the values as measured"):
        compare(TABLE.assign(value=100 * relative), DESIGN)


def test_a_replicate_in_one_arm_only_takes_part_in_a_shared_design():
    gone = (TABLE["biological_replicate"] == "r3") & (TABLE["treatment"] != "control")
    effects = both(TABLE[~gone])
    assert effects["n_biological"].tolist() == [4, 4]
    assert effects["p_value"].notna().all()
    assert effects["p_value"].iloc[0] != pytest.approx(
        compare(TABLE[TABLE["biological_replicate"] != "r3"], DESIGN)["p_value"].iloc[0]
    )


def test_one_well_more_changes_little():
    more = pd.concat([TABLE, TABLE.iloc[[0]].assign(well="H12")])
    one, other = both(TABLE), both(more)
    assert other["estimate"].tolist() == pytest.approx(one["estimate"].tolist(), abs=0.05)
    assert other["df"].tolist() == pytest.approx([6, 6], abs=0.5)


@pytest.mark.parametrize(
    "name", ["µ{0}%s", "a / b", "=1+1", "50 %", "対照 ", "'\"`\\", "None", "nan"]
)
def test_odd_names_of_levels_and_replicates_change_nothing(name):
    design = treatment_design("control", name)
    plain = TABLE[TABLE["treatment"] != "KO"]
    odd = plain.assign(
        treatment=plain["treatment"].replace("vesicle", name),
        biological_replicate=name + plain["biological_replicate"],
    )
    effects = both(odd, design)
    assert effects["contrast"].tolist() == [f"{name} vs control"]
    one = compare(plain, TWO)
    assert effects[NUMBERS].to_numpy() == pytest.approx(one[NUMBERS].to_numpy(), rel=1e-9)


def test_several_endpoints_do_not_touch_each_other():
    flat = TABLE.assign(endpoint="number", value=5.0)
    few = TABLE[TABLE["biological_replicate"] < "r2"].assign(endpoint="depth")
    effects = both(pd.concat([TABLE, flat, few]))
    alone = compare(TABLE, DESIGN)
    assert effects["p_value"].notna().tolist() == [True] * 2 + [False] * 4
    assert effects.iloc[:2]["q_value"].tolist() == pytest.approx(alone["q_value"].tolist())


def test_interactions_are_ratios_of_ratios_on_a_log_scale():
    design = genotype_design()
    effects = both(by_genotype(random_wells(7, design.arms, own=(0,)), scale="log"), design)
    wt, ko, _, _, both_ = effects["estimate"]
    assert both_ == pytest.approx(ko / wt)
    assert effects["scale"].tolist() == ["ratio"] * 5
    assert np.isnan(effects["hedges_g"].iloc[4])
    assert effects["n_technical"].iloc[4] == 48
