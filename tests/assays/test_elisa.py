"""ELISA: exactly known concentrations come back; what cannot be known has a flag."""

import math

import numpy as np
import pandas as pd
import pytest

from assaykit.assays.elisa import ElisaParameters, quantify
from assaykit.errors import InputError, NothingToAnalyseError
from assaykit.tables import check_observations

RANKL = ElisaParameters(analyte="RANKL", subtract_blank=False)


def sample(plate, count, concentration, dilution=1.0, name="s1", **columns):
    given = {"sample": name, "dilution_factor": dilution, "biological_replicate": "M1"}
    return plate.add(count, "sample", concentration / dilution, **(given | columns))


def values(made):
    return made.observations["value"].to_numpy()


def test_known_concentrations_come_back_multiplied_by_their_dilution(elisa_plate):
    sample(elisa_plate, 3, 400.0, dilution=4.0, treatment="vesicle")
    made = quantify(elisa_plate.annotated(), RANKL)
    assert values(made) == pytest.approx([400.0] * 3, rel=1e-6)
    row = check_observations(made.observations).iloc[0]
    assert (row["analyte"], row["unit"], row["scale"]) == ("RANKL", "pg/mL", "log")
    assert row["back_calculated_concentration"] == pytest.approx(100.0, rel=1e-6)
    assert row["treatment"] == "vesicle"


def test_a_constant_blank_changes_nothing_in_a_four_parameter_curve(elisa_plate):
    sample(elisa_plate.add(2, "blank", None), 1, 100.0)
    with_blank = quantify(elisa_plate.annotated(), ElisaParameters(analyte="RANKL"))
    without = quantify(elisa_plate.annotated(), RANKL)
    assert values(with_blank) == pytest.approx(values(without), rel=1e-9)
    difference = without.observations["response"] - with_blank.observations["response"]
    assert difference.tolist() == pytest.approx([0.05])


def test_beyond_the_standards_there_is_a_flag_and_no_number(elisa_plate):
    sample(elisa_plate, 1, 3.0, name="low")
    sample(elisa_plate, 1, 900.0, name="high")
    elisa_plate.add(1, "sample", None, value=3.2, sample="over", biological_replicate="M1")
    made = quantify(elisa_plate.annotated(), RANKL).observations
    assert made["flags"].tolist() == ["below_lloq", "above_uloq", "beyond_asymptote"]
    assert made["value"].isna().all()


def test_extrapolation_gives_the_number_and_keeps_the_flag(elisa_plate):
    sample(elisa_plate, 1, 900.0)
    parameters = ElisaParameters(analyte="RANKL", extrapolate=True)
    made = quantify(elisa_plate.annotated(), parameters).observations
    assert made["value"].tolist() == pytest.approx([900.0], rel=1e-5)
    assert made["flags"].tolist() == ["above_uloq"]


def test_saturated_missing_and_excluded_wells_keep_their_rows(elisa_plate):
    sample(elisa_plate, 1, 100.0, name="good")
    elisa_plate.add(1, "sample", None, value=math.nan, flag="saturated", sample="a")
    elisa_plate.add(1, "sample", None, value=4.5, sample="b")
    sample(elisa_plate, 1, 100.0, name="c", excluded=True, reason="spilled")
    made = quantify(elisa_plate.annotated(), RANKL).observations
    assert made["flags"].tolist() == ["", "saturated", "saturated", ""]
    assert made["value"].notna().tolist() == [True, False, False, True]
    assert made["excluded"].tolist() == [False, False, False, True]


def test_a_well_that_was_not_read_says_so(elisa_plate):
    sample(elisa_plate, 2, 100.0)
    elisa_plate.readings.pop()
    made = quantify(elisa_plate.annotated(), RANKL).observations
    assert made["flags"].tolist() == ["", "no_reading"]


def test_an_excluded_standard_does_not_shape_the_curve(elisa_plate):
    elisa_plate.add(1, "standard", None, value=2.9, nominal_concentration=7.8125, excluded=True)
    sample(elisa_plate, 1, 100.0)
    assert values(quantify(elisa_plate.annotated(), RANKL)) == pytest.approx([100.0], rel=1e-6)


def test_a_reference_wavelength_is_subtracted(elisa_plate):
    sample(elisa_plate, 1, 100.0)
    main = pd.DataFrame(elisa_plate.readings)
    elisa_plate.readings += main.assign(channel="od_570", value=0.04).to_dict("records")
    for reading in elisa_plate.readings[: len(main)]:
        reading["value"] += 0.04
    parameters = ElisaParameters(reference_wavelength=570.0, subtract_blank=False)
    made = quantify(elisa_plate.annotated(), parameters)
    assert values(made) == pytest.approx([100.0], rel=1e-6)
    assert made.observations["response"].tolist() == pytest.approx([elisa_plate.curve(100.0)])


