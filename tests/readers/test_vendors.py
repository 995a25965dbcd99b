from __future__ import annotations

import pytest

from assaykit.readers.source import Sheet, Source
from assaykit.readers.vendors import MARKS, vendor_of

# One line of each program's export, as it stands in real files.
LINES = {
    "SoftMax Pro": "##BLOCKS= 4",
    "Gen5": "Protocol File Path:",
    "BMG MARS": "Test run no.: 445",
    "EnVision": "Background information",
    "Kaleido": "Exported with Kaleido 2.0.3058.126 and xslt version 2.0.0",
    "SkanIt": "5. APOE potency MOA_EB_20230522_003 (1).skax",
    "Magellan": r"C:\Users\Public\Documents\Tecan\Magellan\mth\a.mth",
    "Tecan i-control": "Application: Tecan i-control",
    "Design & Analysis": "Design & Analysis Software v2.7.0",
    "a QuantStudio, ViiA 7, StepOne or 7500": "* Block Type = 384-Well Block",
    "CFX Maestro": "Starting Quantity (SQ)",
    "LightCycler 480": "Experiment: run 3  Selected Filter: SYBR Green I",
}


def source_with(text: str, sheet: str = "") -> Source:
    return Source("p.txt", "p", "text", (Sheet("p.txt", sheet, {(1, 1): text}),))


@pytest.mark.parametrize("name", [name for name, _ in MARKS])
def test_each_program_is_known_by_its_mark(name):
    assert vendor_of(source_with(LINES[name])) == name


def test_a_sheets_name_can_be_the_mark():
    assert vendor_of(source_with("Raw data", "Magellan Sheet 1")) == "Magellan"


@pytest.mark.parametrize("text", ["RANKL ELISA", "Well", "Plate 1", "Results", "od_450"])
def test_plain_files_carry_no_mark(text):
    assert vendor_of(source_with(text)) == ""
