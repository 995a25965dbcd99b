"""Least squares of replicate values on arms, and on replicates where the arms share them.

This is the classical analysis: Student's t and one-way analysis of variance where each arm
has replicates of its own, the paired t and the randomised block where the arms share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assaykit.errors import DesignError, Problem
from assaykit.stats.distributions import Floats


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Means of arms with their covariance and degrees of freedom.

    Parameters
    ----------
    arms
        Labels of the arms, in the order of the means.
    means
        Mean of each arm, shape (a,); averaged over the blocks where there are any.
    covariance
        Covariance of the means, shape (a, a). Its contrasts are what is meant: with blocks the
        spread between blocks is not in it.
    residual_df
        Residual degrees of freedom.
    residual_variance
        Residual mean square.
    estimable
        Projector, shape (p, a), that leaves a contrast as it is if the data can estimate it.
    """

    arms: tuple[str, ...]
    means: Floats
    covariance: Floats
    residual_df: int
    residual_variance: float
    estimable: Floats

    def df(self, weights: ArrayLike) -> float:
        """Give the degrees of freedom of one contrast of the arms' means.

        Raises
        ------
        DesignError
            No replicate connects the arms, so that the contrast cannot be estimated.

        Examples
        --------
        >>> fit = fit_arms([1.0, 2.0, 4.0, 5.0], ["a", "a", "b", "b"])
        >>> fit.df([-1, 1])
        2.0
        """
        wanted = np.zeros(len(self.estimable))
        wanted[: len(self.arms)] = weights
        if not np.allclose(self.estimable @ np.asarray(weights, dtype=float), wanted, atol=1e-8):
            arms = ", ".join(arm for arm, w in zip(self.arms, wanted, strict=False) if w)
            message = f"no biological replicate connects the arms {arms}"
            raise DesignError([Problem("not_connected", message)])
        return float(self.residual_df)


def fit_arms(
    values: ArrayLike, arms: Sequence[str], blocks: Sequence[str] | None = None
) -> LinearFit:
    """Fit the means of arms by least squares, within blocks if these are given.

    Parameters
    ----------
    values
        One value for each biological replicate and arm, on the scale of the analysis.
    arms
        The arm of each value.
    blocks
        The biological replicate of each value, where the arms share them. Blocks may be
        incomplete.

    Raises
    ------
    DesignError
        There are no more values than means, or the values do not vary around their means, so
        that nothing tells of the spread.

    Examples
    --------
    >>> fit = fit_arms([1, 2, 3, 3, 4, 6], ["a", "a", "a", "b", "b", "b"], list("123123"))
    >>> fit.means.round(6).tolist(), fit.residual_df
    ([2.0, 4.333333], 2)
    """
    y = np.asarray(values, dtype=float)
    arm_names, arm_columns = _indicators(arms)
    columns = [arm_columns]
    if blocks is not None:
        block_columns = _indicators(blocks)[1]
        columns.append(block_columns[:, :-1] - block_columns[:, -1:])
    matrix = np.hstack(columns)
    left, size, right = np.linalg.svd(matrix, full_matrices=False)
    kept = size > 1e-10 * size[0]
    left, size, right = left[:, kept], size[kept], right[kept]
    residual_df = len(y) - len(size)
    if residual_df < 1:
        message = f"{len(y)} values for {len(size)} means leave nothing to tell the spread from"
        raise DesignError([Problem("no_residual_df", message, remedy="Add biological replicates.")])
    coefficients = right.T @ ((left.T @ y) / size)
    residuals = y - matrix @ coefficients
    if np.allclose(residuals, 0, rtol=0, atol=1e-12 * float(np.abs(y).max())):
        message = "the biological replicates do not vary within their arms"
        raise DesignError([Problem("no_spread", message, remedy="Look at how they were computed.")])
    variance = float(residuals @ residuals) / residual_df
    among = slice(len(arm_names))
    root = (right / size[:, None])[:, among]
    estimable = right.T @ right[:, among]
    return LinearFit(
        arm_names, coefficients[among], variance * root.T @ root, residual_df, variance, estimable
    )


def arm_residuals(
    values: ArrayLike, arms: Sequence[str], blocks: Sequence[str] | None = None
) -> Floats:
    """What is left of the values after means of arms, and of blocks if these are given.

    Examples
    --------
    >>> arm_residuals([1.0, 3, 5, 7], ["a", "a", "b", "b"]).round(6).tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    y = np.asarray(values, dtype=float)
    matrix = np.hstack([_indicators(names)[1] for names in (arms, blocks) if names is not None])
    return np.asarray(y - matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0], dtype=float)


def _indicators(names: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Name the groups in order of appearance, with a column of 0 and 1 for each."""
    groups = tuple(dict.fromkeys(names))
    columns = np.array([[float(name == group) for group in groups] for name in names])
    return groups, columns
