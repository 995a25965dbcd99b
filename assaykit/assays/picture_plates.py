"""What assays that measure pictures have in common: from files to working pictures of wells.

::

    pictures of the wells  →  decoded once, in threads  →  working pictures with scale and quality

A picture that cannot be read, has no scale or another magnification than the others fails with
its reason; the others go on.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from assaykit.assays.picture_lattice import Circle, wells_in
from assaykit.assays.picture_parameters import PLATE, WELL, PictureParameters
from assaykit.assays.picture_store import PictureStore
from assaykit.errors import AssaykitError, InputError, Problem
from assaykit.images.circles import disc, find_well
from assaykit.images.illumination import background_colour
from assaykit.images.quality import Quality, QualityProbe
from assaykit.images.tiles import Region, Shrinker, reduction
from assaykit.provenance import InputFile
from assaykit.readers.pictures import Picture, open_picture

if TYPE_CHECKING:
    import pandas as pd

    from assaykit.images.colour import Pixels
    from assaykit.images.mineral import Mask

T = TypeVar("T")
R = TypeVar("R")
_SAME_SCALE = 0.01
_ROWS = 512
_ONE_COLOUR = 1.0  # standard deviation of a picture that shows nothing, of 255


@dataclass(frozen=True)
class Source:
    """One picture of one well.

    Parameters
    ----------
    plate, well, field
        What it is of.
    file, path
        Its name below the folder of the template, and where it is.
    """

    plate: str
    well: str
    field: str
    file: str
    path: Path


@dataclass(frozen=True)
class Seen:
    """A picture of a well after it was looked at.

    Parameters
    ----------
    source
        Which picture.
    failed
        Why it has no result; empty where it has one.
    stored
        Number of its working picture in the store.
    width_px, height_px
        Its size: of the whole file, or of the well in it.
    um_per_px, scale_source
        Size of a pixel that is used, in µm, and where that comes from.
    file_um_per_px
        What the file says; missing where it says nothing that can be believed.
    working_um_per_px
        Size of a pixel of the working picture.
    circle
        The well in the working picture; None: all of it is analysed.
    quality, background
        Focus and saturation; red, green and blue of the brightest tenth.
    notes
        What was done to the picture when it was read.
    sha256, size_bytes
        Of the file.
    """

    source: Source
    failed: str = ""
    stored: int = -1
    width_px: int = 0
    height_px: int = 0
    um_per_px: float = math.nan
    scale_source: str = ""
    file_um_per_px: float = math.nan
    working_um_per_px: float = math.nan
    circle: Circle | None = None
    quality: Quality = field(default_factory=lambda: Quality(math.nan, math.nan))
    background: tuple[float, ...] = (math.nan, math.nan, math.nan)
    notes: str = ""
    sha256: str = ""
    size_bytes: int = 0

    @property
    def name(self) -> str:
        """What it is called in messages: well and field."""
        return f"{self.source.well} {self.source.field}".strip()

    def region(self, shape: Sequence[int], rim_percent: float) -> Mask | None:
        """Pixels of the working picture inside the well, without its rim; None: all."""
        if self.circle is None:
            return None
        inside = self.circle.radius * (1 - rim_percent / 100)
        return disc(shape[0], shape[1], self.circle.x, self.circle.y, inside)


def sources_of(wells: pd.DataFrame) -> list[Source]:
    """The pictures of annotated wells, in the order of the wells."""
    from assaykit.tables import PICTURE_CHANNEL

    return [
        Source(
            str(row["plate"]),
            str(row["well"]),
            str(row["channel"]).removeprefix(PICTURE_CHANNEL).strip(),
            str(row["source"]),
            Path(str(row["picture"])),
        )
        for row in wells.to_dict("records")
        if row["picture"]
    ]


def look_at(
    sources: Sequence[Source],
    parameters: PictureParameters,
    resolution_um: float,
    store: PictureStore,
) -> list[Seen]:
    """Decode every picture once and keep its working picture.

    Parameters
    ----------
    sources
        The pictures.
    parameters
        What they show, their scale.
    resolution_um
        Size of a pixel of the working pictures, in µm.
    store
        Where the working pictures are kept.

    Returns
    -------
    list of Seen
        One for each source, in their order.

    Raises
    ------
    InputError
        No picture has a scale, and none is declared.
    """
    look = Look(parameters, resolution_um, store)
    if parameters.picture_of == PLATE:
        by_file: dict[Path, list[Source]] = {}
        for source in sources:
            by_file.setdefault(source.path, []).append(source)
        found = {
            seen.source: seen
            for own in in_threads(look.plate, by_file.values(), "pictures")
            for seen in own
        }
        seen_all = [found[source] for source in sources]
    else:
        seen_all = list(in_threads(look.one, sources, "pictures"))
    _check_scales(seen_all)
    return _odd_ones_out(seen_all)


@dataclass(frozen=True)
class Look:
    """How pictures are looked at; see :func:`look_at`."""

    parameters: PictureParameters
    resolution_um: float
    store: PictureStore

    def one(self, source: Source) -> Seen:
        """Look at a picture of one well."""
        try:
            picture = open_picture(source.path, bits=self.parameters.bits)
            return self._measured(source, picture)
        except AssaykitError as error:
            return Seen(source, failed=_without_place(error))

    def _measured(self, source: Source, picture: Picture) -> Seen:
        scale, said_by = self._scale(picture)
        factor = reduction(scale, self.resolution_um)
        region = Region(0, picture.height, 0, picture.width)
        (shrinker,), (probe,) = _gather(picture, [region], factor)
        circle = None
        if self.parameters.picture_of == WELL:
            x, y, radius = find_well(shrinker.picture)
            circle = Circle(x, y, radius)
        seen = Seen(
            source, um_per_px=scale, scale_source=said_by, circle=circle,
            file_um_per_px=picture.um_per_px or math.nan,
            notes="; ".join(picture.notes), sha256=picture.sha256,
            size_bytes=source.path.stat().st_size,
        )  # fmt: skip
        return self._kept(seen, shrinker, probe, factor)

    def plate(self, sources: Sequence[Source]) -> list[Seen]:
        """Look at a picture of the whole plate; one result for each of its wells."""
        try:
            picture = open_picture(sources[0].path, bits=self.parameters.bits)
            return self._wells_of(sources, picture)
        except AssaykitError as error:
            return [Seen(source, failed=_without_place(error)) for source in sources]

    def _wells_of(self, sources: Sequence[Source], picture: Picture) -> list[Seen]:
        lattice = wells_in(picture, self.parameters)
        declared = self.parameters.um_per_px
        scale, said_by = declared or lattice.um_per_px, "declared" if declared else "wells' lattice"
        factor = reduction(scale, self.resolution_um)
        known = [source for source in sources if source.well in lattice.circles]
        regions = [_square(lattice.circles[source.well], picture) for source in known]
        shrinkers, probes = _gather(picture, regions, factor)
        seen = {}
        for source, region, shrinker, probe in zip(known, regions, shrinkers, probes, strict=True):
            well = lattice.circles[source.well]
            circle = Circle(
                (well.x - region.left + 0.5) / factor - 0.5,
                (well.y - region.top + 0.5) / factor - 0.5,
                well.radius / factor,
            )
            bare = Seen(
                source, um_per_px=scale, scale_source=said_by, circle=circle,
                file_um_per_px=picture.um_per_px or math.nan,
                notes="; ".join(picture.notes), sha256=picture.sha256,
                size_bytes=source.path.stat().st_size,
            )  # fmt: skip
            seen[source] = self._kept(bare, shrinker, probe, factor)
        lacking = f"the picture shows no such well: it has {lattice.words}"
        return [seen.get(source, Seen(source, failed=lacking)) for source in sources]

    def _kept(self, seen: Seen, shrinker: Shrinker, probe: QualityProbe, factor: int) -> Seen:
        working = shrinker.picture
        inside = seen.region(working.shape, self.parameters.rim)
        shown = None if inside is None else inside.view(np.uint8)
        spread = float(cv2.meanStdDev(working, mask=shown)[1].max())
        return replace(
            seen,
            failed="" if spread >= _ONE_COLOUR else NOTHING_TO_SEE,
            stored=self.store.add(working),
            width_px=shrinker.region.width,
            height_px=shrinker.region.height,
            working_um_per_px=seen.um_per_px * factor,
            quality=probe.quality,
            background=background_colour(working, inside),
        )

    def _scale(self, picture: Picture) -> tuple[float, str]:
        if self.parameters.um_per_px is not None:
            return self.parameters.um_per_px, "declared"
        if picture.um_per_px is not None:
            return picture.um_per_px, picture.scale_source
        raise InputError([Problem("no_scale", NO_SCALE)])


NOTHING_TO_SEE = "there is nothing to see: all of it has nearly one colour"
NO_SCALE = "the size of a pixel is not known: the file does not say it"


def _gather(
    picture: Picture, regions: Sequence[Region], factor: int
) -> tuple[list[Shrinker], list[QualityProbe]]:
    """The working pictures and the quality of several regions, in one pass over the picture."""
    shrinkers = [Shrinker(region, factor) for region in regions]
    probes = [QualityProbe(region) for region in regions]
    for top, rows in picture.bands(_ROWS):
        for shrinker, probe in zip(shrinkers, probes, strict=True):
            shrinker.add(top, rows)
            probe.add(top, rows)
    return shrinkers, probes


def _square(well: Circle, picture: Picture) -> Region:
    """The part of a picture around a well."""
    top, left = (max(int(c - well.radius), 0) for c in (well.y, well.x))
    bottom = min(math.ceil(well.y + well.radius) + 1, picture.height)
    right = min(math.ceil(well.x + well.radius) + 1, picture.width)
    return Region(top, bottom, left, right)


def _without_place(error: AssaykitError) -> str:
    """An error as a reason; the file stands beside it."""
    if isinstance(error, InputError):
        return "; ".join(str(replace(p, file="", well="")) for p in error.problems)
    return str(error)


def _check_scales(seen: Sequence[Seen]) -> None:
    """Without any scale nothing can be measured."""
    if seen and all(NO_SCALE in one.failed for one in seen):
        message = (
            f"um_per_px is empty, and none of the {len(seen)} pictures says how large a pixel is"
        )
        remedy = (
            "Write the size of a pixel in µm beside um_per_px; it stands in the microscope's "
            "software, or is measured with a stage micrometer."
        )
        raise InputError([Problem("no_scale", message, sheet="Settings", remedy=remedy)])


def _odd_ones_out(seen: Sequence[Seen]) -> list[Seen]:
    """Pictures whose magnification differs from that of most fail."""
    good = [one for one in seen if not one.failed]
    if not good:
        return list(seen)
    scale = float(np.median([one.um_per_px for one in good]))
    sizes = Counter((one.width_px, one.height_px) for one in good if one.circle is None)
    usual = sizes.most_common(1)[0][0] if sizes else (0, 0)
    return [replace(one, failed=one.failed or _why_odd(one, scale, usual)) for one in seen]


def _why_odd(one: Seen, scale: float, usual: tuple[int, int]) -> str:
    if abs(one.um_per_px / scale - 1) > _SAME_SCALE:
        return (
            f"its pixels are {one.um_per_px:.4g} µm, those of the other pictures {scale:.4g} µm: "
            "pictures of one plate must have one magnification"
        )
    own = (one.width_px, one.height_px)
    if one.circle is None and own != usual and min(usual):
        ratio = own[0] / usual[0], own[1] / usual[1]
        if abs(ratio[0] / ratio[1] - 1) < 0.02:
            return (
                f"it has {own[0]} × {own[1]} px, the other pictures {usual[0]} × {usual[1]} px: "
                "it seems to have another magnification or binning"
            )
    return ""


def in_threads(work: Callable[[T], R], items: Iterable[T], words: str) -> Iterator[R]:
    """Results in the order of the items, with a progress bar where a person looks on."""
    import sys

    from tqdm import tqdm

    listed = list(items)
    with one_thread_each(), ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        bar = tqdm(
            pool.map(work, listed), total=len(listed), desc=words, unit="picture",
            file=sys.stderr, disable=None, leave=False,
        )  # fmt: skip
        yield from bar


@contextmanager
def one_thread_each() -> Iterator[None]:
    """OpenCV with one thread in each of ours, so that the two do not fight for the cores."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@dataclass(frozen=True, eq=False)
