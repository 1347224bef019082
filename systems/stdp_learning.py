"""Spike-timing-dependent plasticity: the hyperbolic window."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import LastSpike, Target, Weight
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.network import Fired, Topology, synapses_of_rule

from .weight_change import Bounds, Limits, limits, strengthen, weaken


@kernel
def learn(
    tick: int,
    amplitude: float,
    inverse: float,
    bounds: Limits | None,
    row: Rows,
    count: Int64s,
    axon_first: Int64s,
    axon_row: Rows | None,
    dendrite_first: Int64s,
    dendrite_row: Rows,
    dendrite_source: Rows,
    target: Rows,
    last: Rows,
    previous: Rows,
    window: Floats,
    weight: Floats,
) -> None:
    """Weaken what the neurons that fire feed, then strengthen what feeds them: nearest spike, hyperbolic window.

    w −= A / (1 + Δ / H),  Δ = t − last spike of the target before t, for each synapse of a neuron that fires
    w += A / (1 + Δ / H),  Δ = t − last spike of the source, t itself included, for each dendrite of a neuron that fires

    Nothing where the other side has never fired.

    amplitude : float, A [mV]. inverse : float, 1/H [1/tick]. bounds : see `weaken`. row, count : who fires.
    axon_first … dendrite_source : see `synapses_of_rule`. target : (n_synapses,) int32, rows. last, previous :
    (n_neurons,) int32 [tick], 0 for never. window : (n_neurons,) float64, scratch. weight : (n_synapses,) float64, in
    place [mV].
    """
    if count[0] == 0:
        return
    for i in range(last.size):  # once a neuron, not once a synapse
        before = previous[i] if last[i] == tick else last[i]
        window[i] = amplitude / (1.0 + (tick - before) * inverse) if before > 0 else 0.0
    weaken(row, count, axon_first, axon_row, target, 1.0, window, bounds, weight)
    for j in range(count[0]):
        window[row[j]] = amplitude
    strengthen(row, count, dendrite_first, dendrite_row, dendrite_source, 1.0, window, bounds, weight)


class StdpLearning(System):
    """Synapses that help their target fire grow stronger; those that come too late grow weaker.

    Reads: Fired, Topology, Target, LastSpike. Writes: Weight.

    Parameters
    ----------
    amplitude : float
        A, the largest change by one pair of spikes [mV].
    horizon : float
        H, the time after which a change has half the size [tick]; infinite: the same size always.
    bounds : Bounds, or None
        Of the weights.
    excitatory : bool
        Whether only weights of 0 or more learn, and never fall below 0.
    rule : int, or None
        Which rule of `Plasticity` this is; None: that of every synapse.
    """

    fired: Read[Fired]
    topology: Read[Topology]
    target: Read[Target]
    last_spike: Read[LastSpike]
    weight: Write[Weight]

    kernel = learn

    def __init__(
        self,
        amplitude: float = 0.2,
        horizon: float = 100.0,
        *,
        bounds: Bounds | None = None,
        excitatory: bool = False,
        rule: int | None = None,
    ) -> None:
        self.amplitude, self.horizon, self.rule = amplitude, horizon, rule
        self.limits = limits(bounds, excitatory)

    def arguments(self) -> tuple[Any, ...]:
        """Return the rule, who fires, the wiring, the times of the last spikes, and the weights."""
        numbers = self.amplitude, 1.0 / self.horizon, self.limits
        wiring = self.fired.row, self.fired.count, *synapses_of_rule(self.world, self.rule), self.target.neuron
        last = self.last_spike
        return *numbers, *wiring, last.tick, last.previous, np.empty(last.tick.size), self.weight.value
