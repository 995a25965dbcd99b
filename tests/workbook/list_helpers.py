"""A template modelled on RT-qPCR, with the list sheets Samples and Targets, and a filled plate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from assaykit.design import Design, Factor
from assaykit.errors import Problem
from assaykit.parameters import parameter
from assaykit.tables import check_readings, check_wells
from assaykit.workbook import (
    ListSheet,
    PlateWorkbook,
    TemplateSpec,
    Variable,
    examine_template,
    write_template,
)

ROLES = ("sample", "standard", "ntc", "nrt", "calibrator", "empty")
ROLE_WORDS = (("unkn", "sample"), ("std", "standard"))
TARGET_ROLE = Variable(
    "target_role", "text", "what it is for", choices=("target", "reference", "spike_in"),
    on_plate=False, also=("Target Type",), words=(("toi", "target"), ("ref", "reference")),
)  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    calibrator: str = parameter("", "what quantities are relative to")


SAMPLES = ListSheet(
    "Samples",
    "sample",
    (
        Variable("sample", "text", "name of the cDNA", also=("Sample Name",)),
        Variable("biological_replicate", "text", "independent culture: this is n"),
        Variable("batch", "text", "which reverse transcription"),
        Variable("rna_ng", "number", "RNA in the reverse transcription", "ng", least=0),
        Variable("rin", "number", "integrity of the RNA", least=1, most=10),
        Variable("rt_control", "yes_no", "whether there is a no-RT control", choices=("yes", "no")),
    ),
    with_factors=True,
    meaning="One row for each cDNA",
    examples=(("KO 1", "mouse 1", "control"), ("KO 2", "mouse 2", "control")),
)
TARGETS = ListSheet(
    "Targets",
    "target",
    (
        Variable("target", "text", "gene or miRNA"),
        TARGET_ROLE,
        Variable("rt_group", "text", "which reverse transcription, such as oligo-dT"),
        Variable("efficiency", "number", "1.00 = 100 %; empty: 1.00", least=0.5, most=1.5),
        Variable("expected_tm", "number", "melting temperature of the product", "°C"),
    ),
)
SPEC = TemplateSpec(
    assay="qpcr",
    title="RT-qPCR plate",
    title_ja="RT-qPCR プレート",
    variables=(
        Variable("role", "text", "what the well is for", choices=ROLES, also=("Sample Type",),
                 words=ROLE_WORDS),
        Variable("sample", "text", "name of what is in the well, as on Samples"),
        Variable("target", "text", "what is amplified, as on Targets"),
        Variable("nominal_concentration", "number", "quantity of a standard", on_plate=False),
        TARGET_ROLE,
        Variable("dye", "text", "which dye", on_plate=False),
        Variable("excluded", "yes_no", "leave it out", choices=("yes", "no"), on_plate=False),
        Variable("reason", "text", "why", on_plate=False),
    ),
    channels=("cq",),
    channel_pattern="cq",
    channel_unit="cycles",
    parameters=Parameters,
    lists=(SAMPLES, TARGETS),
    well_key=("well", "target"),
    wells_order=("sample", "role", "target", "target_role", "dye", "cq"),
    channel_also=(("Ct", "cq"), ("Cp", "cq")),
)  # fmt: skip
DESIGN = Design((Factor("treatment", ("control", "vesicle"), "control"),), blocks=("day",))
GENES = ("RUNX2", "ACTB")


def lists() -> dict[str, pd.DataFrame]:
    """Three mice in two arms, and two targets."""
    names = [f"{arm} {i}" for arm in ("control", "vesicle") for i in (1, 2, 3)]
    samples = pd.DataFrame(
        {
            "sample": names,
            "biological_replicate": [f"mouse {name[-1]}" for name in names],
            "treatment": [name[:-2] for name in names],
            "day": [f"day {name[-1]}" for name in names],
            "batch": "RT 1",
            "rna_ng": [500.0, 500.0, float("nan"), 500.0, 250.0, 500.0],
            "rin": 9.1,
            "rt_control": [True, False, False, True, False, False],
        }
    )
    targets = pd.DataFrame(
        {
            "target": GENES,
            "target_role": ["target", "reference"],
            "rt_group": "oligo-dT",
            "efficiency": [0.95, float("nan")],
            "expected_tm": [84.5, 88.0],
        }
    )
    return {"Samples": as_objects(samples), "Targets": as_objects(targets)}


def as_objects(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its texts in the type that reading gives them."""
    return table.astype({name: object for name in table if table[name].dtype.kind == "O"})


def layout(*, duplex: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Wells and readings on 24 wells: row A RUNX2, row B ACTB, two NTC; or both in row A."""
    names = [*lists()["Samples"]["sample"]]
    rows = []
    for i, target in enumerate(GENES):
        row = "A" if duplex else "AB"[i]
        for column, sample in enumerate(names, start=1):
            rows.append(
                (f"{row}{column}", row, column, "sample", sample, target, 20 + i + column / 8)
            )
        row = "C" if duplex else "CD"[i]
        rows.append((f"{row}1", row, 1, "ntc", "", target, float("nan")))
    columns = ["well", "row", "column", "role", "sample", "target", "cq"]
    table = pd.DataFrame(rows, columns=columns).sort_values(["row", "column"], kind="stable")
    table = table.reset_index(drop=True)
    wells = table.drop(columns="cq").assign(
        plate="P1", analyte="", biological_replicate="", technical_replicate="",
        dilution_factor=float("nan"), excluded=False, reason="",
        nominal_concentration=float("nan"), target_role="", dye="",
    )  # fmt: skip
    readings = pd.DataFrame(
        {
            "plate": "P1", "well": table["well"], "channel": "cq", "value": table["cq"],
            "unit": "cycles", "flag": ["" if v > 0 else "undetermined" for v in table["cq"]],
            "source": "", "target": table["target"],
        }
    )  # fmt: skip
    return check_wells(as_objects(wells)), check_readings(readings)


def content(*, duplex: bool = False, **changes: object) -> PlateWorkbook:
    """The filled plate; any part may be replaced."""
    wells, readings = layout(duplex=duplex)
    parts: dict[str, object] = {
        "assay": "qpcr", "plate": "P1", "plate_format": 24, "wells": wells, "readings": readings,
        "design": DESIGN, "settings": Parameters(calibrator="control 1"), "lists": lists(),
    }  # fmt: skip
    return PlateWorkbook(**{**parts, **changes})  # type: ignore[arg-type]


def filled(folder: Path, **changes: object) -> Path:
    """Write the filled plate."""
    made = content(**changes)  # type: ignore[arg-type]
    return write_template(folder / "qpcr.xlsx", SPEC, content=made)


def problems(path: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a filled template."""
    return examine_template(path, SPEC)[1]
