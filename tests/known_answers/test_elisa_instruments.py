"""Concentrations and range flags that instruments' own software printed, reproduced.

SoftMax Pro, Gen5 and SkanIt fit a plain unweighted curve with the zero standard at x = 0;
what they call out of range differs, and is stated at each test.
"""

import json

import numpy as np
import pytest
from shared_data import shared

from assaykit.curves import concentration_at, fit_standard_curve

OUT_OF_RANGE = {"below_lloq", "above_uloq", "beyond_asymptote"}


def plate(name):
    return json.loads(shared("elisa", f"{name}.json").read_text())


def standards(data):
    points = [(s["conc"], s["od"]) for s in data["standards"] if not s.get("masked")]
    return np.array(points).T


def half_last_digit(text):
    """Half of the last printed digit: 0.0005 for '12.345'."""
    decimals = len(text.partition(".")[2])
    return 0.5 * 10.0**-decimals


def half_of_significant(values, digits):
    """Half of the last digit of numbers that were printed with so many significant digits."""
    return 0.5 * 10.0 ** (np.floor(np.log10(np.abs(values))) - digits + 1)


def softmax_results(data, column):
    """Response and printed result of every well, in the file's order."""
    rows = [(row["od"], row["vendor"].get(column)) for row in data["results"]]
    return [(od, text) for od, text in rows if text]


class TestSoftMaxFourParameter:
    @pytest.fixture
    def data(self):
        return plate("softmax_hcp_elisa_partial_rows")

    @pytest.fixture
    def curve(self, data):
        return fit_standard_curve(*standards(data))

    def test_every_printed_concentration_is_reproduced(self, data, curve):
        wells = [(od, c) for od, c in softmax_results(data, "Result") if c != "Range?"]
        found = curve.back_calculate([od for od, _ in wells], extrapolate=True)["concentration"]
        printed = np.array([float(c) for _, c in wells])
        assert len(wells) == 90
        assert np.abs(found - printed).max() <= 0.0005

    def test_range_question_mark_is_beyond_the_asymptote(self, data, curve):
        wells = softmax_results(data, "Result")
        flags = curve.back_calculate([od for od, _ in wells])["flag"]
        beyond = [c == "Range?" for _, c in wells]
        assert sum(beyond) == 2
        assert (flags == "beyond_asymptote").tolist() == beyond

    def test_what_softmax_extrapolates_silently_has_a_flag_and_no_number(self, data, curve):
        """SoftMax gives 399.079 ng/mL beyond a top standard of 200, and 0.067 below 2."""
        wells = [(od, c) for od, c in softmax_results(data, "Result") if c != "Range?"]
        table = curve.back_calculate([od for od, _ in wells])
        printed = np.array([float(c) for _, c in wells])
        assert (table["flag"] == "above_uloq").tolist() == (printed > 200).tolist()
        assert (table["flag"] == "below_lloq").tolist() == (printed < 2).tolist()
        assert table["concentration"].isna().tolist() == ((printed < 2) | (printed > 200)).tolist()

    def test_its_in_the_range_is_ours_within_the_limits_that_it_used(self, data, curve):
        """The person set limits on the mean OD: 0.186 and 2.380 (means of standards C and F)."""
        limited = curve.with_limits(*concentration_at(curve, [0.186, 2.380]))
        seen = 0
        for first, second in zip(data["results"], data["results"][1:], strict=False):
            said = first["vendor"].get("Range")
            if not said:
                continue
            mean = np.mean([first["od"], second["od"]])
            flag = limited.back_calculate(mean, replicates=2)["flag"][0]
            assert (flag == "") == (said == "In the range"), first["well"]
            seen += 1
        assert seen == 39


class TestSoftMaxLogLog:
    """Standards of two plates, one line through the logarithms of the level means."""

    @pytest.fixture
    def data(self):
        return plate("softmax_two_plate_example01")

    def test_every_printed_concentration_is_reproduced(self, data):
        curve = fit_standard_curve(*standards(data), model="loglog")
        wells = softmax_results(data, "BackCalcConc") + softmax_results(data, "Conc")
        found = curve.back_calculate([od for od, _ in wells], extrapolate=True)["concentration"]
        assert len(wells) == 186
        assert np.abs(found - [float(c) for _, c in wells]).max() <= 0.0005

    def test_a_4pl_is_refused_because_nothing_bends_towards_a_plateau(self, data):
        with pytest.raises(ValueError, match=r"d \(.*cannot be identified.*plateau at high"):
            fit_standard_curve(*standards(data))


