"""What assays with a standard curve in a plate reader have in common.

readings → response (reference wavelength and blank subtracted) → standard curve of each
plate and analyte → back-calculated concentration of each well, with its limits. What an
assay makes of the concentrations is in its own file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assaykit.errors import CurveError, InputError, NothingToAnalyseError, Problem
from assaykit.parameters import as_words, parameter
from assaykit.provenance import Step
from assaykit.tables import ROLES
from assaykit.workbook.spec import Variable

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.curves import StandardCurve

MODELS = ("4pl", "5pl", "linear", "linear_origin", "quadratic", "loglog")
WEIGHTINGS = ("none", "1/y", "1/y2")
MEASURED_ROLES = ("sample", "qc", "positive_control", "negative_control")
ICH_M10 = "ICH M10 Bioanalytical method validation (2022)"


@dataclass(frozen=True)
class CurveParameters:
    """Parameters of every assay that reads a standard curve."""

    analyte: str = parameter("", "what is measured, such as RANKL; a block 'analyte' overrides it")
    concentration_unit: str = parameter("pg/mL", "unit of the nominal concentrations")
    model: str = parameter(
        "4pl", "model of the standard curve", choices=MODELS,
        source="Findlay & Dillard, AAPS J 9:E260 (2007)",
    )  # fmt: skip
    weighting: str = parameter(
        "none", "weights of the standards, from the fitted response", choices=WEIGHTINGS
    )
    subtract_blank: bool = parameter(
        True, "subtract the mean of the plate's blank wells, where it has any"
    )
    reference_wavelength: float | None = parameter(
        None, "wavelength to subtract from the measuring one; empty: none", unit="nm"
    )
    maximum_od: float = parameter(
        4.0, "readings above this are taken as saturated and get no number", unit="OD"
    )
    extrapolate: bool = parameter(
        False, "give numbers beyond the limits of quantification; the flag stays"
    )
    recovery_limit: float = parameter(
        20.0, "allowed deviation of a standard's back-calculated concentration; the lowest and "
        "the highest standard are allowed 5 % more", unit="%", source=ICH_M10,
    )  # fmt: skip
    cv_limit: float = parameter(
        20.0, "allowed coefficient of variation of technical replicates", unit="%", source=ICH_M10
    )
    control_recovery_limit: float = parameter(
        20.0, "allowed deviation of a control from its nominal concentration", unit="%",
        source=ICH_M10,
    )  # fmt: skip


PLATE_VARIABLES: tuple[Variable, ...] = (
    Variable("role", "text", "what the well is for", choices=tuple(ROLES)),
    Variable("sample", "text", "name of what is in the well; wells of one name are one sample"),
    Variable(
        "biological_replicate", "text",
        "independent culture, donor, animal or day: this is n. Repeated wells share it",
    ),
    Variable("nominal_concentration", "number", "declared concentration of standards and controls"),
    Variable("dilution_factor", "number", "how many times the sample was diluted; empty: 1"),
    Variable("analyte", "text", "what is measured, if the plate has several", on_plate=False),
    Variable("technical_replicate", "text", "number of the repeated well", on_plate=False),
    Variable(
        "spiked_concentration", "number",
        "concentration added to the sample of that name, in the well; the role is then qc",
        on_plate=False,
    ),
    Variable(
        "excluded", "yes_no", "leave this well out", choices=("yes", "no"), on_plate=False
    ),
    Variable("reason", "text", "why the well is left out", on_plate=False),
)  # fmt: skip


def responses(wells: pd.DataFrame, channel: str, parameters: CurveParameters) -> pd.DataFrame:
    """One row per well: its response in OD, with the reference and the blank subtracted.

    Parameters
    ----------
    wells
        Annotated wells (:func:`assaykit.annotate`).
    channel
        The measuring channel, such as ``od_450``.
    parameters
        The assay's parameters.

    Returns
    -------
    pandas.DataFrame
        The wells with ``response``, ``response_unit`` and ``flags``.

    Raises
    ------
    NothingToAnalyseError
        No well has a reading in the channel.
    """
    table = _one_row_per_well(wells, channel)
    if not table["value"].notna().any():
        found = ", ".join(sorted(set(wells["channel"]) - {""})) or "none"
        raise NothingToAnalyseError(f"No well has a reading '{channel}'; readings found: {found}.")
    table["flags"] = table.pop("flag")
    saturated = table["value"] > parameters.maximum_od
    table.loc[saturated, "flags"] = "saturated"
    table["response"] = table.pop("value").mask(saturated)
    table["response_unit"] = "OD"
    if parameters.reference_wavelength is not None:
        reference = _one_row_per_well(wells, od_channel(parameters.reference_wavelength))
        table["response"] = table["response"] - reference["value"].to_numpy()
    if parameters.subtract_blank:
        table["response"] = table["response"] - _blanks(table)
    return _with_defaults(table, parameters)


def od_channel(wavelength: float) -> str:
    """The channel of a wavelength in nm.

    Examples
    --------
    >>> od_channel(450.0)
    'od_450'
    """
    return f"od_{wavelength:.0f}"


def _one_row_per_well(wells: pd.DataFrame, channel: str) -> pd.DataFrame:
    """The rows of one channel; a well that was not read in it keeps a row without a number."""
    key = ["plate", "well"]
    every = wells.drop_duplicates(key).drop(columns=["channel", "value", "flag", "source", "unit"])
    read = wells.loc[wells["channel"] == channel, [*key, "value", "flag", "source"]]
    table = every.merge(read, on=key, how="left")
    missing = table["flag"].isna()
    table["flag"] = table["flag"].where(~missing, "no_reading")
    table["source"] = table["source"].where(~missing, "")
    return table


def _blanks(table: pd.DataFrame) -> pd.Series:
    """Mean blank response of each row's plate; 0 where a plate has no blank."""
    usable = (table["role"] == "blank") & ~table["excluded"]
    means = table[usable].groupby("plate")["response"].mean()
    return table["plate"].map(means).fillna(0.0).astype(float)


