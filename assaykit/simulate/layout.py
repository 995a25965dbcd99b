"""A 96-well plate as a lab would pipette it: standards on the left, replicates side by side.

::

        1 2    3 4 5    6 7 8    9 10 11    12
    A   S1 S1  sample   sample   sample     blank
    B   S2 S2  sample   sample   sample     blank
    .   ..     ...                          controls
    H   S8 S8  sample   sample   sample     control

Standards go down columns 1 and 2, the highest on top. Samples go down column by column of
triplicates (in the order of biological replicates, so that the arms of one replicate lie
together), each dilution below the one before. Column 12 takes the blanks, then the controls
in duplicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from assaykit.errors import UsageError
from assaykit.plate import PLATE_FORMATS, parse_well, row_letters, well_name
from assaykit.simulate.biology import Biology
from assaykit.tables import as_text, check_wells

PLATE = PLATE_FORMATS[96]
_FIRST_SAMPLE_COLUMN, _CONTROL_COLUMN = 2, 11
_UNDILUTED = 1.0

Well = dict[str, object]


@dataclass(frozen=True)
class Layout:
    """What is pipetted onto a plate beside the samples, and how the samples are.

    Parameters
    ----------
    standards
        Nominal concentrations of the standards, from top to bottom; at most eight.
    dilutions
        Dilution factors at which every sample is measured.
    blanks
        Number of blank wells.
    controls
        Name to nominal concentration of the controls, each in two wells.
    technical_replicates
        Wells of each sample at each dilution.
    """

    standards: tuple[float, ...]
    dilutions: tuple[float, ...] = (1.0,)
    blanks: int = 4
    controls: Mapping[str, float] = field(default_factory=dict)
    technical_replicates: int = 3


def lay_out(biology: Biology, layout: Layout, plate: str) -> pd.DataFrame:
    """Give every well of a plate its meaning.

    Parameters
    ----------
    biology
        An experiment with one endpoint.
    layout
        What is pipetted.
    plate
        Name of the plate.

    Returns
    -------
    pandas.DataFrame
        Wells, as in :mod:`assaykit.tables`, with the factors of the design and
        ``true_concentration``: what is in the well if nothing went wrong. Wells that are not
        used have no row.

    Raises
    ------
    UsageError
        More standards, samples or controls than the plate has place for.

    Examples
    --------
    >>> from assaykit.simulate.biology import RANKL, draw_biology
    >>> wells = lay_out(draw_biology([RANKL], seed=1), Layout((100.0, 10.0, 0.0)), "P1")
    >>> wells.loc[wells["sample"] == "M1 vesicle", "well"].tolist()
    ['B3', 'B4', 'B5']
    """
    (endpoint,) = biology.endpoints
    wells = [*_standards(layout), *_samples(biology, layout), *_controls(layout)]
    table = pd.DataFrame(wells)
    places = [parse_well(well) for well in table["well"]]
    table = table.assign(
        plate=plate,
        row=[row_letters(row) for row, _ in places],
        column=[column + 1 for _, column in places],
        analyte=endpoint.analyte,
        excluded=False,
        reason="",
        **{name: as_text(table[name]) for name in biology.design.factor_names},
    )
    return check_wells(table)


def _standards(layout: Layout) -> Iterator[Well]:
    if len(layout.standards) > PLATE.rows:
        raise UsageError(f"{len(layout.standards)} standards do not fit into {PLATE.rows} rows")
    for row, concentration in enumerate(layout.standards):
        for column in (0, 1):
            yield _known(row, column, "standard", f"S{row + 1}", concentration)


def _samples(biology: Biology, layout: Layout) -> Iterator[Well]:
    width = layout.technical_replicates
    groups = (_CONTROL_COLUMN - _FIRST_SAMPLE_COLUMN) // width
    tubes = len(biology.values) * len(layout.dilutions)
    if tubes > groups * PLATE.rows:
        message = f"{tubes} diluted samples in {width} wells each do not fit on one plate"
        raise UsageError(f"{message}; there is place for {groups * PLATE.rows}")
    tube = 0
    for sample in biology.values.to_dict("records"):
        for dilution in layout.dilutions:
            group, row = divmod(tube, PLATE.rows)
            first = _FIRST_SAMPLE_COLUMN + group * width
            yield from (
                _sample(biology, sample, dilution, row, first + wells) | _numbered(wells)
                for wells in range(width)
            )
            tube += 1


def _sample(
    biology: Biology, sample: Mapping[object, object], dilution: float, row: int, column: int
) -> Well:
    replicate = str(sample["biological_replicate"])
    return {
        "well": well_name(row, column),
        "role": "sample",
        "sample": f"{replicate} {sample['arm']}",
        "biological_replicate": replicate,
        "dilution_factor": dilution,
        "true_concentration": float(str(sample["true_value"])) / dilution,
        **{name: sample[name] for name in biology.design.factor_names},
    }


def _controls(layout: Layout) -> Iterator[Well]:
    if layout.blanks + 2 * len(layout.controls) > PLATE.rows:
        raise UsageError(f"blanks and controls do not fit into {PLATE.rows} wells of column 12")
    for row in range(layout.blanks):
        blank = _known(row, _CONTROL_COLUMN, "blank", "blank", 0.0) | _numbered(row)
        yield {**blank, "nominal_concentration": float("nan")}
    for i, (name, concentration) in enumerate(layout.controls.items()):
        for repeat in (0, 1):
            row = layout.blanks + 2 * i + repeat
            yield _known(row, _CONTROL_COLUMN, "qc", name, concentration) | _numbered(repeat)


def _known(row: int, column: int, role: str, sample: str, concentration: float) -> Well:
    return {
        "well": well_name(row, column),
        "role": role,
        "sample": sample,
        "nominal_concentration": concentration,
        "dilution_factor": _UNDILUTED,
        "true_concentration": concentration,
        **_numbered(column),
    }


def _numbered(repeat: int) -> Well:
    return {"technical_replicate": str(repeat + 1)}
