"""Whoever wants to know is told what changes in the neurons and ports of a capacity network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from runen_ecs.components import Accumulator, Activity, Capacity, InputPort, OutputPort
from runen_ecs.engine import Entity, Read, System
from runen_ecs.network import CapacityNetwork, NeuronStatus, PortStatus, neuron_status, port_status

Status = NeuronStatus | PortStatus


class StatusMonitoring(System):
    """Neurons and ports whose status has changed are told, tick by tick; without this system nothing is looked at.

    Reads: Accumulator, Activity, Capacity, InputPort, OutputPort.

    Parameters
    ----------
    network : CapacityNetwork
    tell : callable
        ``tell(tick, status)``, called for each neuron, then for each port that has changed, in their order.
    neurons : iterable of str or int, optional
        Which to look at, by id or entity; all by default.
    ports : bool
        Whether to look at the ports.
    every : int
        Ticks from one look to the next.
    """

    accumulator: Read[Accumulator]
    activity: Read[Activity]
    capacity: Read[Capacity]
    input_port: Read[InputPort]
    output_port: Read[OutputPort]

    def __init__(
        self,
        network: CapacityNetwork,
        tell: Callable[[int, Status], object],
        neurons: Iterable[str | Entity] | None = None,
        ports: bool = True,
        every: int = 1,
    ) -> None:
        self.network, self.tell, self.ports, self.every = network, tell, ports, every
        self.neurons = None if neurons is None else {network.id(neuron) for neuron in neurons}
        self.known = dict(self._statuses())

    def _statuses(self) -> Iterator[tuple[object, Status]]:
        for name in self.network.neurons:
            if self.neurons is None or name in self.neurons:
                yield name, neuron_status(self.network, name)
        if self.ports:
            wiring = self.network.wiring
            for number in wiring.input_port:
                yield ("input", number), port_status(self.network, "input", number)
            for number in wiring.output_port:
                yield ("output", number), port_status(self.network, "output", number)

    def run(self) -> None:
        """Look at each, and tell what is new."""
        for key, status in self._statuses():
            if status != self.known.get(key):
                self.known[key] = status
                self.tell(self.world.tick, status)
