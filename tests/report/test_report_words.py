"""What an assay and a design know about their columns and axes reaches the report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_studies import comparison, plate_study

from assaykit.assays import ASSAYS
from assaykit.assays.base import endpoint_words
from assaykit.report.words import assay_title, axis_words, own_columns


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_every_endpoint_of_every_assay_has_words_that_name_the_analyte_once(assay):
    assert assay_title(assay.name) == assay.title
    for endpoint in assay.endpoints:
        row = {"assay": assay.name, "analyte": "Alizarin red", "endpoint": endpoint.name}
        for words in (axis_words(row), endpoint_words(row["analyte"], row["endpoint"])):
            assert words.casefold().count("alizarin red") == 1
            assert "_" not in words
            assert words[0].isupper()


def test_an_endpoint_without_analyte_is_named_by_itself():
    assert endpoint_words("", "osteoclast_count") == "Osteoclast count"


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_the_variables_of_an_assay_are_described_in_its_own_words(assay):
    study = replace(plate_study(), assay=assay.name)
    columns = {column.name: column for column in own_columns(study)}
    for variable in assay.template.variables:
        assert columns[variable.name].meaning == variable.meaning
        assert columns[variable.name].unit == variable.unit


def test_a_comparison_knows_the_variables_of_all_its_assays():
    names = {column.name for column in own_columns(comparison())}
    assert "spiked_concentration" in names
    assert "treatment" in names


def test_a_factor_s_levels_are_listed_with_the_reference():
    (factor,) = [column for column in own_columns(comparison()) if column.name == "treatment"]
    assert factor.meaning == "factor of the design: control (reference), vesicle, KO vesicle"
    assert factor.kind == "text"
