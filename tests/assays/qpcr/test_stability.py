"""geNorm and NormFinder: exactly known variances come back, and nothing else matters."""

import numpy as np
import pandas as pd
import pytest

from assaykit.assays.qpcr.stability import (
    genorm,
    genorm_variation,
    normfinder,
    recommended_number,
)
from assaykit.errors import InputError, UsageError

GENES = ["TBP", "GAPDH", "ACTB", "HPRT1"]
SDS = np.array([0.1, 0.2, 0.6, 0.3])


def exact(sds=SDS, samples=12, genes=GENES, start=0):
    """Genes whose standard deviations over the samples are exact, without any correlation."""
    noise = np.random.default_rng(7).normal(size=(samples, len(sds)))
    turned, _ = np.linalg.qr(np.column_stack([np.ones(samples), noise]))
    values = turned[:, 1:] * np.asarray(sds) * np.sqrt(samples - 1)
    return pd.DataFrame(values, columns=genes, index=[f"s{start + i}" for i in range(samples)])


def by_gene(table):
    return table.set_index("gene")


def test_m_is_the_mean_sd_of_the_ratios_to_all_others():
    m = by_gene(genorm(exact()))["m"]
    ratios = np.sqrt(SDS[1] ** 2 + np.delete(SDS, 1) ** 2)
    assert m["GAPDH"] == pytest.approx(ratios.mean(), rel=1e-12)


def test_the_worst_gene_leaves_first_and_the_last_two_share_their_rank():
    table = genorm(exact())
    assert table["gene"].tolist() == ["GAPDH", "TBP", "HPRT1", "ACTB"]
    assert table["rank"].tolist() == [1, 1, 3, 4]
    pair = np.sqrt(SDS[0] ** 2 + SDS[1] ** 2)
    assert table["m_at_exclusion"].tolist()[:2] == pytest.approx([pair, pair], rel=1e-12)
    assert table["m_at_exclusion"].iloc[-1] == table["m"].iloc[-1]


def test_variation_is_the_sd_between_factors_of_n_and_n_plus_1_genes():
    variation = genorm_variation(exact())
    assert variation["n_genes"].tolist() == [2, 3]
    best, fourth = SDS[[0, 1, 3]], SDS[2]
    of_last = np.sqrt(np.sum(best**2) * (1 / 3 - 1 / 4) ** 2 + fourth**2 / 16)
    assert variation["variation"].iloc[-1] == pytest.approx(of_last, rel=1e-12)


def test_variation_along_another_ranking_of_some_of_the_genes():
    some = genorm_variation(exact(), ["ACTB", "TBP", "HPRT1"])
    expected = np.sqrt((SDS[2] ** 2 + SDS[0] ** 2) / 36 + SDS[3] ** 2 / 9)
    assert some["variation"].tolist() == pytest.approx([expected], rel=1e-12)


@pytest.mark.parametrize(("limit", "number"), [(0.5, 2), (0.16, 3), (0.001, 4)])
def test_the_recommended_number_tells_when_no_variation_is_small_enough(limit, number):
    variation = pd.DataFrame({"n_genes": [2, 3], "variation": [0.2, 0.15]})
    assert recommended_number(variation, limit) == number
    assert (number > variation["n_genes"].max()) == (limit == 0.001)


def test_the_limit_itself_is_not_below_the_limit():
    variation = pd.DataFrame({"n_genes": [2, 3], "variation": [0.15, 0.1]})
    assert recommended_number(variation) == 3


def test_normfinder_without_groups_gives_the_sd_of_each_gene():
    table = by_gene(normfinder(exact()))
    assert table["stability"][GENES].tolist() == pytest.approx(SDS.tolist(), rel=1e-9)
    assert table["rank"][GENES].tolist() == [1, 2, 4, 3]
    assert list(table.columns) == ["stability", "rank"]


def two_groups(sds=SDS):
    """Two groups of 12 and 8; the genes' differences add up to zero."""
    shift = np.array([0.0, 0.1, -0.4, 0.3])
    first, second = exact(sds), exact(2 * np.asarray(sds), samples=8, start=12)
    table = pd.concat([first + shift, second - shift])
    return table, ["control"] * 12 + ["vesicle"] * 8, shift


def test_normfinder_with_groups_gives_variances_and_differences():
    table, groups, shift = two_groups()
    found = by_gene(normfinder(table, groups)).loc[GENES]
    close = {"rel": 1e-9, "abs": 1e-12}
    assert found["variance_control"].tolist() == pytest.approx((SDS**2).tolist(), **close)
    assert found["variance_vesicle"].tolist() == pytest.approx((4 * SDS**2).tolist(), **close)
    assert found["difference_control"].tolist() == pytest.approx(shift.tolist(), **close)
    assert found["difference_vesicle"].tolist() == pytest.approx((-shift).tolist(), **close)
    largest = (2 * np.abs(shift)).tolist()
    assert found["intergroup_difference"].tolist() == pytest.approx(largest, **close)
    pooled = np.sqrt((11 * SDS**2 + 7 * 4 * SDS**2) / 18)
    assert found["intragroup_sd"].tolist() == pytest.approx(pooled.tolist(), **close)


def test_stability_is_the_shrunk_difference_and_its_error_averaged_over_groups():
    table, groups, shift = two_groups()
    error = np.column_stack([SDS**2 / 12, 4 * SDS**2 / 8])
    between = 2 * np.sum(shift**2) / 3 - error.mean()
    expected = []
    for own, errors in zip(shift, error, strict=True):
        parts = [
            abs(own) * between / (between + e) + np.sqrt(e + between * e / (between + e))
            for e in errors
        ]
        expected.append(np.mean(parts))
    found = by_gene(normfinder(table, groups)).loc[GENES, "stability"]
    assert found.tolist() == pytest.approx(expected, rel=1e-9)


