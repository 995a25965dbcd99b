"""Which reference genes a target may be normalised by, and what makes runs comparable.

A reference gene and its target must have gone through the same reverse transcription: a stem-loop
miRNA primed alone cannot be normalised by an mRNA from another reaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.assays.qpcr.reactions import MEASURED
from assaykit.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.qpcr.parameters import QpcrParameters

_ROLES = {
    "reference": ("reference",),
    "spike_in": ("spike_in",),
    "both": ("reference", "spike_in"),
    "none": (),
}


def normalisers_of(targets: pd.DataFrame, parameters: QpcrParameters) -> dict[str, tuple[str, ...]]:
    """The reference genes of each target: those of the chosen kind from its own RT reaction.

    Parameters
    ----------
    targets
        target, role, rt_group.
    parameters
        Which kind is chosen.

    Raises
    ------
    InputError
        A target without any: no reference gene at all, or none of its own RT reaction.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.assays.qpcr.parameters import QpcrParameters
    >>> targets = pd.DataFrame({"target": ["RUNX2", "ACTB"], "role": ["target", "reference"],
    ...                         "rt_group": ""})
    >>> normalisers_of(targets, QpcrParameters())
    {'RUNX2': ('ACTB',)}
    """
    kinds = _ROLES[parameters.normaliser]
    candidates = targets[targets["role"].isin(kinds)]
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for row in targets[targets["role"] == "target"].to_dict("records"):
        own = candidates[candidates["rt_group"] == row["rt_group"]]
        found[str(row["target"])] = tuple(own["target"])
        if own.empty and kinds:
            problems.append(_none_for(row["target"], row["rt_group"], candidates, parameters))
    if problems:
        raise InputError(problems)
    return found


def _none_for(
    target: object, group: object, candidates: pd.DataFrame, parameters: QpcrParameters
) -> Problem:
    kind = parameters.normaliser.replace("_", "-").replace("both", "reference or spike-in")
    if candidates.empty:
        remedy = "Give one target the role reference or spike_in on the sheet Targets."
        return Problem("no_reference_gene", f"there is no {kind} to normalise '{target}' by",
                       sheet="Targets", remedy=remedy)  # fmt: skip
    others = ", ".join(
        f"{row['target']} ({row['rt_group'] or 'none named'})"
        for row in candidates.to_dict("records")
    )
    message = (
        f"'{target}' comes from the RT reaction '{group or 'none named'}', every {kind} from "
        f"another: {others}"
    )
    remedy = (
        "A reference must share the reverse transcription with its target: use a small RNA or a "
        "spike-in of the same reaction, or correct rt_group."
    )
    return Problem("other_rt_reaction", message, sheet="Targets", remedy=remedy)


def run_corrections(
    quantities: pd.DataFrame, reactions: pd.DataFrame
) -> tuple[dict[tuple[str, str], float], list[Problem]]:
    """Mean ``delta_cq`` of the calibrators of each batch and target.

    Parameters
    ----------
    quantities
        sample, target, delta_cq of one plate.
    reactions
        Tells which samples are calibrators, and the batch of each sample, by the wells that
        count; a pool that also serves as standard is a calibrator where its wells are.

    Returns
    -------
    corrections, problems
        By batch and target; a batch with samples but without a calibrator is a problem.
    """
    counted = reactions[reactions["role"].isin(MEASURED) & ~reactions["excluded"]]
    plate = str(counted["plate"].iloc[0]) if len(counted) else ""
    once = counted.drop_duplicates("sample").set_index("sample")
    table = quantities.assign(
        batch=quantities["sample"].map(once["batch"]), role=quantities["sample"].map(once["role"])
    )
    known = table[table["role"] == "calibrator"].dropna(subset="delta_cq")
    means = known.groupby(["batch", "target"])["delta_cq"].mean()
    rows = means.reset_index().to_dict("records")
    corrections = {(str(row["batch"]), str(row["target"])): float(row["delta_cq"]) for row in rows}
    wanted = table[table["role"] == "sample"][["batch", "target"]].drop_duplicates()
    problems = [
        _no_calibrator(str(target), str(batch), plate)
        for batch, target in wanted.itertuples(index=False)
        if (batch, target) not in corrections
    ]
    return corrections, problems


def _no_calibrator(target: str, batch: str, plate: str) -> Problem:
    of_batch = f" of batch {batch}" if batch else ""
    message = f"target {target}{of_batch} has no calibrator with a Cq on plate {plate}"
    remedy = "Give its wells the role calibrator, or set run_calibration to no."
    return Problem("no_run_calibrator", message, sheet="Settings", remedy=remedy)
