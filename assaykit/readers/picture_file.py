"""The bytes of a picture's file: read once, hashed, and told from what is no picture."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assaykit.errors import Problem, UnreadableFileError

Read = Callable[[int, int], bytes]

_CHUNK = 1 << 20
COPY_AGAIN = "Copy or export it again from the microscope or camera."
SAVE_AS = "Save the picture as TIFF or PNG."
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Office file (.xlsx, .docx)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file or an Olympus or Zeiss container (.xls, .oib, .zvi)"),
    (b"%PDF", "a PDF"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"RIFF", "a WebP picture or a film"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"ZISRAWFILE", "a Zeiss file (.czi)"),
    (b"\xda\xce\xbe\x0a", "a Nikon file (.nd2)"),
    (b"\x70\0\0\0", "a Leica file (.lif)"),
    (b"\x89HDF", "an HDF5 file"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<table")


@dataclass(frozen=True)
class PictureLimits:
    """How large a picture may be; far beyond any plate, far below what hurts a computer.

    Parameters
    ----------
    pixels
        Height times width of any picture.
    whole_pixels
        Height times width of what has to be decoded in one piece: a whole PNG or JPEG, or one
        strip or tile of a TIFF. 150 megapixels are 450 MB of memory.
    whole_bytes
        Size of a PNG or JPEG, whose bytes are held in memory, in bytes.
    held_bytes
        A TIFF up to this size is held in memory, a larger one is read piece by piece, in bytes.
    pages
        Number of pages of a TIFF.
    tags
        Number of tags of a page.
    text_bytes
        Length of a TIFF's description, where OME-XML stands, in bytes.

    Examples
    --------
    >>> PictureLimits().whole_pixels
    150000000
    """

    pixels: int = 1_000_000_000
    whole_pixels: int = 150_000_000
    whole_bytes: int = 1_000_000_000
    held_bytes: int = 64_000_000
    pages: int = 1000
    tags: int = 1000
    text_bytes: int = 20_000_000


DEFAULT_LIMITS = PictureLimits()


@dataclass(frozen=True)
class PictureFile:
    """A picture's file and, unless it is a large TIFF, its bytes.

    Parameters
    ----------
    path, file
        Where it is, and its name (NFC) for messages.
    size, modified_ns
        Size in bytes and time of the last change in ns, when it was opened.
    kind
        ``TIFF``, ``PNG`` or ``JPEG``, by its content.
    data
        All its bytes, or None where they are read piece by piece.
    """

    path: Path
    file: str
    size: int
    modified_ns: int
    kind: str
    data: bytes | None = field(repr=False, compare=False)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the bytes, from memory where they are held."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        digest = hashlib.sha256()
        with self.reading() as read:
            for start in range(0, self.size, _CHUNK):
                digest.update(read(start, min(_CHUNK, self.size - start)))
        return digest.hexdigest()

    @contextmanager
    def reading(self) -> Iterator[Read]:
        """Give a function that reads ``count`` bytes at ``offset``, or says that they are missing.

        Raises
        ------
        UnreadableFileError
            The file was changed since it was opened, or ends before the bytes that are asked for.
        """
        if self.data is not None:
            data = self.data
            yield lambda offset, count: self._all_of(data[offset : offset + count], count)
            return
        with self.path.open("rb") as stream:
            now = self.path.stat()
            if (now.st_size, now.st_mtime_ns) != (self.size, self.modified_ns):
                remedy = "Wait until it is written completely, then start again."
                raise damaged("changed", self.file, "it was changed while it was read", remedy)

            def read(offset: int, count: int) -> bytes:
                stream.seek(offset)
                return self._all_of(stream.read(count), count)

            yield read

    def _all_of(self, data: bytes, count: int) -> bytes:
        if len(data) != count:
            raise truncated(self.file, "it ends before the last part of the picture")
        return data


def damaged(code: str, file: str, message: str, remedy: str = COPY_AGAIN) -> UnreadableFileError:
    """An error of one picture, with what to do about it.

    Examples
    --------
    >>> print(damaged("damaged", "A1.tif", "a strip is missing"))
    A1.tif: a strip is missing. Copy or export it again from the microscope or camera.
    """
    return UnreadableFileError([Problem(code, message, file, remedy=remedy)])


def truncated(file: str, message: str) -> UnreadableFileError:
    """The error of a picture that is cut off.

    Examples
    --------
    >>> truncated("A1.tif", "it ends too early").problems[0].code
    'truncated'
    """
    return damaged("truncated", file, f"the picture is cut off: {message}")


def check_size(height: int, width: int, file: str, limits: PictureLimits) -> None:
    """Raise if a picture has no pixels or more than the limit.

    Raises
    ------
    UnreadableFileError
        Height or width is 0, or height times width is too large.

    Examples
    --------
    >>> check_size(100, 100, "A1.tif", DEFAULT_LIMITS)
    """
    if height < 1 or width < 1:
        raise damaged("no_pixels", file, f"it has no pixels ({width} × {height})")
    if height * width > limits.pixels:
        raise _too_many(height, width, file, limits.pixels, "of a picture")


def check_whole(height: int, width: int, file: str, limits: PictureLimits) -> None:
    """Raise if something that has to be decoded in one piece would fill the memory.

    Raises
    ------
    UnreadableFileError
        Height times width is more than ``limits.whole_pixels``.

    Examples
    --------
    >>> check_whole(100, 100, "A1.png", DEFAULT_LIMITS)
    """
    if height * width > limits.whole_pixels:
        what = "of what has to be decoded in one piece (a whole PNG or JPEG, a strip or a tile)"
        raise _too_many(height, width, file, limits.whole_pixels, what)


def _too_many(height: int, width: int, file: str, limit: int, what: str) -> UnreadableFileError:
    message = (
        f"{width} × {height} pixels are {height * width / 1e6:.0f} megapixels, more than the "
        f"limit of {limit / 1e6:.0f} {what}"
    )
    remedy = "Save it as a tiled TIFF, or smaller."
    return damaged("too_many_pixels", file, message, remedy)


def open_file(path: str | Path, limits: PictureLimits = DEFAULT_LIMITS) -> PictureFile:
    """Open a picture's file and tell its kind from its first bytes.

    Raises
    ------
    UnreadableFileError
        There is no such file, it is empty, too large, or no picture that is read.

    Examples
    --------
    >>> try:
    ...     open_file("no such picture.tif")
    ... except UnreadableFileError as error:
    ...     print(error)
    no such picture.tif: there is no such file. Check the name and the folder.
    """
    path = Path(path)
    file = unicodedata.normalize("NFC", path.name)
    try:
        return _opened(path, file, limits)
    except FileNotFoundError as error:
        remedy = "Check the name and the folder."
        raise damaged("no_file", file, "there is no such file", remedy) from error
    except IsADirectoryError as error:
        remedy = "Name one picture in it."
        raise damaged("no_file", file, "it is a folder, expected a picture", remedy) from error
    except OSError as error:
        message = f"it cannot be opened ({error.strerror or type(error).__name__})"
        raise damaged("no_file", file, message, "Check who may read it.") from error


def _opened(path: Path, file: str, limits: PictureLimits) -> PictureFile:
    status = path.stat()
    if path.is_dir():
        raise IsADirectoryError
    with path.open("rb") as stream:
        start = stream.read(4096)
        kind = _kind(start, file)
        held = kind != "TIFF" or status.st_size <= limits.held_bytes
        if held and status.st_size > limits.whole_bytes:
            message = f"it has {status.st_size / 1e6:.0f} MB, expected at most "
            message += f"{limits.whole_bytes / 1e6:.0f} MB for a {kind}"
            raise damaged("too_large", file, message, "Save it as a tiled TIFF.")
        stream.seek(0)
        data = stream.read() if held else None
    size = status.st_size if data is None else len(data)
    return PictureFile(path, file, size, status.st_mtime_ns, kind, data)


def _kind(start: bytes, file: str) -> str:
    if not start:
        raise damaged("empty_file", file, "the file is empty (0 bytes)")
    for signature, kind in _PICTURES:
        if start.startswith(signature):
            return kind
    if not start.strip(b"\0"):
        message = "it holds nothing but zeros: it was not written completely"
        raise damaged("not_a_picture", file, message)
    message = f"it is {_what(start)}, expected a TIFF, PNG or JPEG picture"
    raise damaged("not_a_picture", file, message, SAVE_AS)


def _what(start: bytes) -> str:
    """What a file is that is not read as a picture, in words."""
    for signature, what in _OTHERS:
        if start.startswith(signature):
            return what
    if start[4:8] == b"ftyp":
        return "a HEIC picture or a film"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_MARKUP):
        return "a web page (HTML)"
    if text.startswith(b"<?xml"):
        return "an XML file"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in start)
    return "a text" if printable == len(start) else "of an unknown kind"
