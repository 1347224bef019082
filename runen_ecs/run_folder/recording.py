"""A recorded run, read from its folder a piece at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from warnings import warn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FileError, SelectionError, choices
from ..files import RunData, load_run, save_run
from .faults import RunFolderError, TornFileWarning
from .manifest import CHECKPOINTS, read_manifest
from .merging import merged
from .reading import Stream

__all__ = ["Recording"]

ENDINGS = (".csv", ".npz", ".h5")


class Recording:
    """What a run folder holds; opened in an instant, read when asked.

    >>> recording = Recording(Path("run"))  # doctest: +SKIP
    >>> time, neuron = recording.spikes(1000, 2000, neurons="excitatory")  # doctest: +SKIP

    Times are in ms; a slice begins with ``start_ms`` and ends before ``stop_ms``.
    A spike of tick t, or a value at its end, is one at t · dt.

    Attributes
    ----------
    path : Path
    manifest : Manifest
    streams : dict of str to Stream
        Rows as they lie on disk, by tick.
    tick : int
        Everything is there until this tick; of a run that was killed, single streams may reach further.

    Warns
    -----
    TornFileWarning
        If the end of a stream is not written whole, as after a kill, or while a run writes it; it is left out.

    Raises
    ------
    FileError
        If it is no run folder, or cannot be read; so do all methods.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.manifest = Path(path), read_manifest(Path(path))
        self.streams = {name: Stream(self.path, name, self.manifest.dtype(name)) for name in self.manifest.streams}
        reached = min(stream.to_tick for stream in self.streams.values())
        for stream in self.streams.values():
            if stream.torn:
                left_out = f"{stream.torn:,} bytes at the end are not written whole, and left out"
                complete = f"it is complete until tick {stream.to_tick:,}"
                warn(f"{self.path / stream.name}.bin: {left_out}; {complete}", TornFileWarning, stacklevel=2)
        self.tick = self.manifest.tick if self.manifest.closed else reached

    @property
    def dt_ms(self) -> float:
        """Length of a tick."""
        return self.manifest.dt_ms

    @property
    def duration_ms(self) -> float:
        """How long it ran."""
        return self.tick * self.dt_ms

    @property
    def checkpoints(self) -> dict[int, Path]:
        """Where checkpoints lie, by tick."""
        found = {int(path.name): path for path in (self.path / CHECKPOINTS).glob("*") if path.name.isdecimal()}
        return dict(sorted(found.items()))

    @cached_property
    def network(self) -> RunData:
        """Neurons, synapses and final weights, without events; of a run that was killed, as saved last."""
        file = self.path / self.manifest.network
        try:
            with file.open("rb") as raw:
                whole = hashlib.file_digest(raw, "sha256").hexdigest() == self.manifest.network_sha256
        except OSError as error:
            raise FileError(file, f"cannot be read: {error.strerror or error}") from None
        if not whole:
            raise FileError(file, "is damaged: its checksum is wrong")
        return load_run(file)

    # -- slices -------------------------------------------------------------------------------------------------

    def spikes(
        self, start_ms: float = 0.0, stop_ms: float | None = None, neurons: str | ArrayLike | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Return times of spikes (n,) [ms] and who fired (n,), in the order of time.

        Parameters
        ----------
        start_ms, stop_ms : float
        neurons : str, or sequence of int, optional
            A selection such as ``"excitatory neuron=0..9"``, or numbers; all when left out.

        Raises
        ------
        SelectionError
            If neurons are not there.
        """
        parts = list(self.spike_chunks(start_ms, stop_ms, neurons))
        time, neuron = zip((np.empty(0), np.empty(0, np.int32)), *parts, strict=True)
        return np.concatenate(time), np.concatenate(neuron)

    def spike_chunks(
        self, start_ms: float = 0.0, stop_ms: float | None = None, neurons: str | ArrayLike | None = None
    ) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int32]]]:
        """Yield what `spikes` returns piece by piece, in bounded memory."""
        chosen = None if neurons is None else self.neurons(neurons)
        for rows in self.streams["spikes"].chunks(*self._ticks(start_ms, stop_ms)):
            rows = rows if chosen is None else rows[np.isin(rows["neuron"], chosen)]
            yield rows["tick"] * self.dt_ms, rows["neuron"].astype(np.int32)

    def neurons(self, chosen: str | ArrayLike) -> NDArray[np.int64]:
        """Return the numbers of neurons, by order of creation from 0, (n,); deleted ones included.

        Raises
        ------
        SelectionError
            If they are not there.
        """
        if not isinstance(chosen, str):
            numbers, n = np.atleast_1d(np.asarray(chosen, np.int64)), self.manifest.n_neurons
            for wrong in numbers[(numbers < 0) | (numbers >= n)][:1].tolist():
                raise SelectionError(str(wrong), f"there are {n:,} neurons, counted from 0")
            return numbers
        from ..network import Selection, Shape  # not before: numba comes with it, and most readers need it for nothing

        first = {name: int(lies["first"]) for name, lies in self.manifest.populations.items()}
        shapes = {
            name: Shape(lies["size"], lies["columns"], lies["layers"])
            for name, lies in self.manifest.populations.items()
        }
        return np.concatenate(
            [np.empty(0, np.int64), *(first[n] + p for n, p in Selection.parse(chosen).places(shapes))]
        )

    def traces(
        self, start_ms: float = 0.0, stop_ms: float | None = None, neurons: str | ArrayLike | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (n_ticks,) [ms] and membrane potentials (n_ticks, n) [mV] of the traced neurons.

        Raises
        ------
        SelectionError
            If a neuron was not traced.
        """
        traced = self.network.trace_neuron
        if "traces" not in self.streams:
            return np.empty(0), np.empty((0, 0))
        place = np.arange(traced.size)
        if neurons is not None:
            chosen = self.neurons(neurons)
            for missing in chosen[~np.isin(chosen, traced)][:1].tolist():
                raise SelectionError(str(missing), f"was not traced; choices: {', '.join(map(str, traced.tolist()))}")
            place = np.argsort(traced)[np.searchsorted(np.sort(traced), chosen)]
        rows = self.streams["traces"].rows(*self._ticks(start_ms, stop_ms))
        return rows["tick"] * self.dt_ms, rows["v"][:, place]

    def values(
        self, field: str, start_ms: float = 0.0, stop_ms: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (n_ticks,) [ms] and values (n_ticks, n) of a field that was recorded, ``Recovery.u``.

        Of whom they are, `network` says: ``recording.network.values_of(field).number``.

        Raises
        ------
        SelectionError
            If it was not recorded.
        """
        recorded = [values.field for values in self.network.values]
        if field not in recorded:
            raise SelectionError(field, f"was not recorded; {choices(field, recorded)}")
        rows = self.streams[f"values-{recorded.index(field)}"].rows(*self._ticks(start_ms, stop_ms))
        return rows["tick"] * self.dt_ms, rows["value"]

    def weights(
        self, start_ms: float = 0.0, stop_ms: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (n,) [ms] and all weights at these times (n, n_synapses) [mV].

        Synapses are those of `network`, in its order; NaN for one that was not there yet.
        """
        n = self.network.weight.size
        parts = list(self.weight_chunks(start_ms, stop_ms))
        return np.array([time for time, _ in parts], np.float64), np.array([w for _, w in parts]).reshape(len(parts), n)

    def weight_chunks(
        self, start_ms: float = 0.0, stop_ms: float | None = None
    ) -> Iterator[tuple[float, NDArray[np.float64]]]:
        """Yield what `weights` returns time by time, in bounded memory."""
        numbers, n = self.streams["synapses"], self.network.weight.size
        now = numbers.at(self.manifest.first_synapse, n)["synapse"]
        for snapshot in self.streams["snapshots"].rows(*self._ticks(start_ms, stop_ms)):
            weight = self.streams["weights"].at(int(snapshot["first_weight"]), int(snapshot["n"]))["weight"]
            if weight.size != snapshot["n"]:
                problem = f"is damaged: weights of tick {snapshot['tick']:,} are missing"
                raise FileError(self.path / "weights.bin", problem)
            if snapshot["first_synapse"] != self.manifest.first_synapse:
                then = numbers.at(int(snapshot["first_synapse"]), int(snapshot["n"]))["synapse"]
                weight = _aligned(now, then, weight)
            yield float(snapshot["tick"] * self.dt_ms), weight

    def _ticks(self, start_ms: float, stop_ms: float | None) -> tuple[int, int | None]:
        """Return the first tick of a slice, and the first behind it."""

        def first(time: float) -> int:
            return int(np.ceil(round(time / self.dt_ms, 6)))

        return first(start_ms), None if stop_ms is None else first(stop_ms)

    # -- all of it ----------------------------------------------------------------------------------------------

    def run_data(self) -> RunData:
        """Return all of it, as ``simulation.data()`` would have without a folder.

        Of a run that was killed: all until `tick`, with the network as saved last.
        """
        return merged(self)

    def outline(self) -> RunData:
        """Return what `run_data` does, without spikes, traces, values, weights at intervals, and signals inside.

        What came in and what came out of a capacity network is there.
        """
        return merged(self, whole=False)

    def export(self, path: Path) -> list[Path]:
        """Write it in another form; return what was written.

        Parameters
        ----------
        path : Path
            ``x.csv``, ``x.npz``: see `runen_ecs.files.save_run`. ``x.h5``: SONATA, see `save_sonata`.

        Raises
        ------
        FileError
            For another ending.
        RunFolderError
            If it cannot be written.
        """
        if path.suffix not in ENDINGS:
            raise FileError(path, f"must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
        if path.suffix == ".h5":
            from .sonata import save_sonata

            return save_sonata(self, path)
        data = self.run_data()
        try:
            return save_run(data, path)
        except FileError as error:
            raise RunFolderError(path, error.problem) from None

    def to_neo(self) -> Any:
        """Return a `neo.Block` with all spike trains, traces and values; see `block_of`."""
        from .neo_block import block_of

        return block_of(self)


def _aligned(now: NDArray[np.int32], then: NDArray[np.int32], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights of synapses of an earlier time for those of now; NaN for those that were not there yet."""
    if not then.size:
        return np.full(now.size, np.nan)
    order = np.argsort(then)
    place = order[np.searchsorted(then, now, sorter=order).clip(0, then.size - 1)]
    return np.where(then[place] == now, weight[place], np.nan)
