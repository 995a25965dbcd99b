"""Our own Excel workbooks: templates are written and read back, results are read back.

One declaration of each sheet serves writing it and reading it. Everything is read by name,
not by position, and every problem is reported at once with its cell.
"""

from __future__ import annotations

from assaykit.excel.archive import Limits
from assaykit.excel.opening import open_workbook
from assaykit.workbook.checked import write_checked
from assaykit.workbook.joining import complete_wells, join_lists
from assaykit.workbook.read_template import examine_template, read_template, template_assay
from assaykit.workbook.results import Results, read_results
from assaykit.workbook.spec import (
    TEMPLATE_VERSION,
    ListSheet,
    PlateWorkbook,
    TemplateSpec,
    Variable,
)
from assaykit.workbook.write_design import write_design_sheet
from assaykit.workbook.write_template import write_template

__all__ = [
    "TEMPLATE_VERSION",
    "Limits",
    "ListSheet",
    "PlateWorkbook",
    "Results",
    "TemplateSpec",
    "Variable",
    "complete_wells",
    "examine_template",
    "join_lists",
    "open_workbook",
    "read_results",
    "read_template",
    "template_assay",
    "write_checked",
    "write_design_sheet",
    "write_template",
]
