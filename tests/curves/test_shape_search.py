"""The batched search, on curves whose shape is known exactly."""

import numpy as np
import pytest

from assaykit.curves.curve_models import share_reached
from assaykit.curves.shape_search import CurveTask, search_shapes

X = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])[:, None]


def responses(b, c, low=0.1, high=2.0):
    share, _ = share_reached(np.log(X[1:]), [np.log(b), np.log(c)])
    return low + (high - low) * np.vstack([np.zeros_like(share[:1]), share])


def test_exact_curves_are_found_from_afar():
    b, c = np.array([0.7, 1.0, 2.5]), np.array([3.0, 20.0, 7.0])
    task = CurveTask.of_sigmoids(X, responses(b, c), 2)
    search = search_shapes(task, np.zeros((2, 3)))
    assert search.settled.all()
    assert search.inside.all()
    assert np.exp(search.shapes) == pytest.approx(np.stack([b, c]), rel=1e-9)
    assert search.a == pytest.approx(np.full(3, 0.1), rel=1e-8)
    assert search.d == pytest.approx(np.full(3, 2.0), rel=1e-8)
    assert search.rss == pytest.approx(np.zeros(3), abs=1e-20)


def test_each_curve_is_searched_on_its_own():
    """A hopeless curve among good ones leaves them as they would be alone."""
    good = responses(np.array([1.2]), np.array([9.0])) + 0.01 * np.sin(7 * X)
    hopeless = np.cos(9 * X)
    alone = search_shapes(CurveTask.of_sigmoids(X, good, 2), np.zeros((2, 1)))
    both = search_shapes(CurveTask.of_sigmoids(X, np.hstack([hopeless, good]), 2), np.zeros((2, 2)))
    assert both.shapes[:, 1] == pytest.approx(alone.shapes[:, 0], rel=1e-9)


def test_gradient_vanishes_at_the_end():
    y = responses(np.array([1.2]), np.array([9.0])) + 0.02 * np.sin(7 * X)
    task = CurveTask.of_sigmoids(X, y, 2)
    search = search_shapes(task, np.zeros((2, 1)))
    for shape in range(2):
        for sign in (-1, 1):
            moved = search.shapes.copy()
            moved[shape] += sign * 1e-4
            assert task.profile(moved).rss[0] > search.rss[0]
    assert np.abs(task.profile(search.shapes).gradient).max() < 1e-11


def test_weights_move_the_curve_towards_heavy_points():
    y = responses(np.array([1.2]), np.array([9.0])) + 0.05 * np.sin(7 * X)
    plain = CurveTask.of_sigmoids(X, y, 2)
    heavy = np.ones_like(y)
    heavy[3] = 100.0
    weighted = CurveTask(plain.log_x, y, heavy, plain.low, plain.high)
    distances = [
        abs(task.fitted(search_shapes(task, np.zeros((2, 1))))[3, 0] - y[3, 0])
        for task in (plain, weighted)
    ]
    assert distances[1] < distances[0] / 100


def test_a_straight_line_drives_c_far_beyond_the_points():
    task = CurveTask.of_sigmoids(X, 0.1 + X, 2)
    search = search_shapes(task, np.zeros((2, 1)))
    assert search.shapes[1, 0] > np.log(100 * 64)


def test_plateaus_are_the_least_squares_answer_for_given_shapes():
    y = responses(np.array([1.2]), np.array([9.0])) + 0.05 * np.sin(7 * X)
    task = CurveTask.of_sigmoids(X, y, 2)
    shapes = np.log([[1.0], [5.0]])
    share, _ = share_reached(task.log_x, list(shapes))
    design = np.hstack([1.0 - share, share])
    plateaus, rss, *_ = np.linalg.lstsq(design, y[:, 0], rcond=None)
    profile = task.profile(shapes)
    assert [profile.a[0], profile.d[0]] == pytest.approx(plateaus.tolist(), rel=1e-10)
    assert profile.rss[0] == pytest.approx(rss[0], rel=1e-10)


def test_some_curves_of_a_task_may_be_taken_repeatedly():
    y = responses(np.array([1.0, 2.0]), np.array([5.0, 9.0]))
    part = CurveTask.of_sigmoids(X, y, 2).of(np.array([1, 1, 0]))
    assert part.response.shape == (8, 3)
    assert (part.response[:, 0] == y[:, 1]).all()


def test_the_best_of_several_starts_is_kept():
    y = responses(np.array([1.0, 2.0]), np.array([5.0, 9.0])) + 0.02 * np.cos(5 * X)
    task = CurveTask.of_sigmoids(X, y, 2)
    starts = np.log([[0.01, 0.01, 1.0, 1.0], [1e-3, 1e-3, 5.0, 5.0]])
    search = search_shapes(task.of(np.array([0, 1, 0, 1])), starts)
    best = search.best_of(2)
    assert best.rss.tolist() == np.minimum(search.rss[:2], search.rss[2:]).tolist()
