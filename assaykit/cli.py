"""The commands: they parse, call and print; no science happens here.

Results go to stdout, progress and logs to stderr. Exit codes: 0 done; 1 done, but a quality
rule that matters was broken; 2 wrong usage; 3 the input is invalid; 4 nothing to analyse.
"""

from __future__ import annotations

import inspect
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from assaykit import __version__
from assaykit.errors import (
    AssaykitError,
    InputError,
    NothingToAnalyseError,
    OutputError,
    Problem,
    UsageError,
)

if TYPE_CHECKING:
    from assaykit.assays import Assay
    from assaykit.parameters import Parameter
    from assaykit.stats.planning_record import ComponentsSource
    from assaykit.study import Study
    from assaykit.workbook import PlateWorkbook

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="From filled plate templates to audited results. Start with: assaykit demo",
)

EXIT_DONE, EXIT_RULE_BROKEN, EXIT_USAGE, EXIT_INVALID, EXIT_NOTHING = range(5)
EXIT_FAULT = 70

# One line for each member of ASSAYS.
PLATE_COMMANDS = {
    "elisa": "Concentrations from optical densities, by standard curve.",
    "alizarin": "Alizarin red: mineral in pictures, and extracted dye.",
    "trap": "TRAP-positive osteoclasts in pictures.",
    "qpcr": "Expression relative to reference genes, from quantification cycles.",
}

PlateArgument = Annotated[Path, typer.Argument(help="A filled template.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the results (made if it is not there).")
]


def main() -> NoReturn:
    """Run the command line."""
    sys.exit(app())


def _say(text: str) -> None:
    typer.echo(text)


def _finish(as_json: bool, document: Mapping[str, object], text: str, code: int) -> NoReturn:
    """Print the result, as JSON or as text, and leave."""
    _say(_json({**document, "exit_code": code}) if as_json else text)
    raise typer.Exit(code)


def _json(document: object) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain, allow_nan=False)


def _plain(value: Any) -> object:
    """Paths as text and numpy's numbers as numbers."""
    return value.item() if hasattr(value, "item") else str(value)


def _as_dict(problem: Problem) -> dict[str, str]:
    return {name: str(value) for name, value in vars(problem).items()}


@contextmanager
def _errors_in_words(command: str, as_json: bool) -> Iterator[None]:
    """Turn every error into words and an exit code; a bare traceback only on request."""
    try:
        yield
    except typer.Exit:
        raise
    except AssaykitError as error:
        _fail(command, as_json, error)
    except KeyboardInterrupt:
        typer.echo("Stopped; nothing half-written was left behind.", err=True)
        raise typer.Exit(130) from None
    except Exception as error:
        if os.environ.get("ASSAYKIT_DEBUG"):
            raise
        typer.echo(
            f"This is a fault in assaykit, not in your data: {type(error).__name__}: {error}\n"
            "Please report it with the file, if you may share it. ASSAYKIT_DEBUG=1 shows where.",
            err=True,
        )
        raise typer.Exit(EXIT_FAULT) from None


def _fail(command: str, as_json: bool, error: AssaykitError) -> NoReturn:
    code = _code_of(error)
    problems = error.problems if isinstance(error, InputError) else (Problem("error", str(error)),)
    if as_json:
        found = [_as_dict(problem) for problem in problems]
        _say(_json({"command": command, "problems": found, "exit_code": code}))
    else:
        count = f"{len(problems)} problems:\n" if len(problems) > 1 else ""
        typer.echo(count + "\n".join(f"- {problem}" for problem in problems), err=True)
    raise typer.Exit(code)


def _code_of(error: AssaykitError) -> int:
    if isinstance(error, (UsageError, OutputError)):
        return EXIT_USAGE
    return EXIT_NOTHING if isinstance(error, NothingToAnalyseError) else EXIT_INVALID


