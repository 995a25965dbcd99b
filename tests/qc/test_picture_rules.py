"""Rules about pictures: silent on clean ones, within their limits, and speaking just beyond."""

import math

import pandas as pd
import pytest

from assaykit import qc
from assaykit.assays.alizarin import AlizarinParameters
from assaykit.qc import picture_rules as rules

NAMES = ("A1", "A2", "A3", "B1", "B2", "B3")
PICTURE = {
    "plate": "p", "field": "1", "failed": "", "focus": 0.1, "saturated_fraction": 0.0,
    "background_red": 200.0, "background_green": 200.0, "background_blue": 200.0,
    "masked_fraction": 0.01, "um_per_px": 5.0, "file_um_per_px": 5.0,
}  # fmt: skip
OWN = [rule for rule in qc.RULES if rule.__module__ == rules.__name__]


def rows(*names, **changes):
    return [
        PICTURE | {"well": name, "file": f"{name}.jpg", "sha256": f"hash {name}"} | changes
        for name in names
    ]


def evidence(pictures, limits=None, **tables):
    wells = pd.DataFrame({"plate": ["p"], "well": ["A1"]})
    every = {"Pictures": pd.DataFrame(pictures), **tables}
    return qc.Evidence(wells, pd.DataFrame(), every, {}, limits or qc.Limits())


def last(**changes):
    """Six pictures of which only that of B3 is changed."""
    return evidence([*rows(*NAMES[:5]), *rows("B3", **changes)])


def colour(red, green, blue):
    return last(background_red=red, background_green=green, background_blue=blue)


def mineral(low, middle, high):
    table = pd.DataFrame(
        {"plate": "p", "well": ["B3"], "fraction_at_80_percent": low,
         "mineralized_area_fraction": middle, "fraction_at_120_percent": high}
    )  # fmt: skip
    return evidence(rows(*NAMES), Mineral=table)


def vector(*, estimated):
    table = {"plate": ["p"], "stain_vector": ["0.3 0.7 0.6"], "stain_vector_estimated": [estimated]}
    return evidence(rows(*NAMES), Threshold=pd.DataFrame(table))


# Rule, what is still allowed, what is not; the fault is that of B3.
CASES = [
    (rules.failed_pictures, last(), last(failed="it is cut off")),
    (rules.copied_pictures, last(sha256="hash of another"), last(sha256="hash B2")),
    (rules.copied_pictures, last(sha256="hash B2", file="B2.jpg"), last(sha256="hash A1")),
    (rules.contradicted_scale, last(file_um_per_px=math.nan), last(file_um_per_px=2.5)),
    (rules.contradicted_scale, last(file_um_per_px=5 / 1.019), last(file_um_per_px=5 / 1.021)),
    (rules.out_of_focus, last(focus=0.025), last(focus=0.0249)),
    (rules.out_of_focus, last(focus=9.0), last(focus=0.0)),
    (rules.saturated_pictures, last(saturated_fraction=0.01), last(saturated_fraction=0.0101)),
    (rules.white_drift, colour(205.9, 197.05, 197.05), colour(206.1, 196.95, 196.95)),
    (rules.white_drift, colour(194.1, 202.95, 202.95), colour(193.9, 203.05, 203.05)),
    (rules.white_drift, colour(197.05, 197.05, 205.9), colour(196.95, 196.95, 206.1)),
    (rules.masked_pictures, last(masked_fraction=0.20), last(masked_fraction=0.201)),
    (rules.uneven_pictures, last(), last(well="B2", file="B2 too.jpg")),
    (rules.uneven_pictures, evidence(rows(*NAMES, *NAMES)),
     evidence(rows(*NAMES, *NAMES[:5]))),
    (rules.threshold_decides, mineral(0.15, 0.0, 0.0), mineral(0.151, 0.0, 0.0)),
    (rules.threshold_decides, mineral(0.15, 0.15, 0.0), mineral(0.151, 0.151, 0.0)),
    (rules.threshold_decides, mineral(*3 * [math.nan]), mineral(0.6, 0.4, 0.3)),
    (rules.estimated_stain, vector(estimated=False), vector(estimated=True)),
]  # fmt: skip
SEVERITIES = {"failed_pictures": "failure", "copied_pictures": "failure",
              "threshold_decides": "note"}  # fmt: skip


def spoken(found):
    return [remark for rule in OWN for remark in rule(found)]


def test_every_rule_has_its_limit():
    assert {rule for rule, _, _ in CASES} == set(OWN)


@pytest.mark.parametrize(("rule", "allowed", "broken"), CASES)
def test_a_rule_is_silent_at_its_limit_and_it_alone_speaks_beyond_it(rule, allowed, broken):
    assert spoken(allowed) == []
    (remark,) = spoken(broken)
    assert (remark.rule, remark.plate) == (rule.__name__, "p")
    assert remark.severity == SEVERITIES.get(remark.rule, "warning")
    assert remark.message.endswith(".")


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.__name__)
def test_clean_pictures_or_a_plate_without_any_are_not_remarked(rule):
    assert rule(evidence(rows(*NAMES))) == []
    assert rule(evidence(rows(*NAMES), Mineral=pd.DataFrame(), Threshold=pd.DataFrame())) == []
    assert rule(qc.Evidence(pd.DataFrame(), pd.DataFrame())) == []


