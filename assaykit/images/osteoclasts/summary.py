"""The table of objects → the numbers of one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assaykit.errors import UsageError
from assaykit.images.osteoclasts.parameters import OsteoclastParameters

if TYPE_CHECKING:
    import pandas as pd

BORDER_RULE = (
    "Cells that touch the left or upper edge of the picture are counted, cells that touch the "
    "right or lower edge are not (unbiased counting frame); areas include all cells."
)
"""How cells at the edge of a picture are counted; Gundersen, J Microsc 111:219-223, 1977."""


def summarise_osteoclasts(
    objects: pd.DataFrame,
    analysed_area_um2: float,
    params: OsteoclastParameters | None = None,
) -> dict[str, Any]:
    """Count, density, nuclei and areas of the osteoclasts of one picture.

    Parameters
    ----------
    objects
        Of :func:`find_osteoclasts`.
    analysed_area_um2
        ``objects.attrs["picture"]["analysed_area_um2"]``, or what was declared.
    params
        Those that were used to find the objects.

    Returns
    -------
    dict
        ``osteoclast_count``, ``osteoclasts_per_mm2``, ``mononuclear_count``,
        ``nuclei_per_osteoclast_mean`` and ``_median``, ``fusion_index`` (share of the nuclei of
        all TRAP-positive cells that lie in osteoclasts), ``size_3_15_count``,
        ``size_over_15_count``, ``osteoclast_area_fraction``, ``mean_osteoclast_area_um2``,
        ``mean_mononuclear_area_um2``, ``mean_osteoclast_od``, ``border_rule``,
        ``nuclei_resolved``, ``out_of_focus``, ``edge_blur_um`` (None: too few cells to
        tell whether the picture is sharp). What cannot be told is None.

    Raises
    ------
    UsageError
        The area is not above zero.

    Examples
    --------
    >>> import numpy as np
    >>> from assaykit.images.osteoclasts.find import find_osteoclasts
    >>> objects, _ = find_osteoclasts(np.full((64, 64, 3), 200, np.uint8), 0.76)
    >>> summarise_osteoclasts(objects, 2366.0)["osteoclast_count"]
    0
    """
    if not analysed_area_um2 > 0:
        raise UsageError(f"The analysed area is {analysed_area_um2} µm², expected more than 0.")
    chosen = params or OsteoclastParameters()
    picture = objects.attrs.get("picture", {})
    osteoclasts = objects[objects["class"] == "osteoclast"]
    counted = osteoclasts[osteoclasts["counted"]]
    mononuclear = objects[(objects["class"] == "mononuclear") & objects["counted"]]
    resolved = bool(picture.get("nuclei_resolved", not objects["nuclei_not_resolved"].any()))
    result: dict[str, Any] = {
        "osteoclast_count": len(counted),
        "osteoclasts_per_mm2": len(counted) / analysed_area_um2 * 1e6,
        "mononuclear_count": len(mononuclear),
        "osteoclast_area_fraction": float(osteoclasts["area_um2"].sum()) / analysed_area_um2,
        "mean_osteoclast_area_um2": _mean(counted["area_um2"]),
        "mean_mononuclear_area_um2": _mean(mononuclear["area_um2"]),
        "mean_osteoclast_od": _mean(counted["mean_od"]),
        "analysed_area_um2": float(analysed_area_um2),
        "border_rule": BORDER_RULE,
        "nuclei_resolved": resolved,
        "out_of_focus": bool(picture.get("out_of_focus", objects["out_of_focus"].any())),
        "edge_blur_um": picture.get("edge_blur_um"),
    }
    return result | _nuclei(counted, mononuclear, resolved, chosen)


def _nuclei(
    counted: pd.DataFrame, mononuclear: pd.DataFrame, resolved: bool, params: OsteoclastParameters
) -> dict[str, Any]:
    names = ("nuclei_per_osteoclast_mean", "nuclei_per_osteoclast_median", "fusion_index",
             "size_3_15_count", "size_over_15_count")  # fmt: skip
    if not resolved:
        return dict.fromkeys(names)
    own, single = counted["nuclei"].dropna(), mononuclear["nuclei"].dropna()
    total = int(own.sum()) + int(single.sum())
    values = (
        _mean(own),
        float(own.median()) if len(own) else None,
        int(own.sum()) / total if total else None,
        int((own <= params.large_nuclei).sum()),
        int((own > params.large_nuclei).sum()),
    )
    return dict(zip(names, values, strict=True))


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
