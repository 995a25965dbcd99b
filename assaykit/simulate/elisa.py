"""A sandwich ELISA of RANKL: 450 nm with 570 nm as reference, 4PL standards in pg/mL."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from assaykit.simulate.biology import RANKL, Biology, draw_biology
from assaykit.simulate.layout import Layout, lay_out
from assaykit.simulate.measurement import (
    NO_NUISANCES,
    USUAL_NOISE,
    FourParameter,
    Noise,
    Nuisances,
    Optics,
    SimulatedPlate,
    read_plate,
    simulated_plate,
)


@dataclass(frozen=True)
class ElisaKit:
    """The kit and how it is used.

    Parameters
    ----------
    layout
        Standards in pg/mL, dilutions, blanks and controls.
    curve
        The true 4PL curve: OD above the background against pg/mL.
    background
        OD of the plate at both wavelengths.
    """

    layout: Layout
    curve: FourParameter
    background: float = 0.042


RANKL_KIT = ElisaKit(
    Layout(
        standards=(2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0),
        dilutions=(2.0, 4.0),
        controls={"QC low": 100.0, "QC high": 800.0},
    ),
    FourParameter(a=0.06, b=1.15, c=900.0, d=3.2),
)


def elisa_plate(
    *,
    seed: int,
    biology: Biology | None = None,
    plate: str = "RANKL_ELISA",
    kit: ElisaKit = RANKL_KIT,
    noise: Noise = USUAL_NOISE,
    nuisances: Nuisances = NO_NUISANCES,
) -> SimulatedPlate:
    """Simulate one ELISA plate with exactly known truth.

    Parameters
    ----------
    seed
        The same seed gives the same plate.
    biology
        The experiment that is measured; drawn from the seed if None.
    plate
        Name of the plate.
    kit
        Standards, dilutions and the true curve.
    noise, nuisances
        Random errors, and what goes wrong on some plates.

    Returns
    -------
    SimulatedPlate
        Readings in the channels ``od_450`` and ``od_570``.

    Raises
    ------
    UsageError
        The samples do not fit on the plate, or the biology has no endpoint for an ELISA.

    Examples
    --------
    >>> simulated = elisa_plate(seed=1)
    >>> len(simulated.wells), len(simulated.readings)
    (96, 192)
    >>> simulated.wells.loc[4, ["well", "role", "sample"]].tolist()
    ['C1', 'standard', 'S3']
    """
    seen = (biology or draw_biology([RANKL], seed=seed)).only("elisa")
    laid_out = lay_out(seen, kit.layout, plate)
    optics = Optics(kit.curve, "od_450", "od_570", kit.background)
    readings = read_plate(laid_out, optics, seed=seed, noise=noise, nuisances=nuisances)
    return simulated_plate(seen, laid_out, readings, asdict(kit.curve))
