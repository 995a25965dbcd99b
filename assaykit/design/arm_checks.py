"""Where a table of wells does not fit the design that was declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assaykit.design.confounding import confounded_contrasts
from assaykit.design.contrasts import Contrast
from assaykit.design.declaration import Design, Factor, unknown_name
from assaykit.errors import Problem
from assaykit.tables import as_text

if TYPE_CHECKING:
    import pandas as pd

MIN_REPLICATES = 3
"""Biological replicates that an arm needs before an interval or a p value is given."""

COMPARISON_CODES = frozenset(
    {"no_reference_arm", "one_arm", "no_biological_replicate", "wells_as_replicates"}
)
"""Codes of the problems that stop a comparison of arms, but not the analysis of one plate."""


_ENDPOINT = ("assay", "analyte", "endpoint")
"""Columns that name what was measured; each is compared by itself."""


def check_arms(table: pd.DataFrame, design: Design) -> list[Problem]:
    """Where a table does not fit the design; only wells with the role ``sample`` are looked at.

    Parameters
    ----------
    table
        Wells or observations: plate, well, role, biological_replicate, the factor columns and
        those of declared blocks. Wells that a person has excluded are not looked at.
    design
        What was declared.

    Returns
    -------
    list of Problem
        Errors: a level that was not declared, a sample well without a level, no reference arm,
        one arm only, no biological replicate (wells are never offered as n), a sample well
        without its block on a plate that names it elsewhere. Warnings: fewer than three
        biological replicates in an arm, a plate that says nothing of a block, contrasts that
        cannot be told from differences of plates or of another block
        (:func:`assaykit.design.confounded_contrasts`). Those in :data:`COMPARISON_CODES` stop a
        comparison, but not the analysis of one plate.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> table = pd.DataFrame({"plate": "P1", "well": ["A1", "A2"], "role": "sample",
    ...     "biological_replicate": ["1", "1"], "treatment": ["control", "Vesicle"]})
    >>> print(check_arms(table, design)[0])
    treatment of well A2 on P1: found 'Vesicle', expected one of control, vesicle. It differs \
from 'vesicle' only in case, spaces or hyphens; write 'vesicle'.
    """
    samples = _samples(table, design)
    if samples.empty:
        return []
    problems = [*_replicate_column_problems(samples), *_level_problems_in(samples, design)]
    if not design.factors or any(problem.code == "missing_factor" for problem in problems):
        return problems
    samples = samples.assign(arm=design.arm_labels(samples))
    samples = samples[samples["arm"].isin(design.arms)]
    return [
        *problems,
        *_arm_problems(samples, design),
        *_replicate_problems(samples, design),
        *_missing_block_problems(samples, design),
        *_confounding_problems(samples, design),
    ]


def _samples(table: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Pick the sample wells that nobody excluded, and what places them in the design, as text."""
    counts = (as_text(table["role"]) == "sample") & ~_excluded(table)
    names = ("plate", "well", "biological_replicate", *design.factor_names, *_ENDPOINT)
    present = [name for name in names if name in table]
    samples = table.loc[counts, present].apply(as_text)
    blocks = {name: as_text(table.loc[counts, name]) for name in design.blocks if name in table}
    return samples.assign(**{name: blocks.get(name, "") for name in design.blocks})


def _excluded(table: pd.DataFrame) -> pd.Series:
    import pandas as pd

    values = table["excluded"] if "excluded" in table else [False] * len(table)
    return pd.Series([value in (True, "yes") for value in values], index=table.index, dtype=bool)


def _wells(rows: pd.DataFrame) -> str:
    """Such as ``wells A1, A2 on P1``; at most six are named."""
    names = list(dict.fromkeys(rows["well"]))
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    plates = ", ".join(dict.fromkeys(rows["plate"]))
    return f"{'well' if len(names) == 1 else 'wells'} {shown} on {plates}"


def _replicate_column_problems(samples: pd.DataFrame) -> list[Problem]:
    remedy = (
        "Write in biological_replicate which culture, donor or animal each well comes from. "
        "Wells are not n: they repeat the measurement, not the biology."
    )
    if "biological_replicate" not in samples:
        message = "no well names its biological replicate"
        return [Problem("no_biological_replicate", message, remedy=remedy)]
    names = samples["biological_replicate"]
    if (names == "").any():
        message = f"no biological replicate for {_wells(samples[names == ''])}"
        return [Problem("no_biological_replicate", message, remedy=remedy)]
    if len(samples) > 1 and (names == samples["well"]).all():
        message = "every well is its own biological replicate"
        return [Problem("wells_as_replicates", message, remedy=remedy)]
    return []


