"""What a program saw, drawn on the picture: for the person who has to believe its numbers.

The picture itself stays visible: lines are thin, captions, legends and the scale bar stand in
strips above and below it. A line is bright with a dark rim, so that it shows on white, on pink and
on dark ground and to people with any colour vision.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy import typing as npt

from assaykit.errors import UsageError
from assaykit.images import lettering, strips
from assaykit.images.colour import Pixels
from assaykit.images.lettering import Colour, Label

if TYPE_CHECKING:
    import pandas as pd

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int32]

MAX_SIDE, MIN_SIDE = 1600, 800
WHITE: Colour = (255, 255, 255)
RIM: Colour = (20, 20, 20)
# Bright colours of Wong B, Nat Methods 2011;8:441, which any colour vision can tell apart.
YELLOW, SKY_BLUE, ORANGE = (250, 235, 40), (86, 200, 255), (255, 160, 0)
GREEN, PURPLE, PALE = (0, 200, 140), (235, 140, 195), (255, 255, 255)
_MAIN = "osteoclast"  # thicker lines, larger numbers
_KNOWN = {_MAIN: YELLOW, "mononuclear": SKY_BLUE}
_OTHERS = (ORANGE, GREEN, PURPLE, PALE)
_OUTSIDE = 0.5  # brightness of what was not analysed
_ID_SIZE, _MAIN_ID_SIZE, _MOST_IDS = 11, 15, 400
_LARGEST_FACTOR = 4


@dataclass(frozen=True)
class Surround:
    """What stands around an overlay, and how large it is.

    Parameters
    ----------
    caption
        One or two lines above the picture, such as the well and its result.
    um_per_px
        Size of a pixel of the picture in µm; without it there is no scale bar.
    scale_bar
        Whether to draw the scale bar.
    analysed
        Mask of what was analysed; the rest is drawn dark and without colour.
    max_side
        Longest side of the picture in the overlay, in px; a larger one is reduced. One that is
        smaller than 800 px is enlarged by a whole factor, so that the lines hide less of it.

    Examples
    --------
    >>> Surround("B2: 12.3 % mineral", um_per_px=1.6).max_side
    1600
    """

    caption: str = ""
    um_per_px: float | None = None
    scale_bar: bool = True
    analysed: Mask | None = None
    max_side: int = MAX_SIDE


def mineral_overlay(
    image: Pixels, mask: Mask, surround: Surround | None = None, *, legend: str = "mineral"
) -> Pixels:
    """Draw the outline of the mineral on its picture.

    Parameters
    ----------
    image
        (height, width, 3) RGB.
    mask
        True where there is mineral: of the size of the picture, or smaller by a whole factor
        (the last row and column may be incomplete), and so is ``surround.analysed``.
    surround
        Caption, scale bar, what was analysed.
    legend
        What the outline is called below the picture; none if empty.

    Returns
    -------
    ndarray
        RGB, with a strip above the picture where there is a caption, and one below it.

    Raises
    ------
    UsageError
        The picture is not RGB in 8 bits, or a mask does not fit it.

    Examples
    --------
    >>> pink = np.full((120, 160, 3), (205, 193, 212), np.uint8)
    >>> mask = np.zeros((60, 80), bool)
    >>> mask[20:40, 30:60] = True
    >>> mineral_overlay(pink, mask, Surround("A1", um_per_px=1.6)).shape[1:]
    (640, 3)
    """
    about = surround or Surround()
    view = _view(image, about)
    inside = _fitted(np.asarray(mask, dtype=bool), image.shape, view.shape, "The mask of mineral")
    drawn = _outlined(view, inside.astype(np.int32), (YELLOW,), np.zeros(2, dtype=np.intp))
    entries = [strips.Entry(legend, strips.block(YELLOW))] if legend else []
    return _surrounded(drawn, image.shape[1], about, entries)


def object_overlay(
    image: Pixels,
    labels: Labels,
    objects: pd.DataFrame,
    nuclei: pd.DataFrame | None = None,
    *,
    surround: Surround | None = None,
) -> Pixels:
    """Draw the outline of each object in the colour of its class, with its label beside it.

    Parameters
    ----------
    image
        (height, width, 3) RGB.
    labels
        Whole numbers, 0 outside objects: of the size of the picture, or smaller by a whole factor.
    objects
        One row per object: label, x, y (px of the picture), class, and where known nuclei. An
        object that is in no row is not drawn. Rows that come first get their number first.
    nuclei
        Centres of nuclei: x, y (px of the picture).
    surround
        Caption, scale bar, what was analysed.

    Returns
    -------
    ndarray
        RGB with strips above and below. Numbers that would lie on one another are left out, and
        the legend says how many are shown; those of osteoclasts go first.

    Raises
    ------
    UsageError
        The picture is not RGB in 8 bits, the labels do not fit it, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> grey = np.full((120, 160, 3), 200, np.uint8)
    >>> labels = np.zeros((120, 160), np.int32)
    >>> labels[40:80, 50:90] = 1
    >>> objects = pd.DataFrame({"label": [1], "x": [70.0], "y": [60.0], "nuclei": [4],
    ...                         "class": ["osteoclast"]})
    >>> object_overlay(grey, labels, objects).shape[1:]
    (640, 3)
    """
    about = surround or Surround()
    _need_columns(objects, ("label", "x", "y", "class"), "objects")
    view = _view(image, about)
    fitted = _fitted(np.asarray(labels), image.shape, view.shape, "The image of labels")
    colours = class_colours([str(name) for name in objects["class"]])
    order = list(colours)
    classes = np.full(max(int(fitted.max(initial=0)), 0) + 1, -1, dtype=np.intp)
    for number, name in zip(objects["label"], objects["class"], strict=True):
        if 0 < number < len(classes):
            classes[int(number)] = order.index(str(name))
    known = np.where(classes[fitted] >= 0, fitted, 0).astype(np.int32)
    thick = order.index(_MAIN) if _MAIN in order else None
    drawn = _outlined(view, known, tuple(colours.values()), classes, thick)
    scale = view.shape[1] / image.shape[1]
    if nuclei is not None:
        drawn = _dotted(drawn, nuclei, scale)
    ids, remark = _numbers(objects, known, colours)
    counts = objects["class"].astype(str).value_counts()
    entries = [
        strips.Entry(f"{name} ({counts[name]})", strips.block(colour))
        for name, colour in colours.items()
    ]
    if nuclei is not None:
        entries.append(strips.Entry("nucleus", _dot_swatch()))
    entries += [strips.Entry(remark)] if remark else []
    return _surrounded(lettering.draw_labels(drawn, ids), image.shape[1], about, entries)


def class_colours(classes: Sequence[str]) -> dict[str, Colour]:
    """The colour of each class: osteoclasts first, then mononuclear cells, then the others.

    Examples
    --------
    >>> list(class_colours(["debris", "osteoclast", "debris"]))
    ['osteoclast', 'debris']
    """
    present = set(classes)
    others = sorted(present - set(_KNOWN))
    named = {name: colour for name, colour in _KNOWN.items() if name in present}
    return named | {name: _OTHERS[k % len(_OTHERS)] for k, name in enumerate(others)}


def round_length_um(width_um: float) -> float:
    """Length of the scale bar for a picture: 1, 2 or 5 times a power of ten, about a fifth.

    Examples
    --------
    >>> [round_length_um(width) for width in (1094.4, 3000.0, 27000.0, 2.6)]
    [200.0, 500.0, 5000.0, 0.5]
    """
    wanted = width_um / 5
    power = 10.0 ** math.floor(math.log10(wanted))
    steps = [float(f"{step * power:.6g}") for step in (1, 2, 5, 10)]
    return min(steps, key=lambda length: abs(math.log(length / wanted)))


def length_words(length_um: float) -> str:
    """A length with its unit.

    Examples
    --------
    >>> length_words(200.0), length_words(5000.0), length_words(0.5)
    ('200 µm', '5 mm', '0.5 µm')
    """
    return f"{length_um / 1000:g} mm" if length_um >= 1000 else f"{length_um:g} µm"


def to_png(image: Pixels) -> bytes:
    """A picture as a PNG file; the same picture gives the same bytes.

    Raises
    ------
    UsageError
        The picture is not RGB in 8 bits.

    Examples
    --------
    >>> to_png(np.zeros((2, 3, 3), np.uint8))[1:4]
    b'PNG'
    """
    return _encoded(image, ".png", [cv2.IMWRITE_PNG_COMPRESSION, 6])


def to_jpeg(image: Pixels, quality: int = 85) -> bytes:
    r"""A picture as a JPEG file with colours at full resolution, so that thin lines stay sharp.

    Parameters
    ----------
    image
        (height, width, 3) RGB.
    quality
        1 to 100.

    Raises
    ------
    UsageError
        The picture is not RGB in 8 bits, or the quality is another number.

    Examples
    --------
    >>> to_jpeg(np.zeros((8, 8, 3), np.uint8))[:2]
    b'\xff\xd8'
    """
    if not 1 <= quality <= 100:
        raise UsageError(f"Found a JPEG quality of {quality}, expected 1 to 100.")
    full = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full]
    return _encoded(image, ".jpg", settings)


def _encoded(image: Pixels, kind: str, settings: list[int]) -> bytes:
    _need_rgb(image)
    done, data = cv2.imencode(kind, np.ascontiguousarray(image[..., ::-1]), settings)
    if not done:
        raise UsageError(f"A picture of {image.shape[1]} x {image.shape[0]} px cannot be {kind}.")
    return bytes(data.tobytes())


def _need_rgb(image: Pixels) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise UsageError(
            f"Expected a picture of height x width x 3, RGB in 8 bits; found {image.shape}, "
            f"{image.dtype}."
        )


def _need_columns(table: pd.DataFrame, names: Sequence[str], what: str) -> None:
    lacking = [name for name in names if name not in table]
    if lacking:
        raise UsageError(f"The table of {what} has no column {', '.join(lacking)}.")


def _view(image: Pixels, about: Surround) -> Pixels:
    """The picture at the size of the overlay, dimmed where nothing was analysed."""
    _need_rgb(image)
    factor = min(-(-MIN_SIDE // max(image.shape[:2])), _LARGEST_FACTOR)
    large = image.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else image
    view = reduced(large, about.max_side)
    if about.analysed is None:
        return view
    mask = np.asarray(about.analysed, dtype=bool)
    analysed = _fitted(mask, image.shape, view.shape, "The mask of what was analysed")
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    dim = np.asarray(_OUTSIDE * grey, dtype=np.uint8)
    return np.where(analysed[..., None], view, dim[..., None])


def reduced(image: Pixels, max_side: int) -> Pixels:
    """A picture whose longer side is at most some px; a small one stays as it is.

    Examples
    --------
    >>> reduced(np.zeros((100, 400, 3), np.uint8), 200).shape
    (50, 200, 3)
    """
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return image
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    made = cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA)
    return np.asarray(made, dtype=np.uint8)


def _fitted(
    mask: npt.NDArray[np.generic], full: tuple[int, ...], view: tuple[int, ...], what: str
) -> npt.NDArray[np.generic]:
    """A mask of the picture, perhaps smaller by a whole factor, at the size of the overlay."""
    factor = max(round(full[0] / max(mask.shape[0], 1)), 1)
    expected = {
        (-(-full[0] // factor), -(-full[1] // factor)),
        (full[0] // factor, full[1] // factor),
    }
    if mask.ndim != 2 or mask.shape not in expected:
        raise UsageError(
            f"{what} has {mask.shape}, the picture {full[:2]}: expected the same height and width, "
            "or ones smaller by a whole factor."
        )
    places = [
        np.minimum(((np.arange(n) + 0.5) * full[axis] / n / factor).astype(np.intp), last - 1)
        for axis, (n, last) in enumerate(zip(view[:2], mask.shape, strict=True))
    ]
    return mask[np.ix_(*places)]


def _outlined(
    view: Pixels,
    labels: Labels,
    colours: Sequence[Colour],
    classes: npt.NDArray[np.intp],
    thick: int | None = None,
) -> Pixels:
    """The picture with a bright line inside each object's edge and a dark one outside it.

    ``classes`` gives the place of each label's colour; one class may have lines of 2 px.
    """
    edge, near = np.zeros(labels.shape, dtype=bool), np.zeros(labels.shape, dtype=bool)
    for here, there in _neighbours():
        differs = labels[here] != labels[there]
        edge[here] |= differs & (labels[here] > 0)
        edge[there] |= differs & (labels[there] > 0)
        near[here] |= differs & (labels[here] == 0)
        near[there] |= differs & (labels[there] == 0)
    class_of = np.where(labels > 0, classes[labels], -1)
    main = class_of == (-2 if thick is None else thick)
    inner = cv2.dilate((edge & main).astype(np.uint8), np.ones((2, 2), dtype=np.uint8)) > 0
    drawn = view.copy()
    drawn[near] = RIM
    edge |= inner & main
    drawn[edge] = np.array(colours, dtype=np.uint8).reshape(-1, 3)[class_of[edge]]
    return drawn


def _neighbours() -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Pairs of views of an image that lie one px apart, downwards and to the right."""
    every, first, last = slice(None), slice(None, -1), slice(1, None)
    yield (first, every), (last, every)
    yield (every, first), (every, last)


