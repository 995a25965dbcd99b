"""The balanced designs that can be planned, and the classical test of each.

The tests are vectorised over simulated studies: means of replicates in, t values out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assaykit.stats.distributions import Floats


@dataclass(frozen=True)
class PlannedDesign:
    """A balanced design: how its effect varies, and the test that it is analysed by.

    Parameters
    ----------
    words
        Who is in which arm.
    test
        The test of the effect, in words.
    groups
        Groups of different replicates that the test is made of; it has groups × (n − 1) degrees
        of freedom.
    between_weight, inner_weight
        The variance of the estimated effect is the variance between replicates times the first,
        plus that of a replicate's mean in one arm around it times the second, over n.
    shape
        Shape of one simulated study but for its replicates; the last axis is the two arms that
        are compared.
    statistic
        t values from the means of the replicates, of shape (studies, *shape, replicates).

    Examples
    --------
    >>> DESIGNS["shared"].df(4), DESIGNS["own"].df(4)
    (3, 6)
    """

    words: str
    test: str
    groups: int
    between_weight: int
    inner_weight: int
    shape: tuple[int, ...]
    statistic: Callable[[Floats], Floats]

    def df(self, n_biological: int) -> int:
        """Degrees of freedom of the test with n biological replicates per arm."""
        return self.groups * (n_biological - 1)


def paired_t(means: Floats) -> Floats:
    """Paired t of each study from the means of its replicates.

    Parameters
    ----------
    means
        Shape (studies, 2 arms, replicates).

    Returns
    -------
    array, shape (studies,)
        Second arm minus first.

    Examples
    --------
    >>> paired_t(np.array([[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]])).round(4).tolist()
    [3.4641]
    """
    difference = means[:, 1] - means[:, 0]
    error = difference.std(axis=-1, ddof=1) / np.sqrt(means.shape[-1])
    return np.asarray(difference.mean(axis=-1) / error)


def student_t(means: Floats) -> Floats:
    """Student's t of each study; as :func:`paired_t` for arms with replicates of their own.

    Examples
    --------
    >>> student_t(np.array([[[1.0, 2.0, 3.0], [3.0, 4.0, 6.0]]])).round(4).tolist()
    [2.2136]
    """
    difference = means[:, 1].mean(axis=-1) - means[:, 0].mean(axis=-1)
    pooled = means.var(axis=-1, ddof=1).mean(axis=-1)
    return np.asarray(difference / np.sqrt(2 * pooled / means.shape[-1]))


def interaction_t(means: Floats) -> Floats:
    """Student's t between the responses of two genotypes: the interaction of a split plot.

    Parameters
    ----------
    means
        Shape (studies, 2 genotypes, 2 treatments, replicates).

    Examples
    --------
    >>> rest = np.zeros((1, 2, 1, 3))
    >>> responses = np.array([[[[1.0, 2.0, 3.0]], [[3.0, 4.0, 6.0]]]])
    >>> interaction_t(np.concatenate([rest, responses], axis=2)).round(4).tolist()
    [2.2136]
    """
    return student_t(means[:, :, 1] - means[:, :, 0])


DESIGNS: dict[str, PlannedDesign] = {
    "shared": PlannedDesign(
        "every biological replicate is in both arms", "the paired t test", 1, 0, 2, (2,), paired_t
    ),
    "own": PlannedDesign(
        "each arm has biological replicates of its own", "Student's t test", 2, 2, 2, (2,),
        student_t,
    ),
    "split-plot": PlannedDesign(
        "each of two genotypes has biological replicates of its own, every one of them in both "
        "treatments; the effect is the interaction of genotype and treatment",
        "Student's t test of the replicates' responses between the genotypes", 2, 0, 4, (2, 2),
        interaction_t,
    ),
}  # fmt: skip
"""The designs by name."""
