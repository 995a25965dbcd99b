"""Counts: negative binomial regression by formula, and rate ratios of replicate totals.

The variance of a count with mean ``m`` is ``m + m**2 / theta`` (Lawless 1987, "NB2"), the logarithm
of the mean is linear. An infinite theta is Poisson's distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from assaykit.design import MIN_REPLICATES, Contrast
from assaykit.errors import DesignError, Problem, UsageError
from assaykit.stats.contrasts import Adjustment, LinearArms, estimate_contrasts
from assaykit.stats.count_regression import (
    THETA,
    Dispersion,
    fit_counts,
    rows_at_zero,
)
from assaykit.stats.distributions import Floats
from assaykit.stats.formula import FixedEffects, fixed_effects, used_columns
from assaykit.stats.mixed_model import (
    as_ratios,
    coefficient_table,
    contrast_table,
    function_table,
    mean_table,
    term_table,
)
from assaykit.stats.small_sample import FixedDf

_TOTALS = ("arm", "biological_replicate", "total", "n_wells")
_RATIOS = ("rate_ratio", "ci_low", "ci_high", "statistic", "df", "p_value")


@dataclass(frozen=True, eq=False)
class NegativeBinomialModel:
    """A fitted negative binomial regression with a logarithmic link.

    Parameters
    ----------
    formula, exposure
        As given.
    theta
        Dispersion: the variance is ``mean + mean**2 / theta``. Infinite where the counts do not
        vary more than Poisson's distribution lets expect.
    theta_standard_error
        From the observed information; missing for an infinite theta and for that of moments.
    poisson_limit
        Whether theta is infinite, so that this is Poisson regression.
    poisson_dispersion
        Pearson's chi-square by its degrees of freedom in Poisson regression: near 1 where counts
        are Poisson's.
    log_likelihood
        With all constants, as R's ``logLik``.
    n
        Rows that took part.
    residual_df
        Rows minus coefficients.
    df
        Degrees of freedom of every t and F.
    """

    formula: str
    exposure: str
    theta: float
    theta_standard_error: float
    poisson_limit: bool
    poisson_dispersion: float
    log_likelihood: float
    n: int
    residual_df: int
    df: float
    _fixed: FixedEffects
    _tests: FixedDf

    def coefficients(self) -> pd.DataFrame:
        """Coefficients, natural logarithms of rates and of rate ratios, with t tests.

        Returns
        -------
        DataFrame
            term, estimate, standard_error, df, t, p_value; missing for a column that the data
            cannot estimate.
        """
        return coefficient_table(self._fixed, self._tests)

    def anova(self) -> pd.DataFrame:
        """Wald F tests of the terms, each given all others ("type III").

        Returns
        -------
        DataFrame
            term, num_df, den_df, f, p_value. With infinite den_df, ``num_df * f`` is chi-square.
        """
        from scipy.special import gammaincc

        table = term_table(self._fixed, self._tests)
        if np.isfinite(self.df):
            return table
        return table.assign(
            p_value=gammaincc(table["num_df"] / 2, table["num_df"] * table["f"] / 2)
        )

    def marginal_means(
        self, term: str, *, rates: bool = True, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Estimated marginal means of the levels of a factor, or of several (``a:b``).

        Parameters
        ----------
        term
            The factor; means of logarithms are averaged evenly over the levels of all others.
        rates
            Estimates and intervals as expected counts per unit of exposure, standard errors by the
            delta method; else as natural logarithms.
        confidence
            Coverage of the intervals, one by one.

        Returns
        -------
        DataFrame
            One column per factor, then estimate, standard_error, df, ci_low, ci_high.
        """
        table = mean_table(self._fixed, self._tests, term, confidence)
        return as_ratios(table) if rates else table

    def contrasts(
        self,
        of: str | Mapping[str, Mapping[str, float]],
        *,
        adjust: Adjustment = "none",
        pairs: Literal["reference", "all"] | None = None,
        confidence: float = 0.95,
        ratios: bool = True,
    ) -> pd.DataFrame:
        """Contrasts of marginal means, or of coefficients, as rate ratios.

        Parameters
        ----------
        of, adjust, pairs, confidence
            As for :meth:`assaykit.stats.MixedModel.contrasts`.
        ratios
            Estimates and intervals as rate ratios (of an interaction: ratios of rate ratios),
            standard errors by the delta method; else as differences of natural logarithms.

        Returns
        -------
        DataFrame
            contrast, estimate, standard_error, df, ci_low, ci_high, statistic, p_value, p_adjusted.

        Raises
        ------
        UsageError
            A name is neither a factor nor a coefficient; a setting that is none of those above.

        Examples
        --------
        >>> rows = pd.DataFrame({"cells": [3, 7, 5, 9, 18, 12], "arm": list("aaabbb")})
        >>> model = fit_negative_binomial(rows, "cells ~ arm")
        >>> model.contrasts("arm")[["contrast", "estimate"]].round(3).values.tolist()
        [['b - a', 2.6]]
        """
        if isinstance(of, str):
            table = contrast_table(self._fixed, self._tests, of, adjust, pairs, confidence)
        else:
            table = function_table(self._fixed, self._tests, of, adjust, confidence)
        return as_ratios(table) if ratios else table


