"""Rules about Cq: each is silent at its limit and speaks just beyond it."""

import math

import pandas as pd
import pytest

from assaykit import qc
from assaykit.assays.qpcr import QpcrParameters
from assaykit.qc import qpcr_rules as rules

WELLS = pd.DataFrame({"plate": ["p"], "well": ["A1"], "target": ["RUNX2"], "material": ["cells"]})
REPLICATES = {
    "plate": "p", "sample": "s1", "target": "RUNX2", "wells": "A1, A2, A3", "n_wells": 3,
    "n_undetermined": 0, "mean_cq": 25.0, "sd_cq": 0.1, "spread_cq": 0.2, "outlier": "",
    "mean_cq_without": math.nan, "log2_quantity_shift": math.nan,
}  # fmt: skip
CONTROL = {
    "plate": "p", "kind": "no template", "sample": "water", "target": "RUNX2", "wells": "H1, H2",
    "n_wells": 2, "n_with_cq": 1, "lowest_cq": 36.0, "latest_sample_cq": 26.0, "distance": 10.0,
}  # fmt: skip
EFFICIENCY = {
    "target": "RUNX2", "role": "target", "efficiency": 0.96, "efficiency_source": "dilution series",
    "slope": -3.4, "intercept": 35.2, "r_squared": 0.998, "lowest": 10.0, "highest": 10000.0,
    "verdict": "",
}  # fmt: skip
NO_SERIES = dict.fromkeys(("slope", "intercept", "r_squared", "lowest", "highest"), math.nan)
MELT = {"plate": "p", "well": "A1", "sample": "s1", "target": "RUNX2", "tm": 84.0,
        "verdict": "one product"}  # fmt: skip
ACTB, B2M, TBP = ({"gene": gene, "role": "reference", "m": 0.4} for gene in ("ACTB", "B2M", "TBP"))
CLEAN = {
    "Technical replicates": [REPLICATES], "Controls": [CONTROL], "Efficiency": [EFFICIENCY],
    "Melt": [MELT], "Reference genes": [ACTB, B2M, TBP], "MIQE": [{"item": "x", "answer": "y"}],
}  # fmt: skip


def evidence(wells=WELLS, limits=None, **tables):
    """A clean plate; a table that is named is put together from its changed rows."""
    every = CLEAN | {name.replace("_", " "): rows for name, rows in tables.items()}
    made = {name: pd.DataFrame(rows) for name, rows in every.items()}
    return qc.Evidence(wells, pd.DataFrame(), made, {}, limits or qc.Limits())


def replicates(**changes):
    return evidence(Technical_replicates=[REPLICATES | changes])


def controls(**changes):
    return evidence(Controls=[CONTROL | changes])


def efficiency(**changes):
    return evidence(Efficiency=[EFFICIENCY | changes])


def genes(*rows):
    return evidence(Reference_genes=rows)


def vesicles(target, material="vesicles"):
    return evidence(WELLS.assign(target=target, material=material))


U6 = ("U6", "RNU6B", "RNU6-1", "U6 snRNA", "rnu48")
# Rule, what is still allowed, what is not.
CASES = [
    (rules.replicate_spread, replicates(spread_cq=0.5), replicates(spread_cq=0.501)),
    (rules.undetermined_replicates, replicates(n_undetermined=3, n_wells=0, mean_cq=math.nan),
     replicates(n_undetermined=1, n_wells=2)),
    (rules.control_cq, controls(distance=5.0), controls(distance=4.99)),
    (rules.control_cq, controls(n_with_cq=0, lowest_cq=math.nan, distance=math.nan),
     controls(distance=math.nan)),
    (rules.missing_controls, controls(n_with_cq=0), controls(kind="no reverse transcription")),
    (rules.missing_controls, evidence(), controls(target="TNFSF11")),
    (rules.amplification_efficiency, efficiency(efficiency=0.90), efficiency(efficiency=0.899)),
    (rules.amplification_efficiency, efficiency(efficiency=1.10), efficiency(efficiency=1.101)),
    (rules.amplification_efficiency, efficiency(r_squared=0.98), efficiency(r_squared=0.979)),
    (rules.amplification_efficiency, efficiency(efficiency_source="declared", **NO_SERIES),
     efficiency(efficiency_source="assumed", efficiency=1.0, **NO_SERIES)),
    (rules.amplification_efficiency, efficiency(), efficiency(verdict="It has 2 levels.")),
    (rules.linear_range, replicates(mean_cq=21.6), replicates(mean_cq=21.59)),
    (rules.linear_range, replicates(mean_cq=31.8), replicates(mean_cq=31.81)),
    (rules.late_cq, replicates(mean_cq=35.0), replicates(mean_cq=35.01)),
    (rules.melt_peaks, evidence(), evidence(Melt=[MELT | {"verdict": "second peak of 40%"}])),
    (rules.reference_genes, genes(ACTB, B2M), genes(ACTB)),
    (rules.reference_genes, genes(ACTB, TBP | {"m": 1.5}), genes(ACTB, TBP | {"m": 1.51})),
    *((rules.cellular_reference_in_vesicles, vesicles(name, "cells"), vesicles(name))
      for name in U6),
    (rules.cellular_reference_in_vesicles, vesicles("miR-16"), vesicles("U6", "EXOSOMES of MC3T3")),
]  # fmt: skip
OWN = [rule for rule in qc.RULES if rule.__module__ == rules.__name__]


