import numpy as np
import pytest
from dense_mixed_model import (
    Design,
    gradient,
    information,
    kenward_roger,
    log_likelihood,
    random_design,
    random_effects,
)

from assaykit.errors import DesignError
from assaykit.stats.reml import fit_reml

SEEDS = range(18)


def fitted(design: Design, **settings):
    return fit_reml(design.y, design.x, design.groups, **settings)


class TestAgainstTheDenseFormulas:
    """Unbalanced crossed data; the second implementation knows no blocks."""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_likelihood_and_its_derivatives(self, seed):
        design = random_design(seed)
        fit = fitted(design)
        assert fit.converged
        right = log_likelihood(design, fit.components)
        assert fit.log_likelihood == pytest.approx(right, rel=1e-10)
        expected, observed = information(design, fit.components)
        size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        assert np.abs((fit.expected - expected) / size).max() < 1e-9
        assert np.abs((fit.observed - observed) / size).max() < 1e-9

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_gradient_is_zero_or_points_below_zero(self, seed):
        design = random_design(seed)
        fit = fitted(design)
        slope = gradient(design, fit.components)
        errors = 1 / np.sqrt(np.diag(information(design, fit.components)[0]))
        at_bound = fit.components == 0
        assert np.abs(slope * errors)[~at_bound].max() < 1e-8
        assert (slope[at_bound] <= 0).all()

    @pytest.mark.parametrize("seed", SEEDS)
    def test_fixed_and_random_effects(self, seed):
        design = random_design(seed)
        fit = fitted(design)
        right = kenward_roger(design, fit.components)
        assert fit.coefficients == pytest.approx(right.estimates, rel=1e-8)
        assert fit.covariance == pytest.approx(right.phi, rel=1e-8)
        blups = random_effects(design, fit.components)
        assert fit.random_effects == pytest.approx(blups, abs=1e-9)

    @pytest.mark.parametrize("seed", [1, 4, 7])
    def test_no_other_components_are_likelier(self, seed):
        design = random_design(seed)
        fit = fitted(design)
        rng = np.random.default_rng(seed)
        for spread in (0.01, 0.3, 3):
            for _ in range(30):
                factors = np.exp(rng.normal(0, spread, len(fit.components)))
                others = (fit.components + 1e-3) * factors
                assert log_likelihood(design, others) <= fit.log_likelihood


def blocks(replicates: int, arms: int, wells: int) -> tuple[np.ndarray, np.ndarray]:
    rep = np.repeat(np.arange(replicates), arms * wells)
    arm = np.tile(np.repeat(np.arange(arms), wells), replicates)
    return rep, arm


def drawn(replicates=5, arms=3, wells=4, *, spread=(1.0, 0.5, 1.0), seed=0) -> Design:
    """Replicates in all arms; ``spread`` of replicates, of replicates in arms, of wells."""
    rng = np.random.default_rng(seed)
    rep, arm = blocks(replicates, arms, wells)
    cell = rep * arms + arm
    y = (
        spread[0] * rng.normal(size=replicates)[rep]
        + spread[1] * rng.normal(size=cell[-1] + 1)[cell]
    )
    return Design(y + spread[2] * rng.normal(size=len(rep)), np.eye(arms)[arm], [rep, cell])


def analysis_of_variance(design: Design, replicates=5, arms=3, wells=4) -> np.ndarray:
    """Components from the mean squares of replicates, replicates × arms and wells."""
    y = design.y.reshape(replicates, arms, wells)
    means, of_replicate, of_arm = y.mean(axis=2), y.mean(axis=(1, 2)), y.mean(axis=(0, 2))
    inside = np.sum((y - means[..., None]) ** 2) / (replicates * arms * (wells - 1))
    rest = means - of_replicate[:, None] - of_arm + y.mean()
    cells = wells * np.sum(rest**2) / ((replicates - 1) * (arms - 1))
    between = arms * wells * np.sum((of_replicate - y.mean()) ** 2) / (replicates - 1)
    return np.array([(between - cells) / (arms * wells), (cells - inside) / wells, inside])


