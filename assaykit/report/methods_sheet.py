"""The Methods sheet: the methods text, laid out in cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.report.methods import methods_of, one_line
from assaykit.report.pages import Shown, add_page, heading, paragraphs, small_table

if TYPE_CHECKING:
    from assaykit.report.sheets import Book
    from assaykit.study import Study


def write_methods(book: Book, study: Study) -> None:
    """Add the sheet Methods: prose, parameters, figure legends, references."""
    methods = methods_of(study)
    page = add_page(book, "Methods", (26, 30, 70))
    row = paragraphs(page, heading(page, -1, "Methods"), methods.paragraphs)
    if methods.parameters:
        rows = [[Shown(text) for text in texts] for texts in methods.parameters]
        row = small_table(
            page, heading(page, row, "Parameters"), ("step", "parameter", "value"), rows
        )
    if methods.legends:
        texts = [f"{title}. {text}" for title, text in methods.legends]
        row = paragraphs(page, heading(page, row, "Figure legends"), texts)
    if methods.references:
        texts = [f"{n}. {one_line(text)}" for n, text in enumerate(methods.references, 1)]
        paragraphs(page, heading(page, row, "References"), texts)
