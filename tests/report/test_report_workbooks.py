"""Reports of a plate and of a comparison, opened again as a reader would."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from PIL import Image
from report_studies import comparison, plate_study

from assaykit.errors import OutputError
from assaykit.report import report, write_plate_report, write_study_report
from assaykit.report.methods import methods_text
from assaykit.report.outputs import plain

EVIL = "=cmd\x07|' /C calc'!A0"
LONG = ("A/B:C*D 骨芽細胞 " * 20)[:200]
PLATE_SHEETS = ["Summary", "Observations", "Standards", "Samples", "Wells", "QC", "Design",
                "Methods", "Provenance"]  # fmt: skip
STUDY_SHEETS = ["Summary", "Effects", "Replicates", "Observations", "Checks", "QC", "Design",
                "Methods", "Provenance"]  # fmt: skip


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    return write_plate_report(plate_study(), tmp_path_factory.mktemp("plate"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study_report(comparison(), tmp_path_factory.mktemp("study"))


def texts(sheet) -> list[str]:
    return [cell.value for row in sheet for cell in row if isinstance(cell.value, str)]


def formulas(book) -> list[str]:
    return [
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book
        for row in sheet
        for cell in row
        if cell.data_type == "f"
    ]


def rows_of(path, sheet) -> list[dict]:
    table = pd.read_excel(path, sheet_name=sheet, engine="openpyxl", keep_default_na=False)
    return table.to_dict("records")


# --- one plate ------------------------------------------------------------------------------


def test_a_plate_s_files_are_named_after_it(plate):
    assert {name: path.name for name, path in plate.items()} == {
        "workbook": "plate 1.results.xlsx",
        "curve.RANKL": "plate 1.curve.RANKL.png",
        "plate": "plate 1.plate.png",
    }
    assert all(path.stat().st_size for path in plate.values())


def test_a_plate_s_sheets_stand_in_their_order_without_formulas(plate):
    book = openpyxl.load_workbook(plate["workbook"])
    assert book.sheetnames == PLATE_SHEETS
    assert formulas(book) == []


def test_the_tables_of_a_plate_come_back_as_they_were(plate):
    made = plate_study()
    sheets = {"Observations": made.observations, "Wells": made.wells, **made.tables}
    for name, table in sheets.items():
        found = pd.read_excel(plate["workbook"], sheet_name=name, dtype=object)
        assert found.columns.tolist() == table.columns.tolist()
        numbers = table.select_dtypes("number").columns
        pd.testing.assert_frame_equal(
            found[numbers].astype(float), table[numbers].astype(float), rtol=1e-15
        )
        for text in ("well", "sample", "unit", "flags"):
            if text in table:
                assert found[text].fillna("").tolist() == table[text].tolist()


def test_the_summary_answers_first_and_shows_checks_arms_samples_and_pictures(plate):
    sheet = openpyxl.load_workbook(plate["workbook"])["Summary"]
    said = texts(sheet)
    assert said[:2] == ["plate 1", "Results of one plate (ELISA)"]
    assert said[3:6] == list(plate_study().summary)
    assert "The control low comes back at 71 %, expected 80 to 120 %." in said
    assert said.index("The control low comes back at 71 %, expected 80 to 120 %.") < said.index(
        "1 wells are saturated; dilute and read again: H12."
    )
    assert any("fewer than 3 biological replicates" in text for text in said)
    assert {"Arms", "Samples", "n (donor)", "concentration (pg/mL)"} <= set(said)
    assert len(sheet._images) == 2
    assert len(sheet._charts) == 1


def test_arms_are_counted_in_the_summary(plate):
    sheet = openpyxl.load_workbook(plate["workbook"])["Summary"]
    rows = [[cell.value for cell in row[:7]] for row in sheet.iter_rows()]
    counts = {row[0]: row[3:] for row in rows if row[1:3] == ["RANKL", "concentration"]}
    assert counts == {"control": [4, 32, 32, 0], "vesicle": [4, 32, 30, 1],
                      "KO vesicle": [4, 16, 16, 0]}  # fmt: skip


def test_the_chart_is_drawn_from_the_positive_standards(plate):
    chart = openpyxl.load_workbook(plate["workbook"])["Summary"]._charts[0]
    (series,) = chart.series
    assert series.xVal.numRef.f == "Standards!$C$3:$C$9"
    assert series.yVal.numRef.f == "Standards!$F$3:$F$9"
    assert chart.x_axis.scaling.logBase == 10
    axis = "".join(run.t for p in chart.x_axis.title.tx.rich.p for run in p.r or ())
    assert axis == "Concentration (pg/mL)"


def test_pictures_have_a_printable_resolution(plate):
    with Image.open(plate["curve.RANKL"]) as picture:
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert picture.width == pytest.approx(89 / 25.4 * 300, abs=1)


def test_provenance_and_methods_are_sheets(plate):
    records = rows_of(plate["workbook"], "Provenance")
    assert records[0] == {"section": "assaykit", "item": "kind", "value": "plate results"}
    said = texts(openpyxl.load_workbook(plate["workbook"])["Methods"])
    assert any("unweighted least squares [1, 2]" in text for text in said)
    assert "2. ICH M10 (2022)." in said


def test_the_same_plate_gives_the_same_bytes_and_replaces_its_files(plate):
    before = {name: path.read_bytes() for name, path in plate.items()}
    folder = plate["workbook"].parent
    again = write_plate_report(plate_study(), folder)
    assert {name: path.read_bytes() for name, path in again.items()} == before
    assert len(list(folder.iterdir())) == len(before)


def test_names_that_are_formulas_or_paths_harm_nothing(tmp_path):
    made = plate_study(title=EVIL, analyte="TNF/α!A1", samples=(EVIL, "b", "c"))
    made = replace(made, summary=(EVIL,), notes={EVIL: EVIL})
    written = write_plate_report(made, tmp_path)
    book = openpyxl.load_workbook(written["workbook"])
    assert formulas(book) == []
    assert texts(book["Summary"])[0] == plain(EVIL)
    assert set(tmp_path.iterdir()) == set(written.values())


def test_long_and_odd_titles_and_analytes_get_files_of_their_own(tmp_path):
    first = plate_study(title=LONG, analyte=LONG)
    second = plate_study(title=LONG.replace("/", ":"), analyte=LONG)
    files = [*write_plate_report(first, tmp_path).values()]
    files += write_plate_report(second, tmp_path).values()
    assert len({path.name.casefold() for path in files}) == 6
    assert max(len(path.name.encode()) for path in files) < 255


def test_two_analytes_that_differ_in_a_slash_have_a_picture_each(tmp_path):
    one, other = plate_study(analyte="A/B"), plate_study(analyte="A:B")
    tables = {"Standards": pd.concat([one.tables["Standards"], other.tables["Standards"]])}
    both = replace(one, curves={**one.curves, **other.curves}, tables=tables)
    written = write_plate_report(both, tmp_path)
    assert {"curve.A/B", "curve.A:B"} <= set(written)
    assert len(set(written.values())) == 4
    assert len(openpyxl.load_workbook(written["workbook"])["Summary"]._charts) == 2


def test_a_plate_with_nothing_in_it_still_has_every_common_sheet_and_header(tmp_path):
    none = pd.DataFrame()
    bare = replace(
        plate_study(), wells=none, observations=none, remarks=none, tables={"Standards": none},
        curves={}, summary=(), steps=(), problems=(), inputs=(), settings={},
    )  # fmt: skip
    written = write_plate_report(bare, tmp_path)
    book = openpyxl.load_workbook(written["workbook"])
    assert book.sheetnames == [n for n in PLATE_SHEETS if n not in ("Standards", "Samples")]
    assert book["Observations"]["A1"].value == "plate"
    assert book["QC"]["A1"].value == "rule"
    assert "No rule was broken." in texts(book["Summary"])


def test_a_folder_in_the_way_is_an_output_error_in_words(tmp_path):
    (tmp_path / "plate 1.results.xlsx").mkdir()
    with pytest.raises(OutputError, match="could not be written"):
        write_plate_report(plate_study(), tmp_path)


# --- a comparison ---------------------------------------------------------------------------


def test_a_comparison_s_files_and_sheets(study):
    figure = "elisa.RANKL.concentration"
    assert set(study) == {"workbook", "methods", *(f"{figure}.{k}" for k in ("png", "svg", "pdf"))}
    assert study["workbook"].name == "study.xlsx"
    assert study[f"{figure}.svg"].parent.name == "figures"
    book = openpyxl.load_workbook(study["workbook"])
    assert book.sheetnames == STUDY_SHEETS
    assert formulas(book) == []
    assert rows_of(study["workbook"], "Provenance")[0]["value"] == "study"


def test_the_summary_of_a_comparison_answers_in_words_and_numbers(study):
    sheet = openpyxl.load_workbook(study["workbook"])["Summary"]
    said = texts(sheet)
    assert list(comparison().summary) == said[3:5]
    rows = [[cell.value for cell in row[:9]] for row in sheet.iter_rows()]
    effect = next(row for row in rows if row[1] == "vesicle vs control")
    assert effect == ["RANKL concentration", "vesicle vs control", 2, 1.6, 2.5, "ratio", 0.00013,
                      0.00026, 4]  # fmt: skip
    assert len(sheet._images) == 1


def test_the_figure_on_the_summary_is_the_one_on_disk(study):
    sheet = openpyxl.load_workbook(study["workbook"])["Summary"]
    shown = sheet._images[0]._data()
    with (
        Image.open(io.BytesIO(shown)) as one,
        Image.open(study["elisa.RANKL.concentration.png"]) as two,
    ):
        assert one.tobytes() == two.tobytes()


def test_effects_keep_their_exact_p(study):
    records = rows_of(study["workbook"], "Effects")
    assert [row["p_adjusted"] for row in records] == comparison().effects["p_adjusted"].tolist()
    cell = openpyxl.load_workbook(study["workbook"])["Effects"]["M2"]
    assert cell.number_format == "[<0.001]0.00E+00;0.0000"


def test_methods_are_written_beside_the_workbook(study):
    assert study["methods"].read_text(encoding="utf-8") == methods_text(comparison())


def test_report_tells_a_plate_from_a_comparison(tmp_path):
    assert "plate" in report(plate_study(), tmp_path / "a")
    assert "methods" in report(comparison(), tmp_path / "b")


def test_a_comparison_without_effects_is_written(tmp_path):
    bare = replace(comparison(), effects=comparison().effects.head(0))
    written = write_study_report(bare, tmp_path)
    header = [cell.value for cell in openpyxl.load_workbook(written["workbook"])["Effects"][1]]
    assert header == comparison().effects.columns.tolist()
