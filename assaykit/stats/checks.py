"""Checks of a comparison: reported beside the effects, never deciding about them.

How the arms were compared and why, what varies how much, whether residuals look normal and arms
vary alike, what each biological replicate and the flagged wells do to the effects, the classical
test on replicate means, and for counts the negative-binomial rate ratio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.errors import AssaykitError
from assaykit.stats.arm_models import RESIDUAL, WelchArms
from assaykit.stats.classical import classical_contrast
from assaykit.stats.contrasts import estimate_contrasts
from assaykit.stats.distributions import Floats
from assaykit.stats.endpoint import RESCUE, EndpointComparison, compare_endpoint
from assaykit.stats.linear import arm_residuals
from assaykit.stats.structure import inner_name
from assaykit.tables import CHECKS

Row = dict[str, Any]

BETWEEN_REPLICATES, REPLICATE_ARM, BETWEEN_WELLS = (
    "between replicates", "replicate × arm", "between wells",
)  # fmt: skip
_WHAT = ("assay", "analyte", "endpoint")
_AGREE = 1e-6
_EQUAL = 1e-12
_MANY = 5000
_MANY_REPLICATES = 50


def check_comparisons(comparisons: Iterable[EndpointComparison], design: Design) -> pd.DataFrame:
    """Look at compared endpoints from all sides.

    Parameters
    ----------
    comparisons
        As :func:`assaykit.stats.compare_endpoints` returns them.
    design
        The declaration that they followed.

    Returns
    -------
    DataFrame
        The checks table (:data:`assaykit.tables.CHECKS`).

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> from assaykit.stats import compare_endpoints
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),))
    >>> wells = pd.DataFrame({"plate": "P1", "well": ["A1", "B1", "C1", "A2", "B2", "C2"],
    ...     "role": "sample", "biological_replicate": ["d1", "d2", "d3"] * 2,
    ...     "treatment": ["control"] * 3 + ["vesicle"] * 3, "assay": "elisa",
    ...     "endpoint": "concentration", "value": [10.0, 12, 9, 19, 25, 20], "unit": "pg/mL",
    ...     "scale": "log"})
    >>> checks = check_comparisons(compare_endpoints(wells, design), design)
    >>> checks.loc[checks["check"] == "classical test", "finding"].tolist()
    ['agrees with the model to 6 digits or more']
    """
    rows = [
        {**{name: one.names[name] for name in _WHAT}, "subject": "", **row}
        for one in comparisons
        for check in _CHECKS
        for row in check(one, design)
    ]
    return pd.DataFrame(rows, columns=list(CHECKS.names))


def _structure(made: EndpointComparison, design: Design) -> Iterator[Row]:  # noqa: ARG001
    if made.structure is None:
        yield {"check": "structure", "finding": "no contrast could be tested; see Effects"}
        return
    for sentence in made.structure.sentences:
        yield {"check": "structure", "finding": sentence}
    if made.model is not None:
        words = "; ".join([f"{made.model.name} of {made.analysis.words}", *made.model.notes])
        yield {"check": "model", "finding": words}


def _components(made: EndpointComparison, design: Design) -> Iterator[Row]:
    """Variances; the residual is named after what it holds."""
    if made.model is None or made.structure is None:
        return
    names = _component_names(made, design)
    total = sum(max(value, 0.0) for value in made.model.components.values())
    for name, value in made.model.components.items():
        finding = f"{max(value, 0.0) / total:.0%} of the variance, SD {max(value, 0.0) ** 0.5:.3g}"
        if value < -_EQUAL * total:
            finding = (
                "below zero: here the values differ no more than those of single wells let "
                "expect; kept so, which leaves the test that of the replicate means"
            )
        subject = names.get(name, name)
        yield {"check": "variance component", "subject": subject, "estimate": value,
               "finding": finding}  # fmt: skip


def _component_names(made: EndpointComparison, design: Design) -> dict[str, str]:
    word, well = design.replicate_word, inner_name("well", design)
    names = {well: BETWEEN_WELLS, f"{word} × arm": REPLICATE_ARM, word: BETWEEN_REPLICATES}
    random = made.model.components if made.model else {}
    unpaired = made.structure is not None and made.structure.kind == "unpaired"
    if well in random:
        return {**names, RESIDUAL: "within wells"}
    if (word if unpaired else f"{word} × arm") in random:
        return {**names, RESIDUAL: BETWEEN_WELLS}
    return {**names, RESIDUAL: BETWEEN_REPLICATES if unpaired else REPLICATE_ARM}


def _normality(made: EndpointComparison, design: Design) -> Iterator[Row]:
    from scipy.stats import shapiro

    if made.model is None:
        return
    for subject, residuals in residuals_of(made, design).items():
        if len(residuals) < 3 or np.ptp(residuals) <= _EQUAL * np.abs(made.wells["y"]).max():
            continue
        row = {"check": "residuals, Shapiro-Wilk", "subject": subject}
        if len(residuals) > _MANY:
            yield {**row, "finding": f"not made for more than {_MANY} values; look at the figure"}
            continue
        w, p = map(float, shapiro(residuals / np.abs(residuals).max()))
        finding = _remark(p, "normal residuals")
        yield {**row, "statistic": w, "p_value": p, "finding": finding}


def residuals_of(made: EndpointComparison, design: Design) -> dict[str, Floats]:
    """Residuals of the wells, and of the means of replicates, on the scale of the analysis.

    Parameters
    ----------
    made
        A compared endpoint that has a model.
    design
        The word for a replicate.

    Returns
    -------
    dict
        ``wells`` (where replicates have several values) and the replicates' means.
    """
    if made.model is None or made.structure is None:
        return {}
    means = made.means[made.means["arm"].isin(made.wells["arm"])]
    blocks = None if made.structure.kind == "unpaired" else list(means["replicate"])
    found = {
        f"means of each {design.replicate_word}": arm_residuals(
            means["y"], list(means["arm"]), blocks
        )
    }
    if len(means) < len(made.wells):
        found = {"wells": made.model.residuals, **found}
    return found


def _variances(made: EndpointComparison, design: Design) -> Iterator[Row]:  # noqa: ARG001
    """Brown-Forsythe on the means of replicates."""
    from scipy.stats import levene

    means = made.means[made.means["arm"].isin(made.wells["arm"])]
    groups = [part.to_numpy(float) for _, part in means.groupby("arm")["y"]]
    if made.model is None or len(groups) < 2:
        return
    away = [np.abs(group - np.median(group)) for group in groups]
    if max(map(np.ptp, away)) <= _EQUAL * np.abs(means["y"]).max():
        return
    f, p = levene(*groups, center="median")
    finding = _remark(float(p), "equal variances of the arms")
    yield {"check": "equal variances, Brown-Forsythe", "subject": "arms", "statistic": float(f),
           "p_value": float(p), "finding": finding}  # fmt: skip


def _remark(p: float, what: str) -> str:
    return f"the data do not contradict {what}" if p >= 0.05 else f"the data contradict {what}"


def _classical(made: EndpointComparison, design: Design) -> Iterator[Row]:
    """The classical test on replicate means beside the model's."""
    structure, model = made.structure, made.model
    if structure is None or model is None or structure.blocks:
        return
    if isinstance(model.arms, WelchArms):
        return
    means = made.means[made.means["arm"].isin(made.wells["arm"])]
    for contrast in made.tested:
        test = classical_contrast(means, contrast, structure, design.confidence)
        if test is None:
            continue
        own = estimate_contrasts(model.arms, [contrast], confidence=design.confidence).iloc[0]
        row = _told(made, contrast.name, test)
        yield {
            "check": "classical test",
            **row,
            "finding": _agreement(own, test, structure.balanced),
        }


