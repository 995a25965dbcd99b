"""Coarse pictures of whole wells, simulated with known truth: rim, crowds, no nuclei."""

import numpy as np
import pytest

from assaykit.images.osteoclasts import find_osteoclasts, summarise_osteoclasts
from assaykit.simulate.osteoclast_pictures import TrapCulture, osteoclast_well


@pytest.fixture(scope="module")
def well():
    culture = TrapCulture(
        osteoclasts=14,
        osteoclast_nuclei=(8, 60),
        mononuclear_per_mm2=120.0,
        kinds=(0.05, 0.15, 0.2, 0.6),
        fibres_per_mm2=0.0,
    )
    picture = osteoclast_well(seed=4, well_diameter_mm=4.0, um_per_px=3.5, culture=culture)
    return picture, *find_osteoclasts(picture.image, picture.um_per_px)


def test_nuclei_are_missing_and_every_row_says_so(well) -> None:
    _, objects, _ = well
    assert objects["nuclei"].isna().all()
    assert objects["nuclei_not_resolved"].all()
    assert objects["flags"].str.contains("nuclei_not_resolved").all()
    numbers = summarise_osteoclasts(objects, objects.attrs["picture"]["analysed_area_um2"])
    assert numbers["nuclei_resolved"] is False
    assert numbers["fusion_index"] is None
    assert numbers["osteoclast_count"] > 0


def test_the_rim_is_masked_and_the_area_is_the_wells(well) -> None:
    picture, objects, labels = well
    facts = objects.attrs["picture"]
    circle = picture.truth.well
    area = np.pi * (circle.radius * picture.um_per_px) ** 2
    assert facts["rim_masked"]
    assert facts["analysed_area_um2"] == pytest.approx(area, rel=0.1)
    y, x = np.nonzero(labels)
    assert np.hypot(x - circle.x, y - circle.y).max() <= circle.radius


def test_osteoclasts_are_told_from_crowds_by_area_and_shape(well) -> None:
    picture, objects, labels = well
    truth = picture.truth.labels
    cells = picture.truth.cells
    large = cells[(cells["class"] == "osteoclast") & (cells["area_um2"] > 3000)]
    found = objects[objects["class"] == "osteoclast"]
    assert abs(len(found) - len(large)) <= 0.25 * len(large)
    hit = 0
    for name in found["label"]:
        own = labels == name
        best = np.bincount(truth[own]).argmax()
        union = (own | (truth == best)).sum()
        hit += best in set(large["label"]) and (own & (truth == best)).sum() >= 0.5 * union
    assert hit >= 0.7 * len(large)
