"""What a run leaves behind: spikes, signals, traces and weights, as resources that recording systems fill."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .engine.component import Entity
from .engine.resource import Resource

__all__ = [
    "EmissionRecord",
    "EventRecord",
    "HitRecord",
    "OutputRecord",
    "SpikeRecord",
    "TraceRecord",
    "WeightRecord",
]

CHUNK = 1 << 16


class EventRecord(Resource):
    """Events: for each of them a value in each of some arrays.

    Attributes
    ----------
    DTYPES : dict of str to dtype
        Names and types of the arrays.
    buffer : dict of str to (room,) array
        What a kernel fills; the first ``count[0]`` count. Full ones are taken away by `drain`.
    count : (1,) int64
    total : int
        How many were taken away so far.
    """

    DTYPES: ClassVar[dict[str, type[np.generic]]] = {}

    def __init__(self) -> None:
        self.count = np.zeros(1, np.int64)
        self.total = 0
        self._chunks: list[dict[str, NDArray[Any]]] = []
        self._make(CHUNK)

    def _make(self, room: int) -> None:
        self.buffer: dict[str, NDArray[Any]] = {name: np.empty(room, dtype) for name, dtype in self.DTYPES.items()}
        self.room = room

    def reserve(self, n: int) -> None:
        """Make the buffers large enough for ``n`` events in one tick."""
        if self.room < 2 * n:
            self.drain()
            self._make(2 * n)

    def drain(self) -> None:
        """Take away what lies in the buffers."""
        n = int(self.count[0])
        if n:
            self._chunks.append({name: array[:n].copy() for name, array in self.buffer.items()})
            self.total += n
            self.count[0] = 0

    def events(self) -> dict[str, NDArray[Any]]:
        """Return all events so far, in the order in which they happened; arrays of (n_events,)."""
        self.drain()
        if len(self._chunks) != 1:
            empty = {name: np.empty(0, dtype) for name, dtype in self.DTYPES.items()}
            parts = [empty, *self._chunks]
            self._chunks = [{name: np.concatenate([part[name] for part in parts]) for name in self.DTYPES}]
        return self._chunks[0]

    def forget(self) -> None:
        """Forget all events so far."""
        self.count[0] = self.total = 0
        self._chunks = []


class SpikeRecord(EventRecord):
    """Every spike: tick and entity."""

    DTYPES: ClassVar = {"tick": np.int32, "entity": np.int32}


class OutputRecord(EventRecord):
    """Every signal that came out of an output port: tick, number of the port, size."""

    DTYPES: ClassVar = {"tick": np.int32, "port": np.int32, "size": np.float64}


class HitRecord(EventRecord):
    """Every signal that arrived at a synapse, and what became of it.

    tick; synapse, an entity; size, what arrived; passed, what the synapse let through; level of the synapse and
    accumulator of its neuron at the end of the tick.
    """

    DTYPES: ClassVar = {
        "tick": np.int32,
        "synapse": np.int32,
        "size": np.float64,
        "passed": np.float64,
        "level": np.float64,
        "accumulator": np.float64,
    }


class EmissionRecord(EventRecord):
    """Every signal that left a neuron: tick, entity of the neuron, size."""

    DTYPES: ClassVar = {"tick": np.int32, "neuron": np.int32, "size": np.float64}


class TraceRecord(Resource):
    """The membrane potential of chosen neurons at every tick.

    Parameters
    ----------
    entity : sequence of int
        The neurons.

    Attributes
    ----------
    v : (room, n) float64 [mV]
        Buffer that the kernel fills, one row a tick; the first ``count[0]`` rows count.
    count : (1,) int64
    """

    ROOM = 4096

    def __init__(self, entity: tuple[Entity, ...] = ()) -> None:
        self.entity = np.array(entity, np.int32)
        self.v = np.empty((self.ROOM, len(entity)))
        self.count = np.zeros(1, np.int64)
        self._chunks: list[NDArray[np.float64]] = []

    def drain(self) -> None:
        """Take away what lies in the buffer."""
        n = int(self.count[0])
        if n:
            self._chunks.append(self.v[:n].copy())
            self.count[0] = 0

    def trace(self) -> NDArray[np.float64]:
        """Return the potential at the end of every tick so far, (n_ticks, n) [mV]; NaN once a neuron is deleted."""
        self.drain()
        self._chunks = [np.concatenate([np.empty((0, self.entity.size)), *self._chunks])]
        return self._chunks[0]


class WeightRecord(Resource):
    """All weights at intervals.

    Attributes
    ----------
    tick : list of int
        When.
    dendrite : list of (n,) int32
        Whose; entities.
    weight : list of (n,) float64 [mV]
        How strong.
    """

    def __init__(self) -> None:
        self.tick: list[int] = []
        self.dendrite: list[NDArray[np.int32]] = []
        self.weight: list[NDArray[np.float64]] = []
