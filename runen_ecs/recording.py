"""What a run leaves behind: spikes, signals, traces and weights, as resources that recording systems fill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .engine.component import Component, Entity
from .engine.resource import Resource

__all__ = [
    "EmissionRecord",
    "EventRecord",
    "HitRecord",
    "OutputRecord",
    "Sink",
    "SpikeRecord",
    "TraceRecord",
    "ValueRecord",
    "ValueSeries",
    "WeightRecord",
]

CHUNK = 1 << 16

Sink = Callable[[dict[str, NDArray[Any]]], object]
"""Takes chunks as they come: arrays by name, which are only its own until it returns."""


class Chunks(ABC):
    """What was taken out of a buffer: piles up here, or goes to a sink as it comes."""

    def __init__(self) -> None:
        self._chunks: list[dict[str, NDArray[Any]]] = []
        self._sink: Sink | None = None

    @abstractmethod
    def drain(self) -> None:
        """Take away what lies in the buffer."""

    def state(self) -> dict[str, Any]:
        """Return nothing: what was recorded is no state of the world; it leaves the buffer first."""
        self.drain()
        return {}

    def hand_to(self, sink: Sink | None) -> None:
        """Hand all that was recorded so far, and all that will be, to a sink; None: let it pile up here again.

        What a sink was given is no longer here.
        """
        self.drain()
        self._sink = sink
        piled, self._chunks = self._chunks, []
        for chunk in piled:
            self._keep(chunk)
        self.drain()

    def _keep(self, chunk: dict[str, NDArray[Any]]) -> None:
        if self._sink is None:
            self._chunks.append({name: array.copy() for name, array in chunk.items()})
        else:
            self._sink(chunk)


class EventRecord(Chunks, Resource):
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
        super().__init__()
        self.count = np.zeros(1, np.int64)
        self.total = 0
        self._make(CHUNK)

    def _make(self, room: int) -> None:
        self.buffer: dict[str, NDArray[Any]] = {name: np.empty(room, dtype) for name, dtype in self.DTYPES.items()}
        self.room = room

    def reserve(self, n: int) -> None:
        """Make the buffers large enough for ``n`` events in one tick."""
        if self.room < 2 * n:
            self.drain()
            self._make(2 * n)

    def state(self) -> dict[str, Any]:
        """Return how many events there were; they themselves are no state of the world."""
        return {**super().state(), "total": self.total}

    def drain(self) -> None:
        """Take away what lies in the buffers."""
        n = int(self.count[0])
        if n:
            self.total += n
            self.count[0] = 0
            self._keep({name: array[:n] for name, array in self.buffer.items()})

    def events(self) -> dict[str, NDArray[Any]]:
        """Return all events so far, in the order in which they happened; arrays of (n_events,).

        Those that a sink was given are left out.
        """
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


class TraceRecord(Chunks, Resource):
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
        super().__init__()
        self.entity = np.array(entity, np.int32)
        self.v = np.empty((self.ROOM, len(entity)))
        self.count = np.zeros(1, np.int64)

    def drain(self) -> None:
        """Take away what lies in the buffer."""
        n = int(self.count[0])
        if n:
            self.count[0] = 0
            self._keep({"v": self.v[:n]})

    def trace(self) -> NDArray[np.float64]:
        """Return the potential at the end of every tick so far, (n_ticks, n) [mV]; NaN once a neuron is deleted.

        Ticks that a sink was given are left out.
        """
        self.drain()
        v = np.concatenate([np.empty((0, self.entity.size)), *(chunk["v"] for chunk in self._chunks)])
        self._chunks = [{"v": v}]
        return v


class WeightRecord(Chunks, Resource):
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
        super().__init__()
        self.tick: list[int] = []
        self.dendrite: list[NDArray[np.int32]] = []
        self.weight: list[NDArray[np.float64]] = []

    def drain(self) -> None:
        """Hand what lies here to the sink, if there is one; a chunk is the weights of one tick."""
        while self._sink is not None and self.tick:
            tick = np.array([self.tick.pop(0)], np.int64)
            self._keep({"tick": tick, "dendrite": self.dendrite.pop(0), "weight": self.weight.pop(0)})


class ValueSeries(Chunks):
    """A field of chosen entities at intervals.

    Parameters
    ----------
    component : type
    field : str
    every : int
        [ticks]
    of : str
        The selection, in words.

    Attributes
    ----------
    entity : (n,) int32
        Whose.
    value : (room, n) float64
        Buffer that the kernel fills; the first ``count[0]`` rows count.
    tick : (room,) int64
        When, the same way.
    count : (1,) int64
    """

    ROOM = 1 << 18

    def __init__(self, component: type[Component], field: str, every: int, of: str) -> None:
        super().__init__()
        self.component, self.field, self.every, self.of = component, field, every, of
        self.count = np.zeros(1, np.int64)
        self.choose(np.zeros(0, np.int32))

    def choose(self, entity: NDArray[np.int32]) -> None:
        """Say whose values are recorded, before the first tick."""
        room = max(1, self.ROOM // max(entity.size, 1))
        self.entity, self.value, self.tick = entity, np.empty((room, entity.size)), np.empty(room, np.int64)

    def drain(self) -> None:
        """Take away what lies in the buffer."""
        n = int(self.count[0])
        if n:
            self.count[0] = 0
            self._keep({"tick": self.tick[:n], "value": self.value[:n]})

    def series(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return ticks (n_ticks,) and values (n_ticks, n) so far; NaN once an entity is deleted.

        Ticks that a sink was given are left out.
        """
        self.drain()
        empty = {"tick": np.zeros(0, np.int64), "value": np.zeros((0, self.entity.size))}
        chunks = [empty, *self._chunks]
        self._chunks = [{name: np.concatenate([chunk[name] for chunk in chunks]) for name in empty}]
        return self._chunks[0]["tick"], self._chunks[0]["value"]


class ValueRecord(Resource):
    """Recorded fields of components.

    Attributes
    ----------
    series : list of ValueSeries
    """

    def __init__(self) -> None:
        self.series: list[ValueSeries] = []

    def state(self) -> dict[str, Any]:
        """Return nothing; see `Chunks.state`."""
        for series in self.series:
            series.drain()
        return {}