def _dotted(drawn: Pixels, nuclei: pd.DataFrame, scale: float) -> Pixels:
    """White dots with a dark rim at the centres of nuclei."""
    _need_columns(nuclei, ("x", "y"), "nuclei")
    dotted = drawn.copy()
    for x, y in np.asarray(nuclei[["x", "y"]], dtype=float):
        centre = (round(x * scale), round(y * scale))
        cv2.circle(dotted, centre, 2, RIM, -1)
        cv2.circle(dotted, centre, 1, WHITE, -1)
    return dotted


def _dot_swatch() -> Pixels:
    swatch = np.full((5, 5, 3), WHITE, dtype=np.uint8)
    for here in ((0, slice(1, 4)), (4, slice(1, 4)), (slice(1, 4), 0), (slice(1, 4), 4)):
        swatch[here] = RIM
    return swatch


def _numbers(
    objects: pd.DataFrame, labels: Labels, colours: dict[str, Colour]
) -> tuple[list[Label], str]:
    """Numbers beside objects where there is room, and what the legend says about them."""
    import pandas as pd
    from scipy.ndimage import find_objects

    boxes = find_objects(labels)
    taken = np.zeros(labels.shape, dtype=bool)
    order = {name: place for place, name in enumerate(colours)}
    rank = objects["class"].astype(str).map(order).to_numpy()
    placed: list[Label] = []
    with_nuclei = False
    for row in objects.iloc[np.argsort(rank, kind="stable")].to_dict("records"):
        number = int(row["label"])
        box = boxes[number - 1] if 0 < number <= len(boxes) else None
        if box is None or len(placed) == _MOST_IDS:
            continue
        size = _MAIN_ID_SIZE if row["class"] == _MAIN else _ID_SIZE
        nuclei = float(row["nuclei"]) if pd.notna(row.get("nuclei")) else 0.0
        text = f"{number} ({nuclei:.0f})" if nuclei > 1 else str(number)
        shape = labels[box] == number
        place = _free_place(taken, box, shape, (lettering.text_width(text, size) + 4, size + 3))
        if place is not None:
            placed.append(Label(text, *place, size, RIM, WHITE))
            with_nuclei |= nuclei > 1
    what = "number (nuclei, if several)" if with_nuclei else "number"
    some = f"; {len(placed)} of {len(objects)} shown" if len(placed) < len(objects) else ""
    return placed, f"{what}{some}" if placed else ""


