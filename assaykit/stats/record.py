"""A comparison in words, for methods and summary: built from the effects, not typed again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from assaykit.design import Design, describe
from assaykit.provenance import Step
from assaykit.stats.endpoint import RESCUE

REFERENCES = {
    "Lazic": "Lazic SE, Clarke-Williams CJ, Munafò MR. What exactly is 'N' in cell culture and "
    "animal experiments? PLoS Biol 2018;16:e2005282.",
    "REML": "Patterson HD, Thompson R. Recovery of inter-block information when block sizes are "
    "unequal. Biometrika 1971;58:545-554.",
    "Kenward-Roger": "Kenward MG, Roger JH. Small sample inference for fixed effects from "
    "restricted maximum likelihood. Biometrics 1997;53:983-997.",
    "Welch": "Welch BL. The generalization of 'Student's' problem when several different "
    "population variances are involved. Biometrika 1947;34:28-35.",
    "Dunnett": "Dunnett CW. A multiple comparison procedure for comparing several treatments with "
    "a control. J Am Stat Assoc 1955;50:1096-1121.",
    "Holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat "
    "1979;6:65-70.",
    "Tukey": "Tukey JW. The problem of multiple comparisons (1953). In: The collected works of "
    "John W. Tukey, vol. VIII. New York: Chapman & Hall; 1994:1-300.",
    "Kramer": "Kramer CY. Extension of multiple range tests to group means with unequal numbers "
    "of replications. Biometrics 1956;12:307-310.",
    "Games-Howell": "Games PA, Howell JF. Pairwise multiple comparison procedures with unequal "
    "N's and/or variances: a Monte Carlo study. J Educ Stat 1976;1:113-125.",
    "Šidák": "Šidák Z. Rectangular confidence regions for the means of multivariate normal "
    "distributions. J Am Stat Assoc 1967;62:626-633.",
    "Bonferroni": "Dunn OJ. Multiple comparisons among means. J Am Stat Assoc 1961;56:52-64.",
    "Fieller": "Fieller EC. Some problems in interval estimation. J R Stat Soc B 1954;16:175-185.",
    "TOST": "Schuirmann DJ. A comparison of the two one-sided tests procedure and the power "
    "approach for assessing the equivalence of average bioavailability. J Pharmacokinet Biopharm "
    "1987;15:657-680.",
    "Hedges": "Hedges LV. Distribution theory for Glass's estimator of effect size and related "
    "estimators. J Educ Stat 1981;6:107-128.",
    "Benjamini-Hochberg": "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a "
    "practical and powerful approach to multiple testing. J R Stat Soc B 1995;57:289-300.",
}
"""What the methods of a comparison come from, by the name under which the record uses them."""

_IN_MODELS = ("REML", "Kenward-Roger", "Welch")
_FAMILIES = {
    "Dunnett": ("Dunnett",), "Holm": ("Holm",), "Tukey": ("Tukey", "Kramer"),
    "Games-Howell": ("Games-Howell",), "Šidák": ("Šidák",), "Bonferroni": ("Bonferroni",),
}  # fmt: skip
_SAME_AS = "balanced, so it equals "


def comparison_steps(effects: pd.DataFrame, design: Design) -> tuple[Step, ...]:
    """What was compared and how, as steps of the methods: each with the papers that it rests on.

    Parameters
    ----------
    effects
        As :func:`assaykit.stats.compare` returns it.
    design
        The declaration that the comparison followed.

    Examples
    --------
    >>> effects = pd.DataFrame({"contrast": ["vesicle vs control"], "scale": ["ratio"],
    ...                         "method": ["least squares on arms (one value each) of values"],
    ...                         "adjustment": ["none, 1 contrast"], "p_value": [0.01]})
    >>> for step in comparison_steps(effects, Design(biological_replicate_is="donor")):
    ...     print(step.sentence)
    Biological replicates (one donor each) are n, never wells.
    Arms were compared by least squares on arms (one value each) of values.
    Tests are two-sided and intervals cover 95 %; p values were not adjusted (1 contrast).
    """
    table = _complete(effects)
    rescues = table["scale"] == RESCUE
    tested = table[~rescues & table["p_value"].notna()]
    described = table[~rescues & table["p_value"].isna()]
    return (
        _what_n_is(design),
        *_models(tested),
        *_notes(tested),
        *_adjustments(tested, design),
        *_equivalence(tested, design),
        *_rescue(table[rescues], design),
        *_sizes(tested),
        *_descriptions(described, several=table["what"].nunique() > 1),
    )


def _step(name: str, sentence: str, *sources: str) -> Step:
    return Step(name, sentence, {}, tuple(REFERENCES[source] for source in sources))


def _complete(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects with every column that is asked for here, the method in its parts."""
    texts = ("analyte", "endpoint", "contrast", "scale", "method", "adjustment")
    numbers = ("p_value", "p_equivalence", "q_value", "hedges_g")
    missing: dict[str, str | float] = {name: "" for name in texts if name not in effects}
    missing |= {name: float("nan") for name in numbers if name not in effects}
    table = effects.assign(**missing)
    names = zip(table["analyte"], table["endpoint"], strict=True)
    parts = [str(text).split("; ") for text in table["method"]]
    added = {
        "what": [f"{analyte} {endpoint}".replace("_", " ").strip() for analyte, endpoint in names],
        "model": [part[0] for part in parts],
        "notes": [part[1:] for part in parts],
    }
    columns = {name: pd.Series(one, table.index, dtype=object) for name, one in added.items()}
    return table.assign(**columns)


