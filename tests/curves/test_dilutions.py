"""Dilution linearity and the hook effect, counted by hand."""

import numpy as np
import pytest

from assaykit.curves import dilution_linearity, hook_effect
from assaykit.errors import CurveError


class TestLinearity:
    def test_by_hand(self):
        """Recovery against the least diluted dilution that has a number, here 1:2."""
        table = dilution_linearity(
            [1, 1, 2, 2, 4, 4, 8, 8], [np.nan, np.nan, 48, 52, 22, np.nan, 8, 10]
        )
        assert table["dilution_factor"].tolist() == [1.0, 2.0, 4.0, 8.0]
        assert table["n"].tolist() == [0, 2, 1, 2]
        means = table["back_calculated_concentration"].tolist()
        assert means == pytest.approx([np.nan, 50.0, 22.0, 9.0], nan_ok=True)
        corrected = table["corrected_concentration"].tolist()
        assert corrected == pytest.approx([np.nan, 100.0, 88.0, 72.0], nan_ok=True)
        recovery = table["recovery_percent"].tolist()
        assert recovery == pytest.approx([np.nan, 100.0, 88.0, 72.0], nan_ok=True)
        assert table["passed"].isna().tolist() == [True, True, False, False]
        assert table["passed"].tolist()[2:] == [True, False]

    def test_order_of_wells_does_not_matter(self):
        one = dilution_linearity([4, 1, 2], [30.0, 100.0, 55.0])
        assert one.equals(dilution_linearity([1, 2, 4], [100.0, 55.0, 30.0]))

    def test_nothing_in_range_has_no_recovery(self):
        table = dilution_linearity([1, 2], [np.nan, np.nan])
        assert table["recovery_percent"].isna().all()
        assert table["passed"].isna().all()

    def test_own_tolerance(self):
        table = dilution_linearity([1, 2], [100.0, 44.0], tolerance_percent=10)
        assert table["passed"].tolist()[1] is False

    @pytest.mark.parametrize(
        ("fold", "values", "match"),
        [
            ([1, 2], [1.0], "found 2 factors and 1 values"),
            ([0, 2], [1.0, 2.0], "must be a number above zero"),
            ([np.nan, 2], [1.0, 2.0], "must be a number above zero"),
        ],
    )
    def test_impossible_series_say_why(self, fold, values, match):
        with pytest.raises(CurveError, match=match):
            dilution_linearity(fold, values)


class TestHook:
    def test_a_weaker_undiluted_well_is_a_hook(self):
        hook = hook_effect([1, 1, 10, 10, 100, 100], [1.0, 1.2, 2.1, 2.3, 0.6, 0.8])
        assert hook.detected
        assert hook.strongest_dilution_factor == 10.0
        assert hook.drop_percent == pytest.approx(50.0)

    def test_an_ordinary_series_is_none(self):
        hook = hook_effect([1, 10, 100], [2.8, 1.4, 0.3])
        assert not hook.detected
        assert (hook.strongest_dilution_factor, hook.drop_percent) == (1.0, 0.0)

    def test_scatter_on_the_plateau_is_none(self):
        hook = hook_effect([1, 10, 100], [2.75, 2.90, 1.0])
        assert hook.drop_percent == pytest.approx(100 * 0.15 / 2.90)
        assert not hook.detected
        assert hook_effect([1, 10, 100], [2.75, 2.90, 1.0], tolerance_percent=5).detected

    def test_a_falling_curve_hooks_upwards(self):
        assert hook_effect([1, 10, 100], [1.6, 0.4, 1.9], falling=True).detected
        assert not hook_effect([1, 10, 100], [0.4, 1.6, 1.9], falling=True).detected

    def test_wells_without_a_reading_are_left_out(self):
        hook = hook_effect([1, 10, 100], [np.inf, 1.4, 0.3])
        assert (hook.detected, hook.strongest_dilution_factor) == (False, 10.0)

    def test_one_dilution_cannot_hook(self):
        assert not hook_effect([5], [1.0]).detected

    def test_no_reading_at_all(self):
        with pytest.raises(CurveError, match="No well of the sample has a finite response"):
            hook_effect([1, 2], [np.nan, np.nan])
