"""A stream of a run folder while it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chunks import chunk_file, read_rows, row_file, sealed, whole_chunks
from .disk import AppendFile, write_whole

__all__ = ["StreamWriter"]


class StreamWriter:
    """Collects rows and appends them chunk by chunk.

    Parameters
    ----------
    folder : Path
    name : str
    dtype : dtype
        Of a row. Where it has a field ``tick``, rows are in the order of ticks; where it has none, all rows of a chunk
        belong to the last tick of the chunk.

    Attributes
    ----------
    waiting : int
        Bytes that wait to be written.
    to_tick : int
        The stream is complete on disk up to this tick.

    Raises
    ------
    OSError
        If the files cannot be written, here and in all methods.
    """

    def __init__(self, folder: Path, name: str, dtype: np.dtype[Any]) -> None:
        self.folder, self.name, self.dtype = folder, name, dtype
        self._rows, self._chunks = AppendFile(row_file(folder, name)), AppendFile(chunk_file(folder, name))
        self._waiting: list[NDArray[Any]] = []
        self.waiting = self.n_rows = self.to_tick = 0

    def add(self, columns: dict[str, NDArray[Any]]) -> None:
        """Take rows, as arrays by the names of the fields; written by the next `write`."""
        rows = np.empty(len(next(iter(columns.values()))), self.dtype)
        for name, array in columns.items():
            rows[name] = array
        self._waiting.append(rows)
        self.waiting += rows.nbytes

    def write(self, to_tick: int) -> None:
        """Append what waits as one chunk, with which the stream is complete up to ``to_tick``."""
        rows = np.concatenate([np.empty(0, self.dtype), *self._waiting])
        first_tick, to_tick = self.to_tick + 1, max(to_tick, self.to_tick)
        if rows.size and "tick" in self.dtype.names:  # type: ignore[operator]
            to_tick = max(to_tick, int(rows["tick"][-1]))  # a run that failed in a tick has rows of that tick
            first_tick = min(first_tick, int(rows["tick"][0]))
        if rows.size or to_tick > self.to_tick:
            self._rows.append(rows)
            self._chunks.append(sealed(self.n_rows, rows, first_tick, to_tick))
        self.n_rows, self.to_tick = self.n_rows + rows.size, to_tick
        self._waiting, self.waiting = [], 0

    def whole_to(self) -> int:
        """Return up to which tick the files have it complete; for a writer that has written nothing yet."""
        entries, _ = whole_chunks(self.folder, self.name, self.dtype)
        return int(entries["to_tick"].max(initial=0))

    def truncate(self, tick: int) -> None:
        """Forget what came after a tick, and what was not written whole; for a writer that has written nothing yet."""
        entries, _ = whole_chunks(self.folder, self.name, self.dtype)
        whole = entries[entries["to_tick"] <= tick]
        cut = entries[whole.size : whole.size + 1]
        self.n_rows, self.to_tick = int(whole["rows"].sum()), int(whole["to_tick"].max(initial=0))
        parts = [whole]
        if cut.size and "tick" in self.dtype.names:  # type: ignore[operator]
            rows = read_rows(self.folder, self.name, self.dtype, cut[0])
            rows = rows[rows["tick"] <= tick]
            parts.append(sealed(self.n_rows, rows, int(cut["from_tick"][0]), tick))
            self.n_rows, self.to_tick = self.n_rows + rows.size, tick
        # The list first: rows that no chunk names are nothing, but a chunk without its rows would be torn.
        self._chunks.close()
        write_whole(chunk_file(self.folder, self.name), lambda file: file.write(np.concatenate(parts).tobytes()))
        self._chunks = AppendFile(chunk_file(self.folder, self.name))
        self._rows.cut(self.n_rows * self.dtype.itemsize)

    def sync(self) -> None:
        """Wait until all that was written is on the disk, the rows first."""
        self._rows.sync()
        self._chunks.sync()

    def close(self) -> None:
        """Let go of the files."""
        self._rows.close()
        self._chunks.close()