def _told(made: EndpointComparison, subject: str, test: Any) -> Row:
    """A test in the words of the effects table."""
    told = {
        name: made.analysis.back(float(test[name])) for name in ("estimate", "ci_low", "ci_high")
    }
    same = {name: float(test[name]) for name in ("statistic", "df", "p_value")}
    return {"subject": subject, **told, **same}


def _agreement(own: Any, other: Any, balanced: bool) -> str:
    """The largest relative difference; that of estimates is one of standard errors."""
    names = ("standard_error", "df", "p_value")
    apart = max(
        abs(own["estimate"] - other["estimate"]) / other["standard_error"],
        *(abs(own[name] - other[name]) / max(other[name], np.finfo(float).tiny) for name in names),
    )
    if apart <= _AGREE:
        return "agrees with the model to 6 digits or more"
    if balanced:
        return f"differs from the model by {apart:.1e}: please report this as a fault"
    return f"differs from the model by up to {apart:.2g}: wells or replicates are unbalanced"


def _influence(made: EndpointComparison, design: Design) -> Iterator[Row]:
    """Each contrast without each replicate."""
    if made.model is None:
        return
    names = list(dict.fromkeys(made.wells["replicate"]))
    if len(names) > _MANY_REPLICATES:
        finding = f"not made for {len(names)} replicates: one of so many cannot decide"
        yield {"check": "one replicate left out", "finding": finding}
        return
    for name in names:
        rest = made.wells[made.wells["replicate"] != name]
        for row in _again(made, rest, design):
            yield {"check": "one replicate left out", **row,
                   "subject": f"{row['subject']}, without {name}"}  # fmt: skip


