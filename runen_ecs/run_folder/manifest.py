"""The manifest of a run folder: what was run, with what, where, and which streams there are."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError
from .disk import write_whole

__all__ = [
    "CHECKPOINTS",
    "FILE",
    "FORK",
    "Manifest",
    "hash_of",
    "machine",
    "read_manifest",
    "versions",
    "write_manifest",
]

FILE, CHECKPOINTS, FORK = "manifest.json", "checkpoints", "fork"
FORMAT, VERSION = "runen run folder", 1
NO_FOLDER = "is no run folder"


@dataclass
class Manifest:
    """What `manifest.json` holds.

    Attributes
    ----------
    scenario : dict
        Resolved, every default and override in it.
    scenario_sha256 : str
    seed : int
    dt_ms : float
        Length of a tick.
    tick : int
        All streams were complete and on the disk up to here when the manifest was written.
    closed : bool
        Whether the run has ended, by itself or not; if not, it still runs, or was killed.
    network : str
        The file of the network, neurons and synapses, as at ``tick``.
    network_sha256 : str
    first_synapse : int
        Which row of the stream ``synapses`` has the number of the network's first synapse.
    n_neurons : int
        How many neurons there ever were, until ``tick``.
    populations : dict of str to dict
        ``first``, the number of its first neuron, ``size``, ``columns`` and ``layers`` of each.
    bridged : list of (int, int)
        Synapses of the capacity network that spiking neurons feed in the place of an input port, and the port.
    streams : dict of str to list
        The dtype of the rows of each, as NumPy describes it.
    files : dict of str to str
        The SHA-256 of each file that the scenario names, by its whole path.
    parent : dict or None
        Of a branch: the ``folder`` of the run that it goes on from, at which ``tick``, and the hash of its
        ``scenario``. The state of that tick is in the folder `FORK`.
    versions, machine : dict of str to str
    created : str
        When the folder was, UTC.
    """

    scenario: dict[str, Any]
    scenario_sha256: str
    seed: int
    dt_ms: float
    tick: int = 0
    closed: bool = False
    network: str = ""
    network_sha256: str = ""
    first_synapse: int = 0
    n_neurons: int = 0
    populations: dict[str, dict[str, Any]] = field(default_factory=dict)
    bridged: list[tuple[int, int]] = field(default_factory=list)
    streams: dict[str, list[Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    parent: dict[str, Any] | None = None
    versions: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def dtype(self, stream: str) -> np.dtype[Any]:
        """Return the dtype of the rows of a stream."""
        return np.dtype([(name, kind, *map(tuple, shape)) for name, kind, *shape in self.streams[stream]])


def hash_of(data: Any) -> str:
    """Return the SHA-256 of what JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def machine() -> dict[str, str]:
    """Return on what machine this runs."""
    return {"system": platform.system(), "release": platform.release(), "processor": platform.machine()}


def versions(data: dict[str, str]) -> dict[str, str]:
    """Return versions, with that of Python."""
    return {**data, "python": ".".join(map(str, sys.version_info[:3]))}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest whole.

    Raises
    ------
    OSError
    """
    text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(manifest)}, indent=1)
    write_whole(folder / FILE, lambda file: file.write(text.encode()))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run folder.

    Raises
    ------
    FileError
        If there is none, or it is of another format.
    """
    if not (folder / FILE).is_file():
        raise FileError(folder, f"{NO_FOLDER}: it has no {FILE}")
    try:
        data = json.loads((folder / FILE).read_bytes())
        if data.pop("format") != FORMAT:
            raise FileError(folder, f"{NO_FOLDER}: its {FILE} is of something else")
        if (version := data.pop("version")) != VERSION:
            raise FileError(folder, f"is a run folder of version {version}; this program reads version {VERSION}")
        return Manifest(**{each.name: data[each.name] for each in fields(Manifest) if each.name in data})
    except FileError:
        raise
    except OSError as error:
        raise FileError(folder / FILE, f"cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise FileError(folder, f"{NO_FOLDER}: its {FILE} is damaged") from None
