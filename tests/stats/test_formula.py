import numpy as np
import pandas as pd
import pytest

from assaykit.errors import DesignError, UsageError
from assaykit.stats.formula import fixed_effects, used_columns

ROWS = pd.DataFrame(
    {
        "y": [1.0, 2, 4, 3, 5, 9, 2, 7, 6, 8, 3, 5],
        "arm": list("abcabcabcabc"),
        "genotype": list("wwwkkkwwwkkk"),
        "dose": [1, 2, 3] * 4,
        "x": [0.5, 1, 2, 1.5, 0.2, 1, 2, 3, 1.1, 0.7, 2.2, 1.4],
        "seen": [True, False] * 6,
        "Treatment": list("abcabcabcabc"),
        "my arm": list("abcabcabcabc"),
        "log": 1.0,
    }
)


def effects(formula: str, rows: pd.DataFrame = ROWS):
    return fixed_effects(rows, formula)


def means(of: pd.DataFrame, *factors: str) -> np.ndarray:
    return of.groupby(list(factors))["y"].mean().to_numpy()


def least_squares(found) -> np.ndarray:
    return np.linalg.lstsq(found.matrix, found.response, rcond=None)[0]


class TestColumns:
    def test_text_is_a_factor_with_the_first_level_as_reference(self):
        found = effects("y ~ arm")
        assert found.columns == ("Intercept", "arm[T.b]", "arm[T.c]")
        assert found.terms == {"Intercept": slice(0, 1), "arm": slice(1, 3)}
        assert found.factors == {"arm": ("a", "b", "c")}
        assert found.matrix.sum(axis=0).tolist() == [12, 4, 4]

    def test_numbers_are_covariates_unless_the_formula_says_otherwise(self):
        assert effects("y ~ dose").covariates == {"dose": 2.0}
        assert effects("y ~ C(dose)").factors == {"dose": (1, 2, 3)}

    def test_yes_and_no_are_levels(self):
        found = effects("y ~ seen * x")
        assert found.columns == ("Intercept", "seen[T.True]", "x", "seen[T.True]:x")
        assert found.factors == {"seen": (False, True)}

    def test_the_order_of_categories_is_the_order_of_levels(self):
        ordered = ROWS.assign(arm=pd.Categorical(ROWS["arm"], ["c", "z", "a", "b"]))
        found = effects("y ~ arm", ordered)
        assert found.factors == {"arm": ("c", "a", "b")}
        assert found.columns == ("Intercept", "arm[T.a]", "arm[T.b]")

    @pytest.mark.parametrize("name", ["Treatment", "`my arm`"])
    def test_any_column_name_will_do(self, name):
        """``Treatment`` is also a function in formulas; spaces stand between backticks."""
        found = effects(f"y ~ {name}")
        plain = name.strip("`")
        assert found.columns == ("Intercept", f"{plain}[T.b]", f"{plain}[T.c]")
        rows = found.term_rows(plain) @ least_squares(found)
        assert rows == pytest.approx(means(ROWS, "arm")[1:] - means(ROWS, "arm")[0])
        assert len(found.mean_rows(plain)[0]) == 3

    def test_functions_and_powers(self):
        logs = effects("log(y) ~ np.log2(x) + I(dose**2)")
        assert logs.response == pytest.approx(np.log(ROWS["y"]))
        assert logs.matrix[:, 1] == pytest.approx(np.log2(ROWS["x"]))
        assert effects("sqrt(y) ~ center(x)").matrix[:, 1].mean() == pytest.approx(0)


class TestUsedColumns:
    @pytest.mark.parametrize(
        ("formula", "columns"),
        [
            ("y ~ arm * genotype", ["y", "arm", "genotype"]),
            ("log(y) ~ C(dose) + poly(x, 2)", ["y", "dose", "x"]),
            ("y ~ Treatment + scale(x)", ["y", "x", "Treatment"]),
            ("y ~ C(`my arm`, contr.sum)", ["y", "my arm"]),
            ("y ~ 1", ["y"]),
            ("log(y) ~ log", ["y", "log"]),
        ],
    )
    def test_names_are_found(self, formula, columns):
        assert used_columns(ROWS, formula) == columns

    @pytest.mark.parametrize("formula", ["y ~ dosis", "y ~ log(dosis)", "y ~ C(dosis):arm"])
    def test_a_column_that_is_not_there_is_named_with_those_that_are(self, formula):
        message = "there is no column dosis; there are: y, arm, genotype, dose, x, seen"
        with pytest.raises(UsageError, match=message):
            used_columns(ROWS, formula)


