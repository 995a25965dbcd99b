"""What a template consists of: one declaration serves writing it and reading it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assaykit.design import Design
from assaykit.errors import Problem
from assaykit.tables import Kind

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE_VERSION = "1"


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
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    on_plate: bool = True


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

    def is_channel(self, name: str) -> bool:
        """Whether a block or column of that name holds readings."""
        return re.fullmatch(self.channel_pattern, name) is not None


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
        Where each statement stands: (well, variable) to ``Sheet!C5``.
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
    cells: Mapping[tuple[str, str], str] = field(default_factory=dict)