def test_the_fault_of_one_picture_is_told_of_that_picture_with_its_number():
    (focus,) = rules.out_of_focus(last(focus=0.02, field="4"))
    assert (focus.wells, focus.limit, focus.unit) == ("B3", 25, "%")
    assert focus.measured == pytest.approx(20)
    assert "(1): B3 4." in focus.message
    (full,) = rules.saturated_pictures(last(saturated_fraction=0.07))
    assert (full.wells, full.measured) == ("B3", pytest.approx(7))
    (white,) = rules.white_drift(colour(240, 180, 180))
    assert (white.wells, white.measured) == ("B3", pytest.approx(20))
    (masked,) = rules.masked_pictures(last(masked_fraction=0.4))
    assert (masked.wells, masked.measured) == ("B3", pytest.approx(40))
    (decided,) = rules.threshold_decides(mineral(0.35, 0.30, 0.14))
    assert (decided.wells, decided.measured) == ("B3", pytest.approx(16))


def test_a_failed_picture_is_told_with_its_file_and_reason_and_measured_by_no_other_rule():
    faults = {"focus": 0.0, "saturated_fraction": 1.0, "background_red": 250.0,
              "masked_fraction": 1.0, "sha256": "hash A1"}  # fmt: skip
    broken = evidence(
        [*rows(*NAMES), *rows(*NAMES, field="2"), *rows("B3", failed="it is cut off", **faults)]
    )
    (remark,) = spoken(broken)
    assert remark.wells == "B3"
    assert "The picture B3.jpg of well B3 has no result: it is cut off" in remark.message


def test_of_an_excluded_well_a_failed_picture_is_a_note_and_nothing_else_is_judged():
    table = pd.DataFrame([*rows(*NAMES), *rows("B3", failed="it is cut off.", field="2"),
                          *rows("A2", focus=0.0, sha256="hash A1")])  # fmt: skip
    wells = pd.DataFrame({"plate": "p", "well": ["B3", "A2"], "excluded": True})
    found = qc.Evidence(wells, pd.DataFrame(), {"Pictures": table})
    (remark,) = spoken(found)
    assert (remark.rule, remark.severity) == ("failed_pictures", "note")
    assert remark.message.endswith("it is cut off.")


def test_copies_are_told_with_all_their_files():
    (remark,) = rules.copied_pictures(last(sha256="hash A1", file="again.jpg"))
    assert "A1.jpg, again.jpg hold the same picture" in remark.message
    assert (remark.wells, remark.measured, remark.limit) == ("A1, B3", 2, 1)


def test_one_photograph_of_all_wells_is_no_copy_of_itself():
    whole = rows(*NAMES, file="plate.jpg", sha256="hash of the plate")
    assert rules.copied_pictures(evidence(whole)) == []


def test_pictures_whose_bytes_are_not_known_are_no_copies():
    assert rules.copied_pictures(evidence(rows(*NAMES, sha256=""))) == []


def test_plates_are_judged_each_by_itself():
    """Another lamp, another focus: the same on all of a plate is no fault of a picture."""
    other = rows(*NAMES, plate="q", focus=0.004, background_red=250.0)
    copy = rows("A1", plate="r")
    assert spoken(evidence([*rows(*NAMES), *other, *copy])) == []


def test_a_darker_picture_of_the_same_colour_has_not_drifted():
    assert rules.white_drift(colour(100.0, 100.0, 100.0)) == []


@pytest.mark.parametrize(("number", "speaks"), [(4, False), (5, True)])
def test_focus_is_judged_from_five_pictures_on(number, speaks):
    some = [*rows(*NAMES[: number - 1]), *rows("B3", focus=0.001)]
    assert bool(rules.out_of_focus(evidence(some))) is speaks


def test_pictures_that_all_show_nothing_have_no_focus_to_compare():
    assert rules.out_of_focus(evidence(rows(*NAMES, focus=0.0))) == []


def test_an_assay_without_masks_has_none_to_judge():
    table = pd.DataFrame(rows(*NAMES, masked_fraction=0.9)).drop(columns="masked_fraction")
    assert rules.masked_pictures(evidence(table)) == []


def test_wells_with_another_number_of_pictures_are_named_and_the_usual_number_too():
    (remark,) = rules.uneven_pictures(evidence([*rows(*NAMES, *NAMES[1:4]), *rows("A1", "A1")]))
    assert "Most wells have 2 pictures" in remark.message
    assert (remark.wells, remark.measured) == ("A1, B2, B3", 3)


def test_the_settings_of_a_plate_draw_the_lines():
    faults = [*rows(*NAMES[:5]),
              *rows("B3", focus=0.03, saturated_fraction=0.015, background_red=230.0)]  # fmt: skip
    strict = AlizarinParameters(focus_limit=35, saturation_limit=1.0, white_drift_limit=5)
    loose = AlizarinParameters(focus_limit=25, saturation_limit=2.0, white_drift_limit=15)
    told = [
        [remark.rule for remark in spoken(evidence(faults, qc.Limits.of(settings)))]
        for settings in (strict, loose)
    ]
    assert told == [["out_of_focus", "saturated_pictures", "white_drift"], []]