def _version(wanted: bool) -> None:
    if wanted:
        _say(f"assaykit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From filled plate templates to audited results."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the plates and their results.")] = Path(
        "assaykit-demo"
    ),
    as_json: JsonOption = False,
) -> None:
    """Analyse the example plates and compare their arms."""
    from assaykit.demo import run_demo

    with _errors_in_words("demo", as_json):
        made = run_demo(out)
        _finish(as_json, {"command": "demo", "outputs": made.outputs, "summary": made.summary},
                made.text, EXIT_DONE)  # fmt: skip


@app.command()
def template(
    assay: Annotated[str, typer.Argument(help=f"One of {', '.join(PLATE_COMMANDS)}.")],
    file: Annotated[Path, typer.Argument(help="The workbook to write; must not exist yet.")],
    plate: Annotated[int, typer.Option(help="Wells of the plate: 6, 12, 24, 48, 96, 384.")] = 96,
    as_json: JsonOption = False,
) -> None:
    """Write a blank Excel template for one plate."""
    from assaykit.assays import find_assay
    from assaykit.workbook import write_template

    with _errors_in_words("template", as_json):
        spec = find_assay(assay).template
        if file.exists():
            raise OutputError(f"{file} is there already; give another name or remove it first.")
        write_template(file, spec, plate_format=plate)
        text = f"Wrote {file}. Fill it in, then: assaykit check {file}"
        _finish(as_json, {"command": "template", "outputs": {"template": file}}, text, EXIT_DONE)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Filled templates.")],
    as_json: JsonOption = False,
) -> None:
    """List every problem of filled templates."""
    with _errors_in_words("check", as_json):
        checked = [_check_one(file) for file in files]
        code = EXIT_INVALID if any(item["errors"] for item in checked) else EXIT_DONE
        text = "\n\n".join(str(item.pop("text")) for item in checked)
        _finish(as_json, {"command": "check", "files": checked}, text, code)


def _check_one(file: Path) -> dict[str, Any]:
    """What `check` found in one file; an unreadable file is a problem like others."""
    from assaykit.assays import assay_of
    from assaykit.assays.picture_files import preview_of
    from assaykit.readers import read
    from assaykit.workbook import examine_template, write_checked

    workbook: PlateWorkbook | None = None
    pictures = ""
    try:
        workbook, problems = examine_template(file, assay_of(file).template, read)
    except InputError as error:
        return _checked(file, None, error.problems, None)
    if workbook is not None:
        pictures, found = preview_of(file, workbook)
        problems = (*problems, *found)
    marked = write_checked(file, problems) if problems else None
    return _checked(file, workbook, problems, marked, pictures)


