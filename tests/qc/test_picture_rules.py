"""Each rule about pictures: silent on clean ones, speaking where its fault was planted by hand."""

import pandas as pd
import pytest

from assaykit import qc

WELLS = ("A1", "A2", "A3", "B1", "B2", "B3")


def pictures(**changes):
    """Six clean pictures; a change is a column with the value of the last one."""
    table = pd.DataFrame(
        {
            "plate": "p", "well": WELLS, "field": "1", "file": [f"{w}.jpg" for w in WELLS],
            "failed": "", "focus": 0.1, "saturated_fraction": 0.0, "background_red": 205.0,
            "background_green": 193.0, "background_blue": 212.0,
            "sha256": [f"hash {w}" for w in WELLS], "masked_fraction": 0.01,
        }
    )  # fmt: skip
    for name, value in changes.items():
        table[name] = table[name].astype(object)
        table.loc[5, name] = value
        table[name] = table[name].infer_objects()
    return table


def mineral(low, middle, high):
    return pd.DataFrame(
        {"plate": "p", "well": ["A1"], "fraction_at_80_percent": low,
         "mineralized_area_fraction": middle, "fraction_at_120_percent": high}
    )  # fmt: skip


def said(table=None, **tables):
    wells = pd.DataFrame(columns=["plate", "well", "flag", "role", "excluded"])
    observations = pd.DataFrame(columns=["plate", "well", "flags", "excluded", "analyte",
                                         "endpoint", "role", "value"])  # fmt: skip
    evidence = qc.Evidence(
        wells, observations, {"Pictures": pictures() if table is None else table, **tables}
    )
    own = ("picture", "focus", "drift", "decides", "stain")
    rules = [r for r in qc.RULES if any(w in r.__name__ for w in own) and r.__name__ != "drift"]
    assert len(rules) == 9
    return {remark.rule: remark for rule in rules for remark in rule(evidence)}


def test_clean_pictures_are_not_remarked():
    assert said() == {}
    assert said(Mineral=mineral(0.4, 0.3, 0.25)) == {}


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"failed": "it is cut off"}, "failed_pictures", "failure"),
        ({"sha256": "hash A1"}, "copied_pictures", "failure"),
        ({"focus": 0.02}, "out_of_focus", "warning"),
        ({"saturated_fraction": 0.02}, "saturated_pictures", "warning"),
        ({"background_red": 240.0}, "white_drift", "warning"),
        ({"masked_fraction": 0.4}, "masked_pictures", "warning"),
        ({"well": "B2"}, "uneven_pictures", "warning"),
    ],
)
def test_a_rule_speaks_where_its_fault_is_planted(change, rule, severity):
    found = said(pictures(**change))
    assert list(found) == [rule]
    assert found[rule].severity == severity
    assert found[rule].plate == "p"
    assert found[rule].message.endswith(".")
    expected = {"copied_pictures": "A1, B3", "uneven_pictures": "B2"}.get(rule, "B3")
    assert found[rule].wells == expected


@pytest.mark.parametrize(
    "change",
    [{"focus": 0.026}, {"saturated_fraction": 0.0099}, {"background_red": 220.0},
     {"masked_fraction": 0.19}],
)  # fmt: skip
def test_within_its_limit_a_rule_is_silent(change):
    assert said(pictures(**change)) == {}


def test_a_darker_picture_of_the_same_colour_has_not_drifted():
    change = {"background_red": 102.5, "background_green": 96.5, "background_blue": 106.0}
    assert said(pictures(**change)) == {}


def test_focus_is_not_judged_among_few_pictures():
    assert said(pictures(focus=0.001).tail(4)) == {}


@pytest.mark.parametrize(("high", "speaks"), [(0.14, True), (0.16, False)])
def test_a_threshold_that_decides_is_named(high, speaks):
    found = said(Mineral=mineral(0.35, 0.30, high))
    assert ("threshold_decides" in found) is speaks
    if speaks:
        assert found["threshold_decides"].measured == pytest.approx(16)


@pytest.mark.parametrize("estimated", [True, False])
def test_an_estimated_stain_vector_is_named(estimated):
    threshold = pd.DataFrame(
        {"plate": ["p"], "stain_vector": "0.3 0.7 0.6", "stain_vector_estimated": estimated}
    )
    assert ("estimated_stain" in said(Threshold=threshold)) is estimated
