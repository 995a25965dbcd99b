"""What is put in comes out: true ratios from the readings through the true curve."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from assaykit.simulate import (
    NO_NOISE,
    Nuisances,
    alizarin_extraction_plate,
    draw_biology,
    elisa_plate,
    study,
)
from assaykit.simulate.biology import CONTROL, KO_VESICLE, RANKL, VESICLE

SEEDS = range(120)


def log_concentrations(plate, channel, invert, reference=""):
    """Mean natural logarithm of the undiluted concentration, replicates × arms."""
    by_channel = plate.readings.pivot(index="well", columns="channel", values="value")
    signal = by_channel[channel] - (by_channel[reference] if reference else 0.0)
    wells = plate.wells[plate.wells["role"] == "sample"].set_index("well")
    found = np.log(invert(signal[wells.index]) * wells["dilution_factor"])
    means = found.groupby([wells["biological_replicate"], wells["treatment"]]).mean().unstack()
    return means[[CONTROL, VESICLE, KO_VESICLE]].to_numpy()


def elisa_logs(plate):
    a, b, c, d = (plate.curve[name] for name in "abcd")
    return log_concentrations(
        plate, "od_450", lambda y: c * ((a - d) / (y - d) - 1) ** (1 / b), "od_570"
    )


def alizarin_logs(plate):
    slope, intercept = plate.curve["slope"], plate.curve["intercept"]
    return log_concentrations(plate, "od_562", lambda y: (y - intercept) / slope)


def true_logs(plate):
    return np.log(plate.truth["true_value"].to_numpy().reshape(4, 3))


@pytest.mark.parametrize(
    ("make", "invert"), [(elisa_plate, elisa_logs), (alizarin_extraction_plate, alizarin_logs)]
)
def test_without_noise_the_truth_comes_back_exactly(make, invert):
    plate = make(seed=2, noise=NO_NOISE)
    assert invert(plate) == pytest.approx(true_logs(plate), rel=1e-9)


@pytest.mark.parametrize(
    ("make", "invert", "ratios"),
    [
        (elisa_plate, elisa_logs, (1.9, 1.25)),
        (alizarin_extraction_plate, alizarin_logs, (0.45, 0.80)),
    ],
)
def test_recovered_ratios_are_unbiased(make, invert, ratios):
    effects = []
    for seed in SEEDS:
        found = invert(make(seed=seed))
        effects.append((found[:, 1:] - found[:, :1]).mean(axis=0))
    mean = np.mean(effects, axis=0)
    error = np.std(effects, axis=0, ddof=1) / np.sqrt(len(SEEDS))
    assert (np.abs(mean - np.log(ratios)) < 3.5 * error).all()
    assert (error < 0.01).all()


@pytest.mark.parametrize("make", [elisa_plate, alizarin_extraction_plate])
def test_sample_wells_lie_within_the_standards(make):
    for seed in range(20):
        plate = make(seed=seed)
        samples = plate.wells["role"] == "sample"
        inside = plate.well_truth.loc[samples, "true_concentration"]
        positive = plate.wells["nominal_concentration"].loc[lambda x: x > 0]
        standards = positive[plate.wells["role"] == "standard"]
        assert standards.min() < inside.min()
        assert inside.max() < standards.max()


def test_an_alizarin_plate_is_read_once_at_562_nm():
    plate = alizarin_extraction_plate(seed=1)
    assert set(plate.readings["channel"]) == {"od_562"}
    assert set(plate.wells["analyte"]) == {"Alizarin red"}
    assert plate.curve == {"intercept": 0.045, "slope": 0.0021}
    assert plate.truth["unit"].unique().tolist() == ["µM"]


def test_a_given_biology_is_measured_as_it_is():
    biology = draw_biology([RANKL], seed=11)
    plate = elisa_plate(seed=1, biology=biology)
    assert plate.truth.equals(biology.values)
    assert not plate.readings.equals(elisa_plate(seed=11).readings)


def test_a_study_measures_the_same_cultures_twice():
    simulated = study(5)
    for plate, assay in ((simulated.elisa, "elisa"), (simulated.alizarin, "alizarin")):
        assert plate.truth.equals(simulated.biology.only(assay).values)
        assert plate.design is simulated.biology.design
    replicates = [
        set(p.wells["biological_replicate"]) for p in (simulated.elisa, simulated.alizarin)
    ]
    assert replicates[0] == replicates[1] == {"", "M1", "M2", "M3", "M4"}
    assert simulated.elisa.plate != simulated.alizarin.plate


def test_the_elisa_of_a_study_is_the_elisa_of_its_seed():
    assert study(5).elisa.readings.equals(elisa_plate(seed=5).readings)


def test_the_true_rescue_of_a_study_by_hand():
    effects = study(1).effects
    rescue = effects[(effects["contrast"] == "rescue_fraction") & (effects["assay"] != "qpcr")]
    assert rescue["true_value"].tolist() == pytest.approx(
        [
            1 - log(1.25) / log(1.9),
            1 - 0.25 / 0.9,
            1 - log(0.80) / log(0.45),
            1 - 0.20 / 0.55,
            1 - log(0.80) / log(0.45),  # of the odds of the area, which follow the dye
        ]
    )


def test_nuisances_reach_both_plates_of_a_study():
    clean, lifted = (
        study(1, noise=NO_NOISE),
        study(1, nuisances=Nuisances(edge=0.5), noise=NO_NOISE),
    )
    for name in ("elisa", "alizarin"):
        first, second = (getattr(s, name).readings.loc[0, "value"] for s in (clean, lifted))
        assert second > 1.4 * first
