"""Alizarin red: bound dye, extracted and read in a plate reader.

The dye is extracted with cetylpyridinium chloride (CPC) and read near 562 nm, or with acetic
acid, neutralised and read at 405 nm (Gregory et al., Anal Biochem 329:77-84, 2004).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.assays import plate_reader, sample_tables
from assaykit.assays.base import Assay, Endpoint, Quantified
from assaykit.assays.curve_columns import CURVE_COLUMNS
from assaykit.errors import InputError, Problem
from assaykit.parameters import parameter
from assaykit.provenance import Step
from assaykit.workbook.spec import TemplateSpec, Variable

if TYPE_CHECKING:
    import pandas as pd

GREGORY = (
    "Gregory CA, Gunn WG, Peister A, Prockop DJ. An Alizarin red-based assay of mineralization by "
    "adherent cells in culture: comparison with cetylpyridinium chloride extraction. "
    "Anal Biochem 2004;329:77-84."
)
EXTRACTIONS: Mapping[str, tuple[float, str]] = {
    "cpc": (562.0, "10 % cetylpyridinium chloride"),
    "acetic_acid": (405.0, "10 % acetic acid, then neutralised"),
}
# What a well's dye may be divided by: the well variable that holds it, and its unit.
DIVISORS: Mapping[str, tuple[str, str]] = {
    "well_area": ("", "cm2"),
    "dna": ("dna_ng", "ng DNA"),
    "protein": ("protein_ug", "µg protein"),
}


@dataclass(frozen=True)
class AlizarinParameters(plate_reader.CurveParameters):
    """Parameters of Alizarin red by extraction."""

    analyte: str = parameter("Alizarin red", "what is measured")
    concentration_unit: str = parameter("µM", "unit of the nominal concentrations")
    model: str = parameter(
        "linear", "model of the standard curve", choices=plate_reader.MODELS, source=GREGORY
    )
    extraction: str = parameter(
        "cpc", "how the dye was extracted", choices=tuple(EXTRACTIONS), source=GREGORY
    )
    wavelength: float | None = parameter(
        None, "measuring wavelength; empty: 562 for cpc, 405 for acetic_acid", unit="nm"
    )
    extraction_volume: float | None = parameter(
        None, "volume that the dye of one well was extracted into; needed for amounts", unit="µL"
    )
    normalise_to: str = parameter(
        "none", "what the amount of dye per well is divided by",
        choices=("none", *DIVISORS),
    )  # fmt: skip
    well_area: float | None = parameter(
        None, "growth area of a culture well, for normalise_to = well_area", unit="cm2"
    )


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

TEMPLATE = TemplateSpec(
    assay="alizarin",
    title="Alizarin red plate (extracted dye)",
    title_ja="アリザリンレッド プレート(抽出色素)",
    variables=(
        *plate_reader.PLATE_VARIABLES,
        Variable("dna_ng", "number", "DNA of the culture well", unit="ng", on_plate=False),
        Variable("protein_ug", "number", "protein of the culture well", unit="µg", on_plate=False),
    ),
    channels=("od_562",),
    channel_pattern=r"od_\d{3,4}",
    channel_unit="OD",
    parameters=AlizarinParameters,
    steps=(
        "Paste the optical densities of the extracts into the block od_562 on the sheet Plate "
        "(name the block od_405 for extraction with acetic acid, and set extraction).",
        "Give each well its role: standard, blank (extraction reagent alone), sample.",
        "Give the standards their nominal_concentration of Alizarin red.",
        "Give each sample its name, its biological_replicate and its arm; wells of one culture "
        "well share the sample's name.",
        "For amounts per well, fill extraction_volume on the sheet Settings.",
    ),
    steps_ja=(
        "シート Plate の od_562 ブロックに抽出液の吸光度を貼り付けます(酢酸抽出の場合は"
        "ブロック名を od_405 とし、設定 extraction を変更してください)。",
        "各ウェルに役割(role)を指定します: standard、blank(抽出液のみ)、sample。",
        "標準品にはアリザリンレッドの nominal_concentration(濃度)を入力します。",
        "各サンプルに名前、biological_replicate(生物学的反復)、群を入力します。",
        "ウェルあたりの量を求める場合は、シート Settings の extraction_volume を入力します。",
    ),
)


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
        plate_reader.observations_of(
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


ASSAY = Assay(
    name="alizarin",
    title="Alizarin red (extraction)",
    endpoints=(CONCENTRATION, AMOUNT, NORMALISED),
    template=TEMPLATE,
    quantify=quantify,
    columns=CURVE_COLUMNS,
    summary={"Samples": ()},
)
