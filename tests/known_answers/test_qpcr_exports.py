"""Every qPCR export of the shared data goes from the file to results with one command."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from shared_data import shared
from typer.testing import CliRunner

from assaykit.assays.qpcr import QpcrParameters
from assaykit.assays.qpcr.template import TEMPLATE
from assaykit.cli import app
from assaykit.design import Design
from assaykit.readers import read
from assaykit.tables import READINGS
from assaykit.workbook import PlateWorkbook, write_template

# File, number of wells of the plate, reference gene (none: a run of a single target), sample
# results with a Cq, sample results.
EXPORTS = [
    ("cfx_maestro/example01.csv", 96, "VIC", 24, 24),
    (
        "design_and_analysis/appbio_quantstudio_designandanalysis_QS3_"
        "Relative_Quantification_example02.xlsx",
        96, "IPC", 60, 60,
    ),
    ("quantstudio/appbio_quantstudio_example01.txt", 384, "", 16, 16),
    ("quantstudio/appbio_quantstudio_example06.txt", 96, "GAPDH", 5, 5),
    ("quantstudio/appbio_quantstudio_example08.xlsx", 96, "ANPEP-Rhesus", 15, 33),
    ("rdml/relative.rdml", 384, "Rpl32", 168, 169),
    ("rdml/stepone_std.rdml", 96, "", 6, 6),
]  # fmt: skip


def filled(export: Path, wells: int, reference: str, folder: Path) -> Path:
    """A template that names an export, its samples and its targets."""
    shutil.copy(export, folder / export.name)
    cq = read(export).query("channel == 'cq'")
    known = cq["task"].isin(["sample", "calibrator"]) if "task" in cq else cq["sample"] != ""
    samples = [name for name in dict.fromkeys(cq.loc[known, "sample"]) if name]
    targets = [name for name in dict.fromkeys(cq["target"]) if name]
    roles = ["reference" if name == reference else "target" for name in targets]
    content = PlateWorkbook(
        assay="qpcr",
        plate=cq["plate"].iloc[0],
        plate_format=wells,
        wells=pd.DataFrame(columns=["plate", "well", "role"]),
        readings=pd.DataFrame(columns=list(READINGS.names)),
        design=Design(),
        settings=QpcrParameters(normaliser="reference" if reference else "none"),
        readings_file=export.name,
        lists={
            "Samples": pd.DataFrame({"sample": samples, "biological_replicate": samples}),
            "Targets": pd.DataFrame({"target": targets, "target_role": roles}),
        },
    )
    path = folder / "plate.xlsx"
    write_template(path, TEMPLATE, plate_format=wells, content=content)
    return path


@pytest.mark.parametrize(("name", "wells", "reference", "found", "results"), EXPORTS)
def test_one_command_from_the_export_to_results(name, wells, reference, found, results, tmp_path):
    path = filled(shared("instruments", *name.split("/")), wells, reference, tmp_path)
    made = CliRunner().invoke(app, ["qpcr", str(path), "--json"])
    document = json.loads(made.stdout)
    assert made.exit_code in (0, 1), document
    counted = f"{found} of {results} sample results have a number and count."
    assert document["summary"][0] == counted
    assert Path(document["outputs"]["workbook"]).is_file()
