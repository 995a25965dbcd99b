"""Bytes of a text file become text: the encoding is decided, never guessed silently.

In this order: a byte-order mark; UTF-16 without one (digits and separators leave a zero in
every second byte); strict UTF-8; cp932 (Japanese Windows) or cp1252 (western Windows). The
last two accept almost any bytes, so the text must also look like what it would be:

* cp932 needs words: two or more double-byte characters in a row, mostly kana or common kanji
  (lead bytes 81 to 98), or three or more half-width katakana in a row;
* cp1252 needs nothing but letters such as ``é`` and signs such as ``µ``, ``°`` and ``²``, and
  bytes that could not as well be a common Japanese character.

Where neither holds the file is refused with the advice to save it as UTF-8. Bytes that are
mostly UTF-8 with a broken place in them are a damaged UTF-8 file, not another encoding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from assaykit.errors import Problem, UnreadableFileError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = re.compile(r"[\x00-\x7fÀ-ÿ\xa0µμ°²³±·×½¼¾‘’“”–—®©™€§«»…]*")
_UTF8_CHARACTER = re.compile(
    rb"(?<![\x80-\xff])[\xc2-\xdf][\x80-\xbf](?![\x80-\xff])|[\xe1-\xef][\x80-\xbf]{2}"
)
_COMMON_JAPANESE = re.compile(rb"[\x81-\x98][\x40-\x7e\x80-\xfc]")
_JAPANESE_WORD = re.compile(r"[^\x00-\x7f｡-ﾟ]{2,}|[｡-ﾟ]{3,}")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_AS_UTF8 = "Open it in the program that wrote it and save it as UTF-8 text."


@dataclass(frozen=True)
class Decoded:
    """A file's text and how it was decoded.

    Parameters
    ----------
    text
        The text; every line ends with one line feed, whatever the file used.
    encoding
        ``utf-8``, ``utf-16-le``, ``utf-16-be``, ``cp932`` or ``cp1252``.
    """

    text: str
    encoding: str


def decode(data: bytes, file: str) -> Decoded:
    r"""Decode the bytes of a text file by the rules at the top of this module.

    Parameters
    ----------
    data
        All bytes of the file.
    file
        Its name, for messages.

    Raises
    ------
    UnreadableFileError
        The bytes are cut, are no text, or their encoding cannot be told.

    Examples
    --------
    >>> decode("試料,値\r\nA1,0.5\r\n".encode("cp932"), "a.csv")
    Decoded(text='試料,値\nA1,0.5\n', encoding='cp932')
    >>> decode("Well;µM\rA1;3\r".encode("cp1252"), "a.csv").text
    'Well;µM\nA1;3\n'
    """
    encoding, body = _encoding(data, file)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} cannot be read as {encoding}: the file is cut or damaged"
        raise _unreadable("not_text", message, file, "Export or copy it again.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = _UNPRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        message = f"line {line} holds characters that no text has"
        raise _unreadable("not_text", message, file, "Export or copy it again.")
    return Decoded(text, encoding)


def _encoding(data: bytes, file: str) -> tuple[str, bytes]:
    """Name the encoding, and give the bytes without their byte-order mark."""
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name, data[len(mark) :]
    if b"\0" in data:
        return _zeros_say(data), data
    if _can_be(data, "utf-8") or _is_damaged_utf8(data):
        return "utf-8", data
    return _legacy_encoding(data, file), data


def _zeros_say(data: bytes) -> str:
    """In UTF-16 LE the zero of an ASCII character is its second byte, in BE its first."""
    return "utf-16-le" if data[1::2].count(0) >= data[0::2].count(0) else "utf-16-be"


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether at least half of the bytes beyond ASCII stand in proper UTF-8 characters."""
    proper = sum(len(char) for char in _UTF8_CHARACTER.findall(data))
    beyond_ascii = sum(byte > 0x7F for byte in data)
    return 2 * proper >= beyond_ascii


def _can_be(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _legacy_encoding(data: bytes, file: str) -> str:
    if _looks_japanese(data):
        return "cp932"
    if _looks_western(data):
        return "cp1252"
    message = "its encoding cannot be told: it is not UTF-8, and neither clearly Japanese "
    raise _unreadable("unknown_encoding", message + "(cp932) nor western (cp1252)", file, _AS_UTF8)


def _looks_japanese(data: bytes) -> bool:
    if not _can_be(data, "cp932"):
        return False
    text = data.decode("cp932")
    if _PRIVATE_USE.search(text) or not _JAPANESE_WORD.search(text):
        return False
    double = [char for char in text if len(char.encode("cp932")) == 2]
    common = sum(_is_common_japanese(char) for char in double)
    return 2 * common >= len(double)


def _looks_western(data: bytes) -> bool:
    if not _can_be(data, "cp1252") or not _WESTERN.fullmatch(data.decode("cp1252")):
        return False
    japanese = data.decode("cp932") if _can_be(data, "cp932") else ""
    return not any(_is_common_japanese(char) for char in japanese)


def _is_common_japanese(char: str) -> bool:
    return _COMMON_JAPANESE.fullmatch(char.encode("cp932")) is not None


def _unreadable(code: str, message: str, file: str, remedy: str) -> UnreadableFileError:
    return UnreadableFileError([Problem(code, message, file, remedy=remedy)])
