"""Effects below a dot plot: contrasts, interactions and the rescue, each with what it has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import report_studies as made
from figure_checks import LONG, assert_legible, words

from assaykit.design import Design, Factor, Rescue
from assaykit.report.figures import canvas
from assaykit.report.figures.dot_plot import replicate_dot_plot
from assaykit.report.figures.effect_panel import said_of

RATIOS = (1.0, 2.0, 1.1, 1.3)


def dots(study):
    return replicate_dot_plot(
        study.observations, study.replicates, study.effects,
        endpoint="RANKL concentration", design=study.design,
    )  # fmt: skip


def points_of(axes):
    return [line for line in axes.get_lines() if line.get_marker() == "o"]


def test_a_rescue_has_an_axis_of_its_own_with_lines_at_none_and_all_and_no_p():
    study = made.compared()
    rescue = dots(study).axes[2]
    assert rescue.get_xlabel() == "Rescue fraction, 95 % CI"
    none, whole, interval, point = rescue.get_lines()
    assert (none.get_xdata(), whole.get_xdata()) == ([0, 0], [1, 1])
    row = study.effects.set_index("contrast").loc["rescue_fraction"]
    assert interval.get_xdata() == pytest.approx([row["ci_low"], row["ci_high"]])
    assert point.get_xdata() == pytest.approx([row["estimate"]])
    assert [text.get_text() for text in rescue.texts] == ["effect of vesicle gone in KO vesicle"]


def test_a_rescue_without_interval_is_a_point_with_a_word():
    study = made.compared(ratios=(1.0, 1.01, 1.05))
    row = study.effects.set_index("contrast").loc["rescue_fraction"]
    assert np.isnan(row["ci_low"])
    figure = dots(study)
    rescue = figure.axes[2]
    assert rescue.get_xlabel() == "Rescue fraction"
    assert points_of(rescue)[0].get_xdata() == pytest.approx([row["estimate"]])
    assert "no interval" in [text.get_text() for text in rescue.texts]
    assert_legible(figure)


def test_a_rescue_of_too_few_replicates_is_not_estimated():
    figure = dots(made.compared(replicates=2))
    assert "not estimated" in words(figure)
    assert words(figure).count("no p value") == 3
    assert_legible(figure)


def test_a_two_by_two_design_shows_five_contrasts_and_the_rescue():
    figure = dots(made.compared(made.TWO_FACTORS, RATIOS))
    assert_legible(figure)
    assert canvas.height_mm(figure) <= 170
    assert len(points_of(figure.axes[1])) == 5
    assert "vesicle vs control × KO vs WT" in words(figure)
    assert "effect of WT / vesicle gone in KO / vesicle" in words(figure)


def two_by_two(genes, drugs):
    """Two factors with these levels, and the rescue of the last arm."""
    factors = Factor("gene", genes, genes[0]), Factor("drug", drugs, drugs[0])
    arms = Design(factors).arms
    return Design(factors, rescue=Rescue(arms[1], arms[3]))


@pytest.mark.parametrize(
    "names",
    [
        (("wild type", "TLR2 knock-out"), ("PBS control", "miR-143-3p vesicle")),
        ((f"1 {LONG}", f"2 {LONG}"), (f"3 {LONG}", f"4 {LONG}")),
        (("W" * 60, "X" * 60), ("Y" * 60, "Z" * 60)),
    ],
    ids=["long", "very long", "one word"],
)
def test_long_names_of_contrasts_are_broken_or_cut_and_never_overlap(names):
    figure = dots(made.compared(two_by_two(*names), RATIOS))
    assert_legible(figure)
    assert canvas.height_mm(figure) <= 170


def test_a_long_name_stands_whole_in_two_lines():
    names = ("wild type", "TLR2 knock-out"), ("PBS control", "miR-143-3p vesicle")
    said = " ".join(" ".join(words(dots(made.compared(two_by_two(*names), RATIOS)))).split("\n"))
    assert "miR-143-3p vesicle vs PBS control × TLR2 knock-out vs wild type" in said


def test_intervals_of_a_family_are_named_after_it():
    holm = made.compared()
    assert dots(holm).axes[1].get_xlabel() == "Ratio, 95 % CI (Bonferroni)"
    dunnett = made.compared(replace(made.ONE_FACTOR, rescue=None))
    assert dots(dunnett).axes[1].get_xlabel() == "Ratio, 95 % CI (simultaneous)"


def test_many_contrasts_leave_room_for_the_rescue():
    study = made.compared()
    first = study.effects[study.effects["scale"] == "ratio"]
    many = [first.assign(contrast=f"contrast {n}") for n in range(8)]
    effects = pd.concat([*many, study.effects.tail(1)], ignore_index=True)
    figure = dots(replace(study, effects=effects))
    assert canvas.height_mm(figure) <= 170
    assert len(points_of(figure.axes[1])) + 1 == 11
    assert "11 of 25 contrasts; all are in the sheet Effects" in words(figure)
    assert figure.axes[2].get_xlabel() == "Rescue fraction, 95 % CI"
    assert_legible(figure)


def test_p_is_exact_and_says_whether_it_is_adjusted():
    one = {"scale": "ratio", "p_value": 0.04999, "p_adjusted": np.nan}
    assert said_of(one) == "p = 0.05"
    assert said_of({**one, "p_adjusted": 3.21e-17}) == "adjusted p = 3.2e-17"
    assert said_of({**one, "p_adjusted": 0.02, "adjustment": "none, 1 contrast"}) == "p = 0.02"
