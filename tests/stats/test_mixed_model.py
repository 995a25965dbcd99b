import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assaykit.errors import DesignError, UsageError
from assaykit.stats.mixed_model import fit_mixed_model

NESTED = ["rep", "rep:arm"]


def wells(replicates=5, arms="abc", count=3, *, seed=1) -> pd.DataFrame:
    """Replicates in all arms, with wells; a genotype for each replicate and a covariate."""
    rng = np.random.default_rng(seed)
    rep = np.repeat(np.arange(replicates), len(arms) * count)
    arm = np.tile(np.repeat(np.arange(len(arms)), count), replicates)
    y = 10 + 0.8 * arm + 1.5 * rng.normal(size=replicates)[rep]
    y = y + rng.normal(size=replicates * len(arms))[rep * len(arms) + arm]
    return pd.DataFrame(
        {
            "y": (y + 0.6 * rng.normal(size=len(rep))).round(3),
            "arm": np.array(list(arms))[arm],
            "rep": [f"r{r}" for r in rep],
            "genotype": np.where(rep % 2, "KO", "WT"),
            "x": rng.normal(size=len(rep)).round(3),
        }
    )


def uneven(**settings) -> pd.DataFrame:
    table = wells(**settings)
    return table.drop([0, 1, 10, 17, 18, 19, 33]).reset_index(drop=True)


@pytest.fixture(scope="module")
def plain():
    return numbers(fit_mixed_model(uneven(), "y ~ arm + x", NESTED))


@pytest.fixture(scope="module")
def model():
    return fit_mixed_model(uneven(), "y ~ arm", NESTED)


def numbers(model) -> np.ndarray:
    """All that a model reports, except for what a scale or a name changes."""
    anova = model.anova().drop(columns="term").to_numpy()
    contrasts = model.contrasts("arm", adjust="holm")
    return np.r_[anova.ravel(), contrasts[["df", "statistic", "p_adjusted"]].to_numpy().ravel()]


class TestClassicalDesigns:
    def test_a_split_plot(self):
        """Genotype between replicates, arms within: strata of the analysis of variance."""
        table = wells(6, count=4)
        model = fit_mixed_model(table, "y ~ genotype * arm", NESTED)
        assert not model.singular
        means = table.groupby(["genotype", "rep", "arm"])["y"].mean().unstack()
        of_rep = means.mean(axis=1)
        wild, knockout = of_rep["WT"], of_rep["KO"]
        between = stats.ttest_ind(knockout, wild)
        anova = model.anova().set_index("term")
        assert anova.loc["genotype", "f"] == pytest.approx(between.statistic**2, rel=1e-8)
        assert anova.loc["genotype", "den_df"] == pytest.approx(4, rel=1e-8)
        inner = means.sub(of_rep, axis=0)
        rest = inner - inner.groupby("genotype").transform("mean")
        square = np.sum(rest.to_numpy() ** 2) / 8
        of_arm = 6 * (means.mean() - means.mean().mean()).pow(2).sum() / 2
        assert anova.loc["arm", "f"] == pytest.approx(of_arm / square, rel=1e-8)
        crossed = inner.groupby("genotype").mean() - inner.mean()
        of_both = 3 * np.sum(crossed.to_numpy() ** 2) / 2
        assert anova.loc["genotype:arm", "f"] == pytest.approx(of_both / square, rel=1e-8)
        assert anova.loc["genotype:arm", ["num_df", "den_df"]].tolist() == pytest.approx([2, 8])

    @pytest.mark.parametrize("ddf", ["kenward-roger", "satterthwaite"])
    def test_paired_arms_are_a_paired_t_test(self, ddf):
        table = wells(3, "ab", 4, seed=4)
        model = fit_mixed_model(table, "y ~ arm", NESTED)
        means = table.groupby(["rep", "arm"])["y"].mean().unstack()
        right = stats.ttest_rel(means["b"], means["a"])
        (row,) = model.contrasts("arm", ddf=ddf).to_dict("records")
        assert row["df"] == pytest.approx(2, rel=1e-9)
        found = (row["estimate"], row["statistic"], row["p_value"], row["ci_low"])
        interval = right.confidence_interval()
        wanted = ((means["b"] - means["a"]).mean(), right.statistic, right.pvalue, interval.low)
        assert found == pytest.approx(wanted, rel=1e-8)


