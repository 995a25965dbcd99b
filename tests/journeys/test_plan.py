"""Planning from the command line, with typed standard deviations and with those of a study."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from assaykit import stats
from assaykit.cli import app
from assaykit.design import Design, Factor
from assaykit.report.sheets import table_sheet, workbook_at
from assaykit.workbook.study_components import SUBJECTS, read_variance_components

PAGE = Path(__file__).parents[2] / "docs/methods/planning.md"
TYPED = ("--between-sd", 0.3, "--arm-sd", 0.15, "--within-sd", 0.2)
FEW = ("--simulations", 200)


def run(*words, code=0):
    result = CliRunner().invoke(app, ["plan", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def document(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


@pytest.fixture
def study(tmp_path):
    """A study.xlsx as far as a plan reads it."""
    path = tmp_path / "study.xlsx"
    names = {"assay": "elisa", "analyte": "RANKL", "endpoint": "concentration"}
    found = {"between replicates": 0.09, "replicate × arm": 0.0225, "between wells": 0.04}
    checks = [
        {
            **names,
            "check": "variance component",
            "subject": subject,
            "estimate": estimate,
            "finding": "in words",
        }
        for subject, estimate in found.items()
    ]
    effects = [{**names, "scale": "ratio", "unit": "", "estimate": 4.0}]
    own = [{"section": "assaykit", "item": "kind", "value": "study"}]
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name, rows in (("Checks", checks), ("Effects", effects), ("Provenance", own)):
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False)
    return path


def test_a_plan_answers_in_a_sentence_and_writes_its_files(tmp_path):
    result = run("--effect", 1.5, *TYPED, *FEW, "--out", tmp_path / "plan")
    assert result.stdout.startswith(
        "With 3 wells per replicate and arm, 6 biological replicates per arm find a 1.5-fold"
    )
    assert sorted(p.name for p in (tmp_path / "plan").rglob("*.*")) == [
        "plan.xlsx", "power.pdf", "power.png", "power.svg",
    ]  # fmt: skip
    assert result.stderr == ""


def test_a_plan_is_a_document(tmp_path):
    made = document("--effect", 0.5, *TYPED, *FEW, "--wells", "1-2", "--out", tmp_path)
    assert (made["command"], made["exit_code"], made["problems"]) == ("plan", 0, [])
    assert made["outputs"]["workbook"] == str(tmp_path / "plan.xlsx")
    assert [row["n_wells"] for row in made["needed"]] == [1, 2]
    assert len(made["power"]) == 8 * 2
    assert made["parameters"]["seed"] == "2022"


def test_the_standard_deviations_of_a_study_are_those_of_its_checks(study, tmp_path):
    from_study = document("--effect", 1.5, "--study", study, *FEW, "--out", tmp_path / "a")
    typed = document("--effect", 1.5, *TYPED, *FEW, "--out", tmp_path / "b")
    powers = [[row["exact_power"] for row in made["power"]] for made in (from_study, typed)]
    assert powers[0] == pytest.approx(powers[1])
    said = from_study["parameters"]["standard deviations"]
    assert said == "study.xlsx: elisa RANKL concentration"
    records = pd.read_excel(tmp_path / "a" / "plan.xlsx", sheet_name="Provenance", dtype=str)
    assert "sha256" in records["item"].tolist()


def test_a_study_s_checks_are_read_as_the_comparison_made_them(tmp_path):
    """Wells with known spread, compared, written as the report writes tables, and planned with."""
    random = np.random.default_rng(5)
    shape = (2, 12, 4)
    y = random.normal(0, 0.3, (1, 12, 1)) + random.normal(0, 0.15, (2, 12, 1))
    wells = np.exp(y + random.normal(0, 0.2, shape) + np.array([0, 0.4]).reshape(2, 1, 1))
    rows = [
        {"plate": f"P{r}", "well": f"{'ABCD'[w]}{a + 1}", "biological_replicate": f"d{r}",
         "treatment": ("control", "vesicle")[a], "value": wells[a, r, w]}
        for a, r, w in np.ndindex(shape)
    ]  # fmt: skip
    observations = pd.DataFrame(rows).assign(
        role="sample", assay="elisa", analyte="RANKL", endpoint="concentration", unit="pg/mL",
        scale="log",
    )  # fmt: skip
    design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    compared = stats.compare_endpoints(observations, design)
    own = pd.DataFrame([{"section": "assaykit", "item": "kind", "value": "study"}])
    tables = {"Checks": stats.check_comparisons(compared, design),
              "Effects": stats.effects_of(compared), "Provenance": own}  # fmt: skip
    with workbook_at(tmp_path / "study.xlsx", "study") as book:
        for name, table in tables.items():
            table_sheet(book, name, table)
    found = read_variance_components(tmp_path / "study.xlsx")
    assert found.scale == "ratio"
    assert found.notes == ()
    assert [found.sd(subject) for subject in SUBJECTS] == pytest.approx([0.3, 0.15, 0.2], rel=0.5)
    run("--effect", 1.5, "--study", tmp_path / "study.xlsx", *FEW, "--out", tmp_path / "plan")


def test_the_estimate_of_a_study_is_never_the_effect(study, tmp_path):
    """A planned effect is typed; without one there is no plan, whatever the study found."""
    run("--study", study, "--out", tmp_path, code=2)
    help_text = " ".join(run("--help").stdout.split())
    assert "never the estimate of a study: that would be post-hoc power" in help_text


def test_what_a_study_lacks_is_a_warning(study, tmp_path):
    book = openpyxl.load_workbook(study)
    book["Checks"].delete_rows(3)
    book.save(study)
    result = run("--effect", 1.5, "--study", study, *FEW, "--out", tmp_path / "plan")
    assert "- warning: study.xlsx, Checks: The study has no variance of replicate × arm" in (
        result.stdout
    )


def test_everything_that_is_wrong_is_said_at_once_as_wrong_usage(tmp_path):
    words = ("--effect", 1, "--between-sd", -1, "--replicates", "2-4", "--wells", "many")
    result = run(*words, "--out", tmp_path, code=2)
    for text in ("between_sd is -1", "arm_sd is missing", "A ratio of 1 is no effect",
                 "Fewer than 3 biological replicates", "There is no number of wells"):  # fmt: skip
        assert text in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_study_and_typed_standard_deviations_are_one_too_many(study, tmp_path):
    result = run("--effect", 2, "--study", study, *TYPED, "--out", tmp_path, code=2)
    assert "Give a study or standard deviations, not both." in result.stderr


def test_an_endpoint_that_the_study_does_not_have_is_invalid_input(study, tmp_path):
    words = ("--effect", 2, "--study", study, "--endpoint", "od", "--out", tmp_path)
    assert "There are: endpoint concentration" in run(*words, code=3).stderr
    assert document(*words, code=3)["problems"][0]["code"] == "unknown_endpoint"


def test_a_difference_may_be_negative(tmp_path):
    typed = ("--between-sd", 3, "--arm-sd", 1, "--within-sd", 2)
    words = ("--effect", -4, "--scale", "difference", *typed, *FEW, "--out", tmp_path)
    assert "find a difference of -4 with" in run(*words).stdout


def test_the_same_seed_gives_the_same_workbook(tmp_path):
    for name in ("a", "b"):
        run("--effect", 1.5, *TYPED, *FEW, "--seed", 7, "--out", tmp_path / name)
    files = [tmp_path / name / "plan.xlsx" for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_every_command_of_the_page_runs(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^assaykit plan (.+(?:\\\n.+)*)", PAGE.read_text("utf-8"), re.M)
    assert len(lines) >= 2
    for line in lines:
        words = [str(study) if w.endswith("study.xlsx") else w for w in shlex.split(line)]
        run(*words, *FEW)


def test_the_help_of_the_command_loads_nothing_heavy():
    code = (
        "import sys\nfrom assaykit.cli import app\ntry:\n    app(['plan', '--help'])\n"
        "except SystemExit:\n    pass\n"
        "print({'numpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
