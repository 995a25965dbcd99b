"""Where the real data with known answers lies; tests that need it are skipped without it."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def shared(*parts: str) -> Path:
    """A file of the shared data, such as ``shared("stats", "g01_plantgrowth_oneway.csv")``."""
    path = PROJECT.parent / "shared" / "data" / Path(*parts)
    if not path.exists():
        pytest.skip(f"the shared data is not there: {'/'.join(parts)}")
    return path