class TestHypotheses:
    @pytest.fixture
    def uneven(self):
        return ROWS.drop([0, 5, 7])

    def test_main_effects_are_differences_of_even_averages(self, uneven):
        found = effects("y ~ arm * genotype", uneven)
        beta = least_squares(found)
        cells = means(uneven, "arm", "genotype").reshape(3, 2)
        arms, genotypes = cells.mean(axis=1), cells.mean(axis=0)
        assert found.term_rows("arm") @ beta == pytest.approx(arms[1:] - arms[0])
        assert found.term_rows("genotype") @ beta == pytest.approx(genotypes[1:] - genotypes[0])
        inner = cells[1:, 1] - cells[1:, 0] - (cells[0, 1] - cells[0, 0])
        assert found.term_rows("arm:genotype") @ beta == pytest.approx(inner)

    def test_slopes_are_averaged_over_levels(self, uneven):
        found = effects("y ~ arm * x", uneven)
        beta = least_squares(found)
        slopes = [np.polyfit(rows["x"], rows["y"], 1)[0] for _, rows in uneven.groupby("arm")]
        assert found.term_rows("x") @ beta == pytest.approx([np.mean(slopes)])
        assert found.term_rows("arm:x") @ beta == pytest.approx(np.array(slopes[1:]) - slopes[0])

    @pytest.mark.parametrize("coding", ["contr.sum", "contr.helmert", "contr.treatment('b')"])
    def test_they_do_not_depend_on_the_coding(self, uneven, coding):
        plain = effects("y ~ arm * genotype", uneven)
        other = effects(f"y ~ C(arm, {coding}) * genotype", uneven)
        for mine, theirs in zip(plain.terms, other.terms, strict=True):
            assert other.term_rows(theirs) @ least_squares(other) == pytest.approx(
                plain.term_rows(mine) @ least_squares(plain)
            )

    def test_sequential_ones_span_what_a_term_adds(self, uneven):
        found = effects("y ~ arm + genotype + x", uneven)
        beta, y = least_squares(found), found.response
        inverse = np.linalg.inv(found.matrix.T @ found.matrix)
        left = [float(np.sum((y - y.mean()) ** 2))]
        for formula in ("y ~ arm", "y ~ arm + genotype", "y ~ arm + genotype + x"):
            part = effects(formula, uneven)
            left.append(float(np.sum((y - part.matrix @ least_squares(part)) ** 2)))
        for term, gained in zip(("arm", "genotype", "x"), -np.diff(left), strict=True):
            rows = found.sequential_rows(term)
            told = rows @ beta
            assert told @ np.linalg.solve(rows @ inverse @ rows.T, told) == pytest.approx(gained)

    def test_missing_combinations_leave_no_even_average(self):
        rows = ROWS[(ROWS["arm"] != "c") | (ROWS["genotype"] == "w")]
        found = effects("y ~ arm * genotype", rows)
        with pytest.raises(DesignError, match=r"so arm has no even average\. Compare the arms"):
            found.term_rows("arm")


