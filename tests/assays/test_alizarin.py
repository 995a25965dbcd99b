"""Alizarin red by extraction: exactly known amounts of dye come back in their units."""

import pytest

from assaykit.assays.alizarin import AlizarinParameters, quantify
from assaykit.assays.alizarin.extraction import amount_unit
from assaykit.errors import InputError


def sample(plate, count, concentration, **columns):
    given = {"sample": "s1", "biological_replicate": "M1"}
    return plate.add(count, "sample", concentration, **(given | columns))


def by_endpoint(made):
    return dict(iter(made.observations.groupby("endpoint")))


def test_dye_concentrations_come_back_from_a_straight_line(alizarin_plate):
    sample(alizarin_plate, 2, 300.0)
    made = quantify(alizarin_plate.annotated(), AlizarinParameters())
    assert made.observations["value"].tolist() == pytest.approx([300.0] * 2)
    assert set(made.observations["unit"]) == {"µM"}
    assert set(made.observations["endpoint"]) == {"alizarin_red_concentration"}


def test_an_extraction_volume_gives_amounts_per_well(alizarin_plate):
    sample(alizarin_plate, 1, 300.0, dilution_factor=2.0)
    parts = by_endpoint(
        quantify(alizarin_plate.annotated(), AlizarinParameters(extraction_volume=500))
    )
    amount = parts["alizarin_red_amount"].iloc[0]
    # 600 µmol/L in 500 µL are 0.3 µmol = 300 nmol.
    assert (amount["value"], amount["unit"]) == (pytest.approx(300.0), "nmol")


@pytest.mark.parametrize(
    ("parameters", "columns", "value", "unit"),
    [
        ({"normalise_to": "well_area", "well_area": 1.9}, {}, 150 / 1.9, "nmol/cm2"),
        ({"normalise_to": "dna"}, {"dna_ng": 50.0}, 3.0, "nmol/ng DNA"),
        ({"normalise_to": "protein"}, {"protein_ug": 75.0}, 2.0, "nmol/µg protein"),
    ],
)
def test_normalisation_is_a_declared_choice(alizarin_plate, parameters, columns, value, unit):
    sample(alizarin_plate, 1, 300.0, **columns)
    chosen = AlizarinParameters(extraction_volume=500, **parameters)
    parts = by_endpoint(quantify(alizarin_plate.annotated(), chosen))
    row = parts["alizarin_red_normalised"].iloc[0]
    assert (row["value"], row["unit"]) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"normalise_to": "dna", "extraction_volume": 500}, "needs the block or column dna_ng"),
        ({"normalise_to": "well_area"}, "extraction_volume and the setting well_area"),
    ],
)
def test_a_normalisation_without_its_measure_is_refused(alizarin_plate, parameters, words):
    sample(alizarin_plate, 1, 300.0)
    with pytest.raises(InputError, match=words):
        quantify(alizarin_plate.annotated(), AlizarinParameters(**parameters))


def test_acetic_acid_extracts_are_read_at_405_nm(build, alizarin_plate):
    plate = build(alizarin_plate.curve, "od_405").add(2, "blank", None)
    for level in (0, 100, 200, 400, 800, 1000):
        plate.add(2, "standard", level, nominal_concentration=level)
    sample(plate, 1, 300.0)
    made = quantify(plate.annotated(), AlizarinParameters(extraction="acetic_acid"))
    assert made.observations["value"].tolist() == pytest.approx([300.0])
    text = " ".join(step.sentence for step in made.steps)
    assert "acetic acid" in text
    assert "405 nm" in text


@pytest.mark.parametrize(
    ("concentration", "per_microlitre"),
    # 1 µM · 1 µL = 1 pmol = 0.001 nmol; 1 µg/mL · 1 µL = 1 ng = 0.001 µg.
    [("µM", (0.001, "nmol")), ("μM", (0.001, "nmol")), ("mM", (1.0, "nmol")),
     ("ug/mL", (0.001, "µg")), ("mg/mL", (1.0, "µg"))],
)  # fmt: skip
def test_units_of_amounts(concentration, per_microlitre):
    assert amount_unit(concentration) == per_microlitre


def test_an_unknown_unit_cannot_become_an_amount(alizarin_plate):
    sample(alizarin_plate, 1, 300.0)
    parameters = AlizarinParameters(concentration_unit="U/mL", extraction_volume=500)
    with pytest.raises(InputError, match="cannot be computed from 'U/mL'"):
        quantify(alizarin_plate.annotated(), parameters)
