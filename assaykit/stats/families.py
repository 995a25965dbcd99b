"""The contrasts of one endpoint as a family: which adjustment, in which words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from assaykit.design import Contrast, Design
from assaykit.stats.arm_models import WelchArms
from assaykit.stats.contrasts import Adjustment, ArmFit, estimate_contrasts

_WORDS = {
    "dunnett": "Dunnett, {count} contrasts against {against}; simultaneous intervals",
    "tukey": "Tukey, all pairs of {arms} arms; simultaneous intervals",
    "games-howell": "Games-Howell, all pairs of {arms} arms; simultaneous intervals",
    "holm": "Holm, {count} planned contrasts; Bonferroni intervals",
    "sidak": "Šidák, {count} planned contrasts; intervals of the same name",
    "bonferroni": "Bonferroni, {count} planned contrasts; intervals of the same name",
    "none": "none, {count} planned contrasts, each on its own",
}


def adjusted_contrasts(fit: ArmFit, contrasts: Sequence[Contrast], design: Design) -> pd.DataFrame:
    """Estimate the contrasts of one endpoint and adjust them for one another.

    Parameters
    ----------
    fit
        Means of the arms.
    contrasts
        The family: all contrasts that are tested.
    design
        The declared adjustment, or none; the confidence level.

    Returns
    -------
    DataFrame
        As :func:`assaykit.stats.contrasts.estimate_contrasts`, with the column ``adjustment``.

    Examples
    --------
    >>> from assaykit.stats.linear import fit_arms
    >>> fit = fit_arms([1.0, 2, 3, 3, 4, 6], ["a", "a", "a", "b", "b", "b"])
    >>> adjusted_contrasts(fit, [Contrast("b vs a", "b", "a")], Design())["adjustment"][0]
    'none, 1 contrast'
    """
    adjust = adjustment_of(contrasts, design)
    table = estimate_contrasts(fit, contrasts, adjust=adjust, confidence=design.confidence)
    return table.assign(adjustment=_words(adjust, contrasts, fit))


def adjustment_of(contrasts: Sequence[Contrast], design: Design) -> Adjustment:
    """Choose the adjustment: the declared one, else Dunnett's against one arm, Holm's otherwise.

    One contrast needs none.

    Examples
    --------
    >>> both = [Contrast("b vs a", "b", "a"), Contrast("c vs a", "c", "a")]
    >>> adjustment_of(both, Design())
    'dunnett'
    """
    if len(contrasts) < 2:
        return "none"
    if design.adjustment:
        return design.adjustment  # type: ignore[return-value]
    common = len({contrast.against for contrast in contrasts}) == 1
    return "dunnett" if common and not any(contrast.minus for contrast in contrasts) else "holm"


def _words(adjust: Adjustment, contrasts: Sequence[Contrast], fit: ArmFit) -> str:
    if len(contrasts) < 2:
        return "none, 1 contrast"
    unequal = adjust == "tukey" and isinstance(fit, WelchArms)
    against = contrasts[0].against
    words = _WORDS["games-howell" if unequal else adjust]
    return words.format(count=len(contrasts), against=against, arms=len(fit.arms))