def _checked(
    file: Path,
    workbook: PlateWorkbook | None,
    problems: tuple[Problem, ...],
    marked: Path | None,
    pictures: str = "",
) -> dict[str, Any]:
    errors = [problem for problem in problems if problem.severity == "error"]
    lines = [f"{file.name}: {_count(len(errors), 'error')}, "
             f"{_count(len(problems) - len(errors), 'warning')}"]  # fmt: skip
    lines += [f"- {problem.severity}: {problem}" for problem in problems]
    if marked:
        lines.append(f"The cells are marked in {marked}.")
    if workbook is not None:
        lines += ["", _maps(workbook)]
    if pictures:
        lines += ["", "Pictures:", pictures]
    return {
        "file": file,
        "errors": len(errors),
        "warnings": len(problems) - len(errors),
        "problems": [_as_dict(problem) for problem in problems],
        "marked": marked,
        "text": "\n".join(lines),
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _maps(workbook: PlateWorkbook) -> str:
    """The plate as text, once per variable that tells a shifted layout."""
    from assaykit.plate import map_text, plate_format

    wells = workbook.wells
    names = ["role", "target", *workbook.design.factor_names, "nominal_concentration"]
    drawn = []
    for name in names:
        if name in wells and wells[name].notna().any():
            values = {w: _short(v) for w, v in zip(wells["well"], wells[name], strict=True)}
            drawn.append(f"{name}\n{map_text(values, plate_format(workbook.plate_format))}")
    return "\n\n".join(drawn)


def _short(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return str(value)


class _PlateCommand(TyperCommand):
    """The command of an assay; an option for each of its parameters is added when it is used.

    `assaykit --help` must not wait for the assays to be loaded.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        if self.callback is not None and not self.params:
            from assaykit.assays import find_assay

            full = typer.Typer(add_completion=False, rich_markup_mode=None)
            full.command()(_plate_command(find_assay(str(self.name))))
            made = typer.main.get_command(full)
            self.params, self.callback = made.params, made.callback
        return super().get_params(ctx)


def _plate_command(assay: Assay) -> Callable[..., None]:
    """The command of one assay, with an option for each of its parameters."""
    from assaykit.parameters import describe

    def command(plate: Path, out: Path | None, as_json: bool, **given: Any) -> None:
        with _errors_in_words(assay.name, as_json):
            chosen = {key: value for key, value in given.items() if value is not None}
            _analyse(assay.name, plate, out, as_json, chosen)

    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("plate", keyword, annotation=PlateArgument),
        inspect.Parameter("out", keyword, annotation=OutOption, default=None),
        inspect.Parameter("as_json", keyword, annotation=JsonOption, default=False),
    ]
    every = [*shared[:2], *map(_option, describe(assay.template.parameters)), shared[2]]
    command.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    command.__annotations__ = {item.name: item.annotation for item in every}
    return command


def _option(item: Parameter) -> inspect.Parameter:
    """A command-line option that replaces a setting of the workbook."""
    unit = f" [{item.unit}]" if item.unit else ""
    choices = f" ({', '.join(item.choices)})" if item.choices else ""
    words = f"{item.meaning}{unit}{choices}. Default: as in the workbook."
    kind: Any = bool if isinstance(item.default, bool) else str
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, typer.Option(help=words)],
    )


def _analyse(
    assay: str, plate: Path, out: Path | None, as_json: bool, given: Mapping[str, object]
) -> NoReturn:
    from assaykit.report import write_plate_report
    from assaykit.study import analyse_plate

    study = analyse_plate(plate, assay, given)
    outputs = write_plate_report(study, out or plate.with_name(f"{plate.stem}_results"))
    _finish_study(assay, as_json, study, outputs)


def _finish_study(
    command: str, as_json: bool, study: Study, outputs: Mapping[str, Path]
) -> NoReturn:
    """Print what a study found; a broken rule that matters is told by the exit code."""
    code = EXIT_RULE_BROKEN if (study.remarks["severity"] == "failure").any() else EXIT_DONE
    _finish(as_json, _document(command, study, outputs), _text(study, outputs), code)


def _document(command: str, study: Study, outputs: Mapping[str, Path]) -> dict[str, object]:
    import json

    return {
        "command": command,
        "title": study.title,
        "outputs": dict(outputs),
        "summary": list(study.summary),
        "remarks": json.loads(study.remarks.to_json(orient="records")),
        "problems": [_as_dict(problem) for problem in study.problems],
    }


def _text(study: Study, outputs: Mapping[str, Path]) -> str:
    remarks = [f"- {row['severity']}: {row['message']}" for row in study.remarks.to_dict("records")]
    warnings = [f"- warning: {problem}" for problem in study.problems]
    return "\n".join(
        [
            study.title,
            *study.summary,
            *remarks,
            *warnings,
            f"Results: {next(iter(outputs.values()))}",
        ]
    )


for _name, _summary in PLATE_COMMANDS.items():
    app.command(_name, cls=_PlateCommand, help=_summary)(lambda: None)


@app.command()
def compare(
    results: Annotated[list[Path], typer.Argument(help="Results workbooks of plates.")],
    out: Annotated[Path, typer.Option(help="Folder for the study (made if it is not there).")],
    as_json: JsonOption = False,
) -> None:
    """Compare the arms over plates, with n = biological replicates."""
    from assaykit.report import write_study_report
    from assaykit.study import compare_results

    with _errors_in_words("compare", as_json):
        study = compare_results(results, title=out.name)
        outputs = write_study_report(study, out)
        _finish_study("compare", as_json, study, outputs)


@app.command()
def plan(
    *,
    out: Annotated[Path, typer.Option(help="Folder for the plan (made if it is not there).")],
    effect: Annotated[
        float,
        typer.Option(
            help="The smallest effect that matters: a ratio (1.5) or a difference. It is declared, "
            "never the estimate of a study: that would be post-hoc power."
        ),
    ],
    study: Annotated[
        Path | None, typer.Option(help="A study.xlsx to take the standard deviations from.")
    ] = None,
    endpoint: Annotated[str, typer.Option(help="Which endpoint of the study.")] = "",
    assay: Annotated[str, typer.Option(help="Which assay of the study.")] = "",
    analyte: Annotated[str, typer.Option(help="Which analyte of the study.")] = "",
    between_sd: Annotated[
        float | None,
        typer.Option(
            help="Standard deviation between biological replicates (for ratios: of the natural "
            "logarithm; 0.2 is about 20 %)."
        ),
    ] = None,
    arm_sd: Annotated[
        float | None,
        typer.Option(help="That of a replicate's response to an arm (replicate × arm)."),
    ] = None,
    within_sd: Annotated[
        float | None, typer.Option(help="That between the wells of one replicate in one arm.")
    ] = None,
    scale: Annotated[
        str, typer.Option(help="ratio or difference. Default: as in the study, else ratio.")
    ] = "",
    design: Annotated[
        str,
        typer.Option(
            help="shared (every replicate in both arms), own (each arm has its own) or split-plot "
            "(genotype between replicates, treatment within; the effect is the interaction)."
        ),
    ] = "shared",
    replicates: Annotated[
        str, typer.Option(help="Biological replicates per arm, such as 3-10 or 4,6,8.")
    ] = "3-10",
    wells: Annotated[str, typer.Option(help="Wells per replicate and arm.")] = "1,2,3,4,6",
    power: Annotated[float, typer.Option(help="Wanted power, as a share.")] = 0.8,
    confidence: Annotated[float, typer.Option(help="Confidence of the interval.")] = 0.95,
    contrasts: Annotated[
        int, typer.Option(help="Number of planned contrasts (Bonferroni's adjustment).")
    ] = 1,
    simulations: Annotated[int, typer.Option(help="Simulated studies for each choice.")] = 4000,
    seed: Annotated[int, typer.Option(help="Seed: the same one gives the same numbers.")] = 2022,
    as_json: JsonOption = False,
) -> None:
    """Plan an experiment: power over replicates and wells, by simulation."""
    from assaykit.report.plan_workbook import write_plan_report
    from assaykit.stats.plan_settings import PlanSettings, whole_numbers
    from assaykit.stats.planning_record import make_plan, plan_document

    with _errors_in_words("plan", as_json):
        numbers = whole_numbers(replicates), whole_numbers(wells)
        settings = PlanSettings(
            design, *numbers, power, confidence, contrasts, simulations, seed
        )  # fmt: skip
        spreads = between_sd, arm_sd, within_sd
        made = make_plan(
            _spread(study, (endpoint, assay, analyte), spreads, scale), effect, settings
        )
        outputs = write_plan_report(made, out)
        warnings = [f"- warning: {problem}" for problem in made.source.problems]
        text = "\n".join([*made.summary, *warnings, f"Results: {outputs['workbook']}"])
        problems = [_as_dict(problem) for problem in made.source.problems]
        document = {"command": "plan", "outputs": outputs, **plan_document(made)}
        _finish(as_json, {**document, "problems": problems}, text, EXIT_DONE)


def _spread(
    study: Path | None,
    names: tuple[str, str, str],
    typed: tuple[float | None, float | None, float | None],
    scale: str,
) -> ComponentsSource:
    """Standard deviations for a plan: as typed, or those of a study."""
    from assaykit.stats.plan_settings import VarianceComponents
    from assaykit.stats.planning_record import ComponentsSource, source_of_study
    from assaykit.workbook.study_components import read_variance_components

    if study is None:
        given = (math.nan if value is None else value for value in typed)
        return ComponentsSource(VarianceComponents(*given), scale or "ratio")
    if any(value is not None for value in typed):
        raise UsageError("Give a study or standard deviations, not both.")
    return source_of_study(read_variance_components(study, *names), scale)
