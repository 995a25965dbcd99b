"""Which candidate reference genes are stable: geNorm and NormFinder.

Both take a table of samples × genes in log2: logarithms of relative quantities, or
``-cq * log2(1 + efficiency)``. Nothing may be normalised before, as the amount of RNA in a sample
is what the genes are judged by. Whether a gene answers to the arms is asked by
:func:`assaykit.stats.references.reference_responses`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assaykit.errors import InputError, Problem, UsageError
from assaykit.values import suggestion

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Floats = np.typing.NDArray[np.float64]

VARIATION_LIMIT = 0.15
LEAST_GENES = 3
LEAST_SAMPLES = 3
_DIGITS = 12  # differences beyond them are rounding: the genes are tied


def genorm(log2_expression: pd.DataFrame) -> pd.DataFrame:
    """Rank reference genes by geNorm's stability measure M.

    Parameters
    ----------
    log2_expression
        Samples × genes, log2 of relative quantities before any normalisation.

    Returns
    -------
    DataFrame
        One row per gene, best first: gene, rank (the last two share rank 1, the next is 3), m
        (among all genes) and m_at_exclusion (among the genes left when this one was the worst; for
        the last two their common M). M is in log2 units; smaller is more stable.

    Raises
    ------
    InputError
        Fewer than 3 genes or samples, a name twice, values that are no numbers, genes that do not
        vary: all problems at once.

    Notes
    -----
    M of a gene is the mean, over all other genes, of the standard deviation (n − 1) of the log2
    ratio of the two. The gene with the largest M is excluded and M computed anew, until two are
    left that cannot be told apart (Vandesompele et al. 2002). Of genes with the same M the one
    that comes last in the alphabet is excluded first.

    Examples
    --------
    >>> import pandas as pd
    >>> log2 = pd.DataFrame({"GAPDH": [0.0, 1.0, 2.0, 1.5], "TBP": [0.1, 1.0, 2.1, 1.4],
    ...                      "ACTB": [0.0, 0.2, 3.0, 0.1]})
    >>> genorm(log2).round(3).values.tolist()
    [['GAPDH', 1, 0.567, 0.096], ['TBP', 1, 0.525, 0.096], ['ACTB', 3, 0.996, 0.996]]
    """
    import pandas as pd

    genes, values = _checked(log2_expression)
    spread = _pairwise_sd(values)
    steps = _exclusions(spread, genes)[::-1]
    order = [place for place, _ in steps]
    return pd.DataFrame(
        {
            "gene": [genes[place] for place in order],
            "rank": [1, 1, *range(3, len(genes) + 1)],
            "m": _mean_sd(spread)[order],
            "m_at_exclusion": [m for _, m in steps],
        }
    )


def genorm_variation(
    log2_expression: pd.DataFrame, ranking: Sequence[str] | None = None
) -> pd.DataFrame:
    """Pairwise variation V of normalisation factors from n and from n + 1 reference genes.

    Parameters
    ----------
    log2_expression
        As for :func:`genorm`.
    ranking
        Genes, best first, such as ``genorm(...)["gene"]``; by default geNorm's own ranking. Genes
        that are not in it take no part.

    Returns
    -------
    DataFrame
        n_genes (n = 2, 3, …) and variation (V n/n+1, in log2 units).

    Raises
    ------
    InputError
        As for :func:`genorm`.
    UsageError
        The ranking has fewer than 3 genes, one twice, or one that the table does not have.

    Notes
    -----
    V is the standard deviation (n − 1) over the samples of the log2 ratio of the two factors, and
    a factor is the geometric mean of the quantities of its genes (Vandesompele et al. 2002).

    Examples
    --------
    >>> import pandas as pd
    >>> log2 = pd.DataFrame({"GAPDH": [0.0, 1.0, 2.0, 1.5], "TBP": [0.1, 1.0, 2.1, 1.4],
    ...                      "ACTB": [0.0, 0.2, 3.0, 0.1]})
    >>> genorm_variation(log2).round(3).values.tolist()
    [[2.0, 0.332]]
    """
    import numpy as np
    import pandas as pd

    genes, values = _checked(log2_expression)
    order = _places(genes, list(genorm(log2_expression)["gene"] if ranking is None else ranking))
    counts = np.arange(1, len(order) + 1)
    factors = np.cumsum(values[:, order], axis=1) / counts
    variation = np.diff(factors[:, 1:], axis=1).std(axis=0, ddof=1)
    return pd.DataFrame({"n_genes": counts[1:-1], "variation": variation})


def recommended_number(variation: pd.DataFrame, limit: float = VARIATION_LIMIT) -> int:
    """How many of the best genes suffice: the first n whose V n/n+1 is below the limit.

    Parameters
    ----------
    variation
        As :func:`genorm_variation` returns it.
    limit
        0.15 in log2 units, as Vandesompele et al. (2002) propose; a convention, not a test.

    Returns
    -------
    int
        Where no V is below the limit, all genes: then, and only then, the number is larger than
        every ``n_genes`` of the table.

    Raises
    ------
    UsageError
        The limit is not above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> variation = pd.DataFrame({"n_genes": [2, 3, 4], "variation": [0.2, 0.16, 0.12]})
    >>> recommended_number(variation), recommended_number(variation, limit=0.1)
    (4, 5)
    """
    if not limit > 0:
        raise UsageError(f"limit: found {limit}, expected a number above zero.")
    enough = variation.loc[variation["variation"] < limit, "n_genes"]
    return int(enough.min() if len(enough) else variation["n_genes"].max() + 1)


def normfinder(
    log2_expression: pd.DataFrame, groups: pd.Series | Sequence[Any] | None = None
) -> pd.DataFrame:
    """Rank reference genes by NormFinder: variation within groups and differences between them.

    Parameters
    ----------
    log2_expression
        Samples × genes, log2 of relative quantities before any normalisation. The mean of all
        genes stands for the amount of RNA, so that most of them must not answer to the groups.
    groups
        The group of each sample: a Series by the names of the samples, or values in their order.
        None: the samples are taken as one group.

    Returns
    -------
    DataFrame
        One row per gene, best first: gene, stability, rank. Without groups, stability is the
        intragroup standard deviation. With groups also intragroup_sd (pooled over the groups),
        intergroup_difference (twice the largest difference of a group), and for each group
        ``variance_<group>`` and ``difference_<group>`` (not shrunk). All but the variances are in
        log2 units; smaller is more stable.

    Raises
    ------
    InputError
        As for :func:`genorm`; also samples without a group, one group only, groups with fewer than
        2 samples.

    Notes
    -----
    Andersen et al. (2004), with what their own R script (version of 5 January 2015) adds: an
    intragroup variance below zero becomes a quarter of the smallest variance of a log2 ratio to
    another gene. Genes of the same stability are in alphabetical order and share their rank.

    Examples
    --------
    >>> import pandas as pd
    >>> log2 = pd.DataFrame({"GAPDH": [0.0, 1.0, 2.0, 1.5], "TBP": [0.1, 1.0, 2.1, 1.4],
    ...                      "ACTB": [0.0, 0.2, 3.0, 0.1]})
    >>> normfinder(log2).round(3).values.tolist()
    [['TBP', 0.048, 1], ['GAPDH', 0.3, 2], ['ACTB', 0.995, 3]]
    >>> arms = ["control", "control", "vesicle", "vesicle"]
    >>> normfinder(log2, arms)["stability"].round(3).tolist()
    [0.038, 0.244, 0.762]
    """
    import numpy as np

    genes, values = _checked(log2_expression, _group_problems(log2_expression, groups))
    if groups is None:
        return _ranked(genes, np.sqrt(_intragroup_variance(values)))
    return _in_groups(genes, values, _labels(log2_expression, groups))


def _in_groups(genes: Sequence[str], values: Floats, labels: Sequence[Any]) -> pd.DataFrame:
    """NormFinder's table of samples in several groups."""
    import numpy as np
    import pandas as pd

    names = list(dict.fromkeys(labels))
    parts = [values[[label == name for label in labels]] for name in names]
    counts = np.array([len(part) for part in parts])
    variance = np.column_stack([_intragroup_variance(part) for part in parts])
    difference = _doubly_centred(np.column_stack([part.mean(axis=0) for part in parts]))
    details = {
        "intragroup_sd": np.sqrt(variance @ (counts - 1) / (counts - 1).sum()),
        "intergroup_difference": 2 * np.abs(difference).max(axis=1),
        **{f"variance_{name}": column for name, column in zip(names, variance.T, strict=True)},
        **{f"difference_{name}": column for name, column in zip(names, difference.T, strict=True)},
    }
    table = _ranked(genes, _stability(difference, variance / counts))
    beside = pd.DataFrame(details, index=list(genes)).loc[table["gene"]]
    return table.join(beside.reset_index(drop=True))


