"""Postsynaptic potentials on their way."""

from __future__ import annotations

import numpy as np

from ..components import NEURON, Delay
from ..engine.arrays import Rows
from ..engine.resource import Resource
from ..engine.storage import Table
from ..engine.world import World

__all__ = ["DelayLine"]


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
