"""Residuals of a comparison against a normal distribution, a panel for each endpoint and kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from assaykit.report.figures import canvas
from assaykit.report.words import axis_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from assaykit.study import Study

    Floats = NDArray[np.float64]
    Key = tuple[str, str, str, str]

ENVELOPE = 0.95
_WELLS = "wells"
_FEWEST, _NO_SPREAD = 3, 1e-13
_IN_A_ROW, _ROWS, _NARROW = 4, 4, 2
_ROW_MM, _ONE_MM, _REST_MM = 38.0, 58.0, 11.0
_SHORTEST_AXIS, _MARGIN = 1.5, 1.1
_LINE: dict[str, Any] = {"color": canvas.GREY, "lw": 0.8, "ls": (0, (4, 2))}
_BAND: dict[str, Any] = {"color": canvas.GREY, "alpha": 0.18, "lw": 0}


def residual_figure(residuals: Mapping[Key, ArrayLike]) -> Figure:
    """Draw normal quantile plots: ordered residuals over where normal ones would be.

    Each panel has its residuals in units of their standard deviation. The dashed line is where
    normal residuals lie, the pale band where 95 % of independent normal ones lie, point by point.

    Parameters
    ----------
    residuals
        By assay, analyte, endpoint and kind, as in :class:`assaykit.study.Study`; at most 16
        kinds, each with values that differ.

    Returns
    -------
    matplotlib.figure.Figure
        89 mm wide with one or two panels, else 183 mm; at most 170 mm high.

    Examples
    --------
    >>> figure = residual_figure({("elisa", "RANKL", "concentration", "wells"): [-1.0, 0.2, 0.8]})
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('Normal quantile', 'Residual (SD)')
    """
    count = len(residuals)
    columns = min(count, _IN_A_ROW)
    rows = -(-count // columns)
    width = canvas.SINGLE_COLUMN_MM if columns <= _NARROW else canvas.DOUBLE_COLUMN_MM
    with canvas.style():
        figure = canvas.new_figure(width, (_ROW_MM * rows if count > 1 else _ONE_MM) + _REST_MM)
        panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
        room = 0.76 * figure.bbox.width / columns
        for number, (key, values) in enumerate(residuals.items()):
            _draw_panel(panels[number], key, np.asarray(values, dtype=float), room)
            if number % columns == 0:
                panels[number].set_ylabel("Residual (SD)")
            if number + columns >= count:
                panels[number].set_xlabel("Normal quantile")
        for axes in panels[count:]:
            axes.set_axis_off()
        _add_legend(figure)
        return canvas.finished(figure)


def _draw_panel(axes: Axes, key: Key, residuals: Floats, room: float) -> None:
    """One endpoint and kind: wells small and pale, means of replicates large."""
    expected, low, high = normal_order(len(residuals))
    ordered = np.sort(residuals) / np.sqrt(np.mean((residuals - residuals.mean()) ** 2))
    axes.fill_between(expected, low, high, zorder=1, **_BAND)
    axes.plot(expected, expected, zorder=2, **_LINE)
    small, large = {"ms": 2.2, "alpha": 0.5, "mew": 0}, {"ms": 3.8, "mec": "white", "mew": 0.4}
    look: dict[str, Any] = small if key[3] == _WELLS else large
    axes.plot(expected, ordered, "o", color=canvas.BLUE, zorder=3, **look)
    for axis, values in ((axes.xaxis, expected), (axes.yaxis, np.append(ordered, high))):
        end = _MARGIN * max(float(np.abs(values).max()), _SHORTEST_AXIS)
        axis.set_view_interval(-end, end, ignore=True)
        canvas.set_ticks_between(axis, -end, end, logarithmic=False)
    _name_panel(axes, (_endpoint(key), f"{key[3]} ({len(residuals)})"), room)


def normal_order(count: int) -> tuple[Floats, Floats, Floats]:
    """Where the ordered values of a normal sample lie: medians, and the ends of 95 % of them.

    The i-th of n ordered uniform values follows a beta distribution with i and n + 1 − i; its
    quantiles become those of a normal one.

    Examples
    --------
    >>> [part.round(2).tolist() for part in normal_order(3)]
    [[-0.82, 0.0, 0.82], [-2.39, -1.31, -0.55], [0.55, 1.31, 2.39]]
    """
    from scipy.special import betaincinv, ndtri

    rank = np.arange(1.0, count + 1)
    shares = (0.5, (1 - ENVELOPE) / 2, (1 + ENVELOPE) / 2)
    middle, low, high = (ndtri(betaincinv(rank, count + 1 - rank, share)) for share in shares)
    return middle, low, high


def _name_panel(axes: Axes, lines: tuple[str, ...], room: float) -> None:
    """Lines above a panel, each cut where it is wider than some pixels."""
    title = axes.set_title("", loc="left", fontsize=canvas.SMALL_SIZE)
    fitted = []
    for line in lines:
        title.set_text(canvas.one_line(line))
        canvas.fit(title, room)
        fitted.append(title.get_text())
    title.set_text("\n".join(fitted))


def _endpoint(key: Key) -> str:
    return axis_words(dict(zip(("assay", "analyte", "endpoint"), key[:3], strict=True)))


def _add_legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    line = Line2D([], [], label="normal distribution", **_LINE)
    band = Patch(label=f"{100 * ENVELOPE:g} % of normal residuals, point by point", **_BAND)
    figure.legend(
        handles=[line, band], loc="outside upper left", ncols=2, handletextpad=0.5,
        columnspacing=1.2, handlelength=1.8,
    )  # fmt: skip


def residual_figures(study: Study) -> Iterator[canvas.Picture]:
    """The picture ``residuals`` of a comparison; ``residuals.2`` where it has many endpoints."""
    drawn = [(key, one) for key, one in study.residuals.items() if _varies(np.asarray(one, float))]
    most = _IN_A_ROW * _ROWS
    for start in range(0, len(drawn), most):
        page = dict(drawn[start : start + most])
        name = f"residuals.{start // most + 1}" if start else "residuals"
        said = "; ".join(f"{_endpoint(key)}, {key[3]}" for key in page)
        sentence = f"Normal quantile plots of residuals with {100 * ENVELOPE:g} % envelopes: {said}"
        yield canvas.Picture(name, residual_figure(page), f"{sentence}.")


def _varies(residuals: Floats) -> bool:
    return len(residuals) >= _FEWEST and float(np.ptp(residuals)) > _NO_SPREAD
