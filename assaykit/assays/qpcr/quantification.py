"""The whole way of a qPCR plate: reactions, efficiencies, delta Cq, observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from assaykit.assays.base import Quantified
from assaykit.assays.qpcr import tables as own
from assaykit.assays.qpcr.efficiency import dilution_series_table
from assaykit.assays.qpcr.miqe import miqe_table
from assaykit.assays.qpcr.normalisation import normalisers_of, run_corrections
from assaykit.assays.qpcr.parameters import QpcrParameters
from assaykit.assays.qpcr.quantities import (
    REFERENCE_ROLES,
    calibrator_problems,
    relative_quantities,
    relative_to,
    vendor_intervals,
)
from assaykit.assays.qpcr.reactions import AT_BOUND, MEASURED, reactions_of, targets_of
from assaykit.assays.qpcr.record import steps_of
from assaykit.assays.qpcr.stability import genorm, genorm_variation, normfinder
from assaykit.errors import InputError, NothingToAnalyseError, Problem

if TYPE_CHECKING:
    import pandas as pd

ENDPOINT = "log2_expression"
_ENOUGH = 0.15  # Vandesompele et al. 2002


def quantify(wells: pd.DataFrame, parameters: QpcrParameters) -> Quantified:
    """Expression of each target in each sample well, as −delta Cq.

    Parameters
    ----------
    wells
        Annotated wells with Cq, joined with the sheets Samples and Targets.
    parameters
        See :class:`QpcrParameters`.

    Returns
    -------
    Quantified
        Observations ``log2_expression`` (−delta Cq, scale log2), one for each well of a target;
        ``cq``, ``delta_cq`` and ``relative_quantity`` beside it. Tables Targets, Technical
        replicates, Efficiency, Reference genes, Undetermined, Controls, Melt, MIQE.

    Raises
    ------
    InputError
        Names that differ only in case, no reference gene, one from another RT reaction, or no
        calibrator where runs are to be calibrated.
    NothingToAnalyseError
        No Cq at all, or no well of a target.
    """
    reactions = reactions_of(wells, parameters)
    several = reactions["plate"].nunique() > 1
    made, problems = {}, []
    for plate, rows in reactions.groupby("plate", sort=False):
        try:
            own_wells = wells[wells["plate"] == plate]
            made[str(plate)] = _of_plate(rows.reset_index(drop=True), own_wells, parameters)
        except InputError as error:
            problems += [_of(str(plate), one) if several else one for one in error.problems]
    if problems:
        raise InputError(problems)
    if all(part.observations.empty for part in made.values()):
        raise NothingToAnalyseError("No sample well holds a target; every one is a reference gene.")
    return _together(made) if several else next(iter(made.values()))


def _of(plate: str, problem: Problem) -> Problem:
    """The problem, said of one of several plates."""
    return replace(problem, message=f"plate {plate}: {problem.message}")


def _of_plate(
    reactions: pd.DataFrame, wells: pd.DataFrame, parameters: QpcrParameters
) -> Quantified:
    """One plate: what is normalised and averaged never comes from another run."""
    targets = targets_of(reactions, parameters)
    series = dilution_series_table(reactions, parameters.confidence)
    efficiency = efficiency_table(targets, series)
    targets = targets.assign(efficiency=efficiency["efficiency"].to_numpy(dtype=float))
    chosen = normalisers_of(targets, parameters)
    quantities = quantities_of(reactions, targets, chosen, parameters)
    made = {
        "Targets": quantities,
        "Technical replicates": own.replicate_table(reactions, parameters.spread_limit),
        "Efficiency": efficiency,
        "Reference genes": reference_table(reactions, targets),
        "Number of reference genes": number_table(reactions, targets),
        "Undetermined": own.bound_table(reactions, quantities, parameters),
        "Controls": own.control_table(reactions),
        "Melt": own.melt_table(wells, parameters),
    }
    made["MIQE"] = miqe_table(reactions, targets, made)
    observations = observations_of(reactions, quantities)
    steps = steps_of(targets, chosen, parameters, reactions)
    return Quantified(observations, made, {}, steps, reference_expression(reactions, targets))


def _together(made: Mapping[str, Quantified]) -> Quantified:
    """Several plates, one below the other; each row says of which plate it is."""
    import pandas as pd

    def below(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        named = [
            table if "plate" in table else table.assign(plate=plate)[["plate", *table.columns]]
            for plate, table in tables.items()
        ]
        return pd.concat([one for one in named if len(one)] or named[:1], ignore_index=True)

    names = next(iter(made.values())).tables
    tables = {
        name: below({plate: part.tables[name] for plate, part in made.items()}) for name in names
    }
    observations = below({plate: part.observations for plate, part in made.items()})
    steps = {step.sentence: step for part in made.values() for step in part.steps}
    steady = pd.concat([part.steady for part in made.values() if part.steady is not None])
    return Quantified(observations, tables, {}, tuple(steps.values()), steady)


def efficiency_table(targets: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """The efficiency of each target and where it comes from.

    Declared on the sheet Targets; else from the plate's dilution series; else 1.00, assumed.
    """
    import numpy as np

    fitted = series.drop_duplicates("target").drop(columns="plate")
    table = targets[["target", "role"]].merge(fitted, on="target", how="left")
    declared = targets["efficiency"].to_numpy(dtype=float)
    measured = table.pop("efficiency").to_numpy(dtype=float)
    value = np.where(np.isfinite(declared), declared, measured)
    source = np.where(
        np.isfinite(declared), "declared",
        np.where(np.isfinite(measured), "dilution series", "assumed"),
    )  # fmt: skip
    table.insert(2, "efficiency", np.where(np.isfinite(value), value, 1.0))
    table.insert(3, "efficiency_source", source)
    table["verdict"] = table["verdict"].fillna("")
    return table


def quantities_of(
    reactions: pd.DataFrame,
    targets: pd.DataFrame,
    chosen: Mapping[str, tuple[str, ...]],
    parameters: QpcrParameters,
) -> pd.DataFrame:
    """The sheet Targets: each sample and target from mean Cq to relative quantity.

    ``n_wells`` counts the reactions that the mean is made of; where undetermined ones are among
    them at their bound, ``flags`` says ``at_bound``: the quantity is then an upper bound.
    """
    import numpy as np
    import pandas as pd

    used = reactions[reactions["role"].isin(MEASURED) & ~reactions["excluded"]]
    used = used[used["target"] != ""]
    quantities = relative_quantities(used, targets, None, normalisers=chosen)
    if parameters.run_calibration:
        corrections, problems = run_corrections(quantities, reactions)
        if problems:
            raise InputError(problems)
        batch = quantities["sample"].map(
            used.drop_duplicates("sample").set_index("sample")["batch"]
        )
        pairs = zip(batch, quantities["target"], strict=True)
        quantities["run_correction"] = [corrections.get(pair, float("nan")) for pair in pairs]
        quantities["delta_cq"] = quantities["delta_cq"] - quantities["run_correction"]
    quantities = relative_to(quantities, _calibrators(used, parameters))
    lacking = used.groupby(["sample", "target"])["undetermined"].sum()
    keys = pd.MultiIndex.from_frame(quantities[["sample", "target"]])
    quantities["n_undetermined"] = lacking.reindex(keys).to_numpy()
    at_bound = (quantities["n_undetermined"] > 0) & (parameters.undetermined == "bound")
    quantities["flags"] = np.where(at_bound, AT_BOUND, "")
    quantities = vendor_intervals(quantities, used, targets, parameters.confidence)
    quantities.insert(0, "plate", used["plate"].iloc[0] if len(used) else "")
    normalised_by = quantities["target"].map({name: ", ".join(by) for name, by in chosen.items()})
    quantities.insert(3, "normalised_by", normalised_by)
    return quantities


def _calibrators(used: pd.DataFrame, parameters: QpcrParameters) -> list[str]:
    """The samples that quantities are relative to: the named ones, else those of the role."""
    named = [name.strip() for name in parameters.calibrator.split(",") if name.strip()]
    if named:
        problems = calibrator_problems(used, named)
        if problems:
            raise InputError(problems)
        return named
    return list(dict.fromkeys(used.loc[used["role"] == "calibrator", "sample"]))


def reference_expression(reactions: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Expression of the reference genes before normalisation: −weighted Cq, samples × genes."""
    import numpy as np

    names = targets.loc[targets["role"].isin(REFERENCE_ROLES), "target"].tolist()
    used = reactions[(reactions["role"] == "sample") & ~reactions["excluded"]]
    cq = used[used["target"].isin(names)].pivot_table(
        index="sample", columns="target", values="cq", aggfunc="mean", sort=False
    )
    efficiency = targets.set_index("target")["efficiency"].astype(float).loc[cq.columns]
    return -cq.mul(np.log2(1 + efficiency.to_numpy()), axis="columns")


