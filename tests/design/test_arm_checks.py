import pandas as pd
import pytest

from assaykit.design import COMPARISON_CODES, Contrast, Design, Factor, check_arms

DESIGN = Design((Factor("treatment", ("control", "vesicle"), "control"),))


def wells(treatments, replicates, **columns) -> pd.DataFrame:
    names = [f"{'ABCDEFGH'[i % 8]}{i // 8 + 1}" for i in range(len(treatments))]
    table = pd.DataFrame(
        {
            "plate": "P1",
            "well": names,
            "role": "sample",
            "biological_replicate": replicates,
            "treatment": treatments,
        }
    )
    return table.assign(**columns)


def codes(table: pd.DataFrame, design: Design = DESIGN) -> list[str]:
    return [problem.code for problem in check_arms(table, design)]


GOOD = wells(["control"] * 3 + ["vesicle"] * 3, ["d1", "d2", "d3"] * 2)


def test_a_table_that_fits_has_no_problem():
    assert check_arms(GOOD, DESIGN) == []


def test_other_roles_need_no_level_and_no_replicate():
    blank = wells([""], [""], role="blank")
    assert codes(pd.concat([GOOD, blank])) == []


def test_a_table_without_samples_has_no_problem():
    assert codes(GOOD.assign(role="standard")) == []


@pytest.mark.parametrize("level", ["Vesicle", "vesicle ", " VESICLE"])
def test_a_level_that_differs_only_in_case_or_spaces_is_named_as_such(level):
    table = wells(["control"] * 3 + [level] * 3, ["d1", "d2", "d3"] * 2)
    problem = check_arms(table, DESIGN)[0]
    assert problem.code == "unknown_level"
    assert f"found '{level}'" in problem.message
    assert "wells D1, E1, F1 on P1" in problem.message
    assert problem.remedy == (
        "It differs from 'vesicle' only in case, spaces or hyphens; write 'vesicle'."
    )


def test_a_misspelt_level_is_suggested():
    table = wells(["control"] * 3 + ["vesicel"], ["d1", "d2", "d3", "d1"])
    assert check_arms(table, DESIGN)[0].remedy == "Did you mean 'vesicle'?"


def test_every_unknown_level_is_a_problem_of_its_own():
    table = wells(["control", "vesicle", "x", "y"] * 3, ["d1"] * 4 + ["d2"] * 4 + ["d3"] * 4)
    assert codes(table) == ["unknown_level", "unknown_level"]


def test_many_wells_are_counted_rather_than_listed():
    table = wells(["control"] * 9 + ["x"] * 9, ["d1", "d2", "d3"] * 6)
    assert "wells B2, C2, D2, E2, F2, G2 and 3 more on P1" in check_arms(table, DESIGN)[0].message


def test_a_sample_well_without_a_level_is_a_problem():
    table = wells(["control", "vesicle"] * 3 + [None], ["d1", "d1", "d2", "d2", "d3", "d3", "d3"])
    problem = check_arms(table, DESIGN)[0]
    assert (problem.code, problem.severity) == ("missing_level", "error")
    assert "well G1 on P1 is empty" in problem.message


def test_an_excluded_well_needs_no_level():
    table = wells(["control", "vesicle"] * 3 + [None], ["d1", "d1", "d2", "d2", "d3", "d3", ""])
    assert codes(table.assign(excluded=[False] * 6 + [True])) == []


def test_a_factor_without_a_column_is_a_problem():
    assert codes(GOOD.drop(columns="treatment")) == ["missing_factor"]


def test_wells_are_never_taken_for_n():
    for table in (GOOD.drop(columns="biological_replicate"), GOOD.assign(biological_replicate="")):
        problem = check_arms(table, DESIGN)[0]
        assert problem.code == "no_biological_replicate"
        assert problem.severity == "error"
        assert "Wells are not n" in problem.remedy


def test_wells_named_as_their_own_replicates_are_refused():
    assert codes(GOOD.assign(biological_replicate=GOOD["well"])) == ["wells_as_replicates"]


def test_single_wells_without_a_replicate_are_named():
    table = GOOD.assign(biological_replicate=["d1", "", "d3", "d1", "d2", "d3"])
    message = "no biological replicate for well B1 on P1"
    assert message in [problem.message for problem in check_arms(table, DESIGN)]


def test_a_missing_reference_arm_is_a_problem():
    design = Design((Factor("treatment", ("control", "vesicle", "drug"), "control"),))
    table = wells(["drug"] * 3 + ["vesicle"] * 3, ["d1", "d2", "d3"] * 2)
    assert codes(table, design) == ["no_reference_arm"]
    planned = Design(design.factors, contrasts=(Contrast("x", "drug", "vesicle"),))
    assert codes(table, planned) == []


def test_one_arm_alone_is_a_problem():
    assert codes(wells(["control"] * 3, ["d1", "d2", "d3"])) == ["one_arm"]


def test_what_stops_only_a_comparison_is_marked():
    alone = wells(["vesicle"] * 3, [""] * 3)
    assert set(codes(alone)) == {"no_biological_replicate", "no_reference_arm", "one_arm"}
    assert set(codes(alone)) <= COMPARISON_CODES
    assert "unknown_level" not in COMPARISON_CODES


@pytest.mark.parametrize("count", [1, 2])
def test_few_replicates_are_a_warning_with_their_number(count):
    names = [f"d{i}" for i in range(count)]
    table = wells(["control"] * count + ["vesicle"] * count, names * 2)
    (problem,) = check_arms(table, DESIGN)
    assert (problem.code, problem.severity) == ("few_replicates", "warning")
    assert f"control ({count}), vesicle ({count})" in problem.message


def test_only_the_arms_with_few_replicates_are_named():
    table = wells(["control"] * 3 + ["vesicle"] * 2, ["d1", "d2", "d3", "d1", "d2"])
    (problem,) = check_arms(table, DESIGN)
    assert "in vesicle (2)" in problem.message


def test_technical_replicates_do_not_add_up_to_n():
    table = wells(["control"] * 4 + ["vesicle"] * 4, ["d1", "d1", "d2", "d2"] * 2)
    assert codes(table) == ["few_replicates"]


def test_replicates_declared_as_shared_must_be_shared():
    table = GOOD.assign(biological_replicate=["d1", "d2", "d3", "d4", "d5", "d6"])
    shared = Design(DESIGN.factors, replicates_shared=True)
    assert codes(table, shared) == ["replicates_not_shared"]
    assert codes(table) == []
    assert codes(GOOD, shared) == []


def test_an_arm_on_plates_of_its_own_is_a_warning():
    table = GOOD.assign(plate=["P1"] * 3 + ["P2"] * 3)
    (problem,) = check_arms(table, DESIGN)
    assert (problem.code, problem.severity) == ("arm_confounded_with_plate", "warning")
    assert problem.message == "never on one plate with the reference arm: vesicle"


def test_an_arm_that_meets_the_reference_arm_on_one_plate_is_not_confounded():
    table = GOOD.assign(plate=["P1"] * 3 + ["P1", "P2", "P2"])
    assert codes(table) == []


def test_the_table_is_left_as_it_is():
    before = GOOD.copy()
    check_arms(GOOD, DESIGN)
    pd.testing.assert_frame_equal(GOOD, before)
