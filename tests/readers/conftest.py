from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from assaykit.plate import row_letters

WriteText = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteText:
    """Write a text into a file and give its path."""

    def write_text(text: str, name: str = "plate.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write_text


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Save rows of cells as sheets of a workbook and give its path."""

    def save_sheets(sheets: dict[str, list[list[object]]], name: str = "plate.xlsx") -> Path:
        book = Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return save_sheets


@pytest.fixture
def grid_rows() -> Callable[..., list[list[object]]]:
    """Rows of a block whose values are counted from ``start`` in steps of 0.001."""

    def rows_of(
        rows: int, columns: int, corner: str = "", start: float = 0.1
    ) -> list[list[object]]:
        head: list[object] = [corner, *range(1, columns + 1)]
        body = [
            [row_letters(r), *(round(start + 0.001 * (r * columns + c), 3) for c in range(columns))]
            for r in range(rows)
        ]
        return [head, *body]

    return rows_of


@pytest.fixture
def as_text() -> Callable[..., str]:
    """Rows of cells as lines of a text."""

    def joined(rows: list[list[object]], separator: str = ",", decimal: str = ".") -> str:
        lines = [[str(cell).replace(".", decimal) for cell in row] for row in rows]
        return "".join(separator.join(line) + "\n" for line in lines)

    return joined
