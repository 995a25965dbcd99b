"""Addresses and areas as Excel writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaykit.excel.cells import (
    Area,
    Book,
    Cell,
    Sheet,
    cell_address,
    in_areas,
    parse_address,
    parse_area,
)


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(1, 1, "A1"), (9, 26, "Z9"), (3, 27, "AA3"), (7, 703, "AAA7"), (1048576, 16384, "XFD1048576")],
)
def test_addresses_are_those_of_excel(row: int, column: int, name: str) -> None:
    assert cell_address(row, column) == name
    assert parse_address(name) == (row, column)


@pytest.mark.parametrize("text", ["", "A0", "1A", "A1:B2:C3", "Sheet!A1", "a1"])
def test_what_is_no_area(text: str) -> None:
    assert parse_area(text) is None


@given(st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1))
def test_areas_hold_exactly_the_cells_that_were_given(cells: set[tuple[int, int]]) -> None:
    areas = [parse_area(text) for text in in_areas(cells).split(", ")]
    listed = [
        (row, column)
        for area in areas
        if area is not None
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ]
    assert len(listed) == len(cells)
    assert set(listed) == cells


def test_areas_overlap_and_contain() -> None:
    area = Area(2, 2, 4, 5)
    assert area.size == 12
    assert (4, 5) in area
    assert (5, 5) not in area
    assert area.overlaps(Area(4, 5, 9, 9))
    assert not area.overlaps(Area(5, 1, 9, 9))


def test_labels_are_found_whatever_their_case_topmost_first() -> None:
    sheet = Sheet("s", {(5, 1): Cell("Setting"), (5, 2): Cell(" VALUE"), (9, 1): Cell("setting")})
    assert sheet.find("setting", "value") == (5, 1)
    assert sheet.find("setting", "unit") is None
    assert Book("f", (sheet,)).find("S") is sheet
    assert Book("f", (sheet,)).find("t") is None


def test_blank_cells_are_what_a_person_calls_empty() -> None:
    assert Cell("\u200b \u3000").is_blank
    assert Cell("", is_formula=True).is_blank
    assert not Cell(None, is_formula=True).is_blank
    assert not Cell(0).is_blank


def test_hidden_cells() -> None:
    sheet = Sheet("s", {}, hidden_rows=frozenset({3}), hidden_columns=((5, 16384),))
    assert sheet.hides(3, 1)
    assert sheet.hides(1, 700)
    assert not sheet.hides(1, 4)
