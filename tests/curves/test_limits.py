"""Levels, limits of quantification and of detection, counted by hand."""

import numpy as np
import pytest

from assaykit.curves import (
    LevelCriteria,
    fit_standard_curve,
    limit_of_detection,
    quantification_limits,
    standard_levels,
)
from assaykit.errors import CurveError

LEVELS = np.array([0.0, 1, 2, 4, 8, 16, 32])


def line(y, x=LEVELS):
    """A curve of given points whose parameters are exactly intercept 0.1 and slope 0.2."""
    curve = fit_standard_curve(x, 0.1 + 0.2 * np.asarray(x), model="linear")
    return type(curve)(**{**vars(curve), "response": np.asarray(y, dtype=float)})


def responses(concentrations):
    return 0.1 + 0.2 * np.asarray(concentrations, dtype=float)


class TestStandardLevels:
    def test_every_column_by_hand(self):
        x = [0, 0, 2, 2, 5, 5, 5]
        curve = line(responses([0, 0, 1.5, 2.5, 5, 6, 7]), x)
        table = standard_levels(curve)
        assert table["nominal_concentration"].tolist() == [0.0, 2.0, 5.0]
        assert table["n"].tolist() == [2, 2, 3]
        assert table["mean_response"].tolist() == pytest.approx([0.1, 0.5, 1.3])
        assert table["sd"].tolist() == pytest.approx([0.0, 0.2 / np.sqrt(2), 0.2])
        assert table["cv_percent"].tolist() == pytest.approx([0.0, 28.2842712, 15.3846154])
        assert table["back_calculated_concentration"].tolist()[1:] == pytest.approx([2.0, 6.0])
        assert table["recovery_percent"].tolist() == pytest.approx([np.nan, 100, 120], nan_ok=True)
        assert table["passed"].tolist()[1:] == [False, True]
        assert table["passed"].isna().tolist() == [True, False, False]

    def test_ends_may_be_off_by_25_and_the_others_by_20_percent(self):
        off = np.array([1.0, 1.24, 1.19, 0.81, 1.21, 0.79, 0.76])
        table = standard_levels(line(responses(LEVELS * off)))
        assert table["passed"].tolist()[1:] == [True, True, True, False, False, True]
        beyond = np.array([1.0, 1.26, 1, 1, 1, 1, 0.74])
        table = standard_levels(line(responses(LEVELS * beyond)))
        assert table["passed"].tolist()[1:] == [False, True, True, True, True, False]

    def test_a_single_reading_has_no_cv_and_passes_on_recovery(self):
        table = standard_levels(line(responses(LEVELS)))
        assert table["cv_percent"].isna().all()
        assert table["passed"].tolist()[1:] == [True] * 6

    def test_a_level_beyond_the_asymptote_fails(self):
        y = responses(LEVELS)
        y[1] = 0.05
        table = standard_levels(line(y))
        assert np.isnan(table["recovery_percent"][1])
        assert table["passed"].tolist()[1] is False

    def test_recovery_is_given_outside_the_working_range_too(self):
        table = standard_levels(line(responses([0, 1, 2, 4, 8, 16, 33])))
        assert table["recovery_percent"].iloc[-1] == pytest.approx(100 * 33 / 32)

    def test_own_criteria(self):
        strict = LevelCriteria(recovery_percent=5, recovery_percent_at_ends=5)
        curve = line(responses(LEVELS * 1.06))
        assert not standard_levels(curve, strict)["passed"].fillna(False).any()
        assert standard_levels(curve)["passed"].sum() == 6


