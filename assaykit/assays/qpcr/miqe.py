"""A checklist after MIQE, filled from what the workbook says; "missing" otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MISSING = "missing"


def miqe_table(
    reactions: pd.DataFrame, targets: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Items of the MIQE checklist that a plate can answer.

    Parameters
    ----------
    reactions, targets
        Of the plate.
    tables
        The assay's own tables made so far.

    Returns
    -------
    DataFrame
        section, item, importance (E essential, D desirable), answer. After Bustin et al., Clin
        Chem 2009;55:611, table 1, in our words.
    """
    import pandas as pd

    rows = [*_samples(reactions), *_targets(targets), *_validation(tables)]
    rows += _analysis(reactions, tables)
    return pd.DataFrame(rows, columns=["section", "item", "importance", "answer"])


def _samples(reactions: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    samples = reactions[reactions["role"] == "sample"].drop_duplicates("sample")
    named = samples.loc[samples["biological_replicate"] != "", "biological_replicate"]
    return [
        ("sample", "number of samples", "E", str(len(samples))),
        ("sample", "biological replicates", "E", str(named.nunique()) if len(named) else MISSING),
        ("nucleic acid", "amount of RNA in the reverse transcription (ng)", "E",
         _range(samples["rna_ng"])),
        ("nucleic acid", "purity (A260/A280)", "D", _range(samples["a260_280"])),
        ("nucleic acid", "integrity (RIN)", "E", _range(samples["rin"])),
        ("nucleic acid", "no-RT control", "E", _controls(reactions, "nrt")),
    ]  # fmt: skip


def _targets(targets: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    rows = []
    for row in targets.to_dict("records"):
        group = str(row["rt_group"]) or MISSING
        rows.append(("reverse transcription", f"priming of {row['target']}", "E", group))
    return rows


def _validation(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, str, str]]:
    rows = []
    for row in tables["Efficiency"].to_dict("records"):
        name = row["target"]
        answer = f"{row['efficiency']:.3f} ({row['efficiency_source']})"
        rows.append(("validation", f"efficiency of {name} (1.00 = 100 %)", "E", answer))
        slope = row["slope"]
        fitted = f"slope {slope:.3f}, intercept {row['intercept']:.2f}, R² {row['r_squared']:.4f}"
        span = f"{row['lowest']:g} to {row['highest']:g}"
        known = not math.isnan(slope)
        rows.append(("validation", f"standard curve of {name}", "E", fitted if known else MISSING))
        rows.append(("validation", f"linear range of {name}", "E", span if known else MISSING))
    melt = tables["Melt"]
    single = f"{int((melt['verdict'] == 'one product').sum())} of {len(melt)} wells: one product"
    rows.append(("validation", "specificity (melt curve)", "E", single if len(melt) else MISSING))
    return rows


def _analysis(
    reactions: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> list[tuple[str, str, str, str]]:
    replicates = tables["Technical replicates"]
    spread = replicates["spread_cq"].max()
    references = reactions.loc[
        reactions["target_role"].isin(["reference", "spike_in"]), "target"
    ].unique()
    return [
        ("validation", "no-template control", "E", _controls(reactions, "ntc")),
        ("data analysis", "reference genes", "E", ", ".join(references) or MISSING),
        ("data analysis", "stability of the reference genes (geNorm M)", "E",
         _stability(tables["Reference genes"])),
        ("data analysis", "technical replicates per sample and target", "E",
         _range(replicates["n_wells"])),
        ("data analysis", "largest distance of technical replicates (cycles)", "E",
         MISSING if math.isnan(spread) else f"{spread:.2f}"),
        ("data analysis", "outliers", "E",
         f"{int((replicates['outlier'] != '').sum())} remarked on, none left out by the program"),
    ]  # fmt: skip


def _stability(table: pd.DataFrame) -> str:
    if table.empty or "m" not in table:
        return MISSING
    return ", ".join(f"{row['gene']} {row['m']:.2f}" for row in table.to_dict("records"))


def _range(values: pd.Series) -> str:
    known = values.dropna()
    if known.empty:
        return MISSING
    low, high = known.min(), known.max()
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _controls(reactions: pd.DataFrame, role: str) -> str:
    part = reactions[reactions["role"] == role]
    if part.empty:
        return MISSING
    found = int(part["cq"].notna().sum())
    return f"{len(part)} wells, {found} with a Cq"
