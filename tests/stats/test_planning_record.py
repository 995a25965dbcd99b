import json
import math

import pytest

from assaykit.errors import UsageError
from assaykit.provenance import InputFile
from assaykit.stats.plan_settings import PlanSettings, VarianceComponents
from assaykit.stats.planning_record import (
    ComponentsSource,
    best_row,
    make_plan,
    plan_document,
    source_of_study,
)
from assaykit.workbook.study_components import StudyComponents

USUAL = ComponentsSource(VarianceComponents(0.3, 0.15, 0.2))


def study(scale, unit="", **variances):
    names = {"between": "between replicates", "arm": "replicate × arm", "within": "between wells"}
    found = {names[key]: value for key, value in variances.items()}
    file = InputFile("study.xlsx", "ab" * 32, 10)
    return StudyComponents("elisa", "RANKL", "concentration", found, scale, unit, file)


def plan(size=1.5, source=USUAL, **settings):
    return make_plan(source, size, PlanSettings(**{"n_simulated": 200, **settings}))


def test_the_answer_comes_first_and_names_the_fewest_replicates_with_the_fewest_wells():
    made = plan()
    assert made.summary[0] == (
        "With 3 wells per replicate and arm, 6 biological replicates per arm find a 1.5-fold "
        "change with at least 80 % power (83.9 %)."
    )
    assert made.summary[1] == (
        "Biological replicates per arm with 1 well: 9; 2 wells: 7; 4 wells: 6; 6 wells: 6."
    )
    assert made.summary[3].startswith("Wells saturate: with any number of wells at least 5 ")
    best = best_row(made)
    assert (best["n_biological"], best["n_wells"]) == (6, 3)


def test_the_answer_does_not_depend_on_the_seed():
    assert plan(seed=1).summary == plan(seed=2).summary


def test_a_plan_that_reaches_nothing_says_how_far_it_gets():
    made = plan(1.1, replicates=(3, 4))
    assert best_row(made) is None
    assert made.summary[0].startswith("None of the planned numbers finds a 1.1-fold change")
    assert "Plan with more biological replicates" in made.summary[0]
    assert made.summary[1].startswith("Wells cannot do it: ")


def test_the_fewest_asked_for_may_be_more_than_needed():
    text = " ".join(plan(3.0, replicates=(6, 8)).summary)
    assert "6 biological replicates per arm (the fewest asked for) find" in text
    assert "at least 3 biological replicates" in text


def test_where_only_wells_vary_that_is_said():
    source = ComponentsSource(VarianceComponents(0.3, 0.0, 0.2))
    assert any("Only wells vary" in text for text in plan(source=source).summary)


def test_a_difference_and_an_interaction_have_their_words_and_units():
    source = ComponentsSource(VarianceComponents(3, 1, 2), "difference", "pg/mL")
    assert "a difference of -4 pg/mL with" in plan(-4, source).summary[0]
    made = plan(5, source, design="split-plot", contrasts=2)
    assert made.effect_words == "an interaction of 5 pg/mL (difference of differences)"
    assert "97.5 % interval" in made.summary[2]
    assert made.summary[2].endswith("pg/mL.")
    assert made.summary[-1].endswith("Two-sided level 0.025, Bonferroni over 2 contrasts.")


def test_the_record_says_what_was_declared_and_how_it_was_computed():
    made = plan(contrasts=3, seed=5)
    (step,) = made.steps
    assert "a 1.5-fold change, declared beforehand" in step.sentence
    assert "200 simulated studies" in step.sentence
    assert "the paired t test, two-sided at 0.01667 (Bonferroni over 3 planned" in step.sentence
    assert any("abuse of power" in text for text in step.references)
    assert made.parameters["seed"] == "5"
    assert made.parameters["between_sd"] == "0.3 (natural logarithm)"
    assert made.parameters["standard deviations"] == "as typed"


def test_a_plan_is_a_document_without_missing_numbers():
    made = plan(1.1, replicates=(3, 4))
    document = json.loads(json.dumps(plan_document(made), allow_nan=False))
    assert document["needed"][0]["n_biological"] is None
    assert document["power"][0]["exact_power"] == pytest.approx(made.table["exact_power"][0])


@pytest.mark.parametrize(
    ("found", "asked", "scale", "unit", "between_sd"),
    [
        (study("ratio", between=0.09, arm=0.01, within=0.04), "", "ratio", "", 0.3),
        (study("ratio", "odds", between=0.09), "ratio", "ratio", "odds", 0.3),
        (study("difference", "pg/mL", between=4), "", "difference", "pg/mL", 2.0),
        (study("log2_fold_change", between=4), "", "ratio", "", 2 * math.log(2)),
        (study("log2_fold_change", between=4), "ratio", "ratio", "", 2 * math.log(2)),
        (study("log2_fold_change", between=4), "difference", "difference", "log2", 2.0),
        (study("", between=4), "ratio", "ratio", "", 2.0),
    ],
)
def test_the_scale_of_a_study_is_kept(found, asked, scale, unit, between_sd):
    source = source_of_study(found, asked)
    assert (source.scale, source.unit) == (scale, unit)
    assert source.components.between_sd == pytest.approx(between_sd)
    assert source.words == "study.xlsx: elisa RANKL concentration"
    assert source.inputs == (found.source,)


def test_log2_values_are_planned_alike_as_ratios_and_as_differences():
    found = study("log2_fold_change", between=0.2, arm=0.05, within=0.1)
    ratio = plan(2.0, source_of_study(found))
    log2 = plan(1.0, source_of_study(found, "difference"))
    assert ratio.table["exact_power"].tolist() == pytest.approx(log2.table["exact_power"].tolist())


@pytest.mark.parametrize(
    ("found", "asked", "words"),
    [
        (study("ratio", between=1), "difference", "by ratio, not difference. Leave the scale out"),
        (study("difference", between=1), "ratio", "by difference, not ratio"),
        (study("", between=1), "", "does not say how concentration is compared. Give the scale"),
    ],
)
def test_a_scale_that_the_study_does_not_have_is_refused(found, asked, words):
    with pytest.raises(UsageError, match=words):
        source_of_study(found, asked)


def test_what_was_taken_for_0_is_a_warning():
    source = source_of_study(study("ratio", between=-0.01, within=0.04))
    assert source.components == VarianceComponents(0.0, 0.0, 0.2)
    below, absent = (str(problem) for problem in source.problems)
    assert below.startswith("study.xlsx, Checks: The variance between replicates came out below 0")
    assert absent.startswith("study.xlsx, Checks: The study has no variance of replicate × arm;")
    assert {problem.severity for problem in source.problems} == {"warning"}