class TestQuantificationLimits:
    def test_all_levels_pass(self):
        limits = quantification_limits(line(responses(LEVELS)))
        assert (limits.lloq, limits.uloq) == (1.0, 32.0)
        assert (limits.levels_passed, limits.levels_total, limits.accepted) == (6, 6, True)

    def test_failed_ends_narrow_the_range(self):
        off = np.array([1.0, 1.5, 1, 1, 1, 1, 1])
        limits = quantification_limits(line(responses(LEVELS * off)))
        assert (limits.lloq, limits.uloq) == (2.0, 32.0)
        assert limits.levels_passed == 5
        assert limits.accepted  # 83 %

    def test_three_quarters_must_pass(self):
        off = np.array([1.0, 1.5, 1.5, 1, 1, 1, 1])
        limits = quantification_limits(line(responses(LEVELS * off)))
        assert limits.levels_passed == 4
        assert not limits.accepted
        assert "not accepted (at least 75 % must pass)" in limits.sentence

    def test_six_levels_are_needed(self):
        limits = quantification_limits(line(responses(LEVELS[:6]), LEVELS[:6]))
        assert (limits.levels_passed, limits.levels_total) == (5, 5)
        assert not limits.accepted
        assert "not accepted (at least 6 levels are needed)" in limits.sentence

    def test_no_level_passes(self):
        limits = quantification_limits(line(responses(LEVELS * 2)))
        assert np.isnan([limits.lloq, limits.uloq]).all()
        assert limits.sentence.endswith("must pass); there is no working range.")

    def test_scatter_alone_fails_a_level(self):
        x = np.repeat(LEVELS, 2)
        y = responses(x)
        y[4:6] = [0.3, 0.7]  # level 2: recovery 100 %, CV 57 %
        limits = quantification_limits(line(y, x))
        assert limits.levels_passed == 5


class TestLimitOfDetection:
    def test_by_hand(self):
        """LoB = 0.10 + 1.645 x 0.01; LoD = LoB + 1.645 x 0.0141421 (CLSI EP17)."""
        limit = limit_of_detection([0.09, 0.10, 0.11], [0.29, 0.31], line(responses(LEVELS)))
        assert limit.lob_response == pytest.approx(0.11645)
        assert limit.lod_response == pytest.approx(0.11645 + 1.645 * 0.0141421356)
        assert limit.lob == pytest.approx(0.01645 / 0.2)
        assert limit.lod == pytest.approx((limit.lod_response - 0.1) / 0.2)
        assert (limit.n, limit.approximate) == (3, True)

    def test_twenty_of_each_are_no_longer_approximate(self):
        many = np.resize([0.09, 0.11], 20)
        curve = line(responses(LEVELS))
        assert not limit_of_detection(many, many + 0.2, curve).approximate
        assert limit_of_detection(many[:19], many + 0.2, curve).approximate
        assert limit_of_detection(many, many[:19] + 0.2, curve).approximate

    def test_blanks_stand_in_for_a_missing_low_sample(self):
        limit = limit_of_detection([0.09, 0.10, 0.11], [], line(responses(LEVELS)))
        assert limit.lod_response == pytest.approx(0.10 + 2 * 1.645 * 0.01)

    def test_below_the_blank_where_the_curve_falls(self):
        curve = fit_standard_curve(LEVELS, 8.0 - 0.2 * LEVELS, model="linear")
        limit = limit_of_detection([7.9, 8.0, 8.1], [7.8, 7.9], curve)
        assert limit.lod_response < limit.lob_response < 8.0
        assert limit.lod > limit.lob > 0

    def test_missing_readings_do_not_count(self):
        limit = limit_of_detection([0.09, np.nan, 0.11], [0.3, 0.3], line(responses(LEVELS)))
        assert limit.n == 2

    def test_a_limit_the_curve_never_reaches_is_missing(self):
        limit = limit_of_detection([0.01, 0.02], [0.02, 0.02], line(responses(LEVELS)))
        assert np.isnan(limit.lob)

    def test_one_blank_is_not_enough(self):
        with pytest.raises(CurveError, match="at least two blank readings; found 1"):
            limit_of_detection([0.1, np.nan], [0.3, 0.3], line(responses(LEVELS)))
