"""Rules about pictures: those that failed, their focus, light, debris and copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from assaykit.qc.evidence import Evidence, Remark, listed, number

if TYPE_CHECKING:
    import pandas as pd

PICTURES = "Pictures"
SCALE_LIMIT = 2.0
"""Difference in % between the size of a pixel that is used and that of the file."""
_CHANNELS = ("background_red", "background_green", "background_blue")


def failed_pictures(evidence: Evidence) -> list[Remark]:
    """Pictures without a result, each with its reason; of excluded wells only a note."""
    left_out = _excluded(evidence)
    return [
        Remark(
            "failed_pictures",
            "note" if (row["plate"], row["well"]) in left_out else "failure",
            str(row["plate"]),
            f"The picture {row['file']} of well {row['well']} has no result: "
            f"{str(row['failed']).rstrip('.')}.",
            wells=str(row["well"]),
        )
        for row in evidence.rows(PICTURES)
        if row["failed"]
    ]


def contradicted_scale(evidence: Evidence) -> list[Remark]:
    """Pictures whose files say another size of a pixel than the one that is used."""
    remarks = []
    for plate, part in _good(evidence):
        if "file_um_per_px" not in part:
            continue
        off = 100 * (part["um_per_px"] / part["file_um_per_px"] - 1).abs()
        remark = Remark(
            "contradicted_scale", "warning", plate,
            f"Pictures whose file says another size of a pixel than the one that is used, by more "
            f"than {SCALE_LIMIT:g} %", limit=SCALE_LIMIT, unit="%",
        )  # fmt: skip
        advice = "Correct um_per_px, or leave it empty; areas go with its square."
        remarks += _about(remark, part[off > SCALE_LIMIT], float(off.max()), advice)
    return remarks


def copied_pictures(evidence: Evidence) -> list[Remark]:
    """One picture given for two wells, or twice for one."""
    remarks = []
    for plate, part in _good(evidence):
        for _, same in part[part["sha256"] != ""].groupby("sha256"):
            files = sorted(set(same["file"]))
            if len(files) > 1:
                message = (
                    f"The files {', '.join(files)} hold the same picture, byte for byte; replace "
                    "all but one."
                )
                remarks.append(
                    Remark("copied_pictures", "failure", plate, message, wells=listed(same["well"]),
                           measured=len(files), limit=1, unit="files")
                )  # fmt: skip
    return remarks


def out_of_focus(evidence: Evidence) -> list[Remark]:
    """Pictures that are much less sharp than the others of their plate."""
    limit = evidence.limits.focus_limit
    remarks = []
    for plate, part in _good(evidence):
        middle = float(part["focus"].median())
        if len(part) < 5 or not middle > 0:
            continue
        share = 100 * part["focus"] / middle
        remark = Remark(
            "out_of_focus", "warning", plate,
            f"Pictures with a focus below {limit:g} % of the plate's median, which may hold "
            "nothing or be blurred", limit=limit, unit="%",
        )  # fmt: skip
        remarks += _about(remark, part[share < limit], float(share.min()), "Look at them.")
    return remarks


def saturated_pictures(evidence: Evidence) -> list[Remark]:
    """Pictures in which the camera was at its limit."""
    limit = evidence.limits.saturation_limit
    remarks = []
    for plate, part in _good(evidence):
        share = 100 * part["saturated_fraction"]
        remark = Remark(
            "saturated_pictures", "warning", plate,
            f"Pictures with more than {limit:g} % of pixels at the camera's limit, where the "
            "optical density is not known", limit=limit, unit="%",
        )  # fmt: skip
        remarks += _about(remark, part[share > limit], float(share.max()), "Expose them less.")
    return remarks


def white_drift(evidence: Evidence) -> list[Remark]:
    """Pictures whose brightest tenth has another colour than that of the plate.

    The brightness alone may differ: it is taken out. A picture that stain covers nearly wholly
    has no background, and is named too.
    """
    limit = evidence.limits.white_drift_limit
    remarks = []
    for plate, part in _good(evidence):
        colours = part[list(_CHANNELS)]
        balance = colours.div(colours.mean(axis=1), axis=0)
        drift = 100 * (balance / balance.median() - 1).abs().max(axis=1)
        remark = Remark(
            "white_drift", "warning", plate,
            f"Pictures whose background differs in colour by more than {limit:g} % from the "
            "plate's", limit=limit, unit="%",
        )  # fmt: skip
        advice = "Fix white balance and lamp, or look whether stain covers all of the field."
        remarks += _about(remark, part[drift > limit], float(drift.max()), advice)
    return remarks


def masked_pictures(evidence: Evidence) -> list[Remark]:
    """Pictures of which much was left out as debris, ink or black."""
    limit = evidence.limits.masked_limit
    remarks = []
    for plate, part in _good(evidence):
        if "masked_fraction" not in part:
            continue
        share = 100 * part["masked_fraction"]
        remark = Remark(
            "masked_pictures", "warning", plate,
            f"Pictures of which more than {limit:g} % is left out as debris, ink or black",
            limit=limit, unit="%",
        )  # fmt: skip
        advice = "Look at their overlays; the stain vector may not fit."
        remarks += _about(remark, part[share > limit], float(share.max()), advice)
    return remarks


def uneven_pictures(evidence: Evidence) -> list[Remark]:
    """Wells with more or fewer pictures than others: counts over a well do not compare."""
    remarks = []
    for plate, part in _good(evidence):
        counts = part.groupby("well")["file"].count()
        usual = int(counts.mode().iloc[0])
        odd = counts[counts != usual]
        if len(odd):
            message = (
                f"Most wells have {usual} {'picture' if usual == 1 else 'pictures'} with a result, "
                f"these have another number: {listed(odd.index)}. Counts of a well depend on it; "
                "fractions do not."
            )
            remarks.append(
                Remark("uneven_pictures", "warning", plate, message, wells=listed(odd.index),
                       measured=float(len(odd)), limit=0, unit="wells")
            )  # fmt: skip
    return remarks


def threshold_decides(evidence: Evidence) -> list[Remark]:
    """Wells whose fraction changes much with a threshold that is 20 % lower or higher."""
    limit = evidence.limits.threshold_limit
    changed: dict[str, list[tuple[str, float]]] = {}
    needed = ("mineralized_area_fraction", "fraction_at_80_percent", "fraction_at_120_percent")
    for row in evidence.rows("Mineral", *needed):
        middle, low, high = (number(row[name]) for name in needed)
        spread = 100 * max(low - middle, middle - high)
        if spread > limit:
            changed.setdefault(str(row["plate"]), []).append((str(row["well"]), spread))
    return [
        Remark(
            "threshold_decides", "note", plate,
            f"Wells whose mineralized area fraction changes by more than {limit:g} points if the "
            f"threshold is 20 % lower or higher ({len(found)}): "
            f"{listed(well for well, _ in found)}. Compare arms at one threshold only.",
            wells=listed(well for well, _ in found), measured=max(s for _, s in found),
            limit=limit, unit="points",
        )
        for plate, found in changed.items()
    ]  # fmt: skip


def estimated_stain(evidence: Evidence) -> list[Remark]:
    """A stain vector that was estimated from the plate that it measures."""
    return [
        Remark(
            "estimated_stain", "warning", str(row["plate"]),
            f"The stain vector {row['stain_vector']} was estimated from this plate's pictures: "
            "look at the overlays, and declare one vector for all plates that are compared.",
        )
        for row in evidence.rows("Threshold", "stain_vector_estimated")
        if row["stain_vector_estimated"]
    ]  # fmt: skip


def _good(evidence: Evidence) -> Iterator[tuple[str, pd.DataFrame]]:
    """The pictures with a result of each plate, without those of excluded wells."""
    table = evidence.tables.get(PICTURES)
    if table is None:
        return
    left_out = _excluded(evidence)
    good = table[table["failed"] == ""]
    places = zip(good["plate"], good["well"], strict=True)
    for plate, part in good[[place not in left_out for place in places]].groupby("plate"):
        yield str(plate), part


def _excluded(evidence: Evidence) -> set[tuple[str, str]]:
    """Plate and well of those that a person left out."""
    wells = evidence.wells
    if "excluded" not in wells:
        return set()
    out = wells[wells["excluded"].eq(True)]
    return set(zip(out["plate"], out["well"], strict=True))


def _about(remark: Remark, part: pd.DataFrame, measured: float, advice: str) -> list[Remark]:
    """The remark with its pictures; none if there is no picture."""
    if part.empty:
        return []
    names = ", ".join(_name(row) for row in part.to_dict("records"))
    message = f"{remark.message} ({len(part)}): {names}. {advice}"
    return [replace(remark, message=message, wells=listed(part["well"]), measured=measured)]


def _name(row: Mapping[object, object]) -> str:
    return f"{row['well']} {row['field']}".strip()
