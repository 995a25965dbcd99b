"""Tables of a qPCR plate beside the quantities: replicates, bounds, controls, melt curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.assays.qpcr.parameters import QpcrParameters

_CONTROLS = {"ntc": "no template", "nrt": "no reverse transcription"}


def replicate_table(reactions: pd.DataFrame, spread_limit: float) -> pd.DataFrame:
    """Technical replicates of each sample and target, with and without the farthest well.

    Undetermined reactions are counted and take no part in the mean, whatever the policy. A well is
    called an outlier where the Cq spread over more than the limit and it is the one farthest from
    the median of at least three; of two that are equally far, none is. It stays in every result;
    ``mean_cq_without`` and ``log2_quantity_shift`` say what leaving it out would do.

    Parameters
    ----------
    reactions
        As :func:`assaykit.assays.qpcr.reactions.reactions_of` makes them.
    spread_limit
        In cycles.

    Returns
    -------
    DataFrame
        plate, sample, target, wells, n_wells, n_undetermined, mean_cq, sd_cq, spread_cq, outlier
        (a well, or empty), mean_cq_without, log2_quantity_shift (cycles that the mean Cq falls by
        without it, so log2 of how much the quantity rises at an efficiency of 1.00).

    Examples
    --------
    >>> import pandas as pd
    >>> wells = pd.DataFrame({"plate": "p", "well": ["A1", "A2", "A3"], "sample": "316",
    ...     "target": "GAPDH", "role": "sample", "cq": [38.89, 23.95, 24.14], "excluded": False,
    ...     "undetermined": False})
    >>> row = replicate_table(wells, 0.5).iloc[0]
    >>> print(f"{row['outlier']}: {row['mean_cq']:.2f}, without it {row['mean_cq_without']:.2f}")
    A1: 28.99, without it 24.05
    """
    import pandas as pd

    used = reactions[reactions["role"].isin(["sample", "calibrator"]) & ~reactions["excluded"]]
    rows = [
        _replicates(key, part, spread_limit)
        for key, part in used.groupby(["plate", "sample", "target"], sort=False)
    ]
    columns = [
        "plate", "sample", "target", "wells", "n_wells", "n_undetermined", "mean_cq", "sd_cq",
        "spread_cq", "outlier", "mean_cq_without", "log2_quantity_shift",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _replicates(key: Any, part: pd.DataFrame, limit: float) -> dict[str, Any]:
    import numpy as np

    plate, sample, target = key
    known = part[~part["undetermined"]].dropna(subset="cq")
    cq = known["cq"].to_numpy(dtype=float)
    row = {
        "plate": plate, "sample": sample, "target": target, "wells": ", ".join(part["well"]),
        "n_wells": len(cq), "n_undetermined": int(part["undetermined"].sum()), "outlier": "",
        "mean_cq": cq.mean() if len(cq) else np.nan,
        "sd_cq": cq.std(ddof=1) if len(cq) > 1 else np.nan,
        "spread_cq": np.ptp(cq) if len(cq) > 1 else np.nan,
    }  # fmt: skip
    if len(cq) > 2 and row["spread_cq"] > limit:
        away = np.abs(cq - np.median(cq))
        far = int(np.argmax(away))
        if np.isclose(away, away[far], rtol=0, atol=1e-9).sum() > 1:
            return row
        without = float(np.delete(cq, far).mean())
        row |= {"outlier": known["well"].iloc[far], "mean_cq_without": without,
                "log2_quantity_shift": float(cq.mean() - without)}  # fmt: skip
    return row


def bound_table(
    reactions: pd.DataFrame, quantities: pd.DataFrame, parameters: QpcrParameters
) -> pd.DataFrame:
    """Targets that are undetermined in some sample, to see that what should be absent is.

    For each sample and such a target: Cq, or the bound that an undetermined one sets on the
    quantity, whatever the policy. With a calibrator it is told relative to it.

    Returns
    -------
    DataFrame
        plate, sample, target, n_wells, n_undetermined, mean_cq, delta_cq, delta_cq_bound (what
        delta Cq is at least where nothing is found), relative_quantity_bound (what the relative
        quantity is at most), result in words.
    """
    import pandas as pd

    used = reactions[reactions["role"].isin(["sample", "calibrator"]) & ~reactions["excluded"]]
    partly = set(used.loc[used["undetermined"], "target"])
    used = used[used["undetermined"] | used["cq"].notna()]
    rows_of = quantities.to_dict("records")
    known: dict[Any, Any] = {(row["sample"], row["target"]): row for row in rows_of}
    zeros = (quantities["delta_cq"] - quantities["delta_delta_cq"]).groupby(quantities["target"])
    of_calibrator = zeros.first().to_dict()  # the first that is not missing
    rows = [
        _bound(key, part, known[key[1:]], of_calibrator[key[2]], parameters.cq_limit)
        for key, part in used.groupby(["plate", "sample", "target"], sort=False)
        if key[2] in partly and key[1:] in known
    ]
    columns = ["plate", "sample", "target", "n_wells", "n_undetermined", "mean_cq", "delta_cq",
               "delta_cq_bound", "relative_quantity_bound", "result"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _bound(
    key: Any, part: pd.DataFrame, row: Mapping[Any, Any], zero: float, cq_limit: float
) -> dict[str, Any]:
    """One sample and target; ``zero`` is the calibrator's delta Cq."""
    import numpy as np

    measured = part.loc[~part["undetermined"], "cq"].dropna()
    limit = cq_limit * np.log2(1 + row["efficiency"]) - row["reference_cq"]
    limit -= row.get("run_correction", 0.0)
    relative = float(np.exp2(zero - limit))
    return {
        **dict(zip(("plate", "sample", "target"), key, strict=True)),
        "n_wells": len(part), "n_undetermined": int(part["undetermined"].sum()),
        "mean_cq": measured.mean() if len(measured) else np.nan,
        "delta_cq": row["delta_cq"] if len(measured) else np.nan,
        "delta_cq_bound": limit, "relative_quantity_bound": relative,
        "result": _verdict(part, len(measured), relative, limit),
    }  # fmt: skip


