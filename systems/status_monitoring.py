"""Whoever wants to know is told what changes in neurons of a capacity network."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runen_ecs.components import Accumulator, Activity, Capacity
from runen_ecs.engine import Entity, Read, System
from runen_ecs.network import CapacityNetwork, NeuronStatus, neuron_status


class StatusMonitoring(System):
    """Neurons whose status has changed are told, tick by tick; without this system nothing is looked at.

    Reads: Accumulator, Activity, Capacity.

    Parameters
    ----------
    network : CapacityNetwork
    tell : callable
        ``tell(tick, status)``, called for each neuron that has changed, in the order of the neurons.
    neurons : iterable of str or int, optional
        Which to look at, by id or entity; all by default.
    every : int
        Ticks from one look to the next.
    """

    accumulator: Read[Accumulator]
    activity: Read[Activity]
    capacity: Read[Capacity]

    def __init__(
        self,
        network: CapacityNetwork,
        tell: Callable[[int, NeuronStatus], object],
        neurons: Iterable[str | Entity] | None = None,
        every: int = 1,
    ) -> None:
        self.network, self.tell, self.every = network, tell, every
        self.neurons = None if neurons is None else [network.id(neuron) for neuron in neurons]
        self.known = {name: neuron_status(network, name) for name in self._watched()}

    def _watched(self) -> list[str]:
        there = self.network.neurons
        return there if self.neurons is None else [name for name in self.neurons if name in there]

    def run(self) -> None:
        """Look at each neuron, and tell what is new."""
        for name in self._watched():
            status = neuron_status(self.network, name)
            if status != self.known.get(name):
                self.known[name] = status
                self.tell(self.world.tick, status)
