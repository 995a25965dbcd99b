"""Each rule: silent on a clean plate, and speaking where its fault was planted by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from assaykit import qc
from assaykit.plate import plate_format

NAMES = plate_format(96).names


def wells(n=24):
    """Triplicates along the columns: A1, A2, A3 are one sample."""
    rows = []
    for index, name in enumerate(NAMES[: n * 2]):
        rows.append(
            {
                "plate": "p", "well": name, "row": name[0], "column": int(name[1:]),
                "role": "sample", "sample": f"s{index // 3}", "analyte": "RANKL",
                "biological_replicate": "1", "dilution_factor": 1.0, "excluded": False,
                "reason": "", "channel": "od_450", "value": 1.0, "flag": "", "source": "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def observations(table):
    return table.assign(endpoint="concentration", response=table["value"], flags=table["flag"])


def standards(**changes):
    row = {"plate": "p", "analyte": "RANKL", "nominal_concentration": 50.0, "cv_percent": 3.0,
           "concentration_unit": "pg/mL", "recovery_percent": 101.0, "passed": True}  # fmt: skip
    return pd.DataFrame([row | changes])


def limits(**changes):
    row = {"plate": "p", "analyte": "RANKL", "accepted": True, "levels_passed": 7,
           "levels_total": 7}  # fmt: skip
    return pd.DataFrame([row | changes])


def controls(**changes):
    row = {"plate": "p", "analyte": "RANKL", "kind": "control", "sample": "high",
           "recovery_percent": 104.0}  # fmt: skip
    return pd.DataFrame([row | changes])


def dilutions(**changes):
    row = {"plate": "p", "analyte": "RANKL", "role": "sample", "sample": "s0", "n_wells": 3,
           "biological_replicate": "1", "dilution_factor": 1.0, "cv_percent": 4.0}  # fmt: skip
    return pd.DataFrame([row | changes])


def series(**changes):
    row = {"plate": "p", "analyte": "RANKL", "sample": "s0", "lowest_recovery_percent": 96.0,
           "highest_recovery_percent": 107.0, "cv_percent": 5.0, "hook_effect": False}  # fmt: skip
    return pd.DataFrame([row | changes])


def evidence(table=None, observed=None, **tables):
    table = wells() if table is None else table
    clean = {"Standards": standards(), "Limits": limits(), "Controls": controls(),
             "Dilutions": dilutions(), "Dilution series": series()}  # fmt: skip
    observed = observations(table) if observed is None else observed
    return qc.Evidence(table, observed, clean | tables, {"p": 96})


def with_flag(flag):
    table = wells()
    table.loc[:1, "flag"] = flag
    table.loc[:1, "value"] = math.nan
    return table


def with_control_wells(high_sd):
    noise = np.resize([-1.0, 0.0, 1.0], 12)
    table = wells()
    table.loc[:11, "role"] = "positive_control"
    table.loc[:11, "value"] = 2.0 + high_sd * noise
    table.loc[12:23, "role"] = "negative_control"
    table.loc[12:23, "value"] = 0.1 + 0.01 * noise
    return table


def with_edge(percent):
    """Column pairs make each sample's wells partly edge, partly inside."""
    table = wells(48)
    edge = table["row"].isin(["A", "H"]) | table["column"].isin([1, 12])
    table["sample"] = [f"s{i}" for i in (np.arange(len(table)) % 8)]
    table["value"] = np.where(edge, 1 + percent / 100, 1.0)
    return table


def with_drift(percent):
    table = wells(48)
    table["sample"] = [f"s{name[0]}" for name in table["well"]]
    table["value"] = 1 + percent / 100 * (table["column"] - 6.5) / 11
    return table


FAULTS = {
    "missing_readings": evidence(with_flag("no_reading")),
    "unmapped_readings": evidence(with_flag("not_in_map")),
    "saturated_readings": evidence(with_flag("saturated")),
    "out_of_range": evidence(with_flag("above_uloq")),
    "curve_acceptance": evidence(Limits=limits(accepted=False, levels_passed=4)),
    "standard_recovery": evidence(Standards=standards(passed=False, recovery_percent=140.0)),
    "replicate_cv": evidence(Dilutions=dilutions(cv_percent=31.0)),
    "control_recovery": evidence(Controls=controls(recovery_percent=60.0)),
    "spike_recovery": evidence(Controls=controls(kind="spike", recovery_percent=140.0)),
    "dilution_linearity": evidence(**{"Dilution series": series(lowest_recovery_percent=55.0)}),
    "parallelism": evidence(**{"Dilution series": series(cv_percent=44.0)}),
    "hook_effect": evidence(**{"Dilution series": series(hook_effect=True)}),
    "z_prime": evidence(with_control_wells(0.5)),
    "edge_effect": evidence(with_edge(25)),
    "drift": evidence(with_drift(30)),
}


