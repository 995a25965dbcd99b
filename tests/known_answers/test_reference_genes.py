"""Reference genes: geNorm's published rankings and M, and what NormFinder's own script answers.

The data are those of Vandesompele et al. (2002), ten genes in 85 samples of five tissues, as they
come with NormqPCR, whose vignette prints M of bone marrow and the five rankings. NormFinder's
numbers are from the R script of its authors (r.NormOldStab5, version of 5 January 2015), run in
R 4.2.2 on the same data with its rounding to two digits left out.
"""

import json
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from shared_data import shared

from assaykit.assays.qpcr.stability import genorm, genorm_variation, normfinder

TISSUES = ["BM", "POOL", "FIB", "LEU", "NB"]
GENES = ["ACTB", "B2M", "GAPD", "HMBS", "HPRT1", "RPL13A", "SDHA", "TBP", "UBC", "YWHAZ"]
DIGITS = 1e-9


@cache
def expression() -> pd.DataFrame:
    table = pd.read_csv(shared("qpcr", "normqpcr_geNorm.qPCRBatch.csv"), index_col=0)
    return np.log2(table)


@cache
def known() -> dict:
    return json.loads(shared("qpcr", "genorm_expected.json").read_text("utf-8"))


def tissues() -> list[str]:
    return [re.sub(r"[0-9.].*", "", name) for name in expression().index]


def of(tissue: str) -> pd.DataFrame:
    return expression()[[name == tissue for name in tissues()]]


def test_the_names_of_the_samples_tell_their_tissues():
    assert tissues() == known()["tissue"]


@pytest.mark.parametrize("tissue", TISSUES)
def test_genorm_ranks_as_published(tissue):
    table, published = genorm(of(tissue)), known()["published_ranking"][tissue]
    assert set(table["gene"][:2]) == set(published[:2])
    assert table["gene"].tolist()[2:] == published[2:]
    assert table["rank"].tolist() == [1, 1, 3, 4, 5, 6, 7, 8, 9, 10]


def test_m_of_bone_marrow_has_the_digits_of_the_vignette():
    table = genorm(of("BM")).set_index("gene")
    printed = known()["vignette_BM_M_step1"]
    assert table["m"].round(7).to_dict() == pytest.approx(printed, abs=1e-9)
    pair = known()["vignette_BM_last2"]
    assert table["m_at_exclusion"].round(7)[list(pair)].to_dict() == pytest.approx(pair, abs=1e-9)


@pytest.mark.parametrize("tissue", TISSUES)
def test_m_at_every_step(tissue):
    """Each step is geNorm of the genes that are left."""
    left, table = of(tissue), genorm(of(tissue)).set_index("gene")
    for step in known()["recomputed_here"][tissue]["M_steps"]:
        worst = max(step, key=step.get)
        assert table.loc[worst, "m_at_exclusion"] == pytest.approx(step[worst], rel=1e-12)
        if len(step) > 2:
            found = genorm(left[list(step)]).set_index("gene")["m"]
            assert found.to_dict() == pytest.approx(step, rel=1e-12)


@pytest.mark.parametrize("tissue", TISSUES)
def test_every_pairwise_variation(tissue):
    found = genorm_variation(of(tissue))
    names = [f"V{n}/{n + 1}" for n in found["n_genes"]]
    expected = known()["recomputed_here"][tissue]["V"]
    assert dict(zip(names, found["variation"], strict=True)) == pytest.approx(expected, rel=1e-12)


