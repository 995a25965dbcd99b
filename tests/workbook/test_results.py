"""Results are read back as they were, with what a person changed, or an error says why not.

The workbook is written here as the report writes it: tables with their column names in row 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook
from workbook_helpers import DESIGN, edit, filled
from xlsxwriter import Workbook as NewWorkbook

from assaykit.design import Contrast, Design, Factor, Rescue
from assaykit.errors import InputError
from assaykit.provenance import InputFile, Step
from assaykit.workbook import Results, read_results, write_design_sheet

OBSERVATIONS = pd.DataFrame(
    {
        "plate": ["P1", "P1"],
        "well": ["A3", "B3"],
        "role": ["sample", "sample"],
        "sample": ["007", "=x"],
        "biological_replicate": ["NA", "2E3"],
        "dilution_factor": [2.0, None],
        "excluded": ["no", "no"],
        "reason": ["", ""],
        "treatment": ["control", "vesicle"],
        "assay": ["elisa", "elisa"],
        "endpoint": ["concentration", "concentration"],
        "value": [12.5, None],
        "unit": ["pg/mL", "pg/mL"],
        "scale": ["log", "log"],
        "flags": ["", "below_lloq"],
        "response": [0.5, 0.01],
        "ci_low": [11.0, None],
        "batch": ["7", "8"],
        "cells": [1000, 2000],
    }
)
WELLS = OBSERVATIONS[["plate", "well", "role", "sample", "excluded", "reason"]]
REMARKS = pd.DataFrame(
    {"rule": ["cv"], "severity": ["warning"], "wells": ["A3"], "measured": [25.0]}
)
PROVENANCE = (
    ("assaykit", "kind", "plate results"),
    ("assaykit", "assay", "elisa"),
    ("assaykit", "title", "P1"),
    ("assaykit", "results_version", "1"),
    ("version", "numpy", "2.0"),
    ("input 1", "name", "plate.xlsx"),
    ("input 1", "sha256", "ab12"),
    ("input 1", "size_bytes", "1234"),
    ("plate format", "P1", "96 wells"),
    ("setting", "wavelength", "450 nm"),
    ("note", "operator", "Sato"),
    ("step 1", "name", "blank"),
    ("step 1", "sentence", "The blank was subtracted."),
    ("step 1 parameter", "wells", "3"),
    ("step 1", "reference", "A paper."),
    ("step 1", "reference", "Another paper."),
    ("step 2", "name", "fit"),
    ("step 2", "sentence", "A curve was fitted."),
)


def results(
    path: Path,
    provenance: tuple[tuple[str, str, str], ...] = PROVENANCE,
    design: Design = DESIGN,
    **columns: list[str],
) -> Path:
    with NewWorkbook(str(path), {"strings_to_formulas": False}) as book:
        records = pd.DataFrame(provenance, columns=["section", "item", "value"])
        shared = {name: columns[name] for name in ("well", "target") if name in columns}
        tables: Mapping[str, pd.DataFrame] = {
            "Observations": OBSERVATIONS.assign(**columns), "Wells": WELLS.assign(**shared),
            "QC": REMARKS, "Provenance": records,
        }  # fmt: skip
        for name, table in tables.items():
            write(book.add_worksheet(name), table)
        write_design_sheet(book, book.add_worksheet("Design"), design)
    return path


def write(sheet: object, table: pd.DataFrame) -> None:
    for column, name in enumerate(table):
        sheet.write_string(0, column, name)  # type: ignore[attr-defined]
        for row, value in enumerate(table[name], start=1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)  # type: ignore[attr-defined]
            elif not pd.isna(value):
                sheet.write_number(row, column, value)  # type: ignore[attr-defined]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return results(tmp_path / "P1.results.xlsx")


def column(read: Results, name: str) -> list[object]:
    return read.observations[name].tolist()


def wrong(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_results(path)
    return str(caught.value)


def test_results_come_back_as_they_were(path: Path) -> None:
    read = read_results(path)
    assert (read.assay, read.title, read.design) == ("elisa", "P1", DESIGN)
    for name in ("sample", "biological_replicate", "treatment", "reason", "flags", "batch"):
        assert column(read, name) == OBSERVATIONS[name].tolist()
    assert read.observations["excluded"].tolist() == [False, False]
    for name in ("value", "dilution_factor", "response", "ci_low", "cells"):
        pd.testing.assert_series_equal(
            read.observations[name], OBSERVATIONS[name], check_dtype=False, check_exact=True
        )
        assert pd.api.types.is_numeric_dtype(read.observations[name])
    assert read.remarks[["severity", "measured"]].iloc[0].tolist() == ["warning", 25.0]
    assert list(read.wells["well"]) == ["A3", "B3"]


def test_blocks_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    design = replace(DESIGN, blocks=("day", "lot"))
    columns = {"day": ["1", "2"], "lot": ["007", "NA"], "shelf": ["1", "2"]}
    path = results(tmp_path / "b.xlsx", design=design, **columns)
    read = read_results(path)
    assert read.design == design
    assert (column(read, "day"), column(read, "lot")) == (["1", "2"], ["007", "NA"])
    edit(path, {"Observations!T2": 1, "Observations!V2": 1, "Observations!V3": 2})
    read = read_results(path)
    assert (column(read, "day"), column(read, "shelf")) == (["1", "2"], [1.0, 2.0])


def test_a_design_with_every_choice_comes_back(tmp_path: Path) -> None:
    factor = Factor("treatment", ("control", "vesicle", "KO vesicle"), "control")
    crossed = Contrast("x", "vesicle", "control", ("KO vesicle", "control"))
    design = Design(
        (factor,), True, "mouse", (crossed,), 0.9, "holm", "equal", ("day",), 1.25,
        Rescue("vesicle", "KO vesicle"),
    )  # fmt: skip
    assert read_results(results(tmp_path / "d.xlsx", design=design)).design == design


def test_provenance_comes_back(path: Path) -> None:
    read = read_results(path)
    assert (read.settings, read.notes) == ({"wavelength": "450 nm"}, {"operator": "Sato"})
    assert read.plate_formats == {"P1": 96}
    assert read.inputs == (InputFile("plate.xlsx", "ab12", 1234),)
    assert read.steps == (
        Step("blank", "The blank was subtracted.", {"wells": "3"}, ("A paper.", "Another paper.")),
        Step("fit", "A curve was fitted."),
    )


def test_a_persons_edits_count_and_are_told(path: Path) -> None:
    edit(
        path, {"Observations!G2": "Yes", "Observations!H2": "bubble", "Observations!H3": "checked"}
    )
    read = read_results(path)
    assert column(read, "excluded") == [True, False]
    assert column(read, "reason") == ["bubble", "checked"]
    assert read.edits == (
        "Plate P1, well A3, concentration: excluded by hand (bubble).",
        "Plate P1, well B3, concentration: the reason was changed by hand from '' to 'checked'.",
    )
    assert read_results(results(path)).edits == ()


def test_the_targets_of_one_well_are_edited_one_by_one(tmp_path: Path) -> None:
    path = results(tmp_path / "P1.results.xlsx", well=["A3", "A3"], target=["RUNX2", "ACTB"])
    assert read_results(path).edits == ()
    edit(path, {"Observations!G3": "yes", "Observations!H3": "double peak"})
    assert read_results(path).edits == (
        "Plate P1, well A3, concentration: excluded by hand (double peak).",
    )
    assert column(read_results(path), "target") == ["RUNX2", "ACTB"]


def test_sheets_of_samples_and_targets_are_left_alone(path: Path) -> None:
    def add(book: Workbook) -> None:
        for name in ("Samples", "Targets"):
            book.create_sheet(name).append(["sample", "target"])

    before = read_results(path)
    edit(path, {}, add)
    pd.testing.assert_frame_equal(read_results(path).observations, before.observations)


def test_sorted_and_filtered_rows_are_read(path: Path) -> None:
    def sort(book: Workbook) -> None:
        sheet = book["Observations"]
        sheet.insert_rows(1, 2)
        sheet.row_dimensions[4].hidden = True
        sheet.move_range("A5:S5", rows=3)

    edit(path, {}, sort)
    assert column(read_results(path), "well") == ["A3", "B3"]


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("Observations!L2", "about 12", "Observations!L2: value: found 'about 12', expected a num"),
        ("Observations!L2", "#DIV/0!", "Observations!L2: value: found the Excel error #DIV/0!"),
        ("Observations!G3", "perhaps", "Observations!G3: excluded: found 'perhaps', expected yes"),
        ("Observations!L1", "valeu", "Observations!L1: there is no column 'value'. Did somebody"),
        ("Observations!E1", "sample", "Observations!E1: the column 'sample' is already at D1"),
        ("Observations!L3", ("=1+1",), "Observations!L3: found a formula without a saved value"),
        ("Design!B5", "contrl", "Design!B5: factor treatment: found the reference level 'contrl'"),
        ("Provenance!B1", "itme", "Provenance!B1: there is no column 'item'"),
    ],
)
def test_a_spoilt_cell_is_named(path: Path, cell: str, value: object, words: str) -> None:
    assert f"P1.results.xlsx, {words}" in wrong(edit(path, {cell: value}))


def test_all_problems_are_told_at_once(path: Path) -> None:
    edit(path, {"Observations!L2": "x", "Observations!G3": "perhaps", "Design!B5": "contrl"})
    assert len(wrong(path).splitlines()) == 3


def test_a_missing_sheet(path: Path) -> None:
    def drop(book: Workbook) -> None:
        del book["Observations"]
        del book["Design"]

    text = wrong(edit(path, {}, drop))
    assert "there is no sheet 'Observations'" in text
    assert "there is no sheet 'Design'" in text


def test_other_kinds_of_workbooks_say_which_command_makes_the_right_one(tmp_path: Path) -> None:
    assert "Analyse it first: assaykit elisa plate.xlsx." in wrong(filled(tmp_path))
    Workbook().save(tmp_path / "other.xlsx")
    assert "these are not results of assaykit" in wrong(tmp_path / "other.xlsx")
    study = results(tmp_path / "s.xlsx", (("assaykit", "kind", "study"),))
    assert "of the kind 'study', not of one plate's results" in wrong(study)
    later = tuple((a, b, "9" if b == "results_version" else c) for a, b, c in PROVENANCE)
    assert "the results have version 9, expected 1. Make them again: assaykit elisa" in wrong(
        results(tmp_path / "later.xlsx", later)
    )
