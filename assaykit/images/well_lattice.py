"""Lattices of round things: grown from candidates, and laid over with the plate formats.

A lattice starts from the distance and direction that most pairs of neighbours share and grows
from one candidate to the next, so that it follows a picture taken at a slant. Then every plate
format is laid over it, upright and lengthwise, at every place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from assaykit.images.well_candidates import RingMap

Points = npt.NDArray[np.float64]

NARROWEST_PITCH, WIDEST_PITCH = 1.85, 3.1  # in radii; the rims of neighbours may touch
_DISTANCE_BIN, _ANGLE_BIN = 0.04, 3.0
_REACH = 0.22  # how far from its place, in pitches, a candidate still belongs to the lattice
_ROUNDS = 16
FAINTEST = 0.27  # mean support of the wells beyond chance, below which no plate is believed
_FAINTEST_LINE = 0.35  # support of a row or column as a share of that of all wells
_SEEN = 0.12  # support of a well beyond chance
_COMPLETE = 0.83  # share of the wells that must be seen: 5 of 6


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where column and row numbers lie in the picture.

    Parameters
    ----------
    transform
        3 × 3 homography from (column, row) to (x, y) in working px.
    places
        Column and row of every candidate that belongs to it.
    rings
        The map of rings in which it was found.
    """

    transform: Points
    places: npt.NDArray[np.int64]
    rings: RingMap


@dataclass(frozen=True, eq=False)
class Window:
    """One plate format laid over a lattice.

    Parameters
    ----------
    wells
        Number of wells of the format.
    rows, columns
        As they lie in the picture.
    transform
        From (column, row), counted from 0 within the window, to (x, y) in working px.
    excess
        Support beyond chance of every well, ``(rows, columns)``.
    radius_per_pitch
        Of the rings in which it was found.
    """

    wells: int
    rows: int
    columns: int
    transform: Points
    excess: Points
    radius_per_pitch: float

    @property
    def score(self) -> float:
        """How far the wells stand out of chance together; grows with their number."""
        return float((self.excess.clip(-0.2, 0.8).mean() - 0.2) * self.wells**0.5)

    @property
    def middle(self) -> Points:
        """Where the middle of the window lies, in working px."""
        return project(self.transform, [((self.columns - 1) / 2, (self.rows - 1) / 2)])[0]

    @property
    def support(self) -> float:
        """Mean support of the wells, where none counts for more than a clear one."""
        return float(self.excess.clip(0.0, 0.8).mean())

    @property
    def faintest_line(self) -> float:
        """Mean support of the row or column that is seen worst."""
        support = self.excess.clip(0.0, 0.8)
        return float(min(support.mean(axis=0).min(), support.mean(axis=1).min()))

    @property
    def complete(self) -> bool:
        """Whether nearly all wells are seen, and no row or column far worse than the rest."""
        seen = float((self.excess > _SEEN).mean())
        return seen >= _COMPLETE and self.faintest_line >= _FAINTEST_LINE * self.support


def project(transform: Points, places: npt.ArrayLike) -> Points:
    """Points ``(n, 2)`` through a homography.

    Examples
    --------
    >>> project(np.diag([2.0, 3.0, 1.0]), [[1, 1]]).tolist()
    [[2.0, 3.0]]
    """
    flat = np.asarray(places, float).reshape(-1, 2)
    moved = np.column_stack([flat, np.ones(len(flat))]) @ transform.T
    return np.asarray(moved[:, :2] / moved[:, 2:])


def fit_transform(places: npt.ArrayLike, points: Points, slant: bool) -> Points:
    """The affine map, or with a slant the homography, from lattice places to points."""
    flat = np.asarray(places, float).reshape(-1, 2)
    if slant:
        found, _ = cv2.findHomography(flat, points, 0)
        if found is not None:
            return np.asarray(found, float)
    design = np.column_stack([flat, np.ones(len(flat))])
    solved = np.linalg.lstsq(design, points, rcond=None)[0]
    return np.vstack([solved.T, [0.0, 0.0, 1.0]])


