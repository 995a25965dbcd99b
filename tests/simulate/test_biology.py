"""The truth is stated: each expected number is a parameter of the simulation."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from assaykit.design import Contrast, Design, Factor
from assaykit.errors import UsageError
from assaykit.simulate.biology import (
    CONTROL,
    KO_VESICLE,
    MINERAL,
    RANKL,
    TREATMENTS,
    VESICLE,
    Endpoint,
    draw_biology,
)


def log_values(endpoint, seeds, **options):
    """Natural logarithms of true values: seeds × replicates × arms."""
    drawn = [draw_biology([endpoint], seed=seed, **options).values for seed in seeds]
    return np.log([values["true_value"].to_numpy().reshape(-1, 3) for values in drawn])


def test_a_seed_reproduces_the_values_and_another_does_not():
    first, again, other = (draw_biology([RANKL], seed=seed).values for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_another_endpoint_changes_nothing():
    alone = draw_biology([RANKL], seed=5)
    both = draw_biology([MINERAL, RANKL], seed=5)
    assert both.only("elisa").values.equals(alone.values)
    assert len(both.values) == 24


def test_every_replicate_is_in_every_arm():
    values = draw_biology([RANKL], seed=1).values
    assert values["biological_replicate"].unique().tolist() == ["M1", "M2", "M3", "M4"]
    arms = values.groupby("biological_replicate")["arm"].agg(list)
    assert all(arm == [CONTROL, VESICLE, KO_VESICLE] for arm in arms)
    assert (values["treatment"] == values["arm"]).all()


def test_without_variation_the_values_are_the_stated_ones():
    still = Endpoint("elisa", "X", "concentration", "pg/mL", 100.0, {VESICLE: 1.9}, 0.0, 0.0)
    values = draw_biology([still], seed=1).values
    assert values["true_value"].tolist() == pytest.approx([100.0, 190.0, 100.0] * 4, rel=1e-12)


def test_the_variation_has_the_stated_standard_deviations():
    values = log_values(RANKL, range(300))
    differences = values[:, :, 1] - values[:, :, 0]
    # 1200 independent differences: the standard error of a standard deviation is SD/√(2·1199)
    within = differences.std(ddof=1) / np.sqrt(2)
    assert within == pytest.approx(RANKL.replicate_arm_sd, abs=4 * within / np.sqrt(2 * 1199))
    total = values[:, :, 0].std(ddof=1)
    stated = np.hypot(RANKL.replicate_sd, RANKL.replicate_arm_sd)
    assert total == pytest.approx(stated, abs=4 * stated / np.sqrt(2 * 1199))


def test_the_ratios_are_those_stated_on_average():
    values = log_values(MINERAL, range(300)).mean(axis=(0, 1))
    error = MINERAL.replicate_arm_sd * np.sqrt(2 / 1200)
    assert values[1] - values[0] == pytest.approx(log(0.45), abs=4 * error)
    assert values[2] - values[0] == pytest.approx(log(0.80), abs=4 * error)


def test_the_true_effects_are_the_planned_contrasts():
    effects = draw_biology([RANKL], seed=1).effects
    assert effects["contrast"].tolist() == [contrast.name for contrast in TREATMENTS.contrasts]
    assert effects["true_value"].tolist() == pytest.approx([1.9, 1.25, 1.9 / 1.25])


def test_rescue_fractions_by_hand():
    rescue = draw_biology([RANKL], seed=1).rescue_fractions(VESICLE, KO_VESICLE)
    by_scale = dict(zip(rescue["scale"], rescue["true_value"], strict=True))
    assert by_scale["linear"] == pytest.approx(1 - 0.25 / 0.9)
    assert by_scale["log"] == pytest.approx(1 - log(1.25) / log(1.9))


def test_two_factors_are_crossed():
    design = Design(
        (Factor("genotype", ("WT", "KO"), "WT"), Factor("treatment", ("none", "drug"), "none")),
        contrasts=(Contrast("drug in KO", "KO / drug", "KO / none"),),
    )
    endpoint = Endpoint("elisa", "X", "concentration", "pg/mL", 10.0, {"KO / drug": 3.0})
    biology = draw_biology([endpoint], seed=1, design=design, replicates=["a", "b"])
    assert biology.values["arm"].tolist()[:4] == [
        "WT / none", "WT / drug", "KO / none", "KO / drug",
    ]  # fmt: skip
    assert biology.values.loc[3, "genotype"] == "KO"
    assert biology.effects["true_value"].tolist() == pytest.approx([3.0])


def test_an_assay_that_was_not_planned_is_wrong_usage():
    with pytest.raises(UsageError, match="0 endpoints for 'qpcr'"):
        draw_biology([RANKL], seed=1).only("qpcr")
