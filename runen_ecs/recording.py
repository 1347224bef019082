"""What a run leaves behind: spikes, traces and weights, as resources that recording systems fill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .engine.component import Entity
from .engine.resource import Resource

__all__ = ["SpikeRecord", "TraceRecord", "WeightRecord"]

CHUNK = 1 << 18


class SpikeRecord(Resource):
    """Every spike, by entity.

    Attributes
    ----------
    tick, entity : (room,) int32
        Buffers that the kernel fills; the first ``count[0]`` count. Full ones are taken away by `drain`.
    count : (1,) int64
    """

    def __init__(self) -> None:
        self.tick = np.empty(CHUNK, np.int32)
        self.entity = np.empty(CHUNK, np.int32)
        self.count = np.zeros(1, np.int64)
        self.total = 0
        self._chunks: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []

    def reserve(self, n: int) -> None:
        """Make the buffers large enough for ``n`` spikes in one tick."""
        if self.tick.size < 2 * n:
            self.drain()
            self.tick = np.empty(2 * n, np.int32)
            self.entity = np.empty(2 * n, np.int32)

    def drain(self) -> None:
        """Take away what lies in the buffers."""
        n = int(self.count[0])
        if n:
            self._chunks.append((self.tick[:n].copy(), self.entity[:n].copy()))
            self.total += n
            self.count[0] = 0

    def spikes(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return tick and entity of every spike so far, in order of tick and row, two (n_spikes,) int32."""
        self.drain()
        if len(self._chunks) != 1:
            ticks, entities = zip(*self._chunks, strict=True) if self._chunks else ((), ())
            self._chunks = [
                (np.concatenate([*ticks, []]).astype(np.int32), np.concatenate([*entities, []]).astype(np.int32))
            ]
        return self._chunks[0]


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
