"""What is written is read back whole, and the same content gives the same bytes."""

from __future__ import annotations

import string
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from workbook_helpers import DESIGN, SPEC, Parameters, content, edit, filled, layout

from assaykit.design import BLOCK_SEPARATORS, Contrast, Design, Factor
from assaykit.errors import InputError, OutputError, UsageError
from assaykit.plate import PLATE_FORMATS, plate_format
from assaykit.tables import DETAILS, SCHEMAS, check_readings, check_wells
from assaykit.values import match_key, normalise
from assaykit.workbook import PlateWorkbook, TemplateSpec, read_template, write_template


def assert_same(first: PlateWorkbook, second: PlateWorkbook) -> None:
    pd.testing.assert_frame_equal(first.wells, second.wells)
    pd.testing.assert_frame_equal(
        first.readings.drop(columns="source"), second.readings.drop(columns="source")
    )
    for name in ("assay", "plate", "plate_format", "design", "settings", "readings_file", "notes"):
        assert getattr(first, name) == getattr(second, name), name


def test_written_read_and_written_again_loses_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path)
    first = read_template(path, SPEC)
    data = path.read_bytes()
    write_template(path, SPEC, content=first)
    assert path.read_bytes() == data
    assert_same(read_template(path, SPEC), first)
    assert_same(first, content())


@pytest.mark.parametrize("wells", sorted(PLATE_FORMATS))
def test_every_plate_format_has_its_shape(tmp_path: Path, wells: int) -> None:
    path = write_template(tmp_path / "t.xlsx", SPEC, plate_format=wells)
    sheet = load_workbook(path)["Plate"]
    plate = plate_format(wells)
    row = [cell.value for cell in sheet[4]][: plate.columns + 3]
    assert row[:-2] == ["role", *range(1, plate.columns + 1)]
    letters = [sheet.cell(5 + i, 1).value for i in range(plate.rows + 1)]
    assert (letters[0], letters[-1]) == ("A", None)
    assert sheet.cell(4 + plate.rows + 2, 1).value == "sample"


def test_blank_templates_are_the_same_bytes(tmp_path: Path) -> None:
    first = write_template(tmp_path / "a.xlsx", SPEC).read_bytes()
    assert write_template(tmp_path / "b.xlsx", SPEC).read_bytes() == first


