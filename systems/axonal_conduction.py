"""Signals leave over the axons."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import Delay
from runen_ecs.engine import Add, Floats, Int64s, Interrupt, Read, Rows, Shorts, System, Write, kernel
from runen_ecs.network import Emissions, SignalQueue, Topology


@kernel
def conduct(
    tick: int,
    neuron: Rows,
    size: Floats,
    count: Int64s,
    axon_queued: Int64s,
    axon_first: Int64s,
    delay: Shorts,
    queued_synapse: Rows,
    queued_size: Floats,
    queued_count: Int64s,
    tally: Int64s,
    unsent: Int64s,
    requested: Int64s,
) -> None:
    """Send each emission to every queued synapse of its axon, to arrive after the synapse's delay.

    First in, first out: in the order of emission, and for one neuron in the order of connection. Where the queue has no
    room for all, send nothing and ask for Python.

    neuron, size, count : see Emissions. axon_queued, axon_first : see Topology. delay : (n_synapses,) uint16 [tick].
    queued_synapse … unsent : see SignalQueue, in place. requested : (1,) int64, out.
    """
    total = 0
    for j in range(count[0]):
        total += axon_first[neuron[j] + 1] - axon_queued[neuron[j]]
    if total == 0:
        return
    most = 0
    for slot in range(queued_count.size):
        most = max(most, queued_count[slot])
    if most + total > queued_synapse.shape[1]:
        unsent[0] = most + total
        requested[0] = 1
        return
    mask = queued_count.size - 1
    for j in range(count[0]):
        for k in range(axon_queued[neuron[j]], axon_first[neuron[j] + 1]):
            slot = (tick + int(delay[k])) & mask
            n = queued_count[slot]
            queued_synapse[slot, n] = k
            queued_size[slot, n] = size[j]
            queued_count[slot] = n + 1
    tally[0] += total


class AxonalConduction(System):
    """Each signal that leaves a neuron is on its way to every synapse of its axon that takes signals.

    Reads: Emissions, Topology, Delay. Writes: SignalQueue. Adds: Interrupt.
    """

    emissions: Read[Emissions]
    topology: Read[Topology]
    delay: Read[Delay]
    queue: Write[SignalQueue]
    interrupt: Add[Interrupt]

    whole = True
    kernel = conduct

    def arguments(self) -> tuple[Any, ...]:
        """Return the emissions, the axons, and the queue."""
        sent, net, queue = self.emissions, self.topology, self.queue
        axons = net.axon_queued, net.axon_first, self.delay.ticks
        queued = queue.synapse, queue.size, queue.count, queue.tally, queue.unsent
        return sent.neuron, sent.size, sent.count, *axons, *queued, self.interrupt.requested

    def drain(self) -> None:
        """Make the queue larger, and send what had no room."""
        queue = self.world.resource(SignalQueue)
        if queue.unsent[0]:
            queue.grow(2 * int(queue.unsent[0]))
            queue.unsent[0] = 0
            conduct(self.world.tick, *self.arguments())
            self.world.index.version += 1  # the arrays are others now