def _pairwise_sd(values: Floats) -> Floats:
    """Standard deviations of the log2 ratios of genes, shape (genes, genes)."""
    import numpy as np

    ratios = values[:, :, None] - values[:, None, :]
    return np.asarray(ratios.std(axis=0, ddof=1), dtype=float)


def _mean_sd(spread: Floats) -> Floats:
    """M of each gene among those of the table."""
    import numpy as np

    return np.asarray(spread.sum(axis=1) / (len(spread) - 1), dtype=float)


def _exclusions(spread: Floats, genes: Sequence[str]) -> list[tuple[int, float]]:
    """Places of the genes in the order of their exclusion, with their M then."""
    import numpy as np

    left = list(range(len(genes)))
    steps = []
    while len(left) > 2:
        m = _mean_sd(spread[np.ix_(left, left)])
        rated = zip(m.round(_DIGITS), [genes[place] for place in left], left, m, strict=True)
        _, _, place, value = max(rated)
        steps.append((place, float(value)))
        left.remove(place)
    last = float(spread[left[0], left[1]])
    pair = sorted(left, key=lambda place: genes[place], reverse=True)
    return [*steps, *((place, last) for place in pair)]


def _places(genes: Sequence[str], ranking: Sequence[str]) -> list[int]:
    """Where the genes of a ranking are in the table."""
    unknown = [str(name) for name in ranking if str(name) not in genes]
    if unknown:
        said = " ".join(dict.fromkeys(suggestion(name, genes) for name in unknown))
        raise UsageError(f"ranking: the table has no gene {', '.join(unknown)}. {said}")
    order = [genes.index(str(name)) for name in ranking]
    if len(order) < LEAST_GENES or len(set(order)) < len(order):
        found = ", ".join(map(str, ranking))
        raise UsageError(f"ranking: expected at least 3 genes, each once, found {found}.")
    return order


