"""A comparison as files: the study workbook, figures for print, methods text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.report.figures import FIGURES
from assaykit.report.figures.canvas import image_bytes
from assaykit.report.methods import methods_text, provenance_table
from assaykit.report.methods_sheet import write_methods
from assaykit.report.outputs import file_stem, plain, write_bytes
from assaykit.report.sheets import table_sheet, workbook_at
from assaykit.report.summary import drawing_of, write_study_summary
from assaykit.report.words import own_columns
from assaykit.workbook import write_design_sheet

if TYPE_CHECKING:
    from assaykit.report.figures import Picture
    from assaykit.study import Study

KIND = "study"
KINDS_OF_IMAGE = ("png", "svg", "pdf")


def write_study_report(study: Study, folder: Path) -> dict[str, Path]:
    """Write the workbook, the figures and the methods text of a comparison.

    Parameters
    ----------
    study
        Several plates compared, as :func:`assaykit.compare_results` gives it.
    folder
        Where the files go; made if it is not there.

    Returns
    -------
    dict of str to pathlib.Path
        ``workbook``: ``study.xlsx``; ``methods``: ``methods.md``; each figure by its name with
        the kind of image: ``elisa.RANKL.concentration.svg``. The same Study gives the same
        bytes.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there before is whole.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from assaykit.design import Design
    >>> from assaykit.study import Study
    >>> none = pd.DataFrame()
    >>> study = Study("study", "", Design(), none, none, none, none, none)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(path.name for path in write_study_report(study, Path(folder)).values())
    ['methods.md', 'study.xlsx']
    """
    pictures = [picture for draw in FIGURES for picture in draw(study)]
    written = {"workbook": folder / "study.xlsx", "methods": folder / "methods.md"}
    figures = _write_figures(pictures, folder / "figures")
    with workbook_at(written["workbook"], study.title) as book:
        drawings = [drawing_of(p, figures[f"{p.name}.png"].read_bytes()) for p in pictures]
        write_study_summary(book, study, drawings)
        tables = {
            "Effects": study.effects,
            "Replicates": study.replicates,
            "Observations": study.observations,
            "Checks": study.checks,
            "QC": study.remarks,
            **study.tables,
        }
        own = own_columns(study)
        for name, table in tables.items():
            table_sheet(book, name, table, own)
        write_design_sheet(book.workbook, book.add_sheet("Design"), study.design)
        write_methods(book, study)
        table_sheet(book, "Provenance", provenance_table(study, KIND))
    write_bytes(written["methods"], plain(methods_text(study)).encode())
    return {**written, **figures}


def _write_figures(pictures: list[Picture], folder: Path) -> dict[str, Path]:
    written: dict[str, Path] = {}
    stems: list[str] = []
    for picture in pictures:
        stems.append(file_stem(picture.name, stems))
        for kind in KINDS_OF_IMAGE:
            path = folder / f"{stems[-1]}.{kind}"
            written[f"{picture.name}.{kind}"] = write_bytes(path, image_bytes(picture, kind))
    return written