def _flagged(made: EndpointComparison, design: Design) -> Iterator[Row]:
    """Each contrast without the wells that a rule has flagged."""
    if made.model is None or "flags" not in made.wells:
        return
    flagged = made.wells["flags"].fillna("").astype(str) != ""
    count = int(flagged.sum())
    if not count:
        yield {"check": "without flagged wells", "finding": "no well that counts is flagged"}
        return
    for row in _again(made, made.wells[~flagged], design):
        finding = f"without {count} of {len(flagged)} wells: {row['finding']}"
        yield {"check": "without flagged wells", **row, "finding": finding}


def _again(made: EndpointComparison, wells: pd.DataFrame, design: Design) -> Iterator[Row]:
    """The contrasts with other wells, each on its own."""
    plain = replace(design, adjustment="none", equivalence_margin=None)
    before = {row["contrast"]: row for row in made.rows}
    try:
        again = compare_endpoint(wells, made.tested, plain, made.analysis) if len(wells) else None
    except AssaykitError as error:
        yield {"subject": "all contrasts", "finding": f"not possible: {error}"}
        return
    for row in again.rows if again else ():
        values = {name: row.get(name, np.nan) for name in ("estimate", "ci_low", "ci_high")}
        tests = {name: row.get(name, np.nan) for name in ("statistic", "df", "p_value")}
        finding = _compared(before[row["contrast"]], row)
        yield {"subject": row["contrast"], **values, **tests, "finding": finding}


def _compared(before: Any, after: Any) -> str:
    if not np.isfinite(after["estimate"]):
        return str(after["method"])
    said = f"{after['estimate']:.3g} instead of {before['estimate']:.3g}"
    if after["scale"] == RESCUE:
        return f"rescue fraction {said}"
    said = f"{after['scale'].replace('_', ' ')} {said}"
    if np.isfinite(after.get("p_value", np.nan)):
        return f"{said}, p {after['p_value']:.2g} instead of {before['p_value']:.2g}"
    return f"{said}; {after['method']}"


def _counts(made: EndpointComparison, design: Design) -> Iterator[Row]:
    """The negative-binomial rate ratio beside the mixed model of counts."""
    if made.model is None or made.structure is None or made.wells["scale"].iloc[0] != "count":
        return
    from assaykit.stats.negative_binomial import rate_ratios

    totals = made.wells.groupby(["arm", "replicate"], sort=False)["value"].agg(["sum", "size"])
    totals = totals.reset_index().set_axis(
        ["arm", "biological_replicate", "total", "n_wells"], axis=1
    )
    shared = made.structure.kind != "unpaired"
    table = rate_ratios(totals, made.tested, shared=shared, confidence=design.confidence)
    for row in table.rename(columns={"rate_ratio": "estimate"}).to_dict("records"):
        numbers = {str(name): row[name] for name in row if name not in ("contrast", "why")}
        finding = row.get("why") or "rate ratio of replicate totals, t reference"
        yield {"check": "negative binomial", "subject": row["contrast"], **numbers,
               "finding": finding}  # fmt: skip


_CHECKS: tuple[Callable[[EndpointComparison, Design], Iterator[Row]], ...] = (
    _structure, _components, _normality, _variances, _classical, _counts, _influence, _flagged,
)  # fmt: skip
