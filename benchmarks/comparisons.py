"""Mixed models and comparisons: CPU time, and beside statsmodels' MixedLM in the same run."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from assaykit.design import Design, Factor
from assaykit.stats import compare, fit_mixed_model
from benchmarks.curve_fits import cpu_seconds
from benchmarks.error_rates import LAYOUTS, rates

RUNS = 15
MODEL_LIMIT, ROWS_LIMIT, STUDIES_LIMIT = 0.020, 2.0, 240.0
STUDIES, CORES = 4000, 2
MIXEDLM_LIMIT = 1.0  # with denominator degrees of freedom, no slower than without


def nested_wells(replicates: int, wells: int, seed: int = 1) -> pd.DataFrame:
    """Three arms, replicates shared by them, wells within."""
    rng = np.random.default_rng(seed)
    arm, replicate, _ = (i.ravel() for i in np.indices((3, replicates, wells)))
    cell = rng.normal(0, 0.2, (3, replicates))[arm, replicate]
    y = rng.normal(0, 0.5, replicates)[replicate] + cell + rng.normal(0, 0.3, len(arm)) + 0.4 * arm
    columns = {"y": y, "arm": np.array(["a", "b", "c"])[arm], "culture": replicate.astype(str)}
    return pd.DataFrame(columns)


def measure() -> list[dict[str, object]]:
    """Rows of the table: what, measured, to_reach, met."""
    return [nested_model(), against_statsmodels(), ten_thousand_rows(), simulated_studies()]


def fitted(rows: pd.DataFrame) -> None:
    """A nested model with coefficients, F, means and two families of contrasts."""
    model = fit_mixed_model(rows, "y ~ arm", ["culture", "culture:arm"])
    model.coefficients(), model.anova(), model.marginal_means("arm")
    model.contrasts("arm", adjust="dunnett"), model.contrasts("arm", adjust="tukey")


def nested_model() -> dict[str, object]:
    """150 rows with all contrasts."""
    rows = nested_wells(5, 10)
    seconds = _median(lambda: fitted(rows))
    return _row("150-row nested model with all contrasts, CPU", seconds, MODEL_LIMIT)


def against_statsmodels() -> dict[str, object]:
    """The fit alone, against MixedLM with the same two random terms."""
    from statsmodels.formula.api import mixedlm

    rows = nested_wells(5, 10).assign(cell=lambda t: t["culture"] + t["arm"])
    parts = {"cell": "0 + C(cell)"}

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mixedlm("y ~ arm", rows, groups="culture", vc_formula=parts).fit()

    def ours() -> None:
        fit_mixed_model(rows, "y ~ arm", ["culture", "culture:arm"]).coefficients()

    theirs(), ours()
    share = statistics.median(cpu_seconds(theirs) / cpu_seconds(ours) for _ in range(RUNS))
    return {
        "what": "the same fit with Kenward-Roger against statsmodels MixedLM, CPU",
        "measured": f"{1 / share:.2f} x",
        "to_reach": f"{MIXEDLM_LIMIT:g} x",
        "met": 1 / share <= MIXEDLM_LIMIT,
    }


def ten_thousand_rows() -> dict[str, object]:
    """A comparison of 10,000 wells."""
    rows = nested_wells(34, 98).head(10_000)
    wells = rows.set_axis(["value", "treatment", "biological_replicate"], axis=1).assign(
        plate="P1", well=[f"W{i}" for i in range(len(rows))], role="sample", assay="a",
        endpoint="e", unit="", scale="linear",
    )  # fmt: skip
    design = Design((Factor("treatment", ("a", "b", "c"), "a"),))
    seconds = cpu_seconds(lambda: compare(wells, design))
    return _row("compare on 10,000 wells, CPU", seconds, ROWS_LIMIT)


def simulated_studies() -> dict[str, object]:
    """Simulated studies of one design through compare, on two cores."""
    layout, some = LAYOUTS[0], 4
    seconds = cpu_seconds(lambda: [rates(layout, 4, 50, 0.0, first) for first in range(some)])
    whole = seconds * STUDIES / (some * 50) / CORES
    return _row(f"{STUDIES} simulated studies on {CORES} cores, from {some * 50}", whole,
                STUDIES_LIMIT)  # fmt: skip


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(cpu_seconds(work) for _ in range(RUNS))


def _row(what: str, seconds: float, limit: float) -> dict[str, object]:
    def shown(number: float) -> str:
        return f"{1000 * number:.0f} ms" if number < 1 else f"{number:.1f} s"

    return {"what": what, "measured": shown(seconds), "to_reach": shown(limit),
            "met": seconds <= limit}  # fmt: skip


if __name__ == "__main__":
    for row in measure():
        print(row)
