"""Text on pictures: any script, measured before it is drawn, never silently lost."""

from __future__ import annotations

import numpy as np
import pytest

from assaykit.images import lettering, strips
from assaykit.images.lettering import Label

WORDS = ("A1", "12.3 %", "500 µm, ≥ 3 nuclei", "Wij ÄÖÜ gjpq", "x" * 60)


def page(height=60, width=900):
    return np.full((height, width, 3), 255, np.uint8)


def ink(image):
    """Left, right, top and bottom of what is not white."""
    rows, columns = np.nonzero((image < 250).any(axis=2))
    return columns.min(), columns.max(), rows.min(), rows.max()


@pytest.fixture
def only_dejavu(monkeypatch):
    monkeypatch.setattr(lettering, "_EAST_ASIAN", ())
    lettering._faces.cache_clear()
    yield
    lettering._faces.cache_clear()


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("size", [11, 16, 24])
def test_a_text_is_as_wide_as_it_was_measured_and_as_high_as_a_line(text, size):
    left, right, top, bottom = ink(lettering.draw_text(page(), text, (10, 30), size))
    assert 9 <= left <= 10 + size / 3
    assert right <= 10 + lettering.text_width(text, size) + 1
    line = lettering.line_height(size)
    assert top >= 30 - line / 2 - 1
    assert bottom <= 30 + line / 2 + 1


def test_the_picture_given_stays_as_it_was():
    given = page()
    lettering.draw_text(given, "A1", (5, 30), 20)
    assert (given == 255).all()


def test_the_same_text_gives_the_same_pixels():
    label = Label("12.3 % µm", 5, 30, 18, (200, 0, 0), (255, 255, 255))
    one, two = lettering.draw_labels(page(), [label]), lettering.draw_labels(page(), [label])
    assert (one == two).all()


def test_a_halo_shows_dark_text_on_dark_ground():
    dark = np.zeros((60, 200, 3), np.uint8)
    without = lettering.draw_labels(dark, [Label("A1", 20, 30, 20, (0, 0, 0))])
    rimmed = lettering.draw_labels(dark, [Label("A1", 20, 30, 20, (0, 0, 0), (255, 255, 255))])
    assert without.max() == 0
    assert rimmed.max() == 255


@pytest.mark.usefixtures("only_dejavu")
def test_a_character_that_no_font_has_is_a_box():
    assert lettering.readable("骨 µ") == "□ µ"
    drawn = lettering.draw_text(page(), "骨", (10, 30), 24)
    assert (drawn == lettering.draw_text(page(), "□", (10, 30), 24)).all()


def test_a_further_font_gives_what_the_first_lacks(monkeypatch):
    from matplotlib.font_manager import FontProperties, findfont, get_font

    characters = {
        name: set(get_font(findfont(FontProperties(family=name))).get_charmap())
        for name in ("DejaVu Sans", "STIXGeneral")
    }
    lacking = chr(min(characters["STIXGeneral"] - characters["DejaVu Sans"]))
    monkeypatch.setattr(lettering, "_EAST_ASIAN", ("STIXGeneral",))
    lettering._faces.cache_clear()
    try:
        text = f"A{lacking}B"
        assert lettering.readable(text) == text
        left, right, *_ = ink(lettering.draw_text(page(), text, (10, 30), 24))
        assert right - left <= lettering.text_width(text, 24)
        assert [part for _, part in lettering._runs(text)] == ["A", lacking, "B"]
    finally:
        lettering._faces.cache_clear()


def test_what_has_no_width_of_its_own_is_left_out():
    assert lettering.readable("a\u200bb\tc\r\nd\u00ad") == "ab c d"
    assert lettering.readable("u\u0308") == "ü"


def test_wide_gaps_between_words_stay():
    assert lettering.readable("  A1   12 %\n") == "A1   12 %"
    assert lettering.text_width("A   B", 16) > lettering.text_width("A B", 16)


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("width", [5, 20, 60, 200, 2000])
def test_a_shortened_text_fits(text, width):
    short = lettering.shorten(text, 16, width)
    assert lettering.text_width(short, 16) <= width
    assert short in ("", text) or short.endswith("…")


def test_shortening_keeps_as_much_as_fits():
    text = "mineralised area fraction"
    short = lettering.shorten(text, 16, 120)
    longer = text[: len(short) + 1] + "…"
    assert text.startswith(short[:-1])
    assert lettering.text_width(longer, 16) > 120


@pytest.mark.parametrize("width", [40, 90, 150, 400])
@pytest.mark.parametrize(
    "text", ["out of focus: sharpness 0.12", "ピントが合っていない写真", "x" * 40]
)
def test_wrapped_lines_fit_and_lose_nothing_silently(text, width):
    lines = lettering.wrap(text, 16, width, 3)
    assert 1 <= len(lines) <= 3
    assert all(lettering.text_width(line, 16) <= width for line in lines)
    whole = "".join(lines).replace(" ", "") == lettering.readable(text).replace(" ", "")
    assert whole or any(line.endswith("…") for line in lines)


def test_an_empty_text_draws_nothing():
    assert lettering.wrap("  ", 16, 100, 2) == []
    assert (lettering.draw_text(page(), "", (5, 30), 20) == 255).all()


@pytest.mark.parametrize("width", [60, 200, 900])
def test_a_legend_stays_inside_its_strip(width):
    entries = [strips.Entry(f"class {k} ({k})", strips.block((200, 0, 0))) for k in range(9)]
    strip = strips.legend([*entries, strips.Entry("x" * 300)], width, 16)
    assert strip.shape[1] == width
    left, right, top, bottom = ink(strip)
    assert left > 0
    assert right < width - 1
    assert top > 0
    assert bottom < strip.shape[0] - 1


def test_a_long_caption_takes_two_lines_and_then_an_ellipsis():
    one, two, three = (strips.caption("word " * n, 300, 16) for n in (3, 8, 90))
    assert one.shape[0] < two.shape[0] == three.shape[0]
    assert ink(three)[1] < 299
