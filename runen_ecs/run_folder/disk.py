"""Bytes onto the disk: appended until all are there, or written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AppendFile", "sync_folder", "write_whole"]


class AppendFile:
    """A file that only grows.

    Parameters
    ----------
    path : Path
        Made if it is not there.

    Raises
    ------
    OSError
        If it cannot be written, here and in all methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)

    def append(self, rows: NDArray[Any]) -> None:
        """Append an array; a short write is gone on with."""
        self._check()
        rest = np.ascontiguousarray(rows).view(np.uint8).reshape(-1).data
        while rest:
            written = os.write(self._descriptor, rest)
            if not written:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            rest = rest[written:]

    def cut(self, size: int) -> None:
        """Forget what lies behind the first ``size`` bytes."""
        os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        """Wait until all is on the disk."""
        self._check()
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _check(self) -> None:
        """Make sure that the file is still under its name: writing to one that was deleted does not fail by itself."""
        if not os.path.samestat(os.stat(self.path), os.fstat(self._descriptor)):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file to a temporary name, wait until it is on the disk, and rename it.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is still there.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):  # what stopped the writing says more
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
