"""Osteoclasts: TRAP-positive cells in brightfield pictures, outlined, counted and named.

::

    pixels → working picture (≤ 0.95 µm/px) → background → optical density → outline
           → nuclei → cells (clumps cut, giants kept whole) → measurements → class

One file per arrow: ``density``, ``field``, ``outline``, ``nuclei``, ``splitting``, ``measure``,
``classes``. ``whole_wells`` replaces ``splitting`` where pixels are too coarse for nuclei;
``focus`` says whether the picture is sharp; ``scans`` works through pictures of any size in tiles.
"""

from assaykit.images.osteoclasts.classes import CLASSES, COLUMNS
from assaykit.images.osteoclasts.find import find_osteoclasts
from assaykit.images.osteoclasts.parameters import OsteoclastParameters
from assaykit.images.osteoclasts.scans import find_osteoclasts_in_tiles
from assaykit.images.osteoclasts.summary import summarise_osteoclasts

__all__ = [
    "CLASSES",
    "COLUMNS",
    "OsteoclastParameters",
    "find_osteoclasts",
    "find_osteoclasts_in_tiles",
    "summarise_osteoclasts",
]
