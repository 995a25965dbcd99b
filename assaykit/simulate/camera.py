"""From a specimen to a picture file: light, dirt, lens, sensor and JPEG.

::

    transmission of the specimen → dust, bubbles → lateral colour, blur
        → white point, exposure, vignetting, shading → sharpening, noise → label → JPEG

Transmission is what the specimen lets through, 1 where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import UsageError
from assaykit.simulate.randomness import generator
from assaykit.simulate.texture import Map, blurred, smooth_noise

Pixels = npt.NDArray[np.uint8]
White = tuple[float, float, float]

_DUST_OD = (0.42, 0.46, 0.40)
_JPEG_SAMPLING, _JPEG_444, _JPEG_420 = cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111, 0x221111
_LABEL_COLOUR = (255, 240, 0)


@dataclass(frozen=True)
class Camera:
    """What happens between a specimen and its picture; the defaults are usual ones.

    Parameters
    ----------
    white_balance
        Factors on the white point of red, green and blue; usual up to ±15 %.
    exposure
        Factor on all channels.
    vignetting
        Share of the light that is lost in the corners (0 to 0.30).
    shading
        Share by which one side of the picture is darker than the other; in a direction drawn
        by the seed.
    blur_px
        Standard deviation of the blur (0 to 3).
    fringe_px
        How far red and blue are moved against each other (0 to 2).
    red_blur_px
        Standard deviation of a further blur of red alone, by a lens that focuses red elsewhere:
        dark cells get a cyan halo, and what is thin turns red-brown.
    sharpening
        Share of the fine detail that the camera's software adds.
    noise_sd
        Standard deviation of the sensor noise at full white, in grey levels; it falls with the
        root of the light.
    jpeg_quality
        50 to 100, or none for a file without losses. Below 90 colour is kept at half the
        resolution, as most programs do.
    dust_per_mm2
        Specks on or in the culture.
    bubbles
        Number of air bubbles.
    label
        Text that is burnt in at the top, if any.
    scale_bar_um
        Length of a burnt-in scale bar at the lower right, if any.

    Raises
    ------
    UsageError
        A setting is out of its range.

    Examples
    --------
    >>> Camera(vignetting=0.2).jpeg_quality
    90
    """

    white_balance: White = (1.0, 1.0, 1.0)
    exposure: float = 1.0
    vignetting: float = 0.07
    shading: float = 0.02
    blur_px: float = 0.5
    fringe_px: float = 0.3
    red_blur_px: float = 0.0
    sharpening: float = 0.3
    noise_sd: float = 1.5
    jpeg_quality: int | None = 90
    dust_per_mm2: float = 1.0
    bubbles: int = 0
    label: str = ""
    scale_bar_um: float | None = None

    def __post_init__(self) -> None:
        ranges = {
            "exposure": (0.05, 3.0),
            "vignetting": (0.0, 0.9),
            "shading": (0.0, 0.9),
            "blur_px": (0.0, 20.0),
            "fringe_px": (0.0, 5.0),
            "red_blur_px": (0.0, 20.0),
            "sharpening": (0.0, 3.0),
            "noise_sd": (0.0, 50.0),
            "dust_per_mm2": (0.0, 1000.0),
            "bubbles": (0, 1000),
        }
        bad = [
            f"{name} is {getattr(self, name)}, expected {low} to {high}"
            for name, (low, high) in ranges.items()
            if not low <= getattr(self, name) <= high
        ]
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 100:
            bad.append(f"jpeg_quality is {self.jpeg_quality}, expected 1 to 100 or None")
        if len(self.white_balance) != 3 or min(self.white_balance) <= 0:
            bad.append(f"white_balance is {self.white_balance}, expected three factors above 0")
        if bad:
            raise UsageError("Camera: " + "; ".join(bad) + ".")


IDEAL = Camera(
    vignetting=0.0,
    shading=0.0,
    blur_px=0.0,
    fringe_px=0.0,
    sharpening=0.0,
    noise_sd=0.0,
    jpeg_quality=None,
    dust_per_mm2=0.0,
)
"""A camera that changes nothing: grey levels are the white point times transmission."""


@dataclass(frozen=True)
class Circle:
    """The inside of a well in a picture.

    Parameters
    ----------
    x, y
        Centre, in px.
    radius
        In px.
    """

    x: float
    y: float
    radius: float

    def distance(self, size_px: tuple[int, int]) -> Map:
        """Distance of every pixel from the centre in radii, ``(height, width)``."""
        y, x = np.indices(size_px, dtype=np.float32)
        return np.asarray(np.hypot(x - self.x, y - self.y) / self.radius, dtype=np.float32)


def draw_camera(seed: int) -> Camera:
    """A camera with nuisances drawn over the ranges seen in practice, for sweeps.

    Vignetting 0 to 0.30, white ±15 %, exposure ±10 %, blur 0 to 3 px, JPEG 50 to 95 or none.

    Parameters
    ----------
    seed
        The same seed gives the same camera.

    Examples
    --------
    >>> draw_camera(1) == draw_camera(1), draw_camera(1) == draw_camera(2)
    (True, False)
    """
    rng = generator(seed, "camera settings")
    red, green, blue = rng.uniform(0.85, 1.15, 3)
    return Camera(
        white_balance=(float(red), float(green), float(blue)),
        exposure=float(rng.uniform(0.9, 1.1)),
        vignetting=float(rng.uniform(0, 0.30)),
        shading=float(rng.uniform(0, 0.10)),
        blur_px=float(rng.uniform(0, 3)),
        fringe_px=float(rng.uniform(0, 2)),
        noise_sd=float(rng.uniform(0.5, 4)),
        jpeg_quality=None if rng.random() < 0.2 else int(rng.integers(50, 96)),
        dust_per_mm2=float(rng.uniform(0, 3)),
    )


def photograph(
    transmission: Map, camera: Camera, *, white: White, um_per_px: float, seed: int
) -> Pixels:
    """Take a picture of a specimen.

    Parameters
    ----------
    transmission
        ``(height, width, 3)``: share of red, green and blue that the specimen lets through.
    camera
        Nuisances.
    white
        Grey levels of the empty light path for this kind of picture, before
        ``camera.white_balance`` and ``camera.exposure``.
    um_per_px
        Scale, for dust, bubbles and the scale bar.
    seed
        The same seed gives the same picture.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)`` RGB ``uint8``.

    Examples
    --------
    >>> clear = np.ones((4, 5, 3), dtype=np.float32)
    >>> photograph(clear, IDEAL, white=(200, 210, 220), um_per_px=1.0, seed=1)[0, 0].tolist()
    [200, 210, 220]
    """
    scene = _with_bubbles(
        _with_dust(transmission, camera, um_per_px, seed), camera, um_per_px, seed
    )
    scene = _through_lens(scene, camera, seed)
    grey = scene * illumination(scene.shape[:2], camera, white=white, seed=seed)
    grey = _sensed(grey, camera, seed)
    pixels = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return _compressed(_burnt_in(pixels, camera, um_per_px), camera)


def illumination(size_px: tuple[int, ...], camera: Camera, *, white: White, seed: int) -> Map:
    """Grey levels of a picture without a specimen.

    Parameters
    ----------
    size_px
        Height and width.
    camera, white, seed
        As in :func:`photograph`.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)``.

    Examples
    --------
    >>> light = illumination((5, 5), Camera(vignetting=0.2, shading=0), white=(100,) * 3, seed=1)
    >>> light[2, 2, 0].round(3), light[0, 0, 0].round(3)
    (np.float32(100.0), np.float32(80.0))
    """
    height, width = size_px[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    angle = generator(seed, "shading").uniform(0, 2 * np.pi)
    slope = (x * np.cos(angle) + y * np.sin(angle)) / (abs(np.cos(angle)) + abs(np.sin(angle)))
    light = 1 - camera.vignetting * (x * x + y * y) / 2
    light = light * (1 - camera.shading * (1 + slope) / 2) * camera.exposure
    levels = np.asarray(white, dtype=np.float32) * np.asarray(camera.white_balance, np.float32)
    return np.asarray(light[:, :, None] * levels, dtype=np.float32)


def _with_dust(scene: Map, camera: Camera, um_per_px: float, seed: int) -> Map:
    """Small dark specks, a few hairs and smudges that are out of focus."""
    height, width = scene.shape[:2]
    rng = generator(seed, "dust")
    count = rng.poisson(camera.dust_per_mm2 * height * width * um_per_px**2 / 1e6)
    if not count:
        return scene
    sharp, soft = np.zeros((2, height, width), dtype=np.float32)
    for _ in range(count):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        kind = rng.random()
        if kind < 0.90:
            size = rng.lognormal(np.log(5.0), 0.45) / um_per_px
            _speck(sharp, (x, y), max(size, 0.6), rng)
        elif kind < 0.96:
            _hair(sharp, (x, y), rng.uniform(60, 200) / um_per_px, rng)
        else:
            _speck(soft, (x, y), rng.uniform(20, 50) / um_per_px, rng)
    smudges = np.float32(0.25) * blurred(soft, max(14.0 / um_per_px, 0.5))
    density = blurred(sharp, 0.6) + smudges
    return (scene * transmitted((density, _DUST_OD))).astype(np.float32)


def _speck(
    target: Map, centre: tuple[float, float], radius: float, rng: np.random.Generator
) -> None:
    angles = np.linspace(0, 2 * np.pi, 9)[:-1]
    radii = radius * rng.uniform(0.6, 1.3, 8)
    corners = np.stack(
        [centre[0] + radii * np.cos(angles), centre[1] + radii * np.sin(angles)], axis=1
    )
    _fill(target, corners, float(rng.uniform(0.2, 1.0)))


def _hair(target: Map, start: tuple[float, float], length: float, rng: np.random.Generator) -> None:
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.12, 24))
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * length / 24
    points = np.rint((np.asarray(start) + np.cumsum(steps, axis=0)) * 8).astype(np.int32)
    cv2.polylines(target, [points], False, float(rng.uniform(0.2, 0.6)), 1, cv2.LINE_8, 3)


def _fill(target: Map, corners: npt.NDArray[np.float64], value: float) -> None:
    cv2.fillPoly(target, [np.rint(corners * 16).astype(np.int32)], value, cv2.LINE_8, 4)


def _with_bubbles(scene: Map, camera: Camera, um_per_px: float, seed: int) -> Map:
    """Dark rims around bright discs."""
    if not camera.bubbles:
        return scene
    rng = generator(seed, "bubbles")
    height, width = scene.shape[:2]
    y, x = np.indices((height, width), dtype=np.float32)
    factor = np.ones((height, width), dtype=np.float32)
    for _ in range(camera.bubbles):
        radius = rng.lognormal(np.log(120.0), 0.5) / um_per_px
        distance = np.hypot(x - rng.uniform(0, width), y - rng.uniform(0, height)) / radius
        rim = np.exp(-(((distance - 0.95) / 0.07) ** 2))
        glow = np.exp(-(((distance - 0.78) / 0.06) ** 2))
        factor *= 1 - 0.75 * rim + 0.12 * glow
    return (scene * factor[:, :, None]).astype(np.float32)


def _through_lens(scene: Map, camera: Camera, seed: int) -> Map:
    """Red and blue apart by ``fringe_px``, red out of focus, then the blur of the lens."""
    if camera.fringe_px > 0:
        angle = generator(seed, "fringe").uniform(0, 2 * np.pi)
        shift = camera.fringe_px / 2 * np.array([np.cos(angle), np.sin(angle)])
        channels = [_moved(scene[..., 0], shift), scene[..., 1], _moved(scene[..., 2], -shift)]
        scene = np.stack(channels, axis=2)
    if camera.red_blur_px > 0:
        near, far = (blurred(scene[..., 0].copy(), n * camera.red_blur_px) for n in (0.7, 2.5))
        red = np.float32(0.78) * near + np.float32(0.22) * far
        scene = np.concatenate([red[:, :, None], scene[..., 1:]], axis=2)
    return blurred(scene, camera.blur_px)


def _moved(channel: Map, shift: npt.NDArray[np.float64]) -> Map:
    height, width = channel.shape
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], dtype=np.float32)
    size = (width, height)
    moved = cv2.warpAffine(channel.copy(), matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _sensed(grey: Map, camera: Camera, seed: int) -> Map:
    """Sensor noise, partly shared by the channels, then sharpening."""
    if camera.noise_sd > 0:
        rng = generator(seed, "sensor")
        size = (grey.shape[0], grey.shape[1])
        shared = smooth_noise(rng, size, 0.0)
        own = np.stack([smooth_noise(rng, size, 0.5) for _ in range(3)], axis=2)
        noise = np.float32(0.8) * shared[:, :, None] + np.float32(0.6) * own
        light = np.sqrt(np.clip(grey, 4, 255) / np.float32(255))
        grey = grey + np.float32(camera.noise_sd) * light * noise
    if camera.sharpening > 0:
        grey = grey + np.float32(camera.sharpening) * (grey - blurred(grey, 1.0))
    return grey.astype(np.float32)


def _burnt_in(pixels: Pixels, camera: Camera, um_per_px: float) -> Pixels:
    """Label at the top, scale bar at the lower right."""
    if not camera.label and camera.scale_bar_um is None:
        return pixels
    marked = pixels.copy()
    height, width = pixels.shape[:2]
    size = max(width / 900, 0.35)
    thickness = max(round(2 * size), 1)
    if camera.label:
        place = (round(0.03 * width), round(24 * size))
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(marked, camera.label, place, font, size, _LABEL_COLOUR, thickness, cv2.LINE_AA)
    if camera.scale_bar_um is not None:
        length = max(round(camera.scale_bar_um / um_per_px), 1)
        right, bottom = round(0.97 * width), round(0.96 * height)
        top = bottom - max(round(5 * size), 2)
        cv2.rectangle(marked, (right - length + 1, top), (right, bottom), (0, 0, 0), -1)
    return marked


def _compressed(pixels: Pixels, camera: Camera) -> Pixels:
    if camera.jpeg_quality is None:
        return pixels
    full_colour = camera.jpeg_quality >= 90
    sampling = _JPEG_444 if full_colour else _JPEG_420
    quality = [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg_quality, _JPEG_SAMPLING, sampling]
    _, code = cv2.imencode(".jpg", pixels[..., ::-1].copy(), quality)
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1].copy()


def transmitted(*stains: tuple[Map, White]) -> Map:
    """Transmission of stains that lie on top of each other.

    Parameters
    ----------
    stains
        Pairs of an amount, ``(height, width)``, and the OD of red, green and blue of one unit.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)``: ten to the minus OD (Beer and Lambert).

    Examples
    --------
    >>> amount = np.ones((1, 1), dtype=np.float32)
    >>> transmitted((amount, (1.0, 0.0, 0.3)))[0, 0].round(2).tolist()
    [0.10000000149011612, 1.0, 0.5]
    """
    total = sum(
        np.asarray(amount, dtype=np.float32)[:, :, None] * np.asarray(vector, dtype=np.float32)
        for amount, vector in stains
    )
    return np.exp(total * np.float32(-np.log(10))).astype(np.float32)
