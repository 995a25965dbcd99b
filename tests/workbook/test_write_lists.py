"""List sheets as they are offered, and as they are filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from list_helpers import SAMPLES, SPEC, as_objects, content, filled, lists
from openpyxl import load_workbook

from assaykit.design import Design, Factor
from assaykit.errors import UsageError
from assaykit.tables import check_readings, check_wells
from assaykit.workbook import PlateWorkbook, read_template, write_template


def assert_same(read: PlateWorkbook, made: PlateWorkbook) -> None:
    pd.testing.assert_frame_equal(read.wells, made.wells, check_like=True)
    for name, table in made.lists.items():
        pd.testing.assert_frame_equal(read.lists[name], table)
    for name in ("design", "settings", "plate", "readings_file"):
        assert getattr(read, name) == getattr(made, name)


@pytest.mark.parametrize("duplex", [False, True])
def test_written_read_and_written_again_loses_nothing(tmp_path: Path, duplex: bool) -> None:
    path = filled(tmp_path, duplex=duplex)
    first = read_template(path, SPEC)
    assert_same(first, content(duplex=duplex))
    data = path.read_bytes()
    write_template(path, SPEC, content=first)
    assert path.read_bytes() == data


def test_any_names_survive(tmp_path: Path) -> None:
    names = ["007", "NA", "2E3", "=cmd|' /C calc'!A0", "SEPT2", "miR-143-3p"]
    made = lists()
    renamed = dict(zip(made["Samples"]["sample"], names, strict=True))
    wells = content().wells
    changed = content(
        wells=check_wells(wells.assign(sample=wells["sample"].replace(renamed))),
        lists=made | {"Samples": as_objects(made["Samples"].assign(sample=names))},
    )
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    read = read_template(path, SPEC)
    assert read.warnings == ()
    assert_same(read, changed)


def test_wells_with_one_row_are_on_plate_and_the_others_in_wells(tmp_path: Path) -> None:
    single, double = content(), content(duplex=True)
    mixed = [single.wells[single.wells["row"] != "A"], double.wells[double.wells["row"] == "A"]]
    wells = pd.concat(mixed).sort_values(["row", "column"], kind="stable", ignore_index=True)
    of_rows = [
        made.readings[made.readings["well"].str.startswith("A") == is_a]
        for made, is_a in ((single, False), (double, True))
    ]
    changed = content(
        wells=check_wells(wells),
        readings=check_readings(pd.concat(of_rows, ignore_index=True)),
    )
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    book = load_workbook(path)
    assert [book["Plate"][cell].value for cell in ("B5", "B6")] == [None, "sample"]
    assert [book["Wells"][f"A{row}"].value for row in (5, 6, 16, 17)] == ["A1", "A1", "A6", None]
    read = read_template(path, SPEC)
    assert_same(read, changed)
    data = path.read_bytes()
    assert write_template(path, SPEC, content=read).read_bytes() == data


def test_levels_that_wells_say_themselves_keep_their_block(tmp_path: Path) -> None:
    wells = content().wells
    wells["treatment"] = [name.rpartition(" ")[0] for name in wells["sample"]]
    changed = content(wells=check_wells(as_objects(wells)))
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    assert load_workbook(path)["Plate"]["A16"].value == "treatment"
    read = read_template(path, SPEC)
    assert read.warnings == ()
    assert_same(read, changed)


def test_what_a_blank_template_offers(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    assert book.sheetnames == [
        "Instructions", "Plate", "Wells", "Samples", "Targets", "Design", "Settings", "Example",
        "Lists",
    ]  # fmt: skip
    sheet = book["Samples"]
    assert sheet["A1"].value == "Samples: one row per sample"
    assert sheet["A2"].value.startswith("One row for each cDNA. Plate and Wells use the names of")
    assert [cell.value for cell in sheet[4]] == [
        "sample", "biological_replicate", "treatment", "batch", "rna_ng", "rin", "rt_control",
    ]  # fmt: skip
    assert sheet["E4"].comment.text == "RNA in the reverse transcription [ng]"
    assert sheet["A5"].number_format == "@"
    assert sheet["E5"].number_format == "General"
    assert sheet.freeze_panes == "B5"
    assert sheet.column_dimensions["B"].width > len("biological_replicate")
    rules = {str(r.sqref): r.formula1 for r in sheet.data_validations.dataValidation}
    assert rules["C5:C100"] == "Design!$B$6:$B$17"
    assert rules["G5:G100"].startswith("Lists!")
    targets = {str(r.sqref) for r in book["Targets"].data_validations.dataValidation}
    assert targets == {"B5:B100"}


def test_plate_offers_the_names_of_the_lists_and_no_factor(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    plate = book["Plate"]
    assert [plate.cell(4 + 10 * i, 1).value for i in range(4)] == ["role", "sample", "target", "cq"]
    rules = {str(r.sqref): r for r in plate.data_validations.dataValidation}
    assert rules["B15:M22"].formula1 == "Samples!$A$5:$A$100"
    assert not rules["B15:M22"].showErrorMessage
    assert rules["B25:M32"].formula1 == "Targets!$A$5:$A$100"
    assert rules["B5:M12"].showErrorMessage


def test_wells_begins_as_the_spec_says_and_has_room_for_two_targets(tmp_path: Path) -> None:
    sheet = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))["Wells"]
    assert [cell.value for cell in sheet[4]][:7] == [
        "well", "sample", "role", "target", "target_role", "dye", "cq",
    ]  # fmt: skip
    assert "one row per well and target. A well with more than one target can" in sheet["A2"].value
    assert sheet["A196"].number_format == "@"


def test_the_lists_are_explained_and_shown(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    text = [(row[0].value, row[1].value) for row in book["Instructions"]]
    assert ("rna_ng", "RNA in the reverse transcription [ng]") in text
    assert text[[label for label, _ in text].index("Sheet Targets") + 1][1] == (
        "One row for each target."
    )
    example = [[cell.value for cell in row[:3]] for row in book["Example"]]
    assert example[-3:] == [
        ["sample", "biological_replicate", "treatment"],
        ["KO 1", "mouse 1", "control"],
        ["KO 2", "mouse 2", "control"],
    ]


def test_a_template_may_have_examples_of_its_own(tmp_path: Path) -> None:
    spec = replace(SPEC, examples=(("target", (("RUNX2", "ACTB"), ("RUNX2", "ACTB"))),))
    sheet = load_workbook(write_template(tmp_path / "t.xlsx", spec))["Example"]
    assert [cell.value for cell in sheet[4]][:3] == ["target", 1, 2]
    assert [cell.value for cell in sheet[5]][:3] == ["A", "RUNX2", "ACTB"]


def test_several_factors_and_many_rows(tmp_path: Path) -> None:
    design = Design((Factor("genotype", ("WT", "KO"), "WT"), Factor("dose", ("0", "1"), "0")))
    samples = pd.DataFrame(
        {
            "sample": [f"s{i}" for i in range(200)], "biological_replicate": "m1",
            "genotype": ["WT", "KO"] * 100, "dose": "1",
        }
    )  # fmt: skip
    wells = content().wells
    wells["sample"] = [f"s{i}" for i in range(14)]
    changed = content(
        design=design, wells=check_wells(wells), lists=lists() | {"Samples": as_objects(samples)}
    )
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    sheet = load_workbook(path)["Samples"]
    rules = {str(r.sqref): r.formula1 for r in sheet.data_validations.dataValidation}
    assert rules["D5:D228"] == "Design!$C$6:$C$17"
    found = read_template(path, SPEC).lists["Samples"]
    pd.testing.assert_frame_equal(found[list(samples)], as_objects(samples))


def test_what_has_no_place_is_not_lost_silently(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    wrong = lists() | {"Targets": lists()["Targets"].assign(primer="x")}
    with pytest.raises(UsageError, match="the sheet Targets has no column primer"):
        write_template(path, SPEC, content=content(lists=wrong))
    wells = content(duplex=True).wells.assign(target="RUNX2")
    with pytest.raises(UsageError, match=r"wells A1:A6, C1 have the same target, or none"):
        write_template(path, SPEC, content=content(wells=wells))
    readings = content(duplex=True).readings.drop(columns="target")
    with pytest.raises(UsageError, match=r"wells A1:A6, C1 have the same target, or none"):
        write_template(path, SPEC, content=content(duplex=True, readings=readings))
    assert not path.exists()


def test_lists_that_are_not_given_are_blank(tmp_path: Path) -> None:
    path = write_template(tmp_path / "p.xlsx", SPEC, content=content(lists={}))
    assert load_workbook(path)["Samples"]["A5"].value is None
    assert SAMPLES.words == "One row for each cDNA."
