"""Cq Results of CFX Maestro, typed here by what real ones look like."""

from __future__ import annotations

import re

import pytest

from assaykit.errors import InputError
from assaykit.readers import describe, read, sniff

HEADER = (
    ",Well,Fluor,Target,Content,Sample,Biological Set Name,Cq,Cq Mean,Cq Std. Dev,"
    "Starting Quantity (SQ),Log Starting Quantity,SQ Mean,SQ Std. Dev,Set Point,Well Note\n"
)
TEXT = HEADER + (
    ",A01,FAM,RUNX2,Unkn-01,WT,day 1,21.5,21.5,0,812.5,2.9,812.5,0,60,\n"
    ",A01,HEX,GAPDH,Unkn-01,WT,day 1,18.25,18.25,0,NaN,NaN,NaN,0,60,\n"
    ",A02,FAM,RUNX2,Std-1,,,17.0,17.0,0,1000,3,1000,0,60,\n"
    ",A03,FAM,RUNX2,NTC,,,NaN,0,0,NaN,NaN,NaN,0,60,\n"
    ",A04,FAM,RUNX2,Neg Ctrl,no cells,,N/A,0,0,NaN,NaN,NaN,0,60,\n"
)


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def test_cq_results_with_their_empty_first_column(write):
    path = write(TEXT, "run 3 -  Quantification Cq Results.csv")
    readings = read(path)
    assert sniff(path) == "cfx"
    assert rows_of(readings, "well", "sample", "target", "task", "flag") == [
        ["A1", "WT", "RUNX2", "sample", ""],
        ["A1", "WT", "GAPDH", "sample", ""],
        ["A2", "", "RUNX2", "standard", ""],
        ["A3", "", "RUNX2", "ntc", "undetermined"],
        ["A4", "no cells", "RUNX2", "negative_control", "undetermined"],
    ]
    assert readings["quantity"].tolist()[2] == 1000
    assert readings["quantity"].notna().sum() == 1
    assert set(readings["plate"]) == {"run 3 -  Quantification Cq Results"}


def test_without_targets_the_fluorophores_are_the_targets(write):
    text = TEXT.replace("RUNX2", "").replace("GAPDH", "")
    assert describe(read(write(text))).endswith("4 wells, 2 targets (FAM, HEX), 1 channel (cq)")


def test_semicolons_and_decimal_commas_are_the_same_run(write):
    text = re.sub(r"(\d)\.(\d)", r"\1,\2", TEXT.replace(",", ";"))
    assert ";21,5;" in text
    german = read(write(text))
    assert german.drop(columns="source").equals(read(write(TEXT)).drop(columns="source"))


def test_a_workbook_has_a_sheet_called_0_and_the_run_information(save):
    rows = [[None, "Well", "Fluor", "Target", "Content", "Sample", "Cq", "SQ"],
            [None, "A01", "Cy5", None, "Neg Ctrl", None, None, None],
            [None, "A04", "FAM", None, "Unkn", None, 24.3148953876866, None],
            [None, "A04", "Texas Red", None, "Unkn", None, None, None]]  # fmt: skip
    info = [["File Name", "x.pcrd"], ["ID", "P0042"], ["Run Started", "06/18/2026 05:41:37 UTC"]]
    readings = read(save({"0": rows, "Run Information": info}))
    assert rows_of(readings, "plate", "well", "target", "task", "flag") == [
        ["P0042", "A1", "Cy5", "negative_control", "undetermined"],
        ["P0042", "A4", "FAM", "sample", ""],
        ["P0042", "A4", "Texas Red", "sample", "undetermined"],
    ]
    assert readings["source"][1] == "plate.xlsx, 0!G3"


def test_melting_peaks_on_a_second_sheet_are_channels(save):
    cq = [[None, "Well", "Fluor", "Target", "Content", "Sample", "Cq"],
          [None, "A01", "SYBR", "RUNX2", "Unkn-1", "WT", 21.5]]  # fmt: skip
    melt = [[*cq[0][:6], "Melt Temperature", "Peak Height"],
            [None, "A01", "SYBR", "RUNX2", "Unkn-1", "WT", 84.5, 310.5],
            [None, "A01", "SYBR", "RUNX2", "Unkn-1", "WT", 78.0, 31.5],
            [None, "A02", "SYBR", "RUNX2", "NTC", "", "N/A", None]]  # fmt: skip
    readings = read(save({"Cq": cq, "Peaks": melt}))
    assert rows_of(readings, "channel", "value") == [
        ["cq", 21.5], ["tm_1", 84.5], ["melt_peak_height_1", 310.5], ["tm_2", 78.0],
        ["melt_peak_height_2", 31.5],
    ]  # fmt: skip


def test_an_export_of_melting_peaks_alone_holds_no_cq(write):
    text = ",Well,Fluor,Target,Content,Sample,Melt Temperature,Peak Height\n,A01,FAM,,Unkn,M,84,3\n"
    with pytest.raises(InputError, match=r"plate\.csv: it holds no Cq: no column holds a Cq"):
        read(write(text))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",21.5,21.5", ",ODD,21.5", r"line 2 \(well A1\): found 'ODD', expected a number"),
        ("Unkn-01,WT,day 1,21", "Odd-01,WT,day 1,21", "line 2: 'Odd-01' is not a task"),
        (",A02,", ",,", "line 4: found '', expected a well such as A1"),
        (",A02,FAM,RUNX2,Std-1,,,17.0,17.0,0,1000,3,1000,0,60,", ",A02,FAM,RUNX2,Std-1,x",
         "line 4: the line ends before its 'Biological Set Name'"),
        (",A01,HEX,GAPDH", ",A1,FAM,RUNX2", "line 3.*cq of the target RUNX2 .*is read twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(write, old, new, words):
    with pytest.raises(InputError, match=words):
        read(write(TEXT.replace(old, new)))
