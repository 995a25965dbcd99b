"""What is true before anything is measured: arms, biological replicates and their effects.

The true value of endpoint, arm and biological replicate is log-normal::

    ln(value) = ln(reference value) + ln(ratio of the arm) + replicate + replicate × arm

with independent normal terms of the two stated standard deviations. A replicate's term is
shared by all arms, as that of a culture that was split over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, log

import numpy as np
import pandas as pd

from assaykit.design import JOINER, Contrast, Design, Factor, Rescue
from assaykit.errors import UsageError
from assaykit.simulate.randomness import generator

CONTROL, VESICLE, KO_VESICLE = "control", "vesicle", "miR-143-3p KO vesicle"

TREATMENTS = Design(
    factors=(Factor("treatment", (CONTROL, VESICLE, KO_VESICLE), CONTROL),),
    replicates_shared=True,
    biological_replicate_is="culture",
    contrasts=(
        Contrast("vesicle vs control", VESICLE, CONTROL),
        Contrast("KO vesicle vs control", KO_VESICLE, CONTROL),
        Contrast("vesicle vs KO vesicle", VESICLE, KO_VESICLE),
    ),
    equivalence_margin=1.25,
    rescue=Rescue(VESICLE, KO_VESICLE),
)
MICE = ("M1", "M2", "M3", "M4")


@dataclass(frozen=True)
class Endpoint:
    """A positive quantity of the cells, how the arms change it and how much it varies.

    Parameters
    ----------
    assay, analyte, name, unit
        What it is, in the words of the assay that measures it.
    reference_value
        Geometric mean over biological replicates in the reference arm.
    ratios
        Arm to its true ratio to the reference arm; an arm that is not named has 1.
    replicate_sd, replicate_arm_sd
        Standard deviations of the natural logarithm between biological replicates, and of
        the arms within a biological replicate.
    scale
        How its effects are told: ``ratio`` or ``log2_fold_change``.
    """

    assay: str
    analyte: str
    name: str
    unit: str
    reference_value: float
    ratios: Mapping[str, float]
    replicate_sd: float = 0.3
    replicate_arm_sd: float = 0.12
    scale: str = "ratio"

    def true_effect(self, contrast: Contrast) -> float:
        """The effect of a contrast; of an interaction that of the ratio of two ratios."""
        log_ratio = sum(w * log(self.ratios.get(a, 1.0)) for a, w in contrast.weights.items())
        return exp(log_ratio) if self.scale == "ratio" else log_ratio / log(2)


RANKL = Endpoint(
    "elisa", "RANKL", "concentration", "pg/mL", 400.0, {VESICLE: 1.9, KO_VESICLE: 1.25}
)
MINERAL = Endpoint(
    "alizarin", "Alizarin red", "alizarin_red_concentration", "µM", 2000.0,
    {VESICLE: 0.45, KO_VESICLE: 0.80}, 0.25,
)  # fmt: skip
RUNX2 = Endpoint(
    "qpcr", "RUNX2", "log2_expression", "", 1.0, {VESICLE: 0.5, KO_VESICLE: 0.88}, 0.25,
    scale="log2_fold_change",
)  # fmt: skip
TNFSF11 = Endpoint(
    "qpcr", "TNFSF11", "log2_expression", "", 1.0, {VESICLE: 2.2, KO_VESICLE: 1.3}, 0.3,
    scale="log2_fold_change",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Biology:
    """The true values of one experiment, which any number of assays may measure.

    Parameters
    ----------
    design
        Factors, arms and planned contrasts.
    replicates
        Names of the biological replicates; each is in every arm.
    endpoints
        What there is to measure.
    values
        One row per endpoint, biological replicate and arm: assay, analyte, endpoint, arm, the
        factors, biological_replicate, true_value, unit.
    """

    design: Design
    replicates: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    values: pd.DataFrame

    @property
    def effects(self) -> pd.DataFrame:
        """The true effects: one for each planned contrast of each endpoint."""
        contrasts = self.design.planned(self.design.arms)
        rows = [
            (*_key(endpoint), contrast.name, endpoint.scale, endpoint.true_effect(contrast))
            for endpoint in self.endpoints
            for contrast in contrasts
        ]
        return pd.DataFrame(rows, columns=EFFECT_COLUMNS)

    def rescue_fractions(self, treated: str, rescued: str) -> pd.DataFrame:
        """How much of an arm's effect another arm lacks.

        That is 1 − (rescued − control)/(treated − control).

        Parameters
        ----------
        treated, rescued
            Labels of the two arms; the control is the reference arm.

        Returns
        -------
        pandas.DataFrame
            Two rows per endpoint, as in :attr:`effects`: on the ``log`` scale, on which the
            ratios are compared, and on the ``linear`` scale of the quantity itself.
        """
        rows = []
        for endpoint in self.endpoints:
            high, low = (endpoint.ratios.get(arm, 1.0) for arm in (treated, rescued))
            rows.append((*_key(endpoint), "rescue_fraction", "log", 1 - log(low) / log(high)))
            rows.append((*_key(endpoint), "rescue_fraction", "linear", 1 - (low - 1) / (high - 1)))
        return pd.DataFrame(rows, columns=EFFECT_COLUMNS)

    def only(self, assay: str) -> Biology:
        """The same experiment as one assay sees it.

        Raises
        ------
        UsageError
            No endpoint, or more than one, belongs to the assay.
        """
        own = tuple(endpoint for endpoint in self.endpoints if endpoint.assay == assay)
        if len(own) != 1:
            raise UsageError(f"the biology has {len(own)} endpoints for '{assay}', expected one")
        values = self.values[self.values["assay"] == assay].reset_index(drop=True)
        return Biology(self.design, self.replicates, own, values)


EFFECT_COLUMNS = ["assay", "analyte", "endpoint", "contrast", "scale", "true_value"]


def draw_biology(
    endpoints: Sequence[Endpoint],
    *,
    seed: int,
    design: Design = TREATMENTS,
    replicates: Sequence[str] = MICE,
) -> Biology:
    """Draw the true values of an experiment in which every replicate is in every arm.

    Parameters
    ----------
    endpoints
        What there is to measure. Adding one does not change the values of the others.
    seed
        The same seed gives the same values.
    design
        Factors and planned contrasts.
    replicates
        Names of the biological replicates.

    Examples
    --------
    >>> biology = draw_biology([RANKL], seed=1)
    >>> biology.values[["arm", "biological_replicate"]].values.tolist()[1]
    ['vesicle', 'M1']
    >>> dict(zip(biology.effects["contrast"], biology.effects["true_value"].round(3).tolist()))
    {'vesicle vs control': 1.9, 'KO vesicle vs control': 1.25, 'vesicle vs KO vesicle': 1.52}
    """
    rows = [
        row
        for endpoint in endpoints
        for row in _rows(endpoint, design, replicates, generator(seed, "biology", endpoint.analyte))
    ]
    return Biology(design, tuple(replicates), tuple(endpoints), pd.DataFrame(rows))


def _rows(
    endpoint: Endpoint, design: Design, replicates: Sequence[str], random: np.random.Generator
) -> Iterator[dict[str, object]]:
    levels = list(product(*(factor.levels for factor in design.factors)))
    of_replicate = random.normal(0.0, endpoint.replicate_sd, len(replicates))
    of_arm = random.normal(0.0, endpoint.replicate_arm_sd, (len(replicates), len(levels)))
    names = ("assay", "analyte", "endpoint")
    for i, replicate in enumerate(replicates):
        for j, combination in enumerate(levels):
            arm = JOINER.join(combination)
            mean = endpoint.reference_value * endpoint.ratios.get(arm, 1.0)
            yield {
                **dict(zip(names, _key(endpoint), strict=True)),
                "arm": arm,
                **dict(zip(design.factor_names, combination, strict=True)),
                "biological_replicate": replicate,
                "true_value": float(mean * np.exp(of_replicate[i] + of_arm[i, j])),
                "unit": endpoint.unit,
            }


def _key(endpoint: Endpoint) -> tuple[str, str, str]:
    return endpoint.assay, endpoint.analyte, endpoint.name
