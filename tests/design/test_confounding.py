"""Contrasts that plates or days are confounded with; the rank of the model's matrix decides."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaykit.design import Contrast, Design, Factor, confounded_contrasts, connected_arms

ARMS = ("a", "b", "c", "d")
DESIGN = Design((Factor("treatment", ARMS, "a"),))


def rows(*plates: str, replicate: str = "") -> pd.DataFrame:
    """One row per arm and plate, such as ``ab`` for both arms on the first plate.

    The replicates of a plate are two of its own, or the one of the given names.
    """
    names = replicate or "xy"
    table = [
        (arm, f"{name}{number}", f"P{number}")
        for number, arms in enumerate(plates)
        for arm, name in product(arms, names)
    ]
    return pd.DataFrame(table, columns=["arm", "biological_replicate", "plate"])


def names(table: pd.DataFrame, design: Design = DESIGN) -> list[str]:
    return [contrast.name for contrast in confounded_contrasts(table, design, "plate")]


def test_arms_on_one_plate_are_connected():
    assert names(rows("abcd", "abcd")) == []


def test_a_chain_of_plates_connects_arms_that_never_meet():
    assert names(rows("ab", "bc", "cd")) == []
    assert connected_arms([("a", "1"), ("c", "2"), ("b", "1"), ("b", "2")]) == ({"a", "b", "c"},)


def test_arms_on_plates_of_their_own_are_not():
    assert names(rows("ab", "cd")) == ["c vs a", "d vs a"]
    assert names(rows("a", "b", "cd")) == ["b vs a", "c vs a", "d vs a"]


def test_a_plate_for_each_replicate_is_part_of_its_scatter():
    assert names(rows("a", "a", "b", "b", replicate="x")) == []
    assert names(rows("a", "a", "b", "b")) == ["b vs a"]


def test_only_the_replicates_of_the_contrasts_own_arms_matter():
    one = rows("a", "a", "b", "b", replicate="x")
    other = rows("c", "c").assign(plate=["P7", "P7", "P8", "P8"])
    assert names(pd.concat([one, other])) == ["c vs a"]


def test_one_name_in_two_arms_is_two_replicates_where_each_arm_has_its_own():
    contrast = Contrast("x", "a", "b", ("c", "d"))
    table = rows("ad", "ad", "bc", "bc", replicate="x")
    for shared, confounded in ((True, []), (None, []), (False, ["x"])):
        design = Design(DESIGN.factors, replicates_shared=shared, contrasts=(contrast,))
        assert names(table, design) == confounded


def test_an_interaction_survives_if_each_of_its_differences_is_within_plates():
    within = Contrast("x", "a", "b", ("c", "d"))
    between = Contrast("y", "a", "c", ("b", "d"))
    main = Contrast("z", "a", "b", ("d", "c"))
    across = Contrast("c vs a", "c", "a")
    design = Design(DESIGN.factors, contrasts=(within, main, across))
    assert names(rows("ab", "cd"), design) == ["c vs a"]
    assert names(rows("ab", "cd"), Design(DESIGN.factors, contrasts=(between,))) == []
    assert names(rows("ac", "bd"), design) == ["z"]


def test_rows_without_the_block_are_not_looked_at():
    table = rows("ab", "ac")
    assert names(table.assign(plate=table["plate"].replace("P1", ""))) == []
    assert names(table.assign(plate="")) == []


def test_another_block_is_treated_alike():
    table = rows("abcd").assign(day=["1", "1", "1", "1", "2", "2", "2", "2"])
    found = confounded_contrasts(table, DESIGN, "day")
    assert [contrast.name for contrast in found] == ["c vs a", "d vs a"]


def is_estimable(table: pd.DataFrame, contrast: Contrast) -> bool:
    """Whether the contrast lies in the row space of the matrix of arms and plates."""
    arms = pd.get_dummies(table["arm"]).reindex(columns=list(ARMS), fill_value=False)
    matrix = np.hstack([arms, pd.get_dummies(table["plate"])]).astype(float)
    weights = [contrast.weights.get(arm, 0.0) for arm in ARMS]
    row = np.array([*weights, *[0.0] * (matrix.shape[1] - len(ARMS))])
    rank = np.linalg.matrix_rank
    return bool(rank(np.vstack([matrix, row])) == rank(matrix))


PLATES = st.lists(st.sets(st.sampled_from(ARMS), min_size=1), min_size=1, max_size=4)
FOUR = st.permutations(ARMS)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PLATES, FOUR, st.booleans())
def test_what_is_confounded_is_what_the_model_cannot_estimate(plates, arms, interaction):
    table = rows(*("".join(sorted(plate)) for plate in plates))
    contrast = Contrast("x", *arms[:2], minus=tuple(arms[2:]) if interaction else None)
    if set(contrast.arms) <= set(table["arm"]):
        design = Design(DESIGN.factors, contrasts=(contrast,))
        assert (names(table, design) == []) == is_estimable(table, contrast)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_does_not_matter(seed):
    table = rows("ab", "bc", "d")
    shuffled = table.sample(frac=1, random_state=seed)
    assert names(shuffled) == names(table) == ["d vs a"]
