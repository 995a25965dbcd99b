import numpy as np
import pandas as pd
import pytest
from small_studies import (
    by_genotype,
    genotype_design,
    observations,
    random_wells,
    treatment_design,
)

from assaykit.design import Design, confounded_contrasts
from assaykit.stats.structure import (
    block_columns,
    decide_structure,
    inner_name,
    replicate_names,
)

TWO = treatment_design("control", "vesicle", biological_replicate_is="mouse")
MICE = genotype_design(biological_replicate_is="mouse")


def structure(table: pd.DataFrame, design: Design = TWO):
    arm = design.arm_labels(table)
    table = table.assign(arm=arm)
    return decide_structure(table.assign(replicate=replicate_names(table, design)), design)


def shared(**settings) -> pd.DataFrame:
    return observations(random_wells(1, TWO.arms, **settings))


def owned(**settings) -> pd.DataFrame:
    return observations(random_wells(1, TWO.arms, own=("",), **settings))


def test_own_replicates_are_compared_from_one_to_another():
    found = structure(owned())
    assert (found.kind, list(found.random), found.balanced) == ("unpaired", ["mouse"], True)
    assert found.sentences == (
        "Each mouse is in one arm only, so the arms are compared from one mouse to another.",
        "Each mouse has 3 values in an arm; they tell how precisely the mouse was measured and are "
        "not n.",
    )


def test_shared_replicates_are_compared_within_each():
    found = structure(shared())
    assert (found.kind, found.balanced) == ("blocked", True)
    assert list(found.random) == ["mouse", "mouse × arm"]
    assert found.random["mouse"].max() + 1 == 4
    assert found.random["mouse × arm"].max() + 1 == 8
    assert found.sentences[0] == (
        "Each mouse is in every arm, so the arms are compared within each mouse."
    )


def test_one_value_each_needs_no_term_for_the_arms_of_a_replicate():
    found = structure(shared(wells=1))
    assert list(found.random) == ["mouse"]
    assert found.sentences[1] == "Each mouse has one value in an arm."
    assert list(structure(owned(wells=1)).random) == []


def test_genotypes_between_and_treatments_within_are_a_split_plot():
    found = structure(by_genotype(random_wells(1, MICE.arms, own=(0,))), MICE)
    assert (found.kind, found.balanced) == ("split-plot", True)
    assert found.sentences[0] == (
        "Each mouse has one genotype but every treatment, so treatment is compared within each "
        "mouse and genotype from one mouse to another."
    )


@pytest.mark.parametrize(("own", "kind"), [((), "blocked"), (("",), "unpaired")])
def test_two_factors_may_also_share_all_replicates_or_none(own, kind):
    assert structure(by_genotype(random_wells(1, MICE.arms, own=own)), MICE).kind == kind


def test_missing_combinations_are_named_and_break_the_balance():
    table = shared()
    hole = table[(table["treatment"] == "control") | (table["biological_replicate"] != "r2")]
    found = structure(hole)
    assert (found.kind, found.even) == ("blocked", False)
    assert found.sentences[0] == (
        "Not every mouse is in every arm; those in several are compared within each. Missing: r2 "
        "in vesicle; all values there are take part."
    )


def test_a_hole_in_a_split_plot_is_no_hole_where_the_genotype_differs():
    table = by_genotype(random_wells(1, MICE.arms, own=(0,)))
    hole = table[(table["treatment"] == "control") | (table["biological_replicate"] != "KOr1")]
    found = structure(hole, MICE)
    assert found.sentences[0].startswith("Each mouse has one genotype but not every treatment")
    assert found.sentences[0].endswith(
        "Missing: KOr1 in KO / vesicle; all values there are take part."
    )


def test_at_most_six_missing_combinations_are_named():
    table = shared(replicates=9)
    last = table["biological_replicate"].str[1:].astype(int) >= 2
    found = structure(table[(table["treatment"] == "control") | ~last])
    assert found.sentences[0].count(" in vesicle") == 6
    assert ", …; all" in found.sentences[0]


def test_unequal_wells_break_the_balance_and_are_said_so():
    found = structure(shared().iloc[1:])
    assert not found.even
    assert found.sentences[1].startswith("Each mouse has 2 to 3 values in an arm")


def test_several_fields_of_a_well_make_the_well_a_term():
    table = shared(wells=4)
    fields = table.assign(well=[f"A{1 + i // 2}" for i in range(len(table))])
    found = structure(fields)
    assert list(found.random) == ["mouse", "mouse × arm", "well"]
    assert found.random["well"].max() + 1 == len(table) // 2
    assert found.balanced


def test_as_many_fields_from_fewer_wells_are_not_balanced():
    table = shared(wells=4)
    names = [f"A{1 + i // 2}" if i >= 4 else "A1" for i in range(len(table))]
    assert not structure(table.assign(well=names)).even


def test_one_name_of_a_well_in_two_replicates_is_two_wells():
    table = shared(wells=2).assign(well="A1")
    assert "well" not in structure(table).random