def test_what_a_blank_template_offers(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    assert book.sheetnames == [
        "Instructions", "Plate", "Wells", "Design", "Settings", "Example", "Lists",
    ]  # fmt: skip
    plate = book["Plate"]
    corners = [plate.cell(4 + 10 * i, 1) for i in range(7)]
    assert [cell.value for cell in corners] == [
        "role", "sample", "treatment", "biological_replicate", "nominal_concentration",
        "dilution_factor", "od_450",
    ]  # fmt: skip
    assert corners[4].comment.text == "declared concentration [pg/mL]"
    assert plate["O44"].value == "declared concentration [pg/mL]"
    assert plate["B15"].number_format == "@"
    assert plate["B65"].number_format == "General"
    assert plate.freeze_panes == "B3"
    assert len(plate.conditional_formatting) == 1
    sources = {str(rule.sqref): rule.formula1 for rule in plate.data_validations.dataValidation}
    assert sources["B5:M12"].startswith("Lists!")
    assert sources["B25:M32"] == "Design!$B$6:$B$17"
    headers = [cell.value for cell in book["Wells"][4]]
    assert headers[:3] == ["well", "role", "sample"]
    assert headers[-1] == "od_450"


def test_instructions_are_in_english_and_japanese(tmp_path: Path) -> None:
    book = load_workbook(write_template(tmp_path / "t.xlsx", SPEC))
    text = "\n".join(
        str(cell.value) for row in book["Instructions"] for cell in row if cell.value is not None
    )
    for words in ("ELISA plate", "template version 1", "assaykit check FILE.xlsx",
                  "assaykit elisa FILE.xlsx", "Paste the optical densities.", "ELISA プレート",
                  "吸光度を貼り付けます。", "生物学的反復", "no-template control"):  # fmt: skip
        assert words in text


def test_the_example_is_not_read(tmp_path: Path) -> None:
    path = filled(tmp_path)
    assert load_workbook(path)["Example"]["D5"].value == "sample"
    edit(path, {"Example!D5": "nonsense", "Lists!A2": "nonsense", "Instructions!A1": ("=1/0",)})
    assert_same(read_template(path, SPEC), content())


def test_flags_masks_exclusions_and_further_channels_survive(tmp_path: Path) -> None:
    wells, readings = layout()
    flags = ["saturated", "below_range", "above_range", "out_of_range", "no_value",
             "pathlength_missing", "undetermined", "masked"]  # fmt: skip
    for i, flag in enumerate(flags):
        readings.loc[i, "flag"] = flag
        readings.loc[i, "value"] = 0.356 if flag == "masked" else float("nan")
    second = readings.assign(channel="od_570", value=-1.7e-05, flag="")
    wells.loc[2, ["excluded", "reason"]] = [True, "bubble"]
    wells.loc[3, "passage"] = 7
    wells["excluded"] = wells["excluded"].astype(object)
    wells.loc[3, "analyte"] = "=RANKL"
    changed = content(wells=wells, readings=pd.concat([readings, second], ignore_index=True))
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    assert_same(read_template(path, SPEC), replace(changed, wells=check_wells(wells)))


def test_a_reading_that_is_not_there_is_an_empty_cell(tmp_path: Path) -> None:
    readings = layout()[1]
    readings.loc[0, "value"] = float("nan")
    path = write_template(tmp_path / "p.xlsx", SPEC, content=content(readings=readings))
    assert len(read_template(path, SPEC).readings) == len(readings) - 1


def test_a_flag_without_a_word_is_not_lost_silently(tmp_path: Path) -> None:
    readings = layout()[1].assign(flag="not_in_map")
    with pytest.raises(UsageError, match="not_in_map"):
        write_template(tmp_path / "p.xlsx", SPEC, content=content(readings=readings))
    assert not (tmp_path / "p.xlsx").exists()


def test_wells_outside_the_plate_are_not_lost_silently(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="a plate of 6 wells does not have the wells A4:B4, C1:C4, D1:D3"
    ):
        write_template(tmp_path / "p.xlsx", SPEC, content=content(plate_format=6))
    with pytest.raises(InputError, match="no plate has 7 wells"):
        write_template(tmp_path / "p.xlsx", SPEC, plate_format=7)


def test_a_design_of_several_factors_and_many_levels(tmp_path: Path) -> None:
    doses = tuple(str(i) for i in range(20))
    factors = tuple(Factor(f"factor {i}", ("a", "b"), "b") for i in range(6))
    design = Design(
        (Factor("dose", doses, "3"), *factors),
        contrasts=tuple(
            Contrast(f"c{i}", " / ".join([str(i), *"bbbbbb"]), " / ".join(["3", *"bbbbbb"]))
            for i in range(15)
            if i != 3
        ),
        confidence=0.9,
    )
    wells = layout()[0].drop(columns="treatment")
    for factor in design.factors:
        level = "3" if factor.name == "dose" else "b"
        wells[factor.name] = pd.Series([level] * len(wells), dtype=object)
    changed = content(design=design, wells=wells)
    path = write_template(tmp_path / "p.xlsx", SPEC, content=changed)
    assert_same(read_template(path, SPEC), changed)


def test_a_template_without_readings_or_factors(tmp_path: Path) -> None:
    spec = replace(SPEC, channels=(), variables=SPEC.variables[:2])
    wells = check_wells(
        pd.DataFrame({"plate": "P1", "well": ["A1"], "role": ["sample"], "sample": ["x"]})
    )
    only = content(design=Design(), wells=wells, readings=layout()[1].iloc[:0])
    path = write_template(tmp_path / "p.xlsx", spec, content=only)
    read = read_template(path, spec)
    assert (read.design, read.warnings, len(read.wells)) == (Design(), (), 1)


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").mkdir()
    with pytest.raises(OutputError, match="a folder of that name is in the way"):
        write_template(tmp_path / "p.xlsx", SPEC)
    assert [p.name for p in tmp_path.iterdir()] == ["p.xlsx"]


# Names as people write them: any printable text that is not blank and does not begin or end with
# a space. Control characters and what Excel itself escapes (_x000D_) are left out.
LETTERS = st.characters(exclude_categories=("C", "Z"), include_characters=" \u00a0=_-#'\"")
NAMES = st.text(LETTERS, min_size=1, max_size=12).filter(
    lambda text: normalise(text) and text == text.strip() and "_x" not in text
)
NUMBERS = st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.12g}"))