# Those about Cq and about pictures have their limits in test_qpcr_rules and test_picture_rules.
ELSEWHERE = ("qpcr_rules", "picture_rules")
OF_PLATE_READERS = [rule for rule in qc.RULES if not rule.__module__.endswith(ELSEWHERE)]


def test_every_rule_has_its_planted_fault():
    assert {rule.__name__ for rule in OF_PLATE_READERS} == set(FAULTS)


@pytest.mark.parametrize("rule", OF_PLATE_READERS, ids=lambda rule: rule.__name__)
def test_a_rule_speaks_where_its_fault_is_planted(rule):
    remarks = rule(FAULTS[rule.__name__])
    assert remarks
    for remark in remarks:
        assert remark.rule == rule.__name__
        assert remark.severity in ("note", "warning", "failure")
        assert remark.plate == "p"
        assert remark.message.endswith(".")


@pytest.mark.parametrize("rule", qc.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_silent_on_a_clean_plate_and_explains_itself(rule):
    assert rule(evidence()) == []
    assert rule(evidence(with_control_wells(0.02))) == []
    assert rule.__doc__.strip().endswith((".", ")."))


@pytest.mark.parametrize("rule", qc.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_without_its_evidence_has_nothing_to_remark(rule):
    table = wells()
    assert rule(qc.Evidence(table, observations(table))) == []


def test_z_prime_is_that_of_its_authors():
    # Zhang, Chung & Oldenburg 1999: Z' = 1 - (3 sd+ + 3 sd-) / |mean+ - mean-|.
    (remark,) = qc.z_prime(evidence(with_control_wells(0.5)))
    sd = np.std(np.resize([-1.0, 0.0, 1.0], 12), ddof=1)
    assert remark.measured == pytest.approx(1 - 3 * (0.5 * sd + 0.01 * sd) / 1.9)


def test_edge_and_drift_report_the_percent_that_was_planted():
    (edge,) = qc.edge_effect(evidence(with_edge(25)))
    assert edge.measured == pytest.approx(25, rel=0.15)
    (drift,) = qc.drift(evidence(with_drift(30)))
    assert drift.measured == pytest.approx(30, rel=0.02)


def test_excluded_wells_are_not_held_against_the_plate():
    table = with_flag("saturated")
    table.loc[:1, "excluded"] = True
    assert qc.saturated_readings(evidence(table)) == []


def test_inspect_gathers_all_remarks_in_one_table():
    both = evidence(with_flag("no_reading"), Controls=controls(recovery_percent=60.0))
    table = qc.inspect(both)
    assert table["rule"].tolist() == ["missing_readings", "control_recovery"]
    assert table["severity"].tolist() == ["failure", "failure"]
    assert table["wells"][0] == "A1, A2"
    assert list(qc.inspect(evidence()).columns) == list(table.columns)
    assert qc.inspect(evidence()).empty


def test_flag_adds_rule_names_and_changes_no_number():
    fault = FAULTS["replicate_cv"]
    flagged = qc.flag(fault.observations, qc.inspect(fault))
    assert flagged.loc[:2, "flags"].tolist() == ["replicate_cv"] * 3
    assert (flagged.loc[3:, "flags"] == "").all()
    pd.testing.assert_series_equal(flagged["value"], fault.observations["value"])


def test_the_smallest_fitting_format_is_assumed():
    table = wells().assign(well="C4")
    assert qc.Evidence(table, observations(table)).format_of("p").wells == 12


def test_an_assay_may_draw_a_line_itself():
    class Parameters:
        cv_limit = 35.0

    limits = qc.Limits.of(Parameters())
    assert (limits.cv_limit, limits.z_prime_limit) == (35.0, 0.5)
    fault = FAULTS["replicate_cv"]
    relaxed = qc.Evidence(fault.wells, fault.observations, fault.tables, {}, limits)
    assert not any(remark.rule == "replicate_cv" for rule in qc.RULES for remark in rule(relaxed))
