"""Exports of QuantStudio, ViiA 7, StepOne and 7500, typed here by what real ones look like."""

from __future__ import annotations

import math

import pytest

from assaykit.errors import InputError
from assaykit.readers import read, sniff

HEADER = (
    "* Block Type = 96-Well Block (0.2mL)\n* Chemistry = SYBR_GREEN\n"
    "* Experiment Barcode = NA\n* Experiment Name = day 3, plate 1\n* Instrument Type = ViiA 7\n\n"
)
SETUP = (
    "[Sample Setup]\nWell\tWell Position\tSample Name\tTarget Name\tTask\tReporter\tQuantity\n"
    "1\tA1\tWT\tRUNX2\tUNKNOWN\tFAM\t\n1\tA1\tWT\tGAPDH\tUNKNOWN\tVIC\t\n"
    "2\tA2\tStd 1\tRUNX2\tSTANDARD\tFAM\t1,250.000\n3\tA3\n\n"
)
RESULTS = (
    "[Results]\nWell\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tReporter\tQuencher\t"
    "Quantity\tCT\tCt Mean\tTm1\tTm2\tComments\n"
    "1\tA1\tfalse\tWT\tRUNX2\tUNKNOWN\tFAM\tNone\t1,311.250\t21.500\t21.5\t78.122\t\t\n"
    "1\tA1\ttrue\tWT\tGAPDH\tUNKNOWN\tVIC\tNone\t\t18.250\t18.3\t80.5\t81.5\t\n"
    "2\tA2\tfalse\tStd 1\tRUNX2\tSTANDARD\tFAM\tNone\t1,250.000\tUndetermined\t\t\t\t\n"
    "3\tA3\t\t\t\t\t\t\t\t\t\t\t\t\n\n"
    "Analysis Type = Singleplex\nEndogenous Control = GAPDH\n"
)
TEXT = HEADER + SETUP + RESULTS


def rows_of(readings, *columns):
    return readings[list(columns)].to_numpy().tolist()


def cq(readings):
    return readings[readings["channel"] == "cq"].reset_index(drop=True)


def test_a_text_with_two_targets_a_standard_and_an_empty_well(write):
    path = write(TEXT, "run.txt")
    readings = read(path)
    assert sniff(path) == "quantstudio"
    found = cq(readings)
    assert rows_of(found, "well", "sample", "target", "task", "value", "flag") == [
        ["A1", "WT", "RUNX2", "sample", 21.5, ""],
        ["A1", "WT", "GAPDH", "sample", 18.25, "masked"],
        ["A2", "Std 1", "RUNX2", "standard", pytest.approx(math.nan, nan_ok=True), "undetermined"],
    ]
    assert found["quantity"].tolist()[2] == 1250  # what was computed for A1 is not declared
    assert found["quantity"].isna().tolist() == [True, True, False]
    assert set(readings["plate"]) == {"day 3, plate 1"}
    assert found["source"][0] == "run.txt, line 16"


def test_melting_temperatures_are_channels_of_the_reaction(write):
    readings = read(write(TEXT))
    melts = readings[readings["channel"] != "cq"]
    assert rows_of(melts, "well", "target", "channel", "value", "unit", "flag") == [
        ["A1", "RUNX2", "tm_1", 78.122, "°C", ""],
        ["A1", "GAPDH", "tm_1", 80.5, "°C", "masked"],
        ["A1", "GAPDH", "tm_2", 81.5, "°C", "masked"],
    ]


