"""Tables come back with their types, whatever their text looks like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from assaykit.excel.cells import Area, Cell, Sheet
from assaykit.tables import OBSERVATIONS, Column, Schema
from assaykit.workbook.sheet_tables import read_table

SCHEMA = Schema(
    "things",
    (
        Column("name", "text", "", required=True),
        Column("size", "number", ""),
        Column("count", "count", ""),
        Column("excluded", "yes_no", ""),
    ),
)


def sheet(*rows: Sequence[object], merged: tuple[Area, ...] = ()) -> Sheet:
    return Sheet(
        "T",
        {
            (r, c): Cell(value)
            for r, row in enumerate(rows, start=1)
            for c, value in enumerate(row, start=1)
            if value is not None
        },
        merged=merged,
    )


def test_cells_become_what_their_column_holds() -> None:
    rows = [
        ("Name", "size", "count", "excluded", "extra", "more"),
        ("007", "1.5", 3, "Yes", 1, "a"),
        (7, None, None, None, None, 2),
        ("=x", 2, 4, False, 3.5, None),
    ]
    table, problems = read_table(sheet(*rows), SCHEMA)
    assert problems == []
    assert list(table) == ["name", "size", "count", "excluded", "extra", "more"]
    assert table["name"].tolist() == ["007", "7", "=x"]
    np.testing.assert_array_equal(table["size"], [1.5, np.nan, 2.0])
    np.testing.assert_array_equal(table["count"], [3, np.nan, 4])
    assert table["excluded"].tolist() == [True, False, False]
    np.testing.assert_array_equal(table["extra"], [1, np.nan, 3.5])
    assert table["more"].tolist() == ["a", "2", ""]


def test_further_columns_are_text_where_they_are_named_so() -> None:
    table, _ = read_table(sheet(("name", "dose"), ("a", 1), ("b", 10)), SCHEMA, ["dose"])
    assert table["dose"].tolist() == ["1", "10"]


def test_known_details_keep_their_type_even_if_empty() -> None:
    header = ("plate", "well", "response", "response_unit", "unknown")
    table, _ = read_table(sheet(header, ("p", "A1", None, None, None)), OBSERVATIONS)
    assert table["response"].isna().all()
    assert table["response_unit"].tolist() == [""]
    assert table["unknown"].isna().all()


def test_an_empty_table() -> None:
    table, problems = read_table(sheet(("name", "size")), SCHEMA)
    assert (len(table), list(table), problems) == (0, ["name", "size"], [])
    assert "no column 'name'" in str(read_table(sheet(), SCHEMA)[1][0])


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (("a", "big"), "T!B2: size: found 'big', expected a number"),
        (("a", "N/A"), "T!B2: size: found 'N/A', expected a number"),
        (("a", 1, 2, "perhaps"), "T!D2: excluded: found 'perhaps', expected yes or no"),
        ((46267.5, 1), "T!A2: name: found a decimal number (46267.5), expected a name"),
    ],
)
def test_what_cannot_be_read_has_its_cell(row: Sequence[object], where: str) -> None:
    (problem,) = read_table(sheet(("name", "size", "count", "excluded"), row), SCHEMA)[1]
    assert str(problem).startswith(where)


def test_merged_cells() -> None:
    spoilt = sheet(("name",), ("a",), ("b",), merged=(Area(2, 1, 3, 1),))
    assert "A2:A3 are merged" in str(read_table(spoilt, SCHEMA)[1][0])
