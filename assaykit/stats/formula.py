"""Fixed effects from a formula: columns, terms, the hypotheses of terms, and marginal means.

Formulas are those of `formulaic`, in the notation of Wilkinson and Rogers (1973):
``log(conc) ~ source * C(percent)``. Text columns are factors, with the first level in the
alphabet as reference.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
        levels of the others, do not differ. The functions are differences from the first level,
        as in R's lmerTest: Satterthwaite's degrees of freedom of F depend on which ones are taken.

        Raises
        ------
        DesignError
            Missing combinations of levels leave nothing to average over.
        """
        if len(self.kept) < len(self.columns):
            message = f"combinations of levels are missing, so {term} has no even average"
            remedy = "Compare the arms that are there, by contrasts."
            raise DesignError([Problem("missing_cells", message, remedy=remedy)])
        centred = self._centred_on_levels()
        place = list(self.terms).index(term)
        columns = list(centred.model_spec.term_slices.values())[place]
        turned = np.linalg.lstsq(np.asarray(centred, dtype=float), self.matrix, rcond=None)[0]
        return np.asarray(turned[columns], dtype=float)

    def sequential_rows(self, term: str) -> Floats:
        """What a term adds to those before it ("type I"), shape (q, p)."""
        columns = self.terms[term]
        own = [i for i, n in enumerate(self.kept) if columns.start <= n < columns.stop]
        triangle = np.asarray(np.linalg.qr(self.matrix, mode="r"))
        return np.asarray(triangle[own] / np.diag(triangle)[own, None], dtype=float)

    def _centred_on_levels(self) -> Any:
        """The same fixed effects, coded as differences from the first level around the mean."""
        from formulaic import Formula

        terms = []
        for term in self._spec.formula:
            terms.append(":".join(self._recoded(factor) for factor in term.factors))
        constant = "1" if "1" in terms else "0"
        rest = [term for term in terms if term != "1"]
        formula = Formula(" + ".join([constant, *rest]), _ordering="none")
        coding = {f"_differences_{len(v)}": _differences(len(v)) for v in self.factors.values()}
        return formula.get_model_matrix(self._rows, context=_functions() | coding)

    def _recoded(self, factor: Any) -> str:
        """A factor of a term, coded as differences where it is categorical."""
        from formulaic.parser.types import Factor

        expression = str(factor.expr)
        if expression in _categorical(self._spec):
            name = _inside(expression) or expression
            return f"C(`{name}`, contr.custom(_differences_{len(self.factors[name])}))"
        is_column = factor.eval_method is Factor.EvalMethod.LOOKUP
        return f"`{expression}`" if is_column else expression

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
        order = list(self.factors)
        shape = [len(self.factors[name]) for name in order]
        cells = self._grid.reshape(*shape, len(self.columns))
        others = tuple(place for place, name in enumerate(order) if name not in names)
        means = np.expand_dims(cells.mean(axis=others), others)
        wanted = [order.index(name) for name in names]
        turned = np.moveaxis(means, wanted, range(len(names)))
        levels = list(product(*(self.factors[name] for name in names)))
        return levels, self._estimable(turned.reshape(len(levels), len(self.columns)))

    @cached_property
    def _grid(self) -> Floats:
        """All columns at every combination of the factors' levels, covariates at their means."""
        cells = pd.DataFrame(product(*self.factors.values()), columns=list(self.factors))
        full = self._spec.get_model_matrix(cells.assign(**self.covariates), context=_functions())
        return np.asarray(full, dtype=float)

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
    data = _with_levels(data[used_columns(data, formula)])
    left, right = _matrices(data, formula)
    response = _response(left, formula)
    matrix = np.asarray(right, dtype=float)
    _refuse_infinite(matrix, right.columns, formula)
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


def used_columns(data: pd.DataFrame, formula: str) -> list[str]:
    """Columns of a table that a formula names, in the table's order.

    Parameters
    ----------
    data
        The table.
    formula
        Such as ``log(conc) ~ source``.

    Raises
    ------
    UsageError
        The formula cannot be read, or a column is not there.

    Examples
    --------
    >>> used_columns(pd.DataFrame(columns=["plate", "arm", "conc"]), "log(conc) ~ C(arm)")
    ['arm', 'conc']
    """
    parsed = _parsed(formula)
    terms = [*parsed.lhs, *parsed.rhs]
    named = {name for term in terms for factor in term.factors for name in _names(factor)}
    absent = sorted(named - set(data.columns) - _known())
    if absent:
        there = ", ".join(map(str, data.columns))
        missing = ", ".join(absent)
        raise UsageError(f"{formula}: there is no column {missing}; there are: {there}.")
    return [name for name in data.columns if name in named]