def _what_n_is(design: Design) -> Step:
    word = design.biological_replicate_is
    each = f" (one {word} each)" if word else ""
    sentence = f"Biological replicates{each} are n, never wells."
    return Step("comparison", sentence, {"design": describe(design)}, (REFERENCES["Lazic"],))


def _models(tested: pd.DataFrame) -> Iterator[Step]:
    """The models in words, each with the endpoints that it was used for, if there are several."""
    several = tested["model"].nunique() > 1
    texts = [
        _with_article(str(model)) + (f" ({_listed(part['what'])})" if several else "")
        for model, part in tested.groupby("model", sort=False)
    ]
    if texts:
        sources = (name for name in _IN_MODELS if any(name in text for text in texts))
        yield _step("model", f"Arms were compared by {'; by '.join(texts)}.", *sources)


def _with_article(model: str) -> str:
    return f"a {model}" if model.startswith("linear") else model


def _notes(tested: pd.DataFrame) -> Iterator[Step]:
    """What the model equals, and what had to be done otherwise, with where that was so."""
    for note in dict.fromkeys(note for notes in tested["notes"] for note in notes):
        where = _where(tested, [note in notes for notes in tested["notes"]])
        if note.startswith(_SAME_AS):
            opening = f"For {where} the design" if where else "The design"
            text = f"{opening} was balanced, so its tests equal {note.removeprefix(_SAME_AS)}."
        else:
            text = f"For {where}, {note}." if where else f"{note[:1].upper()}{note[1:]}."
        yield _step("model", text)


def _where(tested: pd.DataFrame, said: Sequence[bool]) -> str:
    """The endpoints, or else the contrasts, for which something holds; empty if for all."""
    if all(said):
        return ""
    here, elsewhere = tested[said], tested[[not one for one in said]]
    if not set(here["what"]) & set(elsewhere["what"]):
        return _listed(here["what"])
    if tested["what"].nunique() == 1:
        return _listed(here["contrast"])
    return _listed(here["contrast"] + " (" + here["what"] + ")")


def _listed(names: Iterable[str]) -> str:
    """Names once each, as in a sentence.

    Examples
    --------
    >>> _listed(["a", "b", "a", "c"])
    'a, b and c'
    """
    *first, last = dict.fromkeys(map(str, names))
    return f"{', '.join(first)} and {last}" if first else last


def _adjustments(tested: pd.DataFrame, design: Design) -> Iterator[Step]:
    families = [text.partition(", ") for text in dict.fromkeys(tested["adjustment"]) if text]
    if not families:
        return
    texts = [
        f"not adjusted ({rest})"
        if name == "none"
        else f"adjusted within each endpoint by the method of {name} ({rest})"
        for name, _, rest in families
    ]
    covered = f"Tests are two-sided and intervals cover {100 * design.confidence:g} %"
    sources = dict.fromkeys(one for name, _, _ in families for one in _FAMILIES.get(name, ()))
    yield _step("adjustment", f"{covered}; p values were {' or '.join(texts)}.", *sources)


