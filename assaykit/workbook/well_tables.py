"""Statements become the tables of wells and of readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from assaykit.plate import parse_well, row_letters
from assaykit.tables import WELLS, check_readings, check_wells
from assaykit.values import Value
from assaykit.workbook.fields import Vocabulary, well_of
from assaykit.workbook.spec import Variable
from assaykit.workbook.statements import Said, Statements

if TYPE_CHECKING:
    import pandas as pd

_EMPTY: dict[str, Any] = {"text": "", "number": float("nan"), "count": None, "yes_no": False}


def wells_table(statements: Statements, vocabulary: Vocabulary, plate: str) -> pd.DataFrame:
    """The wells that have a role, row by row of the plate.

    Parameters
    ----------
    statements
        What is said of the wells.
    vocabulary
        The variables, factors and blocks, which become columns beside those of every wells
        table.
    plate
        Name of the plate.
    """
    import pandas as pd

    roles = statements.of("role")
    keys = sorted(roles, key=_place)
    places = [_place(key) for key in keys]
    columns: dict[str, object] = {
        "plate": [plate] * len(keys),
        "well": [well_of(key) for key in keys],
        "row": [row_letters(row) for row, _ in places],
        "column": [column + 1 for _, column in places],
    }
    columns |= said_columns(statements, _variables(statements, vocabulary), keys)
    return check_wells(pd.DataFrame(columns))


def said_columns(
    statements: Statements, variables: Iterable[Variable], keys: Sequence[str]
) -> dict[str, pd.Series]:
    """One column for each variable: what is said of each key, in the variable's type."""
    import pandas as pd

    return {
        variable.name: pd.Series(
            [_value(statements.of(variable.name).get(key), variable) for key in keys],
            dtype=_dtype(variable),
        )
        for variable in variables
    }


def _place(key: str) -> tuple[int, int]:
    return parse_well(well_of(key))


def _variables(statements: Statements, vocabulary: Vocabulary) -> list[Variable]:
    """Those of every wells table, those of the assay, then the factors and blocks.

    Where a list sheet has the factors and blocks, only those that are said of wells.
    """
    known = {variable.name: variable for variable in vocabulary.variables}
    if vocabulary.spec.factor_list:
        own = {variable.name for variable in (*vocabulary.factors, *vocabulary.blocks)}
        known = {n: v for n, v in known.items() if n not in own or statements.of(n)}
    always = [Variable(c.name, c.kind, c.meaning) for c in WELLS.columns[4:]]
    return list({v.name: v for v in (*always, *known.values())}.values())


def _value(said: Said | None, variable: Variable) -> Any:
    return _EMPTY[variable.kind] if said is None else said.value


def _dtype(variable: Variable) -> str:
    kinds = {"text": "object", "number": "float64", "count": "Int64", "yes_no": "bool"}
    return kinds[variable.kind]


def readings_table(
    statements: Statements, vocabulary: Vocabulary, plate: str, file: str
) -> pd.DataFrame:
    """The readings, channel by channel and row by row of the plate.

    Parameters
    ----------
    statements
        What is said of the wells.
    vocabulary
        The template, which says the unit of the readings and what tells the rows of a well
        apart: these are columns, too.
    plate, file
        Name of the plate, and of the file that each reading's source names.
    """
    import pandas as pd

    others = vocabulary.spec.well_key[1:]
    rows = [
        (plate, well_of(key), *(statements.text(name, key) for name in others), channel,
         *_number_and_flag(said), f"{file}, {said.place}")
        for channel, readings in sorted(statements.readings.items())
        for key, said in sorted(readings.items(), key=lambda item: _place(item[0]))
    ]  # fmt: skip
    names = ["plate", "well", *others, "channel", "value", "flag", "source"]
    table = pd.DataFrame(rows, columns=names).assign(unit=vocabulary.spec.channel_unit)
    return check_readings(table)


def _number_and_flag(said: Said) -> tuple[float, str]:
    value = said.value
    return (value.number, value.flag) if isinstance(value, Value) else (float("nan"), "")


def cells_of(statements: Statements) -> dict[tuple[str, ...], str]:
    """Where each statement stands: (well, variable) to ``Plate!C5``."""
    return {
        (well, name): said.place
        for group in (statements.values, statements.readings)
        for name, by_well in group.items()
        for well, said in by_well.items()
    }
