"""Degenerate curves are refused by name; real curves far below their plateau are not."""

import numpy as np
import pytest

from assaykit.curves import fit_standard_curve
from assaykit.curves.identifiability import covariance_of
from assaykit.errors import CurveError

X = np.repeat([0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0], 2)
NOISE = np.resize([0.012, -0.007, 0.004, -0.011, 0.009, 0.003, -0.006], len(X))


def refusal(x, y, model="4pl"):
    with pytest.raises(CurveError) as caught:
        fit_standard_curve(x, y, model=model)
    return str(caught.value)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_points_on_a_line_name_the_upper_plateau(noise):
    text = refusal(X, (0.05 + 0.004 * X) * (1 + noise * NOISE))
    assert text.startswith("The 4PL curve is not determined by its standards: d (")
    assert "do not bend towards a plateau at high concentration" in text
    assert "use 'quadratic', 'linear' or 'loglog'" in text


def test_a_power_law_names_the_upper_plateau():
    assert ": d (" in refusal(X, 0.001 * X**1.5 * (1 + NOISE))


def test_standards_on_the_upper_half_name_the_lower_plateau():
    x = X[2:] * 100
    text = refusal(x, np.log(x) * (1 + 0.02 * NOISE[2:]))
    assert "a (" in text
    assert "no standard shows the plateau at zero concentration" in text


@pytest.mark.parametrize("noise", [0.001, 0.1, 1.0])
def test_two_plateaus_without_a_slope_name_b(noise):
    """b of 20 to 40 would fit, with a standard error that looks good."""
    text = refusal(X, np.where(X < 40, 0.1, 2.0) + noise * NOISE)
    assert "b (" in text
    assert "too few standards lie on the slope between the plateaus" in text


def test_a_symmetric_curve_with_noise_names_the_asymmetry_of_a_5pl():
    x = np.array([0.0, 1, 2, 4, 8, 16, 32, 64])
    y = 0.1 + 2.0 * (x / 300) ** 1.1 + 0.004 * np.cos(9 * x)
    assert "g (" in refusal(x, y, "5pl") or "d (" in refusal(x, y, "5pl")


def test_noise_alone_names_the_slope_of_a_line():
    text = refusal([1, 2, 3, 4, 5, 6], [0.1, 0.3, 0.2, 0.2, 0.3, 0.1 + 1e-9], "linear")
    assert "the slope (" in text
    assert "does not change with the concentration. Check the plate map." in text


@pytest.mark.parametrize("top_share", [0.45, 0.3])
def test_curves_that_end_below_half_of_their_plateau_are_fitted(top_share):
    """As the two vendor curves do: c beyond the top standard, d with a wide standard error."""
    c = 500.0 * (1 - top_share) / top_share
    y = 0.07 + 6.0 * X / (X + c)
    curve = fit_standard_curve(X, y + 0.5 * NOISE)
    assert curve.parameters["c"] == pytest.approx(c, rel=0.5)


def test_covariance_is_the_inverse_of_the_normal_matrix():
    jacobian = np.array([[1.0, 2.0], [1.0, 5.0], [1.0, 9.0]]) * [1.0, 1e6]
    wanted = np.linalg.inv(jacobian.T @ jacobian)
    assert covariance_of(jacobian) == pytest.approx(wanted, rel=1e-9)
