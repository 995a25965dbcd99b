"""Mineral in simulated pictures of known truth: ``python -m benchmarks.mineral_accuracy``.

Each line is the same plate of six negative controls and 24 fields, photographed in another way:
vignetting, white balance, blur and JPEG as the line says. Measured is the mineralized area fraction
at the threshold from the controls, and beside it what Otsu's threshold of each picture gives. The
truth is the share of the field with more bound dye than the threshold in use, before any
optics. Simulated truth shows that the code does what it claims, not how it fares on real pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr
from skimage.filters import threshold_otsu
from tqdm import tqdm

from assaykit.images.colour import Pixels, unmix
from assaykit.images.illumination import Baseline
from assaykit.images.mineral import (
    StainMap,
    control_threshold,
    measure_stain,
    stain_map,
    working_picture,
)
from assaykit.images.mineral_parameters import MineralParameters
from assaykit.simulate.camera import Camera
from assaykit.simulate.mineral_pictures import MineralPicture, mineral_field

SEED = 2022
FRACTIONS = 2 * (0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.28, 0.36, 0.45, 0.55, 0.65, 0.75)
CONTROLS = 6
SIZE_UM = (900.0, 1200.0)
BIAS_POINTS, RANK = 1.5, 0.98
PARAMETERS = MineralParameters()


@dataclass(frozen=True)
class Condition:
    """How the pictures of one plate are taken."""

    name: str
    camera: Camera
    um_per_px: float = 1.6


@dataclass(frozen=True)
class Found:
    """What one plate gave: fractions as they are true and as they were measured."""

    condition: Condition
    threshold: float
    true: np.ndarray
    measured: np.ndarray
    otsu: np.ndarray
    controls: float

    @property
    def bias(self) -> float:
        """Mean error of the fraction, in points."""
        return float(100 * (self.measured - self.true).mean())

    @property
    def largest(self) -> float:
        """Largest error of one field, in points."""
        return float(100 * np.abs(self.measured - self.true).max())

    @property
    def rank(self) -> float:
        """Spearman's correlation of measured and true fractions."""
        return float(spearmanr(self.measured, self.true).statistic)

    @property
    def otsu_bias(self) -> float:
        """Mean error with Otsu's threshold of each picture, in points."""
        return float(100 * (self.otsu - self.true).mean())


def conditions() -> list[Condition]:
    """One nuisance after the other, then all of them at once, drawn at random."""
    white = {"warm": (1.15, 1.0, 0.85), "cold": (0.85, 1.0, 1.15), "green": (0.92, 1.12, 0.88)}
    alone = [
        Condition("usual", Camera()),
        *(Condition(f"vignetting {v:.0%}", Camera(vignetting=v)) for v in (0.0, 0.15, 0.30)),
        *(Condition(f"white {n}", Camera(white_balance=w)) for n, w in white.items()),
        *(Condition(f"blur {b:g} px", Camera(blur_px=b)) for b in (0.0, 1.0, 2.0, 3.0)),
        *(Condition(f"JPEG {q}", Camera(jpeg_quality=q)) for q in (50, 75, 95)),
        *(
            Condition(f"JPEG 50, {n}", Camera(jpeg_quality=50, white_balance=w))
            for n, w in white.items()
        ),
        *(Condition(f"{s:g} µm/px", Camera(), s) for s in (0.8, 4.0)),
    ]
    rng = np.random.default_rng(SEED)
    return alone + [
        Condition(
            f"all at once, {number}",
            Camera(
                vignetting=float(rng.uniform(0, 0.3)),
                white_balance=tuple(rng.uniform(0.85, 1.15, 3).tolist()),
                blur_px=float(rng.uniform(0, 3)),
                jpeg_quality=int(rng.integers(50, 96)),
            ),
        )
        for number in range(1, 7)
    ]


def measure(condition: Condition) -> Found:
    """Measure one plate as the command does."""
    controls = [_field(0.0, condition, SEED + n) for n in range(CONTROLS)]
    fields = [_field(fraction, condition, SEED + 100 + n) for n, fraction in enumerate(FRACTIONS)]
    working = [_working(picture.image, condition) for picture in controls]
    everything = [np.ones(picture.shape[:2], dtype=np.bool_) for picture in working]
    amounts = [unmix(picture, PARAMETERS.split) for picture in working]
    baseline = Baseline.of_references(amounts, everything)
    blank = [_stain(picture.image, condition, baseline) for picture in controls]
    threshold = control_threshold(blank, PARAMETERS)
    maps = [_stain(picture.image, condition, baseline) for picture in fields]
    return Found(
        condition,
        threshold,
        np.array([(picture.truth.dye_od > threshold).mean() for picture in fields]),
        _fractions(maps, [threshold] * len(maps)),
        _fractions(maps, [float(threshold_otsu(stain.values)) for stain in maps]),
        float(_fractions(blank, [threshold] * len(blank)).max()),
    )


def _field(fraction: float, condition: Condition, seed: int) -> MineralPicture:
    size = tuple(round(length / condition.um_per_px) for length in SIZE_UM)
    return mineral_field(
        fraction, seed=seed, size_px=(size[0], size[1]), um_per_px=condition.um_per_px,
        camera=condition.camera,
    )  # fmt: skip


def _working(image: Pixels, condition: Condition) -> Pixels:
    return working_picture(image, condition.um_per_px, PARAMETERS)[0]


def _stain(image: Pixels, condition: Condition, baseline: Baseline) -> StainMap:
    working, scale = working_picture(image, condition.um_per_px, PARAMETERS)
    return stain_map(working, scale, baseline, PARAMETERS)


def _fractions(maps: Sequence[StainMap], thresholds: Sequence[float]) -> np.ndarray:
    found = [measure_stain(*pair, PARAMETERS) for pair in zip(maps, thresholds, strict=True)]
    return np.array([one.mineralized_area_fraction for one in found])


def main() -> None:
    """Simulate, measure and print one line for each plate, then all of them together."""
    bar = tqdm(conditions(), file=sys.stderr, disable=None, leave=False)
    found = [measure(condition) for condition in bar]
    print(
        f"{len(found)} plates of {CONTROLS} controls and {len(FRACTIONS)} fields; bias and error "
        f"in points; to reach: bias within ±{BIAS_POINTS:g}, rank correlation at least {RANK:g}"
    )
    head = ("threshold", "controls", "bias", "largest", "rank", "met", "Otsu: bias", "rank")
    print(f"{'plate':<20}" + "".join(f"{name:>11}" for name in head))
    for one in found:
        met = "yes" if abs(one.bias) <= BIAS_POINTS and one.rank >= RANK else "NO"
        otsu_rank = float(spearmanr(one.otsu, one.true).statistic)
        print(
            f"{one.condition.name:<20}{one.threshold:>11.3f}{100 * one.controls:>10.1f}%"
            f"{one.bias:>+11.2f}{one.largest:>11.1f}{one.rank:>11.3f}{met:>11}"
            f"{one.otsu_bias:>+11.1f}{otsu_rank:>11.3f}"
        )
    true, measured, otsu = (
        np.concatenate([getattr(one, name) for one in found])
        for name in ("true", "measured", "otsu")
    )
    ranks = [float(spearmanr(values, true).statistic) for values in (measured, otsu)]
    print(
        f"{'all together':<20}{'':>22}{100 * (measured - true).mean():>+11.2f}"
        f"{100 * np.abs(measured - true).max():>11.1f}{ranks[0]:>11.3f}{'':>11}"
        f"{100 * (otsu - true).mean():>+11.1f}{ranks[1]:>11.3f}"
    )


if __name__ == "__main__":
    main()
