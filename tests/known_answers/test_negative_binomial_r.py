"""Negative binomial regression against R 4.2.2 (MASS 7.3-58.2 glm.nb, emmeans 1.8.4)."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from shared_data import shared

from assaykit.design import Contrast
from assaykit.stats.negative_binomial import fit_negative_binomial, rate_ratios

NAME = "g06_warpbreaks_nb_factorial"


def close(value, rel: float = 1e-5):
    return pytest.approx(value, rel=rel)


@pytest.fixture(scope="module")
def warpbreaks() -> tuple[pd.DataFrame, dict]:
    table = pd.read_csv(shared("stats", f"{NAME}.csv"))
    table["tension"] = pd.Categorical(table["tension"], ["L", "M", "H"])
    return table, json.loads(shared("stats", f"{NAME}.json").read_text("utf-8"))["expected"]


def test_theta_and_log_likelihood(warpbreaks):
    table, expected = warpbreaks
    model = fit_negative_binomial(table, "breaks ~ wool * tension")
    assert model.theta == close(expected["theta"], 1e-8)
    assert model.log_likelihood == close(expected["loglik"], 1e-10)
    assert model.poisson_dispersion == close(expected["poisson_pearson_dispersion"])


def test_means_with_their_asymptotic_limits(warpbreaks):
    table, expected = warpbreaks
    model = fit_negative_binomial(table, "breaks ~ wool * tension")
    means = model.marginal_means("wool:tension").set_index(["wool", "tension"])
    for right in expected["means"]:
        row = means.loc[(right["wool"], right["tension"])]
        told = (row["estimate"], row["standard_error"], row["ci_low"], row["ci_high"])
        assert told == close(tuple(right[k] for k in ("response", "SE", "asymp.LCL", "asymp.UCL")))
        assert np.isinf(row["df"])


def test_simple_contrasts_and_ratios_of_ratios(warpbreaks):
    table, expected = warpbreaks
    model = fit_negative_binomial(table, "breaks ~ wool * tension")
    wool, more = "wool[T.B]", "wool[T.B]:tension[T.{}]"
    functions = {"L": {wool: 1}, **{t: {wool: 1, more.format(t): 1} for t in "MH"}}
    functions |= {f"{t} / L": {more.format(t): 1} for t in "MH"}
    rows = model.contrasts(functions).set_index("contrast")
    right = {row["tension"]: row for row in expected["simple_wool_by_tension"]}
    right |= {r["tension_trt.vs.ctrl"]: r for r in expected["interaction_ratio_of_ratios"]}
    assert list(right) == list(rows.index)
    for name, row in rows.iterrows():
        found = row[["estimate", "standard_error", "ci_low", "ci_high", "statistic", "p_value"]]
        names = ("ratio", "SE", "asymp.LCL", "asymp.UCL", "z.ratio", "p.value")
        assert found.tolist() == close([right[name][k] for k in names])


# The file prints F with three digits behind the point.
def test_wald_tests_of_the_terms(warpbreaks):
    table, expected = warpbreaks
    terms = fit_negative_binomial(table, "breaks ~ wool * tension").anova().to_dict("records")
    for row, right in zip(terms, expected["interaction_wald_joint"], strict=True):
        assert (row["term"], row["num_df"]) == (right["model term"], right["df1"])
        assert row["f"] == pytest.approx(right["F.ratio"], abs=5.01e-4)
        assert row["p_value"] == close(right["p.value"])


def test_likelihood_ratio_of_two_fits_each_with_its_theta(warpbreaks):
    table, expected = warpbreaks
    heights = [
        fit_negative_binomial(table, f"breaks ~ wool {sign} tension").log_likelihood
        for sign in "*+"
    ]
    statistic = 2 * (heights[0] - heights[1])
    right = expected["lrt_interaction"]
    assert statistic == close(right["stat"])
    assert chi2.sf(statistic, right["df"]) == close(right["p"])


SIMULATED_IN_R = """
library(MASS); library(emmeans); cl <- glm.control(epsilon = 1e-13, maxit = 100)
set.seed(11); y <- rnbinom(15, size = 9, mu = c(control = 6, low = 9, high = 14)[arm] * n)
m <- glm.nb(y ~ arm + offset(log(n)), control = cl); summary(m); logLik(m)
attr(theta.ml(y, fitted(m), limit = 100, eps = 1e-12), "SE")
summary(emmeans(m, ~arm, offset = 0), type = "response", infer = TRUE)
ratios <- contrast(emmeans(m, ~arm), "trt.vs.ctrl", adjust = "none")
summary(ratios, type = "response", infer = TRUE)
summary(ratios, type = "response", infer = TRUE, df = 12)
b <- coef(m)[2:3]; F <- sum(b * solve(vcov(m)[2:3, 2:3], b)) / 2
pchisq(2 * F, 2, lower = FALSE); pf(F, 2, 12, lower = FALSE)
p <- glm(y ~ arm + offset(log(n)), poisson); sum(residuals(p, "pearson")^2) / 12
"""
ARMS = ("control", "low", "high")
SIMULATED = pd.DataFrame(
    {
        "arm": pd.Categorical(["control"] * 5 + ["low"] * 4 + ["high"] * 6, ARMS),
        "y": [8, 9, 28, 22, 11, 29, 33, 19, 12, 60, 38, 45, 62, 23, 37],
        "n": [4, 4, 3, 4, 2, 4, 4, 4, 1, 4, 3, 4, 4, 2, 4],
    }
)


def simulated(**settings):
    return fit_negative_binomial(SIMULATED, "y ~ arm", exposure="n", **settings)


def test_a_fit_with_exposure():
    model = simulated()
    assert model.theta == close(13.87251109408601, 1e-9)
    assert model.theta_standard_error == close(8.84710624730178, 1e-9)
    assert model.log_likelihood == close(-54.23873407799680, 1e-12)
    assert model.poisson_dispersion == close(3.5354438691817, 1e-9)
    rows = model.coefficients()
    estimates = [1.560271902040725, 0.456948200823601, 0.970080194767639]
    errors = [0.164937887449965, 0.239135158572558, 0.207821718176714]
    assert rows["estimate"].tolist() == close(estimates, 1e-9)
    assert rows["standard_error"].tolist() == close(errors, 1e-9)
    assert rows["p_value"].tolist()[1:] == close([5.60255893711277e-02, 3.04370912712406e-06], 1e-8)


def test_rates_per_unit_of_exposure():
    rows = simulated().marginal_means("arm")
    assert rows["estimate"].tolist() == close(
        [4.76011535427334, 7.51739826623894, 12.55792696434671], 1e-9
    )
    assert rows["standard_error"].tolist() == close(
        [0.785123370551984, 1.301641739529697, 1.587739177882240], 1e-9
    )
    assert rows["ci_low"].tolist() == close(
        [3.44526072225330, 5.35403903643491, 9.80161858385340], 1e-9
    )
    assert rows["ci_high"].tolist() == close(
        [6.57677314219904, 10.55488693838165, 16.08933547992311], 1e-9
    )


LIMITS = {
    np.inf: (
        [0.988320642031323, 1.755505960476291],
        [2.52349412596734, 3.96459330112118],
        [5.60255893711277e-02, 3.04370912712406e-06],
        1.38003138256224e-05,
    ),
    12.0: (
        [0.937927569758529, 1.677451318074564],
        [2.65907668689214, 4.14907252209940],
        [0.080205026343598690, 0.000543499896162737],
        0.00180770709227706,
    ),
}


@pytest.mark.parametrize("df", LIMITS)
def test_rate_ratios_by_z_and_by_t(df):
    low, high, p_value, joint = LIMITS[df]
    model = simulated(df=df)
    rows = model.contrasts("arm")
    assert rows["estimate"].tolist() == close([1.57924707843273, 2.63815601717992], 1e-9)
    assert rows["standard_error"].tolist() == close([0.377653500526260, 0.548266116308567], 1e-9)
    assert rows["ci_low"].tolist() == close(low, 1e-9)
    assert rows["ci_high"].tolist() == close(high, 1e-9)
    assert rows["p_value"].tolist() == close(p_value, 1e-8)
    assert model.anova()["f"].tolist() == close([11.1908192250726], 1e-8)
    assert model.anova()["p_value"].tolist() == close([joint], 1e-8)


MOMENTS_IN_R = """
mu <- fitted(glm(y ~ arm + offset(log(n)), poisson))
for (i in 1:200) {
  th <- as.vector(theta.mm(y, mu, 12, limit = 200, eps = 1e-13))
  g <- glm(y ~ arm + offset(log(n)), negative.binomial(th), control = cl); mu <- fitted(g) }
p <- summary(g, dispersion = 1)$coefficients; 2 * pt(-abs(p[2:3, 1] / p[2:3, 2]), 12)
"""


def test_theta_by_moments_and_the_rate_ratios_of_replicate_totals():
    model = simulated(dispersion="moments")
    assert model.theta == close(8.21614163165324, 1e-8)
    names = {"y": "total", "n": "n_wells"}
    table = SIMULATED.rename(columns=names).assign(biological_replicate=range(15))
    contrasts = [Contrast(arm, arm, "control") for arm in ("low", "high")]
    rows = rate_ratios(table, contrasts, shared=False)
    estimates = np.array([0.464155691491351, 0.960519421198470])
    errors = np.array([0.282676727507277, 0.247845085535383])
    assert np.log(rows["rate_ratio"]).tolist() == close(estimates.tolist(), 1e-8)
    assert rows["statistic"].tolist() == close((estimates / errors).tolist(), 1e-8)
    assert rows["p_value"].tolist() == close([0.126517692903477, 0.00220585565328265], 1e-8)
    assert rows["df"].tolist() == [12, 12]
