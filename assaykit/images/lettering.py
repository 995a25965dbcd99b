"""Text on pictures, in any script: Japanese, µ, ≥ and what else an installed font has.

Each character is set in DejaVu Sans, which comes with matplotlib, or in the first installed font
for East Asia that has it. A character that none of them has becomes ``□`` (U+25A1), so that it is
seen to be missing. The same text gives the same pixels wherever the same fonts are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from assaykit.images.colour import Pixels

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont


Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
MISSING, ELLIPSIS = "□", "…"
_BASE = "DejaVu Sans"
_EAST_ASIAN = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "Hiragino Sans",
    "Hiragino Kaku Gothic ProN", "Yu Gothic", "Meiryo", "MS Gothic", "BIZ UDGothic",
    "IPAexGothic", "IPAGothic", "TakaoGothic", "VL Gothic", "Noto Sans CJK SC", "Noto Sans SC",
    "PingFang SC", "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Noto Sans CJK TC", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK KR",
    "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic", "Droid Sans Fallback",
    "Arial Unicode MS",
)  # fmt: skip
_LINE = 1.3  # height of a line in sizes
_WIDE = r"[\u25a1\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
_PIECE = re.compile(rf"\s*(?:{_WIDE}|(?:(?!{_WIDE})\S)+)")


@dataclass(frozen=True)
class Label:
    """A text at its place on a picture.

    Parameters
    ----------
    text
        One line.
    x, y
        Left end of the text and the middle of its height, in px.
    size_px
        Height of the letters with their accents and tails, in px.
    colour
        RGB.
    halo
        Colour of a rim of 1 px around each letter, for texts on a picture; none if missing.

    Examples
    --------
    >>> Label("500 µm", 10, 20, 16).colour
    (0, 0, 0)
    """

    text: str
    x: float
    y: float
    size_px: int
    colour: Colour = BLACK
    halo: Colour | None = None


def draw_labels(image: Pixels, labels: Iterable[Label]) -> Pixels:
    """Write texts on a copy of a picture.

    Parameters
    ----------
    image
        (height, width, 3) RGB.
    labels
        Texts; what lies outside the picture is cut, so measure first with :func:`text_width`.

    Examples
    --------
    >>> white = np.full((40, 120, 3), 255, np.uint8)
    >>> written = draw_labels(white, [Label("A1 ≥ 3 µm", 5, 20, 16)])
    >>> bool((written < 128).any()), bool((white < 255).any())
    (True, False)
    """
    from PIL import Image, ImageDraw

    page = Image.fromarray(np.ascontiguousarray(image))
    pen = ImageDraw.Draw(page)
    for label in labels:
        places = list(_placed(label))
        for xy, part, font in places if label.halo else ():
            pen.text(xy, part, label.halo, font, "ls", stroke_width=1, stroke_fill=label.halo)
        for xy, part, font in places:
            pen.text(xy, part, label.colour, font, "ls")
    return np.array(page, dtype=np.uint8)


def draw_text(
    image: Pixels, text: str, xy: tuple[float, float], size_px: int, colour: Colour = BLACK
) -> Pixels:
    """Write one text on a copy of a picture; ``xy`` as in :class:`Label`.

    Examples
    --------
    >>> white = np.full((40, 120, 3), 255, np.uint8)
    >>> int(draw_text(white, "12.3 %", (5, 20), 16, (200, 0, 0))[..., 1].min()) < 60
    True
    """
    return draw_labels(image, [Label(text, *xy, size_px, colour)])


def line_height(size_px: int) -> int:
    """Height in px that a line of text of some size needs.

    Examples
    --------
    >>> line_height(20)
    26
    """
    return round(_LINE * size_px)


def text_width(text: str, size_px: int) -> int:
    """Width of one line of text in px, rounded up.

    Examples
    --------
    >>> 0 < text_width("i", 20) < text_width("W", 20) < text_width("WW", 20)
    True
    """
    parts = _runs(readable(text))
    return int(
        np.ceil(sum(_font(face.file, face.index, size_px).getlength(part) for face, part in parts))
    )


def shorten(text: str, size_px: int, width: float) -> str:
    """Cut a text with an ellipsis until it is at most some px wide; empty if not even that fits.

    Examples
    --------
    >>> shorten("osteoclasts", 20, 500), shorten("osteoclasts", 20, 70)
    ('osteoclasts', 'oste…')
    """
    text = readable(text)
    if text_width(text, size_px) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle].rstrip() + ELLIPSIS, size_px) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    short = text[:low].rstrip() + ELLIPSIS
    return short if text_width(short, size_px) <= width else ""


def wrap(text: str, size_px: int, width: float, most: int) -> list[str]:
    """Break a text into at most some lines, each at most some px wide.

    Breaks at spaces, and between Japanese, Chinese and Korean characters. What is left for the
    last line is cut with an ellipsis, and so is a word that is too long.

    Examples
    --------
    >>> wrap("out of focus, not measured", 20, 140, 2)
    ['out of focus,', 'not measured']
    """
    lines: list[str] = []
    words = _breakable(readable(text))
    while words:
        count = 1
        while count < len(words) and text_width("".join(words[: count + 1]), size_px) <= width:
            count += 1
        last = len(lines) == most - 1
        line = "".join(words if last else words[:count]).strip()
        lines.append(shorten(line, size_px, width))
        words = [] if last else words[count:]
    return [line for line in lines if line]


def _breakable(text: str) -> list[str]:
    """Pieces between which a line may end, each with the space before it."""
    return _PIECE.findall(text)


def readable(text: str) -> str:
    r"""A text as it is drawn: one line, letters with their accents, missing characters as ``□``.

    Examples
    --------
    >>> readable("WT\nKO"), readable("u\u0308ber \U0010fffd")
    ('WT KO', 'über □')
    """
    one_line = " ".join(text.strip().splitlines())
    joined = unicodedata.normalize("NFC", re.sub(r"\s", " ", one_line))
    shown = (c for c in joined if unicodedata.category(c) not in ("Cf", "Cc"))
    drawn = (c if _face_of(c) is not None else _substitute(c) for c in shown)
    return "".join(drawn)


def _substitute(character: str) -> str:
    """What stands for a character that no font has; nothing for a mark on another one."""
    return "" if unicodedata.category(character).startswith("M") else MISSING


def _placed(label: Label) -> Iterator[tuple[tuple[int, int], str, FreeTypeFont]]:
    """The parts of a label that are in one font: left end and base line, text, font."""
    x, base = label.x, label.y + 0.36 * label.size_px
    for face, part in _runs(readable(label.text)):
        font = _font(face.file, face.index, label.size_px)
        yield (round(x), round(base)), part, font
        x += font.getlength(part)


def _runs(text: str) -> list[tuple[_Face, str]]:
    """A text cut where its font changes."""
    runs: list[tuple[_Face, str]] = []
    for character in text:
        face = _face_of(character) or _faces()[0]
        if runs and runs[-1][0] == face:
            runs[-1] = (face, runs[-1][1] + character)
        else:
            runs.append((face, character))
    return runs


@dataclass(frozen=True)
class _Face:
    """A font: its file, its place in the file, the characters that it has."""

    file: str
    index: int
    characters: frozenset[int]


def _face_of(character: str) -> _Face | None:
    """The first font that has a character."""
    return next((face for face in _faces() if ord(character) in face.characters), None)


@lru_cache(maxsize=1)
def _faces() -> tuple[_Face, ...]:
    """The fonts that texts are set in."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

    installed = set(fontManager.get_font_names())
    faces = []
    for name in (_BASE, *(name for name in _EAST_ASIAN if name in installed)):
        path = findfont(FontProperties(family=name))
        index = int(getattr(path, "face_index", 0))
        faces.append(_Face(str(path), index, frozenset(get_font(path).get_charmap())))
    return tuple(faces)


@lru_cache(maxsize=256)
def _font(file: str, index: int, size_px: int) -> FreeTypeFont:
    """A font at a size; the basic layout, so that it is the same on every computer."""
    from PIL import ImageFont

    return ImageFont.truetype(file, size_px, index, layout_engine=ImageFont.Layout.BASIC)
