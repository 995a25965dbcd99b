"""Simulated qPCR plates: the truth comes back through the whole path, and the seed decides all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from assaykit.assays.qpcr import QpcrParameters, quantify
from assaykit.plate import annotate
from assaykit.simulate.biology import RUNX2, TNFSF11, draw_biology
from assaykit.simulate.qpcr import (
    LAST_CYCLE,
    OSTEOBLAST_TARGETS,
    VESICLE_TARGETS,
    CqNoise,
    osteoblast_run,
    vesicle_run,
)

EXACT = CqNoise(0.0, 0.0, 0.0)
KINDS = ("osteoblasts", "vesicles")


def run(kind, seed=1, noise=None):
    if kind == "vesicles":
        return vesicle_run(seed=seed, noise=noise)
    return osteoblast_run(draw_biology([RUNX2, TNFSF11], seed=seed), seed=seed, noise=noise)


def annotated(made, *, efficiencies=True):
    """The run as its filled template gives it; with or without the true efficiencies declared."""
    wells = annotate(made.readings, made.wells.drop(columns="cq"))
    targets = made.targets
    if efficiencies:
        true = {one.name: one.efficiency for one in (*OSTEOBLAST_TARGETS, *VESICLE_TARGETS)}
        targets = targets.assign(efficiency=targets["target"].map(true))
    samples = made.samples.drop(columns="sample", errors="ignore").set_axis(made.samples["sample"])
    for name in samples:
        wells[name] = wells["sample"].map(samples[name])
    for name in targets.columns.drop("target"):
        wells[name] = wells["target"].map(targets.set_index("target")[name])
    return wells.assign(
        biological_replicate=wells["biological_replicate"].fillna("").astype(str),
    )


def differences(made, parameters, *, efficiencies=True):
    """What was found and the truth, both as log2 of the ratio to the first sample."""
    table = quantify(annotated(made, efficiencies=efficiencies), parameters).tables["Targets"]
    both = table.merge(made.truth, left_on=["sample", "target"], right_on=["sample", "analyte"])
    assert len(both) == len(made.truth)
    both = both[both["true_value"] > 0]
    truth = np.log2(both["true_value"])
    own = both.groupby("target")
    found = -both["delta_cq"] + own["delta_cq"].transform("first")
    return found, truth - truth.groupby(both["target"]).transform("first")


def settings(kind):
    return QpcrParameters(normaliser="spike_in" if kind == "vesicles" else "reference")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 2022])
def test_without_noise_the_true_ratios_come_back(kind, seed):
    """Cq are rounded to three decimals, so two of them are at most 0.001 cycles apart."""
    found, truth = differences(run(kind, seed, EXACT), settings(kind))
    assert len(found) == {"osteoblasts": 24, "vesicles": 4}[kind]
    assert found.tolist() == pytest.approx(truth.tolist(), abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_without_noise_the_plates_own_standards_give_the_true_efficiencies(kind):
    made = run(kind, noise=EXACT)
    table = quantify(annotated(made, efficiencies=False), settings(kind)).tables["Efficiency"]
    true = {one.name: one.efficiency for one in (*OSTEOBLAST_TARGETS, *VESICLE_TARGETS)}
    assert table["efficiency_source"].eq("dilution series").all()
    assert table["efficiency"].tolist() == pytest.approx(
        [true[name] for name in table["target"]], abs=5e-4
    )
    found, truth = differences(made, settings(kind), efficiencies=False)
    assert found.tolist() == pytest.approx(truth.tolist(), abs=2e-3)


def test_the_amount_of_rna_is_taken_away_by_the_reference_genes():
    loaded = run("osteoblasts", noise=CqNoise(well=0.0, loading=0.6, reference=0.0))
    exact = run("osteoblasts", noise=EXACT)
    shift = (loaded.wells["cq"] - exact.wells["cq"]).abs()
    assert shift[loaded.wells["role"] == "sample"].max() > 0.3
    found, truth = differences(loaded, settings("osteoblasts"))
    assert found.tolist() == pytest.approx(truth.tolist(), abs=2e-3)


def test_noise_of_wells_and_reference_genes_has_the_size_that_it_says():
    """144 wells with 0.08 cycles; reference genes with 0.05 of the natural logarithm."""
    exact, noisy = (run("osteoblasts", noise=noise).wells for noise in (EXACT, CqNoise(loading=0)))
    samples = exact["role"] == "sample"
    error = (noisy["cq"] - exact["cq"])[samples & exact["target"].isin(["RUNX2", "TNFSF11"])]
    assert error.std() == pytest.approx(0.08, rel=0.3)
    own = (noisy["cq"] - exact["cq"])[samples & exact["target"].isin(["ACTB", "HPRT1"])]
    assert own.std() == pytest.approx(math.hypot(0.08, 0.05 / math.log(1.98)), rel=0.35)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_everything(kind):
    first, again, other = run(kind), run(kind), run(kind, seed=2)
    for name in ("wells", "samples", "targets", "truth"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert not first.wells["cq"].equals(other.wells["cq"])
    assert not first.truth["true_value"].equals(other.truth["true_value"])


def test_noise_changes_no_truth_and_another_plate_name_only_the_noise():
    biology = draw_biology([RUNX2, TNFSF11], seed=1)
    plain, loud = (osteoblast_run(biology, seed=1, noise=noise) for noise in (None, CqNoise(1.0)))
    pd.testing.assert_frame_equal(plain.truth, loud.truth)
    renamed = osteoblast_run(biology, seed=1, plate="another")
    pd.testing.assert_frame_equal(plain.truth, renamed.truth)
    assert not plain.wells["cq"].equals(renamed.wells["cq"])


def test_the_truth_is_that_of_the_biology():
    biology = draw_biology([RUNX2, TNFSF11], seed=3)
    truth = osteoblast_run(biology, seed=1).truth
    assert truth["true_value"].tolist() == biology.values["true_value"].tolist()
    other = replace(biology, values=biology.values.assign(assay="elisa").iloc[:12])
    both = replace(biology, values=pd.concat([other.values, biology.values]))
    assert osteoblast_run(both, seed=1).truth["true_value"].tolist() == truth["true_value"].tolist()


def test_the_knockout_has_none_and_is_undetermined():
    made = vesicle_run(seed=4)
    gone = made.truth.loc[made.truth["true_value"] == 0, "sample"]
    assert len(gone) == 4
    assert gone.str.endswith("KO vesicle").all()
    of_knockout = made.readings.set_index("target").loc["miR-143-3p"]
    wells = made.wells[made.wells["sample"].isin(gone) & (made.wells["target"] == "miR-143-3p")]
    flags = of_knockout.set_index("well").loc[wells["well"], "flag"]
    assert flags.eq("undetermined").all()
    assert made.samples["material"].eq("vesicles").all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_laid_out_as_its_tables_say(kind):
    made = run(kind)
    wells = made.wells
    assert wells["well"].is_unique
    assert made.plate_format in (96, 384)
    assert wells["cq"].dropna().lt(LAST_CYCLE).all()
    assert wells["cq"].dropna().mul(1000).round(6).mod(1).eq(0).all()
    assert set(wells["target"]) == set(made.targets["target"])
    assert set(wells.query("role == 'sample'")["sample"]) == set(made.samples["sample"])
    assert set(made.truth["sample"]) == set(made.samples["sample"])
    standards = wells[wells["role"] == "standard"]
    assert standards.groupby("target")["nominal_concentration"].nunique().eq(5).all()
    empty = wells["role"].isin(["ntc", "nrt"])
    assert wells.loc[empty, "cq"].isna().all()
    assert set(wells.loc[wells["role"] == "ntc", "target"]) == set(made.targets["target"])


def test_samples_lie_within_their_standards():
    for seed in range(10):
        wells = run("osteoblasts", seed).wells
        for _, own in wells.groupby("target"):
            cq = own.groupby("role")["cq"]
            low, high = cq.min(), cq.max()
            assert low["standard"] < low["sample"]
            assert high["sample"] < high["standard"]
