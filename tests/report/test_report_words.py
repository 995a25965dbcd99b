"""What an assay and a design know about their columns and axes reaches the report."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from example_studies import example
from report_studies import comparison, plate_study

from assaykit.assays import ASSAYS
from assaykit.assays.base import endpoint_words
from assaykit.report.words import assay_title, axis_words, own_columns, summary_tables


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
    columns = {column.name: column for column in own_columns(study)[""]}
    variables = {
        variable.name: variable
        for group in (*(s.columns for s in assay.template.lists), assay.template.variables)
        for variable in group
    }
    for variable in variables.values():
        assert columns[variable.name].meaning == variable.meaning
        assert columns[variable.name].unit == variable.unit


def test_a_comparison_knows_the_variables_of_all_its_assays():
    names = {column.name for column in own_columns(comparison())[""]}
    assert "spiked_concentration" in names
    assert "treatment" in names


def test_a_factor_s_levels_are_listed_with_the_reference():
    columns = own_columns(comparison())[""]
    (factor,) = [column for column in columns if column.name == "treatment"]
    assert factor.meaning == "factor of the design: control (reference), vesicle, KO vesicle"
    assert factor.kind == "text"


def test_a_comparison_of_two_assays_knows_the_columns_of_both():
    both = pd.concat([example(name).observations for name in ("rankl_elisa", "osteoblasts_qpcr")])
    columns = own_columns(replace(comparison(), observations=both))
    names = {column.name for column in columns["Observations"]}
    assert {"response", "back_calculated_concentration", "cq", "delta_cq"} <= names
    assert {"Standards", "MIQE"} <= set(columns)


def test_the_summary_shows_the_tables_that_an_assay_names():
    assert summary_tables(plate_study()) == {"Samples": ()}
    for name, shown in summary_tables(example("osteoblasts_qpcr")).items():
        assert set(shown) <= set(example("osteoblasts_qpcr").tables[name].columns)
