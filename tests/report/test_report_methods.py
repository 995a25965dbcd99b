"""Methods text and provenance say what the records say, once each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_studies import compared, comparison, plate_study

from assaykit.provenance import Step, versions
from assaykit.report.methods import methods_of, methods_text, provenance_table


def test_sentences_come_in_the_order_of_the_steps_with_numbered_references():
    text = methods_text(plate_study())
    prose = text.split("\n\n")[1]
    assert prose == (
        "The mean of the blank wells was subtracted. A four-parameter logistic was fitted by "
        "unweighted least squares [1, 2]. Standards were judged by recovery [2]."
    )
    assert "1. Findlay & Dillard, AAPS J 2007;9:E260-E267.\n2. ICH M10 (2022).\n" in text


def test_design_and_versions_are_said():
    text = methods_text(plate_study())
    assert "Factor treatment: control (reference), vesicle, KO vesicle." in text
    for name, number in versions().items():
        assert f"{name} {number}" in text


def test_parameters_are_a_table_that_names_cannot_break():
    step = Step("a|b", "Done.", {"x\ny": "1 | 2"})
    text = methods_text(replace(plate_study(), steps=(step,)))
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert rows[-1] == r"| a\|b | x y | 1 \| 2 |"
    assert "| settings | wavelength | 450 nm |" in rows


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_a_comparison_has_a_legend_that_says_what_n_is(scale):
    ((title, text),) = methods_of(comparison(scale=scale)).legends
    assert title == "RANKL concentration"
    mean = "geometric mean" if scale == "log" else "mean"
    assert f"large points are the {mean} of the wells of one donor." in text
    assert "control: n = 4 (12 wells), vesicle: n = 4 (12 wells)" in text
    assert "95 % confidence intervals" in text
    assert "Method: mixed model, Kenward-Roger. Adjustment: Dunnett over 2 contrasts." in text


def test_a_comparison_is_a_paragraph_of_its_own_with_its_sources():
    study = compared()
    text = methods_text(replace(study, steps=(*plate_study().steps, *study.steps)))
    _, assay, statistics, *_ = text.split("\n\n")
    assert assay.startswith("The mean of the blank wells")
    assert statistics.startswith("Biological replicates (one culture each) are n, never wells [3].")
    assert "(REML, Kenward-Roger degrees of freedom) of natural logarithms of values [4, 5]." in (
        statistics
    )
    for source in ("Patterson HD", "Kenward MG", "Holm S", "Schuirmann DJ", "Fieller EC"):
        assert text.count(source) == 1


def test_the_legend_of_a_comparison_tells_contrasts_rescue_and_adjustment_apart():
    legends = dict(methods_of(compared()).legends)
    text = legends["RANKL concentration"]
    assert text.count("Method: linear mixed model") == 1
    assert "Rescue fraction: 1 − (KO vesicle vs control) / (vesicle vs control)" in text
    assert text.endswith("Adjustment: Holm, 3 planned contrasts; Bonferroni intervals.")


def test_residuals_have_a_legend_where_there_are_any():
    assert "95 % of independent normal values" in dict(methods_of(compared()).legends)["Residuals"]
    assert "Residuals" not in dict(methods_of(comparison()).legends)


def test_a_plate_has_no_figure_legends():
    assert methods_of(plate_study()).legends == ()
    assert "Figure legends" not in methods_text(plate_study())


def test_provenance_holds_every_record():
    table = provenance_table(plate_study(), "plate results")
    assert table.columns.tolist() == ["section", "item", "value"]
    rows = set(table.itertuples(index=False, name=None))
    assert {
        ("assaykit", "kind", "plate results"),
        ("assaykit", "assay", "elisa"),
        ("assaykit", "title", "plate 1"),
        ("assaykit", "results_version", "1"),
        ("version", "numpy", versions()["numpy"]),
        ("input 1", "name", "plate_1.xlsx"),
        ("input 1", "sha256", "ab" * 32),
        ("input 1", "size_bytes", "20480"),
        ("plate format", "plate 1", "96 wells"),
        ("setting", "wavelength", "450 nm"),
        ("note", "kit", "lot 0042"),
        ("step 2", "name", "standard curve"),
        ("step 2 parameter", "model", "4pl"),
        ("step 2", "reference", "ICH M10 (2022)."),
        ("step 3", "sentence", "Standards were judged by recovery."),
    } <= rows
    assert any(section == "warning" for section, _, _ in rows)
    assert all(isinstance(value, str) for row in rows for value in row)
