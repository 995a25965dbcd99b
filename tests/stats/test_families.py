import numpy as np
import pytest
from small_studies import BLOOD, observations, one_well_each, random_wells, treatment_design

from assaykit.design import Contrast, Design
from assaykit.stats import bonferroni, compare, holm, sidak, tukey
from assaykit.stats.arm_models import WelchArms
from assaykit.stats.distributions import studentised_range_critical, t_critical
from assaykit.stats.families import adjusted_contrasts, adjustment_of

GAMES_HOWELL = {
    "df": [6.77588093169429, 6.33303435060697, 6.5332696391159],
    "p": [0.546738961524354, 0.0349601265188988, 0.112634570144983],
    "ci_low": [-1.11016203907856, 0.225224825069683, -0.509540241647299],
}
ALL_PAIRS = (Contrast("A", "A", "control"), Contrast("B", "B", "control"), Contrast("BA", "B", "A"))


def blood(**settings):
    """Effects of Dunnett's blood counts under a declared family."""
    return compare(one_well_each(BLOOD, shared=False), treatment_design(*BLOOD, **settings))


def test_dunnett_is_the_default_against_one_arm_and_can_be_declared():
    # R 4.2.2, multcomp::glht(lm(count ~ drug), mcp(drug = "Dunnett")), exact quadrature
    for effects in (blood(), blood(adjustment="dunnett")):
        assert effects["p_adjusted"].tolist() == pytest.approx(
            [0.620101980018454, 0.00582536084794605], rel=1e-8
        )
        assert set(effects["adjustment"]) == {
            "Dunnett, 2 contrasts against control; simultaneous intervals"
        }


def test_tukey_takes_all_pairs():
    # R 4.2.2, TukeyHSD(aov(count ~ drug))
    effects = blood(adjustment="tukey")
    assert effects["contrast"].tolist() == ["A vs control", "B vs control", "B vs A"]
    assert effects["p_adjusted"].tolist() == pytest.approx(
        [0.676220052234032, 0.00798514461889177, 0.0659189321036839], rel=1e-8
    )
    assert effects["ci_low"].iloc[1] == pytest.approx(0.729890682686489)
    assert set(effects["adjustment"]) == {"Tukey, all pairs of 3 arms; simultaneous intervals"}


# R 4.2.2: t.test of each pair for difference, error and df; ptukey(sqrt(2) * abs(t), 3, df,
# lower = FALSE) for p; difference - qtukey(.95, 3, df) / sqrt(2) * error for the interval
def test_tukey_with_unequal_variances_is_games_howell():
    effects = blood(adjustment="tukey", variances="unequal")
    assert effects["df"].tolist() == pytest.approx(GAMES_HOWELL["df"], rel=1e-9)
    assert effects["p_adjusted"].tolist() == pytest.approx(GAMES_HOWELL["p"], rel=1e-7)
    assert effects["ci_low"].tolist() == pytest.approx(GAMES_HOWELL["ci_low"], rel=1e-6)
    assert set(effects["adjustment"]) == {
        "Games-Howell, all pairs of 3 arms; simultaneous intervals"
    }


def test_shared_replicates_are_never_called_games_howell():
    design = treatment_design("control", "A", "B", adjustment="tukey", variances="unequal")
    effects = compare(observations(random_wells(1, design.arms)), design)
    assert set(effects["adjustment"]) == {"Tukey, all pairs of 3 arms; simultaneous intervals"}


@pytest.mark.parametrize(
    ("name", "closed", "level", "words"),
    [
        ("holm", holm, 1 - 0.05 / 3, "Holm, 3 planned contrasts; Bonferroni intervals"),
        ("sidak", sidak, 0.95 ** (1 / 3), "Šidák, 3 planned contrasts; intervals of the same name"),
        ("bonferroni", bonferroni, 1 - 0.05 / 3,
         "Bonferroni, 3 planned contrasts; intervals of the same name"),
        ("none", np.asarray, 0.95, "none, 3 planned contrasts, each on its own"),
    ],
)  # fmt: skip
def test_other_families_follow_their_closed_forms(name, closed, level, words):
    effects = blood(adjustment=name, contrasts=ALL_PAIRS)
    assert effects["p_adjusted"].tolist() == pytest.approx(closed(effects["p_value"]).tolist())
    margin = t_critical(level, 12) * effects["standard_error"]
    assert effects["ci_high"].tolist() == pytest.approx((effects["estimate"] + margin).tolist())
    assert set(effects["adjustment"]) == {words}


def test_holm_is_the_default_of_a_mixed_planned_set():
    # R 4.2.2, pairwise.t.test(count, drug, p.adjust = "holm")
    assert blood(contrasts=ALL_PAIRS)["p_adjusted"].tolist() == pytest.approx(
        [0.408217016223286, 0.00921190463670672, 0.054859583794554]
    )


def test_the_choice_of_the_adjustment():
    interaction = Contrast("x", "d", "c", ("b", "a"))
    assert adjustment_of(ALL_PAIRS[:1], Design(adjustment="bonferroni")) == "none"
    assert adjustment_of(ALL_PAIRS[:2], Design()) == "dunnett"
    assert adjustment_of(ALL_PAIRS, Design()) == "holm"
    assert adjustment_of([interaction, Contrast("y", "d", "c")], Design()) == "holm"
    assert adjustment_of(ALL_PAIRS[:2], Design(adjustment="sidak")) == "sidak"


def test_only_contrasts_that_are_tested_make_the_family():
    arms = {**BLOOD, "C": [1.0, 2.0]}
    design = treatment_design(*arms)
    effects = compare(one_well_each(arms, shared=False), design)
    assert effects["p_adjusted"].iloc[:2].tolist() == pytest.approx(
        [0.620101980018454, 0.00582536084794605], rel=1e-8
    )
    assert effects["adjustment"].iloc[2] == ""


def test_games_howell_has_the_degrees_of_freedom_of_each_pair():
    fit = WelchArms(
        ("a", "b", "c"), np.array([0.0, 1, 3]), np.array([0.1, 0.4, 0.2]), np.array([4, 5, 6])
    )
    pairs = [Contrast("b", "b", "a"), Contrast("c", "c", "a"), Contrast("cb", "c", "b")]
    table = adjusted_contrasts(fit, pairs, Design(adjustment="tukey", variances="unequal"))
    parts = [(0.1, 3, 0.4, 4), (0.1, 3, 0.2, 5), (0.2, 5, 0.4, 4)]
    df = [(a + b) ** 2 / (a**2 / m + b**2 / n) for a, m, b, n in parts]
    assert table["df"].tolist() == pytest.approx(df)
    t = np.array([1 / 0.5**0.5, 3 / 0.3**0.5, 2 / 0.6**0.5])
    assert table["p_adjusted"].tolist() == pytest.approx(tukey(t, 3, df).tolist())
    reach = [studentised_range_critical(0.95, 3, n) / 2**0.5 for n in df]
    assert table["ci_high"].tolist() == pytest.approx(
        [
            d + r * e
            for d, r, e in zip([1, 3, 2], reach, [0.5**0.5, 0.3**0.5, 0.6**0.5], strict=True)
        ]
    )
