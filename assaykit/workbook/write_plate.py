"""Writing the sheets Plate and Wells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assaykit.design import Design
from assaykit.errors import UsageError
from assaykit.excel.cells import Area
from assaykit.plate import PlateFormat, row_letters
from assaykit.workbook.design_sheet import levels_area
from assaykit.workbook.fields import well_of
from assaykit.workbook.paper import Paper, choose_from
from assaykit.workbook.spec import ListSheet, PlateWorkbook, TemplateSpec, Variable
from assaykit.workbook.styles import ROLE_COLOURS, print_setup, text_width

if TYPE_CHECKING:
    import pandas as pd

PLATE, WELLS = "Plate", "Wells"
FIRST_FACTOR = "treatment"
SPARE_ROWS = 96
_HINT = "Each block is the plate; its dark corner says what it holds."
_LIST_HINT = "Only if you like a list better than the blocks of Plate: one row per {0}."
_SEVERAL_HINT = " A well with more than one {0} can only stand here."
_WORDS: Mapping[str, str] = {
    "saturated": "OVRFLW",
    "below_range": "< Min",
    "above_range": "> Max",
    "out_of_range": "Range?",
    "no_value": "N/A",
    "pathlength_missing": "Path?",
    "undetermined": "Undetermined",
}
Values = Mapping[str, str | float]


@dataclass(frozen=True)
class Part:
    """One block of Plate or column of Wells: what it is called and what it says.

    Parameters
    ----------
    variable
        Name, kind, unit and meaning; readings are of the kind ``number``.
    dropdown
        Name of the list of its choices; for a factor, the Design sheet's cells.
    values
        What it says, by well; ``A1 RUNX2`` where a well has several rows (see
        :func:`row_keys`).
    on_plate
        Whether Plate has a block for it.
    is_open
        Whether other words than those of the dropdown are taken without a warning.
    """

    variable: Variable
    dropdown: str = ""
    values: Values = field(default_factory=dict)
    on_plate: bool = True
    is_open: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its cells are text."""
        return self.variable.kind in ("text", "yes_no")

    @property
    def words(self) -> str:
        """Meaning, unit and choices."""
        unit = f" [{self.variable.unit}]" if self.variable.unit else ""
        choices = self.variable.choices
        return f"{self.variable.meaning}{unit}" + (f": {', '.join(choices)}" if choices else "")


def parts(spec: TemplateSpec, content: PlateWorkbook | None) -> tuple[Part, ...]:
    """The blocks of a template in their order: the design's own come after the sample."""
    keys = row_keys(content.wells, content.wells, spec) if content else []
    variables = [_variable_part(variable, spec, content, keys) for variable in spec.variables]
    after = next((i + 1 for i, v in enumerate(spec.variables) if v.name == "sample"), 0)
    own = design_parts(content.design if content else None)
    if content and (content.design.factors or content.design.blocks):
        own = tuple(replace(p, values=_column(content.wells, p.variable.name, keys)) for p in own)
    if spec.factor_list:
        own = tuple(part for part in own if part.values)
    return (*variables[:after], *own, *variables[after:], *_readings(spec, content))


def design_parts(design: Design | None) -> tuple[Part, ...]:
    """The columns of a design's factors and blocks, empty; one of the first factor without any."""
    factors = design.factors if design else ()
    words = "level of this factor, as on the sheet Design"
    found = [
        Part(Variable(factor.name, "text", words), _levels(i, len(factor.levels)))
        for i, factor in enumerate(factors)
    ]
    if not found:
        words = "what was done to the cells; its levels stand on the sheet Design"
        found = [Part(Variable(FIRST_FACTOR, "text", words), _levels(0))]
    words = "block of the design: wells of one {0} have the same name here"
    blocks = design.blocks if design else ()
    return (*found, *(Part(Variable(name, "text", words.format(name))) for name in blocks))


