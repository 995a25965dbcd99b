"""Linear mixed models by formula, with tests that hold in small studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from assaykit.design import Contrast
from assaykit.errors import DesignError, Problem, UsageError
from assaykit.stats.contrasts import Adjustment, LinearArms, estimate_contrasts
from assaykit.stats.distributions import Floats, t_critical, t_two_sided
from assaykit.stats.formula import FixedEffects, fixed_effects, used_columns
from assaykit.stats.layout import Codes
from assaykit.stats.reml import RemlFit, fit_reml
from assaykit.stats.small_sample import Inference, inference

Ddf = Literal["kenward-roger", "satterthwaite"]

RESIDUAL = "Residual"


@dataclass(frozen=True, eq=False)
class MixedModel:
    """A fitted linear mixed model (REML).

    Parameters
    ----------
    formula
        The fixed effects as given.
    random
        The random intercepts as given.
    variance_components
        Variance of each random intercept and of ``Residual``, in the squared unit of the response.
    log_likelihood
        Restricted log-likelihood, as R's lme4 gives it.
    residuals
        Response minus fixed effects minus predicted random effects, by row of the data; missing
        where the row had no number.
    random_effects
        Predictions (BLUP) of the levels of each random intercept.
    singular
        Whether a component stands at its bound, zero.
    n
        Rows that took part.
    """

    formula: str
    random: tuple[str, ...]
    variance_components: pd.Series
    log_likelihood: float
    residuals: pd.Series
    random_effects: Mapping[str, pd.Series]
    singular: bool
    n: int
    _fixed: FixedEffects
    _fit: RemlFit

    def coefficients(self, ddf: Ddf = "kenward-roger") -> pd.DataFrame:
        """Coefficients of the fixed effects with t tests.

        Parameters
        ----------
        ddf
            Denominator degrees of freedom: ``kenward-roger`` or ``satterthwaite``.

        Returns
        -------
        DataFrame
            term, estimate, standard_error, df, t, p_value; missing for a column that the data
            cannot estimate.
        """
        return coefficient_table(self._fixed, inference(self._fit, ddf))

    def anova(self, ddf: Ddf = "kenward-roger", *, sequential: bool = False) -> pd.DataFrame:
        """F tests of the terms.

        Parameters
        ----------
        ddf
            Denominator degrees of freedom: ``kenward-roger`` (F is scaled) or ``satterthwaite``.
        sequential
            Each term given only those before it ("type I"), not given all others ("type III").

        Returns
        -------
        DataFrame
            term, num_df, den_df, f, p_value.
        """
        return term_table(self._fixed, inference(self._fit, ddf), sequential=sequential)

    def marginal_means(
        self, term: str, *, ddf: Ddf = "kenward-roger", confidence: float = 0.95
    ) -> pd.DataFrame:
        """Estimated marginal means of the levels of a factor, or of several (``a:b``).

        Parameters
        ----------
        term
            The factor; means are averaged evenly over the levels of all others.
        ddf
            As for :meth:`coefficients`.
        confidence
            Coverage of the intervals, one by one.

        Returns
        -------
        DataFrame
            One column per factor, then estimate, standard_error, df, ci_low, ci_high.
        """
        return mean_table(self._fixed, inference(self._fit, ddf), term, confidence)

    def contrasts(
        self,
        of: str | Mapping[str, Mapping[str, float]],
        *,
        adjust: Adjustment = "none",
        pairs: Literal["reference", "all"] | None = None,
        ddf: Ddf = "kenward-roger",
        confidence: float = 0.95,
        ratios: bool = False,
    ) -> pd.DataFrame:
        """Contrasts of marginal means, or of coefficients.

        Parameters
        ----------
        of
            A factor, or several joined by ``:``; or named linear functions of the coefficients
            such as ``{"B - C": {"Machine[T.B]": 1, "Machine[T.C]": -1}}``.
        adjust
            ``dunnett``, ``tukey`` (pairs of a factor's levels only), ``holm``, ``sidak``,
            ``bonferroni`` or ``none``.
        pairs
            Every level against the first one (``reference``) or ``all`` pairs; by default all for
            Tukey, else against the first one.
        ddf
            As for :meth:`coefficients`.
        confidence
            Coverage of the intervals, simultaneous where the adjustment has such.
        ratios
            For a response in natural logarithms: estimates and intervals as ratios of geometric
            means; the standard error is then that of the ratio, by the delta method.

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
        >>> rows = pd.DataFrame({"y": [1.0, 2, 3, 3, 4, 6], "arm": list("aaabbb")})
        >>> model = fit_mixed_model(rows, "y ~ arm")
        >>> model.contrasts("arm")[["contrast", "estimate", "df"]].round(3).values.tolist()
        [['b - a', 2.333, 4.0]]
        """
        tests = inference(self._fit, ddf)
        if isinstance(of, str):
            table = contrast_table(self._fixed, tests, of, adjust, pairs, confidence)
        else:
            table = function_table(self._fixed, tests, of, adjust, confidence)
        return as_ratios(table) if ratios else table


def fit_mixed_model(data: pd.DataFrame, fixed: str, random: Sequence[str] = ()) -> MixedModel:
    """Fit a linear mixed model with random intercepts by restricted maximum likelihood.

    Parameters
    ----------
    data
        One row per observation. Rows with a missing value in a column of the model take no part.
    fixed
        Response and fixed effects, such as ``score ~ Machine``.
    random
        Columns whose levels have random intercepts; ``Worker:Machine`` is each combination. They
        may be nested or crossed. None: ordinary least squares.

    Returns
    -------
    MixedModel
        Components are zero or positive; ``singular`` says whether one is zero.

    Raises
    ------
    UsageError
        The formula cannot be read, or a column is not there.
    DesignError
        Terms that cannot be told apart, a random term with one level or with one level for each
        row, no spread: every problem with what to do.

    Notes
    -----
    Patterson & Thompson 1971 (REML); Kenward & Roger 1997; Satterthwaite 1941.

    Examples
    --------
    >>> rows = pd.DataFrame({"y": [1.0, 1.2, 2, 2.1, 3.1, 3, 4.2, 4.4], "rat": list("aabbccdd"),
    ...                      "diet": list("xxxxyyyy")})
    >>> model = fit_mixed_model(rows, "y ~ diet", ["rat"])
    >>> model.coefficients()[["term", "estimate", "df"]].round(3).values.tolist()
    [['Intercept', 1.575, 2.0], ['diet[T.y]', 2.1, 2.0]]
    """
    random = [random] if isinstance(random, str) else random
    complete = _complete(data, fixed, random)
    effects = fixed_effects(complete, fixed)
    labels = {term: _labels(complete, term) for term in dict.fromkeys(random)}
    levels = {term: pd.factorize(names) for term, names in labels.items()}
    turned, triangle = np.linalg.qr(effects.matrix)
    _refuse_useless(levels, turned)
    y, shift = _centred(effects)
    codes = [np.asarray(found[0], dtype=np.int64) for found in levels.values()]
    turned_fit = fit_reml(y, turned, codes, names=list(levels))
    fit = _in_columns(turned_fit, triangle, shift)
    if not fit.converged:
        message = "the variance components could not be found: the likelihood has no clear top"
        raise DesignError([Problem("not_converged", message, remedy="Use fewer random terms.")])
    names = [*levels, RESIDUAL]
    bound = 1e-9 * fit.components.sum()
    return MixedModel(
        formula=fixed,
        random=tuple(levels),
        variance_components=pd.Series(fit.components, index=names, name="variance"),
        log_likelihood=fit.log_likelihood,
        residuals=_by_row(data, complete, _residuals(y, turned, turned_fit, codes)),
        random_effects=_split(fit.random_effects, {t: found[1] for t, found in levels.items()}),
        singular=bool((fit.components[:-1] <= bound).any()),
        n=len(complete),
        _fixed=effects,
        _fit=fit,
    )


def coefficient_table(fixed: FixedEffects, tests: Inference) -> pd.DataFrame:
    """Coefficients with t tests: term, estimate, standard_error, df, t, p_value."""
    estimate, error = tests.coefficients, np.sqrt(np.diag(tests.covariance))
    df = np.array([tests.df(row) for row in np.eye(len(estimate))])
    t = estimate / error
    table = pd.DataFrame(
        {"estimate": estimate, "standard_error": error, "df": df, "t": t,
         "p_value": t_two_sided(t, df)},
        index=pd.Index([fixed.columns[number] for number in fixed.kept]),
    )  # fmt: skip
    return table.reindex(list(fixed.columns)).rename_axis("term").reset_index()


def term_table(fixed: FixedEffects, tests: Inference, *, sequential: bool = False) -> pd.DataFrame:
    """F tests of the terms: term, num_df, den_df, f, p_value."""
    from scipy.stats import f as f_distribution

    rows = []
    terms = [term for term in fixed.terms if term != "Intercept"]
    for term in terms:
        alone = len(terms) == 1  # both hypotheses are one; lmerTest takes the sequential functions
        of_term = fixed.sequential_rows if sequential or alone else fixed.term_rows
        functions = of_term(term)
        f, den_df = tests.f_test(functions)
        p_value = float(f_distribution.sf(f, len(functions), den_df))
        rows.append((term, len(functions), den_df, f, p_value))
    return pd.DataFrame(rows, columns=["term", "num_df", "den_df", "f", "p_value"])


def mean_table(
    fixed: FixedEffects, tests: Inference, term: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Marginal means of a term's levels, with intervals one by one."""
    levels, rows = fixed.mean_rows(term)
    estimate = rows @ tests.coefficients
    error = np.sqrt(np.einsum("ip,pq,iq->i", rows, tests.covariance, rows))
    df = np.array([tests.df(row) if np.isfinite(row).all() else np.nan for row in rows])
    margin = t_critical(confidence, df) * error
    table = pd.DataFrame(levels, columns=term.split(":"))
    return table.assign(
        estimate=estimate, standard_error=error, df=df, ci_low=estimate - margin,
        ci_high=estimate + margin,
    )  # fmt: skip


def contrast_table(
    fixed: FixedEffects,
    tests: Inference,
    term: str,
    adjust: Adjustment,
    pairs: str | None,
    confidence: float,
) -> pd.DataFrame:
    """Differences of a term's marginal means: later levels minus earlier ones."""
    levels, rows = fixed.mean_rows(term)
    names = [" ".join(map(str, level)) for level in levels]
    known = np.asarray(np.isfinite(rows).all(axis=1))
    there = tuple(name for name, is_known in zip(names, known, strict=True) if is_known)
    arms = LinearArms(there, rows[known], tests)
    if pairs not in (None, "all", "reference"):
        raise UsageError(f"pairs: found '{pairs}', expected reference or all.")
    every = pairs == "all" or (pairs is None and adjust == "tukey")
    chosen = (
        list(combinations(arms.arms, 2)) if every else [(arms.arms[0], b) for b in arms.arms[1:]]
    )
    if not chosen:
        raise UsageError(f"{term} has one level with a mean, so there is nothing to compare.")
    contrasts = [Contrast(f"{after} - {before}", after, before) for before, after in chosen]
    return estimate_contrasts(arms, contrasts, adjust=adjust, confidence=confidence)


def function_table(
    fixed: FixedEffects,
    tests: Inference,
    functions: Mapping[str, Mapping[str, float]],
    adjust: Adjustment,
    confidence: float,
) -> pd.DataFrame:
    """Linear functions of the coefficients, by their names."""
    columns = [fixed.columns[number] for number in fixed.kept]
    unknown = {name for weights in functions.values() for name in weights} - set(columns)
    if unknown:
        there = ", ".join(columns)
        raise UsageError(
            f"no coefficient is called {', '.join(sorted(unknown))}; there are {there}."
        )
    empty = [name for name, weights in functions.items() if not any(weights.values())]
    if empty or not functions:
        raise UsageError(f"nothing to compare: {', '.join(empty) or 'no contrast'} has no weights.")
    if adjust == "tukey":
        raise UsageError("tukey is for all pairs of a factor's levels; use holm for any set.")
    rows = np.array([[w.get(name, 0.0) for name in columns] for w in functions.values()])
    arms = LinearArms(tuple(functions), rows, tests)
    return estimate_contrasts(arms, list(functions), adjust=adjust, confidence=confidence)


def as_ratios(table: pd.DataFrame) -> pd.DataFrame:
    """Differences of natural logarithms as ratios, with intervals and standard errors to match.

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [0.0], "standard_error": [0.1], "ci_low": [-0.2],
    ...                       "ci_high": [0.2]})
    >>> as_ratios(table).round(3).values.tolist()
    [[1.0, 0.1, 0.819, 1.221]]
    """
    told = ["estimate", "ci_low", "ci_high"]
    ratio = table.assign(**{name: np.exp(table[name]) for name in told})
    return ratio.assign(standard_error=ratio["estimate"] * table["standard_error"])


def _complete(data: pd.DataFrame, fixed: str, random: Sequence[str]) -> pd.DataFrame:
    """The rows that have all values of the model's columns."""
    wanted = {column for term in random for column in term.split(":")}
    absent = sorted(wanted - set(data.columns))
    if absent:
        there = ", ".join(map(str, data.columns))
        raise UsageError(
            f"random: there is no column {', '.join(absent)}; expected columns joined by ':', and "
            f"there are: {there}."
        )
    wanted |= set(used_columns(data, fixed))
    used = [name for name in data.columns if name in wanted]
    twice = sorted({name for name in used if used.count(name) > 1})
    if twice:
        raise UsageError(f"there are several columns called {', '.join(twice)}; rename them.")
    complete = data[used].dropna().infer_objects()
    if complete.empty:
        remedy = f"Look for empty cells in {', '.join(used)}."
        raise DesignError([Problem("no_rows", "no row has all values of the model", remedy=remedy)])
    return complete


def _labels(data: pd.DataFrame, term: str) -> pd.Series:
    """The level of each row in a random term: one text for each column of the term."""
    names = [data[column].astype(str) for column in term.split(":")]
    return pd.Series(list(zip(*names, strict=True)), index=data.index)


def _refuse_useless(levels: Mapping[str, tuple[Any, Any]], fixed: Floats) -> None:
    """Refuse random terms of which the data cannot tell anything.

    ``fixed`` are the fixed effects in orthonormal columns, shape (n, p).
    """
    problems = []
    seen: dict[bytes, str] = {}
    for term, (codes, names) in levels.items():
        twin = seen.setdefault(np.asarray(codes).tobytes(), term)
        remedy = "Leave it out."
        if len(names) < 2:
            message = f"the random term {term} has one level, so it cannot vary"
        elif len(names) == len(fixed):
            message = f"the random term {term} has a level for each row, so it is the residual"
        elif twin != term:
            message = f"the random terms {twin} and {term} divide the rows in the same way"
        elif _confounded(np.asarray(codes), fixed):
            message = f"the fixed effects tell the levels of the random term {term} apart already"
            remedy = "Each arm needs several of them: add biological replicates."
        else:
            continue
        problems.append(Problem("useless_random_term", message, remedy=remedy))
    if problems:
        raise DesignError(problems)


def _confounded(codes: Codes, fixed: Floats) -> bool:
    """Whether the fixed effects explain all that a random term could."""
    sums = [np.bincount(codes, weights=column) for column in fixed.T]
    return bool(np.sum(np.square(sums)) > (1 - 1e-10) * len(codes))


def _centred(effects: FixedEffects) -> tuple[Floats, Floats]:
    """The response from a near zero point, and what that adds to the coefficients.

    Taking away a constant that the fixed effects can express saves digits where the response is
    large beside its spread (NIST's data sets SmLs07 to SmLs09).
    """
    y, x = effects.response, effects.matrix
    constant = np.linalg.lstsq(x, np.ones(len(y)), rcond=None)[0]
    constant = np.where(np.abs(constant) < 1e-10, 0.0, constant)
    if not np.allclose(x @ constant, 1.0, rtol=0, atol=1e-8):
        return y, np.zeros(x.shape[1])
    return y - y[0], constant * y[0]


def _in_columns(fit: RemlFit, triangle: Floats, shift: Floats) -> RemlFit:
    """A fit on orthonormal columns, in terms of the columns of the formula."""
    back = np.linalg.inv(triangle)
    return RemlFit(
        back @ fit.coefficients + shift,
        back @ fit.covariance @ back.T,
        fit.components,
        triangle.T @ fit.slopes @ triangle,
        triangle.T @ fit.curves @ triangle,
        fit.expected,
        fit.observed,
        fit.log_likelihood - float(np.sum(np.log(np.abs(np.diag(triangle))))),
        fit.random_effects,
        fit.converged,
    )


def _residuals(y: Floats, fixed: Floats, fit: RemlFit, codes: Sequence[Codes]) -> Floats:
    """What neither fixed effects, in orthonormal columns, nor random effects explain."""
    fitted = fixed @ fit.coefficients
    start = 0
    for of_row in codes:
        fitted = fitted + fit.random_effects[start + of_row]
        start += int(of_row.max()) + 1
    return y - fitted


def _by_row(data: pd.DataFrame, complete: pd.DataFrame, values: Floats) -> pd.Series:
    """Values of the rows that took part, missing in the others."""
    residuals = np.full(len(data), np.nan)
    residuals[data[list(complete)].notna().all(axis=1)] = values
    return pd.Series(residuals, index=data.index, name="residual")


def _split(effects: Floats, levels: Mapping[str, Any]) -> dict[str, pd.Series]:
    parts, start = {}, 0
    for term, names in levels.items():
        part = effects[start : start + len(names)]
        parts[term] = pd.Series(part, index=[":".join(name) for name in names], name=term)
        start += len(names)
    return parts