def fit_negative_binomial(
    data: pd.DataFrame,
    fixed: str,
    *,
    exposure: str = "",
    df: float = np.inf,
    dispersion: Dispersion = "likelihood",
) -> NegativeBinomialModel:
    """Fit a negative binomial regression with a logarithmic link.

    The rows are taken for independent: give one total for each biological replicate and arm, never
    the wells.

    Parameters
    ----------
    data
        One row per count. Rows with a missing value in a column of the model take no part.
    fixed
        Count and fixed effects, such as ``total ~ arm``.
    exposure
        Column with what lies behind a count, such as the number of its wells; its logarithm has
        the coefficient 1, so that rates are counts per well.
    df
        Degrees of freedom of every t and F. Infinite ones, as in R's ``glm.nb``, find far too much
        in small experiments; give those between the replicates.
    dispersion
        How theta is found: by maximum ``likelihood`` as in ``glm.nb``; or by ``moments``, so that
        Pearson's chi-square equals its degrees of freedom, which has less bias in small samples.

    Returns
    -------
    NegativeBinomialModel
        The covariance is the inverse of the expected information given theta.

    Raises
    ------
    UsageError
        The formula cannot be read, a column is not there, or a setting that is none of those above.
    DesignError
        Counts that are negative or not whole, an exposure that is not above 0, only zeros in all
        rows or in an arm, terms that cannot be told apart, no rows left to tell the spread from.

    Notes
    -----
    Lawless 1987, *Can J Stat* 15:209; Venables & Ripley 2002, *Modern Applied Statistics with S*,
    section 7.4 (likelihood); Breslow 1984, *Appl Stat* 33:38 (moments).

    Examples
    --------
    >>> rows = pd.DataFrame({"cells": [12, 31, 18, 40, 75, 33], "wells": [4, 4, 3, 4, 4, 2],
    ...                      "arm": list("aaabbb")})
    >>> model = fit_negative_binomial(rows, "cells ~ arm", exposure="wells", df=4)
    >>> round(model.theta, 2)
    14.61
    >>> model.marginal_means("arm")[["arm", "estimate"]].round(2).values.tolist()
    [['a', 5.57], ['b', 15.0]]
    """
    _refuse_settings(df, dispersion)
    complete = _complete(data, fixed, exposure)
    effects = fixed_effects(complete, fixed)
    wells = complete[exposure] if exposure else pd.Series(1.0, index=complete.index)
    _refuse_counts(pd.Series(effects.response, index=complete.index), wells, exposure)
    _refuse_zeros(effects, complete)
    offset = np.log(wells.to_numpy(dtype=float))
    fit = fit_counts(effects.response, effects.matrix, offset, dispersion)
    return NegativeBinomialModel(
        formula=fixed,
        exposure=exposure,
        theta=fit.theta,
        theta_standard_error=fit.theta_error if dispersion == "likelihood" else np.nan,
        poisson_limit=bool(np.isinf(fit.theta)),
        poisson_dispersion=fit.poisson_dispersion,
        log_likelihood=fit.log_likelihood,
        n=len(complete),
        residual_df=fit.residual_df,
        df=df,
        _fixed=effects,
        _tests=FixedDf(fit.coefficients, fit.covariance, df),
    )


