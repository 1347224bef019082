"""Postsynaptic potentials on their way."""

from __future__ import annotations

import numpy as np

from ..components import NEURON, Delay, SynapticConductances, SynapticCurrents
from ..engine.arrays import Flags, Floats, Rows
from ..engine.resource import Resource
from ..engine.storage import Table
from ..engine.world import World

__all__ = ["DelayLine"]

APART = SynapticCurrents, SynapticConductances


class DelayLine(Resource):
    """Postsynaptic potentials on their way: a ring of future ticks.

    A synapse acts when the spike is sent; what it has passed on then travels for the synapse's delay. Deleting a
    synapse therefore leaves on its way what it has passed; deleting a neuron drops what was on its way to it.

    Attributes
    ----------
    pending : (n_ticks, n_neurons) float64 [mV]
        What arrives at each neuron in tick t lies in ``pending[t % n_ticks]``; n_ticks is a power of two.
    signed : (2, n_ticks, n_neurons) float64 [mV]
        The same for the neurons that have `SynapticCurrents` or `SynapticConductances`, the positive potentials in
        ``signed[0]`` and the negative ones in ``signed[1]``; conductances have no unit. Without neurons where none has.
    by_sign : (n_neurons,) bool
        Who has one of the two; without neurons where none has.
    dropped : int
        How many potentials, summed by neuron and tick of arrival, were dropped with their neuron.
    """

    def __init__(self) -> None:
        self.pending = np.zeros((2, 0))
        self.signed = np.zeros((2, 2, 0))
        self.by_sign: Flags = np.zeros(0, np.bool_)
        self.dropped = 0

    def in_flight(self) -> int:
        """Return how many potentials, summed by neuron and tick of arrival, are on their way."""
        return int(np.count_nonzero(self.pending)) + int(np.count_nonzero(self.signed))

    def moved(self, table: Table, new_row: Rows) -> None:
        """Keep what is on its way to the neurons that are left."""
        if table.group == NEURON.group:
            before = self.in_flight()
            self.pending = _kept(self.pending, new_row, len(table))
            if self.signed.size:
                self.signed = _kept(self.signed, new_row, len(table))
            self.dropped += before - self.in_flight()

    def maintain(self, world: World) -> None:
        """Make room for new neurons and longer delays; see who wants positive and negative potentials apart."""
        ticks = world.storage(Delay).array["ticks"]
        depth = 1 << int(ticks.max(initial=1)).bit_length()
        shape = max(depth, len(self.pending)), len(world.table(NEURON))
        self.pending = _grown(self.pending, shape, world.tick)
        present = [world.storage(component).present for component in APART if world.has_storage(component)]
        if present:
            self.by_sign = np.logical_or.reduce(present)
            before, self.signed = self.in_flight(), _grown(self.signed, shape, world.tick)
            self.signed[..., ~self.by_sign] = 0.0  # nobody takes it any more
            self.dropped += before - self.in_flight()


def _kept(ring: Floats, new_row: Rows, n_neurons: int) -> Floats:
    """Return a ring with the neurons in their new rows."""
    kept = np.flatnonzero(new_row[: ring.shape[-1]] >= 0)
    moved = np.zeros((*ring.shape[:-1], n_neurons))
    moved[..., new_row[kept]] = ring[..., kept]
    return moved


def _grown(ring: Floats, shape: tuple[int, int], now: int) -> Floats:
    """Return a ring of this shape with what is on its way, the ring itself if it has the shape."""
    n_ticks, n_neurons = ring.shape[-2:]
    if shape == (n_ticks, n_neurons):
        return ring
    grown = np.zeros((*ring.shape[:-2], *shape))
    for tick in range(now, now + n_ticks):
        grown[..., tick % shape[0], :n_neurons] = ring[..., tick % n_ticks, :]
    return grown
