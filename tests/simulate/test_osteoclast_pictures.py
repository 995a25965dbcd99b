"""Simulated TRAP pictures: labels, cells and nuclei are exactly what was drawn."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.simulate.camera import IDEAL, draw_camera
from assaykit.simulate.osteoclast_pictures import (
    OSTEOCLAST_NUCLEI,
    TRAP_CAMERA,
    TRAP_WHITE,
    WELL_CULTURE,
    TrapCulture,
    osteoclast_field,
    osteoclast_well,
)
from assaykit.simulate.trap_cells import MONONUCLEAR, OSTEOCLASTS
from assaykit.simulate.trap_drawing import draw_cell

SIZE = (400, 500)
REAL = Path(__file__).parents[2] / "../shared/data/images/trap_culture_left.png"
TRAP = np.array([0.52, 0.68, 0.52]) / np.linalg.norm([0.52, 0.68, 0.52])


@pytest.fixture(scope="module")
def picture():
    return osteoclast_field(seed=1, size_px=(700, 900), culture=TrapCulture(osteoclasts=6))


def test_a_seed_reproduces_everything_and_another_does_not(picture):
    same = osteoclast_field(seed=1, size_px=(700, 900), culture=TrapCulture(osteoclasts=6))
    other = osteoclast_field(seed=2, size_px=(700, 900), culture=TrapCulture(osteoclasts=6))
    assert (picture.image == same.image).all()
    assert (picture.truth.labels == same.truth.labels).all()
    assert picture.truth.cells.equals(same.truth.cells)
    assert picture.truth.nuclei.equals(same.truth.nuclei)
    assert (picture.truth.labels != other.truth.labels).any()


def test_the_camera_does_not_change_the_truth():
    one = osteoclast_field(seed=3, size_px=SIZE, camera=IDEAL)
    other = osteoclast_field(seed=3, size_px=SIZE, camera=draw_camera(5))
    assert (one.truth.labels == other.truth.labels).all()
    assert (one.image != other.image).any()


def test_the_table_of_cells_follows_from_the_labels(picture):
    labels, cells = picture.truth.labels, picture.truth.cells
    assert labels.dtype == np.int32
    assert cells["label"].tolist() == list(range(1, labels.max() + 1))
    border = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]}
    for cell in cells.itertuples(index=False):
        rows, columns = np.nonzero(labels == cell.label)
        assert cell.area_um2 == pytest.approx(len(rows) * 0.76**2)
        assert (cell.x, cell.y) == pytest.approx((columns.mean(), rows.mean()))
        assert cell.touching_border == (cell.label in border)


def test_class_and_count_follow_from_the_nuclei(picture):
    cells, nuclei = picture.truth.cells, picture.truth.nuclei
    many = cells["nuclei"] >= OSTEOCLAST_NUCLEI
    assert (cells.loc[many, "class"] == "osteoclast").all()
    assert (cells.loc[~many, "class"] == "mononuclear").all()
    assert picture.truth.osteoclast_count == many.sum() == 6
    inner = cells[~cells["touching_border"]].set_index("label")["nuclei"]
    counted = nuclei.groupby("label").size().reindex(inner.index, fill_value=0)
    assert (counted == inner).all()


def test_nuclei_lie_in_their_cells_and_are_lighter_than_their_rims():
    """On a clean picture the middle of a nucleus is lighter than the ring at its edge."""
    culture = TrapCulture(
        osteoclasts=8, mononuclear_per_mm2=0, overlying_share=0, debris_per_mm2=0,
        ghosts_per_mm2=0, fibres_per_mm2=0,
    )  # fmt: skip
    picture = osteoclast_field(seed=4, size_px=(900, 1000), culture=culture, camera=IDEAL)
    truth, green = picture.truth, picture.image[..., 1].astype(float)
    single = truth.nuclei[truth.nuclei["x"].between(9, 990) & truth.nuclei["y"].between(9, 890)]
    at = truth.labels[single["y"].round().astype(int), single["x"].round().astype(int)]
    assert (at == single["label"]).mean() > 0.98
    lighter = []
    y, x = np.indices(green.shape)
    for nucleus in single.itertuples(index=False):
        distance = np.hypot(x - nucleus.x, y - nucleus.y)
        radius = nucleus.radius_um / 0.76
        ring = green[np.abs(distance - radius) < 0.8].mean()
        lighter.append(green[distance < 0.6 * radius].mean() > ring)
    assert np.mean(lighter) > 0.9
    assert single["radius_um"].between(3.5, 5.0).all()


def test_inside_of_labels_is_darker_than_outside(picture):
    grey = picture.image.mean(axis=2)
    labels = picture.truth.labels
    far = cv2.dilate((labels > 0).astype(np.uint8), np.ones((31, 31), np.uint8)) == 0
    assert grey[labels > 0].mean() < grey[far].mean() - 50
    assert grey[far].std() < 8


@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_wanted_number_of_osteoclasts_is_met(count):
    culture = TrapCulture(osteoclasts=count, mononuclear_per_mm2=100)
    truth = osteoclast_field(seed=5, size_px=(800, 900), culture=culture).truth
    assert truth.osteoclast_count == count
    assert (truth.osteoclast_area_fraction > 0) == (count > 0)


def test_nuclei_of_osteoclasts_stay_in_the_wanted_range():
    culture = TrapCulture(osteoclasts=15, osteoclast_nuclei=(4, 6), mononuclear_per_mm2=0)
    cells = osteoclast_field(seed=6, size_px=(900, 900), culture=culture).truth.cells
    own = cells[cells["class"] == "osteoclast"]
    assert own["nuclei"].between(4, 6).all()
    assert own["nuclei"].nunique() > 1


@pytest.mark.parametrize("shape", OSTEOCLASTS)
@pytest.mark.parametrize("nuclei", [3, 30])
def test_every_shape_of_osteoclast_holds_exactly_its_nuclei(shape, nuclei):
    assert len(shape(np.random.default_rng(1), nuclei).nuclei) == nuclei


@pytest.mark.parametrize("kind", MONONUCLEAR)
def test_a_drawn_cell_has_the_same_area_at_every_scale(kind):
    """Finer pixels change the area only by the unevenness of the outline."""

    def area(um_per_px):
        rng = np.random.default_rng(7)
        cells = [MONONUCLEAR[kind](rng) for _ in range(20)]
        drawn = [draw_cell(cell, (0.3, 0.2), um_per_px, rng) for cell in cells]
        return np.mean([patch.outline.sum() for patch in drawn]) * um_per_px**2

    assert area(0.4) == pytest.approx(area(1.6), rel=0.12)


def test_round_mononuclear_cells_measure_9_to_14_um():
    culture = TrapCulture(osteoclasts=0, kinds=(0, 0, 0, 1), clump_share=0, mononuclear_per_mm2=150)
    cells = osteoclast_field(seed=8, size_px=(700, 900), culture=culture).truth.cells
    inner = cells[~cells["touching_border"]]
    diameter = 2 * np.sqrt(inner["area_um2"] / np.pi)
    assert diameter.quantile([0.05, 0.95]).between(8.0, 14.5).all()


def test_clumps_ghosts_fibres_and_debris_do_as_they_are_asked():
    bare = TrapCulture(
        osteoclasts=2, clump_share=0, ghosts_per_mm2=0, fibres_per_mm2=0, debris_per_mm2=0
    )

    def field(**changes):
        culture = dataclasses.replace(bare, **changes)
        return osteoclast_field(seed=9, size_px=(500, 600), culture=culture, camera=IDEAL)

    plain = field()
    assert plain.truth.ghosts.empty
    for name in ("ghosts_per_mm2", "fibres_per_mm2", "debris_per_mm2"):
        more = field(**{name: 100.0})
        assert (more.truth.labels == plain.truth.labels).all()  # none of them is a cell
        assert (more.image.astype(int) < plain.image.astype(int) - 5).any()
    assert len(field(ghosts_per_mm2=100.0).truth.ghosts) > 5

    def parts(share):
        labels = field(clump_share=share, kinds=(0, 0, 0, 1)).truth.labels
        return labels.max() / (cv2.connectedComponents((labels > 0).astype(np.uint8))[0] - 1)

    assert parts(1.0) > 1.3 * parts(0.0)


def test_unstained_field_has_the_colour_of_the_light_path():
    empty = TrapCulture(
        osteoclasts=0, mononuclear_per_mm2=0, ghosts_per_mm2=0, fibres_per_mm2=0, debris_per_mm2=0
    )
    picture = osteoclast_field(seed=10, size_px=SIZE, culture=empty, camera=IDEAL)
    assert picture.image.reshape(-1, 3).mean(axis=0) == pytest.approx(TRAP_WHITE, abs=1.0)
    assert picture.truth.cells.empty
    assert picture.truth.labels.max() == 0
    assert picture.truth.osteoclast_area_fraction == 0


def test_white_balance_scales_the_channels():
    plain = osteoclast_field(seed=11, size_px=SIZE, camera=IDEAL).image
    camera = dataclasses.replace(IDEAL, white_balance=(0.9, 1.1, 0.85))
    tinted = osteoclast_field(seed=11, size_px=SIZE, camera=camera).image
    assert np.abs(tinted - plain * np.array([0.9, 1.1, 0.85])).max() <= 1.2  # rounded twice


def test_red_out_of_focus_gives_dark_cells_a_cyan_halo():
    culture = TrapCulture(
        osteoclasts=0, kinds=(0, 0, 0, 1), clump_share=0, ghosts_per_mm2=0, fibres_per_mm2=0
    )
    camera = dataclasses.replace(IDEAL, red_blur_px=3.0)
    picture = osteoclast_field(seed=12, size_px=SIZE, culture=culture, camera=camera)
    cells = (picture.truth.labels > 0).astype(np.uint8)
    near = (cv2.dilate(cells, np.ones((7, 7), np.uint8)) - cells).astype(bool)
    halo = picture.image[near].mean(axis=0)
    assert halo[0] < halo[1] - 15


def test_a_well_is_round_with_a_black_rim_and_cells_only_inside():
    culture = dataclasses.replace(WELL_CULTURE, osteoclasts=25, mononuclear_per_mm2=60.0)
    picture = osteoclast_well(seed=1, um_per_px=6.0, culture=culture)
    truth, well = picture.truth, picture.truth.well
    distance = well.distance(truth.labels.shape)
    assert well.radius == pytest.approx(6.4 * 500 / 6.0)
    assert truth.labels[distance >= 1].max() == 0
    grey = picture.image.mean(axis=2)
    beyond = (distance - 1) * well.radius
    assert np.median(grey[(beyond > 5) & (beyond < 30)]) < 40
    assert np.median(grey[distance < 0.8]) > 170
    assert truth.osteoclast_count == 25
    own = truth.cells.loc[truth.cells["class"] == "osteoclast", "area_um2"]
    assert 90 < 2 * np.sqrt(own.median() / np.pi) < 280
    assert (truth.cells["class"] == "mononuclear").sum() > 1000


def test_wrong_settings_are_refused():
    with pytest.raises(UsageError, match=r"osteoclasts is -1, .*; clump_share is 2"):
        TrapCulture(osteoclasts=-1, clump_share=2)
    with pytest.raises(UsageError, match=r"osteoclast_nuclei is \(2, 5\), expected at least 3"):
        TrapCulture(osteoclast_nuclei=(2, 5))
    with pytest.raises(UsageError, match="four shares"):
        TrapCulture(kinds=(0, 0, 0, 0))
    for make in (osteoclast_field, osteoclast_well):
        with pytest.raises(UsageError, match="um_per_px is 0"):
            make(seed=1, um_per_px=0)


@pytest.mark.skipif(not REAL.exists(), reason="the real picture is not here")
def test_fields_look_like_the_real_one_in_numbers():
    """Against one real field: colours, stained area, OD percentiles, number of objects."""

    def numbers(image):
        smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.0)
        density = -np.log10(np.maximum(smooth, 1) / np.array([202, 206, 205])) @ TRAP
        mask = density > 0.08
        _, _, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        areas = parts[1:, cv2.CC_STAT_AREA]
        per_mm2 = (areas >= 60).sum() / (image.shape[0] * image.shape[1] * 0.76**2 / 1e6)
        return {
            "empty": image[density < 0.02].mean(axis=0),
            "covered": mask.mean(),
            "per_mm2": per_mm2,
            "median": np.median(areas[areas >= 60]),
            "percentiles": np.percentile(density, [90, 95, 98, 99, 99.5]),
            "dense": image[(density > 0.6) & (density < 0.8)].mean(axis=0),
        }

    real = numbers(cv2.imread(str(REAL))[..., ::-1])
    made = numbers(osteoclast_field(seed=7, size_px=(1440, 960), camera=TRAP_CAMERA).image)
    assert np.abs(made["empty"] - real["empty"]).max() < 4
    assert np.abs(made["dense"] - real["dense"]).max() < 16
    assert made["covered"] == pytest.approx(real["covered"], abs=0.05)
    assert made["per_mm2"] == pytest.approx(real["per_mm2"], rel=0.2)
    assert made["median"] == pytest.approx(real["median"], rel=0.3)
    assert made["percentiles"] == pytest.approx(real["percentiles"], rel=0.3)


def test_osteoclasts_of_a_well_are_all_seen():
    for seed in (2, 3):
        culture = dataclasses.replace(WELL_CULTURE, osteoclasts=40, mononuclear_per_mm2=5.0)
        assert (
            osteoclast_well(seed=seed, um_per_px=6.0, culture=culture).truth.osteoclast_count == 40
        )
