"""A thousand 4PL curves: one batch against as many calls of ``scipy.optimize.curve_fit``.

CPU time of this process, in interleaved pairs; the median of their ratios. Set
``OMP_NUM_THREADS=1`` so that no linear-algebra library spends the time of other cores.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assaykit.curves import fit_standard_curve, fit_standard_curves

FloatArray = NDArray[np.float64]

CURVES = 1000
PAIRS = 7
LEVELS = (0.0, 7.8, 15.6, 31.25, 62.5, 125.0, 250.0, 500.0)
SHARE_TO_REACH = 15
EXCESS_TO_REACH = 1e-6
PLATE_SECONDS = 0.1


def four_pl(x: FloatArray, a: float, b: float, c: float, d: float) -> FloatArray:
    """The formula, written as people give it to ``curve_fit``."""
    return np.asarray(d + (a - d) / (1 + (x / c) ** b))


def simulated_standards() -> tuple[FloatArray, FloatArray]:
    """Eight levels in duplicate for each of the curves, with 4 % noise."""
    rng = np.random.default_rng(0)
    x = np.repeat(LEVELS, 2)
    a, d = rng.uniform(0.03, 0.10, CURVES), rng.uniform(1.8, 4.0, CURVES)
    b, c = rng.uniform(0.8, 1.8, CURVES), np.exp(rng.uniform(np.log(60), np.log(600), CURVES))
    clean = d + (a - d) / (1 + (x[:, None] / c) ** b)
    return x, (clean * (1 + 0.04 * rng.normal(size=clean.shape))).T


def with_curve_fit(x: FloatArray, y: FloatArray) -> FloatArray:
    """Residual sums of squares of ``curve_fit`` with a sensible start and no Jacobian."""
    from scipy.optimize import curve_fit

    middle = float(np.median(x[x > 0]))
    found = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for response in y:
            start = (response.min(), 1.0, middle, response.max())
            best, _ = curve_fit(four_pl, x, response, p0=start, maxfev=20_000)
            found.append(np.sum((response - four_pl(x, *best)) ** 2))
    return np.array(found)


def in_one_batch(x: FloatArray, y: FloatArray) -> FloatArray:
    """Residual sums of squares of the batch."""
    return fit_standard_curves(x, y).residual_sum_of_squares


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def measure() -> list[dict[str, object]]:
    """Rows of the table: what, measured, to_reach, met."""
    x, y = simulated_standards()
    return [
        _time_against_curve_fit(x, y),
        _residuals_against_curve_fit(x, y),
        _back_calculation(x, y),
    ]


def _time_against_curve_fit(x: FloatArray, y: FloatArray) -> dict[str, object]:
    in_one_batch(x, y), with_curve_fit(x, y[:10])
    ratios = [
        cpu_seconds(lambda: with_curve_fit(x, y)) / cpu_seconds(lambda: in_one_batch(x, y))
        for _ in range(PAIRS)
    ]
    share = statistics.median(ratios)
    return {
        "what": f"{CURVES} 4PL fits against curve_fit, CPU",
        "measured": f"1/{share:.0f}",
        "to_reach": f"1/{SHARE_TO_REACH}",
        "met": share >= SHARE_TO_REACH,
    }


def _residuals_against_curve_fit(x: FloatArray, y: FloatArray) -> dict[str, object]:
    excess = float(np.max(in_one_batch(x, y) / with_curve_fit(x, y) - 1.0))
    return {
        "what": f"{CURVES} 4PL fits, largest excess of the residual sum of squares",
        "measured": f"{excess:.1e}",
        "to_reach": f"{EXCESS_TO_REACH:.0e}",
        "met": excess <= EXCESS_TO_REACH,
    }


def _back_calculation(x: FloatArray, y: FloatArray) -> dict[str, object]:
    curve = fit_standard_curve(x, y[0])
    responses = curve.predict(np.geomspace(8.0, 490.0, 384))
    curve.back_calculate(responses)
    seconds = statistics.median(
        cpu_seconds(lambda: curve.back_calculate(responses)) for _ in range(PAIRS)
    )
    return {
        "what": "384 concentrations with their intervals, CPU",
        "measured": f"{1000 * seconds:.0f} ms",
        "to_reach": f"{1000 * PLATE_SECONDS:.0f} ms",
        "met": seconds <= PLATE_SECONDS,
    }


if __name__ == "__main__":
    for row in measure():
        print(row)