def _with_defaults(table: pd.DataFrame, parameters: CurveParameters) -> pd.DataFrame:
    """Fill what a template may leave empty: analyte, dilution factor, concentrations."""
    import pandas as pd

    for name in ("sample", "analyte", "biological_replicate", "technical_replicate"):
        if name not in table:
            table[name] = ""
    for name in ("nominal_concentration", "dilution_factor", "spiked_concentration"):
        if name not in table:
            table[name] = pd.Series(float("nan"), table.index)
    unnamed = (table["analyte"] == "") & (table["role"] != "blank")
    table.loc[unnamed, "analyte"] = parameters.analyte
    table["dilution_factor"] = table["dilution_factor"].fillna(1.0)
    _check_spikes(table)
    return table


def _check_spikes(table: pd.DataFrame) -> None:
    """A spiked well must not pass as a sample of the experiment."""
    wrong = table[(table["spiked_concentration"] > 0) & (table["role"] != "qc")]
    if not wrong.empty:
        message = "a well with a spiked_concentration has the role '{}', expected qc"
        raise InputError(
            Problem("spike_role", message.format(row.role), well=str(row.well))
            for row in wrong.itertuples()
        )


@dataclass(frozen=True)
class Calibration:
    """The standard curve of one plate and analyte, with its levels and limits.

    Parameters
    ----------
    plate, analyte
        What it belongs to.
    curve
        The fitted curve; its limits are those of quantification.
    levels
        One row per standard level.
    limits
        One row: lloq, uloq, lob, lod and how many levels passed.
    """

    plate: str
    analyte: str
    curve: StandardCurve
    levels: pd.DataFrame
    limits: pd.DataFrame

    @property
    def name(self) -> str:
        """``plate · analyte``."""
        return f"{self.plate} · {self.analyte}" if self.analyte else self.plate


def calibrations(table: pd.DataFrame, parameters: CurveParameters) -> list[Calibration]:
    """Fit the standard curve of each plate and analyte.

    Raises
    ------
    InputError
        A plate has samples but no standards, or its curve cannot be fitted: all plates at once.
    """
    found: list[Calibration] = []
    problems: list[Problem] = []
    measured = table[table["role"].isin(MEASURED_ROLES)]
    for plate, analyte in measured[["plate", "analyte"]].drop_duplicates().itertuples(index=False):
        own = table[(table["plate"] == plate) & table["analyte"].isin([analyte, ""])]
        try:
            found.append(_calibration(plate, analyte, own, parameters))
        except CurveError as error:
            problems.append(
                Problem("no_curve", f"plate '{plate}', analyte '{analyte}': {error}")
            )  # fmt: skip
    if problems:
        raise InputError(problems)
    return found


