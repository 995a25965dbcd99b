import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, nbinom, poisson
from scipy.stats import f as f_distribution
from scipy.stats import t as student

from assaykit.design import Contrast
from assaykit.errors import DesignError, UsageError
from assaykit.stats.count_regression import fit_counts, rows_at_zero
from assaykit.stats.negative_binomial import fit_negative_binomial, rate_ratios

WELLS = pd.DataFrame(
    {
        "arm": ["a"] * 4 + ["b"] * 4 + ["c"] * 3,
        "cells": [12, 31, 18, 9, 40, 75, 33, 28, 6, 9, 2],
        "wells": [4, 4, 3, 4, 4, 4, 2, 3, 4, 4, 1],
    }
)
BLOCKS = pd.DataFrame(
    {
        "arm": ["control"] * 4 + ["vesicle"] * 4 + ["KO vesicle"] * 4,
        "biological_replicate": ["m1", "m2", "m3", "m4"] * 3,
        "total": [41, 66, 52, 30, 90, 161, 99, 88, 47, 80, 44, 41],
        "n_wells": [4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 3, 4],
    }
)
VESICLE = Contrast("vesicle vs control", "vesicle", "control")
RESCUED = Contrast("KO vesicle vs control", "KO vesicle", "control")
NUMBERS = ["rate_ratio", "ci_low", "ci_high", "statistic", "df", "p_value"]


def fitted(**settings):
    return fit_negative_binomial(WELLS, "cells ~ arm", exposure="wells", **settings)


def totals(**arms) -> pd.DataFrame:
    """One row per arm and replicate, with replicates called the same in every arm."""
    rows = [(arm, f"m{n}", total, 4) for arm, of in arms.items() for n, total in enumerate(of)]
    return pd.DataFrame(rows, columns=["arm", "biological_replicate", "total", "n_wells"])


def close(value, rel=1e-8):
    return pytest.approx(value, rel=rel)


