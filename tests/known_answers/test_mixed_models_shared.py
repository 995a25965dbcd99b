"""Mixed and linear models against R 4.2.2 (lme4, lmerTest, pbkrtest, emmeans, car) on real data.

The files g10 ... g20 of the shared data hold R's results, the calls that made them, and the
relative tolerance that each file suggests: 1e-5 for the mixed models, whose components come from
an optimiser that stops early (R's components are off by up to 2e-7, and p values of Satterthwaite
by 2e-6), 1e-6 for the linear one. What :mod:`test_statistics_of_r` compares is not repeated here.
"""

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import studentized_range
from shared_data import shared

from assaykit.stats.mixed_model import MixedModel, fit_mixed_model

MODELS = {
    "g12_machines_block_with_techreps": ("score ~ Machine", ["Worker", "Worker:Machine"]),
    "g18_glycogen_nested_anova": ("Glycogen ~ Treatment", ["RatID", "LiverID"]),
    "g20_lord2020_superplot": ("Speed ~ Treatment", ["Replicate", "Replicate:Treatment"]),
}
MACHINES, GLYCOGEN, SUPERPLOT = MODELS
FACTOR = {MACHINES: "Machine", GLYCOGEN: "Treatment", SUPERPLOT: "Treatment"}
DDF = {"kr": "kenward-roger", "satterthwaite": "satterthwaite"}
RANDOM = 1e-3  # R integrates the multivariate t at random


@cache
def known(name: str) -> tuple[pd.DataFrame, dict, float]:
    table = pd.read_csv(shared("stats", f"{name}.csv"))
    answers = json.loads(shared("stats", f"{name}.json").read_text("utf-8"))
    return table, answers["expected"], answers["suggested_rel_tol"]


@cache
def fitted(name: str) -> MixedModel:
    formula, random = MODELS[name]
    return fit_mixed_model(known(name)[0].astype({FACTOR[name]: str}), formula, random)


def agree(table: pd.DataFrame, right: list[dict], columns: dict[str, str], rel: float) -> None:
    """Compare columns of ours, by name, with R's rows."""
    wanted = pd.DataFrame(right)
    for ours, theirs in columns.items():
        assert table[ours].tolist() == pytest.approx(wanted[theirs].tolist(), rel=rel), ours


ANOVA = {"num_df": "NumDF", "den_df": "DenDF", "f": "F value", "p_value": "Pr(>F)"}
COEFFICIENTS = {
    "estimate": "Estimate", "standard_error": "Std. Error", "df": "df", "t": "t value",
    "p_value": "Pr(>|t|)",
}  # fmt: skip
CONTRASTS = {"estimate": "estimate", "standard_error": "SE", "df": "df", "statistic": "t.ratio"}
INTERVAL = {"ci_low": "lower.CL", "ci_high": "upper.CL"}
JOINT = INTERVAL | {"p_adjusted": "p.value"}


@pytest.mark.parametrize("name", MODELS)
def test_fixed_effects_components_and_likelihood(name):
    _, expected, rel = known(name)
    model = fitted(name)
    fixed = model.coefficients()["estimate"].tolist()
    assert fixed == pytest.approx(list(expected["fixef"].values()), rel=rel)
    components = {row["grp"]: row["vcov"] for row in expected["varcomp"]}
    assert model.variance_components.to_dict() == pytest.approx(components, rel=rel)
    assert model.log_likelihood == pytest.approx(expected["logLik"], rel=1e-12)
    assert model.singular is expected["singular"]


@pytest.mark.parametrize("ddf", DDF)
@pytest.mark.parametrize("name", MODELS)
def test_f_tests_and_coefficients(name, ddf):
    _, expected, rel = known(name)
    agree(fitted(name).anova(DDF[ddf]), expected[f"anova_{ddf}"], ANOVA, rel)
    if f"coef_{ddf}" in expected:
        agree(fitted(name).coefficients(DDF[ddf]), expected[f"coef_{ddf}"], COEFFICIENTS, rel)


def test_marginal_means_with_intervals():
    _, expected, rel = known(MACHINES)
    means = fitted(MACHINES).marginal_means("Machine")
    assert means["Machine"].tolist() == ["A", "B", "C"]
    columns = {"estimate": "emmean", "standard_error": "SE", "df": "df", **INTERVAL}
    agree(means, expected["means_kr"], columns, rel)


