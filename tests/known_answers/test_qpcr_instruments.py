"""Real qPCR exports, well by well against what another program (allotropy) reads in them.

Where the two differ, and why:

* QuantStudio example 01: its Sample Setup lists 16 wells, its Results also A17 and A18. The other
  program drops these two silently; here all 16 lines of the Results are read.
* Design & Analysis: the other program calls a sample without a name by its well ("A1") and leaves
  an undetermined result out; here the name is empty and the reading is flagged ``undetermined``.
  It says "control sample role" for NTC.
* CFX: the targets of the file are empty. The other program says "N/A", here the fluorophore
  stands for the target. It writes wells as they are padded in the file (A01).
* It writes ``-0.0`` where a file has no value; here no number is made up.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections import Counter
from functools import cache

import pytest
from openpyxl import Workbook
from shared_data import shared

from assaykit import readers
from assaykit.plate import canonical_well, well_name

ROLES = {
    "unknown sample role": "sample",
    "standard sample role": "standard",
    "control sample role": "ntc",
}
TASKS = {"UNKNOWN": "sample", "STANDARD": "standard", "NTC": "ntc"}


def other_reading(folder, name):
    """(well, sample, target, role, Cq) of each measurement as the other program read it."""
    text = shared("instruments", folder, f"{name}.json").read_text(encoding="utf-8")
    documents = json.loads(text)["qpcr aggregate document"]["qpcr document"]
    return [
        measured(measurement)
        for document in documents
        for measurement in document["measurement aggregate document"]["measurement document"]
    ]


def measured(measurement):
    sample = measurement["sample document"]
    (processed,) = measurement["processed data aggregate document"]["processed data document"]
    cq = processed.get("cycle threshold result (qPCR)", {}).get("value", math.nan)
    return (
        canonical_well(sample["well location identifier"]), sample["sample identifier"],
        measurement["target DNA description"], ROLES[sample["sample role type"]], cq,
    )  # fmt: skip


@cache
def own_reading(path):
    readings = readers.read(path)
    cq = readings[readings["channel"] == "cq"]
    columns = ["well", "sample", "target", "task", "value"]
    return [tuple(row) for row in cq[columns].itertuples(index=False)], readings


def same_cq(left, right):
    return [math.isnan(x) for x in left] == [math.isnan(x) for x in right] and all(
        x == y for x, y in zip(left, right, strict=True) if not math.isnan(x)
    )


def test_quantstudio_text_with_melting_temperatures():
    path = shared("instruments", "quantstudio", "appbio_quantstudio_example01.txt")
    other = other_reading("quantstudio", "appbio_quantstudio_example01")
    own, readings = own_reading(path)
    assert len(own) == 16
    assert len(other) == 14
    assert [row for row in own if row[0] not in ("A17", "A18")] == other
    assert own[14:] == [
        ("A17", "15SAMPLE_5.3", "TARGET_1", "sample", 18.452),
        ("A18", "16SAMPLE_6.1", "TARGET_1", "sample", 18.842),
    ]
    melts = readings[readings["channel"] == "tm_1"]
    assert Counter(melts["value"]) == {78.122: 15, 79.02: 1}
    assert set(readings["plate"]) == {"trial 1"}


def test_quantstudio_text_with_two_targets():
    path = shared("instruments", "quantstudio", "appbio_quantstudio_example06.txt")
    own, _ = own_reading(path)
    assert own == other_reading("quantstudio", "appbio_quantstudio_example06")
    assert len(own) == 9
    assert Counter(row[2] for row in own) == {"TGF-B": 5, "GAPDH": 4}


def test_quantstudio_workbook_of_a_duplex_with_crt():
    path = shared("instruments", "quantstudio", "appbio_quantstudio_example08.xlsx")
    own, readings = own_reading(path)
    assert own == other_reading("quantstudio", "appbio_quantstudio_example08")
    assert readers.describe(readings).startswith(
        "1 plate (2022-08-12 145003), 18 wells, 7 targets (18S, TJP-1 Rhesus,"
    )
    assert set(readings.groupby("well").size()) == {2}


DESIGN_AND_ANALYSIS = "appbio_quantstudio_designandanalysis_QS3_Relative_Quantification_example02"


def test_design_and_analysis_workbook():
    path = shared("instruments", "design_and_analysis", f"{DESIGN_AND_ANALYSIS}.xlsx")
    other = other_reading("design_and_analysis", DESIGN_AND_ANALYSIS)
    own, readings = own_reading(path)
    assert len(own) == len(other) == 156
    named = [(well, sample or well, target, task) for well, sample, target, task, _ in own]
    assert named == [row[:4] for row in other]
    assert same_cq([row[4] for row in own], [row[4] for row in other])
    undetermined = readings[readings["flag"] == "undetermined"]
    assert undetermined["well"].tolist() == ["A1", "B1", "B7", "C7"]
    standards = readings[readings["task"] == "standard"]
    assert standards["quantity"].tolist() == [float(name) for name in standards["sample"]]
    assert readings["quantity"].notna().sum() == len(standards) == 30


def test_design_and_analysis_workbook_against_its_own_cells():
    wells = json.loads(shared("qpcr", "quantstudio_QS3_RQ.json").read_text())["wells"]
    path = shared("instruments", "design_and_analysis", f"{DESIGN_AND_ANALYSIS}.xlsx")
    own, _ = own_reading(path)
    assert [row[:4] for row in own] == [expected(well) for well in wells]
    for (*_, cq), well in zip(own, wells, strict=True):
        if well["Cq"] != "UNDETERMINED":
            assert cq == pytest.approx(well["Cq"], abs=1e-9)  # the JSON is rounded


def expected(well):
    return well["Well Position"], well["Sample"] or "", well["Target"], TASKS[well["Task"]]


@pytest.mark.parametrize(
    ("name", "reactions", "standards"),
    [
        ("QS1_Standard_Curve_example01", 96, 20), ("QS7_Standard_Curve_example06", 96, 20),
        ("QS7Pro_RQ_biogroup", 207, 0),
    ],
)  # fmt: skip
def test_cells_of_other_design_and_analysis_exports(tmp_path, name, reactions, standards):
    """Wells of other real runs, written into a workbook as the program lays it out."""
    wells = json.loads(shared("qpcr", f"quantstudio_{name}.json").read_text())["wells"]
    columns = list(dict.fromkeys(key for well in wells for key in well))
    book = Workbook()
    book.active.title = "Results"
    book.active.append(["Software Name and Version", "Design & Analysis Software v2.7.0"])
    for row in ([], columns, *([well.get(key) for key in columns] for well in wells)):
        book.active.append(row)
    book.save(tmp_path / "run.xlsx")
    own, readings = own_reading(tmp_path / "run.xlsx")
    assert [row[:4] for row in own] == [expected(well) for well in wells]
    cqs = [math.nan if well["Cq"] == "UNDETERMINED" else well["Cq"] for well in wells]
    assert same_cq([row[4] for row in own], cqs)
    assert len(own) == reactions
    declared = [well["Quantity"] for well in wells if well["Task"] == "STANDARD"]
    quantities = readings["quantity"].dropna().tolist() if "quantity" in readings else []
    assert quantities == declared  # quantities of samples are computed, not declared
    assert len(declared) == standards


def test_cfx_csv_without_targets():
    path = shared("instruments", "cfx_maestro", "example01.csv")
    own, readings = own_reading(path)
    other = other_reading("cfx_maestro", "example01")
    without_target = [(well, sample, task, cq) for well, sample, _, task, cq in own]
    assert sorted(without_target) == sorted((w, s, role, cq) for w, s, _, role, cq in other)
    assert {row[2] for row in other} == {"N/A"}
    assert Counter(row[2] for row in own) == {"FAM": 24, "VIC": 24}
    assert readings["value"].notna().all()


def text_of(name):
    with zipfile.ZipFile(shared("instruments", "rdml", name)) as archive:
        return archive.read("rdml_data.xml").decode("utf-8")


def test_rdml_1_4_of_a_384_well_plate():
    """Reactions as they stand in the XML, found by their text and not by a parser."""
    found = re.findall(
        r'<react id="(\d+)"><sample id="([^"]+)"/>.*?<tar id="([^"]+)"/><cq>([^<]+)</cq>',
        text_of("relative.rdml"),
    )
    own, readings = own_reading_without_task(shared("instruments", "rdml", "relative.rdml"))
    assert len(own) == len(found) == 210
    for (well, sample, target, cq), (number, name, tar, written) in zip(own, found, strict=True):
        assert (well, sample, target) == (well_name(*divmod(int(number) - 1, 24)), name, tar)
        assert cq == float(written) or (math.isnan(cq) and written == "-1.0")
    undetermined = readings[readings["flag"] == "undetermined"]
    assert undetermined[["well", "sample", "target"]].values.tolist() == [["N3", "Adult 1", "cTNI"]]
    assert set(readings["plate"]) == {"relative"}


def own_reading_without_task(path):
    readings = readers.read(path)
    columns = ["well", "sample", "target", "value"]
    return [tuple(row) for row in readings[columns].itertuples(index=False)], readings


def test_rdml_1_0_of_a_stepone():
    """Its NTC have a Cq of 40.0 in 40 cycles, which is how the program stores no Cq."""
    own, readings = own_reading(shared("instruments", "rdml", "stepone_std.rdml"))
    assert [row[0] for row in own] == [f"{row}{column}" for row in "ABC" for column in range(1, 9)]
    assert Counter(row[3] for row in own) == {"standard": 15, "sample": 6, "ntc": 3}
    assert readings["flag"].tolist() == ["undetermined"] * 3 + [""] * 21
    written = [float(cq) for cq in re.findall(r"<cq>([^<]+)</cq>", text_of("stepone_std.rdml"))]
    assert written[:3] == [40.0] * 3
    assert [row[4] for row in own][3:] == written[3:]
    standards = readings[readings["task"] == "standard"]
    assert Counter(standards["quantity"]) == dict.fromkeys((10000, 5000, 2500, 1250, 625), 3)


@pytest.mark.parametrize(
    ("folder", "name", "reader"),
    [
        ("quantstudio", "appbio_quantstudio_example01.txt", "quantstudio"),
        ("quantstudio", "appbio_quantstudio_example06.txt", "quantstudio"),
        ("quantstudio", "appbio_quantstudio_example08.xlsx", "quantstudio"),
        ("design_and_analysis", f"{DESIGN_AND_ANALYSIS}.xlsx", "design_and_analysis"),
        ("cfx_maestro", "example01.csv", "cfx"),
        ("rdml", "relative.rdml", "rdml"),
        ("rdml", "stepone_std.rdml", "rdml"),
    ],
)
def test_each_file_is_claimed_by_one_reader(folder, name, reader):
    assert readers.sniff(shared("instruments", folder, name)) == reader
