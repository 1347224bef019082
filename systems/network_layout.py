"""A capacity network is laid out, and bound to cortical columns if there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runen_ecs.components import (
    NEURON,
    Accumulator,
    Activity,
    Capacity,
    ColumnCoordinates,
    Delay,
    InputPort,
    LastHit,
    LastSignal,
    OutputPort,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import Entity, Read, Rows, System, Write
from runen_ecs.network import CapacityNetwork, connect, connect_synapse, create_network
from runen_ecs.network.description import NetworkDescription


@dataclass(frozen=True)
class Bridge:
    """Spiking neurons at a port of a capacity network.

    Attributes
    ----------
    port : int
        Number of an input port, whose place a spiking neuron takes, or of an output port.
    feeds : bool
        Whether the neurons feed the network, or are driven by it.
    column, layer : int
        Where the neurons lie.
    neuron : int or None
        Which of that layer, from 0; None: all.
    weight : float
        Of the synapses to the driven [mV].
    delay : int
        Of the same [ticks].
    """

    port: int
    feeds: bool
    column: int
    layer: int
    neuron: int | None = None
    weight: float = 1.0
    delay: int = 1


class NetworkLayout(System):
    """A capacity network appears: its neurons, synapses, dendrites and ports, and its bridges to cortical columns.

    A start-up system: it runs once.

    Reads: ColumnCoordinates. Writes: Accumulator, Activity, Source, Delay, Capacity, LastSignal, Target, Weight,
    LastHit, InputPort, OutputPort.

    Parameters
    ----------
    description : NetworkDescription
        What to lay out.
    bridges : sequence of Bridge

    Attributes
    ----------
    network : CapacityNetwork
        What was laid out.
    bridged : dict of int to int
        By the synapse that a spiking neuron feeds in the place of an input port: the number of the port.
    """

    coordinates: Read[ColumnCoordinates]
    accumulator: Write[Accumulator]
    activity: Write[Activity]
    source: Write[Source]
    delay: Write[Delay]
    capacity: Write[Capacity]
    last_signal: Write[LastSignal]
    target: Write[Target]
    weight: Write[Weight]
    last_hit: Write[LastHit]
    input_port: Write[InputPort]
    output_port: Write[OutputPort]

    network: CapacityNetwork

    def __init__(self, description: NetworkDescription, bridges: Sequence[Bridge] = ()) -> None:
        self.description, self.bridges = description, bridges
        self.bridged: dict[Entity, int] = {}

    def run(self) -> None:
        """Create the network, then its bridges."""
        self.network = create_network(self.world, self.description)
        for bridge in self.bridges:
            if bridge.feeds:
                synapse = self.network.synapse(*self.network.wiring.input_port[bridge.port])
                self.network.free_input(bridge.port)
                connect_synapse(self.world, synapse, int(self._neurons(bridge)[0]))
                self.bridged[synapse] = bridge.port
            else:
                source = self.network.entity(self.network.wiring.output_port[bridge.port])
                connect(self.world, source, self._neurons(bridge), weight=bridge.weight, delay=bridge.delay)

    def _neurons(self, bridge: Bridge) -> Rows:
        """Return the entities of the spiking neurons of a bridge."""
        place, spiking = self.world.storage(ColumnCoordinates), self.world.entities(NEURON)
        there = place.present & (place.arrays.column == bridge.column) & (place.arrays.layer == bridge.layer)
        found = spiking[np.flatnonzero(there)]
        return found if bridge.neuron is None else found[bridge.neuron : bridge.neuron + 1]
