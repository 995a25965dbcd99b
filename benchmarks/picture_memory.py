"""Peak memory of measuring one picture: ``python -m benchmarks.picture_memory FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.pictures import mineral


def _status(name: str) -> float:
    """A line of the process's status, in MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> None:
    """Print by how many MB the peak lies above what the imports take."""
    before = _status("VmRSS")
    mineral(Path(sys.argv[1]), 1)
    print(_status("VmHWM") - before)


if __name__ == "__main__":
    main()
