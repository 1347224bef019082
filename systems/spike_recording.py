"""Every spike is written down."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import NEURON
from runen_ecs.engine import Add, Int64s, Interrupt, Read, Rows, System, Write, kernel
from runen_ecs.network import Fired
from runen_ecs.recording import SpikeRecord


@kernel
def record_spikes(
    tick: int,
    row: Rows,
    count: Int64s,
    entity: Rows,
    spike_tick: Rows,
    spike_entity: Rows,
    n_spikes: Int64s,
    requested: Int64s,
) -> None:
    """Append who fires to the buffers; ask for Python when the next tick might not fit.

    row, count : who fires. entity : (n_neurons,) int32. spike_tick, spike_entity : (room,) int32, out. n_spikes : (1,)
    int64, in place. requested : (1,) int64, out.
    """
    n = n_spikes[0]
    for j in range(min(count[0], spike_tick.size - n)):
        spike_tick[n] = tick
        spike_entity[n] = entity[row[j]]
        n += 1
    n_spikes[0] = n
    if n + entity.size > spike_tick.size:
        requested[0] = 1


class SpikeRecording(System):
    """Tick and entity of every spike go to the `SpikeRecord`.

    Reads: Fired. Writes: SpikeRecord. Adds: Interrupt.
    """

    fired: Read[Fired]
    record: Write[SpikeRecord]
    interrupt: Add[Interrupt]

    kernel = record_spikes

    def arguments(self) -> tuple[Any, ...]:
        """Return who fires, their entities, and the buffers."""
        entity = self.world.entities(NEURON)
        record = self.record
        record.reserve(entity.size)
        buffers = record.buffer["tick"], record.buffer["entity"], record.count
        return self.fired.row, self.fired.count, entity, *buffers, self.interrupt.requested

    def drain(self) -> None:
        """Take the spikes out of the buffers."""
        self.world.resource(SpikeRecord).drain()