class TestInvariance:
    @pytest.mark.parametrize("factor", [1e-12, 1e-6, 1e6, 1e12])
    def test_unit_of_the_response(self, plain, factor):
        table = uneven()
        scaled = fit_mixed_model(table.assign(y=factor * table["y"]), "y ~ arm + x", NESTED)
        assert numbers(scaled) == pytest.approx(plain, rel=1e-8)
        assert not scaled.singular

    @pytest.mark.parametrize(("shift", "rel"), [(1e3, 1e-9), (1e6, 1e-6), (-1e8, 1e-3)])
    def test_a_constant_added_to_the_response(self, plain, shift, rel):
        """As far as the digits of the stored values go."""
        table = uneven()
        moved = fit_mixed_model(table.assign(y=table["y"] + shift), "y ~ arm + x", NESTED)
        assert numbers(moved) == pytest.approx(plain, rel=rel)

    @pytest.mark.parametrize(
        ("factor", "shift", "rel"),
        [(1e-12, 0, 1e-8), (1e12, 0, 1e-8), (1, 2e3, 1e-8), (1, 1e5, 1e-5)],
    )
    def test_unit_and_zero_of_a_covariate(self, plain, factor, shift, rel):
        table = uneven()
        other = table.assign(x=factor * table["x"] + shift)
        found = numbers(fit_mixed_model(other, "y ~ arm + x", NESTED))
        assert found == pytest.approx(plain, rel=rel)

    def test_order_of_rows_and_their_index(self, plain):
        table = uneven().sample(frac=1, random_state=0)
        assert numbers(fit_mixed_model(table, "y ~ arm + x", NESTED)) == pytest.approx(
            plain, rel=1e-8
        )
        same = fit_mixed_model(table.set_axis([0] * len(table)), "y ~ arm + x", NESTED)
        assert same.residuals.index.tolist() == [0] * len(table)

    def test_names_of_levels_and_of_columns(self, plain):
        names = {"rep": "Biological replicate", "arm": "Treatment"}
        table = uneven().rename(columns=names)
        table["Biological replicate"] = table["Biological replicate"].str[1:].astype(int) - 7.0
        random = ["Biological replicate", "Biological replicate:Treatment"]
        model = fit_mixed_model(table, "y ~ Treatment + x", random)
        anova = model.anova().drop(columns="term").to_numpy().ravel()
        assert anova == pytest.approx(plain[: len(anova)], rel=1e-8)

    def test_the_reference_level(self):
        table = uneven()
        plain = fit_mixed_model(table, "y ~ arm", NESTED)
        table["arm"] = pd.Categorical(table["arm"], ["c", "a", "b"])
        turned = fit_mixed_model(table, "y ~ arm", NESTED)
        assert turned.anova().iloc[0, 1:].tolist() == pytest.approx(
            plain.anova().iloc[0, 1:].tolist(), rel=1e-8
        )
        contrasts = turned.contrasts("arm").set_index("contrast")
        assert contrasts.index.tolist() == ["a - c", "b - c"]
        right = plain.contrasts("arm").set_index("contrast").loc["c - a"]
        assert contrasts.loc["a - c", "estimate"] == pytest.approx(-right["estimate"])


class TestRowsThatTakeNoPart:
    def test_missing_values_keep_their_rows(self):
        table = uneven()
        gaps = table.astype({"y": object}).copy()
        gaps.loc[3, "y"] = None
        gaps.loc[5, "rep"] = None
        gaps.loc[8, "arm"] = np.nan
        model = fit_mixed_model(gaps, "y ~ arm", NESTED)
        assert model.n == len(table) - 3
        assert model.residuals.index.equals(table.index)
        assert model.residuals.index[model.residuals.isna()].tolist() == [3, 5, 8]
        dropped = fit_mixed_model(table.drop([3, 5, 8]), "y ~ arm", NESTED)
        assert numbers(model) == pytest.approx(numbers(dropped), rel=1e-12)

    def test_a_gap_in_another_column_does_not_matter(self):
        gaps = uneven().assign(x=np.nan)
        assert fit_mixed_model(gaps, "y ~ arm", NESTED).n == len(gaps)

    def test_a_level_whose_rows_are_all_missing_is_gone(self):
        table = uneven().astype({"arm": "category"})
        table["y"] = table["y"].where(table["arm"] != "b")
        model = fit_mixed_model(table, "y ~ arm", ["rep"])
        assert model.contrasts("arm")["contrast"].tolist() == ["c - a"]
        assert model.anova()["num_df"].tolist() == [1]

    def test_residuals_and_random_effects_add_up(self):
        table = uneven()
        model = fit_mixed_model(table, "y ~ arm", NESTED)
        cells = table["rep"] + ":" + table["arm"]
        fixed = model.marginal_means("arm").set_index("arm")["estimate"]
        told = (
            table["arm"].map(fixed)
            + table["rep"].map(model.random_effects["rep"])
            + cells.map(model.random_effects["rep:arm"])
        )
        assert (told + model.residuals).tolist() == pytest.approx(table["y"].tolist(), rel=1e-12)
        for effects in model.random_effects.values():
            assert abs(effects.sum()) < 1e-9


