"""Writing the sheets Plate and Wells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assaykit.design import Factor
from assaykit.errors import UsageError
from assaykit.excel.cells import Area
from assaykit.plate import PlateFormat, row_letters
from assaykit.workbook.design_sheet import levels_area
from assaykit.workbook.paper import Paper, choose_from
from assaykit.workbook.spec import PlateWorkbook, TemplateSpec, Variable
from assaykit.workbook.styles import ROLE_COLOURS, print_setup, text_width

if TYPE_CHECKING:
    import pandas as pd

PLATE, WELLS = "Plate", "Wells"
FIRST_FACTOR = "treatment"
_HINT = "Each block is the plate; its dark corner says what it holds."
_LIST_HINT = "Only if you like a list better than the blocks of Plate: one row per well."
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
        What it says, by well.
    on_plate
        Whether Plate has a block for it.
    """

    variable: Variable
    dropdown: str = ""
    values: Values = field(default_factory=dict)
    on_plate: bool = True

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
    variables = [_variable_part(variable, content) for variable in spec.variables]
    after = next((i + 1 for i, v in enumerate(spec.variables) if v.name == "sample"), 0)
    factors = content.design.factors if content else ()
    factor_parts = [_factor_part(i, factor, content) for i, factor in enumerate(factors)]
    if not factor_parts:
        words = "what was done to the cells; its levels stand on the sheet Design"
        factor_parts = [Part(Variable(FIRST_FACTOR, "text", words), _levels(0))]
    own = (*factor_parts, *_block_parts(content))
    return (*variables[:after], *own, *variables[after:], *_readings(spec, content))


def _variable_part(variable: Variable, content: PlateWorkbook | None) -> Part:
    values = _column(content.wells, variable.name) if content else {}
    name = variable.name if variable.choices else ""
    dropdown = "yes_no" if variable.kind == "yes_no" else name
    return Part(variable, dropdown, values, variable.on_plate or bool(values))


def _factor_part(index: int, factor: Factor, content: PlateWorkbook | None) -> Part:
    values = _column(content.wells, factor.name) if content else {}
    variable = Variable(factor.name, "text", "level of this factor, as on the sheet Design")
    return Part(variable, _levels(index, len(factor.levels)), values)


def _block_parts(content: PlateWorkbook | None) -> list[Part]:
    """The columns that the design names as blocks."""
    if content is None:
        return []
    words = "block of the design: wells of one {0} have the same name here"
    return [
        Part(Variable(name, "text", words.format(name)), values=_column(content.wells, name))
        for name in content.design.blocks
    ]


def _levels(index: int, levels: int = 0) -> str:
    return f"=Design!{levels_area(index, levels)}"


def _column(wells: pd.DataFrame, name: str) -> dict[str, str | float]:
    """What a column says, by well; what it does not say is left out."""
    if name not in wells:
        return {}
    said = {str(w): _cell(v) for w, v in zip(wells["well"], wells[name], strict=True)}
    return {well: value for well, value in said.items() if value != ""}


def _cell(value: Any) -> str | float:
    import pandas as pd

    if isinstance(value, str):
        return value
    if pd.api.types.is_bool(value):
        return "yes" if value else ""
    return "" if pd.isna(value) else float(value)


def _readings(spec: TemplateSpec, content: PlateWorkbook | None) -> list[Part]:
    """One part for each channel; what an instrument said instead of a number is written again."""
    by_channel: dict[str, dict[str, str | float]] = {name: {} for name in spec.channels}
    for row in content.readings.to_dict("records") if content else []:
        values = by_channel.setdefault(row["channel"], {})
        values[row["well"]] = _reading(row["value"], row["flag"])
    return [
        Part(Variable(name, "number", "readings of this channel", spec.channel_unit), "", values)
        for name, values in by_channel.items()
    ]


def _reading(value: float, flag: str) -> str | float:
    if not flag:
        return _cell(value)
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
    said = [str(value) for part in on_plate for value in part.values.values()]
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
        choose_from(worksheet, area, part.dropdown, strict=False)
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


def write_well_list(paper: Paper, offered: tuple[Part, ...], plate: PlateFormat) -> None:
    """Write the sheet Wells: the headers of a list, with the same dropdowns.

    Parameters
    ----------
    paper, offered, plate
        As for :func:`write_plate`.
    """
    worksheet = paper.sheet(WELLS, "Wells as a list", _LIST_HINT)
    well = Part(Variable("well", "text", "name of the well: A1, B12 and so on"))
    for column, part in enumerate((well, *offered)):
        paper.header(worksheet, 3, column, part.variable.name, part.words)
        for row in range(4, 4 + plate.wells):
            paper.entry(worksheet, row, column, None, text=part.is_text)
        _offer(paper, worksheet, part, Area(5, column + 1, 4 + plate.wells, column + 1))
        worksheet.set_column(column, column, text_width([part.variable.name], 10))
    worksheet.freeze_panes(4, 1)
    print_setup(worksheet)
