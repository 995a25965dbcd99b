"""The door: a real picture judged by eye, drawn pictures with exactly known truth, bad input."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from assaykit.errors import InputError, UsageError
from assaykit.images.osteoclasts import (
    CLASSES,
    COLUMNS,
    OsteoclastParameters,
    find_osteoclasts,
    summarise_osteoclasts,
)

UM = 0.76
WHITE = (200.0, 204.0, 203.0)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "images"


def stained(od: np.ndarray, white: tuple[float, float, float] = WHITE) -> np.ndarray:
    """A picture of a density of stain (in green), slightly blurred and noisy, 8 bits."""
    vector = np.array([0.52, 0.68, 0.52]) / 0.68
    light = 10.0 ** -(cv2.GaussianBlur(od.astype(np.float32), (0, 0), 0.8)[..., None] * vector)
    noise = np.random.default_rng(1).normal(0, 1.5, light.shape)
    return np.clip(light * np.array(white) + noise + 0.5, 0, 255).astype(np.uint8)


def with_nuclei(od: np.ndarray, places: list[tuple[int, int]], radius: int = 5) -> np.ndarray:
    """Lighter discs with a thin dark rim."""
    for place in places:
        cv2.circle(od, place, radius + 1, float(od[place[1], place[0]] * 1.2), -1)
        cv2.circle(od, place, radius, float(od[place[1], place[0]] * 0.5), -1)
    return od


def giant(nuclei: int = 6) -> np.ndarray:
    """An ellipse of cytoplasm with nuclei in a row, 260 × 200 px."""
    od = np.zeros((200, 260), np.float32)
    cv2.ellipse(od, (130, 100), (90, 30), 0, 0, 360, 0.35, -1)
    return with_nuclei(od, [(130 + 24 * k - 12 * (nuclei - 1), 100) for k in range(nuclei)])


def osteoclasts(objects: pd.DataFrame) -> pd.DataFrame:
    return objects[objects["class"] == "osteoclast"]


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, dict]:
    path = SHARED / "trap_culture_left.png"
    if not path.exists():
        pytest.skip("the shared data is not there")
    truth = json.loads((SHARED / "truth.json").read_text(encoding="utf-8"))[path.name]
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), truth


def the_giant(objects: pd.DataFrame, truth: dict, scale: float = 1.0) -> pd.DataFrame:
    """Osteoclasts whose middle lies in the box that was drawn by eye."""
    left, top, right, bottom = truth["definite_multinucleated"][0]["bbox_xyxy"]
    rows = osteoclasts(objects)
    return rows[
        rows["x"].between(left * scale, right * scale)
        & rows["y"].between(top * scale, bottom * scale)
    ]


def test_the_real_giant_is_one_osteoclast_with_the_nuclei_seen_by_eye(real) -> None:
    image, truth = real
    objects, labels = find_osteoclasts(image, truth["um_per_px"])
    found = the_giant(objects, truth)
    assert len(found) == 1
    assert 8 <= found["nuclei"].item() <= 14
    assert len(osteoclasts(objects)) <= 6
    # both lobes and the pale sheet between and below them belong to it
    places = [(600, 830), (690, 835), (755, 880), (750, 945), (800, 920)]
    assert {int(labels[y, x]) for x, y in places} == {found["label"].item()}
    assert found["area_um2"].item() / UM**2 > 16_000


@pytest.mark.parametrize("scale", [0.5, 1.5, 2.0])
def test_the_real_picture_gives_the_same_at_another_scale(real, scale: float) -> None:
    image, truth = real
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=how)
    objects, _ = find_osteoclasts(resized, truth["um_per_px"] / scale)
    found = the_giant(objects, truth, scale)
    assert len(found) == 1
    assert found["nuclei"].item() >= 8
    assert found["area_um2"].item() / UM**2 == pytest.approx(17_500, rel=0.1)
    assert len(osteoclasts(objects)) <= 8


def _vignetted(image: np.ndarray) -> np.ndarray:
    y, x = (np.linspace(-1, 1, n) ** 2 for n in image.shape[:2])
    return (image * (1 - 0.15 * (y[:, None] + x[None]))[..., None]).astype(np.uint8)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: np.clip(image * np.array([1.15, 1.0, 0.85]), 0, 255).astype(np.uint8),
        lambda image: (image * 0.85).astype(np.uint8),
        _vignetted,
        lambda image: cv2.GaussianBlur(image, (0, 0), 1.0),
        lambda image: cv2.imdecode(
            cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 50])[1], 1
        )[..., ::-1],
    ],
    ids=["white balance", "exposure", "vignetting", "blur", "JPEG 50"],
)
def test_the_real_giant_survives_what_cameras_do(real, change) -> None:
    image, truth = real
    objects, _ = find_osteoclasts(np.ascontiguousarray(change(image)), truth["um_per_px"])
    found = the_giant(objects, truth)
    assert len(found) == 1
    assert found["nuclei"].item() >= 8
    assert len(osteoclasts(objects)) <= 9


def test_a_drawn_giant_has_its_nuclei_and_its_area() -> None:
    objects, labels = find_osteoclasts(stained(giant(6)), UM)
    (row,) = objects.to_dict("records")
    assert row["class"] == "osteoclast"
    assert row["nuclei"] == 6
    true = np.pi * 90 * 30 * UM**2
    assert row["area_um2"] == pytest.approx(true, rel=0.08)
    assert (row["x"], row["y"]) == pytest.approx((130, 100), abs=1.5)
    assert row["area_um2"] == pytest.approx((labels == row["label"]).sum() * UM**2)
    assert row["size_class"] == "3-15"


@pytest.mark.parametrize(("nuclei", "kind"), [(2, "mononuclear"), (3, "osteoclast")])
def test_three_nuclei_make_an_osteoclast(nuclei: int, kind: str) -> None:
    objects, _ = find_osteoclasts(stained(giant(nuclei)), UM)
    assert objects["class"].tolist() == [kind]
    assert objects["nuclei"].tolist() == [nuclei]


def test_the_number_of_nuclei_that_makes_an_osteoclast_is_a_parameter() -> None:
    objects, _ = find_osteoclasts(stained(giant(3)), UM, OsteoclastParameters(min_nuclei=4))
    assert objects["class"].tolist() == ["mononuclear"]


def test_a_counterstain_is_a_parameter() -> None:
    od = np.zeros((200, 260), np.float32)
    cv2.ellipse(od, (130, 100), (90, 30), 0, 0, 360, 0.2, -1)
    for k in range(5):
        cv2.circle(od, (82 + 24 * k, 100), 5, 0.7, -1)
    darker = OsteoclastParameters(nuclei_appearance="darker")
    objects, _ = find_osteoclasts(stained(od), UM, darker)
    assert osteoclasts(objects)["nuclei"].tolist() == [5]


def test_touching_round_cells_are_single_cells() -> None:
    od = np.zeros((160, 160), np.float32)
    for x, y in [(40, 60), (56, 60), (71, 66), (110, 110)]:
        cv2.circle(od, (x, y), 8, 0.6, -1)
        cv2.circle(od, (x, y), 4, 0.45, -1)
    objects, _ = find_osteoclasts(stained(od), UM)
    assert objects["class"].tolist() == ["mononuclear"] * 4


def test_a_cell_that_lies_on_a_giant_is_a_cell_of_its_own() -> None:
    od = giant(6) * 0.6
    cv2.circle(od, (130, 121), 9, 0.9, -1)
    objects, _ = find_osteoclasts(stained(od), UM)
    assert sorted(objects["class"]) == ["mononuclear", "osteoclast"]
    assert objects.loc[objects["class"] == "osteoclast", "nuclei"].item() == 6


def test_cells_at_the_right_and_lower_edges_are_not_counted() -> None:
    od = np.zeros((200, 200), np.float32)
    for place in [(0, 60), (60, 0), (199, 120), (120, 199), (100, 100)]:
        cv2.circle(od, place, 9, 0.6, -1)
    objects, _ = find_osteoclasts(stained(od), UM)
    rows = objects.sort_values(["x", "y"])
    assert rows["touches_border"].tolist() == [True, True, False, True, True]
    assert rows["counted"].tolist() == [True, True, True, False, False]
    assert rows["flags"].tolist() == ["touches_border"] * 2 + [""] + ["touches_border"] * 2


def test_a_picture_without_cells_gives_an_empty_table_with_all_columns() -> None:
    blank = stained(np.zeros((200, 200), np.float32))
    objects, labels = find_osteoclasts(blank, UM)
    assert tuple(objects.columns) == COLUMNS
    assert len(objects) == 0
    assert not labels.any()
    assert labels.dtype == np.int32
    facts = objects.attrs["picture"]
    assert facts["edge_blur_um"] is None
    numbers = summarise_osteoclasts(objects, facts["analysed_area_um2"])
    assert numbers["osteoclast_count"] == 0
    assert numbers["fusion_index"] is None


def test_grey_and_tiny_things_are_debris() -> None:
    rng = np.random.default_rng(3)
    picture = np.full((400, 400, 3), WHITE, np.float32)
    for x, y in rng.integers(20, 380, (60, 2)):
        size = tuple(int(v) for v in rng.integers(4, 14, 2))
        cv2.ellipse(
            picture, (int(x), int(y)), size, 20, 0, 360, [float(rng.integers(20, 70))] * 3, -1
        )
    picture += rng.normal(0, 1.5, picture.shape)
    objects, _ = find_osteoclasts(np.clip(picture, 0, 255).astype(np.uint8), UM)
    assert len(objects) > 20
    assert (objects["class"] == "debris").mean() > 0.9
    assert len(osteoclasts(objects)) == 0


def test_out_of_focus_is_said_and_gives_no_nuclei() -> None:
    od = np.zeros((500, 500), np.float32)
    for x, y in np.random.default_rng(2).integers(30, 470, (60, 2)):
        cv2.circle(od, (int(x), int(y)), 9, 0.6, -1)
    sharp, _ = find_osteoclasts(stained(od), UM)
    blurred, _ = find_osteoclasts(cv2.GaussianBlur(stained(od), (0, 0), 4.5), UM)
    assert not sharp["out_of_focus"].any()
    assert blurred["out_of_focus"].all()
    assert blurred["nuclei"].isna().all()
    assert blurred["flags"].str.contains("out_of_focus").all()


def test_binning_keeps_places_and_sizes() -> None:
    picture = stained(giant(6))
    fine = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    objects, labels = find_osteoclasts(fine, UM / 3)
    (row,) = objects.to_dict("records")
    assert labels.shape == fine.shape[:2]
    y, x = np.nonzero(labels == row["label"])
    assert (row["x"], row["y"]) == pytest.approx((x.mean(), y.mean()), abs=1e-6)
    assert row["area_um2"] == pytest.approx(len(x) * (UM / 3) ** 2)
    edges = (x.min(), y.min(), x.max(), y.max())
    assert (row["left"], row["top"], row["right"], row["bottom"]) == edges


@pytest.mark.parametrize("um_per_px", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_no_scale_is_an_error(um_per_px) -> None:
    with pytest.raises(UsageError, match="scale of the picture"):
        find_osteoclasts(np.zeros((8, 8, 3), np.uint8), um_per_px)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 3), np.uint16),
        np.zeros((0, 8, 3), np.uint8),
    ],
    ids=["grey", "alpha", "16 bit", "empty"],
)
def test_what_is_no_rgb_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(UsageError, match="expected \\(height, width, 3\\)"):
        find_osteoclasts(picture, UM)


def test_all_impossible_parameters_are_named() -> None:
    wrong = OsteoclastParameters(nucleus_diameter_um=0.0, faint_od=-1.0, nuclei_appearance="blue")
    with pytest.raises(InputError) as caught:
        find_osteoclasts(np.zeros((8, 8, 3), np.uint8), UM, wrong)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 500), (500, 2)])
@pytest.mark.parametrize("um_per_px", [0.2, 0.76, 3.5])
def test_the_smallest_pictures_do_no_harm(shape: tuple[int, int], um_per_px: float) -> None:
    picture = np.full((*shape, 3), 90, np.uint8)
    objects, labels = find_osteoclasts(picture, um_per_px)
    assert labels.shape == shape
    assert set(objects["class"]) <= set(CLASSES)


def test_the_picture_is_not_changed() -> None:
    picture = stained(giant(4))
    before = picture.copy()
    find_osteoclasts(picture, UM)
    assert np.array_equal(picture, before)
