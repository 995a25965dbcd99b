"""Pictures to be looked at: files beside the workbook, and the contact sheet in it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from assaykit.report.outputs import file_stem, write_bytes
from assaykit.report.pages import Drawing, add_page, place_drawings, title
from assaykit.report.sheets import Book

CONTACT_SHEET = "contact_sheet.jpg"
_DOTS_PER_INCH = 96


def write_images(images: Mapping[str, bytes], folder: Path, stem: str) -> dict[str, Path]:
    """Write pictures beside a plate's workbook, each under a legal name.

    Parameters
    ----------
    images
        JPEG by name, such as ``contact_sheet.jpg`` or ``overlays/A1 2.jpg``.
    folder, stem
        Where the workbook stands and what it is called.

    Returns
    -------
    dict of str to pathlib.Path
        Each file by its name without the extension.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = write_images({"overlays/A1.jpg": b""}, Path(folder), "P1")
    ...     made["overlays/A1"].relative_to(folder).as_posix()
    'P1.overlays/A1.jpg'
    """
    written: dict[str, Path] = {}
    taken: dict[str, list[str]] = {}
    for name, data in images.items():
        path = PurePosixPath(name)
        stems = taken.setdefault(str(path.parent), [])
        stems.append(file_stem(path.stem, stems))
        file = f"{stems[-1]}{path.suffix}"
        inside = path.parent.name
        place = folder / f"{stem}.{inside}" / file if inside else folder / f"{stem}.{file}"
        written[str(path.with_suffix(""))] = write_bytes(place, data)
    return written


def add_contact_sheet(book: Book, plate: str, images: Mapping[str, bytes]) -> None:
    """Add the sheet Contact sheet, where a plate has one."""
    from PIL import Image

    if CONTACT_SHEET not in images:
        return
    data = images[CONTACT_SHEET]
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        dots = picture.info.get("dpi", (_DOTS_PER_INCH, _DOTS_PER_INCH))
    page = add_page(book, "Contact sheet", (24,))
    title(page, 0, plate, "Every well, in its place")
    words = f"Contact sheet of {plate}: a picture of each well with its result."
    scale = float(dots[0]) / _DOTS_PER_INCH if dots[0] > 1 else 1.0
    place_drawings(page, [Drawing(data, width, height, words, scale)])
