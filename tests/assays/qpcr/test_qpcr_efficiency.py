"""Dilution series: exact lines come back; what cannot be fitted says why."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qpcr_wells import SHEET, of, pair, plate, reactions

from assaykit.assays.qpcr import QpcrParameters, fit_dilution_series, quantify
from assaykit.assays.qpcr.efficiency import dilution_series_table
from assaykit.errors import CurveError

LEVELS = (1e5, 1e4, 1e3, 1e2)
FEW = settings(derandomize=True, max_examples=40, deadline=None)
NOISY = [15.1, 18.3, 21.9, 25.0]


def line(efficiency, top=15.0, levels=LEVELS):
    """Cq of a dilution series that starts at ``top``."""
    return [top + math.log2(levels[0] / level) / math.log2(1 + efficiency) for level in levels]


@FEW
@given(st.floats(0.6, 1.2), st.floats(8, 30))
def test_an_exact_line_gives_its_efficiency(efficiency, top):
    series = fit_dilution_series(LEVELS, line(efficiency, top))
    assert series.efficiency == pytest.approx(efficiency, rel=1e-9)
    assert series.r_squared == pytest.approx(1.0, abs=1e-12)
    assert series.slope_standard_error == pytest.approx(0.0, abs=1e-7)
    assert series.slope == pytest.approx(-1 / math.log10(1 + efficiency), rel=1e-9)


def test_the_line_goes_both_ways():
    series = fit_dilution_series(LEVELS, NOISY)
    assert series.quantity(series.cq([3.0, 4000.0])).tolist() == pytest.approx([3.0, 4000.0])
    assert series.cq(1.0).item() == pytest.approx(series.intercept)


def test_slope_and_its_error_are_those_of_numpy():
    coefficients, covariance = np.polyfit(np.log10(LEVELS * 2), NOISY + line(0.93), 1, cov=True)
    series = fit_dilution_series(LEVELS * 2, NOISY + line(0.93))
    assert [series.slope, series.intercept] == pytest.approx(coefficients.tolist())
    assert series.slope_standard_error == pytest.approx(math.sqrt(covariance[0, 0]))


def test_the_interval_is_that_of_the_slope():
    """t with 2 degrees of freedom at 95 %: 4.302653."""
    series = fit_dilution_series(LEVELS, NOISY)
    margin = 4.30265272991 * series.slope_standard_error
    ends = [10 ** (-1 / (series.slope + sign * margin)) - 1 for sign in (-1, 1)]
    assert [series.efficiency_low, series.efficiency_high] == pytest.approx(ends, rel=1e-9)
    wide = fit_dilution_series(LEVELS, NOISY, confidence=0.99)
    assert wide.efficiency_low < series.efficiency_low < series.efficiency < wide.efficiency_high


@FEW
@given(st.floats(-5, 5), st.floats(0.01, 100))
def test_the_efficiency_depends_on_no_unit_and_no_threshold(shift, unit):
    first = fit_dilution_series(LEVELS, NOISY)
    other = fit_dilution_series(unit * np.array(LEVELS), np.array(NOISY) + shift)
    assert other.efficiency == pytest.approx(first.efficiency, rel=1e-9)
    assert other.efficiency_high == pytest.approx(first.efficiency_high, rel=1e-9)
    assert other.r_squared == pytest.approx(first.r_squared, rel=1e-9)


def test_wells_without_a_cq_are_left_out_and_counted():
    series = fit_dilution_series([*LEVELS, 10.0, 1e5], [*line(1.0), math.nan, 15.0])
    assert (series.n_wells, series.n_levels) == (5, 4)
    assert (series.lowest, series.highest) == (1e2, 1e5)


@pytest.mark.parametrize(
    ("quantity", "cq", "words"),
    [
        (LEVELS[:2] * 2, line(1.0)[:2] * 2, "has 2 levels with a Cq; three are needed"),
        (LEVELS, [20.0, math.nan, math.nan, 30.0], "has 2 levels"),
        ((*LEVELS[:3], 0.0), line(1.0), "a quantity of 0 or less"),
        (LEVELS, line(1.0)[::-1], "Cq do not fall as the quantity rises"),
        (LEVELS, [20.0] * 4, "Cq do not fall"),
        (LEVELS, [20.0, 20.0, 20.0, 20.001], "Cq do not fall"),
    ],
)
def test_what_cannot_be_fitted_says_why(quantity, cq, words):
    with pytest.raises(CurveError, match=words):
        fit_dilution_series(quantity, cq)


def test_a_line_that_may_be_flat_has_no_upper_limit_that_is_a_number():
    series = fit_dilution_series([1, 10, 100], [24.0, 26.0, 20.0])
    assert series.efficiency_high == math.inf
    assert 0 < series.efficiency_low < series.efficiency < math.inf


def standards(target, cq, levels=LEVELS, **columns):
    return [
        row
        for level, one in zip(levels, cq, strict=True)
        for row in reactions("pool", target, one, role="standard", nominal_concentration=level)
    ]


def sheet(runx2=math.nan, actb=math.nan):
    return {"RUNX2": SHEET["RUNX2"] | {"efficiency": runx2},
            "ACTB": SHEET["ACTB"] | {"efficiency": actb}}  # fmt: skip


def efficiencies(*groups, **declared):
    wells = plate(pair("s1", (25.0,), (18.0,)), *groups, sheet=sheet(**declared))
    made = quantify(wells, QpcrParameters())
    return made.tables["Efficiency"], made.tables["Targets"]


def test_declared_beats_measured_beats_assumed():
    table, _ = efficiencies(
        standards("RUNX2", line(0.9)), standards("ACTB", line(0.95, 12.0)), runx2=0.8
    )
    runx2, actb = of(table, "RUNX2"), of(table, "ACTB")
    assert (runx2["efficiency"], runx2["efficiency_source"]) == (0.8, "declared")
    assert runx2["slope"] == pytest.approx(-1 / math.log10(1.9))
    assert actb["efficiency"] == pytest.approx(0.95)
    assert actb["efficiency_source"] == "dilution series"
    table, _ = efficiencies()
    assert table["efficiency"].tolist() == [1.0, 1.0]
    assert table["efficiency_source"].eq("assumed").all()
    assert table["verdict"].eq("").all()


def test_the_efficiency_weighs_each_cq():
    _, table = efficiencies(standards("RUNX2", line(0.9)), actb=0.95)
    row = of(table, "s1", "RUNX2")
    assert row["weighted_cq"] == pytest.approx(25 * math.log2(1.9))
    assert row["delta_cq"] == pytest.approx(25 * math.log2(1.9) - 18 * math.log2(1.95))


def test_a_series_that_cannot_be_fitted_gives_a_verdict_and_the_efficiency_is_assumed():
    table, _ = efficiencies(standards("RUNX2", line(0.9)[:2], LEVELS[:2]))
    row = of(table, "RUNX2")
    assert (row["efficiency"], row["efficiency_source"]) == (1.0, "assumed")
    assert row["verdict"] == "The dilution series has 2 levels with a Cq; three are needed."
    assert math.isnan(row["slope"])


def test_excluded_standards_do_not_shape_the_line():
    series = standards("RUNX2", line(0.9))
    wrong = reactions("pool", "RUNX2", 35.0, role="standard", nominal_concentration=1e5,
                      excluded=True)  # fmt: skip
    table, _ = efficiencies(series, wrong)
    assert of(table, "RUNX2")["efficiency"] == pytest.approx(0.9)


def test_every_plate_has_its_own_series():
    both = pd.concat(
        plate(standards("RUNX2", line(efficiency)), name=name)
        for name, efficiency in (("P1", 0.9), ("P2", 1.0))
    ).rename(columns={"value": "cq"})
    table = dilution_series_table(both)
    assert table["plate"].tolist() == ["P1", "P2"]
    assert table["efficiency"].tolist() == pytest.approx([0.9, 1.0])
