"""Excel files from anywhere: opened safely, read cell by cell, and nothing in them believed.

Templates, results and instrument files all come through :func:`open_workbook` or
:func:`read_book`; no other place of the project parses an Excel file.
"""

from __future__ import annotations

from assaykit.excel.archive import DEFAULT_LIMITS, Limits
from assaykit.excel.cells import (
    Address,
    Area,
    Book,
    Cell,
    Sheet,
    cell_address,
    column_letters,
)
from assaykit.excel.opening import display_name, open_workbook, read_book

__all__ = [
    "DEFAULT_LIMITS",
    "Address",
    "Area",
    "Book",
    "Cell",
    "Limits",
    "Sheet",
    "cell_address",
    "column_letters",
    "display_name",
    "open_workbook",
    "read_book",
]
