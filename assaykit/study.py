"""The journey as one function, and the frozen Study that it ends in.

:func:`analyse_plate` goes from one filled template to a Study of one plate;
:func:`compare_results` goes from several results workbooks to a Study with effects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assaykit.assays.base import endpoint_words
from assaykit.errors import AssaykitError, InputError, NothingToAnalyseError, Problem
from assaykit.tables import CHECKS, EFFECTS, REPLICATES, Schema, as_text

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.picture_files import PictureFiles
    from assaykit.curves import StandardCurve
    from assaykit.design import Design
    from assaykit.provenance import InputFile, Step
    from assaykit.stats.endpoint import EndpointComparison
    from assaykit.workbook import PlateWorkbook, Results, TemplateSpec


@dataclass(frozen=True)
class Study:
    """Tables, design and the steps taken: of one plate, or of several plates compared.

    Parameters
    ----------
    title
        Name of the plate, or of the study.
    assay
        Name of the assay; empty for a study over several assays.
    design
        Factors, arms, planned contrasts.
    wells
        Wells with their readings (:func:`assaykit.annotate`); empty for a study.
    observations, replicates, effects
        As in :mod:`assaykit.tables`; replicates and effects of a plate are empty.
    checks
        How the arms of a study were compared and what speaks for and against it
        (:data:`assaykit.tables.CHECKS`); empty for a plate.
    residuals
        Residuals of a study's comparison by endpoint and kind, on the scale of the analysis.
    remarks
        What the QC rules said: rule, severity (``note``, ``warning``, ``failure``), plate,
        wells, analyte, measured, limit, unit, message.
    tables
        The assay's own tables by sheet name: Standards, Samples, Dilutions, Controls, ...
    curves
        Standard curves by plate and analyte, ``"plate · analyte"``.
    images
        Pictures to be looked at, as JPEG, by the name of their file below the results.
    summary
        What a reader wants to know first, one sentence each.
    settings
        The assay's parameters in words, with units.
    plate_formats
        Number of wells of each plate.
    notes
        What the person wrote about the plate.
    steps
        What was done, for the methods text.
    inputs
        Name and SHA-256 of each file read.
    problems
        Warnings about the input.
    """

    title: str
    assay: str
    design: Design
    wells: pd.DataFrame
    observations: pd.DataFrame
    replicates: pd.DataFrame
    effects: pd.DataFrame
    remarks: pd.DataFrame
    checks: pd.DataFrame = field(default_factory=lambda: _empty(CHECKS))
    residuals: Mapping[tuple[str, str, str, str], Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, StandardCurve] = field(default_factory=dict)
    images: Mapping[str, bytes] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    plate_formats: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    problems: tuple[Problem, ...] = ()


def analyse_plate(
    path: str | Path, assay_name: str, overrides: Mapping[str, object] | None = None
) -> Study:
    """Quantify one plate: read, annotate, quantify, flag.

    Parameters
    ----------
    path
        A filled template.
    assay_name
        The assay that it must be of.
    overrides
        Parameters that replace those of the workbook, by name.

    Raises
    ------
    InputError
        Everything that is wrong in the workbook or in the file that it names.
    NothingToAnalyseError
        There is no usable number.

    Examples
    --------
    >>> from assaykit.demo import example_plates
    >>> study = analyse_plate(example_plates() / "rankl_elisa" / "rankl_elisa.xlsx", "elisa")
    >>> study.title, len(study.observations)
    ('RANKL_ELISA', 76)
    """
    from assaykit import assays, plate, qc, stats
    from assaykit.assays.picture_files import picture_files
    from assaykit.excel import display_name
    from assaykit.parameters import as_words
    from assaykit.workbook import complete_wells

    path, assay = Path(path), assays.find_assay(assay_name)
    workbook = _read_plate(path, assay.template)
    parameters = _overridden(workbook.settings, overrides or {})
    pictures = picture_files(path, workbook, parameters)
    left_over = pictures.problems if pictures else ()
    readings, inputs = _readings(path, workbook, pictures)
    annotated = plate.annotate(readings, workbook.wells)
    wells, warnings = complete_wells(annotated, workbook, assay.template, display_name(path))
    blocks = list(workbook.design.blocks)
    made = assay.quantify(wells.drop(columns=blocks), parameters)
    made = replace(made, tables={**made.tables, **_steadiness(made.steady, wells, workbook.design)})
    if not made.observations["value"].notna().any():
        raise NothingToAnalyseError(_why_nothing(made.observations))
    formats = {workbook.plate: workbook.plate_format}
    limits = qc.Limits.of(parameters)
    evidence = qc.Evidence(wells, made.observations, made.tables, formats, limits)
    remarks = qc.inspect(evidence)
    observations = _with_blocks(qc.flag(made.observations, remarks), wells, blocks)
    side_by_side = _agreements(observations, workbook.design)
    replicates = (
        stats.replicate_values(observations, workbook.design)
        if workbook.design.factors
        else _empty(REPLICATES)
    )
    return Study(
        title=workbook.plate,
        assay=assay.name,
        design=workbook.design,
        wells=wells.drop(columns="picture", errors="ignore"),
        observations=observations,
        replicates=replicates,
        effects=_empty(EFFECTS),
        remarks=remarks,
        tables={**made.tables, **side_by_side},
        images=made.images,
        curves=made.curves,
        summary=_plate_summary(observations, replicates, workbook.design),
        settings=as_words(parameters),
        plate_formats=formats,
        notes=workbook.notes,
        steps=made.steps,
        inputs=(*inputs, *made.inputs),
        problems=tuple(dict.fromkeys((*workbook.warnings, *warnings, *left_over))),
    )


def _steadiness(
    steady: pd.DataFrame | None, wells: pd.DataFrame, design: Design
) -> dict[str, pd.DataFrame]:
    """Whether what should not answer to the arms does: a table for the results, or none."""
    import pandas as pd

    from assaykit.stats.references import reference_responses

    if steady is None or steady.empty or not design.factors:
        return {}
    once = wells[wells["sample"].isin(steady.index)].drop_duplicates("sample").set_index("sample")
    samples = once.loc[steady.index]
    try:
        found = reference_responses(
            steady, samples[list(design.factor_names)], samples["biological_replicate"]
        )
    except AssaykitError as error:
        found = pd.DataFrame({"gene": list(steady.columns), "remark": f"not tested: {error}"})
    return {"Reference responses": found}


def _read_plate(path: Path, template: TemplateSpec) -> PlateWorkbook:
    """The filled template; of a plate of another assay only that is said."""
    from assaykit.workbook import read_template

    try:
        return read_template(path, template)
    except InputError as error:
        wrong = [problem for problem in error.problems if problem.code == "wrong_assay"]
        if wrong:
            raise InputError(wrong) from None
        raise


def _overridden(settings: Any, overrides: Mapping[str, object]) -> Any:
    from assaykit.parameters import parse_parameters

    return replace(settings, **parse_parameters(type(settings), overrides))


def _readings(
    path: Path, workbook: PlateWorkbook, pictures: PictureFiles | None
) -> tuple[pd.DataFrame, tuple[InputFile, ...]]:
    """The readings of the workbook, of the file that it names, and its pictures."""
    import pandas as pd

    from assaykit.provenance import input_file
    from assaykit.readers import read
    from assaykit.workbook.file_wells import own_readings

    readings = workbook.readings
    inputs: tuple[InputFile, ...] = (input_file(path),)
    if workbook.readings_file:
        file = path.parent / workbook.readings_file
        readings = own_readings(read(file), workbook, file.name, path.name)
        inputs = (*inputs, input_file(file))
    if pictures is None:
        return readings, inputs
    return pd.concat([readings, pictures.readings], ignore_index=True), inputs


def _with_blocks(
    observations: pd.DataFrame, wells: pd.DataFrame, blocks: Sequence[str]
) -> pd.DataFrame:
    """The observations with the blocks of their wells, where the factors stand.

    An assay does not see the blocks: the wells of one sample stay one sample, whoever pipetted
    them. An observation of several wells (``A1, A2``) has the blocks of the first.
    """
    keys = ["plate", "well"]
    said = wells.drop_duplicates(keys)[[*keys, *blocks]]
    first = observations[keys].assign(well=observations["well"].str.split(", ").str[0])
    found = first.merge(said, on=keys, how="left")[list(blocks)].fillna("")
    names = list(observations.columns)
    place = names.index("assay")
    columns = [*names[:place], *blocks, *names[place:]]
    return observations.assign(**{name: found[name].to_numpy() for name in blocks})[columns]


def _why_nothing(observations: pd.DataFrame) -> str:
    if observations.empty:
        return "The plate has no well with the role sample or qc."
    flags = observations["flags"].value_counts()
    reasons = ", ".join(f"{count} × {name or 'no flag'}" for name, count in flags.items())
    return f"No sample well has a usable number ({reasons})."


def _empty(schema: Schema) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(schema.names))


def _plate_summary(
    observations: pd.DataFrame, replicates: pd.DataFrame, design: Design
) -> tuple[str, ...]:
    """One sentence on the wells, and one on each arm and endpoint."""
    samples = observations[observations["role"] == "sample"]
    numbers = samples["value"].notna() & ~samples["excluded"]
    first = f"{int(numbers.sum())} of {len(samples)} sample results have a number and count."
    keys = ["analyte", "endpoint", "arm", "unit", "scale"]
    arms = (_arm_sentence(part, design) for _, part in replicates.groupby(keys, sort=False))
    return (first, *_bound_sentences(samples[numbers], design), *arms)


def _bound_sentences(samples: pd.DataFrame, design: Design) -> list[str]:
    """How many results of which arms are bounds; nothing if none is."""
    from assaykit.stats.endpoint import AT_BOUND

    bounded = samples[samples["flags"].astype(str).str.contains(AT_BOUND, regex=False)]
    counts = design.arm_labels(bounded).value_counts(sort=False).items()
    arms = ", ".join(f"{count} of {arm or 'no arm'}" for arm, count in counts)
    said = f"{len(bounded)} of them are upper bounds, since nothing was found: {arms}."
    return [said] if len(bounded) else []


def _arm_sentence(part: pd.DataFrame, design: Design) -> str:
    """The mean of an arm; of a logarithm in the words of its axis, which hold the unit."""
    from assaykit.assays import axis_words

    row = part.iloc[0]
    what, unit = endpoint_words(row["analyte"], row["endpoint"]), f" {row['unit']}"
    if row["scale"] == "log2":
        what, unit = f"{axis_words(row.to_dict())} ({row['unit']})", ""
    centre = _centre(part["value"], row["scale"])
    n = int(part["value"].notna().sum())
    return f"{what}, {row['arm']}: {centre}{unit} (n = {n} × {design.replicate_word})."


def _centre(values: pd.Series, scale: str) -> str:
    import numpy as np

    numbers = values.dropna().to_numpy(float)
    if not len(numbers):
        return "no number" if scale == "log2" else "no number in"
    if scale == "log":
        return f"geometric mean {np.exp(np.log(numbers).mean()):.4g}"
    return f"mean {numbers.mean():.4g}".replace("mean -", "mean −")


def compare_results(paths: Iterable[str | Path], title: str = "study") -> Study:
    """Compare the arms over several results workbooks.

    Parameters
    ----------
    paths
        Results workbooks of plates.
    title
        Name of the study.

    Raises
    ------
    InputError
        A workbook cannot be read, a plate comes twice, or the designs contradict each other.
    DesignError
        The arms cannot be compared; it says why.
    """
    import pandas as pd

    from assaykit import design as designs
    from assaykit import stats
    from assaykit.provenance import input_file
    from assaykit.stats.record import comparison_steps
    from assaykit.stats.sentences import effect_sentence
    from assaykit.workbook import read_results

    files = [Path(path) for path in paths]
    found = [read_results(file) for file in files]
    _check_plates_once(files, found)
    results = [result for result in found if result.design.factors] or found
    design = designs.merge_designs([result.design for result in results])
    observations = pd.concat([result.observations for result in results], ignore_index=True)
    observations = _said_or_empty(observations, design.blocks)
    comparisons = stats.compare_endpoints(observations, design)
    effects = stats.effects_of(comparisons)
    return Study(
        title=title,
        assay="",
        design=design,
        wells=pd.DataFrame(),
        observations=observations,
        replicates=stats.replicate_values(observations, design),
        effects=effects,
        remarks=pd.concat([result.remarks for result in results], ignore_index=True),
        checks=stats.check_comparisons(comparisons, design),
        residuals=_residuals(comparisons, design),
        tables=_agreements(observations, design),
        summary=tuple(effect_sentence(row, design) for row in effects.to_dict("records")),
        settings={"confidence": f"{design.confidence:g}"},
        steps=(*_steps_once(results), *_edits(results), *comparison_steps(effects, design)),
        inputs=tuple(map(input_file, files)),
        problems=(*_left_out(files, found), *designs.check_arms(observations, design)),
    )


def _said_or_empty(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The table with some text columns, which are empty where a plate does not have them."""
    return table.assign(**{name: as_text(table[name]) if name in table else "" for name in names})


