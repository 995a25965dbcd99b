"""Every snippet and every command in README and docs runs, and every link leads somewhere."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assaykit.cli import app
from assaykit.qc import RULES

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def blocks(page, language):
    text = page.read_text("utf-8")
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)
    return [re.sub(r"(?m)^   ", "", block) if block.startswith("   ") else block for block in found]


@EVERY_PAGE
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@EVERY_PAGE
def test_python_snippets_run(page, monkeypatch, tmp_path, capsys):
    snippets = blocks(page, "python")
    if not snippets:
        return
    shutil.copytree(ROOT / "example_plates", tmp_path / "example_plates")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for snippet in snippets:
        exec(compile(snippet, str(page), "exec"), namespace)
    capsys.readouterr()


@EVERY_PAGE
def test_commands_are_commands(page):
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    for line in blocks(page, ""):
        for command in re.findall(r"(?:^|/|&& )assaykit ([a-z]+)", line, flags=re.MULTILINE):
            assert command in known, command


def test_the_commands_of_the_tour_do_what_the_readme_says(monkeypatch, tmp_path):
    """The five steps, with the example plates standing in for those of the reader."""
    examples = ROOT / "example_plates"
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"\.venv/bin/assaykit (.+)", (ROOT / "README.md").read_text("utf-8"))
    tour = [line for line in commands if not line.startswith(("demo", "template"))]
    run("template elisa my_plate.xlsx")
    (tmp_path / "my_plate.xlsx").unlink()
    shutil.copy(examples / "rankl_elisa/rankl_elisa.xlsx", "my_plate.xlsx")
    run(f"elisa my_plate.xlsx --out {tmp_path / 'rankl_results'}")
    alizarin = examples / "alizarin_extraction/alizarin_extraction.xlsx"
    run(f"alizarin {alizarin} --out {tmp_path / 'alizarin_results'}")
    for line in tour:
        run(line)
    assert (tmp_path / "my_plate_results").is_dir()
    assert (tmp_path / "my_study/study.xlsx").is_file()


def run(line):
    words = [str(hit) for word in shlex.split(line) for hit in globbed(word)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, f"{line}\n{result.output}"


def globbed(word):
    return sorted(Path.cwd().glob(word)) if "*" in word else [word]


def test_every_decision_record_is_listed():
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text("utf-8")
    records = [path.name for path in folder.glob("[0-9]*.md")]
    assert records
    assert all(name in index for name in records)


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text("utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"`assaykit {name}" in text


def test_every_quality_rule_is_on_its_page():
    pages = ("plate-reader-assays", "rt-qpcr", "mineral")
    text = "".join((ROOT / f"docs/methods/{page}.md").read_text("utf-8") for page in pages)
    assert all(f"| `{rule.__name__}` |" in text for rule in RULES)