def reference_table(reactions: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Stability of the reference genes over the samples: geNorm M, and NormFinder.

    They need three genes and three samples; with fewer, or where a sample lacks one, the table
    has no M and says why.
    """
    import pandas as pd

    expression = reference_expression(reactions, targets)
    names = targets.loc[targets["role"].isin(REFERENCE_ROLES), "target"].tolist()
    roles = targets.set_index("target")["role"].loc[names].tolist()
    spread = [float(expression[n].std()) if n in expression else float("nan") for n in names]
    table = pd.DataFrame({"gene": names, "role": roles, "sd_log2": spread})
    if len(names) < 3 or len(expression) < 3 or expression.isna().any().any():
        why = "geNorm and NormFinder need three reference genes, each in three samples or more"
        return table.assign(remark=why)
    stable = normfinder(expression)[["gene", "stability"]]
    return genorm(expression).merge(stable, on="gene").merge(table, on="gene")


def number_table(reactions: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """How many of the best reference genes are enough: geNorm's pairwise variation V.

    n_genes, variation (of one more gene), enough (whether V is below 0.15); empty with fewer than
    three genes or samples.
    """
    import pandas as pd

    expression = reference_expression(reactions, targets)
    if expression.shape[1] < 3 or len(expression) < 3 or expression.isna().any().any():
        return pd.DataFrame(columns=["n_genes", "variation", "enough"])
    table = genorm_variation(expression)
    return table.assign(enough=["yes" if v < _ENOUGH else "no" for v in table["variation"]])


def observations_of(reactions: pd.DataFrame, quantities: pd.DataFrame) -> pd.DataFrame:
    """One observation for each sample well of a target: −delta Cq, with its Cq beside it.

    A well that is excluded keeps its row; it has a number where others of its sample do.
    """
    import numpy as np

    samples = reactions[
        (reactions["role"] == "sample") & reactions["target"].isin(quantities["target"])
    ]
    keys = ["sample", "target"]
    once = quantities[[*keys, "efficiency", "reference_cq", "delta_cq", "delta_delta_cq"]]
    correction = quantities.get("run_correction")
    once = once.assign(run_correction=0.0 if correction is None else correction)
    table = samples.merge(once, on=keys, how="left", suffixes=("_declared", ""))
    delta = table["cq"] * np.log2(1 + table["efficiency"]) - table["reference_cq"]
    delta = delta - table["run_correction"]
    zero = table["delta_cq"] - table["delta_delta_cq"]
    unknown = delta.isna() & table["cq"].notna() & ~table["excluded"]
    flags = table["flags"].where(~unknown, table["flags"].map(_with_no_reference))
    gone = ["delta_cq", "delta_delta_cq", "run_correction", "undetermined", "reference_cq", "flags"]
    said = ["efficiency_declared", "efficiency_source", "expected_tm", "target_role", "rt_group",
            "batch", "material", "dye", "rna_ng", "a260_280", "rin"]  # fmt: skip
    dropped = [name for name in (*gone, *said) if name in table]
    return table.drop(columns=dropped).assign(
        analyte=table["target"], assay="qpcr", endpoint=ENDPOINT, value=-delta, unit="log2",
        scale="log2", flags=flags, reference_cq=table["reference_cq"], delta_cq=delta,
        delta_delta_cq=delta - zero, relative_quantity=np.exp2(-(delta - zero).astype(float)),
    )  # fmt: skip


def _with_no_reference(flags: str) -> str:
    return "; ".join(filter(None, [flags, "no_reference_cq"]))
