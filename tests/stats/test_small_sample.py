import numpy as np
import pytest
from dense_mixed_model import Design, kenward_roger, random_design
from scipy import stats

from assaykit.errors import UsageError
from assaykit.stats import small_sample
from assaykit.stats.reml import fit_reml
from assaykit.stats.small_sample import FixedDf, inference

SEEDS = range(24)
BOTH = ["kenward-roger", "satterthwaite"]


class TestKenwardRogerAgainstTheDenseFormulas:
    """Unbalanced crossed data; some have a component at zero, which is kept."""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_corrected_covariance(self, seed):
        design = random_design(seed)
        fit = fit_reml(design.y, design.x, design.groups)
        right = kenward_roger(design, fit.components)
        found = small_sample.kenward_roger(fit)
        size = np.sqrt(np.diag(right.corrected))
        assert np.abs((found.covariance - right.corrected) / np.outer(size, size)).max() < 1e-8

    @pytest.mark.parametrize("seed", SEEDS)
    def test_degrees_of_freedom_of_one_coefficient(self, seed):
        design = random_design(seed)
        fit = fit_reml(design.y, design.x, design.groups)
        right, tests = kenward_roger(design, fit.components), inference(fit)
        for row in np.eye(len(fit.coefficients)):
            _, df = right.f_test(row[None, :])
            assert tests.df(row) == pytest.approx(df, rel=1e-7)
            f, of_f = tests.f_test(row[None, :])
            assert of_f == tests.df(row)
            t = (row @ tests.coefficients) ** 2 / (row @ tests.covariance @ row)
            assert f == pytest.approx(t, rel=1e-12)

    @pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 3])
    def test_f_of_several_coefficients(self, seed):
        design = random_design(seed)
        fit = fit_reml(design.y, design.x, design.groups)
        rows = np.eye(len(fit.coefficients))[-2:]
        f, df = kenward_roger(design, fit.components).f_test(rows)
        assert inference(fit).f_test(rows) == pytest.approx((f, df), rel=1e-8)

    def test_where_no_f_has_the_moments_it_is_missing(self):
        """Three arms, of which one has a second replicate: nothing tells of their spread."""
        y = np.array([1.4, 0.6, 0.0, 1.9, -0.2, -0.3, 0.4, 0.5, -1.7, 0.4, -0.7])
        rep = np.repeat([0, 1, 2, 3], [4, 5, 1, 1])
        design = Design(y, np.eye(3)[np.minimum(rep, 2)], [rep])
        fit = fit_reml(design.y, design.x, design.groups)
        contrasts = np.array([[-1.0, 1, 0], [-1, 0, 1]])
        f, df = kenward_roger(design, fit.components).f_test(contrasts)
        assert f < 0
        assert df < 0
        assert np.isnan(inference(fit).f_test(contrasts)).all()


def paired(replicates=6, arms=3, wells=4, *, seed=0) -> tuple[Design, np.ndarray]:
    rng = np.random.default_rng(seed)
    rep = np.repeat(np.arange(replicates), arms * wells)
    arm = np.tile(np.repeat(np.arange(arms), wells), replicates)
    cell = rep * arms + arm
    y = 2 * rng.normal(size=replicates)[rep] + 1.5 * rng.normal(size=cell[-1] + 1)[cell]
    y = y + rng.normal(size=len(rep)) + 0.7 * arm
    return Design(y, np.eye(arms)[arm], [rep, cell]), y.reshape(replicates, arms, wells)


