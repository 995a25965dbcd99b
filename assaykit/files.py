"""Writing files so that a kill, a full disk or an open window never leaves half a file."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assaykit.errors import OutputError


@contextmanager
def replace_atomically(path: Path) -> Iterator[Path]:
    """Write a file beside its place, then put it there in one step.

    The body writes to the path that it is given, which lies in the same folder and has the
    same suffix. Only when the body has ended well are the bytes forced to the disk and the
    file renamed to ``path``; otherwise what stood at ``path`` stays whole, and the temporary
    file is removed.

    Parameters
    ----------
    path
        Where the file is to stand. Its folder must exist.

    Yields
    ------
    pathlib.Path
        The temporary path to write to.

    Raises
    ------
    OutputError
        The file cannot be written; the message says why and what to do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "result.txt"
    ...     with replace_atomically(target) as temporary:
    ...         _ = temporary.write_text("done", encoding="utf-8")
    ...     target.read_text(encoding="utf-8"), len(list(Path(folder).iterdir()))
    ('done', 1)
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}{path.suffix}")
    try:
        yield temporary
        _force_to_disk(temporary)
        temporary.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(_in_words(error, path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _force_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _in_words(error: OSError, path: Path) -> str:
    name, folder = path.name, path.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why = "the disk is full. Make room and run the command again"
    elif path.is_dir():
        why = "a folder of that name is in the way. Rename one of them"
    elif not folder.is_dir():
        why = f"the folder {folder} does not exist. Create it first"
    elif error.errno == errno.EROFS or not os.access(folder, os.W_OK):
        why = f"the folder {folder} is read-only. Write somewhere else with --out"
    elif isinstance(error, PermissionError):
        why = "it is open in another program, or protected. Close it and run the command again"
    else:
        why = error.strerror or str(error)
    return f"{name} could not be written: {why}. Nothing that stood there was changed."