def _verdict(part: pd.DataFrame, measured: int, relative: float, limit: float) -> str:
    import numpy as np

    if not part["undetermined"].any():
        return f"found in all {len(part)} reactions"
    bound = f"relative quantity < {relative:.2g}" if np.isfinite(relative) else (
        f"delta Cq > {limit:.1f}" if np.isfinite(limit) else "no bound without reference genes"
    )  # fmt: skip
    if not measured:
        return f"not found in any of {len(part)} reactions: {bound}"
    return f"found in {measured} of {len(part)} reactions; the others: {bound}"


def control_table(reactions: pd.DataFrame) -> pd.DataFrame:
    """No-template and no-RT controls beside the samples of their target.

    Returns
    -------
    DataFrame
        plate, kind, sample, target, wells, n_wells, n_with_cq, lowest_cq, latest_sample_cq,
        distance (lowest Cq of the control minus the latest sample's, in cycles; missing where
        the control has no Cq).
    """
    import pandas as pd

    used = reactions[~reactions["excluded"]]
    samples = used[(used["role"] == "sample") & ~used["undetermined"]]
    latest = samples.groupby(["plate", "target"])["cq"].max()
    rows = []
    controls = used[used["role"].isin(_CONTROLS)]
    for (plate, role, sample, target), part in controls.groupby(
        ["plate", "role", "sample", "target"], sort=False
    ):
        last = float(latest.get((plate, target), float("nan")))
        rows.append(
            {
                "plate": plate, "kind": _CONTROLS[str(role)], "sample": sample, "target": target,
                "wells": ", ".join(part["well"]), "n_wells": len(part),
                "n_with_cq": int(part["cq"].notna().sum()), "lowest_cq": part["cq"].min(),
                "latest_sample_cq": last, "distance": part["cq"].min() - last,
            }
        )  # fmt: skip
    columns = ["plate", "kind", "sample", "target", "wells", "n_wells", "n_with_cq", "lowest_cq",
               "latest_sample_cq", "distance"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def melt_table(wells: pd.DataFrame, parameters: QpcrParameters) -> pd.DataFrame:
    """Melt peaks of each well: temperatures, the height of the second peak, what it says.

    Every well lists some second peak; it counts by its height, not by being there.

    Parameters
    ----------
    wells
        Annotated wells with the channels ``tm_1``, ``tm_2``, ``melt_peak_height_1``, ...

    Returns
    -------
    DataFrame
        plate, well, sample, target, tm, second_tm, second_height (share of the first),
        expected_tm, verdict; empty where the file has no melt curves.
    """
    import numpy as np
    import pandas as pd

    columns = ["plate", "well", "sample", "target", "tm", "second_tm", "second_height",
               "expected_tm", "verdict"]  # fmt: skip
    melted = wells[wells["channel"].str.fullmatch(r"(tm|melt_peak_height)_\d+")]
    if melted.empty:
        return pd.DataFrame(columns=columns)
    key = ["plate", "well", "target"]
    wide = melted.pivot_table(index=key, columns="channel", values="value", sort=False)
    once = melted.drop_duplicates(key).set_index(key)
    height = wide.get("melt_peak_height_2", np.nan) / wide.get("melt_peak_height_1", np.nan)
    table = wide.reindex(columns=["tm_1", "tm_2"]).set_axis(["tm", "second_tm"], axis=1).assign(
        second_height=height, sample=once.get("sample", ""),
        expected_tm=once.get("expected_tm", np.nan),
    ).reset_index()  # fmt: skip
    table["verdict"] = [_melt_verdict(row, parameters) for row in table.to_dict("records")]
    return table[columns]


def _melt_verdict(row: Any, parameters: QpcrParameters) -> str:
    import numpy as np

    remarks = []
    if np.isfinite(row["second_height"]) and row["second_height"] > parameters.melt_height_limit:
        remarks.append(f"second peak of {row['second_height']:.0%} of the first")
    away = abs(row["tm"] - row["expected_tm"])
    if np.isfinite(away) and away > parameters.tm_tolerance:
        remarks.append(f"melts {away:.1f} °C from the expected temperature")
    return "; ".join(remarks) or "one product"
