"""Filled plates that several tests start from."""

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "example_plates"


@pytest.fixture
def example(tmp_path):
    """Copy one example plate into the test's own folder and return its filled template."""

    def copy(name):
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
        return folder / f"{name}.xlsx"

    return copy
