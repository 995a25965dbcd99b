"""The record of a comparison, for the methods text: built from the effects, not typed again."""

from __future__ import annotations

import pandas as pd

from assaykit.design import Design, describe
from assaykit.provenance import Step

_REFERENCES = {
    "Dunnett": "Dunnett CW. A multiple comparison procedure for comparing several treatments with "
    "a control. J Am Stat Assoc 1955;50:1096-1121.",
    "Holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat "
    "1979;6:65-70.",
    "Hedges": "Hedges LV. Distribution theory for Glass's estimator of effect size and related "
    "estimators. J Educ Stat 1981;6:107-128.",
    "Lazic": "Lazic SE, Clarke-Williams CJ, Munafò MR. What exactly is 'N' in cell culture and "
    "animal experiments? PLoS Biol 2018;16:e2005282.",
}


def comparison_step(effects: pd.DataFrame, design: Design) -> Step:
    """What was compared and how, as one step of the methods.

    Parameters
    ----------
    effects
        As :func:`assaykit.stats.compare` returns it.
    design
        The declaration that the comparison followed.

    Examples
    --------
    >>> effects = pd.DataFrame({"method": ["paired t test on means of the wells of each donor"],
    ...                         "adjustment": ["none, 1 contrast"], "p_value": [0.01]})
    >>> print(comparison_step(effects, Design(biological_replicate_is="donor")).sentence)
    Arms were compared with n = donor, never wells: paired t test on means of the wells of each \
donor. Adjustment within each endpoint: none, 1 contrast. Tests are two-sided; intervals cover \
95 %.
    """
    methods = "; ".join(dict.fromkeys(effects["method"]))
    adjustments = [text for text in dict.fromkeys(effects["adjustment"]) if text]
    sentence = f"Arms were compared with n = {design.replicate_word}, never wells: {methods}."
    if adjustments:
        sentence += (
            f" Adjustment within each endpoint: {'; '.join(adjustments)}. Tests are two-sided; "
            f"intervals cover {100 * design.confidence:g} %."
        )
    used = [name for name in ("Dunnett", "Holm") if any(name in text for text in adjustments)]
    names = [*used, *(["Hedges"] if effects["p_value"].notna().any() else []), "Lazic"]
    record = {"design": describe(design)}
    return Step("comparison", sentence, record, tuple(_REFERENCES[name] for name in names))
