"""Micrometres per pixel from what a picture's file says, and when that is believed.

In this order: OME-XML; ImageJ's description (its unit with the resolution tags); the resolution
tags of TIFF, PNG (pHYs) or JPEG (JFIF) alone. A bare resolution is a microscope's or scanner's
only above 1000 pixels per inch (below 25.4 µm per pixel): 72, 96, 150, 300 and 600 dpi are what
programs write for a printer, and a wrong scale is worse than none.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from xml.parsers import expat

from assaykit.errors import InputError, Problem
from assaykit.readers.picture_file import damaged
from assaykit.values import normalise

COARSEST_BELIEVED_UM = 25.4  # 1000 pixels per inch
_FINEST_BELIEVED_UM = 0.001
_SQUARE_WITHIN = 0.01
_INCH_UM = 25_400.0
_MAX_ELEMENTS = 100_000
_MAX_DEPTH = 50

_UNITS_UM: dict[str, float] = {
    "pm": 1e-6, "angstrom": 1e-4, "å": 1e-4, "nm": 1e-3, "nanometer": 1e-3, "µm": 1.0,
    "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "mm": 1e3,
    "millimeter": 1e3, "cm": 1e4, "m": 1e6, "meter": 1e6, "in": _INCH_UM, "inch": _INCH_UM,
}  # fmt: skip
_UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Scale:
    """Micrometres per pixel, or None; where it comes from; what was not believed."""

    um_per_px: float | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Ome:
    """What OME-XML says about the picture with the size of the page.

    Parameters
    ----------
    x_um, y_um
        Size of a pixel in µm; None where it is not said.
    significant_bits
        Bits of a sample that are used; 0 where it is not said.
    readable
        The XML could be read.
    """

    x_um: float | None = None
    y_um: float | None = None
    significant_bits: int = 0
    readable: bool = True


def from_density(across: float, down: float, unit_um: float, source: str, file: str) -> Scale:
    """Scale from pixels per unit, where ``unit_um`` is the unit in µm (0: no unit).

    Raises
    ------
    InputError
        It is believed, but pixels are not square.

    Examples
    --------
    >>> from_density(10000, 10000, 10000.0, "TIFF tags", "A1.tif").um_per_px
    1.0
    >>> from_density(300, 300, 25400.0, "TIFF tags", "A1.tif").note
    '300 dpi is a setting for printers and not taken as a scale'
    """
    if not (unit_um and across > 0 and math.isfinite(across)):
        return Scale()
    um_per_px = unit_um / across
    if um_per_px >= COARSEST_BELIEVED_UM:
        dpi = round(_INCH_UM / um_per_px)
        return Scale(note=f"{dpi} dpi is a setting for printers and not taken as a scale")
    return _square(um_per_px, unit_um / down if down > 0 else None, source, file)


def from_imagej(description: str, across: float, down: float, file: str) -> Scale:
    r"""Scale from ImageJ's description and the resolution tags, in pixels per its unit.

    Raises
    ------
    InputError
        Pixels are not square.

    Examples
    --------
    >>> from_imagej("ImageJ=1.53\nunit=micron\n", 1.25, 1.25, "A1.tif").um_per_px
    0.8
    """
    unit = _line_of(description, "unit")
    factor = _unit_um(_UNICODE_ESCAPE.sub(lambda m: chr(int(m[1], 16)), unit))
    if not (factor and across > 0):
        return Scale()
    return _square(factor / across, factor / down if down > 0 else None, "ImageJ", file)


def imagej_images(description: str) -> int:
    r"""Number of pictures that ImageJ says the file holds (1 where it says nothing).

    Examples
    --------
    >>> imagej_images("ImageJ=1.53\nimages=3\n")
    3
    """
    text = _line_of(description, "images")
    return int(text) if text.isdigit() else 1


def from_ome(ome: Ome, file: str) -> Scale:
    """Scale from OME-XML.

    Raises
    ------
    InputError
        Pixels are not square.

    Examples
    --------
    >>> from_ome(Ome(0.5, 0.5), "A1.ome.tif")
    Scale(um_per_px=0.5, source='OME-XML', note='')
    """
    if not ome.readable:
        return Scale(note="its OME-XML cannot be read")
    return Scale() if ome.x_um is None else _square(ome.x_um, ome.y_um, "OME-XML", file)


def _square(x_um: float, y_um: float | None, source: str, file: str) -> Scale:
    if not _FINEST_BELIEVED_UM < x_um < 1e5:
        return Scale(note=f"{x_um:g} µm per pixel is not believed")
    if y_um is not None and abs(y_um / x_um - 1) > _SQUARE_WITHIN:
        message = f"its pixels are {x_um:g} µm wide and {y_um:g} µm high ({source})"
        remedy = "Save it with square pixels, or correct its scale."
        raise InputError([Problem("not_square", message, file, remedy=remedy)])
    return Scale(x_um, source)


def _line_of(description: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", description, re.MULTILINE)
    return found[1].strip() if found else ""


def _unit_um(unit: str) -> float:
    return _UNITS_UM.get(normalise(unit).casefold().removesuffix("."), 0.0)


def read_ome(text: bytes, height: int, width: int, file: str) -> Ome:
    """What OME-XML says; the XML is read as a stream, and a document type is refused.

    Parameters
    ----------
    text
        The XML.
    height, width
        Size of the page in px; the first ``Pixels`` of that size count.
    file
        Name of the picture, for messages.

    Raises
    ------
    UnreadableFileError
        It declares entities (DOCTYPE) or is nested too deeply.

    Examples
    --------
    >>> read_ome(b"<OME><Pixels SizeX='9' SizeY='9' PhysicalSizeX='500' PhysicalSizeXUnit='nm'/>"
    ...          b"</OME>", 9, 9, "A1.ome.tif").x_um
    0.5
    """
    found: list[dict[str, str]] = []
    state = {"elements": 0, "depth": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        state["elements"] += 1
        state["depth"] += 1
        if state["elements"] > _MAX_ELEMENTS or state["depth"] > _MAX_DEPTH:
            raise damaged("too_large", file, "its OME-XML is too large for a picture")
        if name.rpartition(":")[2] == "Pixels":
            found.append(attributes)

    def end(_: str) -> None:
        state["depth"] -= 1

    def doctype(*_: object) -> None:
        message = "its OME-XML declares its own entities (DOCTYPE), which no microscope writes"
        raise damaged("doctype", file, message, "Do not use this file; ask its sender.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        return Ome(readable=False)
    return _of_size(found, height, width)


def _of_size(found: list[dict[str, str]], height: int, width: int) -> Ome:
    for pixels in found:
        if (pixels.get("SizeX"), pixels.get("SizeY")) == (str(width), str(height)):
            bits = pixels.get("SignificantBits", "")
            x_um, y_um = (_physical(pixels, axis) for axis in "XY")
            return Ome(x_um, y_um, int(bits) if bits.isdigit() else 0)
    return Ome()


def _physical(pixels: dict[str, str], axis: str) -> float | None:
    """Size of a pixel in µm along an axis."""
    factor = _unit_um(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    try:
        size = float(pixels.get(f"PhysicalSize{axis}", ""))
    except ValueError:
        return None
    return size * factor if factor and size > 0 and math.isfinite(size) else None