class FixedField:
    """A flat or dark field at the resolution of the measurement, and the file that it is of."""

    picture: Pixels
    file: InputFile


def fixed_field(name: str, seen: Seen | None, parameters: PictureParameters) -> FixedField | None:
    """A flat or dark field that stands in the folder of the template; None where none is named.

    Parameters
    ----------
    name
        Of its file.
    seen
        A picture that it should fit; None: there is none.
    parameters
        What the pictures show.

    Raises
    ------
    InputError
        It is not there, cannot be read, or has another size than the pictures; or the pictures
        are of the whole plate, whose light differs from well to well.
    """
    if not name or seen is None:
        return None
    if parameters.picture_of == PLATE:
        message = f"'{name}' cannot correct a picture of the whole plate"
        remedy = "Leave flat_field and dark_field empty, or photograph well by well."
        raise InputError([Problem("fixed_field", message, sheet="Settings", remedy=remedy)])
    source = seen.source
    folder = source.path.parents[len(Path(source.file).parts) - 1]
    picture = open_picture(folder / name, bits=parameters.bits)
    if (picture.width, picture.height) != (seen.width_px, seen.height_px):
        message = (
            f"it has {picture.width} × {picture.height} px, the pictures {seen.width_px} × "
            f"{seen.height_px} px"
        )
        remedy = "Take it with the same camera and binning."
        raise InputError([Problem("fixed_field", message, name, remedy=remedy)])
    region = Region(0, picture.height, 0, picture.width)
    (shrinker,), _ = _gather(picture, [region], round(seen.working_um_per_px / seen.um_per_px))
    size = (folder / name).stat().st_size
    return FixedField(shrinker.picture, InputFile(name, picture.sha256, size))


def picture_rows(seen: Sequence[Seen]) -> pd.DataFrame:
    """The table of the pictures: one row each, with what is known of the file and its quality."""
    import pandas as pd

    rows = [
        {
            "plate": one.source.plate, "well": one.source.well, "field": one.source.field,
            "file": one.source.file, "failed": one.failed,
            "width_px": one.width_px or math.nan, "height_px": one.height_px or math.nan,
            "um_per_px": one.um_per_px, "scale_source": one.scale_source,
            "file_um_per_px": one.file_um_per_px,
            "focus": one.quality.focus, "saturated_fraction": one.quality.saturated_fraction,
            **{
                f"background_{name}": value
                for name, value in zip(("red", "green", "blue"), one.background, strict=True)
            },
            "notes": one.notes, "sha256": one.sha256,
        }
        for one in seen
    ]  # fmt: skip
    return pd.DataFrame(rows)


def files_of(seen: Iterable[Seen]) -> tuple[InputFile, ...]:
    """The files that were read, each once."""
    return tuple(
        dict.fromkeys(
            InputFile(one.source.file, one.sha256, one.size_bytes) for one in seen if one.sha256
        )
    )