def rate_ratios(
    counts: pd.DataFrame, contrasts: Sequence[Contrast], *, shared: bool, confidence: float = 0.95
) -> pd.DataFrame:
    """Rate ratios of arms from the totals of biological replicates.

    Negative binomial regression ``total ~ arm``, with the replicates as fixed blocks where arms
    share them, for counts per well. Theta is that of moments, and t has the degrees of freedom
    between replicates: totals minus parameters. On the wells, or with the normal distribution, or
    with theta by likelihood, chance would come out as an effect too often.

    Parameters
    ----------
    counts
        One row per biological replicate and arm: arm, biological_replicate, total (sum of its
        wells' counts), n_wells.
    contrasts
        What to compare; an interaction is a ratio of rate ratios.
    shared
        Whether one name of a replicate in several arms is one replicate.
    confidence
        Coverage of the intervals, one by one.

    Returns
    -------
    DataFrame
        contrast, rate_ratio, ci_low, ci_high, statistic, df, p_value, why. Where a ratio cannot
        be estimated its numbers are missing and ``why`` says the reason: an arm of zeros or of
        fewer than three replicates, arms that no replicate connects, totals that are not whole.

    Raises
    ------
    UsageError
        A column is not there, or a contrast names an arm that is not there.
    DesignError
        A replicate twice in an arm, a negative total, a number of wells that is not above 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"arm": ["control"] * 3 + ["vesicle"] * 3, "n_wells": 4,
    ...     "biological_replicate": ["m1", "m2", "m3"] * 2, "total": [41, 66, 52, 90, 161, 99]})
    >>> contrast = Contrast("vesicle vs control", "vesicle", "control")
    >>> row = rate_ratios(rows, [contrast], shared=True).iloc[0]
    >>> print(f"{row['rate_ratio']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f})")
    2.20 (1.46 to 3.32)
    """
    rows = _totals(counts, contrasts)
    lost = _left_out(rows)
    kept = _telling(rows[~rows["arm"].isin(list(lost))], shared)
    lost |= {arm: f"no biological replicate connects {arm} with other arms"
             for arm in set(rows["arm"]) - set(kept["arm"]) - set(lost)}  # fmt: skip
    reasons = ["; ".join(lost[arm] for arm in dict.fromkeys(contrast.arms) if arm in lost)
               for contrast in contrasts]  # fmt: skip
    clear = {n: contrasts[n] for n, reason in enumerate(reasons) if not reason}
    found = _ratios(kept, clear, shared, confidence).reindex(range(len(contrasts)))
    found.insert(0, "contrast", [contrast.name for contrast in contrasts])
    return found.assign(why=found["why"].fillna(pd.Series(reasons, dtype=object)))


def _refuse_settings(df: float, dispersion: str) -> None:
    problems = []
    if not df > 0:
        problems.append(f"df: found {df}, expected a number above 0, or infinity.")
    if dispersion not in THETA:
        problems.append(f"dispersion: found '{dispersion}', expected one of {', '.join(THETA)}.")
    if problems:
        raise UsageError(" ".join(problems))


def _complete(data: pd.DataFrame, fixed: str, exposure: str) -> pd.DataFrame:
    """The rows that have all values of the model's columns."""
    problems, used = [], [exposure] if exposure else []
    if exposure and exposure not in data.columns:
        there = ", ".join(map(str, data.columns))
        problems.append(f"exposure: there is no column {exposure}; there are: {there}.")
    elif exposure and not pd.api.types.is_numeric_dtype(data[exposure].infer_objects()):
        problems.append(f"exposure: the column {exposure} is text, expected numbers.")
    try:
        used += used_columns(data, fixed)
    except UsageError as error:
        problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    complete = data[list(dict.fromkeys(used))].dropna().infer_objects()
    if complete.empty:
        remedy = f"Look for empty cells in {', '.join(used)}."
        raise DesignError([Problem("no_rows", "no row has all values of the model", remedy=remedy)])
    return complete


