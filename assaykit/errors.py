"""Every error that assaykit raises on purpose, and the problems that they list.

::

    AssaykitError
    ├── UsageError            (ValueError)  wrong command or argument         exit code 2
    ├── InputError            (ValueError)  a file says something impossible  exit code 3
    │   ├── UnreadableFileError             it cannot be opened at all
    │   └── DesignError                     arms, levels or replicates do not fit
    ├── CurveError            (ValueError)  a standard curve cannot be fitted
    ├── NothingToAnalyseError (ValueError)  valid input, but no usable number  exit code 4
    └── OutputError           (OSError)     a result cannot be written

An :class:`InputError` carries *all* problems found, not the first one. Each
:class:`Problem` says where it is (file, sheet, cell, well), what was found, what was
expected and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in an input, in the words of the person at the bench.

    Parameters
    ----------
    code
        A short stable name of the kind of problem, such as ``unknown_level``.
    message
        What was found and what was expected, as one sentence.
    file, sheet, cell, well
        Where; empty where it does not apply. ``cell`` is written ``C5``.
    remedy
        What to do about it.
    severity
        ``error`` stops the analysis, ``warning`` is only reported.

    Examples
    --------
    >>> print(Problem("unknown_role", "found 'sampel', expected a role", "p.xlsx", "Plate", "C5",
    ...               well="A2", remedy="Did you mean 'sample'?"))
    p.xlsx, Plate!C5 (well A2): found 'sampel', expected a role. Did you mean 'sample'?
    """

    code: str
    message: str
    file: str = ""
    sheet: str = ""
    cell: str = ""
    well: str = ""
    remedy: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """Where the problem is, such as ``p.xlsx, Plate!C5 (well A2)``."""
        inside = (
            f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell
        )
        place = ", ".join(part for part in (self.file, inside) if part)
        if self.well:
            place = f"{place} (well {self.well})" if place else f"well {self.well}"
        return place

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        if not self.remedy:
            return text
        return (
            f"{text} {self.remedy}" if text.endswith((".", "?", "!")) else f"{text}. {self.remedy}"
        )

    def in_file(self, file: str) -> Problem:
        """The same problem with its file named."""
        return replace(self, file=file)


class AssaykitError(Exception):
    """The root of all errors that assaykit raises on purpose."""


class UsageError(AssaykitError, ValueError):
    """A command or function was called with arguments that do not fit together."""


class InputError(AssaykitError, ValueError):
    """An input says something that cannot be right; lists every problem at once.

    Parameters
    ----------
    problems
        What is wrong. A plain string becomes a problem without a place.

    Examples
    --------
    >>> try:
    ...     raise InputError([Problem("no_reading", "no number", well="B2")])
    ... except ValueError as error:
    ...     print(error)
    well B2: no number
    """

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        listed = [Problem("invalid", problems)] if isinstance(problems, str) else list(problems)
        self.problems: tuple[Problem, ...] = tuple(listed)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class UnreadableFileError(InputError):
    """A file cannot be opened as what it should be (truncated, protected, another format)."""


class DesignError(InputError):
    """Factors, levels, arms or biological replicates do not fit together."""


class CurveError(AssaykitError, ValueError):
    """A standard curve cannot be fitted; the message says which parameter and why."""


class NothingToAnalyseError(AssaykitError, ValueError):
    """The input is valid but holds no number that could be analysed."""


class OutputError(AssaykitError, OSError):
    """A result cannot be written; nothing that stood there before was harmed."""
