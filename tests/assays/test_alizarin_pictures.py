"""Plates of pictures with exactly known mineral, from files to observations."""

import re
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile
from picture_plates import DESIGN, VECTOR, WHITE, field, plate, save, wells

from assaykit.assays import find_assay
from assaykit.assays.alizarin import AlizarinParameters, quantify
from assaykit.assays.picture_files import picture_files
from assaykit.errors import InputError, NothingToAnalyseError
from assaykit.plate import annotate
from assaykit.readers.pictures import Picture, open_picture
from assaykit.study import analyse_plate
from assaykit.workbook import PlateWorkbook, read_template, write_template

FRACTIONS = {"A1": 0.2, "A2": 0.4, "A3": 0.1, "A4": 0.5, "A5": 0.3, "A6": 0.6}
CONTROLS = {"B1": "negative_control", "B2": "negative_control", "B3": "negative_control"}
MAP = wells([*FRACTIONS, *CONTROLS], CONTROLS)
PLAIN = {"pictures": "pictures/{well}_{field}.png", "um_per_px": 5.0, "smoothing": 0.0}


def settings(**changed):
    return AlizarinParameters(**{**PLAIN, **changed})


@pytest.fixture
def folder(tmp_path):
    """Two fields of each of six samples and three negative controls."""
    for number, (well, fraction) in enumerate({**FRACTIONS, **dict.fromkeys(CONTROLS, 0)}.items()):
        for one in (1, 2):
            picture = field(fraction + 0.05 * (one - 1.5) * bool(fraction), seed=10 * number + one)
            save(tmp_path / f"pictures/{well}_{one}.png", picture)
    return tmp_path


def analysed(folder, table=MAP, **changed):
    return analyse_plate(plate(folder, table, settings(**changed)), "alizarin")


def values(study, endpoint="mineralized_area_fraction"):
    own = study.observations[study.observations["endpoint"] == endpoint]
    return own.set_index("well")["value"]


def test_each_well_has_the_fraction_that_was_painted(folder):
    """Exactly known: the painted share, the noise of the controls above the threshold."""
    study = analysed(folder)
    found = values(study)
    for well, fraction in FRACTIONS.items():
        assert found[well] == pytest.approx(fraction, abs=0.012)
    assert found[list(CONTROLS)].max() < 0.01
    threshold = study.tables["Threshold"].iloc[0]
    assert threshold["source"].startswith("99.5 % quantile of the negative controls")
    assert threshold["n_controls"] == 6


def test_amount_and_nodules_are_those_that_were_painted(folder):
    study = analysed(folder)
    amount = values(study, "integrated_od")
    expected = 0.4 * 0.5 * 120 * 160 * 25e-6  # OD times area in mm² of the half of a field
    assert amount["A4"] == pytest.approx(expected, rel=0.05)
    assert values(study, "nodule_count")["A4"] == 2  # one patch in each of its two fields
    units = study.observations.drop_duplicates("endpoint").set_index("endpoint")["unit"]
    assert units.to_dict() == {
        "mineralized_area_fraction": "fraction", "integrated_od": "OD·mm²",
        "nodule_count": "per well",
    }  # fmt: skip


def test_there_is_a_row_for_every_picture_and_every_well(folder):
    study = analysed(folder)
    assert len(study.tables["Pictures"]) == 18
    assert study.tables["Pictures"]["file"].iloc[:2].tolist() == [
        "pictures/A1_1.png", "pictures/A1_2.png",
    ]  # fmt: skip
    assert study.tables["Mineral"]["well"].tolist() == [*FRACTIONS, *CONTROLS]
    assert len(study.observations) == 27
    assert {item.name for item in study.inputs} >= {"plate.xlsx", "pictures/A1_1.png"}
    assert "picture" not in study.wells


def test_overlays_and_a_contact_sheet_are_made(folder):
    images = analysed(folder).images
    assert list(images)[:2] == ["contact_sheet.jpg", "overlays/A1 1.jpg"]
    assert len(images) == 19
    assert all(data.startswith(b"\xff\xd8") for data in images.values())


