"""A stream of a run folder, read chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from .chunks import is_whole, read_rows, row_file, whole_chunks

__all__ = ["Stream"]


class Stream:
    """Rows of one kind: spikes, traces …; nothing is read before it is asked for.

    Parameters
    ----------
    folder : Path
    name : str
    dtype : dtype
        Of a row.

    Attributes
    ----------
    entries : (n_chunks,) structured array
        The list of chunks.
    to_tick : int
        The stream is complete up to here.
    torn : int
        Bytes at the end that were not written whole; they are left out.

    Raises
    ------
    FileError
        If the files cannot be read.
    """

    def __init__(self, folder: Path, name: str, dtype: np.dtype[Any]) -> None:
        self.folder, self.name, self.dtype = folder, name, dtype
        try:
            self.entries, self.torn = whole_chunks(folder, name, dtype)
        except OSError as error:
            raise FileError(row_file(folder, name), f"cannot be read: {error.strerror or error}") from None
        self.to_tick = int(self.entries["to_tick"].max(initial=0))

    def __len__(self) -> int:
        """Number of rows."""
        return int(self.entries["rows"].sum())

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[NDArray[Any]]:
        """Yield rows of ticks from ``start`` on and before ``stop``, (n,) `dtype` each, in order.

        Raises
        ------
        FileError
            If a chunk is damaged, or cannot be read.
        """
        stop = np.iinfo(np.int64).max if stop is None else stop
        entries = self.entries
        for at in np.flatnonzero((entries["rows"] > 0) & (entries["to_tick"] >= start) & (entries["from_tick"] < stop)):
            rows = self._read(int(at))
            tick = rows["tick"]
            if tick[0] < start or tick[-1] >= stop:
                rows = rows[np.searchsorted(tick, start) : np.searchsorted(tick, stop)]
            if rows.size:
                yield rows

    def rows(self, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """Return rows of ticks from ``start`` on and before ``stop``, (n,) `dtype`; raises as `chunks` does."""
        return np.concatenate([np.empty(0, self.dtype), *self.chunks(start, stop)])

    def at(self, first: int, n: int) -> NDArray[Any]:
        """Return rows by their place, (n,) `dtype`; raises as `chunks` does."""
        begin = self.entries["first"]
        parts = [np.empty(0, self.dtype)]
        for chunk in np.flatnonzero((begin < first + n) & (begin + self.entries["rows"] > first)):
            skipped = int(begin[chunk])
            parts.append(self._read(int(chunk))[max(first - skipped, 0) : first + n - skipped])
        return np.concatenate(parts)

    def _read(self, number: int) -> NDArray[Any]:
        entry, path = self.entries[number], row_file(self.folder, self.name)
        try:
            rows = read_rows(self.folder, self.name, self.dtype, entry)
        except OSError as error:
            raise FileError(path, f"cannot be read: {error.strerror or error}") from None
        if not is_whole(entry, rows):
            ticks = f"ticks {entry['from_tick']:,} to {entry['to_tick']:,}"
            raise FileError(path, f"chunk {number} ({ticks}) is damaged: its checksum is wrong")
        return rows
