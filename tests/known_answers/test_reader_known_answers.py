"""Real plates, written as plain files, come back exactly; instruments' own exports are left alone.

The numbers are those that SoftMax Pro, Gen5 and SkanIt printed; the known answer is the number
itself.
"""

from __future__ import annotations

import json

import pytest
from shared_data import shared

from assaykit import readers
from assaykit.plate import PLATE_FORMATS, row_letters

PLATE = PLATE_FORMATS[96]
OWN_EXPORTS = (
    "bmg_mars", "envision", "gen5", "skanit", "design_and_analysis", "kaleido", "cfx_maestro",
    "softmax_pro", "quantstudio", "magellan",
)  # fmt: skip


def elisa(name):
    return json.loads(shared("elisa", f"{name}.json").read_text(encoding="utf-8"))


def block(values, corner, separator, decimal="."):
    """A plate as a block of text; wells without a value stay blank."""
    lines = [separator.join([corner, *map(str, range(1, 13))])]
    for row in map(row_letters, range(8)):
        cells = [str(values.get(f"{row}{column}", "")) for column in range(1, 13)]
        lines.append(separator.join([row, *(cell.replace(".", decimal) for cell in cells)]))
    return "\n".join(lines) + "\n"


def by_well(readings, channel):
    part = readings[readings["channel"] == channel]
    return dict(zip(part["well"], part["value"], strict=True))


def test_a_skanit_plate_comes_back_from_decimal_commas(tmp_path):
    plate = elisa("skanit_elisa_450_4pl")
    path = tmp_path / "skanit.txt"
    raw = block(plate["raw_od450"], "450", "\t", ",")
    subtracted = block(plate["blank_subtracted"], "blank subtracted 450", "\t", ",")
    path.write_text(f"{raw}\n{subtracted}", encoding="utf-16")
    readings = readers.read(path)
    assert by_well(readings, "od_450") == plate["raw_od450"]
    assert by_well(readings, "blank_subtracted_450") == plate["blank_subtracted"]
    assert set(readings.loc[readings["channel"] == "od_450", "unit"]) == {"OD"}


def test_two_softmax_plates_come_back_from_one_file(tmp_path):
    plates = elisa("softmax_two_plate_example01")["plates"]
    path = tmp_path / "two.csv"
    texts = [
        f"Plate: {name}, 450 nm\n" + block(plate["blocks_in_file_order"][0], "", ",")
        for name, plate in plates.items()
    ]
    path.write_text("\n".join(texts), encoding="utf-8")
    readings = readers.read(path)
    for name, plate in plates.items():
        own = readings[readings["plate"] == name]
        assert by_well(own, "od_450") == plate["blocks_in_file_order"][0]


def test_partial_rows_of_a_softmax_plate_come_back_as_a_list(tmp_path):
    values = elisa("softmax_hcp_elisa_partial_rows")["plates"]["Plate 1"]["blocks_in_file_order"][0]
    path = tmp_path / "list.csv"
    lines = [f"{well};{value}" for well, value in values.items()]
    path.write_text("\n".join(["Well;A450", *lines]), encoding="utf-8")
    assert by_well(readers.read(path), "od_450") == values


@pytest.mark.parametrize("read", ["400/30,460/40", "Conc"])
def test_a_gen5_plate_comes_back_with_its_flags(tmp_path, read):
    printed = elisa("gen5_fluorescamine_4pl")["reads"][read]
    path = tmp_path / "gen5.csv"
    path.write_text(block(printed, "gen5", ";"), encoding="utf-8")
    readings = readers.read(path)
    below = {well for well, text in printed.items() if text.startswith("<")}
    assert set(readings.loc[readings["flag"] == "below_range", "well"]) == below
    numbers = {well: float(text) for well, text in printed.items() if well not in below}
    found = by_well(readings[readings["flag"] == ""], "gen5")
    assert found == numbers


@pytest.mark.parametrize("folder", OWN_EXPORTS)
def test_plain_readers_leave_an_instruments_own_export_alone(folder):
    files = [f for f in shared("instruments", folder).iterdir() if f.suffix != ".json"]
    assert files
    for file in files:
        source = readers.open_source(file)
        assert not any(r.sniff(source) for r in readers.READERS if r.name in ("grid", "long_list"))
