"""What another program sees in our workbooks; skipped where LibreOffice is not installed."""

import re
import shutil
import subprocess

import pytest
from openpyxl import load_workbook

from assaykit.report import write_plate_report
from assaykit.study import analyse_plate

needs_libreoffice = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="LibreOffice or poppler is not installed",
)


def converted(path, kind, folder):
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    words = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*words, str(path)], check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{kind}"


def values(path):
    book = load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from assaykit.demo import example_plates

    plate = example_plates() / "rankl_elisa" / "rankl_elisa.xlsx"
    study = analyse_plate(plate, "elisa")
    return write_plate_report(study, tmp_path_factory.mktemp("results"))["workbook"]


@needs_libreoffice
def test_libreoffice_reads_the_same_numbers_and_texts(results, tmp_path):
    ours, theirs = values(results), values(converted(results, "xlsx", tmp_path))
    assert theirs.keys() == ours.keys()
    for place, value in ours.items():
        if isinstance(value, float):
            assert theirs[place] == pytest.approx(value, rel=1e-12), place
        else:
            assert theirs[place] == value, place


@needs_libreoffice
def test_no_number_is_too_wide_for_its_column_and_no_name_is_cut(results, tmp_path):
    pdf = converted(results, "pdf", tmp_path)
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True)
    text = done.stdout.decode("utf-8")
    assert not re.search(r"#{3,}|Err:\d|#(REF|NAME|VALUE|DIV)", text)
    for words in ("RANKL_ELISA", "M4 miR-143-3p KO vesicle", "pg/mL", "nominal_concentration"):
        assert words in text
