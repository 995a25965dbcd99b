"""One well in a picture, drawn with known place and size."""

import numpy as np
import pytest

from assaykit.errors import InputError
from assaykit.images.circles import disc, find_well


def well(height, width, x, y, radius, *, inside=200, rim=40, outside=90, seed=0):
    """A well with a dark wall of 6 % of its radius, in noise."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width), float(outside))
    picture[disc(height, width, x, y, 1.06 * radius)] = rim
    picture[disc(height, width, x, y, radius)] = inside
    noisy = picture[:, :, None] + rng.normal(0, 6, (height, width, 3))
    return noisy.clip(0, 255).astype(np.uint8)


def test_a_disc_has_the_area_of_a_circle():
    assert disc(401, 401, 200.0, 200.0, 150.0).sum() == pytest.approx(np.pi * 150**2, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_the_wall_is_found_within_two_percent_of_the_radius(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(500, 900, 2)
    radius = rng.uniform(0.38, 0.47) * min(height, width)
    x, y = width / 2 + rng.uniform(-20, 20), height / 2 + rng.uniform(-20, 20)
    found = find_well(well(height, width, x, y, radius, seed=seed))
    assert found == pytest.approx((x, y, radius), abs=0.02 * radius)


def test_stain_inside_does_not_draw_the_wall_inwards():
    picture = well(600, 600, 300, 300, 250)
    picture[disc(600, 600, 330, 280, 90)] = (150, 60, 70)
    assert find_well(picture) == pytest.approx((300, 300, 250), abs=5)


@pytest.mark.parametrize("kind", ["flat", "noise"])
def test_a_field_without_a_wall_is_refused(kind):
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 20, (400, 500, 3)) if kind == "noise" else 0
    field = (np.full((400, 500, 3), 200.0) + noise).clip(0, 255).astype(np.uint8)
    with pytest.raises(InputError, match="no round wall"):
        find_well(field)
