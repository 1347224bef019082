"""Signals of sizes: on their way to synapses, arriving, and leaving neurons."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..components import NEURON, SYNAPSE, Delay
from ..engine.arrays import Rows
from ..engine.resource import Resource
from ..engine.storage import Table
from ..engine.world import World

__all__ = ["Arrivals", "Emissions", "SignalQueue"]

T = TypeVar("T", bound=np.generic)


class SignalQueue(Resource):
    """Signals on their way to synapses: a ring of future ticks, and in each the signals first in, first out.

    sent = delivered + in flight + dropped, at every tick. A signal is dropped when a tick begins and its synapse is
    gone, or is no longer connected.

    Attributes
    ----------
    synapse : (n_ticks, room) int32
        What arrives in tick t lies in ``synapse[t % n_ticks]``, as rows; n_ticks is a power of two.
    size : (n_ticks, room) float64
    count : (n_ticks,) int64
        How many of each row count.
    tally : (3,) int64
        How many signals were sent, delivered and dropped so far.
    unsent : (1,) int64
        Set by the kernel that sends, when there is no room for all that leaves in a tick.
    """

    ROOM = 1024

    def __init__(self) -> None:
        self.synapse: Rows = np.zeros((2, self.ROOM), np.int32)
        self.size = np.zeros((2, self.ROOM))
        self.count = np.zeros(2, np.int64)
        self.tally = np.zeros(3, np.int64)
        self.unsent = np.zeros(1, np.int64)

    @property
    def room(self) -> int:
        """How many signals can arrive in one tick."""
        return int(self.synapse.shape[1])

    @property
    def sent(self) -> int:
        """How many signals were sent to a synapse so far."""
        return int(self.tally[0])

    @property
    def delivered(self) -> int:
        """How many have arrived so far."""
        return int(self.tally[1])

    @property
    def dropped(self) -> int:
        """How many were dropped so far."""
        return int(self.tally[2])

    @property
    def in_flight(self) -> int:
        """How many are on their way."""
        return int(self.count.sum())

    def grow(self, room: int) -> None:
        """Make room for ``room`` signals in each tick."""
        synapse, size = np.zeros((len(self.count), room), np.int32), np.zeros((len(self.count), room))
        synapse[:, : self.room], size[:, : self.room] = self.synapse, self.size
        self.synapse, self.size = synapse, size

    def push(self, tick: int, synapse: int, size: float) -> None:
        """Send a signal that arrives at the synapse of a row in a tick to come."""
        slot = tick % len(self.count)
        if self.count[slot] == self.room:
            self.grow(2 * self.room)
        self.synapse[slot, self.count[slot]], self.size[slot, self.count[slot]] = synapse, size
        self.count[slot] += 1
        self.tally[0] += 1

    def keep(self, new_row: Rows) -> None:
        """Send what is on its way to new rows of synapses; drop what goes to -1."""
        for slot in np.flatnonzero(self.count):
            n = self.count[slot]
            row = new_row[self.synapse[slot, :n]]
            kept = row >= 0
            m = int(kept.sum())
            self.synapse[slot, :m] = row[kept]
            self.size[slot, :m] = self.size[slot, :n][kept]
            self.count[slot] = m
            self.tally[2] += n - m

    def moved(self, table: Table, new_row: Rows) -> None:
        """Follow the synapses to their new rows."""
        if table.group == SYNAPSE.group:
            self.keep(new_row)

    def maintain(self, world: World) -> None:
        """Make room for longer delays."""
        self.deepen(world.tick, int(world.storage(Delay).array["ticks"].max(initial=1)))

    def deepen(self, tick: int, delay: int) -> None:
        """Make room, after a tick, for signals that travel for so many."""
        depth, old = 1 << delay.bit_length(), len(self.count)
        if depth > old:
            ticks = np.arange(tick + 1, tick + 1 + old)
            self.synapse = _deeper(self.synapse, depth, ticks)
            self.size = _deeper(self.size, depth, ticks)
            self.count = _deeper(self.count, depth, ticks)


def _deeper(ring: NDArray[T], depth: int, ticks: NDArray[np.int64]) -> NDArray[T]:
    """Return a ring of more ticks that holds what another held for these."""
    deeper = np.zeros((depth, *ring.shape[1:]), ring.dtype)
    deeper[ticks % depth] = ring[ticks % len(ring)]
    return deeper


class Arrivals(Resource):
    """The signals that arrive in a tick, in the order in which they are taken.

    Attributes
    ----------
    synapse : (room,) int32
        Rows; the first ``count[0]`` count.
    size, passed : (room,) float64
        What arrives, and what the synapse lets through.
    count : (1,) int64
    carried : (room,) int32
        Rows of the synapses that carry a signal in this tick, each once; the first ``n_carried[0]`` count.
    n_carried : (1,) int64
    most_stimuli : int
        How many signals may come in through ports in one tick.
    """

    def __init__(self) -> None:
        self.most_stimuli = 0
        self.count = np.zeros(1, np.int64)
        self.n_carried = np.zeros(1, np.int64)
        self._make(0)

    def _make(self, room: int) -> None:
        self.synapse: Rows = np.zeros(room, np.int32)
        self.carried: Rows = np.zeros(room, np.int32)
        self.size, self.passed = np.zeros(room), np.zeros(room)

    def moved(self, table: Table, new_row: Rows) -> None:
        """Forget the rows of a tick that is over."""
        if table.group == SYNAPSE.group:
            self.count[0] = self.n_carried[0] = 0

    def maintain(self, world: World) -> None:
        """Make room for all that can arrive in a tick."""
        room = world.resource(SignalQueue).room + self.most_stimuli
        if room > self.synapse.size:
            self.count[0] = self.n_carried[0] = 0
            self._make(room)


class Emissions(Resource):
    """The signals that leave neurons in a tick, in the order in which they were sent.

    Attributes
    ----------
    neuron : (room,) int32
        Rows; the first ``count[0]`` count.
    size : (room,) float64
    count : (1,) int64
    """

    def __init__(self) -> None:
        self.neuron: Rows = np.zeros(0, np.int32)
        self.size: NDArray[np.float64] = np.zeros(0)
        self.count = np.zeros(1, np.int64)

    def moved(self, table: Table, new_row: Rows) -> None:
        """Forget the rows of a tick that is over."""
        if table.group == NEURON.group:
            self.count[0] = 0

    def maintain(self, world: World) -> None:
        """Make room for a signal for each that arrives, and one for each neuron that fires."""
        room = world.resource(SignalQueue).room + world.resource(Arrivals).most_stimuli + len(world.table(NEURON))
        if room > self.neuron.size:
            self.count[0] = 0
            self.neuron, self.size = np.zeros(room, np.int32), np.zeros(room)
