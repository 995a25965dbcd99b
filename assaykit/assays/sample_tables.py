"""Tables per sample rather than per well: pooled dilutions, their linearity, controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.errors import CurveError
from assaykit.tables import factor_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from assaykit.assays.plate_reader import Calibration
    from assaykit.curves import StandardCurve

    Numbers = NDArray[np.float64]

_NAMING = ("plate", "analyte", "role", "sample", "biological_replicate")


def _keys(table: pd.DataFrame) -> list[str]:
    return [*_NAMING, *factor_columns(table)]


def _is_spiked(measured: pd.DataFrame) -> pd.Series:
    return measured["spiked_concentration"].fillna(0) > 0


def _usable(measured: pd.DataFrame) -> pd.DataFrame:
    return measured[~measured["excluded"] & ~_is_spiked(measured)]


def dilutions(measured: pd.DataFrame, found: list[Calibration]) -> pd.DataFrame:
    """Each sample at each dilution: the mean of its wells, back-calculated once.

    Parameters
    ----------
    measured
        Wells with ``response`` and ``dilution_factor``.
    found
        Their standard curves.

    Returns
    -------
    pandas.DataFrame
        plate, analyte, role, sample, biological_replicate, factors, dilution_factor, n_wells,
        mean_response, response_unit, cv_percent (of the response), and, multiplied by the
        dilution factor, concentration, ci_low, ci_high (inversion, for the mean of n wells),
        concentration_unit, flag.
    """
    import pandas as pd

    parts = []
    for calibration in found:
        own = (measured["plate"] == calibration.plate) & (
            measured["analyte"] == calibration.analyte
        )
        table = _mean_responses(_usable(measured[own]))
        result = calibration.curve.back_calculate(
            table["mean_response"].to_numpy(float), replicates=table["n_wells"].to_numpy()
        )
        for name in ("concentration", "ci_low", "ci_high"):
            table[name] = result[name].to_numpy() * table["dilution_factor"]
        unit = calibration.levels["concentration_unit"].iloc[0]
        parts.append(table.assign(concentration_unit=unit, flag=result["flag"].to_numpy()))
    return pd.concat(parts, ignore_index=True)


def _mean_responses(usable: pd.DataFrame) -> pd.DataFrame:
    read = usable[usable["response"].notna()]
    grouped = read.groupby([*_keys(usable), "dilution_factor"], sort=False)["response"]
    table = grouped.agg(n_wells="size", mean_response="mean", sd="std").reset_index()
    table["response_unit"] = "OD"
    table["cv_percent"] = 100 * table.pop("sd") / table["mean_response"].abs()
    return table


def samples(by_dilution: pd.DataFrame) -> pd.DataFrame:
    """Each sample, pooled over its dilutions within the limits of quantification.

    Parameters
    ----------
    by_dilution
        As :func:`dilutions` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per sample: n_wells and dilutions used, the mean concentration weighted by
        wells, and how the dilutions agree (cv_percent of their concentrations).
    """
    keys = _keys(by_dilution)
    used = by_dilution["concentration"].notna()
    weight = by_dilution["n_wells"].where(used, 0)
    table = by_dilution.assign(
        n_wells=weight,
        weighted=(by_dilution["concentration"] * weight).where(used, 0.0),
        dilutions_used=by_dilution["dilution_factor"].where(used),
        dilutions_out_of_range=by_dilution["dilution_factor"].where(by_dilution["flag"] != ""),
    )
    pooled = table.groupby(keys, sort=False).agg(
        n_wells=("n_wells", "sum"),
        dilutions_used=("dilutions_used", _listed),
        dilutions_out_of_range=("dilutions_out_of_range", _listed),
        concentration=("weighted", "sum"),
        concentration_unit=("concentration_unit", "first"),
        cv_percent=("concentration", _cv_percent),
        flag=("flag", _joined),
    )
    pooled["concentration"] = pooled["concentration"] / pooled["n_wells"].where(
        pooled["n_wells"] > 0
    )
    pooled["flag"] = pooled["flag"].where(pooled["n_wells"] == 0, "")
    return pooled.reset_index()


def _cv_percent(concentrations: pd.Series) -> float:
    return float(100 * concentrations.std() / concentrations.mean())


def _joined(flags: pd.Series) -> str:
    return "; ".join(dict.fromkeys(filter(None, flags)))


def _listed(values: pd.Series) -> str:
    return ", ".join(f"{value:g}" for value in sorted(set(values.dropna())))


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def dilution_series(by_dilution: pd.DataFrame, found: list[Calibration]) -> pd.DataFrame:
    """Linearity, parallelism and hook effect of each sample measured in several dilutions.

    Returns
    -------
    pandas.DataFrame
        One row per sample with at least two dilutions: number of dilutions, the CV of their
        dilution-corrected concentrations, the range of recoveries against the least diluted
        one in range, whether the signal falls where the concentration is highest, and for
        an unweighted 4PL and three dilutions or more the F test of parallelism. Empty where
        no sample was diluted twice.
    """
    keys = _keys(by_dilution)
    curves = {(c.plate, c.analyte): c.curve for c in found}
    rows = []
    for key, part in by_dilution.groupby(keys, sort=False):
        if part["dilution_factor"].nunique() > 1:
            named = dict(zip(keys, key, strict=True))
            rows.append(named | _series_row(part, curves[str(key[0]), str(key[1])]))
    return _frame(rows)


def _series_row(part: pd.DataFrame, curve: StandardCurve) -> dict[str, object]:
    from assaykit.curves import dilution_linearity, hook_effect

    factor = part["dilution_factor"].to_numpy(float)
    concentration = part["concentration"].to_numpy(float)
    response = part["mean_response"].to_numpy(float)
    recovery = dilution_linearity(factor, concentration / factor)["recovery_percent"]
    return {
        "n_dilutions": len(part),
        "cv_percent": 100 * part["concentration"].std() / part["concentration"].mean(),
        "lowest_recovery_percent": recovery.min(),
        "highest_recovery_percent": recovery.max(),
        "hook_effect": hook_effect(factor, response, falling=curve.falling).detected,
        **_parallelism(curve, factor, response),
    }


def _parallelism(curve: StandardCurve, factor: Numbers, response: Numbers) -> dict[str, object]:
    """The F test of parallelism, where the curve and the number of dilutions allow it."""
    from assaykit.curves import parallelism

    if (curve.model, curve.weighting) != ("4pl", "none") or len(factor) < 3:
        return {}
    try:
        test = parallelism(curve, factor, response)
    except CurveError:
        return {}
    return {"parallelism_f": test.f_statistic, "parallelism_p": test.p_value}


def controls(measured: pd.DataFrame, by_dilution: pd.DataFrame) -> pd.DataFrame:
    """Recovery of controls with a declared concentration and of spiked samples, in percent.

    Parameters
    ----------
    measured
        Wells with ``back_calculated_concentration`` and, for controls,
        ``nominal_concentration``; for spiked wells ``spiked_concentration``, the
        concentration that was added, in the well.
    by_dilution
        As :func:`dilutions` returns it.

    Returns
    -------
    pandas.DataFrame
        plate, analyte, kind (``control`` or ``spike``), sample, n_wells, expected and found
        concentration, concentration_unit, recovery_percent. A spike's recovery is
        100 · (spiked − unspiked) / added, after the dilution of the well.
    """
    return _frame([*_control_rows(measured), *_spike_rows(measured, by_dilution)])


def _control_rows(measured: pd.DataFrame) -> list[dict[str, object]]:
    declared = measured[
        (measured["role"] == "qc") & ~measured["excluded"] & ~_is_spiked(measured)
    ].dropna(subset=["nominal_concentration"])
    keys = ["plate", "analyte", "sample", "nominal_concentration"]
    return [
        _recovery_row("control", part, part["nominal_concentration"].iloc[0], _in_sample(part))
        for _, part in declared.groupby(keys, sort=False)
    ]


_SPIKE = ("dilution_factor", "spiked_concentration")


def _spike_rows(measured: pd.DataFrame, by_dilution: pd.DataFrame) -> list[dict[str, object]]:
    spiked = measured[_is_spiked(measured) & ~measured["excluded"]]
    keys = ["plate", "analyte", "sample", "biological_replicate", "dilution_factor"]
    plain = by_dilution[by_dilution["role"] == "sample"].groupby(keys)["concentration"].mean()
    rows = []
    for key, part in spiked.groupby([*keys, "spiked_concentration"], sort=False):
        factor, added = (float(part[name].iloc[0]) for name in _SPIKE)
        unspiked = float(plain.get(key[:5], float("nan"))) / factor
        found = float(part["back_calculated_concentration"].mean())
        rows.append(_recovery_row("spike", part, added, found - unspiked))
    return rows


def _in_sample(part: pd.DataFrame) -> float:
    """Mean concentration before dilution."""
    return float((part["back_calculated_concentration"] * part["dilution_factor"]).mean())


def _recovery_row(
    kind: str, part: pd.DataFrame, expected: float, found: float
) -> dict[str, object]:
    first = part.iloc[0]
    return {
        "plate": first["plate"],
        "analyte": first["analyte"],
        "kind": kind,
        "sample": first["sample"],
        "n_wells": int(part["back_calculated_concentration"].notna().sum()),
        "expected": expected,
        "found": found,
        "concentration_unit": first["concentration_unit"],
        "recovery_percent": 100 * found / expected,
    }


def all_tables(measured: pd.DataFrame, found: list[Calibration]) -> dict[str, pd.DataFrame]:
    """The sheets Samples, Dilutions, Dilution series and Controls; empty ones are left out."""
    by_dilution = dilutions(measured, found)
    tables = {
        "Samples": samples(by_dilution),
        "Dilutions": by_dilution,
        "Dilution series": dilution_series(by_dilution, found),
        "Controls": controls(measured, by_dilution),
    }
    return {name: table for name, table in tables.items() if not table.empty}
