"""Every signal that arrives at a synapse is written down."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import SYNAPSE, Accumulator, Capacity, Target
from runen_ecs.engine import Add, Flags, Floats, Int64s, Interrupt, Read, Rows, System, Write, kernel
from runen_ecs.network import Arrivals
from runen_ecs.recording import HitRecord


@kernel
def record_hits(
    tick: int,
    synapse: Rows,
    size: Floats,
    passed: Floats,
    count: Int64s,
    accumulates: Flags,
    entity: Rows,
    target: Rows,
    level: Floats,
    value: Floats,
    hit_tick: Rows,
    hit_synapse: Rows,
    hit_size: Floats,
    hit_passed: Floats,
    hit_level: Floats,
    hit_accumulator: Floats,
    n_hits: Int64s,
    requested: Int64s,
) -> None:
    """Append what arrived at neurons that accumulate; ask for Python when the next tick might not fit.

    synapse, size, passed, count : see Arrivals. accumulates : (n_neurons,) bool. entity : (n_synapses,) int32.
    target : (n_synapses,) int32, rows. level : (n_synapses,) float64. value : (n_neurons,) float64. hit_tick …
    hit_accumulator : (room,), out, see HitRecord. n_hits : (1,) int64, in place. requested : (1,) int64, out.
    """
    n = n_hits[0]
    for j in range(count[0]):
        k = synapse[j]
        if not accumulates[target[k]]:
            continue
        hit_tick[n] = tick
        hit_synapse[n] = entity[k]
        hit_size[n] = size[j]
        hit_passed[n] = passed[j]
        hit_level[n] = level[k]
        hit_accumulator[n] = value[target[k]]
        n += 1
    n_hits[0] = n
    if n + synapse.size > hit_tick.size:
        requested[0] = 1


class HitRecording(System):
    """Each signal that arrives at a neuron that accumulates goes to the `HitRecord`, with what it left behind.

    Reads: Arrivals, Target, Capacity, Accumulator. Writes: HitRecord. Adds: Interrupt.
    """

    arrivals: Read[Arrivals]
    target: Read[Target]
    capacity: Read[Capacity]
    accumulator: Read[Accumulator]
    record: Write[HitRecord]
    interrupt: Add[Interrupt]

    kernel = record_hits

    def arguments(self) -> tuple[Any, ...]:
        """Return the arrivals, the state of synapses and neurons, and the buffers."""
        arrivals, record = self.arrivals, self.record
        record.reserve(arrivals.synapse.size)
        arrived = arrivals.synapse, arrivals.size, arrivals.passed, arrivals.count
        state = self.world.entities(SYNAPSE), self.target.neuron, self.capacity.level, self.accumulator.value
        accumulates = self.world.storage(Accumulator).present
        return *arrived, accumulates, *state, *record.buffer.values(), record.count, self.interrupt.requested

    def drain(self) -> None:
        """Take the hits out of the buffers."""
        self.world.resource(HitRecord).drain()
