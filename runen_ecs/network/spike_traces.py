"""What neurons remember of their spikes, for learning rules."""

from __future__ import annotations

import numpy as np

from ..components import NEURON
from ..engine.arrays import Floats, Rows
from ..engine.resource import Resource
from ..engine.storage import Table
from ..engine.world import World

__all__ = ["SpikeTraces"]


class SpikeTraces(Resource):
    """Traces of spikes: two numbers a neuron for each learning system that keeps them, 0 before the first spike.

    A resource and no component, because each system has time constants of its own.

    Attributes
    ----------
    trace : list of (2, n_neurons) float64
        For each system, what strengthens the synapses from a neuron, and what weakens those onto it.
    """

    def __init__(self) -> None:
        self.trace: list[Floats] = []
        self._n_neurons = 0

    def add(self) -> int:
        """Make the traces of one more system; return their place in the list."""
        self.trace.append(np.zeros((2, self._n_neurons)))
        return len(self.trace) - 1

    def moved(self, table: Table, new_row: Rows) -> None:
        """Keep the traces of the neurons that are left."""
        if table.group == NEURON.group:
            kept = np.flatnonzero(new_row[: self._n_neurons] >= 0)
            self._n_neurons = len(table)
            for number, old in enumerate(self.trace):
                self.trace[number] = np.zeros((2, self._n_neurons))
                self.trace[number][:, new_row[kept]] = old[:, kept]

    def maintain(self, world: World) -> None:
        """Make room for new neurons."""
        new = len(world.table(NEURON)) - self._n_neurons
        if new > 0:
            self._n_neurons += new
            self.trace = [np.pad(trace, ((0, 0), (0, new))) for trace in self.trace]
