"""From Cq to relative quantity: technical means, efficiency, reference genes, calibrator.

The chain is that of the MIQE guidelines (Bustin et al. 2009) and of the instruments' software:
technical mean of Cq, times ``log2(1 + efficiency)``, minus the mean of the reference genes
(``delta_cq``; Livak & Schmittgen 2001, Pfaffl 2001, Vandesompele et al. 2002), minus that of the
calibrator (``delta_delta_cq``), and ``relative_quantity = 2 ** -delta_delta_cq``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assaykit.errors import InputError, Problem
from assaykit.values import suggestion

if TYPE_CHECKING:
    import pandas as pd

REFERENCE_ROLES = ("reference", "spike_in")


def relative_quantities(
    wells: pd.DataFrame,
    targets: pd.DataFrame,
    calibrator: str | Sequence[str] | None = None,
    *,
    normalisers: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Relative quantities of the targets in each sample.

    Parameters
    ----------
    wells
        One row per reaction: ``plate``, ``well``, ``sample``, ``target``, ``cq`` in cycles.
        Reactions without a number take no part in the mean; ``n_undetermined`` counts them.
    targets
        ``target``, ``role`` (``target``, ``reference`` or ``spike_in``) and ``efficiency``
        (1.00 = 100 %; missing: 1.00).
    calibrator
        Sample that quantities are relative to, or several, whose ``delta_cq`` are averaged. None:
        only ``delta_cq``.
    normalisers
        The reference genes of each target; by default all of them. No name at all leaves a target
        as it is.

    Returns
    -------
    DataFrame
        One row per sample and target of role ``target``: sample, target, n_wells,
        n_undetermined, mean_cq, sd_cq, weighted_cq (mean Cq × log2(1 + efficiency)),
        reference_cq, delta_cq, delta_delta_cq, relative_quantity (all but the last in cycles).
        A sample that lacks one of the reference genes has no ``delta_cq``.

    Raises
    ------
    InputError
        No reference gene, targets of the wells that are not declared, or a calibrator that no well
        names; all at once.

    Notes
    -----
    Several reference genes: the arithmetic mean of their weighted Cq, which is the geometric mean
    of their quantities (Vandesompele et al. 2002).

    Examples
    --------
    >>> import pandas as pd
    >>> wells = pd.DataFrame({"plate": "P1", "well": ["A1", "A2", "A3", "A4"],
    ...     "sample": ["brain", "brain", "kidney", "kidney"], "target": ["c-myc", "GAPDH"] * 2,
    ...     "cq": [30.0, 23.0, 27.5, 23.0]})
    >>> targets = pd.DataFrame({"target": ["c-myc", "GAPDH"], "role": ["target", "reference"],
    ...                         "efficiency": 1.0})
    >>> relative_quantities(wells, targets, "brain")["relative_quantity"].round(3).tolist()
    [1.0, 5.657]
    """
    problems = [*_target_problems(wells, targets), *calibrator_problems(wells, calibrator)]
    problems += [] if normalisers else _reference_problems(targets)
    if problems:
        raise InputError(problems)
    means = sample_means(wells, targets)
    roles = dict(zip(targets["target"], targets["role"], strict=True))
    references = [name for name, role in roles.items() if role in REFERENCE_ROLES]
    weighted = means.pivot(index="sample", columns="target", values="weighted_cq")
    made = means[[roles[name] == "target" for name in means["target"]]].reset_index(drop=True)
    chosen = normalisers or {}
    parts = [
        part.assign(
            reference_cq=part["sample"].map(
                _reference_cq(weighted, list(chosen.get(str(name), references)))
            )
        )
        for name, part in made.groupby("target", sort=False)
    ]
    return relative_to(_joined(made, parts), calibrator)


def _reference_cq(weighted: pd.DataFrame, names: list[str]) -> pd.Series:
    """Mean weighted Cq of the reference genes in each sample; 0 where there shall be none."""
    chosen = weighted.reindex(columns=names)
    return chosen.mean(axis=1, skipna=False) if names else chosen.sum(axis=1)


