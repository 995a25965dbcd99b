from __future__ import annotations

import pytest

from assaykit.design import check_arms
from assaykit.errors import UsageError
from assaykit.plate import annotate
from assaykit.simulate import Layout, draw_biology, elisa_plate
from assaykit.simulate.biology import RANKL, TREATMENTS
from assaykit.simulate.layout import lay_out
from assaykit.tables import WELLS, factor_columns

BIOLOGY = draw_biology([RANKL], seed=1)


def wells_of(wells, **conditions):
    for name, value in conditions.items():
        wells = wells[wells[name] == value]
    return wells["well"].tolist()


def test_standards_go_down_the_first_two_columns():
    wells = elisa_plate(seed=1).wells
    standards = wells[wells["role"] == "standard"]
    assert set(standards["column"]) == {1, 2}
    first = standards[standards["column"] == 1].sort_values("row")
    concentrations = first["nominal_concentration"].tolist()
    assert concentrations == [2000, 1000, 500, 250, 125, 62.5, 31.25, 0]
    assert wells_of(wells, sample="S3") == ["C1", "C2"]


def test_replicate_wells_lie_side_by_side_and_dilutions_below_each_other():
    wells = elisa_plate(seed=1).wells
    assert wells_of(wells, sample="M1 control", dilution_factor=2.0) == ["A3", "A4", "A5"]
    assert wells_of(wells, sample="M1 control", dilution_factor=4.0) == ["B3", "B4", "B5"]
    assert wells_of(wells, sample="M4 miR-143-3p KO vesicle", dilution_factor=4.0) == [
        "H9", "H10", "H11",
    ]  # fmt: skip


def test_blanks_and_controls_are_in_the_last_column():
    wells = elisa_plate(seed=1).wells
    assert wells_of(wells, role="blank") == ["A12", "B12", "C12", "D12"]
    assert wells_of(wells, role="qc") == ["E12", "F12", "G12", "H12"]
    controls = wells[wells["role"] == "qc"]
    assert controls["nominal_concentration"].tolist() == [100, 100, 800, 800]


def test_the_table_is_a_wells_table_with_one_factor():
    wells = elisa_plate(seed=1).wells
    assert tuple(wells.columns[:-1]) == WELLS.names
    assert factor_columns(wells) == ["treatment"]
    assert wells["well"].is_unique
    assert not check_arms(wells, TREATMENTS)
    others = wells[wells["role"] != "sample"]
    assert set(others["treatment"]) == set(others["biological_replicate"]) == {""}


def test_wells_and_readings_fit_together():
    plate = elisa_plate(seed=1)
    table = annotate(plate.readings, plate.wells)
    assert len(table) == 192
    assert set(table["flag"]) == {""}


def test_the_content_of_every_well_is_the_truth_over_the_dilution():
    wells = lay_out(BIOLOGY, Layout((10.0, 0.0), dilutions=(2.0, 8.0)), "P")
    samples = wells[wells["role"] == "sample"]
    undiluted = samples["true_concentration"] * samples["dilution_factor"]
    truth = BIOLOGY.values.set_index(["biological_replicate", "arm"])["true_value"]
    keys = zip(samples["biological_replicate"], samples["treatment"], strict=True)
    assert undiluted.tolist() == pytest.approx([truth[key] for key in keys], rel=1e-12)


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        (Layout(tuple(range(9))), "9 standards do not fit"),
        (Layout((1.0,), dilutions=(1.0, 2.0, 4.0)), "36 diluted samples.*place for 24"),
        (Layout((1.0,), blanks=7, controls={"QC": 1.0}), "blanks and controls do not fit"),
    ],
)
def test_what_does_not_fit_on_the_plate_is_refused(layout, words):
    with pytest.raises(UsageError, match=words):
        lay_out(BIOLOGY, layout, "P")