@pytest.mark.parametrize(
    ("name", "answer", "settings"),
    [
        (MACHINES, "vsA_none_kr", {}),
        (MACHINES, "vsA_none_satt", {"ddf": "satterthwaite"}),
        (MACHINES, "vsA_holm_kr", {"adjust": "holm"}),
        (SUPERPLOT, "lmm_diff_kr", {}),
    ],
)
def test_contrasts_against_the_first_level(name, answer, settings):
    _, expected, rel = known(name)
    contrasts = fitted(name).contrasts(FACTOR[name], **settings)
    assert contrasts["contrast"].tolist() == [row["contrast"] for row in expected[answer]]
    agree(contrasts, expected[answer], CONTRASTS | JOINT, rel)


# "Exact" is R's own bivariate t without random numbers: mvtnorm's TVPACK at 10 and 3 degrees of
# freedom. Their published intervals, at random, are off by up to 2e-4.
EXACT = {
    MACHINES: [0.00810255384836023, 0.000149570695876511],
    GLYCOGEN: [0.328042833883505, 0.675783047531463],
}


@pytest.mark.parametrize(
    ("name", "answer"), [(MACHINES, "vsA_dunnett_mvt_kr"), (GLYCOGEN, "vs1_dunnett_mvt_kr")]
)
def test_dunnett_with_the_multivariate_t(name, answer):
    _, expected, rel = known(name)
    contrasts = fitted(name).contrasts(FACTOR[name], adjust="dunnett")
    agree(contrasts, expected[answer], CONTRASTS, rel)
    agree(contrasts, expected[answer], JOINT, RANDOM)
    assert contrasts["p_adjusted"].tolist() == pytest.approx(EXACT[name], rel=1e-6)


@pytest.mark.parametrize("name", [MACHINES, GLYCOGEN])
def test_tukey(name):
    _, expected, rel = known(name)
    right = pd.DataFrame(expected["tukey_kr"])
    contrasts = fitted(name).contrasts(FACTOR[name], adjust="tukey")
    assert contrasts["contrast"].tolist() == [
        " - ".join(part.removeprefix("Treatment") for part in reversed(name.split(" - ")))
        for name in right["contrast"]
    ]
    # R takes the later level from the earlier one.
    turned = contrasts.assign(
        estimate=-contrasts["estimate"], statistic=-contrasts["statistic"],
        ci_low=-contrasts["ci_high"], ci_high=-contrasts["ci_low"],
    )  # fmt: skip
    agree(turned, expected["tukey_kr"], CONTRASTS | {"p_adjusted": "p.value"}, rel)
    # R's qtukey stops 1e-4 from its root: intervals of the glycogen are off by 3e-5.
    agree(turned, expected["tukey_kr"], INTERVAL, 5e-5)
    width = (contrasts["ci_high"] - contrasts["ci_low"]) / contrasts["standard_error"]
    exact = studentized_range.ppf(0.95, 3, contrasts["df"].iloc[0]) * 2**0.5
    assert width.tolist() == pytest.approx([exact] * 3, rel=1e-9)


def test_one_mean_for_each_block_and_arm_gives_the_same_tests():
    table, expected, rel = known(MACHINES)
    right = expected["aggregated_block"]
    means = table.groupby(["Worker", "Machine"], as_index=False)["score"].mean()
    model = fit_mixed_model(means, "score ~ Machine", ["Worker"])
    agree(model.anova(), right["anova_kr"], ANOVA, rel)
    agree(model.contrasts("Machine"), right["vsA_none"], CONTRASTS | JOINT, rel)
    # Balanced: the wells add nothing but the components.
    agree(fitted(MACHINES).anova(), right["anova_kr"], ANOVA, rel)
    blocks = fit_mixed_model(means.astype({"Worker": str}), "score ~ Worker + Machine")
    agree(blocks.anova().iloc[1:], right["anova_kr"], ANOVA, rel)


def test_wells_offered_as_replicates_give_the_f_that_is_not_to_be_published():
    table, expected, _ = known(MACHINES)
    naive = fit_mixed_model(table, "score ~ Machine").anova().iloc[0]
    right = expected["naive_wells_anova"]
    assert (naive["f"], naive["den_df"]) == pytest.approx((right["F"], right["df2"]), rel=1e-12)
    assert naive["p_value"] == pytest.approx(right["p"], rel=1e-9)


def test_a_nested_analysis_of_variance_from_the_components():
    _, expected, _ = known(GLYCOGEN)
    squares = {row["term"]: row["Mean Sq"] for row in expected["nested_SS"]}
    rats, livers = squares["Treatment:Rat"], squares["Treatment:Rat:Liver"]
    components = fitted(GLYCOGEN).variance_components
    by_hand = [(rats - livers) / 6, (livers - squares["Residuals"]) / 2, squares["Residuals"]]
    assert components.tolist() == pytest.approx(by_hand, rel=1e-12)
    anova = fitted(GLYCOGEN).anova().iloc[0]
    right = expected["aggregated_anova"]
    assert anova["f"] == pytest.approx(right["F"], rel=1e-12)
    assert (anova["den_df"], anova["p_value"]) == pytest.approx((3, right["p"]), rel=1e-10)
    naive = fit_mixed_model(known(GLYCOGEN)[0], "Glycogen ~ C(Treatment)").anova().iloc[0]
    assert naive["f"] == pytest.approx(expected["naive_anova"]["F"], rel=1e-12)


