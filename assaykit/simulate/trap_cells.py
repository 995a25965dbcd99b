"""Shapes of TRAP-positive cells, before they are drawn.

A cell is a union of limbs (tapered capsules) with nuclei, vacuoles and optical densities. All
lengths are in µm, and places are relative to the middle of the cell. Sizes and shapes follow a
brightfield picture of a culture at 0.76 µm/px.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Random = np.random.Generator

_NO_ROUNDS: Array = np.zeros((0, 3))


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell as it is going to be drawn.

    Parameters
    ----------
    limbs
        One row ``(x0, y0, radius0, x1, y1, radius1)`` per limb.
    nuclei, vacuoles
        One row ``(x, y, radius)`` each.
    hairs
        One row ``(x0, y0, x1, y1)`` per filopodium; they do not belong to the area of the cell.
    dense_od, margin_od
        |OD| of the cytoplasm around the nuclei and away from them.
    zone_um
        How far the dense cytoplasm reaches from the nuclei.
    roughness_um
        How uneven the outline is.
    ruffle_od
        |OD| that is added along the edge.
    mottling
        Relative unevenness of the cytoplasm.
    nucleus_contrast
        Share by which nuclei are lighter than the cytoplasm around.
    fade_um
        Width over which the cytoplasm fades towards the edge; uneven.
    hollow_um
        Width of a dense edge around a pale middle; 0 has none.
    """

    limbs: Array
    nuclei: Array
    dense_od: float
    margin_od: float
    zone_um: float
    roughness_um: float = 0.5
    ruffle_od: float = 0.0
    mottling: float = 0.12
    nucleus_contrast: float = 0.45
    fade_um: float = 0.0
    hollow_um: float = 0.0
    vacuoles: Array = field(default_factory=_NO_ROUNDS.copy)
    hairs: Array = field(default_factory=lambda: np.zeros((0, 4)))

    @property
    def reach_um(self) -> float:
        """Half the side of a square around the middle that holds the whole cell."""
        ends = self.limbs.reshape(-1, 3)
        reach = (np.abs(ends[:, :2]).max(axis=1) + ends[:, 2]).max()
        hairs = np.abs(self.hairs).max() if self.hairs.size else 0.0
        return float(max(reach, hairs) + 4 * self.roughness_um + 3)

    def stained(self, factor: float) -> Cell:
        """The same cell with another strength of stain."""
        return replace(
            self,
            dense_od=self.dense_od * factor,
            margin_od=self.margin_od * factor,
            ruffle_od=self.ruffle_od * factor,
        )


def round_cell(rng: Random) -> Cell:
    """A round, dark mononuclear cell of 9 to 14 µm, some with filopodia."""
    radius = rng.uniform(4.4, 6.6)
    turn, stretch = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 2.0)
    x, y = stretch * np.cos(turn), stretch * np.sin(turn)
    limbs = np.array([[-x, -y, radius - stretch / 2, x, y, radius - stretch / 2]])
    dark = rng.uniform(1.1, 1.7) if rng.random() < 0.4 else rng.uniform(0.65, 1.0)
    return Cell(
        limbs=limbs,
        nuclei=_one_nucleus(rng, radius * rng.uniform(0.45, 0.65)),
        dense_od=dark,
        margin_od=dark,
        zone_um=20.0,
        roughness_um=0.25,
        ruffle_od=dark * rng.uniform(0.1, 0.5),
        mottling=0.10,
        nucleus_contrast=rng.uniform(0.15, 0.6),
        hairs=_hairs(rng, rng.poisson(1.2), radius, 4.0),
    )


