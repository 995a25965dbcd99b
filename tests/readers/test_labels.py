from __future__ import annotations

import pytest

from assaykit.readers.labels import Label, channel_name, is_note, parse_label, unit_of


@pytest.mark.parametrize(
    ("text", "plate", "channel"),
    [
        ("od_450", "", "od_450"),
        ("450", "", "od_450"),
        ("A450", "", "od_450"),
        ("A 450", "", "od_450"),
        ("Signal A", "", "signal_a"),
        ("Abs 450nm", "", "od_450"),
        ("吸光度 ４５０ nm", "", "od_450"),
        ("Wavelength: 570 nm", "", "od_570"),
        ("Plate 1 450 nm", "Plate 1", "od_450"),
        ("plate_A", "plate_A", ""),
        ("Plate 2 - A450", "Plate 2", "od_450"),
        ("Plate: P07, 450 nm", "P07", "od_450"),
        ("Plate: P07 450 nm", "P07", "od_450"),
        ("Plate name: Mouse A", "Mouse A", ""),
        ("プレート 3", "プレート 3", ""),
        ("Plate 450 nm", "", "od_450"),
        ("OD", "", "od"),
        ("Raw data", "", ""),
        ("<>", "", ""),
        ("", "", ""),
        ("RANKL", "", "rankl"),
    ],
)
def test_a_label_names_plate_and_channel(text, plate, channel):
    assert parse_label(text) == Label(plate, channel)


@pytest.mark.parametrize("text", ["Blank corrected 450", "450-570", "Reduced 450", "Mean A450"])
def test_what_is_no_raw_wavelength_is_never_called_one(text):
    channel = channel_name(text)
    assert channel not in ("od_450", "od_570")
    assert unit_of(channel) == ""


@pytest.mark.parametrize("text", ["Cq", "Ct", "Cp", "CT", "C\u0442", "C\u0422", "CRT", "Crt"])
def test_every_spelling_of_cq_is_one_channel(text):
    assert channel_name(text) == "cq"


def test_a_remark_is_a_note_and_a_label_is_none():
    assert is_note("Operator: Tanaka")
    assert is_note("Date: 2026-03-01")
    assert not is_note("Wavelength: 450 nm")
    assert not is_note("Plate: P7")
    assert not is_note("450")


def test_wavelengths_cq_and_melting_peaks_have_units_and_other_channels_none():
    names = ("od_450", "od_1000", "od", "cq", "tm_1", "melt_peak_height_1", "tm_value")
    assert [unit_of(name) for name in names] == ["OD", "OD", "", "cycles", "°C", "", ""]


@pytest.mark.parametrize(
    ("text", "channel"),
    [("Tm1", "tm_1"), ("Tm 2", "tm_2"), ("Tm", "tm_1"), ("Melt Peak Height", "melt_peak_height_1"),
     ("tm_3", "tm_3"), ("melt_peak_height_2", "melt_peak_height_2"), ("Tmax", "tmax")],
)  # fmt: skip
def test_melting_peaks_are_numbered_channels(text, channel):
    assert channel_name(text) == channel
