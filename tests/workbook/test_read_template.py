"""A filled template is read whole, or everything that is wrong with it is said at once.

Numbers are those of the list of bad inputs; each test spoils one cell of a plate without mistakes.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from workbook_helpers import (
    DESIGN,
    SPEC,
    Parameters,
    corner,
    edit,
    filled,
    layout,
    only,
    place,
    problems,
    rezip,
    sheet_part,
)

from assaykit.design import Design, Factor
from assaykit.errors import InputError
from assaykit.workbook import examine_template, read_template, template_assay, write_template


def says(path: Path, code: str, where: str, *words: str, severity: str = "error") -> None:
    """Exactly one problem of a kind, at a place, with these words in it, and nothing else."""
    found = problems(path)
    assert [problem.code for problem in found] == [code], [str(p) for p in found]
    (problem,) = found
    assert f"{problem.sheet}!{problem.cell}" == where
    assert (problem.file, problem.severity) == (path.name, severity)
    for word in words:
        assert word in str(problem), str(problem)


def value(path: Path, variable: str, well: str) -> object:
    """What the plate says of a well."""
    wells = read_template(path, SPEC).wells.set_index("well")
    return wells.loc[well, variable]


def test_a_plate_without_mistakes_is_read_whole(plate: Path) -> None:
    read = read_template(plate, SPEC)
    wells, readings = layout()
    pd.testing.assert_frame_equal(read.wells, wells)
    pd.testing.assert_frame_equal(
        read.readings.drop(columns="source"), readings.drop(columns="source")
    )
    assert read.readings["source"][2] == "plate.xlsx, Plate!D41"
    assert (read.assay, read.plate, read.plate_format) == ("elisa", "P1", 24)
    assert (read.design, read.notes, read.warnings) == (DESIGN, {"operator": "Sato"}, ())
    assert read.settings == Parameters(analyte="RANKL", reference_wavelength=620.0)
    assert read.cells["A3", "treatment"] == "Plate!D17"


def test_the_assay_is_told(plate: Path) -> None:
    assert template_assay(plate) == "elisa"
    assert template_assay(plate, known=("elisa", "qpcr")) == "elisa"


@pytest.mark.parametrize(
    ("said", "words"),
    [("elsia", "Did you mean 'elisa'?"), (None, "does not say which assay it is of")],
)
def test_an_unknown_or_missing_assay_is_found_with_its_cell(
    plate: Path, said: str | None, words: str
) -> None:
    edit(plate, {"Settings!B5": said})
    with pytest.raises(InputError, match=r"Settings!B5") as caught:
        template_assay(plate, known=("elisa", "qpcr"))
    assert words in str(caught.value)


def test_results_and_other_workbooks_are_not_templates(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Observations"
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(InputError, match="assaykit compare"):
        template_assay(tmp_path / "r.xlsx")
    assert {p.code for p in problems(tmp_path / "r.xlsx")} == {"missing_sheet", "no_readings"}


def test_a_template_of_another_assay(plate: Path) -> None:
    edit(plate, {"Settings!B5": "alizarin"})
    says(plate, "wrong_assay", "Settings!B5", "found the assay 'alizarin', expected 'elisa'")


def test_a_blank_template_says_that_nothing_is_filled(tmp_path: Path) -> None:
    path = write_template(tmp_path / "blank.xlsx", SPEC)
    assert [p.code for p in problems(path)] == ["nothing_filled", "no_readings"]


def test_a_command_as_a_sample_name_stays_text(plate: Path) -> None:  # 1
    edit(plate, {place("sample", "A3"): "=cmd|' /C calc'!A0"})
    assert value(plate, "sample", "A3") == "=cmd|' /C calc'!A0"


def test_a_formula_in_a_header(plate: Path) -> None:  # 2
    edit(plate, {f"Plate!C{corner('sample')}": ("=B10+1",)})
    says(plate, "formula_in_header", "Plate!C10", "found a formula in a header")
    edit(plate, {f"Plate!C{corner('sample')}": 2, "Wells!C4": ('="sam"&"ple"',)})
    says(plate, "formula_in_header", "Wells!C4")


def test_a_gene_that_became_a_date(plate: Path) -> None:  # 3
    edit(plate, {place("sample", "A3"): datetime.datetime(2026, 9, 2)})
    says(plate, "name_became_number", "Plate!D11", "SEPT2", "Format the cell as Text")


def test_a_gene_that_became_a_serial_number(plate: Path) -> None:  # 4
    edit(plate, {place("sample", "A3"): 46267})
    says(plate, "name_became_number", "Plate!D11", "serial number of a date (46267)")


def test_a_gene_that_became_a_float(plate: Path) -> None:  # 5
    edit(plate, {place("sample", "A3"): 2310009e13})
    says(plate, "name_became_number", "Plate!D11", "decimal number")


def test_merged_cells_in_a_block(plate: Path) -> None:  # 6
    edit(plate, {}, lambda book: book["Plate"].merge_cells("D17:E17"))
    found = problems(plate)
    assert [(p.code, p.cell) for p in found] == [
        ("merged_cells", "D17:E17"),
        ("no_treatment", "E5"),
    ]
    assert "Unmerge them" in str(found[0])
    assert found[1].well == "A4"


def test_merged_cells_elsewhere_do_no_harm(plate: Path) -> None:
    edit(plate, {}, lambda book: book["Plate"].merge_cells("A1:D1"))
    assert problems(plate) == ()


def test_hidden_rows_and_columns_are_read_and_named(plate: Path) -> None:  # 7
    def hide(book: Workbook) -> None:
        book["Plate"].row_dimensions[5].hidden = True
        book["Plate"].column_dimensions["E"].hidden = True

    edit(plate, {}, hide)
    (found,) = problems(plate)
    assert (found.code, found.severity) == ("hidden", "warning")
    assert found.cell == "B5:E5, E6:E7, E11:E13, E17:E19, E23:E25, E35:E37, E41:E43"
    assert found.well == "A1:A4, B4:C4"
    assert len(read_template(plate, SPEC).wells) == 15


def test_a_hidden_sheet_is_named_too(plate: Path) -> None:
    def hide(book: Workbook) -> None:
        book["Plate"].sheet_state = "hidden"

    edit(plate, {}, hide)
    assert [p.code for p in problems(plate)] == ["hidden"]


def test_a_formula_without_a_saved_value(plate: Path) -> None:  # 8
    edit(plate, {place("nominal_concentration", "A2"): ("=B29/2",)})
    says(plate, "formula_without_value", "Plate!C29", "found a formula without a saved value",
         "save the workbook in Excel")  # fmt: skip


def test_a_formula_with_a_saved_value_is_used_and_counted_once(tmp_path: Path) -> None:
    path = filled(tmp_path)
    book = load_workbook(path)
    book["Plate"]["C29"] = "=B29/2"
    book["Plate"]["C30"] = "=B30/2"
    book.save(path)
    own = sheet_part(path, "Plate")
    saved = b"</f><v>50</v>"
    rezip(path, lambda name, data: re.sub(rb"</f><v ?/>", saved, data) if name == own else data)
    says(path, "formula", "Plate!C29:C30", "its last saved value is used", severity="warning")
    assert value(path, "nominal_concentration", "A2") == 50.0


@pytest.mark.parametrize("variable", ["od_450", "sample", "nominal_concentration"])
def test_an_excel_error_names_its_cell(plate: Path, variable: str) -> None:  # 9
    edit(plate, {place(variable, "A3"): "#DIV/0!"})
    where = place(variable, "A3")
    says(plate, "excel_error", where, "found the Excel error #DIV/0!", "well A3")


def test_dates_of_1904(tmp_path: Path) -> None:  # 15
    path = filled(tmp_path, notes={"date": "x"})

    def mac(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    edit(path, {"Settings!B18": datetime.datetime(2026, 9, 2)}, mac)
    book = load_workbook(path)
    assert book.epoch == CALENDAR_MAC_1904
    assert book["Settings"]["A18"].value == "date"
    assert read_template(path, SPEC).notes == {"date": "2026-09-02"}
    edit(path, {place("sample", "A3"): datetime.datetime(2026, 9, 2)}, mac)
    assert "found a date (2026-09-02" in str(only(path, "name_became_number"))


def as_list(path: Path, *, drop: bool = True) -> Path:
    """Move what Plate says into the list of Wells."""
    read = read_template(path, SPEC)
    values = read.readings.set_index("well")["value"]

    def move(book: Workbook) -> None:
        sheet = book["Wells"]
        names = [cell.value for cell in sheet[4]]
        for row, (_, well) in enumerate(read.wells.iterrows(), start=5):
            for column, name in enumerate(names, start=1):
                said = values[well["well"]] if name == "od_450" else well.get(name)
                if (isinstance(said, str) and said) or (isinstance(said, float) and said >= 0):
                    sheet.cell(row, column, said)
        if drop:
            del book["Plate"]

    return edit(path, {}, move)


def test_the_list_says_the_same_as_the_blocks(plate: Path) -> None:
    read = read_template(plate, SPEC)
    again = read_template(as_list(plate), SPEC)
    pd.testing.assert_frame_equal(again.wells, read.wells)
    pd.testing.assert_frame_equal(
        again.readings.drop(columns="source"), read.readings.drop(columns="source")
    )
    assert again.cells["A3", "sample"] == "Wells!C7"


def test_the_same_in_both_is_fine_and_a_conflict_names_both_cells(plate: Path) -> None:
    as_list(plate, drop=False)
    assert problems(plate) == ()
    edit(plate, {"Wells!C7": "control 9", "Wells!F5": 99, "Wells!L5": 7})
    found = problems(plate)
    assert [(p.code, p.cell, p.well) for p in found] == [
        ("conflict", "C7", "A3"),
        ("conflict", "F5", "A1"),
        ("conflict", "L5", "A1"),
    ]
    assert "sample is 'control 9' here, but 'control 1' in Plate!D11" in str(found[0])


def test_duplicate_columns_and_blocks(plate: Path) -> None:  # 18
    edit(plate, {"Wells!D4": "sample"})
    says(plate, "duplicate_column", "Wells!D4", "the column 'sample' is already at C4")
    edit(plate, {"Wells!D4": "treatment", f"Plate!A{corner('dilution_factor')}": "role"})
    found = problems(plate)
    assert [(p.code, p.cell) for p in found] == [("duplicate_block", "A34")]
    assert "the block 'role' is already at A4" in str(found[0])


def test_a_misspelled_header_gets_the_nearest_name(plate: Path) -> None:  # 19
    edit(plate, {"Wells!F4": "nominal_concentraton"})
    says(plate, "unknown_column", "Wells!F4", "Did you mean 'nominal_concentration'?")
    edit(plate, {"Wells!F4": "nominal_concentration", "Plate!A22": "biological replicat"})
    found = problems(plate)
    assert [(p.code, p.cell) for p in found] == [
        ("unknown_block", "A22"),
        ("no_biological_replicate", "D5:E7"),
    ]
    assert "Did you mean 'biological_replicate'?" in str(found[0])


def test_headers_are_read_whatever_their_dress(plate: Path) -> None:  # 20, 28
    edit(plate, {
        "Plate!A4": "\ufeffRole", "Plate!A10": "ｓａｍｐｌｅ", "Plate!A16": "\u200bTreatment ",
        "Plate!A22": "Biological\u00a0replicate", "Plate!A28": "nominal　concentration",
        "Plate!A40": "ＯＤ 450", "Plate!B4": "１", "Plate!A5": "Ａ",
    })  # fmt: skip
    assert problems(plate) == ()
    assert len(read_template(plate, SPEC).readings) == 15


def test_values_are_read_whatever_their_dress(plate: Path) -> None:  # 27, 28
    edit(plate, {
        place("od_450", "A3"): "２．４５", place("od_450", "A4"): "\u22120.012",
        place("od_450", "B3"): "\u00a00.5\u3000", place("od_450", "B4"): "-1.7e-05",
        place("role", "A3"): "Ｓａｍｐｌｅ", place("treatment", "A3"): "ｃｏｎｔｒｏｌ",
    })  # fmt: skip
    read = read_template(plate, SPEC)
    values = read.readings.set_index("well")["value"]
    assert values[["A3", "A4", "B3", "B4"]].tolist() == [2.45, -0.012, 0.5, -1.7e-05]
    assert read.wells.set_index("well").loc["A3", ["role", "treatment"]].tolist() == [
        "sample",
        "control",
    ]


def test_decimal_commas_are_decided_over_the_whole_block(plate: Path) -> None:  # 23
    edit(plate, {place("od_450", "A3"): "1,250", place("od_450", "A4"): "0,75"})
    values = read_template(plate, SPEC).readings.set_index("well")["value"]
    assert values[["A3", "A4", "A1"]].tolist() == [1.25, 0.75, 0.05]


def test_thousands_commas(plate: Path) -> None:  # 24
    edit(plate, {place("nominal_concentration", "A1"): "1,250.5"})
    assert value(plate, "nominal_concentration", "A1") == 1250.5


def test_mixed_and_ambiguous_decimal_marks_are_errors(plate: Path) -> None:  # 23, 24
    edit(plate, {place("od_450", "A3"): "0,75", place("od_450", "A4"): "0.5"})
    found = only(plate, "decimal_mark")
    assert found.cell == "A40"
    assert "'0,75' and '0.5'" in str(found)
    edit(plate, {place("od_450", "A3"): "1,250", place("od_450", "A4"): 0.5})
    assert "decimal comma or a thousands separator" in str(only(plate, "decimal_mark"))


def test_words_of_instruments_become_flags(plate: Path) -> None:  # 25, 26
    words = {
        "A1": ("undetermined", "undetermined"), "A2": ("OVRFLW", "saturated"),
        "A3": ("*****", "saturated"), "A4": ("#Low", "below_range"),
        "B1": ("Range?", "out_of_range"),
        "B2": ("*0.356*", "masked"), "B3": ("> Max", "above_range"), "B4": ("?????", "no_value"),
    }  # fmt: skip
    edit(plate, {place("od_450", well): word for well, (word, _) in words.items()})
    flags = read_template(plate, SPEC).readings.set_index("well")["flag"]
    assert flags[list(words)].tolist() == [flag for _, flag in words.values()]


def test_an_unknown_word_among_readings_is_an_error(plate: Path) -> None:  # 26
    edit(plate, {place("od_450", "A3"): "lamp?"})
    says(plate, "not_a_number", "Plate!D41", "od_450: found 'lamp?', expected a number", "well A3")


def test_an_instrument_word_is_no_concentration(plate: Path) -> None:
    edit(plate, {place("nominal_concentration", "A1"): "OVRFLW"})
    says(plate, "not_a_number", "Plate!B29", "found 'OVRFLW', expected a number")


@pytest.mark.parametrize("raw", [datetime.datetime(2026, 1, 2), True, "1e999"])
def test_what_is_no_number_at_all(plate: Path, raw: object) -> None:
    edit(plate, {place("od_450", "A3"): raw})
    says(plate, "not_a_number", "Plate!D41", "expected a number")


def test_whole_numbers_are_whole(plate: Path) -> None:
    edit(plate, {"Wells!A5": "A3", "Wells!K4": "passage", "Wells!K5": 2.5}, None)
    assert "expected a whole number" in str(only(plate, "not_a_number"))


@pytest.mark.parametrize("name", ["NA", "None", "007", "2E3", "nan", "TRUE", "1/2", "#1", "a\nb"])
def test_names_stay_what_they_are(plate: Path, name: str) -> None:  # 30
    edit(plate, {place("sample", "A3"): name, place("biological_replicate", "A3"): name,
                 place("biological_replicate", "A4"): name})  # fmt: skip
    assert value(plate, "sample", "A3") == name
    assert value(plate, "biological_replicate", "A4") == name


def test_padded_wells_are_the_same_wells(plate: Path) -> None:  # 31
    as_list(plate)
    edit(plate, {"Wells!A5": "A01", "Wells!A6": "ａ２", "Wells!A7": " a03"})
    assert problems(plate) == ()
    assert value(plate, "sample", "A3") == "control 1"


def test_a_map_with_holes_leaves_them_out(plate: Path) -> None:  # 33
    edit(plate, {place("role", "D3"): None, place("od_450", "D3"): None})
    read = read_template(plate, SPEC)
    assert read.warnings == ()
    assert "D3" not in set(read.wells["well"]) | set(read.readings["well"])


def test_a_map_longer_than_the_data(plate: Path) -> None:  # 34, 35
    edit(plate, {place("od_450", well): None for well in ("B3", "B4", "C3", "C4")})
    says(plate, "no_reading", "Plate!A40", "no reading for the wells B3:C4", severity="warning")


def test_data_without_a_map(plate: Path) -> None:  # 35
    edit(plate, {place("od_450", "D5"): 0.5, place("od_450", "D6"): 0.6})
    says(plate, "not_in_map", "Plate!F44", "the wells D5:D6", severity="warning")
    read = read_template(plate, SPEC)
    assert "D5" not in set(read.wells["well"])
    assert "D5" in set(read.readings["well"])


def test_a_well_twice_names_both_cells(plate: Path) -> None:  # 36
    as_list(plate)
    edit(plate, {"Wells!A6": "A01"})
    found = problems(plate)
    assert [(p.code, p.cell, p.well) for p in found] == [("well_twice", "A6", "A1")]
    assert "the well A1 is already in A5" in str(found[0])


def test_one_biological_replicate(plate: Path) -> None:  # 37
    wells = ("A3", "A4", "B3", "B4", "C3", "C4")
    edit(plate, {place("biological_replicate", well): "mouse 1" for well in wells})
    says(plate, "few_replicates", "Design!B4", "control (1), vesicle (1)", severity="warning")


def test_no_reference_arm(tmp_path: Path) -> None:  # 38
    path = filled(
        tmp_path, design=Design((Factor("treatment", ("control", "vesicle"), "control"),))
    )
    edit(path, {place("treatment", well): "vesicle" for well in ("A3", "B3", "C3")})
    found = problems(path)
    assert [(p.code, p.cell) for p in found] == [("no_reference_arm", "B5"), ("one_arm", "B4")]
    assert {p.severity for p in found} == {"warning"}
    assert "no sample well of the reference arm 'control'" in str(found[0])


def test_only_technical_replicates(plate: Path) -> None:  # 40
    wells = ("A3", "A4", "B3", "B4", "C3", "C4")
    edit(plate, {place("biological_replicate", well): None for well in wells})
    says(plate, "no_biological_replicate", "Plate!D5:E7", "repeated wells share it", "A3:C4")


@pytest.mark.parametrize("level", ["Vesicle", "vesicle ", "\u00a0vesicle", "VESICLE"])
def test_a_level_with_stray_space_or_case(plate: Path, level: str) -> None:  # 41
    edit(plate, {place("treatment", "A4"): level})
    says(plate, "unknown_level", "Plate!E17",
         "differs from the level 'vesicle' only in case or spaces", "Write 'vesicle'.")  # fmt: skip


def test_a_level_that_is_not_declared(plate: Path) -> None:
    edit(plate, {place("treatment", "A4"): "vesicel"})
    says(plate, "unknown_level", "Plate!E17", "found 'vesicel'", "Did you mean 'vesicle'?")


def test_two_spellings_of_one_replicate_do_not_double_n(plate: Path) -> None:
    edit(plate, {place("biological_replicate", "A4"): "Mouse 1"})
    says(plate, "confusable", "Plate!E23", "'Mouse 1' differs from 'mouse 1' (Plate!D23)")


def test_rows_and_columns_may_be_inserted_and_blocks_moved(plate: Path) -> None:
    def move(book: Workbook) -> None:
        sheet = book["Plate"]
        sheet.move_range("A40:I44", rows=-36, cols=9)
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1, 2)
        book["Wells"].insert_rows(1, 2)
        book["Settings"].insert_cols(1)
        book["Design"].insert_rows(2, 4)

    before = read_template(plate, SPEC)
    edit(plate, {}, move)
    assert problems(plate) == ()
    after = read_template(plate, SPEC)
    pd.testing.assert_frame_equal(after.wells, before.wells)
    assert after.design == before.design
    assert after.cells["A1", "od_450"] == "Plate!M8"


def test_a_renamed_sheet_is_suggested(plate: Path) -> None:
    def rename(book: Workbook) -> None:
        book["Settings"].title = "Setting"
        book["Design"].title = "Desing"

    edit(plate, {}, rename)
    found = [p for p in problems(plate) if p.code == "missing_sheet"]
    assert [p.sheet for p in found] == ["Settings", "Design"]
    assert "Rename 'Setting' to 'Settings'." in str(found[0])
    assert "Rename 'Desing' to 'Design'." in str(found[1])


def test_the_name_of_the_file_is_the_name_of_the_plate(tmp_path: Path) -> None:
    path = filled(tmp_path, "Plate 7.xlsx", plate="")
    read = read_template(path, SPEC)
    assert (read.plate, set(read.wells["plate"])) == ("Plate 7", {"Plate 7"})


def test_readings_may_be_in_an_instruments_file(tmp_path: Path) -> None:
    path = filled(tmp_path, readings_file="run 1.txt", readings=layout()[1].iloc[:0])
    (tmp_path / "run1.txt").touch()
    says(path, "no_readings_file", "Settings!B9", "'run 1.txt'", "Did you mean 'run1.txt'?")
    (tmp_path / "run1.txt").rename(tmp_path / "run 1.txt")
    read = read_template(path, SPEC)
    assert (read.readings_file, len(read.readings), read.warnings) == ("run 1.txt", 0, ())
    edit(path, {place("od_450", "A1"): 0.5})
    assert "those of the file 'run 1.txt' are used" in str(only(path, "readings_twice"))
    edit(path, {"Settings!B9": None, place("od_450", "A1"): None})
    says(path, "no_readings", "Plate!", "readings_file", severity="warning")


def test_without_factors_a_replicate_is_only_asked_for(tmp_path: Path) -> None:
    wells = layout()[0].assign(biological_replicate="").drop(columns="treatment")
    path = filled(tmp_path, wells=wells, design=Design())
    says(path, "no_biological_replicate", "Plate!D5:E7", severity="warning")


TWENTY = {
    "Settings!B5": ("alizarin", "wrong_assay"),
    "Settings!B12": ("5pl", "unknown_choice"),
    "Settings!A13": ("wavelenght", "unknown_setting"),
    "Settings!B14": ("six", "not_a_number"),
    "Design!B5": ("contrl", "unknown_reference_level"),
    "Design!I5": ("vesicel", "unknown_arm"),
    "Design!O7": (95, "confidence"),
    place("role", "A1"): ("standart", "unknown_choice"),
    place("role", "D3"): (None, "no_role"),
    place("sample", "A3"): (datetime.datetime(2026, 3, 1), "name_became_number"),
    place("treatment", "A4"): ("Vesicle ", "unknown_level"),
    place("treatment", "B3"): (None, "no_treatment"),
    place("biological_replicate", "C3"): (None, "no_biological_replicate"),
    place("nominal_concentration", "A2"): (None, "no_nominal_concentration"),
    place("nominal_concentration", "B1"): (-10, "negative_concentration"),
    place("dilution_factor", "A3"): (0, "dilution_factor"),
    place("od_450", "B1"): ("O.175", "not_a_number"),
    place("od_450", "B2"): ("#REF!", "excel_error"),
    "Wells!D4": ("treatmant", "unknown_column"),
    "Wells!A5": ("A7", "outside_plate"),
}
# Where a missing statement is reported: at the cell that says the role of the well, or what is
# said beside the role.
REPORTED_AT = {
    place("role", "D3"): place("sample", "D3"),
    place("treatment", "B3"): place("role", "B3"),
    place("biological_replicate", "C3"): place("role", "C3"),
    place("nominal_concentration", "A2"): place("role", "A2"),
}


def test_twenty_planted_mistakes_are_all_found_with_their_cells(tmp_path: Path) -> None:
    path = filled(tmp_path)
    edit(path, {place("sample", "D3"): "a name"})
    mended = {name: cell.value for name in TWENTY for cell in [cell_at(path, name)]}
    assert problems(path) == ()
    spoilt = {name: raw for name, (raw, _) in TWENTY.items()}
    edit(path, spoilt)
    found = {(f"{p.sheet}!{p.cell}", p.code) for p in problems(path) if p.severity == "error"}
    expected = {(REPORTED_AT.get(name, name), code) for name, (_, code) in TWENTY.items()}
    assert len(expected) == 20
    assert found == expected
    with pytest.raises(InputError) as caught:
        read_template(path, SPEC)
    assert len(caught.value.problems) == 20
    edit(path, mended)
    assert problems(path) == ()
    assert examine_template(path, SPEC)[0] is not None


def cell_at(path: Path, name: str) -> object:
    sheet, _, address = name.partition("!")
    return load_workbook(path)[sheet][address]