def row_keys(table: pd.DataFrame, wells: pd.DataFrame, spec: TemplateSpec) -> list[str]:
    """What each row of a table is about: its well; its well and target where a well has several.

    Parameters
    ----------
    table
        Wells or readings.
    wells
        The wells, which tell how many rows each has.
    spec
        The template, which tells whether a well may have several.
    """
    blank = [""] * len(table)
    others = [table.get(name, blank) for name in spec.well_key[1:]]
    rows_per_well = Counter(wells["well"]) if others else {}
    rows = zip(table["well"], *others, strict=True)
    return [
        f"{well} {', '.join(filter(None, more))}" if rows_per_well.get(well, 0) > 1 else str(well)
        for well, *more in rows
    ]


def _variable_part(
    variable: Variable, spec: TemplateSpec, content: PlateWorkbook | None, keys: Sequence[str]
) -> Part:
    values = _column(content.wells, variable.name, keys) if content else {}
    on_plate = variable.on_plate or any(key == well_of(key) for key in values)
    for sheet in spec.lists:
        if sheet.key == variable.name:
            return Part(variable, names_of(sheet, content), values, on_plate, is_open=True)
    name = variable.name if variable.choices else ""
    return Part(variable, "yes_no" if variable.kind == "yes_no" else name, values, on_plate)


def names_of(sheet: ListSheet, content: PlateWorkbook | None) -> str:
    """Where the names of a list sheet that we write stand, for a dropdown."""
    return f"={sheet.name}!$A$5:$A${4 + list_rows(sheet, content)}"


def list_rows(sheet: ListSheet, content: PlateWorkbook | None) -> int:
    """Rows that a list sheet has room for, those that are filled in included."""
    filled = len(content.lists.get(sheet.name, ())) if content else 0
    return max(SPARE_ROWS, filled + SPARE_ROWS // 4)


def _levels(index: int, levels: int = 0) -> str:
    return f"=Design!{levels_area(index, levels)}"


def _column(table: pd.DataFrame, name: str, keys: Sequence[str]) -> dict[str, str | float]:
    """What a column says, by well or row; what it does not say is left out."""
    if name not in table:
        return {}
    said = {key: cell_of(value) for key, value in zip(keys, table[name], strict=True)}
    return {well: value for well, value in said.items() if value != ""}


def cell_of(value: Any) -> str | float:
    """A value of a table as it is typed into a cell; empty where there is none."""
    import pandas as pd

    if isinstance(value, str):
        return value
    if pd.api.types.is_bool(value):
        return "yes" if value else ""
    return "" if pd.isna(value) else float(value)


def _readings(spec: TemplateSpec, content: PlateWorkbook | None) -> list[Part]:
    """One part for each channel; what an instrument said instead of a number is written again."""
    by_channel: dict[str, dict[str, str | float]] = {name: {} for name in spec.channels}
    keys = row_keys(content.readings, content.wells, spec) if content else []
    rows = content.readings.to_dict("records") if content else []
    for key, row in zip(keys, rows, strict=True):
        values = by_channel.setdefault(row["channel"], {})
        values[key] = _reading(row["value"], row["flag"])
    return [
        Part(Variable(name, "number", "readings of this channel", spec.channel_unit), "", values)
        for name, values in by_channel.items()
    ]


def _reading(value: float, flag: str) -> str | float:
    if not flag:
        return cell_of(value)
    if flag == "masked":
        return f"*{value!r}*"
    if flag not in _WORDS:
        raise UsageError(f"a reading with the flag '{flag}' has no form in a template")
    return _WORDS[flag]


def write_plate(paper: Paper, offered: tuple[Part, ...], plate: PlateFormat) -> None:
    """Write the sheet Plate: one block below the other.

    Parameters
    ----------
    paper
        The workbook.
    offered
        See :func:`parts`.
    plate
        The plate's format.
    """
    worksheet = paper.sheet(PLATE, f"Plate of {plate.wells} wells", _HINT)
    on_plate = [part for part in offered if part.on_plate]
    for index, part in enumerate(on_plate):
        _write_block(paper, worksheet, part, plate, 3 + index * (plate.rows + 2))
    worksheet.set_column(0, 0, text_width([part.variable.name for part in on_plate]))
    said = [
        str(value) for part in on_plate for key, value in part.values.items() if key == well_of(key)
    ]
    worksheet.set_column(1, plate.columns, text_width(said, 11 if plate.columns <= 12 else 8, 24))
    worksheet.set_column(plate.columns + 1, plate.columns + 1, 2)
    worksheet.set_column(plate.columns + 2, plate.columns + 2, 60)
    worksheet.freeze_panes(2, 1)
    worksheet.print_area(0, 0, 2 + len(on_plate) * (plate.rows + 2), plate.columns)
    print_setup(worksheet)


def _write_block(paper: Paper, worksheet: Any, part: Part, plate: PlateFormat, top: int) -> None:
    paper.header(worksheet, top, 0, part.variable.name, part.words)
    worksheet.write_string(top, plate.columns + 2, part.words, paper.styles.remark)
    for column in range(plate.columns):
        worksheet.write_number(top, column + 1, column + 1, paper.styles.number_label)
    for row in range(plate.rows):
        letters = row_letters(row)
        worksheet.write_string(top + row + 1, 0, letters, paper.styles.label)
        for column in range(plate.columns):
            value = part.values.get(f"{letters}{column + 1}", "")
            paper.entry(worksheet, top + row + 1, column + 1, value, text=part.is_text)
    area = Area(top + 2, 2, top + plate.rows + 1, plate.columns + 1)
    _offer(paper, worksheet, part, area)


def _offer(paper: Paper, worksheet: Any, part: Part, area: Area) -> None:
    """The dropdown of a block or column, and the colours of the roles."""
    if part.dropdown.startswith("="):
        choose_from(worksheet, area, part.dropdown, strict=None if part.is_open else False)
    elif part.dropdown:
        paper.dropdown(worksheet, area, part.dropdown)
    if part.variable.name == "role":
        colour_roles(paper, worksheet, area)


def colour_roles(paper: Paper, worksheet: Any, area: Area) -> None:
    """Colour the cells of an area (counted from 1) by the role that stands in them."""
    for role, colour in ROLE_COLOURS.items():
        worksheet.conditional_format(
            area.top - 1, area.left - 1, area.bottom - 1, area.right - 1,
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{role}"',
                "format": paper.workbook.add_format({"bg_color": colour}),
            },
        )  # fmt: skip


