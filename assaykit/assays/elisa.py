"""ELISA: optical densities become concentrations through each plate's own standard curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.assays import plate_reader, sample_tables
from assaykit.assays.base import Assay, Endpoint, Quantified, observations_of
from assaykit.assays.curve_columns import CURVE_COLUMNS
from assaykit.parameters import parameter
from assaykit.workbook.spec import TemplateSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ElisaParameters(plate_reader.CurveParameters):
    """Parameters of an ELISA."""

    wavelength: float = parameter(450.0, "measuring wavelength", unit="nm")


CONCENTRATION = Endpoint(
    "concentration", "log", "Concentration",
    "Concentration of the analyte in the undiluted sample.",
)  # fmt: skip

TEMPLATE = TemplateSpec(
    assay="elisa",
    title="ELISA plate",
    title_ja="ELISA プレート",
    variables=plate_reader.PLATE_VARIABLES,
    channels=("od_450",),
    channel_pattern=r"od_\d{3,4}",
    channel_unit="OD",
    parameters=ElisaParameters,
    steps=(
        "Paste the optical densities into the block od_450 on the sheet Plate (rename the block, "
        "and the setting wavelength, if you read at another wavelength).",
        "Give each well its role: standard, blank, sample, qc.",
        "Give the standards their nominal_concentration; the zero standard is 0.",
        "Give each sample its name, its biological_replicate, its arm and, if it was diluted, its "
        "dilution_factor.",
        "A control of known concentration has the role qc and a nominal_concentration.",
    ),
    steps_ja=(
        "シート Plate の od_450 ブロックに吸光度を貼り付けます(別の波長で測定した場合は、"
        "ブロック名と設定 wavelength を変更してください)。",
        "各ウェルに役割(role)を指定します: standard、blank、sample、qc。",
        "標準品には nominal_concentration(濃度)を入力します。ゼロ標準は 0 です。",
        "各サンプルに名前、biological_replicate(生物学的反復)、群、希釈した場合は "
        "dilution_factor(希釈倍率)を入力します。",
        "濃度既知のコントロールは role を qc とし、nominal_concentration を入力します。",
    ),
)


def quantify(wells: pd.DataFrame, parameters: ElisaParameters) -> Quantified:
    """Concentration of the analyte in each sample and control well.

    Parameters
    ----------
    wells
        Annotated wells (:func:`assaykit.annotate`) with readings in OD.
    parameters
        See :class:`ElisaParameters`.

    Returns
    -------
    Quantified
        Observations ``concentration`` (multiplied back by the dilution factor); tables
        Standards, Limits, Samples, Dilutions, Dilution series, Controls.

    Raises
    ------
    InputError
        A plate's standard curve cannot be fitted.
    NothingToAnalyseError
        There is no reading at the wavelength.

    Examples
    --------
    >>> from assaykit.assays.plate_reader import od_channel
    >>> od_channel(ElisaParameters().wavelength)
    'od_450'
    """
    channel = plate_reader.od_channel(parameters.wavelength)
    table = plate_reader.responses(wells, channel, parameters)
    found = plate_reader.calibrations(table, parameters)
    measured = plate_reader.back_calculated(table, found, parameters)
    value = measured["back_calculated_concentration"] * measured["dilution_factor"]
    observations = observations_of(
        measured, assay="elisa", endpoint=CONCENTRATION.name, scale=CONCENTRATION.scale,
        unit=parameters.concentration_unit, value=value,
    )  # fmt: skip
    tables = plate_reader.calibration_tables(found) | sample_tables.all_tables(measured, found)
    steps = plate_reader.steps(found, parameters, channel)
    return Quantified(observations, tables, {c.name: c.curve for c in found}, steps)


ASSAY = Assay(
    name="elisa",
    title="ELISA",
    endpoints=(CONCENTRATION,),
    template=TEMPLATE,
    quantify=quantify,
    columns=CURVE_COLUMNS,
    summary={"Samples": ()},
)