def _level_problems_in(samples: pd.DataFrame, design: Design) -> list[Problem]:
    problems = []
    for factor in design.factors:
        if factor.name in samples:
            problems += [
                _level_problem(factor, str(level), rows)
                for level, rows in samples.groupby(factor.name, sort=False)
                if level not in factor.levels
            ]
        else:
            message = f"there is no column '{factor.name}'"
            remedy = "Add the factor to the plate map, or remove it from the design."
            problems.append(Problem("missing_factor", message, remedy=remedy))
    return problems


def _level_problem(factor: Factor, level: str, rows: pd.DataFrame) -> Problem:
    found = f"{factor.name} of {_wells(rows)}: found '{level}'"
    if level:
        return unknown_name("unknown_level", found, level, factor.levels)
    remedy = "Give each sample well a level, another role, or exclude it with a reason."
    return Problem("missing_level", f"{factor.name} of {_wells(rows)} is empty", remedy=remedy)


def _arm_problems(samples: pd.DataFrame, design: Design) -> list[Problem]:
    present = [arm for arm in design.arms if arm in set(samples["arm"])]
    problems = []
    if not design.contrasts and design.reference_arm not in present:
        message = f"no sample well of the reference arm '{design.reference_arm}'"
        remedy = "Without it there is nothing to compare with."
        problems.append(Problem("no_reference_arm", message, remedy=remedy))
    if len(present) == 1:
        message = f"all sample wells belong to one arm, '{present[0]}'"
        problems.append(Problem("one_arm", message, remedy="A comparison needs two arms."))
    return problems


def _replicate_problems(samples: pd.DataFrame, design: Design) -> list[Problem]:
    if "biological_replicate" not in samples:
        return []
    named = samples[samples["biological_replicate"] != ""]
    pairs = named[["arm", "biological_replicate"]].drop_duplicates()
    counts = pairs["arm"].value_counts()
    few = [
        f"{arm} ({counts[arm]})" for arm in design.arms if 0 < counts.get(arm, 0) < MIN_REPLICATES
    ]
    problems = []
    if few:
        message = f"fewer than {MIN_REPLICATES} biological replicates in {', '.join(few)}"
        remedy = "These arms are described, without interval and p value."
        problems.append(Problem("few_replicates", message, remedy=remedy, severity="warning"))
    if design.replicates_shared and len(counts) > 1 and pairs["biological_replicate"].is_unique:
        message = "the arms should share their biological replicates, but each name is in one arm"
        remedy = "Use the same name for the same replicate in every arm."
        problems.append(Problem("replicates_not_shared", message, remedy=remedy))
    return problems


def _missing_block_problems(samples: pd.DataFrame, design: Design) -> list[Problem]:
    """Plates that say nothing of a block, and those that say it of some samples only."""
    problems = []
    for block in design.blocks:
        for plate, rows in samples.groupby("plate", sort=False):
            missing = rows[rows[block] == ""]
            if len(missing) == len(rows):
                message = f"nothing is said of {block} on {plate}"
                remedy = "Fill it there too, or take it out of the design's blocks."
                problems.append(Problem("empty_block", message, remedy=remedy, severity="warning"))
            elif len(missing):
                message = f"{block} of {_wells(missing)} is empty"
                remedy = "Fill it for every sample well, or for none."
                problems.append(Problem("missing_block", message, remedy=remedy))
    return problems


def _confounding_problems(samples: pd.DataFrame, design: Design) -> Iterator[Problem]:
    """For plate and each declared block, the contrasts that cannot be told from it."""
    for block in ("plate", *design.blocks):
        found: dict[tuple[Contrast, ...], list[str]] = {}
        endpoints = list(_by_endpoint(samples))
        for name, rows in endpoints:
            found.setdefault(confounded_contrasts(rows, design, block), []).append(name)
        for contrasts, names in found.items():
            if contrasts:
                where = f"{', '.join(names)}: " if len(names) < len(endpoints) else ""
                yield _confounded(block, where, contrasts)


def _by_endpoint(samples: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each endpoint, with its name in words."""
    columns = [name for name in _ENDPOINT if name in samples]
    if not columns:
        yield "", samples
        return
    for key, rows in samples.groupby(columns, sort=False):
        yield " ".join(filter(None, map(str, key))), rows


def _confounded(block: str, where: str, contrasts: Iterable[Contrast]) -> Problem:
    """The warning; at most six contrasts are named, by their arms."""
    pairs = [_arms_in_words(contrast) for contrast in contrasts]
    more = f" and {len(pairs) - 6} more" if len(pairs) > 6 else ""
    message = f"{where}no {block} connects these arms: {'; '.join(pairs[:6])}{more}"
    remedy = (
        f"What differs from one {block} to the next cannot be told from what differs between the "
        "arms: these contrasts will be described, without p value."
    )
    code = "arm_confounded_with_plate" if block == "plate" else "arm_confounded_with_block"
    return Problem(code, message, remedy=remedy, severity="warning")


def _arms_in_words(contrast: Contrast) -> str:
    """Such as ``vesicle and control``."""
    *first, last = contrast.arms
    return f"{', '.join(first)} and {last}"
