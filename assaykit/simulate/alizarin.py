"""Alizarin red, extracted with cetylpyridinium chloride and read at 562 nm, standards in µM."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from assaykit.simulate.biology import MINERAL, Biology, draw_biology
from assaykit.simulate.layout import Layout, lay_out
from assaykit.simulate.measurement import (
    NO_NUISANCES,
    USUAL_NOISE,
    Line,
    Noise,
    Nuisances,
    Optics,
    SimulatedPlate,
    read_plate,
    simulated_plate,
)


@dataclass(frozen=True)
class Extraction:
    """How the extracts are read.

    Parameters
    ----------
    layout
        Standards in µM, dilution of the extracts and blanks.
    curve
        The true line: OD against µM; its intercept is the OD of a blank well.
    """

    layout: Layout
    curve: Line


CPC_EXTRACTION = Extraction(
    Layout(standards=(800.0, 400.0, 200.0, 100.0, 50.0, 25.0, 12.5, 0.0), dilutions=(10.0,)),
    Line(intercept=0.045, slope=0.0021),
)


def alizarin_extraction_plate(
    *,
    seed: int,
    biology: Biology | None = None,
    plate: str = "Alizarin_CPC",
    extraction: Extraction = CPC_EXTRACTION,
    noise: Noise = USUAL_NOISE,
    nuisances: Nuisances = NO_NUISANCES,
) -> SimulatedPlate:
    """Simulate one plate of Alizarin red extracts with exactly known truth.

    Parameters
    ----------
    seed
        The same seed gives the same plate.
    biology
        The experiment that is measured; drawn from the seed if None.
    plate
        Name of the plate.
    extraction
        Standards, dilution and the true line.
    noise, nuisances
        Random errors, and what goes wrong on some plates.

    Returns
    -------
    SimulatedPlate
        Readings in the channel ``od_562``.

    Raises
    ------
    UsageError
        The samples do not fit on the plate, or the biology has no endpoint for Alizarin red.

    Examples
    --------
    >>> simulated = alizarin_extraction_plate(seed=1)
    >>> simulated.wells["role"].value_counts().to_dict()
    {'sample': 36, 'standard': 16, 'blank': 4}
    """
    seen = (biology or draw_biology([MINERAL], seed=seed)).only("alizarin")
    laid_out = lay_out(seen, extraction.layout, plate)
    optics = Optics(extraction.curve, "od_562")
    readings = read_plate(laid_out, optics, seed=seed, noise=noise, nuisances=nuisances)
    return simulated_plate(seen, laid_out, readings, asdict(extraction.curve))
