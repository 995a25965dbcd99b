"""Pictures of any size: in tiles, with the result of the whole frame.

The picture is read once, band by band, and its working copy (the bins' means) is put aside in a
temporary file. What belongs to the whole (background, noise, rim, focus) comes from the small
copy. Then every tile is worked on with a margin as wide as the largest osteoclast on each side;
a cell belongs to the tile whose core holds its first pixel, row by row (which is why the margin
above a core may be smaller).
"""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError
from assaykit.images.osteoclasts.classes import facts_of, name_objects
from assaykit.images.osteoclasts.density import (
    Field,
    Pixels,
    Scale,
    check_picture,
    density_map,
    noise_of,
    scale_of,
    second_differences,
    small_density,
    working_picture,
)
from assaykit.images.osteoclasts.field import field_from_small
from assaykit.images.osteoclasts.find import label_cells
from assaykit.images.osteoclasts.focus import edge_blur, edge_blur_histogram
from assaykit.images.osteoclasts.measure import RAW_COLUMNS, measure_cells
from assaykit.images.osteoclasts.parameters import OsteoclastParameters, checked

if TYPE_CHECKING:
    import pandas as pd

Labels = npt.NDArray[np.int32]

MARGIN_UM = 660.0
"""Margin of a tile: a little more than the largest osteoclast, 650 µm."""
_CORE_PX = 1000
_FOCUS_MARGIN_UM = 20.0
_ABOVE_SHARE = 0.3


@dataclasses.dataclass(frozen=True)
class _Tile:
    """A core and its margin, in working pixels: rows and columns as (start, stop)."""

    core: tuple[tuple[int, int], tuple[int, int]]
    full: tuple[tuple[int, int], tuple[int, int]]

    @property
    def corner(self) -> tuple[int, int]:
        return self.full[0][0], self.full[1][0]

    @property
    def core_inside(self) -> tuple[slice, slice]:
        """The core within the tile's own array."""
        first, second = (
            slice(core[0] - full[0], core[1] - full[0])
            for core, full in zip(self.core, self.full, strict=True)
        )
        return first, second


@dataclasses.dataclass(frozen=True)
class _Spool:
    """The working picture in a file."""

    file: IO[bytes]
    shape: tuple[int, int]

    def read(self, tile: _Tile) -> Pixels:
        """A tile with its margin."""
        (top, bottom), (left, right) = tile.full
        result = np.empty((bottom - top, right - left, 3), dtype=np.uint8)
        for row in range(top, bottom):
            self.file.seek(3 * (row * self.shape[1] + left))
            line = self.file.read(3 * (right - left))
            result[row - top] = np.frombuffer(line, dtype=np.uint8).reshape(-1, 3)
        return result


def find_osteoclasts_in_tiles(
    bands: Iterable[tuple[int, Pixels]],
    shape: tuple[int, int],
    um_per_px: float,
    params: OsteoclastParameters | None = None,
    *,
    labels: Labels | None = None,
) -> pd.DataFrame:
    """The objects of a picture too large for memory, the same as from the whole frame.

    Parameters
    ----------
    bands
        ``(start_row, rows)`` from top to bottom, without gaps; rows are ``(n, width, 3)`` RGB
        ``uint8``. Read once.
    shape
        Height and width of the picture in pixels.
    um_per_px, params
        As for :func:`~assaykit.images.osteoclasts.find.find_osteoclasts`.
    labels
        An int32 array of ``shape`` to write the labels into (a memory map, say); None: no labels.

    Returns
    -------
    pandas.DataFrame
        As from :func:`~assaykit.images.osteoclasts.find.find_osteoclasts`. Objects wider than
        650 µm may differ from the whole frame's.

    Raises
    ------
    UsageError
        No scale, bands that do not fit the shape, or not RGB pictures of 8 bits.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.full((96, 64, 3), 200, np.uint8)
    >>> bands = ((top, picture[top : top + 32]) for top in range(0, 96, 32))
    >>> len(find_osteoclasts_in_tiles(bands, (96, 64), 0.76))
    0
    """
    import pandas as pd

    chosen = checked(um_per_px, params)
    scale = scale_of(um_per_px)
    with tempfile.TemporaryFile() as file:
        spool, field = _put_aside(bands, shape, scale, (file, chosen))
        field = dataclasses.replace(field, edge_blur_um=_focus(spool, field))
        tables, used = [], 0
        for tile in _tiles(spool.shape, scale.px(MARGIN_UM)):
            table, part = _one_tile(spool.read(tile), tile, field, chosen)
            if labels is not None:
                _write_labels(labels, part, used, tile, scale.binning)
            table["label"] += used
            used += len(table)
            tables.append(table)
    raw = _in_order(pd.concat(tables, ignore_index=True)[list(RAW_COLUMNS)], labels)
    return name_objects(raw, scale, facts_of(field, shape, chosen), chosen)


