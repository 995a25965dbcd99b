"""Which model compares the arms: the step that yields means, covariance and df.

A model takes a table of replicate values (columns ``arm``, ``biological_replicate``, ``y``) and
returns a :class:`Model`. An engine that keeps the wells comes in here, with the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from assaykit.stats.contrasts import ArmFit
from assaykit.stats.linear import fit_arms


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model and what it is called.

    Parameters
    ----------
    fit
        Arms, means, covariance of the means, degrees of freedom.
    name
        Its name, for the methods text.
    """

    fit: ArmFit
    name: str


def one_way(values: pd.DataFrame) -> Model:
    """Fit arms that have different replicates: Student's t, or one-way analysis of variance.

    Parameters
    ----------
    values
        One row per replicate: ``arm``, ``biological_replicate``, ``y`` on the scale of analysis.

    Raises
    ------
    DesignError
        The values do not vary, or there is one for each arm.

    Examples
    --------
    >>> rows = {"arm": list("aabb"), "biological_replicate": list("1234"), "y": [1.0, 2, 4, 6]}
    >>> one_way(pd.DataFrame(rows)).name
    "Student's t test"
    """
    fit = fit_arms(values["y"], list(values["arm"]))
    return Model(fit, "Student's t test" if len(fit.arms) == 2 else "one-way analysis of variance")


def randomised_block(values: pd.DataFrame) -> Model:
    """Fit arms that share their replicates: paired t, or randomised-block analysis of variance.

    Replicates that are not in every arm are used as far as they go, by least squares (the
    intra-block analysis). Parameters and errors are those of :func:`one_way`.

    Examples
    --------
    >>> rows = {"arm": list("aaabbb"), "biological_replicate": list("123123"),
    ...         "y": [1.0, 2, 3, 3, 4, 6]}
    >>> randomised_block(pd.DataFrame(rows)).name
    'paired t test'
    """
    replicates = list(values["biological_replicate"])
    fit = fit_arms(values["y"], list(values["arm"]), replicates)
    if len(fit.arms) == 2:
        return Model(fit, "paired t test")
    name = "randomised-block analysis of variance"
    complete = len(values) == len(fit.arms) * len(set(replicates))
    return Model(fit, name if complete else f"{name} with incomplete blocks")