def pitch_of(transform: Points, rows: int, columns: int) -> float:
    """Mean distance between neighbouring places of a window, in working px."""
    grid = project(transform, [(c, r) for r in range(rows) for c in range(columns)])
    shaped = grid.reshape(rows, columns, 2)
    steps = [np.linalg.norm(np.diff(shaped, axis=axis), axis=2).ravel() for axis in (0, 1)]
    return float(np.concatenate(steps).mean())


def grow_lattices(rings: RingMap) -> Iterator[Lattice]:
    """The lattices that the candidates of one radius form, the likeliest first."""
    keep = rings.strengths > max(0.18, rings.usual + 0.08)
    points, strengths = rings.points[keep], rings.strengths[keep]
    if len(points) < 4:
        return
    for basis, seeds in _bases(points, strengths, rings.radius):
        taken: set[int] = set()
        for seed in seeds:
            if seed in taken:
                continue
            transform, places, members = _grow(points, strengths, seed, basis)
            taken.update(members.tolist())
            if len(places) >= 4:
                yield Lattice(transform, places, rings)


def _bases(points: Points, strengths: Points, radius: float) -> Iterator[tuple[Points, list[int]]]:
    """Steps from one column to the next that many pairs share, with candidates to start from."""
    first, second = np.triu_indices(len(points), 1)
    steps = points[second] - points[first]
    distance = np.linalg.norm(steps, axis=1)
    near = (distance > NARROWEST_PITCH * radius) & (distance < WIDEST_PITCH * radius)
    first, second, steps, distance = first[near], second[near], steps[near], distance[near]
    if not len(distance):
        return
    angle = np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) % 90.0
    width = np.log(distance / (NARROWEST_PITCH * radius))
    votes = _histogram(width, angle, np.minimum(strengths[first], strengths[second]).clip(0, 0.6))
    for _ in range(3):
        best = np.unravel_index(int(votes.argmax()), votes.shape)
        if votes[best] <= 0:
            return
        votes[max(best[0] - 2, 0) : best[0] + 3, np.arange(best[1] - 2, best[1] + 3) % 30] = 0
        turned = (angle - (best[1] + 0.5) * _ANGLE_BIN + 45.0) % 90.0 - 45.0
        member = (np.abs(turned) < 1.5 * _ANGLE_BIN) & (
            np.abs(width - (best[0] + 0.5) * _DISTANCE_BIN) < 1.5 * _DISTANCE_BIN
        )
        if member.sum() < 3:
            continue
        towards = np.radians((best[1] + 0.5) * _ANGLE_BIN + np.median(turned[member]))
        if towards > np.pi / 4:
            towards -= np.pi / 2
        step = np.median(distance[member]) * np.array([np.cos(towards), np.sin(towards)])
        degree = np.bincount(np.concatenate([first[member], second[member]]), minlength=len(points))
        order = np.argsort(-(degree + strengths.clip(0, 0.99)), kind="stable")
        yield step, [int(seed) for seed in order[:3] if degree[seed]]


def _histogram(width: Points, angle: Points, weight: Points) -> Points:
    """Votes for distance and direction, smoothed; directions go round."""
    bins = int(np.ceil(np.log(WIDEST_PITCH / NARROWEST_PITCH) / _DISTANCE_BIN))
    columns = np.minimum((angle / _ANGLE_BIN).astype(int), 29)
    rows = np.minimum((width / _DISTANCE_BIN).astype(int), bins - 1)
    votes = np.zeros((bins, 30))
    np.add.at(votes, (rows, columns), weight)
    votes = votes + 0.5 * (np.roll(votes, 1, 1) + np.roll(votes, -1, 1))
    padded = np.pad(votes, ((1, 1), (0, 0)))
    return votes + 0.5 * (padded[:-2] + padded[2:])


