"""Amplification efficiency from standards in the plate.

Ordinary least squares of Cq on log10 of the quantity over all wells of a dilution series, as the
instruments' software does it; ``efficiency = 10 ** (-1 / slope) - 1`` (Rasmussen 2001; MIQE: Bustin
et al. 2009 ask for slope, intercept, R² and linear range).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assaykit.errors import CurveError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

_FLATTEST = 1 / 300  # cycles per decade; what falls less has no efficiency that is a number


@dataclass(frozen=True)
class DilutionSeries:
    """A standard curve of Cq over log10 quantity.

    Parameters
    ----------
    slope, intercept
        In cycles per decade, and in cycles at quantity 1.
    slope_standard_error
        Of the slope.
    r_squared
        Share of the variance of Cq that the line explains.
    efficiency, efficiency_low, efficiency_high
        1.00 = 100 %, with the interval that belongs to that of the slope.
    lowest, highest
        Quantities between which standards were measured.
    n_wells, n_levels
        Wells with a Cq, and quantities with at least one.
    """

    slope: float
    intercept: float
    slope_standard_error: float
    r_squared: float
    efficiency: float
    efficiency_low: float
    efficiency_high: float
    lowest: float
    highest: float
    n_wells: int
    n_levels: int

    def cq(self, quantity: ArrayLike) -> NDArray[np.float64]:
        """Cq that the line gives for quantities."""
        import numpy as np

        values = np.log10(np.asarray(quantity, dtype=float))
        return np.asarray(self.intercept + self.slope * values)

    def quantity(self, cq: ArrayLike) -> NDArray[np.float64]:
        """Quantity that the line gives for Cq values."""
        import numpy as np

        values = np.asarray(cq, dtype=float)
        return np.asarray(10 ** ((values - self.intercept) / self.slope))


def fit_dilution_series(
    quantity: ArrayLike, cq: ArrayLike, confidence: float = 0.95
) -> DilutionSeries:
    """Fit a dilution series over all its wells.

    Parameters
    ----------
    quantity
        Declared quantity of each standard well, above 0, in any unit.
    cq
        Its Cq in cycles; wells without a number are left out.
    confidence
        Coverage of the efficiency's interval.

    Raises
    ------
    CurveError
        Fewer than three levels with a Cq, a quantity of 0 or less, or Cq that do not fall.

    Examples
    --------
    >>> series = fit_dilution_series([1, 10, 100, 1000], [33.2, 29.9, 26.5, 23.2])
    >>> round(series.slope, 2), round(series.efficiency, 3)
    (-3.34, 0.993)
    """
    import numpy as np
    from scipy.special import stdtrit

    amount, cycles = np.asarray(quantity, dtype=float), np.asarray(cq, dtype=float)
    used = np.isfinite(amount) & np.isfinite(cycles)
    if (amount[used] <= 0).any():
        raise CurveError("A standard has a quantity of 0 or less; its logarithm does not exist.")
    x, y = np.log10(amount[used]), cycles[used]
    levels = len(np.unique(x))
    if levels < 3:
        raise CurveError(f"The dilution series has {levels} levels with a Cq; three are needed.")
    spread = float(np.sum((x - x.mean()) ** 2))
    slope = float(np.sum((x - x.mean()) * (y - y.mean())) / spread)
    intercept = float(y.mean() - slope * x.mean())
    if slope >= -_FLATTEST:
        raise CurveError("Cq do not fall as the quantity rises: check the declared quantities.")
    squares = float(np.sum((y - intercept - slope * x) ** 2))
    error = float(np.sqrt(squares / (len(x) - 2) / spread))
    margin = float(stdtrit(len(x) - 2, (1 + confidence) / 2)) * error
    flat, steep = (_efficiency(slope + margin), _efficiency(slope - margin))
    return DilutionSeries(
        slope, intercept, error, float(1 - squares / np.sum((y - y.mean()) ** 2)),
        _efficiency(slope), steep, flat, float(amount[used].min()), float(amount[used].max()),
        len(x), levels,
    )  # fmt: skip


def _efficiency(slope: float) -> float:
    """Efficiency of a slope; one that falls not, or hardly, has none that is finite."""
    return float(10 ** (-1 / slope) - 1) if slope < -_FLATTEST else float("inf")


def dilution_series_table(reactions: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """The dilution series of each plate and target that has standards.

    Parameters
    ----------
    reactions
        plate, target, role, nominal_concentration, cq, excluded.
    confidence
        Coverage of the efficiency's interval.

    Returns
    -------
    DataFrame
        plate, target, the fields of :class:`DilutionSeries`, and ``verdict``: why there is none,
        where it cannot be fitted.
    """
    import pandas as pd

    standards = reactions[(reactions["role"] == "standard") & ~reactions["excluded"]]
    rows = []
    for (plate, target), part in standards.groupby(["plate", "target"], sort=False):
        row = {"plate": plate, "target": target, "verdict": ""}
        try:
            series = fit_dilution_series(part["nominal_concentration"], part["cq"], confidence)
            row |= vars(series)
        except CurveError as error:
            row["verdict"] = str(error)
        rows.append(row)
    columns = ["plate", "target", *DilutionSeries.__dataclass_fields__, "verdict"]
    return pd.DataFrame(rows, columns=columns)
