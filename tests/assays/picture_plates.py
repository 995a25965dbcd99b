"""Small plates of painted pictures on disk, with a filled template beside them."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from assaykit.assays import find_assay
from assaykit.design import Design, Factor
from assaykit.images.circles import disc
from assaykit.images.colour import STAINS
from assaykit.tables import READINGS
from assaykit.workbook import PlateWorkbook, write_template

WHITE = (205.0, 193.0, 212.0)
DESIGN = Design((Factor("treatment", ("control", "vesicle"), "control"),))
VECTOR = np.asarray(STAINS["alizarin_red"].rgb) / np.linalg.norm(STAINS["alizarin_red"].rgb)


def field(fraction, *, size=(120, 160), white=WHITE, noise=3.0, seed=0, od=0.4):
    """A field whose left share is mineral of a known OD, in noise."""
    dye = np.zeros(size)
    dye[:, : round(fraction * size[1])] = od
    light = np.asarray(white) * 10.0 ** -(dye[:, :, None] * VECTOR)
    rng = np.random.default_rng(seed)
    return (light + rng.normal(0, noise, light.shape)).clip(0, 255).round().astype(np.uint8)


def save(path: Path, picture, *options):
    path.parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(path.suffix, picture[..., ::-1], list(options))
    assert done
    path.write_bytes(data.tobytes())


def wells(names, roles=None):
    """Samples of two arms by turns, three replicates; other roles by well."""
    rows = []
    for number, name in enumerate(names):
        role = (roles or {}).get(name, "sample")
        is_sample = role == "sample"
        arm = ("control", "vesicle")[number % 2]
        replicate = f"M{number // 2 + 1}"
        rows.append(
            {
                "plate": "P1", "well": name, "role": role,
                "sample": f"{replicate} {arm}" if is_sample else role,
                "biological_replicate": replicate if is_sample else "",
                "treatment": arm if is_sample else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def plate(folder: Path, table, settings, *, assay="alizarin", plate_format=24) -> Path:
    """Write the filled template of a plate of pictures."""
    content = PlateWorkbook(
        assay=assay, plate="P1", plate_format=plate_format, wells=table,
        readings=pd.DataFrame(columns=list(READINGS.names)), design=DESIGN, settings=settings,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plate.xlsx"
    write_template(path, find_assay(assay).template, plate_format=plate_format, content=content)
    return path


def plate_photo(fractions, *, size=(2, 3), pitch=200, seed=0, od=0.4):
    """A photograph of a plate with wells of the size of a 6-well plate, mineral at their left.

    Returns the picture, and the side of a pixel in µm by the pitch of 39.12 mm.
    """
    rows, columns = size
    margin, radius = round(0.75 * pitch), pitch * 34.8 / 39.12 / 2
    height, width = 2 * margin + (rows - 1) * pitch, 2 * margin + (columns - 1) * pitch
    light = np.full((height, width, 3), 245.0)
    for number, fraction in enumerate(fractions):
        y, x = (margin + pitch * place for place in divmod(number, columns))
        light[disc(height, width, x, y, 1.04 * radius)] = 90
        inside = disc(height, width, x, y, radius)
        light[inside] = WHITE
        if fraction:
            cut = np.quantile(np.nonzero(inside)[1], fraction)
            mineral = inside & (np.arange(width)[None] < cut)
            light[mineral] = np.asarray(WHITE) * 10.0 ** -(od * VECTOR)
    noise = np.random.default_rng(seed).normal(0, 3, light.shape)
    return (light + noise).clip(0, 255).round().astype(np.uint8), 39120 / pitch