def _joined(made: pd.DataFrame, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts in the order of the whole, with ``delta_cq``."""
    import pandas as pd

    if not parts:
        return made.assign(reference_cq=float("nan"), delta_cq=float("nan"))
    whole = pd.concat(parts).sort_index()
    return whole.assign(delta_cq=whole["weighted_cq"] - whole["reference_cq"])


def sample_means(wells: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Technical means of each sample and target, over all its reactions.

    Parameters
    ----------
    wells, targets
        As for :func:`relative_quantities`.

    Returns
    -------
    DataFrame
        sample, target, n_wells, n_undetermined, mean_cq, sd_cq (n − 1), efficiency, weighted_cq;
        in the order in which samples and targets come.
    """
    import numpy as np

    grouped = wells.groupby(["sample", "target"], sort=False)["cq"]
    means = grouped.agg(n_wells="count", size="size", mean_cq="mean", sd_cq="std").reset_index()
    means.insert(3, "n_undetermined", means.pop("size") - means["n_wells"])
    efficiency = targets.set_index("target")["efficiency"].astype(float).fillna(1.0)
    means["efficiency"] = means["target"].map(efficiency)
    means["weighted_cq"] = means["mean_cq"] * np.log2(1 + means["efficiency"])
    return means


def relative_to(quantities: pd.DataFrame, calibrator: str | Sequence[str] | None) -> pd.DataFrame:
    """Add ``delta_delta_cq`` and ``relative_quantity`` against a calibrator.

    Parameters
    ----------
    quantities
        sample, target, delta_cq.
    calibrator
        Sample or samples; None leaves both columns missing.
    """
    import numpy as np

    names = [calibrator] if isinstance(calibrator, str) else list(calibrator or ())
    of_calibrator = quantities[quantities["sample"].astype(str).isin([str(n) for n in names])]
    zero = of_calibrator.groupby("target")["delta_cq"].mean()
    difference = quantities["delta_cq"] - quantities["target"].map(zero).astype(float)
    return quantities.assign(
        delta_delta_cq=difference, relative_quantity=np.exp2(-difference.to_numpy(dtype=float))
    )


def vendor_intervals(
    quantities: pd.DataFrame, wells: pd.DataFrame, targets: pd.DataFrame, confidence: float = 0.95
) -> pd.DataFrame:
    """RQ Min and RQ Max as the instruments' software computes them: a labelled extra.

    They hold the spread of the wells only, leave out that of the calibrator and know nothing of
    biological replicates: no interval of an experiment. With one reference gene in other wells the
    standard error is ``sqrt(sd_t² / n_t + sd_r² / n_r)`` with ``n_t + n_r − 2`` degrees of freedom;
    in the same wells (duplex) it is that of the differences, with ``n − 1``.

    Parameters
    ----------
    quantities
        As :func:`relative_quantities` returns it.
    wells, targets
        As given to it.
    confidence
        Coverage; the software offers 95 % among others.

    Returns
    -------
    DataFrame
        ``quantities`` with vendor_delta_cq_se, vendor_rq_min and vendor_rq_max; missing where
        there is more than one reference gene.
    """
    import numpy as np
    from scipy.special import stdtrit

    references = targets.loc[targets["role"].isin(REFERENCE_ROLES), "target"].tolist()
    efficiency = targets.set_index("target")["efficiency"].astype(float).fillna(1.0)
    factor = np.log2(1 + wells["target"].map(efficiency).to_numpy(dtype=float))
    weighted = wells.assign(cq=wells["cq"] * factor)
    rows = [
        _vendor_error(weighted, str(row["sample"]), str(row["target"]), references)
        for row in quantities.to_dict("records")
    ]
    error, df = np.array(rows, dtype=float).reshape(-1, 2).T
    margin = stdtrit(np.where(df > 0, df, np.nan), (1 + confidence) / 2)
    middle = quantities["delta_delta_cq"].to_numpy(dtype=float)
    return quantities.assign(
        vendor_delta_cq_se=error,
        vendor_rq_min=np.exp2(-(middle + margin * error)),
        vendor_rq_max=np.exp2(-(middle - margin * error)),
    )


def _vendor_error(
    wells: pd.DataFrame, sample: str, target: str, references: list[str]
) -> tuple[float, float]:
    """Standard error of ``delta_cq`` and its degrees of freedom."""
    import numpy as np

    if len(references) != 1:
        return np.nan, np.nan
    own = wells[(wells["sample"].astype(str) == sample) & wells["cq"].notna()]
    place = ["plate", "well"]
    first = own[own["target"] == target].set_index(place)["cq"].sort_index()
    second = own[own["target"] == references[0]].set_index(place)["cq"].sort_index()
    if len(first) and first.index.equals(second.index):
        return float((first - second).std() / np.sqrt(len(first))), len(first) - 1
    parts = [values.var() / len(values) for values in (first, second) if len(values) > 1]
    if len(parts) < 2:
        return np.nan, np.nan
    return float(np.sqrt(sum(parts))), len(first) + len(second) - 2


def _target_problems(wells: pd.DataFrame, targets: pd.DataFrame) -> list[Problem]:
    known = [str(name) for name in targets["target"]]
    return [
        Problem("unknown_target", f"the target '{name}' is not declared",
                remedy=suggestion(str(name), known))
        for name in dict.fromkeys(wells["target"])
        if name not in known
    ]  # fmt: skip


def _reference_problems(targets: pd.DataFrame) -> list[Problem]:
    if targets["role"].isin(REFERENCE_ROLES).any():
        return []
    remedy = "Give one target the role reference (or spike_in)."
    return [Problem("no_reference_gene", "no reference gene is declared", remedy=remedy)]


def calibrator_problems(wells: pd.DataFrame, calibrator: Any) -> list[Problem]:
    """Calibrators that no well holds, with the nearest sample that there is."""
    names = [calibrator] if isinstance(calibrator, str) else list(calibrator or ())
    samples = [str(name) for name in dict.fromkeys(wells["sample"])]
    return [
        Problem("unknown_calibrator", f"no well holds the calibrator '{name}'",
                remedy=suggestion(str(name), samples))
        for name in names
        if str(name) not in samples
    ]  # fmt: skip
