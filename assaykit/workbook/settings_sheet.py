"""The Settings sheet: what is said of the whole plate, the assay's parameters, and notes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assaykit.errors import InputError, Problem
from assaykit.excel.cells import Address, Area, Sheet, cell_address
from assaykit.parameters import Parameter, describe, parse_parameter
from assaykit.plate import PLATE_FORMATS
from assaykit.values import cell_name, decimal_mark, match_key, nearest, parse_value, suggestion
from assaykit.workbook.fields import at, merged_problems, value_problems
from assaykit.workbook.spec import TEMPLATE_VERSION, TemplateSpec

SHEET = "Settings"
HEADERS = ("setting", "value", "unit", "meaning", "source")
NOTE = "note"
NOTES: Mapping[str, str] = {
    "date": "when the plate was read",
    "operator": "who did it",
    "instrument": "plate reader, microscope or cycler",
    "kit": "kit or reagents with their lots",
}
PLATE_SETTINGS: tuple[Parameter, ...] = (
    Parameter("assay", "", "which assay this template is for; do not change"),
    Parameter("template_version", TEMPLATE_VERSION, "version of the template; do not change"),
    Parameter("plate_name", "", "name of the plate; empty: the name of this file"),
    Parameter(
        "plate_format", 96, "number of wells", choices=tuple(str(n) for n in sorted(PLATE_FORMATS))
    ),
    Parameter(
        "readings_file", "",
        "the instrument's file with the readings, in the same folder; empty: they stand in this "
        "workbook",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What the Settings sheet says.

    Parameters
    ----------
    plate, plate_format, readings_file, notes
        As in :class:`assaykit.workbook.spec.PlateWorkbook`; ``plate`` may be empty, and
        ``plate_format`` is None where it cannot be read.
    parameters
        The assay's parameters; those that cannot be read have their defaults.
    cells
        Where the value of each setting stands.
    """

    plate: str = ""
    plate_format: int | None = None
    readings_file: str = ""
    parameters: Any = None
    notes: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Address] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rows:
    """The cells beside each name: settings above the word ``note``, notes below it."""

    settings: Mapping[str, Address]
    notes: Mapping[str, Address]
    problems: tuple[Problem, ...]


def read_settings(sheet: Sheet, spec: TemplateSpec) -> tuple[Settings, list[Problem]]:
    """Read the Settings sheet by the names in its first column.

    Parameters
    ----------
    sheet
        The sheet; a table headed ``setting`` and ``value``, wherever it stands.
    spec
        The template that it should be of.

    Returns
    -------
    settings, problems
        What it says, and everything that is wrong with it.
    """
    start = sheet.find("setting", "value")
    if start is None:
        return Settings(parameters=spec.parameters()), [_no_table(sheet)]
    parameters = describe(spec.parameters)
    rows = _rows(sheet, start, tuple(item.name for item in (*PLATE_SETTINGS, *parameters)))
    said, problems = _parameters(sheet, rows.settings, (*PLATE_SETTINGS[1:], *parameters))
    problems = [*rows.problems, *problems, *_assay_problems(sheet, start, rows, spec)]
    problems += _version_problems(sheet, rows, str(said.get("template_version", "")))
    own = {item.name for item in parameters}
    settings = Settings(
        plate=str(said.get("plate_name", "")),
        plate_format=_plate_format(sheet, said, rows),
        readings_file=str(said.get("readings_file", "")),
        parameters=spec.parameters(**{k: v for k, v in said.items() if k in own}),
        notes=_notes(sheet, rows.notes),
        cells=rows.settings,
    )
    return settings, problems


def _plate_format(sheet: Sheet, said: Mapping[str, object], rows: _Rows) -> int | None:
    if "plate_format" in said:
        return int(str(said["plate_format"]))
    place = rows.settings.get("plate_format")
    return None if place and sheet.text(*place) else 96


def stated_assay(sheet: Sheet) -> tuple[str, Address | None]:
    """Which assay the sheet names, and in which cell; without a row ``assay``, nothing."""
    start = sheet.find("setting", "value")
    address = _rows(sheet, start, ("assay",)).settings.get("assay") if start else None
    return (sheet.text(*address) if address else ""), address


def _no_table(sheet: Sheet) -> Problem:
    message = "no cell says 'setting' with 'value' beside it"
    remedy = "Write the header row of the settings again."
    return Problem("no_settings", message, sheet=sheet.name, remedy=remedy)


