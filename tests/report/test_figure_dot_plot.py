"""Dot plots show wells, replicates and effects of one endpoint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, names_of, use_only_dejavu, words

from assaykit.design import Design, Factor
from assaykit.report.figures import canvas
from assaykit.report.figures.dot_plot import replicate_dot_plot


def dots(study):
    return replicate_dot_plot(
        study.observations, study.replicates, study.effects,
        endpoint="RANKL concentration", design=study.design,
    )  # fmt: skip


@pytest.mark.parametrize("arms", [2, 3, 6, 16])
@pytest.mark.parametrize("name", ["arm", "WT / vesicle", LONG, "WWWWW" * 12, "骨芽細胞 $x$" * 6])
def test_a_dot_plot_is_legible_with_any_arms(arms, name):
    study = made.comparison([f"{number} {name}" for number in range(arms)])
    figure = dots(study)
    assert_legible(figure)
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(89)
    assert canvas.height_mm(figure) <= 170


@pytest.mark.parametrize("arms", [3, 16])
@pytest.mark.parametrize("name", ["arm", LONG, "骨芽細胞 $x$" * 6])
def test_a_dot_plot_is_legible_where_only_dejavu_sans_is_installed(arms, name, monkeypatch):
    use_only_dejavu(monkeypatch)
    assert_legible(dots(made.comparison([f"{number} {name}" for number in range(arms)])))


@pytest.mark.parametrize("endpoint", ["sRANKL (total) concentration", LONG, "W" * 80])
def test_a_long_endpoint_is_set_small_before_it_is_cut(endpoint, monkeypatch):
    use_only_dejavu(monkeypatch)
    study = made.comparison()
    figure = replicate_dot_plot(
        study.observations, study.replicates, study.effects, endpoint=endpoint, design=study.design
    )
    assert_legible(figure)
    label = figure.axes[0].yaxis.label
    assert label.get_fontsize() == canvas.SMALL_SIZE
    assert label.get_text().endswith("(pg/mL)") is (len(endpoint) < 40)


def test_arms_stand_in_declared_order_with_their_n():
    study = made.comparison()
    shuffled = replace(study, replicates=study.replicates.iloc[::-1])
    upper = dots(shuffled).axes[0]
    assert names_of(upper.xaxis) == ["control\nn = 4", "vesicle\nn = 4", "KO vesicle\nn = 4"]


def replicate_lines(axes):
    return [line for line in axes.get_lines() if not line.get_label().startswith("_")]


def test_shared_replicates_are_joined_and_others_are_not():
    joined = replicate_lines(dots(made.comparison(shared=True)).axes[0])
    apart = replicate_lines(dots(made.comparison(shared=False)).axes[0])
    assert [(line.get_label(), line.get_linestyle()) for line in joined] == [
        (f"d{number}", "-") for number in (1, 2, 3, 4)
    ]
    assert {line.get_linestyle() for line in apart} == {"None"}
    assert len({line.get_color() for line in apart}) == 1


def test_replicates_stand_in_one_order_in_every_arm_and_keep_their_look():
    study = made.comparison(donors=11)
    mixed = replace(study, replicates=study.replicates.sample(frac=1, random_state=1))
    lines = replicate_lines(dots(mixed).axes[0])
    assert [line.get_label() for line in lines] == [f"d{number}" for number in range(1, 12)]
    places = np.array([line.get_xdata() for line in lines])
    assert (np.diff(places, axis=0) > 0).all()
    assert np.floor(places + 0.5).tolist() == [[0, 1, 2]] * 11
    first = replicate_lines(dots(study).axes[0])
    assert [ln.get_color() for ln in first] == [ln.get_color() for ln in lines]


def test_large_points_are_the_replicates_and_small_ones_the_wells():
    study = made.comparison()
    upper = dots(study).axes[0]
    large = np.concatenate([line.get_ydata() for line in replicate_lines(upper)])
    assert sorted(large) == pytest.approx(sorted(study.replicates["value"]))
    small = [line for line in upper.get_lines() if line.get_label().startswith("_")]
    wells = np.concatenate([line.get_ydata() for line in small])
    assert sorted(wells) == pytest.approx(sorted(study.observations["value"]))
    assert max(line.get_markersize() for line in small) < 3


def test_excluded_wells_are_not_drawn():
    study = made.comparison()
    out = study.observations.assign(excluded=study.observations["well"] == "A1")
    upper = dots(replace(study, observations=out)).axes[0]
    small = [line for line in upper.get_lines() if line.get_label().startswith("_")]
    assert sum(len(line.get_ydata()) for line in small) == (~out["excluded"]).sum()


@pytest.mark.parametrize(
    ("scale", "kind"), [("log", "log"), ("linear", "linear"), ("log2", "linear")]
)
def test_only_a_log_scale_has_a_logarithmic_axis(scale, kind):
    assert dots(made.comparison(scale=scale)).axes[0].get_yscale() == kind


def test_a_log_scale_with_a_value_of_zero_falls_back_to_a_linear_axis():
    study = made.comparison()
    zero = study.replicates.assign(
        value=study.replicates["value"] - study.replicates["value"].min()
    )
    assert dots(replace(study, replicates=zero)).axes[0].get_yscale() == "linear"


def test_effects_show_estimate_interval_and_exact_p_against_no_effect():
    lower = dots(made.comparison()).axes[1]
    assert lower.get_xlabel() == "Ratio, 95 % CI"
    assert lower.get_xscale() == "log"
    lines = lower.get_lines()
    assert lines[0].get_xdata() == [1.0, 1.0]
    assert lines[1].get_xdata() == pytest.approx([1.6, 2.5])
    assert lines[2].get_xdata() == pytest.approx([2.0])
    said = [text.get_text() for text in lower.texts]
    assert said == ["adjusted p = 0.00026", "vesicle vs control", "adjusted p = 2.6e-5",
                    "KO vesicle vs control"]  # fmt: skip


def test_effects_of_different_scales_have_axes_of_their_own():
    study = made.comparison()
    other = study.effects.head(1).assign(scale="difference", unit="pg/mL", ci_low=-1.0, ci_high=9.0)
    figure = dots(replace(study, effects=pd.concat([study.effects, other], ignore_index=True)))
    labels = [axes.get_xlabel() for axes in figure.axes[1:]]
    assert labels == ["Ratio, 95 % CI", "Difference (pg/mL), 95 % CI"]
    assert figure.axes[2].get_lines()[0].get_xdata() == [0.0, 0.0]
    assert_legible(figure)


def test_too_few_replicates_are_shown_without_interval_and_p():
    study = made.comparison(("control", "vesicle"), donors=2)
    missing = dict.fromkeys(("ci_low", "ci_high", "p_value", "p_adjusted"), np.nan)
    figure = dots(replace(study, effects=study.effects.assign(**missing)))
    assert "no p value" in words(figure)
    assert figure.axes[1].get_xlabel() == "Ratio"


def test_a_figure_with_many_contrasts_says_how_many_it_leaves_out():
    figure = dots(made.comparison([f"arm {number}" for number in range(20)]))
    assert "13 of 19 contrasts; all are in the sheet Effects" in words(figure)


def test_names_of_arms_are_broken_at_spaces_before_they_are_set_upright():
    names = ("wild type", "TLR2 knock-out"), ("PBS control", "miR-143-3p vesicle")
    plan = Design(
        tuple(Factor(f, two, two[0]) for f, two in zip(("gene", "drug"), names, strict=True))
    )
    figure = dots(made.compared(plan, ratios=(1, 2, 1.1, 1.3)))
    labels = names_of(figure.axes[0].xaxis)
    assert labels[1] == "wild type\nmiR-143-3p\nvesicle\nn = 4"
    assert {tick.get_rotation() for tick in figure.axes[0].get_xticklabels()} == {0}
    assert_legible(figure)
