"""The Summary sheets: what a reader wants to know first, with pictures beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assaykit.assays.base import endpoint_words
from assaykit.report import sheets
from assaykit.report.columns import (
    CHECKS_DECIDE_NOTHING,
    describe_columns,
    is_excluded,
    number_format,
)
from assaykit.report.outputs import plain
from assaykit.report.pages import (
    Drawing,
    Page,
    Shown,
    add_page,
    heading,
    paragraphs,
    place_drawings,
    small_table,
    title,
)
from assaykit.report.words import assay_title, contrast_words, own_columns, summary_tables
from assaykit.tables import factor_columns

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.report.figures import Picture
    from assaykit.report.sheets import Book
    from assaykit.study import Study
    from assaykit.tables import Column

_PLATE_WIDTHS = (30, *(17,) * 3, *(15,) * 4)
_STUDY_WIDTHS = (28, 48, *(13,) * 3, 18, *(13,) * 4)
_MOST_ROWS = 40
_PIXELS_PER_INCH = 96
_NARROW_INCHES, _ENLARGED = 4.0, 1.5
_LEFT_OUT = ("plate", "role", "concentration_unit", "dilutions_used", "dilutions_out_of_range")


def write_plate_summary(book: Book, study: Study, drawings: Sequence[Drawing]) -> None:
    """Add the sheet Summary of one plate."""
    page = add_page(book, "Summary", _PLATE_WIDTHS)
    assay = assay_title(study.assay)
    what = f"Results of one plate ({assay})" if assay else "Results of one plate"
    row = title(page, 0, study.title, what)
    row = _key_sentences(page, row, study)
    row = _write_verdict(page, row, study.remarks)
    row = _write_problems(page, row, study)
    row = _write_arms(page, row, study)
    for name, shown in summary_tables(study).items():
        row = _write_table(page, row, study, name, shown)
    place_drawings(page, drawings)


def write_study_summary(book: Book, study: Study, drawings: Sequence[Drawing]) -> None:
    """Add the sheet Summary of a comparison."""
    page = add_page(book, "Summary", _STUDY_WIDTHS)
    row = title(page, 0, study.title, "Comparison of arms over biological replicates")
    row = _key_sentences(page, row, study)
    row = _write_effects(page, row, study)
    row = _write_checks(page, row, study.checks)
    row = _write_verdict(page, row, study.remarks)
    _write_problems(page, row, study)
    place_drawings(page, drawings)


def drawing_of(picture: Picture, data: bytes) -> Drawing:
    """A picture for a sheet, enlarged where it is as narrow as a journal's column."""
    width, height = picture.figure.get_size_inches()
    scale = _ENLARGED if width < _NARROW_INCHES else 1.0
    pixels = [round(scale * _PIXELS_PER_INCH * inches) for inches in (width, height)]
    return Drawing(data, pixels[0], pixels[1], picture.alternative, scale)


def _key_sentences(page: Page, row: int, study: Study) -> int:
    return paragraphs(page, heading(page, row, "In short"), study.summary) if study.summary else row


def _write_verdict(page: Page, row: int, remarks: pd.DataFrame) -> int:
    """How many remarks of each severity there are, and what the graver ones say."""
    row = heading(page, row, "Quality")
    said = [] if remarks.empty else remarks[["severity", "message"]].astype(str).to_numpy().tolist()
    counts = {word: sum(severity == word for severity, _ in said) for word in SEVERITY_WORDS}
    if not counts["failure"] and not counts["warning"]:
        row = paragraphs(page, row, ["No rule was broken."], sheets.GOOD)
    shown = [
        [Shown(words, colour=colour if counts[word] else ""), Shown(counts[word], "0")]
        for word, (words, colour) in SEVERITY_WORDS.items()
    ]
    row = small_table(page, row, ("remarks", "number"), shown)
    grave = [pair for word in ("failure", "warning") for pair in said if pair[0] == word]
    for severity, text in grave[:_MOST_ROWS]:
        row = paragraphs(page, row, [text], sheets.SEVERITY_COLOURS[severity])
    if len(grave) > _MOST_ROWS:
        more = f"{len(grave) - _MOST_ROWS} more are in the sheet QC."
        row = paragraphs(page, row, [more])
    return row


SEVERITY_WORDS = {
    "failure": ("failures: look before use", sheets.FAILURE),
    "warning": ("warnings: worth a look", sheets.WARNING),
    "note": ("notes", sheets.NOTE),
}


