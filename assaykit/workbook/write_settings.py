"""Writing the Settings sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assaykit.excel.cells import Area
from assaykit.parameters import Parameter, describe
from assaykit.workbook.paper import Paper
from assaykit.workbook.settings_sheet import HEADERS, NOTE, NOTES, PLATE_SETTINGS, SHEET
from assaykit.workbook.spec import TEMPLATE_VERSION, PlateWorkbook, TemplateSpec
from assaykit.workbook.styles import print_setup, row_height, text_width

TOP = 3
_SPARE_NOTES = 6
_MEANING, _SOURCE = 70, 46
_HINT = "Change values only in the column 'value'; an empty one means the value set by assaykit."


def choice_lists(spec: TemplateSpec) -> dict[str, tuple[str, ...]]:
    """The lists that the dropdowns of Settings need."""
    items = (*PLATE_SETTINGS, *describe(spec.parameters))
    return {item.name: item.choices for item in items if item.choices}


def write_settings(
    paper: Paper, spec: TemplateSpec, plate_format: int, content: PlateWorkbook | None
) -> None:
    """Write the Settings sheet: the plate, the assay's parameters, notes.

    Parameters
    ----------
    paper
        The workbook.
    spec
        The template.
    plate_format
        Number of wells.
    content
        What to fill in; None for the assay's defaults.
    """
    worksheet = paper.sheet(SHEET, f"Settings: {spec.title}", _HINT)
    parameters = describe(spec.parameters)
    values = _values(spec, plate_format, content)
    for column, name in enumerate(HEADERS):
        paper.header(worksheet, TOP, column, name)
    row = TOP + 1
    for item in (*PLATE_SETTINGS, *parameters):
        _write_setting(paper, worksheet, row, item, values[item.name])
        row += 1
    notes = dict.fromkeys(NOTES, "") | dict(content.notes if content else {})
    _write_notes(paper, worksheet, row + 1, notes)
    _set_widths(worksheet, (*PLATE_SETTINGS, *parameters), values, notes)
    worksheet.freeze_panes(TOP + 1, 1)
    print_setup(worksheet)


def _values(spec: TemplateSpec, plate_format: int, content: PlateWorkbook | None) -> dict[str, Any]:
    settings = content.settings if content else spec.parameters()
    return {
        "assay": spec.assay,
        "template_version": TEMPLATE_VERSION,
        "plate_name": content.plate if content else "",
        "plate_format": plate_format,
        "readings_file": content.readings_file if content else "",
    } | {item.name: getattr(settings, item.name) for item in describe(spec.parameters)}


def _write_setting(paper: Paper, worksheet: Any, row: int, item: Parameter, value: Any) -> None:
    styles = paper.styles
    is_yes_no = isinstance(item.default, bool)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    worksheet.write_string(row, 0, item.name, styles.label)
    paper.entry(worksheet, row, 1, value, text=isinstance(item.default, str) or is_yes_no)
    if item.choices or is_yes_no:
        name = "yes_no" if is_yes_no else item.name
        paper.dropdown(worksheet, Area(row + 1, 2, row + 1, 2), name)
    worksheet.write_string(row, 2, item.unit, styles.words)
    worksheet.write_string(row, 3, _meaning(item), styles.words)
    worksheet.write_string(row, 4, item.source, styles.words)
    worksheet.set_row(row, row_height((_meaning(item), _MEANING), (item.source, _SOURCE)))


def _meaning(item: Parameter) -> str:
    return f"{item.meaning}: {', '.join(item.choices)}" if item.choices else item.meaning


def _write_notes(paper: Paper, worksheet: Any, top: int, notes: Mapping[str, str]) -> None:
    for column, name in enumerate((NOTE, "value", "", "meaning")):
        if name:
            paper.header(worksheet, top, column, name)
    for row, (name, text) in enumerate(notes.items(), start=top + 1):
        paper.entry(worksheet, row, 0, name, text=True)
        paper.entry(worksheet, row, 1, text, text=True)
        worksheet.write_string(row, 3, NOTES.get(name, ""), paper.styles.words)
    for row in range(top + 1 + len(notes), top + 1 + len(notes) + _SPARE_NOTES):
        paper.entry(worksheet, row, 0, "", text=True)
        paper.entry(worksheet, row, 1, "", text=True)


def _set_widths(
    worksheet: Any,
    items: Iterable[Parameter],
    values: Mapping[str, Any],
    notes: Mapping[str, str],
) -> None:
    names = [*(item.name for item in items), *notes]
    worksheet.set_column(0, 0, text_width(names))
    worksheet.set_column(1, 1, text_width([*map(str, values.values()), *notes.values()], 20, 40))
    worksheet.set_column(2, 2, 9)
    worksheet.set_column(3, 3, _MEANING)
    worksheet.set_column(4, 4, _SOURCE)
