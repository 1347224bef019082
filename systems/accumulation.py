"""Neurons gather what their inputs pass on, and send it when a round is over."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import Accumulator, Activity, LastHit, Target, Weight
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Arrivals, Connections, Emissions


@kernel
def accumulate(
    tick: int,
    synapse: Rows,
    passed: Floats,
    count: Int64s,
    target: Rows,
    weight: Floats,
    round_hit: Int64s,
    value: Floats,
    bias: Floats,
    hits: Int64s,
    resets: Int64s,
    round_hits: Rows,
    n_connected: Rows,
    neuron: Rows,
    size: Floats,
    emitted: Int64s,
) -> None:
    """Add each arrival to its neuron's accumulator; where a round is over, send the sum, if it is positive.

    x = p w; an input that was hit in this round already: out = a, a = x + b, and the new round has this one hit;
    else a += x, and if now every connected input was hit: out = a, a = b, and the new round has none.

    synapse, passed, count : see Arrivals. target : (n_synapses,) int32, rows. weight : (n_synapses,) float64.
    round_hit : (n_synapses,) int64, in place, see LastHit. value : (n_neurons,) float64, in place. bias :
    (n_neurons,) float64. hits, resets : (n_neurons,) int64, round_hits : (n_neurons,) int32, in place. n_connected
    : (n_neurons,) int32, -1 for a neuron that does not accumulate. neuron, size, emitted : see Emissions, in place.
    """
    n = emitted[0]
    for j in range(count[0]):
        k = synapse[j]
        i = target[k]
        if n_connected[i] < 0:
            continue
        x = passed[j] * weight[k]
        hits[i] += 1
        out = 0.0
        if round_hit[k] == resets[i] + 1:
            out = value[i]
            value[i] = x + bias[i]
            resets[i] += 1
            round_hit[k] = resets[i] + 1
            round_hits[i] = 1
        else:
            value[i] += x
            round_hit[k] = resets[i] + 1
            round_hits[i] += 1
            if round_hits[i] >= n_connected[i]:
                out = value[i]
                value[i] = bias[i]
                resets[i] += 1
                round_hits[i] = 0
        if out > 0.0:
            neuron[n] = i
            size[n] = out
            n += 1
    emitted[0] = n


class Accumulation(System):
    """A neuron adds up what arrives; it resets when all its connected inputs were hit, or one of them again.

    What it has gathered is sent if it is positive; the next round starts from the bias. Signals are numbers: what the
    original program held in 8 bits, and its accumulators in 16, does not wrap around here.

    Reads: Arrivals, Target, Weight, Connections. Writes: LastHit, Accumulator, Activity, Emissions.
    """

    arrivals: Read[Arrivals]
    target: Read[Target]
    weight: Read[Weight]
    connections: Read[Connections]
    last_hit: Write[LastHit]
    accumulator: Write[Accumulator]
    activity: Write[Activity]
    emissions: Write[Emissions]

    kernel = accumulate

    def arguments(self) -> tuple[Any, ...]:
        """Return the arrivals, the dendrites, the neurons, and the list of emissions to add to."""
        arrived = self.arrivals.synapse, self.arrivals.passed, self.arrivals.count
        dendrite = self.target.neuron, self.weight.value, self.last_hit.round
        activity, sent, accumulates = self.activity, self.emissions, self.world.storage(Accumulator).present
        return (
            *arrived,
            *dendrite,
            self.accumulator.value,
            self.accumulator.bias,
            activity.hits,
            activity.resets,
            activity.round_hits,
            np.where(accumulates, self.connections.n_connected, -1).astype(np.int32),
            sent.neuron,
            sent.size,
            sent.count,
        )