def _residuals(
    comparisons: Iterable[EndpointComparison], design: Design
) -> dict[tuple[str, str, str, str], Any]:
    """Residuals by assay, analyte, endpoint and what they are of."""
    from assaykit.stats.checks import residuals_of

    return {
        (one.names["assay"], one.names["analyte"], one.names["endpoint"], kind): values
        for one in comparisons
        for kind, values in residuals_of(one, design).items()
    }


def _agreements(observations: pd.DataFrame, design: Design) -> dict[str, pd.DataFrame]:
    """How endpoints agree that measure the same wells in two ways; nothing where none do."""
    from assaykit.assays import ASSAYS
    from assaykit.stats.paired_endpoints import agreement_table, endpoint_pairs

    pairs = endpoint_pairs(observations, design, {a.name: a.agreements for a in ASSAYS})
    return {"Agreement": agreement_table(pairs), "Pairs": pairs} if len(pairs) else {}


def _left_out(paths: Sequence[Path], found: Sequence[Results]) -> tuple[Problem, ...]:
    """Say which results have no factor, so that they cannot take part."""
    return tuple(
        Problem(
            "not_compared",
            "its design has no factor, so it takes no part in the comparison",
            path.name,
            severity="warning",
        )
        for path, result in zip(paths, found, strict=True)
        if not result.design.factors
    )


