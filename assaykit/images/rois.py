"""Outlines of cells as ImageJ ROIs: out for a person to correct, and back again.

A zip holds one polygon per cell, named ``0012 osteoclast 5`` (label, class, nuclei). In ImageJ's
ROI Manager a person deletes what is no cell, draws what was missed, and saves the zip. A new ROI
has whatever name it was given: it counts as an osteoclast, unless its name holds another class.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from assaykit.errors import InputError, Problem, UnreadableFileError

if TYPE_CHECKING:
    import pandas as pd

Labels = npt.NDArray[np.int32]
ENDING = ".roi"
LARGEST_ZIP = 200_000_000
_DATE = (1980, 1, 1, 0, 0, 0)  # the same cells give the same bytes
_NAME = re.compile(r"(\d+) (\w+)(?: (\d+))?")


@dataclass(frozen=True, eq=False)
class Outline:
    """One cell as a person left it.

    Parameters
    ----------
    name
        As in the ROI Manager.
    kind
        Its class, such as ``osteoclast``.
    label
        The cell of the program that it was; 0: drawn by hand.
    points
        ``(n, 2)`` float: x and y of its corners in px.
    """

    name: str
    kind: str
    label: int
    points: npt.NDArray[np.float64]


def roi_zip(labels: Labels, objects: pd.DataFrame, classes: Sequence[str]) -> bytes:
    """The outlines of the cells of some classes as a zip for ImageJ's ROI Manager.

    Parameters
    ----------
    labels
        ``(height, width)``: the label of each pixel; 0 is background.
    objects
        One row per cell: label, class and, where known, nuclei.
    classes
        Which classes to write.

    Returns
    -------
    bytes
        A zip; the same cells give the same bytes.

    Examples
    --------
    >>> import pandas as pd
    >>> labels = np.zeros((20, 20), np.int32)
    >>> labels[4:12, 5:15] = 7
    >>> cell = pd.DataFrame({"label": [7], "class": ["osteoclast"], "nuclei": [4]})
    >>> outline, = read_roi_zip(roi_zip(labels, cell, ["osteoclast"]), ["osteoclast"])
    >>> outline.name, outline.label, int(mask_of(outline, (20, 20)).sum())
    ('0007 osteoclast 4', 7, 80)
    """
    from roifile import ImagejRoi

    buffer = io.BytesIO()
    boxes = _boxes(labels)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in objects[objects["class"].isin(list(classes))].to_dict("records"):
            label = int(row["label"])
            points = _outline(labels, label, boxes[label])
            name = f"{label:04d} {row['class']}{_nuclei(row.get('nuclei'))}"
            roi = ImagejRoi.frompoints(points, name=name)
            archive.writestr(zipfile.ZipInfo(f"{name}{ENDING}", _DATE), roi.tobytes())
    return buffer.getvalue()


def read_roi_zip(data: bytes, classes: Sequence[str], file: str = "") -> list[Outline]:
    """The outlines of a zip that a person may have edited.

    Parameters
    ----------
    data
        The zip, or a single ``.roi`` file.
    classes
        Classes that a name may hold; the first one is that of a ROI whose name holds none.
    file
        Name of the file, for messages.

    Raises
    ------
    UnreadableFileError
        It is neither.
    InputError
        A ROI is no area (a line, a point): all of them are listed.
    """
    outlines, problems = [], []
    for name, content in _members(data, file):
        found = _outline_of(name, content, classes)
        if isinstance(found, Outline):
            outlines.append(found)
        else:
            problems.append(found.in_file(file))
    if problems:
        raise InputError(problems)
    return outlines


def mask_of(outline: Outline, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which pixels have their centre inside an outline."""
    mask = np.zeros(shape, dtype=np.uint8)
    eighths = np.round((outline.points - 0.5) * 256).astype(np.int32)
    cv2.fillPoly(mask, [eighths], 1, shift=8)
    edge = np.zeros_like(mask)
    cv2.polylines(edge, [eighths], True, 1, shift=8)
    inside = mask.astype(bool)
    ys, xs = np.nonzero(edge)
    contour = outline.points.astype(np.float32)
    keep = [
        cv2.pointPolygonTest(contour, (float(x) + 0.5, float(y) + 0.5), False) > 0
        for x, y in zip(xs, ys, strict=True)
    ]
    inside[ys, xs] = keep
    return inside


def _nuclei(count: object) -> str:
    import pandas as pd

    return "" if pd.isna(count) else f" {count:.0f}"  # type: ignore[call-overload]


def _boxes(labels: Labels) -> dict[int, tuple[slice, slice]]:
    from scipy.ndimage import find_objects

    found = enumerate(find_objects(labels), 1)
    return {label: (box[0], box[1]) for label, box in found if box is not None}


def _outline(labels: Labels, label: int, box: tuple[slice, slice]) -> npt.NDArray[np.float32]:
    """The corners of a cell's largest part, along the edges of its pixels."""
    part = (labels[box] == label).astype(np.uint8)
    large = cv2.resize(np.pad(part, 1), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea).reshape(-1, 2).astype(np.float32)
    corner = np.array([box[1].start, box[0].start], dtype=np.float32)
    return np.asarray(np.ceil(largest / 2) - 1 + corner, dtype=np.float32)


def _members(data: bytes, file: str) -> list[tuple[str, bytes]]:
    if data[:4] == b"Iout":
        return [("", data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(ENDING)]
            if sum(member.file_size for member in members) > LARGEST_ZIP:
                message = f"its ROIs unpack to more than {LARGEST_ZIP // 10**6} MB"
                raise UnreadableFileError([Problem("roi_too_large", message, file)])
            return [(member.filename, archive.read(member)) for member in members]
    except zipfile.BadZipFile:
        remedy = "Save it from ImageJ's ROI Manager (More » Save)."
        raise UnreadableFileError(
            [Problem("no_roi_zip", "it is no zip of ImageJ ROIs", file, remedy=remedy)]
        ) from None


def _outline_of(file: str, content: bytes, classes: Sequence[str]) -> Outline | Problem:
    from roifile import ImagejRoi

    try:
        roi = ImagejRoi.frombytes(content)
        points = np.asarray(roi.coordinates(), dtype=np.float64).reshape(-1, 2)
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        return Problem("bad_roi", f"the ROI '{file}' cannot be read: {error}",
                       remedy="Draw it again.")  # fmt: skip
    name = roi.name or file.removesuffix(ENDING)
    if len(points) < 3:
        message = f"the ROI '{name}' is a line or a point, expected an area"
        remedy = "Draw it with the freehand or polygon tool, or delete it."
        return Problem("roi_no_area", message, remedy=remedy)
    kind = next((word for word in classes if word in name.lower()), classes[0])
    parts = _NAME.fullmatch(name)
    return Outline(name, kind, int(parts[1]) if parts else 0, points)
