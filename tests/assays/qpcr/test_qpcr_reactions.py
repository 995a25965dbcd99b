"""Reactions: what is undetermined, what has no name, and names that look alike."""

import math

import pandas as pd
import pytest
from qpcr_wells import SHEET, pair, plate, reactions

from assaykit.assays.qpcr import QpcrParameters, relative_quantities
from assaykit.assays.qpcr.reactions import reactions_of, targets_of
from assaykit.errors import InputError, NothingToAnalyseError

PLAIN = QpcrParameters()
BOUND = QpcrParameters(undetermined="bound", cq_limit=38.0)


def undetermined_plate():
    return plate(pair("s1", (25.0, None), (18.0, None)), reactions("w", "RUNX2", None, role="ntc"))


def test_an_undetermined_reaction_has_no_cq_where_it_is_left_out():
    table = reactions_of(undetermined_plate(), PLAIN)
    assert table["cq"].isna().tolist() == [False, True, False, True, True]
    assert table["undetermined"].tolist() == [False, True, False, True, True]
    assert table["flags"].tolist() == ["", "undetermined", "", "undetermined", "undetermined"]


def test_at_its_bound_it_has_the_limit_and_says_so():
    row = reactions_of(undetermined_plate(), BOUND).iloc[1]
    assert (row["cq"], row["flags"]) == (38.0, "undetermined; at_bound")


def test_controls_and_reference_genes_never_stand_at_a_bound():
    """A bound for a reference gene would make its targets seem more than they are."""
    table = reactions_of(undetermined_plate(), BOUND)
    assert table["cq"].isna().tolist() == [False, False, False, True, True]
    for sheet, named in (
        (SHEET | {"ACTB": {}}, "ACTB"),
        ({"ACTB": {"target_role": "spike_in"}}, ""),
    ):
        wells = plate(pair("s1", (25.0,), (18.0, None)), sheet=sheet)
        settings = QpcrParameters(undetermined="bound", reference_targets=named)
        assert reactions_of(wells, settings)["cq"].isna().tolist() == [False, False, True]


def test_a_well_that_was_not_read_is_not_undetermined():
    row = reactions_of(plate(pair("s1", (25.0, ""), (18.0,))), BOUND).iloc[1]
    assert (row["flags"], row["undetermined"]) == ("no_reading", False)


@pytest.mark.parametrize(
    ("first", "second"),
    [("RUNX2", "Runx2"), ("miR-143-3p", "miR143-3p"), ("HPRT1", "HPRT 1"), ("a_b", "a-b")],
)
def test_names_that_look_alike_are_both_named_with_their_wells_and_never_merged(first, second):
    wells = plate(reactions("s1", first, 25.0, 25.1), reactions("s2", second, 26.0, 26.1))
    with pytest.raises(InputError) as caught:
        reactions_of(wells, PLAIN)
    (problem,) = caught.value.problems
    assert problem.code == "alike_targets"
    assert f"'{first}' and '{second}' differ only in case, spaces or hyphens" in problem.message
    assert problem.remedy == f"If they are one target, write '{first}' in wells A3, A4."


def test_every_pair_of_alike_names_is_listed_at_once():
    wells = plate(
        *(reactions("s", name, 25.0) for name in ("RUNX2", "Runx2", "runx2", "Actb", "ACTB"))
    )
    with pytest.raises(InputError) as caught:
        reactions_of(wells, PLAIN)
    assert [problem.code for problem in caught.value.problems] == ["alike_targets"] * 3


def test_a_shorter_name_is_another_target_and_suggested_where_targets_are_declared():
    """mir143 may be another microRNA: it is listed with the nearest name, never taken for it."""
    wells = plate(reactions("s1", "miR-143-3p", 25.0), reactions("s1", "mir143", 26.0))
    assert targets_of(reactions_of(wells, PLAIN), PLAIN)["target"].tolist() == [
        "miR-143-3p",
        "mir143",
    ]
    table = wells.rename(columns={"value": "cq"})
    declared = pd.DataFrame({"target": ["miR-143-3p", "U6"], "role": ["target", "reference"]})
    with pytest.raises(InputError, match=r"'mir143' is not declared\. Did you mean 'miR-143-3p'"):
        relative_quantities(table, declared.assign(efficiency=1.0))