class TestBalancedDesigns:
    @pytest.mark.parametrize("seed", range(4))
    def test_components_are_those_of_the_analysis_of_variance(self, seed):
        design = drawn(spread=(2.0, 1.5, 1.0), seed=seed)
        assert fitted(design).components == pytest.approx(analysis_of_variance(design), rel=1e-9)

    def test_below_zero_they_are_so_whatever_their_sign(self):
        signs = set()
        for seed in range(12):
            design = drawn(spread=(0.0, 0.0, 1.0), seed=seed)
            right = analysis_of_variance(design)
            free = fitted(design, below_zero=True)
            assert free.converged
            assert free.components == pytest.approx(right, rel=1e-8, abs=1e-10)
            signs |= {tuple(right[:2] > 0)}
            bounded = fitted(design)
            assert (bounded.components >= 0).all()
            assert bounded.log_likelihood <= free.log_likelihood + 1e-10
        assert len(signs) == 4

    def test_a_negative_component_at_its_bound_is_pooled(self):
        """One random term below zero: all spread is residual, with all degrees of freedom."""
        y = np.array([1.0, 9, 2, 8, 1.5, 9])
        rep = np.array([0, 0, 1, 1, 2, 2])
        fit = fit_reml(y, np.ones((6, 1)), [rep])
        assert fit.components == pytest.approx([0, y.var(ddof=1)], rel=1e-12)
        free = fit_reml(y, np.ones((6, 1)), [rep], below_zero=True)
        inside = (64 + 36 + 56.25) / 6
        between = 2 * np.array([5, 5, 5.25]).var(ddof=1)
        assert free.components == pytest.approx([(between - inside) / 2, inside], rel=1e-9)

    def test_without_random_terms_it_is_least_squares(self):
        rng = np.random.default_rng(3)
        x = np.column_stack([np.ones(12), rng.normal(size=12)])
        y = rng.normal(size=12)
        fit = fit_reml(y, x, [])
        beta, (squares,), _, _ = np.linalg.lstsq(x, y, rcond=None)
        assert fit.coefficients == pytest.approx(beta, rel=1e-12)
        assert fit.components == pytest.approx([squares / 10], rel=1e-12)


POWERS = (-3, -2, -1, 0, 1, 2, 3)


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_variance_ratios_from_a_millionth_to_a_million(power, which):
    spread = [1.0, 1.0, 1.0]
    spread[which] = 10.0**power
    design = drawn(spread=tuple(spread), seed=power + 10)
    right = analysis_of_variance(design)
    fit = fitted(design, below_zero=True)
    assert fit.converged
    assert fit.components == pytest.approx(right, abs=1e-8 * right.max())
    assert fitted(design).converged


@pytest.mark.parametrize("power", POWERS)
def test_variance_ratios_in_crossed_unbalanced_data(power):
    design = random_design(5)
    rng = np.random.default_rng(power + 10)
    effect = 10.0**power * rng.normal(size=design.groups[0].max() + 1)[design.groups[0]]
    wide = Design(design.y + effect, design.x, design.groups)
    fit = fitted(wide)
    assert fit.converged
    slope = gradient(wide, fit.components)
    errors = 1 / np.sqrt(np.diag(information(wide, fit.components)[0]))
    assert np.abs(slope * errors)[fit.components > 0].max() < 1e-6


def test_of_two_tops_the_higher_is_taken():
    """Seventeen wells of five cells; R's lme4 stops at the lower top, -25.92023334."""
    first = [1.2, 0.7, 3.0, 2.6, 1.9, 0.4, -2.6, -0.9, -2.2]
    y = np.array([*first, -2.3, -1.4, -1.6, -2.7, -1.7, -0.3, -0.9, -2.0])
    arm = np.array([0] * 8 + [1] + [0] * 5 + [1] * 3)
    rep = np.repeat([0, 1, 2], [5, 4, 8])
    cell = np.repeat([0, 1, 2, 3, 4], [5, 3, 1, 5, 3])
    fit = fit_reml(y, np.eye(2)[arm], [rep, cell])
    assert fit.log_likelihood == pytest.approx(-25.908330586526752, rel=1e-10)
    assert fit.components == pytest.approx([0, 2.77767513, 0.89216753], rel=1e-7)