def _calibration(
    plate: str, analyte: str, own: pd.DataFrame, parameters: CurveParameters
) -> Calibration:
    from assaykit.curves import (
        LevelCriteria,
        fit_standard_curve,
        quantification_limits,
        standard_levels,
    )

    standards = own[(own["role"] == "standard") & ~own["excluded"] & own["response"].notna()]
    curve = fit_standard_curve(
        standards["nominal_concentration"].to_numpy(float),
        standards["response"].to_numpy(float),
        model=parameters.model,
        weighting=parameters.weighting,
    )
    criteria = LevelCriteria(
        parameters.recovery_limit, parameters.recovery_limit + 5.0, parameters.cv_limit
    )
    levels = standard_levels(curve, criteria)
    limits = quantification_limits(curve, criteria)
    if not limits.lloq < limits.uloq:
        raise CurveError(f"The standards span no working range: {limits.sentence}")
    curve = curve.with_limits(limits.lloq, limits.uloq)
    named = _named(levels, plate, analyte, parameters)
    return Calibration(plate, analyte, curve, named, _limits(named, limits, curve, own))


def _named(
    levels: pd.DataFrame, plate: str, analyte: str, parameters: CurveParameters
) -> pd.DataFrame:
    table = levels.assign(
        plate=plate,
        analyte=analyte,
        concentration_unit=parameters.concentration_unit,
        response_unit="OD",
    )
    first = ["plate", "analyte", "nominal_concentration", "concentration_unit"]
    middle = ["n", "mean_response", "response_unit"]
    return table[[*first, *middle, *(n for n in levels if n not in {*first, *middle})]]


def _limits(
    levels: pd.DataFrame, limits: Any, curve: StandardCurve, own: pd.DataFrame
) -> pd.DataFrame:
    import pandas as pd

    from assaykit.curves import limit_of_detection

    row = levels[["plate", "analyte", "concentration_unit"]].head(1).reset_index(drop=True)
    usable = own[~own["excluded"] & own["response"].notna()]
    zero = usable[(usable["role"] == "standard") & (usable["nominal_concentration"] == 0)]
    blanks = zero if len(zero) > 1 else usable[usable["role"] == "blank"]
    lowest = usable[(usable["role"] == "standard") & (usable["nominal_concentration"] > 0)]
    low = lowest[lowest["nominal_concentration"] == lowest["nominal_concentration"].min()]
    values = {
        "lloq": limits.lloq, "uloq": limits.uloq, "levels_passed": limits.levels_passed,
        "levels_total": limits.levels_total, "accepted": limits.accepted,
        "verdict": limits.sentence,
    }  # fmt: skip
    if len(blanks) > 1 and len(low) > 1:
        detection = limit_of_detection(
            blanks["response"].to_numpy(float), low["response"].to_numpy(float), curve
        )
        values |= {
            "lob": detection.lob, "lod": detection.lod,
            "n_blanks": len(blanks), "lod_is_approximate": detection.approximate,
        }  # fmt: skip
    return pd.concat([row, pd.DataFrame([values])], axis=1)


def back_calculated(
    table: pd.DataFrame, found: list[Calibration], parameters: CurveParameters
) -> pd.DataFrame:
    """The measured wells with their back-calculated concentration, interval and flag.

    Returns
    -------
    pandas.DataFrame
        Rows of ``table`` with a measured role, in its order, with
        ``back_calculated_concentration`` (in the well, before dilution), ``ci_low``,
        ``ci_high``, ``concentration_unit`` and their flags.
    """
    import pandas as pd

    parts = [
        _with_concentrations(part, calibration.curve, parameters)
        for calibration, part in _by_calibration(table, found)
    ]
    return pd.concat(parts).sort_index()


def _by_calibration(
    table: pd.DataFrame, found: list[Calibration]
) -> Iterator[tuple[Calibration, pd.DataFrame]]:
    measured = table[table["role"].isin(MEASURED_ROLES)]
    for calibration in found:
        own = (measured["plate"] == calibration.plate) & (
            measured["analyte"] == calibration.analyte
        )
        yield calibration, measured[own]


