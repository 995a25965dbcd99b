"""A design is read by the names of its rows and columns; what cannot be true has its cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from workbook_helpers import DESIGN, design_sheet, edit, filled, only, problems

from assaykit.design import Contrast, Design, Factor
from assaykit.excel.cells import Cell, Sheet
from assaykit.workbook.design_sheet import DesignRead, levels_area, read_design

TWO = Design(
    (Factor("genotype", ("WT", "KO"), "WT"), Factor("dose", ("0", "0.5", "10"), "0")),
    replicates_shared=False,
    biological_replicate_is="donor",
    contrasts=(Contrast("top dose in KO", "KO / 10", "KO / 0"),),
    confidence=0.9,
)


def read(changes: Mapping[str, object], design: Design = TWO) -> tuple[DesignRead, list[str]]:
    found, problems_found = read_design(design_sheet(design, changes))
    return found, [str(problem) for problem in problems_found]


@pytest.mark.parametrize("design", [Design(), DESIGN, TWO])
def test_a_design_comes_back_as_it_was_written(design: Design) -> None:
    found, wrong = read({}, design)
    assert (found.design, wrong) == (design, [])


def test_where_the_levels_stand_for_the_dropdowns() -> None:
    sheet = design_sheet(TWO)
    assert levels_area(1) == "$C$6:$C$17"
    assert [sheet.text(row, 3) for row in (6, 7, 8)] == ["0", "0.5", "10"]
    assert levels_area(0, 20) == "$B$6:$B$25"


def test_tables_may_stand_below_each_other() -> None:
    """As another program may lay them out: factors, then contrasts, then settings."""
    rows: list[list[object]] = [
        ["Factors"], ["factor", "genotype", "dose"], ["reference_level", "WT", "0"],
        ["level1", "WT", "0"], ["level2", "KO", "0.5"], ["level3", None, "10"], [],
        ["contrast", "arm", "against"], ["top dose in KO", "KO / 10", "KO / 0"], [],
        ["setting", "value"], ["replicates_shared_by_arms", "no"],
        ["biological_replicate_is", "donor"], ["confidence", "0.9"],
    ]  # fmt: skip
    cells = {
        (r, c): Cell(value)
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=1)
        if value is not None
    }
    found, wrong = read_design(Sheet("Design", cells))
    assert wrong == []
    assert found.design == TWO


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"B5": "wt"}, "Design!B5: factor genotype: found the reference level 'wt', expected one"),
        ({"B5": None}, "Design!B5: factor genotype: found the reference level ''"),
        ({"B8": "KO"}, "Design!B8: factor genotype: the level 'KO' is declared twice (B7)"),
        ({"B8": "ko"}, "Design!B8: factor genotype: the level 'ko' differs from 'KO' only in case"),
        ({"B7": "KO "}, "Design!B7: the level 'KO ' begins or ends with a space. Remove the space"),
        ({"C7": 46267}, "Design!C7: found the serial number of a date (46267), expected a name"),
        ({"C4": "Genotype"}, "Design!C4: the factor 'Genotype' is declared twice"),
        ({"C4": "well"}, "Design!C4: a factor cannot be called 'well'"),
        (
            {"I5": "KO / 11"},
            "Design!I5: contrast top dose in KO: found the arm 'KO / 11', expected",
        ),
        ({"J5": "KO"}, "Design!J5: contrast top dose in KO: found the arm 'KO'"),
        ({"J5": "KO / 10"}, "Design!J5: contrast top dose in KO compares an arm with itself"),
        ({"J5": None}, "Design!H5: a contrast needs an arm and what it is compared against"),
        ({"O5": "maybe"}, "Design!O5: replicates_shared_by_arms: found 'maybe', expected yes, no"),
        ({"O7": 95}, "Design!O7: the confidence level is 95, expected a share"),
        ({"O7": "high"}, "Design!O7: found 'high', expected a number"),
        ({"N7": "confidense"}, "Design!N7: 'confidense' is not a setting here. Did you mean 'conf"),
        ({"A4": "factors"}, "Design: no cell says 'factor'"),
    ],
)
def test_what_cannot_be_true_is_named_with_its_cell(
    changes: dict[str, object], expected: str
) -> None:
    _, wrong = read(changes)
    assert any(text.startswith(expected) for text in wrong), wrong


def test_a_wrong_reference_does_not_hide_the_other_problems() -> None:
    found, wrong = read({"B5": "wt", "C5": "1", "I5": "KO / 11", "O7": 95})
    assert len(wrong) == 4
    assert found.design.factor_names == ("genotype", "dose")


def test_a_contrast_twice_and_a_contrast_without_a_name() -> None:
    again = {"H6": "top dose in KO", "I6": "WT / 10", "J6": "WT / 0"}
    assert read(again)[1] == [
        "Design!H6: the contrast 'top dose in KO' is declared twice. Rename one."
    ]
    found, _ = read({**again, "H6": None})
    assert found.design.contrasts[1].name == "WT / 10 vs WT / 0"


def test_arms_and_levels_are_known_whatever_their_width() -> None:
    found, wrong = read({"I5": "ＫＯ / １０", "B5": "ＷＴ", "O7": "0,9"})
    assert (found.design, wrong) == (TWO, [])


def test_a_level_that_holds_the_joiner_makes_arms_ambiguous() -> None:
    changes = {"B6": "a", "B7": "a / b", "B5": "a", "C5": "c", "C6": "c", "C7": "b / c", "C8": None}
    _, wrong = read({**changes, "H5": None, "I5": None, "J5": None})
    assert any("two different arms have the same label" in text for text in wrong)


def test_a_declared_factor_needs_a_block_or_a_column(plate: Path) -> None:
    edit(plate, {"Design!C4": "genotype", "Design!C5": "WT", "Design!C6": "WT", "Design!C7": "KO"})
    found = only(plate, "missing_factor")
    assert (found.sheet, found.cell) == ("Design", "C4")
    assert "the factor 'genotype' has no block on Plate and no column in Wells" in str(found)


def test_a_filled_factor_needs_levels(tmp_path: Path) -> None:
    path = filled(tmp_path)
    emptied = ("B5", "B6", "B7", "H5", "I5", "J5")
    edit(path, {f"Design!{cell}": None for cell in emptied})
    found = only(path, "no_level")
    assert (found.cell, "has no levels here" in str(found)) == ("B4", True)
    edit(path, {"Design!B5": "control"})
    assert ("no_level", "B5") in [(p.code, p.cell) for p in problems(path)]
