"""Pages of prose: whole sentences are visible, small tables are typed, pictures keep their size."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.utils.units import pixels_to_EMU
from PIL import Image

from assaykit.report import pages
from assaykit.report.pages import Drawing, Shown
from assaykit.report.sheets import workbook_at

WIDTHS = (30, 15, 15)


@pytest.fixture
def page_of(tmp_path):
    """Write one page with a function, and open its sheet again."""

    def write(fill):
        path = tmp_path / "page.xlsx"
        with workbook_at(path, "title") as book:
            page = pages.add_page(book, "Summary", WIDTHS)
            rows = fill(page)
        return openpyxl.load_workbook(path)["Summary"], rows

    return write


def png(width, height) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "png", dpi=(96, 96))
    return buffer.getvalue()


def test_a_paragraph_runs_over_the_whole_block_and_is_as_high_as_it_needs(page_of):
    texts = ["short", "word " * 40, "骨芽細胞" * 20, "two\nlines"]
    sheet, row = page_of(lambda page: pages.paragraphs(page, 0, texts))
    assert row == 4
    merged = sorted(str(area) for area in sheet.merged_cells.ranges)
    assert merged == ["A1:C1", "A2:C2", "A3:C3", "A4:C4"]
    heights = [sheet.row_dimensions[number].height for number in (1, 2, 3, 4)]
    assert heights[0] in (None, 15)  # the default height is not stored
    assert heights[1] >= 15 * (200 / sum(WIDTHS))
    assert heights[2] >= 15 * (160 / sum(WIDTHS))
    assert heights[3] == 30
    assert all(sheet.cell(number, 1).alignment.wrap_text for number in (1, 2, 3, 4))


def test_a_very_long_text_stays_within_the_height_that_excel_allows(page_of):
    sheet, _ = page_of(lambda page: pages.paragraphs(page, 0, ["x" * 30000]))
    assert sheet.row_dimensions[1].height <= 409


def test_a_long_title_is_wrapped_and_says_below_what_it_is(page_of):
    sheet, row = page_of(lambda page: pages.title(page, 0, "plate " * 30, "Results"))
    assert (sheet["A2"].value, row) == ("Results", 2)
    assert sheet.row_dimensions[1].height > 2 * 22
    assert sheet["A1"].font.bold


def test_headings_stand_after_an_empty_row(page_of):
    sheet, row = page_of(lambda page: pages.heading(page, 3, "Arms"))
    assert (sheet["A4"].value, sheet["A5"].value, row) == (None, "Arms", 5)


def test_a_small_table_has_words_for_names_and_typed_cells(page_of):
    rows = [
        [Shown("=1+1"), Shown(0.00012, "0.00E+00"), Shown(None)],
        [Shown("b"), Shown(float("nan")), Shown(True, colour="#FBE3A5")],
    ]
    sheet, row = page_of(lambda p: pages.small_table(p, 0, ("arm", "p_value", "flag"), rows))
    found = [[cell.value for cell in line] for line in sheet.iter_rows(max_row=3)]
    assert found == [["arm", "p value", "flag"], ["=1+1", 0.00012, None], ["b", None, "yes"]]
    assert row == 3
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].number_format == "0.00E+00"
    assert sheet["B1"].alignment.horizontal == sheet["B2"].alignment.horizontal == "right"
    assert sheet["A1"].alignment.horizontal != "right"
    assert sheet["C3"].fill.fgColor.rgb == "FFFBE3A5"


def test_a_row_is_as_high_as_its_longest_cell(page_of):
    rows = [[Shown("x"), Shown("a name that is longer than its column"), Shown("y")]]
    sheet, _ = page_of(lambda p: pages.small_table(p, 0, ("a", "b", "c"), rows))
    assert sheet.row_dimensions[2].height >= 3 * 15


def test_pictures_stand_below_each_other_in_their_size_with_a_description(page_of):
    drawings = [
        Drawing(png(300, 200), 450, 300, "first", scale=1.5),
        Drawing(png(100, 50), 100, 50, "second"),
    ]
    sheet, _ = page_of(lambda page: pages.place_drawings(page, drawings))
    first, second = (image.anchor for image in sheet._images)
    assert first._from.col == second._from.col == first.to.col == len(WIDTHS) + 1
    for anchor, width in ((first, 450), (second, 100)):
        shown = anchor.to.colOff - anchor._from.colOff
        assert shown == pytest.approx(pixels_to_EMU(width), rel=1e-3)
    below = second._from.row * 20 + second._from.rowOff / 9525
    above = first.to.row * 20 + first.to.rowOff / 9525
    assert 5 < below - above < 30
    assert sheet.column_dimensions["E"].width >= 450 / 7


def test_a_page_without_pictures_is_a_page(page_of):
    sheet, _ = page_of(lambda page: pages.place_drawings(page, []))
    assert not sheet._images
