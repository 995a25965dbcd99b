import numpy as np
import pandas as pd
import pytest

from assaykit.design import Contrast
from assaykit.stats import paired_test, student_test
from assaykit.stats.classical import classical_contrast, classical_name
from assaykit.stats.structure import Structure

B_VS_A = Contrast("b vs a", "b", "a")
Y = [1.0, 2.0, 3.5, 3.0, 4.0, 6.0, 2.0, 2.5, 4.5]


def structure(kind, *, even=True, blocks=()) -> Structure:
    return Structure(kind, {}, dict.fromkeys(blocks, np.zeros(1, dtype=np.int64)), even, ())


def values(arms, replicates, y) -> pd.DataFrame:
    return pd.DataFrame({"arm": list(arms), "replicate": list(replicates), "y": y})


@pytest.mark.parametrize(
    ("kind", "minus", "name"),
    [
        ("unpaired", None, "Student's t test or one-way analysis of variance"),
        ("blocked", None, "the paired t test or randomised-block analysis of variance"),
        ("split-plot", ("c", "d"), "the split-plot analysis of variance"),
        ("split-plot", None, ""),
    ],
)
def test_balanced_tests_are_called_by_their_usual_names(kind, minus, name):
    contrast = Contrast("x", "b", "a", minus)
    assert classical_name(structure(kind), contrast) == name
    assert classical_name(structure(kind, even=False), contrast) == ""
    assert classical_name(structure(kind, blocks=["plate"]), contrast) == ""


def test_own_replicates_are_students_t_with_the_pooled_variance_of_all_arms():
    test = classical_contrast(values("aaabbb", "123456", Y[:6]), B_VS_A, structure("unpaired"))
    right = student_test(Y[3:6], Y[:3])
    assert (test["estimate"], test["p_value"]) == pytest.approx((right.estimate, right.p_value))
    three = classical_contrast(values("aaabbbccc", "123456789", Y), B_VS_A, structure("unpaired"))
    assert three["df"] == 6


def test_shared_replicates_are_paired_t_and_randomised_blocks():
    test = classical_contrast(values("aaabbb", "123123", Y[:6]), B_VS_A, structure("blocked"))
    right = paired_test(Y[3:6], Y[:3])
    assert (test["estimate"], test["p_value"]) == pytest.approx((right.estimate, right.p_value))
    assert test["ci_low"] == pytest.approx(right.ci_low)
    three = classical_contrast(values("aaabbbccc", "123" * 3, Y), B_VS_A, structure("blocked"))
    assert three["df"] == 4
    hole = classical_contrast(values("aaabbbcc", "12312312", Y[:8]), B_VS_A, structure("blocked"))
    assert hole["df"] == 3


def test_a_replicate_in_one_arm_only_adds_nothing_to_a_paired_test():
    full = classical_contrast(values("aaabbb", "123123", Y[:6]), B_VS_A, structure("blocked"))
    more = values("aaabbba", "1231234", [*Y[:6], 99.0])
    assert classical_contrast(more, B_VS_A, structure("blocked"))["p_value"] == pytest.approx(
        full["p_value"]
    )


def test_the_interval_has_the_confidence_that_is_asked_for():
    table = values("aaabbb", "123123", Y[:6])
    wide = classical_contrast(table, B_VS_A, structure("blocked"), 0.99)
    assert wide["ci_low"] == pytest.approx(paired_test(Y[3:6], Y[:3], 0.99).ci_low)


@pytest.mark.parametrize(
    ("arms", "replicates", "y"),
    [
        ("ab", "12", [1.0, 2.0]),  # nothing is left
        ("aaabbb", "123123", [1.0, 2, 3, 2, 3, 4]),  # no spread
        ("aabbccdd", "12123434", [1.0, 2, 3, 5, 4, 6, 7, 8]),  # c never meets a
    ],
)
def test_what_has_no_classical_test_gives_none(arms, replicates, y):
    contrast = Contrast("c vs a", "c", "a") if "c" in arms else B_VS_A
    assert classical_contrast(values(arms, replicates, y), contrast, structure("blocked")) is None
