"""The blank templates in templates/ are those that the command writes now."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from assaykit.assays import ASSAYS
from assaykit.workbook import write_template

TEMPLATES = Path(__file__).parents[2] / "templates"


def everything(path):
    """Each cell's value, number format and comment, and each sheet's dropdowns."""
    book = load_workbook(path)
    cells = {
        (sheet.title, cell.coordinate): cell for sheet in book for row in sheet for cell in row
    }
    return (
        {place: (cell.value, cell.number_format) for place, cell in cells.items()},
        {place: cell.comment.text for place, cell in cells.items() if cell.comment},
        {
            sheet.title: sorted(map(dropdown, sheet.data_validations.dataValidation))
            for sheet in book
        },
    )


def dropdown(validation):
    return str(validation.sqref), validation.type, validation.formula1 or ""


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_the_blank_template_is_current(assay, tmp_path):
    path = tmp_path / "made.xlsx"
    write_template(path, assay.template)
    assert everything(path) == everything(TEMPLATES / f"{assay.name}.xlsx")


def test_there_is_one_template_for_each_assay():
    assert {path.stem for path in TEMPLATES.glob("*.xlsx")} == {assay.name for assay in ASSAYS}
