"""Pictures of a culture plate stained with Alizarin red, with exactly known mineral.

The share of a well that is mineral follows the dye that it binds::

    fraction / (1 − fraction) = bound dye / DYE_OF_HALF

so that the odds of the area have the same true ratios between arms as the dye. Wells of one
sample differ by a log-normal error, and the fields of a well by another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.plate import PLATE_FORMATS
from assaykit.simulate.biology import MINERAL, Biology
from assaykit.simulate.camera import Camera
from assaykit.simulate.mineral_pictures import MineralPicture, mineral_field
from assaykit.simulate.randomness import generator

DYE_OF_HALF = 6000.0
"""Bound dye (µM in the extract) of a well of which half is mineral."""
ENDPOINT = "mineralized_area_fraction"


@dataclass(frozen=True)
class PictureLayout:
    """How a plate is filled and photographed.

    Parameters
    ----------
    plate_format
        Wells of the plate.
    wells_per_sample, controls, fields
        Repeated wells, unmineralized wells, and pictures of each well.
    size_px, um_per_px
        Height and width of a picture, and its scale.
    well_sd, field_sd
        Standard deviations of the natural logarithm of bound dye between the wells of a sample
        and between the fields of a well.
    """

    plate_format: int = 48
    wells_per_sample: int = 2
    controls: int = 4
    fields: int = 2
    size_px: tuple[int, int] = (384, 512)
    um_per_px: float = 5.0
    well_sd: float = 0.10
    field_sd: float = 0.10


@dataclass(frozen=True, eq=False)
class SimulatedPictures:
    """A plate of pictures with everything that is true about it.

    Parameters
    ----------
    plate, plate_format
        Name of the plate and its number of wells.
    wells
        Its map, as in :mod:`assaykit.tables`.
    design
        Factors, arms and planned contrasts.
    fractions
        True mineralized area fraction of each picture: well, field, mineralized_area_fraction.
    truth
        That of each biological replicate in each arm, before wells and fields differ.
    layout, seed
        What it was made with.
    """

    plate: str
    plate_format: int
    wells: pd.DataFrame
    design: Design
    fractions: pd.DataFrame
    truth: pd.DataFrame
    layout: PictureLayout
    seed: int

    @property
    def effects(self) -> pd.DataFrame:
        """The true ratios of the odds: those of the dye."""
        contrasts = self.design.planned(self.design.arms)
        rows = [
            ("alizarin", MINERAL.analyte, ENDPOINT, c.name, "ratio", MINERAL.true_effect(c))
            for c in contrasts
        ]
        names = ["assay", "analyte", "endpoint", "contrast", "scale", "true_value"]
        return pd.DataFrame(rows, columns=names)

    def pictures(self) -> Iterator[tuple[str, MineralPicture]]:
        """Each picture with the stem of its file, such as ``B3_2``."""
        for number, row in enumerate(self.fractions.to_dict("records")):
            picture = mineral_field(
                float(row[ENDPOINT]),
                seed=self.seed * 1000 + number,
                size_px=self.layout.size_px,
                um_per_px=self.layout.um_per_px,
                camera=Camera(),
            )
            yield f"{row['well']}_{row['field']}", picture


def mineral_picture_plate(
    biology: Biology,
    *,
    seed: int,
    plate: str = "Alizarin_pictures",
    layout: PictureLayout = PictureLayout(),
) -> SimulatedPictures:
    """Simulate the pictures of a plate of mineralized cultures.

    Parameters
    ----------
    biology
        An experiment with the dye that its cultures bind.
    seed
        The same seed gives the same plate.
    plate
        Name of the plate.
    layout
        How it is filled and photographed.

    Examples
    --------
    >>> from assaykit.simulate.biology import draw_biology
    >>> made = mineral_picture_plate(draw_biology([MINERAL], seed=1), seed=1)
    >>> made.wells["role"].value_counts().to_dict()
    {'sample': 24, 'negative_control': 4}
    >>> made.effects["true_value"].round(2).tolist()
    [0.45, 0.8, 0.56]
    """
    values = biology.values[biology.values["endpoint"] == MINERAL.name]
    wells = pd.DataFrame(_laid_out(values.to_dict("records"), biology.design, plate, layout))
    random = generator(seed, "mineral pictures")
    rows = [row for well in wells.to_dict("records") for row in _fields(well, layout, random)]
    truth = values.drop(columns=["unit", "true_value"]).assign(
        endpoint=ENDPOINT,
        true_value=_fraction(values["true_value"].to_numpy(float)),
        unit="fraction",
    )
    return SimulatedPictures(
        plate, layout.plate_format, wells.drop(columns="dye"), biology.design, pd.DataFrame(rows),
        truth.reset_index(drop=True), layout, seed,
    )  # fmt: skip


def _fraction(dye: np.ndarray) -> np.ndarray:
    return dye / (dye + DYE_OF_HALF)


def _laid_out(
    samples: list[dict[object, object]], design: Design, plate: str, layout: PictureLayout
) -> Iterator[dict[str, object]]:
    """Samples well by well, then the unmineralized controls."""
    names = iter(PLATE_FORMATS[layout.plate_format].names)
    for sample in samples:
        replicate = str(sample["biological_replicate"])
        for _ in range(layout.wells_per_sample):
            yield {
                "plate": plate, "well": next(names), "role": "sample",
                "sample": f"{replicate} {sample['arm']}", "biological_replicate": replicate,
                **{name: sample[name] for name in design.factor_names},
                "excluded": False, "reason": "", "dye": sample["true_value"],
            }  # fmt: skip
    for _ in range(layout.controls):
        yield {
            "plate": plate, "well": next(names), "role": "negative_control",
            "sample": "growth medium", "biological_replicate": "",
            **dict.fromkeys(design.factor_names, ""),
            "excluded": False, "reason": "", "dye": 0.0,
        }  # fmt: skip


def _fields(
    well: Mapping[object, object], layout: PictureLayout, random: np.random.Generator
) -> Iterator[dict[str, object]]:
    """The true fraction of every field of a well."""
    of_well = random.normal(0.0, layout.well_sd)
    of_fields = random.normal(0.0, layout.field_sd, layout.fields)
    dye = float(str(well["dye"])) * np.exp(of_well + of_fields)
    for number, fraction in enumerate(_fraction(dye), 1):
        yield {"well": well["well"], "field": str(number), ENDPOINT: float(fraction)}
