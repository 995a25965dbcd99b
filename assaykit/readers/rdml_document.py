"""RDML files opened safely: a zip with one XML in it, or the bare XML.

Nothing is unpacked to disk. A document type (and with it every entity) is refused before
anything after it is parsed; size, nesting and number of elements have limits, and the points of
the curves, which are most of such a file, are counted and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from assaykit.errors import UnreadableFileError
from assaykit.excel import DEFAULT_LIMITS, Limits
from assaykit.excel.archive import refuse

MAX_ELEMENTS = 1_000_000
MAX_DEPTH = 50

_ZIP = b"PK\x03\x04"
_EXPORT_AGAIN = "Export or copy it again."
_DO_NOT_USE = "Do not use this file; ask its sender."
_ROOT = re.compile(rb"<(\w+:)?rdml[\s>]")
_OTHER_DOCUMENTS = frozenset({"[Content_Types].xml", "xl/workbook.xml", "mimetype"})
_CHUNK = 1 << 20
_CURVES = frozenset({"adp", "mdp"})


def holds_rdml(data: bytes) -> bool:
    """Whether a file is RDML: XML with that root, or a zip with XML that is no workbook.

    Examples
    --------
    >>> holds_rdml(b"<?xml version='1.0'?><rdml version='1.2'/>"), holds_rdml(b"Well,OD")
    (True, False)
    """
    if not data.startswith(_ZIP):
        return _ROOT.search(data[:2000]) is not None
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        names = {_first_part(data)}
    found = [name for name in names if _is_rdml_part(name)]
    named = any("rdml" in name.casefold() for name in found)
    return not names & _OTHER_DOCUMENTS and (named or len(found) == 1)


def _first_part(data: bytes) -> str:
    """Name of the first part of a zip whose end is missing."""
    length = int.from_bytes(data[26:28], "little")
    return data[30 : 30 + length].decode("utf-8", "replace")


def _is_rdml_part(name: str) -> bool:
    return "/" not in name and name.casefold().endswith((".xml", ".rdml"))


def rdml_document(data: bytes, file: str, limits: Limits = DEFAULT_LIMITS) -> Element:
    """The root element of an RDML file; names have no namespace.

    Elements ``adp`` and ``mdp`` (points of curves) are left out; each ``data`` that has an
    amplification curve says its last cycle in the attribute ``cycles`` instead.

    Parameters
    ----------
    data, file
        Bytes of the file and, for messages, its name.
    limits
        How large it may be.

    Raises
    ------
    UnreadableFileError
        It is cut, damaged, protected, too large, made to do harm, or no RDML.

    Examples
    --------
    >>> rdml_document(b"<rdml version='1.1'><run id='r'/></rdml>", "a.rdml")[0].get("id")
    'r'
    """
    with _damage_in_words(file):
        if not data.startswith(_ZIP):
            return _parsed(BytesIO(data), file, limits)
        with ZipFile(BytesIO(data)) as archive:
            part = _only_xml(archive, file, limits)
            with archive.open(part) as stream:
                return _parsed(stream, file, limits)


@contextmanager
def _damage_in_words(file: str) -> Iterator[None]:
    """Turn whatever zip and XML raise on damaged files into one kind of error."""
    try:
        yield
    except UnreadableFileError:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        message = f"the RDML file is cut off or damaged ({reason})"
        raise refuse("damaged", file, message, _EXPORT_AGAIN) from error


def _only_xml(archive: ZipFile, file: str, limits: Limits) -> ZipInfo:
    """The one XML part of a zip, of which nothing looks like harm."""
    parts = archive.infolist()
    if len(parts) > limits.parts or sum(p.file_size for p in parts) > limits.unpacked_bytes:
        raise refuse("too_large", file, "it is too large for a run", "Export a single run.")
    for part in parts:
        _check_part(part, file, limits)
    found = [part for part in parts if _is_rdml_part(part.filename)]
    if len(found) != 1:
        names = ", ".join(part.filename for part in found)
        message = f"it holds several XML files ({names}), expected one"
        raise refuse("several_documents", file, message, _EXPORT_AGAIN)
    return found[0]


def _check_part(part: ZipInfo, file: str, limits: Limits) -> None:
    path = PurePosixPath(part.filename.replace("\\", "/"))
    if ".." in path.parts or path.is_absolute() or ":" in part.filename:
        message = f"a part of it wants to be written outside of it ('{part.filename}')"
        raise refuse("path_in_archive", file, message, _DO_NOT_USE)
    if part.flag_bits & 1:
        remedy = "Save it without a password."
        raise refuse("password", file, "the RDML file is protected with a password", remedy)
    ratio = part.file_size / max(part.compress_size, 1)
    if part.file_size > _CHUNK and ratio > limits.ratio:
        message = f"'{part.filename}' becomes {ratio:.0f} times larger by unpacking"
        raise refuse("too_large", file, message, _DO_NOT_USE)


def _parsed(stream: IO[bytes], file: str, limits: Limits) -> Element:
    document, total = _Document(file), 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > limits.unpacked_bytes:
            message = f"unpacked it has more than {limits.unpacked_bytes // 1_000_000} MB"
            raise refuse("too_large", file, message, "Export a single run.")
        document.feed(chunk)
    root = document.close()
    if root.tag != "rdml":
        message = f"it holds XML that is not RDML (its root is '{root.tag}')"
        raise refuse("not_rdml", file, message, "Export it as RDML, .xlsx or text.")
    return root


class _Document:
    """Builds the tree from what the parser meets, without the points of curves."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._tree = TreeBuilder()
        self._open: list[str] = []
        self._elements = 0
        self._curve = ""
        self._cycle: list[str] = []
        self._last_cycle = 0.0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def close(self) -> Element:
        self._parser.Parse(b"", True)
        return self._tree.close()

    def _doctype(self, *_: object) -> None:
        message = "it declares its own entities (DOCTYPE), which no RDML file does"
        raise refuse("doctype", self._file, message, _DO_NOT_USE)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise refuse("too_large", self._file, "it is too large for a run", _DO_NOT_USE)
        if tag in _CURVES and not self._curve:
            self._curve = tag
        if not self._curve:
            self._elements += 1
            self._tree.start(tag, attributes)

    def _text(self, text: str) -> None:
        if not self._curve:
            self._tree.data(text)
        elif self._open[-1] == "cyc" and self._curve == "adp":
            self._cycle.append(text)

    def _end(self, _: str) -> None:
        tag = self._open.pop()
        if self._curve:
            self._end_in_curve(tag)
            return
        element = self._tree.end(tag)
        if tag == "data":
            if self._last_cycle:
                element.set("cycles", f"{self._last_cycle:g}")
            self._last_cycle = 0.0

    def _end_in_curve(self, tag: str) -> None:
        if tag == "cyc" and self._cycle:
            self._last_cycle = max(self._last_cycle, float("".join(self._cycle)))
            self._cycle = []
        if tag == self._curve:
            self._curve = ""
