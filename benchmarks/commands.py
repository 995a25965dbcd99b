"""What whole commands cost: CPU time of their processes."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.plates import filled_384_well_plate

HELP_LIMIT = 8.0
PLATE_LIMIT_SECONDS = 4.0
DEMO_LIMIT_SECONDS = 120.0


def cpu_seconds(*words: str) -> float:
    """User and system time of a Python process and its children, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure() -> list[dict[str, object]]:
    """Rows of the table: what, measured, to_reach, met."""
    return [help_against_python(), plate_384(), demo()]


def help_against_python(pairs: int = 15) -> dict[str, object]:
    """`assaykit --help` against a Python that does nothing."""
    command = "from assaykit.cli import main; import sys; sys.argv[1:] = ['--help']; main()"
    ratios = [cpu_seconds("-c", command) / cpu_seconds("-c", "pass") for _ in range(pairs)]
    ratio = statistics.median(ratios)
    return {
        "what": "assaykit --help against bare python, CPU",
        "measured": f"{ratio:.1f} x",
        "to_reach": f"{HELP_LIMIT:g} x",
        "met": ratio <= HELP_LIMIT,
    }


def plate_384(runs: int = 3) -> dict[str, object]:
    """From the command to the results workbook of a full 384-well ELISA plate."""
    with tempfile.TemporaryDirectory() as folder:
        plate = filled_384_well_plate(Path(folder))
        words = ("-m", "assaykit", "elisa", str(plate), "--out")
        outs = [str(Path(folder) / f"out {run}") for run in range(runs)]
        seconds = statistics.median(cpu_seconds(*words, out) for out in outs)
    return {
        "what": "384-well ELISA plate, command to results workbook, CPU",
        "measured": f"{seconds:.1f} s",
        "to_reach": f"{PLATE_LIMIT_SECONDS:g} s",
        "met": seconds <= PLATE_LIMIT_SECONDS,
    }


def demo() -> dict[str, object]:
    """The demo over all example plates."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = cpu_seconds("-m", "assaykit", "demo", "--out", str(Path(folder) / "demo"))
    return {
        "what": "assaykit demo, CPU",
        "measured": f"{seconds:.1f} s",
        "to_reach": f"{DEMO_LIMIT_SECONDS:g} s",
        "met": seconds <= DEMO_LIMIT_SECONDS,
    }