def _parsed(formula: str) -> Any:
    """The formula's two sides."""
    from formulaic import Formula
    from formulaic.formula import SimpleFormula

    hint = "expected 'response ~ terms', such as 'y ~ arm'"
    if "|" in formula:
        hint = f"{hint}; what is random stands in random, such as random=['culture']"
    try:
        parsed = Formula(formula)
    except Exception as error:  # the parser's own errors have no common class
        reason = re.sub("\x1b\\[[0-9;]*m|[⧛⧚]", "", " ".join(str(error).split()))
        raise UsageError(f"formula '{formula}' cannot be read: {hint}. {reason}") from error
    if not all(isinstance(getattr(parsed, side, None), SimpleFormula) for side in ("lhs", "rhs")):
        raise UsageError(f"formula '{formula}' cannot be read: {hint}.")
    return parsed


def _names(factor: Any) -> set[str]:
    """Names that a factor of a term takes values from: columns, as far as we can tell."""
    from formulaic.parser.types import Factor

    if factor.eval_method is not Factor.EvalMethod.PYTHON:
        return {factor.expr} if factor.eval_method is Factor.EvalMethod.LOOKUP else set()
    quoted = set(re.findall("`([^`]*)`", factor.expr))
    nodes = list(ast.walk(ast.parse(re.sub("`[^`]*`", "0", factor.expr), mode="eval")))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    plain = {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called}
    return quoted | plain


def _known() -> set[str]:
    """Names that mean something in a formula without being a column."""
    from formulaic.transforms import TRANSFORMS

    return {*TRANSFORMS, *_functions()}


def _matrices(data: pd.DataFrame, formula: str) -> tuple[Any, Any]:
    from formulaic import model_matrix
    from formulaic.errors import FormulaicError

    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            both = model_matrix(formula, data, context=_functions(), na_action="ignore")
        return both.lhs, both.rhs
    except (FormulaicError, NameError, SyntaxError, TypeError, ValueError, KeyError) as error:
        raise UsageError(f"formula '{formula}': {error}") from error


def _response(left: Any, formula: str) -> Floats:
    """The one number for each row that a formula explains."""
    if _categorical(left.model_spec):
        raise UsageError(f"{formula}: the response is text or yes and no; expected numbers.")
    if left.shape[1] != 1:
        raise UsageError(f"{formula}: expected one response on the left; found {left.shape[1]}.")
    response = np.asarray(left, dtype=float)[:, 0]
    count = int(np.sum(~np.isfinite(response)))
    if count:
        raise UsageError(
            f"{formula}: the response is no finite number in {count} of {len(response)} rows; a "
            "logarithm needs values above 0."
        )
    return response


def _refuse_infinite(matrix: Floats, columns: Sequence[str], formula: str) -> None:
    infinite = [str(c) for c, values in zip(columns, matrix.T, strict=True)
                if not np.isfinite(values).all()]  # fmt: skip
    if infinite:
        raise UsageError(f"{formula}: {', '.join(infinite)} is not a finite number in every row.")


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


def _with_levels(data: pd.DataFrame) -> pd.DataFrame:
    """The table with yes and no as levels of a factor, and without levels that no row has."""
    yes_or_no = {name: "category" for name in data if pd.api.types.is_bool_dtype(data[name])}
    tidy = data.astype(yes_or_no)
    for name in tidy.select_dtypes("category"):
        tidy[name] = tidy[name].cat.remove_unused_categories()
    return tidy


def _levels(values: pd.Series) -> tuple[Any, ...]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return tuple(values.cat.categories)
    return tuple(sorted(set(values)))


def _is_factor(name: str, data: pd.DataFrame, spec: Any) -> bool:
    """Whether a column takes part as a factor: it is text, or the formula says ``C(name)``."""
    if not pd.api.types.is_numeric_dtype(data[name]):
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
    return expression[2:-1].partition(",")[0].strip().strip("`")


def _differences(levels: int) -> Floats:
    """Coding of a factor by differences from its first level, around the mean of all levels."""
    return np.eye(levels)[:, 1:] - 1 / levels
