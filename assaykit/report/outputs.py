"""Names of files, sheets and tables from whatever a person wrote, and safe writing."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

from assaykit.errors import OutputError
from assaykit.files import replace_atomically

SHEET_NAME_LENGTH = 31
_NOT_IN_FILES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]')
_NOT_IN_SHEETS = re.compile(r"[\x00-\x1f\x7f\[\]:*?/\\\ud800-\udfff]")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RESERVED_BY_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_stem(text: str, taken: Collection[str] = (), limit: int = 90) -> str:
    """A name as the stem of a file, on every system and apart from other names.

    A name that has to be changed, or that differs from one already taken only in case, gets
    six hexadecimal digits of its own, so that ``P/1`` and ``P:1`` stay two files.

    Parameters
    ----------
    text
        What a person called it.
    taken
        Stems that are already in use.
    limit
        Greatest length in bytes of UTF-8, before the digits.

    Examples
    --------
    >>> file_stem("plate 1"), file_stem("P/1"), file_stem("P:1")
    ('plate 1', 'P_1~3fe612', 'P_1~cc26b4')
    """
    wanted = unicodedata.normalize("NFC", text)
    stem = _NOT_IN_FILES.sub("_", wanted).strip(" .") or "untitled"
    if _RESERVED_BY_WINDOWS.fullmatch(stem):
        stem = f"_{stem}"
    stem = stem.encode()[:limit].decode(errors="ignore").rstrip(" .")
    if stem == wanted and stem.casefold() not in {name.casefold() for name in taken}:
        return stem
    return f"{stem}~{_digits_of(wanted)}"


def _digits_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def sheet_name(text: str, taken: Collection[str] = ()) -> str:
    """A name as that of a sheet: at most 31 legal characters, and not one of those taken.

    Examples
    --------
    >>> sheet_name("Dose/response [pg]"), sheet_name("qc", ["QC"])
    ('Dose_response _pg_', 'qc 2')
    """
    clean = _NOT_IN_SHEETS.sub("_", text).strip().strip("'") or "Sheet"
    used = {name.casefold() for name in taken} | {"history"}
    name, number = _cut(clean, SHEET_NAME_LENGTH), 1
    while name.casefold() in used:
        number += 1
        ending = f" {number}"
        name = _cut(clean, SHEET_NAME_LENGTH - len(ending)) + ending
    return name


def _cut(text: str, units: int) -> str:
    """Cut to a number of UTF-16 units, as Excel counts them."""
    encoded = text.encode("utf-16-le")[: 2 * units]
    return encoded.decode("utf-16-le", errors="ignore").rstrip().rstrip("'")


def table_name(sheet: str, taken: Collection[str] = ()) -> str:
    """The name of the Excel table on a sheet; it cannot be mistaken for a cell or a formula.

    Examples
    --------
    >>> table_name("Dilution series")
    'table_Dilution_series'
    """
    wanted = "table_" + re.sub(r"\W", "_", sheet)
    used = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in used:
        number += 1
        name = f"{wanted}_{number}"
    return name


def plain(text: str) -> str:
    r"""Text that a file can hold: what is no character in XML becomes a question mark.

    Examples
    --------
    >>> plain("RANKL\ud800\x07")
    'RANKL??'
    """
    return _NOT_IN_XML.sub("?", text)


def write_bytes(path: Path, data: bytes) -> Path:
    """Put a file in its place in one step, and make its folder where there is none.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "figures" / "a.png", b"").name
    'a.png'
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    with replace_atomically(path) as temporary:
        temporary.write_bytes(data)
    return path
