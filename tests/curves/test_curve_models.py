"""Formulas, derivatives and inverses of the six models, against the formulas written out."""

import numpy as np
import pytest

from assaykit.curves.curve_models import (
    MODELS,
    log_concentration,
    model_named,
    share_reached,
    turning_point,
)
from assaykit.errors import CurveError

X = np.array([0.0, 0.5, 2.0, 10.0, 80.0, 500.0])
VALUES = {
    "linear": [0.1, 0.02],
    "linear_origin": [0.0, 0.02],
    "quadratic": [0.1, 0.02, -0.00001],
    "loglog": [-3.0, 0.8],
    "4pl": [0.05, 1.3, 40.0, 3.0],
    "5pl": [0.05, 1.3, 40.0, 3.0, 0.6],
}
MIRRORED = [3.0, -1.3, 40.0, 0.05, 0.6]
CASES = [*VALUES.items(), ("5pl", MIRRORED)]


def written_out(name, x, values):
    """The curve as the documentation writes it."""
    if name in ("4pl", "5pl"):
        a, b, c, d = values[:4]
        g = values[4] if name == "5pl" else 1.0
        with np.errstate(divide="ignore"):
            return d + (a - d) / (1 + (x / c) ** b) ** g
    if name == "loglog":
        return np.exp(values[0]) * x ** values[1]
    return sum(value * x**power for power, value in enumerate(values))


@pytest.mark.parametrize(("name", "values"), CASES)
class TestEveryModel:
    def test_curve_is_the_formula(self, name, values):
        model = MODELS[name]
        found = model.from_fitted_scale(model.curve(X, np.array(values)))
        assert found == pytest.approx(written_out(name, X, values), rel=1e-12)

    def test_jacobian_is_the_derivative(self, name, values):
        model, values = MODELS[name], np.array(values)
        x = X[1:]
        analytic = model.jacobian(x, values)
        for index, parameter in enumerate(model.parameters):
            if parameter in model.fixed:
                assert (analytic[:, index] == 0).all()
                continue
            step = np.zeros_like(values)
            step[index] = 1e-6 * max(abs(values[index]), 1e-3)
            central = model.curve(x, values + step) - model.curve(x, values - step)
            assert analytic[:, index] == pytest.approx(
                central / (2 * step[index]), rel=1e-5, abs=1e-9
            )

    def test_inverse_undoes_the_curve(self, name, values):
        model, values = MODELS[name], np.array(values)
        x = X[1:]
        assert model.inverse(model.curve(x, values), values) == pytest.approx(x, rel=1e-9)

    def test_concentration_zero_is_finite_except_for_the_logarithm(self, name, values):
        model, values = MODELS[name], np.array(values)
        zero = model.from_fitted_scale(model.curve(np.zeros(1), values))[0]
        start = {"linear_origin": 0.0, "loglog": 0.0, "linear": 0.1, "quadratic": 0.1}
        assert zero == pytest.approx(start.get(name, 0.05))


@pytest.mark.parametrize("values", [VALUES["4pl"], VALUES["5pl"], MIRRORED])
def test_no_concentration_beyond_either_plateau(values):
    model = MODELS["4pl" if len(values) == 4 else "5pl"]
    outside = np.array([-1.0, 0.049, 3.0, 3.001, np.inf, -np.inf])
    assert np.isnan(model.inverse(outside, np.array(values))).all()


@pytest.mark.parametrize("name", ["linear", "linear_origin", "quadratic"])
def test_a_line_has_no_negative_concentration(name):
    assert np.isnan(MODELS[name].inverse(np.array([-0.1]), np.array(VALUES[name])))[0]


def test_quadratic_beyond_its_turning_point_has_no_concentration():
    values = np.array([0.0, 4.0, -1.0])
    assert turning_point(values) == 2.0
    found = MODELS["quadratic"].inverse(np.array([3.0, 4.0, 4.1]), values)
    assert found[:2].tolist() == [1.0, 2.0]
    assert np.isnan(found[2])


def test_quadratic_that_is_a_line_is_inverted_like_one():
    values = np.array([1.0, -0.5, 0.0])
    assert turning_point(values) == np.inf
    assert MODELS["quadratic"].inverse(np.array([0.0]), values)[0] == 2.0


def test_rising_parabola_is_inverted_on_its_rising_side():
    values = np.array([1.0, 0.5, 0.25])
    x = np.array([0.0, 1.0, 8.0])
    assert MODELS["quadratic"].inverse(MODELS["quadratic"].curve(x, values), values) == (
        pytest.approx(x)
    )


def test_log_of_zero_is_minus_infinity_without_a_warning():
    assert log_concentration(np.array([0.0, np.e])).tolist() == [-np.inf, 1.0]


def test_share_stays_exact_where_it_is_tiny():
    """x/c = 1e-12 with b = 2: 1 - 1/(1 + 1e-24) would be 0."""
    shape = [np.log(2.0), np.array(0.0)]
    share, _ = share_reached(np.log(np.array([1e-12])), shape)
    assert share[0] == pytest.approx(1e-24, rel=1e-12)
    skewed, _ = share_reached(np.log(np.array([1e-12])), [*shape, np.log(np.array(3.0))])
    assert skewed[0] == pytest.approx(3e-24, rel=1e-12)


def test_share_survives_extreme_shapes_without_overflow():
    share, slopes = share_reached(
        np.array([-np.inf, -50.0, 50.0]), [np.log(np.array(100.0)), np.array(0.0)]
    )
    assert share.round(12).tolist() == [0.0, 0.0, 1.0]
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_both_ends_are_the_same_curve_without_asymmetry():
    shape = [np.array(0.3), np.array(1.0), np.array(0.0)]
    log_x = np.linspace(-3, 4, 9)
    forward, mirrored = (
        share_reached(log_x, shape)[0],
        share_reached(log_x, shape, mirrored=True)[0],
    )
    assert forward == pytest.approx(mirrored, rel=1e-12)


def test_a_response_of_zero_has_no_logarithm_and_no_warning():
    assert np.isnan(MODELS["loglog"].to_fitted_scale(np.array([0.0, -1.0]))).all()


def test_unknown_model_names_the_known_ones():
    with pytest.raises(
        CurveError, match=r"'spline' is not a standard curve model\. Use one of linear"
    ):
        model_named("spline")
