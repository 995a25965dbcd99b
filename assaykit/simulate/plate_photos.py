"""Photographs and scans of multiwell plates of which every well's place is known.

A plate is drawn lying flat, with rims, walls, bottoms and stain, and is then seen through a
homography: turned, at a slant, near or far. Light, glare, blur, noise and JPEG come last, as in a
camera. Sizes are those of SBS plates; the ratio of a well's width to the pitch varies as it does
between makers.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError
from assaykit.plate import PLATE_FORMATS

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

DRAWN_PLATES = (6, 12, 24, 48, 96)
FOOTPRINT_MM = (127.76, 85.48)
CONTENTS = ("clear", "even", "half_moon", "plaques", "clouds", "mixed")
BENCHES = ("light", "dark", "wood")
_STAINS = np.array([(96, 40, 140), (150, 40, 40), (190, 70, 40), (40, 70, 150), (200, 190, 60)])
_MARGIN_MM = 14.0
_RIB = (165.0,) * 3
_RIMS = {6: 1.08, 12: 1.12, 24: 1.12, 48: 1.17, 96: 1.17}  # outer radius of a rim per inner one


@dataclass(frozen=True)
class Shot:
    """How a plate is photographed.

    Parameters
    ----------
    wells
        Format of the plate: 6, 12, 24, 48 or 96.
    size_px
        Height and width of the picture.
    fill
        Length of the plate as a share of what would fill the picture.
    turn_degrees
        Turned clockwise from lying lengthwise.
    slant
        Perspective: by how much the far edge is shorter than the near one.
    parallax
        By how much the rims seem larger and farther from the middle than the bottoms, because
        they are nearer to the camera; 0 for a scan.
    bench
        ``light`` (a light pad), ``dark`` or ``wood``.
    opaque
        A plate with black walls instead of a transparent one.
    content
        What the wells hold: one of ``CONTENTS``.
    depth
        How deep the stain is, from 0 to 1.
    glare, shadow
        Strength of reflections and of the fall-off of light, from 0 to 1.
    blur_px, noise, jpeg
        Standard deviations in px and in grey levels, and the quality of the JPEG.
    seed
        Reproduces everything.
    """

    wells: int = 24
    size_px: tuple[int, int] = (1200, 1600)
    fill: float = 0.8
    turn_degrees: float = 0.0
    slant: float = 0.0
    parallax: float = 0.02
    bench: str = "light"
    opaque: bool = False
    content: str = "even"
    depth: float = 0.6
    glare: float = 0.3
    shadow: float = 0.2
    blur_px: float = 1.0
    noise: float = 3.0
    jpeg: int = 85
    seed: int = 1


@dataclass(frozen=True, eq=False)
class PlatePhoto:
    """A simulated picture with its truth.

    Parameters
    ----------
    image
        RGB ``(height, width, 3)``.
    rows, columns
        As they lie in the picture.
    centres
        ``(rows, columns, 2)``: x and y of every well's bottom in px, the centre of pixel 0
        being 0.0.
    radius
        ``(rows, columns)``: mean radius of every well's bottom in px.
    um_per_px
        Mean over the plate.
    """

    image: Bytes
    rows: int
    columns: int
    centres: npt.NDArray[np.float64]
    radius: npt.NDArray[np.float64]
    um_per_px: float


def plate_photo(shot: Shot) -> PlatePhoto:
    """Photograph one plate.

    Raises
    ------
    UsageError
        The format, the bench or the content is unknown.

    Examples
    --------
    >>> photo = plate_photo(Shot(wells=6, size_px=(300, 400)))
    >>> photo.image.shape, photo.rows, photo.columns
    ((300, 400, 3), 2, 3)
    """
    _check(shot)
    random = np.random.default_rng(shot.seed)
    px_per_mm = 1.25 * shot.fill * max(shot.size_px) / FOOTPRINT_MM[0]
    colour, cover, spots, radius_mm = _flat_plate(shot, px_per_mm, random)
    view = _view(shot, px_per_mm)
    size = (shot.size_px[1], shot.size_px[0])
    bench = _bench(shot, random)
    seen = cv2.warpPerspective(colour.astype(np.float32), view, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(cover, view, size, flags=cv2.INTER_LINEAR)[..., None]
    scene = bench * (1 - mask) + _light_from(seen, bench, shot) * mask
    return _truth(
        shot, _camera(scene, shot, random), view, spots * px_per_mm, radius_mm * px_per_mm
    )


def _light_from(seen: Floats, bench: Floats, shot: Shot) -> Floats:
    """What the camera sees of the plate: through it, and on a dark bench what it scatters."""
    if shot.opaque:
        return seen
    through = bench * (seen / 255.0)
    if shot.bench != "dark":
        return through
    grey = seen.mean(axis=2, keepdims=True)
    return np.asarray(through + 0.55 * (240.0 - grey).clip(0, 255) + 0.06 * seen, np.float32)


def _check(shot: Shot) -> None:
    for value, known, what in (
        (shot.wells, DRAWN_PLATES, "format"),
        (shot.bench, BENCHES, "bench"),
        (shot.content, CONTENTS, "content"),
    ):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}: use one of {known}")


def _flat_plate(
    shot: Shot, px_per_mm: float, random: np.random.Generator
) -> tuple[Bytes, Floats, npt.NDArray[np.float64], float]:
    """The plate from above: what it lets through (0 to 255), where it is, and its wells in mm."""
    plate = PLATE_FORMATS[shot.wells]
    rows, columns = plate.rows, plate.columns
    pitch = plate.pitch_mm * random.uniform(0.985, 1.0)
    radius = plate.diameter_mm / 2 * random.uniform(0.97, 1.02)
    width, height = FOOTPRINT_MM[0] + 2 * _MARGIN_MM, FOOTPRINT_MM[1] + 2 * _MARGIN_MM
    shape = (round(height * px_per_mm), round(width * px_per_mm))
    base = np.full((*shape, 3), 28 if shot.opaque else 236, np.uint8)
    cover = _frame(base, shot, px_per_mm)
    start = np.array([width - (columns - 1) * pitch, height - (rows - 1) * pitch]) / 2
    grid = np.array([[(c, r) for c in range(columns)] for r in range(rows)], float)
    spots = start + pitch * grid
    _marks(base, spots, pitch, px_per_mm, random)
    for x, y in spots.reshape(-1, 2) * px_per_mm:
        _well(base, (x, y), radius * px_per_mm, _content(shot, random), shot, random)
    return base, cover, spots, radius


def _frame(base: Bytes, shot: Shot, px_per_mm: float) -> Floats:
    """Draw the outer wall and the skirt; give where the plate is."""
    cover = np.zeros(base.shape[:2], np.float32)
    low = round(_MARGIN_MM * px_per_mm)
    high = (base.shape[1] - low, base.shape[0] - low)
    cv2.rectangle(cover, (low, low), high, 1.0, -1)
    wall = (60.0,) * 3 if shot.opaque else (150.0,) * 3
    for inset, shade in ((0.4, wall), (2.2, (190.0,) * 3), (5.0, wall)):
        a = round((_MARGIN_MM + inset) * px_per_mm)
        far = (base.shape[1] - a, base.shape[0] - a)
        cv2.rectangle(base, (a, a), far, shade, max(1, round(0.8 * px_per_mm)), cv2.LINE_AA)
    return cover


def _marks(
    base: Bytes,
    spots: npt.NDArray[np.float64],
    pitch: float,
    px_per_mm: float,
    random: np.random.Generator,
) -> None:
    """Moulding marks between wells, ribs, and letters."""
    between = (spots[:-1, :-1] + pitch / 2).reshape(-1, 2) * px_per_mm
    for x, y in between:
        if pitch > 15 and random.random() < 0.7:
            size = round(0.11 * pitch * px_per_mm)
            cv2.circle(base, (round(x), round(y)), size, (205.0,) * 3, 1, cv2.LINE_AA)
    thickness = max(1, round(0.6 * px_per_mm))
    edge = round(_MARGIN_MM * px_per_mm)
    first = tuple(round(value) for value in spots[0, 0] * px_per_mm)
    for x in np.rint(spots[0, :, 0] * px_per_mm).astype(int).tolist():
        cv2.line(base, (x, edge), (x, first[1]), _RIB, thickness)
    for number, y in enumerate(np.rint(spots[:, 0, 1] * px_per_mm).astype(int).tolist()):
        cv2.line(base, (edge, y), (first[0], y), _RIB, thickness)
        place = (round(first[0] - 0.62 * pitch * px_per_mm), y)
        height = 0.12 * px_per_mm
        cv2.putText(base, "ABCDEFGH"[number], place, 0, height, (90.0,) * 3, 1, cv2.LINE_AA)


def _content(shot: Shot, random: np.random.Generator) -> str:
    if shot.content == "mixed":
        return CONTENTS[int(random.integers(0, 5))]
    return shot.content if random.random() > 0.08 else "clear"


def _well(
    base: Bytes,
    centre: tuple[float, float],
    radius: float,
    content: str,
    shot: Shot,
    random: np.random.Generator,
) -> None:
    """One well: rim and wall around it, bottom with its stain, an arc of reflection."""
    shift = 16
    place = (round(centre[0] * shift), round(centre[1] * shift))
    rim = _RIMS[shot.wells]

    middle = np.array([base.shape[1], base.shape[0]]) / 2
    top = np.array(centre) + shot.parallax * (np.array(centre) - middle)
    upper = (round(top[0] * shift), round(top[1] * shift))

    def disc(factor: float, shade: tuple[float, float, float], width: int = -1) -> None:
        spot, size = (upper, radius * (1 + shot.parallax)) if factor > 1 else (place, radius)
        cv2.circle(base, spot, round(size * factor * shift), shade, width, cv2.LINE_AA, 4)

    thin = max(1, round(0.05 * radius))
    if shot.opaque:
        disc(rim, (75.0,) * 3, thin)
        bottom = np.array([70.0, 70.0, 72.0]) if shot.bench == "dark" else np.array([215.0] * 3)
    else:
        disc(rim, (205.0,) * 3)
        disc(rim, (120.0,) * 3, thin)
        bottom = np.array([238.0, 238.0, 238.0])
    patch, box, inside = _patch(base, centre, radius)
    stained = _stain(inside.shape, radius, bottom, content, shot, random)
    patch = patch * (1 - inside[..., None]) + stained * inside[..., None]
    base[box] = patch.clip(0, 255).astype(np.uint8)
    if not shot.opaque:
        disc(1.0, (150.0,) * 3, max(1, round(0.025 * radius)))
    start = float(random.uniform(0, 360))
    axes = (round(radius * 1.06 * shift),) * 2
    cv2.ellipse(base, upper, axes, 0, start, start + 80, (250.0,) * 3, thin, cv2.LINE_AA, 4)


def _patch(
    base: Bytes, centre: tuple[float, float], radius: float
) -> tuple[Floats, tuple[slice, slice], Floats]:
    """The part of the plate around a well, and how far each pixel is inside the well."""
    reach = int(np.ceil(radius)) + 2
    left, top = round(centre[0]) - reach, round(centre[1]) - reach
    box = (slice(top, top + 2 * reach + 1), slice(left, left + 2 * reach + 1))
    y, x = np.mgrid[box].astype(np.float32)
    away = np.hypot(x - centre[0], y - centre[1])
    return base[box].astype(np.float32), box, np.clip(radius - away + 0.5, 0, 1).astype(np.float32)


def _stain(
    shape: tuple[int, ...],
    radius: float,
    bottom: npt.NDArray[np.float64],
    content: str,
    shot: Shot,
    random: np.random.Generator,
) -> Floats:
    """The colour of a well's bottom."""
    y, x = (np.mgrid[: shape[0], : shape[1]] - (shape[0] - 1) / 2) / radius
    dye = _STAINS[shot.seed % len(_STAINS)] / 255.0
    amount = np.zeros(shape)
    if content == "even":
        amount = 0.8 + 0.2 * np.hypot(x, y) ** 2
    elif content == "half_moon":
        angle = random.uniform(0, 2 * np.pi)
        along = x * np.cos(angle) + y * np.sin(angle)
        amount = 1 / (1 + np.exp(-6 * (along - random.uniform(-0.2, 0.3))))
    elif content == "plaques":
        amount = np.full(shape, 0.85)
        for _ in range(int(random.integers(3, 60))):
            away = np.hypot(x - random.uniform(-0.9, 0.9), y - random.uniform(-0.9, 0.9))
            amount = amount * (1 - 0.9 * (away < random.uniform(0.03, 0.09)))
    elif content == "clouds":
        coarse = random.random((9, 9)).astype(np.float32)
        amount = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC) ** 2 * 1.4
    amount = amount * shot.depth * random.uniform(0.8, 1.2)
    amount = amount * (1 + 0.06 * random.standard_normal(shape))
    return np.asarray(bottom * dye ** amount[..., None].clip(0, 2), np.float32)


