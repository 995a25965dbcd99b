"""What must hold for every figure: nothing leaves it, and no text lies on another."""

from __future__ import annotations

from itertools import combinations

from matplotlib.text import Text

from assaykit.report.figures import canvas, fonts

LONG = "a very long name that nobody would want to read in full " * 4
WEIRD = ["plate 1", LONG, "WWWWWWWW" * 25, "骨芽細胞 $x_1$ の 長い名前" * 10, "a$b^{c}_d\n=cmd|x"]


def use_only_dejavu(monkeypatch) -> None:
    """Draw as on a computer that has no fonts but the ones that come with matplotlib."""
    monkeypatch.setattr(fonts, "font_families", lambda: ("DejaVu Sans",))
    monkeypatch.setattr(fonts, "_TOLD", set())


def names_of(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def visible_texts(figure) -> dict[Text, object]:
    """Each text that is drawn, with its box in pixels."""
    with canvas.style(), fonts.without_missing_warnings():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        shown = [
            artist
            for artist in figure.findobj(Text)
            if artist.get_visible() and artist.get_text().strip() and _is_drawn(artist, figure)
        ]
        return {artist: artist.get_window_extent(renderer) for artist in shown}


def _is_drawn(artist, figure) -> bool:
    """Not a label of a tick that the axis leaves out."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for tick in [*axis.majorTicks, *axis.minorTicks]:
                if artist in (tick.label1, tick.label2):
                    return artist.get_text() in [t.get_text() for t in axis.get_ticklabels()]
    return True


def words(figure) -> list[str]:
    return [artist.get_text() for artist in visible_texts(figure)]


def texts_outside(figure) -> list[str]:
    width, height = figure.bbox.width, figure.bbox.height
    return [
        artist.get_text()
        for artist, box in visible_texts(figure).items()
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > width + 0.5 or box.y1 > height + 0.5
    ]


def overlapping_texts(figure) -> list[tuple[str, str]]:
    boxes = visible_texts(figure)
    return [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(boxes.items(), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]


def assert_legible(figure) -> None:
    assert texts_outside(figure) == []
    assert overlapping_texts(figure) == []
