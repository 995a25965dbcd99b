"""The settings of a Design sheet: each comes back as written, each wrong one has its cell."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from workbook_helpers import SPEC, content, design_sheet
from xlsxwriter import Workbook

from assaykit.design import ADJUSTMENTS, Contrast, Design, Factor, Rescue
from assaykit.excel.cells import Cell, Sheet
from assaykit.workbook import read_template, write_design_sheet, write_template
from assaykit.workbook.design_settings import SETTINGS, said_settings
from assaykit.workbook.design_sheet import read_design

FACTORS = (Factor("treatment", ("control", "vesicle", "KO vesicle"), "control"),)
PAIRS = (Contrast("effect", "vesicle", "control"), Contrast("origin", "vesicle", "KO vesicle"))
CHOICES: dict[str, object] = {
    "adjustment": "sidak", "variances": "unequal", "blocks": ("day", "operator 2"),
    "equivalence_margin": 1.25, "rescue": Rescue("vesicle", "KO vesicle"),
}  # fmt: skip
ALL = Design(FACTORS, False, "donor", PAIRS, 0.9, **CHOICES)  # type: ignore[arg-type]
# The cell of each value in a sheet that we write.
CELLS = {name: f"O{row}" for row, name in enumerate(SETTINGS, start=5)}


def read(changes: Mapping[str, object], design: Design = ALL) -> tuple[Design, list[str]]:
    found, problems = read_design(design_sheet(design, changes))
    return found.design, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "design",
    [
        ALL,
        *(Design(FACTORS, **{name: value}) for name, value in CHOICES.items()),  # type: ignore[arg-type]
        *(Design(FACTORS, adjustment=name) for name in ADJUSTMENTS),
        Design(FACTORS, variances="equal", replicates_shared=True),
        Design(FACTORS, equivalence_margin=4 / 3, confidence=1 - 1 / 7),
        Design(blocks=("day",)),
    ],
)
def test_every_choice_comes_back_as_it_was_written(design: Design) -> None:
    assert read({}, design) == (design, [])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(1, 1e6, exclude_min=True), st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_numbers_come_back_to_their_last_digit(margin: float, confidence: float) -> None:
    design = Design(FACTORS, equivalence_margin=margin, confidence=confidence)
    assert read({}, design) == (design, [])


def test_where_each_setting_stands() -> None:
    sheet = design_sheet(ALL)
    assert [sheet.text(row, 14) for row in range(4, 14)] == ["setting", *SETTINGS]
    assert sheet.text(4, 15) == "value"
    assert {name: sheet.text(row, 15) for row, name in enumerate(SETTINGS, start=5)} == {
        name: str(value) for name, value in said_settings(ALL).items()
    }
    found, _ = read_design(sheet)
    assert found.settings["rescued_arm"] == (13, 15)


def test_every_setting_says_what_an_empty_cell_means() -> None:
    assert all("empty" in words for words in SETTINGS.values())
    assert all(f"\n{name}: " in SETTINGS["adjustment"] for name in ADJUSTMENTS if name)


def test_every_setting_is_in_the_guide() -> None:
    guide = Path(__file__).parents[2] / "docs" / "filling-a-template.md"
    text = guide.read_text("utf-8").split("## Design")[1].split("## Settings")[0]
    assert all(f"`{name}`" in text for name in SETTINGS)


def test_choices_have_their_dropdowns_and_all_settings_their_comments() -> None:
    memory = BytesIO()
    with Workbook(memory) as book:
        write_design_sheet(book, book.add_worksheet("Design"), ALL)
    sheet = load_workbook(memory)["Design"]
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered == {
        CELLS["replicates_shared_by_arms"]: '"yes,no"',
        CELLS["adjustment"]: '"dunnett,tukey,holm,sidak,bonferroni,none"',
        CELLS["variances"]: '"equal,unequal"',
    }
    for row, (name, words) in enumerate(SETTINGS.items(), start=5):
        assert (sheet.cell(row, 14).value, sheet.cell(row, 14).comment.text) == (name, words)
        wanted = "General" if name in ("confidence", "equivalence_margin") else "@"
        assert sheet.cell(row, 15).number_format == wanted


def test_a_blank_template_offers_the_settings_empty(tmp_path: Path) -> None:
    sheet = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))["Design"]
    values = {sheet.cell(row, 14).value: sheet.cell(row, 15).value for row in range(5, 14)}
    assert values == {**dict.fromkeys(SETTINGS), "confidence": 0.95}


def test_a_sheet_without_the_new_rows_is_read_as_before() -> None:
    changes = {f"{column}{row}": None for row in range(8, 14) for column in "NO"}
    assert read(changes) == (Design(FACTORS, False, "donor", PAIRS, 0.9), [])
    found, problems = read_design(Sheet("Design", {(1, 1): Cell("factor")}))
    assert (found.design, problems) == (Design(), [])


@pytest.mark.parametrize("name", SETTINGS)
def test_a_cell_with_only_spaces_is_empty(name: str) -> None:
    plain = Design(FACTORS)
    assert read({CELLS[name]: " \u3000"}, plain) == (plain, [])


@pytest.mark.parametrize(
    ("cell", "typed", "expected"),
    [
        ("adjustment", "Holm", {"adjustment": "holm"}),
        ("adjustment", "ＴＵＫＥＹ", {"adjustment": "tukey"}),
        ("variances", " Unequal", {"variances": "unequal"}),
        ("replicates_shared_by_arms", True, {"replicates_shared": True}),
        ("blocks", "day,operator", {"blocks": ("day", "operator")}),
        ("blocks", " day ; ; operator  2, ", {"blocks": ("day", "operator 2")}),
        ("blocks", "実験日、担当者", {"blocks": ("実験日", "担当者")}),
        ("blocks", "day，ｌｏｔ", {"blocks": ("day", "lot")}),
        ("equivalence_margin", "1,25", {"equivalence_margin": 1.25}),
        ("equivalence_margin", "１．５", {"equivalence_margin": 1.5}),
        ("equivalence_margin", 2, {"equivalence_margin": 2.0}),
    ],
)
def test_settings_are_read_whatever_their_dress(
    cell: str, typed: object, expected: dict[str, object]
) -> None:
    design, problems = read({CELLS[cell]: typed}, Design(FACTORS))
    assert (design, problems) == (Design(FACTORS, **expected), [])  # type: ignore[arg-type]


def test_arms_of_the_rescue_are_known_whatever_their_width() -> None:
    assert read({"O12": "ｖｅｓｉｃｌｅ ", "O13": " KO  vesicle"}) == (ALL, [])


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("adjustment", "dunnet", "adjustment: found 'dunnet', expected dunnett, tukey, holm, "
         "sidak, bonferroni, none or nothing. Did you mean 'dunnett'?"),
        ("adjustment", "fdr", "adjustment: found 'fdr', expected dunnett"),
        ("adjustment", 5, "adjustment: found '5', expected dunnett"),
        ("adjustment", "dunnett", "Dunnett's adjustment is for contrasts against one arm. Write"),
        ("variances", "unqual", "variances: found 'unqual', expected equal, unequal or nothing. "
         "Did you mean 'unequal'?"),
        ("variances", True, "variances: found 'True', expected equal, unequal or nothing"),
        ("blocks", "day, Day", "the block 'Day' is declared more than once. Keep one."),
        ("blocks", "day, treatment", "'treatment' is both a factor and a block. A factor is what"),
        ("blocks", "Treatment", "'Treatment' is both a factor and a block."),
        ("blocks", "plate", "a block cannot be called 'plate', as a column of every table is. "
         "Choose another name; the plate is a block without being named."),
        ("blocks", datetime.datetime(2026, 9, 2), "found a date (2026-09-02 00:00:00), expected a"),
        ("equivalence_margin", 0.8, "the equivalence margin is 0.8, expected a ratio above 1. "
         "Write 1.25"),
        ("equivalence_margin", 1, "the equivalence margin is 1, expected a ratio above 1."),
        ("equivalence_margin", "25 %", "found '25 %', expected a number"),
        ("equivalence_margin", "N/A", "found 'N/A', expected a number. Type the number."),
        ("equivalence_margin", True, "found 'True', expected a number"),
        ("equivalence_margin", "#DIV/0!", "found the Excel error #DIV/0!, expected a number"),
        ("confidence", 95, "the confidence level is 95, expected a share between 0 and 1."),
        ("confidence", "N/A", "found 'N/A', expected a number"),
        ("treated_arm", "vesicel", "treated_arm: found the arm 'vesicel', expected one of control, "
         "vesicle, KO vesicle. Did you mean 'vesicle'?"),
        ("treated_arm", "control", "the rescue fraction needs a treated and a rescued arm beside"),
        ("treated_arm", None, "the rescue fraction needs treated_arm and rescued_arm; only one is "
         "filled. Fill both, or empty both."),
        ("rescued_arm", "KO", "rescued_arm: found the arm 'KO', expected one of control"),
        ("rescued_arm", "control", "the rescue fraction needs a treated and a rescued arm beside"),
        ("rescued_arm", "vesicle", "the rescue fraction needs a treated and a rescued arm beside"),
        ("rescued_arm", None, "the rescue fraction needs treated_arm and rescued_arm; only one is"),
        ("rescued_arm", datetime.datetime(2026, 9, 2), "found a date (2026-09-02"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_its_cell(name: str, typed: object, words: str) -> None:
    design, problems = read({CELLS[name]: typed})
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"Design!{CELLS[name]}: {words}"), problems
    left_out = {"treated_arm": "rescue", "rescued_arm": "rescue"}.get(name, name)
    kept = [choice for choice in CHOICES if choice != left_out]
    assert all(getattr(design, choice) == CHOICES[choice] for choice in kept)


def test_one_wrong_block_does_not_hide_the_others() -> None:
    design, problems = read({"O10": "plate, day, treatment, Day, lot"})
    assert design.blocks == ("day", "lot")
    assert [text[:11] for text in problems] == ["Design!O10:"] * 3


def test_both_arms_of_the_rescue_may_be_wrong() -> None:
    _, problems = read({"O12": "x", "O13": "y"})
    assert [text.split(":")[0] for text in problems] == ["Design!O12", "Design!O13"]
    _, problems = read({"O12": "x", "O13": None})
    assert [text.split(":")[0] for text in problems] == ["Design!O12", "Design!O13"]


def test_a_rescue_whose_other_row_is_gone_is_named_where_it_stands() -> None:
    _, problems = read({"N13": None, "O13": None})
    assert [text[:15] for text in problems] == ["Design!O12: the"]


def test_without_factors_there_is_no_arm_to_rescue() -> None:
    _, problems = read({"O12": "vesicle", "O13": "KO vesicle"}, Design())
    assert len(problems) == 2
    assert "found the arm 'vesicle', but none is declared" in problems[0]


def test_tukey_and_dunnett_forbid_interactions() -> None:
    crossed = Contrast("x", "vesicle", "control", ("KO vesicle", "control"))
    for name in ("tukey", "dunnett"):
        design = Design(FACTORS, contrasts=(crossed,))
        _, problems = read({CELLS["adjustment"]: name}, design)
        assert [text[:10] for text in problems] == ["Design!O8:"]
        assert problems[0].endswith(("Write holm.", "against the same arm."))


def test_a_setting_twice_and_a_misspelt_setting() -> None:
    assert read({"N14": "blocks"})[1] == ["Design!N14: 'blocks' is already in N10. Keep one."]
    assert read({"N14": "treated arm"})[1] == [
        "Design!N14: 'treated_arm' is already in N12. Keep one."
    ]
    (problem,) = read({"N11": "equivalence_margn"})[1]
    assert problem.endswith("is not a setting here. Did you mean 'equivalence_margin'?")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_formula_without_a_saved_value_is_named(name: str) -> None:
    sheet = design_sheet(ALL)
    place = (int(CELLS[name][1:]), 15)
    cells = {**sheet.cells, place: Cell(None, is_formula=True)}
    found = read_design(Sheet("Design", cells))[1]
    assert [(p.code, p.cell) for p in found] == [("formula_without_value", CELLS[name])]


def test_a_template_with_all_choices_comes_back(tmp_path: Path) -> None:
    wells = content().wells.assign(day="monday", **{"operator 2": "Sato"})
    path = write_template(tmp_path / "p.xlsx", SPEC, content=content(design=ALL, wells=wells))
    read_back = read_template(path, SPEC)
    assert read_back.design == ALL
    assert write_template(tmp_path / "q.xlsx", SPEC, content=read_back).read_bytes() == (
        path.read_bytes()
    )
