"""What `import assaykit` offers, and what it costs."""

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import assaykit

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(assaykit.__path__, "assaykit.")
    if not module.name.endswith("__main__") and ".example_plates" not in module.name
)


def modules_after(code: str) -> set[str]:
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_public_names_are_pinned():
    assert assaykit.__all__ == [
        "Study", "analyse_plate", "annotate", "assays", "compare", "compare_results", "curves",
        "design", "errors", "flag", "plate", "qc", "quantify", "read", "readers", "report",
        "stats", "tables",
    ]  # fmt: skip
    for name in assaykit.__all__:
        assert getattr(assaykit, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        assaykit.nonsense  # noqa: B018


def test_importing_assaykit_loads_nothing_heavy():
    heavy = {"numpy", "pandas", "scipy", "matplotlib", "cv2", "skimage", "openpyxl", "statsmodels"}
    assert not heavy & modules_after("import assaykit")


def test_help_loads_nothing_heavy():
    code = "from assaykit.cli import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass"
    heavy = {"numpy", "pandas", "scipy", "matplotlib", "cv2", "skimage", "openpyxl", "rich"}
    assert not heavy & modules_after(code)


def test_analysing_a_plate_does_not_load_the_slow_parts_of_the_libraries():
    code = "import assaykit.study, assaykit.curves, assaykit.stats, assaykit.report.workbook"
    assert not {"scipy.stats", "statsmodels", "matplotlib.pyplot"} & modules_after(code)


def test_report_is_a_verb_also_after_its_module_was_imported():
    importlib.import_module("assaykit.report")
    assert callable(assaykit.report)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_public_things_have_docstrings(name):
    module = importlib.import_module(name)
    for item, value in vars(module).items():
        if not item.startswith("_") and getattr(value, "__module__", None) == name:
            assert callable(value) is False or value.__doc__, f"{name}.{item}"