def test_a_section_of_melting_peaks_is_numbered_by_its_lines(write):
    melts = (
        "\n[Melt Curve Result]\nWell\tWell Position\tTarget Name\tTm\tMelt Peak Height\n"
        "1\tA1\tRUNX2\t78.1\t30,100.5\n1\tA1\tRUNX2\t84.2\t5,120.1\n1\tA1\tGAPDH\t80.5\t1,001.0\n"
    )
    text = TEXT.replace("\tTm1\tTm2", "\tA\tB") + melts
    found = read(write(text))
    found = found[found["channel"] != "cq"]
    assert rows_of(found, "target", "channel", "value", "sample") == [
        ["RUNX2", "tm_1", 78.1, "WT"], ["RUNX2", "melt_peak_height_1", 30100.5, "WT"],
        ["RUNX2", "tm_2", 84.2, "WT"], ["RUNX2", "melt_peak_height_2", 5120.1, "WT"],
        ["GAPDH", "tm_1", 80.5, "WT"], ["GAPDH", "melt_peak_height_1", 1001.0, "WT"],
    ]  # fmt: skip


def test_a_viia7_csv_has_keys_and_values_in_two_columns(write):
    lines = (
        "Block Type,384-Well Block\nExperiment Barcode,P0042\nExperiment Name,trial 1\n\n"
        "Well,Well Position,Omit,Sample Name,Target Name,Task,CT,Quantity\n"
        '1,P24,FALSE,WT,miR-143-3p,UNKNOWN,31.25,"1,250.000"\n'
        "2,P23,FALSE,KO,miR-143-3p,UNKNOWN,UNDETERMINED,\n"
    )
    readings = read(write(lines))
    assert rows_of(readings, "plate", "well", "flag") == [
        ["P0042", "P24", ""],
        ["P0042", "P23", "undetermined"],
    ]


def test_a_stepone_text_names_its_wells_in_the_column_well(write):
    lines = (
        "* Block Type = 96well\n* Chemistry = SYBR_GREEN\n* Experiment File Name = C:\\a b.eds\n"
        "* Instrument Type = steponeplus\n* Passive Reference = ROX\n\n[Results]\n"
        "Well\tSample Name\tTarget Name\tTask\tReporter\tQuencher\tRQ\tC\u0442\tC\u0442 Mean\n"
        "A1\tWT\tRUNX2\tUNKNOWN\tSYBR\tNone\t\t22.8461\t22.9\n"
        "A2\tNTC\tRUNX2\tNTC\tSYBR\tNone\t\tUndetermined\t\n"
        "A3\t\t\t\t\t\t\t\t\n"
    )
    readings = read(write(lines, "stepone.txt"))
    assert rows_of(readings, "plate", "well", "task", "flag") == [
        ["stepone", "A1", "sample", ""],
        ["stepone", "A2", "ntc", "undetermined"],
    ]


def test_a_7500_csv_calls_targets_detectors(write):
    lines = (
        "* Block Type = 96fast,,,,,,\n* Instrument Type = sds7500fast,,,,,,\n,,,,,,\n"
        "[Results],,,,,,\nWell,Sample Name,Detector,Task,Ct,Qty,Tm\n"
        "A1,WT,GAPDH,Unknown,17.4,,82.1\nA2,S1,GAPDH,Standard,16.0,1000,82.0\n"
    )
    readings = read(write(lines))
    assert rows_of(cq(readings), "well", "target", "task", "value") == [
        ["A1", "GAPDH", "sample", 17.4],
        ["A2", "GAPDH", "standard", 16.0],
    ]
    assert readings["channel"].tolist() == ["cq", "tm_1"] * 2


