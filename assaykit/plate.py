"""Plates: formats with their SBS geometry, well names, and maps in grid and in list form."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.tables import READING_COLUMNS, WELLS, as_text, check_readings, check_wells
from assaykit.values import match_key, normalise

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PlateFormat:
    """How many wells a plate has and how large they are.

    Parameters
    ----------
    rows, columns
        Number of rows and columns.
    pitch_mm
        Distance between the centres of neighbouring wells, in mm (ANSI/SLAS 4-2004 for 96,
        384 and 1536 wells; makers' drawings of common culture plates below that).
    diameter_mm
        Inner diameter of a well at its bottom, in mm (for square wells of 384 and 1536: of
        the circle of the same area).
    """

    rows: int
    columns: int
    pitch_mm: float
    diameter_mm: float

    @property
    def wells(self) -> int:
        """Number of wells."""
        return self.rows * self.columns

    @property
    def well_area_mm2(self) -> float:
        """Area of a well's bottom in mm²."""
        return 3.141592653589793 * (self.diameter_mm / 2) ** 2

    @property
    def names(self) -> tuple[str, ...]:
        """Well names row by row: A1, A2, ..."""
        return tuple(
            well_name(row, column) for row in range(self.rows) for column in range(self.columns)
        )

    def __contains__(self, well: str) -> bool:
        row, column = parse_well(well)
        return row < self.rows and column < self.columns


PLATE_FORMATS: dict[int, PlateFormat] = {
    6: PlateFormat(2, 3, 39.12, 34.8),
    12: PlateFormat(3, 4, 26.01, 22.1),
    24: PlateFormat(4, 6, 19.30, 15.6),
    48: PlateFormat(6, 8, 13.08, 11.0),
    96: PlateFormat(8, 12, 9.0, 6.4),
    384: PlateFormat(16, 24, 4.5, 3.7),
    1536: PlateFormat(32, 48, 2.25, 1.7),
}

_WELL = re.compile(r"([A-Z]{1,2})0*([1-9]\d?)")

# What a reading may state of its well, and the column of the wells that it fills.
_STATED: dict[str, str] = {
    "sample": "sample",
    "target": "target",
    "task": "role",
    "quantity": "nominal_concentration",
}


def plate_format(wells: int) -> PlateFormat:
    """The plate format with a number of wells.

    Raises
    ------
    InputError
        No plate has that many wells.

    Examples
    --------
    >>> plate_format(96).columns
    12
    """
    if wells not in PLATE_FORMATS:
        known = ", ".join(str(number) for number in PLATE_FORMATS)
        raise InputError(
            [Problem("unknown_plate", f"no plate has {wells} wells", remedy=f"Use one of {known}.")]
        )
    return PLATE_FORMATS[wells]


def row_letters(row: int) -> str:
    """The letters of a row counted from 0: 0 is A, 25 is Z, 26 is AA.

    Examples
    --------
    >>> row_letters(0), row_letters(31)
    ('A', 'AF')
    """
    return chr(65 + row) if row < 26 else chr(64 + row // 26) + chr(65 + row % 26)


def well_name(row: int, column: int) -> str:
    """The SBS name of a well from its row and column counted from 0, unpadded.

    Examples
    --------
    >>> well_name(7, 11)
    'H12'
    """
    return f"{row_letters(row)}{column + 1}"


def parse_well(text: str) -> tuple[int, int]:
    """Row and column, counted from 0, of a well name; ``A1``, ``a01`` and ``Ａ１`` are one well.

    Raises
    ------
    InputError
        Not the name of a well.

    Examples
    --------
    >>> parse_well("A01")
    (0, 0)
    """
    match = _WELL.fullmatch(normalise(text).upper().replace(" ", ""))
    if not match:
        raise InputError(
            [Problem("not_a_well", f"'{text}' is not a well", remedy="Write A1, B12 and so on.")]
        )
    row = 0
    for letter in match[1]:
        row = row * 26 + ord(letter) - 64
    return row - 1, int(match[2]) - 1


def canonical_well(text: str) -> str:
    """A well's name as assaykit writes it.

    Raises
    ------
    InputError
        Not the name of a well.

    Examples
    --------
    >>> canonical_well("h01")
    'H1'
    """
    return well_name(*parse_well(text))


def map_text(values: Mapping[str, str], plate: PlateFormat, width: int = 6) -> str:
    """Draw one variable of a plate as text, so that a person sees a shifted layout.

    Parameters
    ----------
    values
        Well name to what stands in it; wells that are not named are drawn as a dot.
    plate
        The plate's format.
    width
        Characters per well; longer values are cut with an ellipsis.

    Examples
    --------
    >>> print(map_text({"A1": "blank", "B3": "sample"}, plate_format(6)))
      1      2      3
    A blank  .      .
    B .      .      sample
    """
    margin = len(row_letters(plate.rows - 1)) + 1
    head = " " * margin + " ".join(f"{column + 1:<{width}}" for column in range(plate.columns))
    lines = [head.rstrip()]
    for row in range(plate.rows):
        cells = [
            _cut(values.get(well_name(row, c), "") or ".", width) for c in range(plate.columns)
        ]
        lines.append(f"{row_letters(row):<{margin}}{' '.join(cells)}".rstrip())
    return "\n".join(lines)


def _cut(text: str, width: int) -> str:
    return f"{text if len(text) <= width else text[: width - 1] + '…':<{width}}"


def annotate(readings: pd.DataFrame, wells: pd.DataFrame) -> pd.DataFrame:
    r"""Join readings with the plate map: one row per well and channel, and no row vanishes.

    A well of the map without a reading keeps its row with the flag ``no_reading``; a reading
    without a place in the map keeps its row with the role ``empty`` and the flag
    ``not_in_map``; a well that was masked in the instrument's software is ``excluded``, with
    that reason.

    Where the readings say sample, target, task or quantity (a qPCR export does), they fill
    what the map leaves open: sample, target, role and nominal concentration of a well. A well
    that only the file describes is then not ``not_in_map``. A well with two targets has one row
    per target. Where map and file both speak and differ, it is an error; the task ``sample``,
    which instruments give every well, contradicts no role but ``empty``.

    Parameters
    ----------
    readings, wells
        Tables as in :mod:`assaykit.tables`.

    Returns
    -------
    pandas.DataFrame
        The wells' columns and factors (with readings of reactions: target before the factors),
        then channel, value, unit, flag, source; sorted by plate, row, column and channel.

    Raises
    ------
    InputError
        A table is not what it should be, or map and file contradict each other; every
        contradiction is listed with its well and both names.

    Examples
    --------
    >>> import pandas as pd
    >>> readings = pd.DataFrame({"plate": ["p"], "well": ["A01"], "channel": ["od_450"],
    ...                          "value": [0.5]})
    >>> wells = pd.DataFrame({"plate": ["p", "p"], "well": ["A1", "B1"], "role": ["blank"] * 2})
    >>> annotate(readings, wells)[["well", "value", "flag"]].to_string(index=False, header=False)
    'A1 0.5           \nB1 NaN no_reading'
    """
    joined = _joined(_with_wells(check_wells(wells)), _with_wells(check_readings(readings)))
    side = joined.pop("_side")
    excluded = joined.pop("excluded").eq(True) if "excluded" in joined else side.eq("")
    for name in ("reason", "channel", "unit", "flag", "source", *_text_columns(joined)):
        joined[name] = as_text(joined[name]) if name in joined else ""
    alone = (side == "right_only") & (joined["role"] == "")
    joined.loc[side == "left_only", "flag"] = "no_reading"
    joined.loc[alone, "role"] = "empty"
    joined.loc[alone & (joined["flag"] == ""), "flag"] = "not_in_map"
    masked = joined["flag"] == "masked"
    joined["excluded"] = excluded | masked
    joined.loc[masked & (joined["reason"] == ""), "reason"] = "masked in the instrument's software"
    return _in_plate_order(joined)


def _joined(wells: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """Wells and readings side by side; ``_side`` says where a row comes from."""
    stated = [name for name in _STATED if name in readings]
    if not stated:
        return wells.merge(readings, on=["plate", "well"], how="outer", indicator="_side")
    problems: list[Problem] = []
    keys = ["plate", "well"]
    beside = readings.rename(columns={name: f"_{name}" for name in stated})
    if "target" in wells and "target" in stated:
        keys = [*keys, "target"]
        wells = wells.assign(target=as_text(wells["target"]))
        beside["target"] = _targets_of_map(wells, readings, problems)
    joined = wells.merge(beside, on=keys, how="outer", indicator="_side")
    problems += [problem for name in stated for problem in _fill(joined, name)]
    if problems:
        raise InputError(dict.fromkeys(problems))
    _fill_roles(joined)
    first = [name for name in ("target",) if name in stated]
    others = [name for name in joined if name not in {*first, *(f"_{name}" for name in stated)}]
    return joined[[*first, *others]]


def _targets_of_map(
    wells: pd.DataFrame, readings: pd.DataFrame, problems: list[Problem]
) -> list[str]:
    """The target by which each reading finds its row in the map, as the map writes it."""
    named: dict[tuple[str, str], list[str]] = {}
    for plate, well, target in zip(wells["plate"], wells["well"], wells["target"], strict=True):
        named.setdefault((plate, well), []).append(target)
    found = []
    for row in readings.to_dict("records"):
        target = row["target"]
        choices = list(dict.fromkeys(named.get((row["plate"], row["well"]), [target])))
        same = [name for name in choices if normalise(name) == normalise(target)]
        unsaid = [name for name in choices if not name or not target]
        if not same and len(unsaid) != 1:
            problems.append(_contradiction(row, "target", "' and '".join(choices), target))
        found.append((same or unsaid or [target])[0])
    return found


def _fill(joined: pd.DataFrame, name: str) -> list[Problem]:
    """Fill a column of the wells with what the file states; say where map and file differ."""
    import pandas as pd

    column = _STATED[name]
    mapped = joined[column] if column in joined else pd.Series(None, joined.index, dtype=object)
    mapped, stated = (
        pd.to_numeric(values).astype("float64") if name == "quantity" else as_text(values)
        for values in (mapped, joined[f"_{name}"])
    )
    speaks, is_open = stated.notna() & (stated != ""), mapped.isna() | (mapped == "")
    joined[column] = mapped.where(~(speaks & is_open), stated)
    return [
        _contradiction(joined.loc[row].to_dict(), column, mapped[row], stated[row])
        for row in joined.index[speaks & ~is_open]
        if not _agree(name, mapped[row], stated[row])
    ]


def _fill_roles(joined: pd.DataFrame) -> None:
    """A well that only the file describes, without a task, holds a sample."""
    joined["role"] = as_text(joined["role"])
    described = joined["_side"].eq("")
    for name in ("_sample", "_target"):
        if name in joined:
            described |= as_text(joined[name]) != ""
    joined.loc[described & (joined["role"] == ""), "role"] = "sample"


def _agree(name: str, mapped: str | float, stated: str | float) -> bool:
    """Whether map and file say the same; ``sample`` is what instruments call every well."""
    if not isinstance(mapped, str) or not isinstance(stated, str):
        return math.isclose(float(mapped), float(stated), rel_tol=1e-9)
    if name == "task" and stated == "sample":
        return mapped != "empty"
    return normalise(mapped) == normalise(stated)


def _contradiction(
    row: Mapping[Hashable, object], column: str, mapped: str | float, stated: str | float
) -> Problem:
    plate, well, source = (str(row.get(name, "")) for name in ("plate", "well", "source"))
    both = f"the map of plate {plate} says the {column} '{mapped}', the file says '{stated}'"
    remedy = "Correct the map or the file: names are never merged."
    if match_key(str(mapped)) == match_key(str(stated)):
        remedy = "They differ only in case, spaces or hyphens: write them the same way."
    return Problem("map_and_file_differ", both, source, well=well, remedy=remedy)


def _text_columns(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if table[name].dtype.kind not in "biufc"]


def _with_wells(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(well=[canonical_well(well) for well in table["well"]])


def _in_plate_order(table: pd.DataFrame) -> pd.DataFrame:
    places = [parse_well(well) for well in table["well"]]
    ordered = table.assign(
        row=[row_letters(row) for row, _ in places],
        column=[column + 1 for _, column in places],
        _row=[row for row, _ in places],
    ).sort_values(["plate", "_row", "column", "channel"], kind="stable", ignore_index=True)
    last = [name for name in READING_COLUMNS if name in ordered]
    known = [name for name in WELLS.names if name in ordered]
    factors = [n for n in ordered.columns if n not in {*known, *last, "_row"}]
    return ordered[[*known, *factors, *last]]