def test_where_groups_differ_less_than_expected_nothing_is_left_of_the_differences():
    first, second = exact(), exact(samples=12, start=12)
    found = by_gene(normfinder(pd.concat([first, second]), ["a"] * 12 + ["b"] * 12))
    assert found["stability"][GENES].tolist() == pytest.approx((SDS / np.sqrt(12)).tolist())


def test_a_variance_below_zero_becomes_a_quarter_of_the_smallest_ratio_variance():
    rng = np.random.default_rng(2)
    common = rng.normal(size=8)
    table = pd.DataFrame({
        "A": common + 0.3 * rng.normal(size=8), "B": common + 0.1 * rng.normal(size=8),
        "C": -common, "D": 0.05 * rng.normal(size=8),
    })  # fmt: skip
    found = by_gene(normfinder(table))["stability"]
    smallest = min((table["D"] - table[other]).var() for other in "ABC")
    assert found["D"] == pytest.approx(np.sqrt(smallest / 4), rel=1e-12)


def measures(table):
    groups = pd.Series(["a", "b"] * (len(table) // 2), index=[f"s{i}" for i in range(len(table))])
    return [genorm(table), genorm_variation(table), normfinder(table), normfinder(table, groups)]


CHANGES = {
    "the amount of RNA": lambda table: table.add(np.arange(len(table)) / 3, axis=0),
    "the level of a gene": lambda table: table.add([3.0, -20.0, 0.0, 7.0], axis=1),
    "the sign, as of Cq": lambda table: -table,
    "the order of the genes": lambda table: table[sorted(table)],
    "the order of the samples": lambda table: table.iloc[::-1],
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_measure_of_stability_depends_on(change):
    changed = CHANGES[change](exact())
    for before, after in zip(measures(exact()), measures(changed), strict=True):
        unsigned = [name for name in before if not name.startswith("difference_")]
        pd.testing.assert_frame_equal(before[unsigned], after[unsigned], rtol=1e-9)


@pytest.mark.parametrize("order", [["A", "B", "C", "D"], ["D", "B", "A", "C"]])
def test_ties_are_broken_by_the_alphabet_whatever_the_order(order):
    table = exact([0.2, 0.2, 0.2, 0.2], genes=["A", "B", "C", "D"])[order]
    assert genorm(table)["gene"].tolist() == ["A", "B", "C", "D"]
    found = normfinder(table)
    assert found["gene"].tolist() == ["A", "B", "C", "D"]
    assert found["rank"].tolist() == [1, 1, 1, 1]


def test_groups_are_matched_by_the_names_of_the_samples():
    table, groups, _ = two_groups()
    named = pd.Series(groups, index=table.index).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(normfinder(table, named), normfinder(table, groups))


def test_parallel_genes_are_perfectly_stable():
    table = pd.DataFrame({"A": [1.0, 2, 4, 3], "B": [2.0, 3, 5, 4], "C": [0.0, 1, 3, 2]})
    assert normfinder(table, list("aabb"))["stability"].tolist() == pytest.approx([0, 0, 0])
    assert genorm(table)["m"].tolist() == [0, 0, 0]


def problems_of(function, *arguments):
    with pytest.raises(InputError) as caught:
        function(*arguments)
    return {problem.code: problem for problem in caught.value.problems}


def test_every_problem_of_a_table_is_told_at_once():
    table = exact().astype(object)
    table["RPL13A"] = 1.0
    table.loc["s3", "ACTB"] = np.nan
    table.loc["s5", "ACTB"] = "Undetermined"
    table.columns = ["TBP", "TBP", *table.columns[2:]]
    table = table.rename(index={"s1": "s0"})
    found = problems_of(normfinder, table, ["a"] * 10 + ["b", ""])
    assert set(found) == {
        "gene_twice", "sample_twice", "missing_expression", "constant_gene", "no_group",
        "small_group",
    }  # fmt: skip
    assert "ACTB has no number in the samples s3, s5" in str(found["missing_expression"])
    assert "undetermined (policy" in found["missing_expression"].remedy
    assert "RPL13A" in found["constant_gene"].message
    assert found["small_group"].message.endswith(": b")
    assert found["no_group"].message.endswith(": s11")


@pytest.mark.parametrize("function", [genorm, genorm_variation, normfinder])
def test_few_genes_and_samples_are_refused(function):
    table = pd.DataFrame({"A": [1.0, 2.0], "B": [2.0, 2.5]})
    assert set(problems_of(function, table)) == {"few_genes", "few_samples"}
    assert set(problems_of(function, pd.DataFrame())) == {"few_genes", "few_samples"}


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        (["a"] * 12, "one_group"),
        (["a"] * 5, "groups_do_not_fit"),
        (pd.Series(["a"] * 12, index=["s1"] * 12), "groups_do_not_fit"),
        (pd.Series(["a"] * 12), "no_group"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, code):
    assert set(problems_of(normfinder, exact(), groups)) == {code}


@pytest.mark.parametrize("ranking", [["TBP", "ACTB"], ["TBP", "ACTB", "TBP"], ["TBP", "ACTB", "X"]])
def test_rankings_that_do_not_fit_are_refused(ranking):
    with pytest.raises(UsageError, match="ranking"):
        genorm_variation(exact(), ranking)


def test_a_limit_that_is_no_limit_is_refused():
    with pytest.raises(UsageError, match="limit"):
        recommended_number(genorm_variation(exact()), 0.0)
