"""Reference genes that themselves answer to the arms.

Normalising to a gene that the treatment changes moves every target by as much. Here each reference
gene is compared over the arms like a target, on its own quantities before normalisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import JOINER
from assaykit.errors import DesignError, InputError, Problem
from assaykit.stats.mixed_model import MixedModel, fit_mixed_model

_OWN = "least squares on arms"
_WITHIN = "least squares on arms and replicates (each replicate is in every arm)"
_SOME = "linear mixed model, arms fixed and replicates random (REML, Kenward-Roger)"
_MODELS = {
    _OWN: ("y ~ arm", ()),
    _WITHIN: ("y ~ arm + replicate", ()),
    _SOME: ("y ~ arm", ("replicate",)),
}
_MISSING = "Measure it again, or leave out the gene or the sample."


def reference_responses(
    log2_expression: pd.DataFrame,
    factors: pd.DataFrame | pd.Series,
    replicates: pd.Series | Sequence[Any],
) -> pd.DataFrame:
    """Test for each reference gene whether its expression differs between the arms.

    Parameters
    ----------
    log2_expression
        Samples × genes, log2 of relative quantities before any normalisation, such as
        ``-cq * log2(1 + efficiency)`` from equal amounts of RNA.
    factors
        The levels of one factor, or of several (one column each), by the names of the samples.
        An arm is one combination of levels.
    replicates
        The biological replicate of each sample: by the names of the samples, or in their order.
        One name in several arms is one replicate that the arms share.

    Returns
    -------
    DataFrame
        One row per gene: gene, num_df, den_df, f, p_value (no difference between any arms),
        largest_difference (of two arms' means, in log2 units), contrast (the higher arm vs the
        lower), n_biological, model.

    Raises
    ------
    InputError
        Names twice, values that are no numbers, samples without a level or a replicate, one arm
        only, arms with one replicate: all problems at once.
    DesignError
        A gene that does not vary within the arms.

    Notes
    -----
    Several samples of one replicate in one arm are averaged first. Where each replicate is in one
    arm: one-way analysis of variance. Where each is in every arm: randomised blocks, which is the
    mixed model's test wherever replicates vary. Otherwise replicates are random (REML), with
    Kenward and Roger's (1997) F. A p value that is not small does not show that a gene is stable:
    look at the difference beside it.

    Examples
    --------
    >>> log2 = pd.DataFrame({"GAPDH": [0.1, 0.4, 0.2, 1.3, 1.6, 1.7], "TBP": [0, 1, 2, 2, 0, 1.5]})
    >>> arms = pd.Series(["control"] * 3 + ["vesicle"] * 3, name="treatment")
    >>> found = reference_responses(log2, arms, ["d1", "d2", "d3", "d4", "d5", "d6"])
    >>> found[["gene", "den_df", "p_value", "largest_difference"]].round(3).values.tolist()
    [['GAPDH', 4.0, 0.001, 1.3], ['TBP', 4.0, 0.851, 0.167]]
    >>> found["contrast"].tolist()
    ['vesicle vs control', 'vesicle vs control']
    """
    samples = _samples(log2_expression, factors, replicates)
    _refuse([*_table_problems(log2_expression), *_design_problems(log2_expression, samples)])
    values = log2_expression.astype(float).reset_index(drop=True)
    genes = [str(name) for name in values.columns]
    keys = [samples["arm"].to_numpy(), samples["replicate"].to_numpy()]
    cells = values.set_axis(genes, axis=1).groupby(keys, sort=False).mean()
    places = cells.index.to_frame(index=False).set_axis(["arm", "replicate"], axis=1)
    name = _model_name(places)
    rows, problems = [], []
    for gene in genes:
        try:
            rows.append(_response(gene, places.assign(y=cells[gene].to_numpy()), name))
        except DesignError as error:
            problems += [replace(p, message=f"{gene}: {p.message}") for p in error.problems]
    if problems:
        raise DesignError(problems)
    return pd.DataFrame(rows)


def _response(gene: str, cells: pd.DataFrame, name: str) -> dict[str, Any]:
    """The test of one gene."""
    fixed, random = _MODELS[name]
    model = fit_mixed_model(cells, fixed, random)
    tests = model.anova()
    test = tests[tests["term"] == "arm"].to_dict("records")[0]
    difference, contrast = _largest_difference(model)
    return {
        "gene": gene,
        "num_df": int(test["num_df"]),
        "den_df": float(test["den_df"]),
        "f": float(test["f"]),
        "p_value": float(test["p_value"]),
        "largest_difference": difference,
        "contrast": contrast,
        "n_biological": int(cells["replicate"].nunique()),
        "model": name,
    }


def _largest_difference(model: MixedModel) -> tuple[float, str]:
    """The highest minus the lowest mean of an arm, and which they are."""
    means = model.marginal_means("arm")
    estimate = means["estimate"].to_numpy(dtype=float)
    high, low = int(estimate.argmax()), int(estimate.argmin())
    names = means["arm"].tolist()
    return float(estimate[high] - estimate[low]), f"{names[high]} vs {names[low]}"


def _model_name(places: pd.DataFrame) -> str:
    """How the arms can be compared, given the arm and replicate of each mean."""
    arms_of = places.groupby("replicate")["arm"].nunique()
    if arms_of.max() == 1:
        return _OWN
    return _WITHIN if arms_of.min() == places["arm"].nunique() else _SOME


def _samples(
    log2_expression: pd.DataFrame,
    factors: pd.DataFrame | pd.Series,
    replicates: pd.Series | Sequence[Any],
) -> pd.DataFrame:
    """Arm and replicate of each sample, in their order; empty where there is none."""
    index = log2_expression.index
    table = factors.to_frame() if isinstance(factors, pd.Series) else factors
    named = replicates if isinstance(replicates, pd.Series) else _in_order(replicates, index)
    problems = [
        Problem("samples_twice", f"the {what} name some samples twice", remedy="Name each once.")
        for what, names in (
            ("samples", index),
            ("factors", table.index),
            ("replicates", named.index),
        )
        if not names.is_unique
    ]
    if not len(table.columns):
        problems.append(Problem("no_factor", "no factor is given", remedy="Give at least one."))
    _refuse(problems)
    levels = [_texts(table[name].reindex(index)) for name in table.columns]
    arms = ["" if "" in row else JOINER.join(row) for row in zip(*levels, strict=True)]
    return pd.DataFrame({"arm": arms, "replicate": _texts(named.reindex(index))})


def _in_order(replicates: Sequence[Any], index: pd.Index) -> pd.Series:
    if len(replicates) != len(index):
        message = f"found {len(replicates)} replicates for {len(index)} samples"
        _refuse([Problem("replicates_do_not_fit", message, remedy="Give one for each sample.")])
    return pd.Series(list(replicates), index=index)


def _texts(names: pd.Series) -> list[str]:
    return ["" if pd.isna(name) else str(name) for name in names]


def _table_problems(log2_expression: pd.DataFrame) -> list[Problem]:
    """Genes that are there twice, or have no number in some samples."""
    genes = [str(name) for name in log2_expression.columns]
    problems = []
    twice = [gene for gene in dict.fromkeys(genes) if genes.count(gene) > 1]
    if twice:
        message = f"several genes have the same name: {', '.join(twice)}"
        problems.append(Problem("gene_twice", message, remedy="Give each gene one name."))
    for place, gene in enumerate(genes):
        column = pd.to_numeric(log2_expression.iloc[:, place], errors="coerce")
        missing = log2_expression.index[~np.isfinite(column.to_numpy(dtype=float))]
        if len(missing):
            names = ", ".join(map(str, missing))
            message = f"{gene} has no number in the samples {names}"
            problems.append(Problem("missing_expression", message, remedy=_MISSING))
    return problems


def _design_problems(log2_expression: pd.DataFrame, samples: pd.DataFrame) -> list[Problem]:
    """Samples that belong nowhere, and arms that cannot be compared."""
    problems = []
    for what in ("arm", "replicate"):
        lost = log2_expression.index[(samples[what] == "").to_numpy()]
        if len(lost):
            message = f"these samples have no {what}: {', '.join(map(str, lost))}"
            remedy = "Name it for each sample, by the names of the samples."
            problems.append(Problem(f"no_{what}", message, remedy=remedy))
    known = samples[(samples != "").all(axis=1)]
    counts = known.groupby("arm", sort=False)["replicate"].nunique()
    if len(counts) == 1:
        message = f"all samples are in one arm, {counts.index[0]}"
        problems.append(Problem("one_arm", message, remedy="A comparison needs two arms."))
    few = [str(arm) for arm in counts.index[counts < 2]]
    if few:
        message = f"these arms have one biological replicate: {', '.join(few)}"
        remedy = "Add biological replicates, or leave the arm out."
        problems.append(Problem("few_replicates", message, remedy=remedy))
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InputError(problems)
