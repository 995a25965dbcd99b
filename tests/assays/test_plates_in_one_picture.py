"""One picture of the whole plate, and one of each whole well: cut, named, scaled, measured."""

import numpy as np
import pytest
from picture_plates import field, plate, plate_photo, save, wells

from assaykit.assays.alizarin import AlizarinParameters
from assaykit.assays.picture_lattice import named_place
from assaykit.errors import InputError
from assaykit.images.circles import disc
from assaykit.study import analyse_plate

NAMES = ["A1", "A2", "A3", "B1", "B2", "B3"]
FRACTIONS = [0.2, 0.4, 0.1, 0.5, 0.3, 0.0]
MAP = wells(NAMES, {"B3": "negative_control"})


def analysed(folder, table=MAP, plate_format=6, **changed):
    settings = AlizarinParameters(**{"smoothing": 0.0, "resolution": 5.0, **changed})
    path = plate(folder, table, settings, plate_format=plate_format)
    return analyse_plate(path, "alizarin")


def within(fraction, rim=0.95):
    """The share that is mineral inside the rim, where a chord cuts it off the whole well."""
    x, y = np.meshgrid(np.linspace(-1, 1, 801), np.linspace(-1, 1, 801))
    cut = np.quantile(x[x**2 + y**2 < 1], fraction) if fraction else -2
    return (x[x**2 + y**2 < rim**2] < cut).mean()


def fractions(study):
    table = study.observations.query("endpoint == 'mineralized_area_fraction'")
    return table.set_index("well")["value"]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_wells_of_a_plate_are_found_named_and_scaled(tmp_path, turns):
    """Exactly known: the painted share of each well; the plate lies in four ways."""
    picture, um_per_px = plate_photo(FRACTIONS)
    save(tmp_path / "plate.png", np.rot90(picture, turns))
    corner = ["top_left", "bottom_left", "bottom_right", "top_right"][turns]
    study = analysed(tmp_path, pictures="plate.png", picture_of="plate", a1_corner=corner)
    found = fractions(study)
    for name, fraction in zip(NAMES, FRACTIONS, strict=True):
        assert found[name] == pytest.approx(within(fraction), abs=0.015)
    pictures = study.tables["Pictures"]
    assert pictures["um_per_px"].tolist() == pytest.approx([um_per_px] * 6, rel=0.01)
    assert set(pictures["scale_source"]) == {"wells' lattice"}
    area = study.tables["Mineral"]["analysed_area_mm2"]
    expected = np.pi * (0.95 * 34.8 / 2) ** 2  # the rim of 5 % is left out
    assert area.tolist() == pytest.approx([expected] * 6, rel=0.03)


def test_a_declared_scale_goes_before_that_of_the_lattice(tmp_path):
    save(tmp_path / "plate.png", plate_photo(FRACTIONS)[0])
    study = analysed(tmp_path, pictures="plate.png", picture_of="plate", um_per_px=100.0)
    assert set(study.tables["Pictures"]["um_per_px"]) == {100.0}
    assert set(study.tables["Pictures"]["scale_source"]) == {"declared"}


def test_wells_that_the_picture_lacks_fail_with_words(tmp_path):
    save(tmp_path / "plate.png", plate_photo(FRACTIONS)[0])
    table = wells([*NAMES, "C4"], {"B3": "negative_control"})
    study = analysed(tmp_path, table, 24, pictures="plate.png", picture_of="plate")
    failed = study.tables["Pictures"].query("failed != ''")
    assert failed["well"].tolist() == ["C4"]
    assert "2 rows and 3 columns" in failed["failed"].iloc[0]
    assert fractions(study)["A2"] == pytest.approx(within(0.4), abs=0.015)


def test_a_missing_picture_of_the_plate_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"there is no file 'plate\.png'"):
        analysed(tmp_path, pictures="plate.png", picture_of="plate")


@pytest.mark.parametrize(
    ("row", "column", "corner", "name"),
    [
        (0, 0, "top_left", (0, 0)), (7, 11, "bottom_right", (0, 0)),
        (0, 11, "bottom_right", (7, 0)), (1, 2, "top_right", (1, 9)),
    ],
)  # fmt: skip
def test_wells_are_named_from_the_corner_of_a1(row, column, corner, name):
    assert named_place(row, column, (8, 12), corner) == name


@pytest.mark.parametrize(
    ("row", "column", "corner", "name"),
    [(0, 7, "top_right", (0, 0)), (11, 7, "top_right", (0, 11)), (0, 0, "top_right", (7, 0)),
     (11, 0, "bottom_left", (0, 0)), (0, 0, "bottom_left", (0, 11))],
)  # fmt: skip
def test_an_upright_plate_is_turned(row, column, corner, name):
    assert named_place(row, column, (12, 8), corner) == name


def whole_well(fraction, seed):
    """A well of 300 px across in the dark, mineral at its left."""
    picture = field(0.0, size=(360, 400), seed=seed).astype(float)
    dyed = field(1.0, size=(360, 400), seed=seed).astype(float)
    inside = disc(360, 400, 205.0, 176.0, 150.0)
    if fraction:
        cut = np.quantile(np.nonzero(inside)[1], fraction)
        picture = np.where((inside & (np.arange(400)[None] < cut))[:, :, None], dyed, picture)
    picture[~inside] = 25
    return picture.round().astype(np.uint8)


def test_a_picture_of_a_whole_well_is_measured_inside_its_wall(tmp_path):
    for number, (name, fraction) in enumerate(zip(NAMES, FRACTIONS, strict=True)):
        save(tmp_path / f"{name}.png", whole_well(fraction, number))
    study = analysed(tmp_path, pictures="{well}.png", picture_of="well", um_per_px=50.0)
    found = fractions(study)
    for name, fraction in zip(NAMES, FRACTIONS, strict=True):
        assert found[name] == pytest.approx(within(fraction), abs=0.02)
    area = study.tables["Mineral"]["analysed_area_mm2"]
    assert area.tolist() == pytest.approx([np.pi * (0.95 * 7.5) ** 2] * 6, rel=0.03)


def test_a_field_given_as_a_well_fails_with_advice(tmp_path):
    for number, name in enumerate(NAMES):
        save(tmp_path / f"{name}.png", whole_well(0.2 * bool(number < 5), number))
    save(tmp_path / "A2.png", field(0.3, size=(360, 400)))
    study = analysed(tmp_path, pictures="{well}.png", picture_of="well", um_per_px=50.0)
    failed = study.tables["Pictures"].query("failed != ''")
    assert failed["well"].tolist() == ["A2"]
    assert "set picture_of to field" in failed["failed"].iloc[0]


def test_a_flat_field_is_refused_for_a_picture_of_the_plate(tmp_path):
    save(tmp_path / "plate.png", plate_photo(FRACTIONS)[0])
    save(tmp_path / "flat.png", field(0.0))
    with pytest.raises(InputError, match="cannot correct a picture of the whole plate"):
        analysed(tmp_path, pictures="plate.png", picture_of="plate", flat_field="flat.png")
