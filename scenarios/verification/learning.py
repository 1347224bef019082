"""The windows of spike-timing-dependent plasticity: isolated pairs of spikes, against the curves; a triplet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

from runen_ecs.components import ActionPotential, LastSpike, Weight
from runen_ecs.engine import DispatcherBuilder, System, World
from runen_ecs.network import connect, dendrite_of, spike_trains
from runen_ecs.systems import ExponentialStdpLearning, Firing, SpikeTrainFiring

from ..loading import load
from .check import Check
from .scenario_runs import ran

__all__ = ["change_of", "checks"]

FIRST = 200
A, H = 0.2, 100.0
A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS = 0.2, 0.105, 17.0, 34.0
NEAR = 1e-12


def change_of(rule: System, source: Sequence[float], target: Sequence[float]) -> float:
    """Return how much a synapse changes between two neurons that fire at these times [ms]."""
    world = World()
    neurons = world.create_entities(
        2, spike_trains(world, [list(source), list(target)]), ActionPotential.batch(), LastSpike.batch()
    )
    synapse = int(connect(world, neurons[0], neurons[1], weight=0.0)[0])
    dispatcher = (
        DispatcherBuilder()
        .add(SpikeTrainFiring(), "spike_train_firing")
        .add(Firing(), "firing", after=["spike_train_firing"])
        .add(rule, "learning", after=["firing"])
        .build(world)
    )
    dispatcher.run(round(max(*source, *target)))
    return world.component(dendrite_of(synapse), Weight).value


@cache
def _windows() -> dict[str, list[list[float]]]:
    """Return for each rule of the scenario pairs of the interval [ms], target after source, and the change [mV]."""
    data = ran(load("stdp-window"))
    fired = dict(zip(data.spike_neuron.tolist(), data.spike_tick.tolist(), strict=True))
    change = (data.weight - data.weight_initial).tolist()
    ends = zip(data.synapse_source.tolist(), data.synapse_target.tolist(), strict=True)
    pairs = [[float(fired[target] - fired[source]), change[k]] for k, (source, target) in enumerate(ends)]
    names = data.projection_names[data.synapse_projection].tolist()
    return {name: [pair for pair, own in zip(pairs, names, strict=True) if own == name] for name in set(names)}


def _follows(curve: Callable[[float], float]) -> Callable[[list[list[float]]], bool]:
    return lambda measured: all(abs(change - curve(interval)) <= NEAR for interval, change in measured)


def hyperbolic(interval: float) -> float:
    """Return the change by a pair, for the hyperbolic window."""
    return math.copysign(A / (1 + abs(interval) / H), interval)


def exponential(interval: float) -> float:
    """Return the change by a pair, for the exponential window."""
    if interval > 0:
        return A_PLUS * math.exp(-interval / TAU_PLUS)
    return -A_MINUS * math.exp(interval / TAU_MINUS)


def _exponential(pairing: str) -> ExponentialStdpLearning:
    return ExponentialStdpLearning(A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, pairing=pairing)


def _triplet(pairing: str) -> float:
    """Return the change by two spikes of the source, 20 and 10 ms before one of the target."""
    return change_of(_exponential(pairing), [FIRST, FIRST + 10], [FIRST + 20])


def checks() -> list[Check]:
    """Return the checks of learning rules."""
    bi_poo = "Bi & Poo 1998; Song, Miller & Abbott 2000"
    nearest, both = exponential(10), exponential(10) + exponential(20)
    return [
        Check(
            "stdp/hyperbolic",
            "the default columns' rule",
            "±A / (1 + |Δ| / H) at ±1 … ±100 ms",
            lambda: _windows()["hyperbolic"],
            _follows(hyperbolic),
        ),
        Check(
            "stdp/exponential",
            bi_poo,
            "±A exp(-|Δ| / τ) at ±1 … ±100 ms",
            lambda: _windows()["exponential"],
            _follows(exponential),
        ),
        Check(
            "stdp/triplet-nearest-neighbour",
            bi_poo,
            f"the nearer of two spikes counts: {nearest:.6f}",
            lambda: _triplet("nearest-neighbour"),
            lambda change: abs(change - nearest) <= NEAR,
        ),
        Check(
            "stdp/triplet-all-to-all",
            bi_poo,
            f"both count: {both:.6f}",
            lambda: _triplet("all-to-all"),
            lambda change: abs(change - both) <= NEAR,
        ),
    ]
