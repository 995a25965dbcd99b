"""From what is in a well to what the reader says, with errors of known size.

::

    x   = true concentration × pipetting error of its tube
    y   = response(x) × well error × (1 + edge) × (1 + drift × position) × outlier
    OD  = y + background + error of the reader
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from assaykit.design import Design
from assaykit.simulate.biology import Biology
from assaykit.simulate.layout import PLATE
from assaykit.simulate.randomness import generator, log_sd
from assaykit.tables import check_readings

Array = npt.NDArray[np.float64]


class Response(Protocol):
    """A curve from concentration to signal."""

    def __call__(self, concentration: Array) -> Array:
        """Signal in OD at each concentration."""


@dataclass(frozen=True)
class FourParameter:
    """The 4PL curve y = d + (a − d)/(1 + (x/c)^b), with the names that curves use.

    Examples
    --------
    >>> FourParameter(a=0.0, b=1.0, c=100.0, d=3.0)(np.array([0.0, 100.0])).tolist()
    [0.0, 1.5]
    """

    a: float
    b: float
    c: float
    d: float

    def __call__(self, concentration: Array) -> Array:
        """Signal in OD at each concentration."""
        return self.d + (self.a - self.d) / (1 + (concentration / self.c) ** self.b)


@dataclass(frozen=True)
class Line:
    """The straight line y = intercept + slope · x, with the names that curves use.

    Examples
    --------
    >>> Line(intercept=0.25, slope=0.5)(np.array([0.0, 1.0])).tolist()
    [0.25, 0.75]
    """

    intercept: float
    slope: float

    def __call__(self, concentration: Array) -> Array:
        """Signal in OD at each concentration."""
        return self.intercept + self.slope * concentration


@dataclass(frozen=True)
class Noise:
    """Random errors that every plate has.

    Parameters
    ----------
    well_cv
        Coefficient of variation of the signal between wells of one tube, as a share.
    pipetting_cv
        Coefficient of variation of the concentration of a tube (a standard level, or a sample
        at one dilution), shared by its wells.
    reader_sd
        Standard deviation of a reading, in OD.
    """

    well_cv: float = 0.03
    pipetting_cv: float = 0.02
    reader_sd: float = 0.002


NO_NOISE = Noise(0.0, 0.0, 0.0)
USUAL_NOISE = Noise()


@dataclass(frozen=True)
class Nuisances:
    """What goes wrong on some plates; everything is off at zero.

    Parameters
    ----------
    edge
        Relative rise of the signal in the outermost wells: 0.1 is 10 %.
    drift
        Relative rise of the signal from the first to the last column, linear in between.
    hook
        Fall of the signal at excess of analyte: the signal above zero is divided by
        1 + hook · (x / highest standard)².
    saturation
        OD above which the detector gives no number; 0 is never.
    outliers
        Well to the factor by which its signal is wrong.
    """

    edge: float = 0.0
    drift: float = 0.0
    hook: float = 0.0
    saturation: float = 0.0
    outliers: Mapping[str, float] = field(default_factory=dict)


NO_NUISANCES = Nuisances()


@dataclass(frozen=True)
class Optics:
    """How the signal of an assay is read.

    Parameters
    ----------
    response
        The true curve.
    channel
        Name of the measuring channel, such as ``od_450``.
    reference_channel
        Name of a channel that sees only the background; empty for none.
    background
        OD of plate and liquid, in every channel; in a channel without a reference it is taken
        as part of the response and must be 0.
    """

    response: Response
    channel: str
    reference_channel: str = ""
    background: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedPlate:
    """A plate with everything that is true about it.

    Parameters
    ----------
    plate, plate_format
        Name of the plate and its number of wells.
    wells, readings
        What a lab would have: tables as in :mod:`assaykit.tables`.
    design
        Factors, arms and planned contrasts.
    truth
        True concentration of every biological replicate in every arm: assay, analyte,
        endpoint, arm, the factors, biological_replicate, true_value, unit.
    effects
        True ratio of every planned contrast: assay, analyte, endpoint, contrast, scale,
        true_value.
    well_truth
        True concentration in every well, if nothing went wrong: well, true_concentration.
    curve
        Parameters of the true curve.
    """

    plate: str
    plate_format: int
    wells: pd.DataFrame
    readings: pd.DataFrame
    design: Design
    truth: pd.DataFrame
    effects: pd.DataFrame
    well_truth: pd.DataFrame
    curve: Mapping[str, float]


def read_plate(
    laid_out: pd.DataFrame,
    optics: Optics,
    *,
    seed: int,
    noise: Noise = USUAL_NOISE,
    nuisances: Nuisances = NO_NUISANCES,
) -> pd.DataFrame:
    """Read every well of a plate.

    Parameters
    ----------
    laid_out
        Wells with ``true_concentration`` (:func:`assaykit.simulate.layout.lay_out`).
    optics
        How the signal is read.
    seed
        The same seed gives the same errors, whatever the nuisances.
    noise, nuisances
        What goes wrong, always and sometimes.

    Returns
    -------
    pandas.DataFrame
        Readings, as in :mod:`assaykit.tables`.
    """
    random = generator(seed, "measurement", optics.channel)
    concentration = laid_out["true_concentration"].to_numpy(float)
    pipetted = concentration * _tube_errors(laid_out, noise, random)
    top = laid_out["nominal_concentration"].max()
    signal = _signal(pipetted, optics.response, nuisances.hook, top)
    signal = signal * np.exp(random.normal(0.0, log_sd(noise.well_cv), len(laid_out)))
    signal = signal * _position_factors(laid_out, nuisances)
    channels = {optics.channel: signal + optics.background}
    if optics.reference_channel:
        channels[optics.reference_channel] = np.full(len(laid_out), optics.background)
    seen = {
        name: value + random.normal(0.0, noise.reader_sd, len(laid_out))
        for name, value in channels.items()
    }
    return _as_readings(laid_out, seen, nuisances.saturation)


def _tube_errors(laid_out: pd.DataFrame, noise: Noise, random: np.random.Generator) -> Array:
    """Factor on the concentration, one for all wells of a tube."""
    tube = laid_out.groupby(["role", "sample", "dilution_factor"], sort=False).ngroup().to_numpy()
    errors: Array = np.exp(random.normal(0.0, log_sd(noise.pipetting_cv), tube.max() + 1))
    return errors[tube]


def _signal(concentration: Array, response: Response, hook: float, top: float) -> Array:
    zero = response(np.zeros(1))
    excess = (concentration / top) ** 2
    signal: Array = zero + (response(concentration) - zero) / (1 + hook * excess)
    return signal


def _position_factors(laid_out: pd.DataFrame, nuisances: Nuisances) -> Array:
    column = laid_out["column"].to_numpy(int)
    outer = laid_out["row"].isin(["A", "H"]).to_numpy() | np.isin(column, [1, PLATE.columns])
    drift = nuisances.drift * (column - 1) / (PLATE.columns - 1)
    outlier = np.array([nuisances.outliers.get(well, 1.0) for well in laid_out["well"]])
    factors: Array = (1 + nuisances.edge * outer) * (1 + drift) * outlier
    return factors


def _as_readings(
    laid_out: pd.DataFrame, channels: Mapping[str, Array], saturation: float
) -> pd.DataFrame:
    tables = []
    for channel, values in channels.items():
        saturated = (values > saturation) & (saturation > 0)
        table = laid_out[["plate", "well"]].assign(
            channel=channel,
            value=np.where(saturated, np.nan, values),
            unit="OD",
            flag=np.where(saturated, "saturated", ""),
            source="simulated",
        )
        tables.append(table)
    return check_readings(pd.concat(tables, ignore_index=True))


def simulated_plate(
    biology: Biology, laid_out: pd.DataFrame, readings: pd.DataFrame, curve: Mapping[str, float]
) -> SimulatedPlate:
    """Put a plate together with what is true about it.

    Parameters
    ----------
    biology
        The experiment, with the endpoint of this plate only.
    laid_out
        Wells with ``true_concentration``.
    readings
        What was read.
    curve
        Parameters of the true curve.
    """
    return SimulatedPlate(
        plate=str(laid_out["plate"].iloc[0]),
        plate_format=PLATE.wells,
        wells=laid_out.drop(columns="true_concentration"),
        readings=readings,
        design=biology.design,
        truth=biology.values,
        effects=biology.effects,
        well_truth=laid_out[["well", "true_concentration"]],
        curve=curve,
    )
