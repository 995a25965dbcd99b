import dataclasses

import pandas as pd
import pytest

from assaykit.design import Contrast, Design, Factor, describe
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
    assert "WT / vesicle vs WT / control" in text
    assert text.endswith("Intervals cover 90 %.")


def test_a_design_without_a_word_for_the_replicate_says_nothing_of_it():
    assert "One biological replicate" not in describe(Design((TREATMENT,)))
    assert Design().replicate_word == "biological replicate"
