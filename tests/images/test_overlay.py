"""Overlays: outlines at the edge of what was found, words outside the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest

from assaykit.errors import UsageError
from assaykit.images import overlay, strips
from assaykit.images.overlay import (
    RIM,
    YELLOW,
    Surround,
    class_colours,
    length_words,
    mineral_overlay,
    object_overlay,
    round_length_um,
    to_jpeg,
    to_png,
)

PINK = (205, 193, 212)


def picture(height=900, width=1000, colour=PINK):
    noise = np.random.default_rng(4).integers(-6, 7, (height, width, 1))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def square(shape, top, left, side):
    mask = np.zeros(shape, bool)
    mask[top : top + side, left : left + side] = True
    return mask


def where(image, colour):
    return (image == np.array(colour, np.uint8)).all(axis=2)


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def table(*rows):
    return pd.DataFrame(rows, columns=["label", "x", "y", "nuclei", "class"])


# --- mineral ---


def test_the_bright_line_is_the_edge_of_the_mask_and_the_dark_one_lies_outside():
    mask = square((900, 1000), 300, 200, 100)
    drawn = mineral_overlay(picture(), mask, legend="")
    assert drawn.shape == (900, 1000, 3)
    bright, dark = where(drawn, YELLOW), where(drawn, RIM)
    inner = square(mask.shape, 301, 201, 98)
    assert (bright == (mask & ~inner)).all()
    around = cv2.dilate(
        mask.astype(np.uint8), np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    )
    assert (dark == ((around > 0) & ~mask)).all()


def test_the_picture_is_unchanged_off_the_lines_and_so_is_what_was_given():
    given, mask = picture(), square((900, 1000), 300, 200, 100)
    before = given.copy()
    drawn = mineral_overlay(given, mask, legend="")
    lines = where(drawn, YELLOW) | where(drawn, RIM)
    assert (drawn[~lines] == given[~lines]).all()
    assert (given == before).all()


def test_words_stand_above_and_below_the_picture_not_on_it():
    given, mask = picture(), np.zeros((900, 1000), bool)
    drawn = mineral_overlay(given, mask, Surround("A1 · 0.0 %", um_per_px=2.0))
    height = strips.caption("A1 · 0.0 %", 1000, strips.text_size(1000)).shape[0]
    assert (drawn[height : height + 900] == given).all()
    assert (drawn[:height] < 100).any()
    assert (drawn[height + 900 :] < 100).any()


@pytest.mark.parametrize("colour", [PINK, (255, 255, 255), (171, 134, 148), (60, 30, 30)])
def test_a_line_shows_on_any_ground(colour):
    """A step of at least 100 grey values between the two lines, or a line and the ground."""
    drawn = mineral_overlay(picture(colour=colour), square((900, 1000), 300, 200, 100), legend="")
    grey = cv2.cvtColor(drawn[295:305, 250:251], cv2.COLOR_RGB2GRAY).ravel().astype(int)
    assert np.abs(np.diff(grey)).max() >= 100


def test_what_was_not_analysed_is_dark_and_grey():
    given = picture()
    analysed = square((900, 1000), 0, 0, 500)
    drawn = mineral_overlay(given, np.zeros_like(analysed), Surround(analysed=analysed), legend="")
    assert (drawn[:500, :500] == given[:500, :500]).all()
    outside = drawn[500:900].astype(int)
    assert (np.ptp(outside, axis=2) == 0).all()
    assert outside.mean() < 0.6 * given.mean()


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("shape", [(900, 1000), (901, 1003)])
def test_a_mask_at_lower_resolution_lies_where_it_belongs(factor, shape):
    small = np.zeros((-(-shape[0] // factor), -(-shape[1] // factor)), bool)
    small[40:60, 100:150] = True
    drawn = mineral_overlay(picture(*shape), small, legend="")
    rows, columns = np.nonzero(where(drawn, YELLOW))
    assert (rows.min(), rows.max() + 1) == (40 * factor, 60 * factor)
    assert (columns.min(), columns.max() + 1) == (100 * factor, 150 * factor)


def test_a_large_picture_is_reduced_with_thin_lines():
    given = np.full((2400, 4000, 3), PINK, np.uint8)
    mask = square((1200, 2000), 300, 500, 400)
    drawn = mineral_overlay(given, mask, Surround(max_side=1000), legend="")
    assert drawn.shape == (600, 1000, 3)
    bright = where(drawn, YELLOW)
    assert bright[:, 350].sum() == 2
    rows, columns = np.nonzero(bright)
    assert (rows.min(), rows.max()) == (150, 349)
    assert (columns.min(), columns.max()) == (250, 449)


def test_a_small_picture_is_enlarged_by_a_whole_factor():
    given = picture(334, 480)
    drawn = mineral_overlay(given, np.zeros((334, 480), bool), legend="")
    assert drawn.shape == (668, 960, 3)
    assert (drawn[::2, ::2] == given).all()


def test_a_mask_that_does_not_fit_is_refused():
    with pytest.raises(UsageError, match=r"\(100, 100\), the picture \(900, 1000\)"):
        mineral_overlay(picture(), np.zeros((100, 100), bool))
    with pytest.raises(UsageError, match="what was analysed"):
        mineral_overlay(
            picture(), np.zeros((900, 1000), bool), Surround(analysed=np.ones((7, 9), bool))
        )
    with pytest.raises(UsageError, match="float64"):
        mineral_overlay(np.zeros((9, 9, 3)), np.zeros((9, 9), bool))
    with pytest.raises(UsageError, match="RGB in 8 bits"):
        to_png(np.zeros((9, 9), np.uint8))


# --- scale bar ---


def longest_run(row):
    ends = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
    return int(np.diff(ends)[::2].max(initial=0))


@pytest.mark.parametrize("um_per_px", [0.0031, 0.16, 0.5, 0.76, 1.6, 3.3, 21.7])
@pytest.mark.parametrize("size", [(300, 400), (900, 1000), (2000, 3000)])
def test_the_scale_bar_has_a_round_length_of_about_a_fifth(um_per_px, size):
    given = np.full((*size, 3), 255, np.uint8)
    drawn = mineral_overlay(given, np.zeros(size, bool), Surround(um_per_px=um_per_px), legend="")
    width = drawn.shape[1]
    shown = width * size[0] // size[1]
    bar = max(longest_run(row) for row in (drawn[shown:] == 0).all(axis=2))
    length = round_length_um(size[1] * um_per_px)
    assert bar == pytest.approx(length / um_per_px * width / size[1], abs=1)
    assert 0.12 < bar / width < 0.33
    assert f"{length:e}"[:8] in ("1.000000", "2.000000", "5.000000")


def test_lengths_have_their_unit():
    assert [length_words(x) for x in (0.2, 50.0, 999.0, 1000.0, 20000.0)] == [
        "0.2 µm", "50 µm", "999 µm", "1 mm", "20 mm",
    ]  # fmt: skip


def test_without_a_pixel_size_there_is_no_scale_bar():
    given, mask = picture(), np.zeros((900, 1000), bool)
    assert mineral_overlay(given, mask, legend="").shape[0] == 900
    without = Surround(um_per_px=1.0, scale_bar=False)
    assert mineral_overlay(given, mask, without, legend="").shape[0] == 900
    with pytest.raises(UsageError, match="above 0"):
        mineral_overlay(given, mask, Surround(um_per_px=0.0))


# --- objects ---


def two_cells():
    labels = np.zeros((900, 1000), np.int32)
    labels[100:200, 100:200] = 3
    labels[100:200, 200:260] = 7
    return labels, table((3, 150, 150, 5, "osteoclast"), (7, 230, 150, np.nan, "mononuclear"))


def test_each_class_has_its_colour_and_touching_objects_have_their_own_lines():
    labels, objects = two_cells()
    drawn = object_overlay(picture(), labels, objects)
    colours = class_colours(list(objects["class"]))
    assert (drawn[180, 100] == colours["osteoclast"]).all()
    assert (drawn[180, 199] == colours["osteoclast"]).all()
    assert (drawn[180, 200] == colours["mononuclear"]).all()
    assert (drawn[180, 260] == RIM).all()


def test_an_object_without_a_row_is_not_drawn():
    labels, objects = two_cells()
    labels[500:600, 500:600] = 9
    given = picture()
    drawn = object_overlay(given, labels, objects)
    assert (drawn[450:650, 450:650] == given[450:650, 450:650]).all()


def test_nuclei_are_small_dots():
    labels, objects = two_cells()
    nuclei = pd.DataFrame({"x": [700.0, 900.2], "y": [700.0, 20.0]})
    drawn = object_overlay(picture(), labels, objects, nuclei)
    for x, y in ((700, 700), (900, 20)):
        assert (drawn[y, x] == 255).all()
        assert (drawn[y, x + 2] == RIM).all()
        assert not (drawn[y, x + 4] == RIM).all()


def test_numbers_lie_in_the_picture_and_never_on_one_another():
    rng = np.random.default_rng(8)
    labels = np.zeros((600, 800), np.int32)
    rows = []
    for number in range(1, 301):
        x, y = (int(v) for v in (rng.integers(0, 796), rng.integers(0, 596)))
        labels[y : y + 4, x : x + 4] = number
        rows.append((number, x, y, number % 5, "osteoclast" if number % 7 == 0 else "mononuclear"))
    objects = table(*rows)
    colours = class_colours(list(objects["class"]))
    placed, remark = overlay._numbers(objects, labels, colours)
    boxes = np.zeros(labels.shape, int)
    for label in placed:
        wide = overlay.lettering.text_width(label.text, label.size_px)
        assert 0 <= label.x <= label.x + wide <= 800
        top = round(label.y - label.size_px / 2)
        assert 0 <= top <= top + label.size_px <= 600
        boxes[top : top + label.size_px, int(label.x) : int(label.x) + wide] += 1
    assert boxes.max() == 1
    assert f"{len(placed)} of 300 shown" in remark
    assert 100 < len(placed) < 300
    first = [label.text.split()[0] for label in placed[:42]]
    assert sum(int(number) % 7 == 0 for number in first) == len(
        [label for label in placed if int(label.text.split()[0]) % 7 == 0]
    )


def test_several_nuclei_are_told_beside_the_number():
    labels, objects = two_cells()
    placed, remark = overlay._numbers(objects, labels, class_colours(list(objects["class"])))
    assert [label.text for label in placed] == ["3 (5)", "7"]
    assert remark == "number (nuclei, if several)"


def test_labels_at_lower_resolution_give_the_same_picture():
    labels, objects = two_cells()
    whole = object_overlay(picture(), labels, objects)
    half = object_overlay(picture(), labels[::2, ::2], objects)
    assert (whole == half).all()


def test_nothing_found_is_still_a_picture():
    given = picture()
    drawn = object_overlay(given, np.zeros((900, 1000), np.int32), table())
    assert (drawn == given).all()


def test_a_missing_column_is_named():
    labels, objects = two_cells()
    with pytest.raises(UsageError, match="objects has no column class"):
        object_overlay(picture(), labels, objects.drop(columns="class"))
    with pytest.raises(UsageError, match="nuclei has no column y"):
        object_overlay(picture(), labels, objects, pd.DataFrame({"x": [1.0]}))


# --- files ---


def test_a_png_holds_the_picture_and_is_always_the_same():
    given = picture(60, 80)
    assert (decoded(to_png(given)) == given).all()
    assert to_png(given) == to_png(given.copy())


def test_a_jpeg_keeps_thin_lines_coloured():
    drawn = mineral_overlay(picture(), square((900, 1000), 300, 200, 100), legend="")
    data = to_jpeg(drawn)
    assert data == to_jpeg(drawn.copy())
    seen = decoded(data).astype(int)
    on_line = where(drawn, YELLOW)
    assert np.abs(seen[on_line].mean(axis=0) - YELLOW).max() < 40
    assert len(to_jpeg(drawn, 30)) < len(data)
    with pytest.raises(UsageError, match="1 to 100"):
        to_jpeg(drawn, 0)