def test_every_rule_has_its_limit():
    assert {rule for rule, _, _ in CASES} == set(OWN)


@pytest.mark.parametrize(("rule", "allowed", "broken"), CASES)
def test_a_rule_is_silent_at_its_limit_and_speaks_beyond_it(rule, allowed, broken):
    assert rule(allowed) == []
    remarks = rule(broken)
    assert remarks
    for remark in remarks:
        assert (remark.rule, remark.plate) == (rule.__name__, "p")
        assert remark.severity in ("note", "warning", "failure")
        assert remark.message.endswith(".")


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.__name__)
def test_a_clean_plate_or_one_of_another_assay_has_nothing_to_remark(rule):
    assert rule(evidence()) == []
    other = pd.DataFrame({"plate": ["p"], "well": ["A1"]})
    assert rule(qc.Evidence(other, pd.DataFrame())) == []
    assert rule.__doc__.strip().endswith(".")


def test_a_spread_without_an_outlier_names_none():
    (remark,) = rules.replicate_spread(replicates(spread_cq=0.8))
    assert remark.message == (
        "The technical replicates of RUNX2 in s1 are 0.80 cycles apart. All of them count; exclude "
        "a well by hand, with a reason, if you know what went wrong."
    )
    assert (remark.wells, remark.analyte, remark.unit) == ("A1, A2, A3", "RUNX2", "cycles")
    assert (remark.measured, remark.limit) == (0.8, 0.5)


def test_an_outlier_is_told_with_the_quantity_without_it():
    outlier = {"outlier": "A3", "mean_cq_without": 23.0, "log2_quantity_shift": 2.0}
    (remark,) = rules.replicate_spread(replicates(spread_cq=6.0, **outlier))
    assert "Well A3 is the farthest from their median" in remark.message
    assert "without it the quantity of RUNX2 is 4-fold. All of them count" in remark.message


@pytest.mark.parametrize(
    ("distance", "severity"), [(4.99, "warning"), (2.5, "warning"), (2.49, "failure")]
)
def test_a_control_that_is_as_near_as_half_the_limit_is_a_failure(distance, severity):
    (remark,) = rules.control_cq(controls(distance=distance))
    assert remark.severity == severity
    assert f"{distance:.1f} cycles from the latest sample; 5 are asked for" in remark.message


def test_a_control_without_samples_beside_it_tells_no_distance():
    (remark,) = rules.control_cq(controls(distance=math.nan))
    assert remark.severity == "warning"
    assert "has a Cq of 36.0; 5 are asked for" in remark.message


def test_missing_controls_names_every_target_once():
    both = [EFFICIENCY, EFFICIENCY | {"target": "ACTB"}, EFFICIENCY | {"target": "ACTB"}]
    (remark,) = rules.missing_controls(evidence(Efficiency=both, Controls=[]))
    assert remark.message == "No no-template control for RUNX2, ACTB."


@pytest.mark.parametrize(("value", "limit"), [(0.8, 0.90), (1.9, 1.10)])
def test_the_limit_that_an_efficiency_crossed_is_told(value, limit):
    (remark,) = rules.amplification_efficiency(efficiency(efficiency=value))
    assert (remark.measured, remark.limit, remark.analyte) == (value, limit, "RUNX2")
    assert f"({100 * value:.0f} %)" in remark.message


def test_an_efficiency_may_be_wrong_in_several_ways():
    bad = efficiency(efficiency=1.3, r_squared=0.9)
    assert [remark.measured for remark in rules.amplification_efficiency(bad)] == [1.3, 0.9]
    none = efficiency(efficiency=1.0, efficiency_source="assumed", verdict="Why not.", **NO_SERIES)
    severities = [remark.severity for remark in rules.amplification_efficiency(none)]
    assert severities == ["note", "warning"]


def test_samples_outside_the_dilution_series_are_listed_with_its_range():
    rows = [REPLICATES | {"sample": name, "mean_cq": cq}
            for name, cq in (("early", 20.0), ("fine", 25.0), ("late", 33.0))]  # fmt: skip
    (remark,) = rules.linear_range(evidence(Technical_replicates=rows))
    assert "RUNX2 in early, late lies outside the dilution series (Cq 21.6 to 31.8)" in (
        remark.message
    )


def test_reference_genes_lie_in_their_dilution_series_too():
    rows = [REPLICATES | {"target": "ACTB", "mean_cq": 15.0}]
    series = [EFFICIENCY | {"target": "ACTB", "role": "reference"}]
    (remark,) = rules.linear_range(evidence(Technical_replicates=rows, Efficiency=series))
    assert remark.analyte == "ACTB"


def test_a_spike_in_alone_is_no_single_reference_gene():
    assert rules.reference_genes(genes(ACTB | {"role": "spike_in"})) == []


def test_the_settings_of_a_plate_draw_the_lines():
    limits = qc.Limits.of(QpcrParameters(spread_limit=1.0, late_cq=30.0, control_distance=8.0))
    tables = {"Technical_replicates": [REPLICATES | {"spread_cq": 0.9, "mean_cq": 31.0}],
              "Controls": [CONTROL | {"distance": 7.0}]}  # fmt: skip
    found = evidence(limits=limits, **tables)
    spoken = [rule.__name__ for rule in OWN if rule(found)]
    assert spoken == ["control_cq", "late_cq"]
