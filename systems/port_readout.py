"""Signals come out."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import OutputPort
from runen_ecs.engine import Add, Floats, Int64s, Interrupt, Read, Rows, System, Write, kernel
from runen_ecs.network import Connections, Emissions
from runen_ecs.recording import OutputRecord


@kernel
def read_out(
    tick: int,
    neuron: Rows,
    size: Floats,
    count: Int64s,
    port_first: Int64s,
    port_row: Rows,
    number: Rows,
    signals: Int64s,
    last: Floats,
    output_tick: Rows,
    output_port: Rows,
    output_size: Floats,
    n_outputs: Int64s,
    bound: int,
    requested: Int64s,
) -> None:
    """Append the signals that leave neurons whose axon a port reads; ask for Python when the next tick might not fit.

    neuron, size, count : see Emissions. port_first, port_row : see Connections. number : (n_ports,) int32. signals
    : (n_ports,) int64, last : (n_ports,) float64, in place. output_tick … output_size : (room,), out, see
    OutputRecord. n_outputs : (1,) int64, in place. bound : int, how many there can be in one tick. requested : (1,)
    int64, out.
    """
    n = n_outputs[0]
    for j in range(count[0]):
        for m in range(port_first[neuron[j]], port_first[neuron[j] + 1]):
            port = port_row[m]
            signals[port] += 1
            last[port] = size[j]
            output_tick[n] = tick
            output_port[n] = number[port]
            output_size[n] = size[j]
            n += 1
    n_outputs[0] = n
    if n + bound > output_tick.size:
        requested[0] = 1


class PortReadout(System):
    """Each signal that leaves a neuron comes out of the output ports that read its axon, in the same tick.

    Reads: Emissions, Connections. Writes: OutputPort, OutputRecord. Adds: Interrupt.
    """

    emissions: Read[Emissions]
    connections: Read[Connections]
    output_port: Write[OutputPort]
    record: Write[OutputRecord]
    interrupt: Add[Interrupt]

    whole = True
    kernel = read_out

    def arguments(self) -> tuple[Any, ...]:
        """Return the emissions, the ports, and the buffers."""
        sent, net, port, record = self.emissions, self.connections, self.output_port, self.record
        bound = sent.neuron.size * int(np.diff(net.port_first).max(initial=0))
        record.reserve(bound)
        ports = net.port_first, net.port_row, port.number, port.signals, port.last
        buffers = *record.buffer.values(), record.count
        return sent.neuron, sent.size, sent.count, *ports, *buffers, bound, self.interrupt.requested

    def drain(self) -> None:
        """Take the signals out of the buffers."""
        self.world.resource(OutputRecord).drain()
