"""Wells get the columns of the lists by name; names are never merged silently.

On Plate, row A (cells B17:G17) has the target RUNX2, row B ACTB; samples stand in B11:G12.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from list_helpers import SPEC, content, filled, lists, problems
from workbook_helpers import edit

from assaykit import assays
from assaykit.assays.base import Assay, Quantified
from assaykit.errors import InputError, Problem
from assaykit.plate import annotate
from assaykit.study import analyse_plate
from assaykit.tables import check_wells
from assaykit.workbook import complete_wells, join_lists, read_template


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A filled template without any mistake."""
    return filled(tmp_path)


def told(path: Path) -> list[tuple[str, str, str, str]]:
    return [(p.code, f"{p.sheet}!{p.cell}", p.well, p.severity) for p in problems(path)]


def annotated(*, duplex: bool = False) -> pd.DataFrame:
    made = content(duplex=duplex)
    return annotate(made.readings, made.wells)


def joined(**changes: object) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """The plate's wells with some columns changed, joined without knowledge of cells."""
    return join_lists(annotated().assign(**changes), lists(), SPEC)


@pytest.mark.parametrize("duplex", [False, True])
def test_wells_and_lists_become_one_wide_table(duplex: bool) -> None:
    wells, found = join_lists(annotated(duplex=duplex), lists(), SPEC)
    assert found == ()
    row = wells[(wells["sample"] == "vesicle 2") & (wells["target"] == "RUNX2")].iloc[0]
    names = ["treatment", "biological_replicate", "day", "rna_ng", "target_role", "efficiency"]
    assert row[names].tolist() == ["vesicle", "mouse 2", "day 2", 250.0, "target", 0.95]
    assert list(wells.columns[-5:]) == ["channel", "value", "unit", "flag", "source"]
    assert len(wells) == len(annotated(duplex=duplex))


def test_wells_without_a_row_have_nothing_to_say() -> None:
    wells = joined()[0]
    ntc = wells[wells["role"] == "ntc"]
    assert ntc[["treatment", "biological_replicate", "batch"]].eq("").all(axis=None)
    assert ntc["rna_ng"].isna().all()
    assert not ntc["rt_control"].any()
    assert wells["rt_control"].dtype == bool
    assert ntc["target_role"].tolist() == ["target", "reference"]


def test_a_name_without_a_row_is_one_problem_with_its_wells_and_the_nearest(path: Path) -> None:
    edit(path, {"Plate!B11": "contrl 1", "Plate!B12": "contrl 1"})
    assert told(path) == [
        ("unknown_sample", "Plate!B11:B12", "A1:B1", "error"),
        ("unused_sample", "Samples!A5", "", "warning"),
    ]
    assert (
        "'contrl 1' has no row on the sheet Samples. Did you mean 'control 1'? If not, add a"
        in (str(problems(path)[0]))
    )


def test_names_that_differ_in_case_or_hyphens_are_told_apart(path: Path) -> None:
    edit(path, {"Plate!B17": "Runx2", "Plate!C17": "RUNX-2"})
    assert told(path) == [
        ("confusable", "Plate!B17", "A1", "error"),
        ("confusable", "Plate!C17", "A2", "error"),
    ]
    assert "Write 'RUNX2', or add a row for 'Runx2'." in str(problems(path)[0])


def test_a_name_in_another_dress_is_the_name_of_the_list(path: Path) -> None:
    edit(path, {"Plate!B17": "ＲＵＮＸ２", "Plate!B11": "control\u00a01"})
    read = read_template(path, SPEC)
    wells, _ = complete_wells(annotate(read.readings, read.wells), read, SPEC)
    assert wells.loc[0, ["sample", "target"]].tolist() == ["control 1", "RUNX2"]


def test_controls_need_no_row_but_a_target(path: Path) -> None:
    edit(path, {"Plate!B13": "water", "Plate!B19": None})
    assert told(path) == [("no_target", "Plate!B7", "C1", "error")]
    assert "the well has the role ntc, but names no target" in str(problems(path)[0])


def test_a_control_that_nearly_names_a_sample_is_doubtful(path: Path) -> None:
    edit(path, {"Plate!B7": "nrt", "Plate!B13": "Control-1"})
    assert told(path) == [("confusable", "Plate!B13", "C1", "warning")]


def test_a_sample_well_without_a_sample(path: Path) -> None:
    edit(path, {"Plate!B11": None})
    assert told(path) == [("no_sample", "Plate!B5", "A1", "error")]