def test_samples_without_a_target_are_named():
    wells = plate(
        reactions("s1", "", *[25.0] * 8), reactions("w", "", 25.0, role="ntc"),
        pair("s1", (25.0,), (18.0,)), reactions("s2", "", 25.0, excluded=True),
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        reactions_of(wells, PLAIN)
    (problem,) = caught.value.problems
    assert problem.message == (
        "wells A1, A2, A3, A4, A5, A6 and 2 more have a Cq but name no target"
    )


@pytest.mark.parametrize("cq", [0.0, -1.0])
def test_a_cq_of_0_is_refused_and_not_the_largest_quantity_of_all(cq):
    wells = plate(
        pair("KO", (cq, cq), (18.0,)), reactions("w", "RUNX2", cq, role="ntc"),
        reactions("w", "RUNX2", cq, excluded=True),
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        reactions_of(wells, PLAIN)
    (problem,) = caught.value.problems
    assert problem.message == "wells A1, A2, A4 have a Cq of 0 or less"
    assert "Write Undetermined" in problem.remedy


def test_without_any_cq_there_is_nothing_to_analyse():
    wells = plate(pair("s1", (None, None), (None,)))
    with pytest.raises(NothingToAnalyseError, match="No well has a Cq; readings found: cq"):
        reactions_of(wells, BOUND)
    melts = plate(reactions("s1", "RUNX2", 84.0)).assign(channel="tm_1")
    with pytest.raises(NothingToAnalyseError, match="readings found: tm_1"):
        reactions_of(melts, PLAIN)


def test_melt_curves_are_no_reactions():
    wells = plate(pair("s1", (25.0,), (18.0,)), reactions("s1", "RUNX2", 84.0, channel="tm_1"))
    assert reactions_of(wells, PLAIN)["cq"].tolist() == [25.0, 18.0]


def test_what_a_template_may_leave_out_is_empty():
    table = reactions_of(plate(pair("s1", (25.0,), (18.0,)), sheet={}), PLAIN)
    assert table[["rt_group", "batch", "material", "target_role"]].eq("").all(axis=None)
    assert table[["efficiency", "rna_ng", "rin"]].isna().all(axis=None)


def test_targets_come_in_their_order_and_without_a_role_are_asked_about():
    wells = plate(pair("s1", (25.0,), (18.0,)), reactions("s1", "TNFSF11", 27.0))
    targets = targets_of(reactions_of(wells, PLAIN), PLAIN)
    assert targets["target"].tolist() == ["RUNX2", "ACTB", "TNFSF11"]
    assert targets["role"].tolist() == ["target", "reference", "target"]


def test_what_only_some_wells_of_a_target_say_is_said_of_all():
    said = pair("s1", (25.0,), (18.0,)) + pair("s2", (25.0,), (18.0,))
    wells = plate(said).assign(efficiency=math.nan)
    wells.loc[:1, ["target_role", "rt_group"]] = ""
    wells.loc[2, "efficiency"] = 0.9
    targets = targets_of(reactions_of(wells, PLAIN), PLAIN)
    assert targets["role"].tolist() == ["target", "reference"]
    assert targets["rt_group"].tolist() == ["random", "random"]
    assert targets["efficiency"].fillna(0).tolist() == [0.9, 0.0]


def test_wells_of_a_target_that_contradict_each_other_are_listed():
    wells = plate(pair("s1", (25.0,), (18.0,)), pair("s2", (25.0,), (18.0,)))
    wells.loc[2, ["efficiency", "target_role"]] = [0.9, "reference"]
    with pytest.raises(InputError) as caught:
        targets_of(reactions_of(wells, PLAIN), PLAIN)
    assert [problem.message for problem in caught.value.problems] == [
        f"wells of target 'RUNX2' say different things: {both}"
        for both in ("target_role is 'target' and 'reference'", "efficiency is '1.0' and '0.9'")
    ]


def test_the_settings_may_name_reference_genes():
    settings = QpcrParameters(reference_targets=" ACTB , TNFSF11")
    wells = plate(pair("s1", (25.0,), (18.0,)), reactions("s1", "TNFSF11", 27.0), sheet={})
    targets = targets_of(reactions_of(wells, settings), settings)
    assert targets["role"].tolist() == ["target", "reference", "reference"]


def test_unknown_reference_genes_are_all_named_with_the_nearest_target():
    settings = QpcrParameters(reference_targets="ACTC,GAPDH")
    table = reactions_of(plate(pair("s1", (25.0,), (18.0,))), settings)
    with pytest.raises(InputError) as caught:
        targets_of(table, settings)
    assert [problem.remedy for problem in caught.value.problems] == [
        "Did you mean 'ACTB'?", "Use one of: RUNX2, ACTB.",
    ]  # fmt: skip
    assert {problem.sheet for problem in caught.value.problems} == {"Settings"}
