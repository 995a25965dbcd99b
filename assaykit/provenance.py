"""What was done, with what, to which file: the records behind methods text and audit."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PACKAGES = (
    "assaykit", "numpy", "scipy", "pandas", "statsmodels", "openpyxl", "XlsxWriter", "matplotlib",
    "opencv-python-headless", "scikit-image",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of an analysis, recorded when it was taken.

    Parameters
    ----------
    name
        What was done, in one or two words: ``fit standard curve``.
    sentence
        The same as a sentence of a methods section.
    parameters
        Every parameter with its value and unit in words.
    references
        The papers, guidelines or standards that the method comes from.
    """

    name: str
    sentence: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputFile:
    """One file that went into an analysis, with the SHA-256 of its bytes."""

    name: str
    sha256: str
    size_bytes: int


def input_file(path: Path) -> InputFile:
    """Name, size and SHA-256 of a file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "empty.csv"
    ...     _ = file.write_bytes(b"")
    ...     input_file(file).sha256[:8]
    'e3b0c442'
    """
    data = path.read_bytes()
    return InputFile(path.name, hashlib.sha256(data).hexdigest(), len(data))


def versions() -> dict[str, str]:
    """Versions of Python, of assaykit and of the libraries that compute its numbers.

    Examples
    --------
    >>> "numpy" in versions()
    True
    """
    from importlib import metadata

    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
