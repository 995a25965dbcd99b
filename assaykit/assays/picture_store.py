"""Working pictures of a plate, kept in a temporary file so that memory does not grow with them."""

from __future__ import annotations

import tempfile
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from types import TracebackType

    from assaykit.images.colour import Pixels


class PictureStore:
    """Arrays of ``uint8`` by number; several threads may use it at once.

    Examples
    --------
    >>> with PictureStore() as store:
    ...     number = store.add(np.full((2, 2, 3), 7, np.uint8))
    ...     store.get(number).shape
    (2, 2, 3)
    """

    def __init__(self) -> None:
        self._file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._places: list[tuple[int, tuple[int, ...]]] = []
        self._end = 0
        self._lock = threading.Lock()

    def __enter__(self) -> PictureStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, picture: Pixels) -> int:
        """Keep a picture; its number is returned."""
        with self._lock:
            self._file.seek(self._end)
            self._file.write(np.ascontiguousarray(picture).data)
            self._places.append((self._end, picture.shape))
            self._end += picture.nbytes
            return len(self._places) - 1

    def get(self, number: int) -> Pixels:
        """A picture that was kept."""
        start, shape = self._places[number]
        with self._lock:
            self._file.seek(start)
            data = self._file.read(int(np.prod(shape)))
        return np.frombuffer(data, dtype=np.uint8).reshape(shape)
