"""Contact sheets: every well at its place, no text clipped, reasons for failures."""

from __future__ import annotations

import numpy as np
import pytest

from assaykit.errors import UsageError
from assaykit.images import contact_sheet as made
from assaykit.images import lettering
from assaykit.images.contact_sheet import ARM_COLOURS, Tile, contact_sheet, thumbnail, tile_side

FORMATS = ((2, 3), (3, 4), (4, 6), (6, 8), (8, 12))
LONG = "a very long name that nobody would want to read in full " * 4


def names(rows, columns):
    return [chr(65 + k) for k in range(rows)], [str(k + 1) for k in range(columns)]


def small(value=120, height=90, width=120):
    return np.full((height, width, 3), value, np.uint8)


def layout(rows, columns):
    return made._layout(*names(rows, columns))


def box(sheet, place, shape):
    """A tile with its frame, on a sheet without a title."""
    plan = layout(*shape)
    x, y = plan.corner(*place)
    return sheet[y : y + plan.outer, x : x + plan.outer]


def seen(sheet, colour):
    return (sheet == np.array(colour, np.uint8)).all(axis=2)


@pytest.mark.parametrize("shape", FORMATS)
def test_every_picture_lies_at_its_place(shape):
    rows, columns = shape
    tiles = [
        Tile(r, c, small(10 * r + c + 20)) for r in range(rows) for c in range(columns)
    ]  # fmt: skip
    sheet = contact_sheet(reversed(tiles), *names(rows, columns))
    for tile in tiles:
        part = box(sheet, (tile.row, tile.column), shape)
        middle = part.shape[0] // 2
        assert part[middle, middle].tolist() == [10 * tile.row + tile.column + 20] * 3


@pytest.mark.parametrize("shape", [*FORMATS, (16, 24)])
def test_a_sheet_is_at_most_2400_px_wide(shape):
    sheet = contact_sheet([], *names(*shape), title=LONG)
    assert sheet.shape[1] <= 2400
    assert sheet.shape[1] >= shape[1] * tile_side(shape[1])


@pytest.mark.parametrize("shape", FORMATS)
def test_no_text_is_clipped_or_lies_on_a_neighbour(shape, monkeypatch):
    rows, columns = shape
    drawn = []
    monkeypatch.setattr(
        lettering, "draw_labels", lambda page, labels: drawn.append((page, list(labels))) or page
    )
    tiles = [
        Tile(r, c, small(), LONG, f"{LONG}{c}", LONG if (r + c) % 3 == 0 else "")
        for r in range(rows)
        for c in range(columns)
    ]
    contact_sheet(tiles, *names(rows, columns), title=LONG)
    plan = layout(rows, columns)
    for page, labels in drawn:
        assert labels
        for label in labels:
            wide = lettering.text_width(label.text, label.size_px)
            half = lettering.line_height(label.size_px) / 2
            assert 0 <= label.x <= label.x + wide <= page.shape[1]
            assert -1 <= label.y - half <= label.y + half <= page.shape[0] + 1
    captions = [label for label in drawn[0][1] if label.text.endswith("…")]
    assert captions
    for label in captions:
        assert lettering.text_width(label.text, label.size_px) <= plan.outer


def test_arms_have_frames_in_different_colours_and_a_legend():
    arms = [f"arm {k}" for k in range(4)]
    tiles = [Tile(r, c, small(), arm=arms[c]) for r in range(3) for c in range(4)]
    sheet = contact_sheet(tiles, *names(3, 4), arms=arms)
    for column in range(4):
        part = box(sheet, (1, column), (3, 4))
        assert (part[:3] == ARM_COLOURS[column]).all()
        assert (part[:, -3:] == ARM_COLOURS[column]).all()
    legend = sheet[layout(3, 4).height(3) :]
    assert all(seen(legend, colour).sum() > 50 for colour in ARM_COLOURS[:4])
    assert not seen(legend, ARM_COLOURS[4]).any()


def test_the_order_of_the_arms_gives_their_colours_not_that_of_the_wells():
    tiles = [Tile(0, 0, arm="b"), Tile(0, 1, arm="a"), Tile(0, 2, arm="unplanned")]
    sheet = contact_sheet(tiles, ["A"], ["1", "2", "3"], arms=("a", "b"))
    first = [tuple(box(sheet, (0, c), (1, 3))[0, 0].tolist()) for c in range(3)]
    assert first == [ARM_COLOURS[1], ARM_COLOURS[0], ARM_COLOURS[2]]


def test_more_arms_than_colours_have_other_frames():
    arms = [f"arm {k}" for k in range(24)]
    tiles = [Tile(k // 6, k % 6, arm=arm) for k, arm in enumerate(arms)]
    sheet = contact_sheet(tiles, *names(4, 6), arms=arms)
    frames = {box(sheet, (k // 6, k % 6), (4, 6))[:6].tobytes() for k in range(24)}
    assert len(frames) == 24


def test_a_failed_well_is_crossed_and_says_why_an_empty_place_is_light():
    red = np.full((90, 120, 3), (200, 20, 60), np.uint8)
    tiles = [Tile(0, 0, red, failure="out of focus"), Tile(0, 1, red)]
    sheet = contact_sheet(tiles, ["A"], ["1", "2", "3"])
    failed, whole, empty = (box(sheet, (0, c), (1, 3)) for c in range(3))
    assert not seen(failed, (200, 20, 60)).any()
    assert seen(failed, (205, 205, 205)).mean() > 0.7
    assert seen(failed, (150, 150, 150)).sum() > 200
    assert (failed.min(axis=2) < 40).any()
    assert seen(whole, (200, 20, 60)).any()
    assert (empty == 244).all()


def test_wells_at_wrong_places_are_all_named():
    tiles = [Tile(0, 0), Tile(0, 0), Tile(2, 0), Tile(0, -1)]
    with pytest.raises(UsageError, match=r"A1 is given twice; row 2.*; row 0, column -1") as raised:
        contact_sheet(tiles, ["A", "B"], ["1"])
    assert "2 x 1" in str(raised.value)
    with pytest.raises(UsageError, match="names of rows"):
        contact_sheet([], [], ["1"])


def test_tiles_are_taken_one_by_one_and_pictures_stay_as_they_were():
    alive = []

    def wells():
        for column in range(3):
            picture = small(50 + column)
            alive.append(picture)
            yield Tile(0, column, picture)

    sheet = contact_sheet(wells(), ["A"], ["1", "2", "3"])
    assert all((picture == 50 + k).all() for k, picture in enumerate(alive))
    assert sheet.dtype == np.uint8


def test_any_shape_of_picture_fits_without_being_stretched():
    for height, width in ((3000, 40), (40, 3000), (1, 1), (700, 700)):
        part = box(
            contact_sheet([Tile(0, 0, small(9, height, width))], ["A"], ["1"]), (0, 0), (1, 1)
        )
        rows, columns = np.nonzero(seen(part, (9, 9, 9)))
        found = (np.ptp(rows) + 1, np.ptp(columns) + 1)
        scale = min(1, tile_side(1) / max(height, width))
        assert found == pytest.approx((height * scale, width * scale), abs=1)
    assert max(thumbnail(small(9, 2000, 3000), 12).shape) == tile_side(12)


def test_the_same_wells_give_the_same_sheet():
    tiles = [Tile(0, 0, small(), "12.3 %", "a"), Tile(1, 1, failure="no picture")]
    one, two = (contact_sheet(tiles, *names(2, 3), title="P 骨 µ") for _ in range(2))
    assert (one == two).all()
