"""Comments, columns and rows have room for their text; importing the package stays cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from openpyxl import load_workbook
from workbook_helpers import SPEC

from assaykit.tables import ROLES
from assaykit.workbook import write_template
from assaykit.workbook.instructions import ENGLISH, JAPANESE
from assaykit.workbook.styles import ROLE_COLOURS, comment_size, row_height, text_width


def test_longer_texts_get_more_room() -> None:
    assert comment_size("x" * 500)[1] > comment_size("x" * 50)[1] > 0
    assert comment_size("a\nb\nc")[1] > comment_size("a b c")[1]
    assert row_height(("x" * 100, 50)) == 30
    assert row_height(("", 10)) == 15
    assert text_width(["標準品"]) == text_width(["xxxxxx"])
    assert text_width(["x" * 900], most=40) == 40


def test_every_role_has_a_colour_and_a_meaning_in_both_languages() -> None:
    assert set(ROLE_COLOURS) == set(ROLES) == set(ENGLISH.roles) == set(JAPANESE.roles)
    shown = [colour for role, colour in ROLE_COLOURS.items() if role != "empty"]
    assert len(set(shown)) == len(shown)


def test_columns_of_names_show_the_names(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    corners = [cell.value for cell in book["Plate"]["A"][3:] if cell.value]
    assert book["Plate"].column_dimensions["A"].width > max(map(len, corners))
    names = [cell.value for cell in book["Settings"]["A"][4:] if cell.value]
    assert book["Settings"].column_dimensions["A"].width > max(map(len, names))


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, assaykit.workbook; "
        "print([m for m in ('numpy', 'pandas', 'openpyxl', 'xlsxwriter') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