def _write_problems(page: Page, row: int, study: Study) -> int:
    """What was odd in the input."""
    if not study.problems:
        return row
    row = heading(page, row, "About the input")
    for problem in study.problems:
        row = paragraphs(page, row, [str(problem)], sheets.SEVERITY_COLOURS[problem.severity])
    return row


def _write_arms(page: Page, row: int, study: Study) -> int:
    """How many replicates and wells each arm has."""
    table = study.observations
    if table.empty or not study.design.factors:
        return row
    samples = table[table["role"] == "sample"]
    samples = samples.assign(arm=study.design.arm_labels(samples))
    keys = [name for name in ("analyte", "endpoint") if name in samples]
    order: dict[Any, int] = {arm: number for number, arm in enumerate(study.design.arms)}
    groups = [(list(key), part) for key, part in samples.groupby([*keys, "arm"], sort=False)]
    groups.sort(key=lambda group: order.get(group[0][-1], len(order)))
    rows = [[*map(Shown, (key[-1], *key[:-1])), *_counts(part)] for key, part in groups]
    word = study.design.replicate_word
    header = ("arm", *keys, f"n ({word})", "wells", "wells with a number", "excluded")
    return small_table(page, heading(page, row, "Arms"), header, rows)


def _counts(part: pd.DataFrame) -> list[Shown]:
    """Replicates and wells that count, of the rows of one arm."""
    excluded = is_excluded(part)
    counted = part[part["value"].notna() & ~excluded]
    named = set(counted.get("biological_replicate", ())) - {""}
    numbers = (len(named), len(part), len(counted), int(excluded.sum()))
    return [Shown(number, "0") for number in numbers]


def _write_table(page: Page, row: int, study: Study, sheet: str, columns: Sequence[str]) -> int:
    """One of the assay's tables: some of its columns, or as many as there is room for here."""
    table = study.tables.get(sheet)
    if table is None or table.empty:
        return row
    row = heading(page, row, sheet)
    chosen = columns or _telling_columns(table)
    names = [name for name in chosen if name in table][: len(page.widths)]
    described = describe_columns(sheet, names, own_columns(study))
    header = [f"{name}{_unit_words(described.get(name), table)}" for name in names]
    shown = table.head(_MOST_ROWS)
    rows = [[_shown(name, value, described.get(name))
             for name, value in zip(names, cells, strict=True)]
            for cells in shown[names].to_numpy(object)]  # fmt: skip
    row = small_table(page, row, header, rows)
    if len(table) > len(shown):
        more = f"{len(table) - len(shown)} more are in the sheet {sheet}."
        row = paragraphs(page, row, [more])
    return row


def _telling_columns(table: pd.DataFrame) -> list[str]:
    """Those that are not blank and tell rows apart: names and factors first."""
    names = [name for name in table.columns if name not in _LEFT_OUT and not _is_blank(table[name])]
    first = [name for name in ("sample", *factor_columns(table)) if name in names]
    return [*first, *(name for name in names if name not in first)]


def _unit_words(column: Column | None, table: pd.DataFrame) -> str:
    """The unit of a column in brackets, if it has one and does not say so already."""
    if column is None or column.name.endswith("_percent"):
        return ""
    unit = column.unit
    if unit.startswith("see "):
        units = set(table.get(unit.removeprefix("see "), ()))
        unit = str(next(iter(units))) if len(units) == 1 else ""
    return f" ({unit})" if unit else ""


def _is_blank(values: pd.Series) -> bool:
    return bool((values.isna() | (values.astype(str) == "")).all())


def _shown(name: str, value: object, column: Column | None = None) -> Shown:
    """A value with the number format of its column, coloured if it is a flag."""
    cell = sheets.cell_value(value)
    if isinstance(cell, float):
        return Shown(cell, number_format(name, cell, column=column))
    return Shown(cell, colour=sheets.WARNING if cell and name in ("flag", "flags") else "")


