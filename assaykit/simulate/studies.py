"""One small study: several assays of the same cultures, with known effects and a known rescue."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assaykit.simulate.alizarin import alizarin_extraction_plate
from assaykit.simulate.biology import (
    KO_VESICLE,
    MINERAL,
    RANKL,
    RUNX2,
    TNFSF11,
    VESICLE,
    Biology,
    draw_biology,
)
from assaykit.simulate.elisa import elisa_plate
from assaykit.simulate.measurement import (
    NO_NUISANCES,
    USUAL_NOISE,
    Noise,
    Nuisances,
    SimulatedPlate,
)
from assaykit.simulate.mineral_plate import SimulatedPictures, mineral_picture_plate
from assaykit.simulate.qpcr import SimulatedRun, osteoblast_run, vesicle_run


@dataclass(frozen=True, eq=False)
class SimulatedStudy:
    """Plates that measured the same biological replicates.

    Parameters
    ----------
    biology
        The true values behind all plates.
    elisa
        RANKL in the medium.
    alizarin
        Alizarin red of the mineralised cultures, extracted.
    pictures
        The same cultures in pictures.
    osteoblasts
        RUNX2 and TNFSF11 (RANKL) in the cells, by RT-qPCR.
    vesicles
        miR-143-3p in the vesicles of wild type and knock-out, by RT-qPCR with a spike-in.
    """

    biology: Biology
    elisa: SimulatedPlate
    alizarin: SimulatedPlate
    pictures: SimulatedPictures
    osteoblasts: SimulatedRun
    vesicles: SimulatedRun

    @property
    def effects(self) -> pd.DataFrame:
        """True ratios and rescue fractions of all endpoints."""
        rescue = self.biology.rescue_fractions(treated=VESICLE, rescued=KO_VESICLE)
        of_area = self.pictures.effects
        area_rescue = rescue[rescue["endpoint"].eq(MINERAL.name) & rescue["scale"].eq("log")]
        area_rescue = area_rescue.assign(endpoint=of_area["endpoint"].iloc[0])
        effects = [self.biology.effects, of_area, rescue, area_rescue]
        return pd.concat(effects, ignore_index=True)


def study(
    seed: int, *, noise: Noise = USUAL_NOISE, nuisances: Nuisances = NO_NUISANCES
) -> SimulatedStudy:
    """Simulate a study of vesicles that raise RANKL and lower mineral, and of a knock-out.

    Four cultures (``M1`` to ``M4``) are split over the arms ``control``, ``vesicle`` and
    ``miR-143-3p KO vesicle``. Vesicles raise RANKL 1.9 times and lower mineral to 0.45;
    those without miR-143-3p only 1.25 times and to 0.80. In the cells they halve RUNX2 and raise
    TNFSF11 2.2 times; without miR-143-3p to 0.88 and 1.3 times.

    Parameters
    ----------
    seed
        The same seed gives the same study.
    noise, nuisances
        Random errors of both plates, and what goes wrong on them.

    Examples
    --------
    >>> simulated = study(7)
    >>> simulated.elisa.design == simulated.alizarin.design
    True
    >>> rescue = simulated.effects.query("contrast == 'rescue_fraction' and scale == 'log'")
    >>> rescue.set_index("analyte")["true_value"].round(3).to_dict()
    {'RANKL': 0.652, 'Alizarin red': 0.721, 'RUNX2': 0.816, 'TNFSF11': 0.667}
    """
    biology = draw_biology([RANKL, MINERAL, RUNX2, TNFSF11], seed=seed)
    elisa = elisa_plate(seed=seed, biology=biology, noise=noise, nuisances=nuisances)
    alizarin = alizarin_extraction_plate(
        seed=seed, biology=biology, noise=noise, nuisances=nuisances
    )
    osteoblasts = osteoblast_run(biology, seed=seed)
    pictures = mineral_picture_plate(biology, seed=seed)
    return SimulatedStudy(biology, elisa, alizarin, pictures, osteoblasts, vesicle_run(seed=seed))