def _in_order(raw: pd.DataFrame, labels: Labels | None) -> pd.DataFrame:
    """Number the cells in the order of their first pixels, as in the whole frame."""
    ordered = raw.sort_values(["anchor_y", "anchor_x"], ignore_index=True)
    fresh = np.zeros(len(raw) + 1, dtype=np.int32)
    fresh[ordered["label"].to_numpy(dtype=np.intp)] = np.arange(1, len(raw) + 1)
    ordered["label"] = np.arange(1, len(raw) + 1)
    if labels is not None:
        for top in range(0, len(labels), 256):
            labels[top : top + 256] = fresh[labels[top : top + 256]]
    return ordered


def _put_aside(
    bands: Iterable[tuple[int, Pixels]],
    shape: tuple[int, int],
    scale: Scale,
    target: tuple[IO[bytes], OsteoclastParameters],
) -> tuple[_Spool, Field]:
    """Write the working picture into the file; what is known about it as a whole."""
    file, params = target
    step = scale.binning * scale.shrink
    small, noise, rows = [], np.zeros(4096, dtype=np.int64), 0
    width = max(1, shape[1] // scale.binning)
    for block in _blocks(bands, shape, step * max(1, 512 // step)):
        if len(block) < scale.binning and rows:
            break
        working = working_picture(block, scale)
        file.write(working.tobytes())
        small.append(small_density(working, scale.shrink))
        noise += second_differences(working, scale.shrink)
        rows += len(working)
    spool = _Spool(file, (rows, width))
    size = (scale, spool.shape)
    return spool, field_from_small(np.concatenate(small), noise_of(noise), size, params)


def _blocks(
    bands: Iterable[tuple[int, Pixels]], shape: tuple[int, int], height: int
) -> Iterator[Pixels]:
    """The bands cut anew into blocks of one height (the last may be lower)."""
    kept: list[Pixels] = []
    held = seen = 0
    for start, rows in bands:
        check_picture(rows)
        if start != seen or rows.shape[1] != shape[1]:
            raise UsageError(
                f"Found a band that starts at row {start} and is {rows.shape[1]} px wide, expected "
                f"row {seen} and {shape[1]} px: hand over all rows, once, from top to bottom."
            )
        seen += len(rows)
        kept.append(rows)
        held += len(rows)
        while held >= height:
            joined = np.concatenate(kept) if len(kept) > 1 else kept[0]
            yield joined[:height]
            kept = [joined[height:].copy()]
            held -= height
    if seen != shape[0]:
        raise UsageError(f"Found {seen} rows in the bands, expected {shape[0]}.")
    if held:
        yield np.concatenate(kept)


def _tiles(shape: tuple[int, int], margin: float) -> list[_Tile]:
    """Cores that cover the picture, with margins, from top to bottom."""
    wide = int(np.ceil(margin))

    def cuts(length: int) -> list[tuple[int, int]]:
        count = max(1, round(length / _CORE_PX))
        ends = [round(k * length / count) for k in range(count + 1)]
        return list(itertools.pairwise(ends))

    def widened(core: tuple[int, int], length: int, before: int) -> tuple[int, int]:
        return max(0, core[0] - before), min(length, core[1] + wide)

    above = int(np.ceil(_ABOVE_SHARE * margin))
    return [
        _Tile((rows, columns), (widened(rows, shape[0], above), widened(columns, shape[1], wide)))
        for rows in cuts(shape[0])
        for columns in cuts(shape[1])
    ]


def _focus(spool: _Spool, field: Field) -> float:
    """Blur of the edges in the whole picture."""
    margin = field.scale.px(_FOCUS_MARGIN_UM)
    total = np.zeros(0, dtype=np.int64)
    for tile in _tiles(spool.shape, margin):
        density = density_map(spool.read(tile), field, tile.corner)
        found = edge_blur_histogram(density, field.scale.um, tile.core_inside)
        total = found if total.size == 0 else total + found
    return edge_blur(total)


def _one_tile(
    working: Pixels, tile: _Tile, field: Field, params: OsteoclastParameters
) -> tuple[pd.DataFrame, Labels]:
    """Raw measurements and labels 1, 2, … of the cells that belong to a tile."""
    top, left = tile.corner
    density = density_map(working, field, tile.corner)
    labels, spots = label_cells(density, field, params, tile.corner)
    (row, below), (column, beyond) = tile.core
    own = np.zeros(int(labels.max()) + 1, dtype=np.int32)
    y, x = np.nonzero(labels)
    present, first = np.unique(labels[y, x], return_index=True)
    rows, columns = y[first] + top, x[first] + left
    inside = (rows >= row) & (rows < below) & (columns >= column) & (columns < beyond)
    own[present[inside]] = np.arange(1, int(inside.sum()) + 1)
    kept = own[labels]
    return measure_cells(kept, density, working, spots, (field, top, left)), kept


def _write_labels(labels: Labels, part: Labels, used: int, tile: _Tile, binning: int) -> None:
    """Add a tile's labels to the picture's."""
    top, left = (start * binning for start in tile.corner)
    large = part.repeat(binning, axis=0).repeat(binning, axis=1) if binning > 1 else part
    target = labels[top : top + large.shape[0], left : left + large.shape[1]]
    large = large[: target.shape[0], : target.shape[1]]
    np.copyto(target, large + used, where=large > 0)
