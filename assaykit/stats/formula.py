"""Fixed effects from a formula: columns, terms, the hypotheses of terms, and marginal means.

Formulas are those of `formulaic`, in the notation of Wilkinson and Rogers (1973):
``log(conc) ~ source * C(percent)``. Text columns are factors, with the first level in the
alphabet as reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from assaykit.errors import DesignError, Problem, UsageError
from assaykit.stats.distributions import Floats

_DEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class FixedEffects:
    """Response and fixed effects of a model.

    Parameters
    ----------
    response
        Values, shape (n,), on the scale of the analysis.
    matrix
        Fixed effects of the rows, shape (n, p), only columns that can be estimated.
    columns
        Names of all columns of the formula, such as ``Machine[T.B]``.
    kept
        Numbers of the columns that are in ``matrix``: missing combinations of levels leave some
        out.
    terms
        Columns of each term, such as ``{"Intercept": slice(0, 1), "Machine": slice(1, 3)}``.
    factors
        Levels of each factor in the formula.
    covariates
        Mean of each number in the formula.
    """

    response: Floats
    matrix: Floats
    columns: tuple[str, ...]
    kept: tuple[int, ...]
    terms: dict[str, slice]
    factors: dict[str, tuple[Any, ...]]
    covariates: dict[str, float]
    _rows: Any
    _spec: Any

    def term_rows(self, term: str) -> Floats:
        """What a term claims to be zero, as linear functions of the coefficients, shape (q, p).

        The marginal hypothesis ("type III"): means of a factor's levels, averaged evenly over the
        levels of the others, do not differ.

        Raises
        ------
        DesignError
            Missing combinations of levels leave nothing to average over.
        """
        summed = self._sum_coded()
        spec = summed.model_spec
        place = list(self.terms).index(term)
        columns = list(spec.term_slices.values())[place]
        if len(self.kept) < len(self.columns):
            message = f"combinations of levels are missing, so {term} has no even average"
            remedy = "Compare the arms that are there, by contrasts."
            raise DesignError([Problem("missing_cells", message, remedy=remedy)])
        turned = np.linalg.lstsq(np.asarray(summed, dtype=float), self.matrix, rcond=None)[0]
        return np.asarray(turned[columns], dtype=float)

    def _sum_coded(self) -> Any:
        """The same fixed effects with factors coded as deviations from their mean."""
        from formulaic import Formula

        terms = []
        categorical = _categorical(self._spec)
        for term in self._spec.formula:
            factors = [_deviations(str(f), categorical) for f in term.factors]
            terms.append(":".join(factors))
        constant = "1" if "1" in terms else "0"
        rest = [term for term in terms if term != "1"]
        formula = Formula(" + ".join([constant, *rest]), _ordering="none")
        return formula.get_model_matrix(self._rows, context=_functions())

    def mean_rows(self, term: str) -> tuple[list[tuple[Any, ...]], Floats]:
        """Levels of a term's factors, and their marginal means as functions of the coefficients.

        The means are averaged evenly over the levels of the other factors, with covariates at their
        means (estimated marginal means; Searle, Speed & Milliken 1980). Means that the data cannot
        estimate are missing.

        Parameters
        ----------
        term
            A factor, or several joined by ``:``.

        Raises
        ------
        UsageError
            A name is not a factor of the formula.
        """
        names = term.split(":")
        unknown = [name for name in names if name not in self.factors]
        if unknown:
            there = ", ".join(self.factors) or "none"
            raise UsageError(f"'{unknown[0]}' is not a factor of the formula; there are: {there}.")
        others = [name for name in self.factors if name not in names]
        order = [*names, *others]
        grid = pd.DataFrame(product(*(self.factors[name] for name in order)), columns=order)
        full = self._spec.get_model_matrix(grid.assign(**self.covariates), context=_functions())
        levels = list(product(*(self.factors[name] for name in names)))
        rows = np.asarray(full, dtype=float).reshape(len(levels), -1, len(self.columns))
        return levels, self._estimable(rows.mean(axis=1))

    def _estimable(self, rows: Floats) -> Floats:
        """Rows in terms of the columns kept; missing where the data cannot tell them."""
        kept = rows[:, list(self.kept)]
        if len(self.kept) == len(self.columns):
            return kept
        full = np.asarray(self._spec.get_model_matrix(self._rows, context=_functions()), float)
        _, size, right = np.linalg.svd(full)
        null = right[int(np.sum(size > _DEPENDENT * size[0])) :]
        lost = np.abs(rows @ null.T).max(axis=1) > 1e-6
        return np.where(lost[:, None], np.nan, kept)


def fixed_effects(data: pd.DataFrame, formula: str) -> FixedEffects:
    """Evaluate a formula on a table without missing values.

    Parameters
    ----------
    data
        One row per observation.
    formula
        Such as ``score ~ Machine``; ``log``, ``log2``, ``log10``, ``exp`` and ``sqrt`` are known.

    Raises
    ------
    UsageError
        The formula cannot be read or names what is not there.
    DesignError
        A term is determined by the terms before it, so that the two cannot be told apart.

    Examples
    --------
    >>> rows = pd.DataFrame({"y": [1.0, 2, 4], "arm": ["a", "b", "b"]})
    >>> fixed_effects(rows, "y ~ arm").columns
    ('Intercept', 'arm[T.b]')
    """
    left, right = _matrices(data, formula)
    response = np.asarray(left, dtype=float)[:, 0]
    if not np.isfinite(response).all():
        raise UsageError(
            f"{formula}: the response is not a number in every row; look at its scale."
        )
    matrix = np.asarray(right, dtype=float)
    spec = right.model_spec
    terms = {_title(term): columns for term, columns in spec.term_slices.items()}
    kept = _independent(matrix)
    _refuse_aliased(terms, kept, formula)
    names = sorted(str(name) for name in spec.required_variables)
    factors = {name: _levels(data[name]) for name in names if _is_factor(name, data, spec)}
    numbers = {name: float(data[name].mean()) for name in names if name not in factors}
    return FixedEffects(
        response, matrix[:, kept], tuple(map(str, right.columns)), tuple(kept), terms, factors,
        numbers, data, spec,
    )  # fmt: skip


def _matrices(data: pd.DataFrame, formula: str) -> tuple[Any, Any]:
    from formulaic import model_matrix
    from formulaic.errors import FormulaicError

    if "~" not in formula:
        raise UsageError(f"formula '{formula}': expected 'response ~ terms', such as 'y ~ arm'.")
    try:
        both = model_matrix(formula, data, context=_functions())
        return both.lhs, both.rhs
    except (FormulaicError, NameError, SyntaxError, TypeError, ValueError, KeyError) as error:
        there = ", ".join(map(str, data.columns))
        raise UsageError(f"formula '{formula}': {error}. Columns there are: {there}.") from error


def _functions() -> dict[str, Any]:
    return {"log": np.log, "log2": np.log2, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt}


def _title(term: Any) -> str:
    return "Intercept" if str(term) == "1" else str(term)


def _independent(matrix: Floats) -> list[int]:
    """Columns that are no combination of those before them."""
    kept: list[int] = []
    basis = np.zeros((len(matrix), 0))
    for number, column in enumerate(matrix.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > _DEPENDENT * max(float(np.linalg.norm(column)), 1e-300):
            kept.append(number)
            basis = np.column_stack([basis, rest / length])
    return kept


def _refuse_aliased(terms: dict[str, slice], kept: Sequence[int], formula: str) -> None:
    problems = [
        Problem("aliased_term", f"{formula}: {name} is determined by the terms before it",
                remedy="It was never varied on its own; leave it or one of the others out.")
        for name, columns in terms.items()
        if not set(range(columns.start, columns.stop)) & set(kept)
    ]  # fmt: skip
    if problems:
        raise DesignError(problems)


def _levels(values: pd.Series) -> tuple[Any, ...]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = set(values)
        return tuple(level for level in values.cat.categories if level in present)
    return tuple(sorted(set(values)))


def _is_factor(name: str, data: pd.DataFrame, spec: Any) -> bool:
    """Whether a column takes part as a factor: it is text, or the formula says ``C(name)``."""
    if not pd.api.types.is_numeric_dtype(data[name]) or data[name].dtype == bool:
        return True
    return any(_inside(expression) == name for expression in _categorical(spec))


def _categorical(spec: Any) -> set[str]:
    """Those factors of the terms that have levels, as they stand in the formula."""
    from formulaic.parser.types import Factor

    states = spec.encoder_state.items()
    return {str(name) for name, state in states if state[0] is Factor.Kind.CATEGORICAL}


def _inside(expression: str) -> str:
    """The column within ``C(column)`` or ``C(column, ...)``, else nothing."""
    if not (expression.startswith("C(") and expression.endswith(")")):
        return ""
    return expression[2:-1].partition(",")[0].strip()


def _deviations(expression: str, categorical: set[str]) -> str:
    """A factor of a term, coded as deviations from the mean where it is categorical."""
    if expression not in categorical:
        return expression
    return f"C({_inside(expression) or expression}, contr.sum)"
