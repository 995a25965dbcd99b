"""What was done with a qPCR plate, for the methods text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assaykit.parameters import as_words
from assaykit.provenance import Step

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.qpcr.parameters import QpcrParameters

_REFERENCES = (
    "Bustin SA, Benes V, Garson JA, et al. The MIQE guidelines: minimum information for "
    "publication of quantitative real-time PCR experiments. Clin Chem 2009;55:611-622.",
    "Livak KJ, Schmittgen TD. Analysis of relative gene expression data using real-time "
    "quantitative PCR and the 2(-delta delta C(T)) method. Methods 2001;25:402-408.",
    "Vandesompele J, De Preter K, Pattyn F, et al. Accurate normalization of real-time "
    "quantitative RT-PCR data by geometric averaging of multiple internal control genes. Genome "
    "Biol 2002;3:research0034.",
)
_UNDETERMINED = {
    "exclude": "Undetermined Cq took no part in means",
    "bound": "Undetermined Cq were set to {limit:g} cycles, which makes these quantities upper "
    "bounds",
}


def steps_of(
    targets: pd.DataFrame,
    chosen: Mapping[str, tuple[str, ...]],
    parameters: QpcrParameters,
    reactions: pd.DataFrame,
) -> tuple[Step, ...]:
    """The quantification in sentences, built from what was used.

    Parameters
    ----------
    targets
        target, role, efficiency.
    chosen
        Reference genes of each target.
    parameters
        Policies and limits.
    reactions
        Tells whether any was undetermined.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for target, by in chosen.items():
        groups.setdefault(by, []).append(target)
    normalised = "; ".join(
        f"{', '.join(names)} by {'the mean of ' if len(by) > 1 else ''}"
        f"{' and '.join(by) or 'nothing, so that loading is part of the values'}"
        for by, names in groups.items()
    )
    efficiencies = ", ".join(
        f"{row['target']} {row['efficiency']:.2f}" for row in targets.to_dict("records")
    )
    sentences = [
        f"Cq were weighted by amplification efficiency (1.00 = 100 %: {efficiencies}) and "
        f"normalised: {normalised}",
        "Expression is given as −ΔCq (log2) for each reaction and was compared on that scale",
    ]
    if reactions["undetermined"].any():
        words = _UNDETERMINED[parameters.undetermined].format(limit=parameters.cq_limit)
        sentences.append(words)
    if parameters.run_calibration:
        sentences.append("ΔCq of the calibrators of each run and batch were taken away")
    text = ". ".join(sentences) + "."
    return (Step("quantification", text, as_words(parameters), _REFERENCES),)
