"""Power over biological replicates, one line for each number of wells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assaykit.report.figures import canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (
    canvas.ORANGE, canvas.VERMILLION, canvas.PURPLE, canvas.SKY_BLUE, canvas.BLUE, canvas.GREEN,
    canvas.BLACK,
)  # fmt: skip
_SHAPES = ("o", "s", "^", "D", "v", "P", "X")
_MOST_TICKS = 12
_PER_ROW = 4


def power_figure(table: pd.DataFrame, *, target: float, title: str) -> Figure:
    """Draw power over biological replicates, one line for each number of wells.

    Lines that lie close to one another say that wells saturate: more of them do not replace
    biological replicates. At most seven numbers of wells are drawn.

    Parameters
    ----------
    table
        As :func:`assaykit.stats.planning.simulate_power` gives it. Points are the simulated
        power, pale bands their Monte-Carlo intervals.
    target
        The wanted power as a share; a dashed line.
    title
        What stands above: the effect that is to be found.

    Returns
    -------
    matplotlib.figure.Figure
        89 mm wide.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"n_biological": [3, 4], "n_wells": 1, "power": [0.5, 0.7],
    ...                       "power_low": [0.4, 0.6], "power_high": [0.6, 0.8]})
    >>> figure = power_figure(table, target=0.8, title="Power to find a 1.5-fold change")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('Biological replicates per arm (n)', 'Power (%)')
    """
    with canvas.style():
        figure = canvas.new_figure(canvas.SINGLE_COLUMN_MM, 78)
        canvas.add_title(figure, title)
        axes = figure.subplots()
        words = f"wanted: {canvas.number_label(100 * target)} %"
        axes.axhline(100 * target, color=canvas.GREY, lw=0.8, ls=(0, (4, 2)), label=words, zorder=1)
        every = sorted(set(table["n_wells"]))
        shown = _spread_out(every)
        for number, wells in enumerate(shown):
            part = table[table["n_wells"] == wells].sort_values("n_biological")
            _draw_wells(axes, part, wells, number)
        _set_axes(axes, sorted(set(table["n_biological"])))
        some = f" ({len(shown)} of {len(every)})" if len(shown) < len(every) else ""
        _add_legend(figure, axes, f"Wells per replicate and arm{some}")
        return canvas.finished(figure)


def _spread_out(numbers: list[int]) -> list[int]:
    """As many numbers as there are colours, from the least to the greatest.

    Examples
    --------
    >>> _spread_out([1, 2, 4]), _spread_out(list(range(1, 14)))
    ([1, 2, 4], [1, 3, 5, 7, 9, 11, 13])
    """
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), len(_COLOURS)))
    return [int(numbers[round(place)]) for place in places]


def _draw_wells(axes: Axes, part: pd.DataFrame, wells: int, number: int) -> None:
    """The line of one number of wells, with its Monte-Carlo interval."""
    colour, shape = _COLOURS[number], _SHAPES[number]
    n = part["n_biological"].to_numpy(float)
    low, power, high = (
        100 * part[name].to_numpy(float) for name in ("power_low", "power", "power_high")
    )
    axes.fill_between(n, low, high, color=colour, alpha=0.18, lw=0, zorder=2)
    axes.plot(
        n, power, shape, ls="-", color=colour, ms=3.4, mec="white", mew=0.4, zorder=3,
        label="1 well" if wells == 1 else f"{wells} wells",
    )  # fmt: skip


def _set_axes(axes: Axes, numbers: list[int]) -> None:
    low, high = min(numbers), max(numbers)
    axes.set(xlim=(low - 0.4, high + 0.4), ylim=(0, 102))
    canvas.set_ticks(axes.yaxis, np.arange(0, 101, 20))
    step = -(-(high - low + 1) // _MOST_TICKS)
    canvas.set_ticks(axes.xaxis, range(low, high + 1, step))
    axes.set_xlabel("Biological replicates per arm (n)")
    axes.set_ylabel("Power (%)")


def _add_legend(figure: Figure, axes: Axes, title: str) -> None:
    """Say which line is which below the axes, the wanted power last."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles=[*handles[1:], handles[0]], labels=[*labels[1:], labels[0]],
        loc="outside lower center", ncols=_PER_ROW, handletextpad=0.4, columnspacing=1.2,
        handlelength=1.8, title=title, title_fontsize=canvas.SMALL_SIZE,
    )  # fmt: skip


def power_picture(table: pd.DataFrame, *, target: float, effect: str) -> canvas.Picture:
    """The picture of a plan, named ``power``.

    Parameters
    ----------
    table, target
        As for :func:`power_figure`.
    effect
        The effect in words, such as ``a 1.5-fold change``.
    """
    figure = power_figure(table, target=target, title=f"Power to find {effect}")
    words = (
        f"Power to find {effect} over biological replicates per arm, one line for each number of "
        f"wells, with the wanted power of {100 * target:g} % as a dashed line."
    )
    return canvas.Picture("power", figure, words)
