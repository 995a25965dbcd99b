"""What all figures share: size, fonts, colours, numbers on axes, and saving.

Everything is drawn on a :class:`matplotlib.figure.Figure` of its own, never through pyplot, so
that figures can be made anywhere and leave nothing behind.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.report.figures import fonts

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

# Colours that people with any colour vision can tell apart: Wong B, Nat Methods 2011;8:441.
BLACK, ORANGE, SKY_BLUE, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#767676"

SINGLE_COLUMN_MM, DOUBLE_COLUMN_MM, TALLEST_MM = 89.0, 183.0, 170.0
TEXT_SIZE, SMALL_SIZE = 7.0, 6.0
_MM_PER_INCH = 25.4
_RESOLUTION, _MEASURED_AT, _COMPRESSION, _PLACES = 300, 200, 3, 9
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "assaykit"},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": "assaykit"},
}


@dataclass(frozen=True)
class Picture:
    """A figure with its name.

    Parameters
    ----------
    name
        What its file is called after the title, such as ``curve.RANKL``.
    figure
        The figure.
    alternative
        What it shows in one sentence, for those who cannot see it.
    resolution
        Pixels per inch of a picture that is not drawn in lines.
    """

    name: str
    figure: Figure
    alternative: str
    resolution: int = _RESOLUTION


@contextmanager
def style() -> Iterator[None]:
    """Draw and save in one style: small text, thin lines, no mathematics in names.

    Letters are not hinted: hinting makes a text several percent wider or narrower from one
    resolution to another, so that what was measured would not fit where it is saved.
    """
    import matplotlib as mpl

    settings: dict[Any, Any] = {
        "font.family": fonts.font_families()[0], "font.size": TEXT_SIZE, "text.parse_math": False,
        "axes.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
        "axes.labelsize": TEXT_SIZE, "axes.titlesize": TEXT_SIZE, "axes.unicode_minus": True,
        "xtick.labelsize": SMALL_SIZE, "ytick.labelsize": SMALL_SIZE, "legend.fontsize": SMALL_SIZE,
        "xtick.major.width": 0.6, "ytick.major.width": 0.6, "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4, "xtick.major.size": 2.5, "ytick.major.size": 2.5,
        "xtick.minor.size": 1.5, "ytick.minor.size": 1.5, "lines.linewidth": 1.0,
        "legend.frameon": False, "svg.fonttype": "none", "svg.hashsalt": "assaykit",
        "pdf.fonttype": 42, "text.hinting": "none",
        "figure.dpi": _MEASURED_AT, "savefig.dpi": "figure",
        "figure.constrained_layout.h_pad": 0.02, "figure.constrained_layout.w_pad": 0.02,
    }  # fmt: skip
    with mpl.rc_context(settings):
        yield


def new_figure(width_mm: float, height_mm: float, layout: str = "constrained") -> Figure:
    """An empty figure of a size in mm, with its parts kept from overlapping."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH)
    figure = Figure(figsize=size, layout=layout)  # type: ignore[arg-type]
    FigureCanvasAgg(figure)
    return figure


def finished(figure: Figure) -> Figure:
    """The figure, once each of its texts has fonts for all characters that any font has."""
    fonts.tell_missing([text.get_text() for text in _texts_with_fonts(figure)])
    return figure


def _texts_with_fonts(artist: Artist) -> list[Text]:
    """The texts of a figure or a part of it, each in the fonts that it needs."""
    from matplotlib.text import Text

    texts = [text for text in artist.findobj(Text) if isinstance(text, Text)]
    for text in texts:
        fonts.choose_fonts(text)
    return texts


def height_mm(figure: Figure) -> float:
    """Height of a figure in mm."""
    return float(figure.get_size_inches()[1]) * _MM_PER_INCH


def grow(figure: Figure, right: float, bottom: float) -> None:
    """Make a figure larger by some mm at its right and its bottom; what it has stays in place.

    For figures without a layout of their own, whose axes keep their size in mm.
    """
    old = figure.get_size_inches()
    new = old + np.array([right, bottom]) / _MM_PER_INCH
    for axes in figure.axes:
        corners = np.asarray(axes.get_position(original=True).bounds).reshape(2, 2) * old
        corners[0, 1] += bottom / _MM_PER_INCH
        left, low, width, height = (corners / new).ravel()
        axes.set_position((left, low, width, height))
    figure.set_size_inches(*new)


def set_height(figure: Figure, height: float) -> None:
    """Give a figure another height in mm."""
    figure.set_size_inches(figure.get_size_inches()[0], height / _MM_PER_INCH)


def add_title(figure: Figure, text: str, height: float | None = None) -> None:
    """Write a title over the figure, cut with an ellipsis where it is too long.

    Its top is at a share of the figure's height, or where the layout has room for it.
    """
    place = {} if height is None else {"y": height, "va": "top"}
    artist = figure.suptitle(one_line(text), x=0.01, ha="left", fontsize=TEXT_SIZE, **place)
    fit(artist, 0.97 * figure.bbox.width)


