"""Curves fitted in R 4.2.2: parameters, standard errors, weights and inverse prediction."""

import json

import numpy as np
import pytest
from shared_data import shared

from assaykit.curves import compare_models, fit_standard_curve

RUNS = ("1", "2", "3", "4")

# The first file of the vendors' ELISAs; also the data of R's investr results below.
HCP_CONCENTRATION = [0, 0, 2, 2, 10, 10, 25, 25, 75, 75, 200, 200]
HCP_RESPONSE = [
    0.0665, 0.0816, 0.0976, 0.1002, 0.186, 0.1867, 0.385, 0.4072, 1.0494, 1.0382, 2.3574, 2.4024,
]  # fmt: skip


def dnase(run):
    return json.loads(shared("elisa", "dnase_runs_1_to_4.json").read_text())["runs"][run]


def as_abcd(fit):
    """Estimates and standard errors of SSfpl as a, b, c, d (delta method)."""
    est, se = fit["estimate"], fit["se"]
    c = np.exp(est["xmid"])
    values = {"a": est["A"], "b": 1 / est["scal"], "c": c, "d": est["B"]}
    errors = {"a": se["A"], "b": se["scal"] / est["scal"] ** 2, "c": c * se["xmid"], "d": se["B"]}
    return values, errors


@pytest.mark.parametrize("run", RUNS)
class TestDnase:
    def test_parameters_and_standard_errors_of_nls(self, run):
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"])
        values, errors = as_abcd(data["SSfpl"])
        assert curve.parameters == pytest.approx(values, rel=1e-6)
        assert curve.standard_errors == pytest.approx(errors, rel=1e-5)

    def test_residuals_of_nls(self, run):
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"])
        assert curve.residual_sum_of_squares == pytest.approx(data["SSfpl"]["rss"], rel=1e-10)
        assert curve.residual_standard_error == pytest.approx(data["SSfpl"]["sigma"], rel=1e-10)
        assert curve.degrees_of_freedom == data["SSfpl"]["df"] == 12

    def test_covariance_of_nls(self, run):
        """R's order is A, B, xmid, scal: turned into a, b, c, d by the delta method."""
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"])
        est = data["SSfpl"]["estimate"]
        turn = np.zeros((4, 4))
        turn[0, 0] = turn[3, 1] = 1.0
        turn[2, 2] = np.exp(est["xmid"])
        turn[1, 3] = -1.0 / est["scal"] ** 2
        wanted = turn @ np.array(data["SSfpl"]["vcov"]) @ turn.T
        scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
        assert np.abs((curve.covariance - wanted) / scale).max() < 1e-5

    def test_weights_of_one_over_the_squared_fit(self, run):
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"], weighting="1/y2")
        values, errors = as_abcd(data["SSfpl_w_pred"])
        assert curve.parameters == pytest.approx(values, rel=1e-6)
        assert curve.standard_errors == pytest.approx(errors, rel=1e-5)
        assert curve.residual_sum_of_squares == pytest.approx(
            data["SSfpl_w_pred"]["wrss"], rel=1e-8
        )

    def test_back_calculation_of_drc(self, run):
        """drc stops early: 1e-6 to 2e-5 off the minimum."""
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"])
        found = curve.back_calculate(data["drc_backcalc"]["y"])["concentration"]
        assert found.to_numpy() == pytest.approx(data["drc_backcalc"]["conc"], rel=1e-4)

    def test_5pl_is_the_one_of_drc_or_better(self, run):
        """drc's LL.5 has the asymmetry at the low end: b < 0 in the formula of the 5PL."""
        data = dnase(run)
        curve = fit_standard_curve(data["conc"], data["density"], model="5pl")
        theirs = data["drc_LL5"]["estimate"]
        wanted = {"a": "d", "b": "b", "c": "e", "d": "c", "g": "f"}
        assert curve.residual_sum_of_squares <= data["drc_LL5"]["rss"]
        assert curve.residual_sum_of_squares == pytest.approx(data["drc_LL5"]["rss"], rel=4e-5)
        for ours, name in wanted.items():
            # drc's own stopping error, as a share of each parameter's standard error.
            distance = abs(curve.parameters[ours] - theirs[name])
            assert distance < 0.05 * curve.standard_errors[ours], ours

    def test_aic_of_nls_is_within_our_corrected_one(self, run):
        data = dnase(run)
        table = compare_models(data["conc"], data["density"]).set_index("model")
        correction = 2 * 5 * 6 / (16 - 5 - 1)
        assert table.loc["4pl", "aicc"] == pytest.approx(
            data["SSfpl"]["AIC"] + correction, abs=1e-8
        )


