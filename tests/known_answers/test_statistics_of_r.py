"""The comparisons against R 4.2.2 (base, emmeans, multcomp, effectsize, rstatix) on real data.

The files g01 ... g27 of the shared data hold R's results and the calls that made them; the
relative tolerance is the one that each file suggests, or a tighter one.
"""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from shared_data import shared

from assaykit.design import Contrast, Design, Factor
from assaykit.stats import (
    benjamini_hochberg,
    compare,
    compare_endpoints,
    estimate_contrasts,
    fit_arms,
    hedges_g,
    holm,
    paired_test,
    replicate_values,
    student_test,
    tukey,
    welch_test,
)
from assaykit.stats.arm_models import fit_arm_model
from assaykit.stats.structure import decide_structure


def known(name: str) -> tuple[pd.DataFrame, dict]:
    table = pd.read_csv(shared("stats", f"{name}.csv"))
    expected = json.loads(shared("stats", f"{name}.json").read_text("utf-8"))["expected"]
    return table, expected


def close(value, rel: float = 1e-6):
    return pytest.approx(value, rel=rel)


def observations(table: pd.DataFrame, arm: str, replicate: str, value: str) -> pd.DataFrame:
    """Wells of an assay from the columns of a data set."""
    return pd.DataFrame(
        {
            "plate": "P1",
            "well": [f"A{i + 1}" for i in range(len(table))],
            "role": "sample",
            "biological_replicate": table[replicate].astype(str),
            "treatment": table[arm],
            "assay": "known",
            "endpoint": value,
            "value": table[value],
            "unit": "",
            "scale": "linear",
        }
    )


def design(*levels: str, **settings) -> Design:
    return Design((Factor("treatment", levels, levels[0]),), **settings)


ONE_WAY = {
    "g01_plantgrowth_oneway": ("weight", "group", ("ctrl", "trt1", "trt2")),
    "g02_dunnett1955_blood": ("count", "drug", ("control", "A", "B")),
}


@pytest.mark.parametrize("name", ONE_WAY)
def test_compare_gives_dunnetts_p_and_simultaneous_intervals(name):
    table, expected = known(name)
    value, arm, levels = ONE_WAY[name]
    table["unit"] = [f"subject {i}" for i in range(len(table))]
    effects = compare(observations(table, arm, "unit", value), design(*levels))
    for row, right in zip(effects.to_dict("records"), expected["dunnett"], strict=True):
        assert row["estimate"] == close(right["estimate"])
        assert row["standard_error"] == close(right["SE"])
        assert row["statistic"] == close(right["t"])
        assert row["df"] == right["df"]
        assert row["p_adjusted"] == close(right["p_adj"], 1e-8)
        assert (row["ci_low"], row["ci_high"]) == close((right["lwr"], right["upr"]), 1e-8)


@pytest.mark.parametrize("name", ONE_WAY)
def test_tukey_and_holm_on_the_pooled_variance(name):
    table, expected = known(name)
    value, arm, levels = ONE_WAY[name]
    fit = fit_arms(table[value], list(table[arm]))
    pairs = [Contrast(f"{b}-{a}", b, a) for a, b in combinations(levels, 2)]
    tukeys = estimate_contrasts(fit, pairs, adjust="tukey").set_index("contrast")
    for right in expected["tukey"]:
        row = tukeys.loc[right["contrast"]]
        assert row["estimate"] == close(right["diff"])
        assert row["p_adjusted"] == close(right["p.adj"])
        assert (row["ci_low"], row["ci_high"]) == close((right["lwr"], right["upr"]))
    holms = estimate_contrasts(fit, pairs, adjust="holm")["p_adjusted"].tolist()
    first, second = expected["pooled_t_holm"]
    reference = levels[0]
    assert holms == close([first[reference], second[reference], second[levels[1]]])


@pytest.mark.parametrize("name", ONE_WAY)
def test_welch_pairs_hedges_g_and_games_howell(name):
    table, expected = known(name)
    value, arm, levels = ONE_WAY[name]
    groups = {level: rows.to_numpy() for level, rows in table.groupby(arm)[value]}
    tests = []
    for right in expected["welch_pairs"]:
        test = welch_test(groups[right["g2"]], groups[right["g1"]])
        tests.append(test)
        assert (test.estimate, test.statistic) == close((right["diff"], right["t"]))
        assert (test.df, test.p_value) == close((right["df"], right["p"]))
        assert (test.ci_low, test.ci_high) == close((right["lwr"], right["upr"]))
        g = hedges_g(groups[right["g2"]], groups[right["g1"]])
        assert g == close(right["hedges_g"])
    p = [test.p_value for test in tests]
    assert holm(p) == close([right["p_holm"] for right in expected["welch_pairs"]])
    assert benjamini_hochberg(p) == close([right["p_BH"] for right in expected["welch_pairs"]])
    joint = tukey([t.statistic for t in tests], len(levels), [t.df for t in tests])
    assert joint == close([right["p.adj"] for right in expected["games_howell"]])