def test_vignetting_of_the_microscope_is_taken_out(folder):
    y, x = np.mgrid[-1:1:120j, -1:1:160j]
    shade = 1 - 0.15 * (x**2 + y**2)[:, :, None] * [1.0, 0.8, 0.9]
    for number, (well, fraction) in enumerate({**FRACTIONS, **dict.fromkeys(CONTROLS, 0)}.items()):
        for one in (1, 2):
            picture = (field(fraction, seed=10 * number + one) * shade).round().astype(np.uint8)
            save(folder / f"pictures/{well}_{one}.png", picture)
    found = values(analysed(folder))
    assert found["A4"] == pytest.approx(0.5, abs=0.015)
    assert found[list(CONTROLS)].max() < 0.02


def test_flat_and_dark_field_pictures_serve_where_they_are_given(folder):
    tint = np.linspace(0.7, 1.0, 160)[None, :, None] * [1.0, 0.9, 1.0]
    dark = np.full((120, 160, 3), 12, np.uint8)
    for number, (well, fraction) in enumerate({**FRACTIONS, **dict.fromkeys(CONTROLS, 0)}.items()):
        for one in (1, 2):
            light = field(fraction, seed=10 * number + one) * tint + dark
            save(folder / f"pictures/{well}_{one}.png", light.clip(0, 255).astype(np.uint8))
    flat = np.broadcast_to(240 * tint, (120, 160, 3)) + dark
    save(folder / "flat.png", flat.clip(0, 255).astype(np.uint8))
    save(folder / "dark.png", dark)
    study = analysed(folder, flat_field="flat.png", dark_field="dark.png")
    assert values(study)["A4"] == pytest.approx(0.5, abs=0.02)
    assert study.tables["Threshold"]["illumination"].iloc[0].startswith("the flat field")


def test_a_declared_threshold_needs_no_controls(folder):
    samples = wells(list(FRACTIONS))
    study = analysed(folder, samples, threshold=0.2)
    assert values(study)["A4"] == pytest.approx(0.5, abs=0.012)
    assert study.tables["Threshold"]["source"].tolist() == ["declared"]
    assert study.tables["Threshold"]["illumination"].tolist() == [
        "the brightest backgrounds of the plate"
    ]


def test_without_threshold_and_controls_nothing_is_guessed(folder):
    with pytest.raises(InputError, match="no well has the role negative_control"):
        analysed(folder, wells(list(FRACTIONS)))


def test_49_no_scale_is_an_error_that_says_what_to_do(folder):
    with pytest.raises(InputError, match=r"um_per_px is empty, and none of the 18 pictures"):
        analysed(folder, um_per_px=None)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-900]), "cut off"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: save(path, np.full((120, 160, 3), 200, np.uint8)), "nothing to see"),
        (lambda path: save(path, field(0.2, size=(60, 80))), "another magnification or binning"),
        (lambda path: save(path, np.zeros((120, 160, 3), np.uint8)), "nothing to see"),
    ],
    ids=["42_truncated", "42_empty", "46_nothing_to_see", "50_half_size", "46_black"],
)
def test_one_bad_picture_is_one_failed_picture_and_the_plate_goes_on(folder, spoil, reason):
    spoil(folder / "pictures/A1_1.png")
    spoil(folder / "pictures/A1_2.png")
    study = analysed(folder)
    failed = study.tables["Pictures"].query("failed != ''")
    assert failed["file"].tolist() == ["pictures/A1_1.png", "pictures/A1_2.png"]
    assert failed["failed"].str.contains(reason).all()
    found = study.observations.query("well == 'A1'")
    assert found["value"].isna().all()
    assert set(found["flags"]) == {"picture_failed"}
    assert values(study)["A2"] == pytest.approx(0.4, abs=0.012)
    remarks = study.remarks[study.remarks["rule"] == "failed_pictures"]
    assert set(remarks["severity"]) == {"failure"}
    assert remarks["message"].str.contains(re.escape("pictures/A1_1.png of well A1")).any()


