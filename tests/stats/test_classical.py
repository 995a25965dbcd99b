import pandas as pd
import pytest

from assaykit.errors import DesignError
from assaykit.stats.models import one_way, randomised_block


def values(arms, replicates, y) -> pd.DataFrame:
    return pd.DataFrame({"arm": arms, "biological_replicate": replicates, "y": y})


Y = [1.0, 2.0, 3.5, 3.0, 4.0, 6.0, 2.0, 2.5, 4.5]


def test_one_way_models_are_called_by_their_usual_names():
    assert one_way(values(list("aaabbb"), list("123456"), Y[:6])).name == "Student's t test"
    three = one_way(values(list("aaabbbccc"), list("123456789"), Y))
    assert three.name == "one-way analysis of variance"
    assert three.fit.residual_df == 6


def test_block_models_are_called_by_their_usual_names():
    two = randomised_block(values(list("aaabbb"), list("123") * 2, Y[:6]))
    assert (two.name, two.fit.residual_df) == ("paired t test", 2)
    three = randomised_block(values(list("aaabbbccc"), list("123") * 3, Y))
    assert (three.name, three.fit.residual_df) == ("randomised-block analysis of variance", 4)


def test_missing_cells_are_said_in_the_name():
    three = randomised_block(values(list("aaabbbcc"), list("12312312"), Y[:8]))
    assert three.name == "randomised-block analysis of variance with incomplete blocks"
    assert three.fit.residual_df == 3


def test_a_replicate_in_one_arm_only_adds_nothing_to_a_paired_test():
    full = randomised_block(values(list("aaabbb"), list("123") * 2, Y[:6]))
    more = randomised_block(values(list("aaabbba"), list("1231234"), [*Y[:6], 99.0]))
    assert more.name == "paired t test"
    assert more.fit.residual_df == full.fit.residual_df
    assert more.fit.residual_variance == pytest.approx(full.fit.residual_variance)


def test_what_cannot_be_fitted_is_an_error_of_the_design():
    with pytest.raises(DesignError):
        one_way(values(["a", "b"], ["1", "2"], [1.0, 2.0]))
