import pandas as pd

from assaykit.design import Contrast, Design, Factor
from assaykit.stats import compare
from assaykit.stats.record import comparison_step

ARMS = ("control", "vesicle", "KO vesicle")
DESIGN = Design(
    (Factor("treatment", ARMS, "control"),),
    replicates_shared=True,
    biological_replicate_is="mouse",
    contrasts=(
        Contrast("vesicle vs control", "vesicle", "control"),
        Contrast("KO vesicle vs control", "KO vesicle", "control"),
    ),
)


def observations(mice):
    rows = [
        {"plate": "p", "well": f"{'ABC'[a]}{m + 1}", "role": "sample", "assay": "elisa",
         "endpoint": "concentration", "value": 10.0 * (a + 1) + m * (1 + a) + (m * a) ** 2,
         "unit": "pg/mL", "scale": "log", "treatment": arm, "biological_replicate": f"M{m}"}
        for a, arm in enumerate(ARMS)
        for m in range(mice)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_record_names_n_the_test_the_adjustment_and_its_source():
    step = comparison_step(compare(observations(4), DESIGN), DESIGN)
    assert "n = mouse, never wells" in step.sentence
    assert "Dunnett, 2 contrasts against control" in step.sentence
    assert "two-sided" in step.sentence
    assert any(reference.startswith("Dunnett CW") for reference in step.references)
    assert not any(reference.startswith("Holm") for reference in step.references)


def test_a_description_claims_no_test():
    step = comparison_step(compare(observations(2), DESIGN), DESIGN)
    assert "description only" in step.sentence
    assert "two-sided" not in step.sentence
    assert [reference[:5] for reference in step.references] == ["Lazic"]
