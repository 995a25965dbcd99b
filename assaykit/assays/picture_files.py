"""The picture files that a filled template names, as readings whose numbers come later."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assaykit.assays.picture_parameters import PLATE
from assaykit.errors import InputError, Problem
from assaykit.plate import plate_format
from assaykit.readers.base import Reading, readings_table
from assaykit.readers.images import PictureMatch, match_pictures, preview
from assaykit.tables import PICTURE_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from assaykit.workbook import PlateWorkbook

_WITHOUT_PICTURE = ("empty", "blank", "standard")


@dataclass(frozen=True)
class PictureFiles:
    """The pictures of a plate.

    Parameters
    ----------
    readings
        One row per picture of a well: channel ``picture`` with its field, no number yet, and
        where the file is.
    text
        Which file goes to which well, one line each.
    problems
        Warnings: wells without a picture, pictures of wells that the map lacks, files that are
        left over.
    """

    readings: pd.DataFrame
    text: str
    problems: tuple[Problem, ...]


def picture_files(path: Path, workbook: PlateWorkbook, parameters: Any) -> PictureFiles | None:
    """Find the pictures of a filled template.

    Parameters
    ----------
    path
        The template; the pictures lie in its folder or below.
    workbook
        What it says.
    parameters
        The assay's parameters; ``pictures`` is the pattern of the files' names.

    Returns
    -------
    PictureFiles or None
        None if the assay has no pictures, or the template names none.

    Raises
    ------
    InputError
        The pattern is not understood, nothing fits it, or two files show the same field.
    """
    pattern = str(getattr(parameters, "pictures", ""))
    if not pattern:
        return None
    try:
        if parameters.picture_of == PLATE:
            return _of_plate(path, workbook, pattern)
        return _of_wells(path, workbook, pattern)
    except InputError as error:
        raise InputError(_placed(error.problems, path.name)) from None


def preview_of(path: Path, workbook: PlateWorkbook) -> tuple[str, tuple[Problem, ...]]:
    """Which file goes to which well in words, and what is wrong or doubtful about it.

    Parameters
    ----------
    path
        The template.
    workbook
        What it says.
    """
    try:
        found = picture_files(path, workbook, workbook.settings)
    except InputError as error:
        return "", error.problems
    return ("", ()) if found is None else (found.text, found.problems)


def _of_wells(path: Path, workbook: PlateWorkbook, pattern: str) -> PictureFiles:
    match = match_pictures(path.parent, pattern, plate_format(workbook.plate_format))
    seen = preview(_without_template(match, path), _photographed(workbook))
    rows = match.pictures[["well", "field", "file", "path"]].astype(str).to_numpy().tolist()
    readings = [_reading(workbook, *row) for row in rows]
    table = readings_table(readings, path.name)
    return PictureFiles(table, seen.text, tuple(_placed(seen.problems, path.name)))


def _of_plate(path: Path, workbook: PlateWorkbook, file: str) -> PictureFiles:
    """A picture of the whole plate: every well of the map is in it."""
    picture = path.parent / file
    if not picture.is_file():
        message = f"pictures: there is no file '{file}' in the folder of this workbook"
        remedy = "With picture_of = plate, write the name of the one picture of the plate."
        raise InputError([Problem("no_picture", message, remedy=remedy)])
    readings = [
        _reading(workbook, well, "", file, str(picture)) for well in _photographed(workbook)
    ]
    text = f"{file} shows the whole plate; its wells are found when it is measured."
    return PictureFiles(readings_table(readings, path.name), text, ())


def _reading(workbook: PlateWorkbook, well: str, field: str, file: str, where: str) -> Reading:
    channel = f"{PICTURE_CHANNEL} {field}".strip()
    place = str(Path(where).absolute())
    return Reading(workbook.plate, well, channel, math.nan, "", "", file, picture=place)


def _photographed(workbook: PlateWorkbook) -> list[str]:
    """Wells of the map that should have a picture."""
    wells = workbook.wells
    return list(wells.loc[~wells["role"].isin(_WITHOUT_PICTURE), "well"])


def _without_template(match: PictureMatch, path: Path) -> PictureMatch:
    """What is left over, without the workbook itself and what was made of it."""
    own = {path.name, f"{path.stem}_checked.xlsx"}
    kept = tuple(left for left in match.left_over if left.file not in own)
    return PictureMatch(match.pattern, match.pictures, kept)


def _placed(problems: Iterable[Problem], file: str) -> list[Problem]:
    return [replace(p, file=p.file or file, sheet=p.sheet or "Settings") for p in problems]