def spindle_cell(rng: Random) -> Cell:
    """A mononuclear cell with one or two long arms that may end in a foot."""
    radius = rng.uniform(3.6, 5.2)
    turn = rng.uniform(0, 2 * np.pi)
    body = radius * np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(0.4, 1.2)
    limbs = [[*-body, 0.8 * radius, *body, 0.8 * radius]]
    arms = [turn, turn + np.pi + rng.normal(0, 0.3)][: 1 if rng.random() < 0.35 else 2]
    for heading in arms:
        length = rng.gamma(3.0, 6.0) + 5
        arm = _arm(rng, heading, 0.75 * radius, length, rng.uniform(1.0, 1.7))
        foot = rng.random() < 0.3
        limbs += arm + (_fan(rng, np.array(arm[-1][3:5]), heading, rng.uniform(1.5, 3)) * foot)
    dense = rng.uniform(0.7, 1.2)
    return Cell(
        limbs=np.array(limbs),
        nuclei=_one_nucleus(rng, radius * rng.uniform(0.6, 0.8)),
        dense_od=dense,
        margin_od=dense * rng.uniform(0.35, 0.8),
        zone_um=radius * 1.5,
        roughness_um=0.35,
        ruffle_od=dense * rng.uniform(0.1, 0.4),
        mottling=0.2,
        nucleus_contrast=rng.uniform(0.3, 0.6),
        hairs=_hairs(rng, rng.poisson(0.7), radius, 5.0),
    )


def stellate_cell(rng: Random) -> Cell:
    """A mononuclear cell with two to five arms, often with a pale, ragged veil."""
    radius = rng.uniform(5.0, 8.0)
    limbs = [[0.0, 0.0, radius, 0.5, 0.5, 0.9 * radius]]
    count = int(rng.integers(2, 6))
    first = rng.uniform(0, 2 * np.pi)
    for i in range(count):
        heading = first + 2 * np.pi * i / count + rng.normal(0, 0.6)
        length = rng.gamma(1.3, 7.0) + radius
        limbs += _taper(
            rng, heading, (rng.uniform(0.5, 0.95) * radius, rng.uniform(0.7, 2.2)), length
        )
    veiled = rng.random() < 0.6
    for _ in range(1 + (rng.random() < 0.4) if veiled else 0):
        heading = rng.uniform(0, 2 * np.pi)
        start = 0.8 * radius * np.array([np.cos(heading), np.sin(heading)])
        limbs += _fan(rng, start, heading, rng.uniform(5, 10))
    dense = rng.uniform(0.7, 1.5)
    return Cell(
        limbs=np.array(limbs),
        nuclei=_one_nucleus(rng, rng.uniform(3.4, 4.6)),
        dense_od=dense,
        margin_od=rng.uniform(0.16, 0.34) if veiled else dense * rng.uniform(0.4, 0.75),
        zone_um=rng.uniform(3, 7),
        roughness_um=0.6,
        ruffle_od=rng.uniform(0.1, 0.35),
        mottling=0.3,
        nucleus_contrast=rng.uniform(0.25, 0.55),
        fade_um=rng.uniform(0, 3) if veiled else 0.0,
        hairs=_hairs(rng, rng.poisson(2.5), radius, 6.0),
    )


def pale_cell(rng: Random) -> Cell:
    """A mononuclear cell that is pale and spread, with a fringed edge."""
    radius = rng.uniform(9, 16)
    limbs = _lobes(rng, radius, int(rng.integers(3, 7)), 0.9)
    dense = rng.uniform(0.25, 0.65)
    return Cell(
        limbs=limbs,
        nuclei=_one_nucleus(rng, rng.uniform(3.8, 5.0), rng.uniform(0, 0.25 * radius)),
        dense_od=dense,
        margin_od=rng.uniform(0.10, 0.24),
        zone_um=rng.uniform(4, 8),
        roughness_um=1.6,
        ruffle_od=rng.uniform(0.0, 0.2),
        mottling=0.30,
        nucleus_contrast=0.4,
        fade_um=rng.uniform(0, 6),
        vacuoles=_scattered(rng, rng.poisson(0.7), radius * 0.7, (1.5, 3.0)),
        hairs=_hairs(rng, rng.poisson(6.0), radius, 6.0),
    )