def _free_place(
    taken: Mask, box: tuple[slice, slice], shape: Mask, size: tuple[int, int]
) -> tuple[float, float] | None:
    """Where a text fits beside an object without lying on another text; the place is then taken.

    ``shape`` is the object in its box, ``size`` the width and height of the text.
    """
    wide, high = size
    rows = np.flatnonzero(shape.any(axis=1))
    middle = int(np.average(rows, weights=shape.sum(axis=1)[rows])) if len(rows) else 0
    beside = np.flatnonzero(shape[max(middle - high // 2, 0) : middle + high // 2 + 1].any(axis=0))
    least, most = (int(beside[0]), int(beside[-1])) if len(beside) else (0, shape.shape[1] - 1)
    top, start = box[0].start + middle - high // 2, box[1].start
    left = start + shape.shape[1] // 2 - wide // 2
    corners = (
        (top, start + most + 2), (top, start + least - wide - 1),
        (box[0].start - high - 1, left), (box[0].stop + 1, left), (top, left),
    )  # fmt: skip
    for y, x in corners:
        inside = y >= 0 and x >= 0 and y + high <= taken.shape[0] and x + wide <= taken.shape[1]
        if inside and not taken[y : y + high, x : x + wide].any():
            taken[y : y + high, x : x + wide] = True
            return x + 2, y + high / 2
    return None


def _surrounded(
    drawn: Pixels, full_width: int, about: Surround, entries: list[strips.Entry]
) -> Pixels:
    """The drawn picture with its caption above, and scale bar and legend below it."""
    width = drawn.shape[1]
    size = strips.text_size(width)
    parts = [strips.caption(about.caption, width, size)] if about.caption.strip() else []
    parts.append(drawn)
    if about.analysed is not None and not np.all(about.analysed):
        entries = [*entries, strips.Entry("not analysed", strips.block((110, 110, 110)))]
    if about.um_per_px is not None and about.scale_bar:
        um_per_px = about.um_per_px * full_width / width
        entries = [_scale_bar(width, um_per_px), *entries]
    parts += [strips.legend(entries, width, size)] if entries else []
    return np.vstack(parts)


def _scale_bar(width: int, um_per_px: float) -> strips.Entry:
    """A bar of a round length with its label, as an entry of the legend."""
    if not 0 < um_per_px < math.inf:
        raise UsageError(f"Found {um_per_px:g} µm per px, expected a number above 0.")
    length = round_length_um(width * um_per_px)
    bar = np.zeros((5, max(round(length / um_per_px), 1), 3), dtype=np.uint8)
    return strips.Entry(length_words(length), bar)