def test_a_workbook_has_sheets_instead_of_sections(save):
    head = [["Block Type", "96fast"], ["Experiment Name", "run 9"], []]
    columns = ["Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "CRT"]
    setup = [*head, columns[:2] + columns[3:6], [1, "A1", "WT", "18S", "UNKNOWN"]]
    results = [*head, columns, [1, "A1", False, "WT", "18S", "UNKNOWN", 11.32],
               [1, "A1", False, "WT", "TJP1", "UNKNOWN", "Undetermined"], [2, "A2"], [],
               ["Reference Sample", "WT"]]  # fmt: skip
    readings = read(save({"Sample Setup": setup, "Results": results}))
    assert rows_of(readings, "plate", "well", "target", "flag") == [
        ["run 9", "A1", "18S", ""],
        ["run 9", "A1", "TJP1", "undetermined"],
    ]
    assert readings["source"][0] == "plate.xlsx, Results!G5"


def test_a_column_that_stands_twice_and_says_the_same_is_no_problem(write):
    results = "Well\tSample Name\tTarget Name\tTask\tCT\tTarget Name\tTask\n"
    lines = ["A1\tWT\tRUNX2\tUNKNOWN\t21.5\tRUNX2\tUNKNOWN\n", "A2\tWT\tB2M\tNTC\t30\tB2M\tNTC\n"]
    text = HEADER + "[Results]\n" + results + "".join(lines)
    assert rows_of(read(write(text)), "target", "task") == [["RUNX2", "sample"], ["B2M", "ntc"]]
    with pytest.raises(
        InputError, match="'Target Name' and 'Target Name' mean the same and do not"
    ):
        read(write(text.replace("30\tB2M", "30\tACTB")))


def test_wells_of_the_setup_without_a_result_are_named(write):
    text = TEXT.replace("3\tA3\n\n", "3\tA3\tKO\tRUNX2\tUNKNOWN\tFAM\t\n4\tA4\tKO\tGAPDH\n\n")
    text = text.replace("3\tA3\t\t\t\t\t\t\t\t\t\t\t\t\n", "")
    with pytest.raises(InputError, match=r"wells of 'Sample Setup' are missing.*: A3, A4"):
        read(write(text))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[Results]", "[Raw Data]", r"plate\.csv: it holds no section \[Results\]"),
        ("CT\tCt Mean", "Rn\tCt Mean", "it holds no Cq: no column holds a Cq"),
        ("WT\tRUNX2\tUNKNOWN\tFAM\tNone", "WT\tRUNX2\tODD\tFAM\tNone",
         "line 16: 'ODD' is not a task that is known"),
        ("A1\ttrue", "A1\tperhaps", "line 17: found 'perhaps', expected true or false"),
        ("A1\tfalse", "X\tfalse", "line 16: found 'X', expected a well such as A1"),
        ("\t21.500\t21.5\t78.122\t\t\n", "\n", "line 16: the line ends before its 'CT'"),
        ("\t21.500\t", "\t21.5.0\t", r"line 16 \(well A1\): found '21\.5\.0', expected a number"),
        ("\t18.250\t", "\t18,250\t", r"found both '18,250' and '21\.500'"),
        ("WT\tGAPDH\tUNKNOWN\tVIC\tNone", "WT\tRUNX2\tUNKNOWN\tVIC\tNone",
         "line 17.*cq of the target RUNX2 of plate day 3, plate 1 is read twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(write, old, new, words):
    text = HEADER + SETUP + RESULTS.replace(old, new)
    with pytest.raises(InputError, match=words):
        read(write(text))


def test_all_problems_come_at_once(write):
    text = TEXT.replace("A1\ttrue", "A1\tperhaps").replace("\t21.500\t", "\tabc\t")
    with pytest.raises(InputError) as caught:
        read(write(text))
    assert {problem.code for problem in caught.value.problems} == {"not_yes_or_no", "not_a_number"}


def test_a_run_that_was_not_analysed_holds_no_cq(write):
    text = TEXT.replace("21.500", "").replace("18.250", "").replace("Undetermined", "")
    with pytest.raises(InputError, match="it holds no Cq: the column of the Cq is empty"):
        read(write(text))


def test_two_runs_in_one_file_are_refused(write):
    with pytest.raises(InputError, match="it holds 2 tables of results, expected one"):
        read(write(TEXT + "\n" + TEXT))


def test_results_cut_in_the_middle_are_an_error(write):
    whole = TEXT[: TEXT.index("3\tA3\t\t\t\t\t")]
    start = whole.index("[Results]") + 200
    for end in range(start, len(whole) - 5):
        with pytest.raises(InputError):
            read(write(whole[:end]))