def test_dilutions_are_pooled_where_they_are_in_range(elisa_plate):
    sample(elisa_plate, 2, 1000.0, dilution=1.0)
    sample(elisa_plate, 3, 1000.0, dilution=4.0)
    sample(elisa_plate, 2, 1000.0, dilution=16.0)
    made = quantify(elisa_plate.annotated(), RANKL)
    (row,) = made.tables["Samples"].to_dict("records")
    assert row["concentration"] == pytest.approx(1000.0, rel=1e-6)
    assert (row["n_wells"], row["dilutions_used"]) == (5, "4, 16")
    assert row["dilutions_out_of_range"] == "1"
    (series,) = made.tables["Dilution series"].to_dict("records")
    assert series["n_dilutions"] == 3
    assert series["highest_recovery_percent"] == pytest.approx(100.0, abs=1e-3)
    assert not series["hook_effect"]


def test_the_interval_of_a_mean_is_narrower_than_that_of_a_well(elisa_plate):
    rng = np.random.default_rng(1)
    sample(elisa_plate, 3, 100.0)
    for reading in elisa_plate.readings:
        reading["value"] += rng.normal(0, 0.01)
    made = quantify(elisa_plate.annotated(), RANKL)
    well, mean = made.observations.iloc[0], made.tables["Dilutions"].iloc[0]
    assert mean["ci_high"] - mean["ci_low"] < well["ci_high"] - well["ci_low"]


def test_control_and_spike_recoveries_are_those_that_were_pipetted(elisa_plate):
    elisa_plate.add(2, "qc", 90.0, sample="high control", nominal_concentration=100.0)
    sample(elisa_plate, 2, 200.0, dilution=4.0)
    elisa_plate.add(2, "qc", 50.0 + 36.0, sample="s1", dilution_factor=4.0,
                    spiked_concentration=40.0, biological_replicate="M1")  # fmt: skip
    made = quantify(elisa_plate.annotated(), RANKL)
    table = made.tables["Controls"].set_index("kind")
    assert table.loc["control", "recovery_percent"] == pytest.approx(90.0, rel=1e-5)
    assert table.loc["spike", "recovery_percent"] == pytest.approx(90.0, rel=1e-5)


def test_a_spiked_well_must_not_pass_as_a_sample(elisa_plate):
    sample(elisa_plate, 1, 100.0, spiked_concentration=40.0)
    with pytest.raises(InputError, match="the role 'sample', expected qc"):
        quantify(elisa_plate.annotated(), RANKL)


def test_two_analytes_have_two_curves(build):
    plate = build(lambda x: 0.0 if x is None else 0.1 + 0.004 * x, "od_450")
    for analyte, factor in (("RANKL", 1.0), ("OPG", 2.0)):
        for level in (0, 50, 100, 200, 400, 500):
            plate.add(2, "standard", level * factor, nominal_concentration=level, analyte=analyte)
        plate.add(1, "sample", 150.0 * factor, sample="s", analyte=analyte)
    made = quantify(plate.annotated(), ElisaParameters(model="linear"))
    assert values(made) == pytest.approx([150.0, 150.0])
    assert set(made.curves) == {"p · RANKL", "p · OPG"}


def test_a_plate_without_standards_names_the_plate(build, elisa_plate):
    plate = build(elisa_plate.curve, "od_450").add(2, "sample", 100.0, sample="s")
    with pytest.raises(InputError, match="plate 'p'"):
        quantify(plate.annotated(), RANKL)


def test_another_wavelength_than_declared_lists_what_is_there(elisa_plate):
    sample(elisa_plate, 1, 100.0)
    with pytest.raises(NothingToAnalyseError, match="'od_405'; readings found: od_450"):
        quantify(elisa_plate.annotated(), ElisaParameters(wavelength=405.0))


def test_limits_and_detection_are_reported(elisa_plate):
    rng = np.random.default_rng(2)
    sample(elisa_plate, 1, 100.0)
    for reading in elisa_plate.readings:
        reading["value"] += rng.normal(0, 0.002)
    (row,) = quantify(elisa_plate.annotated(), RANKL).tables["Limits"].to_dict("records")
    assert (row["lloq"], row["uloq"]) == (7.8125, 500.0)
    assert row["accepted"]
    assert 0 < row["lob"] < row["lod"] < 7.8125
    assert row["lod_is_approximate"]


def test_the_steps_say_what_was_done(elisa_plate):
    sample(elisa_plate, 1, 100.0)
    steps = quantify(elisa_plate.annotated(), RANKL).steps
    text = " ".join(step.sentence for step in steps)
    assert "450 nm" in text
    assert "four-parameter logistic" in text
    assert "within 20 % (25 % at the ends)" in text
    assert any("ICH M10" in reference for step in steps for reference in step.references)
