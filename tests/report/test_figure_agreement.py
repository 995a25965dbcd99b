"""Two measurements of the same wells: pairs, differences, limits, and legible words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, use_only_dejavu, words

from assaykit.report.figures import canvas
from assaykit.report.figures.agreement import PAIRS, agreement_figure, agreement_figures
from assaykit.stats.agreement import agreement, agreement_points

EYE = [12, 7, 30, 22, 18, 9, 41, 26, 15, 11]
PROGRAM = [11, 9, 27, 25, 20, 8, 36, 27, 13, 12]


def drawn(first=EYE, second=PROGRAM, scale="linear", names=("By eye", "By program"), unit="cells"):
    points = agreement_points(first, second, scale=scale)
    return agreement_figure(points, agreement(first, second, scale=scale), names=names, unit=unit)


def bands(axes):
    """Heights of the pale bands."""
    boxes = [patch.get_window_extent() for patch in axes.patches]
    back = axes.transData.inverted()
    return sorted(
        tuple(float(back.transform((0, y))[1]) for y in (box.y0, box.y1)) for box in boxes
    )


def heights(axes):
    """Of the lines that go across the whole panel."""
    return [float(line.get_ydata()[0]) for line in axes.get_lines() if len(line.get_ydata()) == 2]


def test_pairs_and_their_differences_are_drawn_where_they_lie():
    left, right = drawn().axes
    assert left.get_lines()[-1].get_xdata() == pytest.approx(EYE)
    assert left.get_lines()[-1].get_ydata() == pytest.approx(PROGRAM)
    assert right.get_lines()[-1].get_xdata() == pytest.approx(np.add(EYE, PROGRAM) / 2)
    assert right.get_lines()[-1].get_ydata() == pytest.approx(np.subtract(EYE, PROGRAM))


def test_lines_are_those_of_the_result():
    result = agreement(EYE, PROGRAM)
    figure = drawn()
    figure.draw_without_rendering()
    three = (result.mean_difference, result.lower_limit, result.upper_limit)
    assert heights(figure.axes[1]) == pytest.approx([0, *(one.value for one in three)])
    known = sorted((one.ci_low, one.ci_high) for one in three)
    assert np.array(bands(figure.axes[1])) == pytest.approx(np.array(known), abs=1e-6)


def test_everything_is_inside_the_axes():
    left, right = drawn().axes
    assert left.get_xlim() == left.get_ylim()
    low, high = right.get_ylim()
    result = agreement(EYE, PROGRAM)
    assert low < result.lower_limit.ci_low < result.upper_limit.ci_high < high


def test_axes_have_names_and_units():
    left, right = drawn().axes
    assert (left.get_xlabel(), left.get_ylabel()) == ("By eye (cells)", "By program (cells)")
    assert right.get_ylabel() == "By eye − By program (cells)"
    r = np.corrcoef(EYE, PROGRAM)[0, 1]
    assert left.get_title("left").startswith(f"n = 10; Pearson r {r:.3f} (")
    assert "95 % of the differences: " in right.get_title("left")


def test_the_log_scale_has_ratios():
    left, right = drawn(scale="log").axes
    assert (left.get_xscale(), right.get_yscale()) == ("log", "log")
    assert right.get_ylabel() == "By eye / By program"
    assert heights(right)[0] == 1
    assert right.get_title("left").startswith("mean ratio ")


def test_standardised_values_are_in_standard_deviations_with_a_regression_line():
    absorbance = np.multiply(PROGRAM, 0.03) + 0.2
    figure = drawn(second=absorbance, scale="standardised", unit="never shown")
    left, right = figure.axes
    assert left.get_xlabel() == "By eye (SD)"
    assert not any("never shown" in text for text in words(figure))
    (x0, x1), (y0, y1) = left.get_lines()[1].get_xdata(), left.get_lines()[1].get_ydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(np.corrcoef(EYE, PROGRAM)[0, 1])
    assert "Spearman" in left.get_title("left")
    assert "standardised" in right.get_title("left")


@pytest.mark.parametrize("scale", ["linear", "log", "standardised"])
@pytest.mark.parametrize("name", ["eye", LONG, "W" * 90, "骨芽細胞 $x_1$ " * 8])
def test_any_names_are_legible(scale, name, monkeypatch):
    use_only_dejavu(monkeypatch)
    figure = drawn(scale=scale, names=(name, name), unit=name)
    assert_legible(figure)
    assert canvas.height_mm(figure) <= 170
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(183)


@pytest.mark.parametrize(
    ("first", "second"),
    [(EYE, EYE), ([5] * 4, [1, 2, 3, 4]), ([5] * 4, [5] * 4), (EYE, np.add(EYE, 3)),
     (np.multiply(EYE, 1e-7), np.multiply(PROGRAM, 1e-7)), (EYE, np.multiply(PROGRAM, 1e6))],
)  # fmt: skip
def test_what_has_no_number_says_why_and_is_legible(first, second):
    figure = drawn(first, second)
    assert_legible(figure)
    assert canvas.image_bytes(canvas.Picture("agreement", figure, "Two."), "png")


def study(pairs):
    return replace(made.plate_study(), tables={PAIRS: pd.DataFrame(pairs)})


def pairs(first, second, scale="linear", unit="cells"):
    names = {
        "assay": "trap", "analyte": "TRAP", "first_name": "By eye", "second_name": "By program",
        "unit": unit, "scale": scale,
    }  # fmt: skip
    return [{**names, "first": a, "second": b} for a, b in zip(first, second, strict=True)]


def test_a_study_has_a_picture_for_each_two_measurements():
    table = pairs(EYE, PROGRAM) + pairs([1.0, 2, None], [1.0, 2, 3], unit="mm²")
    table += pairs(EYE, PROGRAM, scale="log")
    one, two = agreement_figures(study(table))
    assert (one.name, two.name) == ("agreement", "agreement.2")
    assert "TRAP by eye and TRAP by program of the same 10 samples" in one.alternative


def test_a_study_without_pairs_has_no_picture():
    assert list(agreement_figures(made.plate_study())) == []
    assert list(agreement_figures(study([]))) == []


def test_the_same_figure_gives_the_same_bytes():
    first, again = (
        canvas.image_bytes(canvas.Picture("agreement", drawn(), "Two."), "svg") for _ in range(2)
    )
    assert first == again
