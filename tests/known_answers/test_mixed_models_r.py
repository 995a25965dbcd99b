"""Mixed models against R 4.2.2 (lme4, lmerTest, pbkrtest, emmeans) on small simulated designs.

``mixed_models.R`` fits the models below to ``mixed_models.csv`` and writes ``mixed_models.json``.
Everything agrees within a relative 1e-5; what was reached, at worst over all designs:

=================================  ======  ====================================================
components, standard errors        1.3e-7  R's optimiser stands at a gradient of up to 6e-7
estimates, F                       2e-7
degrees of freedom, Kenward-Roger  4e-8    3e-9 for F
degrees of freedom, Satterthwaite  2e-7    lmerTest differentiates by numbers
p values                           2e-6
log-likelihood                     1e-13   never below R's
Tukey                              1e-5    of p values of 1e-4 and below: R's ptukey is short of
                                           digits there; scipy's agrees with ours to 1e-9
random effects (BLUP)              4e-8
=================================  ======  ====================================================

Where F has several degrees of freedom and the design is not balanced, those of Satterthwaite
depend on the functions that are taken to span the hypothesis; they are lmerTest's.
"""

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import studentized_range

from assaykit.stats.mixed_model import MixedModel, fit_mixed_model

HERE = Path(__file__).parent
REL = 1e-5
TINY = 1e-11  # p values below it are rounding, in R

PAIRED = ("y ~ arm", ["rep", "rep:arm"])
MODELS = {
    "shared": PAIRED,  # replicates shared by the arms, 1 to 5 wells, one arm missing in one
    "nested": ("y ~ arm", ["rep"]),  # replicates of their own, 1 to 5 wells
    "split": ("y ~ genotype * arm", ["rep", "rep:arm"]),  # genotype between replicates
    "crossed": ("y ~ arm", ["plate", "culture"]),  # neither nested in the other
    "singular_balanced": PAIRED,  # the component of the replicates is zero
    "singular_unbalanced": PAIRED,
    "three_pairs": PAIRED,  # two arms, three replicates: 1.9 degrees of freedom
    "covariate": ("y ~ arm * x", ["rep"]),
    "fields": ("y ~ arm", ["culture", "culture:well"]),  # three levels, wells called w1, w2 ...
}
SINGULAR = ("singular_balanced", "singular_unbalanced")
DDF = {"kr": "kenward-roger", "satterthwaite": "satterthwaite"}


@cache
def expected(name: str) -> dict:
    return json.loads((HERE / "mixed_models.json").read_text("utf-8"))["expected"][name]


@cache
def data() -> pd.DataFrame:
    return pd.read_csv(HERE / "mixed_models.csv")


@cache
def fitted(name: str) -> MixedModel:
    rows = data()[data()["case"] == name].dropna(axis=1)
    return fit_mixed_model(rows, *MODELS[name])


def agree(table: pd.DataFrame, right: list[dict], *, rel: float = REL) -> None:
    """Compare every number of R's with the column of the same name."""
    wanted = pd.DataFrame(right).select_dtypes("number")
    for name in wanted:
        close = pytest.approx(wanted[name].tolist(), rel=rel, abs=TINY)
        assert table[name].tolist() == close, name


@pytest.mark.parametrize("name", MODELS)
def test_components_and_likelihood(name):
    model, right = fitted(name), expected(name)
    components = model.variance_components.to_dict()
    assert components == pytest.approx(right["components"], rel=REL, abs=1e-12)
    assert model.log_likelihood == pytest.approx(right["log_likelihood"], rel=1e-12)
    assert model.log_likelihood >= right["log_likelihood"] - 1e-11
    assert model.singular == (name in SINGULAR)
    estimates = model.coefficients()["estimate"].tolist()
    assert estimates == pytest.approx(list(right["fixef"].values()), rel=REL)


@pytest.mark.parametrize("name", SINGULAR)
def test_a_component_at_its_bound_is_exactly_zero(name):
    assert fitted(name).variance_components["rep"] == 0.0


