"""A comparison in words: what was done stands once, with its sources, and nothing else does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from assaykit.design import Contrast, Design, Factor, Rescue
from assaykit.stats import compare
from assaykit.stats.record import comparison_steps, family_words, interval_words, p_words

ARMS = ("control", "vesicle", "KO vesicle")
DESIGN = Design(
    (Factor("treatment", ARMS, "control"),),
    replicates_shared=True,
    biological_replicate_is="mouse",
    contrasts=(
        Contrast("vesicle vs control", "vesicle", "control"),
        Contrast("KO vesicle vs control", "KO vesicle", "control"),
    ),
)
PAIRS = replace(DESIGN, contrasts=(), adjustment="tukey")


def observations(mice, wells=2, scale="log", endpoint="concentration", shared=True):
    rows = [
        {"plate": f"p{m}" if shared else "p", "well": f"{'ABC'[a]}{wells * m + w + 1}",
         "role": "sample", "assay": "elisa", "analyte": "RANKL", "endpoint": endpoint,
         "unit": "pg/mL", "scale": scale, "treatment": arm,
         "biological_replicate": f"M{m}" if shared else f"{arm} {m}",
         "value": 20.0 * (a + 1) + m * (1 + a) + (m * a) ** 2 + np.sin(3 * w + m + a)}
        for a, arm in enumerate(ARMS)
        for m in range(mice)
        for w in range(wells)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def steps_of(design=DESIGN, **changes):
    table = changes.pop("table", None)
    made = observations(**{"mice": 4, **changes}) if table is None else table
    return comparison_steps(compare(made, design), design)


def prose(steps):
    return " ".join(step.sentence for step in steps)


def cited(steps):
    """The first author of each source, in the order of the steps."""
    return [reference.split()[0] for step in steps for reference in step.references]


def step_with(steps, words):
    (step,) = [step for step in steps if words in step.sentence]
    return step


def test_the_record_says_what_n_is_and_keeps_the_design():
    first = steps_of()[0]
    assert first.sentence == "Biological replicates (one mouse each) are n, never wells."
    assert "Factor treatment" in first.parameters["design"]
    assert cited([first]) == ["Lazic"]
    plain = comparison_steps(
        compare(observations(4), DESIGN), replace(DESIGN, biological_replicate_is="")
    )
    assert plain[0].sentence == "Biological replicates are n, never wells."


def test_the_model_is_said_once_with_its_scale_and_its_sources():
    step = step_with(steps_of(), "Arms were compared")
    assert step.sentence == (
        "Arms were compared by a linear mixed model with arms fixed and mouse, mouse × arm random "
        "(REML, Kenward-Roger degrees of freedom) of natural logarithms of values."
    )
    assert cited([step]) == ["Patterson", "Kenward"]


def test_a_balanced_design_names_the_classical_test():
    assert (
        "The design was balanced, so its tests equal the paired t test or randomised-block "
        "analysis of variance on the mean of each mouse."
    ) in prose(steps_of())
    uneven = observations(4).drop(index=0)
    assert "balanced" not in prose(steps_of(table=uneven))


def test_endpoints_of_different_scales_are_told_apart():
    both = pd.concat([observations(4), observations(4, scale="linear", endpoint="area")])
    text = prose(steps_of(table=both))
    assert "of natural logarithms of values (RANKL concentration); by a linear mixed" in text
    assert "of values (RANKL area)." in text
    assert text.count("The design was balanced") == 1


def test_what_holds_for_one_endpoint_is_said_of_that_one():
    uneven = observations(4, endpoint="amount").drop(index=0)
    text = prose(steps_of(table=pd.concat([observations(4), uneven])))
    assert "For RANKL concentration the design was balanced, so its tests equal" in text


def test_what_holds_for_one_contrast_is_said_of_that_one():
    effects = compare(observations(4), DESIGN)
    effects.loc[1, "method"] += "; another note"
    text = prose(comparison_steps(effects, DESIGN))
    assert "For KO vesicle vs control, another note." in text


FAMILIES = [
    (DESIGN, True, "Dunnett (2 contrasts against control; simultaneous intervals)", ["Dunnett"]),
    (replace(DESIGN, adjustment="holm"), True, "Holm (2 planned contrasts; Bonferroni intervals)",
     ["Holm"]),
    (replace(DESIGN, adjustment="sidak"), True,
     "Šidák (2 planned contrasts; intervals of the same name)", ["Šidák"]),
    (replace(DESIGN, adjustment="bonferroni"), True,
     "Bonferroni (2 planned contrasts; intervals of the same name)", ["Dunn"]),
    (PAIRS, True, "Tukey (all pairs of 3 arms; simultaneous intervals)", ["Tukey", "Kramer"]),
    (replace(PAIRS, replicates_shared=False, variances="unequal"), False,
     "Games-Howell (all pairs of 3 arms; simultaneous intervals)", ["Games"]),
]  # fmt: skip


@pytest.mark.parametrize(("design", "shared", "words", "sources"), FAMILIES)
def test_the_adjustment_and_its_source_are_named(design, shared, words, sources):
    step = step_with(steps_of(design, shared=shared), "two-sided")
    assert f"adjusted within each endpoint by the method of {words}." in step.sentence
    assert "intervals cover 95 %" in step.sentence
    assert cited([step]) == sources


def test_one_contrast_is_not_adjusted():
    one = replace(DESIGN, contrasts=DESIGN.contrasts[:1])
    step = step_with(steps_of(one), "two-sided")
    assert step.sentence.endswith("p values were not adjusted (1 contrast).")
    assert step.references == ()
    assert "q values" not in prose(steps_of(one))


def test_unequal_variances_cite_welch_and_no_mixed_model():
    design = replace(DESIGN, replicates_shared=False, variances="unequal")
    steps = steps_of(design, shared=False)
    assert "by Welch's test on the mean of each mouse, unequal variances" in prose(steps)
    assert "Welch" in cited(steps)
    assert not {"Patterson", "Kenward"} & set(cited(steps))


def test_effect_sizes_and_q_values_have_their_sources():
    steps = steps_of()
    assert cited([step_with(steps, "Hedges' g")]) == ["Hedges"]
    assert cited([step_with(steps, "false discovery rate")]) == ["Benjamini"]


def test_equivalence_is_said_with_its_margin_only_where_it_was_tested():
    step = step_with(steps_of(replace(DESIGN, equivalence_margin=1.25)), "Equivalence")
    assert "declared margin of 1.25-fold was tested by two one-sided tests" in step.sentence
    assert cited([step]) == ["Schuirmann"]
    assert "Equivalence" not in prose(steps_of())


RESCUE = replace(DESIGN, rescue=Rescue("vesicle", "KO vesicle"))


def test_the_rescue_is_defined_once_for_all_endpoints_of_a_scale():
    both = pd.concat([observations(4), observations(4, endpoint="amount")])
    step = step_with(steps_of(RESCUE, table=both), "The rescue fraction")
    assert step.sentence == (
        "The rescue fraction, the share of the effect of vesicle that is gone in KO vesicle, is "
        "1 − (KO vesicle vs control) / (vesicle vs control), from differences of natural "
        "logarithms of values, with Fieller's interval."
    )
    assert cited([step]) == ["Fieller"]


def test_a_rescue_without_interval_or_value_says_why():
    flat = observations(4).assign(value=lambda t: 20 + np.sin(np.arange(len(t))))
    assert (
        "The rescue fraction of RANKL concentration: no interval: vesicle vs control is not told "
        "from no effect."
    ) in prose(steps_of(RESCUE, table=flat))
    few = steps_of(RESCUE, mice=2)
    assert "The rescue fraction of RANKL concentration: description only: 2 biological" in prose(
        few
    )
    assert "Fieller" not in cited(few)


def test_a_description_claims_no_test():
    steps = steps_of(mice=2)
    assert "Not tested: vesicle vs control; description only: 2 biological" in prose(steps)
    assert "two-sided" not in prose(steps)
    assert cited(steps) == ["Lazic"]


def test_no_sentence_and_no_source_stands_twice():
    design = replace(RESCUE, equivalence_margin=1.25, contrasts=())
    both = pd.concat([observations(4), observations(4, scale="linear", endpoint="area")])
    steps = steps_of(design, table=both)
    sentences = [step.sentence for step in steps]
    assert len(set(sentences)) == len(sentences)
    assert len(set(cited(steps))) == len(cited(steps))
    assert {"Patterson", "Kenward", "Holm", "Schuirmann", "Fieller", "Hedges", "Benjamini"} <= set(
        cited(steps)
    )
    assert all(sentence.endswith(".") and ".." not in sentence for sentence in sentences)


def test_an_effects_table_without_rows_is_no_error():
    nothing = compare(observations(4), DESIGN).head(0)
    assert cited(comparison_steps(nothing, RESCUE)) == ["Lazic"]


@pytest.mark.parametrize(
    "text", ["", "none, 3 planned contrasts, each on its own", "Dunnett over 2"]
)
def test_an_adjustment_without_intervals_of_its_own_is_left_as_it_is(text):
    assert (interval_words(text), family_words(text)) == ("", text)


def test_p_values_are_exact_and_never_0_or_1():
    assert [p_words(p) for p in (0.000263, 3.21e-17, 0.99, 1.0)] == [
        "= 0.00026", "= 3.2e-17", "= 0.99", "> 0.99",
    ]  # fmt: skip
