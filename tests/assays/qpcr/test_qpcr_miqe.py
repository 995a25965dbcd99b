"""The MIQE checklist: what the workbook says, "missing" where it says nothing."""

import math

import pytest
from qpcr_wells import SHEET, of, pair, plate, reactions

from assaykit.assays.qpcr import QpcrParameters, quantify

UNKNOWN = {"RUNX2": {"target_role": "target"}, "ACTB": {"target_role": "reference"}}


def answers(*groups, sheet=SHEET, **settings):
    table = quantify(plate(*groups, sheet=sheet), QpcrParameters(**settings)).tables["MIQE"]
    assert set(table["importance"]) <= {"E", "D"}
    return table.set_index("item")["answer"]


def test_what_is_unknown_is_missing():
    found = answers(pair("s1", (25.0,), (18.0,), biological_replicate=""), sheet=UNKNOWN)
    missing = {
        "biological replicates", "amount of RNA in the reverse transcription (ng)",
        "purity (A260/A280)", "integrity (RIN)", "no-RT control", "priming of RUNX2",
        "priming of ACTB", "standard curve of RUNX2", "standard curve of ACTB",
        "linear range of RUNX2", "linear range of ACTB", "specificity (melt curve)",
        "no-template control", "stability of the reference genes (geNorm M)",
        "largest distance of technical replicates (cycles)",
    }  # fmt: skip
    assert set(found[found == "missing"].index) == missing
    assert found["efficiency of RUNX2 (1.00 = 100 %)"] == "1.000 (assumed)"


def test_what_is_known_is_told():
    said = {"rna_ng": 500.0, "a260_280": 1.9, "rin": 9.0}
    groups = [
        pair("s1", (25.0, 25.3), (18.0, 18.1), **said),
        pair("s2", (26.0, 26.1, 29.0), (18.0,), **said | {"rin": 8.1}),
        reactions("water", "RUNX2", None, 38.0, role="ntc"),
        reactions("no RT", "RUNX2", None, role="nrt"),
    ]
    found = answers(*groups)
    assert found["number of samples"] == "2"
    assert found["biological replicates"] == "2"
    assert found["amount of RNA in the reverse transcription (ng)"] == "500"
    assert found["purity (A260/A280)"] == "1.9"
    assert found["integrity (RIN)"] == "8.1 to 9"
    assert found["no-template control"] == "2 wells, 1 with a Cq"
    assert found["no-RT control"] == "1 wells, 0 with a Cq"
    assert found["priming of RUNX2"] == "random"
    assert found["efficiency of ACTB (1.00 = 100 %)"] == "1.000 (declared)"
    assert found["reference genes"] == "ACTB"
    assert found["technical replicates per sample and target"] == "1 to 3"
    assert found["largest distance of technical replicates (cycles)"] == "3.00"
    assert found["outliers"] == "1 remarked on, none left out by the program"


def test_a_dilution_series_and_melt_curves_are_told():
    series = [
        row
        for level, cq in ((1000.0, 20.0), (100.0, 23.4), (10.0, 26.8))
        for row in reactions("pool", "RUNX2", cq, role="standard", nominal_concentration=level)
    ]
    melt = [
        row | {"channel": channel, "value": value}
        for channel, value in (("tm_1", 84.0), ("melt_peak_height_1", 1.0))
        for row in reactions("s1", "RUNX2", math.nan)
    ]
    found = answers(pair("s1", (22.0,), (18.0,)), series, melt, sheet=UNKNOWN)
    assert found["efficiency of RUNX2 (1.00 = 100 %)"] == "0.968 (dilution series)"
    assert found["standard curve of RUNX2"] == "slope -3.400, intercept 30.20, R² 1.0000"
    assert found["linear range of RUNX2"] == "10 to 1000"
    assert found["specificity (melt curve)"] == "2 of 2 wells: one product"


def test_the_stability_of_three_reference_genes_is_told():
    sheet = SHEET | {"HPRT1": SHEET["ACTB"], "GAPDH": SHEET["ACTB"]}
    groups = [
        [*pair(f"s{number}", (25.0,), (18.0 + number,)),
         *reactions(f"s{number}", "HPRT1", 23.0 + number),
         *reactions(f"s{number}", "GAPDH", 19.0 - number)]
        for number in range(3)
    ]  # fmt: skip
    found = answers(*groups, sheet=sheet)
    assert found["stability of the reference genes (geNorm M)"] == (
        "ACTB 1.00, HPRT1 1.00, GAPDH 2.00"
    )
    assert found["reference genes"] == "ACTB, HPRT1, GAPDH"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"undetermined": "exclude"}, "Undetermined Cq took no part in means"),
        ({"undetermined": "bound", "cq_limit": 38.0},
         "Undetermined Cq were set to 38 cycles, which makes these quantities upper bounds"),
    ],
)  # fmt: skip
def test_the_methods_text_says_how_cq_were_weighted_normalised_and_what_was_undetermined(
    settings, words
):
    wells = plate(pair("s1", (25.0,), (18.0,)), pair("s2", (None,), (18.0,)))
    (step,) = quantify(wells, QpcrParameters(**settings)).steps
    assert "(1.00 = 100 %: RUNX2 1.00, ACTB 1.00) and normalised: RUNX2 by ACTB" in step.sentence
    assert words in step.sentence
    assert step.sentence.endswith(".")
    assert any("MIQE" in reference for reference in step.references)


def test_the_methods_text_groups_targets_by_their_reference_genes():
    sheet = SHEET | {"TNFSF11": SHEET["RUNX2"], "HPRT1": SHEET["ACTB"]}
    wells = plate(
        pair("s1", (25.0,), (18.0,)), reactions("s1", "TNFSF11", 27.0),
        reactions("s1", "HPRT1", 23.0), sheet=sheet,
    )  # fmt: skip
    (step,) = quantify(wells, QpcrParameters()).steps
    assert "RUNX2, TNFSF11 by the mean of ACTB and HPRT1" in step.sentence
    assert "Undetermined" not in step.sentence


def test_the_table_of_efficiencies_says_what_the_checklist_says():
    made = quantify(plate(pair("s1", (25.0,), (18.0,))), QpcrParameters()).tables
    item = "efficiency of ACTB (1.00 = 100 %)"
    row = of(made["Efficiency"], "ACTB")
    answer = made["MIQE"].set_index("item")["answer"][item]
    assert answer == f"{row['efficiency']:.3f} ({row['efficiency_source']})"
