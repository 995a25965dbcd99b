import numpy as np
import pytest
from dense_mixed_model import random_design

from assaykit.stats.layout import lay_out


def squares(layout, kernels=()):
    """X'X, X'y and y'y, summed over the blocks with kernels between, and outside of them."""
    data = np.concatenate([layout.x, layout.y[..., None]], axis=2)
    inside = data
    for kernel in kernels:
        inside = kernel @ inside
    outside = np.column_stack([layout.outside_x, layout.outside_y])
    total = np.einsum("brp,brq->pq", data, inside)
    return total if kernels else total + outside.T @ outside


@pytest.mark.parametrize("seed", range(6))
def test_no_sum_of_squares_or_products_is_lost(seed):
    design = random_design(seed)
    layout = lay_out(design.y, design.x, design.groups)
    data = np.column_stack([design.x, design.y])
    assert squares(layout) == pytest.approx(data.T @ data, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_kernels_act_as_the_random_terms_do(seed):
    design = random_design(seed)
    layout = lay_out(design.y, design.x, design.groups)
    data = np.column_stack([design.x, design.y])
    for kernel, wanted in zip(layout.kernels, design.derivatives, strict=False):
        assert squares(layout, [kernel]) == pytest.approx(data.T @ wanted @ data, abs=1e-9)
        twice = squares(layout, [kernel, kernel])
        assert twice == pytest.approx(data.T @ wanted @ wanted @ data, abs=1e-7)


def test_levels_that_never_meet_are_blocks_of_their_own():
    rep = np.repeat(np.arange(4), 6)
    cell = np.repeat(np.arange(12), 2)
    layout = lay_out(np.arange(24.0), np.ones((24, 1)), [rep, cell])
    blocks, rank, levels = layout.basis.shape
    assert (blocks, rank, levels) == (4, 3, 4)
    assert layout.outside_df == 24 - 12
    assert sorted(np.unique(layout.places[:4, 0])) == [0, 1, 2, 3]
    assert layout.terms.tolist() == [0] * 4 + [1] * 12


def test_crossed_levels_are_one_block():
    rows, columns = np.divmod(np.arange(12), 4)
    layout = lay_out(np.arange(12.0), np.ones((12, 1)), [rows, columns])
    assert layout.basis.shape == (1, 3 + 4 - 1, 3 + 4)


def test_blocks_of_different_rank_are_filled_up():
    """A replicate with one arm beside one with three: what it lacks does not count."""
    rep = np.array([0, 0, 1, 1, 1, 1, 1, 1])
    cell = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    y = np.array([1.0, 2, 4, 3, 7, 5, 6, 9])
    layout = lay_out(y, np.ones((8, 1)), [rep, cell])
    assert layout.basis.shape[:2] == (2, 3)
    assert np.count_nonzero(layout.basis.any(axis=2)) == 4
    assert layout.outside_df == 8 - 2 * 3


def test_without_random_terms_everything_is_outside():
    x = np.column_stack([np.ones(5), np.arange(5.0)])
    y = np.array([1.0, 3, 2, 5, 4])
    layout = lay_out(y, x, [])
    assert layout.x.shape == (0, 0, 2)
    assert layout.outside_df == layout.n == 5
    assert squares(layout) == pytest.approx(np.column_stack([x, y]).T @ np.column_stack([x, y]))


def test_ten_thousand_rows_stay_small():
    rep = np.repeat(np.arange(500), 20)
    cell = np.repeat(np.arange(2000), 5)
    layout = lay_out(np.arange(10_000.0), np.ones((10_000, 1)), [rep, cell])
    assert layout.kernels.shape == (2, 500, 4, 4)
    assert layout.outside_x.shape == (2, 1)