def binucleate(cell: Cell, rng: Random) -> Cell:
    """The same cell with a second nucleus beside the first: still no osteoclast."""
    x, y, radius = cell.nuclei[0]
    turn = rng.uniform(0, 2 * np.pi)
    small = 0.85 * radius
    shift = 1.05 * small * np.array([np.cos(turn), np.sin(turn)])
    nuclei = np.array([[x + shift[0], y + shift[1], small], [x - shift[0], y - shift[1], small]])
    bridge = [[*nuclei[0][:2], small + 1.8, *nuclei[1][:2], small + 1.8]]
    return replace(cell, nuclei=nuclei, limbs=np.concatenate([cell.limbs, bridge]))


def compact_osteoclast(rng: Random, nuclei: int) -> Cell:
    """Dark and lobed, the nuclei crowded in the middle."""
    dense_radius = np.sqrt(nuclei * rng.uniform(95, 150) / np.pi)
    half = rng.uniform(0.2, 0.6) * dense_radius
    turn = rng.uniform(0, np.pi)
    x, y = half * np.cos(turn), half * np.sin(turn)
    core = np.array([[-x, -y, 0.85 * dense_radius, x, y, 0.85 * dense_radius]])
    lobes = _lobes(rng, 1.2 * dense_radius, int(rng.integers(3, 6)), 0.6)
    heading = rng.uniform(0, 2 * np.pi)
    edge = dense_radius * np.array([np.cos(heading), np.sin(heading)])
    veil = np.array(_fan(rng, edge, heading, dense_radius * rng.uniform(0.4, 0.9)))
    dense = rng.uniform(0.6, 1.0)
    return Cell(
        limbs=np.concatenate([core, lobes, veil]),
        nuclei=_crowded(rng, nuclei, core),
        dense_od=dense,
        margin_od=dense * rng.uniform(0.25, 0.5),
        zone_um=rng.uniform(6, 10),
        roughness_um=1.4,
        ruffle_od=rng.uniform(0.05, 0.2),
        mottling=0.3,
        nucleus_contrast=rng.uniform(0.3, 0.5),
        fade_um=rng.uniform(0, 4),
        vacuoles=_scattered(rng, rng.poisson(nuclei / 6), dense_radius, (1.5, 3.5)),
        hairs=_hairs(rng, rng.poisson(4), 1.4 * dense_radius, 8.0),
    )


def branched_osteoclast(rng: Random, nuclei: int) -> Cell:
    """V- or Y-shaped: dark arms with nuclei in file, pale fans at their ends."""
    size = np.sqrt(nuclei) * rng.uniform(0.85, 1.15)
    first, bend = rng.uniform(0, 2 * np.pi), rng.uniform(1.5, 2.7)
    headings = [first, first + bend]
    if nuclei > 8 and rng.random() < 0.4:
        headings.append(first + bend + rng.uniform(1.3, 2.0))
    core, fans = [], []
    for heading in headings:
        length = size * rng.uniform(11, 17)
        arm = _arm(rng, heading, size * rng.uniform(2.2, 3.0) + 2, length, size * 2.0 + 2)
        core += arm
        fans += _fan(rng, np.array(arm[-1][3:5]), heading, size * rng.uniform(3.5, 7.0))
    dense = rng.uniform(0.5, 0.95)
    return Cell(
        limbs=np.array(core + fans),
        nuclei=_crowded(rng, nuclei, np.array(core)),
        dense_od=dense,
        margin_od=rng.uniform(0.10, 0.2),
        zone_um=rng.uniform(6, 11),
        roughness_um=1.6,
        ruffle_od=0.04,
        mottling=0.26,
        nucleus_contrast=rng.uniform(0.3, 0.5),
        fade_um=rng.uniform(4, 12),
        vacuoles=_beside(rng, rng.poisson(nuclei / 2), np.array(fans), (1.2, 4.0)),
        hairs=_hairs(rng, rng.poisson(2), 8 * size, 15.0),
    )


