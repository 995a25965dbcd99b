"""Each nuisance does exactly what its parameter says; the expected numbers follow by hand."""

from __future__ import annotations

import numpy as np
import pytest

from assaykit.simulate import NO_NOISE, Layout, Noise, Nuisances, elisa_plate
from assaykit.simulate.elisa import ElisaKit, FourParameter
from assaykit.simulate.randomness import generator, log_sd

BACKGROUND = 0.042


def signal(plate):
    """Reading minus background, by well."""
    readings = plate.readings[plate.readings["channel"] == "od_450"]
    return readings.set_index("well")["value"] - BACKGROUND


def ratio_to_clean(**nuisances):
    """Signal with a nuisance over the signal without it."""
    clean = signal(elisa_plate(seed=1, noise=NO_NOISE))
    return signal(elisa_plate(seed=1, noise=NO_NOISE, nuisances=Nuisances(**nuisances))) / clean


def test_without_noise_every_reading_is_the_models():
    plate = elisa_plate(seed=4, noise=NO_NOISE)
    x = plate.well_truth.set_index("well")["true_concentration"]
    a, b, c, d = (plate.curve[name] for name in "abcd")
    expected = d + (a - d) / (1 + (x / c) ** b)
    assert signal(plate).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)
    reference = plate.readings[plate.readings["channel"] == "od_570"]["value"]
    assert (reference == BACKGROUND).all()


def test_the_curve_at_known_points():
    curve = FourParameter(a=0.1, b=2.0, c=50.0, d=3.1)
    assert curve(np.array([0.0, 50.0, 150.0])).tolist() == pytest.approx([0.1, 1.6, 2.8])


def test_an_edge_effect_lifts_the_outer_wells_only():
    ratio = ratio_to_clean(edge=0.1)
    outer = [well for well in ratio.index if well[0] in "AH" or well[1:] in ("1", "12")]
    assert ratio[outer].to_numpy() == pytest.approx(1.1)
    assert ratio.drop(outer).to_numpy() == pytest.approx(1.0)
    assert len(outer) == 36


def test_drift_rises_evenly_from_the_first_to_the_last_column():
    ratio = ratio_to_clean(drift=0.22)
    assert ratio[["C1", "C6", "C12"]].tolist() == pytest.approx([1.0, 1.1, 1.22])


def test_an_outlier_is_one_well():
    ratio = ratio_to_clean(outliers={"C4": 3.0})
    assert ratio["C4"] == pytest.approx(3.0)
    assert ratio.drop("C4").to_numpy() == pytest.approx(1.0)


def test_saturated_wells_have_a_flag_and_no_number():
    plate = elisa_plate(seed=1, noise=NO_NOISE, nuisances=Nuisances(saturation=1.5))
    readings = plate.readings[plate.readings["channel"] == "od_450"].set_index("well")
    clean = signal(elisa_plate(seed=1, noise=NO_NOISE)) + BACKGROUND
    assert (readings["value"].isna() == (clean > 1.5)).all()
    assert (readings["flag"] == np.where(clean > 1.5, "saturated", "")).all()
    assert readings.loc["A1", "flag"] == "saturated"


def test_a_hook_turns_the_curve_at_excess():
    kit = ElisaKit(
        Layout((8000.0, 4000.0, 2000.0, 1000.0, 500.0)), FourParameter(0.06, 1.15, 900.0, 3.2)
    )
    plate = elisa_plate(seed=1, kit=kit, noise=NO_NOISE, nuisances=Nuisances(hook=4.0))
    top_down = signal(plate)[["A1", "B1", "C1", "D1", "E1"]].tolist()
    assert top_down[0] < top_down[1] < top_down[2]  # falls at excess
    assert top_down[3] > top_down[4]  # rises as usual below it
    full = kit.curve(np.array([8000.0]))[0]
    assert top_down[0] == pytest.approx(0.06 + (full - 0.06) / 5)


def test_a_nuisance_leaves_the_random_errors_as_they_are():
    noisy, lifted = (
        elisa_plate(seed=1, noise=Noise(reader_sd=0.0), nuisances=Nuisances(edge=edge))
        for edge in (0.0, 0.1)
    )
    inner = ["B3", "C4", "G11"]
    assert signal(noisy)[inner].tolist() == signal(lifted)[inner].tolist()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_reproduces_the_plate(seed):
    assert elisa_plate(seed=seed).readings.equals(elisa_plate(seed=seed).readings)
    assert not elisa_plate(seed=seed).readings.equals(elisa_plate(seed=seed + 1).readings)


def test_wells_of_one_tube_share_its_pipetting_error():
    plate = elisa_plate(seed=3, noise=Noise(well_cv=0.0, pipetting_cv=0.05, reader_sd=0.0))
    found = signal(plate)
    assert found["A3"] == found["A4"] == found["A5"]
    clean = signal(elisa_plate(seed=3, noise=NO_NOISE))
    assert found["A3"] != clean["A3"]
    assert found["A12"] == clean["A12"]  # a blank has nothing to pipette


def test_the_noise_of_wells_has_the_stated_size():
    clean = signal(elisa_plate(seed=0, noise=NO_NOISE))
    noise = Noise(well_cv=0.05, pipetting_cv=0.0, reader_sd=0.0)
    errors = []
    for seed in range(20):
        plate = elisa_plate(seed=seed, noise=noise)
        own = signal(elisa_plate(seed=seed, noise=NO_NOISE))
        errors.append(np.log(signal(plate) / own))
    assert len(clean) == 96
    found = np.std(errors)
    stated = log_sd(0.05)
    assert found == pytest.approx(stated, abs=4 * stated / np.sqrt(2 * 96 * 20))


def test_a_coefficient_of_variation_is_that_of_the_lognormal():
    draws = np.exp(generator(1, "test").normal(0, log_sd(0.3), 200_000))
    assert draws.std() / draws.mean() == pytest.approx(0.3, abs=0.005)
