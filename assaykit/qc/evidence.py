"""What quality rules look at, where they draw their lines, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from assaykit.plate import PLATE_FORMATS, PlateFormat, parse_well

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["note", "warning", "failure"]


@dataclass(frozen=True)
class Remark:
    """What one rule says about one plate, sample or well.

    Parameters
    ----------
    rule, severity
        Name of the rule; ``note``, ``warning`` or ``failure``.
    plate, wells, analyte
        What it is about; ``wells`` are listed with ``, `` between them.
    measured, limit, unit
        The number behind it and where the rule draws the line.
    message
        A sentence that says what was found and what to do.
    """

    rule: str
    severity: Severity
    plate: str
    message: str
    wells: str = ""
    analyte: str = ""
    measured: float = float("nan")
    limit: float = float("nan")
    unit: str = ""


@dataclass(frozen=True)
class Limits:
    """Where the rules draw their lines, with the source of each.

    An assay whose parameters have a field of the same name draws that line itself.

    Parameters
    ----------
    cv_limit
        Coefficient of variation of technical replicates (ICH M10: 20 %).
    control_recovery_limit
        Deviation of a control from its declared concentration (ICH M10: 20 %).
    spike_recovery_limit, dilution_recovery_limit
        Deviation from 100 % (common practice for ligand-binding assays: 20 %).
    parallelism_cv_limit
        CV of dilution-corrected concentrations (ICH M10: 30 %).
    z_prime_limit
        Lowest Z' of an acceptable assay (Zhang et al., J Biomol Screen 4:67-73, 1999).
    position_limit
        Difference that edge, or a drift from one side to the other, may make.
    spread_limit, late_cq, control_distance
        Cycles between technical replicates, from which a Cq is late, and between controls and
        samples (MIQE, Bustin et al. 2009, and common practice).
    efficiency_low, efficiency_high, r_squared_limit
        Of a dilution series (MIQE).
    focus_limit, white_drift_limit, saturation_limit, masked_limit, threshold_limit
        Of pictures, in %: the lowest share of the plate's median focus; differences of background
        colour; pixels at the camera's limit; pixels left out; points by which a fraction may
        change with the threshold (our own experience; no guideline is known).
    """

    cv_limit: float = 20.0
    control_recovery_limit: float = 20.0
    spike_recovery_limit: float = 20.0
    dilution_recovery_limit: float = 20.0
    parallelism_cv_limit: float = 30.0
    z_prime_limit: float = 0.5
    position_limit: float = 10.0
    spread_limit: float = 0.5
    late_cq: float = 35.0
    control_distance: float = 5.0
    efficiency_low: float = 0.90
    efficiency_high: float = 1.10
    r_squared_limit: float = 0.98
    focus_limit: float = 25.0
    white_drift_limit: float = 3.0
    saturation_limit: float = 1.0
    masked_limit: float = 20.0
    threshold_limit: float = 15.0

    @classmethod
    def of(cls, parameters: object) -> Limits:
        """The limits, with those that an assay's parameters declare.

        Examples
        --------
        >>> Limits.of(object()).cv_limit
        20.0
        """
        names = [item.name for item in fields(cls)]
        return cls(**{n: float(getattr(parameters, n)) for n in names if hasattr(parameters, n)})


@dataclass(frozen=True)
class Evidence:
    """What the rules may look at.

    Parameters
    ----------
    wells
        Annotated wells.
    observations
        As :mod:`assaykit.tables` says.
    tables
        The assay's own tables.
    plate_formats
        Number of wells of each plate.
    limits
        Where the rules draw their lines.
    """

    wells: pd.DataFrame
    observations: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    plate_formats: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def rows(self, sheet: str, *columns: str) -> list[dict[str, object]]:
        """Rows of an own table with a value in each of some columns; none if it is not there."""
        table = self.tables.get(sheet)
        if table is None or not set(columns) <= set(table.columns):
            return []
        kept = table.dropna(subset=list(columns))
        return [{str(key): value for key, value in row.items()} for row in kept.to_dict("records")]

    def format_of(self, plate: str) -> PlateFormat:
        """The plate's format; if unknown, the smallest in which all its wells fit."""
        if plate in self.plate_formats:
            return PLATE_FORMATS[self.plate_formats[plate]]
        names = self.wells.loc[self.wells["plate"] == plate, "well"]
        fitting = (f for f in PLATE_FORMATS.values() if all(name in f for name in names))
        return next(fitting)


Rule = Callable[[Evidence], list[Remark]]


def listed(wells: Iterable[str]) -> str:
    """Well names in plate order, with commas, each once."""
    return ", ".join(sorted(set(wells), key=parse_well))


def number(value: object) -> float:
    """A number of a table row."""
    return float(value)  # type: ignore[arg-type]