def _equivalence(tested: pd.DataFrame, design: Design) -> Iterator[Step]:
    if tested["p_equivalence"].notna().any():
        margin = f"Equivalence within the declared margin of {design.equivalence_margin:g}-fold"
        sentence = f"{margin} was tested by two one-sided tests, without adjustment."
        yield _step("equivalence", sentence, "TOST")


def _rescue(rows: pd.DataFrame, design: Design) -> Iterator[Step]:
    """What the rescue fraction is, and where it has no interval or no value."""
    if design.rescue is None or rows.empty:
        return
    parts = [str(text).partition("; Fieller interval") for text in rows["method"]]
    formulas = [formula for formula, interval, _ in parts if interval]
    name = "The rescue fraction"
    if formulas:
        share = f"the share of the effect of {design.rescue.treated} that is gone in"
        told = " or ".join(dict.fromkeys(formulas)).replace(", differences", ", from differences")
        words = f"{share} {design.rescue.rescued}, is {told}"
        yield _step("rescue fraction", f"{name}, {words}, with Fieller's interval.", "Fieller")
    for what, (formula, interval, rest) in zip(rows["what"], parts, strict=True):
        reason = rest.removeprefix("; ") if interval else formula
        if reason:
            yield _step("rescue fraction", f"{name} of {what}: {reason}.")


def _sizes(tested: pd.DataFrame) -> Iterator[Step]:
    if tested["hedges_g"].notna().any():
        sentence = (
            "Hedges' g is the difference of two arms on the scale of the analysis in standard "
            "deviations between biological replicates, corrected for small n."
        )
        yield _step("effect size", sentence, "Hedges")
    if len(tested) > 1 and tested["q_value"].notna().any():
        sentence = (
            "q values over all contrasts of all endpoints stand beside the adjusted p values and "
            "control the false discovery rate."
        )
        yield _step("q values", sentence, "Benjamini-Hochberg")


def _descriptions(described: pd.DataFrame, *, several: bool) -> Iterator[Step]:
    """Which contrasts have no test, and why; with their endpoints, if there are several."""
    for why, part in described.groupby("method", sort=False):
        names = part["contrast"] + (" (" + part["what"] + ")" if several else "")
        yield _step("description", f"Not tested: {_listed(names)}; {why}.")


def interval_words(adjustment: str) -> str:
    """What the intervals of a family are, in a word; empty where each stands on its own.

    Examples
    --------
    >>> [interval_words(text) for text in (
    ...     "Dunnett, 2 contrasts against control; simultaneous intervals",
    ...     "Holm, 3 planned contrasts; Bonferroni intervals",
    ...     "Šidák, 3 planned contrasts; intervals of the same name",
    ...     "none, 1 contrast")]
    ['simultaneous', 'Bonferroni', 'Šidák', '']
    """
    family, _, intervals = adjustment.rpartition("; ")
    if intervals == "intervals of the same name":
        return family.partition(", ")[0]
    return intervals.removesuffix(" intervals") if intervals.endswith(" intervals") else ""


def family_words(adjustment: str) -> str:
    """Method and family of an adjustment, without what its intervals are.

    Examples
    --------
    >>> family_words("Holm, 3 planned contrasts; Bonferroni intervals")
    'Holm, 3 planned contrasts'
    """
    return adjustment.rpartition("; ")[0] if interval_words(adjustment) else adjustment


def p_words(p: float) -> str:
    """An exact p as it stands behind ``p``: two digits, no more zeros than there must be.

    Examples
    --------
    >>> [p_words(p) for p in (0.01234, 2.13e-5, 1.0, 0.0)]
    ['= 0.012', '= 2.1e-5', '> 0.99', '< 1e-300']
    """
    if p > 0.99:
        return "> 0.99"
    return f"= {p:.2g}".replace("e-0", "e-") if p > 1e-300 else "< 1e-300"
