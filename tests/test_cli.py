"""The commands: what they print, where they write, and the exit code that they leave with."""

import json

import pytest
from typer.testing import CliRunner

from assaykit.assays import ASSAYS
from assaykit.cli import PLATE_COMMANDS, app
from assaykit.parameters import describe

RUN = CliRunner()
COMMANDS = ("demo", "template", "check", "elisa", "alizarin", "trap", "compare", "plan")


def run(*words, code=0):
    result = RUN.invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def document(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


def test_every_assay_has_its_command():
    assert set(PLATE_COMMANDS) == {assay.name for assay in ASSAYS}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    text = run(command, "--help").stdout
    assert "Usage" in text
    assert "--json" in text


def test_the_help_of_the_whole_lists_every_command():
    text = run("--help").stdout
    assert all(f"\n  {command} " in text for command in COMMANDS)
    assert run("--version").stdout.startswith("assaykit 0.")


@pytest.mark.parametrize("assay", ASSAYS, ids=lambda assay: assay.name)
def test_every_parameter_of_an_assay_is_an_option_with_its_words(assay):
    text = " ".join(run(assay.name, "--help").stdout.split())
    for item in describe(assay.template.parameters):
        assert f"--{item.name.replace('_', '-')}" in text
        assert item.meaning.split()[0] in text


def test_an_unknown_option_or_command_is_wrong_usage():
    run("elisa", "x.xlsx", "--modell", "4pl", code=2)
    run("elsia", "x.xlsx", code=2)
    run("template", "elsia", "x.xlsx", code=2)


def test_a_missing_file_is_named(tmp_path):
    result = run("elisa", tmp_path / "nowhere.xlsx", code=3)
    assert "nowhere.xlsx: there is no such file" in result.stderr
    assert result.stdout == ""


def test_a_template_is_written_but_never_over_another_file(tmp_path):
    file = tmp_path / "plate 1 µ.xlsx"
    made = document("template", "elisa", file, "--plate", 384)
    assert made["outputs"]["template"] == str(file)
    before = file.read_bytes()
    assert "is there already" in run("template", "elisa", file, code=2).stderr
    assert file.read_bytes() == before


def test_a_plate_becomes_a_results_workbook_and_a_document(example, tmp_path):
    plate = example("rankl_elisa")
    made = document("elisa", plate, "--out", tmp_path / "out")
    assert made["exit_code"] == 0
    assert (tmp_path / "out" / "RANKL_ELISA.results.xlsx").is_file()
    assert made["outputs"]["workbook"].endswith("RANKL_ELISA.results.xlsx")
    assert any("72 of 72" in sentence for sentence in made["summary"])


def test_results_stand_beside_the_plate_by_default(example):
    plate = example("alizarin_extraction")
    run("alizarin", plate)
    assert (plate.parent / "alizarin_extraction_results").is_dir()


def test_a_setting_of_the_workbook_is_replaced_on_the_command_line(example, tmp_path):
    plate = example("alizarin_extraction")
    document("alizarin", plate, "--model", "quadratic", "--out", tmp_path / "q")
    assert "quadratic" in run("alizarin", plate, "--model", "cubic", code=3).stderr


def test_a_plate_of_another_assay_names_the_right_command(example):
    text = run("alizarin", example("rankl_elisa"), code=3).stderr
    assert "Use the command: assaykit elisa." in text


def test_a_broken_rule_that_matters_is_exit_code_one(example, tmp_path):
    plate = example("rankl_elisa")
    made = document("elisa", plate, "--control-recovery-limit", "0.01", "--out", tmp_path, code=1)
    assert {"control_recovery"} <= {remark["rule"] for remark in made["remarks"]}
    study = document("compare", made["outputs"]["workbook"], "--out", tmp_path / "s", code=1)
    assert {"control_recovery"} <= {remark["rule"] for remark in study["remarks"]}


def test_nothing_to_analyse_is_exit_code_four(example):
    text = run("elisa", example("rankl_elisa"), "--wavelength", "405", code=4).stderr
    assert "No well has a reading 'od_405'" in text


def test_check_draws_the_plate_and_leaves_a_good_one_alone(example):
    plate = example("rankl_elisa")
    before = sorted(path.name for path in plate.parent.iterdir())
    text = run("check", plate).stdout
    assert "0 errors" in text
    assert "stand…" in text
    assert sorted(path.name for path in plate.parent.iterdir()) == before


def test_check_lists_the_problems_of_several_files(example, tmp_path):
    (tmp_path / "empty.xlsx").write_bytes(b"")
    made = document("check", example("rankl_elisa"), tmp_path / "empty.xlsx", code=3)
    assert [item["errors"] for item in made["files"]] == [0, 1]
    assert made["files"][1]["problems"][0]["code"] == "empty_file"


def test_compare_answers_in_sentences(example, tmp_path):
    run("elisa", example("rankl_elisa"), "--out", tmp_path / "r")
    run("alizarin", example("alizarin_extraction"), "--out", tmp_path / "r")
    made = document("compare", *sorted((tmp_path / "r").glob("*.xlsx")), "--out", tmp_path / "s")
    assert len(made["summary"]) == 8
    assert (tmp_path / "s" / "study.xlsx").is_file()
    assert (tmp_path / "s" / "methods.md").is_file()


def test_the_same_plate_twice_is_refused(example, tmp_path):
    run("elisa", example("rankl_elisa"), "--out", tmp_path / "a")
    run("elisa", example("rankl_elisa"), "--out", tmp_path / "b")
    name = "RANKL_ELISA.results.xlsx"
    result = run("compare", tmp_path / "a" / name, tmp_path / "b" / name, "--out", tmp_path, code=3)
    assert "the plate 'RANKL_ELISA' is also in" in result.stderr


def test_a_fault_of_the_program_is_not_blamed_on_the_user(example, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("assaykit.study.analyse_plate", broken)
    text = run("elisa", example("rankl_elisa"), code=70).stderr
    assert "a fault in assaykit, not in your data: ZeroDivisionError" in text
    assert "Traceback" not in text