class TestGen5FourParameter:
    @pytest.fixture
    def data(self):
        return plate("gen5_fluorescamine_4pl")

    @pytest.fixture
    def curve(self, data):
        return fit_standard_curve(*standards(data))

    @staticmethod
    def signals(data):
        return {well: float(value) for well, value in data["reads"]["400/30,460/40"].items()}

    def test_every_printed_concentration_is_reproduced(self, data, curve):
        signals = self.signals(data)
        printed = {w: c for w, c in data["vendor_conc"].items() if not c.startswith(("<", ">"))}
        shown = np.array([signals[well] for well in printed])
        found = curve.back_calculate(shown, extrapolate=True)["concentration"]
        wanted = np.array([float(c) for c in printed.values()])
        assert len(printed) == 94
        assert np.abs(found - wanted).max() <= 0.0005
        assert np.abs(curve.predict(wanted) - shown).max() <= 0.5

    def test_its_out_of_range_is_ours_within_its_limits(self, data, curve):
        """It prints "<22.500", which is 5 % of the standards' range below their lowest, 50."""
        reach = 0.05 * (600 - 50)
        limited = curve.with_limits(50 - reach, 600 + reach)
        assert limited.lloq == 22.5
        signals = self.signals(data)
        flags = limited.back_calculate(list(signals.values()))["flag"]
        outside = [data["vendor_conc"][well].startswith(("<", ">")) for well in signals]
        assert sum(outside) == 2
        assert flags.isin(OUT_OF_RANGE).tolist() == outside

    def test_without_that_reach_nine_more_wells_are_out_of_range(self, data, curve):
        signals = self.signals(data)
        table = curve.back_calculate(list(signals.values()))
        extra = [
            well
            for well, flag in zip(signals, table["flag"], strict=True)
            if flag and not data["vendor_conc"][well].startswith("<")
        ]
        outside = [w for w, c in data["vendor_conc"].items() if not c.startswith("<")]
        outside = [w for w in outside if not 50 <= float(data["vendor_conc"][w]) <= 600]
        assert sorted(extra) == sorted(outside)
        assert len(extra) == 9

    def test_blank_subtraction_changes_only_the_plateaus(self, data, curve):
        conc, response = standards(data)
        lowered = fit_standard_curve(conc, response - 220.0)
        shifts = {name: lowered.parameters[name] - curve.parameters[name] for name in "abcd"}
        assert shifts["a"] == pytest.approx(-220.0, rel=1e-6)
        assert shifts["d"] == pytest.approx(-220.0, rel=1e-3)
        assert shifts["b"] == pytest.approx(0.0, abs=1e-8)
        assert shifts["c"] == pytest.approx(0.0, abs=1e-4)


def test_gen5_straight_line_in_signal_space():
    """All 96 wells, blanks among them.

    Gen5 shows three decimals but computes with all: rounding of the standards moves our line
    as well, so that a fifth is added to half of the last digit.
    """
    data = plate("gen5_bca_linear")
    curve = fit_standard_curve(*standards(data), model="linear")
    shown = data["reads"]["Blank 630nmAbsRead:630"]
    assert len(data["vendor_conc"]) == 96
    for well, printed in data["vendor_conc"].items():
        assert not printed.startswith(("<", ">"))
        signal = float(shown[well])
        distance = abs(curve.predict(float(printed)) - signal)
        assert distance <= 1.2 * half_last_digit(shown[well]), well


class TestSkanItFourParameter:
    @pytest.fixture
    def data(self):
        return plate("skanit_elisa_450_4pl")

    @staticmethod
    def signals(data):
        """Blank-subtracted ODs with all digits that the export shows.

        It prints four significant digits: above 1 the raw ODs (four decimals) say more.
        """
        raw, shown = data["raw_od450"], data["signal"]
        blank = (raw["H1"] + raw["H2"]) / 2
        return {w: raw[w] - blank if abs(s) >= 1 else s for w, s in shown.items()}

    def curve(self, data):
        signals, nominal = self.signals(data), data["standards_printed"]
        wells = [well for well in signals if data["sample"][well] in nominal]
        conc = [nominal[data["sample"][well]] for well in wells]
        return fit_standard_curve(conc, [signals[well] for well in wells])

    def test_every_printed_concentration_is_reproduced_to_its_rounding(self, data):
        """Both the signal and the concentration are rounded; each may be off by half a digit."""
        curve, signals = self.curve(data), self.signals(data)
        printed = {w: c for w, c in data["vendor_conc"].items() if not isinstance(c, str)}
        conc = np.array(list(printed.values()))
        shown = np.array([signals[well] for well in printed])
        of_signal = np.where(shown < 1, half_of_significant(shown, 4), 1e-4)
        of_conc = half_of_significant(conc, 4)
        slope = (curve.predict(conc + of_conc) - curve.predict(conc - of_conc)) / (2 * of_conc)
        assert len(printed) == 59
        assert (np.abs(curve.predict(conc) - shown) <= of_signal + slope * of_conc).all()

    def test_its_parameters_are_ours(self, data):
        curve = self.curve(data)
        for name, printed in data["vendor_params"].items():
            assert curve.parameters[name] == pytest.approx(printed, rel=3e-4), name

    def test_less_than_min_and_more_than_max_are_our_flags(self, data):
        """Its limits are the lowest and highest standard, which are our default."""
        curve, signals = self.curve(data), self.signals(data)
        table = curve.back_calculate(list(signals.values()))
        assert (curve.lloq, curve.uloq) == (0.016, 1.0)
        for well, flag in zip(signals, table["flag"], strict=True):
            said = str(data["vendor_conc"][well]).strip()
            if said == "> Max":
                assert flag == "above_uloq", well
            elif said == "< Min":
                assert flag in {"below_lloq", "beyond_asymptote"}, well
            else:
                assert flag == "", well
