"""Osteoclasts: TRAP-positive cells in brightfield pictures, outlined, counted and named.

::

    pixels → working picture (≤ 0.95 µm/px) → background → optical density → outline
           → nuclei → cells (clumps cut, giants kept whole) → measurements → class

One file per arrow: ``density``, ``field``, ``outline``, ``nuclei``, ``splitting``, ``measure``,
``classes``. ``whole_wells`` replaces ``splitting`` where pixels are too coarse for nuclei;
``focus`` says whether the picture is sharp; ``scans`` works through pictures of any size in tiles.
Names are loaded when they are used, so that the parameters alone need no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaykit.images.osteoclasts.classes import CLASSES, COLUMNS
    from assaykit.images.osteoclasts.find import find_osteoclasts
    from assaykit.images.osteoclasts.parameters import OsteoclastParameters
    from assaykit.images.osteoclasts.scans import find_osteoclasts_in_tiles
    from assaykit.images.osteoclasts.summary import summarise_osteoclasts

_HOMES = {
    "CLASSES": "classes",
    "COLUMNS": "classes",
    "OsteoclastParameters": "parameters",
    "find_osteoclasts": "find",
    "find_osteoclasts_in_tiles": "scans",
    "summarise_osteoclasts": "summary",
}

__all__ = [
    "CLASSES",
    "COLUMNS",
    "OsteoclastParameters",
    "find_osteoclasts",
    "find_osteoclasts_in_tiles",
    "summarise_osteoclasts",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
