"""A TRAP-stained culture: which cells there are, where they lie, and their truth.

::

    shapes → groups that lie together (clumps, cells on osteoclasts) → drawn → placed one after
        another where there is room → optical density of the stain + labels + tables
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from assaykit.errors import UsageError
from assaykit.simulate.camera import Circle
from assaykit.simulate.randomness import generator
from assaykit.simulate.texture import Map, blurred, cloud_noise, smooth_noise
from assaykit.simulate.trap_cells import (
    MONONUCLEAR,
    OSTEOCLASTS,
    Cell,
    binucleate,
    hollow_osteoclast,
    round_cell,
)
from assaykit.simulate.trap_drawing import Patch, draw_cell

Labels = npt.NDArray[np.int32]
Size = tuple[int, int]
Group = tuple["Placed", ...]

OSTEOCLAST_NUCLEI = 3
"""A TRAP-positive cell with this many nuclei or more is an osteoclast."""

_TRIES = 25
_MARGIN_UM = 20.0
_KINDS = ("pale", "stellate", "spindle", "round")


@dataclass(frozen=True)
class TrapCulture:
    """What a TRAP-stained culture is made of.

    Parameters
    ----------
    osteoclasts
        Number of osteoclasts whose middle lies in the picture; met exactly.
    osteoclast_nuclei
        Fewest and most nuclei of an osteoclast; the median is near 7.
    mononuclear_per_mm2
        TRAP-positive cells with one nucleus, a few of them with two.
    kinds
        Shares of pale and spread, stellate, spindle-shaped and round mononuclear cells.
    clump_share
        Share of the round cells that lie in touching groups of two to six.
    overlying_share
        Share of the osteoclasts that have a round cell on top.
    ghosts_per_mm2
        Pale remains without an edge; not cells.
    fibres_per_mm2
        Retraction fibres, up to 150 µm long; not part of a cell.
    debris_per_mm2
        Specks and small rings; not cells.
    stain
        Factor on all optical densities of cells.

    Raises
    ------
    UsageError
        A number is out of range.

    Examples
    --------
    >>> TrapCulture(osteoclasts=0).mononuclear_per_mm2
    390.0
    """

    osteoclasts: int = 5
    osteoclast_nuclei: tuple[int, int] = (3, 30)
    mononuclear_per_mm2: float = 390.0
    kinds: tuple[float, float, float, float] = (0.14, 0.26, 0.24, 0.36)
    clump_share: float = 0.15
    overlying_share: float = 0.3
    ghosts_per_mm2: float = 5.0
    fibres_per_mm2: float = 12.0
    debris_per_mm2: float = 250.0
    stain: float = 1.0

    def __post_init__(self) -> None:
        low, high = self.osteoclast_nuclei
        bad = [
            f"{name} is {getattr(self, name)}, expected 0 or more"
            for name in (
                "osteoclasts", "mononuclear_per_mm2", "ghosts_per_mm2", "fibres_per_mm2",
                "debris_per_mm2", "stain",
            )
            if getattr(self, name) < 0
        ]  # fmt: skip
        bad += [
            f"{name} is {getattr(self, name)}, expected 0 to 1"
            for name in ("clump_share", "overlying_share")
            if not 0 <= getattr(self, name) <= 1
        ]
        if not OSTEOCLAST_NUCLEI <= low <= high:
            bad.append(f"osteoclast_nuclei is ({low}, {high}), expected at least 3, rising")
        if len(self.kinds) != 4 or min(self.kinds) < 0 or sum(self.kinds) <= 0:
            bad.append(f"kinds is {self.kinds}, expected four shares, not all 0")
        if bad:
            raise UsageError("TrapCulture: " + "; ".join(bad) + ".")


@dataclass(frozen=True, eq=False)
class Placed:
    """A drawn cell with its nuclei in px of the picture; a row ``(x, y, radius)`` each."""

    patch: Patch
    nuclei: npt.NDArray[np.float64]

    def moved(self, rows: int, columns: int) -> Placed:
        """The same further down and to the right."""
        patch = replace(self.patch, top=self.patch.top + rows, left=self.patch.left + columns)
        return Placed(patch, self.nuclei + np.array([columns, rows, 0.0]))


@dataclass(frozen=True, eq=False)
class Specimen:
    """A culture before any optics.

    Parameters
    ----------
    od
        |OD| along the vector of TRAP.
    debris_od
        Amount of red-brown debris.
    labels, cells, nuclei, ghosts
        As in :class:`assaykit.simulate.osteoclast_pictures.OsteoclastTruth`.
    """

    od: Map
    debris_od: Map
    labels: Labels
    cells: pd.DataFrame
    nuclei: pd.DataFrame
    ghosts: pd.DataFrame


def grow(
    culture: TrapCulture, *, seed: int, size_px: Size, um_per_px: float, well: Circle | None
) -> Specimen:
    """Draw a culture, in a field or in a well.

    Parameters
    ----------
    culture
        What there is.
    seed
        The same seed gives the same culture.
    size_px
        Height and width.
    um_per_px
        Scale.
    well
        Where cells can lie; none for a field.

    Examples
    --------
    >>> few = TrapCulture(osteoclasts=1, mononuclear_per_mm2=50.0)
    >>> specimen = grow(few, seed=1, size_px=(200, 300), um_per_px=0.76, well=None)
    >>> int((specimen.cells["class"] == "osteoclast").sum())
    1
    """
    od = np.zeros(size_px, dtype=np.float32)
    labels = np.zeros(size_px, dtype=np.int32)
    free = well.distance(size_px) < 0.985 if well else np.ones(size_px, dtype=bool)
    placed: list[Placed] = []
    for group in _placed_groups(culture, labels, free, um_per_px, seed):
        for member in group:
            placed.append(member)
            _paste(member.patch, len(placed), od, labels)
    ghosts, ghost_od = _ghosts(culture, free, um_per_px, seed)
    od = od + ghost_od + _fibres(culture, placed, size_px, um_per_px, seed)
    kept, labels = _visible(labels * free, len(placed))
    cells, nuclei = _tables([placed[i - 1] for i in kept], labels, um_per_px)
    debris = _debris(culture, size_px, um_per_px, seed)
    return Specimen(od * free, debris * free, labels, cells, nuclei, ghosts)


def _placed_groups(
    culture: TrapCulture,
    labels: Labels,
    free: npt.NDArray[np.bool_],
    um_per_px: float,
    seed: int,
) -> Iterator[Group]:
    """Osteoclasts first, then mononuclear cells from spread to round; reads ``labels``.

    Cells lie closer in some parts of the picture than in others.
    """
    size: Size = (labels.shape[0], labels.shape[1])
    rng = generator(seed, "places")
    crowding = cloud_noise(rng, size, (80 / um_per_px, 200 / um_per_px), 0.3)
    liked = np.clip(0.7 + 0.25 * crowding, 0.15, 1)
    for group in _osteoclast_groups(culture, um_per_px, seed, hollow=not free.all()):
        spot = _room_for(group, labels, free, rng)
        yield tuple(member.moved(*spot) for member in group)
    margin = round(_MARGIN_UM / um_per_px)
    area_px = (
        float(free.sum()) if not free.all() else (size[0] + margin * 2) * (size[1] + margin * 2)
    )
    count = culture.mononuclear_per_mm2 * area_px * um_per_px**2 / 1e6
    for group in _mononuclear_groups(culture, count, um_per_px, seed):
        for _ in range(_TRIES):
            rows, columns = _random_place(free, rng, margin)
            inside = 0 <= rows < size[0] and 0 <= columns < size[1]
            if inside and rng.random() > liked[rows, columns]:
                continue
            moved = tuple(member.moved(rows, columns) for member in group)
            if _overlap(moved, labels) < 0.06:
                yield moved
                break


def _random_place(
    free: npt.NDArray[np.bool_], rng: np.random.Generator, margin: int
) -> tuple[int, int]:
    height, width = free.shape
    while True:
        row = int(rng.integers(-margin, height + margin))
        column = int(rng.integers(-margin, width + margin))
        if free.all() or (0 <= row < height and 0 <= column < width and free[row, column]):
            return row, column


def _room_for(
    group: Group, labels: Labels, free: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[int, int]:
    """The place, of several, where a group covers least of what is there and of the wall."""
    taken = np.where(free, labels, 1).astype(np.int32)
    best, least = (0, 0), np.inf
    for _ in range(_TRIES):
        spot = _random_place(free, rng, 0)
        covered = _overlap(tuple(member.moved(*spot) for member in group), taken)
        if covered < least:
            best, least = spot, covered
        if least == 0:
            break
    return best


def _overlap(group: Group, labels: Labels) -> float:
    """Share of the cells of a group that would lie on other cells."""
    size: Size = (labels.shape[0], labels.shape[1])
    covered = whole = 0
    for member in group:
        rows, columns, part = member.patch.within(size)
        covered += int(np.count_nonzero(labels[rows, columns][part.outline]))
        whole += int(np.count_nonzero(part.outline))
    return covered / max(whole, 1)


def _paste(patch: Patch, label: int, od: Map, labels: Labels) -> None:
    """Add a cell to the two maps; the cell on top owns the pixel."""
    rows, columns, part = patch.within((od.shape[0], od.shape[1]))
    od[rows, columns] += part.od
    labels[rows, columns][part.outline] = label


def _osteoclast_groups(
    culture: TrapCulture, um_per_px: float, seed: int, *, hollow: bool
) -> Iterator[Group]:
    """Osteoclasts, alone or with a cell on top; in wells touching in twos and threes."""
    rng = generator(seed, "osteoclasts")
    low, high = culture.osteoclast_nuclei
    left = culture.osteoclasts
    while left > 0:
        together = min(left, int(rng.choice((1, 2, 3), p=(0.6, 0.27, 0.13)))) if hollow else 1
        members: list[Placed] = []
        for i in range(together):
            nuclei = int(np.clip(round(rng.lognormal(np.log(7), 0.65)), low, high))
            shape = hollow_osteoclast if hollow else OSTEOCLASTS[rng.integers(len(OSTEOCLASTS))]
            cell = shape(rng, nuclei).stained(culture.stain)
            drawn = _drawn(cell, (0.0, 0.0), um_per_px, rng)
            members.append(_beside(members[-1], drawn, rng) if i else drawn)
        if rng.random() < culture.overlying_share:
            x, y = rng.normal(0, 14, 2)
            top = round_cell(rng).stained(culture.stain)
            members.append(_drawn(top, (float(x), float(y)), um_per_px, rng))
        yield tuple(members)
        left -= together


def _beside(last: Placed, drawn: Placed, rng: np.random.Generator) -> Placed:
    """Move a cell to where it touches the one before."""
    radii = [np.sqrt(np.count_nonzero(one.patch.outline) / np.pi) for one in (last, drawn)]
    turn, distance = rng.uniform(0, 2 * np.pi), 0.95 * sum(radii)
    middle = np.array(last.patch.od.shape) // 2 + (last.patch.top, last.patch.left)
    rows, columns = np.rint(middle + distance * np.array([np.sin(turn), np.cos(turn)])).astype(int)
    return drawn.moved(int(rows), int(columns))


def _mononuclear_groups(
    culture: TrapCulture, count: float, um_per_px: float, seed: int
) -> Iterator[Group]:
    rng = generator(seed, "mononuclear cells")
    shares = np.asarray(culture.kinds) / sum(culture.kinds)
    for kind, share in zip(_KINDS, shares, strict=True):
        left = int(rng.poisson(count * share))
        while left > 0:
            clumped = kind == "round" and rng.random() < culture.clump_share / 2.2
            together = min(left, int(rng.integers(2, 7))) if clumped else 1
            cells = [_mononuclear(kind, rng).stained(culture.stain) for _ in range(together)]
            yield tuple(_clumped(cells, um_per_px, rng))
            left -= together


def _mononuclear(kind: str, rng: np.random.Generator) -> Cell:
    cell = MONONUCLEAR[kind](rng)
    return binucleate(cell, rng) if rng.random() < 0.05 else cell


def _clumped(cells: Iterable[Cell], um_per_px: float, rng: np.random.Generator) -> Iterator[Placed]:
    """Cells side by side, each touching one of those before."""
    taken: list[tuple[float, float, float]] = []
    for cell in cells:
        radius = float(cell.limbs[:, 2].max())
        x, y = rng.uniform(0, um_per_px, 2)
        for _ in range(20 if taken else 0):
            beside_x, beside_y, other = taken[rng.integers(len(taken))]
            turn, distance = rng.uniform(0, 2 * np.pi), 0.98 * (radius + other)
            x, y = beside_x + distance * np.cos(turn), beside_y + distance * np.sin(turn)
            if all(np.hypot(x - a, y - b) > 0.9 * (radius + r) for a, b, r in taken):
                break
        taken.append((float(x), float(y), radius))
        yield _drawn(cell, (float(x), float(y)), um_per_px, rng)


def _drawn(
    cell: Cell, place_um: tuple[float, float], um_per_px: float, rng: np.random.Generator
) -> Placed:
    patch = draw_cell(cell, place_um, um_per_px, rng)
    nuclei = (cell.nuclei + np.array([*place_um, 0.0])) / um_per_px - np.array([0.5, 0.5, 0.0])
    return Placed(patch, nuclei)


def _ghosts(
    culture: TrapCulture, free: npt.NDArray[np.bool_], um_per_px: float, seed: int
) -> tuple[pd.DataFrame, Map]:
    """Pale remains without an edge."""
    rng = generator(seed, "ghosts")
    size: Size = (free.shape[0], free.shape[1])
    od = np.zeros(size, dtype=np.float32)
    y, x = np.indices(size, dtype=np.float32)
    rows = []
    for _ in range(rng.poisson(culture.ghosts_per_mm2 * free.sum() * um_per_px**2 / 1e6)):
        row, column = _random_place(free, rng, 0)
        radius = (rng.uniform(35, 80) if not free.all() else rng.uniform(9, 28)) / um_per_px
        aspect, turn = rng.uniform(0.6, 1.0), rng.uniform(0, np.pi)
        dx, dy = x - column, y - row
        along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        far = (along * aspect) ** 2 + (across / aspect) ** 2
        od += np.float32(rng.uniform(0.03, 0.09)) * np.exp(-((far / radius**2) ** 1.5))
        rows.append((float(column), float(row), float(radius * um_per_px)))
    mottled = np.clip(1 + 0.4 * smooth_noise(rng, size, 2.5 / um_per_px), 0, None)
    return pd.DataFrame(rows, columns=["x", "y", "radius_um"], dtype=float), od * mottled


def _fibres(
    culture: TrapCulture, placed: list[Placed], size_px: Size, um_per_px: float, seed: int
) -> Map:
    """Retraction fibres that start at cells: 1 to 3 px wide, up to 150 µm long."""
    rng = generator(seed, "fibres")
    od = np.zeros(size_px, dtype=np.float32)
    count = rng.poisson(culture.fibres_per_mm2 * od.size * um_per_px**2 / 1e6)
    for _ in range(count if placed else 0):
        x, y, _ = placed[rng.integers(len(placed))].nuclei[0]
        length = np.clip(rng.lognormal(np.log(45), 0.6), 15, 150) / um_per_px
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.05, 16))
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * length / 16
        points = np.rint((np.array([x, y]) + np.cumsum(steps, axis=0)) * 16).astype(np.int32)
        strength, width = float(rng.uniform(0.08, 0.4)), 2 if rng.random() < 0.2 else 1
        cv2.polylines(od, [points], False, strength, width, cv2.LINE_8, 4)
    return blurred(od, 0.6)


def _debris(culture: TrapCulture, size_px: Size, um_per_px: float, seed: int) -> Map:
    """Specks below 2 µm and a few rings of 4 to 7 µm."""
    rng = generator(seed, "debris")
    od = np.zeros(size_px, dtype=np.float32)
    for _ in range(rng.poisson(culture.debris_per_mm2 * od.size * um_per_px**2 / 1e6)):
        place = np.rint(rng.uniform(0, 1, 2) * size_px[::-1] * 16).astype(int).tolist()
        if rng.random() < 0.03:
            radius = round(rng.uniform(2.0, 3.4) / um_per_px * 16)
            cv2.circle(od, place, radius, float(rng.uniform(0.25, 0.7)), -1, cv2.LINE_8, 4)
            inner = max(radius - round(1.3 / um_per_px * 16), 1)
            cv2.circle(od, place, inner, float(rng.uniform(0.1, 0.2)), -1, cv2.LINE_8, 4)
        else:
            radius = round(rng.uniform(0.3, 1.0) / um_per_px * 16)
            cv2.circle(od, place, radius, float(rng.uniform(0.03, 0.3)), -1, cv2.LINE_8, 4)
    return blurred(od, 0.7)


def _visible(labels: Labels, count: int) -> tuple[list[int], Labels]:
    """Labels of the cells of which something is seen, and the picture with 1 to their number."""
    kept = [label for label in np.unique(labels).tolist() if label]
    renumbered = np.zeros(count + 1, dtype=np.int32)
    renumbered[kept] = np.arange(1, len(kept) + 1)
    return kept, renumbered[labels]


def _tables(
    placed: list[Placed], labels: Labels, um_per_px: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    height, width = labels.shape
    count = len(placed)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    rows, columns = np.indices(labels.shape)
    y, x = (np.bincount(labels.ravel(), n.ravel(), count + 1)[1:] / areas for n in (rows, columns))
    border = np.concatenate([labels[[0, -1]].ravel(), labels[:, [0, -1]].ravel()])
    numbers = np.array([len(member.nuclei) for member in placed], dtype=np.int64)
    cells = pd.DataFrame(
        {
            "label": np.arange(1, count + 1),
            "x": x,
            "y": y,
            "area_um2": areas * um_per_px**2,
            "nuclei": numbers,
            "class": np.where(numbers >= OSTEOCLAST_NUCLEI, "osteoclast", "mononuclear"),
            "touching_border": np.isin(np.arange(1, count + 1), border),
        }
    )
    owners = np.repeat(np.arange(1, count + 1), numbers)
    rounds = np.concatenate([member.nuclei for member in placed] or [np.zeros((0, 3))])
    nuclei = pd.DataFrame(
        {"label": owners, "x": rounds[:, 0], "y": rounds[:, 1], "radius_um": rounds[:, 2]}
    )
    nuclei["radius_um"] = nuclei["radius_um"] * um_per_px
    seen = nuclei["x"].between(-0.5, width - 0.5) & nuclei["y"].between(-0.5, height - 0.5)
    return cells, nuclei[seen].reset_index(drop=True)
