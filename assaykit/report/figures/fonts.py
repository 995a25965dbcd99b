"""Fonts for texts in any script, and what becomes of characters that no installed font has.

A character is looked for in Arial or its like, then in the installed fonts for East Asia, then in
DejaVu Sans, which comes with matplotlib. One that none of them has is drawn as a box in a PNG;
in an SVG or a PDF the text itself stays whole. That is said once in the log and raises no warning.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

_LOG = logging.getLogger(__name__)

_LAST = "DejaVu Sans"
_LATIN = ("Arial", "Helvetica", "Liberation Sans", _LAST)
_EAST_ASIAN = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "Hiragino Sans",
    "Hiragino Kaku Gothic Pro", "Hiragino Kaku Gothic ProN", "Yu Gothic", "Meiryo", "BIZ UDGothic",
    "MS Gothic", "IPAexGothic", "IPAGothic", "TakaoGothic", "VL Gothic", "Noto Sans CJK SC",
    "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Noto Sans CJK TC", "Noto Sans TC", "PingFang TC",
    "Microsoft JhengHei", "Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo",
    "Malgun Gothic", "NanumGothic", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
_TOLD: set[str] = set()


@cache
def font_families() -> tuple[str, ...]:
    """The fonts that a character is looked for in, in their order.

    The first of Arial, Helvetica, Liberation Sans and DejaVu Sans that is installed, then those
    with Japanese, Chinese or Korean characters, then DejaVu Sans, which comes with matplotlib.
    """
    from matplotlib import font_manager

    installed = set(font_manager.fontManager.get_font_names())
    latin = next(name for name in _LATIN if name in installed)
    east_asian = [name for name in _EAST_ASIAN if name in installed]
    if latin != _LATIN[0]:
        _LOG.info("Arial is not installed; figures are set in %s.", latin)
    return tuple(dict.fromkeys((latin, *east_asian, _LAST)))


def _font(family: str) -> FT2Font:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=family)))


@cache
def _characters_of(family: str) -> frozenset[int]:
    return frozenset(_font(family).get_charmap())


def _search(text: str) -> tuple[tuple[str, ...], str]:
    """The first font and each further one that a text needs; the characters that none has."""
    first, *others = font_families()
    chosen, missing = [first], {ord(c) for c in text if c.isprintable()}
    missing -= _characters_of(first)
    for family in others:
        if not missing:
            break
        if missing & _characters_of(family):
            chosen.append(family)
            missing -= _characters_of(family)
    return tuple(chosen), "".join(c for c in dict.fromkeys(text) if ord(c) in missing)


def missing_characters(text: str) -> str:
    """The characters of a text that no installed font has, each once.

    Examples
    --------
    >>> missing_characters("RANKL (pg/mL), Δ = 2 µm")
    ''
    """
    return _search(text)[1]


def choose_fonts(artist: Text) -> None:
    """Set a text in all the fonts that its characters need, if the first one lacks any."""
    families, _ = _search(artist.get_text())
    if len(families) > 1:
        _LOG.info("'%s' is set in %s.", artist.get_text(), ", ".join(families))
        artist.set_fontfamily(list(families))


def tell_missing(texts: Iterable[str]) -> None:
    """Log the characters that no installed font has; each is told once, however many figures."""
    import matplotlib as mpl

    found = [c for c in missing_characters("".join(texts)) if c not in _TOLD]
    if found:
        _TOLD.update(found)
        _LOG.warning(
            "No font on this computer has the characters %s: PNG pictures and PDF files show "
            "boxes in their place; in SVG files the text is whole. Install a font that has them, "
            "such as Noto Sans CJK for Chinese, Japanese and Korean, then delete the list of "
            "fonts in %s.", "".join(found), mpl.get_cachedir(),
        )  # fmt: skip


@contextmanager
def without_missing_warnings() -> Iterator[None]:
    """Leave out matplotlib's warning for each character that no font has, and no other one."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


@cache
def is_truetype(family: str) -> bool:
    """Whether the outlines of a font are TrueType, so that a PDF can hold it as such."""
    table = _font(family).get_sfnt_table("maxp")
    return table is not None and table["version"] == (1, 0)
