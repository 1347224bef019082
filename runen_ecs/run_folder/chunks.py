"""The form of a stream: rows in one file, and beside it a list of chunks, each with its ticks and its checksum."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "chunk_file", "is_whole", "read_rows", "row_file", "sealed", "whole_chunks"]

CHUNK = np.dtype(
    [
        ("first", "<i8"),  # row
        ("rows", "<i8"),
        ("from_tick", "<i8"),  # no row is earlier
        ("to_tick", "<i8"),  # the stream is complete up to this tick
        ("checksum", "<u4"),  # CRC-32 of the rows
        ("seal", "<u4"),  # CRC-32 of this entry before the seal
    ]
)


def row_file(folder: Path, name: str) -> Path:
    """Return where the rows of a stream lie."""
    return folder / f"{name}.bin"


def chunk_file(folder: Path, name: str) -> Path:
    """Return where the list of chunks of a stream lies."""
    return folder / f"{name}.chunks"


def checksum(rows: NDArray[Any]) -> int:
    """Return the CRC-32 of rows."""
    return crc32(np.ascontiguousarray(rows).view(np.uint8).reshape(-1).data)


def sealed(first: int, rows: NDArray[Any], from_tick: int, to_tick: int) -> NDArray[Any]:
    """Return the entry of a chunk, (1,) `CHUNK`."""
    entry = np.array([(first, rows.shape[0], from_tick, to_tick, checksum(rows), 0)], CHUNK)
    entry["seal"] = _seal(entry)
    return entry


def _seal(entry: Any) -> int:
    return crc32(entry.tobytes()[: CHUNK.fields["seal"][1]])  # type: ignore[index]


def whole_chunks(folder: Path, name: str, dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    """Return the chunks of a stream up to the first that is not whole, and how many bytes lie behind them.

    Checked are the seals, the places of the rows, and from the end backwards the rows, until a chunk's are whole: what
    was written before that one has reached the disk.

    Raises
    ------
    OSError
        If the files cannot be read.
    """
    entries = np.fromfile(chunk_file(folder, name), CHUNK)
    held = row_file(folder, name).stat().st_size // dtype.itemsize
    n = _n_fitting(entries, held)
    while n and not is_whole(entries[n - 1], read_rows(folder, name, dtype, entries[n - 1])):
        n -= 1
    entries = entries[:n]
    behind = chunk_file(folder, name).stat().st_size - n * CHUNK.itemsize
    behind += row_file(folder, name).stat().st_size - int(entries["rows"].sum()) * dtype.itemsize
    return entries, behind


def _n_fitting(entries: NDArray[Any], held: int) -> int:
    """Return how many entries come before the first with a wrong seal, a wrong place, or rows that are not there."""
    stop = np.cumsum(entries["rows"])
    fits = (entries["first"] == stop - entries["rows"]) & (entries["rows"] >= 0) & (stop <= held)
    fits &= np.array([entry["seal"] == _seal(entry) for entry in entries], np.bool_)
    return int(np.argmin([*fits, False]))


def read_rows(folder: Path, name: str, dtype: np.dtype[Any], entry: Any) -> NDArray[Any]:
    """Return the rows of a chunk, (rows,); fewer where the file ends."""
    return np.fromfile(row_file(folder, name), dtype, int(entry["rows"]), offset=int(entry["first"]) * dtype.itemsize)


def is_whole(entry: Any, rows: NDArray[Any]) -> bool:
    """Whether rows are those of a chunk."""
    return bool(rows.size == entry["rows"] and checksum(rows) == entry["checksum"])
