import dataclasses
import math

import pandas as pd
import pytest

from assaykit.design import Contrast, Design, Factor, Rescue, describe
from assaykit.design.declaration import unknown_name
from assaykit.errors import DesignError

TREATMENT = Factor("treatment", ("control", "vesicle", "KO vesicle"), "control")
GENOTYPE = Factor("genotype", ("WT", "KO"), "WT")


def codes(error: pytest.ExceptionInfo[DesignError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_a_factor_keeps_the_order_of_its_levels():
    assert TREATMENT.levels == ("control", "vesicle", "KO vesicle")


def test_a_design_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Design().confidence = 0.9


@pytest.mark.parametrize(
    ("factor", "code"),
    [
        (("treatment", (), "control"), "no_level"),
        (("treatment", ("control", "control"), "control"), "declared_twice"),
        (("treatment", ("control", " "), "control"), "empty_level"),
        (("treatment", ("control", "vesicle"), "vehicle"), "unknown_reference_level"),
        (("", ("control",), "control"), "unnamed_factor"),
        (("plate", ("P1", "P2"), "P1"), "reserved_name"),
        (("value", ("low", "high"), "low"), "reserved_name"),
    ],
)
def test_an_impossible_factor_is_refused(factor, code):
    with pytest.raises(DesignError) as error:
        Factor(*factor)
    assert codes(error) == [code]


def test_all_problems_of_a_factor_are_listed_at_once():
    with pytest.raises(DesignError) as error:
        Factor("well", ("a", "a", ""), "b")
    assert codes(error) == [
        "reserved_name",
        "declared_twice",
        "empty_level",
        "unknown_reference_level",
    ]


def test_a_reference_level_in_another_case_is_named_as_such():
    with pytest.raises(DesignError, match=r"only in case, spaces or hyphens; write 'control'"):
        Factor("treatment", ("control", "vesicle"), "Control ")


def test_arms_are_the_levels_crossed_in_declared_order():
    design = Design((GENOTYPE, TREATMENT))
    assert design.arms[:4] == ("WT / control", "WT / vesicle", "WT / KO vesicle", "KO / control")
    assert len(design.arms) == 6
    assert design.factor_names == ("genotype", "treatment")
    assert design.reference_arm == "WT / control"


def test_a_design_without_factors_has_no_arms():
    design = Design()
    assert design.arms == ()
    assert design.reference_arm == ""
    assert design.arm_labels(pd.DataFrame({"well": ["A1", "A2"]})).tolist() == ["", ""]


def test_rows_are_labelled_and_keep_their_index():
    table = pd.DataFrame(
        {"treatment": ["control", "vesicle", None], "genotype": ["KO", "WT", "WT"]}, index=[7, 3, 5]
    )
    labels = Design((GENOTYPE, TREATMENT)).arm_labels(table)
    assert labels.to_dict() == {7: "KO / control", 3: "WT / vesicle", 5: ""}


def test_numbers_as_levels_are_matched_as_text():
    dose = Design((Factor("dose", ("0", "10"), "0"),))
    assert dose.arm_labels(pd.DataFrame({"dose": [0.0, 10.0]})).tolist() == ["0", "10"]


def test_without_declaration_every_arm_is_compared_with_the_reference_arm():
    planned = Design((TREATMENT,)).planned(["vesicle", "control", "KO vesicle"])
    assert planned == (
        Contrast("vesicle vs control", "vesicle", "control"),
        Contrast("KO vesicle vs control", "KO vesicle", "control"),
    )


def test_arms_that_are_not_there_are_not_planned():
    assert [c.arm for c in Design((TREATMENT,)).planned(["vesicle", "control"])] == ["vesicle"]
    assert Design((TREATMENT,)).planned(["vesicle", "KO vesicle"]) == ()


def test_declared_contrasts_come_as_declared():
    rescue = Contrast("origin", "vesicle", "KO vesicle")
    design = Design((TREATMENT,), contrasts=(rescue,))
    assert design.planned(design.arms) == (rescue,)
    assert design.planned(["control", "vesicle"]) == ()


@pytest.mark.parametrize(
    ("contrasts", "code"),
    [
        ([Contrast("a", "vesicel", "control")], "unknown_arm"),
        ([Contrast("a", "vesicle", "vesicle")], "empty_contrast"),
        (
            [Contrast("a", "vesicle", "control"), Contrast("a", "KO vesicle", "control")],
            "declared_twice",
        ),
        (
            [Contrast("a", "vesicle", "control"), Contrast("b", "control", "vesicle")],
            "declared_twice",
        ),
    ],
    ids=["misspelt", "with itself", "same name", "same arms"],
)
def test_an_impossible_contrast_is_refused(contrasts, code):
    with pytest.raises(DesignError) as error:
        Design((TREATMENT,), contrasts=tuple(contrasts))
    assert codes(error) == [code]


def test_a_misspelt_arm_is_suggested():
    with pytest.raises(DesignError, match=r"contrast a: found the arm 'vesicel'.*'vesicle'"):
        Design((TREATMENT,), contrasts=(Contrast("a", "vesicel", "control"),))


A, B, C, D = (f"{g} / {t}" for g in ("KO", "WT") for t in ("vesicle", "control"))


def of_two_factors(*contrasts: Contrast) -> Design:
    treatment = Factor("treatment", ("control", "vesicle"), "control")
    return Design((GENOTYPE, treatment), contrasts=contrasts)


def test_three_different_sums_of_four_arms_are_three_contrasts():
    contrasts = (
        Contrast("interaction", A, B, (C, D)),
        Contrast("both treatments", A, B, (D, C)),
        Contrast("both genotypes", A, C, (D, B)),
    )
    assert of_two_factors(*contrasts).contrasts == contrasts


@pytest.mark.parametrize(
    "again",
    [
        Contrast("again", A, C, (B, D)),
        Contrast("again", C, D, (A, B)),
        Contrast("again", D, B, (C, A)),
    ],
    ids=["other pairs", "reversed", "turned"],
)
def test_the_same_interaction_in_another_order_is_refused(again):
    with pytest.raises(DesignError) as error:
        of_two_factors(Contrast("interaction", A, B, (C, D)), again)
    assert codes(error) == ["declared_twice"]


def test_an_interaction_names_every_arm_that_there_is_not():
    with pytest.raises(DesignError) as error:
        of_two_factors(Contrast("x", A, B, ("KO / x", "KO / y")))
    assert codes(error) == ["unknown_arm", "unknown_arm"]


def test_an_interaction_of_a_difference_with_itself_is_refused():
    with pytest.raises(DesignError) as error:
        of_two_factors(Contrast("x", A, B, (A, B)))
    assert codes(error) == ["empty_contrast"]


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        ({"adjustment": "bonferoni"}, "unknown_adjustment", "Did you mean 'bonferroni'?"),
        ({"variances": "uneqal"}, "unknown_variances", "Did you mean 'unequal'?"),
        ({"blocks": ("day", "day")}, "declared_twice", "the block 'day' is declared more than"),
        ({"blocks": ("day", "Day")}, "declared_twice", "the block 'Day' is declared more than"),
        ({"blocks": ("treatment",)}, "block_is_factor", "both a factor and a block"),
        ({"blocks": ("Treatment",)}, "block_is_factor", "'Treatment' is both"),
        ({"blocks": ("plate",)}, "reserved_name", "the plate is a block without being named"),
        ({"blocks": ("sample",)}, "reserved_name", "as a column of every table is"),
        ({"blocks": ("response",)}, "reserved_name", "as a column of every table is"),
        ({"blocks": ("day,operator",)}, "block_name", "without commas"),
        ({"blocks": ("day ",)}, "block_name", "a block cannot be called 'day '"),
        ({"blocks": ("",)}, "block_name", "a block cannot be called ''"),
        ({"equivalence_margin": 1.0}, "equivalence_margin", "expected a ratio above 1"),
        ({"equivalence_margin": 0.8}, "equivalence_margin", "Write 1.25"),
        ({"equivalence_margin": math.inf}, "equivalence_margin", "expected a ratio above 1"),
        ({"equivalence_margin": math.nan}, "equivalence_margin", "expected a ratio above 1"),
        ({"rescue": Rescue("vesicel", "KO vesicle")}, "unknown_arm", "Did you mean 'vesicle'?"),
        ({"rescue": Rescue("vesicle", "vesicle")}, "empty_rescue", "a treated and a rescued arm"),
        ({"rescue": Rescue("control", "vesicle")}, "empty_rescue", "beside the reference arm"),
        ({"rescue": Rescue("vesicle", "control")}, "empty_rescue", "beside the reference arm"),
    ],
)
def test_an_impossible_choice_is_refused_with_a_remedy(choice, code, words):
    with pytest.raises(DesignError) as error:
        Design((TREATMENT,), **choice)
    assert codes(error) == [code]
    assert words in str(error.value)


