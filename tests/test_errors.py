import pickle

import pytest

from assaykit import errors
from assaykit.errors import InputError, Problem


def test_a_problem_says_where_what_and_what_to_do():
    problem = Problem("unknown_role", "found 'sampel', expected a role", "p.xlsx", "Plate", "C5",
                      well="A2", remedy="Did you mean 'sample'?")  # fmt: skip
    assert str(problem) == (
        "p.xlsx, Plate!C5 (well A2): found 'sampel', expected a role. Did you mean 'sample'?"
    )


@pytest.mark.parametrize(
    ("problem", "place"),
    [
        (Problem("x", "m"), ""),
        (Problem("x", "m", file="p.xlsx"), "p.xlsx"),
        (Problem("x", "m", sheet="Design"), "Design"),
        (Problem("x", "m", well="B2"), "well B2"),
        (Problem("x", "m", file="p.csv", cell="line 3"), "p.csv, line 3"),
    ],
)
def test_a_place_names_what_is_known(problem, place):
    assert problem.place == place


def test_an_input_error_lists_all_problems():
    error = InputError([Problem("a", "first"), Problem("b", "second", well="A1")])
    assert str(error).splitlines() == ["first", "well A1: second"]
    assert error.problems[0].in_file("f.xlsx").file == "f.xlsx"


def test_an_input_error_survives_pickling_between_processes():
    error = pickle.loads(pickle.dumps(errors.DesignError([Problem("a", "first", cell="C5")])))
    assert type(error) is errors.DesignError
    assert error.problems[0].cell == "C5"


def test_every_error_is_also_the_nearest_builtin():
    assert issubclass(errors.InputError, ValueError)
    assert issubclass(errors.CurveError, ValueError)
    assert issubclass(errors.UsageError, ValueError)
    assert issubclass(errors.OutputError, OSError)


def test_the_tree_in_the_docstring_is_complete():
    made = [name for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, Exception)]  # fmt: skip
    assert all(name in (errors.__doc__ or "") for name in made)
