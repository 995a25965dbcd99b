"""Plates of simulated TRAP pictures, from files to observations."""

import pytest
from picture_plates import field, plate, save, wells

from assaykit.assays.trap import TrapParameters
from assaykit.errors import InputError, NothingToAnalyseError
from assaykit.images.rois import read_roi_zip
from assaykit.simulate.osteoclast_pictures import osteoclast_field
from assaykit.study import analyse_plate

NAMES = ("A1", "A2")
MAP = wells(NAMES)


@pytest.fixture(scope="module")
def fields():
    return [osteoclast_field(seed=seed, size_px=(500, 700)).image for seed in (1, 2)]


@pytest.fixture
def folder(tmp_path, fields):
    for name, image in zip(NAMES, fields, strict=True):
        save(tmp_path / f"{name}.png", image)
    return tmp_path


def analysed(folder, **changed):
    settings = TrapParameters(**{"pictures": "{well}.png", "um_per_px": 0.76, **changed})
    return analyse_plate(plate(folder, MAP, settings, assay="trap"), "trap")


def test_counts_of_a_well_are_those_of_the_objects_that_count(folder):
    study = analysed(folder)
    objects = study.tables["Objects"]
    counted = objects[(objects["class"] == "osteoclast") & objects["counted"]]
    found = study.observations.pivot(index="well", columns="endpoint", values="value")
    per_well = counted.groupby("well").size().reindex(NAMES, fill_value=0)
    assert found["osteoclast_count"].tolist() == per_well.tolist()
    assert found["osteoclast_count"].sum() > 0
    nuclei = counted.groupby("well")["nuclei"].mean().astype(float)
    for name, mean in nuclei.items():
        assert found.loc[name, "nuclei_per_osteoclast"] == pytest.approx(mean)
    assert found["osteoclast_area_fraction"].between(0, 1).all()
    assert found["fusion_index"].dropna().between(0, 1).all()


def test_two_fields_of_a_well_are_taken_together(tmp_path, fields):
    for number, image in enumerate(fields, 1):
        save(tmp_path / f"A1_{number}.png", image)
        save(tmp_path / f"A2_{number}.png", image[::-1])
    study = analysed(tmp_path, pictures="{well}_{field}.png")
    pictures = study.tables["Pictures"].query("well == 'A1'")
    well = study.tables["Osteoclasts"].set_index("well").loc["A1"]
    assert well["osteoclast_count"] == pictures["osteoclast_count"].sum()
    assert well["analysed_area_mm2"] == pytest.approx(pictures["analysed_area_mm2"].sum())
    assert well["osteoclast_area_fraction"] == pytest.approx(
        pictures["osteoclast_area_fraction"].mean(), rel=0.01
    )


def test_overlays_outlines_and_a_contact_sheet_are_made(folder):
    study = analysed(folder)
    assert list(study.images) == [
        "contact_sheet.jpg", "overlays/A1.jpg", "overlays/A2.jpg", "rois/A1.zip", "rois/A2.zip",
    ]  # fmt: skip
    objects = study.tables["Objects"].query("well == 'A1' and `class` == 'osteoclast'")
    outlines = read_roi_zip(study.images["rois/A1.zip"], ["osteoclast"])
    assert [outline.label for outline in outlines] == objects["label"].tolist()


def test_where_nuclei_are_not_resolved_every_row_says_so(folder):
    study = analysed(folder, um_per_px=3.5)
    assert study.observations["flags"].str.contains("nuclei_not_resolved").all()
    assert study.tables["Objects"]["nuclei"].isna().all()
    nuclei = study.observations.query("endpoint in ('nuclei_per_osteoclast', 'fusion_index')")
    assert nuclei["value"].isna().all()


def test_a_field_without_any_cell_has_none_and_no_number_of_nuclei(tmp_path):
    for number, name in enumerate(NAMES):
        save(tmp_path / f"{name}.png", field(0.0, size=(300, 400), white=(203, 206, 204),
                                             seed=number))  # fmt: skip
    study = analysed(tmp_path)
    found = study.observations.pivot(index="well", columns="endpoint", values="value")
    assert found["osteoclast_count"].tolist() == [0, 0]
    assert found["nuclei_per_osteoclast"].isna().all()
    flags = study.observations.query("endpoint == 'nuclei_per_osteoclast'")["flags"]
    assert flags.str.contains("no_osteoclast").all()


def test_one_bad_picture_fails_alone(folder):
    path = folder / "A2.png"
    path.write_bytes(path.read_bytes()[:-2000])
    study = analysed(folder)
    found = study.observations.set_index(["well", "endpoint"])
    assert found.loc[("A1", "osteoclast_count"), "value"] >= 0
    assert found.loc[("A2", "osteoclast_count"), "flags"].startswith("picture_failed")
    assert "failed_pictures" in set(study.remarks["rule"])


def test_49_no_scale_is_an_error_that_says_what_to_do(folder):
    with pytest.raises(InputError, match="um_per_px is empty"):
        analysed(folder, um_per_px=None)


def test_no_pictures_is_nothing_to_analyse(folder):
    with pytest.raises(NothingToAnalyseError, match="name the files beside 'pictures'"):
        analysed(folder, pictures="")