def test_dunnett_needs_one_common_arm_and_tukey_needs_pairs():
    two = (Contrast("a", "vesicle", "control"), Contrast("b", "vesicle", "KO vesicle"))
    crossed = (Contrast("x", "vesicle", "control", ("KO vesicle", "control")),)
    for contrasts, adjustment in ((two, "dunnett"), (crossed, "dunnett"), (crossed, "tukey")):
        with pytest.raises(DesignError) as error:
            Design((TREATMENT,), contrasts=contrasts, adjustment=adjustment)
        assert codes(error) == ["wrong_family"]
    for contrasts, adjustment in ((two[:1], "dunnett"), (two, "tukey"), (crossed, "holm")):
        assert Design((TREATMENT,), contrasts=contrasts, adjustment=adjustment).contrasts


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    with pytest.raises(DesignError, match=r"For 95 % write 0\.95"):
        Design(confidence=confidence)


def test_a_factor_declared_twice_is_refused():
    with pytest.raises(DesignError) as error:
        Design((TREATMENT, TREATMENT))
    assert codes(error) == ["declared_twice"]


def test_two_arms_with_one_label_are_refused():
    first = Factor("first", ("a", "a / b"), "a")
    second = Factor("second", ("c", "b / c"), "c")
    with pytest.raises(DesignError) as error:
        Design((first, second))
    assert codes(error) == ["ambiguous_arms"]


