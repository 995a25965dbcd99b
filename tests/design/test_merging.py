import pytest

from assaykit.design import Contrast, Design, Factor, Rescue, merge_designs
from assaykit.errors import DesignError


def treatment(*levels: str, reference: str = "control") -> Factor:
    return Factor("treatment", levels, reference)


def test_equal_designs_merge_to_the_same_one():
    design = Design((treatment("control", "vesicle"),), True, "donor")
    assert merge_designs([design, design]) == design


def test_nothing_merges_to_an_empty_design():
    assert merge_designs([]) == Design()


def test_levels_of_several_plates_are_united_in_one_order():
    designs = [Design((treatment("control", "low"),)), Design((treatment("control", "high"),))]
    assert merge_designs(designs).arms == ("control", "low", "high")


def test_a_level_is_inserted_where_another_plate_has_it():
    designs = [
        Design((treatment("control", "low", "high"),)),
        Design((treatment("control", "high", "highest"),)),
        Design((treatment("control", "low", "mid", "high"),)),
    ]
    assert merge_designs(designs).arms == ("control", "low", "mid", "high", "highest")


def test_levels_in_opposite_order_are_refused_with_both_orders():
    designs = [
        Design((treatment("control", "a", "b"),)),
        Design((treatment("control", "b", "a"),)),
    ]
    with pytest.raises(DesignError, match=r"'control, a, b' or 'control, b, a'") as error:
        merge_designs(designs)
    assert [problem.code for problem in error.value.problems] == ["designs_differ"]


def test_what_one_plate_leaves_open_another_declares():
    contrast = Contrast("effect", "vesicle", "control")
    factor = treatment("control", "vesicle")
    merged = merge_designs(
        [Design((factor,)), Design((factor,), False, "mouse", (contrast,)), Design()]
    )
    assert merged == Design((factor,), False, "mouse", (contrast,))


def test_all_differences_are_listed_at_once():
    contrast = Contrast("effect", "vesicle", "control")
    reverse = Contrast("effect", "control", "vesicle")
    one = Design((treatment("control", "vesicle"),), True, "mouse", (contrast,), 0.95)
    other = Design(
        (treatment("control", "vesicle", reference="vesicle"),), False, "donor", (reverse,), 0.9
    )
    with pytest.raises(DesignError) as error:
        merge_designs([one, other])
    messages = [problem.message for problem in error.value.problems]
    assert messages == [
        "the plates differ in the reference level of treatment: 'control' or 'vesicle'",
        "the plates differ in whether the arms share their biological replicates: 'yes' or 'no'",
        "the plates differ in what a biological replicate is: 'mouse' or 'donor'",
        "the plates differ in the planned contrasts: 'effect (vesicle against control)' or "
        "'effect (control against vesicle)'",
        "the plates differ in the confidence level: '0.95' or '0.9'",
    ]


def test_different_factors_are_refused():
    one = Design((treatment("control", "vesicle"),))
    other = Design((Factor("genotype", ("WT", "KO"), "WT"),))
    with pytest.raises(DesignError, match="differ in the factors: 'treatment' or 'genotype'"):
        merge_designs([one, other])


ARMS = treatment("control", "vesicle", "KO vesicle")
CHOICES = {
    "adjustment": "holm", "variances": "unequal", "blocks": ("day", "operator"),
    "equivalence_margin": 1.25, "rescue": Rescue("vesicle", "KO vesicle"),
}  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_that_one_plate_makes_counts_for_all(choice):
    made = Design((ARMS,), **{choice: CHOICES[choice]})
    assert merge_designs([Design((ARMS,)), made, Design()]) == made


def test_choices_of_different_plates_come_together():
    designs = [Design((ARMS,), **{name: value}) for name, value in CHOICES.items()]
    assert merge_designs(designs) == Design((ARMS,), **CHOICES)


def test_different_choices_are_refused_in_words():
    other = {
        "adjustment": "sidak", "variances": "equal", "blocks": ("day",),
        "equivalence_margin": 1.5, "rescue": Rescue("KO vesicle", "vesicle"),
    }  # fmt: skip
    with pytest.raises(DesignError) as error:
        merge_designs([Design((ARMS,), **CHOICES), Design((ARMS,), **other)])
    assert [problem.message for problem in error.value.problems] == [
        "the plates differ in the adjustment: 'holm' or 'sidak'",
        "the plates differ in whether the variances are equal: 'unequal' or 'equal'",
        "the plates differ in the blocks: 'day, operator' or 'day'",
        "the plates differ in the equivalence margin: '1.25' or '1.5'",
        "the plates differ in the arms of the rescue fraction: 'vesicle by KO vesicle' or "
        "'KO vesicle by vesicle'",
    ]


def test_choices_that_do_not_fit_together_are_refused():
    pairs = (Contrast("a", "vesicle", "control"), Contrast("b", "vesicle", "KO vesicle"))
    designs = [Design((ARMS,), contrasts=pairs), Design((ARMS,), adjustment="dunnett")]
    with pytest.raises(DesignError, match="against one arm"):
        merge_designs(designs)


def test_interactions_that_differ_are_told_with_all_their_arms():
    first = Contrast("x", "vesicle", "control", ("KO vesicle", "control"))
    second = Contrast("x", "vesicle", "control")
    with pytest.raises(DesignError, match=r"'x \(vesicle against control, less KO ve"):
        merge_designs([Design((ARMS,), contrasts=(c,)) for c in (first, second)])