def test_one_bad_field_leaves_the_well_with_its_other_one(folder):
    (folder / "pictures/A2_1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    study = analysed(folder)
    assert values(study)["A2"] == pytest.approx(0.425, abs=0.012)
    flags = study.observations.query("well == 'A2'")["flags"]
    assert flags.str.startswith("picture_failed").all()


def test_all_pictures_bad_is_nothing_to_analyse(folder):
    for path in (folder / "pictures").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises((NothingToAnalyseError, InputError)):
        analysed(folder)


def test_wells_without_a_picture_and_files_left_over_are_named(folder):
    (folder / "pictures/A3_1.png").rename(folder / "pictures/notes.png")
    (folder / "pictures/A3_2.png").unlink()
    study = analysed(folder)
    said = " ".join(str(problem) for problem in study.problems)
    assert "1 well of the map has no picture: A3" in said
    assert "notes.png (it does not fit the pattern)" in said
    flags = study.observations.query("well == 'A3'")["flags"]
    assert flags.str.startswith("no_reading").all()


def test_copies_blur_colour_and_saturation_are_remarked(folder):

    shutil.copy(folder / "pictures/A1_1.png", folder / "pictures/A2_1.png")
    save(folder / "pictures/A3_1.png", cv2.GaussianBlur(field(0.1, seed=5), (0, 0), 4))
    save(folder / "pictures/A5_1.png", field(0.3, white=(240, 170, 212), seed=6))
    bright = field(0.6, seed=7)
    bright[:40] = 255
    save(folder / "pictures/A6_1.png", bright)
    remarks = analysed(folder).remarks.set_index("rule")["wells"]
    assert remarks["copied_pictures"] == "A1, A2"
    assert remarks["out_of_focus"] == "A3"
    assert remarks["white_drift"] == "A5, A6"  # overexposed light has no colour
    assert remarks["saturated_pictures"] == "A6"


def test_pictures_and_extracts_on_one_template_give_both(folder):
    """Readings of extracts stand in the same workbook, with their standards."""
    levels = {"C1": 0.0, "C2": 100.0, "C3": 200.0, "C4": 400.0, "D1": 800.0, "D2": 1600.0}
    standards = pd.DataFrame(
        {
            "plate": "P1", "well": list(levels), "role": "standard", "sample": "std",
            "biological_replicate": "", "treatment": "", "nominal_concentration": levels.values(),
        }
    )  # fmt: skip
    table = pd.concat([MAP, standards], ignore_index=True)
    od = {well: 0.05 + 0.002 * level for well, level in levels.items()}
    od |= {well: 0.05 + 0.002 * 1000 * share for well, share in FRACTIONS.items()}

    readings = pd.DataFrame(
        {"plate": "P1", "well": list(od), "channel": "od_562", "value": od.values(),
         "unit": "OD", "flag": "", "source": ""}
    )  # fmt: skip
    content = PlateWorkbook("alizarin", "P1", 24, table, readings, DESIGN, settings())
    path = folder / "both.xlsx"
    write_template(path, find_assay("alizarin").template, plate_format=24, content=content)
    study = analyse_plate(path, "alizarin")
    dye = values(study, "alizarin_red_concentration")
    assert dye["A4"] == pytest.approx(500, rel=0.01)
    assert values(study)["A4"] == pytest.approx(0.5, abs=0.012)
    agreement = study.tables["Agreement"].set_index(["second_name", "statistic"])
    r = agreement.loc[("alizarin_red_concentration", "Pearson correlation"), "estimate"]
    assert r.iloc[0] > 0.99


def test_quantifying_changes_nothing_in_place(folder):
    path = plate(folder, MAP, settings())

    workbook = read_template(path, find_assay("alizarin").template)
    table = annotate(picture_files(path, workbook, settings()).readings, workbook.wells)
    before = table.copy()
    quantify(table, settings())
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("white", [WHITE, (180, 205, 230)])
def test_the_white_of_the_plate_does_not_matter(tmp_path, white):
    for number, (well, fraction) in enumerate({**FRACTIONS, **dict.fromkeys(CONTROLS, 0)}.items()):
        save(tmp_path / f"pictures/{well}_1.png", field(fraction, white=white, seed=number))
    assert values(analysed(tmp_path))["A6"] == pytest.approx(0.6, abs=0.012)


def test_every_picture_is_decoded_once(folder, monkeypatch):
    """What costs most is done once, whatever is measured and drawn."""
    decoded = []
    bands = Picture.bands

    def counted(self, *arguments):
        decoded.append(self.file)
        return bands(self, *arguments)

    def no_pixels(self):
        raise AssertionError("pixels() would decode a second time")

    monkeypatch.setattr(Picture, "bands", counted)
    monkeypatch.setattr(Picture, "pixels", no_pixels)
    analysed(folder)
    assert len(decoded) == len(set(decoded)) == 18


def test_a_stain_vector_can_be_estimated_from_the_plate_with_a_warning(folder):
    """The pictures were painted with the default vector: it is found within 8 degrees."""
    study = analysed(folder, stain_vector="estimate")
    row = study.tables["Threshold"].iloc[0]
    found = np.array([float(value) for value in row["stain_vector"].split()])
    cosine = found @ VECTOR / np.linalg.norm(found)
    assert np.degrees(np.arccos(cosine)) < 8
    assert "estimated_stain" in set(study.remarks["rule"])
    assert values(study)["A4"] == pytest.approx(0.5, abs=0.02)


def test_one_picture_with_another_balance_of_colour_is_named(folder):
    """Red 6 % brighter in the pictures of one well: enough to move its mineral by points."""
    for one in (1, 2):
        path = folder / f"pictures/A3_{one}.png"
        shifted = open_picture(path).pixels() * np.array([1.06, 1.0, 1.0])
        save(path, shifted.clip(0, 255).astype(np.uint8))
    remarks = analysed(folder).remarks
    (remark,) = remarks[remarks["rule"] == "white_drift"].to_dict("records")
    assert remark["wells"] == "A3"


def test_fixed_fields_are_in_the_provenance_and_must_fit(folder):
    save(folder / "flat.png", field(0.0, seed=90))
    study = analysed(folder, flat_field="flat.png")
    assert "flat.png" in {item.name for item in study.inputs}
    save(folder / "flat.png", field(0.0, size=(60, 80)))
    with pytest.raises(InputError, match=r"flat.png.*80 × 60 px, the pictures 160 × 120 px"):
        analysed(folder, flat_field="flat.png")


def test_if_all_controls_fail_their_reasons_are_told(folder):
    for path in (folder / "pictures").glob("B*.png"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match="none of theirs could be used") as error:
        analysed(folder)
    assert "pictures/B1_1.png (well B1): " in str(error.value)
    assert len(error.value.problems) == 7


def test_12_bits_in_16_need_and_have_a_setting(folder):
    for path in (folder / "pictures").iterdir():
        pixels = open_picture(path).pixels().astype(np.uint16) * 16
        tifffile.imwrite(path.with_suffix(".tif"), pixels, photometric="rgb")
    settings = {"pictures": "pictures/{well}_{field}.tif"}
    with pytest.raises(InputError, match=r"\(camera_bits\)"):
        analysed(folder, **settings)
    study = analysed(folder, **settings, camera_bits=12.0)
    assert values(study)["A4"] == pytest.approx(0.5, abs=0.015)


def test_a_scale_that_the_file_contradicts_is_named(folder):
    for path in (folder / "pictures").iterdir():
        tifffile.imwrite(path.with_suffix(".tif"), open_picture(path).pixels(), imagej=True,
                         resolution=(1 / 2.5, 1 / 2.5), metadata={"unit": "um"})  # fmt: skip
    study = analysed(folder, pictures="pictures/{well}_{field}.tif")
    assert set(study.tables["Pictures"]["file_um_per_px"].round(3)) == {2.5}
    assert "contradicted_scale" in set(study.remarks["rule"])


def test_a_well_without_any_mineral_has_no_amount_and_says_so(folder):
    study = analysed(folder, threshold=2.5)
    amounts = study.observations.query("endpoint == 'integrated_od'")
    assert amounts["value"].isna().all()
    assert set(amounts["flags"]) >= {"no_mineral"}
    assert (values(study) == 0).all()
