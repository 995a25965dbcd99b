"""The example plates analysed, once for all tests of a worker."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from assaykit.assays.qpcr import QpcrParameters, quantify
from assaykit.study import Study, analyse_plate

PLATES = Path(__file__).parents[2] / "example_plates"
EXAMPLES = {
    "rankl_elisa": "elisa",
    "vendor_elisa": "elisa",
    "alizarin_extraction": "alizarin",
    "alizarin_pictures": "alizarin",
    "osteoblasts_qpcr": "qpcr",
    "vesicles_mir143": "qpcr",
}


@cache
def example(name: str) -> Study:
    return analyse_plate(PLATES / name / f"{name}.xlsx", EXAMPLES[name])


def three_references() -> dict[str, pd.DataFrame]:
    """A plate with all that the examples lack: three reference genes, runs calibrated, melt."""
    cq = {"RUNX2": 25.0, "ACTB": 18.0, "HPRT1": 23.0, "TBP": 26.0}
    rows = [
        {
            "plate": "p", "well": f"{'ABCD'[g]}{s + 1}", "sample": f"s{s}",
            "role": "calibrator" if s == 3 else "sample", "target": gene, "channel": channel,
            "unit": "cycles", "flag": "",
            "value": value if channel != "cq" else cq[gene] + 0.2 * s + 0.1 * ((g * s) % 3),
            "target_role": "target" if gene == "RUNX2" else "reference", "excluded": False,
            "source": "made",
        }
        for s in range(4)
        for g, gene in enumerate(cq)
        for channel, value in (("cq", 0.0), ("tm_1", 84.2), ("tm_2", 78.0),
                               ("melt_peak_height_1", 1.0), ("melt_peak_height_2", 0.1))
    ]  # fmt: skip
    made = quantify(pd.DataFrame(rows), QpcrParameters(run_calibration=True))
    return {"Observations": made.observations, **made.tables}
