"""Who is wired to whom, by rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..components import NEURON, SYNAPSE, Accumulator, Capacity, Source, Target
from ..engine.arrays import Rows
from ..engine.compile import array_kernel
from ..engine.resource import Resource
from ..engine.world import World

__all__ = ["Topology", "group_rows", "same_parts"]


class Topology(Resource):
    """Who is wired to whom, by rows; kept by `World.maintain`, which also sorts the synapses by their source.

    Within an axon come first the synapses that pass a spike on at once, as a postsynaptic potential on the `DelayLine`;
    then those to which it travels as a signal, in the `SignalQueue`: those with a capacity, and all from and to
    neurons that accumulate. Each of the two are in the order of their connection.

    Attributes
    ----------
    axon_first : (n_neurons + 1,) int64
        The synapses of neuron i are the rows ``axon_first[i]:axon_first[i + 1]``.
    axon_queued : (n_neurons,) int64
        Those that are reached through the `SignalQueue` are the rows ``axon_queued[i]:axon_first[i + 1]``.
    dendrite_first : (n_neurons + 1,) int64
        The dendrites of neuron i that an axon feeds are numbers ``dendrite_first[i]:dendrite_first[i + 1]`` of the next
        two.
    dendrite_row : (n_connected,) int32
        Rows of dendrites, by neuron.
    dendrite_source : (n_connected,) int32
        For each of them, the row of the neuron at the other end.
    last_order : int
        The highest `Source.order` that was given away.
    """

    derived = ("axon_first", "axon_queued", "dendrite_first", "dendrite_row", "dendrite_source", "_made_from")

    def __init__(self) -> None:
        self.axon_first = np.zeros(1, np.int64)
        self.axon_queued = np.zeros(0, np.int64)
        self.dendrite_first = np.zeros(1, np.int64)
        self.dendrite_row: Rows = np.empty(0, np.int32)
        self.dendrite_source: Rows = np.empty(0, np.int32)
        self.last_order = 0
        self._made_from: tuple[object, ...] = ()

    def maintain(self, world: World) -> None:
        """Sort the synapses by source, and index them from both ends."""
        n = len(world.table(NEURON))
        if same_parts(self._made_from, self._parts(world, n)):
            return
        place, order = self._place(world, n), world.storage(Source).array["order"]
        created = world.table(SYNAPSE).first_entity
        behind = np.diff(created) < 0
        for key in (order, place):
            step = np.diff(key)
            behind = (step < 0) | ((step == 0) & behind)
        if behind.any():
            simple = not order.any() and (np.diff(created) > 0).all()
            rows = group_rows(place, 2 * n + 1)[1] if simple else np.lexsort((created, order, place)).astype(np.int32)
            world.rearrange(SYNAPSE, rows)
            place = place[rows]
        source, target = world.storage(Source).array["neuron"], world.storage(Target).array["neuron"]
        first = np.searchsorted(place, np.arange(2 * n + 1)).astype(np.int64)
        self.axon_first, self.axon_queued = first[::2].copy(), first[1::2].copy()
        connected = int(self.axon_first[-1])
        self.dendrite_first, self.dendrite_row = group_rows(target[:connected], n)
        self.dendrite_source = source[self.dendrite_row]
        self._made_from = self._parts(world, n)

    @staticmethod
    def _parts(world: World, n: int) -> tuple[object, ...]:
        """Return what the index is made from: it is old when one of these is another object."""
        source = world.storage(Source).array
        masks = [world.storage(c).mask if world.has_storage(c) else 0 for c in (Capacity, Accumulator)]
        return n, source["neuron"], source["order"], world.storage(Target).array["neuron"], *masks

    @staticmethod
    def _place(world: World, n: int) -> Rows:
        """Return 2 x the source of each synapse, + 1 if it is reached through the queue; 2 n if it is not connected."""
        source, target = world.storage(Source).array["neuron"], world.storage(Target).array["neuron"]
        place = 2 * source
        if world.has_storage(Capacity):
            place += world.storage(Capacity).present
        if world.has_storage(Accumulator) and n:
            accumulates = world.storage(Accumulator).present
            place |= accumulates[source] | accumulates[target]
        place[(source < 0) | (target < 0)] = 2 * n
        return place


def same_parts(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Whether an index would be made from the very same arrays and numbers again."""
    return len(before) == len(now) and all(
        a is b or (isinstance(a, int) and a == b) for a, b in zip(before, now, strict=True)
    )


@array_kernel
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