def write_well_list(
    paper: Paper, offered: tuple[Part, ...], plate: PlateFormat, spec: TemplateSpec
) -> None:
    """Write the sheet Wells: the headers of a list, with the same dropdowns.

    Only wells that have several rows are filled in here; the others are on Plate.

    Parameters
    ----------
    paper, offered, plate
        As for :func:`write_plate`.
    spec
        The template, which says what comes first and what tells rows apart.
    """
    others = spec.well_key[1:]
    hint = _LIST_HINT.format(" and ".join(spec.well_key))
    hint += _SEVERAL_HINT.format(" and ".join(others)) if others else ""
    worksheet = paper.sheet(WELLS, "Wells as a list", hint)
    keys = {key: None for part in offered for key in part.values if key != well_of(key)}
    rows = max(plate.wells * (2 if others else 1), len(keys))
    words = "name of the well: A1, B12 and so on"
    well = Part(Variable("well", "text", words), values={key: well_of(key) for key in keys})
    for column, part in enumerate((well, *_in_wells_order(offered, spec))):
        cells = [part.values.get(key, "") for key in keys]
        write_column(paper, worksheet, column, part, [*cells, *[""] * (rows - len(keys))])
    worksheet.freeze_panes(4, 1)
    print_setup(worksheet)


def _in_wells_order(offered: tuple[Part, ...], spec: TemplateSpec) -> list[Part]:
    places = {name: place for place, name in enumerate(spec.wells_order)}
    return sorted(offered, key=lambda part: places.get(part.variable.name, len(places)))


def write_column(
    paper: Paper, worksheet: Any, column: int, part: Part, cells: Sequence[str | float]
) -> None:
    """Write one column of a list: its header in the fourth row, its cells below, its dropdown."""
    paper.header(worksheet, 3, column, part.variable.name, part.words)
    for row, value in enumerate(cells, start=4):
        paper.entry(worksheet, row, column, value, text=part.is_text)
    _offer(paper, worksheet, part, Area(5, column + 1, 4 + len(cells), column + 1))
    said = [part.variable.name, *map(str, cells)]
    worksheet.set_column(column, column, text_width(said, 10))
