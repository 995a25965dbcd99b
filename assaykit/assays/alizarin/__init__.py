"""Alizarin red: mineral in pictures, and bound dye extracted and read in a plate reader.

One template serves both. Where it holds readings of extracts, their dye is quantified from the
standard curve (:mod:`assaykit.assays.alizarin.extraction`); where it names pictures, their
mineral is measured (:mod:`assaykit.assays.alizarin.pictures`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.assays.alizarin import extraction
from assaykit.assays.alizarin.columns import MINERAL_COLUMNS
from assaykit.assays.alizarin.endpoints import AREA_FRACTION, INTEGRATED_OD, NODULE_COUNT
from assaykit.assays.alizarin.parameters import AlizarinParameters
from assaykit.assays.alizarin.template import TEMPLATE
from assaykit.assays.base import Assay, Quantified, joined
from assaykit.assays.curve_columns import CURVE_COLUMNS
from assaykit.assays.picture_columns import is_picture

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ASSAY", "TEMPLATE", "AlizarinParameters", "quantify"]


def quantify(wells: pd.DataFrame, parameters: AlizarinParameters) -> Quantified:
    """What pictures and extracts say of each well.

    Parameters
    ----------
    wells
        Annotated wells (:func:`assaykit.annotate`) with readings in OD, with pictures, or with
        both.
    parameters
        See :class:`AlizarinParameters`.

    Returns
    -------
    Quantified
        Observations of the pictures, then of the extracts.

    Raises
    ------
    InputError, NothingToAnalyseError
        As the two measurements say.

    Examples
    --------
    >>> AlizarinParameters(extraction="acetic_acid").normalise_to
    'none'
    """
    from assaykit.assays.alizarin import pictures

    seen = is_picture(wells)
    if not seen.any():
        return extraction.quantify(wells, parameters)
    measured = pictures.quantify(wells[seen | wells["channel"].eq("")], parameters)
    if not wells.loc[~seen, "value"].notna().any():
        return measured
    return joined(measured, extraction.quantify(wells[~seen], parameters))


ASSAY = Assay(
    name="alizarin",
    title="Alizarin red",
    endpoints=(
        AREA_FRACTION, INTEGRATED_OD, NODULE_COUNT,
        extraction.CONCENTRATION, extraction.AMOUNT, extraction.NORMALISED,
    ),
    template=TEMPLATE,
    quantify=quantify,
    columns={**CURVE_COLUMNS, **MINERAL_COLUMNS},
    summary={
        "Samples": (),
        "Mineral": (
            "well", "sample", "mineralized_area_fraction", "integrated_od", "nodule_count",
            "fraction_at_80_percent", "fraction_at_120_percent",
        ),
    },
    agreements=(
        (AREA_FRACTION.name, extraction.CONCENTRATION.name),
        (INTEGRATED_OD.name, extraction.CONCENTRATION.name),
    ),
)  # fmt: skip
