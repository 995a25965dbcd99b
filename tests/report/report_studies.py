"""Studies made by hand: small tables whose every number is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from assaykit import stats
from assaykit.curves import StandardCurve, fit_standard_curve, standard_levels
from assaykit.design import Design, Factor, Rescue
from assaykit.errors import Problem
from assaykit.plate import plate_format
from assaykit.provenance import InputFile, Step
from assaykit.stats.checks import residuals_of
from assaykit.stats.record import comparison_steps
from assaykit.study import Study

LEVELS = (0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0)
ARMS = ("control", "vesicle", "KO vesicle")


def four_pl(x, a=0.06, b=1.1, c=800.0, d=3.6):
    return d + (a - d) / (1 + (np.asarray(x, dtype=float) / c) ** b)


def curve(levels=LEVELS, response=four_pl, model="4pl", noise=0.015) -> StandardCurve:
    """A curve fitted to two wells per level that lie beside a known function."""
    x = np.repeat(np.asarray(levels, dtype=float), 2)
    wobble = 1 + noise * np.cos(np.arange(len(x)) * 2.1)
    return fit_standard_curve(x, response(x) * wobble, model=model)


def design(levels=ARMS, shared=True) -> Design:
    return Design(
        (Factor("treatment", tuple(levels), levels[0]),),
        replicates_shared=shared,
        biological_replicate_is="donor",
    )


def plate_study(title="plate 1", analyte="RANKL", wells=96, samples=ARMS) -> Study:
    """One ELISA plate: two columns of standards, a blank pair, the rest samples in duplicate."""
    fitted = curve()
    table = _well_table(title, analyte, wells, samples, fitted)
    observations = _observations(table, fitted)
    standards = _standards(title, analyte, fitted)
    return Study(
        title=title,
        assay="elisa",
        design=design(samples),
        wells=table,
        observations=observations,
        replicates=pd.DataFrame(),
        effects=pd.DataFrame(),
        remarks=remarks(title, analyte),
        tables={"Standards": standards, "Samples": _samples(observations)},
        curves={f"{title} · {analyte}": fitted},
        summary=(
            "70 of 72 sample results have a number and count.",
            f"{analyte} concentration, control: geometric mean 118.2 pg/mL (4 × donor).",
            f"{analyte} concentration, vesicle: geometric mean 301.7 pg/mL (4 × donor).",
        ),
        settings={"model": "4pl", "weighting": "none", "wavelength": "450 nm"},
        plate_formats={title: wells},
        notes={"operator": "Mori", "kit": "lot 0042"},
        steps=STEPS,
        inputs=(InputFile("plate_1.xlsx", "ab" * 32, 20480),),
        problems=(
            Problem("few_replicates", "fewer than 3 biological replicates in KO vesicle (2)",
                    "plate_1.xlsx", "Wells", "C5", severity="warning"),
        ),
    )  # fmt: skip


STEPS = (
    Step("blank", "The mean of the blank wells was subtracted.", {"blank wells": "2"}),
    Step(
        "standard curve",
        "A four-parameter logistic was fitted by unweighted least squares.",
        {"model": "4pl", "range": "31.25 to 2000 pg/mL"},
        ("Findlay & Dillard, AAPS J 2007;9:E260-E267.", "ICH M10 (2022)."),
    ),
    Step("quality", "Standards were judged by recovery.", {}, ("ICH M10 (2022).",)),
)


def _well_table(title, analyte, wells, samples, fitted) -> pd.DataFrame:
    names = plate_format(wells).names
    columns = plate_format(wells).columns
    rows = []
    for number, well in enumerate(names):
        place, row = number % columns, number // columns
        role = "sample" if place > 1 else "standard" if row < len(LEVELS) else "blank"
        level = LEVELS[row] if role == "standard" else float("nan")
        arm = samples[(place - 2) // 2 % len(samples)] if role == "sample" else ""
        value = fitted.predict([level])[0] if role == "standard" else 0.05
        if role == "sample":
            value = 0.4 + 0.25 * ((place - 2) // 2 % len(samples)) + 0.06 * row + 0.01 * (place % 2)
        rows.append(
            {
                "plate": title, "well": well, "row": well.rstrip("0123456789"), "column": place + 1,
                "role": role, "sample": f"s{row + 1} {arm}" if arm else "", "analyte": analyte,
                "biological_replicate": f"d{row % 4 + 1}" if arm else "",
                "technical_replicate": str(place % 2 + 1), "nominal_concentration": level,
                "dilution_factor": 2.0 if arm else 1.0, "excluded": well == "C5",
                "reason": "bubble" if well == "C5" else "", "treatment": arm, "channel": "od_450",
                "value": float("nan") if well == "H12" else float(value), "unit": "OD",
                "flag": "saturated" if well == "H12" else "",
                "source": f"plate_1.xlsx, Plate!{well}",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _observations(wells: pd.DataFrame, fitted: StandardCurve) -> pd.DataFrame:
    part = wells[wells["role"] == "sample"].reset_index(drop=True)
    response = part["value"] - 0.05
    found = fitted.back_calculate(response.to_numpy())
    concentration = found["concentration"]
    kept = part.drop(columns=["channel", "value", "unit", "flag", "source"])
    return kept.assign(
        assay="elisa", endpoint="concentration", value=concentration * 2, unit="pg/mL", scale="log",
        flags=part["flag"].where(part["flag"] != "", found["flag"]), response=response,
        response_unit="OD", back_calculated_concentration=concentration,
        ci_low=found["ci_low"], ci_high=found["ci_high"],
        concentration_unit="pg/mL", recovery_percent=np.nan,
    )  # fmt: skip


def _standards(title, analyte, fitted: StandardCurve) -> pd.DataFrame:
    levels = standard_levels(fitted)
    levels.insert(0, "plate", title)
    levels.insert(1, "analyte", analyte)
    levels.insert(3, "concentration_unit", "pg/mL")
    levels.insert(levels.columns.get_loc("mean_response") + 1, "response_unit", "OD")
    return levels


def _samples(observations: pd.DataFrame) -> pd.DataFrame:
    keys = ["plate", "analyte", "role", "sample", "biological_replicate", "treatment"]
    grouped = observations.groupby(keys, sort=False)["value"]
    table = grouped.agg(n_wells="size", concentration="mean").reset_index()
    return table.assign(concentration_unit="pg/mL", cv_percent=4.2, flag="")


def remarks(plate: str, analyte: str) -> pd.DataFrame:
    columns = [
        "rule",
        "severity",
        "plate",
        "wells",
        "analyte",
        "measured",
        "limit",
        "unit",
        "message",
    ]
    rows = [
        ("saturated_readings", "warning", plate, "H12", "", 1.0, 0.0, "wells",
         "1 wells are saturated; dilute and read again: H12."),
        ("control_recovery", "failure", plate, "", analyte, 71.0, 20.0, "%",
         "The control low comes back at 71 %, expected 80 to 120 %."),
        ("unmapped_readings", "note", plate, "A1", "", 1.0, 0.0, "wells", "1 wells have no role."),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def comparison(levels=ARMS, donors=4, wells=3, shared=True, scale="log") -> Study:
    """A comparison over donors, with ratios against the first arm that are known: 2, 3, ..."""
    one = design(levels, shared)
    rows = []
    for arm_number, arm in enumerate(levels):
        for donor in range(donors):
            for well in range(wells):
                rows.append(
                    {
                        "plate": f"p{donor + 1}", "well": f"{'ABCDEFGH'[well]}{arm_number + 1}",
                        "role": "sample", "analyte": "RANKL", "treatment": arm,
                        "biological_replicate": f"d{donor + 1}" if shared else f"{arm} {donor + 1}",
                        "excluded": False, "reason": "", "assay": "elisa",
                        "endpoint": "concentration", "unit": "pg/mL", "scale": scale, "flags": "",
                        "value": 100.0 * (arm_number + 1) * (1 + 0.15 * donor) * (1 + 0.04 * well),
                    }
                )  # fmt: skip
    observations = pd.DataFrame(rows)
    return Study(
        title="RANKL study",
        assay="",
        design=one,
        wells=pd.DataFrame(),
        observations=observations,
        replicates=_replicates(observations),
        effects=effects(levels),
        remarks=remarks("p1", "RANKL"),
        summary=tuple(
            f"RANKL concentration, {arm} vs {levels[0]}: ratio {n + 2} (95 % CI 1.6 to 2.5)."
            for n, arm in enumerate(levels[1:])
        ),
        steps=STEPS,
        inputs=(InputFile("p1.results.xlsx", "cd" * 32, 4096),),
    )


def _replicates(observations: pd.DataFrame) -> pd.DataFrame:
    keys = ["assay", "analyte", "endpoint", "treatment", "biological_replicate", "unit", "scale"]
    grouped = observations.groupby(keys, sort=False)["value"]
    table = grouped.agg(n_wells="size", value=lambda v: float(np.exp(np.log(v).mean())))
    return table.reset_index().assign(arm=lambda t: t["treatment"], n_excluded=0)


ONE_FACTOR = Design(
    (Factor("treatment", ARMS, "control"),),
    biological_replicate_is="culture",
    rescue=Rescue("vesicle", "KO vesicle"),
    equivalence_margin=1.25,
)
TWO_FACTORS = Design(
    (
        Factor("genotype", ("WT", "KO"), "WT"),
        Factor("treatment", ("control", "vesicle"), "control"),
    ),
    biological_replicate_is="mouse",
    rescue=Rescue("WT / vesicle", "KO / vesicle"),
    equivalence_margin=1.25,
)


def compared(plan=ONE_FACTOR, ratios=(1.0, 2.0, 1.2), replicates=4, wells=3, **changes) -> Study:
    """Replicates and wells around known ratios of the arms, really compared.

    ``changes`` are columns of the observations (``scale="count"``) and ``analytes``.
    """
    analytes = changes.pop("analytes", ("RANKL",))
    rows = []
    for analyte, r, a, w in np.ndindex(len(analytes), replicates, len(plan.arms), wells):
        wobble = 0.09 * np.sin(3.0 * r + 1.7 * a + analyte) + 0.04 * np.sin(5.0 * w + 2 * a + 9 * r)
        levels = dict(zip(plan.factor_names, plan.arms[a].split(" / "), strict=True))
        rows.append(
            {
                "plate": f"p{r + 1}", "well": f"{'ABCDEFGH'[w]}{a + 1}", "role": "sample",
                "analyte": analytes[analyte], "biological_replicate": f"M{r + 1}", **levels,
                "excluded": False, "reason": "", "assay": "elisa", "endpoint": "concentration",
                "value": 100.0 * ratios[a] * (1 + 0.2 * r) * np.exp(wobble), "unit": "pg/mL",
                "scale": "log", "flags": "near_uloq" if (r, a, w) == (0, 1, 0) else "",
            }
        )  # fmt: skip
    return study_of(pd.DataFrame(rows).assign(**changes), plan)


def study_of(observations, plan) -> Study:
    """Observations compared, as a command does it, without files."""
    found = stats.compare_endpoints(observations, plan)
    effects = stats.effects_of(found)
    residuals = {
        (one.names["assay"], one.names["analyte"], one.names["endpoint"], kind): values
        for one in found
        for kind, values in residuals_of(one, plan).items()
    }
    return Study(
        title="compared", assay="", design=plan, wells=pd.DataFrame(), observations=observations,
        replicates=stats.replicate_values(observations, plan), effects=effects,
        remarks=remarks("p1", "RANKL"), checks=stats.check_comparisons(found, plan),
        residuals=residuals, steps=comparison_steps(effects, plan),
    )  # fmt: skip


def effects(levels=ARMS) -> pd.DataFrame:
    rows = [
        {
            "assay": "elisa", "analyte": "RANKL", "endpoint": "concentration",
            "contrast": f"{arm} vs {levels[0]}", "estimate": number + 2.0, "scale": "ratio",
            "unit": "", "ci_low": 0.8 * (number + 2), "ci_high": 1.25 * (number + 2),
            "standard_error": 0.08, "df": 6.0, "statistic": 8.66, "p_value": 0.00013,
            "p_adjusted": 0.00026 / 10**number, "adjustment": "Dunnett over 2 contrasts",
            "q_value": 0.0003, "n_biological": 4, "n_technical": 12, "hedges_g": 3.1,
            "method": "mixed model, Kenward-Roger",
        }
        for number, arm in enumerate(levels[1:])
    ]  # fmt: skip
    return pd.DataFrame(rows)