def test_a_plate_for_each_replicate_is_part_of_it():
    table = shared()
    found = structure(table.assign(plate=table["biological_replicate"]))
    assert (list(found.random), found.blocks) == (["mouse", "mouse × arm"], {})
    assert found.balanced
    assert found.sentences[2] == (
        "Each plate holds one mouse, so differences between plates are part of those between one "
        "mouse and another."
    )


def test_plates_on_which_replicates_meet_are_taken_out():
    table = shared()
    found = structure(table.assign(plate=["P1", "P2", "P3"] * 8))
    assert list(found.blocks) == ["plate"]
    assert (found.even, found.balanced) == (True, False)
    assert found.sentences[2] == "Differences between plates are taken out (plate as a block)."


def test_several_plates_of_one_replicate_vary_within_it():
    table = shared()
    plates = [f"{name} {i % 3 > 0}" for i, name in enumerate(table["biological_replicate"])]
    found = structure(table.assign(plate=plates))
    assert list(found.random) == ["mouse", "mouse × arm", "plate"]
    assert not found.even
    assert found.sentences[2] == "A mouse has several plates; they vary within it and are not n."


def test_declared_blocks_are_seen_like_plates():
    design = treatment_design("control", "vesicle", blocks=("day",))
    table = owned()
    days = table["biological_replicate"].str[-1].map(lambda i: f"day {int(i) // 2}")
    found = structure(table.assign(day=days), design)
    assert list(found.blocks) == ["day"]
    assert found.even
    without = structure(table.assign(day=days))
    assert without.blocks == {}


def test_unevenly_spread_blocks_break_the_evenness():
    table = shared()
    uneven = ["P1", "P1", "P2", "P2", "P2", "P1"] + ["P1", "P1", "P2"] * 6
    assert not structure(table.assign(plate=uneven)).even
    assert structure(table.assign(plate=["P1", "P2", "P2"] * 8)).even


@pytest.mark.parametrize("missing", ["", None, np.nan])
def test_a_block_that_is_said_of_some_values_only_is_one_more_block(missing):
    design = treatment_design("control", "vesicle", blocks=("day",))
    table = owned()
    # Two days; of the first nothing is said.
    first = table["biological_replicate"].str[-1] < "2"
    table = table.assign(day=np.where(first, "1", "2"))
    told = structure(table, design)
    found = structure(table.assign(day=table["day"].where(~first, missing)), design)
    assert np.array_equal(found.blocks["day"], told.blocks["day"])
    assert "The values of which nothing is said of day count as one more day." in found.sentences


@pytest.mark.parametrize("columns", [{}, {"day": ""}])
def test_a_declared_block_of_which_nothing_is_said_is_not_taken_out_and_said_so(columns):
    design = treatment_design("control", "vesicle", blocks=("day",))
    found = structure(shared().assign(**columns), design)
    assert found.blocks == {}
    assert found.sentences[2] == "Nothing is said of day, so its differences are not taken out."


def test_reused_names_can_be_declared_to_be_different_replicates():
    design = treatment_design("control", "vesicle", replicates_shared=False)
    found = structure(shared(), design)
    assert found.kind == "unpaired"
    assert found.random["biological replicate"].max() + 1 == 8


@pytest.mark.parametrize("word", ["well", "plate", "day"])
def test_a_word_that_also_names_what_is_within_hides_nothing(word):
    table = shared(wells=4).assign(day="1")
    fields = [f"A{1 + i // 2}" for i in range(len(table))]
    plates = [f"{r} {i % 2}" for i, r in enumerate(table["biological_replicate"])]
    table = table.assign(well=fields) if word == "well" else table.assign(**{word: plates})
    other = treatment_design("control", "vesicle", blocks=("day",), biological_replicate_is="mouse")
    named = treatment_design("control", "vesicle", blocks=("day",), biological_replicate_is=word)
    plain, found = structure(table, other), structure(table, named)
    assert list(found.random) == [word, f"{word} × arm", f"{word} within {word}"]
    for one, two in zip(plain.random.values(), found.random.values(), strict=True):
        assert np.array_equal(one, two)
    assert inner_name(word, named) == f"{word} within {word}"


def test_columns_of_blocks_are_deviations():
    columns = block_columns({"plate": np.array([0, 0, 1, 2])})
    assert columns.tolist() == [[1, 0], [1, 0], [0, 1], [-1, -1]]


@pytest.mark.parametrize("seed", range(20))
def test_the_design_warns_of_the_contrasts_that_compare_then_describes(seed):
    """The two ways to find out agree: sets of connected arms, and the rank of the columns."""
    from assaykit.stats import compare_endpoints

    rng = np.random.default_rng(seed)
    design = treatment_design("control", "a", "b", "c")
    table = observations(random_wells(seed, design.arms, own=("",), wells=1))
    plates = {arm: rng.choice(6, 2, replace=False) for arm in design.arms}
    table = table.assign(plate=[f"P{rng.choice(plates[arm])}" for arm in table["treatment"]])
    (made,) = compare_endpoints(table, design)
    described = {name for name, why in made.obstacles.items() if "no plate connects" in why}
    warned = confounded_contrasts(table.assign(arm=table["treatment"]), design, "plate")
    assert made.model is not None
    assert described == {contrast.name for contrast in warned}
