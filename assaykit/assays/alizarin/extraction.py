"""Alizarin red: bound dye, extracted and read in a plate reader.

The dye is extracted with cetylpyridinium chloride (CPC) and read near 562 nm, or with acetic
acid, neutralised and read at 405 nm (Gregory et al., Anal Biochem 329:77-84, 2004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assaykit.assays import plate_reader, sample_tables
from assaykit.assays.alizarin.parameters import (
    DIVISORS,
    EXTRACTIONS,
    GREGORY,
    AlizarinParameters,
)
from assaykit.assays.base import Endpoint, Quantified, observations_of
from assaykit.errors import InputError, Problem
from assaykit.provenance import Step

if TYPE_CHECKING:
    import pandas as pd

CONCENTRATION = Endpoint(
    "alizarin_red_concentration", "log", "Alizarin red",
    "Concentration of dye in the extract, before any dilution for reading.",
)  # fmt: skip
AMOUNT = Endpoint(
    "alizarin_red_amount", "log", "Alizarin red", "Amount of bound dye in one culture well."
)
NORMALISED = Endpoint(
    "alizarin_red_normalised", "log", "Alizarin red",
    "Amount of bound dye, divided by the declared measure of the well.",
)  # fmt: skip


def quantify(wells: pd.DataFrame, parameters: AlizarinParameters) -> Quantified:
    """Concentration, and where declared amount and normalised amount, of extracted dye.

    Parameters
    ----------
    wells
        Annotated wells (:func:`assaykit.annotate`) with readings in OD.
    parameters
        See :class:`AlizarinParameters`.

    Returns
    -------
    Quantified
        Observations ``alizarin_red_concentration``, with an extraction volume
        ``alizarin_red_amount`` (nmol for µM, µg for µg/mL), with a declared measure
        ``alizarin_red_normalised``; tables as for an ELISA.

    Raises
    ------
    InputError
        The standard curve cannot be fitted, or the declared normalisation lacks its measure.
    NothingToAnalyseError
        There is no reading at the wavelength.

    Examples
    --------
    >>> AlizarinParameters(extraction="acetic_acid").normalise_to
    'none'
    """
    _check_normalisation(wells, parameters)
    wavelength = parameters.wavelength or EXTRACTIONS[parameters.extraction][0]
    channel = plate_reader.od_channel(wavelength)
    table = plate_reader.responses(wells, channel, parameters)
    found = plate_reader.calibrations(table, parameters)
    measured = plate_reader.back_calculated(table, found, parameters)
    tables = plate_reader.calibration_tables(found) | sample_tables.all_tables(measured, found)
    steps = (_extraction_step(parameters), *plate_reader.steps(found, parameters, channel))
    curves = {c.name: c.curve for c in found}
    return Quantified(_observations(measured, parameters), tables, curves, steps)


def _observations(measured: pd.DataFrame, parameters: AlizarinParameters) -> pd.DataFrame:
    import pandas as pd

    value = measured["back_calculated_concentration"] * measured["dilution_factor"]
    unit = parameters.concentration_unit
    results = [(CONCENTRATION, value, unit)]
    if parameters.extraction_volume is not None:
        scale, unit = amount_unit(unit)
        value = value * parameters.extraction_volume * scale
        results.append((AMOUNT, value, unit))
        if parameters.normalise_to != "none":
            divisor, per = _divisor(measured, parameters)
            results.append((NORMALISED, value / divisor, f"{unit}/{per}"))
    rows = [
        observations_of(
            measured, assay="alizarin", endpoint=endpoint.name, scale=endpoint.scale,
            unit=unit, value=value,
        )
        for endpoint, value, unit in results
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def amount_unit(concentration_unit: str) -> tuple[float, str]:
    """What a concentration times a volume in µL is: a factor and a unit.

    Raises
    ------
    InputError
        The unit is not a known concentration.

    Examples
    --------
    >>> amount_unit("µM")
    (0.001, 'nmol')
    """
    known = {
        "um": (0.001, "nmol"),
        "mm": (1.0, "nmol"),
        "ug/ml": (0.001, "µg"),
        "mg/ml": (1.0, "µg"),
    }
    key = concentration_unit.replace("µ", "u").replace("μ", "u").replace(" ", "").casefold()
    if key not in known:
        message = f"concentration_unit: an amount cannot be computed from '{concentration_unit}'"
        raise InputError(
            [Problem("unknown_unit", message, sheet="Settings",
                     remedy="Use µM, mM, µg/mL or mg/mL, or leave extraction_volume empty.")]
        )  # fmt: skip
    return known[key]


def _divisor(
    measured: pd.DataFrame, parameters: AlizarinParameters
) -> tuple[pd.Series | float, str]:
    variable, unit = DIVISORS[parameters.normalise_to]
    if not variable:
        return float(parameters.well_area or "nan"), unit
    return measured[variable], unit


def _check_normalisation(wells: pd.DataFrame, parameters: AlizarinParameters) -> None:
    if parameters.normalise_to == "none":
        return
    missing = []
    if parameters.extraction_volume is None:
        missing.append("the setting extraction_volume")
    variable, _ = DIVISORS[parameters.normalise_to]
    if not variable and parameters.well_area is None:
        missing.append("the setting well_area")
    if variable and (variable not in wells or wells[variable].isna().all()):
        missing.append(f"the block or column {variable}")
    if missing:
        message = f"normalise_to = {parameters.normalise_to} needs {' and '.join(missing)}"
        raise InputError([Problem("missing_normalisation", message, sheet="Settings")])


def _extraction_step(parameters: AlizarinParameters) -> Step:
    reagent = EXTRACTIONS[parameters.extraction][1]
    record = {"extraction": parameters.extraction, "normalise_to": parameters.normalise_to}
    return Step(
        "extraction", f"Bound Alizarin red was extracted with {reagent}.", record, (GREGORY,)
    )
