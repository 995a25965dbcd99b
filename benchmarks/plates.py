"""A full plate to measure with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from assaykit.assays import find_assay
from assaykit.assays.elisa import ElisaParameters
from assaykit.design import Design, Factor
from assaykit.plate import plate_format
from assaykit.workbook import PlateWorkbook, write_template

LEVELS = (0.0, 7.8125, 15.625, 31.25, 62.5, 125.0, 250.0, 500.0)
ARMS = ("control", "vesicle", "KO vesicle")


def filled_384_well_plate(folder: Path) -> Path:
    """A filled ELISA template with 16 standards and 368 samples; its path."""
    wells, readings = _wells(np.random.default_rng(1))
    content = PlateWorkbook(
        assay="elisa",
        plate="full plate",
        plate_format=384,
        wells=wells,
        readings=readings,
        design=Design((Factor("treatment", ARMS, "control"),), replicates_shared=True),
        settings=ElisaParameters(analyte="RANKL"),
    )
    path = folder / "full_plate.xlsx"
    write_template(path, find_assay("elisa").template, plate_format=384, content=content)
    return path


def _wells(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = plate_format(384).names
    standard = np.arange(len(names)) < 2 * len(LEVELS)
    sample = np.arange(len(names)) // 4
    true = np.where(standard, np.resize(LEVELS, len(names)), 20 + 3 * sample)
    signal = 3.0 - 2.9 / (1 + (true / 200.0) ** 1.2)
    wells = pd.DataFrame(
        {
            "plate": "full plate",
            "well": names,
            "role": np.where(standard, "standard", "sample"),
            "sample": np.where(standard, "standard", [f"s{number}" for number in sample]),
            "biological_replicate": np.where(standard, "", [f"M{n % 5 + 1}" for n in sample]),
            "treatment": np.where(standard, "", [ARMS[n % 3] for n in sample]),
            "nominal_concentration": np.where(standard, true, np.nan),
            "dilution_factor": np.where(standard, np.nan, 2.0),
        }
    )
    readings = pd.DataFrame(
        {
            "plate": "full plate",
            "well": names,
            "channel": "od_450",
            "value": signal * rng.normal(1, 0.02, len(names)),
            "unit": "OD",
            "flag": "",
            "source": "",
        }
    )
    return wells, readings
