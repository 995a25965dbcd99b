"""Wells of which an instrument's file, named by the workbook, says what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.plate import annotate
from assaykit.workbook.joining import examine_wells
from assaykit.workbook.spec import PlateWorkbook, TemplateSpec

if TYPE_CHECKING:
    import pandas as pd

LEFT_TO_ANALYSIS = "left_to_analysis"
Reader = Callable[[Path], "pd.DataFrame"]


def own_readings(
    readings: pd.DataFrame, workbook: PlateWorkbook, file: str, template: str
) -> pd.DataFrame:
    """The readings of the workbook's plate among those of a file.

    Parameters
    ----------
    readings
        All readings of the file. Those of a single plate belong to the workbook, whatever the
        file calls it.
    workbook
        The filled template, which names the plate.
    file, template
        Names of the two files, for messages.

    Raises
    ------
    InputError
        The file holds several plates, and none has the workbook's name.
    """
    plates = sorted(set(readings["plate"]))
    if len(plates) > 1 and workbook.plate not in plates:
        message = f"{file} holds the plates {', '.join(plates)}, none is '{workbook.plate}'"
        remedy = "Write the plate's name as in the file into plate_name."
        raise InputError([Problem("which_plate", message, template, "Settings", remedy=remedy)])
    own = readings if len(plates) == 1 else readings[readings["plate"] == workbook.plate]
    return own.assign(plate=workbook.plate)


def look_up(
    path: Path, workbook: PlateWorkbook, spec: TemplateSpec, read: Reader | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Join the wells with the list sheets, those of the instrument's file included.

    Parameters
    ----------
    path
        The filled template.
    workbook, spec
        What it says, and its template.
    read
        Reads the file; None: what only the file can tell is left to the analysis.

    Returns
    -------
    wells, problems
        As :func:`assaykit.workbook.joining.examine_wells`; what makes the file unreadable.
    """
    file = path.parent / workbook.readings_file
    if not spec.lists or not workbook.readings_file:
        wells, problems = examine_wells(workbook.wells, workbook, spec)
        return wells, list(problems)
    if read is None or not file.is_file():
        return _without_file(workbook, spec, [_left(workbook)] if file.is_file() else [])
    try:
        readings = own_readings(read(file), workbook, file.name, path.name)
        wells, problems = examine_wells(annotate(readings, workbook.wells), workbook, spec)
    except InputError as error:
        return _without_file(workbook, spec, list(error.problems))
    return wells, list(problems)


def _without_file(
    workbook: PlateWorkbook, spec: TemplateSpec, problems: list[Problem]
) -> tuple[pd.DataFrame, list[Problem]]:
    """What the workbook alone can be asked: not whether all is named that should be."""
    wells, found = examine_wells(workbook.wells, workbook, spec)
    open_ = {f"{word}_{sheet.key}" for sheet in spec.lists for word in ("no", "unused")}
    return wells, [*problems, *(problem for problem in found if problem.code not in open_)]


def _left(workbook: PlateWorkbook) -> Problem:
    message = (
        f"what '{workbook.readings_file}' says of the wells is compared with this workbook when "
        "the plate is analysed"
    )
    return Problem(LEFT_TO_ANALYSIS, message, sheet="Settings", severity="warning")
