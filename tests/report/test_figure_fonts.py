"""Texts in any script: which fonts they get, and what becomes of characters that none has."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace

import pytest
import report_studies as made
from figure_checks import assert_legible, use_only_dejavu

import assaykit
from assaykit.report.figures import FIGURES, canvas, fonts
from assaykit.report.figures.dot_plot import dot_plots

JAPANESE = "骨芽細胞"
KINDS = ("png", "svg", "pdf")
needs_japanese = pytest.mark.skipif(
    bool(fonts.missing_characters(JAPANESE)),
    reason="no font on this computer has Japanese characters",
)


def japanese_studies():
    plate = made.plate_study()
    flagged = plate.wells.assign(flag=JAPANESE)
    return replace(plate, wells=flagged), made.comparison((JAPANESE, "b"))


def told(caplog) -> list[str]:
    return [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING]


def test_without_a_japanese_font_all_pictures_are_written_without_a_warning(monkeypatch):
    use_only_dejavu(monkeypatch)
    pictures = [
        picture for study in japanese_studies() for draw in FIGURES for picture in draw(study)
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = {(p.name, kind): canvas.image_bytes(p, kind) for p in pictures for kind in KINDS}
    assert caught == []
    assert all(images.values())
    assert JAPANESE in images["elisa.RANKL.concentration", "svg"].decode()
    assert JAPANESE in images["plate", "svg"].decode()
    for picture in pictures:
        assert_legible(picture.figure)


def test_characters_that_no_font_has_are_told_once(monkeypatch, caplog, tmp_path):
    use_only_dejavu(monkeypatch)
    for number, study in enumerate(japanese_studies()):
        assaykit.report(study, tmp_path / str(number))
    (said,) = told(caplog)
    assert f"No font on this computer has the characters {JAPANESE}:" in said
    assert "Noto Sans CJK" in said
    next(dot_plots(made.comparison((f"{JAPANESE}群", "b"))))
    assert "the characters 群:" in told(caplog)[-1]


def test_what_all_fonts_have_is_not_told(monkeypatch, caplog):
    use_only_dejavu(monkeypatch)
    for draw in FIGURES:
        list(draw(made.comparison(("Δ miR-143\n≥ 2 µM", "b"))))
    assert told(caplog) == []


def test_only_the_warning_about_characters_is_left_out():
    with fonts.without_missing_warnings():
        warnings.warn("Glyph 39592 (骨) missing from font(s) DejaVu Sans.", stacklevel=1)
        with pytest.raises(UserWarning, match="something else"):
            warnings.warn("something else", stacklevel=1)


def artist_with(text):
    with canvas.style():
        figure = canvas.new_figure(89, 40)
        artist = figure.text(0, 0, text)
        canvas.finished(figure)
    return artist


def test_a_text_gets_just_the_further_fonts_that_its_characters_need(monkeypatch):
    only_in_stix = chr(
        min(fonts._characters_of("STIXGeneral") - fonts._characters_of("DejaVu Sans"))
    )
    families = ("DejaVu Sans", "cmr10", "STIXGeneral", "DejaVu Serif")
    monkeypatch.setattr(fonts, "font_families", lambda: families)
    assert artist_with("plain").get_fontfamily() == ["DejaVu Sans"]
    text = f"a {only_in_stix} b"
    assert artist_with(text).get_fontfamily() == ["DejaVu Sans", "STIXGeneral"]
    assert fonts.missing_characters(text) == ""
    assert fonts.missing_characters(f"{text}\n\U000e0fff\U0010fffd{JAPANESE[0]}") == JAPANESE[0]


def test_the_first_font_is_latin_and_the_last_comes_with_matplotlib():
    families = fonts.font_families()
    assert families[0] in ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
    assert families[-1] == "DejaVu Sans"
    assert fonts.is_truetype("DejaVu Sans")


@needs_japanese
def test_with_a_japanese_font_nothing_is_missing(caplog, monkeypatch):
    monkeypatch.setattr(fonts, "_TOLD", set())
    artist = artist_with(f"vesicle vs {JAPANESE}")
    assert len(artist.get_fontfamily()) == 2
    picture = canvas.Picture("p", artist.get_figure(), "A text.")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.setattr(fonts, "without_missing_warnings", warnings.catch_warnings)
        images = {kind: canvas.image_bytes(picture, kind) for kind in KINDS}
    assert told(caplog) == []
    assert JAPANESE in images["svg"].decode()
    truetype = all(map(fonts.is_truetype, artist.get_fontfamily()))
    assert (b"/Type3" in images["pdf"]) is not truetype
    assert (b"/FontFile2" in images["pdf"]) is truetype


def test_a_font_that_is_not_truetype_is_not_embedded_as_if_it_were(monkeypatch):
    monkeypatch.setattr(fonts, "is_truetype", lambda _: False)
    picture = canvas.Picture("p", artist_with("vesicle").get_figure(), "A text.")
    assert b"/Type3" in canvas.image_bytes(picture, "pdf")
