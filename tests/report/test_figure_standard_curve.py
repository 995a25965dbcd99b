"""Standard curves show the fit, its range, its residuals and the samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import WEIRD, assert_legible, names_of, words

from assaykit.report.figures.standard_curve import curve_figures, standard_curve_figure


def curve_figure(curve, title="plate 1", samples=None):
    return standard_curve_figure(
        curve, title=title, concentration_unit="pg/mL", response_unit="OD", samples=samples
    )


@pytest.mark.parametrize("title", WEIRD)
def test_a_standard_curve_is_legible_under_any_title(title):
    assert_legible(curve_figure(made.curve(), title))


def test_the_zero_standard_stands_left_of_a_break_on_a_logarithmic_axis():
    upper, lower = curve_figure(made.curve()).axes
    assert upper.get_xscale() == "log"
    assert names_of(lower.xaxis) == ["0", "50", "100", "200", "500", "1000", "2000"]
    standards = next(line for line in upper.get_lines() if line.get_label() == "standard wells")
    places = np.unique(standards.get_xdata())
    assert len(places) == len(made.LEVELS)
    assert places[0] == lower.get_xticks()[0] < 31.25 / 2
    assert places[1:] == pytest.approx(made.LEVELS[1:])


def test_axes_carry_their_units_and_the_band_is_the_range_of_quantification():
    figure = curve_figure(made.curve().with_limits(62.5, 1000.0))
    upper, lower = figure.axes
    assert upper.get_ylabel() == "Response (OD)"
    assert lower.get_ylabel() == "Residual (OD)"
    assert lower.get_xlabel() == "Concentration (pg/mL)"
    band = next(patch for patch in upper.patches if "LLOQ" in patch.get_label())
    assert band.get_label() == "LLOQ–ULOQ: 62.5 to 1000"
    assert band.get_extents().x0 == pytest.approx(upper.transData.transform((62.5, 0))[0])


def test_residuals_are_those_of_the_curve():
    curve = made.curve()
    _, lower = curve_figure(curve).axes
    drawn = next(line for line in lower.get_lines() if len(line.get_ydata()) == 16)
    assert drawn.get_ydata() == pytest.approx(curve.response - curve.predict(curve.concentration))


def test_samples_are_marked_at_their_concentration_or_at_their_response():
    samples = pd.DataFrame(
        {"response": [0.5, 5.0, np.nan], "back_calculated_concentration": [140.0, np.nan, np.nan]}
    )
    upper = curve_figure(made.curve(), samples=samples).axes[0]
    marks = {c.get_label(): c.get_segments() for c in upper.collections}
    assert [segment[0][0] for segment in marks["samples"]] == [140.0]
    assert [segment[0][1] for segment in marks["samples without a concentration"]] == [5.0]


@pytest.mark.parametrize(
    ("model", "response", "scales"),
    [
        ("linear", lambda x: 0.02 + 0.001 * x, ("linear", "linear")),
        ("quadratic", lambda x: 0.02 + 0.001 * x + 1e-7 * x**2, ("linear", "linear")),
        ("loglog", lambda x: 0.01 * np.maximum(x, 1e-3) ** 0.7, ("log", "log")),
        ("4pl", lambda x: made.four_pl(x, a=3.2, d=0.1, c=300), ("log", "linear")),
    ],
)
def test_each_model_has_axes_that_suit_it(model, response, scales):
    figure = curve_figure(made.curve(response=response, model=model))
    assert (figure.axes[0].get_xscale(), figure.axes[0].get_yscale()) == scales
    assert_legible(figure)


def test_the_legend_lies_where_the_curve_is_not():
    rising = curve_figure(made.curve())
    falling = curve_figure(made.curve(response=lambda x: made.four_pl(x, a=3.2, d=0.1, c=300)))
    for figure, side in ((rising, "left"), (falling, "right")):
        upper = figure.axes[0]
        figure.canvas.draw()
        legend = upper.get_legend().get_window_extent()
        middle = upper.bbox.x0 + upper.bbox.width / 2
        assert (legend.x0 < middle - 30) if side == "left" else (legend.x1 > middle + 30)
        points = next(ln for ln in upper.get_lines() if ln.get_label() == "standard wells")
        pixels = upper.transData.transform(np.column_stack(points.get_data()))
        assert not legend.contains(*pixels[-1] if side == "left" else pixels[2])


def test_a_plate_whose_name_looks_like_a_curve_s_key_keeps_its_samples():
    study = made.plate_study(title="p · 1", analyte="A · B")
    (picture,) = curve_figures(study)
    assert picture.name == "curve.A · B"
    assert "samples" in words(picture.figure)