def _refuse_counts(counts: pd.Series, wells: pd.Series, exposure: str) -> None:
    """Refuse what no count and no exposure can be, every kind with its rows."""
    total = "the totals must be whole numbers, " if exposure else ""
    kinds = [
        ("negative_count", counts < 0, counts, "counts below 0", ""),
        ("not_whole", counts % 1 != 0, counts, "counts that are not whole",
         f"Give counts as they were counted: {total}not means and not per area."),
        ("no_exposure", ~(wells > 0) | np.isinf(wells), wells, f"{exposure} that is not above 0",
         "Leave out rows without anything behind their count."),
        ("all_zero", pd.Series(not counts.any(), counts.index), counts, "nothing but zeros", ""),
    ]  # fmt: skip
    problems = [
        Problem(code, f"{what} in {int(wrong.sum())} rows: {_rows(values[wrong])}", remedy=remedy)
        for code, wrong, values, what, remedy in kinds if wrong.any()
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)


def _rows(values: pd.Series) -> str:
    shown = [f"{value:g} (row {row})" for row, value in values.head(10).items()]
    return ", ".join([*shown, "…"] if len(values) > 10 else shown)


def _refuse_zeros(effects: FixedEffects, data: pd.DataFrame) -> None:
    """Refuse arms in which every count is zero: their rate ratios are zero or infinite."""
    stuck = rows_at_zero(effects.response, effects.matrix)
    if not stuck.any():
        return
    names, explained = [], np.zeros(len(stuck), dtype=bool)
    for factor, levels in effects.factors.items():
        inside = {level: (data[factor] == level).to_numpy() for level in levels}
        only = {level: rows for level, rows in inside.items() if stuck[rows].all()}
        names += [f"{factor} {level}" for level in only]
        explained |= np.any(list(only.values()), axis=0) if only else explained
    rest = data.loc[stuck & ~explained]
    cells = rest[list(effects.factors)].drop_duplicates().to_dict("records")
    if effects.factors:
        names += [" with ".join(f"{f} {level}" for f, level in cell.items()) for cell in cells]
    elif len(rest):
        names.append(f"the rows {', '.join(map(str, rest.index[:10]))}")
    remedy = "No rate ratio to it can be estimated; leave it out of the model, and describe it."
    raise DesignError([Problem("only_zeros", f"every count of {name} is zero", remedy=remedy)
                       for name in names])  # fmt: skip


def _totals(counts: pd.DataFrame, contrasts: Sequence[Contrast]) -> pd.DataFrame:
    """The totals that are there, with arms and replicates as text."""
    absent = [name for name in _TOTALS if name not in counts.columns]
    if absent:
        raise UsageError(f"counts: there is no column {', '.join(absent)}.")
    rows = counts[list(_TOTALS)].dropna()
    rows = rows.astype({"arm": str, "biological_replicate": str, "total": float, "n_wells": float})
    arms = set(rows["arm"])
    unknown = sorted({arm for contrast in contrasts for arm in contrast.arms} - arms)
    if unknown:
        there = ", ".join(sorted(arms))
        raise UsageError(f"contrasts: there is no arm {', '.join(unknown)}; there are: {there}.")
    twice = rows[rows.duplicated(["arm", "biological_replicate"])]
    kinds = [
        ("repeated_replicate", twice, "a replicate twice in one arm"),
        ("negative_count", rows[rows["total"] < 0], "a total below 0"),
        ("no_exposure", rows[~(rows["n_wells"] > 0)], "n_wells that is not above 0"),
    ]
    problems = [
        Problem(code, f"arm {row.arm}, replicate {row.biological_replicate}: {what}")
        for code, wrong, what in kinds for row in wrong.itertuples()
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)
    return rows


