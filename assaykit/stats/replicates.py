"""From wells to biological replicates: one value for each, because replicates are n.

Wells of one replicate repeat the measurement, not the biology. Taken as n they make a t test
at 5 % false in 13 to 35 of 100 experiments without any effect (Aarts et al. 2014; Lazic et
al. 2018). Here they are averaged first: geometrically on a log scale, arithmetically on every
other one (for fractions too: the mean of the shares, and for counts).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import Design, check_arms
from assaykit.errors import DesignError, InputError, NothingToAnalyseError, Problem
from assaykit.stats.scales import LIMITS
from assaykit.tables import REPLICATES, check_observations, check_replicates

ENDPOINT = ["assay", "analyte", "endpoint"]
"""The columns that together name what was measured."""

# One arm alone can be averaged; it only cannot be compared.
_NEEDED_FOR_CONTRASTS = {"no_reference_arm", "one_arm"}


def replicate_values(observations: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Average the wells of each biological replicate, for each endpoint and arm.

    Parameters
    ----------
    observations
        Observations; only those with the role ``sample`` are looked at.
    design
        Factors and arms.

    Returns
    -------
    DataFrame
        The replicates table with the factor columns: ``value`` in the unit of the observations,
        ``n_wells`` behind it, ``n_excluded`` left out by a person or without a number. A
        replicate of which no well counts has no value.

    Raises
    ------
    DesignError
        The wells do not fit the design, or do not name their biological replicate.
    InputError
        A value that its scale cannot have (0 or less on a log scale), or an endpoint with two
        units or scales.
    NothingToAnalyseError
        No sample well at all.

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> wells = pd.DataFrame({"plate": "P1", "well": ["A1", "A2", "A3"], "role": "sample",
    ...     "biological_replicate": "donor 1", "treatment": "control", "assay": "elisa",
    ...     "endpoint": "concentration", "value": [10.0, 40.0, None], "unit": "pg/mL",
    ...     "scale": "log"})
    >>> replicate_values(wells, design)[["n_wells", "n_excluded", "value"]]
       n_wells  n_excluded  value
    0        2           1   20.0
    """
    samples = sample_wells(observations)
    stop = [
        problem
        for problem in arm_errors(samples, design)
        if problem.code not in _NEEDED_FOR_CONTRASTS
    ]
    if stop:
        raise DesignError(stop)
    return average_wells(samples, design)


def arm_errors(samples: pd.DataFrame, design: Design) -> list[Problem]:
    """List what in the wells makes arms impossible to form or to compare."""
    if not design.factors:
        remedy = "Declare what was varied, such as treatment: control, vesicle."
        return [Problem("no_factor", "the design has no factor", remedy=remedy)]
    return [p for p in check_arms(samples, design) if p.severity == "error"]


def sample_wells(observations: pd.DataFrame) -> pd.DataFrame:
    """Pick the observations with the role ``sample``, with all columns that are asked for.

    ``counts`` says which of them have a number and are not excluded.
    """
    checked = check_observations(observations)
    samples = checked[checked["role"] == "sample"]
    if samples.empty:
        raise NothingToAnalyseError(
            "There is no well with the role 'sample', so no arm to compare."
        )
    absent = {name: "" for name in ENDPOINT if name not in samples}
    excluded = samples.get("excluded", pd.Series(False, index=samples.index))
    return samples.assign(**absent, counts=~excluded & np.isfinite(samples["value"]))


def check_values(samples: pd.DataFrame) -> None:
    """Refuse endpoints with two units or scales, and values that their scale cannot have."""
    problems = [*_mixed(samples), *_beyond_limits(samples)]
    if problems:
        raise InputError(problems)


def average_wells(samples: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Average the sample wells of a table that has been found to fit its design."""
    check_values(samples)
    logarithmic = samples["scale"] == "log"
    values = samples["value"].where(samples["counts"])
    placed = samples.assign(
        arm=design.arm_labels(samples),
        mean=np.log(values.where(logarithmic, 1.0)).where(logarithmic, values),
        n_wells=samples["counts"],
        n_excluded=~samples["counts"],
    )
    placed = placed[(placed["arm"] != "") & (placed["biological_replicate"] != "")]
    keys = [*ENDPOINT, "arm", "biological_replicate", "unit", "scale", *design.factor_names]
    table = (
        placed.groupby(keys, sort=False)
        .agg(n_wells=("n_wells", "sum"), n_excluded=("n_excluded", "sum"), mean=("mean", "mean"))
        .reset_index()
    )
    geometric = np.exp(table["mean"].where(table["scale"] == "log", 0.0))
    table["value"] = geometric.where(table["scale"] == "log", table["mean"])
    return check_replicates(_in_order(table.drop(columns="mean"), design))


def _in_order(table: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Sort by endpoint as they come, then by arm as declared."""
    endpoints = table.groupby(ENDPOINT, sort=False).ngroup()
    arms = table["arm"].map({arm: i for i, arm in enumerate(design.arms)})
    order = np.lexsort([arms, endpoints])
    known = [name for name in REPLICATES.names if name in table]
    return table.iloc[order][[*known, *design.factor_names]].reset_index(drop=True)


def _mixed(samples: pd.DataFrame) -> list[Problem]:
    problems = []
    for names, rows in samples.groupby(ENDPOINT, sort=False):
        for column in ("unit", "scale"):
            found = list(dict.fromkeys(rows[column]))
            if len(found) > 1:
                message = f"{_title(names)} has more than one {column}: {', '.join(found)}"
                remedy = "Bring all plates to one before they are compared."
                problems.append(Problem(f"mixed_{column}", message, remedy=remedy))
    return problems


def _beyond_limits(samples: pd.DataFrame) -> list[Problem]:
    problems = []
    counting = samples[samples["counts"]]
    for scale, (expected, rule) in LIMITS.items():
        rows = counting[counting["scale"] == scale]
        rows = rows[~rule(rows["value"].to_numpy(dtype=float))]
        problems += [_beyond(row, expected) for row in rows.to_dict("records")]
    return problems


def _beyond(row: Mapping[Hashable, Any], expected: str) -> Problem:
    message = f"{row['endpoint']} is {row['value']:g} {row['unit']}".rstrip()
    remedy = "A value below the limit of quantification is flagged and has no number."
    return Problem(
        "impossible_value",
        f"{message}, expected {expected} on the scale '{row['scale']}'",
        file=str(row["plate"]),
        well=str(row["well"]),
        remedy=remedy,
    )


def _title(names: Iterable[Hashable]) -> str:
    """Such as ``elisa RANKL concentration``."""
    return " ".join(str(name) for name in names if name)