def one_line(text: str) -> str:
    """Text without line breaks and other characters that have no width of their own."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def with_unit(text: str, unit: str) -> str:
    """The label of an axis.

    Examples
    --------
    >>> with_unit("Response", "OD"), with_unit("Ratio", "")
    ('Response (OD)', 'Ratio')
    """
    return f"{one_line(text)} ({one_line(unit)})" if unit.strip() else one_line(text)


def fit(artist: Text, width: float) -> None:
    """Cut a text with an ellipsis until it is at most some pixels of its figure long."""
    whole = artist.get_text()
    length = len(whole)
    while length > 1 and (found := width_of(artist)) > width:
        length = max(min(length - 1, int(length * width / found)), 1)
        artist.set_text(whole[:length].rstrip() + "…")


def shrink(artist: Text, width: float) -> None:
    """Set a text that is longer than some pixels small, and cut it if it still is."""
    if width_of(artist) > width:
        artist.set_fontsize(SMALL_SIZE)
        fit(artist, width)


def wrap(artist: Text, width: float, most: int) -> bool:
    """Break a text at its spaces into lines of at most some pixels; tell whether all of it fits.

    What is too long for the last of ``most`` lines, or is one word that is too long, is cut with
    an ellipsis.
    """
    lines = [""]
    for word in artist.get_text().split(" "):
        longer = f"{lines[-1]} {word}".strip()
        artist.set_text(longer)
        if not lines[-1] or len(lines) == most or width_of(artist) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    fitted = []
    for line in lines:
        artist.set_text(line)
        fit(artist, width)
        fitted.append(artist.get_text())
    artist.set_text("\n".join(fitted))
    return fitted == lines


def width_of(artist: Text) -> float:
    """Width of a text in pixels of its figure; of an upright one its length upwards."""
    fonts.choose_fonts(artist)
    with fonts.without_missing_warnings():
        box = artist.get_window_extent(_renderer(artist))
    return float(box.height if artist.get_rotation() == 90 else box.width)


def box_of(artist: Artist) -> Bbox:
    """Where a part of a figure lies, with all its texts, in pixels of its figure."""
    _texts_with_fonts(artist)
    with fonts.without_missing_warnings():
        box = artist.get_tightbbox(_renderer(artist))
    return box or artist.get_window_extent(_renderer(artist))


def _renderer(artist: Artist) -> Any:
    return artist.get_figure().canvas.get_renderer()  # type: ignore[union-attr]


def image_bytes(picture: Picture, kind: str) -> bytes:
    """A figure as ``png``, ``svg`` or ``pdf``; the same figure gives the same bytes."""
    import matplotlib as mpl

    buffer = io.BytesIO()
    figure = picture.figure
    embedding: dict[Any, Any] = {"pdf.fonttype": 42 if _is_in_truetype(figure) else 3}
    with style(), mpl.rc_context(embedding), fonts.without_missing_warnings():
        _settle(figure)
        if kind == "png":
            figure.set_dpi(picture.resolution)
            options = {"compress_level": _COMPRESSION}
            figure.canvas.print_png(buffer, metadata=_METADATA[kind], pil_kwargs=options)  # type: ignore[attr-defined]
        else:
            figure.savefig(buffer, format=kind, metadata=_METADATA[kind])
    return buffer.getvalue()


def _settle(figure: Figure) -> None:
    """Lay a figure out once for all, in rounded numbers.

    The solver of the layout gives places that differ in their last digit from one time to the
    next, and in an SVG names are made from them.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.transforms import Bbox

    if not isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        return
    figure.set_dpi(_MEASURED_AT)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        place = np.asarray(axes.get_position(original=True).extents)
        axes.set_position(Bbox.from_extents(*place.round(_PLACES)))


def _is_in_truetype(figure: Figure) -> bool:
    """Whether a PDF can hold all fonts of a figure as TrueType, in which text can be edited."""
    from matplotlib.text import Text

    families = {name for artist in figure.findobj(Text) for name in artist.get_fontfamily()}
    return all(fonts.is_truetype(name) for name in families)


def number_label(value: float) -> str:
    """A number as it stands on an axis.

    Examples
    --------
    >>> [number_label(value) for value in (0.001, 31.25, 20000, 2000000, -1)]
    ['0.001', '31.25', '20000', '2e6', '−1']
    """
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        text = f"{value:.6g}"
    else:
        mantissa, _, exponent = f"{value:.4g}".partition("e")
        text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return text.replace("-", "−")


def log_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round numbers between two positive ones for a logarithmic axis, as close as there is room.

    Examples
    --------
    >>> log_ticks(20, 900)
    [20.0, 50.0, 100.0, 200.0, 500.0]
    >>> log_ticks(280, 1700)
    [300.0, 500.0, 700.0, 1000.0, 1500.0]
    >>> log_ticks(0.5, 2e4)
    [1.0, 10.0, 100.0, 1000.0, 10000.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = _between(low, high, [m * 10.0**e for e in range(first, last + 1) for m in steps])
        if len(ticks) <= most:
            return ticks if len(ticks) > 2 else linear_ticks(low, high)
    return ticks[:: math.ceil(len(ticks) / most)]


def _between(low: float, high: float, values: Iterable[float]) -> list[float]:
    tolerance = 1 + 1e-9
    return [float(f"{v:.6g}") for v in values if low / tolerance <= v <= high * tolerance]


def linear_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two ones for a linear axis.

    Examples
    --------
    >>> linear_ticks(0.03, 2.4)
    [0.5, 1.0, 1.5, 2.0]
    """
    rough = (high - low) / most or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    count = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [float(f"{number * step:.14g}") for number in count]


def set_ticks_between(axis: Any, low: float, high: float, *, logarithmic: bool) -> None:
    """Put round numbers between two ends on one axis."""
    set_ticks(axis, (log_ticks if logarithmic else linear_ticks)(low, high))


def set_ticks(axis: Any, ticks: Iterable[float]) -> None:
    """Put major ticks with plain numbers on one axis, and no minor ticks."""
    places = list(ticks)
    axis.set_ticks(places, labels=[number_label(value) for value in places])
    axis.set_ticks([], minor=True)