def _with_concentrations(
    part: pd.DataFrame, curve: StandardCurve, parameters: CurveParameters
) -> pd.DataFrame:
    result = curve.back_calculate(
        part["response"].to_numpy(float), extrapolate=parameters.extrapolate
    )
    flags = [
        own or ("" if flag == "no_reading" else flag)
        for own, flag in zip(part["flags"], result["flag"], strict=True)
    ]
    return part.assign(
        back_calculated_concentration=result["concentration"].to_numpy(),
        ci_low=result["ci_low"].to_numpy(),
        ci_high=result["ci_high"].to_numpy(),
        concentration_unit=parameters.concentration_unit,
        flags=flags,
    )


def steps(found: list[Calibration], parameters: CurveParameters, channel: str) -> tuple[Step, ...]:
    """The records of reading, curve fitting and back-calculation, for the methods text."""
    return (
        _reading_step(parameters, channel),
        _curve_step(found, parameters),
        _limits_step(found, parameters),
    )


def _reading_step(parameters: CurveParameters, channel: str) -> Step:
    sentence = f"Absorbance was read at {channel.removeprefix('od_')} nm"
    if parameters.reference_wavelength is not None:
        sentence += f" and corrected by the reading at {parameters.reference_wavelength:g} nm"
    if parameters.subtract_blank:
        sentence += "; the mean of the plate's blank wells, where there were any, was subtracted"
    words = as_words(parameters)
    names = ("wavelength", "reference_wavelength", "subtract_blank", "maximum_od")
    record = {name: words[name] for name in names if words.get(name)}
    return Step("reading", f"{sentence}.", record)


def _curve_step(found: list[Calibration], parameters: CurveParameters) -> Step:
    weights = (
        "unweighted least squares"
        if parameters.weighting == "none"
        else f"least squares weighted by {parameters.weighting} of the fitted response"
    )
    sentence = (
        f"For each plate a standard curve ({_FORMULAS[parameters.model]}) was fitted to the wells "
        f"of the standards by {weights}; concentrations were back-calculated from it, with 95 % "
        "confidence intervals by inversion of the prediction band, and multiplied by the dilution "
        "factor."
    )
    fitted = {
        c.name: ", ".join(f"{name} = {value:.6g}" for name, value in c.curve.parameters.items())
        for c in found
    }
    record = {"model": parameters.model, "weighting": parameters.weighting, **fitted}
    return Step("standard curve", sentence, record, (_FINDLAY,))


def _limits_step(found: list[Calibration], parameters: CurveParameters) -> Step:
    sentence = (
        "The limits of quantification are the lowest and the highest standard whose "
        f"back-calculated concentration was within {parameters.recovery_limit:g} % "
        f"({parameters.recovery_limit + 5:g} % at the ends) of the nominal one with a coefficient "
        f"of variation of at most {parameters.cv_limit:g} %; results outside them are flagged"
        + ("." if parameters.extrapolate else " and have no number.")
    )
    limits = {
        c.name: f"{c.curve.lloq:.4g} to {c.curve.uloq:.4g} {parameters.concentration_unit}"
        for c in found
    }
    return Step("limits of quantification", sentence, limits, (ICH_M10,))


_FINDLAY = (
    "Findlay JWA, Dillard RF. Appropriate calibration curve fitting in ligand binding assays. "
    "AAPS J 2007;9:E260-E267."
)
_FORMULAS: Mapping[str, str] = {
    "4pl": "four-parameter logistic, y = d + (a − d)/(1 + (x/c)^b)",
    "5pl": "five-parameter logistic, y = d + (a − d)/(1 + (x/c)^b)^g",
    "linear": "straight line, y = intercept + slope·x",
    "linear_origin": "straight line through the origin, y = slope·x",
    "quadratic": "quadratic, y = intercept + slope·x + quadratic·x²",
    "loglog": "straight line of log response on log concentration, through the means of the levels",
}


def calibration_tables(found: list[Calibration]) -> dict[str, pd.DataFrame]:
    """The sheets Standards and Limits."""
    import pandas as pd

    return {
        "Standards": pd.concat([c.levels for c in found], ignore_index=True),
        "Limits": pd.concat([c.limits for c in found], ignore_index=True),
    }
