"""Methods text and provenance, built from the steps that were recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from assaykit.assays.base import endpoint_words
from assaykit.provenance import versions
from assaykit.report.words import RESCUE
from assaykit.workbook.results import PROVENANCE, RESULTS_VERSION

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.study import Study


_COMPARISON = "comparison"  # the step with which the statistics begin: a paragraph of its own


@dataclass(frozen=True)
class Methods:
    """What a methods section says.

    Parameters
    ----------
    paragraphs
        Prose, with numbers of references in brackets.
    parameters
        Rows of step, parameter and value.
    legends
        Title and text of a legend for each figure of a comparison.
    references
        In the order of their numbers.
    """

    paragraphs: tuple[str, ...]
    parameters: tuple[tuple[str, str, str], ...]
    legends: tuple[tuple[str, str], ...]
    references: tuple[str, ...]


def methods_of(study: Study) -> Methods:
    """Compose the methods of a Study from its steps, settings, design and versions."""
    from assaykit.design import describe

    references = tuple(dict.fromkeys(text for step in study.steps for text in step.references))
    parts: list[list[str]] = [[]]
    for step in study.steps:
        if step.name == _COMPARISON:
            parts.append([])
        parts[-1].append(
            _cited(step.sentence, [references.index(text) + 1 for text in step.references])
        )
    design = describe(study.design) if study.design.factors else ""
    prose = map(" ".join, parts)
    paragraphs = tuple(text for text in (*prose, design, _software()) if text)
    return Methods(paragraphs, _parameters(study), tuple(_legends(study)), references)


def _cited(sentence: str, numbers: Iterable[int]) -> str:
    """A sentence with its references before the full stop.

    Examples
    --------
    >>> _cited("Curves were fitted.", [1, 3])
    'Curves were fitted [1, 3].'
    """
    text = one_line(sentence).rstrip(".")
    listed = ", ".join(str(number) for number in numbers)
    return f"{text} [{listed}]." if listed else f"{text}."


def one_line(text: str) -> str:
    """Text without line breaks and double spaces."""
    return " ".join(str(text).split())


@cache
def _versions() -> dict[str, str]:
    """Read once: looking them up takes longer than anything else in the text."""
    return versions()


def _software() -> str:
    found = _versions()
    others = ", ".join(f"{name} {number}" for name, number in found.items() if name != "assaykit")
    return f"Computed with assaykit {found.get('assaykit', '')}".rstrip() + f" ({others})."


def _parameters(study: Study) -> tuple[tuple[str, str, str], ...]:
    settings = [("settings", str(name), str(value)) for name, value in study.settings.items()]
    steps = [
        (step.name, str(name), str(value))
        for step in study.steps
        for name, value in step.parameters.items()
    ]
    return (*settings, *steps)


def _legends(study: Study) -> Iterator[tuple[str, str]]:
    """A legend for each endpoint of a comparison: what is shown, n and what n is, interval, p."""
    if study.replicates.empty or not study.wells.empty:
        return
    yield from _legends_of_endpoints(study)
    if study.residuals:
        yield "Residuals", _RESIDUALS


_RESIDUALS = (
    "Normal quantile plots of the residuals of each endpoint, on the scale of the analysis and in "
    "units of their standard deviation: of wells (small points), and of the means of biological "
    "replicates (large points), with their number in parentheses. Dashed line: normal residuals; "
    "band: where 95 % of independent normal values lie, point by point (quantiles of order "
    "statistics). The plots are shown and have not chosen the test."
)


def _legends_of_endpoints(study: Study) -> Iterator[tuple[str, str]]:
    keys = [name for name in ("assay", "analyte", "endpoint") if name in study.replicates]
    for key, part in study.replicates.groupby(keys, sort=False):
        own = dict(zip(keys, key, strict=True))
        effects = study.effects
        for name, value in own.items():
            effects = effects[effects[name] == value] if name in effects else effects
        yield (
            endpoint_words(str(own["analyte"]), str(own["endpoint"])),
            " ".join(_legend_sentences(study, part, effects)),
        )


def _legend_sentences(study: Study, replicates: pd.DataFrame, effects: pd.DataFrame) -> list[str]:
    word = study.design.replicate_word
    mean = "geometric mean" if replicates["scale"].iloc[0] == "log" else "mean"
    counted = replicates[replicates["value"].notna()]
    numbers = ", ".join(
        f"{arm}: n = {len(part)} ({int(part['n_wells'].sum())} wells)"
        for arm, part in counted.groupby("arm", sort=False)
    )
    sentences = [
        f"Small points are wells, large points are the {mean} of the wells of one {word}.",
        f"n counts the biological replicates ({word}); {numbers}.",
    ]
    if not effects.empty:
        percent = f"{100 * study.design.confidence:g} %"
        sentences.append(f"Below, effects with {percent} confidence intervals and two-sided p.")
        sentences += dict.fromkeys(_how(effects))
    return sentences


def _how(effects: pd.DataFrame) -> Iterator[str]:
    """By what each effect was found, and the families."""
    for row in effects.to_dict("records"):
        title = "Rescue fraction" if row["scale"] == RESCUE else "Method"
        if row.get("method"):
            yield f"{title}: {one_line(row['method'])}."
    for row in effects.to_dict("records"):
        if row.get("adjustment"):
            yield f"Adjustment: {one_line(row['adjustment'])}."


def methods_text(study: Study) -> str:
    r"""The methods of a Study as Markdown, for the methods section of a paper.

    Every sentence comes from a step that was recorded when it was taken; nothing is typed
    twice.

    Returns
    -------
    str
        Paragraphs, parameters, figure legends (of a comparison) and references.

    Examples
    --------
    >>> import pandas as pd
    >>> from assaykit.design import Design
    >>> from assaykit.provenance import Step
    >>> from assaykit.study import Study
    >>> step = Step("blank", "The blank was subtracted.", {"blank wells": "3"}, ("A paper.",))
    >>> none = pd.DataFrame()
    >>> text = methods_text(Study("p1", "elisa", Design(), none, none, none, none, none,
    ...                           steps=(step,)))
    >>> text.split("\n\n")[:2]
    ['# Methods', 'The blank was subtracted [1].']
    """
    methods = methods_of(study)
    blocks = ["# Methods", *methods.paragraphs]
    if methods.parameters:
        rows = ["| " + " | ".join(map(_table_text, row)) + " |" for row in methods.parameters]
        table = ["| step | parameter | value |", "| --- | --- | --- |", *rows]
        blocks += ["## Parameters", "\n".join(table)]
    if methods.legends:
        blocks += [
            "## Figure legends",
            *(f"**{title}.** {text}" for title, text in methods.legends),
        ]
    if methods.references:
        listed = [f"{n}. {one_line(text)}" for n, text in enumerate(methods.references, 1)]
        blocks += ["## References", "\n".join(listed)]
    return "\n\n".join(blocks) + "\n"


def _table_text(text: str) -> str:
    return re.sub(r"([|\\])", r"\\\1", one_line(text))


def provenance_table(study: Study, kind: str) -> pd.DataFrame:
    """Every record behind a Study, one in each row.

    Parameters
    ----------
    study
        The Study.
    kind
        ``plate results`` or ``study``.

    Returns
    -------
    pandas.DataFrame
        section, item, value: what the file is, versions, inputs with SHA-256 and size, plates,
        settings, notes, warnings, and each step with its sentence, parameters and references.
    """
    import pandas as pd

    own = [
        ("assaykit", "kind", kind), ("assaykit", "assay", study.assay),
        ("assaykit", "title", study.title), ("assaykit", "results_version", RESULTS_VERSION),
    ]  # fmt: skip
    rows = [
        *own,
        *(("version", name, number) for name, number in _versions().items()),
        *_input_rows(study),
        *(
            ("plate format", plate, f"{wells} wells")
            for plate, wells in study.plate_formats.items()
        ),
        *(("setting", name, value) for name, value in study.settings.items()),
        *(("note", name, value) for name, value in study.notes.items()),
        *(("warning", problem.code, str(problem)) for problem in study.problems),
        *_step_rows(study),
    ]
    texts = [tuple(str(text) for text in row) for row in rows]
    return pd.DataFrame(texts, columns=list(PROVENANCE.names), dtype=object)


def _input_rows(study: Study) -> Iterator[tuple[str, str, str]]:
    for number, file in enumerate(study.inputs, 1):
        section = f"input {number}"
        yield section, "name", file.name
        yield section, "sha256", file.sha256
        yield section, "size_bytes", str(file.size_bytes)


def _step_rows(study: Study) -> Iterator[tuple[str, str, str]]:
    for number, step in enumerate(study.steps, 1):
        section = f"step {number}"
        yield section, "name", step.name
        yield section, "sentence", step.sentence
        for name, value in step.parameters.items():
            yield f"{section} parameter", name, value
        for reference in step.references:
            yield section, "reference", reference
