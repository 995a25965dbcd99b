"""From pictures to wells: what the pictures of a well say together, and its observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from assaykit.assays.base import Endpoint, observations_of
from assaykit.assays.picture_columns import FAILED
from assaykit.assays.plate_reader import MEASURED_ROLES
from assaykit.tables import factor_columns

_KNOWN = ("plate", "well", "role", "sample", "biological_replicate", "excluded")
_OF_PICTURES = ("channel", "value", "unit", "flag", "source", "picture")


@dataclass(frozen=True)
class Measure:
    """An endpoint and the column of the wells' table that holds it.

    Parameters
    ----------
    endpoint, column, unit
        What it is, where its values stand, their unit.
    without
        The flag of a well that was measured but has no such number: no cell, no mineral.
    """

    endpoint: Endpoint
    column: str
    unit: str
    without: str = ""


def taken_together(
    wells: pd.DataFrame,
    pictures: pd.DataFrame,
    together: Callable[[pd.DataFrame], Mapping[str, Any]],
) -> pd.DataFrame:
    """One row per well: what is said of it, ``n_pictures``, ``n_failed``, and its measures.

    Parameters
    ----------
    wells
        Annotated wells.
    pictures
        One row per picture; ``failed`` is empty where it has a result.
    together
        From the pictures of a well that have a result to its measures.
    """
    said = [name for name in (*_KNOWN, *factor_columns(wells)) if name in wells]
    rows = []
    for well in wells.drop_duplicates(["plate", "well"]).to_dict("records"):
        own = pictures[(pictures["plate"] == well["plate"]) & (pictures["well"] == well["well"])]
        good = own[own["failed"] == ""]
        counts = {"n_pictures": len(good), "n_failed": len(own) - len(good)}
        rows.append({**{name: well[name] for name in said}, **counts, **together(good)})
    return pd.DataFrame(rows)


def well_observations(
    wells: pd.DataFrame,
    per_well: pd.DataFrame,
    measures: Sequence[Measure],
    *,
    assay: str,
    analyte: str,
) -> pd.DataFrame:
    """One row per measured well and endpoint; a well without a number says why.

    Parameters
    ----------
    wells
        Annotated wells.
    per_well
        Of :func:`taken_together`; ``flags``, where it has them, go to all endpoints.
    measures
        The endpoints.
    assay, analyte
        Names; the analyte is that of wells that name none.
    """
    once = wells[wells["role"].isin(MEASURED_ROLES)].drop_duplicates(["plate", "well"])
    bare = once.drop(columns=[name for name in _OF_PICTURES if name in once])
    said = bare["analyte"] if "analyte" in bare else pd.Series("", bare.index)
    bare = bare.assign(analyte=said.where(said != "", analyte))
    found = bare[["plate", "well"]].merge(per_well, on=["plate", "well"], validate="one_to_one")
    flags = [_flags(row) for row in found.to_dict("records")]
    rows = []
    for one in measures:
        value = pd.Series(found[one.column].to_numpy(float), bare.index)
        own = [
            flag or one.without * missing for flag, missing in zip(flags, value.isna(), strict=True)
        ]
        rows.append(
            observations_of(
                bare.assign(flags=own), assay=assay, endpoint=one.endpoint.name,
                scale=one.endpoint.scale, unit=one.unit, value=value,
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _flags(row: Mapping[Any, Any]) -> str:
    failed = FAILED if row["n_failed"] else ""
    silent = "" if row["n_pictures"] or failed else "no_reading"
    return "; ".join(word for word in (failed, silent, str(row.get("flags", ""))) if word)