def spread_osteoclast(rng: Random, nuclei: int) -> Cell:
    """A dense nuclear zone off the middle of a wide, pale, uneven sheet."""
    dense_radius = np.sqrt(nuclei * rng.uniform(100, 160) / np.pi)
    sheet = _lobes(rng, dense_radius * rng.uniform(1.5, 1.9), int(rng.integers(4, 8)), 0.7)
    x, y = rng.normal(0, 0.3 * dense_radius, 2)
    turn = rng.uniform(0, 2 * np.pi)
    dx, dy = 0.5 * dense_radius * np.cos(turn), 0.5 * dense_radius * np.sin(turn)
    radius = 0.72 * dense_radius
    core = np.array([[x - dx, y - dy, radius, x + dx, y + dy, radius]])
    dense = rng.uniform(0.45, 0.9)
    return Cell(
        limbs=np.concatenate([core, sheet]),
        nuclei=_crowded(rng, nuclei, core),
        dense_od=dense,
        margin_od=rng.uniform(0.10, 0.18),
        zone_um=rng.uniform(6, 12),
        roughness_um=1.8,
        ruffle_od=0.05,
        mottling=0.26,
        nucleus_contrast=rng.uniform(0.3, 0.5),
        fade_um=rng.uniform(3, 10),
        vacuoles=_beside(rng, rng.poisson(nuclei / 2 + 1), sheet, (1.2, 4.0)),
        hairs=_hairs(rng, rng.poisson(6), 1.9 * dense_radius, 9.0),
    )


def hollow_osteoclast(rng: Random, nuclei: int) -> Cell:
    """As whole-well photographs show them: very dark, or dark around a pale purple middle."""
    radius = rng.uniform(48, 110)
    limbs = _lobes(rng, radius, int(rng.integers(3, 7)), 0.45)
    core = np.array([[-0.2 * radius, 0.0, 0.6 * radius, 0.2 * radius, 0.0, 0.6 * radius]])
    pale = rng.random() < 0.6
    return Cell(
        limbs=np.concatenate([core, limbs]),
        nuclei=_crowded(rng, nuclei, core),
        dense_od=rng.uniform(0.75, 1.1),
        margin_od=rng.uniform(0.2, 0.4) if pale else rng.uniform(0.6, 0.9),
        zone_um=1.0,
        roughness_um=4.0,
        mottling=0.25,
        nucleus_contrast=0.2,
        hollow_um=rng.uniform(10, 22),
        hairs=_hairs(rng, 6, radius, 25.0),
    )


MONONUCLEAR: Mapping[str, Callable[[Random], Cell]] = {
    "round": round_cell,
    "spindle": spindle_cell,
    "stellate": stellate_cell,
    "pale": pale_cell,
}
OSTEOCLASTS: tuple[Callable[[Random, int], Cell], ...] = (
    compact_osteoclast,
    branched_osteoclast,
    spread_osteoclast,
)


def _one_nucleus(rng: Random, radius: float, shift: float = 0.5) -> Array:
    turn = rng.uniform(0, 2 * np.pi)
    return np.array([[shift * np.cos(turn), shift * np.sin(turn), radius]])


def _arm(
    rng: Random, heading: float, start_radius: float, length: float, end_radius: float
) -> list[list[float]]:
    """Three limbs that bend a little and end in a foot."""
    limbs, place, radius = [], np.zeros(2), start_radius
    waist = max(min(start_radius, end_radius) * rng.uniform(0.7, 1.0), 0.9)
    for width in (waist, 0.9 * waist, end_radius):
        heading += rng.normal(0, 0.22)
        end = place + length / 3 * np.array([np.cos(heading), np.sin(heading)])
        limbs.append([*place, radius, *end, width])
        place, radius = end, width
    return limbs


def _taper(
    rng: Random, heading: float, radii: tuple[float, float], length: float
) -> list[list[float]]:
    """A pointed arm of two limbs with a bend."""
    start, end = radii
    middle = 0.5 * length * np.array([np.cos(heading), np.sin(heading)])
    heading += rng.normal(0, 0.4)
    tip = middle + 0.5 * length * np.array([np.cos(heading), np.sin(heading)])
    width = end + (start - end) * rng.uniform(0.15, 0.4)
    return [[0.0, 0.0, start, *middle, width], [*middle, width, *tip, end]]


