"""Effects in sentences that a biologist would write."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from assaykit.assays.base import endpoint_words
from assaykit.design import Design
from assaykit.stats.endpoint import AT_BOUND_WORDS
from assaykit.stats.record import family_words, interval_words, p_words


def effect_sentence(row: Mapping[Any, Any], design: Design) -> str:
    """One contrast, or the rescue, in words and numbers.

    Parameters
    ----------
    row
        A row of the effects table.
    design
        The declaration that the comparison followed.

    Examples
    --------
    >>> row = {"analyte": "RANKL", "endpoint": "concentration", "contrast": "vesicle vs control",
    ...        "estimate": 2.13, "scale": "ratio", "unit": "", "ci_low": 1.59, "ci_high": 2.85,
    ...        "p_value": 0.0004, "p_adjusted": 0.0004, "adjustment": "none, 1 contrast",
    ...        "n_biological": 4, "method": ""}
    >>> effect_sentence(row, Design(biological_replicate_is="culture"))
    'RANKL concentration, vesicle vs control: 2.13-fold (95 % CI 1.59 to 2.85), p = 0.0004 (none, \
1 contrast), n = 4 × culture.'
    """
    what = endpoint_words(row["analyte"], row["endpoint"])
    if row["scale"] == "rescue_fraction":
        return f"{what}, rescue: {_rescue_words(row, design)}."
    text = f"{what}, {row['contrast']}"
    if math.isnan(row["estimate"]):
        return f"{text}: {row['method']}."
    text = f"{text}: {_size_words(row, design)}"
    if math.isnan(row["p_value"]):
        return f"{text} ({row['method']})."
    kind = interval_words(row["adjustment"])
    ends = f"{_three_digits(row['ci_low'])} to {_three_digits(row['ci_high'])}"
    interval = f"{100 * design.confidence:g} % CI {ends}{f', {kind}' if kind else ''}"
    tested = f"p {p_words(row['p_adjusted'])} ({family_words(row['adjustment'])})"
    same = row.get("p_equivalence", math.nan)
    if design.equivalence_margin and not math.isnan(same):
        margin = f"equivalence within {design.equivalence_margin:g}-fold"
        tested += f", {margin}: p {p_words(same)} (not adjusted)"
    parts = str(row["method"]).split("; ")
    bound = next((part for part in parts if part.startswith(AT_BOUND_WORDS)), "")
    told = f"{text} ({interval}), {tested}, {_n_words(row, design)}."
    bound = f" {bound[:1].upper()}{bound[1:]}; the effect is at least that." if bound else ""
    return f"{told}{bound}"


def _size_words(row: Mapping[Any, Any], design: Design) -> str:
    """Such as ``1.9-fold`` or ``ratio of ratios 0.45``."""
    number, unit = _three_digits(row["estimate"]), f" {row['unit']}" if row["unit"] else ""
    planned = design.contrasts or design.planned(design.arms)
    crossed = any(one.minus for one in planned if one.name == row["contrast"])
    if row["scale"] == "ratio" and not unit:
        return f"ratio of ratios {number}" if crossed else f"{number}-fold"
    if row["scale"] == "ratio":
        return f"ratio of odds ratios {number}" if crossed else f"odds ratio {number}"
    words = str(row["scale"]).replace("_", " ")
    if row["scale"] == "log2_fold_change":
        unit = f" ({_three_digits(row['ratio'])}-fold)"
    return f"difference of {words}s {number}{unit}" if crossed else f"{words} {number}{unit}"


def _rescue_words(row: Mapping[Any, Any], design: Design) -> str:
    """How much of one arm's effect is gone in another, with its interval, or why there is none."""
    share = row["estimate"]
    formula, found, note = str(row["method"]).partition("; Fieller interval")
    if design.rescue is None or not found:
        return str(row["method"])
    treated, rescued = design.rescue.treated, design.rescue.rescued
    if math.isnan(row["ci_low"]):
        why = note.partition("no interval: ")[2] or "there is no interval"
        told = f"so the share of it that is gone in {rescued} cannot be told"
        return f"{why}, {told}{'' if math.isnan(share) else f' (estimate {_percent(share)} %)'}"
    ends = f"{_percent(row['ci_low'])} to {_percent(row['ci_high'])} %"
    interval = f"{100 * design.confidence:g} % CI {ends}; {formula.rpartition(', ')[2]}"
    size = f"in {rescued} {_percent(share)} % of the effect of {treated} is gone"
    return f"{size} ({interval}), {_n_words(row, design)}"


def _n_words(row: Mapping[Any, Any], design: Design) -> str:
    return f"n = {row['n_biological']} × {design.replicate_word}"


def _percent(share: float) -> str:
    return f"{round(100 * share)}".replace("-", "−")


def _three_digits(value: float) -> str:
    """A number with three digits, zeros at its end among them.

    Examples
    --------
    >>> [_three_digits(value) for value in (2.0, 0.4213, -12.34, 1234.5, 99.96, 2e-7)]
    ['2.00', '0.421', '−12.3', '1234', '100', '2.00e-07']
    """
    text = f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:#.3g}".removesuffix(".")
    return text.replace("-", "−", 1) if value < 0 else text
