"""What a template consists of: one declaration serves writing it and reading it back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assaykit.design import Design
from assaykit.errors import Problem
from assaykit.tables import Kind
from assaykit.values import match_key

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE_VERSION = "1"

REPLICATE = "biological_replicate"
COMPARED_ROLES = ("sample", "calibrator")
"""Roles of wells that hold a sample of which the experiment wants to know something."""


@dataclass(frozen=True)
class Variable:
    """One thing that can be said of each well: a block on Plate, a column in Wells.

    Parameters
    ----------
    name
        Column name in the wells table.
    kind
        ``text``, ``number``, ``count`` or ``yes_no``.
    meaning, unit
        Words for the cell comment and the instructions.
    choices
        What may stand there; empty for free text and numbers.
    on_plate
        Whether the blank template offers a block for it on Plate (every variable has a
        column in Wells, and a block may be added by hand).
    also
        Other names that its block or column may have, such as ``Sample Type``.
    words
        What other programs write for a choice, and the choice: ``("unkn", "sample")``.
    least, most
        Bounds of a number; None: there is none.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    on_plate: bool = True
    also: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class ListSheet:
    """A sheet with one row for each name that the wells use, such as one row per sample.

    What it says of a name is said of every well that has the name.

    Parameters
    ----------
    name
        Name of the sheet, one word.
    key
        The variable that names the rows, and that the wells name them by.
    variables
        Its columns; the key need not be among them.
    with_factors
        Whether it has a column for each factor and block of the Design sheet; Plate and Wells then
        offer none. Of such a sheet only wells in :data:`COMPARED_ROLES` need a row.
    meaning
        What it holds, in one sentence.
    examples
        Rows for the Example sheet: the cells of the first columns.
    """

    name: str
    key: str
    variables: tuple[Variable, ...]
    with_factors: bool = False
    meaning: str = ""
    examples: tuple[tuple[str | float, ...], ...] = ()

    @property
    def columns(self) -> tuple[Variable, ...]:
        """Its variables: the key, the biological replicate if it has one, the others."""
        own = {variable.name: variable for variable in self.variables}
        key = own.pop(self.key, Variable(self.key, "text", f"name of the {self.key}"))
        replicate = [own.pop(REPLICATE)] if REPLICATE in own else []
        return (key, *replicate, *own.values())

    @property
    def words(self) -> str:
        """What the sheet holds, as a sentence."""
        text = (self.meaning or f"one row for each {self.key}").rstrip(".")
        return f"{text[:1].upper()}{text[1:]}."

    def arranged(self, design: Sequence[Variable]) -> tuple[Variable, ...]:
        """Its columns with the factors and blocks of a design.

        They come after the key and the biological replicate. A block that is called like one of
        its own columns is that column.

        Examples
        --------
        >>> samples = ListSheet("Samples", "sample", (Variable("batch", "text", "which lot"),))
        >>> [v.name for v in samples.arranged([Variable("treatment", "text", "a factor")])]
        ['sample', 'treatment', 'batch']
        """
        others = {variable.name for variable in design}
        own = [variable for variable in self.columns if variable.name not in others]
        after = 2 if [variable.name for variable in own[1:2]] == [REPLICATE] else 1
        return (*own[:after], *design, *own[after:])

    def needs_row(self, role: str) -> bool:
        """Whether a well of that role must name a row."""
        return role in COMPARED_ROLES if self.with_factors else role != "empty"


@dataclass(frozen=True)
class TemplateSpec:
    """The template of one assay.

    Parameters
    ----------
    assay
        Name of the assay, as in the command.
    title, title_ja
        Heading of the Instructions sheet in English and in Japanese.
    variables
        What can be said of each well, beside the factors and blocks of the Design sheet.
    channels
        Names of the readings that the blank template offers, such as ``od_450``.
    channel_pattern
        Regular expression of all names of readings that are accepted.
    channel_unit
        Unit of the readings.
    parameters
        The assay's dataclass of parameters (see :mod:`assaykit.parameters`).
    steps, steps_ja
        How to fill the template, one sentence each, in English and in Japanese.
    lists
        The sheets with one row per sample, target, ...
    well_key
        What tells the rows of Wells apart: ``("well",)``, or ``("well", "target")`` where a well
        may have a row for each of its targets.
    wells_order
        Variables and channels that are the first columns of Wells, in their order.
    channel_also
        Other names of channels, and the channel: ``("ct", "cq")``.
    examples
        Rows for the Example sheet by variable, where those of plate-reader assays do not fit.
    """

    assay: str
    title: str
    title_ja: str
    variables: tuple[Variable, ...]
    channels: tuple[str, ...]
    channel_pattern: str
    channel_unit: str
    parameters: type[Any]
    steps: tuple[str, ...] = ()
    steps_ja: tuple[str, ...] = ()
    lists: tuple[ListSheet, ...] = ()
    well_key: tuple[str, ...] = ("well",)
    wells_order: tuple[str, ...] = ()
    channel_also: tuple[tuple[str, str], ...] = ()
    examples: tuple[tuple[str, tuple[tuple[str | float, ...], ...]], ...] = ()

    def is_channel(self, name: str) -> bool:
        """Whether a block or column of that name holds readings."""
        return re.fullmatch(self.channel_pattern, name) is not None

    @property
    def reserved_names(self) -> frozenset[str]:
        """Keys of the names of list columns that no factor or block may have.

        A block may be a column of free text, such as ``batch``, of the list with the blocks.
        """
        shared = self.factor_list.columns[1:] if self.factor_list else ()
        free = {v.name for v in shared if v.kind == "text" and not v.choices} - {REPLICATE}
        names = {variable.name for sheet in self.lists for variable in sheet.columns}
        return frozenset(map(match_key, names - free))

    @property
    def factor_list(self) -> ListSheet | None:
        """The list with the columns of factors and blocks; None where Plate has them."""
        return next((sheet for sheet in self.lists if sheet.with_factors), None)


@dataclass(frozen=True)
class PlateWorkbook:
    """Everything that a filled template says.

    Parameters
    ----------
    assay, plate, plate_format
        Name of the assay, name of the plate, number of wells of the plate.
    wells, readings
        Tables as in :mod:`assaykit.tables`.
    design
        Factors, arms, planned contrasts.
    settings
        The assay's parameters, as an instance of its dataclass.
    readings_file
        Name of an instrument's file that holds the readings; empty where they are pasted.
    notes
        What the person wrote about the plate (date, operator, kit, ...), in their words.
    warnings
        Problems that do not stop the analysis.
    cells
        Where each statement stands: (well, variable) to ``Sheet!C5``, and for what a list says
        (sheet, name of the row, variable). A well with several rows is ``A1 RUNX2`` here.
    lists
        What each list sheet says, by the sheet's name: one row per sample, target, ...
    """

    assay: str
    plate: str
    plate_format: int
    wells: pd.DataFrame
    readings: pd.DataFrame
    design: Design
    settings: Any
    readings_file: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    cells: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    lists: Mapping[str, pd.DataFrame] = field(default_factory=dict)
