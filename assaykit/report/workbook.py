"""The results of one plate as files: a workbook, and its pictures beside it."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError
from assaykit.report.figures import FIGURES
from assaykit.report.figures.canvas import image_bytes
from assaykit.report.methods import provenance_table
from assaykit.report.methods_sheet import write_methods
from assaykit.report.outputs import file_stem, write_bytes
from assaykit.report.review import add_contact_sheet, write_images
from assaykit.report.sheets import table_sheet, workbook_at
from assaykit.report.summary import drawing_of, standards_charts, write_plate_summary
from assaykit.report.words import own_columns
from assaykit.workbook import read_results, write_design_sheet
from assaykit.workbook.results import KIND

if TYPE_CHECKING:
    from assaykit.study import Study


def write_plate_report(study: Study, folder: Path) -> dict[str, Path]:
    """Write the results workbook of one plate and its pictures.

    Parameters
    ----------
    study
        One plate, as :func:`assaykit.analyse_plate` gives it.
    folder
        Where the files go; made if it is not there.

    Returns
    -------
    dict of str to pathlib.Path
        ``workbook``: ``<title>.results.xlsx``; each picture by its name: ``plate``,
        ``curve.RANKL``, ``contact_sheet``, ``overlays/A1 2``. The same Study gives the same bytes.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there before is whole.

    Notes
    -----
    Results that stand there already are replaced; if a person has edited them, they are kept
    as ``<title>.results.edited-1.xlsx``.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from assaykit.design import Design
    >>> from assaykit.study import Study
    >>> none = pd.DataFrame()
    >>> plate = Study("plate 1", "elisa", Design(), none, none, none, none, none)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_plate_report(plate, Path(folder))["workbook"].name
    'plate 1.results.xlsx'
    """
    stem = file_stem(study.title)
    pictures = [picture for draw in FIGURES for picture in draw(study)]
    images = [image_bytes(picture, "png") for picture in pictures]
    written = {"workbook": folder / f"{stem}.results.xlsx"}
    _set_edited_aside(written["workbook"])
    with workbook_at(written["workbook"], study.title) as book:
        drawings = [drawing_of(*pair) for pair in zip(pictures, images, strict=True)]
        curves = len(study.curves)  # their pictures come first
        beside = [*drawings[:curves], *standards_charts(book, study), *drawings[curves:]]
        write_plate_summary(book, study, beside)
        add_contact_sheet(book, study.title, study.images)
        tables = {
            "Observations": study.observations,
            **{name: table for name, table in study.tables.items() if len(table)},
            "Wells": study.wells,
            "QC": study.remarks,
        }
        own = own_columns(study)
        for name, table in tables.items():
            table_sheet(book, name, table, own)
        write_design_sheet(book.workbook, book.add_sheet("Design"), study.design)
        write_methods(book, study)
        table_sheet(book, "Provenance", provenance_table(study, KIND))
    stems: list[str] = []
    for picture, data in zip(pictures, images, strict=True):
        stems.append(file_stem(picture.name, stems))
        written[picture.name] = write_bytes(folder / f"{stem}.{stems[-1]}.png", data)
    return written | write_images(study.images, folder, stem)


def _set_edited_aside(path: Path) -> None:
    """Rename results in which a person has excluded or included wells; nothing else is kept."""
    if not path.is_file():
        return
    try:
        edited = bool(read_results(path).edits)
    except InputError:
        edited = True
    if edited:
        free = (path.with_suffix(f".edited-{number}.xlsx") for number in count(1))
        path.rename(next(name for name in free if not name.exists()))
