"""What a study says first: one sentence for each contrast, in words and numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import report_studies as made

from assaykit.stats.sentences import effect_sentence


def sentences(study):
    rows = study.effects.to_dict("records")
    return {row["contrast"]: effect_sentence(row, study.design) for row in rows}


def told(study, contrast, **changes):
    """The sentence of one contrast after some of its numbers were set."""
    rows = study.effects.set_index("contrast", drop=False)
    return effect_sentence({**rows.loc[contrast].to_dict(), **changes}, study.design)


NUMBERS = {"estimate": 1.9049, "ci_low": 1.5, "ci_high": 2.4, "p_adjusted": 0.000312}
PLAIN = replace(made.ONE_FACTOR, rescue=None, equivalence_margin=None)


def test_a_ratio_is_a_fold_with_its_interval_p_family_and_n():
    assert told(made.compared(), "vesicle vs control", **NUMBERS, p_equivalence=0.17) == (
        "RANKL concentration, vesicle vs control: 1.90-fold (95 % CI 1.50 to 2.40, Bonferroni), "
        "p = 0.00031 (Holm, 3 planned contrasts), equivalence within 1.25-fold: p = 0.17 "
        "(not adjusted), n = 4 × culture."
    )


def test_intervals_and_equivalence_are_named_only_where_there_is_something_to_name():
    assert told(made.compared(PLAIN), "vesicle vs control", **NUMBERS) == (
        "RANKL concentration, vesicle vs control: 1.90-fold (95 % CI 1.50 to 2.40, simultaneous), "
        "p = 0.00031 (Dunnett, 2 contrasts against control), n = 4 × culture."
    )
    alone = replace(PLAIN, adjustment="none", confidence=0.9)
    assert told(made.compared(alone), "vesicle vs control", **NUMBERS) == (
        "RANKL concentration, vesicle vs control: 1.90-fold (90 % CI 1.50 to 2.40), p = 0.00031 "
        "(none, 2 planned contrasts, each on its own), n = 4 × culture."
    )


def test_the_numbers_are_those_of_the_effects():
    study = made.compared()
    row = study.effects.set_index("contrast").loc["vesicle vs control"]
    said = sentences(study)["vesicle vs control"]
    for number in (row["estimate"], row["ci_low"], row["ci_high"]):
        assert f"{number:.2f}" in said


@pytest.mark.parametrize(
    ("scale", "size"),
    [
        ("log", "1.90-fold"), ("count", "1.90-fold"), ("fraction", "odds ratio 1.90"),
        ("log2", "log2 fold change 1.90"), ("linear", "difference 1.90 pg/mL"),
    ],
)  # fmt: skip
def test_the_size_is_in_the_words_of_its_scale(scale, size):
    unit = "pg/mL" if scale in ("linear", "log") else ""
    plain = made.compared(PLAIN)
    values = plain.observations["value"].round()
    if scale == "fraction":
        values = values / 1000
    study = made.study_of(plain.observations.assign(value=values, scale=scale, unit=unit), PLAIN)
    assert f"vesicle vs control: {size} (" in told(study, "vesicle vs control", **NUMBERS)


@pytest.mark.parametrize(
    ("scale", "size"),
    [
        ("log", "ratio of ratios 0.450"), ("log2", "difference of log2 fold changes 0.450"),
        ("fraction", "ratio of odds ratios 0.450"), ("linear", "difference of differences 0.450"),
    ],
)  # fmt: skip
def test_an_interaction_is_not_called_a_fold(scale, size):
    study = made.compared(made.TWO_FACTORS, (1.0, 2.0, 1.1, 1.3))
    values = study.observations["value"] / (1000 if scale == "fraction" else 1)
    changed = study.observations.assign(value=values, scale=scale, unit="")
    again = made.study_of(changed, made.TWO_FACTORS)
    name = "vesicle vs control × KO vs WT"
    assert f"{name}: {size} (" in told(again, name, estimate=0.45)


def test_a_rescue_is_said_with_the_names_of_the_arms_only():
    numbers = {"estimate": 0.65, "ci_low": 0.401, "ci_high": 1.127}
    assert told(made.compared(), "rescue_fraction", **numbers) == (
        "RANKL concentration, rescue: in KO vesicle 65 % of the effect of vesicle is gone "
        "(95 % CI 40 to 113 %; differences of natural logarithms of values), n = 4 × culture."
    )
    below = {"estimate": -0.2, "ci_low": -0.9, "ci_high": -0.001}
    assert "−20 % of the effect of vesicle is gone (95 % CI −90 to 0 %;" in told(
        made.compared(), "rescue_fraction", **below
    )


@pytest.mark.parametrize(("estimate", "end"), [(3.11, " (estimate 311 %)."), (np.nan, ".")])
def test_a_rescue_of_an_effect_that_is_not_told_from_none_claims_nothing(estimate, end):
    study = made.compared(ratios=(1.0, 1.01, 1.05))
    assert told(study, "rescue_fraction", estimate=estimate) == (
        "RANKL concentration, rescue: vesicle vs control is not told from no effect, so the share "
        f"of it that is gone in KO vesicle cannot be told{end}"
    )


def test_too_few_replicates_are_described_with_the_reason():
    said = sentences(made.compared(replicates=2))
    assert said["vesicle vs control"].endswith(
        "-fold (description only: 2 biological replicates in vesicle, 3 are needed)."
    )
    assert said["rescue_fraction"] == (
        "RANKL concentration, rescue: description only: 2 biological replicates in KO vesicle, "
        "3 are needed."
    )


def test_an_arm_without_values_is_no_number():
    study = made.compared(PLAIN)
    gone = study.observations["treatment"].eq("KO vesicle")
    values = study.observations["value"].mask(gone)
    again = made.study_of(study.observations.assign(value=values), PLAIN)
    assert sentences(again)["KO vesicle vs control"] == (
        "RANKL concentration, KO vesicle vs control: not estimated: no value in KO vesicle."
    )