class TestTheFit:
    def test_the_log_likelihood_is_that_of_the_distribution_and_at_its_top(self):
        model = fitted()
        rates = model.marginal_means("arm").set_index("arm")["estimate"]
        means = WELLS["arm"].map(rates) * WELLS["wells"]

        def height(theta, factor=1.0):
            own = nbinom.logpmf(WELLS["cells"], theta, theta / (theta + factor * means))
            return own.sum()

        assert model.log_likelihood == close(height(model.theta), 1e-12)
        for theta, factor in ((0.99, 1), (1.01, 1), (1, 0.99), (1, 1.01)):
            assert height(theta * model.theta, factor) < model.log_likelihood

    def test_the_standard_error_of_theta_is_from_the_curvature(self):
        one_mean = pd.DataFrame({"y": [3, 8, 1, 14, 5, 9, 2]})
        model = fit_negative_binomial(one_mean, "y ~ 1")
        mean, theta, step = one_mean["y"].mean(), model.theta, 1e-3
        heights = [
            nbinom.logpmf(one_mean["y"], t, t / (t + mean)).sum()
            for t in (theta - step, theta, theta + step)
        ]
        curvature = (heights[0] - 2 * heights[1] + heights[2]) / step**2
        assert model.theta_standard_error == pytest.approx((-curvature) ** -0.5, rel=1e-5)

    @pytest.mark.parametrize("dispersion", ["likelihood", "moments"])
    def test_coefficients_and_covariance_are_those_of_a_regression_given_theta(self, dispersion):
        genmod = pytest.importorskip("statsmodels.genmod.generalized_linear_model")
        families = pytest.importorskip("statsmodels.genmod.families")
        model = fitted(dispersion=dispersion)
        columns = np.column_stack([np.ones(11), WELLS["arm"] == "b", WELLS["arm"] == "c"])
        glm = genmod.GLM(
            WELLS["cells"].to_numpy(),
            columns,
            families.NegativeBinomial(alpha=1 / model.theta),
            offset=np.log(WELLS["wells"].to_numpy()),
        ).fit(tol=1e-12, tol_criterion="params", scale=1.0)
        table = model.coefficients()
        assert table["estimate"].tolist() == close(glm.params.tolist())
        assert table["standard_error"].tolist() == close(glm.bse.tolist())

    def test_moments_make_pearsons_chi_square_its_degrees_of_freedom(self):
        model = fitted(dispersion="moments")
        rates = model.marginal_means("arm").set_index("arm")["estimate"]
        means = WELLS["arm"].map(rates) * WELLS["wells"]
        variance = means + means**2 / model.theta
        assert ((WELLS["cells"] - means) ** 2 / variance).sum() == close(model.residual_df)
        assert model.theta < fitted().theta  # the likelihood takes the means for known
        assert np.isnan(model.theta_standard_error)

    def test_the_best_top_is_found_where_poisson_is_one_too(self):
        # One large count alone in its arm pulls the slope at Poisson's distribution below zero.
        table = pd.DataFrame({"y": [1000, 0, 0, 0, 0, 0, 20], "arm": list("abbbbbb")})
        model = fit_negative_binomial(table, "y ~ arm")
        means = np.array([1000] + [10 / 3] * 6)
        assert 0.05 < model.theta < 1
        assert model.log_likelihood > poisson.logpmf(table["y"], means).sum() + 10

    def test_a_theta_far_out_keeps_its_digits(self):
        y = np.array([9600.0, 10440, 9890, 10100, 10210, 9760])  # a little more than Poisson's
        fit = fit_counts(y, np.ones((6, 1)), np.zeros(6))
        assert fit.theta == pytest.approx(1 / (y.var() / y.mean() ** 2 - 1 / y.mean()), rel=1e-2)
        again = fit_counts(y[::-1].copy(), np.ones((6, 1)), np.zeros(6))
        assert again.theta == pytest.approx(fit.theta, rel=1e-9)

    def test_a_covariate_is_a_slope(self):
        dose = np.arange(8.0)
        table = pd.DataFrame({"y": np.round(20 * np.exp(0.3 * dose)), "dose": dose})
        estimates = fit_negative_binomial(table, "y ~ dose").coefficients()["estimate"]
        assert estimates.tolist() == pytest.approx([np.log(20), 0.3], rel=5e-3)


class TestPoissonLimit:
    @pytest.mark.parametrize("dispersion", ["likelihood", "moments"])
    @pytest.mark.parametrize("counts", [[5, 5, 5, 8, 8, 8], [4, 5, 6, 19, 20, 21]])
    def test_counts_that_vary_less_make_theta_infinite(self, counts, dispersion):
        table = pd.DataFrame({"y": counts, "arm": list("aaabbb")})
        model = fit_negative_binomial(table, "y ~ arm", dispersion=dispersion)
        means = np.repeat([np.mean(counts[:3]), np.mean(counts[3:])], 3)
        assert model.theta == np.inf
        assert model.poisson_limit
        assert np.isnan(model.theta_standard_error)
        assert model.log_likelihood == close(poisson.logpmf(counts, means).sum(), 1e-12)
        error = model.coefficients()["standard_error"].iloc[1]
        assert error == close((1 / sum(counts[:3]) + 1 / sum(counts[3:])) ** 0.5)

    def test_it_is_said_where_it_is_not(self):
        assert not fitted().poisson_limit
        assert fitted().poisson_dispersion > 1

    @given(st.lists(st.integers(0, 60), min_size=4, max_size=9).filter(any))
    @settings(max_examples=60, deadline=None)
    def test_it_is_never_better_than_what_is_found(self, counts):
        model = fit_negative_binomial(pd.DataFrame({"y": counts}), "y ~ 1")
        limit = poisson.logpmf(counts, np.mean(counts)).sum()
        assert model.log_likelihood >= limit - 1e-9
        assert model.poisson_limit == (abs(model.log_likelihood - limit) < 1e-9)


