"""Random numbers that depend on a seed and on what they are for, and on nothing else."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Random numbers for one purpose: adding another never changes them.

    Parameters
    ----------
    seed
        The seed of the whole simulation.
    purpose
        Words that say what the numbers are for, such as ``"biology", "RANKL"``.

    Examples
    --------
    >>> bool(generator(1, "noise").normal() == generator(1, "noise").normal())
    True
    >>> bool(generator(1, "noise").normal() == generator(1, "biology").normal())
    False
    """
    return np.random.default_rng([seed, *(zlib.crc32(word.encode()) for word in purpose)])


def log_sd(cv: float) -> float:
    """Standard deviation of the natural logarithm of a lognormal quantity with a given CV.

    Parameters
    ----------
    cv
        Coefficient of variation as a share: 0.03 is 3 %.

    Examples
    --------
    >>> round(log_sd(0.5), 4)
    0.4724
    """
    return float(np.sqrt(np.log1p(cv**2)))
