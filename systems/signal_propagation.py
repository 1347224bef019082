"""Spikes leave over the axons."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import Delay, Target, Weight
from runen_ecs.engine import Flags, Floats, Int64s, Read, Rows, Shorts, System, Write, kernel
from runen_ecs.network import DelayLine, Fired, Topology


@kernel
def propagate(
    tick: int,
    limit: float,
    row: Rows,
    count: Int64s,
    axon_first: Int64s,
    axon_queued: Int64s,
    delay: Shorts,
    target: Rows,
    weight: Floats,
    pending: Floats,
    by_sign: Flags,
    signed: Floats,
) -> None:
    """Send each spike over every synapse of its neuron's axon that passes it on at once.

    I_target(t + delay) += clip(weight, −limit, limit)

    limit : float [mV]. row, count : who fires. axon_first, axon_queued : see Topology. delay : (n_synapses,) uint16
    [tick]. target : (n_synapses,) int32, rows. weight : (n_synapses,) float64 [mV]. pending : (n_ticks, n_neurons)
    float64, in place [mV]. by_sign : (n_neurons,) bool, who gets positive and negative potentials apart, and signed :
    (2, n_ticks, n_neurons) float64, in place [mV], where; of size 0 if nobody does.

    Sums are taken in the order of the sending neuron's row, then of connection.
    """
    mask = pending.shape[0] - 1
    for j in range(count[0]):
        source = row[j]
        if by_sign.size == 0:  # asked once a spike, so that networks without such neurons do not pay for them
            for k in range(axon_first[source], axon_queued[source]):
                pending[(tick + int(delay[k])) & mask, target[k]] += min(max(weight[k], -limit), limit)
        else:
            for k in range(axon_first[source], axon_queued[source]):
                passed, slot = min(max(weight[k], -limit), limit), (tick + int(delay[k])) & mask
                if by_sign[target[k]]:
                    signed[int(passed < 0.0), slot, target[k]] += passed
                else:
                    pending[slot, target[k]] += passed


class SignalPropagation(System):
    """Each spike goes over all synapses of its axon and will arrive after their delays, at most ``limit`` strong.

    All but those that take it as a signal of a size: see `AxonalConduction`.

    Reads: Fired, Topology, Delay, Target, Weight. Writes: DelayLine.

    Parameters
    ----------
    limit : float
        Largest postsynaptic potential that is passed on; the stored weight may be larger [mV].
    """

    fired: Read[Fired]
    topology: Read[Topology]
    delay: Read[Delay]
    target: Read[Target]
    weight: Read[Weight]
    delay_line: Write[DelayLine]

    whole = True
    kernel = propagate

    def __init__(self, limit: float = float("inf")) -> None:
        self.limit = limit

    def arguments(self) -> tuple[Any, ...]:
        """Return the limit, who fires, the wiring, and the ring of signals on their way."""
        axons = self.topology.axon_first, self.topology.axon_queued
        synapses = self.delay.ticks, self.target.neuron, self.weight.value
        line = self.delay_line
        rings = line.pending, line.by_sign, line.signed
        return self.limit, self.fired.row, self.fired.count, *axons, *synapses, *rings
