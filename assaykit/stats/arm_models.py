"""The model that compares arms: means of arms, with covariance and degrees of freedom.

The wells are kept: a linear mixed model with the terms that the structure asks for, by REML with
Kenward and Roger's degrees of freedom.

Where replicates hardly differ, a variance component is estimated at zero, and tests then find too
little (false positives of 0 to 2 % at nominal 5 %). So in an even design components may fall below
zero; the tests are then the classical ones (t, paired t, blocks, split-plot) whatever the data. In
an uneven design they may not, and where a component of the replicates ends at zero, their means are
compared, all with one weight: what the even design does in that case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.errors import DesignError, Problem
from assaykit.stats.contrasts import ArmFit, LinearArms
from assaykit.stats.distributions import Floats
from assaykit.stats.reml import RemlFit, fit_reml
from assaykit.stats.small_sample import kenward_roger
from assaykit.stats.structure import Structure, block_columns, decide_structure

RESIDUAL = "residual"
_DEPENDENT = 1e-8
_ZERO = 1e-9
_EQUAL = 1e-12
_POOLED = "one variance for all arms, as arms share replicates or blocks"


@dataclass(frozen=True, eq=False)
class ArmModel:
    """Arms of one endpoint, fitted.

    Parameters
    ----------
    arms
        Means with covariance and degrees of freedom, for the contrasts.
    name
        The model in words.
    components
        Variances by what varies, on the scale of the analysis; empty where each arm has a
        variance of its own.
    residuals
        Values minus arm means, blocks and predicted random effects, by row.
    notes
        What had to be done otherwise, in words.
    """

    arms: ArmFit
    name: str
    components: Mapping[str, float]
    residuals: Floats
    notes: tuple[str, ...] = ()
    _space: Floats | None = None
    _rounding: float = 0.0

    def varies(self, weights: Mapping[str, float]) -> bool:
        """Whether a contrast of the arms has a standard error that is more than rounding."""
        wanted = np.array([weights.get(arm, 0.0) for arm in self.arms.arms])
        return bool(wanted @ self.arms.covariance @ wanted > self._rounding)

    def tells(self, weights: Mapping[str, float]) -> bool:
        """Whether the data can tell a contrast of the arms from differences of blocks."""
        if self._space is None:
            return True
        wanted = np.zeros(len(self._space))
        wanted[: len(self.arms.arms)] = [weights.get(arm, 0.0) for arm in self.arms.arms]
        return bool(np.allclose(self._space @ wanted, wanted, atol=1e-7))


def fit_arm_model(wells: pd.DataFrame, structure: Structure, design: Design) -> ArmModel:
    """Fit the arms of one endpoint as its structure asks.

    Parameters
    ----------
    wells
        Rows of the endpoint: ``arm``, ``replicate`` and ``y`` on the scale of the analysis.
    structure
        As :func:`assaykit.stats.structure.decide_structure` found it for these rows.
    design
        Tells whether the arms have one variance, and the word for a replicate.

    Raises
    ------
    DesignError
        Nothing varies, or nothing is left to tell the spread from; in words that end a sentence.

    Examples
    --------
    >>> from assaykit.stats.structure import decide_structure
    >>> wells = pd.DataFrame({"arm": list("aaabbb"), "replicate": list("123456"),
    ...                       "plate": "P1", "well": list("uvwxyz"), "y": [1.0, 2, 3, 3, 4, 6]})
    >>> model = fit_arm_model(wells, decide_structure(wells, Design()), Design())
    >>> model.arms.means.round(3).tolist(), round(model.arms.df(np.array([-1.0, 1.0])), 3)
    ([2.0, 4.333], 4.0)
    """
    if design.variances != "unequal":
        return _one_variance(wells, structure, design)
    if structure.kind == "unpaired" and not structure.blocks:
        return _welch(wells, design)
    model = _one_variance(wells, structure, design)
    return replace(model, notes=(*model.notes, _POOLED))


def no_spread(structure: Structure, design: Design) -> str:
    """Say that nothing varies which a test could be made with."""
    word = design.replicate_word
    if structure.kind == "unpaired":
        return f"each {word} of an arm has the same value, so there is no spread to test with"
    return f"arms differ by the same amount in each {word}, so there is no spread to test with"


def _one_variance(wells: pd.DataFrame, structure: Structure, design: Design) -> ArmModel:
    try:
        return _mixed_or_means(wells, structure, design)
    except DesignError as error:
        code = error.problems[0].code
        if code in ("no_spread", "no_residual_spread") or (code == "too_uneven" and structure.even):
            raise DesignError([Problem("no_spread", no_spread(structure, design))]) from None
        if code == "alike_random_terms":
            raise DesignError([_too_uneven(design)]) from None
        raise


def _mixed_or_means(wells: pd.DataFrame, structure: Structure, design: Design) -> ArmModel:
    try:
        model = _mixed_or_within(wells, structure, design)
    except DesignError as error:
        if not structure.random or error.problems[0].code != "no_residual_spread":
            raise
        return _of_means(wells, structure, design, "all wells of a replicate have one value")
    if structure.even or not _at_zero(model, design) or _blocks_split_cells(wells, structure):
        return model
    why = "replicates differ no more than their wells let expect"
    return _of_means(wells, structure, design, why)


def _mixed_or_within(wells: pd.DataFrame, structure: Structure, design: Design) -> ArmModel:
    """Compare within replicates only where their means are all alike, as after normalising."""
    try:
        return _mixed(wells, structure, design)
    except DesignError as error:
        uneven = error.problems[0].code == "too_uneven"
        if not (uneven and structure.even and structure.kind != "unpaired"):
            raise
    word, means = design.replicate_word, _cell_means(wells, design)
    blocks = {word: pd.factorize(means["replicate"])[0].astype(np.int64)}
    blocks |= decide_structure(means, design).blocks
    model = _mixed(means, replace(structure, random={}, blocks=blocks), design)
    name = f"least squares on arms and each {word} (one mean in each arm)"
    note = f"each {word} has the same mean, so arms were compared within each {word} only"
    return replace(model, name=name, notes=(note,), residuals=_within_cells(wells))


def _at_zero(model: ArmModel, design: Design) -> bool:
    """Whether the replicates, or their responses to the arms, seem not to vary at all."""
    word = design.replicate_word
    found = [model.components.get(name, np.inf) for name in (word, f"{word} × arm")]
    return min(found) <= _ZERO * sum(map(abs, model.components.values()))


def _blocks_split_cells(wells: pd.DataFrame, structure: Structure) -> bool:
    """Whether the wells of one replicate in one arm are in several blocks."""
    cells = wells.groupby(["arm", "replicate"], sort=False).ngroup()
    return any(
        pd.Series(codes).groupby(cells.to_numpy()).nunique().max() > 1
        for codes in structure.blocks.values()
    )


def _of_means(wells: pd.DataFrame, structure: Structure, design: Design, why: str) -> ArmModel:
    """Compare the mean of each replicate in each arm, all with one weight."""
    means = _cell_means(wells, design)
    model = _mixed_or_within(means, decide_structure(means, design), design)
    note = f"{why}, so the mean of each {design.replicate_word} in each arm was compared"
    labels, full = _columns(wells, structure)
    space = model._space if model._space is not None else _kept(full, len(labels))[1]
    notes = (*model.notes, note)
    return replace(model, residuals=_within_cells(wells), notes=notes, _space=space)


def _within_cells(wells: pd.DataFrame) -> Floats:
    """What is left of the values after the mean of each replicate in each arm."""
    means = wells.groupby(["arm", "replicate"])["y"].transform("mean")
    return np.asarray(wells["y"] - means, dtype=float)


def _cell_means(wells: pd.DataFrame, design: Design) -> pd.DataFrame:
    """The mean of each replicate in each arm; plates and the like within one are left out."""
    blocks = [name for name in ("plate", *design.blocks) if name in wells]
    met = wells.groupby(["arm", "replicate"])[blocks].nunique()
    split = [name for name in blocks if met[name].max() > 1]
    without = {"arm", "replicate", "y", "well", *split}
    kept = [name for name in wells.columns if name not in without]
    cells = wells.groupby(["arm", "replicate"], sort=False, as_index=False)
    return cells.agg({**dict.fromkeys(kept, "first"), "y": "mean"})


def _columns(wells: pd.DataFrame, structure: Structure) -> tuple[tuple[str, ...], Floats]:
    """The arms, and columns for them and for fixed blocks."""
    codes, labels = pd.factorize(wells["arm"])
    full = np.eye(len(labels))[codes]
    if structure.blocks:
        full = np.hstack([full, block_columns(structure.blocks)])
    return tuple(map(str, labels)), full


def _mixed(wells: pd.DataFrame, structure: Structure, design: Design) -> ArmModel:
    labels, full = _columns(wells, structure)
    kept, space = _kept(full, len(labels))
    x, y = full[:, kept], wells["y"].to_numpy(dtype=float)
    shift = float(y[0])
    unit = float(np.abs(y - shift).max()) or 1.0
    z = (y - shift) / unit
    fit = _fitted(z, x, structure)
    if fit is None or not fit.converged:
        raise DesignError([_too_uneven(design)])
    rows = np.eye(len(labels), x.shape[1])
    tests = kenward_roger(fit)
    coefficients = unit * tests.coefficients + shift * rows.sum(axis=0)
    tests = replace(tests, coefficients=coefficients, covariance=unit**2 * tests.covariance)
    components = unit**2 * fit.components
    names = [*structure.random, RESIDUAL]
    return ArmModel(
        arms=LinearArms(labels, rows, tests),
        name=_name(structure),
        components=dict(zip(names, components.tolist(), strict=True)),
        residuals=unit * _residuals(z, x, fit, structure),
        _space=space,
        _rounding=_ZERO * float(components[-1]),
    )


def _too_uneven(design: Design) -> Problem:
    word = design.replicate_word
    message = (
        f"the values are spread too unevenly to tell what varies from one {word} to another from "
        f"what varies within; give each {word} as many wells in each arm, on the same plates"
    )
    return Problem("too_uneven", message)


def _kept(full: Floats, arms: int) -> tuple[list[int], Floats | None]:
    """Columns that are no combination of others, and, if any are, what can be told at all."""
    _, size, right = np.linalg.svd(full, full_matrices=False)
    rank = int(np.sum(size > _DEPENDENT * size[0]))
    if rank == full.shape[1]:
        return list(range(full.shape[1])), None
    kept = list(range(arms))
    for column in range(arms, full.shape[1]):
        if np.linalg.matrix_rank(full[:, [*kept, column]]) > len(kept):
            kept.append(column)
    return kept, right[:rank].T @ right[:rank]


def _fitted(y: Floats, x: Floats, structure: Structure) -> RemlFit | None:
    """Fit with components that may fall below zero in an even design, else with none below.

    In an uneven design the likelihood has no top there: it grows without bound as the variance
    of the mean of the largest replicate goes to zero. In an even one it has none where the means
    of the replicates, or their differences, do not vary at all.
    """
    groups = list(structure.random.values())
    try:
        # Steps towards an impossible covariance are taken back; their warnings say nothing.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return fit_reml(y, x, groups, below_zero=structure.even)
    except np.linalg.LinAlgError:
        return None


def _residuals(y: Floats, x: Floats, fit: RemlFit, structure: Structure) -> Floats:
    left = y - x @ fit.coefficients
    start = 0
    for codes in structure.random.values():
        left = left - fit.random_effects[start + codes]
        start += int(codes.max()) + 1
    return left


def _name(structure: Structure) -> str:
    blocks = "".join(f" and {name}s" for name in structure.blocks)
    if not structure.random:
        return f"least squares on arms{blocks} (one value each)"
    terms = ", ".join(structure.random)
    return (
        f"linear mixed model with arms{blocks} fixed and {terms} random "
        "(REML, Kenward-Roger degrees of freedom)"
    )


@dataclass(frozen=True, eq=False)
class WelchArms:
    """Means of arms with variances of their own (Welch 1947).

    Parameters
    ----------
    arms
        Labels of the arms.
    means
        Mean of each arm's replicates, shape (a,).
    squared_errors
        Squared standard error of each mean, shape (a,).
    counts
        Replicates of each arm, shape (a,).

    Examples
    --------
    >>> arms = WelchArms(("a", "b"), np.array([1.0, 2]), np.array([0.1, 0.1]), np.array([3, 3]))
    >>> arms.df(np.array([-1.0, 1.0]))
    4.0
    """

    arms: tuple[str, ...]
    means: Floats
    squared_errors: Floats
    counts: Floats

    @property
    def covariance(self) -> Floats:
        """Covariance of the means, shape (a, a)."""
        return np.diag(self.squared_errors)

    def df(self, weights: Floats) -> float:
        """Welch's degrees of freedom of a contrast, shape (a,)."""
        parts = np.asarray(weights) ** 2 * self.squared_errors
        return float(round(parts.sum() ** 2 / np.sum(parts**2 / (self.counts - 1)), 12))


def _welch(wells: pd.DataFrame, design: Design) -> ArmModel:
    means = wells.groupby(["arm", "replicate"], sort=False)["y"].mean()
    arms = means.groupby("arm", sort=False)
    squared = arms.var(ddof=1) / arms.size()
    fitted = WelchArms(
        tuple(map(str, squared.index)), *(np.asarray(part, dtype=np.float64) for part in (
            arms.mean(), squared, arms.size()))
    )  # fmt: skip
    left = wells["y"].to_numpy(float) - means.reindex(
        pd.MultiIndex.from_frame(wells[["arm", "replicate"]])
    ).to_numpy(float)
    name = f"Welch's test on the mean of each {design.replicate_word}, unequal variances"
    rounding = (_EQUAL * float(means.abs().max())) ** 2
    return ArmModel(fitted, name, {}, left, _rounding=rounding)
