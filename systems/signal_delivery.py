"""Signals reach the synapses that they were sent to."""

from __future__ import annotations

from typing import Any

from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Arrivals, Connections, Emissions, SignalQueue


@kernel
def deliver(
    tick: int,
    queued_synapse: Rows,
    queued_size: Floats,
    queued_count: Int64s,
    tally: Int64s,
    synapse: Rows,
    size: Floats,
    count: Int64s,
    emitted: Int64s,
) -> None:
    """Take the signals of this tick from the queue, first in, first out; what left neurons in the last tick is over.

    queued_synapse … tally : see SignalQueue, in place. synapse, size, count : see Arrivals, out. emitted : (1,) int64,
    out: how many emissions there are.
    """
    slot = tick & (queued_count.size - 1)
    n = queued_count[slot]
    for j in range(n):
        synapse[j] = queued_synapse[slot, j]
        size[j] = queued_size[slot, j]
    queued_count[slot] = 0
    tally[1] += n
    count[0] = n
    emitted[0] = 0


class SignalDelivery(System):
    """The signals that were sent to arrive in this tick arrive at their synapses, in the order in which they were sent.

    What was on its way to a synapse that is not connected any more was dropped when the tick began: see `Connections`.

    Reads: Connections. Writes: SignalQueue, Arrivals, Emissions.
    """

    connections: Read[Connections]
    queue: Write[SignalQueue]
    arrivals: Write[Arrivals]
    emissions: Write[Emissions]

    kernel = deliver

    def arguments(self) -> tuple[Any, ...]:
        """Return the queue, the list of arrivals to fill, and the count of emissions."""
        queue, arrivals = self.queue, self.arrivals
        queued = queue.synapse, queue.size, queue.count, queue.tally
        return *queued, arrivals.synapse, arrivals.size, arrivals.count, self.emissions.count