def _view(shot: Shot, px_per_mm: float) -> npt.NDArray[np.float64]:
    """From the flat plate to the picture."""
    width = (FOOTPRINT_MM[0] + 2 * _MARGIN_MM) * px_per_mm
    height = (FOOTPRINT_MM[1] + 2 * _MARGIN_MM) * px_per_mm
    angle = np.radians(shot.turn_degrees)
    lean = np.array([[1, 0, 0], [0, 1, 0], [shot.slant * 0.3 / width, shot.slant / height, 1.0]])
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    half = FOOTPRINT_MM[0] / 2 * px_per_mm, FOOTPRINT_MM[1] / 2 * px_per_mm
    across = abs(cos) * half[0] + abs(sin) * half[1]
    down = abs(sin) * half[0] + abs(cos) * half[1]
    zoom = shot.fill * min(shot.size_px[1] / 2 / across, shot.size_px[0] / 2 / down)
    scale = np.diag([zoom, zoom, 1.0])
    place = np.array([[1, 0, shot.size_px[1] / 2], [0, 1, shot.size_px[0] / 2], [0, 0, 1.0]])
    return np.asarray(place @ lean @ scale @ turn @ to_middle)


def _bench(shot: Shot, random: np.random.Generator) -> Floats:
    shade = {"light": (214, 216, 212), "dark": (38, 38, 42), "wood": (150, 112, 76)}[shot.bench]
    bench = np.full((*shot.size_px, 3), shade, np.float32)
    grain = random.standard_normal((shot.size_px[0], 24 if shot.bench == "wood" else 8))
    wide = cv2.resize(grain.astype(np.float32), shot.size_px[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(bench + (9.0 if shot.bench == "wood" else 1.0) * wide[..., None], np.float32)


def _camera(scene: Floats, shot: Shot, random: np.random.Generator) -> Bytes:
    """Light, glare, blur, noise and JPEG."""
    height, width = shot.size_px
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    angle = random.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    fall = 1 - shot.shadow * (along - along.min()) / np.ptp(along)
    edge = along - random.uniform(along.min(), along.max())
    fall = fall * (1 - 0.35 * shot.shadow / (1 + np.exp(-40 * edge)))
    lit = scene * fall[..., None]
    for _ in range(round(4 * shot.glare)):
        spot = random.uniform(0.2, 0.8, 2)
        size = random.uniform(0.01, 0.06)
        away = np.hypot(
            x - spot[0] * width / max(height, width),
            (y - spot[1] * height / max(height, width)) * 1.7,
        )
        lit = lit + (200 * shot.glare * np.exp(-((away / size) ** 2)))[..., None]
    blurred = cv2.GaussianBlur(lit, (0, 0), max(shot.blur_px, 0.1))
    noisy = blurred + shot.noise * random.standard_normal(blurred.shape)
    blue_first = np.ascontiguousarray(noisy.clip(0, 255).astype(np.uint8)[..., ::-1])
    _, packed = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, shot.jpeg])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))[..., ::-1])


