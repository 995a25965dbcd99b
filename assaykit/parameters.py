"""An assay's parameters: one frozen dataclass each, and one source of words about them.

The description, unit, choices and source of a field feed ``--help``, the template's cell
comments and the methods text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from assaykit.errors import InputError, Problem
from assaykit.values import match_key, normalise, parse_value, suggestion

P = TypeVar("P")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """What is said about one parameter wherever it is shown."""

    name: str
    default: object
    meaning: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    source: str = ""


def parameter(
    default: object,
    meaning: str,
    *,
    unit: str = "",
    choices: tuple[str, ...] = (),
    source: str = "",
) -> Any:
    """A dataclass field with its meaning, unit, choices and source.

    A numeric field whose default is None may stay empty.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Parameters:
    ...     wavelength: float = parameter(450.0, "measuring wavelength", unit="nm")
    >>> describe(Parameters)[0].unit
    'nm'
    """
    words = {"meaning": meaning, "unit": unit, "choices": choices, "source": source}
    return dataclasses.field(default=default, metadata=words)


def describe(parameters: type[Any]) -> tuple[Parameter, ...]:
    """The parameters of a dataclass made with :func:`parameter`, in their order."""
    return tuple(
        Parameter(field.name, field.default, **field.metadata)
        for field in dataclasses.fields(parameters)
    )


def from_text(parameters: type[P], given: Mapping[str, object]) -> P:
    """An assay's parameters from what a person wrote; what is empty keeps its default.

    Raises
    ------
    InputError
        As for :func:`parse_parameters`.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Parameters:
    ...     model: str = parameter("4pl", "curve", choices=("4pl", "linear"))
    ...     extrapolate: bool = parameter(False, "give numbers beyond the standards")
    >>> from_text(Parameters, {"model": "Linear", "extrapolate": "yes"})
    Parameters(model='linear', extrapolate=True)
    """
    return parameters(**parse_parameters(parameters, given))


def parse_parameters(parameters: type[Any], given: Mapping[str, object]) -> dict[str, object]:
    """The values of those parameters that a person has written.

    Raises
    ------
    InputError
        Unknown names, unknown choices, text where a number belongs: all at once.
    """
    known = {item.name: item for item in describe(parameters)}
    chosen: dict[str, object] = {}
    problems: list[Problem] = []
    for name, raw in given.items():
        if name not in known:
            problems.append(
                Problem("unknown_setting", f"'{name}' is not a setting",
                        remedy=suggestion(name, known))
            )  # fmt: skip
            continue
        if raw is None or normalise(str(raw)) == "":
            continue
        try:
            chosen[name] = parse_parameter(known[name], raw)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return chosen


def parse_parameter(item: Parameter, raw: object) -> object:
    """The value of one parameter from what a person wrote.

    Raises
    ------
    InputError
        Not one of the choices, not yes or no, or not a number.

    Examples
    --------
    >>> parse_parameter(Parameter("volume", None, "volume", unit="µL"), "２００")
    200.0
    """
    text = normalise(str(raw))
    if item.choices:
        return _choice(item, text, item.choices)
    if isinstance(item.default, bool):
        return text in ("True", "TRUE") or (
            text not in ("False", "FALSE") and _choice(item, text, ("yes", "no")) == "yes"
        )
    if isinstance(item.default, str):
        return " ".join(str(raw).split())
    value = parse_value(raw)
    if value.flag:
        raise InputError(
            [Problem("not_a_number", f"{item.name}: found '{text}', expected a number")]
        )
    return value.number


def _choice(item: Parameter, text: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if match_key(choice) == match_key(text):
            return choice
    message = f"{item.name}: found '{text}', expected one of {', '.join(choices)}"
    raise InputError([Problem("unknown_choice", message, remedy=suggestion(text, choices))])


def as_words(parameters: object) -> dict[str, str]:
    """Each parameter's value with its unit, in words, for records and sheets.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Parameters:
    ...     wavelength: float = parameter(450.0, "measuring wavelength", unit="nm")
    >>> as_words(Parameters())
    {'wavelength': '450 nm'}
    """
    words = {}
    for item in describe(type(parameters)):
        value = getattr(parameters, item.name)
        text = text_of(value)
        words[item.name] = f"{text} {item.unit}".strip() if text else ""
    return words


def text_of(value: object) -> str:
    """A parameter's value as a person would write it into a cell.

    Examples
    --------
    >>> text_of(True), text_of(None), text_of(450.0)
    ('yes', '', '450')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
