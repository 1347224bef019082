"""Spike-timing-dependent plasticity: the exponential window."""

from __future__ import annotations

from math import exp
from typing import Any

from runen_ecs.components import Target, Weight
from runen_ecs.engine import Floats, Int64s, Read, Rows, System, Write, kernel
from runen_ecs.errors import LearningError, choices
from runen_ecs.network import Fired, SpikeTraces, Topology, synapses_of_rule

from .weight_change import Bounds, Limits, limits, strengthen, weaken

KEPT = {"nearest-neighbour": 0.0, "all-to-all": 1.0}
FORGOTTEN = 1e-300


@kernel
def learn_by_traces(
    tick: int,
    amplitude: tuple[float, float],
    decay: tuple[float, float],
    kept: float,
    bounds: Limits | None,
    row: Rows,
    count: Int64s,
    axon_first: Int64s,
    axon_row: Rows | None,
    dendrite_first: Int64s,
    dendrite_row: Rows,
    dendrite_source: Rows,
    target: Rows,
    plus: Floats,
    minus: Floats,
    weight: Floats,
) -> None:
    """Let the traces decay; weaken what the neurons that fire feed; add to their traces; strengthen what feeds them.

    x ← x exp(−dt / τ+),  y ← y exp(−dt / τ−);  w −= A− y_target;  x ← k x + 1,  y ← k y + 1;  w += A+ x_source

    amplitude : A+, A− [mV]. decay : exp(−dt / τ+), exp(−dt / τ−). kept : float, k, 1 adds to a trace, 0 replaces it.
    plus, minus : (n_neurons,) float64, x and y, in place. bounds … weight : see `learn` of `StdpLearning`.
    """
    for i in range(plus.size):
        x = plus[i] * decay[0]
        y = minus[i] * decay[1]
        plus[i] = x if x > FORGOTTEN else 0.0  # numbers yet smaller are slow, and would never reach 0
        minus[i] = y if y > FORGOTTEN else 0.0
    weaken(row, count, axon_first, axon_row, target, amplitude[1], minus, bounds, weight)
    for j in range(count[0]):
        plus[row[j]] = kept * plus[row[j]] + 1.0
        minus[row[j]] = kept * minus[row[j]] + 1.0
    strengthen(row, count, dendrite_first, dendrite_row, dendrite_source, amplitude[0], plus, bounds, weight)


class ExponentialStdpLearning(System):
    """Pairs of spikes strengthen a synapse where its target's comes second, and weaken it where its target's is first.

    Δw = A+ exp(−Δ/τ+) where the target fires Δ ≥ 0 after the source, −A− exp(−Δ/τ−) where the source fires Δ > 0 after

    A spike makes a pair with every one before it at the other end of the synapse (all-to-all), or with the last one
    (nearest-neighbour). Where both ends fire in one tick, pairs before it weaken the synapse first; then the source's
    spikes strengthen it, that of this tick included. Delays play no part.

    Reads: Fired, Topology, Target. Writes: SpikeTraces, Weight.

    Parameters
    ----------
    a_plus, a_minus, tau_plus, tau_minus : float
        Largest changes by a pair [mV], time constants [ms]; by default depression outweighs potentiation by 5 %.
    pairing : "nearest-neighbour" or "all-to-all"
    bounds, excitatory, rule
        See `StdpLearning`.

    *Source*: Song, Miller & Abbott 2000, equation (1), also for the 5 %; Bi & Poo 1998 for the time constants;
    Morrison, Diesmann & Gerstner 2008 for traces and pairings, the nearest-neighbour one as in figure 7A.
    *Deviation*: traces decay by a product in each tick, to a relative error of 2⁻⁵² a tick of the pair's Δ.
    """

    fired: Read[Fired]
    topology: Read[Topology]
    target: Read[Target]
    traces: Write[SpikeTraces]
    weight: Write[Weight]

    kernel = learn_by_traces

    def __init__(
        self,
        a_plus: float = 0.2,
        a_minus: float = 0.105,
        tau_plus: float = 17.0,
        tau_minus: float = 34.0,
        *,
        pairing: str = "nearest-neighbour",
        bounds: Bounds | None = None,
        excitatory: bool = False,
        rule: int | None = None,
    ) -> None:
        if not (tau_plus > 0 and tau_minus > 0):
            raise LearningError(f"time constants must be above 0 ms, not {tau_plus} and {tau_minus}")
        if pairing not in KEPT:
            raise LearningError(f"no pairing is called {pairing!r}; {choices(pairing, KEPT)}")
        self.a_plus, self.a_minus, self.tau_plus, self.tau_minus = a_plus, a_minus, tau_plus, tau_minus
        self.rule = rule
        self.kept, self.limits = KEPT[pairing], limits(bounds, excitatory)

    def setup(self) -> None:
        """Make traces of its own."""
        self.number = self.world.resource(SpikeTraces).add()

    def arguments(self) -> tuple[Any, ...]:
        """Return the rule, who fires, the wiring, the traces, and the weights."""
        decay = tuple(exp(-self.world.clock.dt / tau) for tau in (self.tau_plus, self.tau_minus))
        wiring = self.fired.row, self.fired.count, *synapses_of_rule(self.world, self.rule), self.target.neuron
        plus, minus = self.traces.trace[self.number]
        return (self.a_plus, self.a_minus), decay, self.kept, self.limits, *wiring, plus, minus, self.weight.value