class TestPartialRows:
    """The values of hcp_partial_rows_R_inverse_prediction.json (R nls and investr 1.4.2)."""

    def test_unweighted_fit(self):
        curve = fit_standard_curve(HCP_CONCENTRATION, HCP_RESPONSE)
        assert curve.parameters == pytest.approx(
            {
                "a": 0.0746121516759172,
                "b": 1.10011399388794,
                "c": np.exp(6.10644142035047),
                "d": 7.98777743080998,
            },
            rel=1e-6,
        )
        assert curve.standard_errors["d"] == pytest.approx(1.51501370367691, rel=1e-5)
        assert curve.standard_errors["c"] / curve.parameters["c"] == pytest.approx(
            0.278221831917581, rel=1e-5
        )

    def test_weights_of_one_over_the_squared_fit(self):
        curve = fit_standard_curve(HCP_CONCENTRATION, HCP_RESPONSE, weighting="1/y2")
        assert curve.parameters == pytest.approx(
            {
                "a": 0.0753437454740565,
                "b": 1.10072847876092,
                "c": np.exp(6.13560407425108),
                "d": 8.18705042877441,
            },
            rel=1e-5,
        )
        assert curve.standard_errors["d"] == pytest.approx(3.62890823452802, rel=1e-4)
        assert curve.residual_sum_of_squares == pytest.approx(0.0281804429061955, rel=1e-6)

    @pytest.mark.parametrize(
        ("response", "replicates", "estimate", "low", "high"),
        [
            (0.12594, 1, 4.63106116045137, 1.55403809971345, 7.48407673435106),
            (0.12594, 2, 4.63106116045137, 2.40301000357435, 6.74473670389747),
            (0.28585, 1, 17.0725182377851, 14.2982837934674, 19.8813532446105),
            (0.28585, 2, 17.0725182377851, 14.9542910831486, 19.2313424027317),
            (0.8489, 1, 59.5744042708193, 56.6710481959681, 62.537420129567),
            (0.8489, 2, 59.5744042708193, 57.323924408451, 61.8763002229067),
        ],
    )
    def test_inversion_intervals_of_investr(self, response, replicates, estimate, low, high):
        curve = fit_standard_curve(HCP_CONCENTRATION, HCP_RESPONSE)
        row = curve.back_calculate(response, replicates=replicates).iloc[0]
        assert row["concentration"] == pytest.approx(estimate, rel=1e-6)
        assert row["ci_low"] == pytest.approx(low, abs=1e-3)
        assert row["ci_high"] == pytest.approx(high, abs=1e-3)

    def test_the_whole_file_says_the_same(self):
        path = shared("elisa", "hcp_partial_rows_R_inverse_prediction.json")
        results = json.loads(path.read_text())["sets"]["softmax_hcp_elisa_partial_rows"]
        curve = fit_standard_curve(results["x"], results["y"])
        assert results["y"] == HCP_RESPONSE
        for case in results["inverse"]:
            for m in (1, 2):
                row = curve.back_calculate(case["y0"], replicates=m).iloc[0]
                wanted = case[f"inversion_m{m}"]
                assert row["ci_low"] == pytest.approx(wanted["lower"], abs=1e-3)
                assert row["ci_high"] == pytest.approx(wanted["upper"], abs=1e-3)

    def test_a_5pl_is_refused_where_nls_fails_as_well(self):
        with pytest.raises(ValueError, match="at least 8 different concentrations; found 6"):
            fit_standard_curve(HCP_CONCENTRATION, HCP_RESPONSE, model="5pl")