def test_an_excluded_well_may_name_anything(tmp_path: Path) -> None:
    wells = content().wells
    wells.loc[0, ["excluded", "reason", "sample"]] = [True, "bubble", "lost"]
    path = filled(tmp_path, wells=check_wells(wells))
    assert problems(path) == ()


def test_rows_that_no_well_names(path: Path) -> None:
    edit(path, {"Targets!A7": "SOST", "Samples!A11": "control 4"})
    assert told(path) == [
        ("unused_sample", "Samples!A11", "", "warning"),
        ("unused_target", "Targets!A7", "", "warning"),
    ]


def test_an_empty_list_is_told_once(path: Path) -> None:
    edit(path, {f"Targets!{column}{row}": None for column in "ABCDE" for row in (5, 6)})
    assert told(path) == [("empty_list", "Targets!", "", "error")]
    assert "there is no target on this sheet, but wells name some. Fill it: One row" in (
        str(problems(path)[0])
    )


def test_a_list_that_contradicts_the_wells_names_both_cells(tmp_path: Path) -> None:
    wells = content().wells
    wells["target_role"] = ["target", "reference", *[""] * 12]
    path = filled(tmp_path, wells=check_wells(wells))
    assert told(path) == [("conflict", "Plate!C23", "A2", "error")]
    assert (
        "target_role of target 'RUNX2' is 'reference' in the wells, but 'target' in Targets!B5. "
        "Make them agree, or say it in one of the two places only."
    ) in str(problems(path)[0])


def test_what_wells_say_counts_where_the_list_is_silent() -> None:
    silent = lists()
    silent["Samples"].loc[0, "biological_replicate"] = ""
    wells = annotated()
    own = ["M9" if name == "control 1" else "" for name in wells["sample"]]
    found = join_lists(wells.assign(biological_replicate=own), silent, SPEC)
    assert found[1] == ()
    assert found[0]["biological_replicate"].tolist()[:2] == ["M9", "mouse 2"]
    (problem,) = join_lists(wells.assign(biological_replicate=own), lists(), SPEC)[1]
    assert (problem.code, problem.well) == ("conflict", "A1:B1")
    assert "is 'M9' in the wells, but 'mouse 1' in Samples" in str(problem)


def test_numbers_and_answers_of_wells_and_list() -> None:
    (problem,) = joined(efficiency=[0.9] + [float("nan")] * 13)[1]
    assert "efficiency of target 'RUNX2' is '0.9' in the wells, but '0.95' in Targets" in (
        str(problem)
    )
    wells, found = joined(rt_control=True)
    assert found == ()
    assert wells["rt_control"].all()


def test_without_lists_nothing_is_joined() -> None:
    wells = annotated()
    same, found = join_lists(wells, {}, SPEC)
    pd.testing.assert_frame_equal(same, wells)
    assert found == ()


def test_the_analysis_stops_with_every_error_and_goes_on_with_warnings(path: Path) -> None:
    edit(path, {"Targets!A7": "SOST"})
    read = read_template(path, SPEC)
    wells = annotate(read.readings, read.wells)
    _, warnings = complete_wells(wells, read, SPEC, path.name)
    assert warnings == read.warnings
    assert [p.code for p in warnings] == ["unused_target"]
    wrong = wells.assign(sample="x", target=["RUNX"] * 7 + ["ACTB"] * 7)
    with pytest.raises(InputError) as caught:
        complete_wells(wrong, read, SPEC, path.name)
    assert [(p.file, p.code) for p in caught.value.problems] == [
        ("qpcr.xlsx", "unknown_sample"),
        ("qpcr.xlsx", "unknown_target"),
    ]


def test_an_assay_sees_one_wide_table(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[pd.DataFrame] = []

    def quantify(wells: pd.DataFrame, parameters: object) -> Quantified:
        seen.append(wells)
        columns = {"assay": "qpcr", "endpoint": "cq", "scale": "linear", "flags": ""}
        samples = wells[wells["role"] == "sample"].assign(**columns)
        return Quantified(samples.drop(columns=["channel", "flag", "source"]))

    fake = Assay("qpcr", "RT-qPCR", (), SPEC, quantify)
    monkeypatch.setattr(assays, "find_assay", lambda _: fake)
    edit(path, {"Targets!A7": "SOST"})
    study = analyse_plate(path, "qpcr")
    assert {"treatment", "biological_replicate", "efficiency"} < set(seen[0])
    assert "day" not in seen[0]
    assert study.observations["day"].tolist()[:2] == ["day 1", "day 2"]
    assert study.replicates["arm"].unique().tolist() == ["control", "vesicle"]
    assert [(p.file, p.code) for p in study.problems] == [("qpcr.xlsx", "unused_target")]