class TestRandomTerms:
    def test_one_name_and_a_name_said_twice(self):
        table = uneven()
        right = fit_mixed_model(table, "y ~ arm", ["rep"]).log_likelihood
        assert fit_mixed_model(table, "y ~ arm", "rep").log_likelihood == right
        twice = fit_mixed_model(table, "y ~ arm", ["rep", "rep"])
        assert (twice.log_likelihood, twice.random) == (right, ("rep",))

    def test_names_with_colons_are_not_mixed_up(self):
        table = uneven().assign(day=["1:2", "1"] * 19, plate=["3", "2:3"] * 19)
        table = table.assign(pair=table["day"] + " on " + table["plate"])
        both = fit_mixed_model(table, "y ~ arm", ["day:plate"])
        assert len(both.random_effects["day:plate"]) == 2
        right = fit_mixed_model(table, "y ~ arm", ["pair"])
        assert both.log_likelihood == pytest.approx(right.log_likelihood, rel=1e-12)

    @pytest.mark.parametrize(
        ("random", "message"),
        [
            (["one"], "the random term one has one level, so it cannot vary. Leave it out"),
            (["row"], "the random term row has a level for each row, so it is the residual"),
            (["rep", "culture"], "random terms rep and culture divide the rows in the same way"),
            (["arm"], "the fixed effects tell the levels of the random term arm apart already"),
            (["genotype:arm"], "tell the levels of the random term genotype:arm apart already"),
        ],
    )
    def test_what_the_data_cannot_tell_is_refused(self, random, message):
        table = uneven()
        table = table.assign(one="1", row=range(len(table)), culture="c" + table["rep"])
        with pytest.raises(DesignError, match=message):
            fit_mixed_model(table, "y ~ genotype * arm", random)

    def test_all_such_terms_are_listed(self):
        table = uneven().assign(one="1", two="2")
        with pytest.raises(DesignError) as caught:
            fit_mixed_model(table, "y ~ arm", ["one", "two", "arm"])
        assert len(caught.value.problems) == 3

    def test_replicates_that_are_confounded_with_their_arms(self):
        """One culture for each arm: its wells are not replicates of the arm."""
        table = uneven()
        table["rep"] = "culture of " + table["arm"]
        with pytest.raises(DesignError, match="add biological replicates") as caught:
            fit_mixed_model(table, "y ~ arm", ["rep"])
        assert caught.value.problems[0].code == "useless_random_term"

    def test_terms_whose_spread_cannot_be_told_apart(self):
        """The one replicate with two arms is the only one with the second of them."""
        rng = np.random.default_rng(1)
        rep = np.repeat(["r1", "r2", "r3", "r4", "r5", "r5"], 3)
        table = pd.DataFrame(
            {"y": rng.normal(size=18), "rep": rep, "arm": np.repeat([*"aabbbc"], 3)}
        )
        message = "the data cannot tell the spread of rep and rep:arm apart. Leave one of them out"
        with pytest.raises(DesignError, match=message):
            fit_mixed_model(table, "y ~ arm", NESTED)

    def test_a_column_that_is_not_there(self):
        with pytest.raises(UsageError, match=r"no column donor; expected columns joined by ':'"):
            fit_mixed_model(uneven(), "y ~ arm", ["donor:arm"])


class TestWhatCannotBeFitted:
    def test_copies_of_one_well(self):
        table = wells()
        table["y"] = table.groupby(["rep", "arm"])["y"].transform("first")
        with pytest.raises(DesignError, match="repeated wells with one value are one value"):
            fit_mixed_model(table, "y ~ arm", NESTED)

    @pytest.mark.parametrize("random", [(), ("rep",)])
    def test_values_without_spread(self, random):
        with pytest.raises(DesignError, match="do not vary around their means"):
            fit_mixed_model(wells().assign(y=0.3), "y ~ arm", random)

    def test_one_value_for_each_arm(self):
        with pytest.raises(DesignError, match="3 values for 3 means leave nothing"):
            fit_mixed_model(wells(1, count=1), "y ~ arm")

    def test_no_row_is_complete(self):
        with pytest.raises(DesignError, match="Look for empty cells in y, arm, rep"):
            fit_mixed_model(wells().assign(y=np.nan), "y ~ arm", ["rep"])

    def test_numbers_that_are_text(self):
        with pytest.raises(UsageError, match="the response is text"):
            fit_mixed_model(wells().astype({"y": str}), "y ~ arm", ["rep"])

    def test_two_columns_of_one_name(self):
        table = wells()
        with pytest.raises(UsageError, match="several columns called y; rename them"):
            fit_mixed_model(pd.concat([table, table[["y"]]], axis=1), "y ~ arm", ["rep"])

    def test_more_random_effects_than_values(self):
        """Every well its own plate and row, nearly: nothing is left to the residual."""
        table = pd.DataFrame(
            {"y": [1.0, 4, 2, 8, 5, 7], "plate": list("aabbcc"), "row": list("xyxyxz")}
        )
        with pytest.raises(DesignError):
            fit_mixed_model(table, "y ~ 1", ["plate", "row", "plate:row"])