@pytest.mark.parametrize("name", ONE_WAY)
def test_compare_gives_welch_and_games_howell_where_variances_are_declared_unequal(name):
    table, expected = known(name)
    value, arm, levels = ONE_WAY[name]
    table["unit"] = [f"subject {i}" for i in range(len(table))]
    wells = observations(table, arm, "unit", value)
    settings = {"variances": "unequal", "adjustment": "tukey"}
    effects = compare(wells, design(*levels, **settings)).set_index("contrast")
    howell = {(row["group1"], row["group2"]): row for row in expected["games_howell"]}
    for right in expected["welch_pairs"]:
        row = effects.loc[f"{right['g2']} vs {right['g1']}"]
        assert (row["estimate"], row["statistic"]) == close((right["diff"], right["t"]))
        assert (row["df"], row["p_value"]) == close((right["df"], right["p"]))
        assert row["hedges_g"] == close(right["hedges_g"])
        joint = howell[right["g1"], right["g2"]]
        assert row["p_adjusted"] == close(joint["p.adj"])
        assert (row["ci_low"], row["ci_high"]) == close((joint["conf.low"], joint["conf.high"]))
    plain = compare(wells, design(*levels, variances="unequal", adjustment="none"))
    for row, right in zip(plain.to_dict("records"), expected["welch_pairs"], strict=False):
        assert (row["ci_low"], row["ci_high"]) == close((right["lwr"], right["upr"]))


# An additive model is a block model: protein sources compared within protein percentages.
def test_ratios_of_geometric_means_in_an_unbalanced_additive_model():
    table, expected = known("g10_pigs_log_ratio")
    percent = list(table["percent"].astype(str))
    fit = fit_arms(np.log(table["conc"]), list(table["source"]), percent)
    right = pd.DataFrame(expected["source_ratio_tukey"])
    contrasts = [Contrast(c, *c.split(" / ")) for c in right["contrast"]]
    rows = estimate_contrasts(fit, contrasts, adjust="tukey")
    assert np.exp(rows["estimate"]).tolist() == close(right["ratio"].tolist())
    assert (np.exp(rows["estimate"]) * rows["standard_error"]).tolist() == close(
        right["SE"].tolist()
    )
    assert np.exp(rows["ci_low"]).tolist() == close(right["lower.CL"].tolist())
    assert np.exp(rows["ci_high"]).tolist() == close(right["upper.CL"].tolist())
    assert rows["p_adjusted"].tolist() == close(right["p.value"].tolist())
    means = np.exp(fit.means)
    order = [row["source"] for row in expected["emm_source_response"]]
    assert [means[fit.arms.index(s)] for s in order] == close(
        [row["response"] for row in expected["emm_source_response"]]
    )


def test_holm_and_multivariate_t_in_an_unbalanced_additive_model():
    table, expected = known("g10_pigs_log_ratio")
    percent = list(table["percent"].astype(str))
    fit = fit_arms(np.log(table["conc"]), percent, list(table["source"]))
    contrasts = [Contrast(p, p, "9") for p in ("12", "15", "18")]
    holms = pd.DataFrame(expected["percent_vs_9_holm"])
    rows = estimate_contrasts(fit, contrasts, adjust="holm")
    assert rows["p_adjusted"].tolist() == close(holms["p.value"].tolist())
    assert np.exp(rows["ci_low"]).tolist() == close(holms["lower.CL"].tolist())
    # R integrates the multivariate t at random: good to about 1e-3.
    joint = pd.DataFrame(expected["percent_vs_9_mvt"])
    rows = estimate_contrasts(fit, contrasts, adjust="dunnett")
    assert rows["p_adjusted"].tolist() == close(joint["p.value"].tolist(), 0.02)
    assert np.exp(rows["ci_low"]).tolist() == close(joint["lower.CL"].tolist(), 1e-3)


def machines(**settings) -> tuple[pd.DataFrame, dict]:
    table, expected = known("g12_machines_block_with_techreps")
    effects = compare(
        observations(table, "Machine", "Worker", "score"), design("A", "B", "C", **settings)
    )
    return effects, expected


