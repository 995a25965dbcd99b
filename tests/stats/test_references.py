"""Whether reference genes answer to the arms: F tests against R, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from assaykit.errors import DesignError, InputError
from assaykit.stats.references import reference_responses

GAPDH = [-18.42, -18.10, -18.71, -18.93, -18.35, -18.80, -18.11, -17.92, -18.44, -18.60, -18.41,
         -18.52, -19.05, -18.37, -18.98]  # fmt: skip
TBP = [-24.31, -24.52, -24.40, -24.85, -24.71, -25.02, -24.12, -24.08, -24.20, -24.55, -24.61,
       -24.43, -24.90, -25.01, -24.88]  # fmt: skip
SAMPLES = [f"s{i}" for i in range(15)]
ARMS = pd.Series(["control", "vesicle", "KO vesicle"] * 5, index=SAMPLES, name="treatment")
MICE = pd.Series([f"m{i // 3}" for i in range(15)], index=SAMPLES)


def expression():
    return pd.DataFrame({"GAPDH": GAPDH, "TBP": TBP}, index=SAMPLES)


def close(values, rel=1e-5):
    return pytest.approx(values, rel=rel)


def test_arms_with_replicates_of_their_own_as_in_r():
    found = reference_responses(expression(), ARMS, SAMPLES)
    assert found["gene"].tolist() == ["GAPDH", "TBP"]
    assert found["num_df"].tolist() == [2, 2]
    assert found["den_df"].tolist() == [12, 12]
    assert found["f"].tolist() == close([3.89815, 0.02296], 2e-4)  # R: anova(lm(y ~ arm))
    assert found["p_value"].tolist() == close([0.049612, 0.97734], 2e-5)
    assert found["n_biological"].tolist() == [15, 15]


def test_arms_that_share_their_replicates_as_in_r():
    """R: anova(lmer(y ~ arm + (1 | mouse)), ddf = "Kenward-Roger") and lm(y ~ arm + mouse)."""
    found = reference_responses(expression(), ARMS, MICE)
    assert found["den_df"].tolist() == [8, 8]
    assert found["f"].tolist() == close([12.88001, 0.2152], 1e-5)
    assert found["p_value"].tolist() == close([0.0031532, 0.81090110], 1e-5)
    assert found["largest_difference"].tolist() == close([0.46, 0.04])
    assert found["contrast"].tolist()[0] == "vesicle vs KO vesicle"
    assert found["n_biological"].tolist() == [5, 5]


def test_replicates_that_lack_an_arm_as_in_r():
    """R: the same lmer without the second and the ninth row."""
    table = expression().drop(index=["s1", "s8"])
    found = reference_responses(table, ARMS, MICE)
    assert found["den_df"].tolist() == close([6.180257178, 6.053880902])
    assert found["f"].tolist() == close([6.91161, 0.07466], 1e-4)
    assert found["p_value"].tolist() == close([0.026529, 0.9289], 5e-5)
    assert "replicates random" in found["model"].iloc[0]


def test_blocks_are_the_test_where_replicates_do_not_vary():
    """Where REML ends at a component of zero, the classical test still holds its level."""
    y = pd.DataFrame({"G": [0.0, 1.0, 1.0, 0.2, 0.1, 1.2]})
    found = reference_responses(y, pd.Series(list("ababab")), list("112233"))
    difference = np.array([1.0, -0.8, 1.1])
    t = difference.mean() / (difference.std(ddof=1) / np.sqrt(3))
    assert found["f"].tolist() == close([t**2])
    assert found["den_df"].tolist() == [2]


def test_several_samples_of_a_replicate_count_once():
    twice = pd.concat([expression() - 0.1, (expression() + 0.1).add_suffix("b", axis=0)])
    arms = pd.concat([ARMS, ARMS.add_suffix("b")])
    mice = pd.concat([MICE, MICE.add_suffix("b")])
    found, once = (
        reference_responses(twice, arms, mice),
        reference_responses(expression(), ARMS, MICE),
    )
    pd.testing.assert_frame_equal(found, once, rtol=1e-9)


def test_arms_are_combinations_of_levels():
    table = expression().iloc[:12]
    factors = pd.DataFrame(
        {"treatment": ["control", "vesicle"] * 6, "genotype": ["WT"] * 6 + ["KO"] * 6},
        index=table.index[::-1],
    )
    found = reference_responses(table, factors, list(table.index))
    assert found["num_df"].tolist() == [3, 3]
    assert set(found["contrast"].iloc[0].split(" vs ")) <= {
        "control / WT", "vesicle / WT", "control / KO", "vesicle / KO",
    }  # fmt: skip


def test_a_gene_that_answers_is_found_and_its_size_is_told():
    rng = np.random.default_rng(5)
    arms = pd.Series(["control"] * 6 + ["vesicle"] * 6)
    table = pd.DataFrame({"stable": rng.normal(0, 0.2, 12), "answers": rng.normal(0, 0.2, 12)})
    table.loc[6:, "answers"] -= 1.0
    found = reference_responses(table, arms, [f"d{i}" for i in range(12)]).set_index("gene")
    assert found.loc["answers", "p_value"] < 0.001
    assert found.loc["stable", "p_value"] > 0.05
    assert found.loc["answers", "largest_difference"] == pytest.approx(1.0, abs=0.25)
    assert found.loc["answers", "contrast"] == "control vs vesicle"


def test_the_level_is_kept():
    rng = np.random.default_rng(11)
    codes = np.repeat(np.arange(4), 3)
    values = rng.normal(size=(12, 200)) + rng.normal(size=(4, 200))[codes]
    found = reference_responses(
        pd.DataFrame(values), pd.Series(list("abc") * 4), codes.astype(str).tolist()
    )
    assert 0.02 < (found["p_value"] < 0.05).mean() < 0.08


def problems_of(*arguments):
    with pytest.raises(InputError) as caught:
        reference_responses(*arguments)
    return {problem.code: problem for problem in caught.value.problems}


def test_every_problem_is_told_at_once():
    table = expression()
    table.loc["s2", "TBP"] = np.nan
    table["again"] = table["TBP"]
    table.columns = ["GAPDH", "TBP", "TBP"]
    arms = ARMS.drop("s4").replace({"KO vesicle": "vesicle"})
    arms["s0"] = "KO"
    mice = MICE.mask(MICE.index == "s5")
    found = problems_of(table, arms, mice)
    assert set(found) == {
        "gene_twice", "missing_expression", "no_arm", "no_replicate", "few_replicates",
    }  # fmt: skip
    assert "TBP has no number in the samples s2" in found["missing_expression"].message
    assert found["few_replicates"].message.endswith(": KO")


@pytest.mark.parametrize(
    ("factors", "replicates", "code"),
    [
        (ARMS, ["m1"] * 3, "replicates_do_not_fit"),
        (ARMS.replace({"vesicle": "control", "KO vesicle": "control"}), MICE, "one_arm"),
        (pd.concat([ARMS, ARMS]), MICE, "samples_twice"),
        (pd.DataFrame(index=SAMPLES), MICE, "no_factor"),
    ],
)
def test_designs_that_do_not_fit_are_refused(factors, replicates, code):
    assert set(problems_of(expression(), factors, replicates)) == {code}


def test_a_gene_without_spread_within_the_arms_is_named():
    table = expression().assign(RN18S=-8.0)
    with pytest.raises(DesignError, match="RN18S: the values do not vary"):
        reference_responses(table, ARMS, SAMPLES)