class TestContrasts:
    def test_coefficients_by_name(self, model):
        table = model.contrasts(
            {"b": {"arm[T.b]": 1}, "c - b": {"arm[T.c]": 1, "arm[T.b]": -1}}, adjust="holm"
        )
        pairs = model.contrasts("arm", pairs="all").set_index("contrast")
        wanted = pairs.loc[["b - a", "c - b"], ["estimate", "standard_error", "df", "p_value"]]
        found = table[["estimate", "standard_error", "df", "p_value"]].to_numpy()
        assert found == pytest.approx(wanted.to_numpy(), rel=1e-9)

    def test_ratios_of_logarithms(self):
        table = uneven().assign(conc=lambda rows: np.exp(rows["y"] / 10))
        logs = fit_mixed_model(table, "log(conc) ~ arm", NESTED)
        plain, ratios = logs.contrasts("arm"), logs.contrasts("arm", ratios=True)
        assert ratios["estimate"].tolist() == np.exp(plain["estimate"]).tolist()
        assert ratios["ci_high"].tolist() == np.exp(plain["ci_high"]).tolist()
        assert ratios["p_value"].tolist() == plain["p_value"].tolist()

    @pytest.mark.parametrize(
        ("of", "settings", "message"),
        [
            ("arm", {"adjust": "scheffe"}, "adjust: found 'scheffe', expected one of dunnett"),
            ("arm", {"pairs": "some"}, "pairs: found 'some', expected reference or all"),
            ("arm", {"confidence": 95}, "confidence: found 95, expected a share such as 0.95"),
            ("arm", {"ddf": "z"}, "ddf: found 'z', expected one of kenward-roger"),
            ("arm", {"adjust": "dunnett", "pairs": "all"}, "one of the contrasts follows from"),
            ("dose", {}, "'dose' is not a factor of the formula; there are: arm"),
            ({"b": {"arm[b]": 1}}, {}, r"no coefficient is called arm\[b\]; there are Intercept"),
            ({"b": {"arm[T.b]": 0}}, {}, "nothing to compare: b has no weights"),
            ({}, {}, "nothing to compare"),
            ({"b": {"arm[T.b]": 1}}, {"adjust": "tukey"}, "tukey is for all pairs of a factor"),
        ],
    )
    def test_what_is_no_contrast(self, model, of, settings, message):
        with pytest.raises(UsageError, match=message):
            model.contrasts(of, **settings)

    def test_means_that_cannot_be_estimated_are_missing_and_not_compared(self):
        table = uneven()
        table = table[(table["arm"] != "c") | (table["genotype"] == "WT")]
        model = fit_mixed_model(table, "y ~ genotype * arm", ["rep"])
        means = model.marginal_means("arm").set_index("arm")
        assert means.loc["c"].isna().all()
        assert means.loc[["a", "b"]].notna().all(axis=None)
        assert model.contrasts("arm")["contrast"].tolist() == ["b - a"]
        cells = model.contrasts("genotype:arm", pairs="all")
        assert len(cells) == 5 * 4 / 2
        assert model.coefficients()["estimate"].isna().sum() == 1
        assert model.anova(sequential=True)["num_df"].tolist() == [1, 2, 1]
        with pytest.raises(DesignError, match="combinations of levels are missing"):
            model.anova()


def test_ten_thousand_rows():
    table = wells(417, "abcd", 6, seed=9)
    model = fit_mixed_model(table, "y ~ arm + x", NESTED)
    assert model.n == 10_008
    assert model.variance_components.tolist() == pytest.approx([2.25, 1, 0.36], rel=0.2)
    assert model.contrasts("arm", adjust="dunnett")["df"].between(1200, 1260).all()
