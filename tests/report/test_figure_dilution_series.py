"""Dilution series show wells, lines, what the lines say, and where the samples lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from example_studies import example
from figure_checks import WEIRD, assert_legible, names_of, texts_outside, words

from assaykit.assays.qpcr import fit_dilution_series
from assaykit.report.figures import FIGURES
from assaykit.report.figures.dilution_series import (
    Series,
    dilution_series_figure,
    dilution_series_figures,
    spread,
)

NAMES = ["RUNX2", "TNFSF11", "ACTB", "HPRT1", "TBP", "SP7", "COL1A1", "ALPL", "GAPDH"]
NOTHING = np.empty(0)


def series(target="RUNX2", start=38.0, levels=5, source="dilution series", **changes) -> Series:
    quantity = np.repeat(10.0 ** np.arange(levels), 2)
    cq = start - 3.4 * np.log10(quantity) + 0.05 * np.cos(np.arange(2 * levels))
    fit = {**vars(fit_dilution_series(quantity, cq)), "efficiency_source": source, "verdict": ""}
    one = Series(target, quantity, cq, (NOTHING, NOTHING), fit, np.array([27.0, 30.0]))
    return replace(one, **changes)


def unfitted(why="The dilution series has 2 levels with a Cq; three are needed.") -> Series:
    numbers = ("slope", "intercept", "lowest", "highest", "efficiency_low", "efficiency_high")
    fit = {**dict.fromkeys(numbers, np.nan), "efficiency": 1.0, "efficiency_source": "assumed"}
    return series(quantity=np.array([1.0, 10.0]), cq=np.array([30.0, 26.0]),
                  fit={**fit, "verdict": why})  # fmt: skip


def figure_of(*ones, title="plate 1", confidence="95 %"):
    return dilution_series_figure(ones, title=title, confidence=confidence)


def lines(axes) -> dict:
    return {line.get_gid(): line for line in axes.get_lines() if line.get_gid()}


def strokes(axes) -> dict:
    marks = [mark for mark in axes.collections if mark.get_gid()]
    return {mark.get_gid(): [s[0][1] for s in mark.get_segments()] for mark in marks}


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_targets_are_legible_in_panels_of_at_most_four(count):
    figure = figure_of(*(series(name, 38 - n) for n, name in enumerate(NAMES[:count])))
    assert_legible(figure)
    drawn = [sum(gid.startswith("line") for gid in lines(axes)) for axes in figure.axes]
    assert sum(drawn) == count
    assert len(drawn) == -(-count // 4)
    assert max(drawn) - min(drawn) <= 1


@pytest.mark.parametrize("name", WEIRD)
def test_any_name_of_a_plate_or_a_target_leaves_it_legible(name):
    assert_legible(figure_of(series(name), series("other", 25.0), title=name))


def test_lines_that_lie_on_each_other_keep_their_labels_apart():
    assert_legible(figure_of(*(series(name) for name in NAMES[:4])))


def test_axes_have_titles_and_their_ticks_are_plain_numbers():
    (axes,) = figure_of(series()).axes
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "Quantity (in the unit of the standards)"
    assert axes.get_ylabel() == "Cq (cycles)"
    assert names_of(axes.xaxis) == ["1", "10", "100", "1000", "10000"]


def test_wells_line_and_samples_stand_where_they_belong():
    one = series(samples=np.array([20.0, 26.5, np.nan]))
    (axes,) = figure_of(one).axes
    wells, line = lines(axes)["wells RUNX2"], lines(axes)["line RUNX2"]
    assert wells.get_xdata() == pytest.approx(one.quantity)
    assert wells.get_ydata() == pytest.approx(one.cq)
    fit = one.fit
    assert line.get_xdata() == pytest.approx([1, 10000])
    expected = [fit["intercept"], fit["intercept"] + 4 * fit["slope"]]
    assert line.get_ydata() == pytest.approx(expected)
    assert strokes(axes)["samples RUNX2"] == [20.0, 26.5]
    bar = next(mark for mark in axes.collections if not mark.get_gid())
    heights = bar.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx(sorted(expected))
    low, high = axes.get_ylim()
    assert low < 20.0
    assert high > expected[0]
    assert axes.get_xlim()[0] < 0.5


def test_no_well_lies_in_the_lanes_of_the_samples():
    (axes,) = figure_of(*(series(name, 38 - n) for n, name in enumerate(NAMES[:4]))).axes
    first = axes.transData.transform((1.0, 30.0))[0]
    ends = [
        axes.get_yaxis_transform().transform((segment[1][0], 0))[0]
        for mark in axes.collections if mark.get_gid()
        for segment in mark.get_segments()
    ]  # fmt: skip
    assert max(ends) + 4 < first


def test_each_target_has_a_colour_and_a_shape_of_its_own():
    (axes,) = figure_of(*(series(name, 38 - n) for n, name in enumerate(NAMES[:4]))).axes
    wells = [line for gid, line in lines(axes).items() if gid.startswith("wells")]
    assert len({line.get_marker() for line in wells}) == 4
    assert len({line.get_markeredgecolor() for line in wells}) == 4


def test_what_a_line_says_stands_beside_its_target():
    one = series()
    low, high = one.fit["efficiency_low"], one.fit["efficiency_high"]
    assert one.words.splitlines() == [
        f"slope −3.{str(one.fit['slope'])[3:6]}, R² {one.fit['r_squared']:.4f}",
        f"efficiency {one.fit['efficiency']:.3f} ({low:.3f} to {high:.3f})",
    ]
    label = next(text for text in words(figure_of(one)) if text.startswith("RUNX2"))
    assert label == f"RUNX2\n{one.words}"


def test_an_efficiency_that_was_declared_is_not_given_the_interval_of_the_series():
    one = series(source="declared")
    first, second = one.words.splitlines()
    assert first.endswith(f"({one.fit['efficiency_low']:.3f} to {one.fit['efficiency_high']:.3f})")
    assert second == f"efficiency {one.fit['efficiency']:.3f} declared"


def test_a_series_without_a_line_says_why():
    figure = figure_of(series(), unfitted())
    assert_legible(figure)
    said = next(text for text in words(figure) if "three are" in text)
    assert " ".join(said.splitlines()[1:]) == unfitted().fit["verdict"]
    (axes,) = figure.axes
    assert len([gid for gid in lines(axes) if gid.startswith("line")]) == 1


def test_what_is_excluded_or_not_found_is_told():
    out = (np.array([10.0]), np.array([22.0]))
    figure = figure_of(series(excluded=out, without_cq=2, samples=np.array([27.0, np.nan])))
    assert lines(figure.axes[0])["excluded RUNX2"].get_ydata().tolist() == [22.0]
    assert figure.axes[0].get_ylim()[0] < 22.0
    assert "Grey crosses: standards that were excluded." in words(figure)
    lacking = "Not drawn, since nothing was found in them: 2 standard wells and 1 sample."
    assert lacking in words(figure)
    assert texts_outside(figure) == []
    assert not any("Not drawn" in text for text in words(figure_of(series())))


def test_the_confidence_is_that_of_the_settings():
    assert any(
        "its 99 % confidence interval" in t for t in words(figure_of(series(), confidence="99 %"))
    )


def test_a_plate_has_one_picture_after_its_settings():
    assert dilution_series_figures in FIGURES
    study = example("osteoblasts_qpcr")
    (picture,) = dilution_series_figures(study)
    assert picture.name == "dilution_series"
    assert picture.alternative.endswith("Cq over quantity of RUNX2, TNFSF11, ACTB, HPRT1.")
    (axes,) = picture.figure.axes
    assert {f"line {name}" for name in NAMES[:4]} <= set(lines(axes))
    assert len(lines(axes)["wells RUNX2"].get_xdata()) == 10
    assert len(strokes(axes)["samples RUNX2"]) == 12
    assert any("95 %" in text for text in words(picture.figure))
    (vesicles,) = dilution_series_figures(example("vesicles_mir143"))
    assert any("4 samples" in text for text in words(vesicles.figure))


def test_excluded_and_undetermined_standards_are_not_among_the_wells():
    study = example("osteoblasts_qpcr")
    own = study.wells.index[(study.wells["role"] == "standard") & (study.wells["target"] == "ACTB")]
    wells = study.wells.copy()
    wells.loc[own[0], "excluded"] = True
    wells.loc[own[1], "value"] = np.nan
    (picture,) = dilution_series_figures(replace(study, wells=wells))
    drawn = lines(picture.figure.axes[0])
    assert len(drawn["wells ACTB"].get_xdata()) == 8
    assert len(drawn["excluded ACTB"].get_xdata()) == 1


def test_two_plates_get_a_picture_each_with_their_own_lines():
    study = example("osteoblasts_qpcr")
    wells = pd.concat([study.wells, study.wells.assign(plate="p2")], ignore_index=True)
    one = study.tables["Efficiency"].assign(plate=study.title)
    other = one.assign(plate="p2", intercept=one["intercept"] + 1)
    tables = {**study.tables, "Efficiency": pd.concat([one, other], ignore_index=True)}
    pictures = list(dilution_series_figures(replace(study, wells=wells, tables=tables)))
    assert [picture.name for picture in pictures] == [
        f"dilution_series.{study.title}", "dilution_series.p2",
    ]  # fmt: skip
    first, second = (lines(picture.figure.axes[0])["line ACTB"] for picture in pictures)
    assert second.get_ydata() == pytest.approx(first.get_ydata() + 1)


@pytest.mark.parametrize("study", [made.plate_study(), made.comparison()], ids=["elisa", "study"])
def test_studies_without_a_dilution_series_have_none(study):
    assert list(dilution_series_figures(study)) == []


def test_a_qpcr_plate_without_standards_has_none():
    study = example("osteoblasts_qpcr")
    wells = study.wells[study.wells["role"] != "standard"]
    assert list(dilution_series_figures(replace(study, wells=wells))) == []


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([3.0], [3.0]),
        ([5.0, 1.0, 9.0], [5.0, 1.0, 9.0]),
        ([5.0, 5.0], [4.0, 6.0]),
        ([0.0, 0.1, 0.2], [0.0, 2.0, 4.0]),
        ([5.0, 5.0, 5.0], [3.0, 5.0, 7.0]),
        ([9.9, 4.0, 9.8], [10.0, 4.0, 8.0]),
    ],
)
def test_labels_are_moved_no_further_than_need_be(places, found):
    assert spread(places, 2.0, 0.0, 10.0) == pytest.approx(found)
