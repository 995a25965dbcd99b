"""The page on reading the results leaves out no sheet and no column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from example_studies import EXAMPLES, example
from report_studies import comparison, plate_study

from assaykit.assays import ASSAYS
from assaykit.report.outputs import file_stem
from assaykit.tables import CHECKS, SCHEMAS
from assaykit.workbook.results import PROVENANCE, REMARKS

PAGE = (Path(__file__).parents[2] / "docs" / "reading-the-results.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "schema", [*SCHEMAS, CHECKS, REMARKS, PROVENANCE], ids=lambda schema: schema.name
)
def test_every_column_of_every_table_is_on_the_page(schema):
    assert [name for name in schema.names if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_every_column_of_the_assays_is_on_the_page(assay):
    names = [column.name for own in assay.columns.values() for column in own]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_column_of_the_example_plates_is_on_the_page(name):
    study = example(name)
    factors = study.design.factor_names
    for table in (study.observations, study.remarks, *study.tables.values()):
        names = [column for column in table.columns if column not in factors]
        assert [column for column in names if f"`{column}`" not in PAGE] == []


def test_every_sheet_is_on_the_page():
    first_cells = " ".join(re.findall(r"^\| ([^|]+) \|", PAGE, re.M))
    for study in (plate_study(), comparison(), *map(example, EXAMPLES)):
        for name in ("Summary", "Observations", "Design", "Methods", "Provenance", *study.tables):
            assert name in first_cells
    assert {"QC", "Wells", "Effects", "Replicates", "Checks", "Limits"} <= set(first_cells.split())


def test_the_example_of_a_changed_name_is_true():
    assert f"`{file_stem('P/1')}`" in PAGE