class TestClassicalTests:
    """What Kenward-Roger and Satterthwaite are when everything is balanced."""

    @pytest.mark.parametrize("ddf", BOTH)
    @pytest.mark.parametrize("replicates", [2, 3, 4, 7])
    def test_two_arms_in_shared_replicates_are_a_paired_t(self, ddf, replicates):
        """Among them 0/0 in the published formulas: three replicates, two degrees of freedom."""
        design, y = paired(replicates, 2)
        fit = fit_reml(design.y, design.x, design.groups, below_zero=True)
        tests = inference(fit, ddf)
        right = stats.ttest_rel(*y.mean(axis=2).T[::-1])
        contrast = np.array([-1.0, 1])
        assert tests.df(contrast) == pytest.approx(replicates - 1, rel=1e-9)
        t = contrast @ tests.coefficients / np.sqrt(contrast @ tests.covariance @ contrast)
        assert t == pytest.approx(right.statistic, rel=1e-8)

    @pytest.mark.parametrize("ddf", BOTH)
    @pytest.mark.parametrize(("replicates", "arms"), [(2, 3), (3, 3), (6, 3), (2, 5), (4, 4)])
    def test_several_arms_are_a_randomised_block(self, ddf, replicates, arms):
        """Among them 2, 4 and 9 denominator degrees of freedom; 2 is 0/0 in the formulas."""
        design, y = paired(replicates, arms)
        fit = fit_reml(design.y, design.x, design.groups, below_zero=True)
        means = y.mean(axis=2)
        rest = means - means.mean(axis=0) - means.mean(axis=1)[:, None] + means.mean()
        df = (replicates - 1) * (arms - 1)
        right = replicates * means.mean(axis=0).var(ddof=1) / (np.sum(rest**2) / df)
        contrasts = np.eye(arms)[1:] - np.eye(arms)[0]
        f, found = inference(fit, ddf).f_test(contrasts)
        assert found == pytest.approx(df, rel=1e-6)
        assert f == pytest.approx(right, rel=1e-6)

    @pytest.mark.parametrize("ddf", BOTH)
    @pytest.mark.parametrize("of_each_arm", [2, 3, 5])
    def test_replicates_of_their_own_are_a_one_way_analysis(self, ddf, of_each_arm):
        rng = np.random.default_rng(4)
        rep = np.repeat(np.arange(3 * of_each_arm), 4)
        x = np.eye(3)[rep // of_each_arm]
        y = rng.normal(size=3 * of_each_arm)[rep] + 0.3 * rng.normal(size=len(rep))
        means = y.reshape(3, of_each_arm, 4).mean(axis=2)
        right = stats.f_oneway(*means)
        tests = inference(fit_reml(y, x, [rep], below_zero=True), ddf)
        f, df = tests.f_test(np.array([[-1.0, 1, 0], [-1, 0, 1]]))
        assert (f, df) == pytest.approx((right.statistic, 3 * (of_each_arm - 1)), rel=1e-7)

    @pytest.mark.parametrize("ddf", BOTH)
    def test_without_random_terms_they_are_student_and_fisher(self, ddf):
        rng = np.random.default_rng(6)
        x = np.column_stack([np.ones(15), rng.normal(size=(15, 2))])
        y = rng.normal(size=15)
        tests = inference(fit_reml(y, x, []), ddf)
        assert [tests.df(row) for row in np.eye(3)] == [12.0] * 3
        f, df = tests.f_test(np.eye(3)[1:])
        whole, part = (np.linalg.lstsq(z, y, rcond=None)[1][0] for z in (x, x[:, :1]))
        assert (f, df) == pytest.approx(((part - whole) / 2 / (whole / 12), 12.0), rel=1e-10)

    def test_negative_components_keep_the_classical_test(self):
        """Held at zero, the wells would be counted as replicates."""
        rng = np.random.default_rng(5)
        rep, arm = np.repeat(np.arange(4), 6), np.tile(np.repeat([0, 1], 3), 4)
        y = rng.normal(size=24)
        means = y.reshape(4, 2, 3).mean(axis=2)
        fit = fit_reml(y, np.eye(2)[arm], [rep, rep * 2 + arm], below_zero=True)
        assert (fit.components[:2] < 0).any()
        tests = inference(fit)
        contrast = np.array([-1.0, 1])
        assert tests.df(contrast) == pytest.approx(3, rel=1e-9)
        t = contrast @ tests.coefficients / np.sqrt(contrast @ tests.covariance @ contrast)
        assert t == pytest.approx(stats.ttest_rel(means[:, 1], means[:, 0]).statistic, rel=1e-8)


class TestComponentsAtZero:
    def test_satterthwaite_leaves_them_out_and_kenward_roger_keeps_them(self):
        rng = np.random.default_rng(2)
        rep, arm = np.repeat(np.arange(4), 6), np.tile(np.repeat([0, 1], 3), 4)
        y = rng.normal(size=24)
        fit = fit_reml(y, np.eye(2)[arm], [rep, rep * 2 + arm])
        assert (fit.components[:2] == 0).all()
        contrast = np.array([-1.0, 1])
        assert inference(fit, "satterthwaite").df(contrast) == pytest.approx(22, rel=1e-9)
        assert inference(fit).df(contrast) == pytest.approx(3, rel=1e-9)
        plain = inference(fit_reml(y, np.eye(2)[arm], []), "satterthwaite")
        assert plain.df(contrast) == 22

    def test_satterthwaites_gradient_by_differences(self):
        """Degrees of freedom 2 v² / var(v), with the slope of v by differences."""
        design = random_design(5)
        fit = fit_reml(design.y, design.x, design.groups)
        inside = fit.components > 0
        weights = np.eye(len(fit.coefficients))[-1]

        def variance(components):
            return weights @ kenward_roger(design, components).phi @ weights

        slope = []
        for number in np.flatnonzero(inside):
            step = np.zeros(len(fit.components))
            step[number] = 1e-5 * fit.components[number]
            ends = variance(fit.components + step), variance(fit.components - step)
            slope.append((ends[0] - ends[1]) / (2 * step[number]))
        spread = np.linalg.inv(fit.observed[np.ix_(inside, inside)])
        df = 2 * variance(fit.components) ** 2 / (np.array(slope) @ spread @ np.array(slope))
        assert inference(fit, "satterthwaite").df(weights) == pytest.approx(df, rel=1e-6)


def test_given_degrees_of_freedom_are_kept():
    tests = FixedDf(np.array([1.0, 2.0]), np.diag([0.25, 1.0]), np.inf)
    assert tests.df(np.array([1.0, 0])) == np.inf
    assert tests.f_test(np.eye(2)) == (4.0, np.inf)


@pytest.mark.parametrize("ddf", BOTH)
@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_no_test_depends_on_the_unit(ddf, factor):
    design = random_design(5)
    plain = inference(fit_reml(design.y, design.x, design.groups), ddf)
    other = inference(fit_reml(factor * design.y, design.x, design.groups), ddf)
    rows = np.eye(len(plain.coefficients))[-2:]
    assert other.f_test(rows) == pytest.approx(plain.f_test(rows), rel=1e-8)


def test_other_degrees_of_freedom_are_refused_by_name():
    fit = fit_reml(np.array([1.0, 2, 3]), np.ones((3, 1)), [])
    message = "ddf: found 'residual', expected one of kenward-roger, satterthwaite."
    with pytest.raises(UsageError, match=message):
        inference(fit, "residual")
