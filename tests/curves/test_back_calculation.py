"""Flags and inversion intervals, against the definition of each."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student

from assaykit.curves import concentration_at, fit_standard_curve
from assaykit.errors import CurveError

LEVELS = np.array([0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0])
X = np.repeat(LEVELS, 2)
NOISE = np.resize([0.012, -0.007, 0.004, -0.011, 0.009, 0.003, -0.006], len(X))
COLUMNS = ["concentration", "ci_low", "ci_high"]


def four_pl(x, a=0.05, b=1.2, c=150.0, d=2.8):
    return d + (a - d) / (1 + (np.asarray(x) / c) ** b)


def rising(**weighting):
    return fit_standard_curve(X, four_pl(X) * (1 + 3 * NOISE), **weighting)


def falling():
    return fit_standard_curve(X, four_pl(X, a=2.8, d=0.05) * (1 + 3 * NOISE))


class TestFlags:
    def test_each_region_of_a_rising_curve(self):
        curve = rising()
        a, d = curve.parameters["a"], curve.parameters["d"]
        inside, low, high = curve.predict([100.0, 3.0, 900.0])
        table = curve.back_calculate([inside, low, high, a - 0.01, d + 0.01, np.nan])
        assert table["flag"].tolist() == [
            "", "below_lloq", "above_uloq", "beyond_asymptote", "beyond_asymptote", "no_reading",
        ]  # fmt: skip
        assert table[COLUMNS].iloc[1:].isna().all(axis=None)

    def test_each_region_of_a_falling_curve(self):
        curve = falling()
        a, d = curve.parameters["a"], curve.parameters["d"]
        inside, low, high = curve.predict([100.0, 3.0, 900.0])
        assert high < inside < low
        table = curve.back_calculate([inside, low, high, a + 0.01, d - 0.01])
        assert table["flag"].tolist() == [
            "", "below_lloq", "above_uloq", "beyond_asymptote", "beyond_asymptote",
        ]  # fmt: skip

    def test_extrapolation_gives_the_number_and_keeps_the_flag(self):
        curve = rising()
        low, high = curve.predict([3.0, 900.0])
        beyond = curve.parameters["d"] + 0.01
        table = curve.back_calculate([low, high, beyond, np.nan], extrapolate=True)
        assert table["concentration"][:2].tolist() == pytest.approx([3.0, 900.0])
        assert table["flag"].tolist() == [
            "below_lloq", "above_uloq", "beyond_asymptote", "no_reading",
        ]  # fmt: skip
        assert table[COLUMNS].iloc[2:].isna().all(axis=None)
        assert (table["ci_low"][:2] < [3.0, 900.0]).all()

    def test_the_limits_themselves_are_inside(self):
        curve = rising()
        table = curve.back_calculate(curve.predict([curve.lloq, curve.uloq]))
        assert (table["flag"] == "").all()

    def test_an_overflow_of_the_reader_is_beyond_the_asymptote(self):
        table = rising().back_calculate([np.inf, -np.inf])
        assert (table["flag"] == "beyond_asymptote").all()

    def test_a_line_has_no_asymptote_but_no_negative_concentration_either(self):
        curve = fit_standard_curve(X, 0.1 + 0.004 * X, model="linear")
        table = curve.back_calculate([0.05, 0.11, 5.0], extrapolate=True)
        assert table["flag"].tolist() == ["beyond_asymptote", "below_lloq", "above_uloq"]
        assert table["concentration"][1:].tolist() == pytest.approx([2.5, 1225.0])

    def test_a_logarithm_has_no_response_of_zero(self):
        curve = fit_standard_curve(LEVELS[1:], 0.01 * LEVELS[1:] ** 0.9, model="loglog")
        assert curve.back_calculate([0.0, -1.0])["flag"].tolist() == ["beyond_asymptote"] * 2


class TestShapes:
    def test_one_number_gives_one_row(self):
        table = rising().back_calculate(1.0)
        assert table.columns.tolist() == [*COLUMNS, "flag"]
        assert len(table) == 1

    def test_nothing_gives_an_empty_table(self):
        table = rising().back_calculate([])
        assert table.columns.tolist() == [*COLUMNS, "flag"]
        assert len(table) == 0

    def test_a_table_is_its_rows_one_by_one(self):
        curve, responses = rising(), [0.2, 0.9, np.nan, 2.0, 9.0]
        table = curve.back_calculate(responses, replicates=[1, 2, 1, 3, 1])
        for index, (response, m) in enumerate(zip(responses, [1, 2, 1, 3, 1], strict=True)):
            alone = curve.back_calculate(response, replicates=m).iloc[0]
            assert alone["flag"] == table["flag"][index]
            assert alone[COLUMNS].to_numpy(float) == pytest.approx(
                table.loc[index, COLUMNS].to_numpy(float), rel=1e-9, nan_ok=True
            )

    @pytest.mark.parametrize(
        ("arguments", "match"),
        [
            ({"response": [[1.0, 2.0]]}, "Responses must be one list"),
            ({"response": [1.0, 2.0], "replicates": [1, 1, 1]}, "one for each response"),
            ({"response": 1.0, "replicates": 0}, "mean of at least one reading"),
            ({"response": 1.0, "confidence": 95}, "between 0 and 1; found 95"),
        ],
    )
    def test_arguments_that_do_not_fit(self, arguments, match):
        with pytest.raises(CurveError, match=match):
            rising().back_calculate(**arguments)


class TestIntervals:
    """Each bound solves |y - f(x)| = t sqrt(s2 v(f)/m + J V J'); here by another way."""

    @staticmethod
    def band_edge(curve, y, m, confidence, bracket, power=0):
        t = student.ppf((1 + confidence) / 2, curve.degrees_of_freedom + m - 1)

        def gradient(x):
            steps = []
            for index, value in enumerate(curve.values):
                h = 1e-6 * abs(value)
                moved = [curve.values.copy(), curve.values.copy()]
                moved[0][index] += h
                moved[1][index] -= h
                high, low = (curve.kind.curve(np.array([x]), values)[0] for values in moved)
                steps.append((high - low) / (2 * h))
            return np.array(steps)

        def excess(x):
            f = float(curve.predict(x))
            j = gradient(x)
            variance = curve.residual_standard_error**2 * f**power / m + j @ curve.covariance @ j
            return (y - f) ** 2 - t**2 * variance

        return brentq(excess, *bracket, xtol=1e-10)

    @pytest.mark.parametrize("m", [1, 3])
    @pytest.mark.parametrize("confidence", [0.8, 0.95])
    @pytest.mark.parametrize("make", [rising, falling])
    def test_bounds_are_the_edges_of_the_band(self, make, m, confidence):
        curve = make()
        y = float(curve.predict(90.0))
        row = curve.back_calculate(y, replicates=m, confidence=confidence).iloc[0]
        low = self.band_edge(curve, y, m, confidence, (20.0, 90.0))
        high = self.band_edge(curve, y, m, confidence, (90.0, 300.0))
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], rel=1e-5)

    @pytest.mark.parametrize(("weighting", "power"), [("1/y", 1), ("1/y2", 2)])
    def test_weights_widen_the_band_with_the_response(self, weighting, power):
        curve = rising(weighting=weighting)
        y = float(curve.predict(90.0))
        row = curve.back_calculate(y).iloc[0]
        low = self.band_edge(curve, y, 1, 0.95, (20.0, 90.0), power)
        high = self.band_edge(curve, y, 1, 0.95, (90.0, 300.0), power)
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], rel=1e-5)

    def test_straight_line_has_fiellers_interval(self):
        """Draper & Smith 1998, section 3.2: the inverse interval of a line in closed form."""
        x, y = np.array([0, 1, 2, 4, 8.0]), np.array([0.1, 0.35, 0.45, 0.95, 1.65])
        curve = fit_standard_curve(x, y, model="linear")
        slope, s = curve.parameters["slope"], curve.residual_standard_error
        t = student.ppf(0.975, 3)
        sxx = np.sum((x - x.mean()) ** 2)
        y0 = 0.8
        distance = (y0 - y.mean()) / slope
        g = t**2 * s**2 / slope**2 / sxx
        half = t * s / slope * np.sqrt((1 - g) * (1 + 1 / 5) + distance**2 / sxx)
        row = curve.back_calculate(y0).iloc[0]
        centre = x.mean() + distance / (1 - g)
        assert row["ci_low"] == pytest.approx(centre - half / (1 - g), rel=1e-9)
        assert row["ci_high"] == pytest.approx(centre + half / (1 - g), rel=1e-9)

    def test_a_band_that_reaches_the_blank_begins_at_zero(self):
        curve = rising()
        row = curve.back_calculate(curve.predict(8.0)).iloc[0]
        assert row["ci_low"] == 0.0
        assert row["ci_high"] > 8.0

    def test_a_band_that_reaches_the_plateau_has_no_end(self):
        curve = fit_standard_curve(X * 20, four_pl(X * 20) * (1 + 3 * NOISE))
        row = curve.back_calculate(curve.predict(9500.0)).iloc[0]
        assert row["ci_low"] < 9500.0
        assert row["ci_high"] == np.inf

    def test_more_readings_and_less_confidence_narrow_the_interval(self):
        curve = rising()
        width = [
            np.ptp(curve.back_calculate(1.0, replicates=m, confidence=p)[["ci_low", "ci_high"]])
            for m, p in ((1, 0.95), (2, 0.95), (8, 0.95), (8, 0.5))
        ]
        assert width == sorted(width, reverse=True)

    def test_a_perfect_curve_has_intervals_of_no_width(self):
        x = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
        curve = fit_standard_curve(x, 0.5 + 0.25 * x, model="linear")
        row = curve.back_calculate(1.25).iloc[0]
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([3.0, 3.0], rel=1e-6)

    def test_loglog_interval_is_that_of_the_line_through_the_logarithms(self):
        """Wells behind a level count: a new mean of as many wells scatters like a level."""
        x = np.repeat(LEVELS[1:], 2)
        y = 0.01 * x**0.9 * (1 + 3 * NOISE[2:])
        curve = fit_standard_curve(x, y, model="loglog")
        means = y.reshape(-1, 2).mean(axis=1)
        line = fit_standard_curve(np.log(LEVELS[1:]), np.log(means) + 9.0, model="linear")
        y0 = float(curve.predict(60.0))
        row = curve.back_calculate(y0, replicates=2).iloc[0]
        t = student.ppf(0.975, curve.degrees_of_freedom + 1) / student.ppf(0.975, 5)
        band = line.back_calculate(np.log(y0) + 9.0).iloc[0]
        estimate = np.log(row["concentration"])
        assert estimate == pytest.approx(band["concentration"], rel=1e-9)
        # Both intervals differ only in their t, which is proportional to the width nearly.
        assert np.log(row["ci_high"]) - estimate == pytest.approx(
            t * (band["ci_high"] - band["concentration"]), rel=0.02
        )

    @pytest.mark.parametrize("m", [1, 2])
    def test_intervals_cover_the_true_concentration_as_often_as_they_say(self, m):
        """Four samples on each of 100 simulated plates: 95 % +/- 2.5 %."""
        rng = np.random.default_rng(5)
        covered = []
        for _ in range(100):
            curve = fit_standard_curve(X, four_pl(X) + 0.02 * rng.normal(size=len(X)))
            truth = np.array([20.0, 60.0, 150.0, 350.0])
            response = four_pl(truth) + 0.02 / np.sqrt(m) * rng.normal(size=4)
            table = curve.back_calculate(response, replicates=m, extrapolate=True)
            covered.append((table["ci_low"] <= truth) & (truth <= table["ci_high"]))
        assert np.mean(covered) == pytest.approx(0.95, abs=0.025)


def test_concentration_at_extrapolates_and_knows_no_limits():
    curve = rising()
    assert concentration_at(curve, curve.predict([1.0, 2000.0])) == pytest.approx([1.0, 2000.0])
    assert np.isnan(concentration_at(curve, curve.parameters["d"] + 1))
