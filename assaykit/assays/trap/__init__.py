"""TRAP: osteoclasts counted in pictures by their definition.

TRAP-positive, with three nuclei or more (:mod:`assaykit.images.osteoclasts`). Where nuclei cannot
be resolved, osteoclasts are called by area, and every row says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.assays.base import Assay, Quantified
from assaykit.assays.picture_columns import is_picture
from assaykit.assays.trap.columns import TRAP_COLUMNS
from assaykit.assays.trap.endpoints import ENDPOINTS
from assaykit.assays.trap.parameters import TrapParameters
from assaykit.assays.trap.template import TEMPLATE
from assaykit.errors import NothingToAnalyseError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ASSAY", "TEMPLATE", "TrapParameters", "quantify"]


def quantify(wells: pd.DataFrame, parameters: TrapParameters) -> Quantified:
    """Osteoclasts of every picture, and per well.

    Parameters
    ----------
    wells
        Annotated wells with pictures.
    parameters
        See :class:`TrapParameters`.

    Raises
    ------
    NothingToAnalyseError
        There is no picture.
    InputError
        No picture has a scale, or a parameter is impossible.

    Examples
    --------
    >>> TrapParameters().min_nuclei
    3
    """
    from assaykit.assays.trap import pictures

    if not is_picture(wells).any():
        raise NothingToAnalyseError("No well has a picture; name the files beside 'pictures'.")
    return pictures.quantify(wells, parameters)


ASSAY = Assay(
    name="trap",
    title="TRAP-positive osteoclasts",
    endpoints=ENDPOINTS,
    template=TEMPLATE,
    quantify=quantify,
    columns=TRAP_COLUMNS,
    summary={
        "Osteoclasts": (
            "well", "sample", "osteoclast_count", "osteoclasts_per_mm2", "nuclei_per_osteoclast",
            "fusion_index", "osteoclast_area_fraction", "flags",
        ),
    },
)  # fmt: skip