def test_all_problems_of_a_design_are_listed_at_once():
    with pytest.raises(DesignError) as error:
        Design((TREATMENT,), contrasts=(Contrast("a", "x", "y"),), confidence=95)
    assert codes(error) == ["unknown_arm", "unknown_arm", "confidence"]


def test_an_unknown_name_far_from_all_is_not_guessed():
    problem = unknown_name("unknown_arm", "found 'apple'", "apple", ["control", "vesicle"])
    assert problem.remedy == "Correct it, or declare it in the design."


@pytest.mark.parametrize(
    ("shared", "words"),
    [
        (True, "Every arm receives the same biological replicates."),
        (False, "Every arm has its own biological replicates."),
        (None, "is decided from the table."),
    ],
)
def test_a_design_is_described_in_words(shared, words):
    text = describe(Design((GENOTYPE, TREATMENT), shared, "mouse", confidence=0.9))
    assert "Factor genotype: WT (reference), KO. Factor treatment: control (reference)," in text
    assert "One biological replicate is one mouse." in text
    assert words in text
    assert "vesicle vs control in WT" in text
    assert "vesicle vs control × KO vs WT" in text
    assert text.endswith("Intervals cover 90 %.")


def test_choices_of_the_statistics_are_described_where_they_are_made():
    choices = {
        "adjustment": "holm", "variances": "unequal", "blocks": ("day", "operator"),
        "equivalence_margin": 1.25, "rescue": Rescue("vesicle", "KO vesicle"),
    }  # fmt: skip
    text = describe(Design((TREATMENT,), **choices))
    for words in (
        "Adjustment: holm.", "Variances of the arms: unequal.",
        "Blocks beside the plate: day, operator.", "Equivalence margin: 1.25-fold.",
        "Rescue fraction: of vesicle by KO vesicle.",
    ):  # fmt: skip
        assert words in text
    plain = describe(Design((TREATMENT,)))
    assert not any(word in plain for word in ("Adjustment", "Blocks", "margin", "Rescue"))


def test_a_design_without_a_word_for_the_replicate_says_nothing_of_it():
    assert "One biological replicate" not in describe(Design((TREATMENT,)))
    assert Design().replicate_word == "biological replicate"