class TestInvariances:
    def test_the_unit_of_exposure_scales_rates_alone(self):
        fields = WELLS.assign(wells=WELLS["wells"] * 9)
        model, per_field = fitted(), fit_negative_binomial(fields, "cells ~ arm", exposure="wells")
        assert per_field.theta == close(model.theta)
        assert per_field.log_likelihood == close(model.log_likelihood)
        rates, ninths = model.marginal_means("arm"), per_field.marginal_means("arm")
        assert (ninths["estimate"] * 9).tolist() == close(rates["estimate"].tolist())
        same = per_field.contrasts("arm").drop(columns="contrast").to_numpy()
        assert same == close(model.contrasts("arm").drop(columns="contrast").to_numpy())

    def test_rows_have_no_order_and_incomplete_ones_no_part(self):
        turned = pd.concat([WELLS[::-1], WELLS.iloc[:1].assign(cells=np.nan)])
        model = fit_negative_binomial(turned, "cells ~ arm", exposure="wells")
        assert (model.n, model.residual_df) == (11, 8)
        assert model.theta == close(fitted().theta)

    def test_the_reference_does_not_matter(self):
        other = WELLS.assign(arm=pd.Categorical(WELLS["arm"], ["b", "a", "c"]))
        model = fit_negative_binomial(other, "cells ~ arm", exposure="wells")
        there, back = fitted().contrasts("arm").iloc[0], model.contrasts("arm").iloc[0]
        assert (there["contrast"], back["contrast"]) == ("b - a", "a - b")
        assert 1 / there["estimate"] == close(back["estimate"])
        assert (1 / there["ci_low"], there["p_value"]) == close((back["ci_high"], back["p_value"]))


class TestReference:
    def test_tests_have_the_degrees_of_freedom_that_are_given(self):
        model = fitted(df=8)
        row = model.coefficients().iloc[1]
        assert row["df"] == 8
        assert row["p_value"] == close(2 * student.sf(abs(row["t"]), 8))
        contrast = model.contrasts({"b / a": {"arm[T.b]": 1}}, ratios=False).iloc[0]
        margin = student.ppf(0.975, 8) * contrast["standard_error"]
        assert contrast["ci_high"] - contrast["estimate"] == close(margin)
        term = model.anova().iloc[0]
        assert (term["num_df"], term["den_df"]) == (2, 8)
        assert term["p_value"] == close(f_distribution.sf(term["f"], 2, 8))

    def test_without_them_tests_are_walds(self):
        model = fitted()
        term = model.anova().iloc[0]
        assert np.isinf(term["den_df"])
        assert term["p_value"] == close(chi2.sf(2 * term["f"], 2))
        assert fitted(df=8).theta == model.theta

    def test_rates_and_ratios_can_stay_logarithms(self):
        model = fitted()
        logs, rates = model.marginal_means("arm", rates=False), model.marginal_means("arm")
        assert np.exp(logs["ci_low"]).tolist() == close(rates["ci_low"].tolist())
        error = logs["standard_error"] * rates["estimate"]
        assert error.tolist() == close(rates["standard_error"].tolist())

    def test_families_are_adjusted(self):
        model = fitted(df=8)
        dunnett = model.contrasts("arm", adjust="dunnett")
        assert (dunnett["p_adjusted"] > dunnett["p_value"]).all()
        assert len(model.contrasts("arm", adjust="tukey")) == 3


