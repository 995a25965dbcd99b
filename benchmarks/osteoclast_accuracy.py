"""Simulated osteoclasts found against true: ``python -m benchmarks.osteoclast_accuracy``.

Sixty fields with nuisances (scale 0.4 to 1.6 µm/px, vignetting, white balance, blur, JPEG, density,
clumps, ghosts, fibres) and a few whole wells. Each is counted by ``find_osteoclasts`` and, beside
it, by one global Otsu threshold with an area filter. Simulated truth does not prove accuracy on
real pictures: it shows what breaks.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from assaykit.images.osteoclasts import find_osteoclasts
from assaykit.simulate.camera import Camera
from assaykit.simulate.osteoclast_pictures import (
    OsteoclastPicture,
    TrapCulture,
    osteoclast_field,
    osteoclast_well,
)

SCALES = (0.4, 0.55, 0.76, 1.0, 1.3, 1.6)
FIELD_UM = (730.0, 1090.0)
OTSU_AREA_UM2 = 1000.0
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Score:
    """One picture, one method: counts, matches at IoU 0.5, relative errors of nuclei."""

    true: int
    found: int
    matched: int
    nuclei_errors: tuple[float, ...]
    out_of_focus: bool = False


def fields(count: int) -> list[OsteoclastPicture]:
    """Microscope fields; every nuisance is drawn from its published range."""
    pictures = []
    for seed in range(count):
        rng = np.random.default_rng([7, seed])
        scale = float(rng.choice(SCALES))
        balance = (float(rng.uniform(0.85, 1.15)), 1.0, float(rng.uniform(0.85, 1.15)))
        camera = Camera(
            white_balance=balance,
            exposure=float(rng.uniform(0.85, 1.1)),
            vignetting=float(rng.uniform(0, 0.3)),
            blur_px=float(rng.choice((0.5, 0.8, 1.0, 1.5, 2.0, 3.0))),
            fringe_px=float(rng.uniform(0, 1.5)),
            noise_sd=float(rng.uniform(0.5, 3.5)),
            jpeg_quality=int(rng.integers(50, 96)),
        )
        culture = TrapCulture(
            osteoclasts=int(rng.integers(0, 16)),
            mononuclear_per_mm2=float(rng.uniform(80, 400)),
            clump_share=float(rng.uniform(0, 0.5)),
            stain=float(rng.uniform(0.7, 1.3)),
        )
        size = (round(FIELD_UM[0] / scale), round(FIELD_UM[1] / scale))
        pictures.append(
            osteoclast_field(
                seed=seed, size_px=size, um_per_px=scale, culture=culture, camera=camera
            )
        )
    return pictures


def ours(picture: OsteoclastPicture) -> Score:
    """By ``find_osteoclasts``."""
    objects, labels = find_osteoclasts(picture.image, picture.um_per_px)
    osteoclasts = objects[objects["class"] == "osteoclast"]
    nuclei = dict(zip(osteoclasts["label"], osteoclasts["nuclei"], strict=True))
    blurred = bool(objects.attrs["picture"]["out_of_focus"])
    return compared(picture, labels, nuclei, blurred)


def otsu(picture: OsteoclastPicture) -> Score:
    """By one Otsu threshold on green and an area filter."""
    green = cv2.GaussianBlur(picture.image[..., 1], (0, 0), 1.0)
    _, dark = cv2.threshold(green, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA] * picture.um_per_px**2
    kept = [k for k in range(1, len(stats)) if area[k] >= OTSU_AREA_UM2]
    return compared(picture, np.asarray(labels, np.int32), dict.fromkeys(kept, pd.NA), False)


def compared(
    picture: OsteoclastPicture, labels: Labels, nuclei: dict[int, object], blurred: bool
) -> Score:
    """Match by overlap; cells at the right and lower edges count for neither."""
    truth = picture.truth.labels
    cells = picture.truth.cells.set_index("label")
    beyond = set(truth[-1]) | set(truth[:, -1])
    true = [k for k in cells.index[cells["class"] == "osteoclast"] if k not in beyond]
    cut = set(labels[-1]) | set(labels[:, -1])
    found = [k for k in nuclei if k not in cut]
    taken: set[int] = set()
    errors = []
    for k in found:
        own = labels == k
        inside = np.bincount(truth[own], minlength=len(cells) + 1)
        inside[0] = 0
        best = int(inside.argmax())
        union = int(own.sum()) + int((truth == best).sum()) - int(inside[best])
        if best in true and best not in taken and inside[best] >= 0.5 * union:
            taken.add(best)
            if not pd.isna(nuclei[k]):
                real = int(cells.loc[best, "nuclei"])
                errors.append((int(nuclei[k]) - real) / real)
    return Score(len(true), len(found), len(taken), tuple(errors), blurred)


def agreement(scores: list[Score]) -> float:
    """ICC(2,1) of found against true counts, absolute agreement."""
    counts = np.array([[score.true, score.found] for score in scores], dtype=float)
    n, k = counts.shape
    mean = counts.mean()
    rows, columns = counts.mean(axis=1, keepdims=True), counts.mean(axis=0, keepdims=True)
    between = k * float(((rows - mean) ** 2).sum()) / (n - 1)
    methods = n * float(((columns - mean) ** 2).sum()) / (k - 1)
    rest = float(((counts - rows - columns + mean) ** 2).sum()) / ((n - 1) * (k - 1))
    return (between - rest) / (between + (k - 1) * rest + k * (methods - rest) / n)


def line(name: str, scores: list[Score]) -> str:
    """One row of the table."""
    true, found, matched = (
        sum(getattr(score, name) for score in scores) for name in ("true", "found", "matched")
    )
    f1 = 2 * matched / max(true + found, 1)
    errors = [error for score in scores for error in score.nuclei_errors]
    nuclei = f"{100 * np.median(np.abs(errors)):5.0f} %" if errors else "      -"
    bias = f"{100 * np.median(errors):+5.0f} %" if errors else "      -"
    icc = f"{agreement(scores):6.3f}" if len({score.true for score in scores}) > 2 else "     -"
    return f"{name:<34}{len(scores):>5}{true:>6}{found:>7}{icc:>8}{f1:>7.3f}{nuclei:>9}{bias:>9}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", type=int, default=60)
    parser.add_argument("--wells", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="one line per picture")
    options = parser.parse_args()
    pictures = fields(options.fields)
    scores = [ours(picture) for picture in pictures]
    print(f"{'':<34}{'n':>5}{'true':>6}{'found':>7}{'ICC':>8}{'F1':>7}{'nuclei':>9}{'bias':>9}")
    if options.each:
        for picture, score in zip(pictures, scores, strict=True):
            name = f"{picture.seed}: {picture.um_per_px} µm/px, blur {picture.camera.blur_px} px"
            print(line(name, [score]))
    print(line("fields", scores))
    sharp = [not score.out_of_focus for score in scores]
    print(line("fields in focus", [s for s, ok in zip(scores, sharp, strict=True) if ok]))
    print(line("fields, Otsu and area", [otsu(picture) for picture in pictures]))
    wells = [
        osteoclast_well(seed=seed, um_per_px=3.0 + 0.5 * seed) for seed in range(options.wells)
    ]
    if wells:
        print(line("whole wells", [ours(well) for well in wells]))
        print(line("whole wells, Otsu and area", [otsu(well) for well in wells]))


if __name__ == "__main__":
    main()
