"""Variance components come out of a study as they went in, or an error says what there is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from workbook_helpers import filled

from assaykit.errors import InputError, UnreadableFileError
from assaykit.stats import checks
from assaykit.workbook.study_components import SUBJECTS, read_variance_components

EFFECTS = pd.DataFrame(
    {
        "assay": ["elisa", "elisa", "qpcr"],
        "analyte": ["RANKL", "RANKL", "Sost"],
        "endpoint": ["concentration", "concentration", "delta_cq"],
        "contrast": ["vesicle vs control", "rescue", "vesicle vs control"],
        "scale": ["ratio", "fraction", "log2_fold_change"],
        "unit": ["", "", ""],
    }
)
PROVENANCE = pd.DataFrame(
    [("assaykit", "kind", "study"), ("assaykit", "title", "s")],
    columns=["section", "item", "value"],
)


def component(subject, estimate, assay="elisa", analyte="RANKL", endpoint="concentration"):
    return {
        "assay": assay, "analyte": analyte, "endpoint": endpoint, "check": "variance component",
        "subject": subject, "estimate": estimate, "finding": "in words",
    }  # fmt: skip


RANKL = [component(*pair) for pair in zip(SUBJECTS, (0.09, 0.0225, 0.04), strict=True)]
SOST = [component("between replicates", 0.5, "qpcr", "Sost", "delta_cq")]
RESIDUALS = {**component("residuals", 0.97), "check": "Shapiro-Wilk"}


def study(folder: Path, rows=(*RANKL, RESIDUALS), effects=EFFECTS, provenance=PROVENANCE) -> Path:
    path = folder / "study.xlsx"
    sheets = {"Checks": pd.DataFrame(rows), "Effects": effects, "Provenance": provenance}
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name, table in sheets.items():
            if table is not None:
                table.to_excel(writer, sheet_name=name, index=False)
    return path


def wrong(path: Path, **names: str) -> str:
    with pytest.raises(InputError) as caught:
        read_variance_components(path, **names)
    return str(caught.value)


def test_the_components_of_the_only_endpoint_need_no_name(tmp_path):
    found = read_variance_components(study(tmp_path))
    assert (found.assay, found.analyte, found.endpoint) == ("elisa", "RANKL", "concentration")
    assert [found.sd(subject) for subject in SUBJECTS] == pytest.approx([0.3, 0.15, 0.2])
    assert (found.scale, found.unit, found.notes) == ("ratio", "", ())
    assert found.source.name == "study.xlsx"
    assert len(found.source.sha256) == 64


@pytest.mark.parametrize(
    "names", [{"endpoint": "Delta Cq"}, {"analyte": "sost"}, {"assay": "qpcr"}]
)
def test_any_name_that_leaves_one_endpoint_is_enough(tmp_path, names):
    found = read_variance_components(study(tmp_path, [*RANKL, *SOST]), **names)
    assert (found.endpoint, found.scale) == ("delta_cq", "log2_fold_change")
    assert found.variances == {"between replicates": 0.5}


def test_an_endpoint_that_is_unknown_or_not_the_only_one_lists_those_that_there_are(tmp_path):
    path = study(tmp_path, [*RANKL, *SOST])
    listed = (
        "There are: endpoint concentration (assay elisa, analyte RANKL); endpoint delta_cq (assay "
        "qpcr, analyte Sost). Name one"
    )
    unknown = wrong(path, endpoint="od")
    assert "study.xlsx, Checks: there is no endpoint with endpoint 'od'" in unknown
    assert listed in unknown
    assert "2 endpoints fit here" in wrong(path)
    assert listed in wrong(path)


def test_two_analytes_of_one_endpoint_are_told_apart(tmp_path):
    opg = [component("between wells", 0.01, analyte="OPG")]
    path = study(tmp_path, [*RANKL, *opg])
    text = wrong(path, endpoint="concentration")
    assert "2 endpoints fit endpoint 'concentration'" in text
    assert read_variance_components(path, analyte="OPG").variances == {"between wells": 0.01}


def test_a_variance_below_0_or_missing_counts_as_0_and_is_noted(tmp_path):
    rows = [component("between replicates", -0.002), component("between wells", 0.04)]
    found = read_variance_components(study(tmp_path, rows))
    assert [found.sd(subject) for subject in SUBJECTS] == pytest.approx([0, 0, 0.2])
    below, absent = found.notes
    assert below == "The variance between replicates came out below 0 (-0.002) and counts as 0."
    assert absent.startswith("The study has no variance of replicate × arm; it counts as 0. If")


def test_several_values_of_one_well_count_as_one(tmp_path):
    found = read_variance_components(study(tmp_path, [*RANKL, component("within wells", 0.05)]))
    assert found.sd("between wells") == pytest.approx(0.3)
    assert found.notes == (
        "The variance within wells was added to that between wells: one value of each.",
    )


def test_a_block_has_no_place_in_a_plan_and_that_is_said(tmp_path):
    found = read_variance_components(study(tmp_path, [*RANKL, component("plate", 0.0123)]))
    assert found.sd("between wells") == pytest.approx(0.2)
    assert found.notes == (
        "The variance of plate (0.0123) has no place in a plan and was left out.",
    )


def test_the_words_are_those_of_the_comparison():
    assert SUBJECTS == (checks.BETWEEN_REPLICATES, checks.REPLICATE_ARM, checks.BETWEEN_WELLS)


@pytest.mark.parametrize("effects", [None, EFFECTS.head(0), EFFECTS.assign(scale="score")])
def test_a_study_that_does_not_say_its_scale_has_none(tmp_path, effects):
    assert read_variance_components(study(tmp_path, effects=effects)).scale == ""


def test_a_study_without_variance_components_says_what_to_do(tmp_path):
    remarks = {"rule": "control_recovery", "severity": "failure", "message": "x"}
    for rows in ([RESIDUALS], [remarks], []):
        text = wrong(study(tmp_path, rows))
        assert "study.xlsx, Checks: the study has no variance components." in text
        assert "or give the standard deviations themselves" in text


def test_components_that_cannot_be_are_all_named(tmp_path):
    text = wrong(study(tmp_path, [*RANKL, RANKL[0], component("plate", None)]))
    assert "'between replicates' stands there twice" in text
    assert "'plate' has no estimate" in text
    assert "Checks!F2" in wrong(study(tmp_path, [component("between wells", "much")]))


def test_other_workbooks_say_what_they_are(tmp_path):
    results = PROVENANCE.assign(value="plate results")
    text = wrong(study(tmp_path, provenance=results))
    assert "a workbook of the kind 'plate results', not a study. Give the study.xlsx" in text
    assert "this is not a study of assaykit" in wrong(filled(tmp_path))
    with pytest.raises(UnreadableFileError, match="there is no such file"):
        read_variance_components(tmp_path / "nowhere.xlsx")
