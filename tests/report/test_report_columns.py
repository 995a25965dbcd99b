"""Columns are described on their sheets, and numbers shown as their column asks."""

from __future__ import annotations

import pandas as pd
import pytest
from report_studies import compared, comparison, plate_study

from assaykit.report.columns import describe_columns, header_of, number_format
from assaykit.report.words import own_columns


@pytest.mark.parametrize(
    "study", [plate_study(), comparison(), compared()], ids=["plate", "study", "compared"]
)
def test_every_column_that_reaches_a_sheet_is_described(study):
    sheets = {
        "Observations": study.observations, "Wells": study.wells, "QC": study.remarks,
        "Effects": study.effects, "Replicates": study.replicates, "Checks": study.checks,
        **study.tables,
    }  # fmt: skip
    for sheet, table in sheets.items():
        described = describe_columns(sheet, table.columns, own_columns(study))
        assert set(table.columns) == set(described), sheet
        assert all(column.meaning for column in described.values())


def test_the_tables_of_the_assays_are_described_too():
    names = {
        "lloq", "uloq", "lob", "lod", "levels_passed", "levels_total", "accepted", "n_blanks",
        "lod_is_approximate", "dilutions_used", "dilutions_out_of_range", "concentration", "kind",
        "expected", "found", "n_dilutions", "lowest_recovery_percent", "highest_recovery_percent",
        "hook_effect", "cv_percent", "parallelism_f", "parallelism_p", "verdict",
    }  # fmt: skip
    assert set(describe_columns("Dilution series", names)) == names


def test_one_name_means_what_its_sheet_says():
    found = [
        describe_columns(sheet, ["ci_low"])["ci_low"].unit for sheet in ("Observations", "Effects")
    ]
    assert found == ["see concentration_unit", ""]


def test_an_empty_table_still_has_the_header_of_its_sheet():
    nothing = pd.DataFrame()
    assert header_of("Observations", nothing)[:2] == ["plate", "well"]
    assert header_of("QC", nothing)[:2] == ["rule", "severity"]
    assert header_of("Standards", nothing)[2] == "nominal_concentration"
    assert header_of("Something new", nothing) == []


@pytest.mark.parametrize(
    ("name", "value", "unit", "shown_as"),
    [
        ("p_value", 1e-9, "", "[<0.001]0.00E+00;0.0000"),
        ("p_equivalence", 0.2, "", "[<0.001]0.00E+00;0.0000"),
        ("value", 0.1234, "OD", "0.000"),
        ("value", 0.1234, "pg/mL", "0.0000"),
        ("concentration", 123.456, "", "0.0"),
        ("concentration", 123456.0, "", "0"),
        ("concentration", -0.00123, "", "0.000000"),
        ("concentration", 0.0, "", "0"),
        ("concentration", 3e-12, "", "0.000E+00"),
        ("recovery_percent", 99.87, "", "0.0"),
        ("n_biological", 4.0, "", "0"),
        ("column", 12.0, "", "0"),
        ("nominal_concentration", 31.25, "", "General"),
    ],
)
def test_numbers_are_shown_by_column_and_unit_else_with_four_digits(name, value, unit, shown_as):
    assert number_format(name, value, unit) == shown_as
