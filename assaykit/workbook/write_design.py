"""Writing a Design sheet, in templates and in results."""

from __future__ import annotations

from typing import Any

from assaykit.design import Contrast, Design
from assaykit.excel.cells import Area
from assaykit.workbook.design_contrasts import CONTRAST_HEADERS, MINUS_HEADERS, SPARE_CONTRASTS
from assaykit.workbook.design_settings import CHOICES, NUMBERS, SETTINGS, said_settings
from assaykit.workbook.design_sheet import (
    FACTOR,
    LEVEL,
    REFERENCE,
    SPARE_FACTORS,
    SPARE_LEVELS,
    TOP,
)
from assaykit.workbook.paper import Paper, choose_from
from assaykit.workbook.styles import comment, make_styles, print_setup, text_width

_HINT = (
    "One column per factor: its name, the level that the others are compared with, and all of its "
    "levels."
)
_FACTOR_WORDS = "what was varied on purpose, such as treatment or genotype; the name of its block"
_REFERENCE_WORDS = "the level that the others are compared with, such as control"
_LEVEL_WORDS = "a level as it stands on Plate, in the order of tables and figures"
_CONTRAST_WORDS = (
    "a planned comparison and its name; none: every arm against the reference arm, with two "
    "factors the levels of each within every level of the other, and their interactions",
    "the arm of interest; with several factors, the levels joined by ' / ', such as KO / vesicle",
    "the arm that it is compared with",
    "only for an interaction, the difference of two differences: "
    "(arm − against) − (minus_arm − minus_against); otherwise empty",
    "the arm that minus_arm is compared with; otherwise empty",
)
_CONTRAST_COLUMNS = (*CONTRAST_HEADERS, *MINUS_HEADERS)


def write_design_sheet(
    workbook: Any, worksheet: Any, design: Design, first_factor: str = ""
) -> None:
    """Write a design as the sheet Design of a template or of results.

    Parameters
    ----------
    workbook
        An XlsxWriter workbook.
    worksheet
        An empty sheet of it, called ``Design``.
    design
        What to write; :func:`assaykit.workbook.read_results` reads it back.
    first_factor
        Name that a design without factors suggests for the first one.

    Examples
    --------
    >>> from io import BytesIO
    >>> from xlsxwriter import Workbook
    >>> with Workbook(BytesIO()) as workbook:
    ...     write_design_sheet(workbook, workbook.add_worksheet("Design"), Design())
    """
    paper = Paper(workbook, make_styles(workbook))
    worksheet.write_string(0, 0, "Design of the experiment", paper.styles.title)
    worksheet.write_string(1, 0, _HINT, paper.styles.remark)
    columns = max(SPARE_FACTORS, len(design.factors))
    _write_factors(paper, worksheet, design, columns)
    if first_factor and not design.factors:
        paper.entry(worksheet, TOP, 1, first_factor, text=True)
    _write_contrasts(paper, worksheet, design, columns + 2)
    _write_settings(paper, worksheet, design, columns + 3 + len(_CONTRAST_COLUMNS))
    worksheet.freeze_panes(TOP + 1, 1)
    print_setup(worksheet)


def _write_factors(paper: Paper, worksheet: Any, design: Design, columns: int) -> None:
    rows = max([SPARE_LEVELS, *(len(factor.levels) for factor in design.factors)])
    paper.header(worksheet, TOP, 0, FACTOR, _FACTOR_WORDS)
    worksheet.write_string(TOP + 1, 0, REFERENCE, paper.styles.label)
    comment(worksheet, TOP + 1, 0, _REFERENCE_WORDS)
    for row in range(rows):
        worksheet.write_string(TOP + 2 + row, 0, f"{LEVEL} {row + 1}", paper.styles.label)
    comment(worksheet, TOP + 2, 0, _LEVEL_WORDS)
    for column in range(columns):
        cells = [""] * (rows + 2)
        if column < len(design.factors):
            factor = design.factors[column]
            cells[: len(factor.levels) + 2] = factor.name, factor.reference_level, *factor.levels
        for row, text in enumerate(cells):
            paper.entry(worksheet, TOP + row, column + 1, text, text=True)
    worksheet.set_column(0, 0, 18)
    levels = [text for factor in design.factors for text in (factor.name, *factor.levels)]
    worksheet.set_column(1, columns, text_width(levels, 14, 40))


def _write_contrasts(paper: Paper, worksheet: Any, design: Design, left: int) -> None:
    for i, (name, words) in enumerate(zip(_CONTRAST_COLUMNS, _CONTRAST_WORDS, strict=True)):
        paper.header(worksheet, TOP, left + i, name, words)
    spare = Contrast("", "", "")
    rows = [*design.contrasts, *[spare] * (SPARE_CONTRASTS - len(design.contrasts))]
    for row, contrast in enumerate(rows, start=TOP + 1):
        minus = contrast.minus or ("", "")
        for i, text in enumerate((contrast.name, contrast.arm, contrast.against, *minus)):
            paper.entry(worksheet, row, left + i, text, text=True)
    last = left + len(_CONTRAST_COLUMNS) - 1
    arms = [arm for contrast in design.contrasts for arm in contrast.arms]
    worksheet.set_column(left - 1, left - 1, 3)
    worksheet.set_column(left, left, text_width([c.name for c in design.contrasts], 18, 40))
    worksheet.set_column(left + 1, last, text_width(arms, 18, 40))


def _write_settings(paper: Paper, worksheet: Any, design: Design, left: int) -> None:
    values = said_settings(design)
    for i, name in enumerate(("setting", "value")):
        paper.header(worksheet, TOP, left + i, name)
    for row, (name, value) in enumerate(values.items(), start=TOP + 1):
        worksheet.write_string(row, left, name, paper.styles.label)
        comment(worksheet, row, left, SETTINGS[name])
        paper.entry(worksheet, row, left + 1, value, text=name not in NUMBERS)
        if name in CHOICES:
            area = Area(row + 1, left + 2, row + 1, left + 2)
            choose_from(worksheet, area, list(CHOICES[name]), strict=True)
    worksheet.set_column(left - 1, left - 1, 3)
    worksheet.set_column(left, left, text_width(values))
    worksheet.set_column(left + 1, left + 1, text_width(map(str, values.values()), 16, 40))
