"""The report loads what it needs, when it needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import assaykit.report as room
from assaykit.report.figures import FIGURES

HERE = Path(__file__).parent
SLOW = ("matplotlib.pyplot", "scipy.stats", "statsmodels", "cv2", "skimage")


def modules_after(code: str) -> set[str]:
    """Names of the modules that are loaded after some code in a fresh interpreter."""
    before = f"import json, sys\nsys.path.insert(0, {str(HERE)!r})\n"
    after = "\nprint(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", before + code + after]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_room_loads_nothing_heavy():
    loaded = modules_after("import assaykit.report")
    assert not loaded & {"numpy", "pandas", "matplotlib", "xlsxwriter", "openpyxl"}


def test_naming_the_figures_does_not_load_matplotlib():
    loaded = modules_after("from assaykit.report import FIGURES, write_plate_report")
    assert "matplotlib" not in loaded
    assert not loaded & set(SLOW)


def test_a_whole_plate_report_loads_nothing_slow(tmp_path):
    code = (
        "from pathlib import Path\nfrom report_studies import plate_study\n"
        "from assaykit.report import write_plate_report\n"
        f"write_plate_report(plate_study(), Path({str(tmp_path)!r}))"
    )
    loaded = modules_after(code)
    assert {"matplotlib.figure", "xlsxwriter"} <= loaded
    assert not loaded & set(SLOW)


def test_every_public_name_is_there_and_described():
    for name in room.__all__:
        assert getattr(room, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = room.nothing


def test_figures_are_a_tuple_of_different_functions():
    assert isinstance(FIGURES, tuple)
    assert len({draw.__name__ for draw in FIGURES}) == len(FIGURES)


def test_the_room_is_also_the_verb():
    import assaykit

    assert callable(assaykit.report)
    assert assaykit.report.write_plate_report is room.write_plate_report
