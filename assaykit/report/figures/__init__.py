"""Figures: each takes a Study and gives the pictures that the Study has something for.

A new figure is one file here and one name in :data:`FIGURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assaykit.report.figures.agreement import agreement_figures
from assaykit.report.figures.canvas import Picture
from assaykit.report.figures.dilution_series import dilution_series_figures
from assaykit.report.figures.dot_plot import dot_plots
from assaykit.report.figures.plate_map import plate_maps
from assaykit.report.figures.residuals import residual_figures
from assaykit.report.figures.standard_curve import curve_figures

if TYPE_CHECKING:
    from assaykit.study import Study

FIGURES: tuple[Callable[[Study], Iterator[Picture]], ...] = (
    curve_figures, dilution_series_figures, plate_maps, dot_plots, residual_figures,
    agreement_figures,
)  # fmt: skip

__all__ = ["FIGURES", "Picture"]