def test_a_balanced_superplot_is_a_paired_t_test():
    _, expected, _ = known(SUPERPLOT)
    (row,) = fitted(SUPERPLOT).contrasts("Treatment").to_dict("records")
    right = expected["paired_t"]
    assert row["df"] == right["df"] == 2
    assert row["statistic"] == pytest.approx(right["t"], rel=1e-11)
    assert row["p_value"] == pytest.approx(right["p"], rel=1e-11)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((right["lwr"], right["upr"]), rel=1e-10)


PIGS = "g10_pigs_log_ratio"


@cache
def pigs() -> MixedModel:
    return fit_mixed_model(known(PIGS)[0], "log(conc) ~ source + C(percent)")


@pytest.mark.parametrize(("answer", "sequential"), [("typeII", False), ("anova", True)])
def test_analysis_of_variance_of_an_unbalanced_linear_model(answer, sequential):
    """Without an interaction, types II and III are the same hypotheses."""
    _, expected, rel = known(PIGS)
    *terms, residual = expected[answer]
    anova = pigs().anova(sequential=sequential)
    assert anova["term"].tolist() == ["source", "C(percent)"]
    agree(anova, terms, {"num_df": "Df", "f": "F value", "p_value": "Pr(>F)"}, rel)
    assert anova["den_df"].tolist() == pytest.approx([residual["Df"]] * 2, rel=1e-12)
    mean_square = residual["Sum Sq"] / residual["Df"]
    assert pigs().variance_components["Residual"] == pytest.approx(mean_square, rel=1e-12)


def test_geometric_means_of_an_unbalanced_linear_model():
    _, expected, rel = known(PIGS)
    right = pd.DataFrame(expected["emm_source_response"]).set_index("source")
    means = pigs().marginal_means("source").set_index("source").loc[right.index]
    assert np.exp(means["estimate"]).tolist() == pytest.approx(right["response"].tolist(), rel=rel)
    delta = np.exp(means["estimate"]) * means["standard_error"]
    assert delta.tolist() == pytest.approx(right["SE"].tolist(), rel=rel)
    assert np.exp(means["ci_low"]).tolist() == pytest.approx(right["lower.CL"].tolist(), rel=rel)
    assert np.exp(means["ci_high"]).tolist() == pytest.approx(right["upper.CL"].tolist(), rel=rel)


RATIOS = {"estimate": "ratio", "standard_error": "SE", "df": "df", "statistic": "t.ratio"}


def test_ratios_of_all_pairs_with_tukey():
    _, expected, rel = known(PIGS)
    order = known(PIGS)[0].astype({"source": pd.CategoricalDtype(["skim", "soy", "fish"])})
    model = fit_mixed_model(order, "log(conc) ~ source + C(percent)")
    contrasts = model.contrasts("source", adjust="tukey", ratios=True)
    # With the levels turned round, later over earlier is R's earlier over later.
    contrasts = contrasts.set_index("contrast").loc[["fish - soy", "fish - skim", "soy - skim"]]
    agree(contrasts, expected["source_ratio_tukey"], RATIOS | JOINT, rel)


def test_ratios_to_the_first_level_with_holm_and_with_the_multivariate_t():
    _, expected, rel = known(PIGS)
    holm = pigs().contrasts("percent", adjust="holm", ratios=True)
    agree(holm, expected["percent_vs_9_holm"], RATIOS | JOINT, rel)
    joint = pigs().contrasts("percent", adjust="dunnett", ratios=True)
    agree(joint, expected["percent_vs_9_mvt"], RATIOS, rel)
    agree(joint, expected["percent_vs_9_mvt"], INTERVAL, RANDOM)
    # R's random p are off by 4e-3, 4e-3 and 1.5e-2; these are the trivariate t of TVPACK.
    exact = [0.0109170655753065, 0.00384954790145475, 0.00054770262175452]
    assert joint["p_adjusted"].tolist() == pytest.approx(exact, rel=1e-5)
    random = [row["p.value"] for row in expected["percent_vs_9_mvt"]]
    assert joint["p_adjusted"].tolist() == pytest.approx(random, rel=2e-2)
