"""The marks by which an instrument's own export is known.

The plain readers leave such a file alone: a plate of it could look like a plain grid, while
its other parts (reduced data, layouts, second plates) would be misread or lost.
"""

from __future__ import annotations

import re

from assaykit.readers.source import Source

MARKS: tuple[tuple[str, str], ...] = (
    ("SoftMax Pro", r"##BLOCKS=.*"),
    ("Gen5", r"Protocol File Path:?.*"),
    ("BMG MARS", r"Test run no\.?:.*"),
    ("EnVision", r"Plate information|Background information|Exported with EnVision.*"),
    ("Kaleido", r"PlateRepeat:.*|Exported with Kaleido.*"),
    ("SkanIt", r".*\.skax"),
    ("Magellan", r"Magellan Sheet.*|.*\\Magellan\\.*"),
    ("Tecan i-control", r"Application: Tecan i-control.*"),
    ("a QuantStudio, ViiA 7, StepOne or 7500", r"(\* )?Block Type( = .*)?|\[Sample Setup\]"),
    ("CFX Maestro", r"Starting Quantity \(SQ\)"),
    ("LightCycler 480", r"Experiment: .*Selected Filter.*"),
)
_PATTERNS = tuple((name, re.compile(mark, re.IGNORECASE)) for name, mark in MARKS)


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
    texts = {
        value.strip()
        for sheet in source.sheets
        for value in (sheet.name, *sheet.cells.values())
        if isinstance(value, str)
    }
    for name, pattern in _PATTERNS:
        if any(pattern.fullmatch(text) for text in texts):
            return name
    return ""
