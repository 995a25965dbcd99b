"""Model comparison and parallelism against separate fits and known truth."""

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import f as fisher
from scipy.stats import kstest

from assaykit.curves import MODELS, compare_models, fit_standard_curve, parallelism
from assaykit.errors import CurveError

X = np.repeat([0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0], 2)
NOISE = np.resize([0.012, -0.007, 0.004, -0.011, 0.009, 0.003, -0.006], len(X))
FOLD = np.repeat([1.0, 2.0, 4.0, 8.0, 16.0], 2)


def four_pl(x, a=0.05, b=1.2, c=150.0, d=2.8):
    return d + (a - d) / (1 + (np.asarray(x) / c) ** b)


def standards(noise=0.5):
    return fit_standard_curve(X, four_pl(X) + noise * NOISE)


class TestCompareModels:
    def table(self, y, x=X):
        return compare_models(x, y).set_index("model")

    def test_one_row_for_each_model(self):
        table = self.table(four_pl(X) + NOISE)
        assert table.index.tolist() == list(MODELS)
        assert table["n_parameters"].tolist() == [2, 1, 3, 2, 4, 5]

    def test_aicc_prefers_the_model_that_made_the_data(self):
        assert self.table(four_pl(X) + NOISE)["aicc"].idxmin() == "4pl"
        assert self.table(0.1 + 0.004 * X + 0.1 * NOISE)["aicc"].idxmin() == "linear"

    def test_f_test_of_5pl_against_4pl_by_hand(self):
        table = self.table(four_pl(X) + NOISE)
        small, large = table["residual_sum_of_squares"][["5pl", "4pl"]]
        f = (large - small) / (small / 11)
        assert table.loc["5pl", "f_statistic"] == pytest.approx(f)
        assert table.loc["5pl", "p_value"] == pytest.approx(fisher.sf(f, 1, 11))
        assert table["f_statistic"].drop("5pl").isna().all()

    def test_real_asymmetry_is_seen(self):
        x = X**2
        y = 2.8 - 2.75 / (1 + (x / 300.0) ** 1.8) ** 0.3 + 0.3 * NOISE
        table = self.table(y, x)
        assert table.loc["5pl", "p_value"] < 0.001
        assert table["aicc"].idxmin() == "5pl"

    def test_a_model_that_cannot_be_fitted_says_why(self):
        table = self.table(four_pl(X[:12]) + NOISE[:12], X[:12])
        assert np.isnan(table.loc["5pl", "aicc"])
        assert "at least 8 different concentrations" in table.loc["5pl", "reason"]
        assert table.loc["4pl", "reason"] == ""

    def test_aicc_of_a_line_by_its_formula(self):
        y = 0.1 + 0.004 * X + NOISE
        rss = np.sum((y - np.polyval(np.polyfit(X, y, 1), X)) ** 2)
        n, k = 16, 3
        wanted = n * np.log(2 * np.pi * rss / n) + n + 2 * k + 2 * k * (k + 1) / (n - k - 1)
        assert self.table(y).loc["linear", "aicc"] == pytest.approx(wanted)


