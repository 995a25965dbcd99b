"""Two ways of measuring the same wells, side by side: dye and picture, program and eye.

Values are paired by sample where both measurements name the same samples, else by biological
replicate and arm; the wells of one pair are averaged (geometrically on a log scale).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assaykit.stats.agreement import agreement

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.design import Design

FEWEST = 3
_KEYS = ["assay", "analyte", "first_name", "second_name", "unit", "scale"]
_PLACE = ["biological_replicate", "arm"]
_NAMED = [*_PLACE, "sample"]
Pairs = Mapping[str, Iterable[tuple[str, str]]]


def endpoint_pairs(observations: pd.DataFrame, design: Design, pairs: Pairs) -> pd.DataFrame:
    """The values of two endpoints side by side, for each declared pair that was measured.

    Parameters
    ----------
    observations
        As in :mod:`assaykit.tables`, of one plate or several.
    design
        Which says what an arm is.
    pairs
        By assay, the endpoints that measure the same thing.

    Returns
    -------
    pandas.DataFrame
        One row per pair of values: assay, analyte, first_name, second_name, unit (of both; empty
        where they differ), scale (``linear``, or ``standardised`` where the units differ),
        biological_replicate, arm, sample (empty where paired without it), first, second. Endpoints
        with fewer than three pairs have none.
    """
    import pandas as pd

    usable = observations[~observations["excluded"] & observations["value"].notna()]
    usable = usable[usable["role"] == "sample"]
    usable = usable.assign(arm=design.arm_labels(usable))
    found = [
        part
        for (assay, analyte), own in usable.groupby(["assay", "analyte"], sort=False)
        for first, second in pairs.get(str(assay), ())
        for part in _paired(own, first, second, str(assay), str(analyte))
    ]
    columns = [*_KEYS, *_NAMED, "first", "second"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def agreement_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """How the two endpoints of each pair agree: the statistics of :func:`agreement`, one per row.

    Parameters
    ----------
    pairs
        Of :func:`endpoint_pairs`.
    """
    import pandas as pd

    parts = []
    for key, part in pairs.groupby(_KEYS, sort=False):
        scale: Any = key[-1]
        table = agreement(part["first"], part["second"], scale=scale).table()
        first = dict(zip(_KEYS[:-1], map(str, key[:-1]), strict=True))
        parts.append(table.assign(**first)[[*first, *table.columns]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _paired(
    own: pd.DataFrame, first: str, second: str, assay: str, analyte: str
) -> Iterator[pd.DataFrame]:
    one, other = (own[own["endpoint"] == name] for name in (first, second))
    if one.empty or other.empty:
        return
    for keys in (_NAMED, _PLACE):
        both = _means(one, keys).merge(_means(other, keys), on=keys, suffixes=("_1", "_2"))
        if keys == _NAMED:
            both = both[both["sample"] != ""]
        if len(both) >= FEWEST:
            same = one["unit"].iloc[0] == other["unit"].iloc[0]
            yield both.assign(
                assay=assay, analyte=analyte, first_name=first, second_name=second,
                unit=one["unit"].iloc[0] if same else "",
                scale="linear" if same else "standardised",
                sample=both.get("sample", ""),
                first=both["value_1"], second=both["value_2"],
            )  # fmt: skip
            return


def _means(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The mean of each key; geometric where arms are compared by ratios."""
    import numpy as np
    import pandas as pd

    values = table["value"].astype(float)
    is_log = table["scale"].eq("log").all() and bool((values > 0).all())
    scaled = table.assign(value=np.log(values) if is_log else values)
    means = scaled.groupby(keys, sort=False, as_index=False)["value"].mean()
    means["value"] = np.exp(means["value"]) if is_log else means["value"]
    return pd.DataFrame(means)