def _rows(sheet: Sheet, start: Address, known: tuple[str, ...]) -> _Rows:
    top, left = start
    settings: dict[str, Address] = {}
    notes: dict[str, Address] = {}
    bottom = max(row for row, _ in sheet.cells)
    problems = merged_problems(sheet, Area(top, left, bottom, left + 1))
    target = settings
    for row in sorted(row for row, column in sheet.cells if column == left and row > top):
        text = sheet.text(row, left)
        name = _note(sheet.cell(row, left).value) if target is notes else _known(text, known)
        if target is settings and match_key(text) == NOTE:
            target = notes
        elif name in target:
            first = cell_address(target[name][0], left)
            message = f"'{name}' is already in {first}"
            problems.append(at(sheet, (row, left), "setting_twice", message, remedy="Keep one."))
        elif target is settings and name not in known:
            remedy = f"{suggestion(text, known)} Your own remarks belong under '{NOTE}'."
            message = f"'{text}' is not a setting"
            problems.append(at(sheet, (row, left), "unknown_setting", message, remedy=remedy))
        else:
            target[name] = (row, left + 1)
    for address in (*settings.values(), *notes.values()):
        problems += value_problems(sheet, address)
    return _Rows(settings, notes, tuple(problems))


def _known(text: str, known: tuple[str, ...]) -> str:
    return next((name for name in known if match_key(name) == match_key(text)), text)


def _parameters(
    sheet: Sheet, addresses: Mapping[str, Address], items: tuple[Parameter, ...]
) -> tuple[dict[str, object], list[Problem]]:
    """Every setting that is filled, and those that cannot be read."""
    filled = {
        item.name: (item, addresses[item.name])
        for item in items
        if item.name in addresses and sheet.text(*addresses[item.name])
    }
    numbers = [sheet.cell(*place).value for item, place in filled.values() if _is_number(item)]
    problems: list[Problem] = []
    said: dict[str, object] = {}
    mark = "."
    try:
        mark = decimal_mark(text for text in numbers if isinstance(text, str))
    except InputError as error:
        problems += [Problem("decimal_mark", p.message, sheet=sheet.name) for p in error.problems]
    for name, (item, place) in filled.items():
        raw = sheet.cell(*place).value
        try:
            said[name] = _parameter(item, raw, mark)
        except InputError as error:
            problems += [
                at(sheet, place, p.code, f"{name}: {p.message.removeprefix(f'{name}: ')}",
                   remedy=p.remedy)
                for p in error.problems
            ]  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}, problems


def _is_number(item: Parameter) -> bool:
    return not item.choices and not isinstance(item.default, (str, bool))


def _parameter(item: Parameter, raw: object, mark: Any) -> object:
    if _is_number(item) and isinstance(raw, str):
        value = parse_value(raw, mark)
        return parse_parameter(item, raw if value.flag else value.number)
    if isinstance(item.default, str) and not item.choices:
        return cell_name(raw).strip() or None  # as it is written: a unit or a file's name
    return parse_parameter(item, raw)


def _assay_problems(sheet: Sheet, start: Address, rows: _Rows, spec: TemplateSpec) -> list[Problem]:
    place = rows.settings.get("assay")
    if place is None:
        message = f"there is no setting 'assay', expected '{spec.assay}'"
        return [at(sheet, start, "no_assay", message, remedy="Write the row again.")]
    found = sheet.text(*place)
    if match_key(found) == match_key(spec.assay):
        return []
    message = f"found the assay '{found}', expected '{spec.assay}'"
    misspelled = nearest(found, [spec.assay])
    remedy = (
        f"Did you mean '{spec.assay}'?" if misspelled else f"Use the command: assaykit {found}."
    )
    return [at(sheet, place, "wrong_assay", message, remedy=remedy)]


def _version_problems(sheet: Sheet, rows: _Rows, version: str) -> list[Problem]:
    place = rows.settings.get("template_version")
    if place is None or version in ("", TEMPLATE_VERSION):
        return []
    message = f"the template has version {version}, expected {TEMPLATE_VERSION}"
    remedy = "Copy the plate into a new template, or use the assaykit that wrote this one."
    return [at(sheet, place, "template_version", message, remedy=remedy)]


def _notes(sheet: Sheet, addresses: Mapping[str, Address]) -> dict[str, str]:
    notes = {name: _note(sheet.cell(*place).value) for name, place in addresses.items()}
    return {name: text for name, text in notes.items() if text}


def _note(raw: object) -> str:
    """A note as a person reads it; a date without its midnight."""
    if isinstance(raw, datetime.datetime) and raw.time() == datetime.time():
        return raw.date().isoformat()
    return "" if raw is None else str(raw).strip()