def _write_effects(page: Page, row: int, study: Study) -> int:
    """Each contrast in numbers, and the families that p and intervals belong to."""
    effects = study.effects
    if effects.empty:
        return row
    row = heading(page, row, "Effects")
    numbers = ("estimate", "ci_low", "ci_high", "scale", "p_value", "p_adjusted", "p_equivalence",
               "n_biological")  # fmt: skip
    names = [
        name
        for name in numbers
        if name in effects and (name != "p_equivalence" or effects[name].notna().any())
    ]
    rows = []
    for effect in effects.to_dict("records"):
        scale = " ".join(str(effect.get(key, "")) for key in ("scale", "unit")).strip()
        values = {**effect, "scale": scale.replace("_", " ")}
        cells = [_shown(name, values[name]) for name in names]
        rows.append(
            [
                Shown(endpoint_words(effect["analyte"], effect["endpoint"])),
                Shown(contrast_words(effect, study.design)),
                *cells,
            ]
        )
    row = small_table(page, row, ("endpoint", "contrast", *names), rows)
    families = [text for text in dict.fromkeys(effects.get("adjustment", ())) if text]
    said = [f"Adjustment within each endpoint: {' or '.join(families)}."] if families else []
    return paragraphs(page, row, said)


def _write_checks(page: Page, row: int, checks: pd.DataFrame) -> int:
    """Which findings of the checks are worth a look; they decide nothing."""
    if checks.empty:
        return row
    row = paragraphs(page, heading(page, row, "Checks"), [CHECKS_DECIDE_NOTHING])
    said = [
        (_finding(check), colour)
        for check in checks.to_dict("records")
        for words, colour in sheets.FINDING_COLOURS.items()
        if words in check["finding"]
    ]
    if not said and checks["p_value"].notna().any():
        row = paragraphs(page, row, ["No check contradicts the model."], sheets.GOOD)
    for text, colour in said[:_MOST_ROWS]:
        row = paragraphs(page, row, [f"{text}."], colour)
    if len(said) > _MOST_ROWS:
        row = paragraphs(page, row, [f"{len(said) - _MOST_ROWS} more are in the sheet Checks."])
    return row


def _finding(check: Mapping[Any, Any]) -> str:
    """A row of the checks as a sentence."""
    what = endpoint_words(check["analyte"], check["endpoint"])
    subject = f" ({check['subject']})" if check["subject"] else ""
    return f"{what}, {check['check']}{subject}: {check['finding']}"


def standards_charts(book: Book, study: Study) -> list[Drawing]:
    """A native chart of each curve's standards, drawn from the cells of the sheet Standards.

    The axis is logarithmic; a zero standard has no place on it and is left out.
    """
    standards = study.tables.get("Standards")
    wanted = {"plate", "analyte", "nominal_concentration", "mean_response"}
    if standards is None or standards.empty or not wanted <= set(standards.columns):
        return []
    numbered = standards.reset_index(drop=True)
    positive = numbered[numbered["nominal_concentration"].astype(float) > 0]
    return [
        _chart(book, " · ".join(filter(None, map(str, key))), part, list(standards.columns))
        for key, part in positive.groupby(["plate", "analyte"], sort=False)
    ]


def _chart(book: Book, name: str, part: pd.DataFrame, columns: list[str]) -> Drawing:
    chart = book.workbook.add_chart({"type": "scatter"})
    x, y = (
        _cells(part.index, columns.index(column))
        for column in ("nominal_concentration", "mean_response")
    )
    marker = {"type": "circle", "size": 7, "fill": {"color": "#0072B2"}, "border": {"none": True}}
    chart.add_series({"name": "standards", "categories": x, "values": y, "marker": marker})
    plain_text = {"name_font": {"bold": False}, "major_gridlines": {"visible": False}}
    chart.set_x_axis(
        {"name": _axis_name("Concentration", part, "concentration_unit"), "log_base": 10,
         "crossing": "min", **plain_text}
    )  # fmt: skip
    chart.set_y_axis({"name": _axis_name("Mean response", part, "response_unit"), **plain_text})
    said = _chart_text(f"Standards of {name[:100]}")
    chart.set_title({"name": said, "name_font": {"size": 11, "bold": False}})
    chart.set_legend({"none": True})
    return Drawing(chart, 504, 320, f"Standards of {name}: mean response over concentration.")


def _axis_name(text: str, part: pd.DataFrame, unit_column: str) -> str:
    unit = str(part[unit_column].iloc[0]) if unit_column in part else ""
    return _chart_text(f"{text} ({unit})" if unit else text)


def _chart_text(text: str) -> str:
    """Text that XlsxWriter does not take for a reference to a cell, as it does with ``x!A1``."""
    return plain(text).replace("!", "！")


def _cells(rows: Iterable[int], column: int) -> str:
    """The cells of some rows of Standards as a reference: one range, or several joined."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    areas = [
        "Standards!" + ":".join(xl_rowcol_to_cell(r + 1, column, True, True) for r in run)
        for run in runs
    ]
    return f"={areas[0]}" if len(areas) == 1 else f"=({','.join(areas)})"
