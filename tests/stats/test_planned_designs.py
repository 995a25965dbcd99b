import numpy as np
import pytest

from assaykit.stats.planned_designs import DESIGNS, interaction_t, paired_t, student_t
from assaykit.stats.two_arms import paired_test, student_test

MEANS = np.random.default_rng(1).normal(0, 1, (5, 2, 2, 4))


def test_each_study_s_t_is_that_of_the_test():
    for study in MEANS:
        first, second = study[0]
        found = paired_t(study[:1])[0], student_t(study[:1])[0]
        assert found[0] == pytest.approx(paired_test(second, first).statistic)
        assert found[1] == pytest.approx(student_test(second, first).statistic)


def test_an_interaction_is_student_s_test_of_the_responses():
    found = interaction_t(MEANS)
    for t, (wild, knockout) in zip(found, MEANS, strict=True):
        test = student_test(knockout[1] - knockout[0], wild[1] - wild[0])
        assert t == pytest.approx(test.statistic)


# The variance of the estimated effect, from many simulated means of replicates.
@pytest.mark.parametrize(("name", "shared"), [("shared", 1), ("own", 2), ("split-plot", 1)])
def test_the_weights_of_the_variances_are_those_of_the_effect(name, shared):
    design, random = DESIGNS[name], np.random.default_rng(2)
    shape = (40_000, *design.shape, 3)
    means = random.normal(0, 1, (*shape[:-2], shared, 3)) + random.normal(0, 0.5, shape)
    effect = (means[..., 1, :] - means[..., 0, :]).mean(axis=-1)
    effect = effect[:, 1] - effect[:, 0] if name == "split-plot" else effect
    expected = (design.between_weight + 0.25 * design.inner_weight) / 3
    assert effect.var() == pytest.approx(expected, rel=0.03)


def test_degrees_of_freedom():
    assert [design.df(6) for design in DESIGNS.values()] == [5, 10, 10]
