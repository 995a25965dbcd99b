"""Plates with exactly known truth, for examples, tests, benchmarks and planning.

The biology (arms, biological replicates, true effects) is drawn first and apart from any
measurement (:mod:`assaykit.simulate.biology`), so that several assays can measure the same
cultures; then a plate is laid out (:mod:`assaykit.simulate.layout`) and read with errors of
known size (:mod:`assaykit.simulate.measurement`). A seed reproduces everything.
"""

from __future__ import annotations

from assaykit.simulate.alizarin import Extraction, alizarin_extraction_plate
from assaykit.simulate.biology import Biology, Endpoint, draw_biology
from assaykit.simulate.elisa import ElisaKit, elisa_plate
from assaykit.simulate.layout import Layout
from assaykit.simulate.measurement import (
    NO_NOISE,
    FourParameter,
    Line,
    Noise,
    Nuisances,
    SimulatedPlate,
)
from assaykit.simulate.qpcr import SimulatedRun, osteoblast_run, vesicle_run
from assaykit.simulate.studies import SimulatedStudy, study

__all__ = [
    "NO_NOISE",
    "Biology",
    "ElisaKit",
    "Endpoint",
    "Extraction",
    "FourParameter",
    "Layout",
    "Line",
    "Noise",
    "Nuisances",
    "SimulatedPlate",
    "SimulatedRun",
    "SimulatedStudy",
    "alizarin_extraction_plate",
    "draw_biology",
    "elisa_plate",
    "osteoblast_run",
    "study",
    "vesicle_run",
]
