"""What an Excel file is as a file: refuse what is damaged, renamed, protected or hostile.

Nothing is unpacked to disk and nothing in a file is executed. Neither time nor memory depends
on how large a file claims to be: its parts are counted and looked into before they are parsed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from assaykit.errors import Problem, UnreadableFileError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AGAIN = "Open it in Excel and save it as Excel workbook (.xlsx)."
_SPLIT = "If it is a plate of yours, remove pictures and unused sheets."
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How large a workbook may be; far beyond any plate, far below what hurts a computer.

    Parameters
    ----------
    file_bytes
        Size of the file.
    unpacked_bytes
        Size of all its parts together, unpacked.
    part_bytes
        Size of one part that is not a picture, unpacked.
    ratio
        How many times larger a part of more than a megabyte may become by unpacking.
    parts
        Number of its parts.
    cells
        Number of cells that exist, filled or only formatted, over all sheets that are read.
    """

    file_bytes: int = 100_000_000
    unpacked_bytes: int = 200_000_000
    part_bytes: int = 25_000_000
    ratio: float = 200.0
    parts: int = 10_000
    cells: int = 500_000


DEFAULT_LIMITS = Limits()


def check_archive(data: bytes, file: str, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise unless the bytes are those of an Excel workbook that is safe to parse.

    Parameters
    ----------
    data
        The bytes of the file.
    file
        Its name, for messages.
    limits
        How large it may be.

    Raises
    ------
    UnreadableFileError
        It is something else, cut off, protected, too large, or made to do harm; the message
        says in plain words what and what to do.

    Examples
    --------
    >>> try:
    ...     check_archive(b"", "plate.xlsx")
    ... except ValueError as error:
    ...     print(error)
    plate.xlsx: the file is empty (0 bytes). Copy or save it again.
    """
    _check_kind(data, file)
    with damage_in_words(file), ZipFile(BytesIO(data)) as archive:
        _check_parts(archive, file, limits)


def refuse(code: str, file: str, message: str, remedy: str = _SAVE_AGAIN) -> UnreadableFileError:
    """An error of one file, with what to do about it."""
    return UnreadableFileError([Problem(code, message, file, remedy=remedy)])


def _larger(what: str, limit: int) -> str:
    return f"{what} more than {limit // 1_000_000} MB, too much for a plate"


def _check_kind(data: bytes, file: str) -> None:
    """Raise if the bytes are not a zip archive, saying what they are."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        raise refuse("empty_file", file, "the file is empty (0 bytes)", "Copy or save it again.")
    if file.startswith("~$"):
        message = "this is the mark that Excel leaves while a workbook is open"
        raise refuse("lock_file", file, message, f"Use {file[2:]}.")
    if data.startswith(_OLE) and _ENCRYPTED in data:
        remedy = "Open it in Excel, remove the password (File, Info) and save it."
        raise refuse("password", file, "the workbook is protected with a password", remedy)
    if data.startswith(_OLE):
        raise refuse("old_excel", file, "this is an old Excel file (.xls)")
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<head", b"<meta")):
        raise refuse("html", file, "this is a web page (HTML) with the name of a workbook")
    if start.startswith(b"<?xml"):
        raise refuse("xml", file, "this is an XML file, not an Excel workbook")
    if not data.startswith(b"PK"):
        message = "this is not an Excel workbook, perhaps a CSV or text file with another ending"
        raise refuse("not_excel", file, message)


@contextmanager
def damage_in_words(file: str) -> Iterator[None]:
    """Turn whatever the parsers raise on damaged files into one kind of error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnreadableFileError:
        raise
    except BadZipFile as error:
        message = f"the workbook is cut off or damaged ({error})"
        raise refuse("damaged", file, message, "Copy it again from where it came.") from None
    except Exception as error:
        message = f"a part of the workbook is missing or damaged ({_reason(error)})"
        raise refuse("damaged", file, message) from error


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__


def _check_parts(archive: ZipFile, file: str, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise refuse("too_large", file, f"it has {len(parts)} parts", _SPLIT)
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise refuse("too_large", file, _larger("unpacked it has", limits.unpacked_bytes), _SPLIT)
    for part in parts:
        _check_part(archive, part, file, limits)
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise refuse("not_excel", file, "this is a zip archive, not an Excel workbook")
    if any(name.startswith("word/") or name == "mimetype" for name in names):
        raise refuse("not_excel", file, "this is a document of another program")
    if "xl/workbook.bin" in names:
        raise refuse("binary_excel", file, "this is a binary Excel workbook (.xlsb)")


def _check_part(archive: ZipFile, part: ZipInfo, file: str, limits: Limits) -> None:
    name = PurePosixPath(part.filename.replace("\\", "/"))
    if ".." in name.parts or name.is_absolute() or ":" in part.filename:
        message = f"a part of it wants to be written outside of it ('{part.filename}')"
        raise refuse("path_in_archive", file, message, "Do not use this file; ask its sender.")
    if part.flag_bits & 1:
        raise refuse("password", file, "the workbook is protected with a password")
    packed = max(part.compress_size, 1)
    if part.file_size > _CHUNK and part.file_size / packed > limits.ratio:
        message = f"'{part.filename}' becomes {part.file_size // packed} times larger by unpacking"
        raise refuse("too_large", file, message, "Do not use this file; ask its sender.")
    is_picture = part.filename.startswith("xl/media/")
    most = limits.unpacked_bytes if is_picture else limits.part_bytes
    with archive.open(part) as stream:
        _check_stream(stream, part.filename, file, most)


def _check_stream(stream: IO[bytes], part: str, file: str, most: int) -> None:
    """Unpack a part piece by piece: its true size, its checksum, what comes before its root."""
    total, prolog = 0, _Prolog()
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > most:
            raise refuse("too_large", file, _larger(f"unpacked, '{part}' has", most), _SPLIT)
        if prolog.declares_entities(chunk):
            message = f"'{part}' declares its own entities (DOCTYPE), which no Excel workbook does"
            raise refuse("doctype", file, message, "Do not use this file; ask its sender.")


class _DoctypeError(Exception):
    """A document type is declared; nothing after it may be parsed."""


class _RootError(Exception):
    """The root element has begun; no document type can follow."""


class _Prolog:
    """What stands before the root element of an XML document, in whatever encoding."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root
        self._ended = False

    def declares_entities(self, chunk: bytes) -> bool:
        """Feed the next bytes; whether a document type begins in them."""
        if self._ended:
            return False
        try:
            self._parser.Parse(chunk, False)
        except _DoctypeError:
            return True
        except (_RootError, expat.ExpatError):
            self._ended = True
        return False

    def _doctype(self, *_: object) -> None:
        raise _DoctypeError

    def _root(self, *_: object) -> None:
        raise _RootError