# stability, pooled SD within tissues, twice the largest difference; all 85 samples
OF_FIVE_TISSUES = {
    "stability": [
        1.6982161388, 1.7097712325, 1.2033540661, 1.9227229504, 1.2500860807, 0.4784608700,
        0.7398090897, 1.6524562580, 0.9470561030, 0.7167436395,
    ],
    "intragroup_sd": [
        1.0601367275, 1.2457575812, 0.4825746130, 1.0020803665, 0.5364895149, 0.7334119658,
        0.5650984255, 0.7288786554, 0.4699828906, 0.4807479330,
    ],
    "intergroup_difference": [
        6.8247627219, 4.1750347089, 5.1609493836, 7.9672869294, 5.3335450277, 0.9782687658,
        1.8955790154, 7.2058742202, 3.9683296166, 2.4473656853,
    ],
    "variance_POOL": [
        0.8983705498, 2.8587482307, 0.7670182658, 0.4039072840, 0.7483688682, 0.4657096933,
        0.8204626443, 0.3593756358, 0.2493082218, 0.9579205933,
    ],
    "difference_POOL": [
        3.4123813609, 1.3593569501, 2.5804746918, -3.9836434647, -2.6667725138, 0.4002059394,
        -0.7069135046, -3.6029371101, 1.9841648083, 1.2236828426,
    ],
}  # fmt: skip

# five samples of bone marrow and of leukocytes, where one variance is estimated below zero
OF_TEN_SAMPLES = {
    "stability": [
        1.2142504674, 2.0159833974, 1.4350513801, 1.2039134107, 0.5806166673, 0.4865921403,
        0.5355900074, 0.3669228146, 0.4240732097, 0.5403938622,
    ],
    "intragroup_sd": [
        1.4970047479, 0.6482131769, 0.4235259820, 1.3876368849, 0.6867108231, 0.1759116417,
        0.5928705638, 0.5324070673, 0.3899498269, 0.4012176995,
    ],
    "variance_LEU": [
        4.29377754010, 0.24265924571, 0.25093961111, 3.61282559827, 0.94197838967, 0.02124058889,
        0.38396497659, 0.42879321407, 0.27522145327, 0.30982943744,
    ],
}  # fmt: skip

WITHOUT_GROUPS = {
    "BM": [
        0.7512113831, 0.6541023625, 0.4110154946, 0.5988054987, 0.2238385702, 0.2566121611,
        0.4465959202, 0.4681656961, 0.3348383033, 0.2301525356,
    ],
    "FIB": [
        0.6885591966, 0.9214698561, 0.3151914904, 1.0007114951, 0.2354567471, 0.6398993485,
        0.4492438098, 0.7857296074, 0.3569429446, 0.2098197830,
    ],
    "LEU": [
        1.9733952471, 0.3415324335, 0.3081687602, 1.8903741104, 0.7632908269, 0.4726313207,
        0.6694465623, 0.4756232597, 0.3906941544, 0.4079464265,
    ],
    "NB": [
        0.8251730866, 1.5601807489, 0.4959062991, 0.6111138524, 0.5102936477, 0.9263557834,
        0.4977260274, 0.8425795599, 0.5647969330, 0.4789146129,
    ],
    "POOL": [
        0.9478241133, 1.6907833187, 0.8757957900, 0.6355370045, 0.8650831568, 0.6824292588,
        0.9057939304, 0.5994794707, 0.4993077426, 0.9787341791,
    ],
}  # fmt: skip


@pytest.mark.parametrize("column", OF_FIVE_TISSUES)
def test_normfinder_with_five_groups_as_its_authors_script(column):
    found = normfinder(expression(), tissues()).set_index("gene").loc[GENES, column]
    assert found.tolist() == pytest.approx(OF_FIVE_TISSUES[column], rel=DIGITS)


def ten_samples() -> pd.DataFrame:
    return pd.concat([of("BM").iloc[:5], of("LEU").iloc[:5]])


@pytest.mark.parametrize("column", OF_TEN_SAMPLES)
def test_normfinder_with_a_variance_below_zero_as_its_authors_script(column):
    found = normfinder(ten_samples(), ["BM"] * 5 + ["LEU"] * 5).set_index("gene")
    assert found.loc[GENES, column].tolist() == pytest.approx(OF_TEN_SAMPLES[column], rel=DIGITS)


@pytest.mark.parametrize("tissue", TISSUES)
def test_normfinder_without_groups_as_its_authors_script(tissue):
    found = normfinder(of(tissue)).set_index("gene").loc[GENES, "stability"]
    assert found.tolist() == pytest.approx(WITHOUT_GROUPS[tissue], rel=DIGITS)