def _truth(
    shot: Shot,
    image: Bytes,
    view: npt.NDArray[np.float64],
    spots: npt.NDArray[np.float64],
    radius: float,
) -> PlatePhoto:
    """Where the wells are in the picture, numbered as they lie there."""
    plate = PLATE_FORMATS[shot.wells]
    rows, columns = plate.rows, plate.columns
    ring = radius * np.array([(np.cos(a), np.sin(a)) for a in np.arange(16) * np.pi / 8])
    around = spots[:, :, None, :] + ring
    seen = cv2.perspectiveTransform(around.reshape(1, -1, 2), view).reshape(rows, columns, 16, 2)
    centres = cv2.perspectiveTransform(spots.reshape(1, -1, 2), view).reshape(rows, columns, 2)
    reach = np.linalg.norm(seen - centres[:, :, None], axis=3).mean(axis=2)
    quarter = round(shot.turn_degrees / 90) % 4
    centres = np.rot90(centres, -quarter)
    reach = np.rot90(reach, -quarter)
    steps = [np.linalg.norm(np.diff(centres, axis=a), axis=2).ravel() for a in (0, 1)]
    pitch = float(np.concatenate(steps).mean())
    return PlatePhoto(
        image, reach.shape[0], reach.shape[1], centres, reach, plate.pitch_mm * 1000 / pitch
    )
