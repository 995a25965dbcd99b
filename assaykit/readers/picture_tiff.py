"""TIFF: which page is the picture, what its samples mean, and whether all its parts are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.readers import picture_tags as t
from assaykit.readers.picture_file import (
    SAVE_AS,
    PictureFile,
    PictureLimits,
    check_size,
    check_whole,
    damaged,
    truncated,
)
from assaykit.readers.picture_pieces import COMPRESSIONS, JPEG, Page, pieces
from assaykit.readers.picture_samples import Alpha, SampleForm, to_rgb, upright
from assaykit.readers.picture_scale import (
    Ome,
    Scale,
    from_density,
    from_imagej,
    from_ome,
    imagej_images,
    read_ome,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WHITE_IS_ZERO, _GREY, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_COLOURS = {_WHITE_IS_ZERO: 1, _GREY: 1, _RGB: 3, _PALETTE: 1, _YCBCR: 3}
_OTHER_COLOURS = {4: "a mask", 5: "CMYK, the colours of a printer", 8: "CIE L*a*b*", 32803: "raw"}
_OTHER_COMPRESSIONS = {
    2: "CCITT", 3: "fax", 4: "fax", 6: "old JPEG", 33003: "JPEG 2000", 33005: "JPEG 2000",
    34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP",
}  # fmt: skip
_FORMATS = {2: "signed whole numbers", 3: "floating point numbers", 5: "complex numbers",
            6: "complex numbers"}  # fmt: skip
_LEVEL_SHARE = 0.75  # a page below this share of the largest, in both directions, is its small copy
_ONE_PER_FILE = "Save one picture per file."
_SIXTEEN = "16 bit, brought to 8 bit by division by 257"


@dataclass(frozen=True)
class Tiff:
    """The page of a TIFF that is the picture.

    Parameters
    ----------
    page
        Where its parts are and how they are packed.
    form
        What its samples mean.
    bits
        Bits of a sample that are used.
    declared
        The number of bits is declared, or is 8.
    orientation
        1 to 8.
    scale, notes
        Size of a pixel, and remarks.
    """

    page: Page
    form: SampleForm
    bits: int
    declared: bool
    orientation: int
    scale: Scale
    notes: tuple[str, ...]

    @property
    def height(self) -> int:
        """Height as stored, in px."""
        return self.page.height

    @property
    def width(self) -> int:
        """Width as stored, in px."""
        return self.page.width

    @property
    def streams(self) -> bool:
        """Whether rows can be read without the whole picture in memory."""
        return self.orientation == 1

    def pixels(self, source: PictureFile) -> NDArray[np.uint8]:
        """RGB, upright."""
        import numpy as np

        whole = np.empty((self.height, self.width, 3), np.uint8)
        for row, part in self.pieces(source):
            whole[row : row + len(part)] = part
        return whole if self.streams else upright(whole, self.orientation)

    def pieces(self, source: PictureFile) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """First row and RGB rows, as they are stored, from the top to the bottom."""
        with source.reading() as read:
            for row, samples in pieces(self.page, read, source.file):
                yield row, to_rgb(samples, self.form, source.file)


def open_tiff(source: PictureFile, limits: PictureLimits, bits: int | None) -> Tiff:
    """Find the picture in a TIFF and check that all its parts are there; nothing is decoded.

    Raises
    ------
    UnreadableFileError
        It is cut off, damaged, too large, or of a kind that is not read.
    InputError
        It holds several pictures, or its pixels are not square.
    """
    with source.reading() as read:
        pages = t.read_pages(read, source.size, source.file, limits)
    tags = _picture_page(pages, source.file, limits)
    page = _page(tags, source, limits)
    description = tags.raw(t.DESCRIPTION) or pages[0].raw(t.DESCRIPTION)
    description = description.strip(b"\0 \r\n\t")
    ome = Ome()
    if description.startswith(b"<") and b"OME" in description[:4000]:
        ome = read_ome(description, page.height, page.width, source.file)
    scale = _scale(tags, description, ome, source.file)
    used, declared = _bits_used(tags, page.bits, ome, bits)
    form, notes = _form(tags, page, used, source.file)
    turn = tags.number(t.ORIENTATION, 1)
    turn = turn if 1 <= turn <= 8 else 1
    if turn != 1:
        check_whole(page.height, page.width, source.file, limits)
    return Tiff(page, form, used, declared, turn, scale, notes)


def _picture_page(pages: list[t.Tags], file: str, limits: PictureLimits) -> t.Tags:
    """The one page that is the picture; thumbnails, masks and smaller copies are passed over."""
    sizes = [(page.number(t.HEIGHT), page.number(t.WIDTH)) for page in pages]
    full = [i for i, page in enumerate(pages) if not page.number(t.SUBFILE) & 5]
    full = full or list(range(len(pages)))
    largest = max(full, key=lambda i: sizes[i][0] * sizes[i][1])
    for height, width in sizes:
        check_size(max(height, 1), max(width, 1), file, limits)
    height, width = sizes[largest]
    check_size(height, width, file, limits)
    alike = [
        i for i in full
        if sizes[i][0] > _LEVEL_SHARE * height or sizes[i][1] > _LEVEL_SHARE * width
    ]  # fmt: skip
    count = max(len(alike), imagej_images(_text(pages[0])), pages[largest].number(t.DEPTH, 1))
    if count > 1:
        message = (
            f"it holds {count} pictures of full size ({width} × {height} px), expected one "
            f"picture (and, if need be, smaller copies of it)"
        )
        remedy = f"{_ONE_PER_FILE[:-1]}, for example page {largest + 1} alone."
        raise InputError([Problem("several_pages", message, file, remedy=remedy)])
    return pages[largest]


def _text(tags: t.Tags) -> str:
    text = tags.raw(t.DESCRIPTION)
    return text.decode("utf-8", "replace") if text.startswith(b"ImageJ") else ""


def _page(tags: t.Tags, source: PictureFile, limits: PictureLimits) -> Page:
    """Where the parts of the picture are; all of them must lie within the file."""
    file = source.file
    _check_samples(tags, file)
    tile = (tags.number(t.TILE_HEIGHT), tags.number(t.TILE_WIDTH))
    tiled = t.TILE_OFFSETS in tags.values
    height, width = tags.number(t.HEIGHT), tags.number(t.WIDTH)
    rows = min(tags.number(t.ROWS_PER_STRIP, height) or height, height)
    page = Page(
        height, width, tags.number(t.SAMPLES, 1), tags.number(t.BITS, 1), tags.order,
        tags.number(t.COMPRESSION, 1), tags.number(t.PHOTOMETRIC, _GREY),
        tags.number(t.PLANAR, 1) == 2 and tags.number(t.SAMPLES, 1) > 1,
        tags.number(t.PREDICTOR, 1), tile if tiled else (rows, width), tiled,
        tags.array(t.TILE_OFFSETS if tiled else t.STRIP_OFFSETS),
        tags.array(t.TILE_COUNTS if tiled else t.STRIP_COUNTS), tags.raw(t.JPEG_TABLES),
    )  # fmt: skip
    _check_parts(page, source)
    if page.tile[0] * page.tile[1] < 1:
        raise damaged("damaged", file, "its tiles have no pixels")
    if not page.sliceable:
        check_whole(page.tile[0], max(page.tile[1], page.width), file, limits)
    return page


def _check_samples(tags: t.Tags, file: str) -> None:
    """Raise for samples, colours and compressions that are not read."""
    bits = set(tags.numbers(t.BITS) or [1])
    formats = {int(value) for value in tags.numbers(t.SAMPLE_FORMAT)} - {1, 4}
    if formats:
        found = " and ".join(_FORMATS.get(kind, "unknown numbers") for kind in formats)
        what = f"its samples are {found} with {max(bits):.0f} bits"
        message = f"{what}, expected whole numbers from 0 with 8 or 16 bits"
        raise damaged("unsupported_samples", file, message, "Save it as RGB with 8 or 16 bits.")
    if not bits <= {8, 16} or len(bits) > 1:
        found = ", ".join(f"{value:.0f}" for value in sorted(bits))
        message = f"its samples have {found} bits, expected 8 or 16"
        raise damaged("unsupported_samples", file, message, "Save it as RGB with 8 or 16 bits.")
    _check_colours(tags, file)
    compression = tags.number(t.COMPRESSION, 1)
    if compression not in COMPRESSIONS or tags.number(t.PREDICTOR, 1) > 2:
        name = _OTHER_COMPRESSIONS.get(compression, f"kind {compression}")
        known = ", ".join(dict.fromkeys(COMPRESSIONS.values()))
        message = f"it is compressed with {name}, expected {known}"
        raise damaged("unsupported_compression", file, message, "Save it with LZW.")
    if tags.number(t.FILL_ORDER, 1) != 1:
        raise damaged("unsupported_compression", file, "its bits stand in reverse order", SAVE_AS)


def _check_colours(tags: t.Tags, file: str) -> None:
    kind = tags.number(t.PHOTOMETRIC, _GREY)
    packed = kind == _YCBCR and tags.number(t.COMPRESSION, 1) != JPEG
    if kind not in _COLOURS or packed:
        name = "YCbCr without JPEG" if packed else _OTHER_COLOURS.get(kind, f"kind {kind}")
        message = f"its colours are {name}, expected grey, RGB or a palette"
        raise damaged("unsupported_colours", file, message, "Save it as RGB.")
    samples = tags.number(t.SAMPLES, 1)
    extra = samples - _COLOURS[kind]
    unknown = not tags.numbers(t.EXTRA_SAMPLES) or tags.number(t.EXTRA_SAMPLES) not in (1, 2)
    if extra not in (0, 1) or (extra and _COLOURS[kind] == 1 and unknown):
        message = f"it has {samples} channels, expected grey or RGB (with or without alpha)"
        raise damaged("unsupported_colours", file, message, "Save it as RGB.")


def _check_parts(page: Page, source: PictureFile) -> None:
    """Raise unless every strip or tile is there, within the file."""
    expected, what = page.parts, "tiles" if page.tiled else "strips"
    found = min(len(page.offsets), len(page.counts))
    if found < expected:
        message = f"it names {found} of {expected} {what}"
        raise damaged("damaged", source.file, message)
    offsets, counts = page.offsets[:expected], page.counts[:expected]
    ends = offsets + counts
    if bool((offsets < 8).any() or (counts <= 0).any() or (ends < offsets).any()):
        raise damaged("damaged", source.file, f"some of its {what} are empty")
    outside = int((ends > source.size).sum())
    if outside:
        message = f"{outside} of {expected} {what} lie behind the end of the file"
        raise truncated(source.file, message)


def _scale(tags: t.Tags, description: bytes, ome: Ome, file: str) -> Scale:
    """OME-XML goes before ImageJ, and ImageJ before the bare resolution."""
    across, down = ((tags.numbers(tag) or [0.0])[0] for tag in (t.X_RESOLUTION, t.Y_RESOLUTION))
    found = from_ome(ome, file)
    if found.um_per_px is None and description.startswith(b"ImageJ"):
        text = description.decode("utf-8", "replace")
        found = from_imagej(text, across, down, file)
    if found.um_per_px is not None:
        return found
    unit = {2: 25_400.0, 3: 10_000.0}.get(tags.number(t.RESOLUTION_UNIT, 2), 0.0)
    bare = from_density(across, down, unit, "TIFF tags", file)
    notes = "; ".join(note for note in (found.note, bare.note) if note)
    return replace(bare, note=notes)


def _bits_used(tags: t.Tags, bits: int, ome: Ome, given: int | None) -> tuple[int, bool]:
    """Bits of a sample that are used, and whether that is declared."""
    if bits == 8:
        return 8, True
    if given is not None:
        return given, True
    highest = {int(value) for value in tags.numbers(t.MAX_SAMPLE)}
    by_tag = max(highest).bit_length() if len(highest) == 1 else 0
    if highest != {2**by_tag - 1}:
        by_tag = 0  # the tag often holds the brightest pixel instead of the range
    for declared in (ome.significant_bits, by_tag):
        if 9 <= declared <= 15:
            return declared, True
    return 16, False


def _form(tags: t.Tags, page: Page, used: int, file: str) -> tuple[SampleForm, tuple[str, ...]]:
    """What the samples mean, with remarks."""
    notes: list[str] = []
    if page.bits == 16 and page.photometric != _PALETTE:
        short = f"{used} of 16 bit, brought to 8 bit by the range 0 to {2**used - 1}"
        notes.append(_SIXTEEN if used == 16 else short)
    if page.photometric in (_GREY, _WHITE_IS_ZERO):
        notes.append("greyscale")
    if page.photometric == _WHITE_IS_ZERO:
        notes.append("inverted, since 0 is white in the file")
    alpha: Alpha = ""
    if page.samples > _COLOURS[page.photometric]:
        kinds: dict[int, Alpha] = {1: "premultiplied", 2: "straight"}
        alpha = kinds.get(tags.number(t.EXTRA_SAMPLES), "dropped")
        shown = "alpha removed (transparent parts shown on white)"
        notes.append("a channel of unknown meaning left out" if alpha == "dropped" else shown)
    palette = None
    if page.photometric == _PALETTE:
        palette = _palette(tags, page.bits, file)
        notes.append("palette")
    full_scale = 255 if page.bits == 8 else 2**used - 1
    inverted = page.photometric == _WHITE_IS_ZERO
    return SampleForm(full_scale, inverted, alpha, palette), tuple(notes)


def _palette(tags: t.Tags, bits: int, file: str) -> NDArray[np.uint8]:
    """RGB of each index, from 16 bits (8 bits times 256 or 257) or, as some write, from 8."""
    values = tags.array(t.PALETTE)
    if len(values) != 3 * 2**bits:
        message = f"its palette has {len(values)} numbers, expected {3 * 2**bits}"
        raise damaged("damaged", file, message, "Save it as RGB.")
    eight = values if values.max() < 256 else values >> 8
    return eight.reshape(3, -1).T.astype("uint8")
