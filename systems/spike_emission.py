"""Spikes leave as signals of a size, where a synapse takes them as such."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import SpikeSize
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Connections, Emissions, Fired, Topology


@kernel
def emit_spikes(
    tick: int,
    row: Rows,
    count: Int64s,
    spike_size: Floats,
    axon_queued: Int64s,
    axon_first: Int64s,
    port_first: Int64s,
    neuron: Rows,
    size: Floats,
    emitted: Int64s,
) -> None:
    """List the neurons that fire and whose axon feeds synapses through the queue, or is read by a port.

    row, count : who fires. spike_size : (n_neurons,) float64. axon_queued, axon_first : see Topology. port_first :
    see Connections. neuron, size, emitted : see Emissions, in place.
    """
    n = emitted[0]
    for j in range(count[0]):
        i = row[j]
        if axon_queued[i] < axon_first[i + 1] or port_first[i] < port_first[i + 1]:
            neuron[n] = i
            size[n] = spike_size[i]
            n += 1
    emitted[0] = n


class SpikeEmission(System):
    """A spike is a signal, of its neuron's size, to synapses with a capacity, neurons that accumulate, and ports.

    Spikes come after the signals of accumulating neurons, in the order in which their neurons were created.

    Reads: Fired, Topology, Connections, SpikeSize. Writes: Emissions.
    """

    fired: Read[Fired]
    topology: Read[Topology]
    connections: Read[Connections]
    spike_size: Read[SpikeSize]
    emissions: Write[Emissions]

    whole = True
    kernel = emit_spikes

    def arguments(self) -> tuple[Any, ...]:
        """Return who fires, how large the spikes are, the axons, and the list of emissions to add to."""
        net, sent = self.topology, self.emissions
        fired = self.fired.row, self.fired.count, self.spike_size.value
        axons = net.axon_queued, net.axon_first, self.connections.port_first
        return *fired, *axons, sent.neuron, sent.size, sent.count
