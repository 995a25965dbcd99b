"""Reactions: the wells of a qPCR plate with their Cq, their targets, and what is undetermined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.assays.qpcr.quantities import REFERENCE_ROLES
from assaykit.errors import InputError, NothingToAnalyseError, Problem
from assaykit.values import match_key, suggestion

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.qpcr.parameters import QpcrParameters

CQ = "cq"
UNDETERMINED, AT_BOUND = "undetermined", "at_bound"
MEASURED = ("sample", "calibrator")
_TEXTS = (
    "sample",
    "target",
    "biological_replicate",
    "target_role",
    "rt_group",
    "batch",
    "material",
)
_OF_TARGET = ("target_role", "rt_group", "efficiency", "expected_tm")
_NUMBERS = ("efficiency", "expected_tm", "nominal_concentration", "rna_ng", "a260_280", "rin")


def reactions_of(wells: pd.DataFrame, parameters: QpcrParameters) -> pd.DataFrame:
    """One row per reaction, with ``cq`` in cycles and ``flags``.

    An undetermined reaction has no Cq; under the policy ``bound`` it has the declared limit, and
    the flag ``at_bound`` beside ``undetermined``: its quantity is then an upper bound. A reference
    gene never stands at a bound: what it normalises would seem to be more than it is.

    Parameters
    ----------
    wells
        Annotated wells joined with the sheets Samples and Targets.
    parameters
        Policy for undetermined reactions and the limit in cycles.

    Raises
    ------
    InputError
        Target names that differ only in case, spaces or hyphens; wells with a Cq and no target, or
        with one of 0 or less, as which some programs write what was not found.
    NothingToAnalyseError
        No well has a Cq.
    """
    table = wells[wells["channel"].isin([CQ, ""])].copy()
    if not table["value"].notna().any():
        found = ", ".join(sorted(set(wells["channel"]) - {""})) or "none"
        raise NothingToAnalyseError(f"No well has a Cq; readings found: {found}.")
    table = _with_defaults(table)
    problems = [*_alike_names(table), *_nameless(table), *_impossible(table)]
    if problems:
        raise InputError(problems)
    table["flags"] = table.pop("flag")
    table["cq"] = table.pop("value")
    table["undetermined"] = table["flags"] == UNDETERMINED
    bounded = table["undetermined"] & table["role"].isin(MEASURED)
    bounded &= ~table["target_role"].isin(REFERENCE_ROLES)
    bounded &= ~table["target"].isin(_named_references(parameters))
    if parameters.undetermined == "bound":
        table.loc[bounded, "cq"] = parameters.cq_limit
        table.loc[bounded, "flags"] = f"{UNDETERMINED}; {AT_BOUND}"
    return table.drop(columns=["channel", "unit"]).reset_index(drop=True)


def _with_defaults(table: pd.DataFrame) -> pd.DataFrame:
    """Fill what a template may leave out."""
    for name in _TEXTS:
        table[name] = table[name].fillna("").astype(str) if name in table else ""
    for name in _NUMBERS:
        table[name] = table[name].astype(float) if name in table else float("nan")
    return table


def _alike_names(table: pd.DataFrame) -> list[Problem]:
    """Targets that a reader would take for one another are named, and never merged."""
    first: dict[str, str] = {}
    problems = []
    for name in dict.fromkeys(table.loc[table["target"] != "", "target"]):
        other = first.setdefault(match_key(name), name)
        if other != name:
            wells = ", ".join(table.loc[table["target"] == name, "well"].head(6))
            message = f"the targets '{other}' and '{name}' differ only in case, spaces or hyphens"
            remedy = f"If they are one target, write '{other}' in wells {wells}."
            problems.append(Problem("alike_targets", message, remedy=remedy))
    return problems


def _nameless(table: pd.DataFrame) -> list[Problem]:
    """Samples with a Cq of nobody knows what."""
    counted = table["role"].isin(MEASURED) & ~table["excluded"] & table["value"].notna()
    wells = table.loc[counted & (table["target"] == ""), "well"]
    if wells.empty:
        return []
    message = f"wells {_first(wells)} have a Cq but name no target"
    return [Problem("no_target", message, remedy="Name the target of each, or exclude them.")]


def _impossible(table: pd.DataFrame) -> list[Problem]:
    """Cq of 0 or less: taken as numbers, they would be the largest quantities of all."""
    wells = table.loc[(table["value"] <= 0) & ~table["excluded"], "well"]
    if wells.empty:
        return []
    message = f"wells {_first(wells)} have a Cq of 0 or less"
    remedy = "Write Undetermined where nothing was found."
    return [Problem("impossible_cq", message, remedy=remedy)]


def _first(wells: pd.Series) -> str:
    more = f" and {len(wells) - 6} more" if len(wells) > 6 else ""
    return f"{', '.join(wells.head(6))}{more}"


def _named_references(parameters: QpcrParameters) -> list[str]:
    return [name.strip() for name in parameters.reference_targets.split(",") if name.strip()]


def targets_of(reactions: pd.DataFrame, parameters: QpcrParameters) -> pd.DataFrame:
    """The targets of the plate: target, role, rt_group, efficiency as declared, expected_tm.

    Raises
    ------
    InputError
        A reference target in the settings that no well holds; wells of one target that say
        different things of it.
    """
    named = reactions[reactions["target"] != ""]
    said = named[["target", *_OF_TARGET]]
    said = said.assign(**{name: said[name].where(said[name] != "") for name in _OF_TARGET[:2]})
    targets = said.groupby("target", sort=False).first().reset_index()  # the first that is said
    targets = targets.fillna({"target_role": "", "rt_group": ""})
    targets = targets.rename(columns={"target_role": "role"})
    targets.loc[targets["role"] == "", "role"] = "target"
    wanted = _named_references(parameters)
    known = targets["target"].tolist()
    problems = _contradictions(said) + [
        Problem("unknown_reference", f"reference_targets: no well holds the target '{name}'",
                sheet="Settings", remedy=suggestion(name, known))
        for name in wanted
        if name not in known
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    targets.loc[targets["target"].isin(wanted), "role"] = "reference"
    return targets


def _contradictions(said: pd.DataFrame) -> list[Problem]:
    """What wells of one target say differently of it."""
    problems = []
    for name in _OF_TARGET:
        once = said[["target", name]].dropna().drop_duplicates()
        for target, values in once.groupby("target", sort=False)[name]:
            if len(values) > 1:
                both = " and ".join(f"'{value}'" for value in values)
                message = f"wells of target '{target}' say different things: {name} is {both}"
                problems.append(Problem("contradiction", message, remedy="Say one for all wells."))
    return problems
