"""What all figures keep to: legible, the same bytes twice, fonts, ticks."""

from __future__ import annotations

import figure_checks
import pytest
import report_studies as made
from figure_checks import assert_legible

from assaykit.report.figures import FIGURES, canvas
from assaykit.report.figures.dot_plot import dot_plots
from assaykit.report.figures.standard_curve import curve_figures


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    "study",
    [made.plate_study(), made.comparison(), made.compared()],
    ids=["plate", "study", "compared"],
)
def test_every_figure_is_legible_and_tells_the_same_bytes_twice(draw, study):
    once, again = list(draw(study)), list(draw(study))
    for picture, copy in zip(once, again, strict=True):
        for kind in ("png", "svg", "pdf"):
            assert canvas.image_bytes(picture, kind) == canvas.image_bytes(copy, kind)
        assert_legible(picture.figure)
        assert picture.alternative.endswith(".")


def test_a_plate_has_its_curve_and_map_and_a_comparison_its_dot_plot():
    def pictures(study):
        return [picture.name for draw in FIGURES for picture in draw(study)]

    assert pictures(made.plate_study()) == ["curve.RANKL", "plate"]
    assert pictures(made.comparison()) == ["elisa.RANKL.concentration"]
    assert pictures(made.compared()) == ["elisa.RANKL.concentration", "residuals"]


def test_svg_text_can_be_edited_and_pdf_embeds_truetype():
    picture = next(dot_plots(made.comparison()))
    assert b"<text" in canvas.image_bytes(picture, "svg")
    pdf = canvas.image_bytes(picture, "pdf")
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    canvas.image_bytes(next(curve_figures(made.plate_study())), "png")
    assert dict(mpl.rcParams) == before


def test_a_text_is_as_wide_at_every_resolution():
    widths = []
    for resolution in (72, 100, 150, 200, 300):
        with canvas.style():
            figure = canvas.new_figure(89, 40, layout="none")
            figure.set_dpi(resolution)
            artist = figure.text(0, 0, "a long name of an arm, 3000 pg/mL")
            widths.append(canvas.width_of(artist) / resolution)
    assert widths == pytest.approx([widths[0]] * len(widths), rel=0.005)


def test_an_upright_text_is_measured_and_cut_along_its_line():
    with canvas.style():
        figure = canvas.new_figure(89, 40)
        label = figure.text(0, 0, figure_checks.LONG, rotation=90, fontsize=canvas.TEXT_SIZE)
        flat = figure.text(0, 0, figure_checks.LONG, fontsize=canvas.TEXT_SIZE)
        whole = canvas.width_of(label)
        assert whole == pytest.approx(canvas.width_of(flat), abs=1.5)
        canvas.shrink(label, whole)
        assert label.get_fontsize() == canvas.TEXT_SIZE
        canvas.shrink(label, 0.9 * whole)
        assert label.get_text() == figure_checks.LONG
        canvas.shrink(label, 0.5 * whole)
        assert canvas.width_of(label) <= 0.5 * whole
    assert label.get_fontsize() == canvas.SMALL_SIZE
    assert label.get_text().endswith("…")


def test_a_figure_grows_at_its_right_and_bottom_and_nothing_else_moves():
    figure = canvas.new_figure(100, 50, layout="none")
    axes = figure.add_axes((0.1, 0.2, 0.5, 0.6))
    canvas.grow(figure, 25, 10)
    assert figure.get_size_inches() * 25.4 == pytest.approx([125, 60])
    in_mm = axes.get_position().extents * [125, 60, 125, 60]
    assert in_mm == pytest.approx([10, 20, 60, 50])


@pytest.mark.parametrize(
    ("text", "most", "lines", "whole"),
    [
        ("short", 2, ["short"], True),
        ("twelve words that have to be broken into lines of their own", 9, None, True),
        ("twelve words that have to be broken into lines of their own", 2, 2, False),
        ("W" * 80, 3, 1, False),
        ("", 2, [""], True),
    ],
)
def test_a_text_is_broken_at_its_spaces_and_cut_only_where_it_must_be(text, most, lines, whole):
    with canvas.style():
        figure = canvas.new_figure(89, 40)
        artist = figure.text(0, 0, text)
        assert canvas.wrap(artist, 0.3 * figure.bbox.width, most) is whole
        assert canvas.width_of(artist) <= 0.3 * figure.bbox.width
    found = artist.get_text().split("\n")
    if isinstance(lines, list):
        assert found == lines
    assert len(found) <= (lines if isinstance(lines, int) else most)
    assert (" ".join(found) == text) is whole
    assert artist.get_text().endswith("…") is not whole


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (20, 900, [20, 50, 100, 200, 500]),
        (1e-3, 1e3, [1e-3, 1e-2, 0.1, 1, 10, 100, 1000]),
        (1, 1e30, [1, 1e5, 1e10, 1e15, 1e20, 1e25, 1e30]),
        (32, 47, [32.5, 35, 37.5, 40, 42.5, 45]),
        (0.35, 2.8, [0.5, 0.7, 1, 1.5, 2]),
    ],
)
def test_ticks_of_a_logarithmic_axis_are_round_and_few(low, high, ticks):
    assert canvas.log_ticks(low, high) == pytest.approx(ticks)


def test_ticks_of_a_linear_axis_are_round_and_inside():
    assert canvas.linear_ticks(-0.04, 0.05, most=4) == [-0.025, 0.0, 0.025, 0.05]
    assert canvas.linear_ticks(3.0, 3.0) == [3.0]


def test_the_checks_of_this_file_see_a_text_outside_and_an_overlap():
    with canvas.style():
        figure = canvas.new_figure(89, 40, layout="none")
        figure.text(0.95, 0.5, "leaves the figure")
        figure.text(0.2, 0.2, "one on the other")
        figure.text(0.2, 0.2, "other on the one")
    assert figure_checks.texts_outside(figure) == ["leaves the figure"]
    assert figure_checks.overlapping_texts(figure) == [("one on the other", "other on the one")]
