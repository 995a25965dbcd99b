"""assaykit: from filled plate templates to audited results.

Six verbs over five plain tables::

    read  →  annotate  →  quantify  →  flag  →  compare  →  report

Everything here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assaykit import assays, curves, design, errors, plate, qc, readers, stats, tables
    from assaykit.assays import quantify
    from assaykit.plate import annotate
    from assaykit.qc import flag
    from assaykit.readers import read
    from assaykit.report import report
    from assaykit.stats import compare
    from assaykit.study import Study, analyse_plate, compare_results

__version__ = "0.1.0"

_HOMES = {
    "read": "assaykit.readers",
    "annotate": "assaykit.plate",
    "quantify": "assaykit.assays",
    "flag": "assaykit.qc",
    "compare": "assaykit.stats",
    "report": "assaykit.report",
    "Study": "assaykit.study",
    "analyse_plate": "assaykit.study",
    "compare_results": "assaykit.study",
}
_ROOMS = ("assays", "curves", "design", "errors", "plate", "qc", "readers", "stats", "tables")

__all__ = [
    "Study",
    "analyse_plate",
    "annotate",
    "assays",
    "compare",
    "compare_results",
    "curves",
    "design",
    "errors",
    "flag",
    "plate",
    "qc",
    "quantify",
    "read",
    "readers",
    "report",
    "stats",
    "tables",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _ROOMS:
        return import_module(f"assaykit.{name}")
    raise AttributeError(f"module 'assaykit' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