def _doubly_centred(table: Floats) -> Floats:
    """What neither rows nor columns explain."""
    import numpy as np

    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    return np.asarray(table - rows - columns + table.mean(), dtype=float)


def _intragroup_variance(values: Floats) -> Floats:
    """Variance of each gene within one group, shape (genes,), unbiased unless below zero."""
    import numpy as np

    samples, k = values.shape
    mean_square = np.sum(_doubly_centred(values) ** 2, axis=0) / (samples - 1)
    variance = (mean_square - mean_square.sum() / (k * (k - 1))) / (1 - 2 / k)
    ratios = _pairwise_sd(values) ** 2
    np.fill_diagonal(ratios, np.inf)
    return np.asarray(np.where(variance < 0, ratios.min(axis=0) / 4, variance), dtype=float)


def _stability(difference: Floats, squared_error: Floats) -> Floats:
    """Size of a shrunk difference plus its standard error, averaged over the groups."""
    import numpy as np

    genes, groups = difference.shape
    expected = np.sum(difference**2) / ((groups - 1) * (genes - 1))
    between = max(float(expected - squared_error.mean()), 0.0)
    total = between + squared_error
    kept = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    sizes = np.abs(difference) * kept + np.sqrt(squared_error * (1 + kept))
    return np.asarray(sizes.mean(axis=1), dtype=float)


def _ranked(genes: Sequence[str], stability: Floats) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame({"gene": genes, "stability": stability})
    table["rank"] = table["stability"].round(_DIGITS).rank(method="min").astype(int)
    return table.sort_values(["rank", "gene"], ignore_index=True)


def _checked(
    log2_expression: pd.DataFrame, others: Sequence[Problem] = ()
) -> tuple[list[str], Floats]:
    """Names of the genes and values, shape (samples, genes); or everything that is wrong."""
    genes = [str(name) for name in log2_expression.columns]
    samples = [str(name) for name in log2_expression.index]
    values = _numbers(log2_expression)
    problems = [
        *_count_problems("gene", "genes", genes, LEAST_GENES),
        *_count_problems("sample", "samples", samples, LEAST_SAMPLES),
        *_value_problems(genes, samples, values),
        *others,
    ]
    if problems:
        raise InputError(problems)
    return genes, values


