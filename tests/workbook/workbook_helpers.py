"""A template modelled on an ELISA, a filled plate of it, and ways to spoil a workbook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook
from xlsxwriter import Workbook

from assaykit.design import Contrast, Design, Factor
from assaykit.errors import Problem
from assaykit.excel.cells import Cell, Sheet, parse_address
from assaykit.parameters import parameter
from assaykit.plate import parse_well, row_letters
from assaykit.tables import ROLES, check_readings, check_wells
from assaykit.workbook import (
    PlateWorkbook,
    TemplateSpec,
    Variable,
    examine_template,
    write_design_sheet,
    write_template,
)


@dataclass(frozen=True)
class Parameters:
    analyte: str = parameter("", "what is measured")
    concentration_unit: str = parameter("pg/mL", "unit of the concentrations")
    model: str = parameter("4pl", "curve", choices=("4pl", "linear"), source="a paper")
    wavelength: float = parameter(450.0, "measuring wavelength", unit="nm")
    reference_wavelength: float | None = parameter(None, "wavelength to subtract", unit="nm")
    extrapolate: bool = parameter(False, "give numbers beyond the standards")


SPEC = TemplateSpec(
    assay="elisa",
    title="ELISA plate",
    title_ja="ELISA プレート",
    variables=(
        Variable("role", "text", "what the well is for", choices=tuple(ROLES)),
        Variable("sample", "text", "name of what is in the well"),
        Variable("biological_replicate", "text", "independent culture: this is n"),
        Variable("nominal_concentration", "number", "declared concentration", "pg/mL"),
        Variable("dilution_factor", "number", "how many times the sample was diluted"),
        Variable("analyte", "text", "what is measured", on_plate=False),
        Variable("excluded", "yes_no", "leave it out", choices=("yes", "no"), on_plate=False),
        Variable("reason", "text", "why", on_plate=False),
        Variable("passage", "count", "passage of the cells", on_plate=False),
    ),
    channels=("od_450",),
    channel_pattern=r"od_\d{3,4}",
    channel_unit="OD",
    parameters=Parameters,
    steps=("Paste the optical densities.",),
    steps_ja=("吸光度を貼り付けます。",),
)
DESIGN = Design(
    (Factor("treatment", ("control", "vesicle"), "control"),),
    replicates_shared=True,
    biological_replicate_is="mouse",
    contrasts=(Contrast("effect", "vesicle", "control"),),
)


def layout() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Wells and readings: standards in A1:D2, a blank in D3, three mice in two arms in A3:C4."""
    rows: list[dict[str, object]] = []
    for row, concentration in enumerate((100.0, 10.0, 1.0, 0.0)):
        for column in (1, 2):
            rows.append(
                {
                    "well": f"{row_letters(row)}{column}",
                    "role": "standard",
                    "nominal_concentration": concentration,
                }
            )
    rows.append({"well": "D3", "role": "blank"})
    for row in range(3):
        for column, arm in ((3, "control"), (4, "vesicle")):
            rows.append(
                {
                    "well": f"{row_letters(row)}{column}",
                    "role": "sample",
                    "sample": f"{arm} {row + 1}",
                    "treatment": arm,
                    "biological_replicate": f"mouse {row + 1}",
                    "dilution_factor": 2.0,
                }
            )
    empty = {"text": "", "number": float("nan"), "yes_no": False, "count": None}
    variables = [*SPEC.variables, Variable("technical_replicate", "text", "")]
    for row in rows:
        row["plate"] = "P1"
        row["row"], row["column"] = str(row["well"])[0], int(str(row["well"])[1:])
        row.setdefault("treatment", "")
        for variable in variables:
            row.setdefault(variable.name, empty[variable.kind])
    rows.sort(key=lambda row: parse_well(str(row["well"])))
    wells = pd.DataFrame(rows)
    wells["treatment"] = wells.pop("treatment").astype(object)
    wells["passage"] = wells["passage"].astype("Int64")
    readings = pd.DataFrame(
        {
            "plate": "P1",
            "well": wells["well"],
            "channel": "od_450",
            "value": [round(0.05 + 0.125 * i, 4) for i in range(len(wells))],
            "unit": "OD",
            "flag": "",
            "source": "",
        }
    )
    return check_wells(wells), check_readings(readings)


def content(**changes: object) -> PlateWorkbook:
    """The filled plate; any part may be replaced."""
    wells, readings = layout()
    parts: dict[str, object] = {
        "assay": "elisa",
        "plate": "P1",
        "plate_format": 24,
        "wells": wells,
        "readings": readings,
        "design": DESIGN,
        "settings": Parameters(analyte="RANKL", reference_wavelength=620.0),
        "notes": {"operator": "Sato"},
    }
    return PlateWorkbook(**{**parts, **changes})  # type: ignore[arg-type]


def filled(folder: Path, name: str = "plate.xlsx", **changes: object) -> Path:
    """Write the filled plate."""
    return write_template(folder / name, SPEC, content=content(**changes))


def edit(
    path: Path, cells: Mapping[str, object], change: Callable[..., None] | None = None
) -> Path:
    """Type into cells such as ``Plate!B5``, as a person would, and save.

    Text stays text even if it begins with an equals sign; a formula is given as ``("=1+1",)``
    and has no saved value then.
    """
    book = load_workbook(path)
    for place, value in cells.items():
        sheet, _, address = place.partition("!")
        cell = book[sheet][address]
        if isinstance(value, tuple):
            cell.value = value[0]
        else:
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    if change is not None:
        change(book)
    book.save(path)
    return path


def design_sheet(design: Design, changes: Mapping[str, object] | None = None) -> Sheet:
    """The Design sheet as we write it, with some cells changed."""
    memory = BytesIO()
    with Workbook(memory) as book:
        write_design_sheet(book, book.add_worksheet("Design"), design)
    cells = {
        (cell.row, cell.column): Cell(cell.value)
        for row in load_workbook(memory)["Design"]
        for cell in row
        if cell.value is not None
    }
    for name, value in (changes or {}).items():
        address = parse_address(name)
        assert address is not None
        cells.pop(address, None)
        if value is not None:
            cells[address] = Cell(value)
    return Sheet("Design", cells)


def corner(name: str, blocks: tuple[str, ...] = ()) -> int:
    """The Excel row of a block's corner in the filled plate of 24 wells."""
    order = ("role", "sample", "treatment", "biological_replicate", "nominal_concentration",
             "dilution_factor", "od_450")  # fmt: skip
    return 4 + 6 * (blocks or order).index(name)


def place(name: str, well: str) -> str:
    """The cell of a well in a block of the filled plate, such as ``Plate!B5``."""
    row, column = parse_well(well)
    return f"Plate!{chr(66 + column)}{corner(name) + row + 1}"


def problems(path: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a filled template."""
    return examine_template(path, SPEC)[1]


def only(path: Path, code: str) -> Problem:
    """The one problem of a kind; its place must be complete."""
    found = [problem for problem in problems(path) if problem.code == code]
    assert len(found) == 1, problems(path)
    return found[0]


def rezip(path: Path, change: Callable[[str, bytes], bytes | None], **more: bytes) -> Path:
    """Rewrite the parts of a workbook; None drops one, ``more`` adds some."""
    memory = BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
        for name, data in more.items():
            new.writestr(name, data)
    path.write_bytes(memory.getvalue())
    return path


def sheet_part(path: Path, sheet: str) -> str:
    """Name of the part of the archive that holds a sheet."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode()
    names = re.findall(r'<sheet [^>]*name="([^"]+)"', book)
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
