"""Writing a template, blank or filled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assaykit.design import Design
from assaykit.errors import UsageError
from assaykit.plate import PlateFormat
from assaykit.plate import plate_format as find_format
from assaykit.workbook.design_sheet import SHEET as DESIGN
from assaykit.workbook.fields import in_wells, well_of
from assaykit.workbook.instructions import write_example, write_instructions
from assaykit.workbook.paper import new_workbook
from assaykit.workbook.spec import PlateWorkbook, TemplateSpec
from assaykit.workbook.statements import YES_NO
from assaykit.workbook.write_design import write_design_sheet
from assaykit.workbook.write_lists import list_parts, write_list_sheets
from assaykit.workbook.write_plate import (
    FIRST_FACTOR,
    Part,
    parts,
    row_keys,
    write_plate,
    write_well_list,
)
from assaykit.workbook.write_settings import choice_lists, write_settings


def write_template(
    path: str | Path,
    spec: TemplateSpec,
    *,
    plate_format: int = 96,
    content: PlateWorkbook | None = None,
) -> Path:
    """Write the Excel template of an assay, blank or filled.

    The same content gives the same bytes. What :func:`assaykit.workbook.read_template` reads
    from a workbook can be written again without loss.

    Parameters
    ----------
    path
        Where to write; a file that is there is replaced in one step.
    spec
        The assay's template.
    plate_format
        Number of wells of the plate; with ``content``, its own counts.
    content
        What to fill in; None for a blank template.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    InputError
        No plate has that many wells.
    UsageError
        The content has wells that the plate does not have, rows of one well that nothing tells
        apart, columns that a list sheet does not have, or a flag without a word for it.
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from assaykit.parameters import parameter
    >>> from assaykit.workbook.spec import Variable
    >>> from dataclasses import make_dataclass
    >>> empty = make_dataclass("Parameters", [], frozen=True)
    >>> spec = TemplateSpec("elisa", "ELISA", "ELISA", (Variable("role", "text", "use"),),
    ...                     ("od_450",), "od_[0-9]+", "OD", empty)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(Path(folder) / "plate.xlsx", spec, plate_format=24).name
    'plate.xlsx'
    """
    target = Path(path)
    wells = content.plate_format if content else plate_format
    plate = find_format(wells)
    offered = parts(spec, content)
    listed = tuple((sheet, list_parts(sheet, content)) for sheet in spec.lists)
    _check_fits(offered, plate)
    if content:
        _check_rows(content, spec)
    with new_workbook(target, spec.title, _list_choices(spec)) as paper:
        write_instructions(paper, spec, offered, listed)
        write_plate(paper, offered, plate)
        write_well_list(paper, offered, plate, spec)
        write_list_sheets(paper, listed, content)
        design = paper.workbook.add_worksheet(DESIGN)
        _write_design(paper.workbook, design, content)
        write_settings(paper, spec, wells, content)
        write_example(paper, spec, offered, listed)
        paper.write_lists()
    return target


def _check_fits(offered: tuple[Part, ...], plate: PlateFormat) -> None:
    """Raise if something is said of a well that the plate does not have."""
    outside = [key for part in offered for key in part.values if well_of(key) not in plate]
    if outside:
        listed = in_wells(dict.fromkeys(outside))
        raise UsageError(f"a plate of {plate.wells} wells does not have the wells {listed}")


def _check_rows(content: PlateWorkbook, spec: TemplateSpec) -> None:
    """Raise if a well has rows that nothing tells apart; only one of them could be written."""
    others = " or ".join(spec.well_key[1:])
    if not others:
        return
    keys = Counter(row_keys(content.wells, content.wells, spec))
    read = row_keys(content.readings, content.wells, spec)
    twice = [key for key, count in keys.items() if count > 1]
    bad = [*twice, *(key for key in (*keys, *read) if key.endswith(" "))]
    if bad:
        raise UsageError(f"rows of the wells {in_wells(bad)} have the same {others}, or none")


def _list_choices(spec: TemplateSpec) -> dict[str, tuple[str, ...]]:
    """The choices of every dropdown; a parameter may share the name of a variable."""
    every = (*spec.variables, *(v for sheet in spec.lists for v in sheet.columns))
    variables = {v.name: v.choices for v in every if v.choices and v.kind != "yes_no"}
    return {"yes_no": YES_NO} | variables | choice_lists(spec)


def _write_design(workbook: object, worksheet: object, content: PlateWorkbook | None) -> None:
    first = "" if content and content.design.factors else FIRST_FACTOR
    write_design_sheet(workbook, worksheet, content.design if content else Design(), first)