def _numbers(log2_expression: pd.DataFrame) -> Floats:
    """The values; missing where there is no finite number."""
    import numpy as np
    import pandas as pd

    numbers = log2_expression.apply(lambda column: pd.to_numeric(column, errors="coerce"))
    values = numbers.to_numpy(dtype=float, na_value=np.nan).reshape(log2_expression.shape)
    return np.where(np.isfinite(values), values, np.nan)


def _count_problems(one: str, several: str, names: Sequence[str], least: int) -> list[Problem]:
    problems = []
    if len(names) < least:
        message = f"found {len(names)} {several}, expected at least {least}"
        remedy = "Stability is seen against the other genes and over the samples: measure more."
        problems.append(Problem(f"few_{several}", message, remedy=remedy))
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        message = f"several {several} have the same name: {', '.join(twice)}"
        remedy = f"Give each {one} one name; average technical replicates before."
        problems.append(Problem(f"{one}_twice", message, remedy=remedy))
    return problems


def _value_problems(genes: Sequence[str], samples: Sequence[str], values: Floats) -> list[Problem]:
    """Genes without a number in some samples, or with the same one in all."""
    import numpy as np

    problems = []
    for gene, column in zip(genes, values.T, strict=True):
        missing = [name for name, value in zip(samples, column, strict=True) if np.isnan(value)]
        if missing:
            message = f"{gene} has no number in the samples {', '.join(missing)}"
            problems.append(Problem("missing_expression", message, remedy=_MISSING))
        elif len(column) > 1 and np.ptp(column) <= 10.0**-_DIGITS:
            message = f"{gene} has the same value in every sample"
            problems.append(Problem("constant_gene", message, remedy=_CONSTANT))
    return problems


_MISSING = (
    "Measure them again, or leave out the gene or the samples; a reference gene that is "
    "undetermined (policy 'bound' or 'exclude') cannot be judged."
)
_CONSTANT = "It was used to normalise: give the quantities as they were before, or leave it out."


def _labels(log2_expression: pd.DataFrame, groups: pd.Series | Sequence[Any]) -> list[Any]:
    """The group of each sample, in their order; None where there is none."""
    import pandas as pd

    if isinstance(groups, pd.Series):
        found = groups.reindex(log2_expression.index).tolist()
    else:
        found = list(groups)
    return [None if pd.isna(label) or label == "" else label for label in found]


def _group_problems(
    log2_expression: pd.DataFrame, groups: pd.Series | Sequence[Any] | None
) -> list[Problem]:
    import pandas as pd

    if groups is None:
        return []
    samples = [str(name) for name in log2_expression.index]
    if isinstance(groups, pd.Series) and not groups.index.is_unique:
        message = "the groups name some samples twice"
        return [Problem("groups_do_not_fit", message, remedy="Give one group for each sample.")]
    labels = _labels(log2_expression, groups)
    if len(labels) != len(samples):
        message = f"found {len(labels)} groups for {len(samples)} samples"
        return [Problem("groups_do_not_fit", message, remedy="Give one group for each sample.")]
    return _label_problems(samples, labels)


def _label_problems(samples: Sequence[str], labels: Sequence[Any]) -> list[Problem]:
    """Samples without a group, groups that are too small, or only one."""
    without = [name for name, label in zip(samples, labels, strict=True) if label is None]
    known = [label for label in labels if label is not None]
    small = [str(name) for name in dict.fromkeys(known) if known.count(name) < 2]
    problems = []
    if without:
        remedy = "Name a group for each, by the names of the samples, or leave them out."
        message = f"these samples have no group: {', '.join(without)}"
        problems.append(Problem("no_group", message, remedy=remedy))
    if small:
        remedy = "Merge them with others or leave them out: one sample has no variance."
        message = f"these groups have fewer than 2 samples: {', '.join(small)}"
        problems.append(Problem("small_group", message, remedy=remedy))
    if len(set(known)) == 1:
        message = f"all samples are in one group, {known[0]}"
        problems.append(Problem("one_group", message, remedy="Leave the groups out."))
    return problems
