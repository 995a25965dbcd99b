"""Values of two endpoints find each other by sample, else by replicate and arm."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from assaykit.design import Design, Factor
from assaykit.stats.paired_endpoints import agreement_table, endpoint_pairs

REPLICATES, ARMS = ("M1", "M2", "M3"), ("control", "vesicle")
DESIGN = Design((Factor("treatment", ARMS, "control"),))
PAIRS = {"alizarin": (("area", "dye"), ("dye", "other"))}


def observed(endpoint, values, *, samples=True, unit="", scale="linear", wells=1):
    rows = [
        {
            "assay": "alizarin", "analyte": "Alizarin red", "endpoint": endpoint, "role": "sample",
            "biological_replicate": replicate, "treatment": arm, "excluded": False,
            "sample": f"{replicate} {arm}" if samples else "", "value": value, "unit": unit,
            "scale": scale,
        }
        for (replicate, arm), value in zip(product(REPLICATES, ARMS), values, strict=True)
        for _ in range(wells)
    ]  # fmt: skip
    return pd.DataFrame(rows)


AREA, DYE = np.array([0.3, 0.1, 0.35, 0.2, 0.4, 0.15]), np.array([30, 9, 33, 22, 41, 14.0])


def test_pairs_are_those_of_the_same_sample_whatever_the_order_and_the_wells():
    dye = observed("dye", DYE, unit="µM", wells=2).sample(frac=1, random_state=3)
    found = endpoint_pairs(pd.concat([observed("area", AREA), dye]), DESIGN, PAIRS)
    assert found["first"].tolist() == AREA.tolist()
    assert found["second"].tolist() == pytest.approx(DYE.tolist())
    assert set(found["scale"]) == {"standardised"}
    assert found.loc[1, ["biological_replicate", "arm", "sample"]].tolist() == [
        "M1", "vesicle", "M1 vesicle",
    ]  # fmt: skip


def test_without_common_samples_replicate_and_arm_find_each_other():
    dye = observed("dye", DYE, samples=False, unit="")
    found = endpoint_pairs(pd.concat([observed("area", AREA), dye]), DESIGN, PAIRS)
    assert len(found) == 6
    assert set(found["sample"]) == {""}
    assert set(found["scale"]) == {"linear"}


def test_wells_on_a_log_scale_have_a_geometric_mean():
    dye = observed("dye", DYE, scale="log", wells=2)
    dye["value"] *= np.tile([0.5, 2.0], 6)
    found = endpoint_pairs(pd.concat([observed("area", AREA), dye]), DESIGN, PAIRS)
    assert found["second"].tolist() == pytest.approx(DYE.tolist())


def test_what_is_excluded_or_missing_is_in_no_pair():
    area = observed("area", AREA)
    area.loc[0, "excluded"] = True
    area.loc[1, "value"] = np.nan
    found = endpoint_pairs(pd.concat([area, observed("dye", DYE)]), DESIGN, PAIRS)
    assert len(found) == 4


def test_one_endpoint_alone_has_no_pairs_and_no_table():
    found = endpoint_pairs(observed("area", AREA), DESIGN, PAIRS)
    assert found.empty
    assert agreement_table(found).empty


def test_the_table_says_how_the_two_agree():
    both = pd.concat([observed("area", AREA), observed("dye", DYE, unit="µM")])
    table = agreement_table(endpoint_pairs(both, DESIGN, PAIRS)).set_index("statistic")
    expected = np.corrcoef(AREA, DYE)[0, 1]
    assert table.loc["Pearson correlation", "estimate"] == pytest.approx(expected)
    assert table.loc["Pearson correlation", ["first_name", "second_name"]].tolist() == [
        "area", "dye",
    ]  # fmt: skip
    assert {"lower 95 % limit of agreement", "upper 95 % limit of agreement"} <= set(table.index)