class TestMeans:
    def test_even_averages_over_the_other_factors(self):
        uneven = ROWS.drop([0, 5, 7])
        found = effects("y ~ arm * genotype", uneven)
        levels, rows = found.mean_rows("arm")
        assert levels == [("a",), ("b",), ("c",)]
        cells = means(uneven, "arm", "genotype").reshape(3, 2)
        assert rows @ least_squares(found) == pytest.approx(cells.mean(axis=1))
        levels, rows = found.mean_rows("genotype:arm")
        assert levels[:2] == [("k", "a"), ("k", "b")]
        assert rows @ least_squares(found) == pytest.approx(cells.T.ravel())

    def test_covariates_stand_at_their_mean(self):
        found = effects("y ~ arm + x")
        beta = least_squares(found)
        _, rows = found.mean_rows("arm")
        at_mean = beta[0] + np.r_[0, beta[1:3]] + beta[3] * ROWS["x"].mean()
        assert rows @ beta == pytest.approx(at_mean)

    def test_means_that_the_data_cannot_tell_are_missing(self):
        rows = ROWS[(ROWS["arm"] != "c") | (ROWS["genotype"] == "w")]
        found = effects("y ~ arm * genotype", rows)
        assert (len(found.columns), len(found.kept)) == (6, 5)
        _, of_arm = found.mean_rows("arm")
        assert np.isnan(of_arm).all(axis=1).tolist() == [False, False, True]
        _, of_cell = found.mean_rows("arm:genotype")
        known = np.isfinite(of_cell).all(axis=1)
        assert known.tolist() == [True] * 4 + [False, True]
        cells = rows.groupby(["arm", "genotype"])["y"].mean().to_numpy()
        assert of_cell[known] @ least_squares(found) == pytest.approx(cells)

    def test_a_name_that_is_no_factor(self):
        with pytest.raises(UsageError, match="'x' is not a factor of the formula; there are: arm"):
            effects("y ~ arm + x").mean_rows("x")
        with pytest.raises(UsageError, match="there are: none"):
            effects("y ~ x").mean_rows("arm")


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        "formula", ["y", "~ arm", "y ~ (arm", "y ~ arm +", "y ~ arm ~ x", "y ~ arm | x", "y ~ 3"]
    )
    def test_a_formula_that_is_none(self, formula):
        with pytest.raises(UsageError, match="cannot be read: expected 'response ~ terms'") as e:
            effects(formula)
        assert "\x1b" not in str(e.value)

    def test_random_terms_in_the_notation_of_r_are_pointed_to_their_place(self):
        with pytest.raises(UsageError, match=r"what is random stands in random, such as random="):
            effects("y ~ arm + (1|rep)")

    def test_an_unknown_function(self):
        with pytest.raises(UsageError, match=r"formula 'y ~ lag10\(x\)'.*lag10"):
            effects("y ~ lag10(x)")

    @pytest.mark.parametrize("response", ["arm", "seen"])
    def test_a_response_that_is_no_number(self, response):
        with pytest.raises(UsageError, match="the response is text or yes and no"):
            effects(f"{response} ~ x")

    def test_two_responses(self):
        with pytest.raises(UsageError, match="expected one response on the left; found 2"):
            effects("y + x ~ arm")

    @pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
    def test_a_response_that_has_no_logarithm(self, value):
        rows = ROWS.assign(y=ROWS["y"].where(ROWS.index != 3, value))
        message = r"no finite number in 1 of 12 rows; a logarithm needs values above 0"
        with pytest.raises(UsageError, match=message):
            effects("log(y) ~ arm", rows)

    @pytest.mark.parametrize("formula", ["y ~ log(x)", "y ~ arm + log(x)"])
    def test_a_covariate_that_is_not_finite(self, formula):
        rows = ROWS.assign(x=ROWS["x"].where(ROWS.index != 3, 0))
        with pytest.raises(UsageError, match=r"log\(x\) is not a finite number in every row"):
            effects(formula, rows)


class TestWhatCannotBeToldApart:
    @pytest.mark.parametrize(
        ("formula", "term"),
        [
            ("y ~ arm + dose", "dose"),
            ("y ~ arm + C(dose)", r"C\(dose\)"),
            ("y ~ arm + Treatment", "Treatment"),
            ("y ~ log", "log"),
            ("y ~ x + I(2 * x)", r"I\(2 \* x\)"),
        ],
    )
    def test_a_term_that_others_determine(self, formula, term):
        message = f"{term} is determined by the terms before it. It was never varied on its own"
        with pytest.raises(DesignError, match=message) as caught:
            effects(formula)
        assert [problem.code for problem in caught.value.problems] == ["aliased_term"]

    def test_every_such_term_is_listed(self):
        with pytest.raises(DesignError) as caught:
            effects("y ~ arm + dose + log")
        assert len(caught.value.problems) == 2

    def test_a_factor_with_one_level(self):
        with pytest.raises(DesignError, match="arm is determined by the terms before it"):
            effects("y ~ arm", ROWS.assign(arm="a"))

    def test_scales_far_apart_are_not_taken_for_it(self):
        rows = ROWS.assign(x=1e-12 * ROWS["x"], dose=1e12 * ROWS["dose"])
        assert effects("y ~ x + dose", rows).kept == (0, 1, 2)
