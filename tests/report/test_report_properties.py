"""Whatever names and numbers come, they come back from the workbook, and files stay apart."""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import openpyxl
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from report_studies import plate_study

from assaykit.report import write_plate_report
from assaykit.report.figures import canvas
from assaykit.report.outputs import file_stem, sheet_name
from assaykit.report.sheets import table_sheet, workbook_at

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
NUMBERS = st.floats(-1e300, 1e300) | st.just(float("nan"))
FEW = settings(max_examples=40, deadline=None)
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def reopened(table: pd.DataFrame):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        with workbook_at(path, "title") as book:
            table_sheet(book, "Observations", table)
        return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["Observations"]


@FEW
@given(st.lists(st.tuples(NAMES, NUMBERS), min_size=1, max_size=8))
def test_names_and_numbers_come_back(rows):
    table = pd.DataFrame(rows, columns=["sample", "value"])
    found = list(reopened(table).iter_rows(min_row=2, values_only=True))
    for (name, number), (text, value) in zip(rows, found, strict=True):
        assert text.replace("\r", "\n") == name.replace("\r", "\n") or "_x" in text
        if math.isnan(number):
            assert value is None
        else:
            assert abs(value - number) <= 1e-15 * abs(number)


@FEW
@given(st.lists(NAMES, min_size=1, max_size=6))
def test_any_header_gives_a_sheet_that_opens_and_names_its_columns(names):
    table = pd.DataFrame([["x"] * len(names)], columns=names)
    assert [cell.value is not None for cell in reopened(table)[2]] == [True] * len(names)


@FEW
@given(st.lists(st.text(max_size=300), max_size=6))
def test_stems_are_legal_and_apart(texts):
    taken: list[str] = []
    for text in dict.fromkeys(texts):
        stem = file_stem(text, taken)
        assert 0 < len(stem.encode()) <= 100
        assert not set(stem) & set('/\\:*?"<>|')
        assert stem not in taken
        taken.append(stem)


@FEW
@given(st.lists(st.text(max_size=60), max_size=8))
def test_sheet_names_are_legal_and_apart(texts):
    taken: list[str] = []
    for text in texts:
        taken.append(sheet_name(text, taken))
        assert 0 < len(taken[-1].encode("utf-16-le")) <= 62
        assert not set(taken[-1]) & set("[]:*?/\\")
    assert len({name.casefold() for name in taken}) == len(texts)


@FEW
@given(
    st.floats(1e-6, 1e6), st.floats(1.5, 1e6), st.integers(3, 9)
)  # fmt: skip
def test_logarithmic_ticks_are_few_rising_and_inside(low, ratio, most):
    ticks = canvas.log_ticks(low, low * ratio, most)
    assert 1 <= len(ticks) <= max(most, 7)
    assert ticks == sorted(set(ticks))
    assert low * (1 - 1e-5) <= ticks[0]
    assert ticks[-1] <= low * ratio * (1 + 1e-5)


@FEW
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_linear_ticks_are_few_rising_and_inside(low, span, most):
    ticks = canvas.linear_ticks(low, low + span, most)
    assert len(ticks) <= most + 1
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-6 * span - 1e-9 <= tick <= low + span * (1 + 1e-6) + 1e-9 for tick in ticks)


def test_excel_finds_nothing_to_repair(tmp_path):
    """Names of table columns must be those in the header's cells; ids and names must differ."""
    path = write_plate_report(plate_study(), tmp_path)["workbook"]
    book = openpyxl.load_workbook(path)
    with zipfile.ZipFile(path) as package:
        files = [name for name in package.namelist() if name.startswith("xl/tables/")]
        tables = [ElementTree.fromstring(package.read(name)) for name in files]
    assert len({table.get("id") for table in tables}) == len(tables) == 6
    headers = {name: sheet for sheet in book for name in sheet.tables}
    for table in tables:
        sheet = headers[table.get("displayName")]
        columns = [column.get("name") for column in table.iter(f"{SPACE}tableColumn")]
        assert columns == [cell.value for cell in sheet[1]]
        assert table.find(f"{SPACE}autoFilter").get("ref") == table.get("ref") == sheet.dimensions
