"""The house rules that a machine can check: who may import whom, and how the code is shaped."""

import ast
import pkgutil
from pathlib import Path

import pytest

import assaykit

ROOT = Path(assaykit.__file__).parent
LAYERS = (
    ("cli", "demo", "__main__"),
    ("report",),
    ("study",),
    ("stats",),
    ("qc",),
    ("assays",),
    ("readers", "workbook", "images", "curves", "simulate"),
    ("design",),
    ("plate",),
    ("tables",),
    ("excel",),
    ("parameters", "values", "provenance", "files"),
    ("errors",),
)
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
FILES = sorted(p for p in ROOT.rglob("*.py") if "example_plates" not in p.parts)


def room_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            if module == "assaykit":
                names |= {alias.name for alias in node.names}
            elif module.startswith("assaykit."):
                names.add(module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("assaykit.")}
    return names


def functions(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node, (body[-1].end_lineno - body[0].lineno + 1) if body else 0


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_point_downwards(file):
    room = room_of(file)
    if room == "__init__":
        return
    for other in imported_rooms(ast.parse(file.read_text("utf-8"))) - {room, "__version__"}:
        assert RANK[other] >= RANK[room], f"{room} imports upwards from {other}"
        beside = RANK[other] == RANK[room]
        assert not beside or room in LAYERS[0] + LAYERS[-2], f"{room} imports sideways from {other}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_files_and_functions_fit_in_the_head(file):
    text = file.read_text("utf-8")
    assert text.count("\n") <= 500
    tree = ast.parse(text)
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    for node, lines in functions(tree):
        assert lines <= 60, f"{node.name} has {lines} lines"


def test_every_room_of_the_package_has_its_layer():
    rooms = {module.name for module in pkgutil.iter_modules([str(ROOT)])}
    assert rooms <= set(RANK)


def test_every_source_file_has_tests_of_its_own():
    tests = Path(__file__).parent
    stems = {path.stem.removeprefix("test_") for path in tests.rglob("test_*.py")}
    rooms = {path.name for path in tests.iterdir() if path.is_dir()}
    for file in FILES:
        room = room_of(file)
        if file.stem in ("__init__", "__main__", "base", "spec"):
            continue
        assert file.stem in stems or room in rooms, f"{file.relative_to(ROOT)} has no tests"
