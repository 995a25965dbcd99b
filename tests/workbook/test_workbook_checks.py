"""What the statements of a plate must have in common; each test changes a cell or two."""

from __future__ import annotations

from pathlib import Path

from workbook_helpers import edit, only, place, problems

from assaykit.workbook import Variable
from assaykit.workbook.fields import in_wells


def codes(path: Path) -> list[tuple[str, str, str]]:
    return [(p.code, p.cell, p.severity) for p in problems(path)]


def block(path: Path, name: str, cells: dict[str, object]) -> Path:
    """Use the dilution_factor block of the plate for another variable."""
    every = {
        place("dilution_factor", f"{row}{column}"): None for row in "ABCD" for column in (3, 4)
    }
    filled = {place("dilution_factor", well): value for well, value in cells.items()}
    return edit(path, {**every, "Plate!A34": name, **filled})


def test_a_well_with_statements_but_no_role(plate: Path) -> None:
    edit(plate, {place("role", "A3"): None})
    found = only(plate, "no_role")
    assert (found.cell, found.well) == ("D11", "A3")
    assert "the well is used, but its role is empty" in str(found)


def test_an_empty_role_is_a_role(plate: Path) -> None:
    edit(plate, {place("role", "D4"): "empty"})
    assert problems(plate) == ()


def test_the_same_problem_of_many_wells_is_one_problem(plate: Path) -> None:
    wells = [f"{row}{column}" for row in "ABCD" for column in (1, 2)]
    edit(plate, {place("nominal_concentration", well): None for well in wells})
    found = only(plate, "no_nominal_concentration")
    assert (found.cell, found.well) == ("B5:C8", "A1:D2")
    assert "this standard has no nominal_concentration" in str(found)


def test_an_unreadable_value_is_not_also_missing(plate: Path) -> None:
    edit(plate, {place("nominal_concentration", "A1"): "ten", place("treatment", "A3"): "contrl"})
    assert [code for code, _, _ in codes(plate)] == ["unknown_level", "not_a_number"]


def test_dilution_factors(plate: Path) -> None:
    edit(plate, {place("dilution_factor", "A3"): -2, place("dilution_factor", "A4"): 0.2})
    assert codes(plate) == [
        ("dilution_factor", "D35", "error"),
        ("dilution_below_one", "E35", "warning"),
    ]
    assert "A dilution of 1:5 is written 5." in str(problems(plate)[1])


def test_an_exclusion_wants_a_reason_and_a_reason_an_exclusion(plate: Path) -> None:
    block(plate, "excluded", {"A3": "YES", "A4": "no"})
    found = only(plate, "no_reason")
    assert (found.cell, found.severity) == ("D35", "warning")
    block(plate, "reason", {"A3": "bubble"})
    assert "there is a reason, but the well is not excluded" in str(only(plate, "not_excluded"))


def test_an_excluded_well_need_not_be_complete(plate: Path) -> None:
    block(plate, "excluded", {"A3": True})
    edit(plate, {place("treatment", "A3"): None, place("biological_replicate", "A3"): None})
    assert "no_treatment" not in {code for code, _, _ in codes(plate)}


def test_neither_yes_nor_no(plate: Path) -> None:
    block(plate, "excluded", {"A3": "ja"})
    assert "excluded: found 'ja', expected one of yes, no" in str(only(plate, "unknown_choice"))


def test_samples_that_differ_in_case_are_only_doubtful(plate: Path) -> None:
    edit(plate, {place("sample", "A4"): "Control 1"})
    found = only(plate, "confusable")
    assert (found.severity, found.cell) == ("warning", "E11")


def test_no_readings_for_a_channel_is_said_once(plate: Path) -> None:
    edit(plate, {place("od_450", f"{row}{c}"): None for row in "ABCD" for c in (1, 2, 3, 4)})
    assert codes(plate) == [("no_readings", "", "warning")]


def test_replicates_that_should_be_shared_but_are_not(plate: Path) -> None:
    names = {place("biological_replicate", f"{row}4"): f"other {row}" for row in "ABC"}
    edit(plate, names)
    found = only(plate, "replicates_not_shared")
    assert (found.sheet, found.cell, found.severity) == ("Design", "B4", "error")


def test_wells_offered_as_replicates(plate: Path) -> None:
    wells = [f"{row}{column}" for row in "ABC" for column in (3, 4)]
    edit(plate, {place("biological_replicate", well): well for well in wells} | {"Design!M5": "no"})
    assert only(plate, "wells_as_replicates").severity == "warning"


def test_many_wells_in_few_words() -> None:
    assert in_wells(["H12", "A2", "A1", "B1", "B2"]) == "A1:B2, H12"
    assert Variable("role", "text", "use").on_plate
