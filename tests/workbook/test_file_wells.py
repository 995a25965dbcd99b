"""Wells of which an instrument's file says what is in them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from list_helpers import SPEC, content, filled, layout

from assaykit.errors import InputError, Problem
from assaykit.plate import annotate
from assaykit.workbook import complete_wells, examine_template, read_template
from assaykit.workbook.file_wells import own_readings


def export() -> pd.DataFrame:
    """Readings of two targets in each well, with sample and task, as a reader makes them."""
    wells, readings = layout(duplex=True)
    said = wells[["well", "target", "sample", "role"]].rename(columns={"role": "task"})
    return readings.merge(said, on=["well", "target"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A template without a map, which names the file beside it."""
    wells, readings = layout()
    (tmp_path / "run.txt").write_text("an export")
    empty = {"wells": wells.iloc[:0], "readings": readings.iloc[:0]}
    return filled(tmp_path, **empty, readings_file="run.txt")


def test_the_file_may_say_what_is_in_the_wells(path: Path) -> None:
    read = read_template(path, SPEC)
    assert (len(read.wells), read.warnings) == (0, ())
    wells, problems = complete_wells(annotate(export(), read.wells), read, SPEC)
    assert problems == ()
    assert len(wells) == 14
    row = wells[(wells["well"] == "A5") & (wells["target"] == "RUNX2")].iloc[0]
    assert row[["role", "sample", "treatment", "efficiency"]].tolist() == [
        "sample", "vesicle 2", "vesicle", 0.95,
    ]  # fmt: skip


def test_a_check_without_a_reader_says_what_is_left(path: Path) -> None:
    read, problems = examine_template(path, SPEC)
    assert read is not None
    (problem,) = problems
    assert (problem.code, problem.sheet, problem.severity) == (
        "left_to_analysis", "Settings", "warning",
    )  # fmt: skip
    assert "what 'run.txt' says of the wells is compared with this workbook when" in str(problem)


def test_a_check_with_a_reader_looks_the_names_up(path: Path) -> None:
    assert examine_template(path, SPEC, lambda _: export())[1] == ()
    wrong = export().replace({"control 1": "Control 1", "ACTB": "GAPDH"})
    problems = examine_template(path, SPEC, lambda _: wrong)[1]
    assert [(p.code, p.sheet, p.cell, p.well) for p in problems] == [
        ("confusable", "", "", "A1"),
        ("unknown_target", "", "", "A1:A6, C1"),
        ("unused_target", "Targets", "A6", ""),
    ]
    assert {p.file for p in problems} == {path.name}


def test_the_arms_of_the_file_are_checked(path: Path) -> None:
    controls = export()[lambda table: ~table["sample"].str.startswith("vesicle")]
    problems = examine_template(path, SPEC, lambda _: controls)[1]
    assert [(p.code, p.severity) for p in problems] == [
        ("unused_sample", "warning"),
        ("one_arm", "warning"),
    ]


def test_a_file_that_cannot_be_read_is_a_problem_of_its_own(path: Path) -> None:
    def read(file: Path) -> pd.DataFrame:
        raise InputError([Problem("unreadable", "it is empty", file.name)])

    (problem,) = examine_template(path, SPEC, read)[1]
    assert (problem.file, problem.code) == ("run.txt", "unreadable")


def test_a_file_that_is_not_there_is_told_once(path: Path) -> None:
    (path.parent / "run.txt").unlink()
    assert [p.code for p in examine_template(path, SPEC, pytest.fail)[1]] == ["no_readings_file"]


def test_what_only_the_file_can_tell_is_not_missed(tmp_path: Path) -> None:
    """Roles on Plate, samples and targets in the file; a wrong name on Plate is told anyway."""
    wells, readings = layout()
    (tmp_path / "run.txt").write_text("an export")
    open_ = wells.assign(sample="", target="")
    open_.loc[0, "sample"] = "contrl 1"
    path = filled(tmp_path, wells=open_, readings=readings.iloc[:0], readings_file="run.txt")
    problems = examine_template(path, SPEC)[1]
    assert [p.code for p in problems] == ["unknown_sample", "left_to_analysis"]


def test_the_plate_of_the_workbook_is_found_among_several() -> None:
    made = content()
    one = export().assign(plate="whatever")
    assert set(own_readings(one, made, "run.txt", "p.xlsx")["plate"]) == {"P1"}
    two = pd.concat([export(), one])
    assert len(own_readings(two, made, "run.txt", "p.xlsx")) == len(export())
    with pytest.raises(InputError, match=r"run.txt holds the plates P2, whatever, none is 'P1'"):
        own_readings(two.replace({"P1": "P2"}), made, "run.txt", "p.xlsx")


def test_quantities_of_standards_may_stand_in_the_file(tmp_path: Path) -> None:
    wells, readings = layout()
    wells.loc[0, ["role", "sample"]] = ["standard", "S1"]
    assert [p.code for p in examine_template(filled(tmp_path, wells=wells), SPEC)[1]] == [
        "no_nominal_concentration"
    ]
    (tmp_path / "run.txt").write_text("an export")
    path = filled(tmp_path, wells=wells, readings=readings.iloc[:0], readings_file="run.txt")
    assert [p.code for p in examine_template(path, SPEC)[1]] == ["left_to_analysis"]