class TestBadInput:
    def test_all_missing_columns_and_settings_are_named(self):
        with pytest.raises(UsageError, match=r"column hours.*\n.*column clls") as error:
            fit_negative_binomial(WELLS, "clls ~ arm", exposure="hours")
        assert "arm, cells, wells" in str(error.value)
        with pytest.raises(UsageError, match=r"df: found 0.*dispersion: found 'reml'"):
            fitted(df=0, dispersion="reml")
        with pytest.raises(UsageError, match="df: found nan"):
            fitted(df=float("nan"))
        with pytest.raises(UsageError, match="the column arm is text"):
            fit_negative_binomial(WELLS, "cells ~ 1", exposure="arm")

    def test_all_wrong_numbers_are_named_with_their_rows(self):
        bad = WELLS.astype({"cells": float})
        bad.loc[[0, 4], "cells"] = [-3, 7.5]
        bad.loc[2, "wells"] = 0
        with pytest.raises(DesignError) as error:
            fit_negative_binomial(bad, "cells ~ arm", exposure="wells")
        codes = [problem.code for problem in error.value.problems]
        assert codes == ["negative_count", "not_whole", "no_exposure"]
        for words in ("-3 (row 0)", "7.5 (row 4)", "whole numbers", "0 (row 2)"):
            assert words in str(error.value)

    def test_many_wrong_numbers_are_not_all_listed(self):
        with pytest.raises(DesignError, match=r"in 11 rows: .*…"):
            fit_negative_binomial(WELLS.assign(cells=WELLS["cells"] + 0.5), "cells ~ arm")

    def test_nothing_but_zeros(self):
        with pytest.raises(DesignError, match="nothing but zeros"):
            fit_negative_binomial(WELLS.assign(cells=0), "cells ~ arm")

    def test_an_arm_of_zeros_is_named(self):
        zeros = WELLS.assign(cells=WELLS["cells"].where(WELLS["arm"] != "c", 0))
        with pytest.raises(DesignError, match="every count of arm c is zero") as error:
            fit_negative_binomial(zeros, "cells ~ arm", exposure="wells")
        assert [problem.code for problem in error.value.problems] == ["only_zeros"]

    def test_a_combination_of_zeros_is_named(self):
        table = pd.DataFrame(
            {"y": [3, 4, 0, 0, 5, 9, 4, 6], "gene": list("wwwwkkkk"), "dose": list("nnyy" * 2)}
        )
        with pytest.raises(DesignError, match="dose y with gene w is zero"):
            fit_negative_binomial(table, "y ~ gene * dose")
        assert fit_negative_binomial(table, "y ~ gene + dose").n == 8

    def test_zeros_at_one_end_of_a_covariate_are_named(self):
        table = pd.DataFrame({"y": [0, 0, 0, 5, 7], "dose": [1.0, 2, 3, 4, 4]})
        with pytest.raises(DesignError, match="the rows 0, 1, 2"):
            fit_negative_binomial(table, "y ~ dose")

    def test_a_mean_for_each_count_leaves_no_spread(self):
        with pytest.raises(DesignError, match="3 counts for 3 means"):
            fit_negative_binomial(pd.DataFrame({"y": [1, 2, 3], "a": list("abc")}), "y ~ a")

    def test_no_complete_row(self):
        with pytest.raises(DesignError, match="no row has all values"):
            fit_negative_binomial(WELLS.assign(wells=np.nan), "cells ~ arm", exposure="wells")


def test_rows_at_zero_are_those_whose_mean_has_no_bound():
    arms = np.array([0, 0, 1, 1])
    blocks = np.array([0, 1, 0, 1])
    both = np.column_stack([np.eye(2)[arms], np.eye(2)[blocks]])
    assert not rows_at_zero(np.array([0.0, 3, 2, 0]), np.eye(2)[arms]).any()
    assert rows_at_zero(np.array([0.0, 3, 2, 4]), both).tolist() == [False] * 4
    assert rows_at_zero(np.array([0.0, 3, 0, 4]), both).tolist() == [True, False, True, False]
    assert rows_at_zero(np.zeros(4), both).all()


