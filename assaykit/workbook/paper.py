"""What every sheet that we write needs: the workbook, its formats, the lists of its dropdowns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from assaykit.excel.cells import Area, column_letters
from assaykit.files import replace_atomically
from assaykit.workbook.styles import CREATED, Styles, comment, make_styles

LISTS = "Lists"


@dataclass(frozen=True)
class Paper:
    """A workbook that is being written.

    Parameters
    ----------
    workbook
        The XlsxWriter workbook.
    styles
        Its formats.
    lists
        The choices of each dropdown, by name, in the order of their columns on Lists.
    """

    workbook: Any
    styles: Styles
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def sheet(self, name: str, title: str, hint: str) -> Any:
        """A new sheet with a title and one line of what to do."""
        worksheet = self.workbook.add_worksheet(name)
        worksheet.write_string(0, 0, title, self.styles.title)
        worksheet.write_string(1, 0, hint, self.styles.remark)
        return worksheet

    def header(self, worksheet: Any, row: int, column: int, text: str, words: str = "") -> None:
        """A header cell, with what it means as a comment."""
        worksheet.write_string(row, column, text, self.styles.header)
        if words:
            comment(worksheet, row, column, words)

    def entry(
        self, worksheet: Any, row: int, column: int, value: str | float | None, *, text: bool
    ) -> None:
        """A cell to fill, with its present value; names are text."""
        style = self.styles.name if text else self.styles.number
        if value is None or value == "":
            worksheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            worksheet.write_string(row, column, value, style)
        else:
            worksheet.write_number(row, column, value + 0, style)  # not a negative zero

    def dropdown(self, worksheet: Any, area: Area, name: str) -> None:
        """Offer the choices of a list in an area (rows and columns counted from 1)."""
        column = column_letters(list(self.lists).index(name) + 1)
        source = f"={LISTS}!${column}$2:${column}${len(self.lists[name]) + 1}"
        choose_from(worksheet, area, source, strict=True)

    def write_lists(self) -> None:
        """The sheet behind the dropdowns."""
        worksheet = self.workbook.add_worksheet(LISTS)
        for column, (name, choices) in enumerate(self.lists.items()):
            self.header(worksheet, 0, column, name)
            for row, choice in enumerate(choices, start=1):
                worksheet.write_string(row, column, choice, self.styles.words)
            worksheet.set_column(column, column, max(map(len, (name, *choices))) + 2)
        worksheet.freeze_panes(1, 0)


def choose_from(
    worksheet: Any, area: Area, source: str | list[str], *, strict: bool | None
) -> None:
    """A dropdown with the words or cells of ``source``.

    Other words are refused if ``strict``, get a warning if not, and are taken if it is None.
    """
    worksheet.data_validation(
        area.top - 1, area.left - 1, area.bottom - 1, area.right - 1,
        {
            "validate": "list",
            "source": source,
            "error_type": "stop" if strict else "warning",
            "error_title": "Not in the list",
            "error_message": "Choose one of the words in the list.",
            "show_error": strict is not None,
        },
    )  # fmt: skip


@contextmanager
def new_workbook(path: Path, title: str, lists: Mapping[str, Sequence[str]]) -> Iterator[Paper]:
    """A workbook that is put at its place when the body has ended well.

    The same content gives the same bytes, and no text becomes a formula, a link or a number.
    """
    from xlsxwriter import Workbook

    memory = BytesIO()
    workbook = Workbook(
        memory,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.set_properties({"title": title, "author": "assaykit", "created": CREATED})
    yield Paper(workbook, make_styles(workbook), lists)
    workbook.close()
    with replace_atomically(path) as temporary:
        temporary.write_bytes(memory.getvalue())
