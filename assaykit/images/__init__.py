"""Pixels become numbers: colour, stain, wells, objects, overlays.

::

    pixels  →  working picture  →  optical density of one stain  →  mask or objects  →  numbers

Nothing here knows a plate, a well's name or a file: pictures are arrays of shape
``(height, width, 3)``, RGB, ``uint8``, and lengths are in µm wherever they are not called px.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaykit.images.mineral import measure_mineral, mineral_threshold
    from assaykit.images.osteoclasts import find_osteoclasts
    from assaykit.images.wells import find_wells

_HOMES = {
    "find_osteoclasts": "assaykit.images.osteoclasts",
    "find_wells": "assaykit.images.wells",
    "measure_mineral": "assaykit.images.mineral",
    "mineral_threshold": "assaykit.images.mineral",
}

__all__ = ["find_osteoclasts", "find_wells", "measure_mineral", "mineral_threshold"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'assaykit.images' has no attribute '{name}'")
