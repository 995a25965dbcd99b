"""The picture of a plan: power over replicates, one line for each number of wells."""

from __future__ import annotations

import pytest
from figure_checks import LONG, WEIRD, assert_legible, names_of, words

from assaykit.report.figures import canvas
from assaykit.report.figures.power import power_figure, power_picture
from assaykit.stats.planning import (
    PlannedEffect,
    PlanSettings,
    VarianceComponents,
    simulate_power,
)


def table(replicates=range(3, 11), wells=(1, 2, 3, 4, 6)):
    plan = PlanSettings(replicates=tuple(replicates), wells=tuple(wells), n_simulated=100)
    return simulate_power(VarianceComponents(0.3, 0.15, 0.2), PlannedEffect(1.5), plan)


def figure(made, target=0.8, title="Power to find a 1.5-fold change"):
    return power_figure(made, target=target, title=title)


def lines(drawn):
    return {line.get_label(): line for line in drawn.axes[0].get_lines()}


def test_each_number_of_wells_has_its_line_and_the_wanted_power_is_dashed():
    made = table()
    drawn = lines(figure(made))
    assert list(drawn) == ["wanted: 80 %", "1 well", "2 wells", "3 wells", "4 wells", "6 wells"]
    three = made[made["n_wells"] == 3]
    assert drawn["3 wells"].get_xdata().tolist() == three["n_biological"].tolist()
    assert drawn["3 wells"].get_ydata().tolist() == pytest.approx((100 * three["power"]).tolist())
    assert set(drawn["wanted: 80 %"].get_ydata()) == {80}
    assert drawn["wanted: 80 %"].get_linestyle() == "--"
    looks = {(line.get_color(), line.get_marker()) for line in drawn.values()}
    assert len(looks) == len(drawn)


def test_bands_are_the_monte_carlo_intervals():
    made = table(wells=(2,))
    (band,) = figure(made).axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(100 * made["power_low"].min())
    assert heights.max() == pytest.approx(100 * made["power_high"].max())


def test_axes_have_their_units_and_whole_numbers():
    axes = figure(table()).axes[0]
    assert axes.get_xlabel() == "Biological replicates per arm (n)"
    assert axes.get_ylabel() == "Power (%)"
    assert names_of(axes.xaxis) == [str(n) for n in range(3, 11)]
    assert names_of(axes.yaxis) == ["0", "20", "40", "60", "80", "100"]


@pytest.mark.parametrize("title", ["Power", LONG, *WEIRD])
@pytest.mark.parametrize(
    ("replicates", "wells"),
    [((3,), (1,)), (range(3, 31), (384,)), (range(3, 201), range(1, 14))],
)
def test_a_plan_is_legible_with_any_numbers(replicates, wells, title):
    made = table([replicates[0], *replicates[-1:]], wells)
    drawn = figure(made, 0.905, title)
    assert_legible(drawn)
    assert drawn.get_size_inches()[0] * 25.4 == pytest.approx(89)
    assert "wanted: 90.5 %" in words(drawn)


def test_at_most_seven_numbers_of_wells_are_drawn_and_that_is_said():
    drawn = figure(table((3, 4), range(1, 14)))
    assert len(lines(drawn)) == 1 + 7
    assert "Wells per replicate and arm (7 of 13)" in words(drawn)


def test_the_picture_says_what_it_shows_and_gives_the_same_bytes_twice():
    once, again = (power_picture(table(), target=0.8, effect="a change") for _ in range(2))
    assert once.name == "power"
    assert once.alternative.startswith("Power to find a change over biological replicates")
    assert once.alternative.endswith(".")
    for kind in ("png", "svg", "pdf"):
        assert canvas.image_bytes(once, kind) == canvas.image_bytes(again, kind)
