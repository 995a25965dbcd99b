"""Statements become the tables of wells and of readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assaykit.plate import parse_well, row_letters
from assaykit.tables import WELLS, check_readings, check_wells
from assaykit.values import Value
from assaykit.workbook.fields import Vocabulary
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
    wells = sorted(roles, key=parse_well)
    places = [parse_well(well) for well in wells]
    columns: dict[str, object] = {
        "plate": [plate] * len(wells),
        "well": wells,
        "row": [row_letters(row) for row, _ in places],
        "column": [column + 1 for _, column in places],
    }
    for variable in _variables(vocabulary):
        said = statements.of(variable.name)
        values = [_value(said.get(well), variable) for well in wells]
        columns[variable.name] = pd.Series(values, dtype=_dtype(variable))
    return check_wells(pd.DataFrame(columns))


def _variables(vocabulary: Vocabulary) -> list[Variable]:
    """Those of every wells table, those of the assay, then the factors and blocks."""
    known = {variable.name: variable for variable in vocabulary.variables}
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
        The template, which says the unit of the readings.
    plate, file
        Name of the plate, and of the file that each reading's source names.
    """
    import pandas as pd

    rows = [
        (plate, well, channel, *_number_and_flag(said), f"{file}, {said.place}")
        for channel, readings in sorted(statements.readings.items())
        for well, said in sorted(readings.items(), key=lambda item: parse_well(item[0]))
    ]
    names = ["plate", "well", "channel", "value", "flag", "source"]
    table = pd.DataFrame(rows, columns=names).assign(unit=vocabulary.spec.channel_unit)
    return check_readings(table)


def _number_and_flag(said: Said) -> tuple[float, str]:
    value = said.value
    return (value.number, value.flag) if isinstance(value, Value) else (float("nan"), "")


def cells_of(statements: Statements) -> dict[tuple[str, str], str]:
    """Where each statement stands: (well, variable) to ``Plate!C5``."""
    return {
        (well, name): said.place
        for group in (statements.values, statements.readings)
        for name, by_well in group.items()
        for well, said in by_well.items()
    }
