"""The list sheets of a template: one row per sample, per target, ... that the wells name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assaykit.errors import Problem
from assaykit.excel.cells import Book, Sheet, cell_address
from assaykit.values import match_key, normalise, suggestion
from assaykit.workbook.checks import spellings
from assaykit.workbook.fields import Field, Vocabulary, at, placed, warning
from assaykit.workbook.listing import Listing, listing_below
from assaykit.workbook.spec import REPLICATE, ListSheet, Variable
from assaykit.workbook.statements import Said, Statements, read_statements
from assaykit.workbook.well_tables import said_columns

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ListsRead:
    """What the list sheets say.

    Parameters
    ----------
    tables
        By name of the sheet, one row for each name; a sheet whose header is missing is left out.
    cells
        Where everything stands that is not blank: (sheet, name of the row, variable) to
        ``Samples!C5``; the headers have no name of a row.
    fields
        The columns.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    cells: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def read_lists(book: Book, vocabulary: Vocabulary) -> tuple[ListsRead, list[Problem]]:
    """Read every list sheet of the template.

    Parameters
    ----------
    book
        The workbook; a list sheet that is not there is left out.
    vocabulary
        The template, with the factors and blocks of the design.

    Returns
    -------
    lists, problems
        What could be read, and everything that is wrong, with its cell.
    """
    tables: dict[str, pd.DataFrame] = {}
    cells: dict[tuple[str, ...], str] = {}
    fields: list[Field] = []
    problems: list[Problem] = []
    for wanted in vocabulary.spec.lists:
        sheet = book.find(wanted.name)
        own = _vocabulary(wanted, vocabulary)
        if sheet is not None:
            one, found = _read_sheet(sheet, wanted, own)
            tables |= one.tables
            cells |= one.cells
            fields += one.fields
            problems += found
    return ListsRead(tables, cells, tuple(fields)), problems


def _vocabulary(wanted: ListSheet, vocabulary: Vocabulary) -> Vocabulary:
    """The names that the columns of one list may have."""
    design = (*vocabulary.factors, *vocabulary.blocks) if wanted.with_factors else ()
    columns = wanted.arranged(design)
    spec = replace(
        vocabulary.spec, channels=(), channel_pattern="(?!)", channel_also=(),
        variables=tuple(variable for variable in columns if variable not in design),
    )  # fmt: skip
    return replace(vocabulary, spec=spec) if wanted.with_factors else Vocabulary(spec)


def _read_sheet(
    sheet: Sheet, wanted: ListSheet, own: Vocabulary
) -> tuple[ListsRead, list[Problem]]:
    """One sheet; its headers stand in the row that has most of them.

    What names the rows is not enough: ``target`` may be a gene's role as well.
    """
    known: Counter[int] = Counter()
    for row, column in sorted(sheet.cells):
        known[row] += bool(own.resolve(sheet.text(row, column)))
    top = max(known, key=lambda row: (known[row], -row), default=1)
    listing = listing_below(sheet, top, own.resolve)
    if wanted.key not in listing.columns:
        return ListsRead(), [_no_header(listing, wanted.key)]
    return _read_list(listing, wanted, own)


def _no_header(listing: Listing, key: str) -> Problem:
    column = next((c for c, name in listing.names.items() if not name), 1)
    message = f"there is no column '{key}', which names the rows"
    remedy = "Write its header again."
    return at(listing.sheet, (listing.top, column), "no_header", message, remedy=remedy)


def _read_list(
    listing: Listing, wanted: ListSheet, own: Vocabulary
) -> tuple[ListsRead, list[Problem]]:
    """One list: rows are numbered while they are read, then known by their names."""
    fields = listing.fields({row: str(row) for row in listing.rows})
    statements, content = read_statements(fields, own)
    rows, named = _names(listing, statements, wanted)
    doubtful = [
        problem
        for name in (REPLICATE, *(block.name for block in own.blocks))
        for problem in spellings(statements.of(name), name)
    ]
    form = listing.problems(lambda text: _unknown(text, wanted, own))
    columns = wanted.arranged((*own.factors, *own.blocks))
    table = _table(statements, columns, list(rows))
    cells = dict(_cells(fields, wanted, rows))
    problems = [replace(p, well="") for p in (*named, *form, *content, *doubtful)]
    return ListsRead({wanted.name: table}, cells, tuple(fields)), problems


def _cells(
    fields: Iterable[Field], wanted: ListSheet, rows: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for item in fields:
        yield (wanted.name, "", item.name), f"{item.sheet.name}!{cell_address(*item.address)}"
        for entry in item.entries:
            if entry.well in rows:
                place = f"{item.sheet.name}!{cell_address(*entry.address)}"
                yield (wanted.name, rows[entry.well], item.name), place


def _table(
    statements: Statements, columns: Sequence[Variable], rows: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(said_columns(statements, columns, rows), index=range(len(rows)))


def _unknown(text: str, wanted: ListSheet, own: Vocabulary) -> tuple[str, str]:
    message = f"the column '{text}' is none of this sheet"
    near = suggestion(text, own.headers)
    declare = " A factor, or a block such as day, is declared on Design."
    return message, near if near.startswith("Did") or not wanted.with_factors else near + declare


def _names(
    listing: Listing, statements: Statements, wanted: ListSheet
) -> tuple[dict[str, str], list[Problem]]:
    """The name of each row, and rows without one, or with one that is there already."""
    said = statements.of(wanted.key)
    column = listing.columns[wanted.key]
    rows: dict[str, str] = {}
    first: dict[str, Said] = {}
    problems: list[Problem] = []
    for row in map(str, listing.rows):
        if row in said:
            name = str(said[row].value)
            other = first.setdefault(normalise(name), said[row])
            if other is said[row]:
                rows[row] = name
            else:
                problems.append(_twice(said[row], other, wanted.key))
            problems += _spaced(said[row], wanted.key)
        elif listing.sheet.cell(int(row), column).is_blank:
            problems.append(_nameless(listing.sheet, int(row), column, wanted.key))
    return rows, problems + _alike(first.values(), wanted.key)


def _nameless(sheet: Sheet, row: int, column: int, key: str) -> Problem:
    message = f"this row names no {key}"
    remedy = "Write its name, or empty the row."
    return at(sheet, (row, column), "no_name", message, remedy=remedy)


def _spaced(said: Said, key: str) -> list[Problem]:
    if said.value == str(said.value).strip():
        return []
    message = f"the {key} '{said.value}' begins or ends with a space"
    return [at(*said.cell, "stray_space", message, remedy="Remove the space.")]


def _twice(said: Said, first: Said, key: str) -> Problem:
    message = f"the {key} '{said.value}' is already in {cell_address(*first.address)}"
    return at(*said.cell, f"{key}_twice", message, remedy="Keep one of the two rows.")


def _alike(said: Iterable[Said], key: str) -> list[Problem]:
    """Names that a reader would take for one another; they may be meant, so they stay two."""
    first: dict[str, Said] = {}
    problems = []
    for one in said:
        other = first.setdefault(match_key(str(one.value)), one)
        if other is not one:
            message = (
                f"{key} '{one.value}' differs from '{other.value}' ({other.place}) only in case, "
                "spaces or hyphens"
            )
            problem = Problem("confusable", message, remedy="Keep one row if they are one.")
            problems.append(warning(placed(problem, *one.cell)))
    return problems