def test_a_block_design_with_technical_replicates_agrees_with_the_mixed_model():
    effects, expected = machines()
    aggregated = pd.DataFrame(expected["aggregated_block"]["vsA_none"])
    assert effects["estimate"].tolist() == close(aggregated["estimate"].tolist())
    assert effects["standard_error"].tolist() == close(aggregated["SE"].tolist())
    assert effects["df"].tolist() == close(aggregated["df"].tolist())
    assert effects["p_value"].tolist() == close(aggregated["p.value"].tolist())
    assert effects["n_biological"].tolist() == [6, 6]
    # Balanced, so Kenward and Roger's test of the wells is the same one.
    nested = pd.DataFrame(expected["vsA_none_kr"])
    assert effects["p_value"].tolist() == close(nested["p.value"].tolist(), 1e-5)
    joint = pd.DataFrame(expected["vsA_dunnett_mvt_kr"])
    assert effects["p_adjusted"].tolist() == close(joint["p.value"].tolist(), 1e-3)
    assert effects["ci_low"].tolist() == close(joint["lower.CL"].tolist(), 1e-3)


def test_the_components_of_a_block_design_are_those_of_the_mixed_model():
    table, expected = known("g12_machines_block_with_techreps")
    arms = design("A", "B", "C", biological_replicate_is="Worker")
    (made,) = compare_endpoints(observations(table, "Machine", "Worker", "score"), arms)
    right = {row["grp"]: row["vcov"] for row in expected["varcomp"]}
    assert made.model.components == {
        "Worker": close(right["Worker"]),
        "Worker × arm": close(right["Worker:Machine"]),
        "residual": close(right["Residual"]),
    }


def test_a_block_design_agrees_under_holm_and_tukey_too():
    effects, expected = machines(adjustment="holm")
    right = pd.DataFrame(expected["vsA_holm_kr"])
    assert effects["p_adjusted"].tolist() == close(right["p.value"].tolist())
    assert effects["ci_low"].tolist() == close(right["lower.CL"].tolist())
    effects, _ = machines(adjustment="tukey")
    right = pd.DataFrame(expected["tukey_kr"])
    assert effects["contrast"].tolist() == ["B vs A", "C vs A", "C vs B"]
    assert effects["estimate"].tolist() == close((-right["estimate"]).tolist())
    assert effects["p_adjusted"].tolist() == close(right["p.value"].tolist())
    assert effects["ci_low"].tolist() == close((-right["upper.CL"]).tolist(), 1e-5)


def test_replicates_nested_in_treatments_agree_with_the_nested_analysis():
    # Two rats for each treatment, six readings of each: their means, three degrees of freedom.
    table, expected = known("g18_glycogen_nested_anova")
    values = replicate_values(
        observations(table.astype({"Treatment": str}), "Treatment", "RatID", "Glycogen"),
        design("1", "2", "3", replicates_shared=False),
    )
    assert values["n_wells"].tolist() == [6] * 6
    fit = fit_arms(values["value"], list(values["arm"]))
    rows = estimate_contrasts(fit, [Contrast("2", "2", "1"), Contrast("3", "3", "1")])
    right = pd.DataFrame(expected["coef_kr"]).iloc[1:]
    assert rows["estimate"].tolist() == close(right["Estimate"].tolist(), 1e-5)
    assert rows["standard_error"].tolist() == close(right["Std. Error"].tolist(), 1e-5)
    assert rows["p_value"].tolist() == close(right["Pr(>|t|)"].tolist(), 1e-5)


def test_readings_of_preparations_of_replicates_agree_with_the_nested_mixed_model():
    # Two readings of each of three preparations: these are the wells, with two fields each.
    table, expected = known("g18_glycogen_nested_anova")
    rats = design("1", "2", "3", biological_replicate_is="rat")
    wells = observations(table.astype(str), "Treatment", "RatID", "Glycogen").assign(
        well=table["LiverID"].astype(str), y=table["Glycogen"].astype(float)
    )
    effects = compare(wells.assign(value=wells["y"]), rats)
    assert effects["method"].str.startswith("description only: 2 biological replicates").all()
    ready = wells.assign(arm=wells["treatment"], replicate=wells["biological_replicate"])
    model = fit_arm_model(ready, decide_structure(ready, rats), rats)
    right = {row["grp"]: row["vcov"] for row in expected["varcomp"]}
    assert model.components == {
        "rat": close(right["RatID"], 1e-5),
        "well": close(right["LiverID"]),
        "residual": close(right["Residual"]),
    }
    contrasts = [Contrast("2", "2", "1"), Contrast("3", "3", "1")]
    rows = estimate_contrasts(model.arms, contrasts, adjust="dunnett")
    kr = pd.DataFrame(expected["vs1_dunnett_mvt_kr"])
    assert rows["estimate"].tolist() == close(kr["estimate"].tolist())
    assert rows["standard_error"].tolist() == close(kr["SE"].tolist(), 1e-5)
    assert rows["df"].tolist() == close(kr["df"].tolist())
    coefficients = pd.DataFrame(expected["coef_kr"]).iloc[1:]
    assert rows["p_value"].tolist() == close(coefficients["Pr(>|t|)"].tolist(), 1e-5)
    # R integrates the multivariate t at random.
    assert rows["p_adjusted"].tolist() == close(kr["p.value"].tolist(), 1e-3)


