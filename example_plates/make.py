"""Make the example plates: ``python example_plates/make.py``.

The study is simulated with a fixed seed; the vendor's plate is laid out here and reads its
numbers from ``vendor_elisa/readings.csv``. A test proves that what stands here is current.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from assaykit.assays import find_assay
from assaykit.assays.alizarin import AlizarinParameters
from assaykit.assays.elisa import ElisaParameters
from assaykit.assays.qpcr import QpcrParameters
from assaykit.design import Design
from assaykit.images.overlay import to_jpeg
from assaykit.plate import well_name
from assaykit.simulate import SimulatedPlate, SimulatedRun, study
from assaykit.simulate.mineral_plate import SimulatedPictures
from assaykit.tables import READINGS
from assaykit.workbook import PlateWorkbook, write_template

SEED = 2022
HERE = Path(__file__).parent


def main(folder: Path = HERE) -> None:
    """Write all filled templates and what is expected of them below a folder."""
    simulated = study(SEED)
    rankl = ElisaParameters(analyte="RANKL", reference_wavelength=570.0)
    _write_simulated(folder, "rankl_elisa", simulated.elisa, rankl)
    _write_simulated(folder, "alizarin_extraction", simulated.alizarin, AlizarinParameters())
    in_pictures = AlizarinParameters(pictures="pictures/{well}_{field}.jpg", um_per_px=5.0)
    _write_pictures(folder, "alizarin_pictures", simulated.pictures, in_pictures)
    relative = QpcrParameters(calibrator="M1 control, M2 control, M3 control, M4 control")
    _write_run(folder, "osteoblasts_qpcr", simulated.osteoblasts, relative)
    in_vesicles = QpcrParameters(
        normaliser="spike_in",
        undetermined="bound",
        calibrator="M1 vesicle, M2 vesicle, M3 vesicle, M4 vesicle",
    )
    _write_run(folder, "vesicles_mir143", simulated.vesicles, in_vesicles)
    _write(folder, "vendor_elisa", vendor_plate())


def _write_simulated(folder: Path, name: str, plate: SimulatedPlate, settings: object) -> None:
    content = PlateWorkbook(
        assay="elisa" if isinstance(settings, ElisaParameters) else "alizarin",
        plate=plate.plate,
        plate_format=plate.plate_format,
        wells=plate.wells,
        readings=plate.readings.round({"value": 4}),  # as many digits as plate readers print
        design=plate.design,
        settings=settings,
        notes={"origin": f"simulated with seed {SEED}; see SOURCE.md"},
    )
    _write(folder, name, content)
    truth = plate.truth.rename(columns={"true_value": "true_concentration"})
    truth.round(4).to_csv(folder / name / "expected_results.csv", index=False)


def _write_pictures(
    folder: Path, name: str, plate: SimulatedPictures, settings: AlizarinParameters
) -> None:
    content = PlateWorkbook(
        assay="alizarin",
        plate=plate.plate,
        plate_format=plate.plate_format,
        wells=plate.wells,
        readings=pd.DataFrame(columns=list(READINGS.names)),
        design=plate.design,
        settings=settings,
        notes={"origin": f"simulated with seed {SEED}; see SOURCE.md"},
    )
    _write(folder, name, content)
    plate.fractions.round(4).to_csv(folder / name / "expected_results.csv", index=False)
    (folder / name / "pictures").mkdir(exist_ok=True)
    for stem, picture in plate.pictures():
        data = to_jpeg(picture.image, quality=90)
        (folder / name / "pictures" / f"{stem}.jpg").write_bytes(data)


def _write_run(folder: Path, name: str, run: SimulatedRun, settings: QpcrParameters) -> None:
    content = PlateWorkbook(
        assay="qpcr",
        plate=run.plate,
        plate_format=run.plate_format,
        wells=run.wells.drop(columns="cq"),
        readings=run.readings,
        design=run.design,
        settings=settings,
        notes={"origin": f"simulated with seed {SEED}; see SOURCE.md"},
        lists={"Samples": run.samples, "Targets": run.targets},
    )
    _write(folder, name, content)
    run.truth.round(4).to_csv(folder / name / "expected_results.csv", index=False)


def _write(folder: Path, name: str, content: PlateWorkbook) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    spec = find_assay(content.assay).template
    path = folder / name / f"{name}.xlsx"
    write_template(path, spec, plate_format=content.plate_format, content=content)


def vendor_plate() -> PlateWorkbook:
    """The layout of an ELISA whose results another company's software printed."""
    return PlateWorkbook(
        assay="elisa",
        plate="HCP ELISA",
        plate_format=96,
        wells=pd.DataFrame([*_standards(), *_control(), *_samples()]),
        readings=pd.DataFrame(columns=list(READINGS.names)),
        design=Design(),
        settings=ElisaParameters(
            analyte="HCP",
            concentration_unit="ng/mL",
            reference_wavelength=650.0,
            subtract_blank=False,
        ),
        readings_file="readings.csv",
        notes={"origin": "typed from a vendor's export; see SOURCE.md"},
    )


def _well(row: int, column: int, **said: object) -> dict[str, object]:
    return {"plate": "HCP ELISA", "well": well_name(row, column), **said}


def _standards() -> list[dict[str, object]]:
    """Six standards in columns 1 and 2, from the top."""
    return [
        _well(row, column, role="standard", sample=f"STD {letter}", nominal_concentration=level)
        for row, (letter, level) in enumerate(zip("ABCDEF", (0, 2, 10, 25, 75, 200), strict=True))
        for column in (0, 1)
    ]


def _control() -> list[dict[str, object]]:
    return [_well(6, c, role="qc", sample="CTRL", nominal_concentration=40) for c in (0, 1)]


def _samples() -> list[dict[str, object]]:
    """Thirteen samples at three dilutions in pairs of wells, down the columns from 3 and 4."""
    series = [(s, factor) for s in range(1, 14) for factor in (25, 100, 250)]
    return [
        _well(i % 8, 2 + 2 * (i // 8) + side, role="sample", sample=f"Sample {number}",
              dilution_factor=factor)
        for i, (number, factor) in enumerate(series)
        for side in (0, 1)
    ]  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
