"""What is wrong with the points of a curve is said at once, and in words."""

import numpy as np
import pytest

from assaykit.curves.curve_models import MODELS
from assaykit.curves.standard_points import Levels, checked_points
from assaykit.errors import CurveError


def problems_of(x, y, model="linear"):
    with pytest.raises(CurveError) as caught:
        checked_points(x, y, MODELS[model])
    return str(caught.value).splitlines()


def test_good_points_are_copied_and_cannot_be_changed():
    x = np.array([0.0, 1.0, 2.0])
    copied, _ = checked_points(x, [1, 2, 3], MODELS["linear"])
    x[0] = 9.0
    assert copied.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        copied[0] = 5.0


def test_every_bad_point_is_named():
    found = problems_of([1, -2, np.nan, 4], [0.1, np.inf, 0.3, np.nan])
    assert found == [
        "Standard 2: its concentration is -2; it must be a number, zero or more.",
        "Standard 3: its concentration is nan; it must be a number, zero or more.",
        "Standard 2 (concentration -2): its response is inf. "
        "Leave wells without a finite reading out of the curve.",
        "Standard 4 (concentration 4): its response is nan. "
        "Leave wells without a finite reading out of the curve.",
    ]


def test_lists_of_different_length():
    (problem,) = problems_of([1, 2, 3], [1, 2])
    assert "found the shapes (3,) and (2,)" in problem


def test_words_instead_of_numbers():
    (problem,) = problems_of([1, 2], ["low", "high"])
    assert problem.startswith("Concentrations and responses must be numbers")


def test_equal_responses_point_at_the_plate():
    (problem,) = problems_of([0, 1, 2], [0.1, 0.1, 0.1])
    assert problem.startswith("All 3 standards have the same response (0.1)")
    assert problem.endswith("Check the wavelength and the plate map.")


@pytest.mark.parametrize(
    ("model", "levels", "needed"),
    [("linear", 1, 2), ("linear_origin", 1, 2), ("quadratic", 2, 3), ("4pl", 3, 4)],
)
def test_too_few_levels(model, levels, needed):
    x = np.resize(np.arange(1.0, levels + 1), 8)
    (problem,) = problems_of(x, np.arange(8.0), model)
    assert f"needs at least {needed} different concentrations; found {levels}" in problem
    assert problem.endswith("Add standards or use a model with fewer parameters.")


def test_a_5pl_needs_eight_levels_whatever_the_replicates():
    x = np.repeat(np.arange(7.0), 4)
    (problem,) = problems_of(x, np.arange(28.0), "5pl")
    assert "5 parameters needs at least 8 different concentrations; found 7" in problem
    assert problem.endswith("its asymmetry g cannot be told from noise: use '4pl'.")


def test_the_zero_standard_is_no_level_of_a_logarithm():
    (problem,) = problems_of([0, 0, 5], [0.1, 0.2, 0.3], "loglog")
    assert "different concentrations above zero; found 1 (5)" in problem


def test_responses_below_zero_have_no_logarithm():
    found = problems_of([0, 1, 2, 2], [-0.1, 0.5, 0.0, -0.2], "loglog")
    assert found == [
        "Concentration 2: a response of zero or less (-0.2) has no logarithm. Use another "
        "model, or responses from which no blank is subtracted."
    ]


def test_several_faults_are_listed_together():
    found = problems_of([1, 1], [0.2, 0.2], "4pl")
    assert len(found) == 2


def test_levels_gather_readings_in_rising_order():
    levels = Levels.of(np.array([5.0, 1.0, 5.0, 0.0]))
    assert levels.concentration.tolist() == [0.0, 1.0, 5.0]
    assert levels.counts.tolist() == [1.0, 1.0, 2.0]
    assert levels.means(np.array([2.0, 7.0, 4.0, 9.0])).tolist() == [9.0, 7.0, 3.0]
