"""Checkpoints: the state of a world in a file, whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from .engine.packing import pack, unpack
from .engine.state import State
from .errors import FileError

__all__ = ["Disk", "load_checkpoint", "read_checkpoint", "save_checkpoint"]

FORMAT = 1
KEPT = 2
DIGEST = 64
HEADER = "header"


class DamagedError(FileError):
    """A checkpoint is not as it was written."""


class Disk:
    """All that saving and loading ask of the system, one call each; tests let any of them fail.

    Raises
    ------
    OSError
        From all methods.
    """

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder."""
        return os.listdir(folder)

    def read(self, path: Path) -> bytes:
        """Return all bytes of a file."""
        return path.read_bytes()

    def make(self, folder: Path) -> None:
        """Make a folder, if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, path: Path) -> int:
        """Open a file to be written, empty; or a folder, to be synced."""
        flags = os.O_RDONLY if path.is_dir() else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.open(path, flags | os.O_CLOEXEC, 0o666)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write bytes; return how many."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of a file."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, and take that from the one that has it."""
        os.replace(old, new)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        os.unlink(path)


DISK = Disk()


def save_checkpoint(folder: Path, state: State, about: dict[str, Any] | None = None, *, disk: Disk = DISK) -> Path:
    """Write a state to a file named by its tick, and delete all but it and the one before.

    When this returns, the checkpoint is on the disk. If it does not, what could be loaded before still can.
    The file is an ``.npz`` without the ending: ``numpy.load`` reads the arrays and, as JSON, ``header``.

    Parameters
    ----------
    folder : Path
        Of one run; made if it is not there. Checkpoints of later ticks in it are of another course of that run, and
        are deleted.
    state : State
    about : dict, optional
        Whatever else is needed to go on; of values that `State` can hold.

    Raises
    ------
    FileError
        If it cannot be written.
    StateError
        If ``about`` holds something else.
    """
    folder = Path(folder)
    data = _packed(state, about or {})
    path = folder / str(state.tick)
    try:
        disk.make(folder)
        _write(folder / f".{path.name}.new", path, data, disk)
        for name in _superfluous(disk.names(folder), state.tick):
            disk.remove(folder / name)
    except OSError as error:
        raise FileError(path, f"cannot be saved: {error.strerror or error}") from error
    return path


def _write(temporary: Path, path: Path, data: memoryview, disk: Disk) -> None:
    try:
        descriptor = disk.open(temporary)
        try:
            rest = data
            while rest:
                written = disk.write(descriptor, rest)
                if not written:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                rest = rest[written:]
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temporary, path)
    except BaseException:
        with suppress(OSError):  # what stopped the writing says more
            disk.remove(temporary)
        raise
    descriptor = disk.open(path.parent)
    try:
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)


def _ticks(names: list[str]) -> list[int]:
    """Return the ticks of the checkpoints among names, the latest first."""
    return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)


def _superfluous(names: list[str], tick: int) -> list[str]:
    """Return the names of the checkpoints that are not kept, and of what a save that was killed has left."""
    kept = [t for t in _ticks(names) if t <= tick][:KEPT]
    left = [name for name in names if name.startswith(".") and name.endswith(".new") and name[1:-4].isdigit()]
    return [*(str(t) for t in _ticks(names) if t not in kept), *left]


def _packed(state: State, about: dict[str, Any]) -> memoryview:
    """Return the bytes of a checkpoint: a zip file whose comment, at its very end, is the SHA-256 of all before it."""
    arrays = dict(state.arrays)
    header = {"format": FORMAT, "about": pack(about, "about", arrays), "data": state.data}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in {HEADER: np.array(json.dumps(header, allow_nan=False)), **arrays}.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        file.comment = b"0" * DIGEST
    data = buffer.getbuffer()
    data[-DIGEST:] = hashlib.sha256(data[:-DIGEST]).hexdigest().encode()
    return data


def load_checkpoint(folder: Path, until: int | None = None, *, disk: Disk = DISK) -> tuple[State, dict[str, Any]]:
    """Return the latest state of a folder, not later than a tick if one is given, and what was said about it.

    One that is damaged is left out, with a warning, and the one before is taken.

    Raises
    ------
    FileError
        If there is none, or none that can be read, or if the latest was written by another version of this program.
    """
    folder = Path(folder)
    try:
        ticks = [tick for tick in _ticks(disk.names(folder)) if until is None or tick <= until]
    except OSError as error:
        raise FileError(folder, f"cannot be read: {error.strerror or error}") from error
    damaged: list[FileError] = []
    for tick in ticks:
        try:
            found = read_checkpoint(folder / str(tick), disk=disk)
        except DamagedError as error:
            damaged.append(error)
            continue
        for fault in damaged:
            warnings.warn(f"{fault}; the checkpoint of tick {tick} is taken instead", RuntimeWarning, stacklevel=2)
        return found
    problems = "; ".join(f"{Path(fault.path).name} {fault.problem}" for fault in damaged)
    raise FileError(folder, f"holds no checkpoint that can be read: {problems}" if damaged else "holds no checkpoint")


def read_checkpoint(path: Path, *, disk: Disk = DISK) -> tuple[State, dict[str, Any]]:
    """Return the state of one checkpoint, and what was said about it.

    Raises
    ------
    FileError
        If it cannot be read, is damaged, or was written by another version of this program.
    """
    try:
        data = disk.read(path)
    except OSError as error:
        raise DamagedError(path, f"cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(data[:-DIGEST]).hexdigest().encode() != data[-DIGEST:]:
        raise DamagedError(path, "is damaged: it is not as it was written")
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(str(arrays.pop(HEADER)))
    if header["format"] != FORMAT:
        raise FileError(
            path,
            f"is a checkpoint of format {header['format']}, and this version reads format {FORMAT}; "
            "go on with the version that wrote it",
        )
    about = unpack(header["about"], arrays)
    for name in [name for name in arrays if name.startswith("about/")]:
        del arrays[name]
    return State(arrays, header["data"]), about
