"""A plan as files: the plan workbook, and its picture for print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.report.columns import number_format
from assaykit.report.figures.canvas import image_bytes
from assaykit.report.figures.power import power_picture
from assaykit.report.methods import provenance_table
from assaykit.report.methods_sheet import write_methods
from assaykit.report.outputs import write_bytes
from assaykit.report.pages import (
    Drawing,
    Shown,
    add_page,
    heading,
    paragraphs,
    place_drawings,
    small_table,
    title,
)
from assaykit.report.sheets import NOTE, SEVERITY_COLOURS, table_sheet, workbook_at
from assaykit.report.study_workbook import KINDS_OF_IMAGE
from assaykit.report.summary import drawing_of
from assaykit.tables import Column

if TYPE_CHECKING:
    from assaykit.report.sheets import Book
    from assaykit.stats.planning_record import Plan
    from assaykit.study import Study

KIND = "plan"
_WIDTHS = (30, 30, 16, 14, 29)
_POWER = "simulated power, as a share of the simulated studies"
PLAN_COLUMNS: tuple[Column, ...] = (
    Column("n_biological", "count", "biological replicates per arm: n"),
    Column("n_wells", "count", "wells of each biological replicate in each arm"),
    Column("n_wells_per_arm", "count", "all wells of an arm: n_biological × n_wells"),
    Column("power", "number", f"{_POWER} that find the effect in its direction"),
    Column("power_low", "number", "lower end of the 95 % Monte-Carlo interval of power"),
    Column("power_high", "number", "upper end of the 95 % Monte-Carlo interval of power"),
    Column("exact_power", "number", "power from the noncentral t distribution, as a check"),
    Column(
        "interval_ratio", "number",
        "expected confidence interval of the effect: from the estimate ÷ to × this factor",
    ),
    Column(
        "half_width", "number", "expected confidence interval of the effect: the estimate ± this",
        "that of the effect",
    ),
    Column("n_simulated", "count", "simulated studies behind power"),
)  # fmt: skip
"""What the columns of the sheets Power and Needed mean."""


def write_plan_report(plan: Plan, folder: Path) -> dict[str, Path]:
    """Write the workbook and the picture of a plan.

    Parameters
    ----------
    plan
        As :func:`assaykit.stats.planning_record.make_plan` gives it.
    folder
        Where the files go; made if it is not there.

    Returns
    -------
    dict of str to pathlib.Path
        ``workbook``: ``plan.xlsx``; ``power.png``, ``power.svg`` and ``power.pdf`` in the folder
        ``figures``. The same plan gives the same bytes.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there before is whole.

    Examples
    --------
    >>> import tempfile
    >>> from assaykit.stats.plan_settings import PlanSettings, VarianceComponents
    >>> from assaykit.stats.planning_record import ComponentsSource, make_plan
    >>> small = PlanSettings(replicates=(3, 4), wells=(1,), n_simulated=100)
    >>> plan = make_plan(ComponentsSource(VarianceComponents(0.3, 0.1, 0.1)), 2.0, small)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(write_plan_report(plan, Path(folder)))
    ['power.pdf', 'power.png', 'power.svg', 'workbook']
    """
    picture = power_picture(plan.table, target=plan.settings.target, effect=plan.effect_words)
    written = {"workbook": folder / "plan.xlsx"}
    for kind in KINDS_OF_IMAGE:
        path = folder / "figures" / f"{picture.name}.{kind}"
        written[f"{picture.name}.{kind}"] = write_bytes(path, image_bytes(picture, kind))
    study = _as_study(plan)
    with workbook_at(written["workbook"], study.title) as book:
        image = written[f"{picture.name}.png"].read_bytes()
        _write_summary(book, plan, drawing_of(picture, image))
        for name, table in study.tables.items():
            table_sheet(book, name, table, {"": PLAN_COLUMNS})
        write_methods(book, study)
        table_sheet(book, "Provenance", provenance_table(study, KIND))
    return written


def _as_study(plan: Plan) -> Study:
    """The plan's records where Methods and Provenance look for them."""
    import pandas as pd

    from assaykit.design import Design
    from assaykit.study import Study

    none = pd.DataFrame()
    return Study(
        title="plan", assay="", design=Design(), wells=none, observations=none, replicates=none,
        effects=none, remarks=none, tables={"Power": plan.table, "Needed": plan.needed},
        summary=plan.summary, settings=plan.parameters, steps=plan.steps,
        inputs=plan.source.inputs, problems=plan.source.problems,
    )  # fmt: skip


def _write_summary(book: Book, plan: Plan, drawing: Drawing) -> None:
    """Add the sheet Summary: the answer, what each number of wells needs, the picture."""
    page = add_page(book, "Summary", _WIDTHS)
    row = title(page, 0, "Plan of an experiment", f"Power to find {plan.effect_words}")
    row = paragraphs(page, heading(page, row, "In short"), plan.summary)
    row = heading(page, row, f"Needed for {100 * plan.settings.target:g} % power")
    header = ("wells per replicate and arm", "biological replicates per arm", "wells per arm",
              "power (%)", _interval_header(plan))  # fmt: skip
    row = small_table(page, row, header, _needed_rows(plan))
    if plan.source.problems:
        row = heading(page, row, "About the standard deviations")
    for problem in plan.source.problems:
        row = paragraphs(page, row, [str(problem)], SEVERITY_COLOURS[problem.severity])
    row = heading(page, row, "Declared")
    row = small_table(page, row, ("what", "value"), _declared(plan))
    paragraphs(page, row + 1, [_CAUTION], NOTE)
    place_drawings(page, [drawing])


_CAUTION = (
    "The effect is the smallest one that matters, declared before the experiment. Power at the "
    "effect that a study happened to find says nothing beyond its p value."
)


def _interval_header(plan: Plan) -> str:
    if "interval_ratio" in plan.needed:
        return "expected interval (÷ and ×)"
    return f"expected interval ({f'± {plan.effect.unit}'.rstrip()})"


def _needed_rows(plan: Plan) -> list[list[Shown]]:
    """One row for each number of wells; what no planned number reaches is said in words."""
    width = "interval_ratio" if "interval_ratio" in plan.needed else "half_width"
    rows = []
    for row in plan.needed.to_dict("records"):
        if row["exact_power"] >= plan.settings.target:
            percent = Shown(100 * row["exact_power"], "0.0")
            interval = Shown(row[width], number_format(width, row[width]))
            counts = [Shown(row[name], "0") for name in ("n_biological", "n_wells_per_arm")]
            cells = [*counts, percent, interval]
        else:
            cells = [Shown(f"more than {max(plan.settings.replicates)}"), *[Shown("")] * 3]
        rows.append([Shown(row["n_wells"], "0"), *cells])
    return rows


def _declared(plan: Plan) -> list[list[Shown]]:
    return [[Shown(name.replace("_", " ")), Shown(text)] for name, text in plan.parameters.items()]
