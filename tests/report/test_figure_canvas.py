"""What all figures keep to: legible, the same bytes twice, fonts, ticks."""

from __future__ import annotations

import logging

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


def test_a_font_that_is_not_truetype_is_not_embedded_as_if_it_were():
    figure = next(dot_plots(made.comparison(("骨芽細胞", "b"))))
    if len(canvas.font_families()) < 3:
        pytest.skip("no font with East Asian characters is installed")
    assert b"/Type3" in canvas.image_bytes(figure, "pdf")


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    canvas.image_bytes(next(curve_figures(made.plate_study())), "png")
    assert dict(mpl.rcParams) == before


def test_text_in_another_script_gets_a_font_and_a_record_of_it(caplog):
    with caplog.at_level(logging.INFO, logger="assaykit.report"), canvas.style():
        figure = canvas.new_figure(89, 40)
        canvas.add_title(figure, "骨芽細胞")
        canvas.finished(figure)
    assert figure.get_suptitle() == "骨芽細胞"
    assert "骨芽細胞" in caplog.text


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
