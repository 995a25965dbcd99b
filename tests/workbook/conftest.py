"""Fixtures of the workbook tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbook_helpers import filled


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A filled template without any mistake."""
    return filled(tmp_path)
