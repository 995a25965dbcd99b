"""Files become readings. A new kind of file is one module here and one name in READERS.

A reader looks at the cells of a file that has been opened once by its content (text of any
common encoding, an Excel workbook, or RDML) and says whether it knows the file (``sniff``) and what
stands in it (``read``). A file that two readers claim is an error that names both; a partial
file is never read as a whole plate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem, UsageError
from assaykit.readers.base import Reader, Reading, describe, readings_table
from assaykit.readers.cfx import CFX_EXPORT
from assaykit.readers.design_and_analysis import DESIGN_AND_ANALYSIS_EXPORT
from assaykit.readers.grid import GRID
from assaykit.readers.lightcycler import LIGHTCYCLER_EXPORT
from assaykit.readers.long_list import LONG_LIST
from assaykit.readers.quantstudio import QUANTSTUDIO_EXPORT
from assaykit.readers.rdml import RDML
from assaykit.readers.source import Source, open_source
from assaykit.readers.vendors import vendor_of
from assaykit.values import suggestion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["READERS", "Reader", "Reading", "Source", "describe", "open_source", "read", "sniff"]

READERS: tuple[Reader, ...] = (
    GRID, LONG_LIST, QUANTSTUDIO_EXPORT, DESIGN_AND_ANALYSIS_EXPORT, CFX_EXPORT,
    LIGHTCYCLER_EXPORT, RDML,
)  # fmt: skip


def read(path: str | Path, format: str | None = None) -> pd.DataFrame:  # noqa: A002
    r"""Read the readings of an instrument's file.

    Parameters
    ----------
    path
        A text file, an ``.xlsx`` workbook or an RDML file; its content decides, not its name.
    format
        Name of a reader in :data:`READERS`; found out from the content if None.

    Returns
    -------
    pandas.DataFrame
        Readings, as in :mod:`assaykit.tables`, in the order of the file: the plate's name (of
        the file, where it says none), well, channel, the value as it is written, ``OD`` as
        the unit of a wavelength, a flag for what the instrument said instead of a number, and
        where it stands. Blank cells give no reading. A qPCR export also gives sample, target,
        task and the declared quantity of standards; a blank Cq of a sample is undetermined.

    Raises
    ------
    InputError
        The file is not of a known kind, is partial, or holds something that is not understood;
        every problem is listed.
    UsageError
        There is no reader of that name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plate 7.csv"
    ...     _ = path.write_text("Well;A450\nA01;0,532\nA02;OVRFLW\n", encoding="utf-8")
    ...     readings = read(path)
    >>> readings[["plate", "well", "channel", "value", "flag"]].values.tolist()
    [['plate 7', 'A1', 'od_450', 0.532, ''], ['plate 7', 'A2', 'od_450', nan, 'saturated']]
    >>> describe(readings)
    '1 plate (plate 7), 2 wells, 1 channel (od_450)'
    """
    source = open_source(path)
    reader = _reader_for(source) if format is None else _named(format)
    return readings_table(reader.read(source), source.file)


def sniff(path: str | Path) -> str:
    r"""Name the reader that knows a file.

    Parameters
    ----------
    path
        A file.

    Raises
    ------
    InputError
        No reader knows the file, or more than one does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cq.txt"
    ...     _ = path.write_text("Well\tCq\nA1\t21.5\n", encoding="utf-8")
    ...     sniff(path)
    'long_list'
    """
    return _reader_for(open_source(path)).name


def _reader_for(source: Source) -> Reader:
    claims = [reader for reader in READERS if reader.sniff(source)]
    if len(claims) == 1:
        return claims[0]
    raise InputError([_ambiguous(source, claims) if claims else _unknown(source)])


def _ambiguous(source: Source, claims: list[Reader]) -> Problem:
    names = " and ".join(f"'{reader.name}'" for reader in claims)
    remedy = "Keep one kind of data in the file, or name the format."
    return Problem("ambiguous_file", f"it can be read as {names}", source.file, remedy=remedy)


def _unknown(source: Source) -> Problem:
    vendor = vendor_of(source)
    message = f"it is not known how to read this file; it is {source.seen}"
    if vendor:
        message = f"it looks like an export of {vendor}, which is not read as it is"
    known = "; ".join(f"{reader.name} ({reader.description})" for reader in READERS)
    return Problem("unknown_file", message, source.file, remedy=f"What is read: {known}.")


def _named(name: str) -> Reader:
    for reader in READERS:
        if reader.name == name:
            return reader
    names = [reader.name for reader in READERS]
    raise UsageError(f"'{name}' is not a file format. {suggestion(name, names)}")
