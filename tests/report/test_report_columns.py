"""Columns are described on their sheets, and numbers shown as their column asks."""

from __future__ import annotations

import pandas as pd
import pytest
from example_studies import EXAMPLES, example, three_references
from report_studies import compared, comparison, plate_study

from assaykit.assays import ASSAYS, find_assay
from assaykit.report.columns import describe_columns, header_of, number_format, told_flags
from assaykit.report.words import own_columns
from assaykit.tables import SCHEMAS, WELLS


def sheets_of(study) -> dict[str, pd.DataFrame]:
    return {
        "Observations": study.observations, "Wells": study.wells, "QC": study.remarks,
        "Effects": study.effects, "Replicates": study.replicates, "Checks": study.checks,
        **study.tables,
    }  # fmt: skip


def assert_described(sheets, own):
    for sheet, table in sheets.items():
        described = describe_columns(sheet, table.columns, own)
        assert set(table.columns) == set(described), sheet
        assert all(column.meaning for column in described.values())


@pytest.mark.parametrize(
    "study", [plate_study(), comparison(), compared()], ids=["plate", "study", "compared"]
)
def test_every_column_that_reaches_a_sheet_is_described(study):
    assert_described(sheets_of(study), own_columns(study))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_column_of_every_example_plate_is_described(name):
    study = example(name)
    assert_described(sheets_of(study), own_columns(study))


def test_the_columns_that_no_example_has_are_described_too():
    assert_described(three_references(), find_assay("qpcr").columns | {"": WELLS.columns})


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_assay_says_itself_what_the_columns_of_its_own_tables_are(name):
    """Beside those of the five tables, the factors and the template's variables."""
    study = example(name)
    own = own_columns(study)
    shared = {column.name for schema in SCHEMAS for column in schema.columns}
    shared |= {column.name for column in own[""]}
    for sheet, table in study.tables.items():
        said = {column.name for column in own[sheet]}
        assert set(table.columns) <= said | shared, sheet
        assert not {"ci_low", "n_wells", "p_value"} & set(table.columns) - said, sheet


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_an_assay_describes_each_column_of_a_sheet_once(assay):
    assert "Observations" in assay.columns
    for sheet, columns in assay.columns.items():
        names = [column.name for column in columns]
        assert len(names) == len(set(names)), sheet
        assert all(column.meaning for column in columns)


def test_numbers_of_a_qpcr_plate_carry_a_unit_or_need_none():
    columns = find_assay("qpcr").columns
    bare = {
        column.name
        for own in columns.values()
        for column in own
        if column.kind == "number" and not column.unit
    }
    assert bare == {"r_squared", "den_df", "f", "p_value"}


@pytest.mark.parametrize(
    ("sheet", "name", "value", "shown_as"),
    [
        ("Observations", "cq", 25.4512, "0.000"),
        ("Observations", "delta_cq", -0.0421, "0.000"),
        ("Observations", "efficiency", 0.95427, "0.000"),
        ("Observations", "relative_quantity", 0.570829, "0.000"),
        ("Observations", "relative_quantity", 27.3214, "0.0"),
        ("Observations", "relative_quantity", 2.6e-7, "0.00E+00"),
        ("Wells", "rin", 8.9, "General"),
        ("Wells", "efficiency", 0.95, "General"),
        ("Efficiency", "slope", -3.43662, "0.000"),
        ("Efficiency", "r_squared", 0.999517, "0.0000"),
        ("Efficiency", "lowest", 39.0625, "General"),
        ("Efficiency", "n_levels", 5.0, "0"),
        ("Melt", "tm", 84.231, "0.0"),
    ],
)
def test_numbers_are_shown_as_their_assay_says(sheet, name, value, shown_as):
    own = own_columns(example("osteoblasts_qpcr"))
    column = describe_columns(sheet, [name], own)[name]
    assert number_format(name, value, "", column) == shown_as


def test_one_name_means_what_its_sheet_says():
    own = own_columns(plate_study())
    found = [
        describe_columns(sheet, ["ci_low"], own)["ci_low"].unit
        for sheet in ("Observations", "Effects")
    ]
    assert found == ["see concentration_unit", ""]


def test_an_empty_table_still_has_the_header_of_its_sheet():
    nothing = pd.DataFrame()
    assert header_of("Observations", nothing)[:2] == ["plate", "well"]
    assert header_of("QC", nothing)[:2] == ["rule", "severity"]
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
        ("value", 25.123, "cycles", "0.000"),
        ("value", -4.1234, "log2", "0.000"),
        ("nominal_concentration", 31.25, "", "General"),
    ],
)
def test_numbers_are_shown_by_column_and_unit_else_with_four_digits(name, value, unit, shown_as):
    assert number_format(name, value, unit) == shown_as


def test_a_control_in_which_nothing_was_found_has_no_flag_to_look_at():
    wells = pd.DataFrame(
        {"role": ["ntc", "nrt", "sample", "ntc"],
         "flag": ["undetermined", "undetermined", "undetermined", "saturated"],
         "flags": ["", "", "at_bound", ""]}
    )  # fmt: skip
    assert told_flags(wells) == ["", "", "undetermined; at_bound", "saturated"]
    assert told_flags(wells[["flag"]])[0] == "undetermined"
    assert told_flags(wells[["role"]]) == [""] * 4