def _lobes(rng: Random, radius: float, count: int, reach: float) -> Array:
    """Limbs that radiate from the middle, unequal in length and width."""
    limbs = [[0.0, 0.0, 0.8 * radius, 0.1 * radius, 0.0, 0.8 * radius]]
    first = rng.uniform(0, 2 * np.pi)
    for i in range(count):
        heading = first + 2 * np.pi * i / count + rng.normal(0, 0.3)
        blunt = rng.uniform(0.05, 0.5)
        length = radius * (0.65 + reach * rng.gamma(2.0, 0.45) * (1.1 - 1.6 * blunt))
        place = length * np.array([np.cos(heading), np.sin(heading)])
        bend = 0.55 * place + 0.12 * radius * rng.normal(0, 1, 2)
        middle = radius * (0.3 * rng.uniform(0.5, 1.0) + 0.5 * blunt)
        limbs.append([0.0, 0.0, radius * rng.uniform(0.35, 0.7), *bend, middle])
        limbs.append([*bend, middle, *place, radius * blunt])
    return np.array(limbs)


def _fan(rng: Random, start: Array, heading: float, width: float) -> list[list[float]]:
    """A pale sheet at the end of an arm."""
    limbs = []
    for turn in rng.normal(0, 0.45, 5):
        length = width * rng.uniform(0.6, 2.0)
        end = start + length * np.array([np.cos(heading + turn), np.sin(heading + turn)])
        limbs.append([*start, 0.6 * width, *end, width * rng.uniform(0.15, 0.5)])
    return limbs


def _hairs(rng: Random, count: int, radius: float, length: float) -> Array:
    turn = rng.uniform(0, 2 * np.pi, count)
    end_turn = turn + rng.normal(0, 0.3, count)
    inner, outer = 0.6 * radius, radius + rng.gamma(2.0, length / 2, count)
    return np.stack(
        [
            inner * np.cos(turn),
            inner * np.sin(turn),
            outer * np.cos(end_turn),
            outer * np.sin(end_turn),
        ],
        axis=1,
    )


def _scattered(rng: Random, count: int, reach: float, radii: tuple[float, float]) -> Array:
    turn, distance = rng.uniform(0, 2 * np.pi, count), reach * np.sqrt(rng.uniform(0, 1, count))
    radius = rng.uniform(*radii, count)
    return np.stack([distance * np.cos(turn), distance * np.sin(turn), radius], axis=1)


def _beside(rng: Random, count: int, limbs: Array, radii: tuple[float, float]) -> Array:
    """Rounds within limbs, away from their edges."""
    chosen = limbs[rng.integers(0, len(limbs), count)]
    share = rng.uniform(0.1, 0.9, (count, 1))
    middle = chosen[:, :2] + share * (chosen[:, 3:5] - chosen[:, :2])
    width = np.minimum(chosen[:, 2], chosen[:, 5])[:, None]
    places = middle + width * rng.uniform(-0.6, 0.6, (count, 2))
    return np.concatenate([places, rng.uniform(*radii, (count, 1))], axis=1)


def _crowded(rng: Random, count: int, limbs: Array) -> Array:
    """Exactly ``count`` nuclei of 7 to 10 µm within limbs, apart unless there is no room."""
    lengths = np.hypot(*(limbs[:, 3:5] - limbs[:, :2]).T) + limbs[:, 2]
    nuclei: list[Array] = []
    apart, tries = 1.0, 0
    while len(nuclei) < count:
        limb = limbs[rng.choice(len(limbs), p=lengths / lengths.sum())]
        share, radius = rng.uniform(0, 1), rng.uniform(3.5, 5.0)
        room = max(limb[2] + share * (limb[5] - limb[2]) - radius - 0.8, 0.0)
        turn, distance = rng.uniform(0, 2 * np.pi), room * np.sqrt(rng.uniform(0, 1))
        place = limb[:2] + share * (limb[3:5] - limb[:2])
        place = place + distance * np.array([np.cos(turn), np.sin(turn)])
        if all(
            np.hypot(*(place - other[:2])) > apart * (radius + other[2] + 0.6) for other in nuclei
        ):
            nuclei.append(np.array([*place, radius]))
        tries += 1
        if tries % 150 == 0:
            apart *= 0.93
    return np.array(nuclei)