class TestParallelism:
    def test_both_fits_are_those_of_scipy(self):
        curve = standards()
        y = four_pl(230.0 / FOLD) + 0.5 * NOISE[: len(FOLD)]
        test = parallelism(curve, FOLD, y)

        def residuals(p):
            a, b, log_c, d, log_potency = p
            sample = np.exp(log_potency) / FOLD
            return np.concatenate(
                [
                    curve.response - four_pl(X, a, b, np.exp(log_c), d),
                    y - four_pl(sample, a, b, np.exp(log_c), d),
                ]
            )

        def own(p):
            return y - four_pl(1 / FOLD, p[0], p[1], np.exp(p[2]), p[3])

        tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
        common = least_squares(residuals, [0.05, 1.2, 5.0, 2.8, 5.4], **tight)
        alone = least_squares(own, [0.05, 1.2, np.log(150 / 230), 2.8], **tight)
        full = curve.residual_sum_of_squares + 2 * alone.cost
        f = (2 * common.cost - full) / 3 / (full / (16 + 10 - 8))
        assert test.potency == pytest.approx(np.exp(common.x[4]), rel=1e-6)
        assert test.f_statistic == pytest.approx(f, rel=1e-5)
        assert (test.df_numerator, test.df_denominator) == (3, 18)
        assert test.p_value == pytest.approx(fisher.sf(f, 3, 18), rel=1e-5)
        assert test.own_parameters == ("a", "b", "c", "d")

    def test_few_dilutions_have_an_own_slope_and_share_the_plateaus(self):
        curve = standards()
        few = FOLD[:6]
        y = four_pl(230.0 / few) + 0.5 * NOISE[:6]
        test = parallelism(curve, few, y)

        def residuals(p):
            a, b, log_c, d, log_potency, own_b = p
            return np.concatenate(
                [
                    curve.response - four_pl(X, a, b, np.exp(log_c), d),
                    y - four_pl(np.exp(log_potency) / few, a, own_b, np.exp(log_c), d),
                ]
            )

        tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
        full = 2 * least_squares(residuals, [0.05, 1.2, 5.0, 2.8, 5.4, 1.2], **tight).cost
        assert (test.df_numerator, test.df_denominator) == (1, 16 + 6 - 6)
        assert test.own_parameters == ("b", "c")
        common = full * (1 + test.f_statistic / 16)
        shared = (
            2
            * least_squares(
                lambda p: residuals([*p, p[1]]), [0.05, 1.2, 5.0, 2.8, 5.4], **tight
            ).cost
        )
        assert common == pytest.approx(shared, rel=1e-6)

    def test_p_is_uniform_when_sample_and_standards_share_their_shape(self):
        rng = np.random.default_rng(2)
        p_values = []
        for _ in range(80):
            curve = fit_standard_curve(X, four_pl(X) + 0.01 * rng.normal(size=len(X)))
            few = FOLD[:8]
            y = four_pl(300.0 / few) + 0.01 * rng.normal(size=8)
            p_values.append(parallelism(curve, few, y).p_value)
        assert kstest(p_values, "uniform").pvalue > 0.01

    @pytest.mark.parametrize("levels", [3, 5])
    def test_another_slope_is_not_parallel(self, levels):
        fold = FOLD[: 2 * levels]
        y = four_pl(300.0 / fold, b=0.7) + 0.2 * NOISE[: len(fold)]
        assert parallelism(standards(0.2), fold, y).p_value < 1e-4

    def test_cv_of_the_dilutions_by_hand(self):
        curve = standards(0.0)
        y = four_pl(np.array([100.0, 100.0, 60.0, 60.0, 30.0, 30.0]))
        fold = np.array([1.0, 1.0, 2.0, 2.0, 4.0, 4.0])
        test = parallelism(curve, fold, y)
        corrected = [100.0, 120.0, 120.0]
        wanted = 100 * np.std(corrected, ddof=1) / np.mean(corrected)
        assert test.cv_percent == pytest.approx(wanted, rel=1e-4)
        assert (test.n_dilutions, test.passed) == (3, True)

    def test_dilutions_out_of_range_do_not_count(self):
        y = four_pl(np.array([2000.0, 1000.0, 500.0, 250.0, 3.0]))
        test = parallelism(standards(0.0), [1.0, 2.0, 4.0, 8.0, 600.0], y)
        assert test.n_dilutions == 2

    def test_a_wide_scatter_fails(self):
        y = four_pl(np.array([100.0, 90.0, 80.0]))
        test = parallelism(standards(0.0), [1.0, 2.0, 4.0], y)
        assert test.cv_percent > 30
        assert not test.passed

    def test_nothing_in_range_has_no_cv_and_does_not_pass(self):
        y = four_pl(np.array([4000.0, 2000.0, 1000.0]))
        test = parallelism(standards(0.0), [1.0, 2.0, 4.0], y)
        assert np.isnan(test.cv_percent)
        assert not test.passed

    def test_competitive_curves_too(self):
        curve = fit_standard_curve(X, four_pl(X, a=2.8, d=0.05) + 0.5 * NOISE)
        y = four_pl(230.0 / FOLD, a=2.8, d=0.05) + 0.5 * NOISE[:10]
        test = parallelism(curve, FOLD, y)
        assert test.potency == pytest.approx(230.0, rel=0.03)
        assert test.passed

    @pytest.mark.parametrize(
        ("fold", "y", "match"),
        [
            ([1, 2], [1.0, 0.8], "at least three dilutions of a sample; found 2"),
            ([1, 2, 4], [1.0, np.nan, 0.5], "one finite response for each well"),
            ([1, 0, 4], [1.0, 0.9, 0.5], "dilution factor above zero"),
            ([1, 2, 4], [1.0, 0.9], "found 3 factors and 2 responses"),
        ],
    )
    def test_impossible_series_say_why(self, fold, y, match):
        with pytest.raises(CurveError, match=match):
            parallelism(standards(), fold, y)

    def test_only_an_unweighted_4pl_can_be_compared(self):
        curve = fit_standard_curve(X, four_pl(X) + NOISE, weighting="1/y")
        with pytest.raises(CurveError, match="found '4pl' with weighting '1/y'"):
            parallelism(curve, FOLD, four_pl(230 / FOLD))