class TestInvariance:
    @pytest.mark.parametrize("factor", [1e-12, 1e-3, 1e6, 1e12])
    def test_scale_of_the_response(self, factor):
        design = random_design(5)
        plain, scaled = fitted(design), fit_reml(factor * design.y, design.x, design.groups)
        assert scaled.components / factor**2 == pytest.approx(plain.components, rel=1e-9)
        assert scaled.coefficients / factor == pytest.approx(plain.coefficients, rel=1e-9)
        df = len(design.y) - design.x.shape[1]
        moved = plain.log_likelihood - df * np.log(factor)
        assert scaled.log_likelihood == pytest.approx(moved, rel=1e-10)

    def test_order_of_rows_and_names_of_levels(self):
        design = random_design(7)
        plain = fitted(design)
        order = np.random.default_rng(0).permutation(len(design.y))
        renamed = [(codes.max() - codes)[order] for codes in design.groups]
        turned = fit_reml(design.y[order], design.x[order], renamed)
        assert turned.components == pytest.approx(plain.components, rel=1e-9)
        assert turned.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
        first = design.groups[0].max() + 1
        assert turned.random_effects[:first][::-1] == pytest.approx(plain.random_effects[:first])

    def test_order_of_terms(self):
        design = random_design(5)
        plain = fitted(design)
        turned = fit_reml(design.y, design.x, design.groups[::-1])
        assert turned.components[:-1][::-1] == pytest.approx(plain.components[:-1], rel=1e-8)


def refused(code: str, *arguments, **settings) -> str:
    with pytest.raises(DesignError) as caught:
        fit_reml(*arguments, **settings)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.remedy
    return problem.message


class TestWhatCannotBeFitted:
    pair = np.array([0, 0, 1, 1, 2, 2])
    ones = np.ones((6, 1))

    def test_as_many_means_as_values(self):
        message = refused("no_residual_df", np.arange(3.0), np.eye(3), [])
        assert message == "3 values for 3 means leave nothing to tell the spread from"

    @pytest.mark.parametrize("value", [0.0, 0.1, 1e12])
    def test_values_that_are_all_the_same(self, value):
        refused("no_spread", np.full(6, value), self.ones, [self.pair])
        refused("no_spread", np.full(6, value), self.ones, [])

    def test_wells_that_are_copies(self):
        message = refused("no_residual_spread", np.repeat([1.0, 2, 5], 2), self.ones, [self.pair])
        assert "do not vary within" in message

    def test_wells_that_differ_by_what_a_fixed_effect_explains(self):
        x = np.column_stack([np.ones(6), np.tile([0.0, 1], 3)])
        y = np.array([1.0, 2, 4, 5, 7, 8])
        refused("no_residual_spread", y, x, [self.pair])

    def test_terms_that_cannot_be_told_apart_are_named(self):
        """Each replicate in one arm: the cells are the replicates."""
        y = np.array([1.0, 2, 4, 3, 7, 9])
        settings = {"names": ["rep", "rep:arm"]}
        message = refused("alike_random_terms", y, self.ones, [self.pair, self.pair], **settings)
        assert message == "the data cannot tell the spread of rep and rep:arm apart"

    def test_a_term_that_is_the_residual(self):
        y = np.array([1.0, 2, 4, 3, 7, 9])
        message = refused("alike_random_terms", y, self.ones, [np.arange(6)])
        assert message == "the data cannot tell the spread of random term 1 and the residual apart"

    def test_a_term_that_the_fixed_effects_explain(self):
        y = np.array([1.0, 2, 4, 3, 7, 9])
        x = np.eye(3)[self.pair]
        message = refused("alike_random_terms", y, x, [self.pair], names=["rep"])
        assert message == "the data tell nothing of the spread of rep"

    def test_below_zero_in_an_uneven_design_may_have_no_top(self):
        y = np.array([1, 3, 1.1, 3.1, 0.9, 3, 0.5, 1, 2, 3, 3.5, 2.2])
        x, rep = np.ones((12, 1)), np.repeat([0, 1, 2, 3], [2, 2, 2, 6])
        assert fit_reml(y, x, [rep]).converged
        assert not fit_reml(y, x, [rep], below_zero=True).converged


def test_ten_thousand_rows():
    design = drawn(500, 4, 5, spread=(1.0, 0.7, 0.5), seed=2)
    fit = fitted(design)
    assert fit.components == pytest.approx(analysis_of_variance(design, 500, 4, 5), rel=1e-8)
