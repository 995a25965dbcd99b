"""Batches of 4PL and 5PL curves against exactly known truth and against scipy."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from assaykit.curves import fit_standard_curve, fit_standard_curves
from assaykit.curves.curve_fitting import fit_sigmoids, power_of, weights_of
from assaykit.errors import CurveError

X = np.repeat([0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0], 2)


def four_pl(x, a, b, c, d):
    return d + (a - d) / (1 + (x / c) ** b)


def simulated(curves, noise, seed=0):
    rng = np.random.default_rng(seed)
    a, d = rng.uniform(0.03, 0.1, curves), rng.uniform(1.8, 4.0, curves)
    b, c = rng.uniform(0.8, 1.8, curves), np.exp(rng.uniform(4.1, 6.2, curves))
    truth = np.array([a, b, c, d])
    y = four_pl(X, *truth[:, :, None])
    return truth, y * (1 + noise * rng.normal(size=y.shape))


def test_noise_free_curves_come_back_exactly():
    truth, y = simulated(50, 0.0)
    batch = fit_standard_curves(X, y)
    assert batch.converged.all()
    for name, wanted in zip("abcd", truth, strict=True):
        assert batch.parameters[name] == pytest.approx(wanted, rel=1e-6), name


def test_least_squares_of_scipy_from_the_truth_is_never_better():
    truth, y = simulated(40, 0.04, seed=3)
    batch = fit_standard_curves(X, y)
    for index, start in enumerate(truth.T):
        limits = ([-np.inf, 0, 0, -np.inf], np.inf)
        found, _ = curve_fit(four_pl, X, y[index], p0=start, bounds=limits, xtol=1e-14, ftol=1e-14)
        theirs = np.sum((y[index] - four_pl(X, *found)) ** 2)
        assert batch.residual_sum_of_squares[index] <= theirs * (1 + 1e-9)
        assert batch.residual_sum_of_squares[index] >= theirs * (1 - 1e-6)


def test_a_batch_is_the_single_fits():
    _, y = simulated(6, 0.03, seed=1)
    for weighting in ("none", "1/y", "1/y2"):
        batch = fit_standard_curves(X, y, weighting=weighting)
        for index, response in enumerate(y):
            single = fit_standard_curve(X, response, weighting=weighting)
            for name, value in single.parameters.items():
                assert batch.parameters[name][index] == pytest.approx(value, rel=1e-6)


def test_every_curve_may_have_its_own_concentrations():
    _, y = simulated(5, 0.03, seed=2)
    scales = np.array([1.0, 0.001, 1000.0, 2.0, 1e6])
    own = fit_standard_curves(X * scales[:, None], y)
    same = fit_standard_curves(X, y)
    assert own.parameters["c"] / scales == pytest.approx(same.parameters["c"], rel=1e-7)
    assert own.parameters["b"] == pytest.approx(same.parameters["b"], rel=1e-7)
    assert own.residual_sum_of_squares == pytest.approx(same.residual_sum_of_squares, rel=1e-9)


def test_more_starts_never_fit_worse():
    _, y = simulated(30, 0.15, seed=4)
    one, five = fit_standard_curves(X, y), fit_standard_curves(X, y, starts=5)
    assert (five.residual_sum_of_squares <= one.residual_sum_of_squares * (1 + 1e-9)).all()


@pytest.mark.parametrize("g", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("sign", [1, -1])
def test_asymmetry_is_found_at_either_end(g, sign):
    x = np.array([0, *np.geomspace(1, 3000, 14)])[:, None]
    a, d = (0.05, 2.5) if sign > 0 else (2.5, 0.05)
    with np.errstate(divide="ignore"):
        y = d + (a - d) / (1 + (x / 60.0) ** (sign * 1.2)) ** g
    values = fit_sigmoids(x, y, 3, 0, 5).values[:, 0]
    if g == 1.0:  # a 4PL has no low or high end
        assert abs(values[1]) == pytest.approx(1.2, rel=1e-4)
    else:
        assert values == pytest.approx([a, sign * 1.2, 60.0, d, g], rel=1e-4)


def test_weights_are_those_of_the_fitted_values():
    """At the fixed point an independent weighted fit with these weights gives the same curve."""
    truth, y = simulated(1, 0.05, seed=7)
    fits = fit_sigmoids(X[:, None], y.T, 2, 2, 5)
    values = fits.values[:, 0]
    fitted = four_pl(X, *values)
    assert fits.weights[:, 0] == pytest.approx(fitted**-2, rel=1e-6)
    again, _ = curve_fit(
        four_pl, X, y[0], p0=truth[:, 0], sigma=fitted, bounds=([-1, 0, 0, 0], np.inf),
        xtol=1e-14, ftol=1e-14,
    )  # fmt: skip
    assert values == pytest.approx(again, rel=1e-5)


def test_a_curve_without_a_plateau_is_marked_not_raised():
    batch = fit_standard_curves(X, np.stack([0.1 + X, simulated(1, 0.02)[1][0]]))
    assert batch.converged.tolist() == [False, True]


def test_weights_treat_values_below_zero_as_barely_positive():
    weights = weights_of(np.array([-1.0, 0.0, 2.0]), 1)
    assert np.isfinite(weights).all()
    assert weights[0] == weights[1] > weights[2] == 0.5


def test_unknown_weighting_names_the_known_ones():
    with pytest.raises(CurveError, match=r"'1/x' is not a weighting\. Use one of none, 1/y, 1/y2"):
        power_of("1/x")


@pytest.mark.parametrize(
    ("x", "y", "model", "match"),
    [
        (X, np.ones((2, 5)), "4pl", r"\(1, 16\) and responses \(2, 5\) do not fit together"),
        (np.ones((3, 4)), np.ones((2, 4)), "4pl", "do not fit together"),
        (X, np.full((1, 16), np.nan), "4pl", "must be numbers"),
        (-X, np.ones((1, 16)), "4pl", "from zero on"),
        (np.zeros(3), np.ones((1, 3)), "4pl", "at least one concentration above zero"),
        (X, np.ones((1, 16)), "linear", "fitted with '4pl' or '5pl', not with 'linear'"),
    ],
)
def test_impossible_batches_say_why(x, y, model, match):
    with pytest.raises(CurveError, match=match):
        fit_standard_curves(x, y, model=model)