def test_a_superplot_is_compared_by_its_replicates_not_its_cells():
    table, expected = known("g20_lord2020_superplot")
    cells = observations(table, "Treatment", "Replicate", "Speed")
    (effect,) = compare(cells, design("Control", "Drug")).to_dict("records")
    right = expected["paired_t"]
    assert effect["estimate"] == close(right["estimate"])
    assert effect["statistic"] == close(right["t"])
    assert effect["p_value"] == close(right["p"])
    assert (effect["ci_low"], effect["ci_high"]) == close((right["lwr"], right["upr"]))
    assert (effect["n_biological"], effect["n_technical"]) == (3, 300)
    # The same from the 300 cells, by R's mixed model with Kenward and Roger's 2 df.
    (nested,) = expected["lmm_diff_kr"]
    assert effect["standard_error"] == close(nested["SE"])
    assert effect["df"] == close(nested["df"])
    assert (effect["ci_low"], effect["ci_high"]) == close((nested["lower.CL"], nested["upper.CL"]))
    # The p of the cells is the one not to publish.
    assert effect["p_value"] > 1e10 * expected["naive_welch"]["p"]
    unpaired = compare(cells, design("Control", "Drug", replicates_shared=False)).iloc[0]
    assert unpaired["p_value"] == close(expected["unpaired_t"]["p"])
    assert unpaired["ci_low"] == close(expected["unpaired_t"]["lwr"])


def test_replicate_means_of_a_superplot_and_the_tests_on_them():
    table, expected = known("g20_lord2020_superplot")
    values = replicate_values(
        observations(table, "Treatment", "Replicate", "Speed"), design("Control", "Drug")
    )
    means = values.set_index(["arm", "biological_replicate"])["value"]
    for right in expected["rep_means"]:
        assert means[right["Treatment"], right["Replicate"]] == close(right["Speed"])
    drug, control = means["Drug"].to_numpy(), means["Control"].to_numpy()
    welch = welch_test(drug, control)
    assert (welch.p_value, welch.df) == close((expected["welch_t"]["p"], expected["welch_t"]["df"]))
    assert student_test(drug, control).p_value == close(expected["unpaired_t"]["p"])
    logs, right = paired_test(np.log(drug), np.log(control)), expected["log_ratio_paired"]
    assert (np.exp(logs.estimate), logs.p_value) == close((right["ratio"], right["p"]))
    assert np.exp(logs.ci_low) == close(right["ratio_lwr"])


def test_adjusted_p_values():
    _, expected = known("g27_tost_ratio_power_padjust")
    right = expected["padjust"]
    assert holm(right["p"]) == close(right["holm"])
    assert benjamini_hochberg(right["p"]) == close(right["BH"])


def test_a_ratio_by_welch_on_logs():
    table, expected = known("g27_tost_ratio_power_padjust")
    groups = table[table["set"] == "PlantGrowth"].groupby("g")["y"]
    logs = {str(name): np.log(rows.to_numpy()) for name, rows in groups}
    right = expected["welch_log_ratio"]
    test = welch_test(logs["trt1"], logs["ctrl"])
    assert np.exp(test.estimate) == close(right["ratio"])
    assert (np.exp(test.ci_low), np.exp(test.ci_high)) == close((right["lwr"], right["upr"]))
    assert test.p_value == close(right["p"])


# The margins 0.8 and 2 of these tests are differences: as log2 values, ratios of 2**0.8 and 4.
def test_equivalence_by_two_one_sided_tests():
    table, expected = known("g27_tost_ratio_power_padjust")
    table["unit"] = [f"subject {i}" for i in range(len(table))]
    plants = table[table["set"] == "PlantGrowth"]
    plants = observations(plants, "g", "unit", "y").assign(scale="log2")
    welch = design("ctrl", "trt1", variances="unequal", equivalence_margin=2**0.8, confidence=0.9)
    row = compare(plants[plants["treatment"] != "trt2"], welch).iloc[0]
    right = expected["welch_tost"]
    assert row["p_equivalence"] == close(right["p_tost"])
    assert [row["ci_low"], row["ci_high"]] == close(right["ci90"])
    sleep = table[table["set"] == "sleep"].assign(
        patient=lambda rows: rows.groupby("g").cumcount().astype(str)
    )
    levels = list(dict.fromkeys(sleep["g"].astype(str)))
    paired = design(*levels, equivalence_margin=4.0)
    wells = observations(sleep.astype({"g": str}), "g", "patient", "y").assign(scale="log2")
    row = compare(wells, paired).iloc[0]
    assert row["p_equivalence"] == close(expected["paired_tost_sleep"]["p_tost"])
