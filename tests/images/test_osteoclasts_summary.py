"""The numbers of a picture from a table written by hand, worked out by hand."""

import pandas as pd
import pytest

from assaykit.errors import UsageError
from assaykit.images.osteoclasts import OsteoclastParameters, summarise_osteoclasts


def table(rows: list[tuple[str, int | None, float, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["class", "nuclei", "area_um2", "counted"])
    frame["nuclei"] = frame["nuclei"].astype("Int64")
    return frame.assign(mean_od=0.3, nuclei_not_resolved=False, out_of_focus=False)


OBJECTS = table(
    [
        ("osteoclast", 4, 1000.0, True),
        ("osteoclast", 20, 5000.0, True),
        ("osteoclast", 9, 3000.0, False),
        ("mononuclear", 1, 100.0, True),
        ("mononuclear", 2, 200.0, True),
        ("mononuclear", 1, 150.0, False),
        ("debris", None, 20.0, True),
        ("ghost", None, 900.0, True),
    ]
)


def test_every_number_follows_the_counting_frame() -> None:
    numbers = summarise_osteoclasts(OBJECTS, 500_000.0)
    assert numbers["osteoclast_count"] == 2
    assert numbers["osteoclasts_per_mm2"] == pytest.approx(4.0)
    assert numbers["mononuclear_count"] == 2
    assert numbers["nuclei_per_osteoclast_mean"] == pytest.approx(12.0)
    assert numbers["nuclei_per_osteoclast_median"] == pytest.approx(12.0)
    assert numbers["fusion_index"] == pytest.approx(24 / 27)
    assert (numbers["size_3_15_count"], numbers["size_over_15_count"]) == (1, 1)
    assert numbers["osteoclast_area_fraction"] == pytest.approx(9000 / 500_000)
    assert numbers["mean_osteoclast_area_um2"] == pytest.approx(3000.0)
    assert numbers["mean_mononuclear_area_um2"] == pytest.approx(150.0)
    assert numbers["nuclei_resolved"] is True
    assert "left or upper edge" in numbers["border_rule"]


def test_the_limit_between_the_size_classes_is_a_parameter() -> None:
    numbers = summarise_osteoclasts(OBJECTS, 500_000.0, OsteoclastParameters(large_nuclei=3))
    assert (numbers["size_3_15_count"], numbers["size_over_15_count"]) == (0, 2)


def test_out_of_focus_is_passed_on_so_that_a_zero_is_not_silent() -> None:
    blurred = OBJECTS[:0].copy()
    blurred.attrs["picture"] = {"nuclei_resolved": False, "out_of_focus": True}
    numbers = summarise_osteoclasts(blurred, 1000.0)
    assert numbers["osteoclast_count"] == 0
    assert numbers["out_of_focus"] is True


@pytest.mark.parametrize("area", [0.0, -1.0, float("nan")])
def test_no_area_is_an_error(area: float) -> None:
    with pytest.raises(UsageError, match="analysed area"):
        summarise_osteoclasts(OBJECTS, area)
