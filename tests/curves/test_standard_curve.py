"""The fitted curve as a whole: known truth, textbook formulas, and what must always hold."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.curves import MODELS, fit_standard_curve
from assaykit.errors import CurveError

LEVELS = np.array([0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0])
X = np.repeat(LEVELS, 2)
NOISE = np.resize([0.012, -0.007, 0.004, -0.011, 0.009, 0.003, -0.006], len(X))

steady = settings(derandomize=True, max_examples=25, deadline=None)


def four_pl(x, a=0.05, b=1.2, c=150.0, d=2.8):
    return d + (a - d) / (1 + (np.asarray(x) / c) ** b)


def rising(scale=1.0):
    return four_pl(X) * (1 + scale * NOISE)


sigmoids = st.fixed_dictionaries(
    {
        "a": st.floats(-0.1, 0.3),
        "b": st.floats(0.6, 2.5),
        "c": st.floats(20.0, 400.0),
        "d": st.floats(1.0, 4.0),
    }
)


class TestAlwaysHolds:
    @steady
    @given(sigmoids)
    def test_exact_points_give_their_parameters(self, truth):
        curve = fit_standard_curve(LEVELS, four_pl(LEVELS, **truth))
        assert curve.parameters == pytest.approx(truth, rel=1e-5, abs=1e-6)
        assert curve.r_squared == pytest.approx(1.0, abs=1e-9)

    @steady
    @given(sigmoids, st.booleans())
    def test_prediction_is_monotone(self, truth, falling):
        y = four_pl(X, **truth) + 0.02 * NOISE
        curve = fit_standard_curve(X, -y if falling else y)
        predicted = curve.predict(np.linspace(0, 5000, 400))
        assert (np.diff(-predicted if falling else predicted) >= 0).all()
        assert curve.falling is falling
        assert curve.parameters["b"] > 0

    @steady
    @given(sigmoids, st.lists(st.floats(7.8, 500.0), min_size=1, max_size=20))
    def test_back_calculation_undoes_prediction_inside_the_range(self, truth, concentrations):
        curve = fit_standard_curve(X, four_pl(X, **truth) + 0.02 * NOISE)
        table = curve.back_calculate(curve.predict(concentrations))
        assert (table["flag"] == "").all()
        assert table["concentration"].to_numpy() == pytest.approx(concentrations, rel=1e-7)

    @steady
    @given(st.floats(0.001, 1e5), st.floats(-100, 100))
    def test_gain_and_offset_of_the_reader_leave_concentrations(self, gain, offset):
        y = rising()
        plain = fit_standard_curve(X, y)
        changed = fit_standard_curve(X, gain * (y + offset))
        response = np.array([0.2, 0.9, 2.0])
        one = plain.back_calculate(response)
        other = changed.back_calculate(gain * (response + offset))
        for column in ("concentration", "ci_low", "ci_high"):
            assert other[column].to_numpy() == pytest.approx(one[column].to_numpy(), rel=1e-5)

    @steady
    @given(st.floats(1e-9, 1e9))
    def test_the_unit_of_concentration_only_scales_c(self, unit):
        y = rising()
        plain, scaled = fit_standard_curve(X, y), fit_standard_curve(X * unit, y)
        assert scaled.parameters["c"] / unit == pytest.approx(plain.parameters["c"], rel=1e-6)
        assert scaled.parameters["b"] == pytest.approx(plain.parameters["b"], rel=1e-6)
        assert scaled.standard_errors["c"] / unit == pytest.approx(
            plain.standard_errors["c"], rel=1e-5
        )

    @pytest.mark.parametrize("model", ["4pl", "5pl", "linear", "quadratic", "loglog"])
    @settings(derandomize=True, max_examples=8, deadline=None)
    @given(st.permutations(range(len(X))))
    def test_the_order_of_points_does_not_matter(self, model, order):
        y = rising() if model in ("4pl", "5pl") else 0.1 + 0.004 * X * (1 + NOISE)
        plain = fit_standard_curve(X, y, model=model)
        shuffled = fit_standard_curve(X[list(order)], y[list(order)], model=model)
        assert shuffled.parameters == pytest.approx(plain.parameters, rel=1e-5, abs=1e-9)

    @pytest.mark.parametrize("model", MODELS)
    def test_averaging_replicates_by_hand_changes_no_balanced_curve(self, model):
        y = rising()
        means = y.reshape(-1, 2).mean(axis=1)
        try:
            all_points = fit_standard_curve(X, y, model=model)
        except CurveError:
            assert model == "quadratic"  # these points bend back
            return
        of_means = fit_standard_curve(LEVELS, means, model=model)
        assert of_means.parameters == pytest.approx(all_points.parameters, rel=1e-4, abs=1e-9)


class TestLines:
    """Ordinary least squares by its textbook formulas (Draper & Smith, chapter 1)."""

    def test_straight_line(self):
        x, y = np.array([0, 1, 2, 4, 8.0]), np.array([0.1, 0.31, 0.49, 0.91, 1.69])
        curve = fit_standard_curve(x, y, model="linear")
        sxx = np.sum((x - x.mean()) ** 2)
        slope = np.sum((x - x.mean()) * y) / sxx
        intercept = y.mean() - slope * x.mean()
        s = np.sqrt(np.sum((y - intercept - slope * x) ** 2) / 3)
        assert curve.parameters == pytest.approx({"intercept": intercept, "slope": slope})
        assert curve.standard_errors == pytest.approx(
            {"intercept": s * np.sqrt(1 / 5 + x.mean() ** 2 / sxx), "slope": s / np.sqrt(sxx)}
        )
        assert curve.residual_standard_error == pytest.approx(s)
        assert curve.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)

    def test_line_through_the_origin(self):
        x, y = np.array([1, 2, 4, 8.0]), np.array([0.21, 0.39, 0.81, 1.59])
        curve = fit_standard_curve(x, y, model="linear_origin")
        slope = np.sum(x * y) / np.sum(x * x)
        s = np.sqrt(np.sum((y - slope * x) ** 2) / 3)
        assert curve.parameters == pytest.approx({"intercept": 0.0, "slope": slope})
        assert curve.standard_errors == pytest.approx(
            {"intercept": 0.0, "slope": s / np.sqrt(np.sum(x * x))}
        )
        assert curve.degrees_of_freedom == 3

    def test_quadratic_is_numpys(self):
        x, y = np.array([0, 5, 10, 20, 40.0]), np.array([0.1, 0.42, 0.71, 1.22, 1.91])
        curve = fit_standard_curve(x, y, model="quadratic")
        wanted, covariance = np.polyfit(x, y, 2, cov=True)
        assert list(curve.parameters.values()) == pytest.approx(wanted[::-1])
        assert curve.covariance == pytest.approx(covariance[::-1, ::-1])

    def test_loglog_is_a_line_through_logarithms_of_level_means(self):
        x = np.array([0, 5, 5, 10, 10, 20, 20.0])
        y = np.array([0.0, 0.10, 0.12, 0.23, 0.25, 0.50, 0.44])
        curve = fit_standard_curve(x, y, model="loglog")
        slope, intercept = np.polyfit(np.log([5, 10, 20]), np.log([0.11, 0.24, 0.47]), 1)
        assert curve.parameters == pytest.approx({"intercept": intercept, "slope": slope})
        assert curve.degrees_of_freedom == 1
        assert curve.readings_per_point == 2.0
        assert curve.predict(20.0) == pytest.approx(np.exp(intercept) * 20**slope)
        assert curve.predict(0.0) == 0.0

    @pytest.mark.parametrize(("weighting", "power"), [("1/y", 1), ("1/y2", 2)])
    @pytest.mark.parametrize("model", ["linear", "quadratic"])
    def test_weights_are_iterated_to_their_fixed_point(self, model, weighting, power):
        x = np.repeat([0, 5, 10, 20, 40.0], 2)
        y = (0.1 + 0.05 * x) * (1 + np.resize([0.05, -0.04, 0.02, -0.06], 10))
        curve = fit_standard_curve(x, y, model=model, weighting=weighting)
        weights = curve.predict(x) ** -power
        again = np.polyfit(x, y, len(curve.parameters) - 1, w=np.sqrt(weights))[::-1]
        assert list(curve.parameters.values()) == pytest.approx(again, rel=1e-8)
        rss = np.sum(weights * (y - curve.predict(x)) ** 2)
        assert curve.residual_sum_of_squares == pytest.approx(rss)

    def test_weighting_a_line_towards_the_low_standards_helps_there(self):
        x = np.repeat([1, 5, 10, 20, 40.0], 2)
        y = 0.1 + 0.05 * x + np.repeat([0, 0, 0, 0, 0.4], 2) + np.resize([0.01, -0.01], 10)
        errors = [
            abs(fit_standard_curve(x, y, model="linear", weighting=w).predict(1.0) - 0.15)
            for w in ("none", "1/y2")
        ]
        assert errors[1] < errors[0] / 3


class TestSigmoids:
    def test_competitive_curve_falls_and_keeps_b_positive(self):
        curve = fit_standard_curve(X, four_pl(X, a=2.5, d=0.08) * (1 + NOISE))
        assert curve.falling
        assert curve.parameters["b"] == pytest.approx(1.2, rel=0.05)
        assert curve.parameters["a"] == pytest.approx(2.5, rel=0.02)
        assert curve.parameters["a"] > curve.parameters["d"]

    def test_zero_standard_sits_at_a(self):
        curve = fit_standard_curve(X, rising())
        assert curve.predict(0.0) == pytest.approx(curve.parameters["a"], rel=1e-12)
        assert curve.predict(np.inf) == pytest.approx(curve.parameters["d"], rel=1e-12)

    def test_5pl_is_no_worse_than_4pl(self):
        four, five = (fit_standard_curve(X, rising(), model=m) for m in ("4pl", "5pl"))
        assert five.residual_sum_of_squares <= four.residual_sum_of_squares * (1 + 1e-9)
        assert five.degrees_of_freedom == four.degrees_of_freedom - 1

    def test_standard_errors_are_those_of_simulation(self):
        """200 noisy curves: the spread of the estimates is the mean standard error to 12 %."""
        rng = np.random.default_rng(11)
        curves = [
            fit_standard_curve(X, four_pl(X) + 0.02 * rng.normal(size=len(X))) for _ in range(200)
        ]
        for name in "abcd":
            spread = np.std([curve.parameters[name] for curve in curves])
            stated = np.mean([curve.standard_errors[name] for curve in curves])
            assert stated == pytest.approx(spread, rel=0.12), name

    def test_weights_need_fitted_responses_above_zero(self):
        lowered = rising() - 0.06
        with pytest.raises(CurveError, match=r"at concentration 0 the 4PL curve gives -0\.0"):
            fit_standard_curve(X, lowered, weighting="1/y2")
        fit_standard_curve(X, lowered)

    def test_as_many_levels_as_parameters_leave_no_scatter_to_judge_by(self):
        x = np.array([0.0, 20.0, 150.0, 900.0])
        curve = fit_standard_curve(x, four_pl(x))
        assert curve.degrees_of_freedom == 0
        assert np.isnan(list(curve.standard_errors.values())).all()
        row = curve.back_calculate(1.0).iloc[0]
        assert four_pl(row["concentration"]) == pytest.approx(1.0)
        assert np.isnan([row["ci_low"], row["ci_high"]]).all()


class TestRefusals:
    def test_loglog_takes_no_weights(self):
        with pytest.raises(CurveError, match="log-log line takes no weighting"):
            fit_standard_curve(X, rising(), model="loglog", weighting="1/y")

    def test_a_quadratic_that_turns_within_the_standards(self):
        y = 2.0 - (LEVELS - 300.0) ** 2 / 60000
        with pytest.raises(CurveError, match="turns at concentration 300, below the highest"):
            fit_standard_curve(LEVELS, y, model="quadratic")

    def test_unknown_names(self):
        with pytest.raises(CurveError, match="'6pl' is not a standard curve model"):
            fit_standard_curve(X, rising(), model="6pl")
        with pytest.raises(CurveError, match="'1/x2' is not a weighting"):
            fit_standard_curve(X, rising(), weighting="1/x2")

    @pytest.mark.parametrize("limits", [(5.0, 5.0), (10.0, 2.0), (-1.0, 5.0), (np.nan, 5.0)])
    def test_limits_must_rise(self, limits):
        with pytest.raises(CurveError, match="must rise from zero or more"):
            fit_standard_curve(X, rising()).with_limits(*limits)


def test_working_range_is_that_of_the_standards_above_zero():
    curve = fit_standard_curve(X, rising())
    assert (curve.lloq, curve.uloq) == (7.8, 500.0)
    narrowed = curve.with_limits(15.6, 250.0)
    assert (narrowed.lloq, narrowed.uloq) == (15.6, 250.0)
    assert (curve.lloq, curve.uloq) == (7.8, 500.0)
    assert narrowed.parameters == curve.parameters


def test_prediction_at_negative_concentrations_is_missing():
    curve = fit_standard_curve(X, rising())
    assert np.isnan(curve.predict([-1.0, np.nan])).all()


def test_a_curve_survives_pickling():
    curve = fit_standard_curve(X, rising())
    again = pickle.loads(pickle.dumps(curve))
    assert again.parameters == curve.parameters
    assert again.back_calculate(1.0).equals(curve.back_calculate(1.0))
