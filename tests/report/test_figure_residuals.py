"""Residuals against normal ones: one panel for each endpoint and kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, words

from assaykit.report.figures import FIGURES, canvas
from assaykit.report.figures.residuals import normal_order, residual_figure, residual_figures


def spread(count, seed=1):
    return np.random.default_rng(seed).normal(0, 0.3, count)


def many(endpoints, name="analyte"):
    return {
        ("elisa", f"{name} {number}", "concentration", kind): spread(count, number)
        for number in range(endpoints)
        for kind, count in (("wells", 36), ("means of each culture", 12))
    }


def pictures(residuals):
    return list(residual_figures(replace(made.comparison(), residuals=residuals)))


def test_a_compared_study_has_a_panel_for_wells_and_one_for_means():
    (picture,) = residual_figures(made.compared())
    assert residual_figures in FIGURES
    assert picture.name == "residuals"
    wells, means = picture.figure.axes
    assert wells.get_title("left") == "RANKL concentration\nwells (36)"
    assert means.get_title("left") == "RANKL concentration\nmeans of each culture (12)"
    assert (wells.get_xlabel(), wells.get_ylabel()) == ("Normal quantile", "Residual (SD)")
    assert picture.alternative.endswith(
        "RANKL concentration, wells; RANKL concentration, means of each culture."
    )


def test_points_are_the_ordered_residuals_in_standard_deviations():
    residuals = spread(20) * 7
    (axes,) = residual_figure({("elisa", "RANKL", "concentration", "wells"): residuals}).axes
    _, points = axes.get_lines()
    assert points.get_ydata() == pytest.approx(np.sort(residuals) / residuals.std())
    assert (np.diff(points.get_xdata()) > 0).all()


def test_small_points_are_wells_and_large_ones_means():
    wells, means = residual_figure(many(1)).axes
    assert wells.get_lines()[1].get_markersize() < means.get_lines()[1].get_markersize()


def test_the_envelope_holds_95_percent_of_normal_values_at_each_place():
    """Against 20 000 simulated samples of 12: a Monte-Carlo error of 0.15 % each."""
    _, low, high = normal_order(12)
    samples = np.sort(np.random.default_rng(7).normal(size=(20_000, 12)), axis=1)
    inside = ((low <= samples) & (samples <= high)).mean(axis=0)
    assert inside == pytest.approx(np.full(12, 0.95), abs=0.008)


def test_expected_values_are_medians_of_order_statistics():
    middle, low, high = normal_order(11)
    samples = np.sort(np.random.default_rng(8).normal(size=(20_000, 11)), axis=1)
    assert middle == pytest.approx(np.median(samples, axis=0), abs=0.03)
    assert middle == pytest.approx(-middle[::-1])
    assert low == pytest.approx(-high[::-1])


@pytest.mark.parametrize("endpoints", [1, 2, 3, 8])
@pytest.mark.parametrize("name", ["analyte", LONG, "W" * 80])
def test_any_number_of_endpoints_is_legible_and_fits_a_page(endpoints, name):
    (picture,) = pictures(many(endpoints, name))
    assert_legible(picture.figure)
    assert canvas.height_mm(picture.figure) <= 170
    width = picture.figure.get_size_inches()[0] * 25.4
    assert width == pytest.approx(89 if endpoints == 1 else 183)


def test_a_single_kind_has_the_figure_for_itself():
    figure = residual_figure(
        {("elisa", "RANKL", "concentration", "means of each mouse"): spread(9)}
    )
    assert len(figure.axes) == 1
    assert_legible(figure)


def test_more_endpoints_than_a_page_holds_get_a_second_picture():
    first, second = pictures(many(9))
    assert (first.name, second.name) == ("residuals", "residuals.2")
    assert len(first.figure.axes) == 16
    assert any(text.startswith("analyte 8 concentration") for text in words(second.figure))


def test_the_axes_are_named_once_for_each_row_and_column():
    figure = residual_figure(many(3))
    assert [axes.get_ylabel() != "" for axes in figure.axes[:6]] == [
        True,
        *[False] * 3,
        True,
        False,
    ]
    assert [axes.get_xlabel() != "" for axes in figure.axes[:6]] == [False, False, *[True] * 4]


def test_residuals_that_do_not_vary_or_are_too_few_are_not_drawn():
    key = ("elisa", "RANKL", "concentration", "wells")
    assert pictures({key: np.zeros(12)}) == []
    assert pictures({key: spread(2)}) == []
    assert pictures({}) == []


def test_a_study_without_a_test_has_no_picture():
    assert list(residual_figures(made.compared(replicates=2))) == []