def is_free(text: str, reserved: set[str]) -> bool:
    """Whether a factor may be called so: names of columns are kept in one form."""
    key = match_key(text)
    return bool(key) and key not in reserved and text == normalise(text) and key[:2] != "od"


@st.composite
def plates(draw: st.DrawFn) -> PlateWorkbook:
    """Plates of any format with any names in any wells."""
    wells = draw(st.sampled_from([6, 24, 96]))
    used = draw(st.lists(st.sampled_from(plate_format(wells).names), min_size=1, unique=True))
    levels = draw(
        st.lists(NAMES, min_size=2, max_size=4, unique_by=lambda t: normalise(t).casefold())
    )
    reserved = {match_key(name) for name in RESERVED}
    factor = draw(NAMES.filter(lambda text: is_free(text, reserved)))
    taken = reserved | {match_key(factor)}
    block = draw(NAMES.filter(lambda t: is_free(t, taken) and not set(t) & set(BLOCK_SEPARATORS)))
    days = draw(
        st.lists(NAMES, min_size=1, max_size=3, unique_by=lambda t: normalise(t).casefold())
    )
    names = st.lists(
        NAMES, min_size=len(used), max_size=len(used), unique_by=lambda t: normalise(t).casefold()
    )
    frame = pd.DataFrame(
        {
            "plate": "P",
            "well": used,
            "role": "sample",
            "sample": draw(names),
            "analyte": "",
            "biological_replicate": draw(names),
            "technical_replicate": "",
            "nominal_concentration": float("nan"),
            "dilution_factor": draw(st.sampled_from([1.0, 2.5, 1000.0])),
            "excluded": False,
            "reason": "",
            "passage": pd.array([None] * len(used), dtype="Int64"),
            factor: draw(st.lists(st.sampled_from(levels), min_size=len(used), max_size=len(used))),
            block: draw(st.lists(st.sampled_from(days), min_size=len(used), max_size=len(used))),
        }
    )
    order = {name: i for i, name in enumerate(plate_format(wells).names)}
    frame = frame.sort_values("well", key=lambda column: column.map(order), ignore_index=True)
    frame.insert(2, "row", [well.rstrip(string.digits) for well in frame["well"]])
    frame.insert(3, "column", [int(well.lstrip(string.ascii_uppercase)) for well in frame["well"]])
    readings = pd.DataFrame(
        {
            "plate": "P", "well": frame["well"], "channel": "od_450",
            "value": draw(st.lists(NUMBERS, min_size=len(used), max_size=len(used))),
            "unit": "OD", "flag": "", "source": "",
        }
    )  # fmt: skip
    frame[[factor, block]] = frame[[factor, block]].astype(object)
    return content(
        plate="P",
        plate_format=wells,
        wells=check_wells(frame),
        readings=check_readings(readings),
        design=Design((Factor(factor, tuple(levels), levels[0]),), confidence=0.9, blocks=(block,)),
        settings=Parameters(wavelength=draw(st.sampled_from([405.0, 562.5]))),
        notes={draw(NAMES): draw(NAMES)},
    )


RESERVED = {
    *(variable.name for variable in SPEC.variables),
    *(name for schema in SCHEMAS for name in schema.names),
    *DETAILS.names,
    "contrast",
    "setting",
}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(plates())
def test_any_names_and_any_layout_survive(made: PlateWorkbook) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_template(Path(folder) / "p.xlsx", SPEC, content=made)
        data = path.read_bytes()
        read = read_template(path, SPEC)
        assert_same(read, made)
        assert write_template(path, SPEC, content=read).read_bytes() == data


def test_the_contrasts_of_a_plate_survive(tmp_path: Path) -> None:
    assert read_template(filled(tmp_path), SPEC).design.contrasts == DESIGN.contrasts


def test_every_spec_can_be_offered_without_optional_texts(tmp_path: Path) -> None:
    bare = TemplateSpec("bare", "Bare", "最小", SPEC.variables[:1], (), "x", "", Parameters)
    assert write_template(tmp_path / "t.xlsx", bare).stat().st_size > 5000