class TestRateRatios:
    def test_arms_of_their_own_are_the_regression_with_the_df_between_replicates(self):
        table = BLOCKS.assign(biological_replicate=[f"m{n}" for n in range(12)])
        rows = rate_ratios(table, [VESICLE, RESCUED], shared=False)
        model = fit_negative_binomial(
            table, "total ~ arm", exposure="n_wells", df=9, dispersion="moments"
        )
        own = {"v": {"arm[T.control]": -1, "arm[T.vesicle]": 1}, "k": {"arm[T.control]": -1}}
        same = model.contrasts(own).rename(columns={"estimate": "rate_ratio"})
        assert rows[NUMBERS].to_numpy() == close(same[NUMBERS].to_numpy())
        assert rows["df"].tolist() == [9, 9]
        assert rows["why"].tolist() == ["", ""]
        assert list(rows) == ["contrast", *NUMBERS, "why"]

    def test_shared_replicates_are_blocks(self):
        rows = rate_ratios(BLOCKS, [VESICLE], shared=True, confidence=0.9)
        model = fit_negative_binomial(
            BLOCKS, "total ~ arm + biological_replicate", exposure="n_wells", df=6,
            dispersion="moments",
        )  # fmt: skip
        own = {"v": {"arm[T.control]": -1, "arm[T.vesicle]": 1}}
        same = model.contrasts(own, confidence=0.9).rename(columns={"estimate": "rate_ratio"})
        assert rows[NUMBERS].to_numpy() == close(same[NUMBERS].to_numpy())
        unpaired = rate_ratios(BLOCKS, [VESICLE], shared=False)
        assert rows["p_value"].iloc[0] < unpaired["p_value"].iloc[0]

    def test_an_interaction_is_a_ratio_of_ratios(self):
        minus = Contrast("x", "vesicle", "control", ("KO vesicle", "control"))
        rows = rate_ratios(BLOCKS, [VESICLE, RESCUED, minus], shared=True)["rate_ratio"]
        assert rows[2] == close(rows[0] / rows[1])

    def test_genotypes_between_replicates_are_compared_within_them_only(self):
        table = totals(
            **{"WT / c": [40, 66, 52], "WT / v": [90, 161, 99]},
            **{"KO / c": [30, 41, 77], "KO / v": [28, 50, 80]},
        )
        mouse = table["arm"].str[:2] + table["biological_replicate"]
        table["biological_replicate"] = mouse
        rows = rate_ratios(
            table,
            [
                Contrast("v vs c in WT", "WT / v", "WT / c"),
                Contrast("KO vs WT in c", "KO / c", "WT / c"),
                Contrast("interaction", "KO / v", "KO / c", ("WT / v", "WT / c")),
            ],
            shared=True,
        )
        assert rows["rate_ratio"].notna().tolist() == [True, False, True]
        assert rows["why"][1] == "no biological replicate connects KO / c and WT / c"
        assert rows["df"][2] == 12 - 8

    def test_the_number_of_wells_is_the_exposure(self):
        more = BLOCKS.assign(n_wells=BLOCKS["n_wells"] * 2)
        before, after = (rate_ratios(t, [VESICLE], shared=True) for t in (BLOCKS, more))
        assert after[NUMBERS].to_numpy() == close(before[NUMBERS].to_numpy())

    @pytest.mark.parametrize("shared", [True, False])
    def test_an_arm_of_zeros_has_no_ratio_and_takes_nothing_from_the_others(self, shared):
        blank = totals(blank=[0, 0, 0, 0])
        contrasts = [VESICLE, Contrast("blank vs control", "blank", "control")]
        rows = rate_ratios(pd.concat([BLOCKS, blank]), contrasts, shared=shared)
        alone = rate_ratios(BLOCKS, [VESICLE], shared=shared)
        assert rows[NUMBERS].iloc[[0]].to_numpy() == close(alone[NUMBERS].to_numpy())
        assert rows[NUMBERS].iloc[1].isna().all()
        assert rows["why"].tolist() == ["", "every count of blank is zero"]

    def test_all_arms_of_zeros(self):
        rows = rate_ratios(BLOCKS.assign(total=0), [VESICLE], shared=True)
        assert rows["rate_ratio"].isna().all()
        assert "every count of vesicle is zero" in rows["why"][0]
        assert "every count of control is zero" in rows["why"][0]

    def test_replicates_that_tell_nothing_change_nothing(self):
        alone = pd.DataFrame([("control", "m8", 500, 4)], columns=list(BLOCKS))
        empty = [(arm, "m9", 0, 4) for arm in ("control", "vesicle", "KO vesicle")]
        more = pd.concat([BLOCKS, alone, pd.DataFrame(empty, columns=list(BLOCKS))])
        rows, before = (rate_ratios(t, [VESICLE], shared=True) for t in (more, BLOCKS))
        assert rows[NUMBERS].to_numpy() == close(before[NUMBERS].to_numpy())

    def test_two_replicates_are_too_few(self):
        rows = rate_ratios(totals(control=[3, 9, 5], vesicle=[8, 20]), [VESICLE], shared=False)
        assert rows["why"][0] == "vesicle has 2 biological replicates, and a test needs 3"
        assert rows[NUMBERS].isna().all(axis=None)

    def test_replicates_that_never_meet_connect_nothing(self):
        apart = BLOCKS.assign(biological_replicate=[f"m{n}" for n in range(12)])
        rows = rate_ratios(apart, [VESICLE], shared=True)
        assert rows["why"][0].startswith("no biological replicate connects vesicle")

    def test_one_replicate_in_common_leaves_no_spread(self):
        table = totals(control=[30, 41, 25], vesicle=[80, 95, 61])
        table.loc[4:, "biological_replicate"] = ["m8", "m9"]
        rows = rate_ratios(table, [VESICLE], shared=True)
        assert "leave no spread" in rows["why"][0]

    def test_a_regression_without_end_has_no_numbers(self):
        table = totals(control=[112398, 0, 648], vesicle=[0, 1033, 0])
        table["biological_replicate"] = ["m0", "m1", "m3", "m0", "m1", "m2"]
        row = rate_ratios(table, [VESICLE], shared=True).iloc[0]
        assert row[NUMBERS].isna().all() == bool(row["why"])

    def test_totals_that_are_not_whole_are_not_fitted(self):
        rows = rate_ratios(BLOCKS.assign(total=BLOCKS["total"] / 4), [VESICLE], shared=True)
        assert "totals of vesicle are not whole numbers" in rows["why"][0]

    def test_counts_alike_are_poissons(self):
        rows = rate_ratios(totals(control=[9, 9, 9], vesicle=[18] * 3), [VESICLE], shared=False)
        margin = student.ppf(0.975, 4) * (1 / 27 + 1 / 54) ** 0.5
        assert rows["ci_low"][0] == close(2 * np.exp(-margin))

    def test_contrasts_may_share_a_name_and_may_be_none(self):
        rows = rate_ratios(BLOCKS, [VESICLE, Contrast(VESICLE.name, *RESCUED.arms)], shared=True)
        assert rows["rate_ratio"].nunique() == 2
        assert rate_ratios(BLOCKS, [], shared=True).empty

    def test_what_is_wrong_is_listed(self):
        with pytest.raises(UsageError, match="no column total, n_wells"):
            rate_ratios(BLOCKS.drop(columns=["total", "n_wells"]), [VESICLE], shared=True)
        with pytest.raises(UsageError, match="no arm miR"):
            rate_ratios(BLOCKS, [Contrast("x", "miR", "control")], shared=True)
        bad = pd.concat([BLOCKS, BLOCKS.iloc[:1]], ignore_index=True)
        bad.loc[[3, 5], ["total", "n_wells"]] = [[-1, 4], [7, 0]]
        with pytest.raises(DesignError) as error:
            rate_ratios(bad, [VESICLE], shared=True)
        codes = [problem.code for problem in error.value.problems]
        assert codes == ["repeated_replicate", "negative_count", "no_exposure"]
        assert "arm vesicle, replicate m2: n_wells" in str(error.value)