def _left_out(rows: pd.DataFrame) -> dict[str, str]:
    """Arms that cannot take part, and why."""
    reasons = {}
    for name, of_arm in rows.groupby("arm", sort=False):
        arm = str(name)
        if len(of_arm) < MIN_REPLICATES:
            found = f"{arm} has {len(of_arm)} biological replicates"
            reasons[arm] = f"{found}, and a test needs {MIN_REPLICATES}"
        elif (of_arm["total"] % 1 != 0).any():
            reasons[arm] = f"totals of {arm} are not whole numbers"
        elif not of_arm["total"].any():
            reasons[arm] = f"every count of {arm} is zero"
    return reasons


def _telling(rows: pd.DataFrame, shared: bool) -> pd.DataFrame:
    """Rows that tell something of the ratios.

    Within blocks a replicate in one arm alone tells nothing, nor does one with only zeros.
    """
    while len(rows):
        matrix, _ = _columns(rows, shared)
        kept = rows[~rows_at_zero(rows["total"].to_numpy(), matrix)]
        if shared:
            arms = kept.groupby("biological_replicate")["arm"].transform("size")
            kept = kept[arms > 1]
        if len(kept) == len(rows):
            break
        rows = kept
    return rows


def _columns(rows: pd.DataFrame, shared: bool) -> tuple[Floats, list[str]]:
    """A column for each arm, then for each replicate where arms share them; and the arms."""
    arms = pd.get_dummies(rows["arm"], dtype=float)
    columns = [arms.to_numpy()]
    if shared:
        columns.append(pd.get_dummies(rows["biological_replicate"], dtype=float).to_numpy())
    return np.hstack(columns), list(arms.columns)


def _ratios(
    rows: pd.DataFrame, contrasts: Mapping[int, Contrast], shared: bool, confidence: float
) -> pd.DataFrame:
    """Rate ratios by the number of their contrast, or why there is none."""
    table = pd.DataFrame(np.nan, index=list(contrasts), columns=list(_RATIOS))
    arms = " and ".join
    why = {n: f"no biological replicate connects {arms(c.arms)}" for n, c in contrasts.items()}
    left, functions = _functions(rows, contrasts, shared)
    if functions:
        names = tuple(map(str, functions))
        totals, offset = rows["total"].to_numpy(), np.log(rows["n_wells"].to_numpy())
        try:
            fit = fit_counts(totals, left, offset, "moments")
            tests = FixedDf(fit.coefficients, fit.covariance, float(fit.residual_df))
            told = LinearArms(names, np.array(list(functions.values())), tests)
            found = as_ratios(estimate_contrasts(told, names, confidence=confidence))
            found = found.rename(columns={"estimate": "rate_ratio"})[list(_RATIOS)]
            table.loc[list(functions)] = found.to_numpy(dtype=float)
            why |= dict.fromkeys(functions, "")
        except DesignError as error:
            why |= dict.fromkeys(functions, str(error))
    return table.assign(why=pd.Series(why, dtype=object))


def _functions(
    rows: pd.DataFrame, contrasts: Mapping[int, Contrast], shared: bool
) -> tuple[Floats, dict[int, Floats]]:
    """Orthonormal columns of the model, and those contrasts that are functions of them."""
    if not contrasts:
        return np.zeros((len(rows), 0)), {}
    matrix, arms = _columns(rows, shared)
    left, size, right = np.linalg.svd(matrix, full_matrices=False)
    kept = size > 1e-10 * size[0]
    functions = {}
    for number, contrast in contrasts.items():
        weights = np.zeros(matrix.shape[1])
        weights[: len(arms)] = [contrast.weights.get(arm, 0.0) for arm in arms]
        turned = right[kept] @ weights
        if np.allclose(turned @ right[kept], weights, rtol=0, atol=1e-8):
            functions[number] = turned / size[kept]
    return left[:, kept], functions
