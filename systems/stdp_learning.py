"""Spike-timing-dependent plasticity."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import LastSpike, Target, Weight
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Fired, Topology


@kernel
def learn(
    tick: int,
    amplitude: float,
    inverse: float,
    row: Rows,
    count: Int64s,
    axon_first: Int64s,
    target: Rows,
    dendrite_first: Int64s,
    dendrite_row: Rows,
    dendrite_source: Rows,
    last: Rows,
    previous: Rows,
    window: Floats,
    weight: Floats,
) -> None:
    """Weaken what the neurons that fire feed, then strengthen what feeds them: nearest spike, hyperbolic window.

    w −= A / (1 + Δ / H),  Δ = t − last spike of the target before t, for each synapse of a neuron that fires
    w += A / (1 + Δ / H),  Δ = t − last spike of the source, t itself included, for each dendrite of a neuron that fires

    Nothing where the other side has never fired.

    amplitude : float, A [mV]. inverse : float, 1/H [1/tick]. row, count : who fires. axon_first … dendrite_source :
    see Topology. target : (n_synapses,) int32, rows. last, previous : (n_neurons,) int32 [tick], 0 for never.
    window : (n_neurons,) float64, scratch. weight : (n_synapses,) float64, in place [mV].
    """
    if count[0] == 0:
        return
    for i in range(last.size):  # once a neuron, not once a synapse
        before = previous[i] if last[i] == tick else last[i]
        window[i] = amplitude / (1.0 + (tick - before) * inverse) if before > 0 else 0.0
    for j in range(count[0]):
        for k in range(axon_first[row[j]], axon_first[row[j] + 1]):
            weight[k] -= window[target[k]]
    for j in range(count[0]):
        window[row[j]] = amplitude
    for j in range(count[0]):
        for m in range(dendrite_first[row[j]], dendrite_first[row[j] + 1]):
            weight[dendrite_row[m]] += window[dendrite_source[m]]


class StdpLearning(System):
    """Synapses that help their target fire grow stronger; those that come too late grow weaker.

    Reads: Fired, Topology, Target, LastSpike. Writes: Weight.

    Parameters
    ----------
    amplitude : float
        A, the largest change by one pair of spikes [mV].
    horizon : float
        H, the time after which a change has half the size [tick]; infinite: the same size always.
    """

    fired: Read[Fired]
    topology: Read[Topology]
    target: Read[Target]
    last_spike: Read[LastSpike]
    weight: Write[Weight]

    kernel = learn

    def __init__(self, amplitude: float = 0.2, horizon: float = 100.0) -> None:
        self.amplitude, self.horizon = amplitude, horizon

    def arguments(self) -> tuple[Any, ...]:
        """Return the rule, who fires, the wiring, the times of the last spikes, and the weights."""
        fired, net, last = self.fired, self.topology, self.last_spike
        rule = self.amplitude, 1.0 / self.horizon
        wiring = net.axon_first, self.target.neuron, net.dendrite_first, net.dendrite_row, net.dendrite_source
        window = np.empty(last.tick.size)
        return *rule, fired.row, fired.count, *wiring, last.tick, last.previous, window, self.weight.value
