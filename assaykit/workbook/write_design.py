"""Writing a Design sheet, in templates and in results."""

from __future__ import annotations

from typing import Any

from assaykit.design import Contrast, Design
from assaykit.workbook.design_sheet import (
    CONFIDENCE,
    CONTRAST_HEADERS,
    FACTOR,
    LEVEL,
    REFERENCE,
    SETTINGS,
    SHARED,
    SPARE_CONTRASTS,
    SPARE_FACTORS,
    SPARE_LEVELS,
    TOP,
    UNIT,
)
from assaykit.workbook.paper import Paper
from assaykit.workbook.styles import comment, make_styles, print_setup, text_width

_HINT = (
    "One column per factor: its name, the level that the others are compared with, and all of its "
    "levels."
)
_FACTOR_WORDS = "what was varied on purpose, such as treatment or genotype; the name of its block"
_REFERENCE_WORDS = "the level that the others are compared with, such as control"
_LEVEL_WORDS = "a level as it stands on Plate, in the order of tables and figures"
_CONTRAST_WORDS = (
    "a planned comparison and its name; none: every arm against the reference arm",
    "the arm of interest; with several factors, the levels joined by ' / ', such as KO / vesicle",
    "the arm that it is compared with",
)


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
    _write_settings(paper, worksheet, design, columns + 6)
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
    for i, (name, words) in enumerate(zip(CONTRAST_HEADERS, _CONTRAST_WORDS, strict=True)):
        paper.header(worksheet, TOP, left + i, name, words)
    spare = Contrast("", "", "")
    rows = [*design.contrasts, *[spare] * (SPARE_CONTRASTS - len(design.contrasts))]
    for row, contrast in enumerate(rows, start=TOP + 1):
        for i, text in enumerate((contrast.name, contrast.arm, contrast.against)):
            paper.entry(worksheet, row, left + i, text, text=True)
    texts = [text for c in design.contrasts for text in (c.name, c.arm, c.against)]
    worksheet.set_column(left - 1, left - 1, 3)
    worksheet.set_column(left, left + 2, text_width(texts, 18, 40))


def _write_settings(paper: Paper, worksheet: Any, design: Design, left: int) -> None:
    shared = {True: "yes", False: "no", None: ""}[design.replicates_shared]
    values: dict[str, str | float] = {
        SHARED: shared,
        UNIT: design.biological_replicate_is,
        CONFIDENCE: design.confidence,
    }
    for i, name in enumerate(("setting", "value")):
        paper.header(worksheet, TOP, left + i, name)
    for row, (name, value) in enumerate(values.items(), start=TOP + 1):
        worksheet.write_string(row, left, name, paper.styles.label)
        comment(worksheet, row, left, SETTINGS[name])
        paper.entry(worksheet, row, left + 1, value, text=name != CONFIDENCE)
    worksheet.data_validation(
        TOP + 1, left + 1, TOP + 1, left + 1, {"validate": "list", "source": ["yes", "no"]}
    )
    worksheet.set_column(left - 1, left - 1, 3)
    worksheet.set_column(left, left, text_width(list(values)))
    worksheet.set_column(left + 1, left + 1, 16)
