"""The marks by which an instrument's own export is known.

The plain readers leave such a file alone: a plate of it could look like a plain grid, while
its other parts (reduced data, layouts, second plates) would be misread or lost. The readers of
qPCR exports know their files by the same marks.
"""

from __future__ import annotations

import re

from assaykit.readers.source import Source

DESIGN_AND_ANALYSIS = "Design & Analysis"
QUANTSTUDIO = "a QuantStudio, ViiA 7, StepOne or 7500"
CFX = "CFX Maestro"
LIGHTCYCLER = "LightCycler 480"

# A mark is a whole cell, a sheet's name, or (for CFX) the cells of one row joined by " | ".
MARKS: tuple[tuple[str, str], ...] = (
    ("SoftMax Pro", r"##BLOCKS=.*"),
    ("Gen5", r"Protocol File Path:?.*"),
    ("BMG MARS", r"Test run no\.?:.*"),
    ("EnVision", r"Plate information|Background information|Exported with EnVision.*"),
    ("Kaleido", r"PlateRepeat:.*|Exported with Kaleido.*"),
    ("SkanIt", r".*\.skax"),
    ("Magellan", r"Magellan Sheet.*|.*\\Magellan\\.*"),
    ("Tecan i-control", r"Application: Tecan i-control.*"),
    (
        DESIGN_AND_ANALYSIS,
        r"(?:# ?Software Name and Version:? )?Design (?:&|and) Analysis .*"
        r"|(?:RQ )?Replicate Group Result",
    ),
    (
        QUANTSTUDIO,
        r"(?:\* )?(?:Block Type|Experiment File Name)(?: ?= ?.*)?"
        r"|\* (?:Chemistry|Instrument Type) ?=.*|\[(?:Sample Setup|Amplification Data)\]",
    ),
    (CFX, r"Starting Quantity \(SQ\)|Well \| Fluor \| Target \| Content(?: \| .*)?"),
    (LIGHTCYCLER, r"Experiment: .*Selected Filter.*"),
)
_ANY = re.compile("|".join(f"({mark})" for _, mark in MARKS), re.IGNORECASE)


def vendor_of(source: Source) -> str:
    """Name the instrument or program whose own export this is; empty if none is known.

    Parameters
    ----------
    source
        An opened file.

    Examples
    --------
    >>> from assaykit.readers.source import Sheet
    >>> sheet = Sheet("a.csv", "", {(1, 1): "User: A", (1, 2): "Test run no.: 65"})
    >>> vendor_of(Source("a.csv", "a", "text", (sheet,)))
    'BMG MARS'
    """
    found = {match.lastindex for text in source.texts if (match := _ANY.fullmatch(text))}
    return next((name for number, (name, _) in enumerate(MARKS, 1) if number in found), "")