def _check_plates_once(paths: Sequence[Path], results: Sequence[Results]) -> None:
    first: dict[tuple[str, str], Path] = {}
    problems = []
    for path, result in zip(paths, results, strict=True):
        for plate in dict.fromkeys(result.observations["plate"]):
            other = first.setdefault((result.assay, str(plate)), path)
            if other is not path:
                message = f"the plate '{plate}' is also in {other.name}"
                problems.append(
                    Problem("plate_twice", message, path.name, "Observations",
                            remedy="Give each plate's results once, or name the plates apart.")
                )  # fmt: skip
    if problems:
        raise InputError(problems)


def _steps_once(results: Iterable[Results]) -> tuple[Step, ...]:
    """The steps of all plates: each sentence once, with the parameters of every plate."""
    once: dict[str, Step] = {}
    for step in (step for result in results for step in result.steps):
        same = once.get(step.sentence, step)
        once[step.sentence] = replace(same, parameters={**same.parameters, **step.parameters})
    return tuple(once.values())


def _edits(results: Iterable[Results]) -> tuple[Step, ...]:
    """What people changed in the results workbooks, as one step."""
    from assaykit.provenance import Step

    edits = [edit for result in results for edit in result.edits]
    if not edits:
        return ()
    record = {str(number): edit for number, edit in enumerate(edits, 1)}
    return (Step("edits by hand", f"{len(edits)} results were edited by hand.", record),)
