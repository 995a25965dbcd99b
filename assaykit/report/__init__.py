"""A Study becomes files: workbook, pictures, methods text. Nothing is computed here.

::

    Study of one plate     →  <title>.results.xlsx, <title>.curve.<analyte>.png, <title>.plate.png
    Study of a comparison  →  study.xlsx, figures/*.png *.svg *.pdf, methods.md

The package is also the last of the six verbs: ``assaykit.report(study, folder)`` is
:func:`report` (docs/decisions/0004).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaykit.report.figures import FIGURES
    from assaykit.report.figures.dot_plot import replicate_dot_plot
    from assaykit.report.figures.plate_map import plate_heat_map
    from assaykit.report.figures.residuals import residual_figure
    from assaykit.report.figures.standard_curve import standard_curve_figure
    from assaykit.report.methods import methods_text
    from assaykit.report.study_workbook import write_study_report
    from assaykit.report.workbook import write_plate_report
    from assaykit.study import Study

_HOMES = {
    "FIGURES": "assaykit.report.figures",
    "replicate_dot_plot": "assaykit.report.figures.dot_plot",
    "plate_heat_map": "assaykit.report.figures.plate_map",
    "residual_figure": "assaykit.report.figures.residuals",
    "standard_curve_figure": "assaykit.report.figures.standard_curve",
    "methods_text": "assaykit.report.methods",
    "write_study_report": "assaykit.report.study_workbook",
    "write_plate_report": "assaykit.report.workbook",
}

__all__ = [
    "FIGURES",
    "methods_text",
    "plate_heat_map",
    "replicate_dot_plot",
    "report",
    "residual_figure",
    "standard_curve_figure",
    "write_plate_report",
    "write_study_report",
]


def report(study: Study, folder: str | Path) -> dict[str, Path]:
    """Write everything that belongs to a Study: of one plate, or of a comparison.

    Parameters
    ----------
    study
        A Study with wells is one plate; without wells it is a comparison.
    folder
        Where the files go; made if it is not there.

    Returns
    -------
    dict of str to pathlib.Path
        What was written, by name: ``workbook``, ``plate``, ``curve.RANKL``, ...

    Raises
    ------
    OutputError
        A file cannot be written; what stood there before is whole.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> import assaykit
    >>> from assaykit.design import Design
    >>> none = pd.DataFrame()
    >>> study = assaykit.Study("p1", "elisa", Design(), none, none, none, none, none)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(assaykit.report(study, Path(folder)))
    ['methods', 'workbook']
    """
    from assaykit.report.study_workbook import write_study_report
    from assaykit.report.workbook import write_plate_report

    write = write_study_report if study.wells.empty else write_plate_report
    return write(study, Path(folder))


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'assaykit.report' has no attribute '{name}'")


class _Verb(ModuleType):
    """The package as a function, since importing it puts it in the place of the verb."""

    def __call__(self, study: Study, folder: str | Path) -> dict[str, Path]:
        """Write everything that belongs to a Study, see :func:`report`."""
        return report(study, folder)


sys.modules[__name__].__class__ = _Verb
