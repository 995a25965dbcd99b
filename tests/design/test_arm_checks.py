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
    assert problem.message == "no plate connects these arms: vesicle and control"
    assert "these contrasts will be described, without p value" in problem.remedy


def test_an_arm_that_meets_the_reference_arm_on_one_plate_is_not_confounded():
    table = GOOD.assign(plate=["P1"] * 3 + ["P1", "P2", "P2"])
    assert codes(table) == []


def test_a_chain_of_plates_connects_arms_that_never_meet():
    design = Design((Factor("treatment", ("control", "vesicle", "drug"), "control"),))
    table = wells(["control", "vesicle", "vesicle", "drug"] * 3, [f"d{i // 4}" for i in range(12)])
    plates = ["P1", "P1", "P2", "P2"] * 3
    assert "arm_confounded_with_plate" not in codes(table.assign(plate=plates), design)
    cut = ["P1", "P1", "P1", "P2"] * 3
    assert "arm_confounded_with_plate" in codes(table.assign(plate=cut), design)


def test_a_plate_for_each_replicate_is_not_confounded():
    table = wells(["control"] * 3 + ["vesicle"] * 3, ["d1", "d2", "d3", "d4", "d5", "d6"])
    assert codes(table.assign(plate=["P1", "P2", "P3", "P4", "P5", "P6"])) == []
    both = table.assign(plate=["P1", "P1", "P3", "P4", "P5", "P6"])
    assert codes(both) == ["arm_confounded_with_plate"]


def test_a_declared_block_is_checked_as_plates_are():
    design = Design(DESIGN.factors, blocks=("day",))
    table = GOOD.assign(day=["mon"] * 3 + ["tue"] * 3)
    (problem,) = check_arms(table, design)
    assert (problem.code, problem.severity) == ("arm_confounded_with_block", "warning")
    assert problem.message == "no day connects these arms: vesicle and control"
    assert codes(table.assign(day=["mon", "tue", "wed"] * 2), design) == []
    assert codes(table, DESIGN) == []


def test_only_the_contrasts_that_are_planned_are_named():
    factor = Factor("treatment", ("control", "vesicle", "drug"), "control")
    arms = ["control", "vesicle", "drug"] * 3
    table = wells(arms, ["d1"] * 3 + ["d2"] * 3 + ["d3"] * 3, plate=["P1", "P2", "P2"] * 3)
    (problem,) = check_arms(table, Design((factor,)))
    assert problem.message.endswith(": vesicle and control; drug and control")
    planned = Design((factor,), contrasts=(Contrast("x", "drug", "vesicle"),))
    assert check_arms(table, planned) == []


def test_many_confounded_contrasts_are_counted():
    factor = Factor("dose", tuple(str(i) for i in range(9)), "0")
    table = wells([str(i % 9) for i in range(27)], [f"d{i // 9}" for i in range(27)])
    table = table.rename(columns={"treatment": "dose"})
    table["plate"] = ["P1" if dose == "0" else "P2" for dose in table["dose"]]
    (problem,) = check_arms(table, Design((factor,)))
    assert problem.message.endswith("6 and 0 and 2 more")
    assert "7 and 0" not in problem.message


def test_an_interaction_is_named_by_its_four_arms():
    genotype = Factor("genotype", ("WT", "KO"), "WT")
    arms = [("WT", "control"), ("WT", "vesicle"), ("KO", "control"), ("KO", "vesicle")] * 3
    table = wells([t for _, t in arms], [f"d{i // 4}" for i in range(12)], plate="P1")
    table["genotype"] = [g for g, _ in arms]
    design = Design((genotype, *DESIGN.factors))
    assert codes(table, design) == []
    apart = table.assign(plate=["P1", "P1", "P1", "P2"] * 3)
    message = check_arms(apart, design)[0].message
    assert "KO / vesicle, KO / control, WT / vesicle and WT / control" in message
    by_genotype = check_arms(table.assign(plate=["P1", "P1", "P2", "P2"] * 3), design)
    assert "interaction" not in by_genotype[0].message
    assert by_genotype[0].message == (
        "no plate connects these arms: KO / control and WT / control; KO / vesicle and WT / vesicle"
    )


def test_each_endpoint_is_looked_at_by_itself():
    """The arms meet on the plates of one assay, but not on those of the other."""
    one = GOOD.assign(assay="alizarin", analyte="dye", endpoint="amount")
    two = GOOD.assign(assay="elisa", analyte="RANKL", endpoint="concentration")
    table = pd.concat([one, two.assign(plate=["P2"] * 3 + ["P3"] * 3)], ignore_index=True)
    (problem,) = check_arms(table, DESIGN)
    assert problem.message == (
        "elisa RANKL concentration: no plate connects these arms: vesicle and control"
    )
    both = table.assign(plate=["P1"] * 3 + ["P2"] * 3 + ["P3"] * 3 + ["P4"] * 3)
    (problem,) = check_arms(both, DESIGN)
    assert problem.message == "no plate connects these arms: vesicle and control"


def test_a_sample_well_without_its_block_is_a_problem():
    design = Design(DESIGN.factors, blocks=("day",))
    table = GOOD.assign(day=["mon", "tue", "wed", "mon", None, ""])
    (problem,) = check_arms(table, design)
    assert (problem.code, problem.severity) == ("missing_block", "error")
    assert problem.message == "day of wells E1, F1 on P1 is empty"


def test_a_plate_that_says_nothing_of_a_block_is_a_warning():
    design = Design(DESIGN.factors, blocks=("day", "operator"))
    for table in (GOOD, GOOD.assign(day="", operator="")):
        assert codes(table, design) == ["empty_block", "empty_block"]
    half = pd.concat([GOOD.assign(day=["mon", "tue", "wed"] * 2), GOOD.assign(plate="P2")])
    found = check_arms(half.assign(operator="A"), design)
    assert [(p.message, p.severity) for p in found] == [("nothing is said of day on P2", "warning")]


def test_the_table_is_left_as_it_is():
    before = GOOD.copy()
    check_arms(GOOD, DESIGN)
    pd.testing.assert_frame_equal(GOOD, before)
