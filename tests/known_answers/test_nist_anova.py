"""NIST's reference data sets for the analysis of variance, with certified values to 15 digits.

https://www.itl.nist.gov/div898/strd/anova/anova.html; the files come with scipy's tests. In the
sets of average and higher difficulty the values carry 7 or 13 digits before those that vary.
Doubles cannot hold such values: the F of the stored numbers, in exact rational arithmetic, is
itself only 10 or 4 digits from the certified one. We ask for every digit of the stored data's F
(13 at least; 14 to 16 are reached), and of the certified one for as many as the stored data have.
"""

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy

from assaykit.stats.mixed_model import MixedModel, fit_mixed_model

FOLDER = Path(scipy.__file__).parent / "stats" / "tests" / "data" / "nist_anova"
DIGITS = {  # of the certified F, residual variance and R squared
    "SiRstv": 12.8, "SmLs01": 14, "SmLs02": 14, "SmLs03": 14,
    "AtmWtAg": 10, "SmLs04": 10, "SmLs05": 10, "SmLs06": 10,
    "SmLs07": 4, "SmLs08": 4, "SmLs09": 4,
}  # fmt: skip
OF_STORED_DATA = 13


@cache
def lines(name: str) -> list[str]:
    path = FOLDER / f"{name}.dat"
    if not path.exists():
        pytest.skip("scipy is installed without its tests, which hold NIST's data")
    return path.read_text("ascii").splitlines()


@cache
def data(name: str) -> pd.DataFrame:
    rows = [line.split()[:2] for line in lines(name)[60:] if line.strip()]
    return pd.DataFrame({"treatment": [r[0] for r in rows], "y": [float(r[1]) for r in rows]})


@cache
def certified(name: str) -> dict[str, float]:
    head = "\n".join(lines(name)[40:60])
    table = re.findall(r"^(?:Between|Within) \w+ +(\d+) +(\S+) +(\S+) *(\S*) *$", head, re.M)
    (between, _, _, f), (within, squares, mean_square, _) = table
    return {
        "num_df": int(between), "den_df": int(within), "f": float(f),
        "residual_squares": float(squares), "variance": float(mean_square),
        "r_squared": float(re.search(r"R-Squared +(\S+)", head)[1]),
        "deviation": float(re.search(r"Standard Deviation +(\S+)", head)[1]),
    }  # fmt: skip


@cache
def exact(name: str) -> dict[str, Fraction]:
    """The same analysis in rational numbers, of the doubles as they are stored."""
    values = data(name).groupby("treatment")["y"].apply(lambda y: [Fraction(v) for v in y])
    n = sum(map(len, values))
    grand = sum(map(sum, values)) / n
    means = [sum(of_arm) / len(of_arm) for of_arm in values]
    pairs = list(zip(values, means, strict=True))
    between = sum(len(of_arm) * (mean - grand) ** 2 for of_arm, mean in pairs)
    within = sum(sum((v - mean) ** 2 for v in of_arm) for of_arm, mean in pairs)
    mean_square = within / (n - len(values))
    return {
        "f": between / (len(values) - 1) / mean_square, "residual_squares": within,
        "variance": mean_square, "r_squared": between / (between + within),
    }  # fmt: skip


@cache
def fitted(name: str) -> MixedModel:
    return fit_mixed_model(data(name), "y ~ treatment")


@cache
def ours(name: str) -> dict[str, float]:
    anova = fitted(name).anova().iloc[0]
    explained = anova["f"] * anova["num_df"]
    return {
        "f": anova["f"], "num_df": anova["num_df"], "den_df": anova["den_df"],
        "residual_squares": float(np.sum(fitted(name).residuals ** 2)),
        "variance": fitted(name).variance_components["Residual"],
        "deviation": fitted(name).variance_components["Residual"] ** 0.5,
        "r_squared": explained / (explained + anova["den_df"]),
    }  # fmt: skip


def digits(found: float, right: float | Fraction) -> float:
    """Digits that agree: the logarithm of the relative error."""
    off = abs(float((Fraction(found) - Fraction(right)) / Fraction(right)))
    return -np.log10(max(off, 1e-16))


@pytest.mark.parametrize("name", DIGITS)
def test_degrees_of_freedom(name):
    right = certified(name)
    assert (ours(name)["num_df"], ours(name)["den_df"]) == (right["num_df"], right["den_df"])


@pytest.mark.parametrize("name", DIGITS)
def test_digits_of_the_certified_values(name):
    for what in ("f", "residual_squares", "variance", "deviation", "r_squared"):
        assert digits(ours(name)[what], certified(name)[what]) >= DIGITS[name], what


@pytest.mark.parametrize("name", DIGITS)
def test_digits_of_the_stored_data(name):
    for what, right in exact(name).items():
        assert digits(ours(name)[what], right) >= OF_STORED_DATA, what


@pytest.mark.parametrize("name", ["SmLs07", "SmLs08", "SmLs09"])
def test_the_digits_that_lack_are_lacking_in_the_data(name):
    assert digits(float(exact(name)["f"]), certified(name)["f"]) < 5


def test_replicates_as_random_effects_have_the_components_of_the_analysis_of_variance():
    """Instruments as a random term: (mean square between - within) / 5, certified."""
    right = certified("SiRstv")
    between = right["f"] * right["variance"]
    model = fit_mixed_model(data("SiRstv"), "y ~ 1", ["treatment"])
    component = (between - right["variance"]) / 5
    assert model.variance_components["treatment"] == pytest.approx(component, rel=1e-10)
    assert model.variance_components["Residual"] == pytest.approx(right["variance"], rel=1e-11)
    assert model.coefficients()["df"].tolist() == [4.0]
