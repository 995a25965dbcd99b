"""The contrasts of a Design sheet: pairs of arms, and interactions in two further columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from workbook_helpers import design_sheet

from assaykit.design import Contrast, Design, Factor
from assaykit.excel.cells import Area, Cell, Sheet
from assaykit.workbook.design_sheet import read_design

FACTORS = (
    Factor("genotype", ("WT", "KO"), "WT"),
    Factor("treatment", ("control", "vesicle"), "control"),
)
INTERACTION = Contrast(
    "interaction", "KO / vesicle", "KO / control", ("WT / vesicle", "WT / control")
)
CROSSED = Design(
    FACTORS, contrasts=(Contrast("in WT", "WT / vesicle", "WT / control"), INTERACTION)
)
# Where the table stands in a sheet that we write: H contrast, I arm, J against, K minus_arm,
# L minus_against; the interaction is in row 6.


def read(changes: Mapping[str, object], design: Design = CROSSED) -> tuple[Design, list[str]]:
    found, problems = read_design(design_sheet(design, changes))
    return found.design, [str(problem) for problem in problems]


def test_an_interaction_comes_back_as_it_was_written() -> None:
    sheet = design_sheet(CROSSED)
    assert [sheet.text(4, column) for column in range(8, 13)] == [
        "contrast", "arm", "against", "minus_arm", "minus_against",
    ]  # fmt: skip
    assert [sheet.text(6, column) for column in range(8, 13)] == ["interaction", *INTERACTION.arms]
    assert [sheet.text(5, column) for column in (11, 12)] == ["", ""]
    assert read({}) == (CROSSED, [])


def test_all_default_contrasts_can_be_declared() -> None:
    declared = Design(FACTORS, contrasts=Design(FACTORS).planned(Design(FACTORS).arms))
    assert len(declared.contrasts) == 5
    assert read({}, declared) == (declared, [])


def table(rows: list[list[object]], left: int = 1) -> Sheet:
    cells = {
        (r, c): Cell(value)
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=left)
        if value is not None
    }
    return Sheet("Design", cells)


OLD_ROWS: list[list[object]] = [
    ["factor", "genotype", "treatment", None, "contrast", "arm", "against", None, "setting",
     "value"],
    ["reference_level", "WT", "control", None, "in WT", "WT / vesicle", "WT / control", None,
     "confidence", 0.9],
    ["level 1", "WT", "control"],
    ["level 2", "KO", "vesicle"],
]  # fmt: skip


def test_a_sheet_without_the_two_columns_is_read_as_before() -> None:
    found, problems = read_design(table(OLD_ROWS))
    assert problems == []
    assert found.design == Design(FACTORS, contrasts=CROSSED.contrasts[:1], confidence=0.9)


def test_an_interaction_without_a_name_gets_one() -> None:
    design, problems = read({"H6": None})
    assert problems == []
    name = "(KO / vesicle vs KO / control) − (WT / vesicle vs WT / control)"
    assert design.contrasts[1] == Contrast(name, *INTERACTION.arms[:2], INTERACTION.minus)


def test_settings_below_the_two_columns_are_not_read_as_contrasts() -> None:
    rows = [
        ["factor", "genotype", "treatment"], ["reference_level", "WT", "control"],
        ["level 1", "WT", "control"], ["level 2", "KO", "vesicle"], [],
        ["contrast", "arm", "against", "minus_arm", "minus_against"],
        ["interaction", *INTERACTION.arms], [],
        [None, None, None, "setting", "value"], [None, None, None, "confidence", 0.9],
    ]  # fmt: skip
    found, problems = read_design(table(rows))
    assert problems == []
    assert found.design == Design(FACTORS, contrasts=(INTERACTION,), confidence=0.9)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"L6": None}, ["Design!L6: an interaction needs both arms that it takes away; minus_ag"]),
        ({"K6": None}, ["Design!K6: an interaction needs both arms that it takes away; minus_ar"]),
        ({"J6": None}, ["Design!H6: a contrast needs an arm and what it is compared against."]),
        (
            {"I6": None, "L6": None},
            ["Design!H6: a contrast needs an arm", "Design!L6: an interaction needs both arms"],
        ),
        (
            {"K6": "WT / vesicel"},
            ["Design!K6: contrast interaction: found the arm 'WT / vesicel', expected one of"],
        ),
        (
            {"I6": "ko / vesicle", "L6": "WT"},
            [
                "Design!I6: contrast interaction: found the arm 'ko / vesicle'",
                "Design!L6: contrast interaction: found the arm 'WT'",
            ],
        ),
        (
            {"K6": "KO / vesicle", "L6": "KO / control"},
            ["Design!L6: contrast interaction compares an arm with itself"],
        ),
        ({"L6": 46267}, ["Design!L6: found the serial number of a date (46267), expected a name"]),
        (
            {"H7": "again", "I7": "WT / vesicle", "J7": "WT / control"},
            ["Design!H7: the contrast of 'WT / control and WT / vesicle' is declared more than"],
        ),
        (
            {"H7": "a", "I7": "WT / control", "J7": "WT / vesicle", "K7": "KO / control",
             "L7": "KO / vesicle"},
            ["Design!H7: the contrast of 'KO / control + WT / vesicle and KO / vesicle + WT / con"],
        ),
        (
            {"K4": "minus_amr"},
            ["Design!K4: 'minus_amr' is not a column of the contrasts. Write 'minus_arm'.",
             "Design!L4: an interaction needs both columns, minus_arm and minus_against."],
        ),
        ({"L4": None}, ["Design!K4: an interaction needs both columns, minus_arm and minus_ag"]),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_named_with_its_cell(
    changes: dict[str, object], expected: list[str]
) -> None:
    _, problems = read(changes)
    assert len(problems) == len(expected), problems
    for text, start in zip(problems, expected, strict=True):
        assert text.startswith(start), problems


def test_a_misspelt_arm_of_an_interaction_is_suggested() -> None:
    assert read({"K6": "WT / vesicel"})[1][0].endswith("Did you mean 'WT / vesicle'?")


def test_one_wrong_contrast_does_not_hide_the_others() -> None:
    design, problems = read({"J5": "WT"})
    assert (len(problems), design.contrasts) == (1, (INTERACTION,))
    assert read({"L6": None})[0].contrasts == CROSSED.contrasts[:1]


def test_merged_cells_reach_into_the_two_columns() -> None:
    sheet = replace(design_sheet(CROSSED), merged=(Area(6, 11, 6, 12),))
    assert [(p.code, p.cell) for p in read_design(sheet)[1]] == [("merged_cells", "K6:L6")]
