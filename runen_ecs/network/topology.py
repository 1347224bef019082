"""Who is wired to whom, by rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..components import NEURON, SYNAPSE, Source, Target
from ..engine.arrays import Rows
from ..engine.compile import kernel
from ..engine.resource import Resource
from ..engine.world import World

__all__ = ["Topology", "group_rows"]


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