@pytest.mark.parametrize("ddf", DDF)
@pytest.mark.parametrize("name", MODELS)
def test_coefficients_and_f_tests(name, ddf):
    """A component at zero is kept by Kenward-Roger in pbkrtest and left out in lmerTest."""
    model, right = fitted(name), expected(name)
    agree(model.coefficients(DDF[ddf]), right[f"coefficients_{ddf}"])
    agree(model.anova(DDF[ddf]), right[f"anova_{ddf}"])


@pytest.mark.parametrize("name", MODELS)
def test_sequential_f_tests(name):
    anova = fitted(name).anova(sequential=True)
    assert anova["term"].tolist() == [row["term"] for row in expected(name)["sequential_kr"]]
    agree(anova, expected(name)["sequential_kr"])


@pytest.mark.parametrize("name", MODELS)
def test_marginal_means(name):
    means = fitted(name).marginal_means("arm")
    assert means["arm"].tolist() == [row["arm"] for row in expected(name)["means"]]
    agree(means, expected(name)["means"])


@pytest.mark.parametrize("name", MODELS)
def test_holm(name):
    right = expected(name)["holm"]
    contrasts = fitted(name).contrasts("arm", adjust="holm", pairs="all")
    agree(contrasts.set_index("contrast").loc[[row["contrast"] for row in right]], right)


@pytest.mark.parametrize("name", MODELS)
def test_tukey(name):
    right = pd.DataFrame(expected(name)["tukey"]).set_index("contrast")
    contrasts = fitted(name).contrasts("arm", adjust="tukey").set_index("contrast")
    contrasts = contrasts.loc[right.index]
    joint = ["p_adjusted", "ci_low", "ci_high"]
    agree(contrasts, right.drop(columns=joint).to_dict("records"))
    # R's ptukey and qtukey: 1e-8 in p, and 1e-4 of what they stop at in q.
    assert contrasts["p_adjusted"].tolist() == pytest.approx(
        right["p_adjusted"].tolist(), rel=REL, abs=1e-8
    )
    for end in ("ci_low", "ci_high"):
        off = (contrasts[end] - right[end]) / right["standard_error"]
        assert off.abs().max() < 1e-5


@pytest.mark.parametrize("name", ["shared", "split"])
def test_tukey_where_r_is_short_of_digits(name):
    contrasts = fitted(name).contrasts("arm", adjust="tukey")
    range_of_three = contrasts["statistic"].abs() * 2**0.5
    exact = studentized_range.sf(range_of_three, 3, contrasts["df"])
    assert contrasts["p_adjusted"].tolist() == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_dunnett(name):
    """With the smallest degrees of freedom of the family, by quadrature in R too."""
    contrasts = fitted(name).contrasts("arm", adjust="dunnett")
    right = expected(name)["dunnett"]
    assert contrasts["p_adjusted"].tolist() == pytest.approx(right, rel=REL, abs=TINY)


@pytest.mark.parametrize("name", ["shared", "crossed", "singular_unbalanced", "fields"])
def test_random_effects(name):
    for term, right in expected(name)["random_effects"].items():
        effects = fitted(name).random_effects[term]
        spread = fitted(name).variance_components[term] ** 0.5
        assert effects.to_dict() == pytest.approx(right, abs=1e-6 * spread + 1e-14)


def test_contrasts_of_coefficients_are_those_of_means():
    """An interaction by name, and a difference of two treatments in one genotype."""
    model = fitted("split")
    functions = {
        "c - b in KO": {"arm[T.c]": 1, "arm[T.b]": -1},
        "interaction": {"genotype[T.WT]:arm[T.b]": 1},
    }
    contrasts = model.contrasts(functions).set_index("contrast")
    right = expected("split")["coefficients_kr"]
    interaction = next(row for row in right if row["term"] == "genotypeWT:armb")
    agree(
        contrasts.loc[["interaction"], ["estimate", "standard_error", "df", "p_value"]],
        [{k: v for k, v in interaction.items() if k != "t"}],
    )
    cells = model.marginal_means("genotype:arm").set_index(["genotype", "arm"])["estimate"]
    difference = cells["KO", "c"] - cells["KO", "b"]
    assert contrasts.loc["c - b in KO", "estimate"] == pytest.approx(difference, rel=1e-12)
