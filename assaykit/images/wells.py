"""The wells of a multiwell plate in a photograph or a scan of the whole plate.

Circles whose radius is free are not enough: reflections, rims, letters and colonies are round as
well. A plate is a lattice of equal circles whose pitch follows from the format, and it is the
largest such lattice in the picture that is complete. The pitch in mm then gives the size of a
pixel for nothing.

Distances are those of ANSI/SLAS 4-2004 for 96 wells and those of makers' drawings for the larger
wells; makers differ by up to 3 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from assaykit.errors import InputError, Problem, UsageError
from assaykit.images.well_candidates import WORKING_PX, Bytes, ring_maps
from assaykit.images.well_lattice import Points, Window, grow_lattices, pitch_of, windows
from assaykit.images.well_rings import fit_circles

if TYPE_CHECKING:
    import pandas as pd

# wells: rows, columns, pitch in mm, inner diameter of a well in mm
WELL_LATTICES: dict[int, tuple[int, int, float, float]] = {
    6: (2, 3, 39.12, 34.8),
    12: (3, 4, 26.01, 22.1),
    24: (4, 6, 19.30, 15.6),
    48: (6, 8, 13.08, 11.0),
    96: (8, 12, 9.0, 6.4),
}
SMALLEST_PICTURE_PX = 200
_AS_CLEAR = 0.4
_WIDEST = 0.55  # radius in pitches; half a pitch, and the tolerance of the search


def find_wells(image: Bytes, plate_format: int | None = None) -> pd.DataFrame:
    """Find the wells of the plate in a picture.

    Parameters
    ----------
    image
        ``(height, width, 3)`` RGB or ``(height, width)`` grey, ``uint8``. All wells must be in
        the picture; the plate may lie upright or lengthwise, turned by up to about ten degrees
        and seen at a slight slant, and need not fill the picture.
    plate_format
        6, 12, 24, 48 or 96 to look for that format only.

    Returns
    -------
    pandas.DataFrame
        One row per well: row and column (counted from 1 at the top left, as they lie in the
        picture), x, y and radius (px; the centre of the first pixel is 0.0) and um_per_px (from
        the pitch; the same for all wells).

    Raises
    ------
    UsageError
        The picture is no such array, or the format is not one that can be found.
    InputError
        The picture is too small, or shows no whole plate, or more than one reading of it fits.

    Examples
    --------
    >>> from assaykit.simulate.plate_photos import Shot, plate_photo
    >>> photo = plate_photo(Shot(wells=12, size_px=(600, 800)))
    >>> wells = find_wells(photo.image)
    >>> int(wells["row"].max()), int(wells["column"].max())
    (3, 4)
    """
    formats = _formats(plate_format)
    _check_picture(image)
    scale = min(1.0, WORKING_PX / max(image.shape[:2]))
    small = _reduced(image, scale)
    window = _chosen(_all_windows(small, formats), plate_format)
    middle = 0.5 / scale - 0.5
    enlarge = np.array([[1 / scale, 0, middle], [0, 1 / scale, middle], [0, 0, 1]])
    return _table(image, window, enlarge @ window.transform)


def _formats(plate_format: int | None) -> dict[int, tuple[int, int]]:
    if plate_format is not None and plate_format not in WELL_LATTICES:
        known = ", ".join(str(wells) for wells in WELL_LATTICES)
        raise UsageError(f"plates of {plate_format!r} wells cannot be found: use one of {known}")
    wanted = WELL_LATTICES if plate_format is None else (plate_format,)
    return {wells: WELL_LATTICES[wells][:2] for wells in wanted}


def _check_picture(image: Bytes) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim not in (2, 3):
        raise UsageError("a picture is an array (height, width[, 3]) of uint8")
    if image.ndim == 3 and image.shape[2] != 3:
        raise UsageError(f"a picture has 3 colours (RGB), this one {image.shape[2]}")
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_PICTURE_PX:
        message = (
            f"the picture has {width} × {height} px, expected at least "
            f"{SMALLEST_PICTURE_PX} px either way to find wells in it"
        )
        raise InputError([Problem("picture_too_small", message, remedy="Take a larger picture.")])


def _reduced(image: Bytes, scale: float) -> Bytes:
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _all_windows(image: Bytes, formats: dict[int, tuple[int, int]]) -> list[Window]:
    found: list[Window] = []
    for rings in ring_maps(image):
        for lattice in grow_lattices(rings):
            found.extend(
                window
                for window in windows(lattice, formats, (image.shape[0], image.shape[1]))
                if window.complete and window.radius_per_pitch < _WIDEST
            )
    return found


def _chosen(found: list[Window], plate_format: int | None) -> Window:
    """The largest complete lattice, if there is only one."""
    if not found:
        raise InputError([_no_lattice(plate_format)])
    best = max(found, key=lambda window: window.score)
    larger = [w for w in found if w.wells > best.wells and _continues(w, best)]
    if larger:
        most = max(window.wells for window in larger)
        best = max((w for w in larger if w.wells == most), key=lambda window: window.score)
    rivals = [w for w in found if w.score > 0.9 * best.score and _contradicts(w, best)]
    if rivals:
        raise InputError([_ambiguous(best, rivals, plate_format)])
    return best


def _pitch(window: Window) -> float:
    return pitch_of(window.transform, window.rows, window.columns)


def _continues(large: Window, small: Window) -> bool:
    """Whether a window adds rows or columns that are about as clear as those of another one."""
    return _covers(large, small) and large.faintest_line > _AS_CLEAR * small.support


def _covers(large: Window, small: Window) -> bool:
    """Whether a window holds another one of about the same pitch."""
    middle, other = large.middle, small.middle
    pitch, step = _pitch(large), _pitch(small)
    extent = np.array([large.columns, large.rows]) * pitch / 2
    return bool(abs(np.log(pitch / step)) < 0.06 and (np.abs(middle - other) < extent).all())


def _contradicts(window: Window, best: Window) -> bool:
    """Whether a window is another reading of the picture, and no part of the best one."""
    middle, other = window.middle, best.middle
    if (window.rows, window.columns) == (best.rows, best.columns):
        return bool(np.linalg.norm(middle - other) > 0.7 * _pitch(best))
    return not _covers(best, window) and window.wells >= best.wells


def _no_lattice(plate_format: int | None) -> Problem:
    looked = "6, 12, 24, 48 or 96" if plate_format is None else str(plate_format)
    declare = "declare the plate's format" if plate_format is None else "check the declared format"
    return Problem(
        "no_wells_found",
        f"no lattice of wells was found; looked for a whole plate of {looked} wells",
        remedy="Check that all wells are in the picture, crop it to the plate, light it evenly "
        f"and without glare, or {declare}.",
    )


def _ambiguous(best: Window, rivals: Iterable[Window], plate_format: int | None) -> Problem:
    others = sorted({_words(window) for window in rivals})
    return Problem(
        "wells_ambiguous",
        f"the wells can be read as {_words(best)}, but just as well as other {others[0]}",
        remedy="Crop the picture to one whole plate"
        + (", or declare its format." if plate_format is None else " of the declared format."),
    )


def _words(window: Window) -> str:
    return f"{window.rows} rows and {window.columns} columns ({window.wells} wells)"


def _table(image: Bytes, window: Window, transform: Points) -> pd.DataFrame:
    import pandas as pd

    _, _, pitch_mm, diameter_mm = WELL_LATTICES[window.wells]
    shape = (window.rows, window.columns)
    circles = fit_circles(image, transform, shape, diameter_mm / 2 / pitch_mm)
    grid = circles.centres.reshape(*shape, 2)
    steps = [np.linalg.norm(np.diff(grid, axis=axis), axis=2).ravel() for axis in (0, 1)]
    places = np.indices(shape).reshape(2, -1) + 1
    return pd.DataFrame(
        {
            "row": places[0],
            "column": places[1],
            "x": circles.centres[:, 0],
            "y": circles.centres[:, 1],
            "radius": circles.radius,
            "um_per_px": pitch_mm * 1000.0 / float(np.concatenate(steps).mean()),
        }
    )
