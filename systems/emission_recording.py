"""Every signal that leaves a neuron is written down."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import NEURON, Accumulator
from runen_ecs.engine import Add, Flags, Floats, Int64s, Interrupt, Read, Rows, System, Write, kernel
from runen_ecs.network import Emissions
from runen_ecs.recording import EmissionRecord


@kernel
def record_emissions(
    tick: int,
    neuron: Rows,
    size: Floats,
    count: Int64s,
    accumulates: Flags,
    entity: Rows,
    emission_tick: Rows,
    emission_neuron: Rows,
    emission_size: Floats,
    n_emissions: Int64s,
    requested: Int64s,
) -> None:
    """Append what left neurons that accumulate; ask for Python when the next tick might not fit.

    neuron, size, count : see Emissions. accumulates : (n_neurons,) bool. entity : (n_neurons,) int32. emission_tick
    … emission_size : (room,), out, see EmissionRecord. n_emissions : (1,) int64, in place. requested : (1,) int64,
    out.
    """
    n = n_emissions[0]
    for j in range(count[0]):
        if not accumulates[neuron[j]]:
            continue
        emission_tick[n] = tick
        emission_neuron[n] = entity[neuron[j]]
        emission_size[n] = size[j]
        n += 1
    n_emissions[0] = n
    if n + neuron.size > emission_tick.size:
        requested[0] = 1


class EmissionRecording(System):
    """Each signal that leaves a neuron that accumulates goes to the `EmissionRecord`.

    Reads: Emissions. Writes: EmissionRecord. Adds: Interrupt.
    """

    emissions: Read[Emissions]
    record: Write[EmissionRecord]
    interrupt: Add[Interrupt]

    kernel = record_emissions

    def arguments(self) -> tuple[Any, ...]:
        """Return the emissions, the neurons, and the buffers."""
        sent, record = self.emissions, self.record
        record.reserve(sent.neuron.size)
        buffers = *record.buffer.values(), record.count
        neurons = self.world.storage(Accumulator).present, self.world.entities(NEURON)
        return sent.neuron, sent.size, sent.count, *neurons, *buffers, self.interrupt.requested

    def drain(self) -> None:
        """Take the emissions out of the buffers."""
        self.world.resource(EmissionRecord).drain()