def _grow(
    points: Points, strengths: Points, seed: int, step: Points
) -> tuple[Points, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Add the neighbours of what belongs to the lattice until nothing is added."""
    down = np.array([-step[1], step[0]])
    transform = np.column_stack([np.append(step, 0), np.append(down, 0), [*points[seed], 1.0]])
    places, members = np.zeros((1, 2), np.int64), np.array([seed])
    for _ in range(_ROUNDS):
        new_places, new_members = _assigned(points, strengths, transform, places)
        if len(new_members) <= len(members) and len(members) > 1:
            break
        places, members = new_places, new_members
        spread = places.max(axis=0) - places.min(axis=0) + 1
        if len(members) >= 5 and spread.min() >= 2:
            slant = len(members) >= 12 and bool(spread.min() >= 3)
            transform = fit_transform(places, points[members], slant)
        elif len(members) < 2:
            break
    return transform, places, members


def _assigned(
    points: Points, strengths: Points, transform: Points, places: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Candidates on lattice places next to those that are taken; one candidate per place."""
    lattice = project(np.asarray(np.linalg.inv(transform), float), points)
    nearest = np.rint(lattice).astype(np.int64)
    off = np.linalg.norm(lattice - nearest, axis=1)
    apart = np.abs(nearest[:, None, :] - places[None, :, :]).max(axis=2).min(axis=1)
    order = np.argsort(off - 0.2 * strengths.clip(0, 1), kind="stable")
    chosen: dict[tuple[int, int], int] = {}
    for index in order:
        if off[index] < _REACH and apart[index] <= 1:
            chosen.setdefault((int(nearest[index, 0]), int(nearest[index, 1])), int(index))
    keys = sorted(chosen)
    return np.array(keys, np.int64).reshape(-1, 2), np.array([chosen[k] for k in keys], np.int64)


def windows(
    lattice: Lattice, formats: Mapping[int, tuple[int, int]], size: tuple[int, int]
) -> Iterator[Window]:
    """Every format at every place of a lattice whose wells lie in the picture.

    Parameters
    ----------
    lattice
        The lattice.
    formats
        Rows and columns by the number of wells; both ways of lying are tried.
    size
        Height and width of the working picture.
    """
    low, high = lattice.places.min(axis=0) - 2, lattice.places.max(axis=0) + 2
    columns, rows = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    places = np.stack([columns, rows], axis=-1)
    points = project(lattice.transform, places)
    slack = 0.6 * lattice.rings.radius
    limits = np.array([size[1] - 1, size[0] - 1]) - slack
    within = (points >= slack) & (points <= limits)
    visible = np.asarray(within.all(axis=1), bool).reshape(columns.shape)
    excess = lattice.rings.excess(points).reshape(columns.shape)
    for wells, shape in formats.items():
        for lying in (shape, shape[::-1]):
            for top, left in _promising(excess, visible, lying):
                part = excess[top : top + lying[0], left : left + lying[1]]
                yield _window(lattice, wells, part, np.array([left, top]) + low)


def _promising(
    excess: Points, visible: npt.NDArray[np.bool_], lying: tuple[int, int]
) -> list[list[int]]:
    """Top and left of every window that is visible, and seen well enough to be looked at."""
    if excess.shape[0] < lying[0] or excess.shape[1] < lying[1]:
        return []
    views = sliding_window_view(excess, lying)
    mean = views.clip(-0.2, 0.8).mean(axis=(2, 3))
    seen = (views > _SEEN).mean(axis=(2, 3))
    whole = sliding_window_view(visible, lying).all(axis=(2, 3))
    found: list[list[int]] = np.argwhere(whole & (mean > FAINTEST) & (seen >= _COMPLETE)).tolist()
    return found


def _window(lattice: Lattice, wells: int, excess: Points, start: npt.NDArray[np.int64]) -> Window:
    shift = np.array([[1.0, 0, start[0]], [0, 1, start[1]], [0, 0, 1]])
    transform = lattice.transform @ shift
    rows, columns = excess.shape
    pitch = pitch_of(transform, rows, columns)
    return Window(wells, rows, columns, transform, excess, lattice.rings.radius / pitch)
