"""A run goes to disk while it runs."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..components import DENDRITE, NEURON
from ..errors import FileError
from ..files import RunData, save_run
from ..network import Stimuli
from ..recording import WeightRecord
from .disk import sync_folder
from .faults import RunFolderError
from .manifest import CHECKPOINTS, Manifest, hash_of, machine, read_manifest, versions, write_manifest
from .sources import STIMULI, WEIGHTS, Recorded, population_data, sources_of
from .stream import StreamWriter

__all__ = ["RunFolder"]

MOST_WAITING = 1 << 18
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)


class RunFolder:
    """Takes what the records of a simulation hold, and all that they will, and appends it to files.

    Make one with `create` or `resume`; use it in ``with``, which closes it.

    >>> with RunFolder.create(Path("run"), simulation) as folder:  # doctest: +SKIP
    ...     simulation.run(20_000)

    While it is open, ``simulation.data()`` has no events, traces, values and weights at intervals: they are on disk.

    Attributes
    ----------
    path : Path
    manifest : Manifest

    Raises
    ------
    RunFolderError
        If anything cannot be written, here, in all methods, and out of ``simulation.run``; from then on nothing more
        is written.
    """

    def __init__(self, path: Path, simulation: Recorded, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._simulation, self._world = simulation, simulation.world
        self._sources = sources_of(simulation)
        self._weights, self._stimuli = self._world.resource(WeightRecord), self._world.resource(Stimuli)
        self._streams: dict[str, StreamWriter] = {}
        self._synapses: NDArray[np.int64] | None = None
        self._first_synapse = self._stimuli_to = 0
        self._failure: RunFolderError | None = None
        self._open, self._draining = True, False
        self._lock = -1

    @property
    def checkpoints(self) -> Path:
        """The folder for checkpoints of this run; made by `runen_ecs.checkpoints.save_checkpoint`."""
        return self.path / CHECKPOINTS

    @classmethod
    def create(cls, path: Path, simulation: Recorded) -> RunFolder:
        """Begin a new folder, with what was recorded so far.

        Parameters
        ----------
        path : Path
            Not there yet, or empty.
        simulation : Simulation

        Raises
        ------
        RunFolderError
            If it is not empty, or cannot be written.
        """
        meta = simulation.data().meta
        manifest = Manifest(
            scenario=meta["scenario"],
            scenario_sha256=hash_of(meta["scenario"]),
            seed=meta["seed"],
            dt_ms=meta["dt_ms"],
            versions=versions(meta["versions"]),
            machine=machine(),
        )
        folder = cls(path, simulation, manifest)
        with folder._writing():
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise RunFolderError(path, "is not empty; name another folder, or delete this one")
            manifest.streams = {name: dtype.descr for name, dtype in folder._dtypes().items()}
            folder._begin(None)
        return folder

    @classmethod
    def resume(cls, path: Path, simulation: Recorded) -> RunFolder:
        """Go on with a folder from the tick at which a simulation stands; what the folder has of later ticks is lost.

        Raises
        ------
        FileError
            If it is no run folder.
        RunFolderError
            If it is of another run, does not reach that tick, is being written, or cannot be written.
        """
        manifest, meta, tick = read_manifest(path), simulation.data().meta, simulation.world.tick
        folder = cls(path, simulation, manifest)
        if (manifest.seed, manifest.scenario_sha256) != (meta["seed"], hash_of(meta["scenario"])):
            raise RunFolderError(path, "is of another scenario or seed; name another folder, or delete this one")
        if {name: manifest.dtype(name) for name in manifest.streams} != folder._dtypes():
            raise RunFolderError(path, "was recorded with other recorders; name another folder, or delete this one")
        with folder._writing():
            folder._begin(tick)
        return folder

    def flush(self) -> None:
        """Bring all ticks so far to the disk for good: neither a kill nor a power cut takes them back."""
        self._sync()
        with self._writing():
            write_manifest(self.path, self.manifest)

    def update(self) -> None:
        """Do what `flush` does, and save the network as it is now: neurons, synapses and weights.

        A checkpoint of this tick may follow, in `checkpoints`: what `resume` needs is on the disk then.
        """
        self._update(closed=False)

    def close(self) -> None:
        """Write what is left, say in the manifest that the run has ended, and let go of the simulation."""
        if self._open:
            try:
                self._update(closed=True)
            finally:
                self._release()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._failure is None:
            self.close()
        else:
            self._release()

    # -- how it begins and ends ---------------------------------------------------------------------------------

    def _dtypes(self) -> dict[str, np.dtype[Any]]:
        stimuli = {"stimuli": STIMULI} if self._simulation.signals is not None else {}
        return {**{name: source.dtype for name, source in self._sources.items()}, **stimuli, **WEIGHTS}

    def _begin(self, tick: int | None) -> None:
        """Open the files, go back to a tick if one is given, and take over from the records."""
        self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunFolderError(self.path, "is being written by another run; name another folder") from None
            for name, dtype in self._dtypes().items():
                self._streams[name] = StreamWriter(self.path, name, dtype)
            if tick is not None:
                self._go_back(tick)
                for record in (*(source.record for source in self._sources.values()), self._weights):
                    record.hand_to(lambda columns: None)  # the folder has it
                    record.hand_to(None)
                self._sources = sources_of(self._simulation)
            for name, source in self._sources.items():
                source.record.hand_to(partial(self._take, name))
            self._weights.hand_to(self._take_weights)
            self.update()
        except BaseException:
            self._release()
            raise

    def _update(self, closed: bool) -> None:
        self._number(self._world.entities(DENDRITE), self._now)
        self._sync()
        manifest, before, name = self.manifest, self.manifest.network, f"network-{self._now}.npz"
        with self._writing():
            manifest.network_sha256 = _save_network(self._simulation.data(), self.path / name)
            manifest.network, manifest.first_synapse, manifest.closed = name, self._first_synapse, closed
            manifest.populations, manifest.bridged = population_data(self._world), self._bridged()
            manifest.n_neurons = self._world.table(NEURON).n_created
            write_manifest(self.path, manifest)
            if before not in ("", name):
                (self.path / before).unlink(missing_ok=True)

    def _bridged(self) -> list[tuple[int, int]]:
        signals = self._simulation.signals
        if signals is None:
            return []
        place = {synapse: number for number, synapse in enumerate(signals.synapse.tolist())}
        return [(place[synapse], port) for synapse, port in signals.bridged.items()]

    def _go_back(self, tick: int) -> None:
        reached, name = min((stream.whole_to(), name) for name, stream in self._streams.items())
        if reached < tick:
            until = f"was recorded until tick {reached:,} ({name}.bin)"
            raise RunFolderError(self.path, f"{until}, and cannot go on from tick {tick:,}")
        self.manifest.closed = False  # first, for the streams no longer reach as far as it says
        write_manifest(self.path, self.manifest)
        for stream in self._streams.values():
            stream.truncate(tick)
        self._stimuli_to = tick

    def _release(self) -> None:
        self._open = False
        for source in self._sources.values():
            source.record.hand_to(None)
        self._weights.hand_to(None)
        for stream in self._streams.values():
            stream.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what goes wrong into one message, and say it again whenever more is to be written."""
        if self._failure is not None:
            raise self._failure
        if not self._open:
            raise RunFolderError(self.path, "is closed; go on with RunFolder.resume")
        try:
            yield
        except RunFolderError as error:
            self._failure = error
            raise
        except OSError as error:
            known = [stream.to_tick for stream in self._streams.values()]
            problem = error.problem if isinstance(error, FileError) else f"cannot be written: {error.strerror or error}"
            if self._streams and error.errno in GONE:
                known, problem = [], "vanished, or was replaced, while it was written"
            self._failure = RunFolderError(self.path, problem, min(known, default=0) or None)
            raise self._failure from None

    # -- what comes in ------------------------------------------------------------------------------------------

    @property
    def _now(self) -> int:
        """The last tick that is over."""
        return self._world.tick - self._world.clock.in_tick

    def _take(self, name: str, columns: dict[str, NDArray[Any]]) -> None:
        if not self._open:
            return
        if self._failure is not None:
            raise self._failure
        self._streams[name].add(self._sources[name].convert(columns))
        waiting = sum(stream.waiting for stream in self._streams.values())
        if waiting > MOST_WAITING and not self._draining and not self._world.clock.in_tick:
            self._commit()

    def _take_weights(self, columns: dict[str, NDArray[Any]]) -> None:
        if not self._open:
            return
        tick, weight = int(columns["tick"][0]), columns["weight"]
        self._number(columns["dendrite"], tick)
        at: dict[str, int] = {"tick": tick, "n": weight.size, "first_weight": self._streams["weights"].n_rows}
        at["first_synapse"] = self._first_synapse
        with self._writing():  # at once, for they are large; those that are referred to first
            self._streams["weights"].add({"weight": weight})
            self._streams["weights"].write(tick)
            self._streams["snapshots"].add({name: np.array([value]) for name, value in at.items()})
            self._streams["snapshots"].write(tick)

    def _number(self, dendrite: NDArray[np.int32], tick: int) -> None:
        """Write the numbers of synapses, by order of creation, if they are others than last time."""
        number = self._world.table(DENDRITE).creation_number(dendrite)
        if self._synapses is None or not np.array_equal(number, self._synapses):
            stream = self._streams["synapses"]
            self._synapses, self._first_synapse = number, stream.n_rows
            with self._writing():
                stream.add({"synapse": number})
                stream.write(tick)

    def _take_stimuli(self) -> None:
        if "stimuli" in self._streams:
            applied, stimuli = self._stimuli.applied, self._stimuli
            fresh = np.flatnonzero((applied > self._stimuli_to) & (applied <= self._now))
            fresh = fresh[np.argsort(applied[fresh], kind="stable")]
            columns: dict[str, NDArray[Any]] = {"port": stimuli.port[fresh], "size": stimuli.size[fresh]}
            self._streams["stimuli"].add(columns | {"tick": applied[fresh]})
            self._stimuli_to = self._now

    def _commit(self) -> None:
        """Append all that waits: then every stream is complete up to now."""
        self._draining = True
        try:
            for source in self._sources.values():
                source.record.drain()
            self._weights.drain()
            self._take_stimuli()
        finally:
            self._draining = False
        with self._writing():
            for stream in self._streams.values():
                stream.write(self._now)

    def _sync(self) -> None:
        self._commit()
        with self._writing():
            for stream in self._streams.values():
                stream.sync()
        self.manifest.tick = self._now


def _save_network(data: RunData, path: Path) -> str:
    """Save a run without its events; return the SHA-256 of the file."""
    none = {f"stimulus_{name}": getattr(data, f"stimulus_{name}")[:0] for name in STIMULI.names or ()}
    save_run(replace(data, **none), path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        found = hashlib.file_digest(file, "sha256").hexdigest()
    sync_folder(path.parent)
    return found
