"""The network: who is wired to whom, what travels, and who fires; resources that follow every change of structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .components import DENDRITE, NEURON, SYNAPSE, Delay, Source, Target, Weight
from .engine.arrays import Rows
from .engine.compile import kernel
from .engine.component import Batch, Entity
from .engine.resource import Resource
from .engine.storage import Table
from .engine.world import World
from .errors import EntityError

__all__ = ["DelayLine", "Fired", "Topology", "connect", "dendrite_of", "disconnect"]


def connect(
    world: World,
    source: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    delay: ArrayLike = 1,
    also: tuple[Batch, ...] = (),
) -> Rows:
    """Connect neurons: create one synapse and its dendrite for each pair.

    Parameters
    ----------
    world : World
    source, target : (n,) int
        Entities of the neurons whose axon feeds the synapse, and that own the dendrite.
    weight : (n,) float, or one for all
        [mV]
    delay : (n,) int, or one for all
        [ticks], 1 or more.
    also : tuple of Batch
        Further components of the synapses and dendrites.

    Returns
    -------
    (n,) int32
        The synapses; see `dendrite_of`.

    Raises
    ------
    EntityError
        If a source or target is no neuron.
    """
    source, target = np.atleast_1d(source), np.atleast_1d(target)
    source, target = np.broadcast_arrays(source, target)
    return world.create_entities(
        source.size,
        Source.batch(neuron=source),
        Delay.batch(ticks=delay),
        Target.batch(neuron=target),
        Weight.batch(value=weight),
        *also,
    )


def disconnect(world: World, synapse: Entity) -> None:
    """Take a synapse off the axon that feeds it; synapse and dendrite stay, unconnected.

    Raises
    ------
    EntityError
        If it is no synapse, or not connected.
    """
    view = world.component(synapse, Source)
    if view.neuron == 0:
        raise EntityError(synapse, "is not connected")
    view.neuron = 0


def dendrite_of(synapse: Entity) -> Entity:
    """Return the dendrite of a synapse: its neighbour, and for nobody nobody; works on arrays too."""
    return synapse + DENDRITE.position * (synapse > 0)


class Topology(Resource):
    """Who is wired to whom, by rows; kept by `World.maintain`, which also sorts the synapses by their source.

    Attributes
    ----------
    axon_first : (n_neurons + 1,) int64
        The synapses of neuron i are the rows ``axon_first[i]:axon_first[i + 1]``, in the order of their connection.
    dendrite_first : (n_neurons + 1,) int64
        The connected dendrites of neuron i are numbers ``dendrite_first[i]:dendrite_first[i + 1]`` of the next two.
    dendrite_row : (n_connected,) int32
        Rows of dendrites, by neuron.
    dendrite_source : (n_connected,) int32
        For each of them, the row of the neuron at the other end.
    """

    def __init__(self) -> None:
        self.axon_first = np.zeros(1, np.int64)
        self.dendrite_first = np.zeros(1, np.int64)
        self.dendrite_row: Rows = np.empty(0, np.int32)
        self.dendrite_source: Rows = np.empty(0, np.int32)
        self._made_from: tuple[object, ...] = ()

    def maintain(self, world: World) -> None:
        """Sort the synapses by source, and index them from both ends."""
        n = len(world.table(NEURON))
        source = world.storage(Source).array["neuron"]
        if self._is_made_from(n, source, world.storage(Target).array["neuron"]):
            return
        owner = self._owner(world, n)
        if (np.diff(owner) < 0).any():
            _, order = group_rows(owner, n + 1)
            world.rearrange(SYNAPSE, order)
            owner = owner[order]
        source, target = world.storage(Source).array["neuron"], world.storage(Target).array["neuron"]
        self.axon_first = np.searchsorted(owner, np.arange(n + 1)).astype(np.int64)
        connected = int(self.axon_first[-1])
        self.dendrite_first, self.dendrite_row = group_rows(target[:connected], n)
        self.dendrite_source = source[self.dendrite_row]
        self._made_from = (n, source, target)

    @staticmethod
    def _owner(world: World, n: int) -> Rows:
        """Return the source of each synapse, or ``n`` for one that is not connected at both ends, (n_synapses,)."""
        source, target = world.storage(Source).array["neuron"], world.storage(Target).array["neuron"]
        return np.where((source < 0) | (target < 0), np.int32(n), source)

    def _is_made_from(self, *parts: object) -> bool:
        return len(self._made_from) == len(parts) and all(
            a is b or (isinstance(a, int) and a == b) for a, b in zip(self._made_from, parts, strict=True)
        )


@kernel
def group_rows(owner: Rows, n_owners: int) -> tuple[NDArray[np.int64], Rows]:
    """Sort rows by owner, keeping the order of rows that have the same owner.

    owner : (n,) int32 in 0 … n_owners - 1. Returns first : (n_owners + 1,) int64 and row : (n,) int32, so that the rows
    of owner i are ``row[first[i]:first[i + 1]]``.
    """
    first = np.zeros(n_owners + 1, np.int64)
    for k in range(owner.size):
        first[owner[k] + 1] += 1
    for i in range(n_owners):
        first[i + 1] += first[i]
    place = first[:-1].copy()
    row = np.empty(owner.size, np.int32)
    for k in range(owner.size):
        row[place[owner[k]]] = k
        place[owner[k]] += 1
    return first, row


class DelayLine(Resource):
    """Postsynaptic potentials on their way: a ring of future ticks.

    A synapse acts when the spike is sent; what it has passed on then travels for the synapse's delay. Deleting a
    synapse therefore leaves on its way what it has passed; deleting a neuron drops what was on its way to it.

    Attributes
    ----------
    pending : (n_ticks, n_neurons) float64 [mV]
        What arrives at each neuron in tick t lies in ``pending[t % n_ticks]``; n_ticks is a power of two.
    dropped : int
        How many potentials, summed by neuron and tick of arrival, were dropped with their neuron.
    """

    def __init__(self) -> None:
        self.pending = np.zeros((2, 0))
        self.dropped = 0

    def in_flight(self) -> int:
        """Return how many potentials, summed by neuron and tick of arrival, are on their way."""
        return int(np.count_nonzero(self.pending))

    def moved(self, table: Table, new_row: Rows) -> None:
        """Keep what is on its way to the neurons that are left."""
        if table.group == NEURON.group:
            kept = np.flatnonzero(new_row[: self.pending.shape[1]] >= 0)
            self.dropped += self.in_flight() - int(np.count_nonzero(self.pending[:, kept]))
            pending = np.zeros((len(self.pending), len(table)))
            pending[:, new_row[kept]] = self.pending[:, kept]
            self.pending = pending

    def maintain(self, world: World) -> None:
        """Make room for new neurons and longer delays."""
        ticks = world.storage(Delay).array["ticks"]
        depth = 1 << int(ticks.max(initial=1)).bit_length()
        old = self.pending
        shape = max(depth, len(old)), len(world.table(NEURON))
        if shape != old.shape:
            self.pending = np.zeros(shape)
            for tick in range(world.tick, world.tick + len(old)):
                self.pending[tick % shape[0], : old.shape[1]] = old[tick % len(old)]


class Fired(Resource):
    """Who fires in this tick.

    Attributes
    ----------
    row : (n_neurons + 1,) int32
        Rows of the neurons that fire, ascending; the first ``count[0]`` of them count.
    count : (1,) int64
    """

    def __init__(self) -> None:
        self.row: Rows = np.zeros(1, np.int32)
        self.count = np.zeros(1, np.int64)

    def moved(self, table: Table, new_row: Rows) -> None:
        """Follow the neurons to their new rows."""
        if table.group == NEURON.group:
            row = new_row[self.row[: self.count[0]]]
            row = np.sort(row[row >= 0])
            self.row[: row.size] = row
            self.count[0] = row.size

    def maintain(self, world: World) -> None:
        """Make room for every neuron."""
        row = np.zeros(len(world.table(NEURON)) + 1, np.int32)
        row[: self.count[0]] = self.row[: self.count[0]]
        self.row = row
